"""A Keras model's configuration and weights as a network: scalings at its ends, normalisation folded in."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.architecture import Activation, Architecture, Conv, Dense, DepthwiseConv, Layer
from netlet.architecture.fit import TASK_ACTIVATIONS
from netlet.errors import ArchitectureError
from netlet.interop.keras.layers import Affine, Config, Converted, Found, convert
from netlet.interop.keras.models import chain
from netlet.network import Network

if TYPE_CHECKING:
    from netlet.datasets.scaling import Scaling

Shape = tuple[int, ...]
Read = Callable[[Found, Sequence[Shape]], list[np.ndarray]]
"""Gives a Keras layer's weights, of which the shapes are expected that it is called with."""

_TASK_LOSSES = {
    "binary_crossentropy": "binary",
    "categorical_crossentropy": "categorical",
    "sparse_categorical_crossentropy": "categorical",
}


@dataclass(frozen=True)
class Model:
    """A Keras model as netlet sees it, before its weights are read.

    Attributes
    ----------
    input_shape
        Of one sample.
    parts
        Its layers in order.
    """

    input_shape: Shape
    parts: tuple[Converted | Affine, ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All of netlet's layers."""
        return tuple(layer for part in self.parts if isinstance(part, Converted) for layer in part.layers)


def model_of(kind: str, config: Config, input_shape: Sequence[int] | None = None) -> Model:
    """Read a configuration.

    Raises
    ------
    ArchitectureError
        If netlet has no such model; the layer is named.
    """
    said, founds = chain(kind, config)
    shape = _settled(said, input_shape)
    parts = tuple(convert(found) for found in founds)
    model = Model(shape, parts)
    if not model.layers:
        raise ArchitectureError("the Keras model has no layers but its input and scalings")
    return model


def _settled(said: tuple[int | None, ...], asked: Sequence[int] | None) -> Shape:
    if asked is not None:
        given = tuple(asked)
        if len(given) != len(said) or any(
            own not in (None, new) for own, new in zip(said, given, strict=True)
        ):
            raise ArchitectureError(
                f"input_shape is {given}, but the Keras model takes {said}", setting="input_shape"
            )
        return given
    sizes = tuple(size for size in said if isinstance(size, int))
    if len(sizes) < len(said):
        raise ArchitectureError(
            f"the Keras model takes inputs of {said}, whose length is open: say which is usual with "
            "input_shape=, such as input_shape=(100, 1)",
            setting="input_shape",
        )
    return sizes


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
        Keras's name of the loss the model was compiled with, if it was.
    class_names, integer_scale
        As of a `Network`.
    """
    layers, weights, scalings = _folded(model, read)
    architecture, task = _with_task(layers, model.input_shape, task, loss)
    before, behind = scalings
    outputs = architecture.shapes(model.input_shape)[-1][-1] or 1
    if behind is not None and task != "regression":
        raise behind[0].found.refusal(
            "stands behind the last layer, where only numbers can be scaled, not classes"
        )
    for part in model.parts:
        for note in part.notes if isinstance(part, Converted) else ():
            warnings.warn(f"Keras's layer {part.found.name!r} ({part.found.kind}): {note}", stacklevel=4)
    details: dict[str, Any] = {"class_names": class_names, "integer_scale": integer_scale}
    if before is not None:
        details["input_scaling"] = _scaling(*before, model.input_shape[-1], is_input=True)
        details["integer_scale"] = 1.0
    if behind is not None:
        details["target_scaling"] = _scaling(*behind, outputs, is_input=False)
    return Network(architecture, model.input_shape, task, weights, **{k: v for k, v in details.items() if v})


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
    return () if axis is None or axis == [] else (channels,)


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
    from netlet.datasets.scaling import Scaling

    scale, offset = (np.broadcast_to(each, channels) for each in numbers)
    if (scale == 0).any():
        raise part.found.refusal("has a scale of 0, which leaves nothing of the input")
    if is_input:
        scale, offset = 1 / scale, -offset / scale
    return Scaling(tuple(map(float, offset)), tuple(map(float, scale)))


def _with_task(
    layers: Sequence[Layer], input_shape: Shape, task: str | None, loss: str | None
) -> tuple[Architecture, str]:
    """The architecture resolved for the task that its last activation speaks for, or that is asked for."""
    architecture = Architecture(layers)
    last = architecture.shapes(input_shape)[-1]
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
    resolved = architecture.resolve(input_shape, task, outputs, per_step, dataset_name="the Keras model")
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
