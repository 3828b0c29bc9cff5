"""8-bit pixels, kept as bytes: what the engine computes with is the float nearest to k / 255, to the bit."""

import numpy as np
import pytest

from netlet import _engine
from netlet.training import Training
from netlet.training.for_engine import for_engine

FEATURES = 71  # enough to be kept as bytes, and no multiple of any register's width


def trained(x, instruction_set, batch_size=16):
    """Two frozen runs of a network that answers with its first feature or the last but two; targets are 0."""
    network = _engine.Network(
        (1, 1, FEATURES), [{"kind": "dense", "units": 1, "bias": False}], instruction_set
    )
    weights = np.zeros((2, FEATURES), np.float32)
    weights[0, 0] = weights[1, -3] = 1
    y = np.zeros((len(x), 1), np.float32)
    settings = for_engine(Training(epochs=1, batch_size=batch_size), "regression")
    runs, raised, _ = _engine.train(
        network, settings, x, y, x, y, [0, 1], 1, None, weights=weights, frozen=[True]
    )
    assert raised is None
    return [run["history"] for run in sorted(runs, key=lambda run: run["seed"])]


@pytest.mark.parametrize("instruction_set", _engine.instruction_sets())
def test_every_byte_is_the_float_that_a_division_gives(instruction_set):
    # One sample alone: a sum over many would hide a last bit, and in double a square tells every float apart.
    for k in range(256):
        x = np.full((1, FEATURES), np.float32(k) / np.float32(255), np.float32)
        for history in trained(x, instruction_set):
            assert history["loss"] == history["val_loss"] == [float(x[0, 0]) ** 2], k


@pytest.mark.parametrize("instruction_set", _engine.instruction_sets())
def test_every_place_of_an_image_stays_where_it_is(instruction_set):
    x = np.random.default_rng(0).integers(0, 256, (45, FEATURES)).astype(np.float32) / np.float32(255)
    for history, column in zip(trained(x, instruction_set), (0, -3), strict=True):
        expected = np.mean(np.float64(x[:, column]) ** 2)
        assert [*history["loss"], *history["val_loss"]] == pytest.approx([expected] * 2, rel=1e-12)


@pytest.mark.parametrize(
    "other", [np.nextafter(np.float32(1), np.float32(2)), 1 / 510, -1 / 255, 256 / 255, np.nan]
)
def test_a_number_between_or_beyond_the_pixels_is_taken_as_it_is(other):
    x = np.zeros((1, FEATURES), np.float32)
    x[0, [0, -3]] = other
    for history in trained(x, ""):
        np.testing.assert_equal(history["loss"], [float(x[0, 0]) ** 2])
        np.testing.assert_equal(history["val_loss"], [float(x[0, 0]) ** 2])
