"""Weights of samples and of classes, with Keras's meaning: a sample's loss counts so much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from netlet import metrics
from netlet.datasets import Dataset
from netlet.errors import TrainingError, brief


def sample_weights(dataset: Dataset, class_weight: Any, sample_weight: Any) -> np.ndarray | None:
    """What every training sample's loss is multiplied with; None if all count the same.

    Both may be given; then they are multiplied.

    Parameters
    ----------
    class_weight
        ``"balanced"``: samples / (classes x samples of the class), as in scikit-learn; or a mapping from
        classes, by name or by number, to weights, of which one that is left out is 1.
    sample_weight
        One number a training sample, from 0, ``(n,)``.

    Returns
    -------
    float32 ndarray, (n,), or None

    Raises
    ------
    TrainingError
        If they do not fit the dataset.
    """
    by_class = None if class_weight is None else _of_classes(dataset, class_weight)
    by_sample = None if sample_weight is None else _of_samples(dataset, sample_weight)
    if by_class is None or by_sample is None:
        return by_class if by_sample is None else by_sample
    return by_class * by_sample


def _of_samples(dataset: Dataset, given: Any) -> np.ndarray:
    count = len(dataset.train)
    try:
        weights = np.asarray(given, dtype=np.float32)
    except (TypeError, ValueError, OverflowError):
        raise TrainingError("sample_weight cannot be read as numbers", setting="sample_weight") from None
    if weights.shape != (count,):
        is_of_all = weights.shape == (count + (held := len(dataset.validation)),)
        hint = f" ({held:,} more are for validation: split them off before, or weight class by class)"
        raise TrainingError(
            f"sample_weight has shape {weights.shape}, but must have one number for each of the {count:,} "
            f"training samples{hint if is_of_all else ''}",
            setting="sample_weight",
            split="training",
        )
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(wrong):
        raise TrainingError(
            f"sample_weight[{wrong[0]}] is {weights[wrong[0]]}, but must be a number from 0",
            setting="sample_weight",
            row=int(wrong[0]),
        )
    if not weights.any():
        raise TrainingError(
            "sample_weight is 0 for every sample: nothing would be learned", setting="sample_weight"
        )
    return weights


def _of_classes(dataset: Dataset, given: Any) -> np.ndarray:
    def refused(why: str) -> TrainingError:
        return TrainingError(f"class_weight {why}", setting="class_weight")

    if dataset.task == "regression":
        raise refused(
            f"is given, but {dataset.name} is a regression, which has no classes: use sample_weight"
        )
    if dataset.per_step:
        raise refused(f"is given, but {dataset.name} has a class at every step: use sample_weight")
    labels = metrics.labels(dataset.train.y)
    names = dataset.class_names
    counts = np.bincount(labels, minlength=len(names))
    if isinstance(given, str):
        if given != "balanced":
            raise refused(f"is {brief(given)}, but must be 'balanced' or a mapping from classes to weights")
        weights = len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        return weights[labels].astype(np.float32)
    if not isinstance(given, Mapping):
        raise refused(
            f"is {type(given).__name__}, but must be 'balanced' or a mapping from classes to weights"
        )
    by_name = {name: place for place, name in enumerate(names)}
    weights = np.ones(len(names))
    for key, value in given.items():
        place = by_name.get(str(key))
        if place is None and isinstance(key, (int, np.integer)) and 0 <= key < len(names):
            place = int(key)
        if place is None:
            raise refused(f"names class {brief(key)}, but {dataset.name} has {', '.join(names)}")
        try:
            weights[place] = float(value)
        except (TypeError, ValueError):
            raise refused(f"of {brief(key)} is {brief(value)}, but must be a number from 0") from None
        if not (np.isfinite(weights[place]) and weights[place] >= 0):
            raise refused(f"of {brief(key)} is {brief(value)}, but must be a number from 0")
    if not weights[labels].any():
        raise refused("is 0 for every class that there is: nothing would be learned")
    return weights[labels].astype(np.float32)
