"""Series of the UCR and UEA archives: files made here, values known, or read by SciPy beside."""

import numpy as np
import pytest
from scipy.io import arff

import netlet as nl
from netlet.errors import DataError

HEADER = (
    "# made by hand\n@problemName Hand\n@timeStamps false\n@missing {missing}\n@univariate {univariate}\n"
)


def lines_of(series, labels, gap="?"):
    """Lines of a .ts file from series (channels, steps) each."""
    return "\n".join(
        ":".join(",".join(gap if np.isnan(v) else repr(float(v)) for v in channel) for channel in one)
        + f":{label}"
        for one, label in zip(series, labels, strict=True)
    )


def write_ts(path, series, labels, head="@classLabel true up down", **said):
    said = {"missing": "false", "univariate": "true"} | said
    path.write_text(HEADER.format(**said) + head + "\n@data\n" + lines_of(series, labels) + "\n")


def drawn(count, channels=1, steps=6, seed=0):
    """Series (channels, steps) with numbers that float32 has exactly."""
    return np.random.default_rng(seed).integers(-64, 64, (count, channels, steps)) / 8


@pytest.fixture
def pair(tmp_path):
    """Ten and four series of two channels as .ts files."""
    folder = tmp_path / "Hand"
    folder.mkdir()
    train, test = drawn(10, 2), drawn(4, 2, seed=1)
    write_ts(folder / "Hand_TRAIN.ts", train, ["up", "down"] * 5, univariate="false")
    write_ts(folder / "Hand_TEST.ts", test, ["down", "up"] * 2, univariate="false")
    return folder, train, test


def masks(split):
    assert split.mask is not None
    return split.mask


def all_of(data, parts):
    return np.concatenate([data.present[part].x for part in parts])


def same_rows(found, expected):
    return sorted(map(bytes, np.ascontiguousarray(found, "<f4"))) == sorted(
        map(bytes, np.ascontiguousarray(expected, "<f4"))
    )


@pytest.mark.parametrize("given", ["Hand_TRAIN.ts", "Hand_TEST.ts", "", "Hand", "Hand.ts"])
def test_whatever_names_a_pair_finds_it(pair, given):
    folder, train, test = pair
    data = nl.load(folder / given)
    assert (data.kind, data.task, data.class_names) == ("sequence", "binary", ("up", "down"))
    assert [len(split) for split in data.present.values()] == [8, 2, 4]
    assert data.validation.y.tolist() in ([0, 1], [1, 0])  # of each class
    np.testing.assert_array_equal(all_of(data, ["test"]), test.swapaxes(1, 2))
    np.testing.assert_array_equal(data.present["test"].y, [1, 0, 1, 0])
    assert same_rows(all_of(data, ["training", "validation"]), train.swapaxes(1, 2))
    assert any("2 of 10 training samples" in note and "seed 0" in note for note in data.notes)


def test_the_seed_draws_validation(pair):
    drawn_by = [nl.load(pair[0], seed=seed).validation.x for seed in (0, 0, 1, 2, 3)]
    np.testing.assert_array_equal(drawn_by[0], drawn_by[1])
    assert any(not np.array_equal(drawn_by[0], each) for each in drawn_by[2:])


def test_a_stem_in_the_present_folder_is_a_path(pair, monkeypatch):
    monkeypatch.chdir(pair[0])
    assert len(nl.load("Hand").train) == 8


def test_series_of_different_length_are_masked_and_gaps_filled(tmp_path):
    series = [np.arange(float(length))[np.newaxis] for length in (3, 5, 4, 6, 5, 3, 7, 4, 5, 6)]
    series[1] = np.array([[np.nan, 1, np.nan, np.nan, 4]])
    write_ts(tmp_path / "u_TRAIN.ts", series, ["up", "down"] * 5, missing="true")
    write_ts(tmp_path / "u_TEST.ts", [np.arange(9.0)[np.newaxis], np.ones((1, 2))], ["up", "down"])
    data = nl.load(tmp_path / "u")
    assert data.input_shape == (9, 1)
    everything = [
        tuple(one[mask][:, 0])
        for split in data.present.values()
        for one, mask in zip(split.x, masks(split), strict=True)
    ]
    assert (1.0, 1.0, 2.0, 3.0, 4.0) in everything  # the first gap takes its neighbour, others the line
    assert {len(each) for each in everything} == {2, 3, 4, 5, 6, 7, 9}
    assert any("3 missing values" in note for note in data.notes)
    assert any("2 to 9 steps" in note for note in data.notes)


