"""Tables as people have them: each is read as a person would read it, or refused in one line."""
# ruff: noqa: E501 (tables of odd text)

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import netlet as nl
from netlet.errors import DataError

ROWS = [(i + 0.5, 10 * i + 1000.25, "ab"[i % 2]) for i in range(20)]
A, B = ([float(row[place]) for row in ROWS] for place in (0, 1))


def german(number, thousands=""):
    return f"{number:,.2f}".replace(",", "|").replace(".", ",").replace("|", thousands)


def table(head="a,b,label", row="{0},{1},{2}", rows=ROWS):
    return "\n".join([head, *(row.format(*each) for each in rows)]) + "\n"


def columns(text, name="t.csv", folder=Path(), **options):
    """Inputs of all splits by column, sorted alike, and the dataset."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    data = nl.load(path, **options)
    x = np.concatenate([split.x for split in data.present.values()])
    return dict(zip(data.feature_names, np.sort(x, axis=0).T, strict=True)), data


def made(row):
    return "".join(row(i, *each) + "\n" for i, each in enumerate(ROWS))


PLAIN = table()
READ = {
    "a comma for the point": "a;b;label\n" + made(lambda i, a, b, c: f"{german(a)};{german(b)};{c}"),
    "points for thousands": "a;b;label\n" + made(lambda i, a, b, c: f"{german(a)};{german(b, '.')};{c}"),
    "commas for thousands in quotes": "a,b,label\n" + made(lambda i, a, b, c: f'{a},"{b:,.2f}",{c}'),
    "apostrophes for thousands": "a;b;label\n" + made(lambda i, a, b, c: f"{a};{b:,.2f};{c}".replace(",", "'")),
    "hard blanks for thousands": "a;b;label\n"
    + made(lambda i, a, b, c: f"{german(a)};{german(b, chr(0xA0))};{c}"),
    "the first comma far below": "a;b;label\n"
    + made(lambda i, a, b, c: f"{german(a)};{german(b) if i > 9 else german(b, '.')};{c}"),
    "a mark at the beginning": "\ufeff" + PLAIN,
    "UTF-16 with a mark": PLAIN.encode("utf-16"),
    "UTF-16 without": PLAIN.encode("utf-16-le"),
    "ends of lines in cells": 'a,b,comment,label\n' + made(lambda i, a, b, c: f'{a},{b},"{i},\n{i}",{c}'),
    "an end of line in a name": PLAIN.replace("b", '"b\n"', 1),
    "units below": PLAIN.replace("label\n", "label\nm,kg,-\n"),
    "units in brackets below": PLAIN.replace("label\n", "label\n[m],[kg],\n"),
    "a title": "Measured in 2024\n\n" + PLAIN,
    "comments": "# by me, at home, today, alone\n# again\n" + PLAIN,
    "an export's head": "Device;X1\nDate;2024-01-01\n\n" + PLAIN.replace(",", ";"),
    "a hash before the header": "#" + PLAIN,
    "a line for Excel": "sep=;\n" + PLAIN.replace(",", ";"),
    "an index of pandas": ",a,b,label\n" + made(lambda i, a, b, c: f"{i},{a},{b},{c}"),
    "names of rows of R": "a b label\n" + made(lambda i, a, b, c: f'"{i + 1}" {a} {b} {c}').replace('"', ""),
    "numbers of rows": "id,a,b,label\n" + made(lambda i, a, b, c: f"{i + 7},{a},{b},{c}"),
    "names of rows": "id,a,b,label\n" + made(lambda i, a, b, c: f"P{i},{a},{b},{c}"),
    "empty lines at the end": PLAIN + "\n\n\n",
    "empty cells at the end": PLAIN + ",,\n,,\n",
    "a separator at every end": table("a,b,label,", "{0},{1},{2},"),
    "a separator at the end of rows": table(row="{0},{1},{2},"),
    "the target first": table("label,a,b", "{2},{0},{1}"),
    "the target in the middle": table("a,Class,b", "{0},{2},{1}"),
    "targets missing": PLAIN + "3,4,\n5,6,\n",
    "in quotes": table(row='"{0}","{1}","{2}"'),
    "in single quotes": table("'a','b','label'", "'{0}','{1}','{2}'"),
    "exponents": table(row="{0}e0,{1}E+00,{2}"),
    "exponents of Fortran": table(row="{0}D+00,{1}d0,{2}"),
    "percent": table(row="{0}%,{1} %,{2}"),
    "dollars": "a,b,label\n" + made(lambda i, a, b, c: f'$ {a},"${b:,.2f}",{c}'),
    "euros": "a;b;label\n" + made(lambda i, a, b, c: f"{german(a)} €;{german(b, '.')} EUR;{c}"),
    "units in cells": table(row="{0} kg,{1}mm,{2}"),
    "plus signs": table(row="+{0},+{1},{2}"),
    "tabs": table().replace(",", "\t"),
    "bars": table().replace(",", "|"),
    "blanks": table().replace(",", "   "),
    "blanks behind commas": table("a, b, label", "{0}, {1}, {2}"),
    "old ends of lines": PLAIN.replace("\n", "\r"),
    "ends of lines of Windows": PLAIN.replace("\n", "\r\n"),
    "a column without a value": table("a,z,b,label", "{0},,{1},{2}"),
    "a column of dates": "day,a,b,label\n" + made(lambda i, a, b, c: f"2024-01-{i + 1:02d},{a},{b},{c}"),
    "a column that is nearly empty": "a,z,b,label\n" + made(lambda i, a, b, c: f"{a},{i if i < 3 else ''},{b},{c}"),
}  # fmt: skip


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_a_table_is_read_as_a_person_would(text, tmp_path):
    found, data = columns(text, folder=tmp_path)
    assert list(found) == ["a", "b"]
    np.testing.assert_array_equal(found["a"], np.array(A, np.float32))
    np.testing.assert_array_equal(found["b"], np.array(B, np.float32))
    assert (data.task, data.class_names) == ("binary", ("a", "b"))
    assert [len(split) for split in data.present.values()] == [12, 4, 4]
    labels = {x[0]: y for split in data.present.values() for x, y in zip(split.x, split.y, strict=True)}
    assert all(labels[a] == (c == "b") for a, _, c in ROWS)


def zipped(text):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("t.csv", text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("t.csv.gz", gzip.compress),
        ("t.csv.bz2", bz2.compress),
        ("t.tsv.xz", lzma.compress),
        ("t.csv.zip", zipped),
        ("t.csv", gzip.compress),
        ("T.CSV", bytes),
        ("t.txt", bytes),
        ("t.dat", bytes),
    ],
)
def test_a_table_may_be_packed_and_called_otherwise(name, pack, tmp_path):
    found, _ = columns(pack(PLAIN.encode()), name, tmp_path)
    np.testing.assert_array_equal(found["b"], np.array(B, np.float32))


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.234", "5.678"], [1.234, 5.678]),
        (["1.234.567", "5"], [1234567, 5]),
        (["1,234", "5,678"], [1234, 5678]),
        (["1,5", "2"], [1.5, 2]),
        (["1.5", "1,234"], [1.5, 1234]),
        (["(7)", "8"], [-7, 8]),
        (["7-", "8"], [-7, 8]),
        (["\u22127", "8"], [-7, 8]),
        (["0x10", "0xff"], [16, 255]),
        (["1,00,000", "5"], [100000, 5]),
        (["True", "FALSE"], [1, 0]),
        (["9007199254740993", "5"], [9007199254740992, 5]),
        (["36893488147419103232", "5"], [2.0**65, 5]),
        (["007", "010"], [7, 10]),
    ],
)
def test_numbers_are_read_however_they_are_written(cells, values, tmp_path):
    text = "a,label\n" + "".join(f'"{cells[i % 2]}",{"xy"[i % 2]}\n' for i in range(20))
    found, data = columns(text, folder=tmp_path)
    assert set(found["a"].tolist()) == set(np.array(values, np.float32).tolist())
    plain = {"1.234", "True", "9007199254740993", "36893488147419103232", "007"}
    assert any("numbers are read as in: a " in note for note in data.notes) == (cells[0] not in plain)


@pytest.mark.parametrize(
    "gap",
    ["", "NA", "N/A", "?", "-", "--", ".", "#N/A", "#DIV/0!", "NULL", "(null)", "None", "NaN", "n.a.", "k.A.", "*", "\\N"],
)  # fmt: skip
def test_a_gap_among_numbers_costs_its_row_and_is_told(gap, tmp_path):
    found, data = columns(PLAIN + f"{gap},5.5,a\n", folder=tmp_path)
    np.testing.assert_array_equal(found["b"], np.array(B, np.float32))
    assert any("1 of 21 rows have missing values" in note for note in data.notes)


def test_words_become_a_channel_for_each_and_a_dash_may_be_one(tmp_path):
    text = "color,sign,label\n" + made(lambda i, a, b, c: f"{('red', 'blue')[i % 2]},{'+-'[i // 10]},{i % 3}")
    found, data = columns(text, folder=tmp_path)
    assert {name: values.sum() for name, values in found.items()} == dict.fromkeys(
        ("color=blue", "color=red", "sign=+", "sign=-"), 10
    )
    assert any("channels of 0 and 1, one for each: color, sign" in note for note in data.notes)


def test_a_target_of_numbers_with_gaps_is_one_of_numbers(tmp_path):
    text = "a,y\n" + made(lambda i, a, b, c: f"{a},{b}") + "3,?\n4,-\n"
    _, data = columns(text, folder=tmp_path)
    assert data.task == "regression"
    assert sorted(np.concatenate([split.y[:, 0] for split in data.present.values()])) == B


def test_what_is_guessed_of_a_header_is_said(tmp_path):
    _, data = columns(PLAIN.partition("\n")[2], folder=tmp_path)
    assert data.feature_names == ("1", "2") and sum(map(len, data.present.values())) == 20
    assert any("there is no header" in note for note in data.notes)
    years = "country,1990,1991,1992\n" + made(lambda i, a, b, c: f"C{i},{a},{b},{i % 7 + 0.5}")
    _, data = columns(years, folder=tmp_path)
    assert data.feature_names == ("1990", "1991") and data.task == "regression"


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ("holds units (m, kg, -)", READ["units below"]),
        ("lines above the header are left out: 'Measured in 2024'", READ["a title"]),
        ("only number the rows (features= takes them) are left out: id", READ["numbers of rows"]),
        ("a is -999 in 1 rows, far from all others", PLAIN + "-999,5,a\n"),
        ("label has both 'A' and 'a', which are two classes", PLAIN + "1,2,A\n" * 5),
        ("target: Class, by its name", READ["the target in the middle"]),
        ("a '10.5%' as 10.5", READ["percent"]),
        ("left out: day", READ["a column of dates"]),
        ("mostly empty are left out: z", READ["a column that is nearly empty"]),
        ("read as cp1252", PLAIN.replace("b", "größe", 1).encode("latin-1")),
    ],
)  # fmt: skip
def test_what_is_guessed_is_said(note, text, tmp_path):
    assert any(note in each for each in columns(text, folder=tmp_path)[1].notes)


@pytest.mark.parametrize(
    ("said", "text", "name"),
    [
        ("two columns called 'a'", table("a,a,label"), "t.csv"),
        ("more cells than the header has names", table(row='{0},{1:,.2f},{2}'), "t.csv"),
        ("line 22", PLAIN + "1,2,a,b\n", "t.csv"),
        ("inside string", PLAIN + '"1,2,a\n', "t.csv"),
        ("column a is infinite in row 21", PLAIN + "inf,2,a\n", "t.csv"),
        ("column a holds 'tall' in row 21", PLAIN + "tall,2,a\n", "t.csv"),
        ("a holds '5 g' in row 21", table(row="{0} kg,{1},{2}") + "5 g,2,a\n", "t.csv"),
        ("is empty", "", "t.csv"),
        ("is empty", "\n\n \n", "t.csv"),
        ("no rows below its header", "a,b,label\n", "t.csv"),
        ("in 1 whole rows", table(rows=ROWS[:1]), "t.csv"),
        ("in 4 whole rows", table(rows=ROWS[:4]), "t.csv"),
        ("a series is read with a window", "y\n" + "\n".join(map(str, range(30))), "t.csv"),
        ("save the sheet as CSV", zipped(""), "t.xlsx"),
        ("characters of value 0", b"\0\1\2\3,\0\n" * 9, "t.csv"),
        ("unpack it", b"", "t.zip"),
        ("Parquet file: call it .parquet", b"PAR1PAR1", "t.csv"),
        ("cannot be unpacked", gzip.compress(PLAIN.encode())[:-20], "t.csv.gz"),
        ("holds no numbers, but several targets must", PLAIN, "t.csv"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_line(said, text, name, tmp_path):
    options = {"target": "label,b"} if "several targets" in said else {}
    with pytest.raises(DataError) as caught:
        columns(text, name, tmp_path, **options)
    assert said in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) <= 400


def test_what_unpacks_to_hundreds_of_times_its_size_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("netlet.datasets.files.delimited._MUCH", 1 << 20)
    with pytest.raises(DataError, match="unpacks to more than 5 MB"):
        columns(gzip.compress(b"0,0,0\n" * 2_000_000), "t.csv.gz", tmp_path)


def test_numbers_beside_words_are_never_turned_to_text(tmp_path, monkeypatch):
    """Which is slow, and takes much memory: a million rows are read some thousands at a time."""
    monkeypatch.setattr("netlet.datasets.files.frames._ROWS", 7)
    asked = []
    real = pd.factorize
    monkeypatch.setattr(pd, "factorize", lambda values: asked.append(len(values)) or real(values))
    found, _ = columns(PLAIN, folder=tmp_path)
    np.testing.assert_array_equal(found["b"], np.array(B, np.float32))
    assert asked == [7, 7, 6]  # of the labels


@pytest.mark.parametrize("late", ["?", "1.234,5", "x"])
def test_a_column_is_what_all_its_rows_say_however_many_are_read_at_once(late, tmp_path, monkeypatch):
    rows = [f"{i},5;{i % 3};{'ab'[i % 2]}" for i in range(30)]
    text = "a;b;label\n" + "\n".join([*rows, f"{late};1;a"]) + "\n"
    monkeypatch.setattr("netlet.datasets.files.frames._ROWS", 7)
    if late == "x":
        with pytest.raises(DataError, match="column a holds 'x' in row 31"):
            columns(text, folder=tmp_path)
        return
    found, _ = columns(text, folder=tmp_path)
    more = [] if late == "?" else [1234.5]
    np.testing.assert_array_equal(found["a"], np.array([i + 0.5 for i in range(30)] + more, np.float32))
