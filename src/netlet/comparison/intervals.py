"""Is one network better than another? Two distributions over seeds set against each other."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from netlet.errors import DataError

RESAMPLES = 10_000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """One metric of two networks, a and b, over many seeds each.

    Attributes
    ----------
    difference
        Median of a less median of b; None if both are infinite.
    low, high
        Ends of a bootstrap interval of the difference, by default of 95 % confidence (percentile method,
        Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13); infinite where runs diverged.
    probability
        That a seed of a does better than a seed of b, 0..1; ties count half. (Mann and Whitney's U over the
        number of pairs.)
    """

    difference: float | None
    low: float
    high: float
    probability: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero: the medians differ, not only the seeds drawn."""
        return self.low > 0 or self.high < 0

    @property
    def flipped(self) -> Difference:
        """The same of b and a."""
        difference = None if self.difference is None else -self.difference
        return Difference(difference, -self.high, -self.low, 1 - self.probability)


def difference(
    a: Iterable[float | None],
    b: Iterable[float | None],
    higher_is_better: bool,
    seed: int = 0,
    confidence: float = CONFIDENCE,
    worst: float | None = None,
) -> Difference:
    """Set one metric of two networks against each other.

    Parameters
    ----------
    a, b
        One value a seed. NaN or infinity stands for a run that diverged and counts as the worst. None, for
        undefined, is left out.
    higher_is_better
        Of the metric (see the function of that name in `netlet.metrics`).
    seed
        Of the resampling.
    confidence
        Of the interval, above 0, below 1.
    worst
        What a run that diverged counts as (`netlet.metrics.worst`: -1 of mcc, minus infinity of r2); by
        default 0 where higher is better (accuracy and its like are shares), else infinity.

    Raises
    ------
    DataError
        If one of them has no value.
    """
    if worst is None:
        worst = 0.0 if higher_is_better else math.inf
    first, second = (
        np.array([v if math.isfinite(v) else worst for v in values if v is not None], dtype=np.float64)
        for values in (a, b)
    )
    if not len(first) or not len(second):
        raise DataError("a comparison needs at least one value on each side, but one side has none")
    random = np.random.default_rng(seed)
    medians = [
        np.median(values[random.integers(0, len(values), (RESAMPLES, len(values)))], axis=1)
        for values in (first, second)
    ]
    tail = (1 - confidence) / 2
    # Of two infinite medians neither is better. No interpolation: it would make NaN of infinities.
    differences = np.where(medians[0] == medians[1], 0.0, _less(*medians))
    low, high = np.quantile(differences, [tail, 1 - tail], method="inverted_cdf")
    difference = float(_less(np.median(first), np.median(second)))
    better = np.sign(_less(first[:, None], second[None, :])) * (1 if higher_is_better else -1)
    better = np.where(first[:, None] == second[None, :], 0, better)
    return Difference(
        difference=None if math.isnan(difference) else difference,
        low=float(low),
        high=float(high),
        probability=float((better + 1).mean() / 2),
    )


def wilson(successes: int, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """An interval for the share behind so many successes of so many tries (Wilson's score interval, 1927).

    Raises
    ------
    DataError
        If there are no tries, or more successes than tries.
    """
    if not 0 <= successes <= count or not count:
        raise DataError(f"{successes} of {count} is no share: give 0 to {count} of at least 1")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, extra = successes / count, z * z / count
    centre, spread = share + extra / 2, z * math.sqrt(share * (1 - share) / count + extra / (4 * count))
    return max(0.0, (centre - spread) / (1 + extra)), min(1.0, (centre + spread) / (1 + extra))


def _less(a: np.ndarray | np.floating, b: np.ndarray | np.floating) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # infinity less infinity
        return np.asarray(a - b)
