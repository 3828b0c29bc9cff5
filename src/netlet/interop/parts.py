"""A model of another library's, layer by layer, as a network: scalings at its ends, normalisation folded."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from netlet.architecture import Activation, Architecture, Conv, Dense, DepthwiseConv, Layer
from netlet.architecture.fit import TASK_ACTIVATIONS
from netlet.datasets.scaling import Scaling
from netlet.errors import ArchitectureError
from netlet.network import Network

Config = Mapping[str, Any]
Shape = tuple[int, ...]
Read = Callable[["Found", Sequence[Shape]], list[np.ndarray]]
"""Gives a Keras layer's weights, of which the shapes are expected that it is called with."""

_TASK_LOSSES = {
    "binary_crossentropy": "binary",
    "categorical_crossentropy": "categorical",
    "sparse_categorical_crossentropy": "categorical",
}


@dataclass(frozen=True)
class Found:
    """A layer of another library's, as it stands in a model.

    Attributes
    ----------
    kind, name
        Its class's name and its own.
    config
        Its arguments.
    path
        Where its weights stand in a file.
    rank
        Dimensions of its input, the batch among them, if that is known.
    what
        What errors call it.
    told
        Its kind in errors, if that is another.
    """

    kind: str
    name: str
    config: Config
    path: str
    rank: int | None = None
    what: str = "Keras's layer"
    told: str = ""

    def refusal(self, why: str) -> ArchitectureError:
        """The error that names the layer."""
        return ArchitectureError(f"{self.what} {self.name!r} ({self.told or self.kind}) {why}")


