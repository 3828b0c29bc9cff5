"""Networks: an architecture with weights, which predicts, shows every layer's output and gives gradients."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from netlet import _engine, metrics
from netlet.architecture import LSTM, Architecture, Flatten, Recurrent, fit
from netlet.architecture.summary import summary_cells
from netlet.datasets import Dataset, Split
from netlet.datasets.scaling import Scaling
from netlet.errors import ArchitectureError, DataError, brief, printable
from netlet.network import classes
from netlet.network.activity import GATES, Activity
from netlet.network.files import write_network
from netlet.network.lowering import HEADS, LOSSES, make_engine
from netlet.network.samples import Samples, fixed
from netlet.network.stream import Stream
from netlet.showing import picture

if TYPE_CHECKING:
    from netlet.figures.shown import Shown


class Network:
    """A resolved architecture with its weights, and what it does to its input and answer.

    A network is a value: nothing of it can be changed, and it can be pickled and copied.

    Parameters
    ----------
    architecture
        What `Architecture.resolve` gives: layers with everything settled, of which the last fits the task.
    input_shape
        Shape of one sample, ``(height, width, channels)`` for images, ``(steps, channels)`` for sequences,
        ``(features,)`` for rows of a table. Where no weight depends on it, sequences may have any other
        number of steps as well.
    task : {"binary", "categorical", "regression"}
        What the last numbers mean.
    weights
        Arrays in Keras's order and shapes; they are copied as float32.
    class_names
        One a class (binary: of 0, then of 1); empty if they are not known.
    integer_scale
        What inputs of a whole-number type are divided by, such as 255 for pixels; by default nothing.
    input_scaling
        Applied to every input before the first layer; None for none.
    target_scaling
        Of regression: the layers answer in scaled units, and `predict` undoes it; None for none.
    reading
        How files are read for it, as its training data were: a dataset's `reading`.
    feature_names : tuple of str
        The columns of the table it was trained on, which it takes by name from a file; () if not known.
    about
        What else is known: dataset, settings, seed; anything JSON can hold.

    Attributes
    ----------
    weights : tuple of float32 ndarray
        The copies, which cannot be changed: `with_weights` gives another network.

    Raises
    ------
    ArchitectureError
        If the layers do not fit the input or the task, are not resolved, or there is no such task.
    DataError
        If the weights do not have the architecture's shapes, or names or scalings do not fit.
    """

    def __init__(
        self,
        architecture: Architecture,
        input_shape: Sequence[int],
        task: str,
        weights: Sequence[ArrayLike],
        *,
        class_names: Sequence[str] = (),
        integer_scale: float = 1.0,
        input_scaling: Scaling | None = None,
        target_scaling: Scaling | None = None,
        reading: Mapping[str, Any] | None = None,
        feature_names: Sequence[str] = (),
        about: Mapping[str, Any] | None = None,
    ) -> None:
        """Check and keep."""
        if task not in LOSSES:
            raise ArchitectureError(f"task is {brief(task)}, but must be one of {', '.join(LOSSES)}")
        self.architecture = architecture
        self.input_shape = tuple(int(n) for n in input_shape)
        self.task = task
        _check_resolved(architecture, self.input_shape, task)
        self.weights = _checked_weights(architecture, self.input_shape, weights)
        self.class_names = tuple(printable(str(name)) for name in class_names)
        self.integer_scale = float(integer_scale)
        self.input_scaling = input_scaling
        self.target_scaling = target_scaling
        self.reading: Mapping[str, Any] = dict(reading or {})
        self.feature_names = tuple(map(str, feature_names))
        self.about: Mapping[str, Any] = dict(about or {})
        outputs = architecture.shapes(self.input_shape)[-1][-1]
        classes.check_names(self.class_names, task, outputs)
        if input_scaling is not None:
            input_scaling.check("input_scaling", self.input_shape[-1])
        if target_scaling is not None:
            if task != "regression":
                raise DataError(f"target_scaling is given, but the task is {task}, whose targets are classes")
            target_scaling.check("target_scaling", outputs)

    @classmethod
    def from_flat(
        cls,
        architecture: Architecture,
        input_shape: Sequence[int],
        task: str,
        flat: np.ndarray,
        **details: Any,
    ) -> Network:
        """A network from all its weights in one row, Keras's order; `details` as for the class."""
        shapes = architecture.weight_shapes(input_shape)
        ends = np.cumsum([prod(shape) for shape in shapes])[:-1]
        parts = np.split(np.asarray(flat), ends) if shapes else []
        weights = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
        return cls(architecture, input_shape, task, weights, **details)

    @classmethod
    def for_dataset(
        cls, architecture: Architecture, dataset: Dataset, flat: np.ndarray, seed: int | None = None
    ) -> Network:
        """A network on a dataset's input, with its class names and scalings, from weights in one row.

        If the dataset was loaded from somewhere, that is known with it, and the seed it was trained from.
        """
        origin = dataset.origin
        return cls.from_flat(
            architecture,
            dataset.input_shape,
            dataset.task,
            flat,
            class_names=dataset.class_names,
            integer_scale=dataset.integer_scale,
            input_scaling=dataset.input_scaling,
            target_scaling=dataset.target_scaling,
            reading=dataset.reading,
            feature_names=dataset.feature_names,
            about=None if origin is None else {**origin, "seed": seed},
        )

    def __repr__(self) -> str:
        """In one line."""
        classes = f", {' / '.join(self.class_names)}" if self.class_names else ""
        return f"<Network {self.architecture}: {self.parameters:,} parameters, {self.task}{classes}>"

    def __getstate__(self) -> dict[str, Any]:
        """All but what is made anew when it is needed: the engine's forms cannot be pickled."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_engines", "_flat")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over, and keep the weights from being changed."""
        self.__dict__.update(state)
        for weight in self.weights:
            weight.setflags(write=False)

    @property
    def parameters(self) -> int:
        """The number of all its numbers."""
        return sum(weight.size for weight in self.weights)

    @property
    def kind(self) -> str:
        """What it takes: "image", "sequence" or "table"."""
        return ("table", "sequence", "image")[len(self.input_shape) - 1]

    @property
    def details(self) -> dict[str, Any]:
        """Class names, scalings and what else is known, as keywords for another network like this one."""
        scalings = ("integer_scale", "input_scaling", "target_scaling")
        names = ("class_names", *scalings, "reading", "feature_names", "about")
        return {name: getattr(self, name) for name in names}

    def summary(self) -> str:
        """Keras's table, and the scalings there are."""
        lines = [self.architecture.summary(self.input_shape)]
        lines += [f"Input scaling: {self.input_scaling}"] if self.input_scaling is not None else []
        lines += [f"Target scaling: {self.target_scaling}"] if self.target_scaling is not None else []
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        shape = fit.checked_input(self.input_shape)
        return summary_cells(self.architecture.layers, shape)._repr_html_()

    def plot(self) -> Shown:
        """A picture of all layers with their weights."""
        return picture("network", self)

    def with_weights(self, weights: Sequence[ArrayLike]) -> Network:
        """The same with other weights."""
        return Network(self.architecture, self.input_shape, self.task, weights, **self.details)

    def layer_weights(self, layer: int) -> tuple[np.ndarray, ...]:
        """One layer's weights in Keras's order and shapes; empty for a layer without."""
        return self.weights[self.layer_slice(layer)]

    def layer_slice(self, layer: int) -> slice:
        """Where the weights of a layer stand among all weights."""
        counts = [len(shapes) for shapes in self.architecture.layer_weight_shapes(self.input_shape)]
        place = range(len(counts))[layer]
        start = sum(counts[:place])
        return slice(start, start + counts[place])

    # --- use ----------------------------------------------------------------------------------------------

    def predict(self, x: ArrayLike, mask: ArrayLike | None = None) -> np.ndarray:
        """What the network answers.

        Parameters
        ----------
        x
            ``(n, *input_shape)``, or whatever the dataset took for it: images without their one channel,
            whole-number pixels (divided as in training), lists, sequences of different length. Floats are
            taken to be in the units of a `netlet.datasets.Split`. The same for all methods.
        mask
            Of sequences, ``(n, steps)``: recurrent layers pass by steps where it is False, keeping what they
            had (as in Keras); at least one step of each counts. None if every step does. The same for all
            methods.

        Returns
        -------
        float32 ndarray
            Binary: probability of class 1, ``(n,)``; categorical: probabilities, ``(n, classes)`` or
            ``(n, steps, classes)``; regression: ``(n, outputs)``, or ``(n, steps, outputs)`` with a target at
            every step, in the target's own units.

        Raises
        ------
        DataError
            If x or mask has another shape, or mask holds other values.
        """
        samples = self._samples(x, mask)
        rows = _engine.predict(samples.engine(), LOSSES[self.task], self._flat, samples.rows, samples.mask)
        if self.task == "binary":
            return rows[:, 0]
        answers = rows.reshape(len(rows), *samples.shapes()[-1])
        return answers if self.target_scaling is None else self.target_scaling.undo(answers)

    def stream(self) -> Stream:
        """The network fed step by step, with what it holds carried over.

        Raises
        ------
        ArchitectureError
            If the network takes no sequences, or flattens them whole.
        """
        return Stream(self)

    def classify(self, x: ArrayLike, mask: ArrayLike | None = None) -> np.ndarray:
        """The name of the class that is answered for each sample (at every step, where there is one).

        Returns
        -------
        ndarray of str, (n,) or (n, steps)
            Numbers as text, if the classes have no names.

        Raises
        ------
        DataError
            If the task is regression, or as for `predict`.
        """
        if self.task == "regression":
            raise DataError(f"{self.architecture} answers numbers, not classes: use predict")
        names = self.class_names or tuple(map(str, range(self.predict(x, mask).shape[-1])))
        return np.array(names or ("0", "1"))[metrics.labels(self.predict(x, mask))]

    def evaluate(self, data: Split | Dataset | tuple[Any, ...]) -> dict[str, Any]:
        """The metrics of the task (see `netlet.metrics.evaluate`).

        Parameters
        ----------
        data
            A split; a dataset, for all of its splits; or a pair (x, y), or (x, y, mask), as a dataset takes
            them: labels may be class names, whole numbers or one-hot.

        Returns
        -------
        dict
            By metric; of a dataset by split, then by metric.

        Raises
        ------
        DataError
            If the data does not fit the network: other shapes, other classes.
        """
        if isinstance(data, Dataset):
            order = classes.order_of(data.class_names, self.class_names, data.name)
            return {
                name: self._evaluated(Split(split.x, classes.reordered(split.y, order), split.mask))
                for name, split in data.present.items()
            }
        return self._evaluated(data if isinstance(data, Split) else classes.as_split(self, data))

    def _evaluated(self, split: Split) -> dict[str, float | None]:
        return metrics.evaluate(self.task, split.y, self.predict(split.x, split.mask), split.mask)

    # --- inside -------------------------------------------------------------------------------------------

    def outputs(self, x: ArrayLike, mask: ArrayLike | None = None) -> list[np.ndarray]:
        """Every layer's output, float32, ``(n, *shape)`` in Keras's shapes; dropout does nothing.

        Scaled units stay as they are: only `predict` undoes a target's scaling.
        """
        samples = self._samples(x, mask)
        computed = iter(self._computed(samples)[0])
        outputs: list[np.ndarray] = []
        for layer, shape in zip(self.architecture.layers, samples.shapes(), strict=True):
            previous = outputs[-1] if outputs else samples.rows
            flat = previous if isinstance(layer, Flatten) else next(computed)
            if isinstance(layer, Recurrent) and not layer.return_sequences:
                flat = next(computed)  # the engine takes the last step in a layer of its own
            outputs.append(flat.reshape(len(flat), *shape))
        if self.task in HEADS:
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
            names = GATES[type(layer)]
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
            Cross-entropy in nats, or mean squared error; of scaled targets where there is a target_scaling.
        d_weights : list of float32 ndarray
            In the weights' order and shapes.
        d_x : float32 ndarray
            In x's shape and units.
        """
        samples = self._samples(x, mask)
        engine, targets = samples.engine(), samples.targets(y)
        loss, flat, d_x = _engine.gradients(
            engine, LOSSES[self.task], self._flat, samples.rows, targets, samples.mask
        )
        d_weights = Network.from_flat(self.architecture, self.input_shape, self.task, flat).weights
        return loss, list(d_weights), samples.input_gradient(d_x)

    def input_gradient(self, x: ArrayLike, d_y: ArrayLike, mask: ArrayLike | None = None) -> np.ndarray:
        """The gradient, with respect to the input, of the sum of what the network answers times `d_y`.

        Of classifiers it is the last layer's output before its activation that counts, not the probability;
        of scaled targets the scaled answer.

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
            samples.engine(), self._flat, samples.rows, samples.as_rows("d_y", d_y), samples.mask
        )
        return samples.input_gradient(d_x)

    def loss(self, x: ArrayLike, y: ArrayLike, mask: ArrayLike | None = None) -> float:
        """The mean loss: cross-entropy in nats, or mean squared error (of scaled targets)."""
        samples = self._samples(x, mask)
        engine, targets = samples.engine(), samples.targets(y)
        loss = LOSSES[self.task]
        return _engine.evaluate(engine, loss, self._flat, samples.rows, targets, samples.mask)[0]

    def tail(self, layer: int) -> Network:
        """The network behind a layer: its input is that layer's output, which is not scaled again.

        Raises
        ------
        ArchitectureError
            If no layer is left.
        """
        architecture = self.architecture
        count = len(architecture)
        if not -count <= layer < count - 1 or layer == -1:
            raise ArchitectureError(
                f"there is no layer behind layer {layer} of {architecture}: choose one from 0 to {count - 2}",
                layer=layer,
            )
        after = range(count)[layer] + 1
        shape = fixed(architecture.shapes(self.input_shape)[after - 1])
        used = self.layer_slice(after - 1).stop
        behind = Architecture(architecture.layers[after:])
        details = self.details | {"input_scaling": None, "integer_scale": 1.0}
        return Network(behind, shape, self.task, self.weights[used:], **details)

    def save(self, path: str | os.PathLike[str], **about: Any) -> Path:
        """Keep the network in one file, which `load_network` reads.

        Parameters
        ----------
        path
            Where to; written whole or not at all.
        **about
            Whatever should be known with it (dataset, settings, seed), beside what already is; anything JSON
            can hold.

        Raises
        ------
        FileError
            If the file cannot be written.
        """
        return write_network(self, path, {**self.about, **about})

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

    def _samples(self, x: ArrayLike, mask: ArrayLike | None) -> Samples:
        return Samples(self, x, mask)

    def _computed(self, samples: Samples) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """For each layer of the engine, its output and what it keeps, as rows."""
        return _engine.outputs(samples.engine(fused=False), self._flat, samples.rows, samples.mask)