def test_numbers_to_learn_make_a_regression(tmp_path):
    for part in ("TRAIN", "TEST"):
        write_ts(tmp_path / f"r_{part}.ts", drawn(10), np.arange(10) / 4, head="@targetlabel true")
    data = nl.load(tmp_path / "r_TEST.ts")
    assert data.task == "regression" and not data.class_names
    np.testing.assert_array_equal(data.present["test"].y[:, 0], np.arange(10) / 4)


def test_time_stamps_are_left_out_and_said(tmp_path):
    rows = [
        ",".join(f"(2020-01-01 00:0{step}:00,{step * row})" for step in range(4)) + f":{'ab'[row % 2]}"
        for row in range(10)
    ]
    (tmp_path / "t.ts").write_text("@timeStamps true\n@classLabel true a b\n@data\n" + "\n".join(rows))
    data = nl.load(tmp_path / "t.ts")
    assert same_rows(all_of(data, data.present), np.arange(4)[:, None] * np.arange(10)[:, None, None])
    assert any("time stamps" in note for note in data.notes)


@pytest.mark.parametrize(
    ("text", "said", "row"),
    [
        ("@classLabel true a b\n@data\n1,2:a\n1,x:b\n", "line 4: 'x' is no number", 4),
        ("@classLabel true a b\n@data\n1,2:a\n1,2:c\n", "line 4: the label 'c' is none of those", 4),
        ("@classLabel true a b\n@data\n1,2:a\n\n1,2:?\n", "line 5: the label is missing", 5),
        ("@classLabel true a b\n@data\n1,2:3,4:a\n1,2:a\n", "line 4: 1 channels, but 2 in line 3", 4),
        ("@classLabel true a b\n@data\n1,2:3:a\n", "line 3: the channels of one series", 3),
        ("@classLabel true a b\n@data\n?,?:a\n", "line 3: a channel has no value", 3),
        ("@classLabel true a b\n@data\n1,inf:a\n", "line 3: a value is infinite", 3),
        ("@equalLength true\n@seriesLength 3\n@classLabel true a b\n@data\n1,2:a\n", "@serieslength 3", 5),
        ("@dimensions 2\n@classLabel true a b\n@data\n1,2:a\n", "says @dimensions 2", 4),
        ("@targetlabel true\n@data\n1,2:a\n", "line 3: the target 'a' is no finite number", 3),
        ("@classLabel false\n@data\n1,2\n", "neither class labels nor numbers", None),
        ("@classLabel maybe\n@data\n1,2\n", "must be true or false", None),
        ("hello\n", "line 1: 'hello' is no line of a header", 1),
        ("@\n@data\n1,2:a\n", "line 1: '@' is no line of a header", 1),
        ("@equalLength\n@classLabel true a b\n@data\n1,2:a\n1:b\n", "too few for three parts", None),
        ("@classLabel true a b\n", "no @data", None),
        ("@classLabel true a b\n@data\n", "holds no series", None),
    ],
)  # fmt: skip
def test_a_broken_ts_file_is_refused_with_its_line(tmp_path, text, said, row):
    path = tmp_path / "broken.ts"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        nl.load(path)
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert (caught.value.file, caught.value.row) == (str(path), row)


