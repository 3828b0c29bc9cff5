"""The images a network classifies wrongly, the worst first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet import metrics
from netlet.datasets import Split
from netlet.inspect.selection import check_has_classes

if TYPE_CHECKING:
    from netlet.network import Network


@dataclass(frozen=True, eq=False)
class Mistakes:
    """Wrongly classified images, by falling loss (the network was surest of the first).

    Attributes
    ----------
    index : ndarray, int64, (m,)
        Their places in the split, from 0.
    images : ndarray, float32, (m, height, width, channels)
    target, predicted : ndarray, int64, (m,)
        The class it is, and the class the network took it for.
    probability : ndarray, float64, (m,)
        What the network gave the class it took it for, 0..1.
    loss : ndarray, float64, (m,)
        Cross-entropy in nats.
    total, count : int
        How many mistakes there are (m may be fewer, if limited), in a split of how many images.
    """

    index: np.ndarray
    images: np.ndarray
    target: np.ndarray
    predicted: np.ndarray
    probability: np.ndarray
    loss: np.ndarray
    total: int
    count: int


def mistakes(network: Network, split: Split, limit: int | None = None) -> Mistakes:
    """The images that a network classifies wrongly, at most `limit` of them, sorted by loss.

    Raises
    ------
    DataError
        If the task has no classes, or the network has diverged.
    """
    check_has_classes(network)
    prediction = network.predict(split.x)
    loss = metrics.losses(network.task, split.y, prediction)
    target, predicted = metrics.labels(split.y), metrics.labels(prediction)
    wrong = np.flatnonzero(target != predicted)
    shown = wrong[np.argsort(-loss[wrong], kind="stable")][:limit]
    of_classes = np.stack([1 - prediction, prediction], axis=1) if prediction.ndim == 1 else prediction
    return Mistakes(
        index=shown,
        images=split.x[shown],
        target=target[shown],
        predicted=predicted[shown],
        probability=of_classes[shown, predicted[shown]].astype(np.float64),
        loss=loss[shown],
        total=len(wrong),
        count=len(split),
    )
