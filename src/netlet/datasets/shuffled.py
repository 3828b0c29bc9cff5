"""Labels that look shuffled, or exchanged, against another split: a simple classifier finds out.

The classifier is the better of two on held-back samples: nearest class means, and least squares with a ridge
on one-hot targets. Its balanced accuracy is compared with chance, one over the number of classes. A warning
needs all of this: samples of one split can be told apart by what others of that split show; that would be
seen on the other split, six standard errors above chance; and there it lies less than two and a half above.
Of samples that were drawn alike one split in thousands does (`benchmarks/shuffled_labels.py` counts them).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from netlet.datasets.dataset import Dataset, Split

MOST_SAMPLES, MOST_FEATURES = 1000, 128
"""Of each split, evenly picked; and of each sample, of more so many random sums."""
CLEAR, FAINT = 6.0, 2.5
"""Standard errors above chance: from where labels can be learned, and to where they cannot."""
_FOLDS = 5
_RIDGE = 0.1  # of the mean variance of a feature

Classifier = Callable[[np.ndarray], np.ndarray]
Fit = Callable[[np.ndarray, np.ndarray], Classifier]


def shuffled_labels(dataset: Dataset) -> list[str]:
    """A line for every two splits whose labels do not seem to follow the same rule; mostly none.

    Of classes of whole samples alone: numbers, and classes at every step, are not looked at.
    """
    if dataset.task == "regression" or dataset.per_step:
        return []
    parts = {name: _Part.of(split) for name, split in dataset.present.items()}
    center, spread = parts["training"].moments()
    for part in parts.values():
        part.x = (part.x - center) / spread
    return [
        line for a, b in combinations(parts, 2) if (line := _compared(a, parts[a], b, parts[b])) is not None
    ]


class _Part:
    """Some samples of a split: features (n, features) and places of classes (n,)."""

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        self.x, self.y = x, y
        self.fit: Fit = _nearest_mean
        self._own = -1.0  # not known yet

    @classmethod
    def of(cls, split: Split) -> _Part:
        rows = np.unique(np.linspace(0, len(split) - 1, MOST_SAMPLES).astype(int))
        x = split.x[rows].reshape(len(rows), -1).astype(np.float64)
        if x.shape[1] > MOST_FEATURES:
            rng = np.random.Generator(np.random.PCG64(0))
            x = x @ rng.standard_normal((x.shape[1], MOST_FEATURES))
        y = split.y[rows]
        return cls(x, (y.argmax(axis=1) if y.ndim == 2 else y).astype(int))

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        spread = self.x.std(axis=0)
        return self.x.mean(axis=0), np.where(spread > 0, spread, 1.0)

    def only(self, classes: np.ndarray) -> _Part:
        kept = np.isin(self.y, classes)
        return _Part(self.x[kept], self.y[kept])

    @property
    def own(self) -> float:
        """Balanced accuracy on samples that were held back, of the better classifier."""
        if self._own < 0:
            order = np.random.Generator(np.random.PCG64(1)).permutation(len(self.y))
            fold = np.empty(len(self.y), int)
            fold[order[np.argsort(self.y[order], kind="stable")]] = np.arange(len(self.y)) % _FOLDS
            found = []
            for fit in _FITS:
                told = np.empty(len(self.y), int)
                for held in range(_FOLDS):
                    is_held = fold == held
                    told[is_held] = fit(self.x[~is_held], self.y[~is_held])(self.x[is_held])
                found.append(_balanced(told, self.y))
            self.fit, self._own = _FITS[int(np.argmax(found))], max(found)
        return self._own

    @property
    def error(self) -> float:
        """Standard error of the balanced accuracy of somebody who guesses."""
        counts = np.unique(self.y, return_counts=True)[1]
        chance = 1 / len(counts)
        return float(np.sqrt((chance * (1 - chance) / counts).sum())) / len(counts)


def _compared(a_name: str, a: _Part, b_name: str, b: _Part) -> str | None:
    """What to say of two splits, if the labels of one do not follow from the other's."""
    both = np.intersect1d(a.y, b.y)
    common = np.array([each for each in both if min((part.y == each).sum() for part in (a, b)) > 1])
    if len(common) < 2:
        return None
    a, b = a.only(common), b.only(common)
    chance, error = 1 / len(common), max(a.error, b.error)
    can_a, can_b = (part.own > chance + CLEAR * error for part in (a, b))
    if not (can_a or can_b):
        return None
    from_, to, names = (a, b, (a_name, b_name)) if can_a else (b, a, (b_name, a_name))
    found = _balanced(from_.fit(from_.x, from_.y)(to.x), to.y)
    if found > chance + FAINT * error:
        return None
    what = f"labels look shuffled against those of {names[0]}"
    if can_a and can_b:
        what = f"classes look exchanged, or differ in what they mean, from those of {names[0]}"
    return (
        f"warning: {names[1]} {what}: a simple classifier has a balanced accuracy of {from_.own:.0%} on "
        f"{names[0]} samples held back from it, and {found:.0%} on {names[1]} (chance {chance:.0%})"
    )


def _nearest_mean(x: np.ndarray, y: np.ndarray) -> Classifier:
    classes = np.unique(y)
    means = np.stack([x[y == each].mean(axis=0) for each in classes])
    squares = (means**2).sum(axis=1)
    return lambda new: classes[(squares - 2 * new @ means.T).argmin(axis=1)]


def _ridge(x: np.ndarray, y: np.ndarray) -> Classifier:
    """Least squares with every class of the same weight."""
    classes, places, counts = np.unique(y, return_inverse=True, return_counts=True)
    weight = 1 / (len(classes) * counts[places])
    center = weight @ x
    moved = x - center
    gram = (moved * weight[:, np.newaxis]).T @ moved
    gram[np.diag_indices_from(gram)] += _RIDGE * (np.trace(gram) / len(gram)) + 1e-12
    hot = np.eye(len(classes))[places] - 1 / len(classes)
    slopes = np.linalg.solve(gram, (moved * weight[:, np.newaxis]).T @ hot)
    return lambda new: classes[((new - center) @ slopes).argmax(axis=1)]


_FITS = (_nearest_mean, _ridge)


def _balanced(told: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean([(told[y == each] == each).mean() for each in np.unique(y)]))
