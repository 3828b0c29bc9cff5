"""What a network's program in C does, piece by piece: pooling fused, buffers laid out, work counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from netlet.architecture import (
    Activation,
    AvgPool,
    BatchNorm,
    Bidirectional,
    Conv,
    Dense,
    DepthwiseConv,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    Layer,
    LayerNorm,
    MaxPool,
    Recurrent,
    StepsLayer,
)
from netlet.architecture.text import write_layer
from netlet.errors import ArchitectureError, DataError
from netlet.interop.steps import Shape, Step, batch_numbers, gamma_and_beta, on_image, paddings, steps_of
from netlet.network import Network

Pool = MaxPool | AvgPool | GlobalMaxPool | GlobalAvgPool


@dataclass(frozen=True)
class Window:
    """How a window moves over an image.

    Attributes
    ----------
    size, strides
        Height and width.
    before
        Padding above and on the left.
    takes, gives
        Height and width before and after it.
    """

    size: tuple[int, int]
    strides: tuple[int, int]
    before: tuple[int, int]
    takes: tuple[int, int]
    gives: tuple[int, int]

    def may_leave(self, axis: int) -> bool:
        """Whether it reaches beyond the image, so that the program has to look."""
        last = (self.gives[axis] - 1) * self.strides[axis] - self.before[axis] + self.size[axis]
        return self.before[axis] > 0 or last > self.takes[axis]


@dataclass(frozen=True)
class Operation:
    """One piece of the program.

    Attributes
    ----------
    layer
        Convolution, dense, recurrent, pooling or activation.
    text
        The layers it stands for.
    weights
        In Keras's order and shapes.
    takes, gives
        Shapes before and after it.
    window
        Of a convolution or pooling.
    pool, pooled
        The pooling that is fused into a convolution, and its window.
    activation
        What is applied at the end, of what stands behind it included.
    """

    layer: Layer
    text: str
    weights: tuple[np.ndarray, ...]
    takes: Shape
    gives: Shape
    window: Window | None = None
    pool: Pool | None = None
    pooled: Window | None = None
    activation: str = "linear"

    @property
    def multiply_adds(self) -> int:
        """For one answer (of recurrent layers and those among them: for one step)."""
        layer = self.layer
        if isinstance(layer, Conv | DepthwiseConv):
            assert self.window is not None
            places = prod(self.window.gives)
            if self.pooled is not None:
                places = prod(self.pooled.gives) * prod(self.pooled.size)
            channels = self.takes[2] if isinstance(layer, Conv) else 1
            return places * prod(self.window.size) * channels * self.gives[-1]
        if isinstance(layer, Dense):
            return prod(self.takes) * layer.units
        if isinstance(layer, Recurrent):
            return prod(self.weights[0].shape) + prod(self.weights[1].shape)
        return 0


@dataclass(frozen=True)
class Plan:
    """A network's program.

    Attributes
    ----------
    network
        It does what this does.
    operations
        In order.
    is_stream
        Whether it takes one step of a sequence at a time, holding a state.
    head
        Of a stream: how many of the operations must be done at every step; those behind, if an answer is
        wanted.
    """

    network: Network
    operations: tuple[Operation, ...]
    is_stream: bool
    head: int

    @property
    def inputs(self) -> int:
        """Numbers that go in: of a stream, at one step."""
        shape = self.network.input_shape
        return shape[-1] if self.is_stream else prod(shape)

    @property
    def outputs(self) -> int:
        """Numbers that come out."""
        return prod(self.operations[-1].gives)

    @property
    def multiply_adds(self) -> int:
        """For one answer; of a stream, for one step with its answer."""
        return sum(each.multiply_adds for each in self.operations)

    @property
    def parameters(self) -> int:
        """Numbers that are kept."""
        return sum(weight.size for each in self.operations for weight in each.weights)

    def sizes(self) -> list[int]:
        """How many numbers stand between one operation and the next, outside the state and the answer."""
        return [0 if isinstance(each.layer, Recurrent) else prod(each.gives) for each in self.operations[:-1]]

    def arena(self) -> int:
        """How many numbers the buffer must hold: every operation's input and output, at its two ends."""
        sizes = [0, *self.sizes(), 0]
        return max(a + b for a, b in pairwise(sizes))


