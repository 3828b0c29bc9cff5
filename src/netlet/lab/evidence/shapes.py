"""What tells shapes apart, without a network: local patterns, and what can be measured of a shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from netlet import metrics
from netlet.datasets import Dataset, Split
from netlet.lab.evidence.known import EVIDENCE

WINDOW = 3
RATIO = "width over height"
DECIDES = 0.95
"""What classifies at least this share of images rightly, by itself, is said to tell the classes apart."""


def extents(images: np.ndarray) -> np.ndarray:
    """Height and width in pixels of what is drawn in images (n, height, width, 1): int (n, 2)."""
    return np.stack([_extent(used) for used in _used(images)], axis=1)


def local_patterns(images: np.ndarray) -> set[int]:
    """The different windows of 3 x 3 pixels, black or white, in images (n, height, width, 1)."""
    is_drawn = (images[..., 0] > 0.5).astype(np.int64)
    height, width = is_drawn.shape[1] - WINDOW + 1, is_drawn.shape[2] - WINDOW + 1
    codes = np.zeros((len(images), height, width), dtype=np.int64)
    for place in range(WINDOW * WINDOW):
        row, column = divmod(place, WINDOW)
        codes |= is_drawn[:, row : row + height, column : column + width] << place
    return {int(code) for code in np.unique(codes)}


def measures(images: np.ndarray) -> dict[str, np.ndarray]:
    """Numbers that can be measured of the shape in each of images (n, height, width, 1): float (n,) each."""
    sides, (row, column) = extents(images), _middles(images)
    height, width = sides.T
    return {
        "row of the middle": row,
        "column of the middle": column,
        "shorter side": sides.min(axis=1),
        "longer side": sides.max(axis=1),
        RATIO: width / np.maximum(height, 1),
    }


def told_by(train: Split, validation: Split) -> dict[str, float]:
    """The share of validation images that each measure tells, with two limits fitted to the training ones."""
    learned, unseen = measures(train.x), measures(validation.x)
    labels, asked = metrics.labels(train.y), metrics.labels(validation.y)
    found = {}
    for name, values in learned.items():
        limits, classes = two_limits(values, labels)
        found[name] = float((classes[np.searchsorted(limits, unseen[name])] == asked).mean())
    return found


def two_limits(values: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two limits that classify most numbers (n,) rightly, and the classes below, between and above them.

    All pairs of middles between neighbouring numbers are tried; of equally good ones the first is taken. With
    fewer than three different numbers some limits are infinite.
    """
    different, place = np.unique(values, return_inverse=True)
    counts = np.zeros((len(different) + 1, labels.max() + 1), dtype=np.int64)
    np.add.at(counts, (place + 1, labels), 1)
    below = counts.cumsum(axis=0)
    cuts = np.arange(1, len(different)) if len(different) > 1 else np.array([len(different)])
    low, high = (each.ravel() for each in np.meshgrid(cuts, cuts, indexing="ij"))
    low, high = low[low <= high], high[low <= high]
    parts = np.stack([below[low], below[high] - below[low], below[-1] - below[high]])
    best = int(parts.max(axis=2).sum(axis=0).argmax())
    limits = np.append((different[1:] + different[:-1]) / 2, np.inf)[[low[best] - 1, high[best] - 1]]
    return limits, parts[:, best].argmax(axis=1)


@dataclass(frozen=True)
class ClassEvidence:
    """One class of shapes.

    Attributes
    ----------
    name
        The class.
    patterns, shared
        Different local patterns in its images, and how many of them are in every class's images.
    shorter, longer
        Smallest and largest shorter and longer side in pixels.
    ratio
        Smallest and largest width over height.
    """

    name: str
    patterns: int
    shared: int
    shorter: tuple[int, int]
    longer: tuple[int, int]
    ratio: tuple[float, float]


@dataclass(frozen=True)
class ShapeEvidence:
    """What was measured on the validation images of a dataset of shapes and, to compare, of another.

    Attributes
    ----------
    own, other
        Class by class.
    told
        How many of its validation images each measure alone classifies rightly, 0..1, by its name.
    usual
        The share of its largest class, which is what always answering that class would get right.
    """

    own: tuple[ClassEvidence, ...]
    other: tuple[ClassEvidence, ...]
    told: Mapping[str, float]
    usual: float

    @property
    def ratio(self) -> float:
        """What width over height alone classifies rightly."""
        return self.told[RATIO]

    @property
    def is_ratio_alone(self) -> bool:
        """Whether width over height tells the classes apart and no other measure does."""
        return self.deciding == [RATIO]

    @property
    def deciding(self) -> list[str]:
        """The measures that tell the classes apart, each by itself."""
        return [name for name, share in self.told.items() if share >= DECIDES]

    @property
    def best_first(self) -> list[tuple[str, float]]:
        """Every measure with the share it classifies rightly, the largest first."""
        return sorted(self.told.items(), key=lambda pair: -pair[1])


@EVIDENCE
def shapes(dataset: Dataset, other: Dataset) -> ShapeEvidence:
    """What tells the shapes of a dataset apart, beside those of another, on the validation images."""
    usual = float(dataset.validation.y.mean(axis=0).max())
    told = told_by(dataset.train, dataset.validation)
    return ShapeEvidence(_classes(dataset), _classes(other), told, usual)


def _classes(data: Dataset) -> tuple[ClassEvidence, ...]:
    labels = metrics.labels(data.validation.y)
    groups = [data.validation.x[labels == label] for label in range(data.outputs)]
    patterns = [local_patterns(images) for images in groups]
    shared = set.intersection(*patterns)
    found = []
    for name, images, own in zip(data.class_names, groups, patterns, strict=True):
        of_all = measures(images)
        shorter, longer, ratio = (of_all[measured] for measured in ("shorter side", "longer side", RATIO))
        found.append(
            ClassEvidence(
                name,
                len(own),
                len(shared),
                (int(shorter.min()), int(shorter.max())),
                (int(longer.min()), int(longer.max())),
                (float(ratio.min()), float(ratio.max())),
            )
        )
    return tuple(found)


def _used(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which rows, and which columns, of images (n, height, width, 1) are drawn in: bool (n, ...), twice."""
    is_drawn = images[..., 0] > 0.5
    return np.asarray(is_drawn.any(axis=2)), np.asarray(is_drawn.any(axis=1))


def _extent(is_used: np.ndarray) -> np.ndarray:
    """From the first to the last True of each row, both counted: int (n,); 0 if there is none."""
    first, last = is_used.argmax(axis=1), is_used.shape[1] - 1 - is_used[:, ::-1].argmax(axis=1)
    return np.where(is_used.any(axis=1), last - first + 1, 0)


def _middles(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middle row and middle column of what is drawn: float (n,), twice."""
    rows, columns = (used.argmax(axis=1) + (_extent(used) - 1) / 2 for used in _used(images))
    return rows, columns
