"""Random networks of every kind, and the exercise's own, trained a little."""

from functools import cache

import numpy as np
import pytest
from hypothesis import strategies as st

import netlet as nl
from netlet.architecture import (
    GRU,
    LSTM,
    RNN,
    Activation,
    Architecture,
    AvgPool,
    AvgPool1D,
    BatchNorm,
    Bidirectional,
    Conv,
    Conv1D,
    Dense,
    DepthwiseConv,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalAvgPool1D,
    GlobalMaxPool,
    GlobalMaxPool1D,
    LayerNorm,
    MaxPool,
    MaxPool1D,
)
from netlet.datasets.scaling import Scaling

ACTIVATIONS = ("linear", "relu", "leaky_relu", "tanh", "sigmoid", "softplus", "elu")
TASKS = {"binary": 1, "categorical": 3, "regression": 2}


@st.composite
def _networks(draw, kinds=("image", "sequence", "steps", "table")):
    """A random network with random weights, and a few inputs for it."""
    kind = draw(st.sampled_from(kinds))
    task = draw(st.sampled_from(sorted(TASKS)))
    per_step = kind == "sequence" and task == "regression" and draw(st.booleans())
    layers = []
    if kind == "image":
        shape = draw(st.tuples(st.integers(4, 10), st.integers(4, 10), st.integers(1, 3)))
        for _ in range(draw(st.integers(0, 3))):
            height, width, _ = Architecture(layers).shapes(shape)[-1] if layers else shape
            layers.append(draw(_on_images(height, width)))
        layers.append(draw(st.sampled_from([Flatten(), Flatten(), GlobalAvgPool(), GlobalMaxPool()])))
    elif kind == "sequence":
        shape = draw(st.tuples(st.integers(2, 7), st.integers(1, 3)))
        cells = draw(st.lists(_recurrent(), min_size=1, max_size=2))
        for number, cell in enumerate(cells):
            sequences = per_step or number < len(cells) - 1
            cell = type(cell)(**(cell.__dict__ | {"return_sequences": sequences}))
            both = draw(st.sampled_from(["", "", "concat", "sum", "mul", "ave"]))
            layers.append(Bidirectional(cell, both) if both else cell)
            layers += draw(st.lists(_dense() | _small(), max_size=1)) if sequences else []
    elif kind == "steps":  # convolutions over them, perhaps with a recurrent layer
        shape = draw(st.tuples(st.integers(4, 10), st.integers(1, 3)))
        for _ in range(draw(st.integers(1, 3))):
            steps = Architecture(layers).shapes(shape)[-1][0] if layers else shape[0]
            layers.append(draw(_on_steps(steps)))
        cells = [type(cell)(**(cell.__dict__ | {"return_sequences": True})) for cell in [draw(_recurrent())]]
        layers += cells if draw(st.booleans()) else []
        layers.append(draw(st.sampled_from([Flatten(), GlobalAvgPool1D(), GlobalMaxPool1D()])))
    else:
        shape = draw(st.tuples(st.integers(1, 8)))
    layers += draw(st.lists(_dense() | _small(), max_size=2))
    layers.append(Dense(TASKS[task], use_bias=draw(st.booleans())))
    architecture = Architecture(layers).resolve(shape, task, TASKS[task], per_step)
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    weights = []
    for layer, sizes in zip(architecture.layers, architecture.layer_weight_shapes(shape), strict=True):
        drawn = [random.normal(size=size, scale=1 / np.sqrt(max(1, np.prod(size[:-1])))) for size in sizes]
        weights += [*drawn[:-1], np.abs(drawn[-1]) + 0.5] if layer.averages else drawn
    x = random.normal(size=(5, *shape)).astype(np.float32)
    scalings = {}
    if draw(st.booleans()):
        scalings["input_scaling"] = _scaling(random, shape[-1])
    if task == "regression" and draw(st.booleans()):
        scalings["target_scaling"] = _scaling(random, TASKS[task])
    return nl.Network(architecture, shape, task, weights, **scalings), x


def _scaling(random, channels):
    offset, scale = random.normal(size=channels), random.uniform(0.5, 2, size=channels)
    return Scaling(tuple(map(float, offset)), tuple(map(float, scale)))


