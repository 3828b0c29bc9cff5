"""Networks: an architecture with weights, which predicts, shows every layer's output and gives gradients."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from netlet import _engine
from netlet.architecture import (
    GRU,
    LSTM,
    RNN,
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
from netlet.datasets.ragged import checked_mask
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


def _check_resolved(architecture: Architecture, input_shape: tuple[int, ...], task: str) -> None:
    """Refuse layers that leave something open, or whose last does not fit the task."""
    last = _fixed(architecture.shapes(input_shape)[-1])
    resolved = architecture.resolve(input_shape, task, last[-1], per_step=len(last) == 2)
    if resolved != architecture:
        raise ArchitectureError(f"{architecture} leaves activations open: give what its resolve() returns")


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
            return _recurrent(layer)
    raise ArchitectureError(f"{layer.name}: the engine has no such layer")


def _recurrent(layer: Recurrent) -> dict[str, Any]:
    spec = {
        "kind": layer.name,
        "units": layer.units,
        "recurrent_initializer": _engine.Initializer[layer.recurrent_initializer],
        "sequences": bool(layer.return_sequences),
        **_weighted(layer),
    }
    if isinstance(layer, GRU | LSTM):
        spec["recurrent_activation"] = _activation(layer.recurrent_activation)
    if isinstance(layer, GRU):
        spec["reset_after"] = layer.reset_after
    if isinstance(layer, LSTM):
        spec["unit_forget_bias"] = layer.unit_forget_bias
    return spec


def _weighted(layer: Conv | DepthwiseConv | Dense | Recurrent) -> dict[str, Any]:
    return {
        "activation": _activation(layer.activation or "linear"),
        "bias": layer.use_bias,
        "initializer": _engine.Initializer[layer.kernel_initializer],
    }


def _activation(name: str) -> _engine.Activation:
    # Softmax is only ever the last activation, which the loss takes over.
    return _engine.Activation.linear if name == "softmax" else _engine.Activation[name]


_GATES: dict[type[Recurrent], tuple[str, ...]] = {
    RNN: (),
    GRU: ("update", "reset", "candidate"),
    LSTM: ("input", "forget", "candidate", "output"),
}


@dataclass(frozen=True, eq=False)
class Activity:
    """What happens in one recurrent layer over the steps of sequences.

    Attributes
    ----------
    layer
        Its place in the architecture.
    hidden : float32 ndarray, (n, steps, units)
        Hidden activity: the layer's output at every step, even where it passes on the last one only.
    gates : dict of float32 ndarray, (n, steps, units)
        With h' and c' hidden activity and cell state of the step before: gru has update, reset and candidate,
        h = update h' + (1 - update) candidate; lstm has input, forget, candidate and output,
        c = forget c' + input candidate, h = output f(c); rnn has none.
    cell : float32 ndarray, (n, steps, units), or None
        Cell state of an lstm: its memory.
    """

    layer: int
    hidden: np.ndarray
    gates: dict[str, np.ndarray]
    cell: np.ndarray | None


class Network:
    """A resolved architecture with its weights.

    Parameters
    ----------
    architecture
        What `Architecture.resolve` gives: layers with everything settled, of which the last fits the task.
    input_shape
        Shape of one sample, ``(height, width, channels)`` for images, ``(steps, channels)`` for sequences.
        Where no weight depends on it, sequences may have any other number of steps as well.
    task : {"binary", "categorical", "regression"}
        What the last numbers mean.
    weights
        float32 arrays in Keras's order and shapes; they are copied.

    Attributes
    ----------
    weights : tuple of float32 ndarray
        The copies, which cannot be changed: `with_weights` gives another network.

    Raises
    ------
    ArchitectureError
        If the layers do not fit the input or the task, are not resolved, or there is no such task.
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
        _check_resolved(architecture, self.input_shape, task)
        shapes = architecture.weight_shapes(self.input_shape)
        given = [np.array(weight, dtype=np.float32) for weight in weights]
        if [weight.shape for weight in given] != shapes:
            raise DataError(
                f"weights have shapes {[weight.shape for weight in given]}, "
                f"but {architecture} on {self.input_shape} has {shapes}"
            )
        for weight in given:
            weight.setflags(write=False)
        self.weights = tuple(given)

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

    def predict(self, x: ArrayLike, mask: ArrayLike | None = None) -> np.ndarray:
        """What the network answers.

        Parameters
        ----------
        x
            ``(n, *input_shape)``, numbers as a `netlet.datasets.Split` has them, which are taken as they are:
            divide pixels 0..255 by 255 first. The same for all methods.
        mask
            Of sequences, ``(n, steps)``: recurrent layers pass by steps where it is False, keeping what they
            had (as in Keras); at least one step of each counts. None if every step does. The same for all
            methods.

        Returns
        -------
        float32 ndarray
            Binary: probability of class 1, ``(n,)``; categorical: probabilities, ``(n, classes)``;
            regression: ``(n, outputs)``, or ``(n, steps, outputs)`` with a target at every step.

        Raises
        ------
        DataError
            If x or mask has another shape, or mask holds other values.
        """
        samples = self._samples(x, mask)
        rows = _engine.predict(samples.engine(), LOSSES[self.task], self._flat, samples.rows, samples.mask)
        return rows[:, 0] if self.task == "binary" else rows.reshape(len(rows), *samples.shapes()[-1])

    def outputs(self, x: ArrayLike, mask: ArrayLike | None = None) -> list[np.ndarray]:
        """Every layer's output, float32, ``(n, *shape)`` in Keras's shapes; dropout does nothing."""
        samples = self._samples(x, mask)
        computed = iter(self._computed(samples)[0])
        outputs: list[np.ndarray] = []
        for layer, shape in zip(self.architecture.layers, samples.shapes(), strict=True):
            previous = outputs[-1] if outputs else samples.rows
            flat = previous if isinstance(layer, Flatten) else next(computed)
            if isinstance(layer, Recurrent) and not layer.return_sequences:
                flat = next(computed)  # the engine takes the last step in a layer of its own
            outputs.append(flat.reshape(len(flat), *shape))
        if self.task in _HEADS:
            prediction = self.predict(x, mask)
            outputs[-1] = prediction[:, None] if self.task == "binary" else prediction
        return outputs

    def activity(self, x: ArrayLike, mask: ArrayLike | None = None) -> list[Activity]:
        """What happens over the steps in every recurrent layer, in their order."""
        samples = self._samples(x, mask)
        computed = iter(zip(*self._computed(samples), strict=True))
        count, steps = len(samples.rows), samples.input_shape[0]
        found = []
        for index, layer in enumerate(self.architecture.layers):
            if isinstance(layer, Flatten):
                continue
            hidden, kept = next(computed)
            if not isinstance(layer, Recurrent):
                continue
            if not layer.return_sequences:
                next(computed)
            names = _GATES[type(layer)]
            kinds = kept.shape[1] // (steps * layer.units)
            parts = np.moveaxis(kept.reshape(count, steps, kinds, layer.units), 2, 0)
            gates = dict(zip(names, parts, strict=False))
            cell = parts[len(names)] if isinstance(layer, LSTM) else None
            found.append(Activity(index, hidden.reshape(count, steps, layer.units), gates, cell))
        return found

    def gradients(
        self, x: ArrayLike, y: ArrayLike, mask: ArrayLike | None = None
    ) -> tuple[float, list[np.ndarray], np.ndarray]:
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
        samples = self._samples(x, mask)
        engine, targets = samples.engine(), samples.targets(y)
        loss, flat, d_x = _engine.gradients(
            engine, LOSSES[self.task], self._flat, samples.rows, targets, samples.mask
        )
        d_weights = Network.from_flat(self.architecture, self.input_shape, self.task, flat).weights
        return loss, list(d_weights), d_x.reshape(len(d_x), *samples.input_shape)

    def input_gradient(self, x: ArrayLike, d_y: ArrayLike, mask: ArrayLike | None = None) -> np.ndarray:
        """The gradient, with respect to the input, of the sum of what the network answers times `d_y`.

        Of classifiers it is the last layer's output before its activation that counts, not the probability.

        Parameters
        ----------
        x
            ``(n, *input_shape)``.
        d_y
            A number for every output, in the shape of the targets.

        Returns
        -------
        float32 ndarray
            In x's shape.
        """
        samples = self._samples(x, mask)
        d_x = _engine.input_gradients(
            samples.engine(), self._flat, samples.rows, samples.targets(d_y), samples.mask
        )
        return d_x.reshape(len(d_x), *samples.input_shape)

    def loss(self, x: ArrayLike, y: ArrayLike, mask: ArrayLike | None = None) -> float:
        """The mean loss: cross-entropy in nats, or mean squared error."""
        samples = self._samples(x, mask)
        engine, targets = samples.engine(), samples.targets(y)
        loss = LOSSES[self.task]
        return _engine.evaluate(engine, loss, self._flat, samples.rows, targets, samples.mask)[0]

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

    def engine(self, input_shape: tuple[int, ...], fused: bool = True) -> _engine.Network:
        """The engine's form of the network for inputs of that shape, made when first asked for."""
        key = (input_shape, fused)
        if key not in self._engines:
            self._engines[key] = make_engine(self.architecture, input_shape, self.task, fused)
        return self._engines[key]

    @cached_property
    def _engines(self) -> dict[tuple[tuple[int, ...], bool], _engine.Network]:
        return {}

    @cached_property
    def _flat(self) -> np.ndarray:
        return np.concatenate([weight.ravel() for weight in self.weights] or [np.empty(0, np.float32)])

    def _samples(self, x: ArrayLike, mask: ArrayLike | None) -> _Samples:
        return _Samples(self, _numbers("x", x), mask)

    def _computed(self, samples: _Samples) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """For each layer of the engine, its output and what it keeps, as rows."""
        return _engine.outputs(samples.engine(fused=False), self._flat, samples.rows, samples.mask)


