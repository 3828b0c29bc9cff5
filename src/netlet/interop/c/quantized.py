"""A network in int8: scales fitted on training data, and its arithmetic in numpy, to the bit as in C."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import frexp, prod
from typing import Any

import numpy as np

from netlet import metrics
from netlet.architecture import Activation, Conv, Dense, DepthwiseConv
from netlet.datasets import Split
from netlet.errors import ArchitectureError, DataError
from netlet.interop.c.costs import has_table
from netlet.interop.c.plan import Operation, Plan, Window, integer_plan
from netlet.interop.c.text import is_mean
from netlet.interop.code import functions
from netlet.network import Network
from netlet.network.samples import Samples

LOW, HIGH = -128, 127
MOST_INPUTS = 60_000
"""Products of int8 that are added up, so that the sum stays in int32."""

_CHUNK = 1000


@dataclass(frozen=True)
class Grid:
    """Which numbers int8 stands for: ``real = scale * (q - zero)``."""

    scale: float
    zero: int

    @classmethod
    def of(cls, low: float, high: float) -> Grid:
        """The grid for numbers in a range, which 0 is made part of."""
        low, high = min(low, 0.0), max(high, 0.0)
        scale = (high - low) / (HIGH - LOW) or 1.0
        return cls(scale, int(np.clip(round(LOW - low / scale), LOW, HIGH)))

    def quantize(self, x: np.ndarray) -> np.ndarray:
        """Real numbers as int8, halves up."""
        x = np.asarray(x, dtype=np.float32)
        places = np.floor(x * np.float32(1 / self.scale) + np.float32(self.zero + 0.5))
        return np.clip(places, LOW, HIGH).astype(np.int8)

    def real(self, q: np.ndarray) -> np.ndarray:
        """What int8 stands for, float64."""
        return self.scale * (np.asarray(q, np.float64) - self.zero)


@dataclass(frozen=True)
class Stage:
    """One operation in whole numbers.

    Attributes
    ----------
    operation
        What it does.
    kernel, bias
        int8 in Keras's shape, and int32; None for operations without weights.
    multipliers, shifts
        For every filter: ``(sum * multiplier + 2 ** (shift - 1)) >> shift`` is the sum on the next grid.
    before, behind
        Grids of its input and output.
    middle
        Of what stands before the activation, where that is looked up in `table`.
    table
        256 int8: the activation of every int8 from -128.
    low
        The least that comes out: the grid's zero behind relu.
    """

    operation: Operation
    kernel: np.ndarray | None
    bias: np.ndarray | None
    multipliers: np.ndarray | None
    shifts: np.ndarray | None
    before: Grid
    behind: Grid
    middle: Grid
    table: np.ndarray | None
    low: int


class Quantized:
    """A network in int8.

    Parameters
    ----------
    network
        Without recurrent layers.
    x
        Training inputs in netlet's form, on which the scales are fitted.

    Raises
    ------
    ArchitectureError
        If it has recurrent layers or one that is too large.
    DataError
        If there are no inputs, or a weight is not finite.

    Attributes
    ----------
    plan
        The program.
    input
        The grid of the (scaled) inputs.
    stages
        The operations.
    output_scale
        What the last whole numbers are multiplied with.
    """

    def __init__(self, network: Network, x: Any) -> None:
        """Fit the scales."""
        plan = integer_plan(network)
        if plan.is_stream:
            raise ArchitectureError("a recurrent network in int8 is a QuantizedStream: see quantized_of")
        scaled = inputs_to_fit(network, x)
        self.plan: Plan = plan
        self.input = self._input_grid(scaled)
        self.stages: list[Stage] = []
        self.output_scale = 1.0
        real = [scaled[start : start + _CHUNK] for start in range(0, len(scaled), _CHUNK)]
        grid = self.input
        for number, operation in enumerate(plan.operations):
            middle = [_linear(operation, part) for part in real]
            real = [_activated(operation, part) for part in middle]
            is_last = number == len(plan.operations) - 1
            self.stages.append(self._stage(operation, grid, middle, real, is_last))
            grid = self.stages[-1].behind

    @property
    def network(self) -> Network:
        """The network in float."""
        return self.plan.network

    def quantize(self, x: np.ndarray) -> np.ndarray:
        """Inputs in netlet's form as int8."""
        return self.input.quantize(scaled_inputs(self.network, x)[0])

    def integers(self, q: np.ndarray) -> np.ndarray:
        """What the last operation gives before its activation, int32, for int8 inputs; to the bit as in C."""
        q = np.asarray(q)
        for number, stage in enumerate(self.stages):
            q = _stage_integers(stage, q, is_last=number == len(self.stages) - 1)
        return q.astype(np.int32)

    def predict(self, x: Any) -> np.ndarray:
        """Answers for inputs in netlet's form, as `Network.predict`'s, the last axis kept."""
        real = self.integers(self.quantize(x)).astype(np.float32) * np.float32(self.output_scale)
        answers = _activated(self.plan.operations[-1], real)
        scaling = self.network.target_scaling
        return answers if scaling is None else scaling.undo(answers)

    def evaluate(self, split: Split) -> dict[str, float | None]:
        """The metrics of the network's task, in int8."""
        answers = self.predict(split.x).astype(np.float32)
        answers = answers[:, 0] if self.network.task == "binary" else answers
        return metrics.evaluate(self.network.task, split.y, answers, split.mask)

    def _input_grid(self, scaled: np.ndarray) -> Grid:
        network = self.network
        if network.integer_scale == 255 and network.input_scaling is None:
            return Grid(1 / 255, LOW)  # so that int8 is the pixel less 128
        return Grid.of(float(scaled.min()), float(scaled.max()))

    def _stage(
        self,
        operation: Operation,
        before: Grid,
        middle: Sequence[np.ndarray],
        real: Sequence[np.ndarray],
        is_last: bool,
    ) -> Stage:
        ends = [(float(part.min()), float(part.max())) for part in (*middle, *real)]
        lows, highs = zip(*ends, strict=True)
        count = len(middle)
        through = Grid.of(min(lows[:count]), max(highs[:count]))
        behind = Grid.of(min(lows[count:]), max(highs[count:]))
        function = operation.activation
        has_weights = bool(operation.weights)
        is_pool = not has_weights and operation.window is not None
        if is_pool:
            through = before
        if function in ("linear", "softmax") or is_last:
            behind = through
        table = None
        if not has_weights and not is_pool:
            through = before
        if has_table(function, has_weights):
            if not is_last:
                every = through.real(np.arange(LOW, HIGH + 1))
                table = behind.quantize(getattr(functions, function, np.tanh)(every))
        elif function == "relu" and not is_last:
            through = behind
        if not has_weights:
            self.output_scale = before.scale
            return Stage(operation, None, None, None, None, before, behind, through, table, LOW)
        kernel, bias, scales = _weights(operation, before, per_filter=not is_last)
        self.output_scale = before.scale * float(scales[0])
        pairs = [fixed_point(before.scale * float(scale) / through.scale) for scale in scales]
        multipliers, shifts = (np.array(each, dtype=np.int64) for each in zip(*pairs, strict=True))
        low = behind.zero if function == "relu" and not is_last else LOW
        return Stage(operation, kernel, bias, multipliers, shifts, before, behind, through, table, low)


