"""Targets as people have them, in the form a task has: numbers, 0/1 or one-hot rows; one or at every step."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import numpy as np

from netlet.errors import DataError

_MISSING = ("", "nan", "none", "null", "<na>", "nat", "n/a", "?")  # labels as text, of what was none
_MANY = 10  # different whole numbers, up to which they are classes whatever they look like


def inferred_task(
    ys: dict[str, np.ndarray], class_names: Sequence[str] | None, steps: int | None, notes: list[str]
) -> str:
    """The task that targets speak for; a guess is told in `notes`.

    Parameters
    ----------
    steps
        Of sequences with a target at every step, else None.
    """
    y = ys["training"]
    rank = 1 if steps is None else 2
    if y.ndim == rank + 1 and y.shape[-1] == 1:
        y = y[..., 0]
    if y.ndim == rank and _are_labels(y):
        distinct = np.unique(y)
        if not class_names and _are_counts(y, distinct):
            notes.append(
                f"the targets are {len(distinct)} different whole numbers, taken as numbers: regression; "
                "task=categorical takes them as classes"
            )
            return "regression"
        if y.dtype.kind in "iuf" and len(distinct) > _MANY and not class_names:
            notes.append(
                f"{len(distinct)} different whole numbers are taken as classes; task=regression as numbers"
            )
        if rank == 2:
            return "categorical"
        everything = [np.unique(v) for v in ys.values() if v.ndim == 1 or v.shape[-1] == 1]
        labels = len({label_name(label) for each in everything for label in each})
        return "binary" if max(labels, len(class_names or ())) <= 2 else "categorical"
    # A few broken rows do not turn classes into numbers to regress on: they are reported as broken.
    is_wide = y.ndim == rank + 1 and y.shape[-1] > 1 and y.dtype.kind in "biuf"
    if is_wide and _one_hot_rows(y).mean() > 0.5:
        return "categorical"
    if told := _like_classes(y, is_wide):
        notes.append(f"the targets are {told}")
    return "regression"


def _like_classes(y: np.ndarray, are_rows: bool) -> str:
    """What numbers look like that may be meant as classes; empty if like none."""
    if y.dtype.kind not in "biuf" or not np.isfinite(y).all():
        return ""
    low, high, taken = y.min(), y.max(), "taken as numbers: regression"
    is_two = low < high and bool(((y == low) | (y == high)).all())
    if not are_rows:
        return f"{low:g} and {high:g} alone, {taken}; y == {high:g} gives two classes" if is_two else ""
    if is_two and ((y == high).sum(axis=-1) == 1).all():
        told = f"rows of one {high:g} and else {low:g}, like one-hot rows"
    elif is_two:
        return f"rows of {low:g} and {high:g}, any number of each, {taken}, one output each"
    elif low >= 0 and np.allclose(y.sum(axis=-1), 1, atol=1e-3):
        told = "rows that add up to 1, like probabilities of classes"
    else:
        return ""
    return f"{told}, {taken}; y.argmax(axis=-1) gives classes"


def numbers_if_rows(y: np.ndarray) -> np.ndarray:
    """Rows of numbers that are written as text, as of a file read as such, as numbers; all else as it is."""
    if y.dtype.kind == "U" and y.ndim > 1 and y.shape[-1] > 1:
        with contextlib.suppress(ValueError):
            return y.astype(np.float64)
    return y


def _are_labels(y: np.ndarray) -> bool:
    """Whether every value is a class label: text or a whole number."""
    if y.dtype.kind in "Ubiu":
        return True
    return y.dtype.kind == "f" and bool(np.isfinite(y).all()) and bool((y == np.round(y)).all())


def _are_counts(y: np.ndarray, distinct: np.ndarray) -> bool:
    """Whether whole numbers are so many, or so spread, that they count or measure something."""
    count = len(distinct)
    if y.dtype.kind not in "iuf" or count <= _MANY:
        return False
    once = (np.unique(y, return_counts=True)[1] == 1).mean()
    spread = float(distinct[-1]) - float(distinct[0]) + 1
    return bool(count > y.size / 3 or spread >= 2 * count or distinct[0] not in (0, 1) or once >= 0.2)


def _one_hot_rows(y: np.ndarray) -> np.ndarray:
    """For each row of (..., classes), whether it holds one 1 and zeros."""
    return ((y == 0) | (y == 1)).all(axis=-1) & (y.sum(axis=-1) == 1)


def classified(
    name: str,
    task: str,
    ys: dict[str, np.ndarray],
    class_names: Sequence[str] | None,
    steps: int | None,
    notes: list[str],
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Targets of all splits as 0/1 or one-hot float32, and the names of the classes.

    Raises
    ------
    DataError
        If a target is none, or splits write theirs in ways that cannot be brought together.
    """
    given = tuple(str(class_name) for class_name in class_names or ())
    if task == "binary" and given and len(given) != 2:
        raise DataError(f"{name}: {len(given)} class_names are given, but a binary task has 2 classes")
    rank = 1 if steps is None else 2
    hot = {split: y.ndim == rank + 1 and y.shape[-1] > 1 for split, y in ys.items()}
    if all(hot.values()):
        ys = _one_hot(name, task, ys)
        count = ys["training"].shape[-1]
        names = given or tuple(str(label) for label in range(count))
    else:
        columns = 0
        if any(hot.values()):
            ys, columns = _as_places(name, ys, hot, given, notes)
        ys, names = _from_labels(name, task, ys, given or tuple(map(str, range(columns))), rank, notes)
        if not given:
            _say_numbers(task, names, notes)
        count = 2 if task == "binary" else ys["training"].shape[-1]
    if len(names) != count:
        raise DataError(f"{name}: {len(names)} class_names {names} are given for {count} classes")
    return ys, names


