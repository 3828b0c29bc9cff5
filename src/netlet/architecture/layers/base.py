"""What every layer is: a frozen dataclass of its arguments, with shapes of what it gives and of its weights.

Shapes leave the batch dimension out: an image is ``(height, width, channels)``, a sequence
``(steps, channels)`` with ``steps`` None where the length is open, a vector ``(numbers,)``. Names,
definitions, defaults and the order and shapes of weights are Keras's (https://keras.io/api/layers), except
that an activation of None stands for netlet's default: relu in convolutions and dense layers, tanh in
recurrent ones, and in the last layer what the task needs.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, ClassVar

from netlet.architecture.arguments import checked
from netlet.errors import ArchitectureError

Shape = tuple[int | None, ...]
Size = tuple[int, int]

VECTOR, SEQUENCE, IMAGE = 1, 2, 3
"""Kinds of data, by the number of their dimensions."""


@dataclass(frozen=True)
class Layer:
    """What all layers share: arguments checked when made (ArchitectureError), and Keras's two formulas.

    ``output_shape`` and ``weight_shapes`` expect an input of a kind that the layer takes (``takes``);
    `Architecture.shapes` checks that before it asks.
    """

    name: ClassVar[str]
    keras_name: ClassVar[str]
    takes: ClassVar[tuple[int, ...]] = (VECTOR, SEQUENCE, IMAGE)
    positional: ClassVar[tuple[str, ...]] = ()
    """Arguments that may be given without their name, in Keras's order."""
    keras_defaults: ClassVar[dict[str, object]] = {}
    """Where Keras's default differs from netlet's."""
    keras_arguments: ClassVar[dict[str, str]] = {}
    """Keras's name of an argument, where it is not the field's own."""

    rules: ClassVar[dict[str, str]] = {}
    """What an argument may be, by another name than its own (see `netlet.architecture.arguments`)."""

    def __post_init__(self) -> None:
        """Check every argument and keep it in its one form."""
        for field in fields(self):
            value = getattr(self, field.name)
            if (value is None and field.default is None) or isinstance(value, Layer):
                continue
            try:
                object.__setattr__(self, field.name, checked(field.name, value, self.rules.get(field.name)))
            except ValueError as error:
                raise ArchitectureError(f"{self.name}: {error}") from None

    averages: ClassVar[int] = 0
    """How many of its weights, the last ones, are moving averages, which no gradient changes."""

    def output_shape(self, shape: Shape) -> Shape:
        """The shape this layer gives for an input of that shape."""
        return shape

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """The shapes of its weights, in Keras's order, for an input of that shape."""
        return []

    @property
    def weight_names(self) -> tuple[str, ...]:
        """What its weights are called, in the same order."""
        return ("kernel", "bias")


def layer_name(layer: Layer) -> str:
    """The name of a layer in netlet's text, such as ``conv``."""
    return layer.name


def is_required(field: Field[Any]) -> bool:
    """Whether an argument has no default."""
    return field.default is MISSING


def channels_of(shape: Shape) -> int:
    """The last size of a shape, which is never open."""
    channels = shape[-1]
    assert channels is not None
    return channels
