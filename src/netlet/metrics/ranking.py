"""How well probabilities put examples in order, whatever the threshold: the ROC curve and its area."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from netlet.metrics.checks import checked, in_rows, task_of


@dataclass(frozen=True, eq=False)
class RocCurve:
    """Sensitivity against false alarms, over all thresholds.

    Attributes
    ----------
    false_positive_rate, true_positive_rate : ndarray, float64, shape (points,)
        1 - specificity, and sensitivity, both from 0 to 1; empty if a class has no example.
    thresholds : ndarray, float64, shape (points,)
        A point's examples of class 1 are those whose prediction is at least this; the first is infinite.
    area : float or None
        Area under the curve: the probability that an example of class 1 gets a higher prediction than one
        of class 0 (a tie counts half). None if a class has no example.
    """

    false_positive_rate: np.ndarray
    true_positive_rate: np.ndarray
    thresholds: np.ndarray
    area: float | None

    def at(self, threshold: float) -> tuple[float, float]:
        """False and true positive rate where strictly above `threshold` is class 1 (NaN if undefined)."""
        if self.area is None:
            return math.nan, math.nan
        point = int((self.thresholds > threshold).sum()) - 1
        return float(self.false_positive_rate[point]), float(self.true_positive_rate[point])


def roc(y: ArrayLike, prediction: ArrayLike) -> RocCurve:
    """The ROC curve of a binary task, or of class k against the rest (``y[:, k]``, ``prediction[:, k]``)."""
    y, prediction = checked("binary", y, prediction)
    is_one = y == 1
    if is_one.all() or not is_one.any():
        return RocCurve(np.empty(0), np.empty(0), np.empty(0), None)
    falling = np.argsort(-prediction, kind="stable")
    ordered, ones = prediction[falling], np.cumsum(is_one[falling])
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)  # of equal predictions the last
    true_rate = np.append(0.0, ones[ends] / ones[-1])
    false_rate = np.append(0.0, (1 + ends - ones[ends]) / (len(y) - ones[-1]))
    area = float((np.diff(false_rate) * (true_rate[1:] + true_rate[:-1]) / 2).sum())
    return RocCurve(false_rate, true_rate, np.append(math.inf, ordered[ends]), area)


def auc(y: ArrayLike, prediction: ArrayLike) -> float | None:
    """The area under the ROC curve, 0..1; 0.5 is chance.

    Of more than two classes, or a class at every step, the mean over classes of each against the rest
    ("macro, one versus rest"), but for classes without example. None if fewer than two classes have any.
    """
    y, prediction = (in_rows(each) for each in checked(task_of(y), y, prediction))
    if y.ndim == 1:
        return roc(y, prediction).area
    areas = [roc(y[:, k], prediction[:, k]).area for k in range(y.shape[1])]
    defined = [area for area in areas if area is not None]
    return float(np.mean(defined)) if defined else None
