from typing import Any

import numpy as np
import pandas as pd
import pytest

from netlet import datasets, metrics
from netlet.datasets import windows
from netlet.errors import DataError


def note(data, *words):
    return [line for line in data.notes if all(word in line for word in words)]


def frame(count=100, **columns) -> Any:
    return pd.DataFrame({"a": np.arange(count) + 0.5, "b": np.sin(np.arange(count))} | columns)


@pytest.mark.parametrize("stride", [1, 3])
def test_windows_are_what_pandas_cuts_out(stride):
    table = frame(b=np.random.default_rng(0).normal(size=100))
    data = windows(table, 7, horizon=3, stride=stride, target="b")
    for split, (start, end) in zip(data.present.values(), [(0, 60), (60, 80), (80, 100)], strict=True):
        part = table.iloc[start:end]
        starts = range(0, len(part) - 10 + 1, stride)
        np.testing.assert_array_equal(
            split.x, np.stack([part.iloc[s : s + 7].to_numpy(np.float32) for s in starts])
        )
        np.testing.assert_array_equal(
            split.y, np.stack([part["b"].iloc[s + 7 : s + 10].to_numpy(np.float32) for s in starts])
        )


def test_several_targets_and_chosen_horizons_are_ordered_by_step():
    data = windows(frame(c=np.arange(100) * 2.0), 4, horizon="1,5", target="a,c")
    np.testing.assert_array_equal(data.train.y[0], [4.5, 8, 8.5, 16])
    assert note(data, "a +1, c +1, a +5, c +5")
    assert len(data.train) == 60 - 4 - 5 + 1


def test_known_columns_show_the_steps_that_are_forecast():
    holiday = (np.arange(100) % 10 == 0).astype(float)
    data = windows(frame(holiday=holiday), 6, horizon=2, target="b", known="holiday")
    assert data.input_shape == (6, 4)
    channel = data.train.x[:, :, 3]
    for start in (0, 5, 40):
        np.testing.assert_array_equal(channel[start], holiday[start + 2 : start + 8])
    # The channel ends with the values at the very steps that are forecast.
    np.testing.assert_array_equal(data.present["test"].x[0, -2:, 3], holiday[86:88])
    assert note(data, "holiday (2 ahead)")


def test_known_text_becomes_a_channel_for_each_value():
    days = np.array(["mon", "tue", "wed"])[np.arange(90) % 3]
    data = windows(frame(90, day=days), 6, target="b", known=["day"])
    assert data.input_shape == (6, 8)
    np.testing.assert_array_equal(data.train.x[0, :, 2], [1, 0, 0, 1, 0, 0])
    np.testing.assert_array_equal(data.train.x[0, :, 5], [0, 0, 1, 0, 0, 1])  # mon, a row ahead


def test_future_rows_of_known_columns_without_a_target_are_no_windows():
    table = frame(110, known=np.arange(110.0) ** 2)
    table.loc[100:, ["a", "b"]] = np.nan
    data = windows(table, 5, target="b", known="known")
    np.testing.assert_array_equal(data.present["test"].y[-1], np.float32(table["b"][99:100]))
    assert note(data, "the last 10 rows have no target")
    assert sum(map(len, data.present.values())) == 3 * -5 + 100


def test_gaps_take_the_value_before_and_missing_targets_are_not_learned():
    table = frame()
    table.loc[10, "b"] = np.nan
    data = windows(table, 4, target="b")
    # Windows 6 and on see row 9 and row 10 (missing); window 6 would have row 10 as its target.
    assert len(data.train) == 56 - 1
    np.testing.assert_array_equal(data.train.y[5], np.float32(table["b"][9:10]))
    np.testing.assert_array_equal(data.train.y[6], np.float32(table["b"][11:12]))
    np.testing.assert_array_equal(data.train.x[6, :, 1], np.float32(table["b"][[7, 8, 9, 9]]))
    assert note(data, "1 missing values take the last value") and note(data, "1 windows are left out")


def test_rows_without_anything_before_them_are_left_out():
    table = frame()
    table.loc[:4, "a"] = np.nan
    data = windows(table, 4, target="b")
    np.testing.assert_array_equal(data.train.x[0], table.iloc[5:9].to_numpy(np.float32))


