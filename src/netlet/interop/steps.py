"""A network's layers one by one, with what each takes, gives and weighs: what every way out goes through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from netlet.architecture import BatchNorm, Embedding, Layer, LayerNorm, StepsLayer
from netlet.errors import ArchitectureError
from netlet.network import Network

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """One layer of a network.

    Attributes
    ----------
    name
        In the network: its kind and its place from 1, such as ``conv_1``.
    layer
        With everything settled.
    weights
        float32 arrays in Keras's order and shapes.
    takes, gives
        Shapes of one sample before and after it.
    """

    name: str
    layer: Layer
    weights: tuple[np.ndarray, ...]
    takes: Shape
    gives: Shape


def steps_of(network: Network) -> list[Step]:
    """The layers of a network in order."""
    architecture, shape = network.architecture, network.input_shape
    shapes = [shape, *(_fixed(each) for each in architecture.shapes(shape))]
    weights = iter(network.weights)
    return [
        Step(
            f"{layer.name}_{place + 1}",
            layer,
            tuple(next(weights) for _ in kept),
            shapes[place],
            shapes[place + 1],
        )
        for place, (layer, kept) in enumerate(
            zip(architecture.layers, architecture.layer_weight_shapes(shape), strict=True)
        )
    ]


def on_image(step: Step) -> Step:
    """A convolution or pooling over steps as that of an image of one row; other layers as they are."""
    layer = step.layer
    if not isinstance(layer, StepsLayer):
        return step
    takes, gives = ((1, *shape) if len(shape) == 2 else shape for shape in (step.takes, step.gives))
    weights = tuple(each[None] if each.ndim > 1 else each for each in step.weights)
    return replace(step, layer=layer.on_image, weights=weights, takes=takes, gives=gives)


def same_padding(size: int, window: int, stride: int) -> tuple[int, int]:
    """Zeros before and behind an axis so that padding is Keras's "same": the odd one stands behind."""
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


def paddings(
    layer: object, takes: Shape, window: Sequence[int], strides: Sequence[int]
) -> list[tuple[int, int]]:
    """Padding before and behind of every axis but the channels', for a layer with ``padding``."""
    padding = getattr(layer, "padding", "valid")
    if padding == "valid":
        return [(0, 0)] * len(window)
    if padding == "causal":
        return [(size - 1, 0) for size in window]
    return [same_padding(n, w, s) for n, w, s in zip(takes[:-1], window, strides, strict=True)]


def no_mask(step: Step, layer: Embedding) -> None:
    """Refuse an embedding that masks zeros where nothing behind it would heed a mask."""
    if layer.mask_zero:
        raise ArchitectureError(
            f"{step.name}: mask_zero leaves steps out, which only Keras and netlet do: train without it"
        )


def batch_numbers(step: Step, layer: BatchNorm) -> tuple[np.ndarray, ...]:
    """Gamma, beta, mean and variance of every channel; ones and zeros for a gamma or beta it has not."""
    channels = step.takes[-1]
    return layer.numbers(step.weights, np.ones(channels, np.float32), np.zeros(channels, np.float32))


def gamma_and_beta(step: Step, layer: BatchNorm | LayerNorm) -> tuple[np.ndarray, np.ndarray]:
    """Of every channel; ones and zeros for a gamma or beta that a normalisation has not."""
    rest, channels = list(step.weights), step.takes[-1]
    gamma = rest.pop(0) if layer.scale else np.ones(channels, np.float32)
    beta = rest.pop(0) if layer.center else np.zeros(channels, np.float32)
    return gamma, beta


def _fixed(shape: tuple[int | None, ...]) -> Shape:
    return tuple(n for n in shape if n is not None)
