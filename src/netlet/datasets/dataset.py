"""A dataset: training, validation and test arrays, checked once so that nothing after it has to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from netlet.datasets import ragged
from netlet.datasets.scaling import Scaling
from netlet.errors import DataError

TASKS = ("binary", "categorical", "regression")


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Inputs and targets of one part of a dataset.

    Attributes
    ----------
    x : ndarray, float32
        Images (n, height, width, channels), in 0..1, or sequences (n, steps, channels).
    y : ndarray, float32
        Binary (n,), 0 or 1; categorical (n, classes), one-hot; regression (n, outputs) or, with a target
        at every step, (n, steps, outputs).
    mask : ndarray of bool, optional
        Of sequences, (n, steps): where it is False recurrent layers pass the step by, keeping what they had,
        and its target does not count. None if every step counts.
    """

    x: np.ndarray
    y: np.ndarray
    mask: np.ndarray | None = None

    def __len__(self) -> int:
        """How many images or sequences there are."""
        return len(self.x)

    def __repr__(self) -> str:
        """Say in one line how many there are, of what, with which targets."""
        shapes = [" x ".join(map(str, array.shape[1:])) or "1" for array in (self.x, self.y)]
        masked = "" if self.mask is None else f", {int(self.mask.sum()):,} of {self.mask.size:,} steps count"
        return f"<Split of {len(self):,}: x {shapes[0]}, y {shapes[1]}{masked}>"


