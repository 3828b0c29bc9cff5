"""Bidirectional layers are Keras's: answers, gradients, what a mask means, and 50 steps of training."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import netlet as nl
from netlet import _engine
from netlet.architecture import Architecture
from netlet.errors import ArchitectureError, TrainingError
from netlet.network import INSTRUCTION_SET_VARIABLE, Network, make_engine
from netlet.training import Training
from netlet.training.for_engine import for_engine

STEPS = 50
BATCHES = (20, 33, 1)
CASES = {
    "concat": "bidirectional(gru(3)) - dense(2, tanh)",
    "two": "bidirectional(lstm(3)) - bidirectional(rnn(4, return_sequences=false), sum)",
    "mul": "bidirectional(gru(3, reset_after=false, return_sequences=true), mul) - gru(2)",
    "ave": "dense(3, tanh) - bidirectional(lstm(2, use_bias=false, return_sequences=false), ave)",
    "one unit": "bidirectional(rnn(1, return_sequences=true)) - conv1d(2, 3, activation=tanh) - flatten",
}
SHAPE = (6, 2)


def made(name):
    architecture = Architecture(f"{CASES[name]} - dense(1)").resolve(SHAPE, "binary", 1)
    random = np.random.default_rng(6)
    weights = [
        random.normal(size=each, scale=0.9 / np.sqrt(np.prod(each[:-1]))).astype(np.float32)
        for each in architecture.weight_shapes(SHAPE)
    ]
    x = random.normal(0.1, 1.0, size=(33, *SHAPE)).astype(np.float32)
    return architecture, weights, x, random.integers(0, 2, 33).astype(np.float32)


@pytest.mark.parametrize("name", CASES)
def test_answers_and_gradients_are_keras_s(name, keras_reference):
    architecture, weights, x, y = made(name)
    network = Network(architecture, SHAPE, "binary", weights)
    expected = keras_reference(architecture, SHAPE, "binary", len(x))(weights, x, y)
    for own, keras_s in zip(network.outputs(x), expected.outputs, strict=True):
        np.testing.assert_allclose(own, keras_s, rtol=0, atol=4e-6 * float(abs(keras_s).max()))
    loss, d_weights, d_x = network.gradients(x, y)
    assert loss == pytest.approx(expected.loss, rel=4e-6)
    scale = max(float(abs(d).max()) for d in expected.d_weights)
    for own, keras_s in zip(d_weights, expected.d_weights, strict=True):
        np.testing.assert_allclose(own, keras_s, rtol=0, atol=1e-5 * scale)
    np.testing.assert_allclose(d_x, expected.d_x, rtol=0, atol=1e-5 * float(abs(expected.d_x).max()))


@pytest.mark.parametrize("name", ["two", "mul"])
def test_50_steps_of_training_are_keras_s(name, keras_steps, monkeypatch):
    architecture, start, x, y = made(name)
    expected = list(keras_steps(architecture, SHAPE, start, x, y, STEPS, BATCHES))
    for instruction_set in _engine.instruction_sets():
        monkeypatch.setenv(INSTRUCTION_SET_VARIABLE, instruction_set)
        training = Training(optimizer="sgd", learning_rate=0.03, momentum=0.8)
        engine = make_engine(architecture, SHAPE, "binary")
        flat = np.concatenate([weight.ravel() for weight in start])
        session = _engine.Session(engine, for_engine(training, "binary"), 0, flat)
        ends = np.cumsum([weight.size for weight in start])[:-1]
        for step in range(STEPS):
            count = BATCHES[step % len(BATCHES)]
            session.step(x[:count].reshape(count, -1), y[:count, None], 0.03)
            for own, keras_s in zip(np.split(session.weights, ends), expected[step], strict=True):
                np.testing.assert_allclose(own, keras_s.ravel(), rtol=0, atol=2e-5)


@pytest.mark.parametrize("merge", ["concat", "sum", "mul", "ave"])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_mask_means_what_it_means_in_keras(cell, merge):
    """Wherever the steps that do not count stand; and behind two such layers."""
    random = np.random.default_rng(2)
    text = f"bidirectional({cell}(3), {merge}) - bidirectional({cell}(2), {merge}) - dense(2)"
    architecture = Architecture(text).resolve((6, 3), "regression", 2)
    weights = [random.normal(size=s).astype(np.float32) for s in architecture.weight_shapes((6, 3))]
    x = random.normal(size=(21, 6, 3)).astype(np.float32)
    mask = random.random((21, 6)) < 0.6
    mask[np.arange(21), random.integers(0, 6, 21)] = True
    built: dict[str, Any] = {}
    exec(architecture.keras_code((6, 3)), built)
    model = built["model"]
    model.set_weights(weights)
    given: Any = keras.ops.convert_to_tensor(x)
    given._keras_mask = keras.ops.convert_to_tensor(mask)
    first, second, last = model.layers
    sequences = first(given)
    expected = np.asarray(last(second(sequences)))
    network = Network(architecture, (6, 3), "regression", weights)
    np.testing.assert_allclose(network.outputs(x, mask)[0], np.asarray(sequences), rtol=0, atol=3e-6)
    np.testing.assert_allclose(
        network.predict(x, mask), expected, rtol=0, atol=3e-6 * max(1.0, float(abs(expected).max()))
    )


def test_gradients_behind_a_mask_are_those_of_finite_differences():
    random = np.random.default_rng(1)
    architecture = Architecture("bidirectional(gru(2), mul) - dense(1)").resolve(
        (5, 2), "regression", 1, True
    )
    weights = [random.normal(size=s).astype(np.float32) for s in architecture.weight_shapes((5, 2))]
    network = Network(architecture, (5, 2), "regression", weights)
    x, y = random.normal(size=(3, 5, 2)).astype(np.float32), np.ones((3, 5, 1), np.float32)
    mask = np.array([[True, False, True, True, False], [False, True, True, False, True], [True] * 5])
    d_x = network.gradients(x, y, mask)[2]
    assert not d_x[~mask].any()
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += 0.01
        down[place] -= 0.01
        slope = (network.loss(up, y, mask) - network.loss(down, y, mask)) / 0.02
        assert d_x[place] == pytest.approx(slope, abs=3e-4)


def test_what_needs_whole_sequences_says_so():
    architecture, weights, x, _ = made("concat")
    with pytest.raises(ArchitectureError, match=r"layer 1, bidirectional\(.*sees several steps at once"):
        Network(architecture, SHAPE, "binary", weights).stream()
    data = (x, np.cumsum(x, axis=1), x, np.cumsum(x, axis=1))
    with pytest.raises(TrainingError, match=r"bidirectional in .* needs whole sequences"):
        nl.train("bidirectional(gru(2)) - dense(2)", data, quiet=True, truncation=3)
