"""Pictures of feature maps of one image, and of kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.page import (
    BAR_ROOM,
    GAP,
    LINE,
    MARGIN,
    PICTURE_COLOURS,
    Colours,
    Page,
    colours_for,
    fit_tiles,
    picture,
    places,
    signed_colours_for,
    text_width,
)
from netlet.figures.style import number, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from netlet.inspect import FeatureMaps, Kernels, LayerMaps

_IMAGE_SIZE = 1.3
_LARGEST_MAP = 1.2
_LARGEST_KERNEL = 0.6
_ROW_NAME = 0.6
_MOST_INPUTS, _MOST_FILTERS = 8, 20
"""More kernels than these make no picture."""
_BLOCK_GAP = 0.14


@styled
def feature_maps(maps: FeatureMaps, title: str = "") -> Figure:
    """An image and, layer by layer, what the network makes of it; one colour scale a layer."""
    page = Page()
    y = page.title(MARGIN, title)
    rows, columns = maps.image.shape[:2]
    page.text(MARGIN, y, f"the image, {rows} × {columns} pixels")
    y += LINE + 0.04
    _, width, height = fit_tiles(1, (rows, columns), page.width - 2 * MARGIN, 1, _IMAGE_SIZE)
    page.image(MARGIN, y, width, height, picture(maps.image), PICTURE_COLOURS)
    y += height + _BLOCK_GAP
    for layer in maps.layers:
        y = _draw_layer(page, y, layer)
    if not maps.layers:
        kind = "convolution" if maps.before_pooling else "pooling"
        page.text(MARGIN, y, f"The network has no {kind} layer.")
        y += LINE
    return page.finish(y + MARGIN)


def _draw_layer(page: Page, y: float, layer: LayerMaps) -> float:
    """Draw one layer's maps from y down; return where the next may begin."""
    rows, columns, count = layer.maps.shape
    size = f"{count} feature {'map' if count == 1 else 'maps'} of {rows} × {columns} pixels"
    page.text(MARGIN, y, f"{layer.place.name}, {layer.place.text}: {size}")
    y += LINE + 0.04
    maps = np.moveaxis(layer.maps, -1, 0)
    return draw_maps(page, y, list(maps), colours_for(maps), "activation") + _BLOCK_GAP


def draw_maps(page: Page, y: float, maps: Sequence[np.ndarray], colours: Colours, label: str) -> float:
    """Draw numbered maps of one scale in rows, with their colour bar; return where they end."""
    room = page.width - MARGIN - BAR_ROOM
    most = 8 if len(maps) <= 24 else 16
    columns, width, height = fit_tiles(len(maps), maps[0].shape, room, most, _LARGEST_MAP)
    step = height + LINE + GAP
    for index, (each, (left, top)) in enumerate(
        zip(maps, places(len(maps), columns, width + GAP, step), strict=True)
    ):
        name = f"map {index + 1}" if width > 0.5 else str(index + 1)
        page.text(MARGIN + left, y + top, name)
        page.image(MARGIN + left, y + top + LINE, width, height, each, colours)
    bottom = y + -(-len(maps) // columns) * step - GAP
    page.colour_bar(y + LINE, max(min(bottom - y - LINE, 1.2), 0.6), colours, label)
    return max(bottom, y + LINE + 0.6)


@styled
def kernels(layers: Sequence[Kernels], title: str = "") -> Figure:
    """Every convolution's kernels: a column for each feature map made, a row for each it is made from."""
    page = Page()
    y = page.title(MARGIN, title)
    for layer in layers:
        y = _draw_kernels(page, y, layer)
    if not layers:
        page.text(MARGIN, y, "The network has no convolution layer.")
        y += LINE
    return page.finish(y + MARGIN)


def _draw_kernels(page: Page, y: float, layer: Kernels) -> float:
    """Draw one layer's kernels from y down, wrapped where there are many; return where the next may begin."""
    rows, columns, inputs, filters = layer.weights.shape
    weights = layer.weights[:, :, :_MOST_INPUTS, :_MOST_FILTERS]
    left_out = f", {weights.shape[2] * weights.shape[3]} of {inputs * filters} shown"
    heading = f"{layer.place.name}, {layer.place.text}: kernels of {rows} × {columns} pixels"
    page.text(MARGIN, y, heading + (left_out if weights.size < layer.weights.size else ""))
    y += LINE + 0.04
    room = page.width - MARGIN - _ROW_NAME - BAR_ROOM
    most = int(room / (text_width("−0.123") + GAP))
    across, width, height = fit_tiles(weights.shape[3], (rows, columns), room, most, _LARGEST_KERNEL)
    colours, top = signed_colours_for(weights), y
    for start in range(0, weights.shape[3], across):
        group = range(start, min(start + across, weights.shape[3]))
        y = _draw_kernel_rows(page, y, weights, layer.biases, group, (width, height), colours)
    page.colour_bar(top + LINE, min(max(y - top - 2 * LINE, 0.6), 1.2), colours, "weight")
    return max(y, top + LINE + 0.6) + _BLOCK_GAP


def _draw_kernel_rows(
    page: Page,
    y: float,
    weights: np.ndarray,
    biases: np.ndarray | None,
    group: range,
    size: tuple[float, float],
    colours: Colours,
) -> float:
    """Draw the kernels of some filters below each other, named above, their biases below."""
    width, height = size
    step = max(width, text_width("−0.123")) + GAP
    lefts = [MARGIN + _ROW_NAME + place * step for place in range(len(group))]
    for left, index in zip(lefts, group, strict=True):
        page.text(left + width / 2, y, f"map {index + 1}", ha="center")
    y += LINE
    inputs = weights.shape[2]
    for channel in range(inputs):
        page.text(MARGIN, y + height / 2, "weights" if inputs == 1 else f"from {channel + 1}", va="center")
        for left, index in zip(lefts, group, strict=True):
            page.image(left, y, width, height, weights[:, :, channel, index], colours)
        y += height + GAP
    if biases is not None:
        page.text(MARGIN, y, "bias")
        for left, index in zip(lefts, group, strict=True):
            page.text(left + width / 2, y, number(biases[index]), ha="center")
        y += LINE
    return y + GAP
