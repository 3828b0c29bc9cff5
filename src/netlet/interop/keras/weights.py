"""Keras models in memory: recognised without importing Keras, their configuration and weights taken out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from netlet.errors import ArchitectureError, DataError
from netlet.interop.keras.models import model_of, snake_case
from netlet.interop.parts import Found, Model, Read, Shape

_OWN = ("keras", "tf_keras")
_FUNCTIONS = ("activation", "recurrent_activation")


def is_keras(kind: Any) -> bool:
    """Whether a class or function is of Keras's own."""
    return str(getattr(kind, "__module__", "")).partition(".")[0] in _OWN


def described(model: Any, input_shape: Sequence[int] | None = None) -> Model:
    """What netlet sees of a Keras model."""
    kind = type(model)
    if not any(each.__module__.split(".")[0] in _OWN and each.__name__ == "Model" for each in kind.__mro__):
        raise ArchitectureError(f"from_keras takes a Keras model, not a {kind.__name__}")
    if kind.__module__.split(".")[0] not in _OWN or kind.__name__ not in (
        "Sequential",
        "Functional",
        "Model",
    ):
        raise ArchitectureError(
            f"the Keras model is a {kind.__name__}, but only Sequential and Functional models say what they "
            "do: a class of one's own is never executed"
        )
    if not model.built:
        raise ArchitectureError(
            "the Keras model does not know the shape of its input: begin it with keras.Input(shape=...), or "
            "call it once"
        )
    _check_own(model)
    return model_of(kind.__name__, model.get_config(), input_shape)


def _check_own(model: Any) -> None:
    """Refuse (ArchitectureError) code that is not Keras's, which a configuration can call the same."""
    for layer in model._flatten_layers(include_self=False):
        kind, name = type(layer), getattr(layer, "name", "")
        what = f"Keras's layer {name!r} ({kind.__name__})"
        if not is_keras(kind) or "call" in vars(layer):
            raise ArchitectureError(f"{what} is of a class of one's own, which is never executed")
        for argument in _FUNCTIONS:
            function = getattr(layer, argument, None)
            if function is None:
                continue
            of: Any = function if hasattr(function, "__name__") else type(function)
            if is_keras(of) or str(of.__module__).startswith("tensorflow."):
                continue
            raise ArchitectureError(
                f"{what} has {argument} {of.__name__!r}, a function of one's own, which is not executed: "
                f"take Keras's by its name"
            )


def loss_name(model: Any) -> str | None:
    """The name of the loss a model was compiled with, such as ``binary_crossentropy``; None if it was not."""
    loss = getattr(model, "loss", None)
    if loss is None or isinstance(loss, str):
        return _SHORT.get(loss or "", loss)
    name = getattr(loss, "__name__", None) or type(loss).__name__
    return snake_case(name)


_SHORT = {
    "mse": "mean_squared_error",
    "MSE": "mean_squared_error",
    "bce": "binary_crossentropy",
    "BCE": "binary_crossentropy",
}


def reader(model: Any) -> Read:
    """Takes one layer's weights after another from a model."""
    weights = map(as_numpy, model.weights)

    def read(found: Found, shapes: Sequence[Shape]) -> list[np.ndarray]:
        arrays = [array for _, array in zip(shapes, weights, strict=False)]
        if len(arrays) < len(shapes):
            raise found.refusal("or one before it shares its weights with another, which netlet has not")
        for array, shape in zip(arrays, shapes, strict=True):
            if array.shape != tuple(shape):
                raise DataError(
                    f"Keras's layer {found.name!r} ({found.kind}) has weights of shape "
                    f"{array.shape}, but should have {tuple(shape)}"
                )
        return arrays

    return read


def as_numpy(variable: Any) -> np.ndarray:
    """A Keras variable's numbers, whatever Keras computes with."""
    library = sys.modules[type(variable).__module__.partition(".")[0]]
    if hasattr(library, "ops") and hasattr(variable, "value"):  # Keras 3
        return np.asarray(library.ops.convert_to_numpy(variable.value))
    return np.asarray(variable.numpy())