@st.composite
def _on_images(draw, height, width):
    kind = draw(st.sampled_from(["conv", "conv", "depthwise", "max", "avg", "small"]))
    padding = draw(st.sampled_from(["valid", "same"]))
    most = (height, width) if padding == "valid" else (4, 4)
    window = draw(st.tuples(*(st.integers(1, min(4, n)) for n in most)))
    strides = draw(st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)))
    activation, use_bias = draw(st.sampled_from(ACTIVATIONS)), draw(st.booleans())
    if kind == "conv":
        return Conv(draw(st.integers(1, 5)), window, strides or (1, 1), padding, activation, use_bias)
    if kind == "depthwise":
        multiplier = draw(st.integers(1, 2))
        return DepthwiseConv(window, strides or (1, 1), padding, multiplier, activation, use_bias)
    if kind == "small":
        return draw(_small())
    return (MaxPool if kind == "max" else AvgPool)(window, strides, padding)


@st.composite
def _on_steps(draw, steps):
    kind = draw(st.sampled_from(["conv", "conv", "max", "avg", "dense", "small"]))
    padding = draw(st.sampled_from(["valid", "same", "causal"] if kind == "conv" else ["valid", "same"]))
    window = draw(st.integers(1, min(4, steps)))
    strides = draw(st.none() | st.integers(1, 3))
    activation, use_bias = draw(st.sampled_from(ACTIVATIONS)), draw(st.booleans())
    if kind == "conv":
        return Conv1D(draw(st.integers(1, 5)), window, strides or 1, padding, activation, use_bias)
    if kind in ("dense", "small"):
        return draw(_dense() if kind == "dense" else _small())
    return (MaxPool1D if kind == "max" else AvgPool1D)(window, strides, padding)


def _dense():
    return st.builds(Dense, st.integers(1, 6), st.sampled_from(ACTIVATIONS), st.booleans())


def _small():
    norms = st.builds(BatchNorm, center=st.booleans(), scale=st.booleans())
    norms |= st.builds(LayerNorm, center=st.booleans(), scale=st.booleans())
    return st.just(Dropout(0.3)) | st.builds(Activation, st.sampled_from(ACTIVATIONS)) | norms


@st.composite
def _recurrent(draw):
    kind = draw(st.sampled_from([RNN, GRU, LSTM]))
    arguments = {
        "units": draw(st.integers(1, 5)),
        "activation": draw(st.sampled_from(["tanh", "tanh", "relu", "sigmoid", "linear", "elu"])),
        "use_bias": draw(st.booleans()),
    }
    if kind is GRU:
        arguments["reset_after"] = draw(st.booleans())
    return kind(**arguments)


@pytest.fixture(scope="session")
def networks():
    """A strategy for hypothesis: pairs of a random network and inputs for it; `kinds` may be chosen."""
    return _networks


EXERCISE = {
    "first": (
        "mnist56",
        "conv(4, 3x3) - maxpool(2) - conv(4, 3x3) - maxpool(2) - flatten - dense(10) - dense(1)",
    ),
    "cell": (
        "mnist56",
        "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(5) - dense(1)",
    ),
    "trimmed": ("mnist56", "conv(2, 3x3) - maxpool(2) - conv(2, 3x3) - maxpool(2) - flatten - dense(1)"),
    "crt": ("crt", "conv(4, 3x3) - maxpool(3) - conv(4, 3x3) - maxpool(3) - flatten - dense(10) - dense(3)"),
    "r3": ("r3", "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(10) - dense(3)"),
    "rnn": ("pulses", "rnn(5) - dense(1)"),
    "gru": ("pulses", "gru(6) - dense(1)"),
    "lstm": ("pulses", "lstm(6) - dense(1)"),
    "reversed": ("pulses-reversed", "gru(25, activation=relu) - dense(1, activation=linear) - dense(1)"),
}
"""The exercise's networks by name: dataset and architecture."""


@cache
def _trained(name):
    dataset, architecture = EXERCISE[name]
    data = nl.load(dataset)
    training = nl.Training.default(data, architecture, epochs=2)
    return nl.train(architecture, data, training)[0].network, data


@pytest.fixture(params=sorted(EXERCISE))
def trained(request):
    """One of the exercise's networks, trained a little, and its dataset."""
    return _trained(request.param)


@pytest.fixture(scope="session")
def trained_by_name():
    """The same, by a function that is given a name."""
    return _trained
