"""The parts of a tiny network: its layers with their maps, nodes and outputs, weights and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.architecture import (
    GRU,
    LSTM,
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
)
from netlet.datasets import Split
from netlet.inspect.answering import answers_to, kernel_words, most_exciting
from netlet.inspect.formula import Formula, Numbers
from netlet.inspect.selection import Place, place_of

if TYPE_CHECKING:
    from netlet.network import Network


_WHOLE = (BatchNorm, LayerNorm, Bidirectional, Embedding)
"""Layers whose weights are not shown node by node."""


@dataclass(frozen=True, eq=False)
class Block:
    """Weights that belong together.

    Attributes
    ----------
    title : str
        What they weigh; may be empty.
    weights : ndarray, float32, (rows, columns)
    rows, columns : tuple of str
        Names of rows and columns; empty for a kernel, whose rows and columns are those of the image.
    """

    title: str
    weights: np.ndarray
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Part:
    """One map, node or output.

    Attributes
    ----------
    symbol : str
        What it is called in the formula.
    name : str
        For people.
    blocks : tuple of Block
        Its weights; of a recurrent node the biases are in them.
    bias : float or None
    words : tuple of str
        What it answers to, in words and measured numbers.
    excited_by : ndarray, (height, width, channels), or None
        The mean of the image patches that it answers most to.
    """

    symbol: str
    name: str
    blocks: tuple[Block, ...]
    bias: float | None
    words: tuple[str, ...]
    excited_by: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Stage:
    """One layer of the diagram.

    Attributes
    ----------
    place : Place
    what : str
        What the layer does, in a few words.
    activation : str
        Empty if it has none.
    symbols : tuple of str
        What it gives, by the names in the formula.
    parts : tuple of Part
        Empty for a layer without weights, which does the same to all it is given.
    """

    place: Place
    what: str
    activation: str
    symbols: tuple[str, ...]
    parts: tuple[Part, ...]


def stages_of(
    network: Network,
    split: Split,
    outputs: Sequence[np.ndarray],
    written: Formula,
    names: Sequence[str],
) -> tuple[Stage, ...]:
    """Every layer that computes something.

    Parameters
    ----------
    outputs
        Of every layer for the split.
    written
        The network's formula.
    names
        Of the classes.
    """
    stages = []
    for index, layer in enumerate(network.architecture.layers):
        if isinstance(layer, Flatten | Dropout):
            continue
        place, symbols = place_of(network.architecture, index), _symbols(written, index)
        maker = _Maker(network, split, outputs, written, names, place, symbols)
        is_weighted = network.layer_weights(index) and not isinstance(layer, _WHOLE)
        units = len(symbols) if is_weighted else 0
        activation = getattr(layer, "activation", "") or ""
        stages.append(
            Stage(
                place,
                _what(layer),
                "" if activation == "linear" else activation,
                tuple(symbols),
                tuple(maker.part(unit) for unit in range(units)),
            )
        )
    return tuple(stages)


@dataclass(frozen=True, eq=False)
class _Maker:
    """Makes the parts of one layer."""

    network: Network
    split: Split
    outputs: Sequence[np.ndarray]
    written: Formula
    names: Sequence[str]
    place: Place
    symbols: Sequence[str]

    def part(self, unit: int) -> Part:
        network, index = self.network, self.place.layer
        layer = network.architecture.layers[index]
        kernel, *rest = network.layer_weights(index)
        bias = float(rest[0][unit]) if rest and not isinstance(layer, Recurrent) else None
        words: list[str] = []
        excited, name = None, f"{self.place.name}, node {unit + 1}"
        if isinstance(layer, Conv | DepthwiseConv):
            blocks = self._kernels(layer, kernel, unit)
            name = f"{self.place.name}, map {unit + 1}"
            for block in blocks[:3]:
                of = f" {block.title}" if len(blocks) > 1 else ""
                words.append(f"its kernel{of}, by its weights: {kernel_words(block.weights)}")
            excited = most_exciting(network, self.split.x, self.outputs[index][..., unit], index)
        elif isinstance(layer, Conv1D):
            columns = tuple(f"step {k}" for k in range(layer.kernel_size))
            blocks = (Block("", kernel[:, :, unit].T, tuple(self._given.names), columns),)
        elif isinstance(layer, Recurrent):
            blocks = (self._gates(layer, (kernel, *rest), unit),)
        else:
            blocks = self._columns(kernel[:, unit])
        if index == len(network.architecture) - 1 and network.task != "regression":
            name = self._answer(unit)
        words += answers_to(network, self.split, self.outputs, index, unit, self.names)
        return Part(self.symbols[unit], name, blocks, bias, tuple(words), excited)

    @property
    def _given(self) -> Numbers:
        """What the layer is given, by the names in the formula."""
        if self.place.layer:
            return self.written.layers[self.place.layer - 1]
        *size, channels = self.network.input_shape
        letter = "x" if self.network.input_scaling is None else "u"
        names = (letter,) if channels == 1 else tuple(f"{letter}{k + 1}" for k in range(channels))
        return Numbers(names, tuple(size))

    def _answer(self, unit: int) -> str:
        """What the last layer's unit speaks for."""
        if self.network.task == "binary":
            return f"above 0: {self.names[1]}, else {self.names[0]}" if self.names else "above 0: class 1"
        return self.names[unit] if self.names else f"class {unit}"

    def _kernels(self, layer: Conv | DepthwiseConv, kernel: np.ndarray, unit: int) -> tuple[Block, ...]:
        given = self._given.names
        if isinstance(layer, DepthwiseConv):
            channel, which = divmod(unit, kernel.shape[3])
            return (Block(f"of {given[channel]}", kernel[:, :, channel, which]),)
        return tuple(Block(f"of {name}", kernel[:, :, c, unit]) for c, name in enumerate(given))

    def _columns(self, column: np.ndarray) -> tuple[Block, ...]:
        """The weights of a dense node: a picture for each map behind a flatten, else a named number each."""
        index, network, given = self.place.layer, self.network, self._given.names
        shapes = [network.input_shape, *network.architecture.shapes(network.input_shape)]
        before = network.architecture.layers[index - 1] if index else None
        if isinstance(before, Flatten) and len(shapes[index - 1]) == 3:
            maps = column.reshape([n or 1 for n in shapes[index - 1]])
            names = list(dict.fromkeys(name.partition("[")[0] for name in given))
            return tuple(Block(f"of {name}", maps[:, :, k]) for k, name in enumerate(names))
        return (Block("", column[np.newaxis], columns=tuple(given)),)

    def _gates(self, layer: Recurrent, weights: Sequence[np.ndarray], unit: int) -> Block:
        """The weights of a recurrent node: a row for each gate, a column for each input, node and bias."""
        kernel, recurrent, *bias = weights
        places = [unit + gate * layer.units for gate in range(layer.gates)]
        gates = {GRU: ("update", "reset", "candidate"), LSTM: ("input", "forget", "candidate", "output")}
        parts = [kernel[:, places].T, recurrent[:, places].T]
        columns = [*self._given.names, *(f"{symbol}\nbefore" for symbol in self.symbols)]
        if bias:
            both = np.atleast_2d(bias[0])[:, places]
            parts.append(both.T)
            columns += ["bias"] if len(both) == 1 else ["bias", "bias of\nbefore"]
        return Block("", np.concatenate(parts, axis=1), gates.get(type(layer), ("sum",)), tuple(columns))


