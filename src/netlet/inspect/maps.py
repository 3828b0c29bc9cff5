"""What the convolutions make of one image, and the kernels they do it with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.architecture import DepthwiseConv
from netlet.inspect.selection import Place, as_maps, convolutions, one_image, poolings

if TYPE_CHECKING:
    from netlet.network import Network


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """One layer's feature maps of one image.

    Attributes
    ----------
    place : Place
        The layer.
    maps : ndarray, float32, (height, width, maps)
        Its output, activation included; a global pooling's maps are 1 x 1.
    """

    place: Place
    maps: np.ndarray


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """All layers' feature maps of one image.

    Attributes
    ----------
    image : ndarray, float32, (height, width, channels)
    prediction : ndarray, float32, (outputs,)
        What the network answers: one probability if binary, else one a class.
    before_pooling : bool
        Whether the layers are the convolutions, or the poolings after them.
    layers : tuple of LayerMaps
        In order; empty if the network has no such layer.
    """

    image: np.ndarray
    prediction: np.ndarray
    before_pooling: bool
    layers: tuple[LayerMaps, ...]


def feature_maps(network: Network, image: np.ndarray, before_pooling: bool = True) -> FeatureMaps:
    """The feature maps of one image (height, width, channels): convolutions' outputs, or poolings'.

    Raises
    ------
    DataError
        If the image is not of the network's input shape.
    """
    batch = one_image(network, image)
    outputs = network.outputs(batch)
    places = (convolutions if before_pooling else poolings)(network.architecture)
    layers = tuple(LayerMaps(place, as_maps(outputs[place.layer])[0]) for place in places)
    return FeatureMaps(batch[0], outputs[-1][0], before_pooling, layers)


@dataclass(frozen=True, eq=False)
class Kernels:
    """One convolution's weights.

    Attributes
    ----------
    place : Place
        The layer.
    weights : ndarray, float32, (height, width, channels, filters)
        Keras's layout. A depthwise convolution has one channel for each of its filters: (height, width, 1,
        channels * depth_multiplier), in the order of its feature maps.
    biases : ndarray, float32, (filters,), or None
        None if the layer has none.
    """

    place: Place
    weights: np.ndarray
    biases: np.ndarray | None


def kernels(network: Network) -> tuple[Kernels, ...]:
    """The kernels and biases of every convolution, in order."""
    found = []
    for place in convolutions(network.architecture):
        kernel, *biases = network.layer_weights(place.layer)
        if isinstance(network.architecture.layers[place.layer], DepthwiseConv):
            kernel = kernel.reshape(*kernel.shape[:2], 1, -1)
        found.append(Kernels(place, kernel, biases[0] if biases else None))
    return tuple(found)
