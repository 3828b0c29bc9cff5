"""What a run is worth in a search: its metric, unless a constant answer or luck is behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from netlet.datasets import Dataset
from netlet.metrics import majority_share
from netlet.search.hardware import INT8
from netlet.search.target import Target

_OF_ANSWERS = ("accuracy", "balanced_accuracy", "sensitivity", "specificity", "f1", "mcc")
"""Metrics of which classes are answered: a constant answer has some of these for nothing."""
_SHARES = ("accuracy", "balanced_accuracy", "sensitivity", "specificity")


class Scoring:
    """Values of runs on a dataset, for a target.

    Parameters
    ----------
    dataset, target
        Whose splits, and of which metric.
    margin
        How much better than the target a network must be, in the metric's units, so that it keeps the target
        on data that nobody chose on: then it must be so on the training data, too, for of two figures the
        better one is luck. None for one standard error of a share of the validation samples (of other
        metrics 0), at most half the way to perfect; 0 to have validation alone decide.
    int8
        Whether values are those of the network in int8, wherever these were measured.

    Attributes
    ----------
    raced
        The target with the margin.
    majority
        By split, the accuracy of always answering its most frequent class; None where there are no classes.
    """

    def __init__(
        self, dataset: Dataset, target: Target, margin: float | None = None, int8: bool = False
    ) -> None:
        """Count classes, and settle the margin."""
        self.int8 = int8
        self.target = target
        self.majority = {
            name: majority_share(dataset.task, split.y, split.mask) for name, split in dataset.present.items()
        }
        self.is_strict = margin is None or margin > 0
        value = target.value
        if margin is None:
            margin = 0.0
            if target.metric in _SHARES and value < 1:
                error = math.sqrt(value * (1 - value) / len(dataset.validation))
                margin = min(error, (1 - value) / 2)
        self.margin = margin
        best = value + margin if target.higher_is_better else max(value - margin, value / 2)
        self.raced = replace(target, value=min(best, 1.0) if target.higher_is_better else best)

    def value(self, split: str, metrics: Mapping[str, float | None] | None) -> float | None:
        """Of a run on a split; NaN, the worst there is, where it answers no better than a constant would."""
        before = INT8 if self.is_measured(metrics) else ""
        found = (metrics or {}).get(before + self.target.metric)
        if found is None or self.target.metric not in _OF_ANSWERS:
            return found
        is_chance = ((metrics or {}).get(f"{before}mcc") or 0.0) <= 0
        is_majority = self.target.metric == "accuracy" and found <= (self.majority.get(split) or 0.0)
        return math.nan if is_chance or is_majority else found

    def is_measured(self, metrics: Mapping[str, float | None] | None) -> bool:
        """Whether what is asked for in int8 was measured in int8; else values are those in float."""
        return self.int8 and INT8 + self.target.metric in (metrics or {})

    def score(self, metrics: Mapping[str, Mapping[str, float | None] | None]) -> float | None:
        """What a run counts for in the race: the worse of its validation and its training value."""
        looked_at = self.value("validation", metrics["validation"])
        if not self.is_strict:
            return looked_at
        learned = self.value("training", metrics["training"])
        return min((looked_at, learned), key=lambda value: self.target.goodness([value]))
