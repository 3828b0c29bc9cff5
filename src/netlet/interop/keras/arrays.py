"""Arrays given to `fit`, in netlet's form; what Keras would stretch or take otherwise is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from netlet.datasets import Split
from netlet.errors import DataError, TrainingError
from netlet.interop.keras.compiled import Compiled, refused
from netlet.network import Network


def inputs(x: Any) -> np.ndarray:
    """Inputs as one float32 array; DataError if they are none."""
    if type(x).__name__.endswith(("Dataset", "Sequence", "DataLoader")) or hasattr(x, "__next__"):
        raise DataError("x must be an array, not something that brings batches: give all samples at once")
    if isinstance(x, (list, tuple, dict)) and len(x) and np.ndim(next(iter(x))) > 1:
        raise DataError("x must be one array, as the model has one input")
    try:
        return np.asarray(x, dtype=np.float32)
    except (TypeError, ValueError):
        raise DataError("x cannot be read as an array of numbers") from None


def with_shape(x: np.ndarray, network: Network) -> np.ndarray:
    """Inputs as ``(n, *input_shape)``; DataError if they have another shape."""
    shape = network.input_shape
    if x.ndim == len(shape) and shape[-1] == 1 and x.shape[1:] == shape[:-1]:
        x = x[..., np.newaxis]  # as Keras does
    if x.shape[1:] != shape or not len(x):
        raise DataError(f"x has shape {x.shape}, but the model takes {told(shape)}")
    return np.ascontiguousarray(x)


def told(shape: tuple[int, ...]) -> str:
    """A shape with the number of samples before it, such as ``(n, 28, 28, 1)``."""
    return f"({', '.join(['n', *map(str, shape)])})"


def class_count(network: Network) -> int:
    """How many classes a network has; 0 for a regression."""
    if network.task == "regression":
        return 0
    if network.task == "binary":
        return 2
    return int(network.architecture.shapes(network.input_shape)[-1][-1] or 0)


def targets(y: Any, network: Network, compiled: Compiled) -> np.ndarray:
    """Targets in netlet's form; a shape that Keras would stretch to fit is refused."""
    try:
        y = np.asarray(y, dtype=np.float32)
    except (TypeError, ValueError):
        raise DataError("y cannot be read as an array of numbers") from None
    shape = tuple(int(n or 0) for n in network.architecture.shapes(network.input_shape)[-1])
    if compiled.sparse or network.task == "binary":
        shape = (*shape[:-1], 1)
    if y.ndim == len(shape) and shape[-1] == 1:
        y = y[..., np.newaxis]
    if y.shape[1:] != shape:
        raise DataError(f"y has shape {y.shape}, but the model answers {told(shape)}")
    if network.task == "regression":
        return np.ascontiguousarray(y)
    if network.task == "binary":
        if not np.isin(y, (0, 1)).all():
            raise DataError("y must be 0 or 1: netlet has no targets between the classes")
        return np.ascontiguousarray(y[:, 0])
    classes = class_count(network)
    if compiled.sparse:
        places = y[..., 0]
        if not ((places == np.floor(places)) & (places >= 0) & (places < classes)).all():
            raise DataError(f"y must hold classes by number, 0 to {classes - 1}")
        return np.eye(classes, dtype=np.float32)[places.astype(int)]
    if not (np.isin(y, (0, 1)).all() and (y.sum(axis=-1) == 1).all()):
        raise DataError("y must be one-hot rows: netlet has no targets between the classes")
    return np.ascontiguousarray(y)


def check_lengths(x: np.ndarray, y: np.ndarray, what: str) -> None:
    """Refuse (DataError) inputs and targets of different number."""
    if len(x) != len(y):
        raise DataError(f"{what} have {len(x):,} and {len(y):,} samples, but must have equally many")


def pair(given: Any, network: Network, compiled: Compiled) -> Split | None:
    """Validation data as a split; None for none."""
    if given is None:
        return None
    if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
        raise DataError("validation_data must be a pair (x, y) of arrays")
    if len(given) == 3 and given[2] is not None:
        raise refused("validation_data has sample weights, which netlet's validation loss has not")
    x = with_shape(inputs(given[0]), network)
    y = targets(given[1], network, compiled)
    check_lengths(x, y, "x and y of validation_data")
    return Split(x, y)


def sample_weights(
    x: np.ndarray, y: np.ndarray, network: Network, class_weight: Any, sample_weight: Any
) -> np.ndarray | None:
    """What every sample's loss is multiplied with, ``(n,)``; None if all count the same."""
    if class_weight is not None and sample_weight is not None:
        raise TrainingError("class_weight and sample_weight are both given: as in Keras, give one of them")
    if sample_weight is not None:
        weights = np.asarray(sample_weight, dtype=np.float32)
        if weights.shape != (len(x),):
            raise DataError(f"sample_weight has shape {weights.shape}, but must have one number a sample")
        return weights
    if class_weight is None:
        return None
    if not isinstance(class_weight, Mapping):
        raise TrainingError(
            "class_weight must be a mapping from classes by number to weights", setting="class_weight"
        )
    if network.task == "regression" or y.ndim > 2:
        raise refused("class_weight is given, but there is not one class a sample", "class_weight")
    labels = y.astype(int) if y.ndim == 1 else y.argmax(axis=-1)
    return np.array([class_weight.get(int(label), 1.0) for label in labels], dtype=np.float32)
