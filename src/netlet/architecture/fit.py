"""Fits layers to an input and a task: every layer's shapes, what was left open, and the last layer."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

from netlet.architecture.arguments import quoted
from netlet.architecture.layers import (
    IMAGE,
    LAYERS,
    SEQUENCE,
    VECTOR,
    Activation,
    BatchNorm,
    Bidirectional,
    Conv,
    Conv1D,
    Dense,
    DepthwiseConv,
    Embedding,
    Flatten,
    GlobalAvgPool,
    GlobalAvgPool1D,
    GlobalMaxPool,
    GlobalMaxPool1D,
    Layer,
    LayerNorm,
    Recurrent,
    Shape,
    StepsLayer,
)
from netlet.architecture.text import write_layer
from netlet.errors import ArchitectureError, brief

TASK_ACTIVATIONS = {"binary": "sigmoid", "categorical": "softmax", "regression": "linear"}

MOST_LAYERS = 100
MOST_PARAMETERS = 100_000_000
# A layer's output for one sample; a batch of 64 of them is 2.5 GB.
MOST_OUTPUTS = 10_000_000

Weighted = Conv | DepthwiseConv | Conv1D | Dense
"""Layers whose activation is applied to what their weights give, and could as well be a layer of its own."""

Recurring = Recurrent | Bidirectional
"""Layers that go over the steps, in one direction or both."""

_ENDINGS = (Flatten, GlobalMaxPool, GlobalAvgPool, GlobalMaxPool1D, GlobalAvgPool1D)
"""Layers that make a vector of an image or a sequence."""

_ON_STEPS = {layer.image_layer.name: layer.name for layer in LAYERS if issubclass(layer, StepsLayer)}

_KINDS = {
    VECTOR: "a vector",
    SEQUENCE: "a sequence (steps, channels)",
    IMAGE: "an image (height, width, channels)",
}


def fitted(
    layers: Sequence[Layer], input_shape: Shape, task: str, outputs: int, per_step: bool, dataset_name: str
) -> tuple[Layer, ...]:
    """Layers with every activation and return_sequences explicit, checked to fit a task."""
    if task not in TASK_ACTIVATIONS:
        raise ArchitectureError(f"task is {brief(task)}, but must be one of {', '.join(TASK_ACTIVATIONS)}")
    settled = with_sequences(layers, per_step)
    shapes = output_shapes(settled, input_shape)
    _check_sizes(settled, input_shape, shapes)
    _check_output(settled, [input_shape, *shapes], task, outputs, per_step, dataset_name)
    activated = with_activations(settled, TASK_ACTIVATIONS[task])
    _check_count(activated)
    _check_activations(activated, task, dataset_name)
    return activated


def checked_input(input_shape: Sequence[int | None]) -> Shape:
    """An input's shape as a tuple of whole numbers; only the steps of a sequence may be None."""
    try:
        shape = tuple(None if size is None else operator.index(size) for size in input_shape)
    except TypeError:
        shape = ()
    open_steps = len(shape) == SEQUENCE and shape[0] is None
    sizes = shape[1:] if open_steps else shape
    if not VECTOR <= len(shape) <= IMAGE or any(size is None or size < 1 for size in sizes):
        raise ArchitectureError(
            f"input_shape is {quoted(input_shape)}, but must be (height, width, channels) for images, "
            "(steps, channels) for sequences (steps may be None), or (numbers,) for vectors, all at least 1"
        )
    return shape


def output_shapes(layers: Sequence[Layer], input_shape: Shape) -> list[Shape]:
    """The shape of every layer's output; an error names the layer that does not fit."""
    _check_count(layers)
    shapes = [input_shape]
    for index, layer in enumerate(layers):
        if index and isinstance(layer, Embedding):
            raise ArchitectureError(
                f"{_label(layers, index)}, takes whole numbers, which only the input has: put it first",
                layer=index,
            )
        if len(shapes[-1]) not in layer.takes:
            raise ArchitectureError(_misplaced(layers, shapes, index), layer=index)
        try:
            shapes.append(layer.output_shape(shapes[-1]))
        except ArchitectureError as error:
            raise ArchitectureError(f"{_label(layers, index)}, {error}", layer=index) from None
    return shapes[1:]


def weight_shapes(layers: Sequence[Layer], input_shape: Shape) -> list[list[tuple[int, ...]]]:
    """The shapes of every layer's weights, a list a layer."""
    inputs = [input_shape, *output_shapes(layers, input_shape)]
    return [layer.weight_shapes(shape) for layer, shape in zip(layers, inputs, strict=False)]


def with_sequences(layers: Sequence[Layer], per_step: bool) -> tuple[Layer, ...]:
    """Layers with return_sequences settled: true but for the last recurrent one, whose is `per_step`."""
    recurrent = [index for index, layer in enumerate(layers) if isinstance(layer, Recurring)]
    settled = list(layers)
    for index in recurrent:
        layer = settled[index]
        assert isinstance(layer, Recurring)
        if layer.return_sequences is None:
            settled[index] = _with(layer, return_sequences=per_step or index != recurrent[-1])
    return tuple(settled)


