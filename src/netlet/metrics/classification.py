"""How well classes are told apart: accuracy and its like, confusion, and what the majority's share is.

Targets and predictions of two classes are ``(n,)``, of more ``(n, classes)``, of a class at every step
``(n, steps, classes)``; every step is then an example. A class with the largest probability is what is
answered; of two classes, class 1 if its probability is above the threshold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from netlet.metrics.checks import checked, counted, in_rows, known, task_of
from netlet.metrics.wording import json_number


def labels(values: ArrayLike, threshold: float = 0.5) -> np.ndarray:
    """The class of each example, int64 (n,), or (n, steps): of targets, or of predictions.

    From ``(n,)`` it is 1 strictly above `threshold`, else 0; from ``(..., classes)`` the place of the
    largest (the first, if several are).
    """
    values = np.asarray(values)
    return (values > threshold).astype(np.int64) if values.ndim == 1 else values.argmax(axis=-1)


@dataclass(frozen=True)
class BinaryStatistics:
    """What a threshold on the probability of class 1 makes of a split.

    Attributes
    ----------
    threshold : float
        Strictly above it is class 1.
    accuracy : float
        Share of all examples that are classified rightly, 0..1.
    sensitivity, specificity : float or None
        Share of class 1, and of class 0, classified rightly; None if the class has no example.
    true_positives, false_negatives, true_negatives, false_positives : int
        Examples; the first two are of class 1, the others of class 0.
    """

    threshold: float
    accuracy: float
    sensitivity: float | None
    specificity: float | None
    true_positives: int
    false_negatives: int
    true_negatives: int
    false_positives: int


def binary_statistics(y: ArrayLike, prediction: ArrayLike, threshold: float = 0.5) -> BinaryStatistics:
    """Accuracy, sensitivity and specificity at a threshold, and the four counts they come from."""
    y, prediction = checked("binary", y, prediction)
    is_one, said_one = y == 1, prediction > threshold
    ones, zeros = int(is_one.sum()), int((~is_one).sum())
    true_positives = int((is_one & said_one).sum())
    true_negatives = int((~is_one & ~said_one).sum())
    return BinaryStatistics(
        threshold=threshold,
        accuracy=(true_positives + true_negatives) / len(y),
        sensitivity=true_positives / ones if ones else None,
        specificity=true_negatives / zeros if zeros else None,
        true_positives=true_positives,
        false_negatives=ones - true_positives,
        true_negatives=true_negatives,
        false_positives=zeros - true_negatives,
    )


# --- the confusion matrix, and what follows from it -------------------------------------------------------


def confusion_matrix(y: ArrayLike, prediction: ArrayLike, threshold: float = 0.5) -> np.ndarray:
    """How many examples of each class (row) were taken for which class (column).

    Returns
    -------
    ndarray, int64, shape (classes, classes)
        `normalised` turns it into shares of each class.
    """
    y, prediction = checked(task_of(y), y, prediction)
    classes = 2 if prediction.ndim == 1 else prediction.shape[-1]
    places = labels(y).ravel() * classes + labels(prediction, threshold).ravel()
    return np.bincount(places, minlength=classes**2).reshape(classes, classes)


def normalised(matrix: np.ndarray) -> np.ndarray:
    """A confusion matrix as shares of each true class: rows add up to 1; NaN for a class without example."""
    totals = matrix.sum(axis=1, keepdims=True)
    return np.divide(matrix, totals, out=np.full(matrix.shape, np.nan), where=totals > 0)


def sensitivities(y: ArrayLike, prediction: ArrayLike, threshold: float = 0.5) -> tuple[float | None, ...]:
    """For each class, the share of its examples that is classified rightly; None if it has none."""
    shares = np.diag(normalised(confusion_matrix(y, prediction, threshold)))
    return tuple(json_number(float(share)) for share in shares)


def accuracy(y: ArrayLike, prediction: ArrayLike, threshold: float = 0.5) -> float:
    """Share of all examples that are classified rightly, 0..1."""
    matrix = confusion_matrix(y, prediction, threshold)
    return float(np.trace(matrix) / matrix.sum())


def balanced_accuracy(y: ArrayLike, prediction: ArrayLike, threshold: float = 0.5) -> float | None:
    """Mean over classes of the share that is classified rightly, 0..1.

    Whoever answers one class only gets 1 / classes, however many examples that class has. Classes without
    example are left out; None if fewer than two have any.
    """
    return statistics_of(confusion_matrix(y, prediction, threshold))["balanced_accuracy"]


def f1(y: ArrayLike, prediction: ArrayLike, threshold: float = 0.5) -> float | None:
    """The harmonic mean of precision and sensitivity, 0..1.

    Of two classes that of class 1; of more the mean over classes ("macro"), but for those that neither occur
    nor are answered. None if that leaves nothing.
    """
    return statistics_of(confusion_matrix(y, prediction, threshold), np.ndim(y) == 1)["f1"]


def mcc(y: ArrayLike, prediction: ArrayLike, threshold: float = 0.5) -> float | None:
    """Matthews's correlation coefficient, -1..1; of several classes Gorodkin's R_K.

    0 if one class only is answered, which is as good as guessing; None if one class only has examples.
    """
    return statistics_of(confusion_matrix(y, prediction, threshold))["mcc"]


def statistics_of(matrix: np.ndarray, is_binary: bool = False) -> dict[str, float | None]:
    """Accuracy, balanced_accuracy, f1 and mcc from a confusion matrix, as the functions of these names say.

    Parameters
    ----------
    is_binary : bool
        Whether f1 is that of class 1 alone.
    """
    right, total = np.diag(matrix).astype(np.float64), float(matrix.sum())
    true, said = (matrix.sum(axis=axis).astype(np.float64) for axis in (1, 0))
    recall, harmonic = (
        np.divide(part, whole, out=np.full(len(matrix), np.nan), where=whole > 0)
        for part, whole in ((right, true), (2 * right, true + said))
    )
    return {
        "accuracy": float(right.sum() / total),
        "balanced_accuracy": _mean(recall) if (true > 0).sum() > 1 else None,
        "f1": _mean(harmonic[1:] if is_binary else harmonic),
        "mcc": _mcc(float(right.sum()), true, said),
    }


def _mean(values: np.ndarray) -> float | None:
    """Of those that are a number."""
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else None


def _mcc(right: float, true: np.ndarray, said: np.ndarray) -> float | None:
    """From how many are right, and how many of each class there are and are answered (Gorodkin 2004)."""
    total = true.sum()
    of_true, of_said = total**2 - true @ true, total**2 - said @ said
    if not of_true:
        return None
    return float((right * total - true @ said) / math.sqrt(of_true * of_said)) if of_said else 0.0


# --- how many there are of each class ----------------------------------------------------------------------


def class_counts(task: str, y: ArrayLike, mask: ArrayLike | None = None) -> np.ndarray:
    """How many examples (of a class at every step: steps that count) there are of each class.

    Returns
    -------
    ndarray, int64, shape (classes,)
        Empty for regression.
    """
    if known(task) == "regression":
        return np.zeros(0, dtype=np.int64)
    y = in_rows(counted(y, mask))
    return np.bincount(labels(y), minlength=2 if y.ndim == 1 else y.shape[-1])


def majority_share(task: str, y: ArrayLike, mask: ArrayLike | None = None) -> float | None:
    """The share of the most frequent class, 0..1: the accuracy of always answering it. None for regression.

    An accuracy says something only beside it.
    """
    counts = class_counts(task, y, mask)
    return float(counts.max() / counts.sum()) if counts.sum() else None