def _say_numbers(task: str, names: tuple[str, ...], notes: list[str]) -> None:
    """Binary labels that are numbers, but not 0 and 1, are easily taken for each other."""
    if task == "binary" and all(each.lstrip("-").isdigit() for each in names) and names != ("0", "1"):
        notes.append(f"label {names[0]} is class 0 and label {names[1]} class 1, whose share is sensitivity")


def _as_places(
    name: str, ys: dict[str, np.ndarray], hot: dict[str, bool], given: tuple[str, ...], notes: list[str]
) -> tuple[dict[str, np.ndarray], int]:
    """One-hot rows in some splits as whole numbers, as the other splits have them; and how many classes."""
    rows = _one_hot(name, "categorical", {split: y for split, y in ys.items() if hot[split]})
    columns = next(iter(rows.values())).shape[-1]
    names = given or tuple(map(str, range(columns)))
    places = {each: place for place, each in enumerate(names)}
    told = " and ".join(rows)
    for split, y in ys.items():
        if hot[split]:
            continue
        if y.dtype.kind == "U" and all(each in places for each in np.unique(y)):
            ys = ys | {split: np.vectorize(places.__getitem__, otypes=[int])(y)}
        elif y.dtype.kind not in "biuf" or not np.isin(y, np.arange(columns)).all():
            raise DataError(
                f"{name}: {split} labels are not whole numbers from 0 to {columns - 1}, but {told} has "
                f"one-hot rows of {columns}: write all splits one way",
                split=split,
            )
    notes.append(f"one-hot rows ({told}) and labels that are whole numbers are brought to one form")
    return {split: rows[split].argmax(axis=-1) if hot[split] else y for split, y in ys.items()}, columns


