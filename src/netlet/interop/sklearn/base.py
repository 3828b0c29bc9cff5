"""What netlet's estimators share: inputs and targets checked as scikit-learn wants it, and made a dataset."""

from __future__ import annotations

import warnings
from math import prod
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state, compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, column_or_1d, validate_data

from netlet.datasets import Split
from netlet.datasets.scaling import Scaling
from netlet.interop.exact import ExactDataset
from netlet.network import Network

NAME = "your data"
MOST_REPEATED = 20
"""Whole-number sample weights are taken literally up to so many times as many samples as there are."""

_DEFAULT_HIDDEN = {1: "dense(64)", 2: "gru(16)", 3: "conv(8, 3x3, padding=same) - maxpool(2) - flatten"}


class NetletEstimator(BaseEstimator):
    """Checks, scalings and predictions that classifiers and regressors have in common.

    Subclasses have the parameters ``input_shape``, ``scale_inputs``, ``validation_fraction`` and
    ``random_state``.
    """

    network_: Network
    n_features_in_: int

    def _more(self, name: str) -> Any:
        return getattr(self, name)

    def _checked(self, x: Any, *, reset: bool, y: Any = "no_validation") -> Any:
        """Inputs (and targets) as scikit-learn checks them; images and sequences may keep their shape."""
        shape = self._more("input_shape")
        if shape is not None and np.ndim(x) == len(shape) + 1 and len(shape) > 1:
            array = np.asarray(x)
            if array.shape[1:] != tuple(shape):
                raise ValueError(f"X has shape {array.shape}, but input_shape is {tuple(shape)}")
            x = array.reshape(len(array), -1)
        options: dict[str, Any] = {"dtype": np.float32, "reset": reset}
        if reset:
            _warn_of_rounding(x)
        if isinstance(y, str):
            return validate_data(self, x, **options)
        return validate_data(self, x, y, multi_output=True, y_numeric=False, **options)

    def _shape(self) -> tuple[int, ...]:
        """Of one sample as the network takes it."""
        shape = self._more("input_shape")
        if shape is None:
            return (self.n_features_in_,)
        if prod(shape) != self.n_features_in_:
            raise ValueError(
                f"input_shape is {tuple(shape)}, which takes {prod(shape)} features, but X has "
                f"{self.n_features_in_} features"
            )
        return tuple(int(n) for n in shape)

    def _dataset(
        self,
        x: np.ndarray,
        y: np.ndarray,
        weights: np.ndarray | None,
        random: np.random.RandomState,
        **kind: Any,
    ) -> tuple[ExactDataset, np.ndarray | None]:
        """Scaled inputs and targets, with a part for validation if one is needed; weights of the others.

        Samples of the validation part are there as often as they weigh.
        """
        shape = self._shape()
        share = self._more("validation_fraction") if self._needs_validation() else 0
        validation = None
        x = x.reshape(len(x), *shape)
        if share:
            if not 0 < share < 1:
                raise ValueError(f"validation_fraction is {share}, but must be between 0 and 1")
            order = random.permutation(len(x))
            kept = max(1, round(share * len(x)))
            if kept >= len(x):
                raise ValueError(
                    f"validation_fraction={share} of n_samples = {len(x)} leaves nothing to learn"
                )
            held, learned = order[:kept], order[kept:]
            if weights is not None:
                held = held.repeat(_counts(weights[held]))
                weights = weights[learned]
            validation = Split(x[held], y[held])
            x, y = x[learned], y[learned]
        scaling = Scaling.standard(x) if self._more("scale_inputs") else None
        data = ExactDataset(NAME, Split(x, y), validation, input_scaling=scaling, **kind)
        return data, weights if weights is not None and weights.any() else None

    def _needs_validation(self) -> bool:
        return True

    def _hidden(self) -> str:
        hidden = self._more("hidden")
        return _DEFAULT_HIDDEN[len(self._shape())] if hidden is None else str(hidden)

    def _answers(self, x: Any) -> np.ndarray:
        """What the network answers for checked inputs."""
        check_is_fitted(self)
        checked = self._checked(x, reset=False)
        return self.network_.predict(checked.reshape(len(checked), *self.network_.input_shape))

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks of an estimator."""
        tags = super().__sklearn_tags__()
        tags.non_deterministic = False
        shape = self._more("input_shape")
        if shape is not None and len(shape) > 1:
            tags.input_tags.three_d_array = True
        return tags


def _warn_of_rounding(x: Any) -> None:
    """Warn of features that vary by less than float32 tells apart, such as dates in seconds."""
    exact = np.asarray(x) if isinstance(x, np.ndarray) else x.to_numpy() if hasattr(x, "to_numpy") else None
    if exact is None or exact.ndim != 2 or not len(exact) or exact.dtype.kind not in "fiu":
        return
    exact = exact.astype(np.float64)
    if not (np.abs(exact).max(initial=0) < 1e30):
        return  # nor if it is not a number, which scikit-learn's check tells of
    spread = exact.std(axis=0)
    lost = np.abs(exact - exact.astype(np.float32)).max(axis=0)
    fine = np.flatnonzero((spread > 0) & (lost > 0.05 * spread))
    if len(fine):
        first = int(fine[0])
        warnings.warn(
            f"feature {first} of X is about {exact[:, first].mean():g} and varies by {spread[first]:g}, of "
            "which the 7 digits that are kept lose a part: take its mean away before, with StandardScaler",
            stacklevel=4,
        )


class Classifying(ClassifierMixin, NetletEstimator):
    """Answers of an estimator whose network tells classes apart."""

    classes_: np.ndarray

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities, (n, classes), in the order of ``classes_``."""
        answers = self._answers(X).astype(np.float64)
        if answers.ndim == 1:
            return np.column_stack([1 - answers, answers])
        return answers / answers.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class of each sample."""
        places = self.predict_proba(X).argmax(axis=1)
        return self.classes_[places]


def _counts(weights: np.ndarray) -> np.ndarray:
    """How often each sample is there so that its share is that of its weight, to a tenth of a sample."""
    if not weights.any():
        return np.ones(len(weights), dtype=int)
    ends = np.round(np.cumsum(weights, dtype=np.float64) / weights.sum(dtype=np.float64) * 10 * len(weights))
    return np.diff(ends, prepend=0).astype(int)


def classes_of(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The classes there are, sorted, and of every target its place among them.

    Raises
    ------
    ValueError
        If targets are no classes, or there is one class only.
    """
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    classes = unique_labels(y)
    if len(classes) < 2:
        raise ValueError(
            f"y has one class only, {classes[0]!r}: a classifier needs samples of two classes or more"
        )
    return classes, np.searchsorted(classes, y)


