"""What data is, said on the command line: the same options for every command that reads some."""

import json
import re

import numpy as np
import pytest
from PIL import Image

import netlet as nl
from netlet import data_options

RNG = np.random.default_rng(5)
COMMANDS = ["data check", "data show", "train", "search", "compare", "evaluate", "look", "summary"]
CONV = "conv(2, 3x3) - flatten - dense(1)"


def draw(folder, inks=((30, 30, 30), (30, 30, 30)), sizes=((12, 16), (14, 14))):
    """Pictures of two classes, drawn in alpha: a bar above or below, on nothing."""
    for label, name in enumerate(("above", "below")):
        (folder / name).mkdir(parents=True)
        for place in range(15):
            height, width = sizes[place % len(sizes)]
            pixels = np.zeros((height, width, 4), np.uint8)
            pixels[..., :3] = inks[label]
            half = slice(0, height // 2) if label == 0 else slice(height // 2, None)
            pixels[half, :, 3] = RNG.integers(100, 256, pixels[half, :, 3].shape)
            Image.fromarray(pixels).save(folder / name / f"{place}.png")
    return folder


@pytest.fixture
def folder(tmp_path):
    return draw(tmp_path / "bars")


@pytest.fixture
def table(tmp_path):
    rows = RNG.normal(size=(80, 2))
    path = tmp_path / "t.csv"
    lines = [f"{a:.4f},{b:.4f},{a - b:.4f},{'up' if a > b else 'down'}" for a, b in rows]
    path.write_text("\n".join(["a,b,difference,class", *lines]))
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_reads_data_has_the_options(run, command):
    code, out, _ = run(*command.split(), "--help")
    assert code == 0
    for name in set(data_options.OPTIONS) - {"class_names"}:
        for option in data_options.spelling(name).split("/"):
            assert re.search(rf"{option}\b", out), f"{command} has no {option}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["bars", "--window", 24],
            "--window goes with a CSV, TSV or Parquet file, but bars is a folder",
        ),
        (
            ["t.csv", "--size", "28x28"],
            "--size goes with a folder of images, but t.csv is a CSV",
        ),
        (["t.csv", "--grey"], "--color/--grey goes with a folder of images, but t.csv is"),
        (["t.csv", "--vector"], "--per-step/--vector goes with an .npz file, but t.csv is"),
        (["t.csv", "--horizon", 2], "--horizon has no use without --window: say --window too"),
        (["bars", "--size", "28y28"], "--size is '28y28', but must be (height, width), or width x height"),
        (
            ["bars", "--kind", "table"],
            "--kind is table, but bars is a folder of images, which holds image",
        ),
        (["mnist56", "--scale", "none"], "--scale is for data of one's own, but mnist56 is the lab's"),
    ],
)
def test_what_cannot_be_right_is_refused_in_one_line_as_options(
    run, folder, table, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    code, out, error = run("data", "check", *arguments)
    assert (code, out) == (2, "") and message in error and error.count("\n") == 1


def test_sizes_that_differ_are_named_with_counts_and_the_options(run, folder):
    code, _, error = run("train", folder, CONV)
    assert code == 2
    assert "there are 16 of 16 x 12, 14 of 14 x 14; say --size, such as 16x12" in error
    assert "--fit (pad, crop, stretch)" in error and error.count("\n") == 1


def test_a_network_sees_other_images_as_it_saw_its_own(run, folder, tmp_path):
    kept = tmp_path / "n.netlet"
    options = ("--size", "10x8", "--fit", "stretch", "--background", "grey", "--grey")
    assert run("train", folder, CONV, *options, "--epochs", 30, "--save", kept)[0] == 0
    network = nl.load_network(kept)
    assert network.input_shape == (8, 10, 1)
    said = {"size": [8, 10], "fit": "stretch", "background": "grey", "color": False}
    assert network.reading == said
    code, out, error = run("look", kept, "--out", tmp_path / "out")
    assert code == 0 and "not what it was trained on" not in out, error
    found = json.loads(run("evaluate", kept, folder, "--json")[1])
    asked = json.loads(run("predict", kept, folder / "above", folder / "below", "--json")[1])
    truth = ["above"] * 15 + ["below"] * 15
    accuracy = np.mean([each["class"] == name for each, name in zip(asked, truth, strict=True)])
    assert found["all"]["accuracy"] == pytest.approx(accuracy)
    again = nl.load(folder, size=(8, 10), fit="stretch", background="grey", color=False)
    x = np.concatenate([split.x for split in again.present.values()])
    shares = np.sort([each["probabilities"]["below"] for each in asked])
    np.testing.assert_allclose(shares, np.sort(network.predict(x)), atol=1e-6)


def test_the_background_that_was_chosen_is_the_networks_own(run, tmp_path):
    white = draw(tmp_path / "white", inks=((255,) * 3,) * 2, sizes=((12, 12),))
    kept = tmp_path / "n.netlet"
    code, out, _ = run("train", white, CONV, "--epochs", 1, "--save", kept)
    assert code == 0 and "30 images are transparent in part: laid on black; background=white" in out
    assert nl.load_network(kept).reading == {"background": "black"}
    one = tmp_path / "one.png"
    Image.fromarray(np.zeros((12, 12, 4), np.uint8)).save(one)
    nothing = np.zeros((1, 12, 12, 1), np.float32)
    network = nl.load_network(kept)
    for options, x in (((), nothing), (("--background", "white"), nothing + 1)):
        (answer,) = json.loads(run("predict", kept, one, *options, "--json")[1])
        assert answer["probabilities"]["below"] == pytest.approx(float(network.predict(x)[0]), abs=1e-6)


def test_predict_brings_images_to_the_networks_size_if_it_is_said_how(run, tmp_path):
    same = draw(tmp_path / "same", sizes=((12, 12),))
    other = draw(tmp_path / "other", sizes=((20, 24),))
    kept = tmp_path / "n.netlet"
    assert run("train", same, CONV, "--epochs", 1, "--save", kept)[0] == 0
    code, _, error = run("predict", kept, other)
    assert code == 2 and "say how to bring it to that, --fit pad, crop or stretch" in error
    assert run("predict", kept, other, "--background", "black")[0] == 2
    code, out, _ = run("predict", kept, other, "--fit", "crop", "--csv")
    assert code == 0 and len(out.splitlines()) == 31
    assert "--fit is 'zoom'" in run("predict", kept, other, "--fit", "zoom")[2]


def test_a_grey_folder_is_seen_in_colour_by_a_network_of_colours(run, tmp_path):
    coloured = draw(tmp_path / "c", inks=((200, 30, 30), (30, 30, 200)), sizes=((12, 12),))
    kept = tmp_path / "n.netlet"
    assert run("train", coloured, CONV, "--epochs", 1, "--save", kept)[0] == 0
    grey = draw(tmp_path / "g", sizes=((12, 12),))
    assert run("evaluate", kept, grey)[0] == 0


@pytest.mark.parametrize(
    ("options", "network", "shown"),
    [
        (("--target", "difference"), "dense(1)", "normalised_error"),
        (("--target", "class", "--scale", "minmax"), "dense(3) - dense(1)", "accuracy"),
        (("--target", "a", "--window", 5, "--horizon", 2), "gru(2) - dense(2)", "normalised_error"),
    ],
)
def test_tables_and_series_are_looked_at_as_they_were_read(run, table, tmp_path, options, network, shown):
    kept = tmp_path / "n.netlet"
    code, _, error = run("train", table, network, *options, "--epochs", 1, "--save", kept)
    assert code == 0, error
    code, out, error = run("look", kept, "--out", tmp_path / "out")
    assert code == 0 and shown in out and "not what it was trained on" not in out, error
    assert (tmp_path / "out" / "explanation.png").exists()
    code, out, error = run("evaluate", kept, table)
    assert code == 0, error
    assert "--scale has no use" in run("evaluate", kept, table, "--scale", "none")[2]


def test_what_was_said_comes_back_from_the_list_of_runs(run, folder, tmp_path):
    options = ("--store", tmp_path / "runs.db")
    assert run("train", folder, CONV, "--size", "10x8", "--epochs", 1, *options)[0] == 0
    with nl.Store(tmp_path / "runs.db") as store:
        (experiment,) = store.list()
    out = run("runs", "show", experiment.id, *options)[1]
    assert "read with --size 10x8 --background white" in out
    told = json.loads(run("runs", "show", experiment.id, "--json", *options)[1])
    assert told["dataset_origin"]["reading"] == {"size": [8, 10], "background": "white"}
    assert run("runs", "export", experiment.id, tmp_path / "n.netlet", *options)[0] == 0
    code, out, error = run("look", tmp_path / "n.netlet", "--out", tmp_path / "out")
    assert code == 0 and "not what it was trained on" not in out, error


def test_arrays_that_are_not_used_are_named(run, dots):
    arrays = dict(np.load(dots))
    np.savez(dots, **arrays, time=np.arange(3), names=["a"])
    code, out, _ = run("data", "check", dots)
    assert code == 0 and "2 arrays not used: time, names" in out


def test_a_network_that_python_trained_and_saved_can_be_looked_at(run, folder, tmp_path):
    data = nl.load(folder, size="10x8", color=False, seed=3)
    nl.train(CONV, data, seeds=[4], epochs=1).best.network.save(tmp_path / "n.netlet")
    code, out, error = run("look", tmp_path / "n.netlet", "--out", tmp_path / "out")
    assert code == 0 and "trained on bars from seed 4" in out, error
    found = json.loads(run("evaluate", tmp_path / "n.netlet", folder, "--json")[1])
    assert found["all"]["examples"] == 30
    network = nl.load_network(tmp_path / "n.netlet")
    assert found["validation"]["loss"] == pytest.approx(network.evaluate(data.validation)["loss"])
    other = json.loads(run("evaluate", tmp_path / "n.netlet", folder, "--data-seed", 4, "--json")[1])
    assert other["validation"] != found["validation"] and other["all"] == pytest.approx(found["all"])


def test_a_folder_without_some_of_the_networks_classes_is_measured_by_name(run, tmp_path):
    folder = draw(tmp_path / "two", sizes=((12, 12),))
    for place in range(15):
        pixels = RNG.integers(0, 256, (12, 12, 4), np.uint8)
        (folder / "a mess").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(folder / "a mess" / f"{place}.png")
    kept = tmp_path / "n.netlet"
    network = CONV.replace("dense(1)", "dense(3)")
    assert run("train", folder, network, "--color", "--epochs", 20, "--save", kept)[0] == 0
    for path in (folder / "above").iterdir():
        path.unlink()
    (folder / "above").rmdir()
    asked = json.loads(run("predict", kept, folder, "--json")[1])
    right = np.mean([each["class"] in each["input"] for each in asked])
    found = json.loads(run("evaluate", kept, folder, "--json")[1])
    assert found["all"]["accuracy"] == pytest.approx(right)
    (folder / "below").rename(folder / "beside")
    code, _, error = run("evaluate", kept, folder)
    assert (
        code == 2
        and "has the classes a mess, beside, but the network was trained on a mess, above, below" in error
    )


def test_what_is_said_of_images_is_refused_where_a_network_takes_none(run, table, tmp_path):
    kept = tmp_path / "n.netlet"
    assert run("train", table, "dense(1)", "--target", "a", "--epochs", 1, "--save", kept)[0] == 0
    code, out, error = run("predict", kept, table, "--fit", "pad", "--background", "white")
    assert (code, out) == (2, "")
    assert error == "--fit and --background: only for images, but the network takes a table: leave it out\n"
