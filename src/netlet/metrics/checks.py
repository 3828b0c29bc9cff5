"""Targets and predictions as the metrics compute with them: checked, float64, of the steps that count."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from netlet.errors import DataError, brief

TASKS = ("binary", "categorical", "regression")
_RANKS = {"binary": (1,), "categorical": (2, 3), "regression": (2, 3)}
_SHAPES = {
    "binary": "(n,)",
    "categorical": "(n, classes) or (n, steps, classes)",
    "regression": "(n, outputs) or (n, steps, outputs)",
}


def known(task: str) -> str:
    """The task, if there is one of that name.

    Raises
    ------
    DataError
        If there is none.
    """
    if task not in TASKS:
        raise DataError(f"task is {brief(task)}, but must be one of {', '.join(TASKS)}")
    return task


def task_of(y: ArrayLike) -> str:
    """The task of a classifier's targets or predictions, by their shape."""
    return "binary" if np.ndim(y) == 1 else "categorical"


def counted(values: ArrayLike, mask: ArrayLike | None) -> np.ndarray:
    """Targets or predictions at the steps that count: ``(n, steps, outputs)`` becomes ``(counted, outputs)``.

    All values, if there is no mask or they are not one a step.

    Raises
    ------
    DataError
        If the mask has another shape.
    """
    values = np.asarray(values)
    if mask is None or values.ndim < 3:
        return values
    return values[step_mask(values, mask)]


def step_mask(values: np.ndarray, mask: ArrayLike | None) -> np.ndarray:
    """Which steps of ``(n, steps, outputs)`` count, bool ``(n, steps)``: all, if there is no mask.

    Raises
    ------
    DataError
        If the mask has another shape.
    """
    if mask is None:
        return np.ones(values.shape[:2], dtype=bool)
    steps = np.asarray(mask, dtype=bool)
    if steps.shape != values.shape[:2]:
        raise DataError(f"mask has shape {steps.shape}, but must be {values.shape[:2]}: one value a step")
    return steps


def in_rows(values: np.ndarray) -> np.ndarray:
    """``(n, steps, outputs)`` as ``(n * steps, outputs)``, and anything else as it is."""
    return values.reshape(-1, values.shape[-1]) if values.ndim == 3 else values


def checked(task: str, y: ArrayLike, prediction: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both as `fitting` has them, predictions finite.

    Raises
    ------
    DataError
        As `fitting`, and if a prediction is not finite.
    """
    y, prediction = fitting(task, y, prediction)
    if not np.isfinite(prediction).all():
        row = int(np.argwhere(~np.isfinite(prediction))[0][0])
        raise DataError(f"prediction {row} is not finite: the run has diverged, take another", row=row)
    return y, prediction


def fitting(task: str, y: ArrayLike, prediction: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both as float64, of equal shape and of the rank the task has, not empty.

    Raises
    ------
    DataError
        If they are not.
    """
    known(task)
    try:
        y, prediction = np.asarray(y, dtype=np.float64), np.asarray(prediction, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError("targets and predictions must be arrays of numbers") from None
    if y.shape != prediction.shape or y.ndim not in _RANKS[task] or y.size == 0:
        raise DataError(
            f"targets have shape {y.shape} and predictions {prediction.shape}, "
            f"but a {task} task needs {_SHAPES[task]} for both, with at least one example"
        )
    return y, prediction
