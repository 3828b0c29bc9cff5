"""The one rule by which the best of several runs is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isfinite

from netlet import metrics


def rank(
    task: str, diverged: bool, validation: Mapping[str, float | None], seed: int
) -> tuple[bool, float, float, int]:
    """What runs are sorted by, the best first.

    The best has the best validation metric (the first that the task has in `netlet.metrics.METRICS`), then
    the lowest loss, then the lowest seed; whoever diverged comes last. What is undefined counts as the worst.
    """
    names = metrics.METRICS[task]
    sign = -1 if metrics.higher_is_better(names[0]) else 1
    first, loss = validation.get(names[0]), validation.get(names[-1])
    worst_first = inf if first is None or not isfinite(first) else sign * first
    worst_loss = inf if loss is None or not isfinite(loss) else loss
    return diverged, worst_first, worst_loss, seed