def _check_resolved(architecture: Architecture, input_shape: tuple[int, ...], task: str) -> None:
    """Refuse layers that leave something open, or whose last does not fit the task."""
    last = fixed(architecture.shapes(input_shape)[-1])
    resolved = architecture.resolve(input_shape, task, last[-1], per_step=len(last) == 2)
    if resolved != architecture:
        raise ArchitectureError(f"{architecture} leaves activations open: give what its resolve() returns")


def _checked_weights(
    architecture: Architecture, input_shape: tuple[int, ...], weights: Sequence[ArrayLike]
) -> tuple[np.ndarray, ...]:
    """The weights as float32 that cannot be changed, if they have the architecture's shapes."""
    shapes = architecture.weight_shapes(input_shape)
    arrays = [np.asarray(weight) for weight in weights]
    if wrong := [array.dtype for array in arrays if array.dtype.kind not in "fiub"]:
        raise DataError(f"weights hold {wrong[0]} values, but must hold real numbers")
    given = [np.array(array, dtype=np.float32) for array in arrays]
    if [weight.shape for weight in given] != shapes:
        raise DataError(
            f"weights have shapes {[weight.shape for weight in given]}, "
            f"but {architecture} on {input_shape} has {shapes}"
        )
    for weight in given:
        weight.setflags(write=False)
    return tuple(given)
