"""Inputs and targets of a network as rows of numbers, checked and scaled."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from netlet import _engine
from netlet.architecture import Shape
from netlet.datasets.inputs import as_inputs
from netlet.datasets.ragged import checked_mask
from netlet.errors import DataError
from netlet.network.lowering import check_numbers

if TYPE_CHECKING:
    from netlet.network.network import Network


class Samples:
    """Inputs of a network as rows, checked, and what depends on their length.

    Attributes
    ----------
    input_shape
        Of one sample; of sequences the steps may be others than the network's.
    rows : float32 ndarray, (n, numbers)
        Scaled, as the first layer gets them.
    mask : float32 ndarray, (n, steps), or None
    """

    def __init__(self, network: Network, x: ArrayLike, mask: ArrayLike | None) -> None:
        """Check and scale."""
        self._network = network
        x, mask = as_inputs(
            x,
            kind=network.kind,
            input_shape=network.input_shape,
            integer_scale=network.integer_scale,
            features=network.feature_names,
            scaling=network.input_scaling,
            mask=mask,
        )
        self.input_shape = _accepted(network, x)
        if network.input_scaling is not None:
            x = network.input_scaling.apply(x)
        self.rows = np.ascontiguousarray(x.reshape(len(x), prod(self.input_shape)), dtype=np.float32)
        check_numbers(network.architecture, self.rows, "x")
        self.mask = None if mask is None else checked_mask("mask", mask, x).astype(np.float32)

    def engine(self, fused: bool = True) -> _engine.Network:
        """For inputs of this shape."""
        return self._network.engine(self.input_shape, fused)

    def shapes(self) -> list[tuple[int, ...]]:
        """Of every layer's output."""
        return [fixed(shape) for shape in self._network.architecture.shapes(self.input_shape)]

    def targets(self, y: ArrayLike) -> np.ndarray:
        """Targets as rows, scaled."""
        rows, scaling = self.as_rows("y", y), self._network.target_scaling
        if scaling is None:
            return rows
        return scaling.apply(rows.reshape(-1, self.shapes()[-1][-1])).reshape(rows.shape)

    def as_rows(self, name: str, y: ArrayLike) -> np.ndarray:
        """Numbers in the shape of the targets, a row a sample."""
        count, outputs = len(self.rows), prod(self.shapes()[-1])
        try:
            y = np.asarray(y, dtype=np.float32)
        except (TypeError, ValueError):
            raise DataError(f"{name} cannot be read as an array of numbers") from None
        if y.size != count * outputs or not count:
            raise DataError(f"{name} has shape {y.shape}, but {count} samples need {outputs} targets each")
        return np.ascontiguousarray(y.reshape(count, outputs))

    def input_gradient(self, rows: np.ndarray) -> np.ndarray:
        """A gradient with respect to scaled rows as one with respect to the inputs, in their shape."""
        d_x = rows.reshape(len(rows), *self.input_shape)
        scaling = self._network.input_scaling
        return d_x if scaling is None else (d_x / np.asarray(scaling.scale)).astype(np.float32)


def _accepted(network: Network, x: np.ndarray) -> tuple[int, ...]:
    """The shape of one input, if it is the network's, or a sequence of another length that fits as well."""
    shape, expected = x.shape[1:], network.input_shape
    if x.ndim and shape == expected:
        return shape
    is_sequence = len(shape) == len(expected) == 2 and shape[1] == expected[1] and shape[0] > 0
    sizes = [weight.shape for weight in network.weights]
    if is_sequence and network.architecture.weight_shapes(shape) == sizes:
        return shape
    raise DataError(f"x has shape {x.shape}, but the network takes (n, {str(expected)[1:]}")


def fixed(shape: Shape) -> tuple[int, ...]:
    """A shape without what is left open."""
    return tuple(n for n in shape if n is not None)
