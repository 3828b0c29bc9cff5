"""Sequences of different length: padded to one length, with a mask of the steps that count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from netlet.datasets.plain import plain_array
from netlet.errors import DataError

Parts = tuple[Any, Any, Any]
"""x, y and mask of one split, as they were given; mask may be None."""


def unpacked(values: Any) -> Any:
    """An array of objects that holds arrays as the list of them; everything else as it is."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "O" and values.ndim == 1:
        return list(values) if len(values) and all(np.ndim(value) > 0 for value in values) else values
    if type(values).__name__ == "Series" and len(values) and np.ndim(next(iter(values))) > 0:
        return list(values)
    return values


def is_ragged(*values: Any) -> bool:
    """Whether some of these are lists of arrays, and not all arrays in all of them are of one length."""
    if not any(isinstance(each, list | tuple) for each in values):
        return False
    try:
        shapes = [np.shape(value) for each in values if np.iterable(each) for value in each]
    except ValueError:  # lists in them differ in length again: no arrays
        return False
    return bool(shapes) and all(shapes) and len({shape[0] for shape in shapes}) > 1


def padded(name: str, splits: dict[str, Parts]) -> dict[str, Parts]:
    """Splits with zeros behind every shorter sequence, to the longest of all, if there are lists of such.

    Targets, if there is one at every step, are padded as well.

    Raises
    ------
    DataError
        If a sequence is empty, has other channels than the others, a target of another length, or a mask is
        given beside it.
    """
    if not is_ragged(*(x for x, _, _ in splits.values())):
        return splits
    for split_name, (x, y, mask) in splits.items():
        if not np.iterable(x) or not np.iterable(y):
            raise DataError(f"{name}: {split_name} must have as many targets as sequences, both in lists")
        if mask is not None:
            raise DataError(
                f"{name}: {split_name} has a mask, but sequences of different length make their own"
            )
        for row, sequence in enumerate(x):
            if np.ndim(sequence) == 3:
                raise DataError(f"{name}: {split_name}.x are images of different size: make all one size")
            if np.ndim(sequence) not in (1, 2) or not len(sequence):
                raise DataError(
                    f"{name}: {split_name}.x[{row}] has shape {np.shape(sequence)}, but must be a sequence "
                    "of at least one step, (steps,) or (steps, channels)"
                )
    steps = max(len(sequence) for x, _, _ in splits.values() for sequence in x)
    return {split_name: _padded(name, split_name, x, y, steps) for split_name, (x, y, _) in splits.items()}


def _padded(name: str, split_name: str, x: Sequence[Any], y: Any, steps: int) -> Parts:
    lengths = [len(sequence) for sequence in x]
    if is_ragged(y) or [np.ndim(target) and len(target) for target in y] == lengths:
        for row, (target, length) in enumerate(zip(y, lengths, strict=False)):
            if len(target) != length:
                raise DataError(
                    f"{name}: {split_name}.y[{row}] has {len(target)} steps, but its input has {length}"
                )
        y = _stacked(f"{name}: {split_name}.y", y, steps, is_target=True)
    mask = np.arange(steps) < np.array(lengths)[:, np.newaxis]
    return _stacked(f"{name}: {split_name}.x", x, steps), y, mask


def _stacked(what: str, sequences: Sequence[Any], steps: int, is_target: bool = False) -> np.ndarray:
    """Sequences as (n, steps, channels), zeros where they have ended; labels as the last of each."""
    arrays = [plain_array(f"{what}[{row}]", sequence) for row, sequence in enumerate(sequences)]
    arrays = [array[:, np.newaxis] if array.ndim == 1 else array for array in arrays]
    channels = arrays[0].shape[1]
    for row, array in enumerate(arrays):
        if array.dtype.kind not in ("biufU" if is_target else "biuf"):
            raise DataError(f"{what}[{row}] holds {array.dtype} values, but must hold numbers")
        if array.shape[1] != channels:
            raise DataError(f"{what}[{row}] has {array.shape[1]} channels, but the first has {channels}")
    stacked = np.zeros((len(arrays), steps, channels), dtype=np.result_type(*arrays))
    for row, array in enumerate(arrays):
        stacked[row, : len(array)] = array
        if stacked.dtype.kind != "f":
            stacked[row, len(array) :] = array[-1] if is_target else 0
    return stacked


def checked_mask(what: str, mask: Any, x: np.ndarray) -> np.ndarray:
    """A mask of sequences as bool (n, steps), at least one step of each True.

    Raises
    ------
    DataError
        If it has another shape or other values, or a sequence has no step that counts.
    """
    if x.ndim != 3:
        raise DataError(f"{what} is given, but only sequences have one: leave it out for images")
    mask = np.asarray(mask)
    if mask.shape != x.shape[:2]:
        raise DataError(f"{what} has shape {mask.shape}, but must be {x.shape[:2]}: one value a step")
    if mask.dtype.kind not in "biuf" or not np.isin(mask, (0, 1)).all():
        raise DataError(f"{what} must hold True where a step counts, else False (or 1 and 0)")
    mask = mask.astype(bool)
    empty = np.flatnonzero(~mask.any(axis=1))
    if len(empty):
        raise DataError(f"{what}[{empty[0]}] is False throughout: at least one step of a sequence must count")
    return mask
