"""Layers that take data of any kind, number by number or whole: dense, flatten, dropout, activation."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

from netlet.architecture.layers.base import SEQUENCE, VECTOR, Layer, Shape, channels_of
from netlet.errors import ArchitectureError


@dataclass(frozen=True)
class Flatten(Layer):
    """All numbers of an image, or of a sequence of fixed length, as one vector."""

    name = "flatten"
    keras_name = "Flatten"

    def output_shape(self, shape: Shape) -> Shape:
        """``(numbers,)``."""
        sizes = [size for size in shape if size is not None]
        if len(sizes) < len(shape):
            raise ArchitectureError(
                "cannot take a sequence whose length is open: let the recurrent layer before it keep only "
                "its last step (return_sequences=false) instead"
            )
        return (prod(sizes),)


@dataclass(frozen=True)
class Dense(Layer):
    """Every output from every input, with bias and activation; on a sequence, the same at every step."""

    name = "dense"
    keras_name = "Dense"
    takes = (VECTOR, SEQUENCE)
    positional = ("units", "activation", "use_bias", "kernel_initializer")
    keras_defaults: ClassVar[dict[str, object]] = {"activation": "linear"}

    units: int
    activation: str | None = None
    use_bias: bool = True
    kernel_initializer: str = "glorot_uniform"

    def output_shape(self, shape: Shape) -> Shape:
        """``(units,)``, or ``(steps, units)`` for a sequence."""
        return (*shape[:-1], self.units)

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """Kernel ``(inputs, units)``, bias ``(units,)``."""
        kernel = (channels_of(shape), self.units)
        return [kernel, (self.units,)] if self.use_bias else [kernel]


@dataclass(frozen=True)
class Dropout(Layer):
    """In training, each number set to 0 with probability `rate` (0 <= rate < 1), the others scaled up."""

    name = "dropout"
    keras_name = "Dropout"
    positional = ("rate",)

    rate: float


@dataclass(frozen=True)
class Activation(Layer):
    """An activation function by itself."""

    name = "activation"
    keras_name = "Activation"
    positional = ("function",)
    keras_arguments: ClassVar[dict[str, str]] = {"function": "activation"}

    function: str
