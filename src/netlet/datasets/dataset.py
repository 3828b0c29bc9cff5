"""A dataset: training, validation and test arrays, checked once so that nothing after it has to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from numbers import Integral
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from netlet.datasets import ragged
from netlet.datasets.inputs import (
    KINDS,
    arranged,
    fitted_scaling,
    is_plainly_table,
    pixels,
    recognised_kind,
)
from netlet.datasets.naive import Naive
from netlet.datasets.named import column_names, in_one_order
from netlet.datasets.plain import plain_array
from netlet.datasets.scaling import Scaling
from netlet.datasets.split import Split, checked_share, sealed, split_off
from netlet.datasets.targets import (
    classified,
    finite_float32,
    inferred_task,
    label_name,
    numbers_if_rows,
    regressed,
)
from netlet.errors import DataError, brief, one_line, printable
from netlet.showing import picture

if TYPE_CHECKING:
    from netlet.figures.shown import Shown

SCALES = (None, "none", "standard", "minmax")
_MOST_NAME = 100  # characters
TASKS = ("binary", "categorical", "regression")


class Dataset:
    """Training, validation and (where there is one) test split, with what they are for.

    Parameters
    ----------
    name : str
        What errors, tables and figures call it.
    train, validation, test : Split, (x, y) or (x, y, mask)
        Inputs and targets. Images are (n, height, width, channels), or (n, height, width) if they are
        uint8; sequences are (n, steps, channels) or (n, steps), or a list of arrays of different length,
        (steps,) or (steps, channels), which are padded with zeros and masked; tables are (n, features).
        Pixels of whole-number types are divided by the range of their bits. Labels may be lists, text or
        pandas objects, one-hot in one split and whole numbers in another. Targets
        are one-hot (n, classes), labels (n,) of whole numbers or strings (turned into 0/1 for two classes,
        else one-hot), or numbers to regress on; with one at every step (n, steps) or (n, steps, outputs).
        The test split may be absent; without validation, a fifth of training is drawn for it.
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
    kind : {"image", "sequence", "table"}, optional
        What the inputs are; a table is (n, features). Where it is not said and not plain from the shape it
        is guessed, and the guess is told in `notes`.
    per_step : bool, optional
        Whether there is a target at every step of a sequence; guessed from the shapes.
    scale : {"none", "standard", "minmax"}, optional
        How inputs, and numbers to regress on, are scaled inside the network, fitted on the training part. By
        default those of sequences and tables are standardised if they go beyond 20, and pixels divided by
        their range.
    notes : sequence of str
        What whoever read the data has to say; what is recognised here is added.
    validation_split : float, optional
        Share of training, of each class, that is drawn for validation (by the seed) where there is none, in
        the place of a fifth.

    Raises
    ------
    DataError
        If anything is not finite, of the wrong shape, not one-hot, or does not fit the other splits; the
        message names the split and the row.
    """

    reading: Mapping[str, Any] = MappingProxyType({})
    """How it was read, by the names of `netlet.load`'s options: what was said, and what was chosen."""
    feature_names: tuple[str, ...] = ()
    """Of a table whose columns have names, those of its inputs, in their order."""
    place: Mapping[str, Any] | None = None
    """Where it was loaded from, if it was: ``dataset`` (a name or a path), ``data_dir`` and ``data_seed``."""
    name: str
    train: Split
    validation: Split
    test: Split | None
    task: str
    class_names: tuple[str, ...]
    seed: int | None
    source: str
    training: Mapping[str, Any]
    kind: str
    notes: tuple[str, ...]
    integer_scale: float
    input_scaling: Scaling | None
    target_scaling: Scaling | None
    naive: Naive = MappingProxyType({})
    """Of a series: how good naive forecasts are, by their name, split and metric; else empty."""

    def __init__(  # noqa: D107 (the class documents it)
        self,
        name: str,
        train: Split | tuple[Any, ...],
        validation: Split | tuple[Any, ...] | None = None,
        test: Split | tuple[Any, ...] | None = None,
        task: str | None = None,
        class_names: Sequence[str] | None = None,
        seed: int | None = None,
        source: str = "",
        training: Mapping[str, Any] | None = None,
        kind: str | None = None,
        per_step: bool | None = None,
        scale: str | None = None,
        notes: Sequence[str] = (),
        validation_split: float | None = None,
    ) -> None:
        if task is not None and not (isinstance(task, str) and task in TASKS):
            raise DataError(f"{name}: task is {brief(task)}, but must be one of {', '.join(TASKS)}")
        if kind is not None and not (isinstance(kind, str) and kind in KINDS):
            raise DataError(f"{name}: kind is {brief(kind)}, but must be one of {', '.join(KINDS)}")
        if scale is not None and not (isinstance(scale, str) and scale in SCALES):
            raise DataError(f"{name}: scale is {brief(scale)}, but must be one of none, standard, minmax")
        if per_step is not None and not (isinstance(per_step, (bool, np.bool_, int)) and per_step in (0, 1)):
            raise DataError(f"{name}: per_step is {brief(per_step)}, but must be True or False")
        if seed is not None and not (isinstance(seed, Integral) and int(seed) >= 0):
            raise DataError(f"{name}: seed is {brief(seed)}, but must be a whole number from 0")
        if training is not None and not isinstance(training, Mapping):
            raise DataError(
                f"{name}: training is {brief(training)}, but must be settings by their names, "
                "such as {'epochs': 5}; the samples are train"
            )
        class_names = _checked_names(name, class_names)
        name, source = (each if isinstance(each, str) else brief(each) for each in (name, source))
        if not isinstance(notes, (str, list, tuple)):
            raise DataError(f"{name}: notes are {brief(notes)}, but must be a list of texts")
        told = [notes] if isinstance(notes, str) else list(notes)
        share = checked_share(validation_split, name, validation is not None)
        if train is None:
            raise DataError(f"{name}: training must be a Split or a pair (x, y) of arrays, not None")
        given = {
            split_name: _parts(name, split_name, split)
            for split_name, split in (("training", train), ("validation", validation), ("test", test))
            if split is not None
        }
        given = in_one_order(name, given)
        columns, outputs = (column_names(part) for part in given["training"][:2])
        from_table = hasattr(given["training"][0], "columns")
        parts = ragged.padded(name, given)
        raw = {split_name: _arrays(name, split_name, x, y) for split_name, (x, y, _) in parts.items()}
        xs = {split_name: x for split_name, (x, _) in raw.items()}
        ys = {split_name: y for split_name, (_, y) in raw.items()}
        is_series = per_step is True or any(mask is not None for _, _, mask in parts.values())
        is_series = is_series or (
            not is_plainly_table(xs["training"], from_table)
            and _at_every_step(xs["training"], ys["training"])
        )
        self.kind = recognised_kind(xs, kind, is_series, from_table, told)
        xs = arranged(name, xs, self.kind, told)
        if self.kind == "table":
            self.feature_names = tuple(map(printable, columns))
        self.integer_scale, self.input_scaling = 1.0, None
        if self.kind == "image":
            xs, self.integer_scale, self.input_scaling = pixels(name, xs, told)
            if scale == "none":
                self.input_scaling = None
        inputs = {split_name: finite_float32(f"{name}: {split_name}.x", x) for split_name, x in xs.items()}
        masks = {
            split_name: None
            if mask is None
            else ragged.checked_mask(f"{name}: {split_name}.mask", mask, inputs[split_name])
            for split_name, (_, _, mask) in parts.items()
        }
        steps = inputs["training"].shape[1] if self.kind == "sequence" else None
        at_every_step = _per_step(name, per_step, inputs["training"], ys["training"], steps, told)
        if at_every_step:
            ys = {split_name: _without_masked(y, masks[split_name]) for split_name, y in ys.items()}
        steps = steps if at_every_step else None
        self.task = task or inferred_task(ys, class_names, steps, told)
        if self.task == "binary" and at_every_step:
            self.task = "categorical"
        self.target_scaling = None
        if self.task == "regression":
            if class_names:
                raise DataError(
                    f"{name}: class_names are given, but the task is regression, which has no classes"
                )
            targets, names = regressed(name, ys, inputs, at_every_step), ()
        else:
            class_names = class_names or (outputs if len(outputs) > 1 and not at_every_step else None)
            targets, names = classified(name, self.task, ys, class_names, steps, told)
        splits = {
            split_name: Split(
                sealed(inputs[split_name], parts[split_name][0]),
                sealed(targets[split_name], parts[split_name][1]),
                None if (mask := masks[split_name]) is None else sealed(mask, parts[split_name][2]),
            )
            for split_name in raw
        }
        if "validation" not in splits:
            splits = split_off(name, splits, self.task, seed or 0, share, told)
            if self.input_scaling is not None and any(self.input_scaling.offset):  # of pixels: fitted above
                self.input_scaling = Scaling.standard(splits["training"].x)
        self.name = one_line(name, _MOST_NAME)
        self.train = splits["training"]
        self.validation = splits["validation"]
        self.test = splits.get("test")
        self.class_names = tuple(map(printable, names))
        self.seed = seed
        self.source = one_line(source)
        self.training = dict(training or {})
        if self.kind != "image" or scale in ("standard", "minmax"):
            self.input_scaling = fitted_scaling("inputs are", self.train.x, scale, self.train.mask, told)
        if self.task == "regression":
            mask = self.train.mask if at_every_step else None
            self.target_scaling = fitted_scaling("targets are", self.train.y, scale, mask, told)
        self.notes = tuple(map(one_line, told))

    def show(
        self, training: Any = None, *, examples: int = 6, epochs: int = 5, seed: int = 0, **settings: Any
    ) -> Shown:
        """A picture of training images: as they are, and as they are learned from, epoch by epoch.

        Parameters
        ----------
        training
            Settings; by default the dataset's own.
        examples, epochs
            How many images, spread over the training split, and how many epochs.
        seed
            Of the run whose images they are.
        **settings
            Settings by their names, such as ``shift=2, turn=10``.

        Raises
        ------
        DataError
            If there are no images.
        TrainingError
            If the settings do not fit, or examples or epochs are no whole numbers from 1 to 20.
        """
        return picture("learned_from", self, training, examples, epochs, seed, **settings)

    @property
    def origin(self) -> dict[str, Any] | None:
        """All that `netlet.datasets.load_again` needs to load it once more; None if it was not loaded."""
        return None if self.place is None else {**self.place, "reading": dict(self.reading)}

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
        for scaling in (self.input_scaling, self.target_scaling):
            if scaling is not None:  # another scaling, another training
                digest.update(repr(scaling.as_dict()).encode())
        return digest.hexdigest()

    def __repr__(self) -> str:
        """Say in one line what is in it."""
        counts = ", ".join(f"{len(split):,} {split_name}" for split_name, split in self.present.items())
        kind = {"image": "images", "sequence": "sequences", "table": "rows"}[self.kind]
        shape = " x ".join(map(str, self.input_shape))
        lengths = [split.mask.sum(axis=1) for split in self.present.values() if split.mask is not None]
        if lengths:
            least, most = min(map(np.min, lengths)), max(map(np.max, lengths))
            shape = f"{least}..{most} of {shape}"
        classes = f" ({', '.join(self.class_names)})" if self.class_names else ""
        return f"{self.name}: {counts} {kind} of {shape}, {self.task}{classes}"


