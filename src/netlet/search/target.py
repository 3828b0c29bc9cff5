"""What a search is to reach: a metric, how good, and of which of the seeds."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from netlet import metrics
from netlet.errors import TrainingError, brief

_SHARES = {"median": 0.5, "best": 1.0}
_EXAMPLES = {"accuracy": 0.98, "sensitivity": 0.98, "specificity": 0.98, "loss": 0.1, "mse": 0.01}


@dataclass(frozen=True)
class Target:
    """At least so good.

    Attributes
    ----------
    metric
        One of the task's (`netlet.metrics.METRICS`), on the validation split. Of errors and losses "at least
        so good" is at most so high.
    value
        How good.
    of
        Of which seed that is asked: "best"; "median"; or a quantile such as "q10", which is as good as only
        10 % of the seeds are worse.

    Raises
    ------
    TrainingError
        If the value is no number the metric can have, or there is no such quantile.
    """

    metric: str
    value: float
    of: str = "median"

    def __post_init__(self) -> None:
        """Check `of` and the value."""
        most = 1.0 if self.higher_is_better else math.inf
        least = metrics.worst(self.metric) if self.higher_is_better else 0.0
        if not (math.isfinite(self.value) and least < self.value <= most):
            above = [f"above {least:g}"] if math.isfinite(least) else []
            rule = ", and ".join([*above, *(["at most 1"] if self.higher_is_better else [])])
            raise TrainingError(f"the target is {self.metric}={self.value:g}, but must be {rule}")
        if self.of not in _SHARES and not (re.fullmatch(r"q\d{1,3}", self.of) and int(self.of[1:]) <= 100):
            raise TrainingError(
                f"of is {brief(self.of)}, but must be best, median, or a quantile from q0 (the worst seed) "
                "to q100"
            )

    @classmethod
    def read(cls, text: str, task: str, of: str = "median") -> Target:
        """A target such as "accuracy=0.98", for a task.

        Raises
        ------
        TrainingError
            If it cannot be read, or the task has no such metric.
        """
        name, _, number = (part.strip() for part in text.partition("="))
        known = metrics.METRICS[task]
        try:
            value = float(number)
        except ValueError:
            example = f"{known[0]}={_EXAMPLES.get(known[0], 0.05)}"
            raise TrainingError(
                f"{brief(text)} is no target: write metric=number, such as {example}"
            ) from None
        if name not in known:
            raise TrainingError(
                f"there is no metric {brief(name)} for this task: choose from {', '.join(known)}"
            )
        return cls(name, value, of)

    def __str__(self) -> str:
        """In words."""
        sign = ">=" if self.higher_is_better else "<="
        return f"{self.metric} {sign} {self.value:g} in {self.seed}"

    @property
    def seed(self) -> str:
        """Of which seed, in words."""
        return f"the {self.of} seed" if self.of in _SHARES else f"all but {int(self.of[1:])} % of seeds"

    @property
    def higher_is_better(self) -> bool:
        """Of the metric."""
        return metrics.higher_is_better(self.metric)

    @property
    def perfect(self) -> float:
        """The goodness that nothing exceeds."""
        return 1.0 if self.higher_is_better else 0.0

    @property
    def goal(self) -> float:
        """The goodness that reaches it."""
        return self.value_of(self.value)

    def goodness(self, values: Sequence[float | None]) -> float:
        """Of one value a seed, that of the seed asked for, turned so that more is better.

        A run that diverged (NaN), or whose metric is undefined (None), counts as the worst
        (`netlet.metrics.worst`).
        """
        worst = metrics.worst(self.metric)
        found = sorted(worst if v is None or not math.isfinite(v) else v for v in values)
        share = _SHARES[self.of] if self.of in _SHARES else int(self.of[1:]) / 100
        return self.value_of(metrics.quantile(found, share if self.higher_is_better else 1 - share))

    def value_of(self, goodness: float) -> float:
        """The metric's value again; and a value's goodness."""
        return goodness if self.higher_is_better else -goodness

    def share(self, values: Sequence[float | None]) -> float:
        """The share of seeds that reach it, each by itself, 0..1."""
        return sum(self.goodness([value]) >= self.goal for value in values) / len(values)
