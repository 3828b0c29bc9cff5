"""What a network is most wrong about: images classified wrongly, and examples of any kind, worst first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet import metrics
from netlet.datasets import Split
from netlet.errors import DataError
from netlet.inspect.selection import check_has_classes, predicted

if TYPE_CHECKING:
    from netlet.network import Network


@dataclass(frozen=True, eq=False)
class Mistakes:
    """Wrongly classified examples, by falling loss (the network was surest of the first).

    Attributes
    ----------
    index : ndarray, int64, (m,)
        Their places in the split, from 0.
    images : ndarray, float32, (m, height, width, channels)
        The inputs: of sequences (m, steps, channels), of tables (m, features).
    target, predicted : ndarray, int64, (m,)
        The class it is, and the class the network took it for.
    probability : ndarray, float64, (m,)
        What the network gave the class it took it for, 0..1.
    loss : ndarray, float64, (m,)
        Cross-entropy in nats.
    total, count : int
        How many mistakes there are (m may be fewer, if limited), in a split of how many examples.
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
    """The examples that a network classifies wrongly, at most `limit` of them, sorted by loss.

    Raises
    ------
    DataError
        If the task has no classes, or one at every step (see `worst`), or the network has diverged.
    """
    check_has_classes(network)
    if split.y.ndim == 3:
        raise DataError(
            "there is a class at every step, so no sequence as a whole is wrong: ask for the worst"
        )
    prediction = predicted(network, split)
    loss = metrics.losses(network.task, split.y, prediction)
    target, taken_for = metrics.labels(split.y), metrics.labels(prediction)
    wrong = np.flatnonzero(target != taken_for)
    shown = wrong[np.argsort(-loss[wrong], kind="stable")][:limit]
    of_classes = np.stack([1 - prediction, prediction], axis=1) if prediction.ndim == 1 else prediction
    return Mistakes(
        index=shown,
        images=split.x[shown],
        target=target[shown],
        predicted=taken_for[shown],
        probability=of_classes[shown, taken_for[shown]].astype(np.float64),
        loss=loss[shown],
        total=len(wrong),
        count=len(split),
    )


@dataclass(frozen=True, eq=False)
class Worst:
    """The examples with the largest loss, whatever the task.

    Attributes
    ----------
    index : ndarray, int64, (m,)
        Their places in the split, from 0, by falling loss.
    predicted : ndarray, (m, ...)
        What the network answered, in the shape of the targets.
    loss : ndarray, float64, (m,)
        Cross-entropy in nats, or mean squared error, over the steps that count.
    count : int
        How many examples the split has.
    """

    index: np.ndarray
    predicted: np.ndarray
    loss: np.ndarray
    count: int


def worst(network: Network, split: Split, limit: int | None = None) -> Worst:
    """The examples a network is most wrong about, at most `limit` of them, sorted by loss.

    Raises
    ------
    DataError
        If the network has diverged.
    """
    prediction = predicted(network, split)
    loss = metrics.losses(network.task, split.y, prediction, split.mask)
    index = np.argsort(-loss, kind="stable")[:limit]
    return Worst(index, prediction[index], loss[index], len(split))