def _one_hot(name: str, task: str, ys: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Check one-hot targets (n, classes) row by row."""
    if task == "binary":
        raise DataError(
            f"{name}: the task is binary, but targets have shape {next(iter(ys.values())).shape}: "
            "give one number, 0 or 1, for each input"
        )
    checked: dict[str, np.ndarray] = {}
    for split_name, y in ys.items():
        y = checked[split_name] = finite_float32(f"{name}: {split_name}.y", y)
        first = next(iter(checked.values()))
        if y.shape[-1] != first.shape[-1]:
            raise DataError(
                f"{name}: {split_name} targets have {y.shape[-1]} classes, "
                f"{next(iter(checked))} targets {first.shape[-1]}"
            )
        bad = np.argwhere(~_one_hot_rows(y))
        if len(bad):
            values = " ".join(f"{value:g}" for value in y[tuple(bad[0])][:20])
            raise DataError(
                f"{name}: {split_name}.y[{bad[0][0]}] is {values}, but must be one-hot: one 1, all else 0",
                split=split_name,
                row=int(bad[0][0]),
            )
    return checked


def _from_labels(
    name: str, task: str, ys: dict[str, np.ndarray], given: tuple[str, ...], rank: int, notes: list[str]
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Labels (n,) turned into 0/1 or one-hot, and the names of the classes."""
    ys = {
        split_name: y[..., 0] if y.ndim == rank + 1 and y.shape[-1] == 1 else y
        for split_name, y in ys.items()
    }
    for split_name, y in ys.items():
        if y.dtype.kind == "f":
            finite_float32(f"{name}: {split_name}.y", y)
        if y.ndim != rank or not _are_labels(y):
            raise DataError(
                f"{name}: {split_name}.y (shape {y.shape}, {y.dtype}) must be one-hot rows or one label "
                f"each, a whole number or a string, because the task is {task}"
            )
    if len({y.dtype.kind == "U" for y in ys.values()}) > 1:  # "1" in one split and 1 in another
        ys = {split_name: _as_text(y) for split_name, y in ys.items()}
    if not given:
        _check_known(name, ys)
    labels = np.unique(np.concatenate([y.ravel() for y in ys.values()]))
    if labels.dtype.kind == "U" and len(set(given)) == len(given) and set(map(str, labels)) <= set(given):
        places = {each: place for place, each in enumerate(given)}
        ys = {split: np.vectorize(places.__getitem__, otypes=[int])(y) for split, y in ys.items()}
        labels = np.arange(len(given))
    if labels.dtype.kind != "U" and given and labels[0] >= 0 and labels[-1] < len(given):
        labels = np.arange(len(given))  # a class that is named may have no example
    if len(labels) < 2:
        raise DataError(
            f"{name}: every label is {label_name(labels[0])}, but there must be two classes or more"
        )
    if task == "binary" and len(labels) != 2:
        raise DataError(
            f"{name}: the task is binary, but the labels are {', '.join(map(label_name, labels))}"
        )
    places = {split_name: np.searchsorted(labels, y) for split_name, y in ys.items()}
    names = given or tuple(map(label_name, labels))
    if not given:
        notes += odd_names(names)
    if task == "binary":
        return {split_name: place.astype(np.float32) for split_name, place in places.items()}, names
    one_hot = np.eye(len(labels), dtype=np.float32)
    return {split_name: one_hot[place] for split_name, place in places.items()}, names


def odd_names(names: Sequence[str]) -> list[str]:
    """Warnings of classes that are likely to be none: missing labels as text, one class in two spellings."""
    notes = [
        f"warning: a class is called {each!r}: is it a label that is missing?"
        for each in names
        if each.strip().casefold() in _MISSING
    ]
    spelled: dict[str, str] = {}
    for each in names:
        other = spelled.setdefault(" ".join(each.split()).casefold(), each)
        if other != each:
            notes.append(f"warning: {other!r} and {each!r} are two classes: are they one?")
    return notes


def _check_known(name: str, ys: dict[str, np.ndarray]) -> None:
    """Refuse labels of which training has no example: nothing could learn them."""
    known = np.unique(ys["training"])
    for split, y in ys.items():
        unknown = np.setdiff1d(y, known)
        if len(unknown) and len(known) > 1:
            told = ", ".join(map(label_name, unknown[:5]))
            raise DataError(
                f"{name}: {split} has labels that training has no example of ({told[:80]}): add examples, "
                "leave them out, or name all classes in class_names",
                split=split,
            )


def _as_text(y: np.ndarray) -> np.ndarray:
    return y if y.dtype.kind == "U" else np.vectorize(label_name, otypes=[str])(y)


def label_name(label: object) -> str:
    """A label as people write it: 5, not 5.0."""
    return f"{label:g}" if isinstance(label, (float, np.floating)) else str(label)


def regressed(
    name: str, ys: dict[str, np.ndarray], xs: dict[str, np.ndarray], per_step: bool
) -> dict[str, np.ndarray]:
    """Targets as (n, outputs), or (n, steps, outputs) where there is one at every step."""
    shaped = {}
    for split_name, y in ys.items():
        if y.dtype.kind == "U":
            y = _numbers(f"{name}: {split_name}.y", y)
        x = xs[split_name]
        steps = x.shape[1] if x.ndim == 3 else None
        if y.ndim == 1 or (y.ndim == 2 and per_step):
            y = y[..., np.newaxis]
        if y.ndim not in (2, 3) or (y.ndim == 3 and y.shape[1] != steps):
            raise DataError(
                f"{name}: {split_name}.y has shape {y.shape} for x of shape {x.shape}, but must be "
                "(n, outputs) or, for sequences, (n, steps, outputs)"
            )
        shaped[split_name] = finite_float32(f"{name}: {split_name}.y", y)
        if shaped[split_name].shape[1:] != shaped["training"].shape[1:]:
            raise DataError(
                f"{name}: {split_name} targets have shape {y.shape[1:]}, "
                f"training targets {shaped['training'].shape[1:]}"
            )
    return shaped


def _numbers(what: str, y: np.ndarray) -> np.ndarray:
    try:
        return y.astype(np.float64)
    except ValueError:
        raise DataError(f"{what} holds text, but the task is regression: give numbers") from None


def finite_float32(what: str, array: np.ndarray) -> np.ndarray:
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
