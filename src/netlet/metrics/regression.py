"""How far predicted numbers are from the true ones: mse, mae, normalised error and R squared.

Targets and predictions are ``(n, outputs)`` or ``(n, steps, outputs)``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from netlet.metrics.checks import checked, counted, in_rows


def mse(y: ArrayLike, prediction: ArrayLike) -> float:
    """Mean squared error over all examples, steps and outputs, in the target's unit squared."""
    y, prediction = checked("regression", y, prediction)
    return float(((prediction - y) ** 2).mean())


def mae(y: ArrayLike, prediction: ArrayLike) -> float:
    """Mean absolute error over all examples, steps and outputs, in the target's unit."""
    y, prediction = checked("regression", y, prediction)
    return float(np.abs(prediction - y).mean())


def normalised_error(y: ArrayLike, prediction: ArrayLike) -> float | None:
    """Mean squared error / variance of the target: 1 is as good as answering the mean, 0 is perfect.

    Of several outputs it is the mean of each output's own error over its own variance, so that an output
    with large numbers does not hide the others. Outputs that never vary have none and are left out; None if
    that leaves nothing.
    """
    y, prediction = (in_rows(each) for each in checked("regression", y, prediction))
    variances = output_variances(y)
    varies = variances > 0
    if not varies.any():
        return None
    errors = ((prediction - y) ** 2).mean(axis=0)
    return float((errors[varies] / variances[varies]).mean())


def r2(y: ArrayLike, prediction: ArrayLike) -> float | None:
    """Coefficient of determination, R squared: the share of the variance that is explained, at most 1.

    1 less `normalised_error`: of several outputs the mean of each output's own, 0 for answering the mean,
    below 0 for what is worse than that; None if the target never varies.
    """
    error = normalised_error(y, prediction)
    return None if error is None else 1 - error


def output_variances(y: ArrayLike, mask: ArrayLike | None = None) -> np.ndarray:
    """The variance of each output of a target, over all examples and the steps that count.

    Returns
    -------
    ndarray, float64, shape (outputs,)
        Exactly 0 for an output that never varies.
    """
    rows = in_rows(counted(y, mask))
    varies = rows.max(axis=0) > rows.min(axis=0)  # rounding gives a constant 0.1 a variance of 1e-33
    return np.where(varies, rows.var(axis=0, dtype=np.float64), 0.0)
