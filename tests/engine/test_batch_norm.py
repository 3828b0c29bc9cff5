"""Batch normalisation is Keras's: in training by the batch, whose averages move; otherwise by these."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np
import pytest

import netlet as nl
from netlet import _engine
from netlet.architecture import Architecture
from netlet.network import INSTRUCTION_SET_VARIABLE, Network, make_engine
from netlet.training import Training
from netlet.training.for_engine import for_engine

STEPS = 50
BATCHES = (20, 20, 33, 1)
"""Of steps in turn: several groups, a rest of every width, one sample alone."""

CASES = {
    "behind a convolution": ("conv(3, 2x2) - batchnorm - activation(tanh) - maxpool(2) - flatten", (7, 6, 2)),
    "first, and behind pooling": ("batchnorm - conv(4, 3x3) - maxpool(2) - batchnorm - flatten", (8, 8, 1)),
    "of vectors": ("dense(5, linear) - batchnorm(momentum=0.8, epsilon=0.01) - activation(relu)", (6,)),
    "without gamma or beta": (
        "conv(2, 3x3) - batchnorm(scale=false) - globalavgpool - batchnorm(center=false)"
        " - dense(3) - batchnorm(scale=false, center=false)", (6, 5, 1),
    ),
    "of large images": ("conv(2, 3x3) - batchnorm - maxpool(3) - flatten", (40, 44, 1)),
    "of sequences": ("gru(4, return_sequences=true) - batchnorm - lstm(3) - batchnorm", (6, 2)),
}  # fmt: skip


def made(name):
    text, shape = CASES[name]
    architecture = Architecture(f"{text} - dense(1)").resolve(shape, "binary", 1)
    random = np.random.default_rng(3)
    weights = []
    for layer, shapes in zip(architecture.layers, architecture.layer_weight_shapes(shape), strict=True):
        drawn = [
            random.normal(size=s, scale=0.9 / np.sqrt(np.prod(s[:-1]))).astype(np.float32) for s in shapes
        ]
        weights += [*drawn[:-1], np.abs(drawn[-1]) + 0.5] if layer.averages else drawn
    x = random.normal(0.4, 1.5, size=(33, *shape)).astype(np.float32)
    return architecture, shape, weights, x, random.integers(0, 2, 33).astype(np.float32)


@pytest.mark.parametrize("name", CASES)
def test_50_steps_of_training_and_their_averages_are_keras_s(name, keras_steps, monkeypatch):
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
                    own, keras_s.ravel(), rtol=0, atol=accuracy, err_msg=f"{instruction_set}, step {step}"
                )


@pytest.mark.parametrize("name", CASES)
def test_answers_and_gradients_by_the_averages_are_keras_s(name, keras_reference):
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


def test_steps_that_are_masked_are_not_counted_as_in_keras(float64):
    random = np.random.default_rng(4)
    architecture = Architecture("batchnorm(momentum=0.7) - dense(1)").resolve((5, 3), "regression", 1, True)
    start = [each.astype(np.float32) for each in (np.ones(3), np.zeros(3), np.zeros(3), np.ones(3))]
    start += [random.normal(size=(3, 1)).astype(np.float32), np.zeros(1, np.float32)]
    x = random.normal(2.0, 3.0, size=(19, 5, 3)).astype(np.float32)
    y = random.normal(size=(19, 5, 1)).astype(np.float32)
    mask = random.random((19, 5)) < 0.6

    layer: Any = keras.layers.BatchNormalization(momentum=0.7)
    layer.build((None, 5, 3))

    def loss(trained):
        gamma, beta, kernel, bias = trained
        normalised, averages = layer.stateless_call(
            [gamma, beta],
            [np.float64(start[2]), np.float64(start[3])],
            np.float64(x),
            mask=mask,
            training=True,
        )
        return ((((normalised @ kernel + bias) - y) ** 2)[..., 0] * mask).sum() / mask.sum(), averages

    trained = [np.float64(start[place]) for place in (0, 1, 4, 5)]
    d, averages = jax.jit(jax.grad(loss, has_aux=True))(trained)
    moved = [weight - 0.1 * slope for weight, slope in zip(trained, d, strict=True)]
    expected = [*moved[:2], *averages, *moved[2:]]

    training = Training(optimizer="sgd", learning_rate=0.1)
    engine = make_engine(architecture, (5, 3), "regression")
    flat = np.concatenate([weight.ravel() for weight in start])
    session = _engine.Session(engine, for_engine(training, "regression"), 0, flat)
    session.step(x.reshape(19, -1), y.reshape(19, -1), 0.1, mask.astype(np.float32))
    for own, keras_s in zip(
        np.split(session.weights, np.cumsum([w.size for w in start])[:-1]), expected, strict=True
    ):
        np.testing.assert_allclose(own, np.ravel(keras_s), rtol=0, atol=2e-6)


def test_a_frozen_normalisation_goes_by_its_averages_as_in_keras():
    """Its answers in training are those of predicting, and nothing of it moves."""
    architecture, shape, weights, x, y = made("behind a convolution")
    network = Network(architecture, shape, "binary", weights)
    run = nl.train(
        architecture, (x, y, x, y), start=network, freeze="batchnorm", quiet=True,
        epochs=1, batch_size=33, shuffle=False, learning_rate=1e-9,
    ).best  # fmt: skip
    for before, after in zip(network.layer_weights(1), run.network.layer_weights(1), strict=True):
        np.testing.assert_array_equal(before, after)
    assert run.history["loss"][0] == pytest.approx(network.loss(x, y), rel=1e-5)
