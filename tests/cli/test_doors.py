"""netlet export and netlet import."""

import json
import re
import shutil

import keras
import numpy as np
import pytest

import netlet as nl
from netlet.network import load_network

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture
def saved(run, dots, tmp_path):
    path = tmp_path / "dots.netlet"
    network = "conv(2, 3x3) - flatten - dense(1)"
    code, _, err = run("train", dots, network, "--epochs", 2, "--save", path, "--no-store")
    assert code == 0, err
    return path


ENDINGS = [
    "m.keras", "m.onnx", "m.py",
    pytest.param("m.h", marks=pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc here")),
]  # fmt: skip


@pytest.mark.parametrize("name", ENDINGS)
def test_every_export_says_how_far_it_is_from_netlet_on_the_network_s_own_data(run, saved, tmp_path, name):
    code, out, err = run("export", saved, tmp_path / name)
    assert (code, err) == (0, "")
    found = re.search(r"largest difference from netlet's answers: (\S+) \((.*)\)", out)
    assert found and float(found[1]) < 1e-5
    assert "on 20 validation samples of" in found[2]
    assert (tmp_path / name).is_file()


def test_the_help_lists_all_ways_out(run):
    code, out, _ = run("export", "--help")
    for ending in (".keras", ".onnx", ".h", ".py", "numpy", "jax", "torch"):
        assert ending in out
    assert code == 0


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc here")
def test_int8_says_how_good_it_is(run, tmp_path):
    path = tmp_path / "digits.netlet"
    network = "conv(2, 3x3) - maxpool(4) - flatten - dense(1)"
    assert run("train", "mnist56", network, "--epochs", 3, "--save", path, "--no-store")[0] == 0
    code, out, err = run("export", path, tmp_path / "m.h", "--int8")
    assert (code, err) == (0, "")
    assert "its reference to the bit" in out
    found = re.search(r"test accuracy: (\S+) in int8, (\S+) in float", out)
    assert found and abs(float(found[1]) - float(found[2])) < 0.005


def test_code_for_jax_is_checked_too(run, saved, tmp_path):
    code, out, _ = run("export", saved, tmp_path / "m.py", "--to", "jax")
    assert (code, "(jax on 20" in out, (tmp_path / "m.npz").is_file()) == (0, True, True)


def test_without_its_data_a_network_is_checked_on_random_inputs(run, tmp_path):
    architecture = nl.Architecture("gru(2) - dense(1)").resolve((5, 1), "regression", 1)
    weights = [np.ones(shape) for shape in architecture.weight_shapes((5, 1))]
    path = nl.Network(architecture, (5, 1), "regression", weights).save(tmp_path / "n.netlet")
    code, out, _ = run("export", path, tmp_path / "m.onnx", "--states")
    assert (code, "on 256 random inputs" in out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["m.txt"], "has the ending '.txt', but must have one of .keras (a Keras model), .onnx"),
        (["m.onnx", "--to", "jax"], "--to is for .py only, but OUT is"),
        (["m.h", "--states"], "--states is for .onnx only"),
        (["m.py", "--int8"], "--int8 is for .h only"),
        (["m.keras", "--name", "x"], "--name is for .h only"),
        (["no/m.onnx"], "there is no folder"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(run, saved, tmp_path, arguments, message):
    name, *rest = arguments
    code, out, err = run("export", saved, tmp_path / name, *rest)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_a_keras_model_comes_in_and_its_classes_with_it(run, tmp_path):
    model = keras.Sequential([
        keras.Input((6, 6, 1)), keras.layers.Conv2D(2, 3), keras.layers.Flatten(),
        keras.layers.Dense(1, "sigmoid", kernel_initializer="random_normal"),
    ])  # fmt: skip
    model.save(tmp_path / "m.keras")
    code, out, err = run("import", tmp_path / "m.keras", "--classes", "five,six")
    assert (code, err) == (0, "")
    assert "binary, five / six" in out
    assert "RandomNormal is none of netlet's" in out
    network = load_network(tmp_path / "m.netlet")
    assert network.class_names == ("five", "six")
    x = np.ones((2, 6, 6, 1), np.float32)
    np.testing.assert_allclose(network.predict(x), np.array(model(x))[:, 0], rtol=1e-5, atol=1e-6)


def test_classes_and_task_come_through_every_file(run, saved, tmp_path):
    before = load_network(saved)
    for name in ("m.keras", "m.onnx"):
        assert run("export", saved, tmp_path / name)[0] == 0
        assert run("import", tmp_path / name, tmp_path / "again.netlet")[0] == 0
        again = load_network(tmp_path / "again.netlet")
        assert (again.task, again.class_names) == (before.task, before.class_names)
        assert again.integer_scale == before.integer_scale


@pytest.mark.parametrize(
    ("name", "content", "rest", "message"),
    [
        ("m.pt", b"", [], "has the ending '.pt', but must have one of .keras, .h5, .onnx"),
        ("m.keras", b"PK", [], "is no model that Keras has saved, or is damaged"),
        ("m.onnx", b"text", [], "is no ONNX model"),
        ("m.onnx", b"text", ["--input-shape", "big"], "--input-shape is 'big', but must be such as 28x28x1"),
    ],
)
def test_what_cannot_come_in_is_refused_in_one_line(run, tmp_path, name, content, rest, message):
    (tmp_path / name).write_bytes(content)
    code, out, err = run("import", tmp_path / name, *rest)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert not (tmp_path / "m.netlet").exists()


def test_an_import_never_writes_over_what_it_reads(run, tmp_path):
    (tmp_path / "m.keras").write_text(json.dumps({}))
    code, _, _ = run("import", tmp_path / "m.keras", tmp_path / "m.keras")
    assert code == 2
