"""Architectures as text: read, with the place of every mistake, and written.

Layers are joined by ``-``; spaces are free. A layer is a name and, in parentheses, arguments by place or by
Keras's names. Three spellings can be mixed:

- netlet's own names, in any case: ``conv(4, 3x3)``, ``maxpool``, ``dense(10)``, with netlet's defaults;
- Keras's class names, exactly as Keras spells them: ``Conv2D(4, 3)``, ``Dense(10)``, with Keras's defaults,
  that is no activation in convolutions and dense layers, and only the last step of recurrent ones;
- the exercise's shorthand ``3x(3x3 kernel)`` for ``conv(3, 3x3)``. One such layer makes the whole text
  shorthand, and in it the names that netlet and Keras share but for their capitals (Dense, Flatten, Dropout,
  Activation, GRU, LSTM) are netlet's, with netlet's defaults.

In all three, the last layer's activation, left unsaid, is what the task needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from netlet.architecture.binding import bound
from netlet.architecture.layers import Layer, is_required
from netlet.architecture.reading import Value, read_named


def read_layers(text: str) -> tuple[Layer, ...]:
    """The layers of an architecture's text.

    Raises
    ------
    ArchitectureError
        One line that quotes the text and names the column (from 1) of the mistake, what was expected there
        and, for a word, the nearest right one.
    """
    named = read_named(text)
    return tuple(bound(text, layer, layer is named[-1]) for layer in named)


def write_layers(layers: Sequence[Layer]) -> str:
    """The canonical text of layers: netlet's names, and only the arguments that differ from the defaults."""
    return " - ".join(map(write_layer, layers))


def write_layer(layer: Layer) -> str:
    """The canonical text of one layer, such as ``conv(4, 3x3, padding=same)``."""
    written = []
    for field in fields(layer):
        value = getattr(layer, field.name)
        if is_required(field) or field.name in ("kernel_size", "pool_size"):
            written.append(_write_value(field.name, value))
        elif value != field.default:
            written.append(f"{field.name}={_write_value(field.name, value)}")
    return f"{layer.name}({', '.join(written)})" if written else layer.name


def _write_value(argument: str, value: Value | Layer) -> str:
    if isinstance(value, Layer):
        return write_layer(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        height, width = value
        return str(height) if height == width and argument != "kernel_size" else f"{height}x{width}"
    return str(value)