def _with(layer: Recurring, **changes: Any) -> Layer:
    """The same layer, or the one within it, with other arguments."""
    if isinstance(layer, Bidirectional):
        return replace(layer, layer=replace(layer.layer, **changes))
    return replace(layer, **changes)


def with_activations(layers: Sequence[Layer], task_activation: str) -> tuple[Layer, ...]:
    """Layers with the activations left out put in, and the task's after the last layer if that takes none.

    A weighted layer gets relu, but linear where another activation follows it: in an activation layer right
    behind it or behind its normalisation, or, with nothing but pooling, flatten, dropout and activation
    between, in the task's own. (relu before sigmoid could never answer class 0.) The last layer gets the
    task's, a recurrent layer tanh.
    """
    last = len(layers) - 1
    last_weighted = max(
        (i for i, layer in enumerate(layers) if isinstance(layer, Weighted | Recurring)), default=-1
    )
    settled = []
    for index, layer in enumerate(layers):
        if isinstance(layer, Recurring) and layer.activation is None:
            layer = _with(layer, activation="tanh")
        elif isinstance(layer, Weighted) and layer.activation is None:
            is_followed = index == last_weighted or _is_activated(layers[index + 1 :])
            default = task_activation if index == last else "linear" if is_followed else "relu"
            layer = replace(layer, activation=default)
        settled.append(layer)
    if not isinstance(layers[last], Weighted | Activation) and task_activation != "linear":
        settled.append(Activation(task_activation))
    return tuple(settled)


def _is_activated(behind: Sequence[Layer]) -> bool:
    """Whether the layers behind one begin with an activation, or with a normalisation and then one."""
    after = next((layer for layer in behind if not isinstance(layer, BatchNorm | LayerNorm)), None)
    return isinstance(after, Activation)


def _label(layers: Sequence[Layer], index: int) -> str:
    return f"layer {index + 1}, {write_layer(layers[index])}"


def _misplaced(layers: Sequence[Layer], shapes: Sequence[Shape], index: int) -> str:
    """What a layer needs, what it is given, which layer made it so, and what to do."""
    needed = " or ".join(_KINDS[kind] for kind in layers[index].takes)
    maker = _maker(shapes[: index + 1])
    if index == 0:
        given = f"the input is {_describe(shapes[0])}"
    else:
        source = index - 1 if maker is None else maker
        given = f"{_label(layers, source)}, gives {_describe(shapes[source + 1])}"
    advice = _advice(layers[index], None if maker is None else layers[maker], len(shapes[index]))
    return f"{_label(layers, index)}, needs {needed}, but {given}: {advice}"


def _maker(shapes: Sequence[Shape]) -> int | None:
    """The index of the last layer that changed the kind of data, None if the input was of that kind."""
    makers = [index for index in range(len(shapes) - 1) if len(shapes[index]) != len(shapes[index + 1])]
    return makers[-1] if makers else None


def _advice(layer: Layer, maker: Layer | None, given: int) -> str:
    if isinstance(layer, Dense):
        return "add flatten before it"
    if isinstance(layer, Embedding):
        return "give whole numbers as a table, a row a sample (kind=table)"
    if isinstance(layer, Recurring):
        if isinstance(maker, Recurring):
            return "set return_sequences=true in that one"
        return "recurrent layers work on sequences only" + (f", not after {maker.name}" if maker else "")
    if isinstance(layer, StepsLayer) and isinstance(maker, Recurring):
        return "set return_sequences=true in that one"
    if isinstance(maker, _ENDINGS):
        return f"put {layer.name} before {maker.name}"
    if isinstance(layer, StepsLayer):
        return f"use {layer.image_layer.name}" if given == IMAGE else f"{layer.name} works on sequences only"
    if given == SEQUENCE and layer.name in _ON_STEPS:
        return f"use {_ON_STEPS[layer.name]}"
    return "convolution and pooling work on images only"


def _describe(shape: Shape) -> str:
    """A shape in words, such as "an image of 28 x 28 x 1"."""
    if len(shape) == IMAGE:
        return "an image of " + " x ".join(map(str, shape))
    if len(shape) == SEQUENCE:
        steps = "open length" if shape[0] is None else f"{shape[0]} steps"
        return f"a sequence of {steps} with {_count(shape[1], 'channel')}"
    return f"a vector of {_count(shape[0], 'number')}"


