"""One part of a dataset: its arrays, which nobody can change; and a part that is split off another."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from netlet.errors import DataError, brief

HELD_OUT = 0.2  # of training for validation, where there is none


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

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over, and keep the arrays from being changed."""
        self.__dict__.update(state)
        for array in (self.x, self.y, self.mask):
            if isinstance(array, np.ndarray):
                array.setflags(write=False)

    def __len__(self) -> int:
        """How many images or sequences there are."""
        return len(self.x)

    def __repr__(self) -> str:
        """Say in one line how many there are, of what, with which targets."""
        shapes = [" x ".join(map(str, array.shape[1:])) or "1" for array in (self.x, self.y)]
        masked = "" if self.mask is None else f", {int(self.mask.sum()):,} of {self.mask.size:,} steps count"
        return f"<Split of {len(self):,}: x {shapes[0]}, y {shapes[1]}{masked}>"


def sealed(array: np.ndarray, given: Any) -> np.ndarray:
    """An array that nobody can change, and that does not change with the one that was given."""
    is_fixed = isinstance(given, np.ndarray) and not given.flags.writeable and given.base is None
    is_shared = not is_fixed and (
        np.may_share_memory(array, given) if isinstance(given, np.ndarray) else hasattr(given, "to_numpy")
    )
    array = array.copy() if is_shared else array.view()
    array.setflags(write=False)
    return array


def split_off(
    name: str, splits: dict[str, Split], task: str, seed: int, share: float | None, notes: list[str]
) -> dict[str, Split]:
    """A share of training for validation (by default a fifth), of each class, drawn by the seed."""
    train = splits["training"]
    labels = np.zeros(len(train), dtype=int)
    if task != "regression" and train.y.ndim < 3:
        labels = (train.y if task == "binary" else train.y.argmax(axis=-1)).astype(int)
    rng = np.random.Generator(np.random.PCG64(seed))
    held = [
        rng.permutation(np.flatnonzero(labels == label))[: _held_out(int(count), share)]
        for label, count in zip(*np.unique(labels, return_counts=True), strict=True)
        if count > 1
    ]
    if not held:
        raise DataError(f"{name} has no validation split, and too few samples to split one off: give one")
    chosen = np.zeros(len(train), dtype=bool)
    chosen[np.concatenate(held)] = True
    notes.append(
        f"no validation split was given: {chosen.sum():,} of {len(train):,} training samples were drawn for "
        f"it ({'a fifth' if share is None else f'{share:g}'}{' of each class' if len(held) > 1 else ''}, "
        f"seed {seed})"
    )
    return {"training": _rows(train, ~chosen), "validation": _rows(train, chosen)} | {
        split_name: split for split_name, split in splits.items() if split_name == "test"
    }


def _held_out(count: int, share: float | None) -> int:
    """How many of so many, from 2; neither part is empty."""
    return min(count - 1, max(1, round((HELD_OUT if share is None else share) * count)))


def checked_share(share: Any, name: str, is_split: bool) -> float | None:
    """The share to split off, if it can be.

    Raises
    ------
    DataError
        If it is no number between 0 and 1, or there is a validation split already.
    """
    if share is None:
        return None
    if not (isinstance(share, Real) and not isinstance(share, bool) and 0 < float(share) < 1):
        raise DataError(
            f"validation_split is {brief(share)}, but must be a number between 0 and 1, such as 0.2",
            setting="validation_split",
        )
    if is_split:
        raise DataError(
            f"validation_split is {share:g}, but {name} has a validation split already: leave it out",
            setting="validation_split",
        )
    return float(share)


def _rows(split: Split, rows: np.ndarray) -> Split:
    """Some samples of a split."""
    mask = None if split.mask is None else sealed(split.mask[rows], None)
    return Split(sealed(split.x[rows], None), sealed(split.y[rows], None), mask)
