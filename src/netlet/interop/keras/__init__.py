"""The door to Keras, both ways, weights included.

`from_keras` and `to_keras` take and give models in memory; `read_keras` and `write_keras` are for `.keras`
files, and need no Keras; `fit` trains a compiled Keras model on netlet with the meaning of ``model.fit``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from netlet.errors import ArchitectureError, DataError
from netlet.interop.extras import needed
from netlet.interop.keras.files import read_keras, write_keras
from netlet.interop.keras.models import model_config, model_of, snake_case
from netlet.interop.parts import Found, Model, Shape, network_of
from netlet.network import Network

__all__ = ["from_keras", "read_keras", "to_keras", "write_keras"]

_OWN = ("keras", "tf_keras")


def from_keras(
    model: Any,
    *,
    task: str | None = None,
    input_shape: Sequence[int] | None = None,
    class_names: Sequence[str] = (),
) -> Network:
    """A Keras model as a network with the same weights and the same answers.

    Rescaling and Normalization before the first layer become the network's input scaling, a Rescaling behind
    the last one its target scaling; BatchNormalization right behind a convolution or dense layer without
    activation becomes part of its weights, as it is when it predicts. Whole-number images are divided by
    255 by the network, as everywhere in netlet, unless the model itself begins by rescaling.

    Parameters
    ----------
    model
        A Sequential model, or a Functional one that is a single path.
    task : {"binary", "categorical", "regression"}, optional
        What the answers are. By default binary for one output with sigmoid (not if compiled with another loss
        than binary cross-entropy), categorical for softmax, else regression. Of a model that answers logits,
        asking for a classification gives a network that answers probabilities.
    input_shape
        Of one sample, where the model leaves the number of steps open.
    class_names
        Of a classification, binary: of 0, then of 1.

    Raises
    ------
    ArchitectureError
        If netlet has no such model: the layer is named, and what is supported.

    Warns
    -----
    UserWarning
        If something is lost that changes no answer, such as an initialiser that netlet does not have.
    """
    seen = described(model, input_shape)
    return network_of(seen, _reader(model, seen), task=task, loss=loss_name(model), class_names=class_names)


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
    return model_of(kind.__name__, model.get_config(), input_shape)


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


def _reader(model: Any, seen: Model) -> Any:
    """Takes one layer's weights after another from a model."""
    weights = map(as_numpy, model.weights)

    def read(found: Found, shapes: Sequence[Shape]) -> list[np.ndarray]:
        arrays = [next(weights, np.empty(0)) for _ in shapes]
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


def to_keras(network: Network) -> Any:
    """A ``keras.Sequential`` with the network's layers and weights.

    It takes what the network's layers take: images whose whole-number pixels netlet divides (by
    ``network.integer_scale``) must be divided before. Binary classifiers answer ``(n, 1)``.

    Raises
    ------
    NetletError
        If Keras is not installed.
    """
    keras = needed("keras", "keras", "to_keras")
    config, _ = model_config(network)
    model = keras.Sequential.from_config(config["config"])
    model.set_weights(list(network.weights))
    return model