def test_the_naive_forecasts_are_those_worked_out_with_pandas():
    steps = np.arange(120)
    series: Any = pd.Series(
        np.sin(steps * np.pi / 6) * 10 + steps + np.random.default_rng(0).normal(size=120)
    )
    data = windows(series, 15, horizon=2)
    assert list(data.naive) == ["last value", "seasonal (12)"]
    rows = np.arange(72 + 15, 96 - 1)  # the first target of each validation window
    truth = np.stack([series[rows], series[rows + 1]], axis=1)
    np.testing.assert_allclose(data.validation.y, truth, rtol=1e-6)
    for name, answer in (
        ("last value", np.stack([series.shift(1)[rows]] * 2, axis=1)),
        ("seasonal (12)", np.stack([series.shift(12)[rows], series.shift(12)[rows + 1]], axis=1)),
    ):
        expected = metrics.evaluate("regression", truth, answer)
        assert data.naive[name]["validation"] == pytest.approx(expected, rel=1e-5)
    assert note(data, "season: 12 rows") and note(data, "naive forecasts", "seasonal (12)")


def test_the_season_can_be_said():
    assert list(windows(frame(), 5, season=9).naive) == ["last value", "seasonal (9)"]
    assert list(windows(frame(), 5, season=0).naive) == ["last value"]


# --- time -------------------------------------------------------------------------------------------------


def test_a_series_of_pandas_has_its_time_in_the_index():
    days = pd.date_range("2020-01-31", periods=60, freq="ME")
    series: Any = pd.Series(np.arange(60.0), index=days, name="sales")
    data = windows(series, 4)
    assert data.input_shape == (4, 1) and note(data, "time:", "2020-01-31 to 2024-12-31")
    assert not note(data, "irregular")
    backwards = windows(series[::-1], 4)
    np.testing.assert_array_equal(backwards.train.x, data.train.x)
    assert note(backwards, "backwards")
    periods = windows(series.to_period("M"), 4)
    np.testing.assert_array_equal(periods.train.x, data.train.x)


def test_rows_out_of_order_are_put_in_order():
    table = frame(day=pd.date_range("2021-01-01", periods=100).astype(str))
    mixed = table.sample(frac=1, random_state=0)
    data = windows(mixed, 5, target="b")
    np.testing.assert_array_equal(data.train.x, windows(table, 5, target="b").train.x)
    assert note(data, "not in order of day")


@pytest.mark.parametrize("freq", ["D", "MS", "ME", "QS", "W", "h", "B", "YS"])
def test_even_steps_of_a_calendar_are_no_warning(freq):
    table = frame(when=pd.date_range("2001-01-01", periods=100, freq=freq))
    assert not note(windows(table, 5, target="b"), "irregular")


@pytest.mark.parametrize(
    ("freq", "said"),
    [("MS", "most are 1 month,"), ("D", "most are 1 day,"), ("15min", "most are 15 minutes,")],
)
def test_a_gap_in_time_is_warned_of(freq, said):
    table = frame(when=pd.date_range("2001-01-01", periods=104, freq=freq).delete([40, 41, 60, 61]))
    told = note(windows(table, 5, target="b"), "warning", "irregular")
    assert told and said in told[0] and "2 of 99 are not" in told[0]


@pytest.mark.parametrize(
    "times",
    [
        [f"{1990 + i // 12}-{i % 12 + 1:02}" for i in range(100)],
        [f"{i % 28 + 1:02}.{i // 28 + 1:02}.2020" for i in range(100)],
        [f"{i % 28 + 1:02}/{i // 28 + 1:02}/2020" for i in range(100)],
        [int(day.strftime("%Y%m%d")) for day in pd.date_range("1999-12-01", periods=100)],
        [f"2020-01-{i // 24 + 1:02} {i % 24:02}:00:00+01:00" for i in range(100)],
    ],
    ids=["months", "german", "british", "digits", "zone"],
)
def test_dates_are_recognised_however_they_are_written(times):
    data = windows(frame(date=times), 5, target="b")
    assert data.input_shape == (5, 2)
    assert note(data, "time: date")


