"""What more images are worth, what sizes are hard, what a counting network's sums hold, what noise leaves."""

from __future__ import annotations

from typing import Any

import numpy as np

from netlet import datasets, metrics
from netlet.datasets import Dataset, Split
from netlet.datasets.pulses import NOISE
from netlet.inspect.selection import map_outputs, poolings
from netlet.lab import seeds
from netlet.lab.evidence.known import EVIDENCE
from netlet.lab.evidence.shapes import extents
from netlet.lab.laboratory import Laboratory
from netlet.network import Network
from netlet.training import Runs, Training


@EVIDENCE
def accuracy_by_size(network: Runs) -> list[dict[str, Any]]:
    """Validation accuracy over seeds on images in three groups by their shape's shorter side, in pixels.

    ``least`` and ``most`` of a group, ``values`` of every seed and their ``median``.
    """
    split = network.dataset.validation
    target = metrics.labels(split.y)
    groups = size_groups(split)
    found: list[list[float]] = [[] for _ in groups]
    for run in network:
        right = metrics.labels(run.network.predict(split.x)) == target
        for values, (_, _, members) in zip(found, groups, strict=True):
            values.append(float(right[members].mean()) if run.diverged is None else np.nan)
    return [
        {"least": low, "most": high, "values": values, "median": metrics.summarise(values, True).median}
        for values, (low, high, _) in zip(found, groups, strict=True)
    ]


def size_groups(split: Split) -> list[tuple[int, int, np.ndarray]]:
    """Images in three groups of about equal number by their shape's shorter side: its ends, and which."""
    shorter = extents(split.x).min(axis=1)
    # Limits are sizes that there are, each once, so that no group is empty; few sizes make few groups.
    limits = np.unique(np.quantile(shorter, (1 / 3, 2 / 3, 1), method="lower"))
    groups, low = [], int(shorter.min())
    for high in limits.astype(int):
        groups.append((low, int(high), (low <= shorter) & (shorter <= high)))
        low = int(high) + 1
    return groups


@EVIDENCE
def accuracy_by_images(lab: Laboratory, network: Runs, dataset: Dataset) -> list[dict[str, Any]]:
    """A network's accuracy with more and more generated training images, in equally many steps.

    For each number of ``images`` the ``dataset``, ``epochs``, ``seeds``, the medians on ``training`` and
    validation (``median``), and all ``values`` on validation. The dataset is one of netlet's own shapes.
    """
    fewer = min(max(2, lab.seeds // 4), lab.seeds)
    text = str(network.architecture)
    usual = Training.default(dataset, text)
    found = [lab.runs(text, dataset, usual, validate=False)]
    for times in (5,) if lab.is_quick else (2, 5):
        data = _with_more_images(dataset, times * len(dataset.train))
        # As many steps whatever the size, so that only the number of different images changes.
        training = Training.default(data, text, epochs=usual.epochs // times)
        found.append(lab.runs(text, data, training, fewer, validate=False))
    return [
        {
            "dataset": dataset.name,
            "images": len(runs.dataset.train),
            "epochs": runs.training.epochs,
            "seeds": len(runs),
            "training": runs.distribution(split="training").median,
            "median": runs.distribution().median,
            "values": seeds.values(runs),
        }
        for runs in found
    ]


def _with_more_images(known: Dataset, amount: int) -> Dataset:
    """A dataset of shapes with training images that are generated anew."""
    seed = 1
    made = datasets.make(known.name, seed=seed, train=amount, validation=1, test=0)
    return Dataset(
        known.name,
        made.train,
        known.validation,
        known.test,
        known.task,
        known.class_names,
        source=f"training images {made.source} (seed {seed}); the others are those of {known.name}",
    )


@EVIDENCE
def sides_from_sums(network: Runs) -> dict[str, float] | None:
    """How well a shape's sides can be read from what a network pools over the whole image.

    A straight-line fit of the best seed's ``sums`` (their number), made on the training images, misses the
    ``height`` and ``width`` of the validation images' shapes by so many pixels, in the mean. None if that
    seed diverged.
    """
    train, validation = network.dataset.train, network.dataset.validation
    if network.best.diverged is not None:
        return None
    sums, unseen = (pooled_sums(network.best.network, split) for split in (train, validation))
    fit, *_ = np.linalg.lstsq(sums, extents(train.x), rcond=None)
    height, width = np.abs(unseen @ fit - extents(validation.x)).mean(axis=0)
    return {"sums": sums.shape[1] - 1, "height": float(height), "width": float(width)}


def pooled_sums(network: Network, split: Split) -> np.ndarray:
    """The outputs of a network's last pooling, and a constant: (n, maps + 1)."""
    (maps,) = map_outputs(network, split.x, poolings(network.architecture)[-1:])
    return np.column_stack([maps.reshape(len(maps), -1), np.ones(len(maps))])


@EVIDENCE
def error_of_noise(dataset: Dataset) -> float | None:
    """The error that is left to who knows everything but the noise; None if the data is not netlet's own."""
    if dataset.seed is None:
        return None
    variance = np.var(dataset.validation.y, dtype=np.float64)
    # The noise is uniform within NOISE either way, so its variance is a third of NOISE squared.
    return float(NOISE**2 / 3 / variance)