def hot(places: np.ndarray, classes: int) -> tuple[np.ndarray, str]:
    """Classes by number as netlet's targets, and the task."""
    if classes == 2:
        return places.astype(np.float32), "binary"
    return np.eye(classes, dtype=np.float32)[places], "categorical"


def seed_of(random: np.random.RandomState) -> int:
    """A seed for netlet."""
    return int(random.randint(2**31 - 1))


def random_of(state: Any) -> np.random.RandomState:
    """The random numbers that a ``random_state`` means."""
    return check_random_state(state)


def in_one_order(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Places that sort samples, so that what is learned does not depend on the order they came in."""
    rows = np.column_stack([x.reshape(len(x), -1), y.reshape(len(y), -1)])
    return np.lexsort(rows.T[::-1])


def weighted(
    estimator: Any, x: np.ndarray, y: np.ndarray, sample_weight: Any, classes: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Samples and what the loss of each is multiplied with, on average 1; None if all count the same.

    Whole-number weights are taken literally: a sample of weight 2 is there twice, one of weight 0 not at all.

    Parameters
    ----------
    classes
        Of every sample, for ``class_weight``; None for none.
    """
    weights = None if sample_weight is None else _check_sample_weight(sample_weight, x, dtype=np.float64)
    if weights is not None:
        if (weights < 0).any():
            raise ValueError("sample_weight has negative numbers, but must be 0 or more")
        if not weights.any():
            raise ValueError("sample_weight is 0 for every sample, so there is nothing to learn")
        is_whole = (weights == np.round(weights)).all() and weights.sum() <= MOST_REPEATED * len(x)
        if is_whole:
            repeats = weights.astype(int)
            x, y = x.repeat(repeats, axis=0), y.repeat(repeats, axis=0)
            classes = None if classes is None else classes.repeat(repeats)
            weights = None
    by_class = getattr(estimator, "class_weight", None)
    if by_class is not None and classes is not None:
        factors = compute_sample_weight(by_class, classes)
        weights = factors if weights is None else weights * factors
    if weights is None or (weights == weights[0]).all():
        return x, y, None
    return x, y, (weights / weights.mean()).astype(np.float32)
