"""Everything in `netlet.inspect` on the engine's network, held against the plain loops of the stand-in."""

import numpy as np
import pytest

from netlet import inspect
from netlet.datasets import Split
from netlet.network import Network

TEXT = "conv(3, 3x3) - maxpool(2) - conv(2, 2x2, activation=tanh) - globalmaxpool - dense({})"


@pytest.fixture(params=["binary", "categorical"])
def both(request, make_network):
    """The stand-in, the engine's network of the same weights, and a split for them."""
    outputs = {"binary": 1, "categorical": 3}[request.param]
    plain = make_network(TEXT.format(outputs), (9, 9, 1), request.param, outputs)
    network = Network(plain.architecture, plain.input_shape, plain.task, plain.weights)
    random = np.random.default_rng(2)
    labels = random.integers(0, max(2, outputs), 40)
    y = labels.astype(np.float32) if outputs == 1 else np.eye(3, dtype=np.float32)[labels]
    return plain, network, Split(random.random((40, 9, 9, 1)).astype(np.float32), y)


@pytest.mark.parametrize("before_pooling", [True, False])
def test_feature_maps_and_class_means_are_the_same(both, before_pooling):
    plain, network, split = both
    expected = inspect.feature_maps(plain, split.x[0], before_pooling)
    found = inspect.feature_maps(network, split.x[0], before_pooling)
    np.testing.assert_allclose(found.prediction, expected.prediction, rtol=1e-5)
    for a, b in zip(found.layers, expected.layers, strict=True):
        assert a.place == b.place
        np.testing.assert_allclose(a.maps, b.maps, rtol=1e-4, atol=1e-5)
    expected = inspect.class_means(plain, split, before_pooling)
    found = inspect.class_means(network, split, before_pooling)
    for a, b in zip(found.layers, expected.layers, strict=True):
        np.testing.assert_allclose(a.means, b.means, rtol=1e-4, atol=1e-5)


def test_what_ablation_costs_is_the_same(both):
    plain, network, split = both
    expected, found = inspect.ablation(plain, split), inspect.ablation(network, split)
    assert len(found.silenced) == 5
    for a, b in zip(found.silenced, expected.silenced, strict=True):
        assert a.name == b.name
        assert a.metrics == pytest.approx(b.metrics, rel=1e-4)


def test_mistakes_are_the_same(both):
    plain, network, split = both
    expected, found = inspect.mistakes(plain, split), inspect.mistakes(network, split)
    assert 0 < found.total == expected.total
    assert sorted(found.index) == sorted(expected.index)
    np.testing.assert_allclose(found.loss, expected.loss, rtol=1e-4)


def test_saliency_is_the_same(both):
    plain, network, split = both
    for output in (0, 1):
        expected = inspect.saliency(plain, split.x[0], output)
        found = inspect.saliency(network, split.x[0], output)
        assert np.abs(expected.gradient).max() > 0.01
        np.testing.assert_allclose(found.gradient, expected.gradient, atol=2e-4)


def test_kernels_are_the_networks_own(both):
    _, network, _ = both
    first, second = inspect.kernels(network)
    assert first.weights is network.weights[0]
    assert second.weights is network.weights[2]
