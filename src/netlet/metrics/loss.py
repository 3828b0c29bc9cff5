"""The loss that training minimises: cross-entropy of classifiers, the squared error of regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from netlet.metrics.checks import checked, step_mask, task_of

# Class 0's probability is 1 - p with p a float32 below 1, so it comes in steps of 2**-24; below half of one
# it is rounded to 0. Other probabilities come straight from the network and can be as small as float32 holds.
_LEAST_COMPLEMENT = 2.0**-25
_LEAST_PROBABILITY = float(np.finfo(np.float32).tiny)


def losses(task: str, y: ArrayLike, prediction: ArrayLike, mask: ArrayLike | None = None) -> np.ndarray:
    """The loss of every example: cross-entropy in nats, for regression the mean squared error.

    A probability that float32 rounded to 0 counts as the smallest it could have been (1.2e-38; for class 0
    of a binary task, whose probability is 1 - p, 3.0e-8), so the loss is always finite.

    Parameters
    ----------
    mask : array_like of bool, optional
        Of sequences with a target at every step: the steps ``(n, steps)`` that count; by default all do.

    Returns
    -------
    ndarray, float64, shape (n,)
        The mean over the steps (and outputs) of each example.

    Raises
    ------
    DataError
        If the shapes differ or do not suit the task, or a prediction is not finite.
    """
    y, prediction = checked(task, y, prediction)
    if task == "binary":
        of_true_class = np.where(
            y == 1, np.maximum(prediction, _LEAST_PROBABILITY), np.maximum(1 - prediction, _LEAST_COMPLEMENT)
        )
        return -np.log(of_true_class)
    if task == "categorical":
        each = -np.log(np.maximum((prediction * y).sum(axis=-1), _LEAST_PROBABILITY))
    else:
        each = ((prediction - y) ** 2).mean(axis=-1)
    return each if each.ndim == 1 else np.average(each, axis=1, weights=step_mask(y, mask))


def log_loss(y: ArrayLike, prediction: ArrayLike) -> float:
    """Mean cross-entropy in nats as scikit-learn has it, which clips float32 probabilities at 1.2e-7.

    `losses` clips at what float32 can hold, so it is larger where a network is very sure and wrong.
    """
    least = np.finfo(np.result_type(np.asarray(prediction), np.float16)).eps
    y, prediction = checked(task_of(y), y, prediction)
    if y.ndim == 1:
        y, prediction = (np.stack([1 - each, each], axis=-1) for each in (y, prediction))
    of_true_class = (np.clip(prediction, least, 1 - least) * y).sum(axis=-1)
    return float(-np.log(of_true_class).mean())
