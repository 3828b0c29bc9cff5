"""Layer normalisation is Keras's: answers, gradients, and 50 steps of training."""

from __future__ import annotations

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
    "behind a convolution": ("conv(3, 2x2) - layernorm - activation(tanh) - maxpool(2) - flatten", (7, 6, 2)),
    "of vectors": ("dense(5, linear) - layernorm(epsilon=0.1) - activation(relu)", (6,)),
    "without gamma or beta": (
        "layernorm(scale=false) - conv(2, 3x3, activation=tanh) - flatten - layernorm(center=false)"
        " - dense(4, tanh) - layernorm(scale=false, center=false)", (6, 5, 3),
    ),
    "of sequences": ("gru(4, return_sequences=true) - layernorm - lstm(3) - layernorm", (6, 2)),
}  # fmt: skip


def made(name):
    text, shape = CASES[name]
    architecture = Architecture(f"{text} - dense(1)").resolve(shape, "binary", 1)
    random = np.random.default_rng(3)
    weights = [
        random.normal(size=each, scale=0.9 / np.sqrt(np.prod(each[:-1]))).astype(np.float32)
        for each in architecture.weight_shapes(shape)
    ]
    x = random.normal(0.4, 1.5, size=(33, *shape)).astype(np.float32)
    return architecture, shape, weights, x, random.integers(0, 2, 33).astype(np.float32)


@pytest.mark.parametrize("name", CASES)
def test_answers_and_gradients_are_keras_s(name, keras_reference):
    architecture, shape, weights, x, y = made(name)
    network = Network(architecture, shape, "binary", weights)
    expected = keras_reference(architecture, shape, "binary", len(x))(weights, x, y)
    for own, keras_s in zip(network.outputs(x), expected.outputs, strict=True):
        np.testing.assert_allclose(own, keras_s, rtol=0, atol=1e-5 * float(abs(keras_s).max()))
    loss, d_weights, d_x = network.gradients(x, y)
    assert loss == pytest.approx(expected.loss, rel=4e-6)
    scale = max(float(abs(d).max()) for d in expected.d_weights)
    for own, keras_s in zip(d_weights, expected.d_weights, strict=True):
        np.testing.assert_allclose(own, keras_s, rtol=0, atol=1e-5 * scale)
    np.testing.assert_allclose(d_x, expected.d_x, rtol=0, atol=2e-5 * float(abs(expected.d_x).max()))


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
                accuracy = 5e-5 * max(1.0, float(abs(keras_s).max()))
                np.testing.assert_allclose(
                    own, keras_s.ravel(), rtol=0, atol=accuracy, err_msg=f"step {step}"
                )
