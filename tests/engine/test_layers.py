"""The contract of every layer: outputs, loss and all gradients are Keras's, to float32 accuracy.

Every case is a small network around the layers it is named after. It is held against Keras in float64, from
the same weights and samples, for every instruction set and for batches that fill groups of every width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from netlet import _engine
from netlet.architecture import ACTIVATIONS, Activation, Architecture
from netlet.network import INSTRUCTION_SET_VARIABLE, Network

# One sample; less than, just and more than one group of 16, 8 and 4; several groups and a rest.
BATCHES = (1, 3, 16, 17, 20, 50, 64)
SAMPLES = max(BATCHES)

# Of the largest number of an array. Rounding of float32 is 6e-8; sums whose terms cancel come to many of it.
ACCURACY = 4e-6
# Every gradient is a mean of what the outputs are away from their targets: numbers near 1, rounded by this.
ROUNDING = 1.2e-7


@dataclass(frozen=True)
class Case:
    """A network and how its samples look: any numbers, or only 0 and 1 with much black, as in drawings."""

    text: str
    shape: tuple[int, ...] = (9, 8, 2)
    end: str = "flatten - dense(1)"
    task: str = "binary"
    outputs: int = 1
    drawings: bool = False


CASES = {
    # convolution
    "conv 1x1 of one channel": Case("conv(1, 1x1)", (5, 4, 1)),
    "conv 3x3 of one channel": Case("conv(5, 3x3, activation=tanh)", (9, 8, 1)),
    "conv 5x5 same": Case("conv(2, 5x5, padding=same, activation=tanh)", (9, 8, 1)),
    "conv 1x4, strides down": Case("conv(2, 1x4, strides=2x1, activation=elu)"),
    "conv 5x2 same, strides across": Case(
        "conv(4, 5x2, strides=1x3, padding=same, activation=tanh)", (9, 8, 3)
    ),
    "conv 2x3 same, strides, no bias": Case(
        "conv(7, 2x3, strides=2, padding=same, use_bias=false)", end="flatten - dense(1, use_bias=false)"
    ),
    "conv with strides beyond its kernel": Case(
        "conv(3, 2x2, strides=3x3) - conv(2, 1x1, strides=2, padding=same)"
    ),
    "conv as large as its image": Case("conv(3, 9x8)"),
    "conv same, larger than its image": Case(
        "conv(3, 5x5, padding=same) - conv(2, 4x3, padding=same, strides=2)", (2, 3, 5)
    ),
    "conv of many channels": Case(
        "conv(13, 3x2, activation=tanh) - conv(9, 3x1, padding=same) - conv(6, 1x3)"
    ),
    "conv in columns and rows": Case(
        "conv(3, 4x1, activation=tanh) - conv(4, 1x5, activation=tanh) - conv(2, 2x1, strides=2)"
    ),
    "conv on large images": Case(
        "conv(4, 3x3) - maxpool(3) - conv(6, 3x3, padding=same) - maxpool(2)", (37, 48, 1)
    ),
    "conv on large images of many channels": Case("conv(5, 3x3, activation=tanh) - avgpool(4)", (24, 25, 8)),
    # depthwise convolution
    "depthwise": Case("depthwiseconv(3x3, activation=tanh)"),
    "depthwise times 2, strides": Case("depthwiseconv(2x3, strides=2x1, depth_multiplier=2)", (9, 8, 3)),
    "depthwise times 3 same, strides": Case(
        "depthwiseconv(4x5, strides=2x3, padding=same, depth_multiplier=3, activation=elu)"
    ),
    "depthwise same, no bias, of one channel": Case(
        "depthwiseconv(5x1, padding=same, use_bias=false) - conv(2, 1x1)", (9, 8, 1)
    ),
    "depthwise behind others": Case(
        "conv(3, 2x2, activation=tanh) - depthwiseconv(1x1, activation=tanh)"
        " - depthwiseconv(2x2, padding=same) - depthwiseconv(2x2, strides=3)"
    ),
    "depthwise same, larger than its image": Case(
        "depthwiseconv(5x4, padding=same, depth_multiplier=2, activation=tanh)", (3, 2, 5)
    ),
    # pooling
    "maxpool first": Case("maxpool(2)"),
    "maxpool of drawings, where many are equal": Case("maxpool(3x2)", drawings=True),
    "maxpool same of drawings, overlapping": Case(
        "maxpool(3, strides=2, padding=same) - maxpool(2, strides=1)", drawings=True
    ),
    "maxpool with gaps": Case("maxpool(2x1, strides=3x2) - maxpool(1, strides=2)"),
    "maxpool same with gaps": Case("maxpool(1x2, strides=2x3, padding=same)"),
    "maxpool same of negative numbers": Case(
        "activation(softplus) - depthwiseconv(1x1, activation=linear) - maxpool(4x3, padding=same)"
    ),
    "avgpool with remainders": Case("avgpool(2x3)"),
    "avgpool same, overlapping": Case("avgpool(3x4, strides=2x1, padding=same) - avgpool(2, strides=1)"),
    "avgpool with gaps": Case("conv(3, 2x2) - avgpool(2, strides=3)"),
    "conv and maxpool 2": Case("conv(5, 2x2, activation=tanh) - maxpool(2)"),
    "conv and maxpool 2 with remainders": Case(
        "conv(3, 2x2) - maxpool(2) - conv(2, 2x2, activation=elu) - maxpool(2)", (12, 13, 1)
    ),
    "conv and maxpool 3 with remainders": Case("conv(4, 3x3) - maxpool(3)", (13, 10, 1), drawings=True),
    "conv same and maxpool 3": Case(
        "conv(7, 3x2, padding=same) - maxpool(3) - conv(2, 3x3, padding=same) - maxpool(2)", (11, 14, 2)
    ),
    "conv with strides and maxpool": Case(
        "conv(3, 3x2, strides=2x1, activation=leaky_relu) - maxpool(2)"
        " - conv(5, 2x2, strides=1x2, padding=same, use_bias=false) - maxpool(2)",
        (15, 11, 1),
    ),
    "conv and maxpools that are not fused": Case(
        "conv(3, 2x2) - maxpool(2x1) - conv(3, 2x2) - maxpool(2, strides=1)"
        " - conv(2, 2x2) - maxpool(2, padding=same) - maxpool(1)",
        (12, 8, 1),
    ),
    "conv and two maxpools": Case("conv(3, 2x2) - maxpool(2) - maxpool(2)", (11, 11, 1)),
    "globalmaxpool": Case("conv(3, 2x3, activation=tanh) - globalmaxpool", end="dense(1)"),
    "globalmaxpool of drawings": Case("globalmaxpool", end="dense(1)", drawings=True),
    "globalavgpool": Case("conv(3, 2x3, activation=tanh) - globalavgpool", end="dense(1)"),
    # the rest
    "dense of many sizes": Case("flatten - dense(37, activation=tanh) - dense(6, use_bias=false)"),
    "dense on vectors": Case("dense(5, activation=tanh)", (11,)),
    "dense on every step": Case("dense(3, activation=tanh) - dense(2)", (5, 2)),
    "flatten twice": Case("flatten - dense(4, activation=linear) - activation(tanh)"),
    "activation first and last": Case("activation(tanh) - conv(1, 9x8)", end="globalmaxpool"),
    "dropout does nothing here": Case(
        "dropout(0.5) - conv(2, 3x3) - dropout(0.9)", end="flatten - dense(1) - dropout(0.1)"
    ),
    "three classes": Case(
        "conv(3, 3x3) - maxpool(2)", end="flatten - dense(3)", task="categorical", outputs=3
    ),
    "four classes from feature maps": Case(
        "conv(4, 3x3)", end="globalavgpool", task="categorical", outputs=4
    ),
    "regression": Case("conv(3, 3x3)", end="flatten - dense(2)", task="regression", outputs=2),
    "regression through softplus": Case(
        "flatten", end="dense(3, activation=softplus)", task="regression", outputs=3
    ),
}
# Much of a drawing is black and biases begin at zero, so sums of exactly zero are common: every activation's
# slope there has to be Keras's as well.
CASES |= {
    f"{activation} everywhere{name}": Case(
        f"conv(3, 2x2, activation={activation}) - depthwiseconv(2x2, activation={activation}) - maxpool(2)"
        f" - activation({activation}) - flatten - dense(4, activation={activation})",
        drawings=drawings,
    )
    for activation in ACTIVATIONS
    if activation != "softmax"
    for name, drawings in {"": False, " on drawings": True}.items()
}


@pytest.mark.parametrize("name", CASES)
def test_layers_are_keras_s(name, keras_reference, monkeypatch):
    case = CASES[name]
    architecture = Architecture(f"{case.text} - {case.end}").resolve(case.shape, case.task, case.outputs)
    weights, x, y = drawn(case, architecture.weight_shapes(case.shape))
    reference = keras_reference(architecture, case.shape, case.task, SAMPLES)
    truth = {batch: reference(weights, x, y, batch) for batch in BATCHES}
    for instruction_set in _engine.instruction_sets():
        monkeypatch.setenv(INSTRUCTION_SET_VARIABLE, instruction_set)
        network = Network(architecture, case.shape, case.task, weights)
        for batch, expected in truth.items():
            assert_same(f"{instruction_set}, {batch} samples", network, x[:batch], y[:batch], expected)


def assert_same(where, network, x, y, expected):
    assert_close(f"{where}: loss", network.loss(x, y), expected.loss)
    prediction = network.predict(x).reshape(expected.outputs[-1].shape)
    assert_close(f"{where}: prediction", prediction, expected.outputs[-1])
    for number, (own, keras_s) in enumerate(zip(network.outputs(x), expected.outputs, strict=True)):
        assert_close(f"{where}: output of layer {number}", own, keras_s)
    loss, d_weights, d_x = network.gradients(x, y)
    assert_close(f"{where}: loss with gradients", loss, expected.loss)
    steepest = max(float(abs(d).max()) for d in expected.d_weights)
    least_scale = max(steepest / 10, ROUNDING / ACCURACY)
    for number, (own, keras_s) in enumerate(zip(d_weights, expected.d_weights, strict=True)):
        assert_close(f"{where}: gradient of weights {number}", own, keras_s, least_scale)
    assert_close(f"{where}: gradient of the input", d_x, expected.d_x)


def assert_close(what, own, keras_s, least_scale=1e-6):
    """Equal in shape, and in value to float32 accuracy of the largest number."""
    own, keras_s = np.asarray(own), np.asarray(keras_s)
    assert own.shape == keras_s.shape, what
    scale = max(float(abs(keras_s).max()), least_scale)
    np.testing.assert_allclose(own / scale, keras_s / scale, rtol=0, atol=ACCURACY, err_msg=what)


def drawn(case, shapes):
    """Weights, inputs and targets."""
    random = np.random.default_rng(5)
    weights = [random.normal(size=shape, scale=1.5 / np.sqrt(np.prod(shape[:-1]))) for shape in shapes]
    x = random.uniform(-1, 1, (SAMPLES, *case.shape))
    if case.drawings:
        x = np.where(x > 0.4, 1.0, 0.0)
        weights = [weight * (weight.ndim > 1) for weight in weights]
    if case.task == "binary":
        y = random.integers(0, 2, SAMPLES)
    elif case.task == "categorical":
        y = np.eye(case.outputs)[random.integers(0, case.outputs, SAMPLES)]
    else:
        y = random.normal(size=(SAMPLES, case.outputs))
    return [weight.astype(np.float32) for weight in weights], x.astype(np.float32), y.astype(np.float32)


EXACT = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x < 0, 0.2 * x, x),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.logaddexp(x, 0),
    "elu": lambda x: np.where(x < 0, np.expm1(x), x),
}


@pytest.mark.parametrize("activation", EXACT)
def test_activations_are_exact_over_the_whole_range_of_float32(activation, monkeypatch):
    """Every hundredth up to 120 (the largest exponent is 88.7), and numbers of every size."""
    sizes = np.geomspace(1e-38, 3e38, 2000)
    x = np.concatenate([np.arange(-120, 120, 0.01), sizes, -sizes, [np.inf, -np.inf, np.nan]])
    x = x.astype(np.float32)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        expected = EXACT[activation](x.astype(np.float64))
    architecture = Architecture([Activation(activation)])
    for instruction_set in _engine.instruction_sets():
        monkeypatch.setenv(INSTRUCTION_SET_VARIABLE, instruction_set)
        found = Network(architecture, (1,), "regression", []).predict(x[:, None])[:, 0]
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-37, err_msg=instruction_set)
