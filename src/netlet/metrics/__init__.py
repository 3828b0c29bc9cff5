"""How good predictions are: accuracy, sensitivity, loss, ROC, confusion, and their spread over seeds.

Targets and predictions are arrays in the form a `netlet.datasets.Split` and a network's ``predict`` give
them: binary ``(n,)`` targets of 0 or 1 and probabilities of class 1; categorical ``(n, classes)`` one-hot
targets and probabilities; regression ``(n, outputs)`` or ``(n, steps, outputs)``.

Two things that are no number are told apart. A metric that is *undefined* (the sensitivity of a class that
has no example) is None. A metric of a run that *diverged* (predictions that are not finite) is NaN, and
`summarise` counts it as the worst value there is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from netlet.errors import DataError

METRICS = {
    "binary": ("accuracy", "sensitivity", "specificity", "loss"),
    "categorical": ("accuracy", "loss"),
    "regression": ("normalised_error", "mse"),
}
"""The metrics of each task, the one that runs are ranked by first."""

_HIGHER_IS_BETTER = {"accuracy", "sensitivity", "specificity", "area"}
_WORST_SHARE = 0.0
"""The worst accuracy, sensitivity, specificity or area there is."""

_SMALL = 0.01
"""Below it four decimals are less than three digits."""

# Class 0's probability is 1 - p with p a float32 below 1, so it comes in steps of 2**-24; below half of one
# it is rounded to 0. Other probabilities come straight from the network and can be as small as float32 holds.
_LEAST_COMPLEMENT = 2.0**-25
_LEAST_PROBABILITY = float(np.finfo(np.float32).tiny)


def higher_is_better(metric: str) -> bool:
    """Whether a metric of that name is the better the higher it is (accuracy), not the lower (loss)."""
    return metric in _HIGHER_IS_BETTER


# --- one network on one split ---------------------------------------------------------------------------


def evaluate(
    task: str, y: ArrayLike, prediction: ArrayLike, mask: ArrayLike | None = None
) -> dict[str, float | None]:
    """The metrics of a task, by the names in `METRICS`.

    Parameters
    ----------
    task : {"binary", "categorical", "regression"}
    y, prediction : array_like
        Targets and what the network answered, of equal shape, as the module describes.
    mask : array_like of bool, optional
        Of sequences with a target at every step: the steps ``(n, steps)`` that count; by default all do.

    Returns
    -------
    dict
        binary: accuracy, sensitivity, specificity (0..1, at threshold 0.5) and loss; categorical: accuracy
        (0..1, of the most probable class) and loss; regression: normalised_error and mse. The loss is the
        mean cross-entropy in nats. All are NaN if a prediction is not finite; None where undefined.

    Raises
    ------
    DataError
        If the shapes differ or do not suit the task, they hold no numbers, or no example counts.
    """
    y, prediction = _fitting(_known(task), counted(y, mask), counted(prediction, mask))
    if not np.isfinite(prediction).all():
        return dict.fromkeys(METRICS[task], math.nan)
    if task == "regression":
        return {"normalised_error": normalised_error(y, prediction), "mse": mse(y, prediction)}
    loss = float(losses(task, y, prediction).mean())
    if task == "binary":
        statistics = binary_statistics(y, prediction)
        return {name: getattr(statistics, name) for name in METRICS["binary"][:3]} | {"loss": loss}
    accuracy = float((labels(y) == labels(prediction)).mean())
    return {"accuracy": accuracy, "loss": loss}


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
    mask = np.asarray(mask, dtype=bool)
    if mask.shape != values.shape[:2]:
        raise DataError(f"mask has shape {mask.shape}, but must be {values.shape[:2]}: one value a step")
    return values[mask]


def losses(task: str, y: ArrayLike, prediction: ArrayLike) -> np.ndarray:
    """The loss of every example: cross-entropy in nats, for regression the mean squared error.

    A probability that float32 rounded to 0 counts as the smallest it could have been (1.2e-38; for class 0
    of a binary task, whose probability is 1 - p, 3.0e-8), so the loss is always finite.

    Returns
    -------
    ndarray, float64, shape (n,)
    """
    y, prediction = _checked(_known(task), y, prediction)
    if task == "binary":
        of_true_class = np.where(
            y == 1, np.maximum(prediction, _LEAST_PROBABILITY), np.maximum(1 - prediction, _LEAST_COMPLEMENT)
        )
        return -np.log(of_true_class)
    if task == "categorical":
        return -np.log(np.maximum((prediction * y).sum(axis=1), _LEAST_PROBABILITY))
    return ((prediction - y) ** 2).reshape(len(y), -1).mean(axis=1)


def mse(y: ArrayLike, prediction: ArrayLike) -> float:
    """Mean squared error over all examples, steps and outputs, in the target's unit squared."""
    return float(losses("regression", y, prediction).mean())


