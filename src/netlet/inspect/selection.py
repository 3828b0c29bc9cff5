"""Which layers of a network are looked into, what people call them, and what they give and weigh.

Everywhere in `netlet.inspect` layers, maps, rows and columns are counted from 0, as Python does; the names
for people count layers and maps from 1 ("conv 1, map 3") and pixels from 0, as an image's axes do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.architecture import (
    Architecture,
    AvgPool,
    Conv,
    DepthwiseConv,
    GlobalAvgPool,
    GlobalMaxPool,
    Layer,
    MaxPool,
    Recurrent,
    write_layer,
)
from netlet.errors import DataError

if TYPE_CHECKING:
    from netlet.datasets import Split
    from netlet.network import Network

CONVOLUTIONS = (Conv, DepthwiseConv)
POOLINGS = (MaxPool, AvgPool, GlobalMaxPool, GlobalAvgPool)

# Enough images to keep the engine busy, few enough that every layer's output of all of them fits in memory.
_BATCH = 256


@dataclass(frozen=True)
class Place:
    """One layer of a network.

    Attributes
    ----------
    layer : int
        Its index in ``network.architecture.layers``; -1 is the input itself.
    name : str
        For people: its kind and its number among its kind, such as "conv 2"; the input is "input".
    text : str
        The layer as written in an architecture; the input's is empty.
    """

    layer: int
    name: str
    text: str


INPUT = Place(-1, "input", "")


def convolutions(architecture: Architecture) -> tuple[Place, ...]:
    """The convolution layers (depthwise ones too), in order."""
    return _places(architecture, CONVOLUTIONS)


def poolings(architecture: Architecture) -> tuple[Place, ...]:
    """The pooling layers (global ones too), in order."""
    return _places(architecture, POOLINGS)


def recurrent_layers(architecture: Architecture) -> tuple[Place, ...]:
    """The recurrent layers, in order."""
    return _places(architecture, (Recurrent,))


def batches(count: int) -> Iterator[slice]:
    """Slices that together cover `count` examples."""
    return (slice(start, min(start + _BATCH, count)) for start in range(0, count, _BATCH))


def map_outputs(network: Network, x: np.ndarray, places: Sequence[Place]) -> list[np.ndarray]:
    """What layers give for images, as feature maps.

    Returns
    -------
    list of ndarray, float32, (n, height, width, maps)
        One a place; the input is the images themselves, a global pooling gives maps of 1 x 1.
    """
    gathered: list[list[np.ndarray]] = [[] for _ in places]
    for batch in batches(len(x)):
        outputs = [*network.outputs(x[batch]), x[batch]]  # so that index -1 is the input
        for output, place in zip(gathered, places, strict=True):
            output.append(as_maps(outputs[place.layer]))
    return [np.concatenate(output) for output in gathered]


def activities(network: Network, x: np.ndarray, mask: np.ndarray | None = None) -> list[np.ndarray]:
    """Hidden activity of every recurrent layer for many sequences: each (n, steps, units), float32."""
    parts = [
        [each.hidden for each in network.activity(x[batch], None if mask is None else mask[batch])]
        for batch in batches(len(x))
    ]
    return [np.concatenate(layer) for layer in zip(*parts, strict=True)]


def predicted(network: Network, split: Split) -> np.ndarray:
    """What a network answers for a split, its mask heeded."""
    return network.predict(split.x) if split.mask is None else network.predict(split.x, split.mask)


def one_image(network: Network, image: np.ndarray) -> np.ndarray:
    """An image as a batch of one, float32 (1, height, width, channels), its shape checked."""
    image = np.asarray(image, dtype=np.float32)
    if image.shape != tuple(network.input_shape):
        raise DataError(
            f"the image has shape {image.shape}, but the network takes {tuple(network.input_shape)}: "
            "give one image (height, width, channels)"
        )
    return image[np.newaxis]


def check_has_classes(network: Network) -> None:
    """Refuse, as DataError, a network whose task has no classes."""
    if network.task == "regression":
        raise DataError("the task is regression, which has no classes: ask a binary or categorical network")


def place_of(architecture: Architecture, layer: int) -> Place:
    """One layer by its index, with its name for people."""
    own = architecture.layers[layer]
    number = 1 + sum(isinstance(before, type(own)) for before in architecture.layers[:layer])
    return Place(layer, f"{own.name} {number}", write_layer(own))


def _places(architecture: Architecture, kinds: tuple[type[Layer], ...]) -> tuple[Place, ...]:
    return tuple(
        place_of(architecture, index)
        for index, layer in enumerate(architecture.layers)
        if isinstance(layer, kinds)
    )


def as_maps(output: np.ndarray) -> np.ndarray:
    """A layer's output (n, height, width, maps); a global pooling's (n, maps) as maps of 1 x 1."""
    return output[:, np.newaxis, np.newaxis, :] if output.ndim == 2 else output
