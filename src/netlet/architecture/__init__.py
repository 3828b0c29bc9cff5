"""Architectures: layers without weights, as text and as dataclasses, with their shapes and parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Protocol

from netlet.architecture import fit
from netlet.architecture.arguments import ACTIVATIONS, INITIALIZERS
from netlet.architecture.keras_code import keras_source
from netlet.architecture.layers import (
    GRU,
    LAYERS,
    LSTM,
    RNN,
    Activation,
    AvgPool,
    AvgPool1D,
    BatchNorm,
    Bidirectional,
    Conv,
    Conv1D,
    Dense,
    DepthwiseConv,
    Dropout,
    Embedding,
    Flatten,
    GlobalAvgPool,
    GlobalAvgPool1D,
    GlobalMaxPool,
    GlobalMaxPool1D,
    Layer,
    LayerNorm,
    MaxPool,
    MaxPool1D,
    Recurrent,
    Shape,
    StepsLayer,
    layer_name,
)
from netlet.architecture.summary import summary_cells, summary_table
from netlet.architecture.text import read_layers, write_layer, write_layers
from netlet.errors import ArchitectureError

__all__ = [
    "ACTIVATIONS",
    "GRU",
    "INITIALIZERS",
    "LAYERS",
    "LSTM",
    "RNN",
    "Activation",
    "Architecture",
    "AvgPool",
    "AvgPool1D",
    "BatchNorm",
    "Bidirectional",
    "Conv",
    "Conv1D",
    "Dense",
    "DepthwiseConv",
    "Dropout",
    "Embedding",
    "Flatten",
    "GlobalAvgPool",
    "GlobalAvgPool1D",
    "GlobalMaxPool",
    "GlobalMaxPool1D",
    "Layer",
    "LayerNorm",
    "MaxPool",
    "MaxPool1D",
    "Recurrent",
    "Shape",
    "StepsLayer",
    "layer_name",
    "write_layer",
]


class Fitting(Protocol):
    """What an architecture needs to know of a dataset."""

    @property
    def name(self) -> str: ...
    @property
    def input_shape(self) -> tuple[int, ...]: ...
    @property
    def task(self) -> str: ...
    @property
    def outputs(self) -> int: ...
    @property
    def per_step(self) -> bool: ...


@dataclass(frozen=True, init=False, repr=False)
class Architecture:
    """Layers without weights; equal and of equal hash when the layers are.

    ``str()`` gives the canonical text, from which an equal architecture is read back.

    Parameters
    ----------
    layers
        Text such as ``"conv(4, 3x3) - maxpool(2) - flatten - dense(1)"`` (see `netlet.architecture.text` for
        all it may hold), layers, or another architecture.

    Raises
    ------
    ArchitectureError
        If the text cannot be read (the message names the column), there are no layers, or they are none.

    Notes
    -----
    Methods that take an ``input_shape`` want it without the batch: ``(height, width, channels)`` for images,
    ``(steps, channels)`` for sequences, with ``steps`` None if open, ``(numbers,)`` for vectors; they raise
    ArchitectureError, naming the layer, if the layers do not fit it. As long as an architecture is not
    resolved, a last recurrent layer that does not say is taken to keep its last step only.
    """

    layers: tuple[Layer, ...]

    def __init__(self, layers: str | Architecture | Iterable[Layer]) -> None:
        """Read or take over the layers."""
        object.__setattr__(self, "layers", _as_layers(layers))

    def __str__(self) -> str:
        """The canonical text."""
        return write_layers(self.layers)

    def __repr__(self) -> str:
        """Python that makes an equal architecture."""
        return f'Architecture("{self}")'

    def _repr_html_(self) -> str:
        return summary_cells(self._sequenced(), None)._repr_html_()

    def __len__(self) -> int:
        """The number of layers."""
        return len(self.layers)

    def resolve(
        self,
        input_shape: Sequence[int | None],
        task: str,
        outputs: int,
        per_step: bool = False,
        dataset_name: str = "the dataset",
    ) -> Architecture:
        """The same with everything left open settled, checked to fit an input and a task.

        Every activation and return_sequences becomes explicit. Activations left out become relu in
        convolution and dense layers, but linear if an activation layer comes right behind; tanh in recurrent
        layers; and what the task needs in the last layer. If the last layer takes no activation of its own
        (pooling, flatten, dropout, recurrent), a layer ``activation(sigmoid)`` or ``activation(softmax)`` is
        appended, and the convolution or dense layer that feeds it is linear. All but the last recurrent layer
        return sequences, and that one if `per_step`, unless the text says otherwise.

        Parameters
        ----------
        input_shape
            Shape of one sample.
        task
            ``"binary"``: one output, sigmoid; ``"categorical"``: `outputs` outputs, softmax;
            ``"regression"``: `outputs` outputs, linear unless the text says otherwise.
        outputs
            Number of classes, or of values to predict.
        per_step
            Whether the target is a sequence, one value at every step.
        dataset_name
            What errors call the dataset.

        Raises
        ------
        ArchitectureError
            If a layer does not fit what it is given, the last one or its activation does not fit the task,
            or there are more than 100 layers, 100 million parameters or 10 million numbers in an output.
        """
        shape = fit.checked_input(input_shape)
        return Architecture(fit.fitted(self.layers, shape, task, outputs, per_step, dataset_name))

    def resolve_for(self, dataset: Fitting) -> Architecture:
        """The same, fitted to a dataset: see `resolve`, whose errors name the dataset."""
        return self.resolve(
            dataset.input_shape, dataset.task, dataset.outputs, dataset.per_step, dataset_name=dataset.name
        )

    def shapes(self, input_shape: Sequence[int | None]) -> list[Shape]:
        """The shape of every layer's output, without the batch."""
        return fit.output_shapes(self._sequenced(), fit.checked_input(input_shape))

    def parameters(self, input_shape: Sequence[int | None]) -> int:
        """The number of all numbers, biases and moving averages included (Keras's total)."""
        return sum(map(prod, self.weight_shapes(input_shape)))

    def weight_shapes(self, input_shape: Sequence[int | None]) -> list[tuple[int, ...]]:
        """The shapes of all weights, in Keras's order."""
        by_layer = self.layer_weight_shapes(input_shape)
        return [shape for weights in by_layer for shape in weights]

    def layer_weight_shapes(self, input_shape: Sequence[int | None]) -> list[list[tuple[int, ...]]]:
        """The shapes of the weights, a list for every layer."""
        return fit.weight_shapes(self._sequenced(), fit.checked_input(input_shape))

    def summary(self, input_shape: Sequence[int | None]) -> str:
        """Keras's table as plain text: layer (type), output shape, parameters, totals."""
        return summary_table(self._sequenced(), fit.checked_input(input_shape))

    def keras_code(self, input_shape: Sequence[int | None]) -> str:
        """Python source that builds the same ``keras.Sequential`` as ``model``."""
        shape = fit.checked_input(input_shape)
        settled = fit.with_activations(self._sequenced(), "linear")
        fit.output_shapes(settled, shape)
        return keras_source(settled, shape)

    def _sequenced(self) -> tuple[Layer, ...]:
        return fit.with_sequences(self.layers, per_step=False)


def _as_layers(layers: object) -> tuple[Layer, ...]:
    if isinstance(layers, Architecture):
        return layers.layers
    if isinstance(layers, str):
        return read_layers(layers)
    if not isinstance(layers, Iterable) or getattr(layers, "ndim", 1) == 0:
        raise ArchitectureError(
            f"an architecture is made of a text or of layers, not of {type(layers).__name__}"
        )
    found = tuple(layers)
    for number, layer in enumerate(found, 1):
        if type(layer) not in LAYERS:
            names = ", ".join(kind.__name__ for kind in LAYERS)
            raise ArchitectureError(f"layer {number} is a {type(layer).__name__}, but must be one of {names}")
    if not found:
        raise ArchitectureError("the architecture is empty: give at least one layer, such as Dense(1)")
    return found
