"""The formula that a network amounts to, as text: one line a map, node or answer.

The notation is that of a programming language, without its rules for loops: ``a1[i, j]`` is a number of the
first map of the first layer, ``a1[t]`` a node at step t, ``x`` the input (``x1``, ``x2``, ... its channels or
features), everything counted from 0. Behind two spaces and "for" stands where a line holds. What lies outside
an image, or before the first step, is 0; a pooling leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.architecture import (
    GRU,
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
)
from netlet.errors import ArchitectureError
from netlet.inspect.places import at, axes_of

if TYPE_CHECKING:
    from netlet.datasets.scaling import Scaling
    from netlet.network import Network

_LETTERS = "abcdefghklmnoq"
"""Names of layers; i, j and t count places, x and y are input and answer, p and s are taken too."""


@dataclass(frozen=True)
class Numbers:
    """What a layer gives, by name: `names` of maps, of nodes at every step, or of single numbers.

    Attributes
    ----------
    names : tuple of str
        Of single numbers, whatever stands for them in a formula, such as ``a1[0, 2]``.
    size : tuple of int
        Height and width of maps; the number of steps; empty for single numbers.
    """

    names: tuple[str, ...]
    size: tuple[int, ...]

    @property
    def place(self) -> str:
        """How one place is written, behind a name."""
        return ("", "[t]", "[i, j]")[len(self.size)]

    @property
    def everywhere(self) -> str:
        """Where a line about one place holds."""
        counted = zip(("", "t", "ij")[len(self.size)], self.size, strict=True)
        ranges = ", ".join(f"{name} in 0..{count - 1}" for name, count in counted)
        return f"  for {ranges}" if ranges else ""


@dataclass(frozen=True)
class Formula:
    """A network as text.

    Attributes
    ----------
    lines : tuple of str
        One after the other they compute the answer.
    layers : tuple of Numbers
        What each layer gives, by the names that stand in the lines.
    """

    lines: tuple[str, ...]
    layers: tuple[Numbers, ...]

    def __str__(self) -> str:
        """The lines below each other."""
        return "\n".join(self.lines)


def formula(network: Network, digits: int = 3) -> Formula:
    """Write a network down.

    Parameters
    ----------
    digits : int
        Of its weights; with 9 they are the float32 numbers themselves.

    Raises
    ------
    ArchitectureError
        If it has more layers than there are letters.
    """
    writer = _Writer(network, digits)
    return Formula(tuple(writer.lines), tuple(writer.layers))


class _Writer:
    """Goes through the layers and keeps the lines."""

    def __init__(self, network: Network, digits: int) -> None:
        self._network, self._digits = network, digits
        self._letters = iter(_LETTERS)
        self.lines: list[str] = []
        self.layers: list[Numbers] = []
        now = self._input()
        for index, layer in enumerate(network.architecture.layers):
            weights = [weight.astype(np.float64) for weight in network.layer_weights(index)]
            now = self._layer(layer, weights, now)
            self.layers.append(now)
        self._answer(now)

    def _input(self) -> Numbers:
        *size, channels = self._network.input_shape
        names = ("x",) if channels == 1 else tuple(f"x{k + 1}" for k in range(channels))
        given = Numbers(names, tuple(size))
        scaling = self._network.input_scaling
        if scaling is None:
            return given
        scaled = Numbers(tuple(name.replace("x", "u") for name in names), tuple(size))
        for name, raw, offset, scale in zip(scaled.names, names, scaling.offset, scaling.scale, strict=True):
            text = f"({raw}{given.place} - {self._number(offset)})/{self._number(scale)}"
            self._write(f"{name}{given.place} = {text.replace('- -', '+ ')}", given)
        return scaled

    def _answer(self, last: Numbers) -> None:
        network, place = self._network, last.place
        names = [f"{name}{place}" for name in last.names]
        if network.task == "categorical":
            self._write(f"p{place} = softmax({', '.join(names)})", last)
        elif network.task == "binary":
            self._write(f"p{place} = sigmoid({names[0]})", last)
        else:
            scaling = network.target_scaling
            answers = ["y"] if len(names) == 1 else [f"y{k + 1}" for k in range(len(names))]
            for k, (answer, name) in enumerate(zip(answers, names, strict=True)):
                text = name if scaling is None else self._unscaled(name, scaling, k)
                self._write(f"{answer}{place} = {text}", last)

    def _unscaled(self, name: str, scaling: Scaling, output: int) -> str:
        offset, scale = self._number(scaling.offset[output]), self._number(scaling.scale[output])
        return f"{offset} + {scale}*{name}"

    # --- layers -------------------------------------------------------------------------------------------

    def _layer(self, layer: Layer, weights: Sequence[np.ndarray], now: Numbers) -> Numbers:
        match layer:
            case Conv() | DepthwiseConv() | Conv1D():
                return self._conv(layer, weights, now)
            case MaxPool() | AvgPool() | MaxPool1D() | AvgPool1D():
                return self._pool(layer, now)
            case GlobalMaxPool() | GlobalAvgPool() | GlobalMaxPool1D() | GlobalAvgPool1D():
                return self._global_pool(layer, now)
            case Flatten():
                return self._flatten(now)
            case Dense():
                return self._dense(layer, weights, now)
            case Recurrent():
                return self._recurrent(layer, weights, now)
            case Bidirectional():
                return self._both_directions(layer, weights, now)
            case BatchNorm():
                return self._batch_norm(layer, weights, now)
            case Embedding():
                return self._embedding(layer, now)
            case LayerNorm():
                return self._layer_norm(layer, weights, now)
            case Activation() if layer.function not in ("softmax", "linear") and not self._is_head(layer):
                found = self._next(len(now.names), now.size)
                for name, before in zip(found.names, now.names, strict=True):
                    self._write(f"{name}{now.place} = {layer.function}({before}{now.place})", now)
                return found
            case Activation() | Dropout():
                return now
        raise ArchitectureError(f"there is no formula for a layer {layer.name}")

    def _conv(
        self, layer: Conv | DepthwiseConv | Conv1D, weights: Sequence[np.ndarray], now: Numbers
    ) -> Numbers:
        kernel, *bias = weights
        is_depthwise = isinstance(layer, DepthwiseConv)
        count = kernel.shape[2] * kernel.shape[3] if is_depthwise else kernel.shape[-1]
        found = self._next(count, self._slid(layer, now))
        axes = axes_of(now.size, layer.kernel_size, layer.strides, layer.padding)
        for unit, name in enumerate(found.names):
            channels = [unit // kernel.shape[3]] if is_depthwise else range(kernel.shape[-2])
            terms = [
                (kernel[(*place, c, unit % kernel.shape[-1])], f"{now.names[c]}[{at(axes, place)}]")
                for c in channels
                for place in np.ndindex(kernel.shape[:-2])
            ]
            text = self._activated(layer.activation, self._sum(terms, bias[0][unit] if bias else None))
            self._write(f"{name}{found.place} = {text}", found)
        return found

    def _pool(self, layer: MaxPool | AvgPool | MaxPool1D | AvgPool1D, now: Numbers) -> Numbers:
        found = self._next(len(now.names), self._slid(layer, now))
        sizes = layer.pool_size if isinstance(layer.pool_size, tuple) else (layer.pool_size,)
        axes = axes_of(now.size, sizes, layer.strides or sizes, layer.padding)
        what = "max" if isinstance(layer, MaxPool | MaxPool1D) else "mean"
        counted = "mn"[-len(sizes) :]
        windows = ", ".join(f"{name} in 0..{size - 1}" for name, size in zip(counted, sizes, strict=True))
        for name, before in zip(found.names, now.names, strict=True):
            inside = f"{before}[{at(axes, counted)}]"
            self._write(f"{name}{found.place} = {what}({inside} for {windows})", found)
        return found

    @staticmethod
    def _slid(layer: Layer, now: Numbers) -> tuple[int, ...]:
        """What a window leaves of rows and columns, or of steps."""
        return tuple(size or 0 for size in layer.output_shape((*now.size, len(now.names)))[:-1])

    def _global_pool(
        self,
        layer: GlobalMaxPool | GlobalAvgPool | GlobalMaxPool1D | GlobalAvgPool1D,
        now: Numbers,
    ) -> Numbers:
        found = self._next(len(now.names), ())
        what = "max" if isinstance(layer, GlobalMaxPool | GlobalMaxPool1D) else "mean"
        for name, before in zip(found.names, now.names, strict=True):
            self._write(f"{name} = {what}({before}{now.place}{now.everywhere[1:]})", found)
        return found

    def _batch_norm(self, layer: BatchNorm, weights: Sequence[np.ndarray], now: Numbers) -> Numbers:
        found = self._next(len(now.names), now.size)
        one, zero = np.ones_like(weights[-1]), np.zeros_like(weights[-1])
        gamma, beta, mean, variance = layer.numbers(weights, one, zero)
        scale = gamma / np.sqrt(variance + layer.epsilon)
        for unit, (name, before) in enumerate(zip(found.names, now.names, strict=True)):
            text = self._sum([(scale[unit], before + now.place)], beta[unit] - mean[unit] * scale[unit])
            self._write(f"{name}{now.place} = {text}", found)
        return found

    def _embedding(self, layer: Embedding, now: Numbers) -> Numbers:
        found = self._next(layer.output_dim, (len(now.names),))
        given = ", ".join(now.names)
        for unit, name in enumerate(found.names):
            self._write(f"{name}[t] = table[({given})[t], {unit}]", found)
        return found

    def _layer_norm(self, layer: LayerNorm, weights: Sequence[np.ndarray], now: Numbers) -> Numbers:
        found = self._next(len(now.names), now.size)
        all_of = ", ".join(name + now.place for name in now.names)
        mean, deviation = (f"{found.names[0][0]}_{what}" for what in ("mean", "deviation"))
        self._write(f"{mean}{now.place} = mean({all_of})", found)
        away = ", ".join(f"({name}{now.place} - {mean}{now.place})^2" for name in now.names)
        root = f"sqrt(mean({away}) + {self._number(layer.epsilon)})"
        self._write(f"{deviation}{now.place} = {root}", found)
        for unit, (name, before) in enumerate(zip(found.names, now.names, strict=True)):
            text = f"({before}{now.place} - {mean}{now.place})/{deviation}{now.place}"
            text = self._sum(
                [(weights[0][unit] if layer.scale else 1.0, text)],
                weights[-1][unit] if layer.center else None,
            )
            self._write(f"{name}{now.place} = {text}", found)
        return found

    @staticmethod
    def _flatten(now: Numbers) -> Numbers:
        if not now.size:
            return now
        places = np.ndindex(*now.size)
        return Numbers(
            tuple(f"{name}[{', '.join(map(str, place))}]" for place in places for name in now.names), ()
        )

    def _dense(self, layer: Dense, weights: Sequence[np.ndarray], now: Numbers) -> Numbers:
        kernel, *bias = weights
        found = self._next(layer.units, now.size)
        activation = None if self._is_head(layer) else layer.activation
        for unit, name in enumerate(found.names):
            terms = [(kernel[k, unit], before + now.place) for k, before in enumerate(now.names)]
            text = self._activated(activation, self._sum(terms, bias[0][unit] if bias else None))
            self._write(f"{name}{now.place} = {text}", found)
        return found

    def _recurrent(self, layer: Recurrent, weights: Sequence[np.ndarray], now: Numbers) -> Numbers:
        found = self._next(layer.units, now.size)
        kernel, recurrent, *bias = weights
        inputs = [f"{name}[t]" for name in now.names]
        before = [f"{name}[t - 1]" for name in found.names]
        both = np.atleast_2d(bias[0]) if bias else np.zeros((1, kernel.shape[1]))
        has_bias = bool(bias)

        def total(column: int, hidden: Sequence[str] = before) -> str:
            terms = [
                *zip(kernel[:, column], inputs, strict=True),
                *zip(recurrent[:, column], hidden, strict=True),
            ]
            return self._sum(terms, both[:, column].sum() if has_bias else None)

        places = [[unit + gate * layer.units for gate in range(layer.gates)] for unit in range(layer.units)]
        if isinstance(layer, GRU):
            self._gru(layer, found, places, total, (kernel, recurrent, both, has_bias), inputs, before)
        for name, columns in zip(found.names, places, strict=True):
            if isinstance(layer, RNN):
                self._at_step(name, self._activated(layer.activation, total(columns[0])), found)
            elif isinstance(layer, LSTM):
                gates = ("_input", "_forget", "_candidate", "_output")
                kinds = [layer.recurrent_activation] * 2 + [layer.activation, layer.recurrent_activation]
                for gate, kind, column in zip(gates, kinds, columns, strict=True):
                    self._at_step(name + gate, self._activated(kind, total(column)), found)
                kept = f"{name}_forget[t]*{name}_cell[t - 1] + {name}_input[t]*{name}_candidate[t]"
                self._at_step(f"{name}_cell", kept, found)
                shown = self._activated(layer.activation, f"{name}_cell[t]")
                self._at_step(name, f"{name}_output[t]*{shown}", found)
        if layer.return_sequences:
            return found
        return Numbers(tuple(f"{name}[{now.size[0] - 1}]" for name in found.names), ())

    def _both_directions(self, layer: Bidirectional, weights: Sequence[np.ndarray], now: Numbers) -> Numbers:
        """One direction by its lines, the other by the same whose step before is the one behind."""
        half = len(weights) // 2
        forward = self._recurrent(layer.layer, weights[:half], now)
        first = len(self.lines)
        backward = self._recurrent(layer.layer, weights[half:], now)
        self.lines[first:] = [line.replace("[t - 1]", "[t + 1]") for line in self.lines[first:]]
        if not layer.return_sequences:
            ends = (name.partition("[")[0] for name in backward.names)
            backward = Numbers(tuple(f"{name}[0]" for name in ends), ())
        if layer.merge_mode == "concat":
            return Numbers((*forward.names, *backward.names), forward.size)
        found = self._next(len(forward.names), forward.size)
        sign = "*" if layer.merge_mode == "mul" else " + "
        for name, a, b in zip(found.names, forward.names, backward.names, strict=True):
            text = f"{a}{forward.place}{sign}{b}{forward.place}"
            text = f"({text})/2" if layer.merge_mode == "ave" else text
            self._write(f"{name}{found.place} = {text}", found)
        return found

    def _gru(
        self,
        layer: GRU,
        found: Numbers,
        places: Sequence[Sequence[int]],
        total: Callable[..., str],
        weights: tuple[np.ndarray, np.ndarray, np.ndarray, bool],
        inputs: Sequence[str],
        before: Sequence[str],
    ) -> None:
        kernel, recurrent, both, has_bias = weights
        for name, columns in zip(found.names, places, strict=True):
            for gate, column in zip(("_update", "_reset"), columns, strict=False):
                text = self._activated(layer.recurrent_activation, total(column))
                self._at_step(name + gate, text, found)
        for name, (*_, column) in zip(found.names, places, strict=True):
            if layer.reset_after:  # the reset gate acts on the recurrent sum, which has a bias of its own
                biases = both[:, column] if has_bias else (None, None)
                hidden = self._sum(list(zip(recurrent[:, column], before, strict=True)), biases[1])
                text = self._sum(list(zip(kernel[:, column], inputs, strict=True)), biases[0])
                text = f"{text} + {name}_reset[t]*({hidden})"
            else:
                reset = (f"{other}_reset[t]*{own}" for other, own in zip(found.names, before, strict=True))
                text = total(column, list(reset))
            self._at_step(f"{name}_candidate", self._activated(layer.activation, text), found)
            kept = f"{name}_update[t]*{name}[t - 1] + (1 - {name}_update[t])*{name}_candidate[t]"
            self._at_step(name, kept, found)

    # --- text ---------------------------------------------------------------------------------------------

    def _write(self, text: str, where: Numbers) -> None:
        self.lines.append(text + (where.everywhere if where.place and where.place in text else ""))

    def _at_step(self, name: str, text: str, where: Numbers) -> None:
        self._write(f"{name}[t] = {text}", where)

    def _next(self, count: int, size: tuple[int, ...]) -> Numbers:
        letter = next(self._letters, None)
        if letter is None:
            raise ArchitectureError(
                f"a formula has at most {len(_LETTERS)} layers, but {self._network.architecture} has more"
            )
        return Numbers(tuple(f"{letter}{k + 1}" for k in range(count)), size)

    def _is_head(self, layer: Layer) -> bool:
        """Whether it is the last layer of a classifier, whose activation is in the line of the answer."""
        last = [
            each for each in self._network.architecture.layers if not isinstance(each, Dropout | Flatten)
        ][-1]
        return layer is last and self._network.task != "regression"

    @staticmethod
    def _activated(activation: str | None, text: str) -> str:
        return text if activation in (None, "linear") else f"{activation}({text})"

    def _sum(self, terms: Sequence[tuple[float, str]], bias: float | None) -> str:
        parts = [(weight, f"*{name}") for weight, name in terms] + ([] if bias is None else [(bias, "")])
        text = ""
        for weight, name in parts:
            sign = "-" if weight < 0 else "+" if text else ""
            space = " " if text else ""
            text += f"{space}{sign}{space}{self._number(abs(weight))}{name}"
        return text or "0"

    def _number(self, value: float) -> str:
        return f"{value:.{self._digits}g}"