def test_years_that_count_are_time_but_for_whoever_wants_them():
    table = frame(year=np.arange(1900, 2000))
    assert windows(table, 5, target="b").input_shape == (5, 2)
    assert windows(table, 5, target="b", known="year").input_shape == (5, 4)
    assert windows(table.assign(year=np.arange(100) % 7), 5, target="b").input_shape == (5, 3)


def test_several_series_in_one_table_are_refused():
    table = frame(date=[*pd.date_range("2020-01-01", periods=50)] * 2)
    with pytest.raises(DataError, match="several series in one table"):
        windows(table, 5, target="b")


@pytest.mark.parametrize(
    ("options", "said", "setting"),
    [
        ({"horizon": 0}, "horizon is 0", "horizon"),
        ({"horizon": "1,x"}, "horizon is '1,x'", "horizon"),
        ({"horizon": [2, 2]}, "different steps", "horizon"),
        ({"stride": 1.5}, "stride is 1.5", "stride"),
        ({"season": 1}, "season is 1", "season"),
        ({"season": 60}, "60 training rows", "season"),
        ({"known": "c"}, "no column 'c'", "known"),
        ({"known": "a", "horizon": 9}, "at least as many", "window"),
        ({"known": "b", "target": "b"}, "both a target and known", "known"),
        ({"time": "z"}, "no column 'z' of time", "time"),
    ],
)
def test_what_cannot_be_is_refused_by_name(options, said, setting):
    with pytest.raises(DataError, match=said) as caught:
        windows(frame(), 5, **options)
    assert caught.value.setting == setting


def test_no_row_is_in_two_parts():
    data = windows(pd.Series(np.arange(200.0)), 8, horizon=4)
    rows = [set(split.x.ravel()) | set(split.y.ravel()) for split in data.present.values()]
    assert not (rows[0] & rows[1] or rows[1] & rows[2] or rows[0] & rows[2])
    assert max(rows[0]) < min(rows[1]) and max(rows[1]) < min(rows[2])


def test_infinity_is_refused_with_its_row():
    table = frame()
    table.loc[17, "a"] = np.inf
    with pytest.raises(DataError, match="row 18") as caught:
        windows(table, 5)
    assert caught.value.row == 17


def test_nullable_columns_and_plain_arrays_are_read_alike():
    values = np.random.default_rng(0).normal(size=(80, 2))
    nullable: Any = pd.DataFrame(values, columns=["x", "y"]).astype("Float64")
    nullable.loc[3, "x"] = pd.NA
    plain = pd.DataFrame(values, columns=["x", "y"])
    plain.loc[3, "x"] = np.nan
    np.testing.assert_array_equal(windows(nullable, 5).train.x, windows(plain, 5).train.x)
    np.testing.assert_array_equal(windows(values, 5).train.x, windows(pd.DataFrame(values), 5).train.x)


def test_a_file_takes_the_same_names(tmp_path):
    table = frame(holiday=np.arange(100) % 2)
    table.to_csv(tmp_path / "s.csv", index=False)
    options = {"window": 6, "horizon": "1,3", "target": "a,b", "known": "holiday", "season": 6}
    read, made = datasets.load(tmp_path / "s.csv", **options), windows(table, **options)
    np.testing.assert_allclose(read.train.x, made.train.x, rtol=1e-6)
    assert read.content_hash == made.content_hash
    with pytest.raises(DataError, match="known has no use without window"):
        datasets.load(tmp_path / "s.csv", known="holiday")


def test_a_scaling_is_that_of_float64_in_pieces_and_of_constants_none(monkeypatch):
    from netlet.datasets import scaling

    x = np.random.default_rng(0).normal(1000, 3, size=(700, 5, 3)).astype(np.float32)
    x[..., 1] = 0.1
    monkeypatch.setattr(scaling, "_PIECE", 97)
    found = scaling.Scaling.standard(x)
    rows = x.reshape(-1, 3).astype(np.float64)
    np.testing.assert_allclose(found.offset, rows.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(np.array(found.scale)[[0, 2]], rows.std(axis=0)[[0, 2]], rtol=1e-12)
    assert found.scale[1] == 1
