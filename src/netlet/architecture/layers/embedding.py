"""Whole numbers as rows of a table."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

import numpy as np

from netlet.architecture.layers.base import VECTOR, Layer, Shape


@dataclass(frozen=True)
class Embedding(Layer):
    """For each number of a row, from 0 to `input_dim` - 1, a learned row of a table (Keras's Embedding).

    It is the first layer. With `mask_zero` a 0 is no number but fills the row up: such a step does not count
    in the layers behind that heed a mask.
    """

    name = "embedding"
    keras_name = "Embedding"
    takes = (VECTOR,)
    positional = ("input_dim", "output_dim")

    input_dim: int
    output_dim: int
    _: KW_ONLY
    embeddings_initializer: str = "uniform"
    mask_zero: bool = False

    @property
    def weight_names(self) -> tuple[str, ...]:
        """The table."""
        return ("embeddings",)

    def output_shape(self, shape: Shape) -> Shape:
        """``(numbers, output_dim)``: a sequence."""
        return (shape[0], self.output_dim)

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """The table ``(input_dim, output_dim)``."""
        return [(self.input_dim, self.output_dim)]

    def wrong_number(self, x: np.ndarray) -> tuple[int, float] | None:
        """The row and the first number of it that is no whole number of the table; None if all are."""
        wrong = ~((x >= 0) & (x < self.input_dim) & (np.floor(x) == x))
        if not wrong.any():
            return None
        row, place = np.argwhere(wrong.reshape(len(x), -1))[0]
        return int(row), float(x.reshape(len(x), -1)[row, place])
