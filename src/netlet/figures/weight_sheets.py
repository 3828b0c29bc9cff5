"""The picture of a whole network: its layers from first to last, with all their weights in colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.map_sheets import draw_kernels
from netlet.figures.sheet import BAR_ROOM, GAP, LINE, MARGIN, Sheet, signed_colours_for
from netlet.figures.style import minus, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from netlet.inspect import LayerWeights

_LARGEST_CELL, _WRITTEN_CELL = 0.42, 0.36
_HIGHEST = 2.0
_ROW_NAME = 1.25


@styled
def weights(layers: Sequence[LayerWeights], title: str = "") -> Figure:
    """A network's layers with their weights: red is above zero, blue below; one colour scale an array.

    Matrices have a column for each input and a row for each node (or gate of a node); where there is room,
    the numbers stand in them.
    """
    sheet = Sheet()
    y = sheet.title(MARGIN, title)
    for index, layer in enumerate(layers):
        heading = f"{layer.place.name}, {layer.place.text}: {_size(layer)}"
        if any(array.ndim == 4 for array in layer.arrays.values()):
            from netlet.inspect import Kernels

            kernel = layer.arrays["kernel"]
            if "depthwise" in layer.place.name:
                kernel = kernel.reshape(*kernel.shape[:2], 1, -1)
            y = draw_kernels(sheet, y, Kernels(layer.place, kernel, layer.arrays.get("bias")), index == 0)
            continue
        sheet.text(MARGIN, y, heading)
        y += LINE + 0.04
        for name, array in layer.arrays.items():
            by_input = array.reshape(-1, array.shape[-1])  # of a kernel over steps: step by step
            matrix = by_input.T if array.ndim > 1 and name != "bias" else np.atleast_2d(array)
            y = _draw_matrix(sheet, y, name, matrix)
        y += GAP
    return sheet.finish(y + MARGIN)


def _size(layer: LayerWeights) -> str:
    shape = " × ".join("any" if n is None else f"{n:,}" for n in layer.output_shape)
    count = f"{layer.parameters:,} parameter{'' if layer.parameters == 1 else 's'}, " if layer.arrays else ""
    return f"{count}gives {shape}"


def _draw_matrix(sheet: Sheet, y: float, name: str, matrix: np.ndarray) -> float:
    rows, columns = matrix.shape
    room = sheet.width - MARGIN - _ROW_NAME - BAR_ROOM
    width = min(_LARGEST_CELL, room / columns)
    height = min(_LARGEST_CELL * 0.5, _HIGHEST / rows, max(width, 0.12))
    colours = signed_colours_for(matrix)
    left = MARGIN + _ROW_NAME
    sheet.text(MARGIN, y + rows * height / 2, f"{name}\n{rows} × {columns}", va="center")
    sheet.image(left, y, columns * width, rows * height, matrix, colours)
    if width >= _WRITTEN_CELL and height > 0.15:
        for (row, column), value in np.ndenumerate(matrix):
            dark = abs(value) > 0.6 * colours.high
            sheet.text(
                left + (column + 0.5) * width,
                y + (row + 0.5) * height,
                minus(f"{value:.2f}"),
                ha="center",
                va="center",
                color="white" if dark else "black",
            )
    bar = max(rows * height, 0.4)
    sheet.colour_bar(left + columns * width, y, bar, colours, "weight" if bar > 0.6 else "")
    return y + max(bar, 2 * LINE) + GAP
