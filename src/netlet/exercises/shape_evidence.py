"""What tells shapes apart, without a network: local patterns, place, size, width over height."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netlet import metrics
from netlet.datasets import Dataset
from netlet.exercises.answer import Table
from netlet.exercises.wording import count, listed, percent

WINDOW = 3
RATIO = 1.2
"""Width over height from which on a rectangle is called horizontal, and below one over which vertical."""


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


def by_ratio(images: np.ndarray) -> np.ndarray:
    """r3's class by width over height alone: 0 square, 1 horizontal, 2 vertical; int (n,)."""
    height, width = extents(images).T
    return np.where(width > RATIO * height, 1, np.where(height > RATIO * width, 2, 0))


@dataclass(frozen=True)
class ClassEvidence:
    """One class of shapes.

    Attributes
    ----------
    name
        The class.
    patterns, shared
        Different local patterns in its images, and how many of them are in every class's images.
    ratio
        Smallest and largest width over height.
    shorter
        Smallest and largest shorter side in pixels.
    centre
        Mean row and column of the middle of the shapes.
    """

    name: str
    patterns: int
    shared: int
    ratio: tuple[float, float]
    shorter: tuple[int, int]
    centre: tuple[float, float]


@dataclass(frozen=True)
class ShapeEvidence:
    """What was measured on the validation images of r3 and, to compare, of crt.

    Attributes
    ----------
    r3, crt
        Class by class.
    rule_accuracy
        How many of r3's validation images `by_ratio` gets right, 0..1.
    """

    r3: tuple[ClassEvidence, ...]
    crt: tuple[ClassEvidence, ...]
    rule_accuracy: float

    def sentence(self) -> str:
        """What local patterns, places and sizes tell."""
        return (
            f"In crt the classes differ in local patterns: of the different windows of {WINDOW} x {WINDOW} "
            f"pixels, {_pattern_counts(self.crt)} ({self.crt[0].shared} are in all three). In r3 they do "
            f"not: {_pattern_counts(self.r3)}, {self.r3[0].shared} of them in all three. The shapes of r3 "
            f"lie in the same places (mean middle between rows {_span(c.centre[0] for c in self.r3)} and "
            f"columns {_span(c.centre[1] for c in self.r3)}) and are of the same sizes (shorter side "
            f"{min(c.shorter[0] for c in self.r3)} to {max(c.shorter[1] for c in self.r3)} pixels in every "
            "class)."
        )

    def rule_sentence(self) -> str:
        """What the ratio alone tells."""
        square, horizontal, vertical = self.r3
        return (
            f"What is left is width over height: {_ratios(square)} for squares, {_ratios(horizontal)} for "
            f"horizontal and {_ratios(vertical)} for vertical rectangles. Measured from the first and last "
            f"row and column drawn in, and with {RATIO} as the limit, it alone classifies "
            f"{percent(self.rule_accuracy)} of the validation images rightly, without any learning."
        )

    def tables(self) -> tuple[Table, ...]:
        """The measurements in rows."""
        rows = [
            (
                dataset,
                each.name,
                str(each.patterns),
                str(each.shared),
                f"{each.shorter[0]} to {each.shorter[1]}",
                f"{each.ratio[0]:.2f} to {each.ratio[1]:.2f}",
            )
            for dataset, classes in (("crt", self.crt), ("r3", self.r3))
            for each in classes
        ]
        head = (
            "dataset",
            "class",
            f"{WINDOW} x {WINDOW} patterns",
            "in all classes",
            "shorter side",
            "width / height",
        )
        return (Table("What the validation images of each class have in them, measured.", head, rows),)


def measure(r3: Dataset, crt: Dataset) -> ShapeEvidence:
    """Measure the validation images of both."""
    right = by_ratio(r3.validation.x) == metrics.labels(r3.validation.y)
    return ShapeEvidence(_classes(r3), _classes(crt), float(right.mean()))


def _classes(data: Dataset) -> tuple[ClassEvidence, ...]:
    labels = metrics.labels(data.validation.y)
    groups = [data.validation.x[labels == label] for label in range(data.outputs)]
    patterns = [local_patterns(images) for images in groups]
    shared = set.intersection(*patterns)
    found = []
    for name, images, own in zip(data.class_names, groups, patterns, strict=True):
        sides = extents(images)
        ratio, shorter, centre = sides[:, 1] / sides[:, 0], sides.min(axis=1), _centres(images)
        found.append(
            ClassEvidence(
                name,
                len(own),
                len(shared),
                (float(ratio.min()), float(ratio.max())),
                (int(shorter.min()), int(shorter.max())),
                (float(centre[:, 0].mean()), float(centre[:, 1].mean())),
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


def _centres(images: np.ndarray) -> np.ndarray:
    """Middle row and column of what is drawn: float (n, 2)."""
    return np.stack([used.argmax(axis=1) + (_extent(used) - 1) / 2 for used in _used(images)], axis=1)


def _pattern_counts(classes: tuple[ClassEvidence, ...]) -> str:
    return listed([f"{each.name} has {count(each.patterns, 'pattern')}" for each in classes])


def _ratios(each: ClassEvidence) -> str:
    low, high = (f"{ratio:.2f}" for ratio in each.ratio)
    return low if low == high else f"{low} to {high}"


def _span(values: object) -> str:
    numbers = sorted(values)  # type: ignore[call-overload]
    return f"{numbers[0]:.1f} and {numbers[-1]:.1f}"