# --- UCR -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "separator", "label"),
    [("tsv", "\t", "{}"), ("txt", "   ", "  {:.7e}"), ("txt", ",", "{}"), ("TSV", "\t", "{}")],
)
def test_the_label_comes_first_in_files_of_ucr(tmp_path, suffix, separator, label):
    train, test = drawn(10)[:, 0], drawn(6, seed=1)[:, 0]
    for part, rows in (("TRAIN", train), ("TEST", test)):
        (tmp_path / f"N_{part}.{suffix}").write_text(
            "\n".join(
                separator.join([label.format([-1, 1][row % 2]), *(f"{value:.7e}" for value in one)])
                for row, one in enumerate(rows)
            )
        )
    data = nl.load(tmp_path / f"N_TEST.{suffix}")
    assert (data.task, data.class_names, data.input_shape) == ("binary", ("-1", "1"), (6, 1))
    np.testing.assert_array_equal(data.present["test"].x[..., 0], test)
    np.testing.assert_array_equal(data.present["test"].y, [0, 1] * 3)
    assert same_rows(all_of(data, ["training", "validation"])[..., 0], train)


def test_many_whole_numbers_are_classes_in_order_of_size(tmp_path):
    for part in ("TRAIN", "TEST"):
        rows = [f"{row % 12 + 1}\t{row}\t{row + 1}" for row in range(36)]
        (tmp_path / f"N_{part}.tsv").write_text("\n".join(rows))
    data = nl.load(tmp_path / "N")
    assert data.class_names == tuple(str(k) for k in range(1, 13))
    assert data.present["test"].y.argmax(axis=1).tolist() == [row % 12 for row in range(36)]


def test_nan_at_the_end_of_a_line_is_a_shorter_series(tmp_path):
    rows = ["1\t1\t2\tNaN\tNaN", "2\t1\tNaN\t3\t4", *["1\t1\t2\t3\t4", "2\t1\t2\t3\t4"] * 4]
    for part in ("TRAIN", "TEST"):
        (tmp_path / f"N_{part}.tsv").write_text("\n".join(rows))
    test = nl.load(tmp_path / "N").present["test"]
    assert test.mask is not None and test.mask[:2].sum(axis=1).tolist() == [2, 4]
    assert test.x[1, :, 0].tolist() == [1, 2, 3, 4]


def test_a_label_that_training_lacks_is_refused_with_its_line(tmp_path):
    (tmp_path / "N_TRAIN.tsv").write_text("\n".join(["1\t1\t2", "2\t1\t2"] * 4))
    (tmp_path / "N_TEST.tsv").write_text("1\t1\t2\n3\t1\t2\n")
    with pytest.raises(DataError, match=r"N_TEST\.tsv, line 2: the label '3'") as caught:
        nl.load(tmp_path / "N")
    assert caught.value.row == 2


def test_a_table_with_a_header_is_none_of_ucr(tmp_path):
    rows = "\n".join(f"{k}\t{k * 2}\t{'yn'[k % 2]}" for k in range(20))
    (tmp_path / "people_train.tsv").write_text("a\tb\tkind\n" + rows)
    data = nl.load(tmp_path / "people_train.tsv")
    assert (data.kind, data.class_names) == ("table", ("n", "y"))


# --- ARFF ------------------------------------------------------------------------------------------------

TABLE = """% a table
@relation people
@attribute age numeric
@attribute 'shoe size' REAL
@attribute town {Bern,Thun}
@attribute kind {yes, no}
@data
"""


def test_a_plain_arff_table_holds_what_scipy_reads(tmp_path):
    path = tmp_path / "people.arff"
    rows = [f"{20 + k},{k / 4},{('Bern', 'Thun')[k % 2]},{('yes', 'no')[k % 3 == 0]}" for k in range(20)]
    path.write_text(TABLE + "\n".join(rows))
    truth, _ = arff.loadarff(path)
    data = nl.load(path)
    assert (data.kind, data.task, data.class_names) == ("table", "binary", ("no", "yes"))
    towns = [(truth["town"] == name).astype(float) for name in (b"Bern", b"Thun")]
    columns = [truth["age"], truth["shoe size"]]
    assert sorted(data.feature_names) == ["age", "shoe size", "town=Bern", "town=Thun"]
    by_name = dict(zip(["age", "shoe size", "town=Bern", "town=Thun"], columns + towns, strict=True))
    expected = np.stack([by_name[name] for name in data.feature_names], axis=1)
    assert same_rows(all_of(data, data.present), expected)
    ages = {
        float(x[0]): float(y)
        for split in data.present.values()
        for x, y in zip(split.x, split.y, strict=True)
    }
    assert ages == {
        float(age): float(kind == b"yes") for age, kind in zip(truth["age"], truth["kind"], strict=True)
    }
    assert any("town" in note for note in data.notes)