def _count(number: int | None, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _check_count(layers: Sequence[Layer]) -> None:
    if len(layers) > MOST_LAYERS:
        raise ArchitectureError(f"the architecture has {len(layers)} layers, but {MOST_LAYERS} is the limit")


def _check_sizes(layers: Sequence[Layer], input_shape: Shape, shapes: Sequence[Shape]) -> None:
    for index, shape in enumerate(shapes):
        numbers = prod(size or 1 for size in shape)
        if numbers > MOST_OUTPUTS:
            raise ArchitectureError(
                f"{_label(layers, index)}, gives {numbers:,} numbers for one sample, "
                f"but {MOST_OUTPUTS:,} is the limit",
                layer=index,
            )
    parameters = sum(prod(weights) for layer in weight_shapes(layers, input_shape) for weights in layer)
    if parameters > MOST_PARAMETERS:
        raise ArchitectureError(
            f"the architecture has {parameters:,} parameters, but {MOST_PARAMETERS:,} is the limit: "
            "take fewer or smaller layers, or pool before flatten"
        )


def _check_output(
    layers: Sequence[Layer], shapes: Sequence[Shape], task: str, outputs: int, per_step: bool, name: str
) -> None:
    """Refuse a last output that is not one number a class or output, at every step if `per_step`.

    `shapes` begin with the input's.
    """
    kind, wanted, last = len(shapes[-1]), 1 if task == "binary" else outputs, len(layers) - 1
    if per_step and kind != SEQUENCE:
        raise ArchitectureError(_lost_steps(layers, shapes, name), layer=last)
    if kind == IMAGE:
        raise ArchitectureError(
            f"the last layer, {write_layer(layers[-1])}, gives {_describe(shapes[-1])}, but {name} needs "
            f"{_count(wanted, 'number')}: end with flatten - dense({wanted})",
            layer=last,
        )
    if kind == SEQUENCE and not per_step:
        raise ArchitectureError(
            f"the last layer, {write_layer(layers[-1])}, gives {_describe(shapes[-1])}, but {name} has one "
            f"target a sequence: {_how_to_end_steps(layers)}",
            layer=last,
        )
    if per_step and shapes[-1][0] != shapes[0][0]:
        raise ArchitectureError(
            f"the last layer, {write_layer(layers[-1])}, gives {_describe(shapes[-1])}, but {name} has a "
            f"target at every step of {shapes[0][0]}: take padding=same and strides of 1",
            layer=last,
        )
    if shapes[-1][-1] != wanted:
        raise ArchitectureError(_wrong_size(layers[-1], shapes[-1], task, wanted, name), layer=last)


def _lost_steps(layers: Sequence[Layer], shapes: Sequence[Shape], name: str) -> str:
    start = f"{name} has a target at every step, but"
    maker = _maker(shapes)
    if maker is None or len(shapes[0]) != SEQUENCE:
        return f"{start} its input is {_describe(shapes[0])}: only sequences have steps"
    cure = "set return_sequences=true in it" if isinstance(layers[maker], Recurring) else "leave it out"
    return f"{start} {_label(layers, maker)}, gives {_describe(shapes[maker + 1])}: {cure}"


def _how_to_end_steps(layers: Sequence[Layer]) -> str:
    recurrent = [index for index, layer in enumerate(layers) if isinstance(layer, Recurring)]
    if recurrent:
        return f"set return_sequences=false in {_label(layers, recurrent[-1])}"
    return "add a recurrent layer, or flatten"


def _wrong_size(last: Layer, shape: Shape, task: str, wanted: int, name: str) -> str:
    has = {
        "binary": f"{name} has two classes, which take one output",
        "categorical": f"{name} has {wanted} classes",
        "regression": f"{name} has {_count(wanted, 'output')}",
    }[task]
    if isinstance(last, Dense):
        return f"{write_layer(last)} is the last layer, but {has}: end with dense({wanted})"
    given = _count(shape[-1], "number")
    return f"the last layer, {write_layer(last)}, gives {given}, but {has}: end with dense({wanted})"


def _check_activations(layers: Sequence[Layer], task: str, name: str) -> None:
    needed = TASK_ACTIVATIONS[task]
    for index, layer in enumerate(layers):
        is_output = index == len(layers) - 1 and task == "categorical" and not isinstance(layer, Recurring)
        if "softmax" in _activations(layer) and not is_output:
            raise ArchitectureError(
                f"{_label(layers, index)}, has softmax, which only the last layer of a categorical task may "
                f"have: {_instead_of_softmax(index, layers, needed)}",
                layer=index,
            )
    last = layers[-1]
    if needed != "linear" and _activations(last) != (needed,):
        raise ArchitectureError(
            f"the last layer, {write_layer(last)}, has {' and '.join(_activations(last))}, but {name} has "
            f"classes, whose probabilities come from {needed}: use {needed}, or leave the activation out",
            layer=len(layers) - 1,
        )


def _instead_of_softmax(index: int, layers: Sequence[Layer], needed: str) -> str:
    if index == len(layers) - 1:
        return f"use {needed}, or leave the activation out"
    return "use relu, tanh or another"


def _activations(layer: Layer) -> tuple[str, ...]:
    if isinstance(layer, Bidirectional):
        layer = layer.layer
    functions = (getattr(layer, name, None) for name in ("activation", "recurrent_activation", "function"))
    return tuple(function for function in functions if function)
