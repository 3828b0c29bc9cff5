"""Initial weights over many seeds: Keras's bounds and variances, orthonormal columns, seeds that differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from netlet.architecture import Architecture
from netlet.network import make_engine

SEEDS = 60

# Layers with the two fans by Keras's rule: the receptive field times the kernel's last two dimensions.
LAYERS = {
    "conv(7, 3x2{})": (3 * 2 * 4, 3 * 2 * 7),
    "depthwiseconv(3x5, depth_multiplier=3{})": (3 * 5 * 4, 3 * 5 * 3),
    "flatten - dense(9{})": (6 * 6 * 4, 9),
}
# How far an estimated variance may be off, in its own standard deviations; of n uniform numbers that is
# sqrt(4 / 5 / n) of the variance, and below sqrt(2 / n) for normal ones.
DEVIATIONS = 5


def kernels(layer, initializer, seeds: Sequence[int] = range(SEEDS)):
    """The layer's initial kernel, Keras's shape, for every seed; and its bias, checked to be zero."""
    text = layer.format(f", activation=linear, kernel_initializer={initializer}")
    architecture = Architecture(text)
    shape = (6, 6, 4)
    engine = make_engine(architecture, shape, "regression")
    kernel, bias = architecture.weight_shapes(shape)
    drawn = np.array([engine.initial_weights(seed) for seed in seeds])
    assert drawn.shape == (len(seeds), np.prod(kernel) + bias[0])
    assert (drawn[:, -bias[0] :] == 0).all()
    return drawn[:, : -bias[0]].reshape(len(seeds), *kernel).astype(np.float64)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("name", ["glorot_uniform", "he_uniform"])
def test_uniform_weights_fill_keras_s_bounds(layer, name):
    fan_in, fan_out = LAYERS[layer]
    limit = np.sqrt(6 / (fan_in + fan_out if name.startswith("glorot") else fan_in))
    found = kernels(layer, name)
    assert abs(found).max() <= limit * (1 + 1e-6)
    assert abs(found).max() > limit * 0.999
    assert_moments(found, limit**2 / 3)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("name", ["glorot_normal", "he_normal"])
def test_normal_weights_are_cut_at_two_deviations_and_have_keras_s_variance(layer, name):
    fan_in, fan_out = LAYERS[layer]
    variance = 2 / (fan_in + fan_out) if name.startswith("glorot") else 2 / fan_in
    found = kernels(layer, name)
    cut = 2 * np.sqrt(variance) / 0.87962566103423978
    assert cut * 0.98 < abs(found).max() <= cut * (1 + 1e-6)
    assert_moments(found, variance)
    # Not uniform: a normal distribution cut at two deviations has 71.5 % within one (0.6827 / 0.9545).
    share = (abs(found) < cut / 2).mean()
    assert abs(share - 0.7152) < DEVIATIONS * np.sqrt(0.7152 * 0.2848 / found.size)


def assert_moments(found, variance):
    assert abs(found.mean()) < DEVIATIONS * np.sqrt(variance / found.size)
    assert abs(found.var() / variance - 1) < DEVIATIONS * np.sqrt(2 / found.size)


@pytest.mark.parametrize("layer", LAYERS)
def test_orthogonal_kernels_have_orthonormal_columns_or_rows(layer):
    for kernel in kernels(layer, "orthogonal", range(5)):
        matrix = kernel.reshape(-1, kernel.shape[-1])
        assert len(matrix) > matrix.shape[1]
        np.testing.assert_allclose(matrix.T @ matrix, np.eye(matrix.shape[1]), atol=1e-6)


def test_a_wide_orthogonal_kernel_has_orthonormal_rows():
    for kernel in kernels("conv(50, 2x1{})", "orthogonal", range(5)):
        matrix = kernel.reshape(-1, 50)
        assert len(matrix) == 8
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(8), atol=1e-6)


def test_orthogonal_kernels_point_everywhere():
    found = kernels("flatten - dense(9{})", "orthogonal", range(40))
    assert_moments(found, 1 / 144)
    assert abs(found.mean(axis=(0, 1))).max() < DEVIATIONS / np.sqrt(144 * 40 * 144)


def test_zeros_are_zeros():
    assert (kernels("conv(7, 3x2{})", "zeros", range(3)) == 0).all()


@pytest.mark.parametrize("name", ["glorot_uniform", "he_uniform", "glorot_normal", "he_normal", "orthogonal"])
def test_seeds_and_layers_differ_and_a_seed_is_always_the_same(name):
    seeds = [0, 1, 2, 2**32, 2**32 + 1, 2**63 - 1]
    found = kernels("conv(4, 2x2{})", name, seeds)
    np.testing.assert_array_equal(found, kernels("conv(4, 2x2{})", name, seeds))
    assert len(np.unique(found[:, 0, 0, 0, 0])) == len(seeds)
    correlations = np.corrcoef(found.reshape(len(seeds), -1)) - np.eye(len(seeds))
    assert abs(correlations).max() < DEVIATIONS / np.sqrt(4 * 2 * 2 * 4)
    dense = f"dense(5, activation=linear, kernel_initializer={name})"
    engine = make_engine(Architecture(f"{dense} - {dense}"), (5,), "regression")
    first, second = engine.initial_weights(0)[:25], engine.initial_weights(0)[30:55]
    assert len(np.intersect1d(first, second)) == 0
