"""A recurrent network in int8: weights of 8 bits, states of 16, its arithmetic in numpy to the bit as in C.

Every number between layers is a whole one of 16 bits, ``real = scale * q``: tanh and sigmoid give 2**-15ths,
other functions what the training data needs, with as much room again above. A unit adds up products of int8
and int16 in 32 bits, a scale of its own brings the sum to a finer grid, and there its function is looked up
in one table of 257 numbers (sigmoid from 0 to 16, between which it is linear; tanh is a sigmoid, too).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet import metrics
from netlet.architecture import GRU, LSTM, RNN, Dense, DepthwiseConv, Recurrent
from netlet.datasets import Split
from netlet.errors import ArchitectureError
from netlet.interop.c.plan import Operation, Plan, integer_plan
from netlet.interop.c.quantized import HIGH, fixed_point, inputs_to_fit, scaled_inputs
from netlet.interop.code import functions
from netlet.network import Network

LIMIT = 2**29
"""Between -LIMIT and LIMIT stand the parts of a sum on the finer grid: three of them stay in 32 bits."""
TOP = 2**15 - 1
ONE = 2**15
MOST_INPUTS = 250
"""Products of int8 and int16 that are added up, so that the sum stays in int32."""
HEADROOM = 2.0
"""How much larger numbers may become than they were on the training data."""
FRACTION, PIECE = 16, 12
"""Bits behind the point of the grid on which sigmoid and tanh are looked up, and of a piece of the table."""
_SIGMOID = ONE / (1 + np.exp(-np.arange(257) / 2 ** (FRACTION - PIECE)))
TABLE = np.minimum(np.round(_SIGMOID), TOP).astype(np.int16)
TABLED = ("tanh", "sigmoid")
PLAIN = ("linear", "relu", "leaky_relu")
FIFTH = 13107
"""The slope of leaky_relu in 2**-16ths."""

_MOST_FITTED = 1000


@dataclass(frozen=True)
class Scaled:
    """Positive factors as whole numbers: ``(x * multiplier + 2 ** (shift - 1)) >> shift``."""

    multipliers: np.ndarray
    shifts: np.ndarray

    @classmethod
    def of(cls, factors: Sequence[float] | np.ndarray) -> Scaled:
        """The whole numbers for factors."""
        pairs = [fixed_point(float(factor)) for factor in factors]
        multipliers, shifts = (np.array(each, dtype=np.int64) for each in zip(*pairs, strict=True))
        return cls(multipliers, shifts)

    def __call__(self, x: np.ndarray, limit: int = LIMIT) -> np.ndarray:
        """Whole numbers times the factors."""
        half = np.int64(1) << (self.shifts - 1)
        return np.clip((x.astype(np.int64) * self.multipliers + half) >> self.shifts, -limit, limit)


@dataclass(frozen=True)
class Product:
    """Weights of int8, ``(inputs, sums)`` or ``(sums,)`` of a channel each; and what scales the sums."""

    kernel: np.ndarray
    scaled: Scaled

    def sums(self, q: np.ndarray) -> np.ndarray:
        """The products added up, for whole numbers ``(..., inputs)``."""
        kernel = self.kernel.astype(np.int64)
        return q.astype(np.int64) * kernel if kernel.ndim == 1 else q.astype(np.int64) @ kernel

    def __call__(self, q: np.ndarray) -> np.ndarray:
        """The same on the finer grid."""
        return self.scaled(self.sums(q))


@dataclass(frozen=True)
class Stage:
    """One operation in whole numbers.

    Attributes
    ----------
    operation
        What it does.
    products
        Of its input; of recurrent layers, of the state too.
    biases
        int32, ``(sums,)`` on the finer grid (of the last operation on that of its sums); of a GRU that resets
        after its product, behind it those of the candidate's product, ``(units,)``.
    scale
        Of the numbers that come out.
    to_cell, from_cell
        Of an LSTM: what brings a gated candidate to the cell's grid, and a cell to the finer one; of an
        activation by itself, the latter brings its input there.
    """

    operation: Operation
    products: tuple[Product, ...]
    biases: tuple[np.ndarray, ...]
    scale: float
    to_cell: Scaled | None = None
    from_cell: Scaled | None = None


def looked_up(z: np.ndarray) -> np.ndarray:
    """Sigmoid of numbers in 2**-16ths, in 2**-15ths."""
    away = np.abs(z)
    place = np.minimum(away >> PIECE, 255)
    low, high = TABLE[place].astype(np.int64), TABLE[place + 1].astype(np.int64)
    part = away & ((1 << PIECE) - 1)
    y = low + (((high - low) * part + (1 << (PIECE - 1))) >> PIECE)
    y = np.where(away >= 256 << PIECE, TOP, y)
    return np.where(z < 0, ONE - y, y)


def activated(function: str, z: np.ndarray) -> np.ndarray:
    """An activation of numbers on its finer grid, as numbers of 16 bits."""
    if function == "sigmoid":
        return looked_up(z)
    if function == "tanh":
        return 2 * looked_up(2 * z) - ONE
    if function == "relu":
        z = np.maximum(z, 0)
    elif function == "leaky_relu":
        z = np.where(z < 0, (z * FIFTH + (1 << 15)) >> 16, z)
    return np.clip((z + 128) >> 8, -TOP, TOP)


class QuantizedStream:
    """A recurrent network in int8, as `Quantized` is for others.

    Parameters
    ----------
    network
        With recurrent layers, of tanh, sigmoid, relu, leaky_relu and linear activations, with sigmoid gates.
    x
        Training inputs in netlet's form, on which the scales are fitted.

    Raises
    ------
    ArchitectureError
        If it has other activations inside, or a layer that is too large.
    DataError
        If there are no inputs, or a weight is not finite.
    """

    def __init__(self, network: Network, x: Any) -> None:
        """Fit the scales."""
        plan = integer_plan(network)
        self.plan: Plan = plan
        real = inputs_to_fit(network, x)[:_MOST_FITTED]
        self.input_scale = scale = _scale(real)
        self.stages: list[Stage] = []
        self.output_scale = 1.0
        for number, operation in enumerate(plan.operations):
            is_last = number == len(plan.operations) - 1
            before, real = real, _in_float(operation, real)
            stage = _stage(operation, scale, real, before, is_last)
            self.stages.append(stage)
            scale = self.output_scale = stage.scale

    @property
    def network(self) -> Network:
        """The network in float."""
        return self.plan.network

    def quantize(self, x: Any) -> np.ndarray:
        """Inputs in netlet's form as int16."""
        return self._places(scaled_inputs(self.network, x)[0])

    def _places(self, x: np.ndarray) -> np.ndarray:
        places = np.floor(x * np.float32(1 / self.input_scale) + np.float32(0.5))
        return np.clip(places, -TOP, TOP).astype(np.int16)

    def integers(self, q: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """What the last operation gives before its activation, int32, for int16 ``(n, steps, channels)``.

        For every step, ``(n, steps, outputs)``, if the network answers at every step, else after the last.
        A step that `mask` leaves out, ``(n, steps)``, leaves the states as they are.
        """
        at = np.asarray(q)
        for number, stage in enumerate(self.stages):
            at = _whole(stage, at, number == len(self.stages) - 1, mask)
        return (at if self._answers_every_step() else at[:, -1]).astype(np.int32)

    def predict(self, x: Any, mask: np.ndarray | None = None) -> np.ndarray:
        """Answers for inputs in netlet's form, as `Network.predict`'s, the last axis kept."""
        scaled, mask = scaled_inputs(self.network, x, mask)
        real = self.integers(self._places(scaled), mask).astype(np.float32) * np.float32(self.output_scale)
        last = self.plan.operations[-1]
        if not isinstance(last.layer, Recurrent) and last.activation != "linear":
            real = getattr(functions, last.activation, np.tanh)(real)
        scaling = self.network.target_scaling
        return real if scaling is None else scaling.undo(real)

    def evaluate(self, split: Split) -> dict[str, float | None]:
        """The metrics of the network's task, in int8."""
        answers = self.predict(split.x, split.mask).astype(np.float32)
        if self.network.task == "binary":
            answers = answers[..., 0]
        return metrics.evaluate(self.network.task, split.y, answers, split.mask)

    def _answers_every_step(self) -> bool:
        return len(self.network.architecture.shapes(self.network.input_shape)[-1]) == 2


def _scale(*real: np.ndarray) -> float:
    """The grid of numbers of 16 bits with room above what was seen."""
    most = max(float(np.abs(each).max(initial=0.0)) for each in real)
    return HEADROOM * most / TOP if most else 1.0


def _in_float(operation: Operation, x: np.ndarray) -> np.ndarray:
    """An operation in float, activation included, at every step."""
    layer, weights = operation.layer, operation.weights
    if not isinstance(layer, Recurrent):
        if isinstance(layer, Dense):
            x = x @ weights[0] + (weights[1] if len(weights) > 1 else 0)
        elif isinstance(layer, DepthwiseConv):
            x = x * weights[0].reshape(-1) + weights[1]
        return x if operation.activation == "linear" else getattr(functions, operation.activation, np.tanh)(x)
    kernel, recurrent, *biases = weights
    bias: Any = biases[0] if biases else 0.0
    function = _float_function(operation.activation)
    if isinstance(layer, RNN):
        return functions.rnn(x, kernel, recurrent, bias, function)
    gate = _float_function(layer.recurrent_activation)  # type: ignore[attr-defined]
    if isinstance(layer, GRU):
        return functions.gru(x, kernel, recurrent, bias, function, gate, layer.reset_after)
    return functions.lstm(x, kernel, recurrent, bias, function, gate)


def _float_function(name: str) -> Any:
    return (lambda x: x) if name == "linear" else getattr(functions, name, np.tanh)


def _cells(operation: Operation, x: np.ndarray, h: np.ndarray) -> np.ndarray:
    """What the cells of an LSTM hold at every step, from its input and its output."""
    layer: Any = operation.layer
    kernel, recurrent, *bias = operation.weights
    before = np.concatenate([np.zeros_like(h[:, :1]), h[:, :-1]], axis=1)
    z = x @ kernel + before @ recurrent + (bias[0] if bias else 0)
    units = layer.units
    gate, function = _float_function(layer.recurrent_activation), _float_function(operation.activation)
    i, f = gate(z[..., :units]), gate(z[..., units : 2 * units])
    candidate = function(z[..., 2 * units : 3 * units])
    c, found = np.zeros_like(h[:, 0]), []
    for step in range(h.shape[1]):
        c = f[:, step] * c + i[:, step] * candidate[:, step]
        found.append(c)
    return np.stack(found, axis=1)


def _check(operation: Operation, is_last: bool) -> None:
    layer = operation.layer
    gates = getattr(layer, "recurrent_activation", "sigmoid")
    is_inside = isinstance(layer, Recurrent) or not is_last
    if gates != "sigmoid" or (is_inside and operation.activation not in (*TABLED, *PLAIN)):
        what = f"{gates} gates" if gates != "sigmoid" else operation.activation
        raise ArchitectureError(
            f"{operation.text} has {what}, but in int8 a recurrent network has sigmoid gates, and "
            f"{', '.join((*TABLED, *PLAIN))} inside: export it in float instead"
        )
    for weights in operation.weights[:2]:
        if weights.ndim == 2 and weights.shape[0] > MOST_INPUTS:
            raise ArchitectureError(
                f"{operation.text} adds up more than {MOST_INPUTS} products, too many for int8: export it in "
                "float instead"
            )


def _stage(operation: Operation, before: float, real: np.ndarray, given: np.ndarray, is_last: bool) -> Stage:
    _check(operation, is_last)
    layer, function = operation.layer, operation.activation
    is_recurrent = isinstance(layer, Recurrent)
    if not operation.weights:
        if is_last:
            return Stage(operation, (), (), before)
        scale, unit = _grids(function, real)
        return Stage(operation, (), (), scale, from_cell=Scaled.of([before / unit]))
    if is_last and not is_recurrent:
        return _last(operation, before)
    scale, unit = _grids(function, real)
    if isinstance(layer, LSTM):
        cells = _cells(operation, given, real)
        # the candidate has the activation's grid, which must take what it gives of cells too
        scale, unit = _grids(function, _float_function(function)(cells), cells)
        cell = _scale(cells)
        to_cell, from_cell = Scaled.of([2.0**-15 * scale / cell]), Scaled.of([cell / unit])
    else:
        to_cell = from_cell = None
    gates = getattr(layer, "gates", 1)
    units = operation.gives[-1]
    each = np.repeat([unit if gate == _CANDIDATE[gates] else 2.0**-FRACTION for gate in range(gates)], units)
    products = [_product(operation.weights[0], before, each)]
    if is_recurrent:
        products.append(_product(operation.weights[1], scale, each))
    biases = []
    given_biases = operation.weights[2 if is_recurrent else 1 :]
    rows = np.atleast_2d(np.asarray(given_biases[0] if given_biases else np.zeros(len(each)), np.float64))
    whole = [np.clip(np.round(row / each), -LIMIT, LIMIT).astype(np.int64) for row in rows]
    biases.append(whole[0])
    if isinstance(layer, GRU) and layer.reset_after:
        second = whole[1] if len(whole) > 1 else np.zeros_like(whole[0])
        kept = 2 * units
        biases[0] = np.concatenate([np.clip(whole[0][:kept] + second[:kept], -LIMIT, LIMIT), whole[0][kept:]])
        biases.append(second[kept:])
    return Stage(operation, tuple(products), tuple(biases), scale, to_cell, from_cell)


_CANDIDATE = {1: 0, 3: 2, 4: 2}
"""Which gate has the layer's own activation, by how many there are."""


def _grids(function: str, *real: np.ndarray) -> tuple[float, float]:
    """The scale of what a function gives, and of the finer grid on which it is given it."""
    if function in TABLED:
        return 1 / ONE, 2.0**-FRACTION
    scale = _scale(*real)
    return scale, scale / 256


def _last(operation: Operation, before: float) -> Stage:
    """The last operation, whose sums have one scale."""
    kernel = np.asarray(operation.weights[0], np.float64)
    kernel = kernel.reshape(-1) if isinstance(operation.layer, DepthwiseConv) else kernel
    of_weights = float(np.abs(kernel).max()) / HIGH or 1.0
    whole = np.round(kernel / of_weights).astype(np.int8)
    bias = np.asarray(operation.weights[1] if len(operation.weights) > 1 else np.zeros(operation.gives[-1]))
    scale = before * of_weights
    places = np.clip(np.round(bias.astype(np.float64) / scale), -(2**30), 2**30).astype(np.int64)
    ones = Scaled.of(np.ones(operation.gives[-1]))
    return Stage(operation, (Product(whole, ones),), (places,), scale)


def _product(weights: np.ndarray, before: float, units: np.ndarray) -> Product:
    """Weights as int8 with a scale for each sum, which is brought to its unit."""
    kernel = np.asarray(weights, np.float64)
    if kernel.ndim == 4:  # one channel each
        kernel = kernel.reshape(1, -1)
        largest = np.abs(kernel[0])
    else:
        largest = np.abs(kernel).max(axis=0)
    scales = np.where(largest > 0, largest / HIGH, 1.0)
    whole = np.round(kernel / scales).astype(np.int8)
    whole = whole[0] if weights.ndim == 4 else whole
    return Product(whole, Scaled.of(before * scales / units))


def _whole(stage: Stage, q: np.ndarray, is_last: bool, mask: np.ndarray | None) -> np.ndarray:
    """One operation in whole numbers at every step of ``(n, steps, inputs)``."""
    operation = stage.operation
    if isinstance(operation.layer, Recurrent):
        return _recurrent(stage, q, mask)
    if not stage.products:
        if is_last:
            return q.astype(np.int64)
        assert stage.from_cell is not None
        return activated(operation.activation, stage.from_cell(q))
    if is_last:
        return stage.products[0].sums(q) + stage.biases[0]
    return activated(operation.activation, stage.products[0](q) + stage.biases[0])


def _recurrent(stage: Stage, q: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    layer, function = stage.operation.layer, stage.operation.activation
    units = stage.operation.gives[-1]
    h = np.zeros((len(q), units), np.int64)
    c, found = h, []
    of_x = stage.products[0](q)
    for step in range(q.shape[1]):
        if isinstance(layer, LSTM):
            new, new_c = _lstm(stage, of_x[:, step], h, c)
        elif isinstance(layer, GRU):
            new, new_c = _gru(stage, of_x[:, step], h), c
        else:
            new, new_c = activated(function, of_x[:, step] + stage.products[1](h) + stage.biases[0]), c
        kept = np.ones((len(q), 1), bool) if mask is None else mask[:, step, np.newaxis].astype(bool)
        h, c = np.where(kept, new, h), np.where(kept, new_c, c)
        found.append(h)
    return np.stack(found, axis=1)


def _lstm(stage: Stage, x: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    function, units = stage.operation.activation, h.shape[1]
    assert stage.to_cell is not None and stage.from_cell is not None
    z = x + stage.products[1](h) + stage.biases[0]
    i, f, o = (looked_up(z[:, gate * units : (gate + 1) * units]) for gate in (0, 1, 3))
    candidate = activated(function, z[:, 2 * units : 3 * units])
    kept = (f * c + (ONE >> 1)) >> 15
    c = np.clip(kept + stage.to_cell(i * candidate), -TOP, TOP)
    return (o * activated(function, stage.from_cell(c)) + (ONE >> 1)) >> 15, c


def _gru(stage: Stage, x: np.ndarray, h: np.ndarray) -> np.ndarray:
    function, units = stage.operation.activation, h.shape[1]
    layer: Any = stage.operation.layer
    of_h, bias = stage.products[1], stage.biases
    b = of_h(h)
    gates = looked_up(x[:, : 2 * units] + b[:, : 2 * units] + bias[0][: 2 * units])
    update, reset = gates[:, :units], gates[:, units:]
    if layer.reset_after:
        product = (reset * (b[:, 2 * units :] + bias[1]) + (ONE >> 1)) >> 15
    else:
        product = of_h((reset * h + (ONE >> 1)) >> 15)[:, 2 * units :]
    candidate = activated(function, x[:, 2 * units :] + product + bias[0][2 * units :])
    return (update * h + (ONE - update) * candidate + (ONE >> 1)) >> 15
