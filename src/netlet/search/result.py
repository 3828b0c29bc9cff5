"""What a search has found: the answer, and the whole front of parameters against the metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from netlet.search.target import Target
from netlet.store import Experiment


@dataclass(frozen=True)
class Point:
    """One network of the front.

    Attributes
    ----------
    experiment
        Architecture, settings and runs, of the seeds that count: 0, 1, ...
    goodness
        See `Target.goodness`; of the validation split.
    shares
        The share of seeds that reach the target, each by itself, by split; None where there is no such split.
    """

    experiment: Experiment
    goodness: float
    shares: dict[str, float | None]

    @classmethod
    def of(cls, experiment: Experiment, target: Target) -> Point:
        """What runs amount to."""
        values = {
            split: None
            if experiment.runs[0].metrics[split] is None
            else [(run.metrics[split] or {})[target.metric] for run in experiment.runs]
            for split in experiment.runs[0].metrics
        }
        shares = {split: None if found is None else target.share(found) for split, found in values.items()}
        return cls(experiment, target.goodness(values["validation"] or []), shares)

    @property
    def parameters(self) -> int:
        """Its size."""
        return self.experiment.parameters

    def as_dict(self) -> dict[str, Any]:
        """For JSON: what is no finite number is None."""
        return {
            "id": self.experiment.id,
            "architecture": self.experiment.architecture,
            "settings": self.experiment.settings,
            "parameters": self.parameters,
            "seeds": len(self.experiment.runs),
            "best_seed": self.experiment.best.seed,
            "metrics": {
                split: spreads and {name: spread.as_dict() for name, spread in spreads.items()}
                for split, spreads in self.experiment.summary().items()
            },
            "share_reached": self.shares,
        }


@dataclass(frozen=True)
class Found:
    """What a search has found.

    Attributes
    ----------
    name
        Of the search: with it, it goes on.
    target, seeds
        What was asked for.
    answer
        The point with the fewest parameters that reaches the target; None if none did.
    front
        Points that are better than every smaller one, from small to large, with all seeds each (or, where
        the search ended too early for that, as many as any has).
    tried
        Of every candidate its parameters, the metric's value of the seed asked for, and its number of seeds.
    candidates, runs
        How many were tried and trained until now, resumed parts included.
    begun, trained, known
        How many candidates were new and how many runs were trained this time, and how many runs were asked
        for that the store had already.
    seconds, training_share
        What it took this time by the clock, and the share of the workers' time in it that was training, 0..1.
    interrupted
        Whether Ctrl-C ended it.
    problem
        What ended it early, if something did, such as a full disk.
    """

    name: str
    target: Target
    seeds: int
    answer: Point | None
    front: tuple[Point, ...]
    tried: tuple[tuple[int, float, int], ...]
    candidates: int
    runs: int
    begun: int
    trained: int
    known: int
    seconds: float
    training_share: float
    interrupted: bool = False
    problem: Exception | None = None

    @property
    def caveat(self) -> str:
        """How the answer was chosen, and what that does to its figures."""
        return (
            f"Chosen by validation among {self.candidates:,} candidates ({self.runs:,} runs), so the "
            "validation figures flatter it; the test split had no part in the choice."
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "search": self.name,
            "target": {"metric": self.target.metric, "value": self.target.value, "of": self.target.of},
            "answer": self.answer and self.answer.as_dict(),
            "front": [point.as_dict() for point in self.front],
            "caveat": self.caveat,
            "candidates": self.candidates,
            "runs": self.runs,
            "begun": self.begun,
            "trained": self.trained,
            "known": self.known,
            "seconds": self.seconds,
            "candidates_per_second": self.begun / self.seconds if self.seconds else None,
            "training_share": self.training_share,
            "interrupted": self.interrupted,
        }
