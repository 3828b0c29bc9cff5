"""`netlet predict` and `netlet evaluate` on the files a network was trained on, and on others like them."""
# ruff: noqa: E501 (tables of odd text)

import csv
import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import netlet as nl
from netlet.datasets import windows
from netlet.network import Network, load_network

ROWS = 60
DAYS = pd.date_range("2024-01-01", periods=ROWS, freq="D")


def series(rows=ROWS) -> Any:  # a DataFrame
    steps = np.arange(ROWS)
    table = pd.DataFrame(
        {"day": DAYS.strftime("%d.%m.%Y"), "heat": np.cos(steps / 5) * 8, "sales": np.sin(steps / 3) + 50}
    )
    return table.assign(weekday=DAYS.day_name(), holiday=(steps % 7 == 0) * 1)[:rows]


def trained(path, data, layers="flatten - dense({})"):
    """A network with weights of its own for a dataset, and its file."""
    outputs = 2 if data.task == "binary" else data.outputs
    text = layers.format(data.outputs)
    architecture = nl.Architecture(text).resolve(data.input_shape, data.task, outputs, False)
    shapes = architecture.weight_shapes(data.input_shape)
    weights = np.random.default_rng(0).normal(size=sum(int(np.prod(shape)) for shape in shapes)) / 9
    network = Network.for_dataset(architecture, data, weights.astype(np.float32))
    network.save(path)
    return network


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "n.netlet"


def test_a_series_is_continued_from_its_last_window_whatever_else_the_file_has(run, kept, tmp_path):
    train = tmp_path / "s.csv"
    series().to_csv(train, index=False, sep=";", decimal=",")
    data = nl.load(train, window=5, horizon=3, target="sales", features="sales,heat")
    network = trained(kept, data)
    assert load_network(kept).feature_names == ("sales", "heat")
    later = tmp_path / "later.csv"
    turned = series().iloc[::-1].assign(extra="x")[["extra", "heat", "day", "sales"]]
    turned.to_csv(later, index=False)
    code, out, _ = run("predict", kept, later, "--csv")
    head, *lines = csv.reader(io.StringIO(out))
    assert code == 0 and head == ["input", "ahead", "time", "sales"]
    assert [line[1:3] for line in lines] == [["1", "2024-03-01"], ["2", "2024-03-02"], ["3", "2024-03-03"]]
    last = series()[["sales", "heat"]].to_numpy(np.float32)[-5:]
    expected = network.predict(last[np.newaxis])[0]
    np.testing.assert_allclose(np.array([line[3] for line in lines], float), expected, rtol=1e-6)
    found = json.loads(run("predict", kept, later, "--json")[1])[0]
    np.testing.assert_allclose([step["sales"] for step in found["forecast"]], expected, rtol=1e-6)
    typed = later.read_text()
    assert "2024-03-03" in run("predict", kept, later)[1] and typed


def test_the_last_answer_of_a_dataset_is_what_predict_gives_for_the_rows_before(run, kept, tmp_path):
    """A window of the test split, cut off where its forecast begins."""
    data = windows(series().drop(columns=["weekday"]), 4, horizon=2, target="sales,heat", known="holiday")
    network = trained(kept, data)
    cut = series().drop(columns=["weekday"])
    cut.loc[ROWS - 2 :, ["heat", "sales"]] = np.nan  # what is known in advance stays
    cut.to_csv(tmp_path / "s.csv", index=False)
    code, out, error = run("predict", kept, tmp_path / "s.csv", "--json")
    assert code == 0, error
    found = json.loads(out)[0]["prediction"]
    np.testing.assert_allclose(found, network.predict(data.present["test"].x)[-1], rtol=1e-5)
    assert json.loads(out)[0]["forecast"][0].keys() == {"ahead", "time", "sales", "heat"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table, "knows weekday 2 rows in advance, but below the last value of sales there are 0"),
        (lambda table: table[:3], "has 3 rows, but the network sees 4"),
        (lambda table: table.drop(columns="sales"), "has no column 'sales'"),
        (lambda table: table.drop(columns="heat"), "has no column heat, which the network takes"),
        (lambda table: table.assign(weekday="Caturday"), "weekday is 'Caturday' in row 1"),
        (lambda table: table.assign(sales=np.nan), "sales has no value"),
    ],
)  # fmt: skip
def test_what_cannot_be_continued_is_refused_in_one_line(run, kept, tmp_path, change, said):
    trained(kept, windows(series(), 4, horizon=2, target="sales", known="weekday"))
    change(series()).to_csv(tmp_path / "s.csv", index=False)
    code, out, error = run("predict", kept, tmp_path / "s.csv")
    assert (code, out) == (2, "") and said in error and error.count("\n") == 1 and len(error) <= 400


@pytest.mark.parametrize(
    ("freq", "following"),
    [("ME", "2026-07-31"), ("MS", "2026-07-01"), ("B", "2024-02-12"), ("h", "2024-01-02 06:00:00"), ("W", "2024-08-04")],
)  # fmt: skip
def test_the_times_that_follow_are_those_of_the_calendar(run, kept, tmp_path, freq, following):
    table = pd.DataFrame({"time": pd.date_range("2024-01-01", periods=30, freq=freq), "a": np.arange(30.0)})
    trained(kept, windows(table, 3))
    table.to_csv(tmp_path / "s.csv", index=False)
    assert f" {following} " in run("predict", kept, tmp_path / "s.csv")[1]


