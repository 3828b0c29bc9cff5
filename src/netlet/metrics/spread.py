"""Many runs at once: the distribution of a metric over seeds, and the band of their histories."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from netlet.metrics.wording import json_number


@dataclass(frozen=True)
class Distribution:
    """One metric over many runs.

    Attributes
    ----------
    median, lower_quartile, upper_quartile : float or None
        Interpolated linearly between runs; the lower quartile is the smaller number, whichever is better.
        None if the metric is undefined. Infinite where diverged runs reach that far into a loss or error.
    best : float or None
        The highest where higher is better, else the lowest.
    count, diverged : int
        Runs that have the metric, and how many of them diverged.
    """

    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None
    best: float | None
    count: int
    diverged: int

    def as_dict(self) -> dict[str, float | int | None]:
        """The fields, ready for JSON: what is not finite is None."""
        return {name: json_number(value) for name, value in asdict(self).items()}


def summarise(
    values: Iterable[float | None], higher_is_better: bool, worst: float | None = None
) -> Distribution:
    """Median, quartiles and best of one metric over many runs.

    Parameters
    ----------
    values : iterable of float or None
        One a run. NaN or infinity stands for a run that diverged; it counts as the worst. None, for
        undefined, is left out.
    higher_is_better : bool
        See the function of that name.
    worst : float, optional
        What a run that diverged counts as (`netlet.metrics.worst`); by default 0 where higher is better
        (accuracy and its like are shares), else infinity.
    """
    defined = [float(value) for value in values if value is not None]
    diverged = sum(not math.isfinite(value) for value in defined)
    if worst is None:
        worst = 0.0 if higher_is_better else math.inf
    ordered = sorted(value if math.isfinite(value) else worst for value in defined)
    if not ordered:
        return Distribution(None, None, None, None, 0, 0)
    return Distribution(
        median=quantile(ordered, 0.5),
        lower_quartile=quantile(ordered, 0.25),
        upper_quartile=quantile(ordered, 0.75),
        best=ordered[-1] if higher_is_better else ordered[0],
        count=len(ordered),
        diverged=diverged,
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """A quantile by linear interpolation that, unlike numpy's, may meet infinity without becoming NaN."""
    place = round(share * (len(ordered) - 1), 9)  # or 1 - 0.7 of ten steps would be beyond the third
    below = math.floor(place)
    low, high = ordered[below], ordered[math.ceil(place)]
    if low == high or place == below:
        return low
    if not math.isfinite(low):  # from minus infinity on there is no way
        return low
    return low + (place - below) * (high - low)


@dataclass(frozen=True, eq=False)
class Band:
    """One curve over epochs and many runs: ndarrays, float64, (epochs,); NaN where no run has a value."""

    median: np.ndarray
    lower_quartile: np.ndarray
    upper_quartile: np.ndarray


@dataclass(frozen=True, eq=False)
class HistoryBands:
    """The histories of many runs as bands.

    Attributes
    ----------
    epochs : ndarray, int64, (epochs,)
        1, 2, ...
    curves : dict
        A `Band` for each name in the histories, such as loss, accuracy, val_loss, val_accuracy.
    runs, diverged : int
        How many there are, and how many have a value that is not finite.
    """

    epochs: np.ndarray
    curves: dict[str, Band]
    runs: int
    diverged: int


def history_bands(histories: Iterable[Mapping[str, Sequence[float]]]) -> HistoryBands:
    """Median and quartiles of every curve at every epoch.

    A run counts at the epochs it was trained for and has a finite value at, so a run that stopped early or
    diverged leaves the band there.
    """
    histories = list(histories)
    names = list(dict.fromkeys(name for history in histories for name in history))
    length = max((len(values) for history in histories for values in history.values()), default=0)
    diverged = sum(not all(np.isfinite(values).all() for values in history.values()) for history in histories)
    curves = {name: _band([history.get(name, ()) for history in histories], length) for name in names}
    return HistoryBands(np.arange(1, length + 1), curves, len(histories), diverged)


def _band(curves: Sequence[Sequence[float]], length: int) -> Band:
    quartiles = np.full((3, length), np.nan)
    for epoch in range(length):
        values = sorted(
            curve[epoch] for curve in curves if epoch < len(curve) and math.isfinite(curve[epoch])
        )
        if values:
            quartiles[:, epoch] = [quantile(values, share) for share in (0.5, 0.25, 0.75)]
    return Band(*quartiles)
