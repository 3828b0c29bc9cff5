"""Times of series in all their forms, against pandas, which made them."""
# ruff: noqa: E501 (tables of odd text)

import numpy as np
import pandas as pd
import pytest

import netlet as nl
from netlet.datasets import dates, windows
from netlet.errors import DataError

DAYS = pd.date_range("2024-01-28", periods=40, freq="D")
HOURS = pd.date_range("2024-01-28", periods=40, freq="h")
MONTHS = pd.date_range("2020-01-01", periods=40, freq="MS")
YEARS = pd.date_range("1990-01-01", periods=40, freq="YS")
WEEKS = pd.date_range("2024-01-01", periods=40, freq="W-MON")
FORMS = [
    ("%Y-%m-%d", DAYS), ("%d.%m.%Y", DAYS), ("%m/%d/%Y", DAYS), ("%d/%m/%Y", DAYS), ("%d-%m-%Y", DAYS),
    ("%d.%m.%y", DAYS), ("%m/%d/%y", DAYS), ("%d/%m/%y", DAYS), ("%y-%m-%d", DAYS), ("%Y/%m/%d", DAYS),
    ("%Y.%m.%d", DAYS), ("%Y%m%d", DAYS), ("%d-%b-%Y", DAYS), ("%d-%b-%y", DAYS), ("%b %d, %Y", DAYS), ("%d %B %Y", DAYS),
    ("%Y-%m-%dT%H:%M:%SZ", HOURS), ("%Y-%m-%d %H:%M", HOURS), ("%d.%m.%Y %H:%M", HOURS),
    ("%m/%d/%Y %I:%M %p", HOURS), ("%d/%m/%Y %H:%M:%S", HOURS), ("%Y-%m-%dT%H:%M:%S.%f", HOURS),
    ("%b-%y", MONTHS), ("%b %Y", MONTHS), ("%B %Y", MONTHS), ("%Y-%m", MONTHS), ("%m/%Y", MONTHS), ("%Y%m", MONTHS),
    ("%Y", YEARS), ("%G-W%V", WEEKS),
]  # fmt: skip


def series(**columns):
    count = len(next(iter(columns.values())))
    return pd.DataFrame({**columns, "value": np.arange(count) + 0.5})


def notes(data):
    return " | ".join(data.notes)


@pytest.mark.parametrize(("form", "times"), FORMS, ids=[form for form, _ in FORMS])
def test_times_are_read_in_every_usual_form(form, times):
    found, _ = dates.times([time.strftime(form) for time in times])
    np.testing.assert_array_equal(found, times.to_numpy())


def test_a_zone_is_heeded_and_fractions_may_come_and_go():
    found, _ = dates.times(
        ["2024-10-27 02:00:00+02:00", "2024-10-27 02:00:00+01:00", "2024-10-27T03:00:00.5+01:00"]
    )
    expected = ["2024-10-27T00:00", "2024-10-27T01:00", "2024-10-27T02:00:00.5"]
    np.testing.assert_array_equal(found, np.array(expected, "M8[ns]"))
    quarters = [f"{year}Q{quarter}" for year in (2020, 2021) for quarter in (1, 2, 3, 4)]
    np.testing.assert_array_equal(
        dates.times(quarters)[0], pd.PeriodIndex(quarters, freq="Q").to_timestamp().to_numpy()
    )


def test_which_comes_first_of_day_and_month_is_said_where_both_can_be():
    times = pd.date_range("2024-02-01", periods=12, freq="D").strftime("%d/%m/%Y")
    data = windows(series(date=times), 1)
    assert "dates are read day first: 01/02/2024 is 2024-02-01" in notes(data)
    assert "time: date, 2024-02-01 to 2024-02-12" in notes(data) and "irregular" not in notes(data)
    times = pd.date_range("2024-01-28", periods=12, freq="D").strftime("%d/%m/%Y")
    assert "are read" not in notes(windows(series(date=times), 1))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"Date": np.arange(45000, 45040)}, "time: Date, 2023-03-15 to 2023-04-23"),
        ({"timestamp": 1_700_000_000 + 3600 * np.arange(40)}, "time: timestamp, 2023-11-14 22:13:20"),
        ({"time": (1_700_000_000 + 60 * np.arange(40)) * 1000}, "time: time, 2023-11-14 22:13:20"),
        ({"year": YEARS.year}, "time: year, 1990 to 2029"),
        ({"year": MONTHS.year, "month": MONTHS.month}, "time: year and month, 2020-01-01 to 2023-04-01"),
        ({"Year": DAYS.year, "Month": DAYS.month, "Day": DAYS.day}, "time: Year and Month and Day, 2024-01-28"),
        (
            {"Datum": HOURS.strftime("%d.%m.%Y"), "Zeit": HOURS.strftime("%H.%M")},
            "time: Datum and Zeit, 2024-01-28 to 2024-01-29 15:00:00",
        ),
        ({"day": HOURS.strftime("%Y-%m-%d"), "hour": HOURS.hour}, "time: day and hour, 2024-01-28"),
        ({"when": pd.Categorical(DAYS.strftime("%Y-%m-%d"))}, "time: when, 2024-01-28 to 2024-03-07"),
        ({"when": DAYS.to_period("D")}, "time: when, 2024-01-28 to 2024-03-07"),
        ({"when": DAYS.tz_localize("Europe/Berlin")}, "time: when, 2024-01-27 23:00:00"),
    ],
)  # fmt: skip
def test_the_columns_of_time_are_found_and_are_no_channels(columns, said):
    table = series(**columns).sample(frac=1, random_state=0)
    data = windows(table, 2)
    assert said in notes(data) and "put in order" in notes(data) and "irregular" not in notes(data)
    assert data.input_shape == (2, 1)
    np.testing.assert_array_equal(data.train.y[:, 0], np.arange(2, 24) + 0.5)


