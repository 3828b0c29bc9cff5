"""Pictures of feature maps of one image, and of kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.sheet import (
    BAR_ROOM,
    GAP,
    LINE,
    MARGIN,
    PICTURE_COLOURS,
    Colours,
    Sheet,
    colours_for,
    fit_tiles,
    picture,
    places,
    signed_colours_for,
)
from netlet.figures.style import minus, styled, text_width

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from netlet.inspect import FeatureMaps, Kernels, LayerMaps

_IMAGE_SIZE = 1.3
_LARGEST_MAP = 1.2
_LARGEST_KERNEL = 0.6
_ROW_NAME, _BIAS_WIDTH = 0.85, 0.42
_MOST_INPUTS, _MOST_FILTERS = 8, 20
"""More kernels than these make no picture."""
_BLOCK_GAP = 0.14
_LEAST_BAR = 0.75
_FEW_MAPS = 4
"""So many maps leave room for the image beside them."""


@styled
def feature_maps(maps: FeatureMaps, title: str = "") -> Figure:
    """An image and, layer by layer, what the network makes of it; one colour scale a layer."""
    sheet = Sheet()
    top = sheet.title(MARGIN, title)
    rows, columns = maps.image.shape[:2]
    sheet.text(MARGIN, top, f"the image, {rows} × {columns} pixels")
    top += LINE + 0.04
    _, width, height = fit_tiles(1, (rows, columns), sheet.width - 2 * MARGIN, 1, _IMAGE_SIZE)
    sheet.image(MARGIN, top, width, height, picture(maps.image), PICTURE_COLOURS)
    if all(layer.maps.shape[-1] <= _FEW_MAPS for layer in maps.layers):
        left, y = MARGIN + max(width, text_width("the image, 00 × 00 pixels")) + 0.3, top - LINE - 0.04
    else:
        left, y = MARGIN, top + height + _BLOCK_GAP
    for layer in maps.layers:
        y = _draw_layer(sheet, left, y, layer)
    if not maps.layers:
        kind = "convolution" if maps.before_pooling else "pooling"
        sheet.text(left, y, f"The network has no {kind} layer.")
    return sheet.finish(max(y - _BLOCK_GAP, top + height) + MARGIN)


def _draw_layer(sheet: Sheet, left: float, y: float, layer: LayerMaps) -> float:
    """Draw one layer's maps from y down; return where the next may begin."""
    rows, columns, count = layer.maps.shape
    size = f"{count} {'map' if count == 1 else 'maps'} of {rows} × {columns} pixels"
    sheet.text(left, y, f"{layer.place.name}, {layer.place.text}: {size}")
    y += LINE + 0.04
    maps = np.moveaxis(layer.maps, -1, 0)
    return _draw_maps(sheet, left, y, list(maps), colours_for(maps)) + _BLOCK_GAP


def _draw_maps(sheet: Sheet, left: float, y: float, maps: Sequence[np.ndarray], colours: Colours) -> float:
    """Draw numbered maps of one scale in rows, with their colour bar; return where they end."""
    most = 8 if len(maps) <= 24 else 16
    room = sheet.width - left - BAR_ROOM
    columns, width, height = fit_tiles(len(maps), maps[0].shape, room, most, _LARGEST_MAP)
    step = height + LINE + GAP
    for index, (each, (x, down)) in enumerate(
        zip(maps, places(len(maps), columns, width + GAP, step), strict=True)
    ):
        name = f"map {index + 1}" if width > 0.5 else str(index + 1)
        sheet.text(left + x, y + down, name)
        sheet.image(left + x, y + down + LINE, width, height, each, colours)
    bottom = y + -(-len(maps) // columns) * step - GAP
    bar_height = max(min(bottom - y - LINE, 1.2), _LEAST_BAR)
    sheet.colour_bar(left + columns * (width + GAP) - GAP, y + LINE, bar_height, colours, "activation")
    return max(bottom, y + LINE + bar_height)


@styled
def kernels(layers: Sequence[Kernels], title: str = "") -> Figure:
    """Every convolution's kernels: a column for each feature map made, a row for each it is made from."""
    sheet = Sheet()
    y = sheet.title(MARGIN, title)
    for index, layer in enumerate(layers):
        y = draw_kernels(sheet, y, layer, is_first=index == 0)
    if not layers:
        sheet.text(MARGIN, y, "The network has no convolution layer.")
        y += LINE + MARGIN
    return sheet.finish(y)


def draw_kernels(sheet: Sheet, y: float, layer: Kernels, is_first: bool) -> float:
    """Draw one layer's kernels from y down, wrapped where there are many; return where the next may begin."""
    rows, columns, inputs, filters = layer.weights.shape
    weights = layer.weights[:, :, :_MOST_INPUTS, :_MOST_FILTERS]
    left_out = f", {weights.shape[2] * weights.shape[3]} of {inputs * filters} shown"
    heading = f"{layer.place.name}, {layer.place.text}: kernels of {rows} × {columns} pixels"
    sheet.text(MARGIN, y, heading + (left_out if weights.size < layer.weights.size else ""))
    y += LINE + 0.04
    room = sheet.width - MARGIN - _ROW_NAME - BAR_ROOM
    most = int(room / (_BIAS_WIDTH + GAP))
    across, width, height = fit_tiles(weights.shape[3], (rows, columns), room, most, _LARGEST_KERNEL)
    colours, top = signed_colours_for(weights), y
    source = "channel" if is_first else "from map"
    names = ["weights"] if inputs == 1 else [f"{source} {index + 1}" for index in range(weights.shape[2])]
    for start in range(0, weights.shape[3], across):
        group = range(start, min(start + across, weights.shape[3]))
        y = _draw_kernel_rows(sheet, y, weights, layer.biases, names, group, (width, height), colours)
    bar_height = min(max(y - top - 2 * LINE - GAP, _LEAST_BAR), 1.2)
    step = max(width, _BIAS_WIDTH) + GAP
    sheet.colour_bar(MARGIN + _ROW_NAME + across * step - GAP, top + LINE, bar_height, colours, "weight")
    return max(y, top + LINE + bar_height) + _BLOCK_GAP


def _draw_kernel_rows(
    sheet: Sheet,
    y: float,
    weights: np.ndarray,
    biases: np.ndarray | None,
    names: Sequence[str],
    group: range,
    size: tuple[float, float],
    colours: Colours,
) -> float:
    """Draw the kernels of some filters below each other, named above, their biases below."""
    width, height = size
    step = max(width, _BIAS_WIDTH) + GAP
    lefts = [MARGIN + _ROW_NAME + place * step for place in range(len(group))]
    for left, index in zip(lefts, group, strict=True):
        sheet.text(left + width / 2, y, f"map {index + 1}", ha="center")
    y += LINE
    for channel in range(weights.shape[2]):
        sheet.text(MARGIN, y + height / 2, names[channel], va="center")
        for left, index in zip(lefts, group, strict=True):
            sheet.image(left, y, width, height, weights[:, :, channel, index], colours)
        y += height + GAP
    if biases is not None:
        sheet.text(MARGIN, y, "bias")
        for left, index in zip(lefts, group, strict=True):
            sheet.text(left + width / 2, y, minus(f"{biases[index]:.2f}"), ha="center")
        y += LINE
    return y + GAP