class Dataset:
    """Training, validation and (where there is one) test split, with what they are for.

    Parameters
    ----------
    name : str
        What errors, tables and figures call it.
    train, validation, test : Split, (x, y) or (x, y, mask)
        Inputs and targets. Images are (n, height, width, channels), or (n, height, width) if they are
        uint8; sequences are (n, steps, channels) or (n, steps), or a list of arrays of different length,
        (steps,) or (steps, channels), which are padded with zeros and masked. Pixels are floats in 0..1;
        integer pixels 0..255 are divided by 255. Targets are one-hot (n, classes), labels (n,) of whole
        numbers or strings (turned into 0/1 for two classes, else one-hot), or numbers to regress on. The
        test split may be absent.
    task : {"binary", "categorical", "regression"}, optional
        Inferred from the targets: labels of two classes are binary, of more categorical, one-hot rows
        categorical, everything else regression.
    class_names : sequence of str, optional
        One name a class (binary: of 0, then of 1). By default the labels themselves.
    seed : int, optional
        What generated it or split it, if a seed did.
    source : str
        Where it came from, for people.
    training : mapping, optional
        The settings that a training on it has by default, by the names of `netlet.Training`.

    Raises
    ------
    DataError
        If anything is not finite, of the wrong shape, not one-hot, or does not fit the other splits; the
        message names the split and the row.
    """

    name: str
    train: Split
    validation: Split
    test: Split | None
    task: str
    class_names: tuple[str, ...]
    seed: int | None
    source: str
    training: Mapping[str, Any]
    integer_scale: float
    input_scaling: Scaling | None
    target_scaling: Scaling | None

    def __init__(  # noqa: D107 (the class documents it)
        self,
        name: str,
        train: Split | tuple[Any, ...],
        validation: Split | tuple[Any, ...],
        test: Split | tuple[Any, ...] | None = None,
        task: str | None = None,
        class_names: Sequence[str] | None = None,
        seed: int | None = None,
        source: str = "",
        training: Mapping[str, Any] | None = None,
    ) -> None:
        if task is not None and task not in TASKS:
            raise DataError(f"{name}: task is {task!r}, but must be one of {', '.join(TASKS)}")
        given = {
            split_name: _parts(name, split_name, split)
            for split_name, split in (("training", train), ("validation", validation), ("test", test))
            if split is not None
        }
        parts = ragged.padded(name, given)
        raw = {split_name: _arrays(name, split_name, x, y) for split_name, (x, y, _) in parts.items()}
        inputs = _inputs(name, {split_name: x for split_name, (x, _) in raw.items()})
        targets = {split_name: y for split_name, (_, y) in raw.items()}
        masks = {
            split_name: None
            if mask is None
            else ragged.checked_mask(f"{name}: {split_name}.mask", mask, inputs[split_name])
            for split_name, (_, _, mask) in parts.items()
        }
        self.task = task or _inferred_task(targets, class_names)
        targets, names = _targets(name, self.task, targets, inputs, class_names)
        splits = {
            split_name: Split(inputs[split_name], targets[split_name], masks[split_name])
            for split_name in raw
        }
        self.name = name
        self.train = splits["training"]
        self.validation = splits["validation"]
        self.test = splits.get("test")
        self.class_names = names
        self.seed = seed
        self.source = source
        self.training = dict(training or {})
        self.integer_scale = _integer_scale(raw["training"][0], self.train.x)
        self.input_scaling = self.target_scaling = None

    @property
    def splits(self) -> dict[str, Split | None]:
        """The splits by the names reports use: "training", "validation" and "test" (may be None)."""
        return {"training": self.train, "validation": self.validation, "test": self.test}

    @property
    def present(self) -> dict[str, Split]:
        """The splits there are: `splits` without a test split that is None."""
        return {split_name: split for split_name, split in self.splits.items() if split is not None}

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one image (height, width, channels) or one sequence (steps, channels)."""
        return self.train.x.shape[1:]

    @property
    def outputs(self) -> int:
        """How many output nodes the task needs: 1 if binary, else the classes or the regressed numbers."""
        return 1 if self.task == "binary" else self.train.y.shape[-1]

    @property
    def per_step(self) -> bool:
        """Whether there is a target at every step of a sequence."""
        return self.train.y.ndim == 3

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of the task and of all arrays: equal data, equal hash, wherever it came from."""
        digest = hashlib.sha256(self.task.encode())
        for split_name, split in self.present.items():
            for array in (split.x, split.y, *([] if split.mask is None else [split.mask])):
                digest.update(f"|{split_name}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array, dtype="<f4").data)
        return digest.hexdigest()

    def __repr__(self) -> str:
        """Say in one line what is in it."""
        counts = ", ".join(f"{len(split):,} {split_name}" for split_name, split in self.present.items())
        kind = "images" if len(self.input_shape) == 3 else "sequences"
        shape = " x ".join(map(str, self.input_shape))
        lengths = [split.mask.sum(axis=1) for split in self.present.values() if split.mask is not None]
        if lengths:
            least, most = min(map(np.min, lengths)), max(map(np.max, lengths))
            shape = f"{least}..{most} of {shape}"
        classes = f" ({', '.join(self.class_names)})" if self.class_names else ""
        return f"{self.name}: {counts} {kind} of {shape}, {self.task}{classes}"


def _integer_scale(raw: np.ndarray, x: np.ndarray) -> float:
    """What whole-number inputs were divided by."""
    largest = raw.max()
    return float(raw.max() / x.max()) if raw.dtype.kind in "iu" and largest > 0 else 1.0


def _parts(name: str, split_name: str, split: Split | tuple[Any, ...]) -> ragged.Parts:
    """What was given for one split: x, y and mask, which may be None."""
    if isinstance(split, Split):
        return split.x, split.y, split.mask
    try:
        x, y, *rest = split
        (mask,) = rest or (None,)
    except (TypeError, ValueError):
        raise DataError(
            f"{name}: {split_name} must be a Split, a pair (x, y) of arrays, or (x, y, mask)"
        ) from None
    return x, y, mask


def _arrays(name: str, split_name: str, x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of one split as arrays, equally many and not empty."""
    try:
        x, y = np.asarray(x), np.asarray(y)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: {split_name} cannot be read as a pair (x, y) of arrays: {error}") from None
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        raise DataError(
            f"{name}: {split_name} has x of shape {x.shape} and y of shape {y.shape}: "
            "the first dimension must be the same, one target for each input"
        )
    if x.dtype.kind not in "biuf":
        raise DataError(f"{name}: {split_name}.x holds {x.dtype} values, but must hold numbers")
    if x.size == 0:
        raise DataError(f"{name}: {split_name} is empty (x has shape {x.shape}); give at least one input")
    return x, y


def _inputs(name: str, xs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Inputs of all splits as float32 of rank 4 (images) or 3 (sequences), finite and of one shape."""
    xs = {split_name: _with_channels(name, split_name, x) for split_name, x in xs.items()}
    shape = xs["training"].shape[1:]
    for split_name, x in xs.items():
        if x.shape[1:] != shape:
            raise DataError(f"{name}: {split_name} inputs have shape {x.shape[1:]}, training inputs {shape}")
    if len(shape) == 3:
        xs = _scaled_pixels(name, xs)
    return {split_name: _finite_float32(f"{name}: {split_name}.x", x) for split_name, x in xs.items()}


def _with_channels(name: str, split_name: str, x: np.ndarray) -> np.ndarray:
    """Add the channel dimension to sequences (n, steps) and to uint8 images (n, height, width)."""
    if x.ndim == 2 or (x.ndim == 3 and x.dtype == np.uint8):
        return x[..., np.newaxis]
    if x.ndim in (3, 4):
        return x
    raise DataError(
        f"{name}: {split_name}.x has shape {x.shape}, but must be images (n, height, width, channels) "
        "or sequences (n, steps, channels)"
    )


def _scaled_pixels(name: str, xs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Pixels in 0..1: whole numbers 0..255 of an integer type are divided by 255."""
    largest = max(x.max() for x in xs.values())
    integers = [np.issubdtype(x.dtype, np.integer) for x in xs.values()]
    if any(integers) != all(integers):
        kinds = ", ".join(f"{split_name} {x.dtype}" for split_name, x in xs.items())
        raise DataError(f"{name}: pixels must be of one type in all splits, but are {kinds}")
    if all(integers):
        if largest > 255 or min(x.min() for x in xs.values()) < 0:
            raise DataError(f"{name}: pixels of an integer type must be in 0..255, the largest is {largest}")
        divisor = np.float32(255 if largest > 1 else 1)
        return {split_name: x.astype(np.float32) / divisor for split_name, x in xs.items()}
    if largest > 2 and all(np.array_equal(x, np.round(x)) for x in xs.values()):
        raise DataError(
            f"{name}: pixels are whole numbers up to {largest:g} held as floats, but floats must be in 0..1: "
            "divide by 255, or give uint8"
        )
    return xs


def _finite_float32(what: str, array: np.ndarray) -> np.ndarray:
    """The array as contiguous float32; NaN, infinity and what is no number are refused with their row."""
    try:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused as that
            array = np.ascontiguousarray(array, dtype=np.float32)
    except (TypeError, ValueError):
        raise DataError(f"{what} holds {array.dtype} values that are no numbers") from None
    bad = ~np.isfinite(array)
    if bad.any():
        row = int(np.argwhere(bad)[0][0])
        raise DataError(f"{what}[{row}] contains {array[row][bad[row]].flat[0]}: every value must be finite")
    return array


def _inferred_task(ys: dict[str, np.ndarray], class_names: Sequence[str] | None) -> str:
    """The task that targets speak for, by their shape and values."""
    y = ys["training"]
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 1 and _are_labels(y):
        labels = len(np.unique(np.concatenate([v.ravel() for v in ys.values()])))
        return "binary" if max(labels, len(class_names or ())) <= 2 else "categorical"
    # A few broken rows do not turn classes into numbers to regress on: they are reported as broken.
    if y.ndim == 2 and y.dtype.kind in "biuf" and _one_hot_rows(y).mean() > 0.5:
        return "categorical"
    return "regression"


def _are_labels(y: np.ndarray) -> bool:
    """Whether every value of (n,) is a class label: a string or a whole number."""
    if y.dtype.kind in "USbiu":
        return True
    return y.dtype.kind == "f" and bool(np.isfinite(y).all()) and bool((y == np.round(y)).all())


def _one_hot_rows(y: np.ndarray) -> np.ndarray:
    """For each row of (n, classes), whether it holds one 1 and zeros: shape (n,), bool."""
    return ((y == 0) | (y == 1)).all(axis=1) & (y.sum(axis=1) == 1)


def _targets(
    name: str,
    task: str,
    ys: dict[str, np.ndarray],
    xs: dict[str, np.ndarray],
    class_names: Sequence[str] | None,
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Targets of all splits in the form the task has, and the names of the classes."""
    if task == "regression":
        if class_names:
            raise DataError(
                f"{name}: class_names are given, but the task is regression, which has no classes"
            )
        return _regressed(name, ys, xs), ()
    given = tuple(str(class_name) for class_name in class_names or ())
    if task == "binary" and given and len(given) != 2:
        raise DataError(f"{name}: {len(given)} class_names are given, but a binary task has 2 classes")
    if all(y.ndim == 2 and y.shape[1] > 1 for y in ys.values()):
        ys = _one_hot(name, task, ys)
        count = ys["training"].shape[1]
        names = given or tuple(str(label) for label in range(count))
    else:
        ys, names = _from_labels(name, task, ys, given)
        count = 2 if task == "binary" else ys["training"].shape[1]
    if len(names) != count:
        raise DataError(f"{name}: {len(names)} class_names {names} are given for {count} classes")
    return ys, names


def _regressed(name: str, ys: dict[str, np.ndarray], xs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Targets as (n, outputs), or (n, steps, outputs) where there is one at every step."""
    shaped = {}
    for split_name, y in ys.items():
        x = xs[split_name]
        steps = x.shape[1] if x.ndim == 3 else None
        if y.ndim == 1 or (y.ndim == 2 and y.shape[1] == steps):
            y = y[..., np.newaxis]
        if y.ndim not in (2, 3) or (y.ndim == 3 and y.shape[1] != steps):
            raise DataError(
                f"{name}: {split_name}.y has shape {y.shape} for x of shape {x.shape}, but must be "
                "(n, outputs) or, for sequences, (n, steps, outputs)"
            )
        shaped[split_name] = _finite_float32(f"{name}: {split_name}.y", y)
        if shaped[split_name].shape[1:] != shaped["training"].shape[1:]:
            raise DataError(
                f"{name}: {split_name} targets have shape {y.shape[1:]}, "
                f"training targets {shaped['training'].shape[1:]}"
            )
    return shaped


def _one_hot(name: str, task: str, ys: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Check one-hot targets (n, classes) row by row."""
    if task == "binary":
        raise DataError(
            f"{name}: the task is binary, but targets have shape {ys['training'].shape}: "
            "give one number, 0 or 1, for each input"
        )
    checked = {}
    for split_name, y in ys.items():
        y = checked[split_name] = _finite_float32(f"{name}: {split_name}.y", y)
        if y.shape[1] != checked["training"].shape[1]:
            raise DataError(
                f"{name}: {split_name} targets have {y.shape[1]} classes, "
                f"training targets {checked['training'].shape[1]}"
            )
        bad = np.flatnonzero(~_one_hot_rows(y))
        if len(bad):
            values = " ".join(f"{value:g}" for value in y[bad[0]])
            raise DataError(
                f"{name}: {split_name}.y[{bad[0]}] is {values}, but must be one-hot: one 1, all else 0"
            )
    return checked


def _from_labels(
    name: str, task: str, ys: dict[str, np.ndarray], given: tuple[str, ...]
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Labels (n,) turned into 0/1 or one-hot, and the names of the classes."""
    ys = {split_name: _texts(y[:, 0] if y.ndim == 2 else y) for split_name, y in ys.items()}
    for split_name, y in ys.items():
        if y.dtype.kind == "f":
            _finite_float32(f"{name}: {split_name}.y", y)
        if y.ndim != 1 or not _are_labels(y):
            raise DataError(
                f"{name}: {split_name}.y (shape {y.shape}, {y.dtype}) must be one-hot rows or one label "
                f"each, a whole number or a string, because the task is {task}"
            )
    labels = np.unique(np.concatenate(list(ys.values())))
    if labels.dtype.kind != "U" and given and labels[0] >= 0 and labels[-1] < len(given):
        labels = np.arange(len(given))  # a class that is named may have no example
    if len(labels) < 2:
        raise DataError(
            f"{name}: every label is {_label_name(labels[0])}, but there must be two classes or more"
        )
    if task == "binary" and len(labels) != 2:
        raise DataError(
            f"{name}: the task is binary, but the labels are {', '.join(map(_label_name, labels))}"
        )
    places = {split_name: np.searchsorted(labels, y) for split_name, y in ys.items()}
    names = given or tuple(map(_label_name, labels))
    if task == "binary":
        return {split_name: place.astype(np.float32) for split_name, place in places.items()}, names
    one_hot = np.eye(len(labels), dtype=np.float32)
    return {split_name: one_hot[place] for split_name, place in places.items()}, names


def _texts(labels: np.ndarray) -> np.ndarray:
    """Labels of bytes as strings, others as they are."""
    return np.char.decode(labels, "utf-8", "replace") if labels.dtype.kind == "S" else labels


def _label_name(label: object) -> str:
    """A label as people write it: 5, not 5.0."""
    return f"{label:g}" if isinstance(label, (float, np.floating)) else str(label)