def _symbols(written: Formula, layer: int) -> list[str]:
    return list(dict.fromkeys(name.partition("[")[0] for name in written.layers[layer].names))


def _what(layer: Layer) -> str:
    match layer:
        case Conv() | DepthwiseConv():
            rows, columns = layer.kernel_size
            down, across = layer.strides
            stride = "" if layer.strides == (1, 1) else f", in steps of {down} × {across}"
            return f"kernel of {rows} × {columns}{stride}"
        case MaxPool() | AvgPool():
            rows, columns = layer.pool_size
            return f"{'largest' if isinstance(layer, MaxPool) else 'mean'} of {rows} × {columns}"
        case GlobalMaxPool():
            return "largest of the map"
        case GlobalAvgPool():
            return "mean of the map"
        case Conv1D():
            stride = "" if layer.strides == 1 else f", in steps of {layer.strides}"
            return f"kernel of {layer.kernel_size} steps{stride}"
        case MaxPool1D() | AvgPool1D():
            return f"{'largest' if isinstance(layer, MaxPool1D) else 'mean'} of {layer.pool_size} steps"
        case GlobalMaxPool1D():
            return "largest of all steps"
        case GlobalAvgPool1D():
            return "mean of all steps"
        case Dense():
            return "weighted sum"
        case BatchNorm():
            return "normalised by channel"
        case Embedding():
            return "a row of a table for each number"
        case LayerNorm():
            return "normalised by place"
        case Bidirectional():
            return f"{layer.layer.name} in both directions"
        case Recurrent():
            return "weighted sum of now and before"
        case Activation():
            return layer.function
    return layer.name
