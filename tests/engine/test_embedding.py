"""Embeddings are Keras's: answers, gradients, zeros that are masked, 50 steps; other numbers are refused."""

from __future__ import annotations

import numpy as np
import pytest

import netlet as nl
from netlet import _engine
from netlet.architecture import Architecture
from netlet.errors import ArchitectureError, DataError
from netlet.network import INSTRUCTION_SET_VARIABLE, Network, make_engine
from netlet.training import Training
from netlet.training.for_engine import for_engine

STEPS, BATCHES, SHAPE = 50, (20, 33, 1), (6,)
CASES = {
    "flattened": "embedding(7, 3) - flatten",
    "convolved": "embedding(7, 4) - conv1d(3, 2, activation=tanh) - globalavgpool1d",
    "masked": "embedding(7, 2, mask_zero=true) - gru(3)",
    "mean of those that count": "embedding(7, 3, mask_zero=true) - dropout(0) - globalavgpool1d",
    "both ways": "embedding(7, 2, mask_zero=true) - bidirectional(rnn(2)) - dense(2, tanh)",
}


def made(name):
    architecture = Architecture(f"{CASES[name]} - dense(1)").resolve(SHAPE, "binary", 1)
    random = np.random.default_rng(8)
    weights = [random.normal(size=s, scale=0.6).astype("f4") for s in architecture.weight_shapes(SHAPE)]
    x = random.integers(0, 7, size=(33, *SHAPE)).astype(np.float32)
    x[:, 0] += x[:, 0] == 0  # at least one step counts
    return architecture, weights, x, random.integers(0, 2, 33).astype(np.float32)


@pytest.mark.parametrize("name", CASES)
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


def keras_model(architecture, weights):
    built: dict = {}
    exec(architecture.keras_code(SHAPE), built)
    built["model"].set_weights(weights)
    return built["model"]


@pytest.mark.parametrize("name", CASES)
def test_answers_are_keras_s_and_gradients_those_of_finite_differences(name):
    architecture, weights, x, y = made(name)
    network = Network(architecture, SHAPE, "binary", weights)
    expected = np.asarray(keras_model(architecture, weights)(x))[:, 0]
    np.testing.assert_allclose(network.predict(x), expected, rtol=0, atol=3e-6)
    np.testing.assert_array_equal(network.predict(x.astype(int)), network.predict(x))
    table = network.gradients(x[:5], y[:5])[1][0]
    for place in np.ndindex(table.shape):
        losses = []
        for shift in (0.02, -0.02):
            moved = [each.copy() for each in weights]
            moved[0][place] += shift
            losses.append(network.with_weights(moved).loss(x[:5], y[:5]))
        assert table[place] == pytest.approx((losses[0] - losses[1]) / 0.04, abs=2e-4)


def test_it_learns_from_whole_numbers_as_they_are():
    random = np.random.default_rng(0)
    x = random.integers(0, 50, size=(400, 8))
    y = (x < 5).any(axis=1).astype(int)
    data = nl.Dataset("words", (x, y), (x, y), kind="table", scale="none")
    text = "embedding(50, 4) - conv1d(4, 1) - globalmaxpool1d - dense(1)"
    run = nl.train(text, data, epochs=60, learning_rate=0.03, quiet=True).best
    assert run.network.evaluate(data)["validation"]["accuracy"] > 0.9


@pytest.mark.parametrize("wrong", [7, -1, 2.5])
def test_numbers_that_the_table_has_not_are_refused(wrong):
    architecture, weights, x, y = made("flattened")
    network = Network(architecture, SHAPE, "binary", weights)
    x = x.copy()
    x[3, 2] = wrong
    with pytest.raises(DataError, match=r"x holds .* in row 3, but layer 1, embedding") as caught:
        network.predict(x)
    assert (caught.value.layer, caught.value.row) == (0, 3)
    with pytest.raises(DataError, match=r"split holds .* in row 3"):
        data = nl.Dataset("words", (x, y), (x, y), kind="table", scale="none")
        nl.train(CASES["flattened"] + " - dense(1)", data, quiet=True, epochs=1)


def test_it_is_the_first_layer_and_takes_a_table():
    with pytest.raises(ArchitectureError, match=r"layer 2, embedding.* put it first"):
        Architecture("dense(3) - embedding(5, 2)").shapes((4,))
    with pytest.raises(ArchitectureError, match="give whole numbers as a table, a row a sample"):
        Architecture("embedding(5, 2) - gru(2)").shapes((4, 1))