def plan_of(network: Network, fuse_means: bool = True) -> Plan:
    """The program for a network.

    Parameters
    ----------
    fuse_means
        Whether average pooling is done while convolving, as max pooling is.

    Raises
    ------
    ArchitectureError
        If it cannot be written.
    DataError
        If a weight is not finite.
    """
    if not all(np.isfinite(weight).all() for weight in network.weights):
        raise DataError(
            "the network's training diverged: its weights are not finite, so there is nothing to export"
        )
    steps = steps_of(network)
    is_stream = any(isinstance(step.layer, Recurrent) for step in steps)
    operations: list[Operation] = []
    shape = network.input_shape
    for step in steps:
        layer, ahead = step.layer, 0
        if isinstance(layer, Dropout):
            continue
        if isinstance(layer, Bidirectional):
            raise ArchitectureError(
                f"{write_layer(layer)} sees a sequence from its end, but in C a recurrent network takes one "
                "step at a time: export to ONNX, or take one direction"
            )
        if isinstance(layer, Flatten):
            if is_stream and len(step.takes) == 2:
                raise ArchitectureError(
                    "flatten needs whole sequences, but in C a recurrent network takes one step at a "
                    "time: let the "
                    "last recurrent layer keep its last step instead"
                )
            shape = step.gives
            continue
        if isinstance(layer, StepsLayer):
            if is_stream:
                raise ArchitectureError(
                    f"{write_layer(layer)} sees several steps at once, but in C a recurrent network takes "
                    "one step at a time: export to ONNX, or take a network without recurrent layers"
                )
            ahead = layer.kernel_size - 1 if getattr(layer, "padding", "") == "causal" else 0  # type: ignore[attr-defined]
            step, shape = on_image(step), shape if len(shape) == 3 else (1, *shape)
            layer = step.layer
        takes, gives = (shape[-1:], step.gives[-1:]) if is_stream else (shape, step.gives)
        if isinstance(layer, BatchNorm):
            scale, offset = _scaling(step, layer)
            if operations and _takes_scaling(operations[-1], takes):
                operations[-1] = _scaled(operations[-1], write_layer(layer), scale, offset)
            else:
                operations.append(_channelwise(write_layer(layer), takes, scale, offset))
            shape = step.gives
            continue
        weights = gamma_and_beta(step, layer) if isinstance(layer, LayerNorm) else step.weights
        operation = _operation(layer, weights, takes, gives)
        if ahead and operation.window is not None:
            operation = replace(operation, window=replace(operation.window, before=(0, ahead)))
        if operations and isinstance(layer, Activation) and _takes_activation(operations[-1], operation):
            last = operations[-1]
            operations[-1] = replace(last, text=f"{last.text}, {operation.text}", activation=layer.function)
        elif (
            operations
            and isinstance(layer, Pool)
            and (fuse_means or not isinstance(layer, AvgPool | GlobalAvgPool))
            and _can_be_fused(operations[-1], operation)
        ):
            last = operations[-1]
            operations[-1] = replace(
                last,
                text=f"{last.text} and {operation.text}",
                gives=gives,
                pool=layer,
                pooled=operation.window,
            )
        else:
            operations.append(operation)
        shape = step.gives
    if not operations:  # flatten or dropout alone
        operations.append(Operation(Activation("linear"), "nothing", (), shape, shape))
    recurrent = [place for place, each in enumerate(operations, 1) if isinstance(each.layer, Recurrent)]
    return Plan(network, tuple(operations), is_stream, recurrent[-1] if recurrent else 0)


def integer_plan(network: Network) -> Plan:
    """The program for a network in int8, in which means are taken by themselves.

    Raises
    ------
    ArchitectureError
        If it cannot be written, or there is a layer whose whole numbers would need more than a table.
    """
    plan = plan_of(network, fuse_means=False)
    for operation in plan.operations:
        if isinstance(operation.layer, LayerNorm):
            raise ArchitectureError(
                f"{operation.text}: int8 has no layer normalisation: export it in float instead"
            )
    return plan


