"""Dropout: what it drops in training, read off the steps of networks so plain that every mask shows."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import _engine
from netlet.architecture import Architecture
from netlet.network import INSTRUCTION_SET_VARIABLE, Network, make_engine
from netlet.training import Training
from netlet.training.for_engine import for_engine

FEATURES = 40
AT_ONCE = 16  # samples whose masks one step tells: sums of their powers of two are whole numbers in float32
TINY = 2.0**-80  # a learning rate that changes weights measurably, but no output


def masks(text="dropout(0.5)", kept=0.5, seed=0, samples=AT_ONCE, steps=4):
    """Which numbers dropout keeps: bool (steps, samples, features).

    One dense output of weights that stay (almost) 0 follows. Where sample n has target -2**n and all inputs
    are 1, the gradient of feature i is 2 / samples / kept times the sum of 2**n over samples that keep it.
    """
    architecture = Architecture(f"{text} - dense(1, use_bias=false)").resolve((FEATURES,), "regression", 1)
    engine = make_engine(architecture, (FEATURES,), "regression")
    found = np.zeros((steps, samples, FEATURES), bool)
    for first in range(0, samples, AT_ONCE):
        told = np.arange(first, min(first + AT_ONCE, samples))
        targets = np.zeros((samples, 1), np.float32)
        targets[told, 0] = -(2.0 ** (told - first))
        sums = np.diff(weights_after_steps(engine, seed, targets, steps), axis=0, prepend=0)
        sums *= -samples * kept / 2 / TINY
        np.testing.assert_allclose(sums, np.round(sums), atol=0.1)  # kept numbers are scaled by 1 / kept
        bits = np.round(sums).astype(int)[:, None, :] >> (told - first)[:, None]
        found[:, told] = bits % 2 == 1
    return found


def weights_after_steps(engine, seed, targets, steps):
    settings = for_engine(Training(optimizer="sgd"), "regression")
    session = _engine.Session(engine, settings, seed, np.zeros(FEATURES, np.float32))
    ones = np.ones((len(targets), FEATURES), np.float32)
    after = []
    for _ in range(steps):
        session.step(ones, targets, TINY)
        after.append(session.weights.astype(np.float64))
    return np.array(after)


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5, 0.9])
def test_a_share_of_one_minus_the_rate_is_kept(rate):
    kept = np.array([masks(f"dropout({rate})", 1 - rate, seed) for seed in range(20)])
    deviation = np.sqrt(rate * (1 - rate) / kept.size)
    assert abs(kept.mean() - (1 - rate)) < 5 * deviation


def test_draws_are_independent_of_neighbouring_features_samples_steps_and_seeds():
    kept = np.array([masks(seed=seed) for seed in range(20)])
    for axis in range(kept.ndim):
        for distance in (1, 2, kept.shape[axis] // 2):
            same = np.take(kept, range(distance, kept.shape[axis]), axis) == np.take(
                kept, range(kept.shape[axis] - distance), axis
            )
            assert abs(same.mean() - 0.5) < 5 * 0.5 / np.sqrt(same.size), (axis, distance)


def test_two_layers_of_dropout_draw_apart():
    kept = np.array([masks("dropout(0.5) - dropout(0.5)", 0.25, seed) for seed in range(20)])
    assert abs(kept.mean() - 0.25) < 5 * np.sqrt(0.25 * 0.75 / kept.size)


def test_a_rate_of_zero_keeps_everything():
    assert masks("dropout(0)", 1.0).all()


def test_what_is_dropped_depends_on_the_place_in_the_batch_not_on_how_batches_are_grouped(monkeypatch):
    expected = masks(samples=50)
    for instruction_set in _engine.instruction_sets():
        monkeypatch.setenv(INSTRUCTION_SET_VARIABLE, instruction_set)
        for samples in (1, 3, 16, 17, 20, 50):
            np.testing.assert_array_equal(masks(samples=samples), expected[:, :samples])


@pytest.mark.parametrize("samples", [1, 7, 20])
def test_gradients_pass_where_the_numbers_passed(samples):
    # A dense layer of weights 1 without bias before the dropout and one behind it see the same error and the
    # same masks, the one going backward, the other going forward: their gradients are equal.
    architecture = Architecture(
        f"dense({FEATURES}, activation=linear, use_bias=false) - dropout(0.5) - dense(1, use_bias=false)"
    ).resolve((1,), "regression", 1)
    start = np.ones(2 * FEATURES, np.float32)
    settings = for_engine(Training(optimizer="sgd"), "regression")
    session = _engine.Session(make_engine(architecture, (1,), "regression"), settings, 3, start)
    targets = np.random.default_rng(0).normal(size=(samples, 1), scale=30).astype(np.float32)
    session.step(np.ones((samples, 1), np.float32), targets, 1e-3)
    before, behind = np.split(session.weights - start, 2)
    assert len(set(before)) > 1
    np.testing.assert_allclose(before, behind, rtol=1e-4, atol=1e-6)


def test_outside_training_dropout_does_nothing():
    shape, text = (5, 4, 2), "conv(3, 2x2) -{} flatten -{} dense(1)"
    random = np.random.default_rng(0)
    x, y = random.random((20, *shape)), random.integers(0, 2, 20)
    plain, dropping = (
        Architecture(text.format(*[layer] * 2)).resolve(shape, "binary", 1)
        for layer in ("", " dropout(0.7) -")
    )
    weights = [random.normal(size=s) for s in plain.weight_shapes(shape)]
    without, network = (Network(a, shape, "binary", weights) for a in (plain, dropping))
    outputs = network.outputs(x)
    assert len(outputs) == 5
    np.testing.assert_array_equal(outputs[0], outputs[1])
    np.testing.assert_array_equal(outputs[2], outputs[3])
    np.testing.assert_array_equal(network.predict(x), without.predict(x))
    for own, expected in zip(network.gradients(x, y)[1], without.gradients(x, y)[1], strict=True):
        np.testing.assert_array_equal(own, expected)
