"""Layers that shift and scale every channel to a mean and a deviation of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TypeVar

from netlet.architecture.layers.base import Layer, Shape, channels_of

T = TypeVar("T")


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Every channel brought to mean `beta` and deviation `gamma`, which are learned (BatchNormalization).

    In training by the batch's mean and variance, towards which the moving averages go by ``1 - momentum`` of
    the way in every step; otherwise by these averages.
    """

    name = "batchnorm"
    keras_name = "BatchNormalization"
    averages = 2

    _: KW_ONLY
    momentum: float = 0.99
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True

    @property
    def weight_names(self) -> tuple[str, ...]:
        """Those that it has of four."""
        own = (("gamma",) if self.scale else ()) + (("beta",) if self.center else ())
        return (*own, "moving mean", "moving variance")

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """Gamma (if it has a scale), beta (if it has a center), moving mean and variance: ``(channels,)``."""
        return [(channels_of(shape),)] * (self.scale + self.center + self.averages)

    def numbers(self, weights: Sequence[T], one: T, zero: T) -> tuple[T, T, T, T]:
        """Gamma, beta, mean and variance among the weights; `one` and `zero` for what it has not."""
        rest = list(weights)
        gamma = rest.pop(0) if self.scale else one
        beta = rest.pop(0) if self.center else zero
        mean, variance = rest
        return gamma, beta, mean, variance


@dataclass(frozen=True)
class LayerNorm(Layer):
    """At every place the channels brought to mean `beta` and deviation `gamma`, learned (LayerNormalization).

    Mean and variance are those of the place's own channels, in training and otherwise.
    """

    name = "layernorm"
    keras_name = "LayerNormalization"

    _: KW_ONLY
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True

    @property
    def weight_names(self) -> tuple[str, ...]:
        """Those that it has of two."""
        return (("gamma",) if self.scale else ()) + (("beta",) if self.center else ())

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """Gamma (if it has a scale) and beta (if it has a center): ``(channels,)``."""
        return [(channels_of(shape),)] * (self.scale + self.center)