@pytest.mark.parametrize("how", ["string", "period", "duration", "numbers"])
def test_the_index_of_a_frame_may_be_the_time(how):
    index: pd.Index = {
        "string": pd.Index(DAYS.strftime("%d.%m.%Y"), name="d"),
        "period": DAYS.to_period("D"),
        "duration": pd.to_timedelta(np.arange(40), unit="h"),
        "numbers": pd.Index(np.arange(40) * 2),
    }[how]
    table = series(a=np.arange(40) ** 2).set_index(index)
    data = windows(table.iloc[::-1] if how != "numbers" else table, 2)
    np.testing.assert_array_equal(data.train.y[:, 0], np.arange(2, 24) + 0.5)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (series(id=np.repeat([1, 2, 3], 20)), "holds 3 series below one another, told apart by id"),
        (series(country=np.repeat(["DE", "CH"], 20)), "holds 2 series below one another, told apart by country"),
        (series(t=np.tile(np.arange(20), 3)), "several series in one table"),
        (series(date=np.tile(DAYS, 2), shop=np.repeat(["a", "b"], 40)), "several series in one table"),
        (series(a=np.arange(40)).set_index([np.repeat([1, 2], 20), DAYS]), "an index of 2 levels"),
        (pd.DataFrame(np.zeros((40, 2)), columns=["a", "a"]), "two columns called 'a'"),
        (series(date=[*DAYS[:39].strftime("%Y-%m-%d"), "soon"]), "'soon' in row 40 of date is no date"),
    ],
    ids=["numbers", "names", "steps", "dates", "levels", "names twice", "no date"],
)  # fmt: skip
def test_what_is_no_one_series_is_refused_in_one_line(table, said):
    with pytest.raises(DataError) as caught:
        windows(table, 2)
    assert said in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) <= 400


def test_months_that_begin_anew_are_no_time_but_a_channel():
    assert windows(series(month=MONTHS.month), 2).input_shape == (2, 2)


@pytest.mark.parametrize("kind", ["sparse", "nullable", "categories", "booleans", "polars"])
def test_columns_of_every_kind_are_channels(kind):
    numbers = np.arange(40) % 5
    column = {
        "sparse": pd.Series(pd.arrays.SparseArray(numbers)),
        "nullable": pd.Series(numbers, dtype="Int32"),
        "categories": pd.Series(pd.Categorical(numbers)),
        "booleans": pd.Series(numbers == 1, dtype="boolean"),
        "polars": pd.Series(numbers),
    }[kind]
    table = series(a=column)
    if kind == "polars":
        table = pytest.importorskip("polars").DataFrame(table.to_dict("list"))
    data = windows(table, 2)
    expected = numbers == 1 if kind == "booleans" else numbers
    np.testing.assert_array_equal(data.train.x[:, 0, 0], expected[:22])


def test_a_file_of_a_series_is_read_with_decimal_commas_and_german_dates(tmp_path):
    path = tmp_path / "s.csv"
    table = series(Datum=DAYS.strftime("%d.%m.%y"), a=np.arange(40) / 4)
    table.to_csv(path, sep=";", decimal=",", index=False, encoding="utf-16")
    data = nl.load(path, window=2)
    assert "time: Datum, 2024-01-28 to 2024-03-07" in notes(data)
    np.testing.assert_array_equal(data.train.x[:, 0, 0], np.arange(22) / 4)
    assert data.feature_names == ("a", "value") and data.reading["target"] == "value"