def normalised_error(y: ArrayLike, prediction: ArrayLike) -> float | None:
    """Mean squared error / variance of the whole target array: 1 is as good as answering the mean.

    None if the target never varies.
    """
    error = mse(y, prediction)
    variance = float(np.var(np.asarray(y, dtype=np.float64)))
    return error / variance if variance > 0 else None


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
    y, prediction = _checked("binary", y, prediction)
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
    y, prediction = _checked("binary", y, prediction)
    if len(np.unique(y)) < 2:
        return RocCurve(np.empty(0), np.empty(0), np.empty(0), None)
    from sklearn.metrics import auc, roc_curve

    false_rate, true_rate, thresholds = roc_curve(y, prediction, drop_intermediate=False)
    return RocCurve(false_rate, true_rate, thresholds.astype(np.float64), float(auc(false_rate, true_rate)))


def log_loss(y: ArrayLike, prediction: ArrayLike) -> float:
    """Mean cross-entropy in nats, by scikit-learn, which clips float32 probabilities at 1.2e-7."""
    from sklearn.metrics import log_loss as sklearn_log_loss

    _checked(_task_of(y), y, prediction)
    prediction = np.asarray(prediction)
    count = 2 if prediction.ndim == 1 else prediction.shape[1]
    return float(sklearn_log_loss(labels(y), prediction, labels=range(count)))


def confusion_matrix(y: ArrayLike, prediction: ArrayLike, threshold: float = 0.5) -> np.ndarray:
    """How many examples of each class (row) were taken for which class (column).

    Returns
    -------
    ndarray, int64, shape (classes, classes)
        `normalised` turns it into shares of each class.
    """
    from sklearn.metrics import confusion_matrix as sklearn_confusion_matrix

    _checked(_task_of(y), y, prediction)
    prediction = np.asarray(prediction)
    count = 2 if prediction.ndim == 1 else prediction.shape[1]
    return sklearn_confusion_matrix(labels(y), labels(prediction, threshold), labels=range(count))


def normalised(matrix: np.ndarray) -> np.ndarray:
    """A confusion matrix as shares of each true class: rows add up to 1; NaN for a class without example."""
    totals = matrix.sum(axis=1, keepdims=True)
    return np.divide(matrix, totals, out=np.full(matrix.shape, np.nan), where=totals > 0)


def sensitivities(y: ArrayLike, prediction: ArrayLike, threshold: float = 0.5) -> tuple[float | None, ...]:
    """For each class, the share of its examples that is classified rightly; None if it has none."""
    shares = np.diag(normalised(confusion_matrix(y, prediction, threshold)))
    return tuple(json_number(share) for share in shares)


def labels(values: ArrayLike, threshold: float = 0.5) -> np.ndarray:
    """The class of each example, int64 (n,): of targets, or of predictions.

    From ``(n,)`` it is 1 strictly above `threshold`, else 0; from ``(n, classes)`` the place of the largest
    (the first, if several are).
    """
    values = np.asarray(values)
    return (values > threshold).astype(np.int64) if values.ndim == 1 else values.argmax(axis=1)


# --- many seeds -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Distribution:
    """One metric over many runs.

    Attributes
    ----------
    median, lower_quartile, upper_quartile : float or None
        Interpolated linearly between runs; the lower quartile is the smaller number, whichever is better.
        None if the metric is undefined. Infinite where diverged runs reach that far into a loss or error.
    best : float or None
        The highest where higher is better, else the lowest.
    count, diverged : int
        Runs that have the metric, and how many of them diverged.
    """

    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None
    best: float | None
    count: int
    diverged: int

    def as_dict(self) -> dict[str, float | int | None]:
        """The fields, ready for JSON: what is not finite is None."""
        return {name: json_number(value) for name, value in asdict(self).items()}


def summarise(values: Iterable[float | None], higher_is_better: bool) -> Distribution:
    """Median, quartiles and best of one metric over many runs.

    Parameters
    ----------
    values : iterable of float or None
        One a run. NaN or infinity stands for a run that diverged; it counts as the worst: 0 where higher is
        better (accuracy and its like are bounded), else infinity. None, for undefined, is left out.
    higher_is_better : bool
        See the function of that name.
    """
    defined = [float(value) for value in values if value is not None]
    diverged = sum(not math.isfinite(value) for value in defined)
    worst = _WORST_SHARE if higher_is_better else math.inf
    ordered = sorted(value if math.isfinite(value) else worst for value in defined)
    if not ordered:
        return Distribution(None, None, None, None, 0, 0)
    return Distribution(
        median=quantile(ordered, 0.5),
        lower_quartile=quantile(ordered, 0.25),
        upper_quartile=quantile(ordered, 0.75),
        best=ordered[-1] if higher_is_better else ordered[0],
        count=len(ordered),
        diverged=diverged,
    )


