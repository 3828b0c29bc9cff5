"""Draws Keras's summary table: layer, output shape, parameters, totals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import prod

from netlet.architecture.fit import output_shapes, weight_shapes
from netlet.architecture.layers import Layer, Shape
from netlet.tables import Table

_HEADINGS = ("Layer (type)", "Output Shape", "Param #")
_BYTES_PER_PARAMETER = 4


def summary_table(layers: Sequence[Layer], input_shape: Shape) -> str:
    """The table as plain text, its columns as wide as they need to be."""
    rows, parameters = _rows(layers, input_shape)
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    lines = [_line(row, widths) for row in (_HEADINGS, *rows)]
    lines.insert(1, "=" * len(lines[0]))
    total = sum(parameters)
    still = _averages(layers, input_shape)
    return "\n".join(
        [
            *lines,
            "-" * len(lines[0]),
            f"Total params: {total:,} ({total * _BYTES_PER_PARAMETER:,} bytes)",
            f"Trainable params: {total - still:,}",
            f"Non-trainable params: {still:,}",
        ]
    )


def summary_cells(layers: Sequence[Layer], input_shape: Shape | None) -> Table:
    """The table in cells, for a notebook; shapes and parameters are "?" while no input is known."""
    if input_shape is None:
        cells = [
            (f"{name} ({layer.keras_name})", "?", "?")
            for name, layer in zip(_keras_layer_names(layers), layers, strict=True)
        ]
        return Table(
            _HEADINGS, cells, notes=("? until an input shape is given: summary(input_shape)",), left=2
        )
    rows, parameters = _rows(layers, input_shape)
    return Table(_HEADINGS, rows, notes=(f"Total params: {sum(parameters):,}",), left=2)


def _rows(layers: Sequence[Layer], input_shape: Shape) -> tuple[list[tuple[str, str, str]], list[int]]:
    """The cells of every layer, and its number of parameters."""
    shapes = output_shapes(layers, input_shape)
    parameters = [sum(map(prod, weights)) for weights in weight_shapes(layers, input_shape)]
    rows = [
        (f"{name} ({layer.keras_name})", str((None, *shape)), f"{count:,}")
        for name, layer, shape, count in zip(
            _keras_layer_names(layers), layers, shapes, parameters, strict=True
        )
    ]
    return rows, parameters


def _averages(layers: Sequence[Layer], input_shape: Shape) -> int:
    """The number of numbers that are moving averages."""
    return sum(
        prod(shape)
        for layer, shapes in zip(layers, weight_shapes(layers, input_shape), strict=True)
        for shape in shapes[len(shapes) - layer.averages :]
    )


def _line(row: tuple[str, str, str], widths: list[int]) -> str:
    name, shape, parameters = row
    return f"{name:<{widths[0]}}   {shape:<{widths[1]}}   {parameters:>{widths[2]}}"


def _keras_layer_names(layers: Sequence[Layer]) -> list[str]:
    """The names a new Keras session gives: conv2d, conv2d_1, max_pooling2d, ..."""
    used: Counter[str] = Counter()
    names = []
    for layer in layers:
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", layer.keras_name).lower()
        names.append(f"{name}_{used[name]}" if used[name] else name)
        used[name] += 1
    return names
