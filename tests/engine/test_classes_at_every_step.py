"""A class at every step: softmax, loss, accuracy and gradients at each step that counts, against "
"numpy and Keras."""

from typing import Any

import keras
import numpy as np
import pytest

from netlet import _engine
from netlet.architecture import Architecture
from netlet.network import LOSSES, Network
from netlet.training import Training
from netlet.training.for_engine import for_engine

STEPS, CHANNELS, CLASSES = 7, 2, 3


@pytest.fixture(scope="module")
def network():
    resolved = Architecture("gru(4) - dense(3)").resolve(
        (STEPS, CHANNELS), "categorical", CLASSES, per_step=True
    )
    random = np.random.default_rng(0)
    shapes = resolved.weight_shapes((STEPS, CHANNELS))
    weights = [random.normal(size=shape) / 2 for shape in shapes]
    return Network(resolved, (STEPS, CHANNELS), "categorical", weights)


@pytest.fixture(scope="module")
def samples():
    random = np.random.default_rng(1)
    x = random.normal(size=(37, STEPS, CHANNELS)).astype(np.float32)
    y = np.eye(CLASSES, dtype=np.float32)[random.integers(0, CLASSES, (37, STEPS))]
    mask = np.arange(STEPS) < random.integers(1, STEPS + 1, 37)[:, None]
    return x, y, mask


def by_hand(network, x, y, mask):
    p = network.predict(x, mask)
    assert p.shape == y.shape
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-5)
    counted = np.ones(y.shape[:2], bool) if mask is None else mask
    right = (p.argmax(-1) == y.argmax(-1))[counted].mean()
    return -np.log((p * y).sum(-1))[counted].astype(np.float64).mean(), right


@pytest.mark.parametrize("is_masked", [False, True])
def test_loss_and_accuracy_are_means_over_the_steps_that_count(network, samples, is_masked):
    x, y, mask = samples
    mask = mask if is_masked else None
    loss, accuracy = by_hand(network, x, y, mask)
    rows = None if mask is None else mask.astype(np.float32)
    own = _engine.evaluate(
        network.engine((STEPS, CHANNELS)),
        LOSSES["categorical"],
        np.concatenate([weight.ravel() for weight in network.weights]),
        x.reshape(37, -1),
        y.reshape(37, -1),
        rows,
    )
    assert own == pytest.approx((loss, accuracy), rel=1e-5)


@pytest.mark.parametrize("is_masked", [False, True])
def test_gradients_are_finite_differences(network, samples, is_masked):
    x, y, mask = samples
    mask = mask if is_masked else None
    _, d_weights, d_x = network.gradients(x, y, mask)
    random = np.random.default_rng(2)
    for place, gradient in enumerate(d_weights):
        direction = random.normal(size=gradient.shape)
        losses = []
        for sign in (-1, 1):
            moved = [np.array(weight) for weight in network.weights]
            moved[place] += sign * 3e-3 * direction
            losses.append(by_hand(network.with_weights(moved), x, y, mask)[0])
        assert (losses[1] - losses[0]) / 6e-3 == pytest.approx(
            (gradient * direction).sum(), rel=0.01, abs=2e-4
        )
    if mask is not None:
        assert not d_x[~mask].any()


def test_training_is_keras_s(network, samples):
    x, y, _ = samples
    model: Any = keras.Sequential(
        [
            keras.Input((STEPS, CHANNELS)),
            keras.layers.GRU(4, return_sequences=True),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.set_weights(network.weights)
    model.compile(keras.optimizers.Adam(0.02), "categorical_crossentropy", metrics=["accuracy"])
    told = model.fit(x, y, batch_size=10, epochs=4, shuffle=False, verbose=0).history
    settings = for_engine(Training(4, 10, learning_rate=0.02, shuffle=False), "categorical")
    flat = np.concatenate([weight.ravel() for weight in network.weights])
    rows = x.reshape(37, -1), y.reshape(37, -1)
    runs, raised, _ = _engine.train(
        network.engine((STEPS, CHANNELS)), settings, *rows, *rows, [0], 1, print, weights=flat[np.newaxis]
    )
    assert raised is None
    assert runs[0]["history"]["loss"] == pytest.approx(told["loss"], rel=1e-4)
    assert runs[0]["history"]["accuracy"] == pytest.approx(told["accuracy"], abs=1e-5)
    expected = np.concatenate([np.asarray(variable.value).ravel() for variable in model.weights])
    np.testing.assert_allclose(runs[0]["weights"], expected, atol=2e-4)
