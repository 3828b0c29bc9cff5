"""Networks: an architecture with weights, which predicts, shows every layer's output and gives gradients."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from netlet import _engine
from netlet.architecture import (
    Activation,
    Architecture,
    AvgPool,
    Conv,
    Dense,
    DepthwiseConv,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    Layer,
    MaxPool,
    Recurrent,
    Shape,
)
from netlet.errors import ArchitectureError, DataError, FileError
from netlet.saving import write_whole

INSTRUCTION_SET_VARIABLE = "NETLET_INSTRUCTION_SET"
"""Environment variable that makes the engine use a lesser instruction set than the processor has."""

LOSSES = {
    "binary": _engine.Loss.binary_crossentropy,
    "categorical": _engine.Loss.categorical_crossentropy,
    "regression": _engine.Loss.mean_squared_error,
}
_HEADS = {"binary": "sigmoid", "categorical": "softmax"}
_FILE_FORMAT = 1


def make_engine(
    architecture: Architecture, input_shape: Sequence[int], task: str, fused: bool = True
) -> _engine.Network:
    """The engine's form of a resolved architecture.

    The last activation of a classifier is left out: the engine computes losses from logits.

    Parameters
    ----------
    fused
        Whether a convolution takes the max pooling behind it along, which is faster but leaves the
        convolution's own output unknown.

    Raises
    ------
    ArchitectureError
        If there are layers that the engine does not have.
    """
    specs = [_spec(layer) for layer in architecture.layers]
    if task in _HEADS:
        last = [spec for spec in specs if "activation" in spec][-1]
        last["activation"] = _engine.Activation.linear
    if all(isinstance(layer, Flatten) for layer in architecture.layers):  # which the engine has no need of
        specs.append({"kind": "activation"})
    height, width, channels = *[1] * (3 - len(input_shape)), *input_shape
    instruction_set = os.environ.get(INSTRUCTION_SET_VARIABLE, "")
    try:
        return _engine.Network((height, width, channels), specs, instruction_set, fused)
    except ValueError as error:
        raise ArchitectureError(f"{architecture}: {error}") from None


def _spec(layer: Layer) -> dict[str, Any]:
    match layer:
        case Conv() | DepthwiseConv():
            return {
                "kind": "conv" if isinstance(layer, Conv) else "depthwise_conv",
                "units": layer.filters if isinstance(layer, Conv) else layer.depth_multiplier,
                "window": layer.kernel_size,
                "strides": layer.strides,
                "same": layer.padding == "same",
                **_weighted(layer),
            }
        case Dense():
            return {"kind": "dense", "units": layer.units, **_weighted(layer)}
        case MaxPool() | AvgPool():
            return {
                "kind": "max_pool" if isinstance(layer, MaxPool) else "avg_pool",
                "window": layer.pool_size,
                "strides": layer.strides or layer.pool_size,
                "same": layer.padding == "same",
            }
        case GlobalMaxPool():
            return {"kind": "global_max_pool"}
        case GlobalAvgPool():
            return {"kind": "global_avg_pool"}
        case Flatten():
            return {"kind": "flatten"}
        case Dropout():
            return {"kind": "dropout", "rate": layer.rate}
        case Activation():
            return {"kind": "activation", "activation": _activation(layer.function)}
        case Recurrent():
            raise ArchitectureError(f"{layer.name}: the engine has no recurrent layers yet")
    raise ArchitectureError(f"{layer.name}: the engine has no such layer")


def _weighted(layer: Conv | DepthwiseConv | Dense) -> dict[str, Any]:
    return {
        "activation": _activation(layer.activation or "linear"),
        "bias": layer.use_bias,
        "initializer": _engine.Initializer[layer.kernel_initializer],
    }


def _activation(name: str) -> _engine.Activation:
    # Softmax is only ever the last activation, which the loss takes over.
    return _engine.Activation.linear if name == "softmax" else _engine.Activation[name]


class Network:
    """A resolved architecture with its weights.

    Parameters
    ----------
    architecture
        Layers with every activation settled (`Architecture.resolve`).
    input_shape
        Shape of one sample, ``(height, width, channels)`` for images.
    task : {"binary", "categorical", "regression"}
        What the last numbers mean.
    weights
        float32 arrays in Keras's order and shapes; they are copied.

    Raises
    ------
    ArchitectureError
        If the layers do not fit the input, or there is no such task.
    DataError
        If the weights do not have the architecture's shapes.
    """

    def __init__(
        self,
        architecture: Architecture,
        input_shape: Sequence[int],
        task: str,
        weights: Sequence[ArrayLike],
    ) -> None:
        """Check and keep."""
        if task not in LOSSES:
            raise ArchitectureError(f"task is {task!r}, but must be one of {', '.join(LOSSES)}")
        self.architecture = architecture
        self.input_shape = tuple(int(n) for n in input_shape)
        self.task = task
        shapes = architecture.weight_shapes(self.input_shape)
        given = [np.array(weight, dtype=np.float32) for weight in weights]
        if [weight.shape for weight in given] != shapes:
            raise DataError(
                f"weights have shapes {[weight.shape for weight in given]}, "
                f"but {architecture} on {self.input_shape} has {shapes}"
            )
        for weight in given:
            weight.setflags(write=False)
        self.weights: list[np.ndarray] = given

    @classmethod
    def from_flat(
        cls, architecture: Architecture, input_shape: Sequence[int], task: str, flat: np.ndarray
    ) -> Network:
        """A network from all its weights in one row, Keras's order."""
        shapes = architecture.weight_shapes(input_shape)
        ends = np.cumsum([prod(shape) for shape in shapes])[:-1]
        parts = np.split(np.asarray(flat), ends) if shapes else []
        return cls(
            architecture,
            input_shape,
            task,
            [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)],
        )

    def __repr__(self) -> str:
        """In one line."""
        return f"<Network {self.architecture}: {self.parameters:,} parameters>"

    @property
    def parameters(self) -> int:
        """The number of all trainable numbers."""
        return sum(weight.size for weight in self.weights)

    def summary(self) -> str:
        """Keras's table."""
        return self.architecture.summary(self.input_shape)

    def with_weights(self, weights: Sequence[ArrayLike]) -> Network:
        """The same architecture with other weights."""
        return Network(self.architecture, self.input_shape, self.task, weights)

    def predict(self, x: ArrayLike) -> np.ndarray:
        """What the network answers.

        Parameters
        ----------
        x
            ``(n, *input_shape)``.

        Returns
        -------
        float32 ndarray
            Binary: probability of class 1, ``(n,)``; categorical: probabilities, ``(n, classes)``;
            regression: ``(n, outputs)``, or ``(n, steps, outputs)`` with a target at every step.

        Raises
        ------
        DataError
            If x has another shape.
        """
        rows = _engine.predict(self._engine, LOSSES[self.task], self._flat, self._rows(x))
        return rows[:, 0] if self.task == "binary" else rows.reshape(len(rows), *self._output_shape)

    def outputs(self, x: ArrayLike) -> list[np.ndarray]:
        """Every layer's output, float32, ``(n, *shape)`` in Keras's shapes; dropout does nothing."""
        rows = self._rows(x)
        computed = iter(_engine.outputs(self._unfused, self._flat, rows))
        outputs: list[np.ndarray] = []
        shapes = self.architecture.shapes(self.input_shape)
        for layer, shape in zip(self.architecture.layers, shapes, strict=True):
            previous = outputs[-1] if outputs else rows
            flat = previous if isinstance(layer, Flatten) else next(computed)
            outputs.append(flat.reshape(len(rows), *_fixed(shape)))
        if self.task in _HEADS:
            prediction = self.predict(x)
            outputs[-1] = prediction[:, None] if self.task == "binary" else prediction
        return outputs

    def gradients(self, x: ArrayLike, y: ArrayLike) -> tuple[float, list[np.ndarray], np.ndarray]:
        """The mean loss over the samples, its gradient for every weight, and for the input.

        Parameters
        ----------
        x, y
            Inputs and targets, as in a `netlet.datasets.Split`.

        Returns
        -------
        loss : float
            Cross-entropy in nats, or mean squared error.
        d_weights : list of float32 ndarray
            In the weights' order and shapes.
        d_x : float32 ndarray
            In x's shape.
        """
        rows = self._rows(x)
        loss, flat, d_x = _engine.gradients(
            self._engine, LOSSES[self.task], self._flat, rows, self._targets(y, len(rows))
        )
        d_weights = Network.from_flat(self.architecture, self.input_shape, self.task, flat).weights
        return loss, d_weights, d_x.reshape(len(rows), *self.input_shape)

    def loss(self, x: ArrayLike, y: ArrayLike) -> float:
        """The mean loss: cross-entropy in nats, or mean squared error."""
        rows = self._rows(x)
        targets = self._targets(y, len(rows))
        return _engine.evaluate(self._engine, LOSSES[self.task], self._flat, rows, targets)[0]

    def tail(self, layer: int) -> Network:
        """The network behind a layer: its input is that layer's output.

        Raises
        ------
        ArchitectureError
            If no layer is left.
        """
        architecture = self.architecture
        count = len(architecture)
        if not -count <= layer < count - 1 or layer == -1:
            raise ArchitectureError(
                f"there is no layer behind layer {layer} of {architecture}: choose one from 0 to {count - 2}"
            )
        after = range(count)[layer] + 1
        shape = architecture.shapes(self.input_shape)[after - 1]
        used = sum(len(shapes) for shapes in architecture.layer_weight_shapes(self.input_shape)[:after])
        behind = Architecture(architecture.layers[after:])
        return Network(behind, _fixed(shape), self.task, self.weights[used:])

    def save(self, path: str | os.PathLike[str], **about: Any) -> Path:
        """Keep the network in one file, which `load_network` reads.

        Parameters
        ----------
        path
            Where to; written whole or not at all.
        **about
            Whatever should be known with it (dataset, settings, seed); anything JSON can hold.

        Raises
        ------
        FileError
            If the file cannot be written.
        """
        head = {
            "format": _FILE_FORMAT,
            "architecture": str(self.architecture),
            "input_shape": self.input_shape,
            "task": self.task,
            "about": about,
        }
        arrays = {f"weight_{i:03}": weight for i, weight in enumerate(self.weights)}
        buffer = io.BytesIO()
        np.savez_compressed(buffer, head=np.array(json.dumps(head)), **arrays)  # type: ignore[arg-type]
        return write_whole(path, buffer.getvalue())

    @cached_property
    def _engine(self) -> _engine.Network:
        return make_engine(self.architecture, self.input_shape, self.task)

    @cached_property
    def _unfused(self) -> _engine.Network:
        return make_engine(self.architecture, self.input_shape, self.task, fused=False)

    @cached_property
    def _flat(self) -> np.ndarray:
        return np.concatenate([weight.ravel() for weight in self.weights] or [np.empty(0, np.float32)])

    @cached_property
    def _output_shape(self) -> tuple[int, ...]:
        return _fixed(self.architecture.shapes(self.input_shape)[-1])

    def _rows(self, x: ArrayLike) -> np.ndarray:
        x = _numbers("x", x)
        if x.shape[1:] != self.input_shape or not x.ndim:
            raise DataError(f"x has shape {x.shape}, but the network takes (n, {str(self.input_shape)[1:]}")
        return np.ascontiguousarray(x.reshape(len(x), prod(self.input_shape)))

    def _targets(self, y: ArrayLike, count: int) -> np.ndarray:
        y = _numbers("y", y)
        outputs = prod(self._output_shape)
        if y.size != count * outputs or not count:
            raise DataError(f"y has shape {y.shape}, but {count} samples need {outputs} targets each")
        return np.ascontiguousarray(y.reshape(count, outputs))