def test_names_and_classes_in_quotes_may_hold_blanks_and_commas(tmp_path):
    path = tmp_path / "quoted.arff"
    rows = [f"{k}, {('yes', chr(39) + 'not, at all' + chr(39))[k % 2]}" for k in range(20)]
    head = "@RELATION q\n@ATTRIBUTE 'a b' INTEGER\n@ATTRIBUTE kind {yes, 'not, at all'}\n@DATA\n"
    path.write_text(head + "\n".join(rows) + "\n% the end\n?,yes\n")
    data = nl.load(path)
    assert data.class_names == ("not, at all", "yes")
    assert sorted(all_of(data, data.present)[:, 0]) == list(range(20))
    assert any("1 of 21 rows have missing values" in note for note in data.notes)


def test_a_pair_of_arff_files_of_one_channel_holds_series_as_scipy_reads_them(tmp_path):
    head = (
        "@relation s\n"
        + "".join(f"@attribute att{k} numeric\n" for k in range(6))
        + "@attribute target {1,2}\n@data\n"
    )
    for part, series in (("TRAIN", drawn(10)), ("TEST", drawn(4, seed=1))):
        rows = [",".join(map(repr, map(float, one[0]))) + f",{row % 2 + 1}" for row, one in enumerate(series)]
        (tmp_path / f"S_{part}.arff").write_text(head + "\n".join(rows))
    data = nl.load(tmp_path / "S_TRAIN.arff")
    truth, _ = arff.loadarff(tmp_path / "S_TEST.arff")
    assert (data.kind, data.input_shape, data.class_names) == ("sequence", (6, 1), ("1", "2"))
    expected = np.stack([truth[f"att{k}"] for k in range(6)], axis=1)
    np.testing.assert_array_equal(data.present["test"].x[..., 0], expected)


def test_a_relation_holds_series_of_several_channels(tmp_path):
    head = (
        "@relation 'Two'\n@attribute relationalAtt relational\n"
        + "".join(f"  @attribute t{k} numeric\n" for k in range(6))
        + "@end relationalAtt\n@attribute classAtt {Standing,Running}\n@data\n"
    )
    train, test = drawn(10, 2), drawn(4, 2, seed=1)
    test[1, :, 4:] = np.nan
    for part, series in (("TRAIN", train), ("TEST", test)):
        rows = [
            "'" + "\\n".join(",".join("?" if np.isnan(v) else repr(float(v)) for v in c) for c in one) + "',"
            + ("Standing", "Running")[row % 2]
            for row, one in enumerate(series)
        ]  # fmt: skip
        (tmp_path / f"Two_{part}.arff").write_text(head + "\n".join(rows))
    data = nl.load(tmp_path)
    assert (data.input_shape, data.class_names) == ((6, 2), ("Standing", "Running"))
    found = data.present["test"]
    np.testing.assert_array_equal(found.x[0], test[0].T)
    assert found.mask is not None and found.mask.sum(axis=1).tolist() == [6, 4, 6, 6]
    np.testing.assert_array_equal(found.x[1, :4], test[1, :, :4].T)


@pytest.mark.parametrize(
    ("text", "said", "row"),
    [
        (TABLE + "1,2,Bern,yes\n1,x,Bern,yes\n", "line 9: 'x' is no number", 9),
        (TABLE + "1,2,Bern\n", "line 8: 3 values, but there are 4 attributes", 8),
        (TABLE + "1,2,Bern,maybe\n", "line 8: kind is 'maybe'", 8),
        (TABLE + "{0 1, 3 yes}\n", "line 8: sparse", 8),
        ("@relation a\n@attribute b\n@data\n", "line 2: an attribute needs", 2),
        ("@relation a\n@attribute b colour\n@data\n", "line 2: 'colour' is no type", 2),
        ("@relation a\nhello\n@data\n", "line 2: 'hello' is neither", 2),
        ("@relation a\n", "no @attribute or no @data", None),
    ],
)
def test_a_broken_arff_file_is_refused_with_its_line(tmp_path, text, said, row):
    path = tmp_path / "broken.arff"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        nl.load(path)
    assert said in str(caught.value)
    assert (caught.value.file, caught.value.row) == (str(path), row)


