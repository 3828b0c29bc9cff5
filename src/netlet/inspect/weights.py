"""All weights of a network, layer by layer, with what people call them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.inspect.selection import Place, place_of

if TYPE_CHECKING:
    from netlet.network import Network


@dataclass(frozen=True, eq=False)
class LayerWeights:
    """One layer and its weights.

    Attributes
    ----------
    place : Place
        The layer.
    output_shape : tuple of int
        Of one sample.
    arrays : mapping from what they are called ("kernel", "recurrent kernel", "bias", ...) to float32 ndarray
        In Keras's order and shapes; empty for a layer without weights.
    """

    place: Place
    output_shape: tuple[int | None, ...]
    arrays: dict[str, np.ndarray]

    @property
    def parameters(self) -> int:
        """How many numbers they are."""
        return sum(array.size for array in self.arrays.values())


def layer_weights(network: Network) -> tuple[LayerWeights, ...]:
    """Every layer of a network with its weights, in order."""
    shapes = network.architecture.shapes(network.input_shape)
    found = []
    for index, shape in enumerate(shapes):
        arrays = network.layer_weights(index)
        names = network.architecture.layers[index].weight_names
        found.append(
            LayerWeights(place_of(network.architecture, index), shape, dict(zip(names, arrays, strict=False)))
        )
    return tuple(found)
