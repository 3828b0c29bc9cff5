"""Which pixels of the input a place in a feature map can see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from netlet.architecture import (
    Activation,
    AvgPool,
    BatchNorm,
    Conv,
    DepthwiseConv,
    Dropout,
    GlobalAvgPool,
    GlobalMaxPool,
    LayerNorm,
    MaxPool,
)
from netlet.errors import ArchitectureError

if TYPE_CHECKING:
    from netlet.network import Network


@dataclass(frozen=True)
class Window:
    """A part of an image in pixels: rows ``top`` to ``bottom - 1``, columns ``left`` to ``right - 1``."""

    top: int
    left: int
    bottom: int
    right: int


def receptive_field(network: Network, layer: int, row: int, column: int) -> Window:
    """The window of the input that one place (row, column) of a layer's feature maps depends on.

    It is the smallest that holds every pixel seen; strides wider than a kernel leave some inside it unseen.
    Padding is left out: the window never reaches past the image. A global pooling's one place is (0, 0).

    Parameters
    ----------
    layer : int
        Index in ``network.architecture.layers``; -1 is the input, whose window is the pixel itself.

    Raises
    ------
    ArchitectureError
        If a layer up to there, such as flatten, has no feature maps.
    """
    shapes = [network.input_shape, *network.architecture.shapes(network.input_shape)]
    rows, columns = (row, row + 1), (column, column + 1)
    for index in range(layer, -1, -1):
        each = network.architecture.layers[index]
        height, width = shapes[index][:2]
        if isinstance(each, GlobalMaxPool | GlobalAvgPool):
            rows, columns = (0, height), (0, width)
        elif isinstance(each, Conv | DepthwiseConv | MaxPool | AvgPool):
            sizes = each.pool_size if isinstance(each, MaxPool | AvgPool) else each.kernel_size
            strides = each.strides or sizes
            is_padded = each.padding == "same"
            rows = _seen(rows, height, sizes[0], strides[0], is_padded)
            columns = _seen(columns, width, sizes[1], strides[1], is_padded)
        elif not isinstance(each, Activation | BatchNorm | Dropout | LayerNorm):
            raise ArchitectureError(
                f"layer {index + 1}, {each.name}, has no feature maps: ask for a convolution or pooling layer"
            )
    return Window(rows[0], columns[0], rows[1], columns[1])


def _seen(span: tuple[int, int], size: int, window: int, stride: int, is_padded: bool) -> tuple[int, int]:
    """The input rows (or columns) that output rows ``span[0]`` to ``span[1] - 1`` are made from."""
    # Keras pads so that ceil(size / stride) windows fit, the odd pixel at the end.
    missing = max((-(-size // stride) - 1) * stride + window - size, 0) if is_padded else 0
    before = missing // 2
    start, end = span[0] * stride - before, (span[1] - 1) * stride - before + window
    return max(start, 0), min(end, size)