def table() -> Any:  # a DataFrame
    rows = np.arange(60)
    frame = pd.DataFrame(
        {"size": rows * 1.5, "color": ["red", "blue", "green"] * 20, "weight": rows[::-1] % 7}
    )
    return frame.assign(kind=np.where(frame["size"] > 40, "A", "B"))


def test_rows_of_a_table_are_taken_by_name_words_and_all(run, kept, tmp_path):
    table().to_csv(tmp_path / "t.csv", index=False)
    data = nl.load(tmp_path / "t.csv")
    network = trained(kept, data, "dense(3, tanh) - dense(1)")
    few = table()[["weight", "color", "size"]][1:3]  # no row is green
    few.to_csv(tmp_path / "few.csv", index=False, sep=";", decimal=",")
    x = np.array([[1.5, 1, 0, 0, 58 % 7], [3, 0, 1, 0, 57 % 7]], np.float32)
    assert data.feature_names == ("size", "color=blue", "color=green", "color=red", "weight")
    code, out, _ = run("predict", kept, tmp_path / "few.csv", "--csv")
    head, *lines = csv.reader(io.StringIO(out))
    assert code == 0 and head[2:] == ["A", "B"]
    np.testing.assert_allclose([float(line[3]) for line in lines], network.predict(x), rtol=1e-5)
    assert [line[0].rpartition(":")[2] for line in lines] == ["2", "3"]


def test_evaluate_takes_columns_by_name_and_the_target_too(run, kept, tmp_path):
    table().to_csv(tmp_path / "t.csv", index=False)
    network = trained(kept, nl.load(tmp_path / "t.csv"), "dense(3, tanh) - dense(1)")
    turned = table()[table()["color"] != "green"][["kind", "weight", "color", "size"]]
    turned.to_csv(tmp_path / "turned.csv", index=False)
    code, out, error = run("evaluate", kept, tmp_path / "turned.csv", "--json")
    assert code == 0, error
    other = turned.assign(blue=turned["color"] == "blue", green=0, red=turned["color"] == "red")
    x = other[["size", "blue", "green", "red", "weight"]].to_numpy(np.float32)
    right = (network.predict(x) > 0.5) == (turned["kind"] == "B").to_numpy()
    assert json.loads(out)["all"]["accuracy"] == pytest.approx(right.mean())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.assign(color="pink"), "color is 'pink' in row 1, but the network knows only blue, green, red"),
        (lambda frame: frame.drop(columns="size"), "has no column size, which the network takes"),
        (lambda frame: frame.assign(size=None), "size is missing in row 1"),
        (lambda frame: frame.assign(size="big"), "size holds words"),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_are_refused_in_one_line(run, kept, tmp_path, change, said):
    table().to_csv(tmp_path / "t.csv", index=False)
    trained(kept, nl.load(tmp_path / "t.csv"), "dense(1)")
    change(table()).to_csv(tmp_path / "u.csv", index=False)
    code, out, error = run("predict", kept, tmp_path / "u.csv")
    assert (code, out) == (2, "") and said in error and error.count("\n") == 1 and len(error) <= 400


def test_columns_that_are_left_out_can_be_asked_for(tmp_path):
    table().assign(id=np.arange(60)).to_csv(tmp_path / "t.csv", index=False)
    assert "id" not in nl.load(tmp_path / "t.csv", target="kind").feature_names
    assert nl.load(tmp_path / "t.csv", target="kind", features="id,weight").feature_names == ("id", "weight")


def test_series_of_the_archive_are_answered_whatever_their_labels_say(run, kept, tmp_path):
    """Of different length, and with a missing value on the line between its neighbours."""
    head = "@problemName Toy\n@timeStamps false\n@univariate false\n@classLabel true up down\n@data\n"
    lines = [f"0,{k},{2 * k},{3 * k}:1,1,?,4:{('up', 'down')[k % 2]}" for k in range(10)]
    (tmp_path / "Toy_TRAIN.ts").write_text(head + "\n".join(lines))
    (tmp_path / "Toy_TEST.ts").write_text(head + "0,5,6:1,2,3:up\n0,1,2,3:1,?,3,4:down\n")
    network = trained(kept, nl.load(tmp_path / "Toy_TRAIN.ts"), "gru(2) - dense(1)")
    code, out, error = run("predict", kept, tmp_path / "Toy_TEST.ts", "--json")
    assert code == 0 and "the labels are not looked at" in error
    series = [np.array([[0, 1], [5, 2], [6, 3]]), np.array([[0, 1], [1, 2], [2, 3], [3, 4]])]
    expected = [float(network.predict(each[np.newaxis].astype(np.float32))[0]) for each in series]
    found = json.loads(out)
    np.testing.assert_allclose([each["probabilities"]["down"] for each in found], expected, rtol=1e-5)
    assert [each["input"].rpartition(":")[2] for each in found] == ["6", "7"]
