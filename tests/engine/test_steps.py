"""Convolution and pooling over steps are Keras's: answers, gradients, a mask, and 50 steps of training."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
import pytest

from netlet import _engine
from netlet.architecture import Architecture
from netlet.network import INSTRUCTION_SET_VARIABLE, Network, make_engine
from netlet.training import Training
from netlet.training.for_engine import for_engine

STEPS = 50
BATCHES = (20, 33, 1)

CASES = {
    "convolutions and max pooling": ("conv1d(5, 3) - maxpool1d(2) - conv1d(4, 2, tanh) - flatten", (13, 2)),
    "same": ("conv1d(3, 4, 2, same, activation=tanh) - avgpool1d(3, 2, same) - globalmaxpool1d", (12, 3)),
    "causal": ("conv1d(4, 5, padding=causal) - conv1d(4, 3, 2, causal, tanh) - globalavgpool1d", (9, 1)),
    "before recurrent layers": ("conv1d(4, 3, tanh) - maxpool1d(2, 1) - gru(3) - batchnorm", (8, 2)),
    "behind recurrent": ("lstm(3, return_sequences=true) - conv1d(2, 2, use_bias=false) - flatten", (6, 2)),
    "a kernel of one step": ("conv1d(9, 1) - avgpool1d(2) - dense(3, tanh) - globalmaxpool1d", (7, 5)),
}  # fmt: skip


def made(name):
    text, shape = CASES[name]
    text = text.replace(", tanh)", ", activation=tanh)")
    architecture = Architecture(f"{text} - dense(1)").resolve(shape, "binary", 1)
    random = np.random.default_rng(5)
    weights = []
    for layer, shapes in zip(architecture.layers, architecture.layer_weight_shapes(shape), strict=True):
        drawn = [random.normal(size=s, scale=0.9 / np.sqrt(np.prod(s[:-1]))).astype("f4") for s in shapes]
        weights += [*drawn[:-1], np.abs(drawn[-1]) + 0.5] if layer.averages else drawn
    x = random.normal(0.2, 1.0, size=(33, *shape)).astype(np.float32)
    return architecture, shape, weights, x, random.integers(0, 2, 33).astype(np.float32)


@pytest.mark.parametrize("name", CASES)
def test_answers_and_gradients_are_keras_s(name, keras_reference):
    architecture, shape, weights, x, y = made(name)
    network = Network(architecture, shape, "binary", weights)
    expected = keras_reference(architecture, shape, "binary", len(x))(weights, x, y)
    for own, keras_s in zip(network.outputs(x), expected.outputs, strict=True):
        np.testing.assert_allclose(own, keras_s, rtol=0, atol=4e-6 * float(abs(keras_s).max()))
    loss, d_weights, d_x = network.gradients(x, y)
    assert loss == pytest.approx(expected.loss, rel=4e-6)
    scale = max(float(abs(d).max()) for d in expected.d_weights)
    for own, keras_s in zip(d_weights, expected.d_weights, strict=True):
        np.testing.assert_allclose(own, keras_s, rtol=0, atol=1e-5 * scale)
    np.testing.assert_allclose(d_x, expected.d_x, rtol=0, atol=1e-5 * float(abs(expected.d_x).max()))


@pytest.mark.parametrize("name", CASES)
def test_50_steps_of_training_are_keras_s(name, keras_steps, monkeypatch):
    architecture, shape, start, x, y = made(name)
    expected = list(keras_steps(architecture, shape, start, x, y, STEPS, BATCHES))
    for instruction_set in _engine.instruction_sets():
        monkeypatch.setenv(INSTRUCTION_SET_VARIABLE, instruction_set)
        training = Training(optimizer="sgd", learning_rate=0.03, momentum=0.8)
        engine = make_engine(architecture, shape, "binary")
        flat = np.concatenate([weight.ravel() for weight in start])
        session = _engine.Session(engine, for_engine(training, "binary"), 0, flat)
        ends = np.cumsum([weight.size for weight in start])[:-1]
        for step in range(STEPS):
            count = BATCHES[step % len(BATCHES)]
            session.step(x[:count].reshape(count, -1), y[:count, None], 0.03)
            for own, keras_s in zip(np.split(session.weights, ends), expected[step], strict=True):
                accuracy = 2e-5 * max(1.0, float(abs(keras_s).max()))
                np.testing.assert_allclose(
                    own, keras_s.ravel(), rtol=0, atol=accuracy, err_msg=f"step {step}"
                )


def masked_in_keras(text, shape, weights, x, mask):
    """What Keras makes of sequences of which the mask takes steps out."""
    built: dict[str, Any] = {}
    exec(Architecture(text).keras_code(shape), built)
    model = built["model"]
    model.set_weights(weights)
    given: Any = keras.ops.convert_to_tensor(x)
    given._keras_mask = keras.ops.convert_to_tensor(mask)
    for layer in model.layers:
        with warnings.catch_warnings():  # that the mask ends here
            warnings.simplefilter("ignore", UserWarning)
            given = layer(given)
    return np.asarray(given)


@pytest.mark.parametrize(
    "text",
    [
        "globalavgpool1d - dense(2)",
        "gru(3, return_sequences=true) - dense(2, tanh) - globalavgpool1d - dense(2)",
        "globalmaxpool1d - dense(2)",
        "gru(3, return_sequences=true) - conv1d(2, 2) - lstm(2) - dense(2)",
        "conv1d(2, 2) - globalavgpool1d - dense(2)",
        "maxpool1d(2) - gru(2) - dense(2)",
    ],
)
def test_a_mask_means_what_it_means_in_keras(text):
    random = np.random.default_rng(2)
    architecture = Architecture(text).resolve((6, 3), "regression", 2)
    weights = [random.normal(size=s).astype(np.float32) for s in architecture.weight_shapes((6, 3))]
    x = random.normal(size=(21, 6, 3)).astype(np.float32)
    mask = np.arange(6) < random.integers(1, 7, 21)[:, None]
    expected = masked_in_keras(str(architecture), (6, 3), weights, x, mask)
    own = Network(architecture, (6, 3), "regression", weights).predict(x, mask)
    np.testing.assert_allclose(own, expected, rtol=0, atol=3e-6 * float(abs(expected).max()))


def test_a_mean_over_the_steps_that_count_has_the_gradient_of_finite_differences():
    random = np.random.default_rng(1)
    architecture = Architecture("dense(2, tanh) - globalavgpool1d - dense(1)").resolve(
        (5, 2), "regression", 1
    )
    weights = [random.normal(size=s).astype(np.float32) for s in architecture.weight_shapes((5, 2))]
    network = Network(architecture, (5, 2), "regression", weights)
    x, y = random.normal(size=(3, 5, 2)).astype(np.float32), np.ones((3, 1), np.float32)
    mask = np.arange(5) < np.array([[1], [4], [5]])
    d_x = network.gradients(x, y, mask)[2]
    assert not d_x[~mask].any()
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += 0.01
        down[place] -= 0.01
        slope = (network.loss(up, y, mask) - network.loss(down, y, mask)) / 0.02
        assert d_x[place] == pytest.approx(slope, abs=2e-4)
