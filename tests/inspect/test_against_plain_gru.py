"""What is measured inside a GRU, against a plain one in float64, written out step by step."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import inspect, metrics
from netlet.architecture import Architecture
from netlet.datasets import Split
from netlet.network import Network

UNITS, STEPS = 3, 30
SHAPE = (STEPS, 1)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def plain_gru(weights, x, silenced=None, keep=None):
    """Hidden activity (n, steps, units) and output (n, steps, 1) of gru(3) - dense(1), by Keras's formulas.

    Nobody but itself sees node `silenced`; steps where `keep` (n, steps) is True are passed by.
    """
    kernel, recurrent, bias, out, offset = (np.asarray(weight, dtype=float) for weight in weights)
    heard = np.ones(UNITS)
    if silenced is not None:
        heard[silenced] = 0
    h, hidden = np.zeros((len(x), UNITS)), []
    for t in range(x.shape[1]):
        zx, rx, cx = np.split(x[:, t] @ kernel + bias[0], 3, axis=1)
        zh, rh, ch = np.split((h * heard) @ recurrent + bias[1], 3, axis=1)
        z, r = sigmoid(zx + zh), sigmoid(rx + rh)
        new = z * h + (1 - z) * np.tanh(cx + r * ch)
        h = new if keep is None else np.where(keep[:, t, None], h, new)
        hidden.append(h)
    activity = np.stack(hidden, axis=1)
    return activity, (activity * heard) @ out + offset


@pytest.fixture(scope="module")
def network():
    architecture = Architecture("gru(3) - dense(1)").resolve(SHAPE, "regression", 1, True)
    random = np.random.default_rng(3)
    weights = [random.normal(size=size, scale=0.7) for size in architecture.weight_shapes(SHAPE)]
    return Network(architecture, SHAPE, "regression", weights)


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(4).normal(size=(5, STEPS, 1))


def test_activity_and_contributions(network, x):
    hidden, output = plain_gru(network.weights, x)
    (found,) = inspect.activities(network, x)
    np.testing.assert_allclose(found, hidden, atol=2e-6)
    parts = inspect.contributions(network, x)
    np.testing.assert_allclose(parts.nodes[..., 0], hidden * network.weights[3][:, 0], atol=2e-6)
    np.testing.assert_allclose(parts.nodes.sum(axis=2) + parts.bias, output, atol=5e-6)


def test_activity_contributions_and_correlations_pass_masked_steps_by(network, x):
    mask = np.random.default_rng(5).random(x.shape[:2]) < 0.7
    hidden, output = plain_gru(network.weights, x, keep=~mask)
    np.testing.assert_allclose(inspect.activities(network, x, mask)[0], hidden, atol=2e-6)
    parts = inspect.contributions(network, x, mask)
    np.testing.assert_allclose(parts.nodes.sum(axis=2) + parts.bias, output, atol=5e-6)
    split = Split(x.astype(np.float32), np.roll(x, 1, axis=1).astype(np.float32), mask)
    for node in inspect.nodes(network, split):
        expected = np.corrcoef(hidden[..., node.node][mask], x[..., 0][mask])[0, 1]
        assert node.correlations["input"] == pytest.approx(expected, abs=1e-5)


def test_responses(network):
    impulse = np.zeros((1, 20, 1))
    impulse[0, 4] = 1.5
    hidden, output = plain_gru(network.weights, impulse)
    found = inspect.response(network, height=1.5, at=4, steps=20)
    np.testing.assert_allclose(found.prediction, output[0], atol=5e-6)
    np.testing.assert_allclose(found.activities[0].hidden, hidden, atol=2e-6)


def test_memory_is_what_small_changes_of_the_input_do(network, x):
    found = inspect.memory(network, x, most=STEPS - 6)
    asked = range(STEPS - 6, STEPS)
    sizes = np.zeros((len(asked), len(x), STEPS - 5))
    for row, step in enumerate(asked):
        for lag in range(STEPS - 5):
            up, down = x.copy(), x.copy()
            up[:, step - lag] += 1e-5
            down[:, step - lag] -= 1e-5
            change = plain_gru(network.weights, up)[1] - plain_gru(network.weights, down)[1]
            sizes[row, :, lag] = np.abs(change[:, step, 0]) / 2e-5
    flat = sizes.reshape(-1, STEPS - 5)
    np.testing.assert_allclose(found.mean, flat.mean(axis=0), rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(found.lower_quartile, np.quantile(flat, 0.25, axis=0), rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(found.upper_quartile, np.quantile(flat, 0.75, axis=0), rtol=1e-3, atol=1e-7)
    share = np.cumsum(flat.mean(axis=0)) / flat.mean(axis=0).sum()
    assert share[found.reach] >= 0.9 > share[found.reach - 1]


def test_memory_of_padded_sequences_is_that_of_the_sequences(network, x):
    short = x[:, : STEPS - 8]
    padded = np.pad(short, ((0, 0), (0, 8), (0, 0)), constant_values=3)
    mask = np.broadcast_to(np.arange(STEPS) < STEPS - 8, padded.shape[:2])
    expected, found = inspect.memory(network, short), inspect.memory(network, padded, mask=mask)
    np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-4)
    assert found.reach == expected.reach


def test_silenced_nodes(network, x):
    y = plain_gru(network.weights, x)[1]
    for each in inspect.silenced_nodes(network, Split(x.astype(np.float32), y.astype(np.float32))).silenced:
        _, without = plain_gru(network.weights, x, silenced=each.index)
        assert each.lost["normalised_error"] == pytest.approx(metrics.normalised_error(y, without), rel=1e-4)
