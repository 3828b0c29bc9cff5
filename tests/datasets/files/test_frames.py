"""Tables as text and as Parquet in whatever form they come, against the pandas frames they were made of."""

import builtins
import sys

import numpy as np
import pandas as pd
import pytest

import netlet as nl
from netlet.errors import DataError

ROWS = 40


def frame():
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "width": random.integers(-99, 99, ROWS) / 8,
            "height": random.normal(size=ROWS),
            "kind": ["a", "b"] * 20,
        }
    )


def read(path, **options):
    """Inputs of all splits in one order, and the dataset."""
    data = nl.load(path, **options)
    x = np.concatenate([split.x for split in data.present.values()])
    return x[np.lexsort(x.T)], data


def expected(*columns):
    x = frame()[list(columns)].to_numpy(np.float32)
    return x[np.lexsort(x.T)]


@pytest.mark.parametrize(
    ("how", "encoding"),
    [
        ({"sep": ","}, "utf-8"),
        ({"sep": ";", "decimal": ","}, "utf-8-sig"),
        ({"sep": "\t"}, "utf-16"),
        ({"sep": "|"}, "cp1252"),
        ({"sep": " "}, "utf-8"),
    ],
    ids=["commas", "german", "utf-16", "bars", "blanks"],
)
def test_a_table_is_read_whatever_separates_and_encodes_it(tmp_path, how, encoding):
    path = tmp_path / "t.csv"
    frame().rename(columns={"kind": "größe"}).to_csv(path, index=False, encoding=encoding, **how)
    x, data = read(path)
    np.testing.assert_allclose(x, expected("width", "height"), rtol=1e-6)
    assert (data.kind, data.task, data.class_names) == ("table", "binary", ("a", "b"))
    assert any("cp1252" in note for note in data.notes) == (encoding == "cp1252")


def test_without_a_header_columns_are_numbered_and_no_row_is_lost(tmp_path):
    path = tmp_path / "t.csv"
    frame().assign(kind=np.arange(ROWS) % 2).to_csv(path, index=False, header=False)
    x, data = read(path)
    np.testing.assert_allclose(x, expected("width", "height"), rtol=1e-6)
    assert any("no header" in note for note in data.notes)
    assert read(path, target="1")[1].task == "regression"


@pytest.mark.parametrize("gap", ["", "NA", "?", "-", "null", "n.a."])
def test_gaps_are_gaps_however_they_are_written(tmp_path, gap):
    path, table = tmp_path / "t.csv", frame().astype(object)
    table.loc[[3, 7], "width"] = gap
    table.to_csv(path, index=False)
    x, data = read(path)
    assert len(x) == ROWS - 2
    assert any("2 of 40 rows have missing values" in note for note in data.notes)


def test_a_word_among_numbers_is_refused_with_its_row(tmp_path):
    path, table = tmp_path / "t.csv", frame().astype(object)
    table.loc[6, "height"] = "tall"
    table.to_csv(path, index=False)
    with pytest.raises(DataError, match="column height holds 'tall' in row 7") as caught:
        nl.load(path)
    assert caught.value.row == 6


def test_a_row_with_too_many_cells_is_refused_with_its_line(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n" + "1,2,3\n" * 10 + "1,2,3,4\n" + "1,2,3\n" * 10)
    with pytest.raises(DataError, match="line 12") as caught:
        nl.load(path)
    assert caught.value.row == 12


def test_columns_of_dates_and_words_are_left_out_and_said(tmp_path):
    path = tmp_path / "t.csv"
    frame().assign(day=pd.date_range("2020-01-01", periods=ROWS), kind=np.arange(ROWS) % 2).to_csv(
        path, index=False
    )
    x, data = read(path, target="kind")
    np.testing.assert_allclose(x, expected("width", "height"), rtol=1e-6)
    assert any("left out: day" in note for note in data.notes)


@pytest.mark.parametrize("text", ["", "a,b\n", "a,a\n1,2\n3,4\n", "\x00\x01\x02\n\x00"])
def test_what_is_no_table_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        nl.load(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)


def test_splits_have_every_class_alike(tmp_path):
    path = tmp_path / "t.csv"
    frame().assign(kind=["rare"] * 5 + ["usual"] * 35).to_csv(path, index=False)
    data = read(path)[1]
    assert [int((split.y == 0).sum()) for split in data.present.values()] == [3, 1, 1]


def test_parquet_without_its_library_says_what_to_install(tmp_path, monkeypatch):
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1")
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.split(".")[0] in ("pyarrow", "fastparquet"):
            raise ImportError(name)
        return real(name, *rest, **more)

    for name in [each for each in sys.modules if each.split(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DataError, match=r"pip install 'netlet\[parquet\]'"):
        nl.load(path)


def test_parquet_holds_what_pandas_wrote(tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "t.parquet"
    frame().to_parquet(path)
    x, data = read(path)
    np.testing.assert_array_equal(x, expected("width", "height"))
    assert data.class_names == ("a", "b")
    days = frame().set_index(pd.date_range("2020-01-01", periods=ROWS, name="day"))
    days.to_parquet(path)
    series = nl.load(path, window=3, target="height")
    assert any("time: day, 2020-01-01" in note for note in series.notes)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match="cannot be read as a table"):
        nl.load(path)


# --- pandas objects in the place of arrays ---------------------------------------------------------------


def test_columns_of_every_kind_of_pandas_are_read_as_their_values():
    x = frame()[["width", "height"]]
    y = frame()["kind"]
    plain = nl.Dataset("plain", (x.to_numpy(), y.to_list()), (x.to_numpy(), y.to_list()))
    index = pd.date_range("2020-01-01", periods=ROWS)
    for columns, labels in (
        (x.set_index(index), y.set_axis(index)),
        (x.convert_dtypes(), y.astype("category")),
        (x.astype("Float64"), y.astype("string")),
        (x.astype("float32"), pd.Categorical(y, categories=["b", "a"])),
    ):
        data = nl.Dataset("pandas", (columns, labels), (columns, labels))
        np.testing.assert_array_equal(data.train.x, plain.train.x)
        np.testing.assert_array_equal(data.train.y, plain.train.y)
        assert (data.kind, data.class_names) == ("table", ("a", "b"))


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "category", "string"])
def test_a_missing_label_of_pandas_is_refused_with_its_row(dtype):
    x = frame()[["width", "height"]]
    values = [True, False] * 20 if dtype == "boolean" else ["1", "0"] * 20
    y = pd.Series(values).astype("boolean" if dtype == "boolean" else "string").astype(dtype)
    y[5] = pd.NA
    with pytest.raises(DataError, match=r"\[5\]"):
        nl.Dataset("pandas", (x, y), (x, y), task="binary")


def test_a_missing_number_of_pandas_is_refused_with_its_row():
    x = frame()[["width", "height"]].convert_dtypes()
    x.loc[4, "height"] = pd.NA
    with pytest.raises(DataError, match=r"\[4\]"):
        nl.Dataset("pandas", (x, frame()["kind"]), (x, frame()["kind"]))


def test_rows_longer_than_the_header_are_refused_not_cut(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2,3\n" * 20)
    with pytest.raises(DataError, match="more cells than the header"):
        nl.load(path)
    path.write_text("a,b\n" + "".join(f"{k / 2},{k % 2},\n" for k in range(20)))  # nothing is lost here
    assert len(read(path)[0]) == 20