def _fixed(shape: Shape) -> tuple[int, ...]:
    return tuple(n for n in shape if n is not None)


def _numbers(what: str, values: ArrayLike) -> np.ndarray:
    try:
        return np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError):
        raise DataError(f"{what} cannot be read as an array of numbers") from None


def load_network(path: str | os.PathLike[str]) -> tuple[Network, dict[str, Any]]:
    """Read a network that `Network.save` has kept, and what is known with it.

    Raises
    ------
    FileError
        If there is no such file, or it is not one of netlet's, damaged or of a newer format.
    """
    path = Path(path)
    try:
        with path.open("rb") as source, np.load(source, allow_pickle=False) as file:
            head = json.loads(str(file["head"]))
            weights = [file[name] for name in sorted(file.files) if name.startswith("weight_")]
        if head["format"] > _FILE_FORMAT:
            raise FileError(
                f"{path} has format {head['format']}, but this netlet reads up to {_FILE_FORMAT}: "
                "update netlet"
            )
        network = Network(Architecture(head["architecture"]), head["input_shape"], head["task"], weights)
        return network, head["about"]
    except FileNotFoundError:
        raise FileError(f"{path} does not exist: give a file that netlet train --save has written") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from None
    except FileError:
        raise
    except Exception as error:  # a damaged archive fails in many ways
        raise FileError(
            f"{path} is not a network that netlet has saved, or is damaged ({type(error).__name__})"
        ) from None
