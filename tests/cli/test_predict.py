"""`netlet predict`: answers for files of one's own, checked against numpy and the network itself."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

import netlet as nl
from netlet import Architecture, Network, load_network
from netlet.datasets.scaling import Scaling
from netlet.errors import DataError


def saved(path, text, shape, task, outputs, per_step=False, details=None):
    architecture = Architecture(text).resolve(shape, task, outputs, per_step)
    random = np.random.default_rng(7)
    weights = [random.normal(0, 0.8, size) for size in architecture.weight_shapes(shape)]
    network = Network(architecture, shape, task, weights, **(details or {}))
    network.save(path)
    return network


@pytest.fixture
def file(tmp_path):
    return tmp_path / "kept.netlet"


@pytest.fixture
def pictures(tmp_path):
    """Three images in a folder and a folder in it, and their pixels in the order of their names."""
    pixels = np.random.default_rng(0).integers(0, 256, (3, 5, 4), dtype=np.uint8)
    (tmp_path / "shots" / "more").mkdir(parents=True)
    for name, image in zip(("a.png", "b.png", "more/c.png"), pixels, strict=True):
        Image.fromarray(image).save(tmp_path / "shots" / name)
    (tmp_path / "shots" / "notes.txt").write_text("no image")
    return tmp_path / "shots", pixels


@pytest.mark.parametrize("scale", [255.0, 1.0])
def test_images_get_classes_and_probabilities(run, file, pictures, scale):
    names = ("flat", "tall")
    folder, pixels = pictures
    details = {"class_names": names, "integer_scale": scale}
    network = saved(file, "flatten - dense(1)", (5, 4, 1), "binary", 2, details=details)
    expected = network.predict(pixels[..., None].astype(np.float32) / np.float32(255))
    code, out, error = run("predict", file, folder, folder / "b.png", "--json")
    assert (code, error) == (0, "")
    found = json.loads(out)
    assert [each["input"].rpartition("/")[2] for each in found] == ["a.png", "b.png", "c.png", "b.png"]
    for each, p in zip(found, [*expected, expected[1]], strict=True):
        assert each["class"] == names[int(p > 0.5)]
        assert each["probabilities"]["tall"] == pytest.approx(float(p), rel=1e-6)
        assert sum(each["probabilities"].values()) == pytest.approx(1)


def test_people_get_a_table(run, file, pictures):
    saved(file, "flatten - dense(3)", (5, 4, 1), "categorical", 3, details={"class_names": ("a", "b", "c")})
    code, out, _ = run("predict", file, pictures[0])
    assert code == 0
    head, *lines = out.splitlines()
    assert head.split() == ["input", "class", "a", "b", "c"]
    assert len(lines) == 3 and all(line.split()[1] in "abc" for line in lines)


def test_colour_for_a_network_of_grey_is_turned_to_grey_and_said(run, file, tmp_path):
    network = saved(file, "flatten - dense(1)", (1, 1, 1), "regression", 1)
    Image.fromarray(np.array([[[200, 100, 50]]], np.uint8)).save(tmp_path / "one.png")
    _, out, error = run("predict", file, tmp_path / "one.png", "--json")
    grey = np.array(Image.open(tmp_path / "one.png").convert("L"), np.float32)
    expected = network.predict(grey.reshape(1, 1, 1, 1) / 255)[0, 0]
    assert json.loads(out)[0]["prediction"] == [pytest.approx(float(expected), abs=5e-3)]
    assert "turned to grey" in error


def test_rows_of_a_table_are_answered_in_the_targets_own_units(run, file, tmp_path):
    details = {"input_scaling": Scaling((1.0, 2.0), (2.0, 0.5)), "target_scaling": Scaling((70.0,), (10.0,))}
    network = saved(file, "dense(2, activation=tanh) - dense(1)", (2,), "regression", 1, details=details)
    (tmp_path / "rows.csv").write_text("width,height\n1.5,2\n\n-3,0.25\n")
    code, out, error = run("predict", file, tmp_path / "rows.csv", "--csv")
    assert (code, error) == (0, "")
    head, *lines = csv.reader(io.StringIO(out))
    assert head == ["input", "prediction"]
    assert [line[0].rpartition(":")[2] for line in lines] == ["2", "4"]  # lines of the file
    expected = network.predict(np.array([[1.5, 2], [-3, 0.25]], np.float32))[:, 0]
    np.testing.assert_array_equal(np.array([line[1] for line in lines], np.float32), expected)


@pytest.mark.parametrize(
    "text", ["1.5;2\n-3;0.25\n", "a;b\n1,5;2\n-3;0,25\n", "1.5\t2\n-3\t0.25\n", "[[1.5, 2], [-3, 0.25]]"]
)
def test_standard_input_may_be_any_usual_text(run, file, monkeypatch, text):
    network = saved(file, "dense(1)", (2,), "regression", 1)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    code, out, _ = run("predict", file, "-", "--json")
    assert code == 0
    expected = network.predict(np.array([[1.5, 2], [-3, 0.25]], np.float32))
    np.testing.assert_allclose([each["prediction"] for each in json.loads(out)], expected, rtol=1e-6)


def test_a_file_of_steps_is_one_sequence_with_an_answer_at_every_step(run, file, tmp_path):
    network = saved(file, "gru(2) - dense(1)", (6, 2), "regression", 1, per_step=True)
    x = np.random.default_rng(0).normal(size=(6, 2)).round(3)
    np.savetxt(tmp_path / "steps.csv", x, delimiter=",")
    code, out, _ = run("predict", file, tmp_path / "steps.csv", "--csv")
    assert code == 0
    head, *lines = csv.reader(io.StringIO(out))
    assert head == ["input", "step", "prediction"]
    assert [int(line[1]) for line in lines] == list(range(6))
    expected = network.predict(x[np.newaxis].astype(np.float32))[0, :, 0]
    np.testing.assert_allclose(np.array([line[2] for line in lines], float), expected, rtol=1e-6)


def test_of_one_channel_every_row_is_a_sequence_which_is_said(run, file, tmp_path):
    network = saved(
        file, "lstm(2) - dense(1)", (4, 1), "binary", 2, details={"class_names": ("calm", "wild")}
    )
    x = np.random.default_rng(0).normal(size=(3, 4)).round(3)
    np.savetxt(tmp_path / "rows.csv", x, delimiter=",")
    code, out, error = run("predict", file, tmp_path / "rows.csv", "--json")
    assert code == 0
    assert "a row is taken for a sequence of 4 steps" in error
    expected = network.classify(x[..., np.newaxis].astype(np.float32))
    assert [each["class"] for each in json.loads(out)] == expected.tolist()


def test_arrays_are_taken_as_they_are(run, file, tmp_path):
    network = saved(file, "dense(2)", (3,), "categorical", 2)
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", x=x, other=np.zeros(1))
    for name in ("x.npy", "x.npz"):
        code, out, _ = run("predict", file, tmp_path / name, "--json")
        assert code == 0
        found = [[each["probabilities"][k] for k in "01"] for each in json.loads(out)]
        np.testing.assert_allclose(found, network.predict(x), rtol=1e-6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2\n3,four\n", "line 2: 'four' is no number"),
        ("1,2\n3,\n", "line 2: 'nothing' is no number"),
        ("1,nan\n", "line 1: 'nan' is no number"),
        ("1,2\n3\n", "line 2 has 1 columns, but the lines before have 2"),
        ("1,2,3\n", "has 3 columns, but the network takes 2 features"),
        ("a,b\n", "holds no row of numbers"),
        ("[[1, 2], [3]]", "is no JSON list of numbers"),
        ("", "holds no row of numbers"),
    ],
)
def test_what_cannot_be_read_is_refused_with_file_and_line(run, file, tmp_path, text, words):
    saved(file, "dense(1)", (2,), "regression", 1)
    (tmp_path / "rows.csv").write_text(text)
    code, out, error = run("predict", file, tmp_path / "rows.csv")
    assert (code, out) == (2, "")
    assert "rows.csv" in error and words in error and error.count("\n") == 1


def test_images_of_another_size_or_none_are_refused(run, file, pictures, tmp_path):
    saved(file, "flatten - dense(1)", (9, 9, 1), "binary", 2)
    folder, _ = pictures
    (tmp_path / "empty").mkdir()
    for path, words in (
        (folder, "is 4 x 5 pixels, but the network takes 9 x 9"),
        (folder / "notes.txt", "cannot be read as an image"),
        (tmp_path / "empty", "holds no images"),
        (tmp_path / "missing.png", "does not exist"),
    ):
        code, _, error = run("predict", file, path)
        assert code == 2 and words in error


def test_json_and_csv_at_once_are_refused(run, file, pictures):
    saved(file, "flatten - dense(1)", (5, 4, 1), "binary", 2)
    code, _, error = run("predict", file, pictures[0], "--json", "--csv")
    assert code == 2 and "choose one" in error


def test_columns_of_a_table_are_taken_by_name_whatever_else_the_file_has(run, file, tmp_path):
    network = saved(file, "dense(1)", (2,), "regression", 1, details={"feature_names": ("a", "b")})
    expected = network.predict(np.array([[1.5, 2.0], [-3.0, 4.0]])).ravel()
    table = tmp_path / "t.csv"
    table.write_text("b;name;target;a\n2,0;p;yes;1,5\n4,0;q;no;-3,0\n")
    answers = [row["prediction"][0] for row in json.loads(run("predict", file, table, "--json")[1])]
    np.testing.assert_allclose(answers, expected, rtol=1e-6)
    table.write_text("b,name\n2,p\n")
    code, _, error = run("predict", file, table)
    assert code == 2 and "has no column a, which the network takes" in error


def test_a_table_that_a_network_was_trained_on_is_predicted_as_it_is(run, tmp_path):
    """Its columns by name, in whatever order and beside whatever else: the target, and a text."""
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 2)).round(3)
    rows = [(f"p{i}", b, a, "yes" if a > b else "no") for i, (a, b) in enumerate(x)]
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("name", "b", "a", "label"), *rows])
    with (tmp_path / "turned.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("a", "b"), *((a, b) for a, b in x)])
    saved_as = tmp_path / "n.netlet"
    training = (
        "--target",
        "label",
        "--epochs",
        2,
        "--seeds",
        1,
        "--store",
        tmp_path / "s.db",
        "--save",
        saved_as,
    )
    for _ in ("trained", "found in the store"):
        code, _, error = run("train", tmp_path / "t.csv", "dense(1)", *training)
        assert code == 0, error
        first, second = (
            json.loads(run("predict", saved_as, tmp_path / name, "--json")[1])
            for name in ("t.csv", "turned.csv")
        )
        assert [each["probabilities"] for each in first] == [each["probabilities"] for each in second]
        expected = load_network(saved_as).predict(x[:, ::-1].astype(np.float32)).ravel()
        found = [each["probabilities"]["yes"] for each in first]
        np.testing.assert_allclose(found, expected, rtol=1e-5)


PIXELS_IN = {
    "uint8": lambda x: x,
    "floats of 0..1": lambda x: x / 255,
    "floats of 0..255": lambda x: x * 1.0,
    "floats of 0..16": lambda x: x / 16,
    "uint16": lambda x: x.astype(np.uint16) * 257,
}


@pytest.mark.parametrize("form", PIXELS_IN)
def test_image_files_mean_the_same_whatever_pixels_a_network_was_trained_on(run, tmp_path, form):
    """One bar left or right; white is 255 in the files, and what it is in the arrays of each form."""
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 90, (40, 8, 8)).astype(np.uint8), np.arange(40) % 2
    x[y == 0, :, :4] = x[y == 1, :, 4:] = 255
    given = PIXELS_IN[form](x)
    data = nl.Dataset("bars", (given, y), (given, y), kind="image")
    network = nl.train("flatten - dense(1)", data, epochs=40, learning_rate=0.02, quiet=True).best.network
    network.save(tmp_path / "bars.netlet")
    for place in range(2):
        Image.fromarray(x[place]).save(tmp_path / f"{place}.png")
        Image.fromarray(x[place].astype(np.uint16) * 257).save(tmp_path / f"{place + 2}.png")
    names = [tmp_path / f"{place}.png" for place in range(4)]
    code, out, error = run("predict", tmp_path / "bars.netlet", *names, "--json")
    assert code == 0, error
    found = [each["probabilities"]["1"] for each in json.loads(out)]
    np.testing.assert_allclose(found, np.tile(network.predict(given[:2]), 2), atol=1e-4)


@pytest.mark.parametrize(
    ("trained", "asked"),
    [("floats of 0..255", "floats of 0..1"), ("uint16", "uint8"), ("uint8", "floats of 0..255")],
)
def test_arrays_written_in_another_way_than_in_training_are_refused(trained, asked):
    x, y = np.random.default_rng(0).integers(0, 256, (12, 8, 8)).astype(np.uint8), np.arange(12) % 2
    given = PIXELS_IN[trained](x)
    data = nl.Dataset("d", (given, y), (given, y), kind="image")
    network = nl.train("flatten - dense(1)", data, epochs=1, quiet=True).best.network
    for ask in (network.predict, lambda x: network.evaluate((x, y))):
        with pytest.raises(DataError, match="but the network takes pixels as"):
            ask(PIXELS_IN[asked](x))
