"""What the seeds of one training say: all of them, and the best."""

from __future__ import annotations

from netlet import metrics
from netlet.training import Runs


def values(runs: Runs, split: str = "validation") -> list[float | None]:
    """What every seed has of the metric that runs are ranked by."""
    return [each[runs.ranked_by] for each in runs.metrics(split)]


def of_best(runs: Runs, split: str) -> dict[str, float | None]:
    """All metrics of the one seed that is best by validation."""
    rows = zip(runs, runs.metrics(split), strict=True)
    return next(found for run, found in rows if run is runs.best)


def share_better(runs: Runs, goal: float, split: str = "validation") -> float:
    """The share of seeds that are better than a goal, 0..1."""
    sign = 1 if metrics.higher_is_better(runs.ranked_by) else -1
    return sum(value is not None and sign * value > sign * goal for value in values(runs, split)) / len(runs)


def reaches(value: float | None, figure: float, higher_is_better: bool) -> bool:
    """Whether a value is as good as a printed figure, in as many decimals as are printed."""
    if value is None:
        return False
    rounded = round(value, len(f"{figure:g}".partition(".")[2]))
    return rounded >= figure if higher_is_better else rounded <= figure
