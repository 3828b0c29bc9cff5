"""What the engine refuses: layers that do not fit, and arrays of other sizes than it would read."""

import numpy as np
import pytest

from netlet import _engine

DENSE = {"kind": "dense", "units": 1}
CONV = {"kind": "conv", "units": 2, "window": (3, 3)}


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([{"kind": "convolution"}], "unknown kind of layer 'convolution'"),
        ([CONV | {"units": 0}], "conv needs at least one output channel"),
        ([{"kind": "dense"}], "dense needs at least one output channel"),
        ([{"kind": "depthwise_conv", "units": -1}], "depthwise_conv needs at least one output channel"),
        ([CONV | {"window": (6, 3)}], "larger than what it slides over"),
        ([CONV | {"strides": (1, 0)}], "must be at least 1"),
        ([{"kind": "max_pool", "window": (0, 2)}], "must be at least 1"),
        ([CONV, CONV, CONV], "larger than what it slides over"),
        ([{"kind": "dropout", "rate": 1.0}], "rate must be in"),
        ([{"kind": "dropout", "rate": 1 - 1e-8}], "rate must be in"),
        ([{"kind": "dropout", "rate": float("nan")}], "rate must be in"),
        ([{"kind": "flatten"}], "layer"),
        ([], "layer"),
    ],
)
def test_layers_that_do_not_fit_are_refused(layers, message):
    with pytest.raises(ValueError, match=message):
        _engine.Network((5, 5, 1), layers)


def test_an_input_without_size_and_an_unknown_instruction_set_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        _engine.Network((5, 0, 1), [DENSE])
    with pytest.raises(ValueError, match="'sse9' is not available here: choose one of"):
        _engine.Network((5, 5, 1), [DENSE], "sse9")


@pytest.fixture
def network():
    return _engine.Network((1, 1, 3), [DENSE])


def zeros(*shape):
    return np.zeros(shape, np.float32)


SETTINGS, LOSS = _engine.TrainingSettings(), _engine.Loss.mse
GOOD = zeros(4, 3), zeros(4, 1)


def train(network, weights, x, y, x_val, y_val):
    _engine.train(network, SETTINGS, x, y, x_val, y_val, [0], 1, print, weights=weights[np.newaxis])


CALLS = {
    "predict": lambda network, w, x, y: _engine.predict(network, LOSS, w, x),
    "outputs": lambda network, w, x, y: _engine.outputs(network, w, x),
    "evaluate": lambda network, w, x, y: _engine.evaluate(network, LOSS, w, x, y),
    "gradients": lambda network, w, x, y: _engine.gradients(network, LOSS, w, x, y),
    "step": lambda network, w, x, y: _engine.Session(network, SETTINGS, 0, w).step(x, y, 0.1),
    "training": lambda network, w, x, y: train(network, w, x, y, *GOOD),
    "validation": lambda network, w, x, y: train(network, w, *GOOD, x, y),
}


@pytest.mark.parametrize("call", CALLS)
def test_arrays_of_other_sizes_are_refused(call, network):
    compute = CALLS[call]
    compute(network, zeros(4), zeros(5, 3), zeros(5, 1))
    with pytest.raises(
        ValueError, match=r"there are 3 weights, but the network has 4|weights has rows of 3 numbers"
    ):
        compute(network, zeros(3), zeros(5, 3), zeros(5, 1))
    with pytest.raises(ValueError, match="x has rows of 4 numbers, but the network's have 3"):
        compute(network, zeros(4), zeros(5, 4), zeros(5, 1))
    if call in ("predict", "outputs"):
        return
    with pytest.raises(ValueError, match="y has rows of 2 numbers, but the network's have 1"):
        compute(network, zeros(4), zeros(5, 3), zeros(5, 2))
    with pytest.raises(ValueError, match="different numbers of rows"):
        compute(network, zeros(4), zeros(5, 3), zeros(4, 1))


def test_training_on_nothing_is_refused(network):
    with pytest.raises(ValueError, match="no training samples"):
        CALLS["training"](network, zeros(4), zeros(0, 3), zeros(0, 1))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"weights": zeros(2, 4)}, "a row for every seed"),
        ({"sample_weights": zeros(3)}, "a number for each training sample"),
        ({"frozen": [True]}, "each of the network's weights"),
    ],
)
def test_what_training_is_given_besides_must_fit(network, given, words):
    with pytest.raises(ValueError, match=words):
        _engine.train(network, SETTINGS, *GOOD, *GOOD, [0], 1, print, **given)


def test_a_key_that_no_layer_has_is_refused_by_name():
    with pytest.raises(ValueError, match="a layer has no unit: it has kind, units"):
        _engine.Network((1, 1, 3), [DENSE | {"unit": 3}])