@dataclass(frozen=True, eq=False)
class Band:
    """One curve over epochs and many runs: ndarrays, float64, (epochs,); NaN where no run has a value."""

    median: np.ndarray
    lower_quartile: np.ndarray
    upper_quartile: np.ndarray


@dataclass(frozen=True, eq=False)
class HistoryBands:
    """The histories of many runs as bands.

    Attributes
    ----------
    epochs : ndarray, int64, (epochs,)
        1, 2, ...
    curves : dict
        A `Band` for each name in the histories, such as loss, accuracy, val_loss, val_accuracy.
    runs, diverged : int
        How many there are, and how many have a value that is not finite.
    """

    epochs: np.ndarray
    curves: dict[str, Band]
    runs: int
    diverged: int


def history_bands(histories: Iterable[Mapping[str, Sequence[float]]]) -> HistoryBands:
    """Median and quartiles of every curve at every epoch.

    A run counts at the epochs it was trained for and has a finite value at, so a run that stopped early or
    diverged leaves the band there.
    """
    histories = list(histories)
    names = list(dict.fromkeys(name for history in histories for name in history))
    length = max((len(values) for history in histories for values in history.values()), default=0)
    diverged = sum(not all(np.isfinite(values).all() for values in history.values()) for history in histories)
    curves = {name: _band([history.get(name, ()) for history in histories], length) for name in names}
    return HistoryBands(np.arange(1, length + 1), curves, len(histories), diverged)


def as_text(value: float | None, undefined: str = "–") -> str:
    """A metric for people: four decimals, and three digits of what is small; a word if it is not finite."""
    if value is None:
        return undefined
    if not math.isfinite(value):
        return "diverged"
    return f"{value:#.3g}" if 0 < abs(value) < _SMALL else f"{value:.4f}"


def json_number(value: float | None) -> float | None:
    """The number, or None if it is not finite, which JSON cannot say."""
    return None if value is None or not math.isfinite(value) else value


def _band(curves: Sequence[Sequence[float]], length: int) -> Band:
    quartiles = np.full((3, length), np.nan)
    for epoch in range(length):
        values = sorted(
            curve[epoch] for curve in curves if epoch < len(curve) and math.isfinite(curve[epoch])
        )
        if values:
            quartiles[:, epoch] = [quantile(values, share) for share in (0.5, 0.25, 0.75)]
    return Band(*quartiles)


def quantile(ordered: Sequence[float], share: float) -> float:
    """A quantile by linear interpolation that, unlike numpy's, may meet infinity without becoming NaN."""
    place = round(share * (len(ordered) - 1), 9)  # or 1 - 0.7 of ten steps would be beyond the third
    below = math.floor(place)
    low, high = ordered[below], ordered[math.ceil(place)]
    return low if low == high else low + (place - below) * (high - low)


# --- checks -----------------------------------------------------------------------------------------------


def _known(task: str) -> str:
    if task not in METRICS:
        raise DataError(f"task is {task!r}, but must be one of {', '.join(METRICS)}")
    return task


def _task_of(y: ArrayLike) -> str:
    return "binary" if np.ndim(y) == 1 else "categorical"


def _checked(task: str, y: ArrayLike, prediction: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both as `_fitting` has them, predictions finite."""
    y, prediction = _fitting(task, y, prediction)
    if not np.isfinite(prediction).all():
        row = int(np.argwhere(~np.isfinite(prediction))[0][0])
        raise DataError(f"prediction {row} is not finite: the run has diverged, take another")
    return y, prediction


def _fitting(task: str, y: ArrayLike, prediction: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both as float64, of equal shape and of the rank the task has, not empty."""
    try:
        y, prediction = np.asarray(y, dtype=np.float64), np.asarray(prediction, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError("targets and predictions must be arrays of numbers") from None
    ranks = {"binary": (1,), "categorical": (2,), "regression": (2, 3)}[task]
    if y.shape != prediction.shape or y.ndim not in ranks or y.size == 0:
        shape = {"binary": "(n,)", "categorical": "(n, classes)"}.get(task, "(n, outputs)")
        raise DataError(
            f"targets have shape {y.shape} and predictions {prediction.shape}, "
            f"but a {task} task needs {shape} for both, with at least one example"
        )
    return y, prediction
