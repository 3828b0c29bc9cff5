"""Random architectures: shapes, gradients by finite differences, and one answer however it is computed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlet import _engine
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
from netlet.network import INSTRUCTION_SET_VARIABLE, LOSSES, Network, make_engine

SMOOTH = ("linear", "tanh", "sigmoid", "softplus")
EVERY = (*SMOOTH, "relu", "leaky_relu", "elu")
FUSED = ("conv, max",)
SMOOTH_KINDS = ("conv", "depthwise", "avg", "other")
KINDS = (*SMOOTH_KINDS, "max", *FUSED)
# The same examples in every run: in very many, two sums would come so close that rounding decides which of
# them is the maximum, or whether relu lets one pass.
THOROUGHLY = settings(max_examples=150, deadline=None, derandomize=True)
TASKS = {"binary": 1, "categorical": 3, "regression": 2}


@st.composite
def networks(draw, kinds=KINDS, first_kinds=KINDS, activations=EVERY, largest=9):
    """A random network: up to four blocks, flatten or a global pooling, and up to three layers behind."""
    shape = draw(st.tuples(st.integers(4, largest), st.integers(4, largest), st.integers(1, 3)))
    task = draw(st.sampled_from(sorted(TASKS)))
    layers = []
    for number in range(draw(st.integers(1, 4))):
        height, width, _ = Architecture(layers).shapes(shape)[-1] if layers else shape
        layers += draw(_block(height, width, kinds if number else first_kinds, activations))
    ends = [Flatten(), GlobalAvgPool(), *[GlobalMaxPool()] * ("max" in kinds)]
    layers.append(draw(st.sampled_from(ends)))
    layers += draw(st.lists(_dense(activations) | st.builds(Dropout, st.just(0.3)), max_size=2))
    layers.append(Dense(TASKS[task], use_bias=draw(st.booleans())))
    architecture = Architecture(layers).resolve(shape, task, TASKS[task])
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    weights = []
    for layer, sizes in zip(architecture.layers, architecture.layer_weight_shapes(shape), strict=True):
        drawn = [random.normal(size=size, scale=1 / np.sqrt(np.prod(size[:-1]))) for size in sizes]
        weights += [*drawn[:-1], np.abs(drawn[-1]) + 0.5] if layer.averages else drawn
    return Network(architecture, shape, task, weights)


@st.composite
def _block(draw, height, width, kinds, activations):
    """One layer, or a convolution with a pooling behind it."""
    kind = draw(st.sampled_from(kinds))
    padding = draw(st.sampled_from(["valid", "same"]))
    most = (height, width) if padding == "valid" and kind != "conv, max" else (5, 5)
    window = draw(st.tuples(*(st.integers(1, min(5, n)) for n in most)))
    strides = draw(st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)))
    activation = draw(st.sampled_from(activations))
    use_bias, units = draw(st.booleans()), draw(st.integers(1, 9))
    if kind == "conv":
        return [Conv(units, window, strides or (1, 1), padding, activation, use_bias)]
    if kind == "conv, max":
        pool = draw(st.integers(1, min(3, height, width)))
        return [Conv(units, window, (1, 1), "same", activation, use_bias), MaxPool((pool, pool))]
    if kind == "depthwise":
        return [DepthwiseConv(window, strides or (1, 1), padding, (units + 2) // 3, activation, use_bias)]
    if kind == "other":
        return [
            draw(
                st.sampled_from(
                    [
                        Activation(activation),
                        Dropout(0.5),
                        BatchNorm(center=use_bias),
                        LayerNorm(scale=use_bias),
                    ]
                )
            )
        ]
    return [(MaxPool if kind == "max" else AvgPool)(window, strides, padding)]


def _dense(activations):
    return st.builds(Dense, st.integers(1, 7), st.sampled_from(activations), st.booleans())


@st.composite
def sequence_networks(draw, activations):
    """A random network on sequences: convolutions, up to three recurrent layers, targets at steps or one."""
    shape = draw(st.tuples(st.integers(1, 7), st.integers(1, 3)))
    task = draw(st.sampled_from(sorted(TASKS)))
    per_step = task == "regression" and draw(st.booleans())
    layers = []
    for _ in range(draw(st.integers(0, 2))):
        steps = Architecture(layers).shapes(shape)[-1][0] if layers else shape[0]
        layers.append(draw(_on_steps(steps, activations, per_step)))
    for _ in range(draw(st.integers(1, 3))):
        cell, units = draw(st.sampled_from([RNN, GRU, LSTM])), draw(st.integers(1, 7))
        options = {"use_bias": draw(st.booleans())}
        if cell is GRU:
            options["reset_after"] = draw(st.booleans())
        layer = cell(units, draw(st.sampled_from(activations)), **options)
        both = draw(st.sampled_from(["", "", "concat", "sum", "mul", "ave"]))
        layers.append(Bidirectional(layer, both) if both else layer)
    if not per_step and draw(st.booleans()):
        layers[-1] = _with_sequences(layers[-1])
        ends = [Flatten(), GlobalAvgPool1D(), *[GlobalMaxPool1D()] * ("relu" in activations)]
        layers.append(draw(st.sampled_from(ends)))
    layers.append(Dense(TASKS[task]))
    architecture = Architecture(layers).resolve(shape, task, TASKS[task], per_step)
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    # Small enough for what is far back to fade; else tiny differences grow over the steps.
    weights = [
        random.normal(size=size, scale=0.5 / np.sqrt(np.prod(size[:-1])))
        for size in architecture.weight_shapes(shape)
    ]
    return Network(architecture, shape, task, weights)


@st.composite
def _on_steps(draw, steps, activations, keeps_steps):
    """A convolution or pooling over steps; one of smooth activations has no largest of two."""
    window, units = draw(st.integers(1, min(4, steps))), draw(st.integers(1, 7))
    strides = 1 if keeps_steps else draw(st.none() | st.integers(1, 3))
    padding = draw(st.sampled_from(["same", "causal"] if keeps_steps else ["valid", "same", "causal"]))
    activation = draw(st.sampled_from(activations))
    kind = draw(st.sampled_from(["conv", "avg", *["max"] * ("relu" in activations)]))
    if kind == "conv":
        return Conv1D(units, window, strides or 1, padding, activation, use_bias=draw(st.booleans()))
    return (AvgPool1D if kind == "avg" else MaxPool1D)(window, strides, padding.replace("causal", "same"))


def _with_sequences(layer):
    if isinstance(layer, Bidirectional):
        return replace(layer, layer=_with_sequences(layer.layer))
    return replace(layer, return_sequences=True)


def samples_of(network, count, seed=0):
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, (count, *network.input_shape)).astype(np.float32)
    shape = (count, *network.architecture.shapes(network.input_shape)[-1])
    if network.task == "categorical":
        return x, np.eye(3, dtype=np.float32)[random.integers(0, 3, count)]
    return x, random.integers(0, 2, shape).astype(np.float32)


@given(networks() | sequence_networks(("tanh", "relu", "linear")), st.integers(1, 40))
@THOROUGHLY
def test_outputs_have_the_shapes_of_the_architecture(network, count):
    x, y = samples_of(network, count)
    shapes = network.architecture.shapes(network.input_shape)
    assert [output.shape for output in network.outputs(x)] == [(count, *shape) for shape in shapes]
    assert all(np.isfinite(output).all() for output in network.outputs(x))
    engine = make_engine(network.architecture, network.input_shape, network.task)
    assert engine.weight_shapes == [list(w.shape) for w in network.weights]
    assert engine.parameters == network.parameters == network.architecture.parameters(network.input_shape)
    _, d_weights, d_x = network.gradients(x, y)
    assert [d.shape for d in d_weights] == [w.shape for w in network.weights]
    assert d_x.shape == x.shape


@given(networks(SMOOTH_KINDS, SMOOTH_KINDS, SMOOTH, largest=6) | sequence_networks(("tanh", "sigmoid")))
@THOROUGHLY
def test_every_gradient_is_what_finite_differences_give(network):
    x, y = samples_of(network, 5)
    height, d_weights, d_x = network.gradients(x, y)
    rounding = 5e-5 * max(1, height)  # of float32 losses, divided by the step
    at = [*network.weights, x]
    found = [*d_weights, d_x]
    for index, layer in enumerate(network.architecture.layers):  # no gradient changes moving averages
        if layer.averages:
            averages = range(len(at))[network.layer_slice(index)][-layer.averages :]
            for place in averages:
                assert not found[place].any()
                found[place] = found[place][:0]

    def loss(values):
        return network.with_weights(values[:-1]).loss(values[-1], y)

    for index, gradient in enumerate(found):
        scale = float(abs(gradient).max(initial=0))
        places = list(np.ndindex(gradient.shape))[:: max(1, gradient.size // 25)]
        for place in places:
            estimate, doubt = slope(loss, at, index, place)
            accuracy = 1e-3 * scale + rounding + 0.1 * doubt
            assert gradient[place] == pytest.approx(estimate, abs=accuracy), (index, place)


def slope(loss, at, index, place, step=0.02):
    """The derivative by the five-point formula, and what the three-point formula says else.

    The error of the first falls with the fourth power of the step, of the second with the second.
    """

    def shifted(steps):
        moved = list(at)
        moved[index] = at[index].copy()
        moved[index][place] += steps * step
        width = moved[index][place] - at[index][place]  # as float32 could hold it
        return loss(moved), width / steps

    (up, a), (down, b), (up_2, _), (down_2, _) = (shifted(steps) for steps in (1, -1, 2, -2))
    five = float(8 * (up - down) - (up_2 - down_2)) / (6 * float(a + b))
    return five, abs(five - float(up - down) / float(a + b))


@given(networks(first_kinds=FUSED, largest=14), st.sampled_from([1, 3, 16, 17, 20, 50]))
@THOROUGHLY
def test_a_fused_pooling_gives_what_the_two_layers_give(network, count):
    x, y = samples_of(network, count)
    rows, targets = x.reshape(count, -1), y.reshape(count, -1)
    flat = np.concatenate([weight.ravel() for weight in network.weights])
    fused, apart = (
        make_engine(network.architecture, network.input_shape, network.task, fused=fused)
        for fused in (True, False)
    )
    loss = LOSSES[network.task]
    assert_close(_engine.predict(fused, loss, flat, rows), _engine.predict(apart, loss, flat, rows))
    for own, other in zip(
        _engine.gradients(fused, loss, flat, rows, targets),
        _engine.gradients(apart, loss, flat, rows, targets),
        strict=True,
    ):
        assert_close(own, other)


@given(networks(largest=14) | sequence_networks(("tanh", "relu", "linear")), st.integers(1, 70))
@THOROUGHLY
def test_instruction_sets_agree(network, count):
    x, y = samples_of(network, count)
    with pytest.MonkeyPatch.context() as patch:
        found = []
        for instruction_set in _engine.instruction_sets():
            patch.setenv(INSTRUCTION_SET_VARIABLE, instruction_set)
            fresh = network.with_weights(network.weights)
            loss, d_weights, d_x = fresh.gradients(x, y)
            d_flat = np.concatenate([d.ravel() for d in d_weights])
            found.append([*fresh.outputs(x), fresh.predict(x), loss, d_flat, d_x])
    for other in found[1:]:
        for own, expected in zip(other, found[0], strict=True):
            assert_close(own, expected)


@given(networks() | sequence_networks(("tanh", "relu", "linear")), st.integers(1, 70))
@THOROUGHLY
def test_a_sample_s_prediction_does_not_depend_on_the_others(network, count):
    x, _ = samples_of(network, 70)
    assert_close(network.predict(x[:count]), network.predict(x)[:count])
    assert_close(network.predict(x[count - 1 : count]), network.predict(x)[count - 1 : count])


@given(networks(), st.integers(0, 4))
@THOROUGHLY
def test_the_tail_of_a_network_goes_on_from_a_layer_s_output(network, layer):
    layer = min(layer, len(network.architecture) - 2)
    x, _ = samples_of(network, 20)
    outputs = network.outputs(x)
    tail = network.tail(layer)
    assert_close(tail.predict(outputs[layer]), network.predict(x))
    for own, expected in zip(tail.outputs(outputs[layer]), outputs[layer + 1 :], strict=True):
        assert_close(own, expected)


def assert_close(own, expected):
    """Equal to float32 accuracy of the largest number, and of the probabilities that gradients begin with."""
    own, expected = np.asarray(own), np.asarray(expected)
    np.testing.assert_allclose(own, expected, rtol=0, atol=1e-5 * max(1e-2, abs(expected).max(initial=0)))