# --- which files -----------------------------------------------------------------------------------------


def test_several_datasets_in_a_folder_are_named(tmp_path, pair):
    folder, *_ = pair
    for part in ("TRAIN", "TEST"):
        write_ts(folder / f"Other_{part}.ts", drawn(10), ["up", "down"] * 5)
    assert len(nl.load(folder).train) == 8  # the one that is called as the folder
    renamed = folder.rename(tmp_path / "both")
    with pytest.raises(DataError, match="several datasets \\(Hand, Other\\)"):
        nl.load(renamed)
    assert nl.load(renamed / "Other").input_shape == (6, 1)


def test_a_test_file_alone_is_refused_and_a_training_file_alone_is_divided(tmp_path):
    write_ts(tmp_path / "A_TEST.ts", drawn(10), ["up", "down"] * 5)
    with pytest.raises(DataError, match=r"A_TRAIN\.ts is missing"):
        nl.load(tmp_path / "A_TEST.ts")
    (tmp_path / "A_TEST.ts").rename(tmp_path / "A_TRAIN.ts")
    data = nl.load(tmp_path / "A_TRAIN.ts")
    assert [len(split) for split in data.present.values()] == [6, 2, 2]
    assert any("no A_TEST.ts" in note for note in data.notes)


def test_files_that_do_not_fit_each_other_are_refused(tmp_path):
    write_ts(tmp_path / "A_TRAIN.ts", drawn(10), ["up", "down"] * 5)
    write_ts(tmp_path / "A_TEST.ts", drawn(10, 2), ["up", "down"] * 5)
    with pytest.raises(DataError, match=r"A_TEST\.ts has 2 channels"):
        nl.load(tmp_path / "A")


def test_a_training_keeps_its_hands_off_both_files(pair, tmp_path):
    from netlet.cli.origin import sources_of

    assert sources_of(str(pair[0] / "Hand"), None) == [pair[0] / "Hand_TRAIN.ts", pair[0] / "Hand_TEST.ts"]
    with pytest.raises(DataError, match="window goes with a CSV, TSV or Parquet file"):
        nl.load(pair[0], window=3)


def test_a_pair_of_plain_tables_has_its_test_file_for_test(tmp_path):
    rows = [f"{20 + k},{k / 4},{('Bern', 'Thun')[k % 2]},{('yes', 'no')[k % 3 == 0]}" for k in range(40)]
    (tmp_path / "people_train.arff").write_text(TABLE + "\n".join(rows[:30]))
    (tmp_path / "people_test.arff").write_text(TABLE + "\n".join(rows[30:]))
    data = nl.load(tmp_path / "people_train.arff")
    assert [len(split) for split in data.present.values()] == [24, 6, 10]
    assert (data.kind, data.class_names) == ("table", ("no", "yes"))
    truth, _ = arff.loadarff(tmp_path / "people_test.arff")
    columns = [truth["age"], truth["shoe size"], *(truth["town"] == name for name in (b"Bern", b"Thun"))]
    assert sorted(data.feature_names) == ["age", "shoe size", "town=Bern", "town=Thun"]
    by_name = dict(zip(["age", "shoe size", "town=Bern", "town=Thun"], columns, strict=True))
    assert data.test is not None
    np.testing.assert_array_equal(
        data.test.x, np.stack([by_name[name] for name in data.feature_names], axis=1).astype(np.float32)
    )
    np.testing.assert_array_equal(data.test.y, truth["kind"] == b"yes")
    assert any("kind=sequence as series" in note for note in data.notes)


def test_a_pair_whose_tables_differ_is_refused(tmp_path):
    (tmp_path / "people_train.arff").write_text(TABLE + "20,1,Bern,yes\n" * 9)
    (tmp_path / "people_test.arff").write_text(TABLE.replace("age", "years") + "20,1,Bern,yes\n" * 9)
    with pytest.raises(DataError, match=r"differ in their columns \(age, years\)"):
        nl.load(tmp_path / "people")