@dataclass(frozen=True)
class Affine:
    """A fixed ``x * scale + offset`` of every channel: Rescaling, Normalization.

    Attributes
    ----------
    found
        The layer.
    weights
        How many arrays it has.
    numbers
        From those arrays, (scale, offset): float64 arrays, either of one number or of one a channel.
    """

    found: Found
    weights: int
    numbers: Callable[[list[np.ndarray]], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Converted:
    """A layer that is one of netlet's.

    Attributes
    ----------
    found
        The layer.
    layers
        netlet's.
    notes
        What is lost, though it changes no answer.
    """

    found: Found
    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """A model of another library's as netlet sees it, before its weights are read.

    Attributes
    ----------
    input_shape
        Of one sample.
    parts
        Its layers in order.
    what
        What errors call it.
    """

    input_shape: Shape
    parts: tuple[Converted | Affine, ...]
    what: str = "the Keras model"

    def __post_init__(self) -> None:
        """Refuse a model without layers."""
        if not self.layers:
            raise ArchitectureError(f"{self.what} has no layers but its input and scalings")

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All of netlet's layers."""
        return tuple(layer for part in self.parts if isinstance(part, Converted) for layer in part.layers)


def network_of(
    model: Model,
    read: Read,
    *,
    task: str | None = None,
    loss: str | None = None,
    class_names: Sequence[str] = (),
    integer_scale: float | None = None,
) -> Network:
    """A model with its weights as a network.

    Parameters
    ----------
    read
        Where weights come from.
    task
        What the answers are; by default what the last activation and the loss speak for.
    loss
        Keras's name of the loss the model was trained with, if that is known.
    class_names, integer_scale
        As of a `Network`.
    """
    if isinstance(class_names, str):
        raise ArchitectureError(f"class_names is {class_names!r}, but must be a list of names")
    if integer_scale is not None and not _is_positive(integer_scale):
        raise ArchitectureError(f"integer_scale is {integer_scale!r}, but must be a finite number above 0")
    layers, weights, scalings = _folded(model, read)
    architecture, task = _with_task(layers, model, task, loss)
    before, behind = scalings
    outputs = architecture.shapes(model.input_shape)[-1][-1] or 1
    if behind is not None and task != "regression":
        raise behind[0].found.refusal(
            "stands behind the last layer, where only numbers can be scaled, not classes"
        )
    for part in model.parts:
        for note in part.notes if isinstance(part, Converted) else ():
            warnings.warn(f"{part.found.what} {part.found.name!r} ({part.found.kind}): {note}", stacklevel=4)
    details: dict[str, Any] = {"class_names": class_names, "integer_scale": integer_scale}
    if before is not None:
        details["input_scaling"] = _scaling(*before, model.input_shape[-1], is_input=True)
        details["integer_scale"] = 1.0
    if behind is not None:
        details["target_scaling"] = _scaling(*behind, outputs, is_input=False)
    return Network(architecture, model.input_shape, task, weights, **{k: v for k, v in details.items() if v})


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e30


_Numbers = tuple[np.ndarray, np.ndarray]
_Scaled = tuple[Affine, _Numbers]


def _folded(
    model: Model, read: Read
) -> tuple[list[Layer], list[np.ndarray], tuple[_Scaled | None, _Scaled | None]]:
    """Layers and weights, in which what scales in the middle has become part of the layer before it."""
    expected = iter(Architecture(model.layers).layer_weight_shapes(model.input_shape))
    shapes = iter(Architecture(model.layers).shapes(model.input_shape))
    channels = model.input_shape[-1]
    layers: list[Layer] = []
    weights: list[list[np.ndarray]] = []
    before: _Scaled | None = None
    behind: _Scaled | None = None
    for place, part in enumerate(model.parts):
        if isinstance(part, Converted):
            for layer in part.layers:
                layers.append(layer)
                weights.append(read(part.found, next(expected)))
                if not all(np.isfinite(array).all() for array in weights[-1]):
                    raise part.found.refusal(
                        "has weights that are not finite: it was trained too fast or damaged"
                    )
                channels = next(shapes)[-1] or 1
            continue
        kept = [(channels,)] * min(part.weights, 4)
        if part.found.kind == "Normalization" and part.weights:
            kept = [_normalised(part.found, channels), _normalised(part.found, channels), ()]
        numbers = part.numbers(read(part.found, kept))
        if any(each.size not in (1, channels) or not np.isfinite(each).all() for each in numbers):
            raise part.found.refusal(f"does not scale {channels} channels by finite numbers")
        is_last = not any(isinstance(each, Converted) for each in model.parts[place:])
        if not layers:
            before = part, _both(before, numbers)
        elif _takes_scaling(layers[-1]) and not (is_last and part.found.kind == "Rescaling"):
            layers[-1], weights[-1] = _scaled(layers[-1], weights[-1], numbers)
        elif is_last:
            behind = part, _both(behind, numbers)
        else:
            raise part.found.refusal(
                "scales in the middle of the model, which netlet takes only right behind a convolution or "
                "dense layer without activation, or before the first layer"
            )
    return layers, [array for arrays in weights for array in arrays], (before, behind)


def _normalised(found: Found, channels: int) -> Shape:
    axis = found.config.get("axis", -1)
    return (channels,) if axis or axis == 0 else ()


def _both(first: _Scaled | None, then: _Numbers) -> _Numbers:
    """One scaling after another."""
    if first is None:
        return then
    (scale, offset), (next_scale, next_offset) = first[1], then
    return scale * next_scale, offset * next_scale + next_offset


def _takes_scaling(layer: Layer) -> bool:
    return isinstance(layer, Conv | DepthwiseConv | Dense) and layer.activation == "linear"


def _scaled(layer: Any, weights: list[np.ndarray], numbers: _Numbers) -> tuple[Layer, list[np.ndarray]]:
    kernel = np.asarray(weights[0], dtype=np.float64)
    width = kernel.shape[-1] if not isinstance(layer, DepthwiseConv) else kernel.shape[-1] * kernel.shape[-2]
    scale, offset = (np.broadcast_to(each, width) for each in numbers)
    bias = np.asarray(weights[1], dtype=np.float64) if layer.use_bias else np.zeros(width)
    by_output = scale.reshape(kernel.shape[-2:]) if isinstance(layer, DepthwiseConv) else scale
    return replace(layer, use_bias=True), [kernel * by_output, bias * scale + offset]


def _scaling(part: Affine, numbers: _Numbers, channels: int, *, is_input: bool) -> Scaling:
    """``x * scale + offset`` as netlet keeps it: inputs are ``(x - offset) / scale``, targets the reverse."""
    scale, offset = (np.broadcast_to(each, channels) for each in numbers)
    if (scale == 0).any():
        raise part.found.refusal("has a scale of 0, which leaves nothing of the input")
    if is_input:
        scale, offset = 1 / scale, -offset / scale
    return Scaling(tuple(map(float, offset)), tuple(map(float, scale)))


def _with_task(
    layers: Sequence[Layer], model: Model, task: str | None, loss: str | None
) -> tuple[Architecture, str]:
    """The architecture resolved for the task that its last activation speaks for, or that is asked for."""
    architecture = Architecture(layers)
    last = architecture.shapes(model.input_shape)[-1]
    outputs, per_step = last[-1] or 1, len(last) == 2
    ending = _ending(layers[-1])
    if task is None:
        task = "regression"
        if ending == "softmax":
            task = "categorical"
        elif (
            ending == "sigmoid"
            and outputs == 1
            and not per_step
            and _TASK_LOSSES.get(loss or "binary_crossentropy")
        ):
            task = "binary"
    elif task in TASK_ACTIVATIONS and ending == "linear" and task != "regression":
        # A model that answers logits: its probabilities are asked for.
        architecture = Architecture([*layers[:-1], replace_activation(layers[-1], TASK_ACTIVATIONS[task])])
    resolved = architecture.resolve(model.input_shape, task, outputs, per_step, dataset_name=model.what)
    return resolved, task


def _ending(layer: Layer) -> str | None:
    if isinstance(layer, Activation):
        return layer.function
    return getattr(layer, "activation", None)


def replace_activation(layer: Any, function: str) -> Layer:
    """The same layer with another activation."""
    if isinstance(layer, Activation):
        return Activation(function)
    return replace(layer, activation=function)
