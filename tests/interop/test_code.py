"""Networks as readable code: what is written runs by itself, and answers as the network does."""

import ast
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import netlet as nl
from netlet.datasets.scaling import Scaling
from netlet.errors import ArchitectureError, FileError
from netlet.interop.code import write_code

EXAMPLES = int(os.environ.get("NETLET_INTEROP_EXAMPLES", "40"))


def written(network, path, library):
    """What the source defines."""
    write_code(network, path, library)
    names: dict[str, Any] = {"__file__": str(path)}
    exec(compile(path.read_text(), str(path), "exec"), names)
    return names


def check(network, found, x):
    found = np.array(found)
    np.testing.assert_allclose(network.predict(x).reshape(found.shape), found, rtol=1e-5, atol=1e-5)


@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_random_networks_answer_alike_as_numpy_code(data, networks, tmp_path_factory):
    network, x = data.draw(networks())
    check(network, written(network, tmp_path_factory.mktemp("c") / "m.py", "numpy")["predict"](x), x)


def test_the_exercise_s_networks_answer_alike_on_whole_validation_sets(trained, tmp_path):
    network, data = trained
    check(
        network, written(network, tmp_path / "m.py", "numpy")["predict"](data.validation.x), data.validation.x
    )


def network_of(text, shape, outputs=2, **more):
    architecture = nl.Architecture(text).resolve(shape, "regression", outputs)
    random = np.random.default_rng(0)
    weights = [random.normal(size=each, scale=0.5) for each in architecture.weight_shapes(shape)]
    return nl.Network(architecture, shape, "regression", weights, **more)


IMAGE = (
    "conv(3, 2x3, padding=same, strides=2) - maxpool(2, padding=same) - depthwiseconv(2x2, activation=elu) - "
    "avgpool(2, strides=1, padding=same) - dropout(0.2) - flatten - dense(3, softplus) - dense(2)"
)
SEQUENCE = "lstm(3, return_sequences=true) - gru(3, return_sequences=true) - rnn(2) - dense(2)"


@pytest.mark.parametrize("library", ["jax", "keras", "torch"])
@pytest.mark.parametrize(("text", "shape"), [(IMAGE, (9, 8, 2)), (SEQUENCE, (5, 2))])
def test_code_for_other_libraries_answers_alike(library, text, shape, tmp_path):
    scaling = Scaling((0.1, -0.2), (2.0, 0.5))
    network = network_of(text, shape, input_scaling=scaling, target_scaling=scaling)
    x = np.random.default_rng(1).normal(size=(4, *shape)).astype(np.float32)
    if library == "torch":
        torch = pytest.importorskip("torch")
        with torch.no_grad():
            check(network, written(network, tmp_path / "m.py", library)["model"](torch.tensor(x)).numpy(), x)
    elif library == "keras":
        check(network, written(network, tmp_path / "m.py", library)["model"](x), x)
    else:
        check(network, written(network, tmp_path / "m.py", library)["predict"](x), x)


def test_the_numpy_version_runs_on_numpy_alone(tmp_path, trained_by_name):
    network, data = trained_by_name("trimmed")
    write_code(network, tmp_path / "m.py", "numpy")
    np.save(tmp_path / "x.npy", data.validation.x[:20])
    code = (
        "import sys, numpy; from m import predict; numpy.save('y.npy', predict(numpy.load('x.npy')));"
        "print([name for name in ('netlet', 'jax', 'keras', 'torch', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    check(network, np.load(tmp_path / "y.npy"), data.validation.x[:20])


def test_only_the_functions_that_are_needed_are_written(tmp_path):
    text = write_code(network_of("flatten - dense(2)", (3, 3, 1)), tmp_path / "m.py", "numpy")[0].read_text()
    assert text.count("def ") == 1


def test_what_pytorch_has_not_is_refused(tmp_path):
    with pytest.raises(ArchitectureError, match="PyTorch's"):
        write_code(network_of("rnn(2, activation=elu) - dense(2)", (5, 2)), tmp_path / "m.py", "torch")
    assert not list(tmp_path.iterdir())
    with pytest.raises(FileError, match="code is written for numpy, jax, keras, torch, not for 'caffe'"):
        write_code(network_of("rnn(2) - dense(2)", (5, 2)), tmp_path / "m.py", "caffe")


@given(data=st.data())
@settings(max_examples=5, deadline=None, derandomize=True)
def test_names_of_classes_do_no_harm(data, tmp_path_factory):
    name = data.draw(st.text(max_size=8))
    assume(name != "b")
    architecture = nl.Architecture("dense(1)").resolve((2,), "binary", 1)
    network = nl.Network(architecture, (2,), "binary", [np.ones((2, 1)), np.ones(1)], class_names=["b", name])
    found = written(network, tmp_path_factory.mktemp("c") / "m.py", "numpy")
    assert found["predict"]([[1, 2]]).shape == (1, 1)


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "b\udcffte", "größe"])
@pytest.mark.parametrize("library", ["numpy", "keras", "torch"])
def test_a_file_may_have_any_name(tmp_path, library, name):
    path, weights = write_code(network_of("flatten - dense(2)", (2, 2, 1)), tmp_path / f"{name}.py", library)
    source = path.read_text()
    place = ast.parse(source)
    known = [each.value for each in ast.walk(place) if isinstance(each, ast.Constant)]
    assert weights.name in known
    assert weights.exists()