def _operation(layer: Layer, weights: tuple[np.ndarray, ...], takes: Shape, gives: Shape) -> Operation:
    text = write_layer(layer)
    activation = getattr(layer, "activation", None) or getattr(layer, "function", None) or "linear"
    if isinstance(layer, Conv | DepthwiseConv):
        window = _window(layer, takes, gives, layer.kernel_size, layer.strides)
        return Operation(layer, text, weights, takes, gives, window, activation=activation)
    if isinstance(layer, MaxPool | AvgPool):
        window = _window(layer, takes, gives, layer.pool_size, layer.strides or layer.pool_size)
        return Operation(layer, text, weights, takes, gives, window)
    if isinstance(layer, GlobalMaxPool | GlobalAvgPool):
        size = (takes[0], takes[1])
        return Operation(layer, text, weights, takes, gives, Window(size, size, (0, 0), size, (1, 1)))
    if isinstance(layer, Dense | Activation | LayerNorm | Recurrent):
        return Operation(layer, text, weights, takes, gives, activation=activation)
    raise ArchitectureError(f"{text}: it is not known how to write that in C")


def _scaling(step: Step, layer: BatchNorm) -> tuple[np.ndarray, np.ndarray]:
    """What a normalisation by moving averages does to every channel: scale and offset, float64."""
    gamma, beta, mean, variance = (each.astype(np.float64) for each in batch_numbers(step, layer))
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return scale, beta - mean * scale


def _takes_scaling(operation: Operation, takes: Shape) -> bool:
    """Whether the weights of an operation can do the scaling behind it."""
    is_weighted = isinstance(operation.layer, Conv | DepthwiseConv | Dense)
    is_bare = operation.activation == "linear" and operation.pool is None
    return is_weighted and is_bare and operation.gives == takes


def _scaled(operation: Operation, text: str, scale: np.ndarray, offset: np.ndarray) -> Operation:
    layer: Any = operation.layer
    kernel = operation.weights[0].astype(np.float64)
    bias = operation.weights[1].astype(np.float64) if layer.use_bias else np.zeros(len(scale))
    by_output = scale.reshape(kernel.shape[-2:]) if isinstance(layer, DepthwiseConv) else scale
    weights = tuple(each.astype(np.float32) for each in (kernel * by_output, bias * scale + offset))
    text = f"{operation.text}, {text}"
    return replace(operation, layer=replace(layer, use_bias=True), text=text, weights=weights)


def _channelwise(text: str, takes: Shape, scale: np.ndarray, offset: np.ndarray) -> Operation:
    """A scaling by itself: a convolution of 1 x 1 of every channel."""
    shape = (*[1] * (3 - len(takes)), *takes)
    size = (shape[0], shape[1])
    window = Window((1, 1), (1, 1), (0, 0), size, size)
    weights = (scale.reshape(1, 1, -1, 1).astype(np.float32), offset.astype(np.float32))
    layer = DepthwiseConv((1, 1), activation="linear")
    return Operation(layer, text, weights, shape, shape, window)


def _window(
    layer: Layer, takes: Shape, gives: Shape, size: tuple[int, int], strides: tuple[int, int]
) -> Window:
    (top, _), (left, _) = paddings(layer, takes, size, strides)
    return Window(size, strides, (top, left), (takes[0], takes[1]), (gives[0], gives[1]))


def _takes_activation(operation: Operation, activation: Operation) -> bool:
    """Whether an activation behind an operation can be done by it."""
    if isinstance(operation.pool, AvgPool | GlobalAvgPool):
        return False  # whose convolution is activated before the mean
    if activation.activation == "softmax" and operation.gives != activation.takes:
        return False  # flattened in between, it is over all numbers, not over channels
    return operation.activation == "linear" and not isinstance(operation.layer, Recurrent)


def _can_be_fused(convolution: Operation, pooling: Operation) -> bool:
    """Whether a pooling can be done while convolving, with nothing computed twice."""
    if not isinstance(convolution.layer, Conv | DepthwiseConv) or convolution.pool is not None:
        return False
    if convolution.activation == "softmax":
        return False
    window = pooling.window
    assert window is not None
    return all(stride >= size for stride, size in zip(window.strides, window.size, strict=True))