def _checked_names(name: str, names: Any) -> tuple[str, ...] | None:
    """Names of classes, as a list has them or a column of a table; None if there are none."""
    if names is None:
        return None
    try:
        found = () if isinstance(names, (str, bytes, Mapping)) else tuple(names)
    except TypeError:
        found = ()
    if not found and not (isinstance(names, (list, tuple)) and not names):
        raise DataError(f"{name}: class_names are {brief(names)}, but must be a list of names, one a class")
    return tuple(map(label_name, found)) or None


def _parts(name: str, split_name: str, split: Split | tuple[Any, ...]) -> ragged.Parts:
    """What was given for one split: x, y and mask, which may be None."""
    if isinstance(split, Split):
        return ragged.unpacked(split.x), ragged.unpacked(split.y), split.mask
    try:
        x, y, *rest = split
        (mask,) = rest or (None,)
    except (TypeError, ValueError):
        raise DataError(
            f"{name}: {split_name} must be a Split, a pair (x, y) of arrays, or (x, y, mask)"
        ) from None
    return ragged.unpacked(x), ragged.unpacked(y), mask


def _arrays(name: str, split_name: str, x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of one split as arrays, equally many and not empty."""
    x = plain_array(f"{name}: {split_name}.x", x, split_name)
    y = numbers_if_rows(plain_array(f"{name}: {split_name}.y", y, split_name))
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        raise DataError(
            f"{name}: {split_name} has x of shape {x.shape} and y of shape {y.shape}: "
            "the first dimension must be the same, one target for each input"
        )
    if x.size == 0:
        raise DataError(f"{name}: {split_name} is empty (x has shape {x.shape}); give at least one input")
    if x.dtype.kind not in "biuf":
        raise DataError(
            f"{name}: {split_name}.x holds text ({brief(str(x.flat[0]))[:60]}), but must hold numbers, as of "
            "x.astype(float)"
        )
    return x, y


def _at_every_step(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether targets have the shape of one at every step."""
    if x.ndim not in (2, 3) or y.ndim not in (2, 3) or y.shape[1] != x.shape[1] or y.shape[1] < 2:
        return False
    return y.ndim == 3 or not _is_one_hot(y)


def _is_one_hot(y: np.ndarray) -> bool:
    return y.dtype.kind in "biuf" and bool((((y == 0) | (y == 1)).all(axis=1) & (y.sum(axis=1) == 1)).all())


def _per_step(
    name: str, said: bool | None, x: np.ndarray, y: np.ndarray, steps: int | None, notes: list[str]
) -> bool:
    """Whether there is a target at every step; a guess is told in `notes`."""
    fits = steps is not None and y.ndim in (2, 3) and y.shape[1] == steps
    if said and not fits:
        raise DataError(
            f"{name}: per_step is given, but training.y has shape {y.shape} for x of shape {x.shape}: give a "
            "target at every step of sequences"
        )
    if said is False and y.ndim == 3:
        raise DataError(f"{name}: per_step is False, but training.y has shape {y.shape}: give (n, outputs)")
    if said is not None or not fits:
        return bool(said)
    if y.ndim == 3:
        return True
    if steps == 1 or _is_one_hot(y):
        return False
    notes.append(f"{steps} targets each are taken as one at every step; per_step=False as so many outputs")
    return True


def _without_masked(y: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Targets with the first that counts in the place of those that do not: these may be anything."""
    if mask is None or y.shape[:2] != mask.shape or mask.all():
        return y
    if y.dtype.kind == "f":
        broken = ~mask & ~np.isfinite(y).reshape(*mask.shape, -1).all(axis=-1)
        return np.where(broken.reshape(mask.shape + (1,) * (y.ndim - 2)), 0, y).astype(y.dtype)
    first = np.take_along_axis(y, mask.argmax(axis=1).reshape(-1, *[1] * (y.ndim - 1)), axis=1)
    return np.where(mask.reshape(mask.shape + (1,) * (y.ndim - 2)), y, first)