class _Samples:
    """Inputs of a network as rows, checked, and what depends on their length."""

    def __init__(self, network: Network, x: np.ndarray, mask: ArrayLike | None) -> None:
        self._network = network
        self.input_shape = _accepted(network, x)
        self.rows = np.ascontiguousarray(x.reshape(len(x), prod(self.input_shape)))
        self.mask = None if mask is None else checked_mask("mask", mask, x).astype(np.float32)

    def engine(self, fused: bool = True) -> _engine.Network:
        """For inputs of this shape."""
        return self._network.engine(self.input_shape, fused)

    def shapes(self) -> list[tuple[int, ...]]:
        """Of every layer's output."""
        return [_fixed(shape) for shape in self._network.architecture.shapes(self.input_shape)]

    def targets(self, y: ArrayLike) -> np.ndarray:
        """Targets as rows."""
        y, count = _numbers("y", y), len(self.rows)
        outputs = prod(self.shapes()[-1])
        if y.size != count * outputs or not count:
            raise DataError(f"y has shape {y.shape}, but {count} samples need {outputs} targets each")
        return np.ascontiguousarray(y.reshape(count, outputs))


def _accepted(network: Network, x: np.ndarray) -> tuple[int, ...]:
    """The shape of one input, if it is the network's, or a sequence of another length that fits as well."""
    shape, expected = x.shape[1:], network.input_shape
    if x.ndim and shape == expected:
        return shape
    is_sequence = len(shape) == len(expected) == 2 and shape[1] == expected[1] and shape[0] > 0
    sizes = [weight.shape for weight in network.weights]
    if is_sequence and network.architecture.weight_shapes(shape) == sizes:
        return shape
    raise DataError(f"x has shape {x.shape}, but the network takes (n, {str(expected)[1:]}")


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
