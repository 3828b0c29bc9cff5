"""The metrics of each task: their names, which end is better, and all of them of one network on one split."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from netlet.metrics import classification, ranking, regression
from netlet.metrics.checks import counted, fitting, in_rows, known
from netlet.metrics.loss import losses

METRICS = {
    "binary": (
        "accuracy",
        "sensitivity",
        "specificity",
        "balanced_accuracy",
        "f1",
        "auc",
        "mcc",
        "loss",
    ),
    "categorical": ("accuracy", "balanced_accuracy", "f1", "auc", "mcc", "loss"),
    "regression": ("normalised_error", "r2", "mae", "mse"),
}
"""The metrics of each task: first the one that runs are ranked by, last the loss, which settles ties."""

_WORST = {
    "accuracy": 0.0,
    "sensitivity": 0.0,
    "specificity": 0.0,
    "balanced_accuracy": 0.0,
    "f1": 0.0,
    "auc": 0.0,
    "area": 0.0,
    "mcc": -1.0,
    "r2": -math.inf,
}
"""Of the metrics that are the better the higher they are, the lowest there can be."""


def higher_is_better(metric: str) -> bool:
    """Whether a metric of that name is the better the higher it is (accuracy), not the lower (loss)."""
    return metric in _WORST


def worst(metric: str) -> float:
    """The worst value that a metric can have: 0 of an accuracy, -1 of mcc, infinity of a loss or error."""
    return _WORST.get(metric, math.inf)


def evaluate(
    task: str, y: ArrayLike, prediction: ArrayLike, mask: ArrayLike | None = None
) -> dict[str, float | None]:
    """The metrics of a task, by the names in `METRICS`.

    Parameters
    ----------
    task : {"binary", "categorical", "regression"}
    y, prediction : array_like
        Targets and what the network answered, of equal shape, as the package describes.
    mask : array_like of bool, optional
        Of sequences with a target at every step: the steps ``(n, steps)`` that count; by default all do.

    Returns
    -------
    dict
        binary: accuracy, sensitivity and specificity (0..1, at threshold 0.5), and with categorical:
        accuracy (0..1, of the most probable class), balanced_accuracy (0..1, the mean over classes), f1
        (0..1, of class 1; of more classes the mean over them), auc (0..1, of more classes the mean of each
        against the rest), mcc (-1..1) and loss, the mean cross-entropy in nats. regression:
        normalised_error (the mean over outputs), r2 (at most 1), mae and mse (in the target's unit, and
        squared). All are NaN if a prediction is not finite; None where undefined.

    Raises
    ------
    DataError
        If the shapes differ or do not suit the task, they hold no numbers, or no example counts.
    """
    y, prediction = fitting(known(task), counted(y, mask), counted(prediction, mask))
    if not np.isfinite(prediction).all():
        return dict.fromkeys(METRICS[task], math.nan)
    y, prediction = in_rows(y), in_rows(prediction)
    if task == "regression":
        error = regression.normalised_error(y, prediction)
        return {
            "normalised_error": error,
            "r2": None if error is None else 1 - error,
            "mae": regression.mae(y, prediction),
            "mse": regression.mse(y, prediction),
        }
    found = classification.statistics_of(
        classification.confusion_matrix(y, prediction), is_binary=task == "binary"
    ) | {"auc": ranking.auc(y, prediction), "loss": float(losses(task, y, prediction).mean())}
    if task == "binary":
        statistics = classification.binary_statistics(y, prediction)
        found |= {"sensitivity": statistics.sensitivity, "specificity": statistics.specificity}
    return {name: found[name] for name in METRICS[task]}
