"""What tells shapes apart, without a network: local patterns, and what can be measured of a shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet import metrics
from netlet.datasets import Dataset, Split
from netlet.lab.answer import Table
from netlet.lab.wording import count, listed, percent

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
    from sklearn.tree import DecisionTreeClassifier

    learned, unseen = measures(train.x), measures(validation.x)
    found = {}
    for name, values in learned.items():
        tree = DecisionTreeClassifier(max_leaf_nodes=3, random_state=0)
        tree.fit(values[:, np.newaxis], metrics.labels(train.y))
        found[name] = float(tree.score(unseen[name][:, np.newaxis], metrics.labels(validation.y)))
    return found


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
    """What was measured on the validation images of r3 and, to compare, of crt.

    Attributes
    ----------
    r3, crt
        Class by class.
    told
        How many of r3's validation images each measure alone classifies rightly, 0..1, by its name.
    usual
        The share of r3's largest class, which is what always answering that class would get right.
    """

    r3: tuple[ClassEvidence, ...]
    crt: tuple[ClassEvidence, ...]
    told: Mapping[str, float]
    usual: float

    @property
    def is_ratio_alone(self) -> bool:
        """Whether width over height tells r3's classes apart and no other measure does."""
        return [name for name, share in self.told.items() if share >= DECIDES] == [RATIO]

    def pattern_sentence(self) -> str:
        """Whether the local patterns that are there tell the classes."""
        return f"{_patterns('crt', self.crt)} {_patterns('r3', self.r3)}"

    def measure_sentence(self) -> str:
        """What one number tells of r3's classes."""
        shares = [f"the {name} {percent(share)}" for name, share in self._others]
        ratios = [f"{_range(each.ratio)} for {each.name}" for each in self.r3]
        deciding = [name for name, share in self.told.items() if share >= DECIDES]
        found = (
            "So it is the ratio of the sides that tells the classes apart; place and size alone do not."
            if deciding == [RATIO]
            else f"So each of these tells the classes apart: {listed(deciding)}."
            if deciding
            else "So none of them tells the classes apart alone."
        )
        return (
            "What does one measured number tell of a shape, with two limits fitted to the training images? "
            f"Its {RATIO} classifies {percent(self.told[RATIO])} of the validation images rightly, "
            f"{listed(shares)}; always the most frequent class would be right for {percent(self.usual)}. "
            f"({RATIO.capitalize()}: {listed(ratios)}.) {found}"
        )

    @property
    def _others(self) -> list[tuple[str, float]]:
        others = [(name, share) for name, share in self.told.items() if name != RATIO]
        return sorted(others, key=lambda pair: -pair[1])

    def tables(self) -> tuple[Table, ...]:
        """The measurements in rows."""
        classes = [
            (
                dataset,
                each.name,
                str(each.patterns),
                str(each.shared),
                _range(each.shorter),
                _range(each.longer),
                _range(each.ratio),
            )
            for dataset, found in (("crt", self.crt), ("r3", self.r3))
            for each in found
        ]
        head = (
            *("dataset", "class", f"{WINDOW} x {WINDOW} patterns", "in all classes"),
            *("shorter side", "longer side", RATIO),
        )
        alone = [(name, percent(share)) for name, share in [*self._others, (RATIO, self.told[RATIO])]]
        return (
            Table("What the validation images of each class have in them, measured.", head, classes),
            Table(
                "What one number alone tells of r3's classes: validation images classified rightly with two "
                "limits fitted to the training images.",
                ("measured", "rightly classified"),
                alone,
            ),
        )

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "patterns": {
                dataset: {each.name: each.patterns for each in found} | {"in_all": found[0].shared}
                for dataset, found in (("crt", self.crt), ("r3", self.r3))
            },
            "r3_classified_by_one_number": dict(self.told),
            "r3_largest_class": self.usual,
        }


def measure(r3: Dataset, crt: Dataset) -> ShapeEvidence:
    """Measure the validation images of both."""
    usual = float(r3.validation.y.mean(axis=0).max())
    return ShapeEvidence(_classes(r3), _classes(crt), told_by(r3.train, r3.validation), usual)


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


def _patterns(dataset: str, classes: tuple[ClassEvidence, ...]) -> str:
    """What of a dataset's classes the presence of local patterns tells."""
    shared = classes[0].shared
    if all(each.patterns == shared for each in classes):
        return (
            f"In {dataset} which of them are there tells nothing: every class has the same {shared}. (How "
            "many there are of each is another matter.)"
        )
    counts = listed([f"{count(each.patterns, 'pattern')} in {each.name}" for each in classes])
    return (
        f"In {dataset} the classes differ in the local patterns, windows of {WINDOW} x {WINDOW} pixels, that "
        f"their images have: {counts}, {shared} of them in all."
    )


def _range(ends: tuple[float, float]) -> str:
    low, high = (f"{end}" if isinstance(end, int) else f"{end:.2f}" for end in ends)
    return low if low == high else f"{low} to {high}"