def scaled_inputs(
    network: Network, x: Any, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Inputs, checked and scaled as `Network.predict` does, and which steps there are."""
    samples = Samples(network, x, mask)
    return samples.rows.reshape(len(samples.rows), *samples.input_shape), samples.mask


def inputs_to_fit(network: Network, x: Any) -> np.ndarray:
    """Scaled training inputs, finite ones; DataError if there are none."""
    if x is None or (hasattr(x, "__len__") and len(x) == 0):
        raise DataError("there are no training inputs to fit the scales of int8 on")
    scaled, _ = scaled_inputs(network, x)
    if not np.isfinite(scaled).all():
        raise DataError("the training inputs that int8's scales are fitted on must be finite")
    return scaled


def _weights(
    operation: Operation, before: Grid, per_filter: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernel as int8, bias as int32, and the scale of every filter."""
    kernel = np.asarray(operation.weights[0], dtype=np.float64)
    filters = operation.gives[-1]
    by_filter = (
        kernel.reshape(-1, filters)
        if not isinstance(operation.layer, DepthwiseConv)
        else kernel.reshape(prod(kernel.shape[:2]), filters)
    )
    if by_filter.shape[0] > MOST_INPUTS:
        raise ArchitectureError(
            f"{operation.text} adds up more than {MOST_INPUTS:,} products, too many for int8"
        )
    largest = np.abs(by_filter).max(axis=0)
    if not per_filter:
        largest = np.full(filters, largest.max())
    scales = np.where(largest > 0, largest / HIGH, 1.0)
    whole = np.clip(np.round(by_filter / scales), -HIGH, HIGH).astype(np.int8).reshape(kernel.shape)
    bias = operation.weights[1] if len(operation.weights) > 1 else np.zeros(filters)
    limit = 2**30
    places = np.clip(np.round(np.asarray(bias, np.float64) / (scales * before.scale)), -limit, limit)
    return whole, places.astype(np.int32), scales


def fixed_point(factor: float) -> tuple[int, int]:
    """A positive factor as a whole number below 2**31 and a shift."""
    fraction, exponent = frexp(factor)
    multiplier, shift = round(fraction * 2**31), 31 - exponent
    if multiplier == 2**31:
        multiplier, shift = 2**30, shift - 1
    if shift > 62:  # so small that nothing is left
        return 0, 1
    while shift < 1:
        multiplier, shift = min(2 * multiplier, 2**31 - 1), shift + 1
    return multiplier, shift


def _padding(window: Window) -> tuple[tuple[int, int], tuple[int, int]]:
    """Before and behind each axis, so that all of a window's places are there."""
    found = []
    for axis in (0, 1):
        last = (window.gives[axis] - 1) * window.strides[axis] - window.before[axis] + window.size[axis]
        found.append((window.before[axis], max(0, last - window.takes[axis])))
    return found[0], found[1]


def _convolved(operation: Operation, x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    window = operation.window
    assert window is not None
    convolve = functions.conv if isinstance(operation.layer, Conv) else functions.depthwise_conv
    return convolve(x, kernel, bias, window.strides, _padding(window))


def _linear(operation: Operation, x: np.ndarray) -> np.ndarray:
    """An operation in float, before its activation."""
    layer, weights = operation.layer, list(operation.weights)
    x = x.reshape(len(x), *operation.takes)
    if isinstance(layer, Conv | DepthwiseConv | Dense):
        bias = weights[1] if len(weights) > 1 else np.zeros(operation.gives[-1], np.float32)
        if isinstance(layer, Dense):
            return x @ weights[0] + bias
        y = _convolved(operation, x, weights[0], bias)
        if operation.pooled is None:
            return y
        pooled = operation.pooled
        return functions.max_pool(y, pooled.size, pooled.strides, _padding(pooled)).reshape(
            len(x), *operation.gives
        )
    if isinstance(layer, Activation):
        return x
    window: Any = operation.window
    pool = functions.mean_pool if is_mean(layer) else functions.max_pool  # type: ignore[arg-type]
    return pool(x, window.size, window.strides, _padding(window)).reshape(len(x), *operation.gives)


def _activated(operation: Operation, x: np.ndarray) -> np.ndarray:
    if operation.activation == "linear":
        return x
    return getattr(functions, operation.activation, np.tanh)(x)


def _stage_integers(stage: Stage, q: np.ndarray, is_last: bool) -> np.ndarray:
    """One operation in whole numbers."""
    operation, layer = stage.operation, stage.operation.layer
    q = q.reshape(len(q), *operation.takes).astype(np.int64)
    if stage.kernel is None or stage.bias is None:
        if operation.window is not None:
            q = _pooled(operation.window, q, is_mean(layer)).reshape(len(q), *operation.gives)  # type: ignore[arg-type]
        if is_last:
            return q - stage.before.zero
        return q if stage.table is None else stage.table[q - LOW].astype(np.int64)
    assert stage.multipliers is not None and stage.shifts is not None
    x, kernel, bias = q - stage.before.zero, stage.kernel.astype(np.int64), stage.bias.astype(np.int64)
    sums = x @ kernel + bias if isinstance(layer, Dense) else _convolved(operation, x, kernel, bias)
    if operation.pooled is not None:
        sums = _pooled(operation.pooled, sums, False).reshape(len(q), *operation.gives)
    if is_last:
        return sums
    half = np.int64(1) << (stage.shifts - 1)
    places = ((sums * stage.multipliers + half) >> stage.shifts) + stage.middle.zero
    places = np.clip(places, stage.low, HIGH)
    return places if stage.table is None else stage.table[places - LOW].astype(np.int64)


def _pooled(window: Window, q: np.ndarray, mean: bool) -> np.ndarray:
    """The largest number of each window, or the mean of int8, halves up."""
    padding = _padding(window)
    if not mean:
        least = np.iinfo(np.int64).min
        padded = np.pad(q, ((0, 0), *padding, (0, 0)), constant_values=least)
        return functions.windows(padded, window.size, window.strides).max(axis=-1)
    sums = functions.windows(functions.padded(q - LOW, padding, 0), window.size, window.strides).sum(axis=-1)
    ones = functions.windows(functions.padded(np.ones_like(q), padding, 0), window.size, window.strides)
    count = ones.sum(axis=-1)
    return (2 * sums + count) // (2 * count) + LOW
