"""What a search has found: the answer, and the whole front of parameters against the metric."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from netlet.metrics import METRICS, json_number
from netlet.search.target import Target
from netlet.store import Experiment, StoredRun


@dataclass(frozen=True)
class Point:
    """One network of the front.

    Attributes
    ----------
    experiment
        Architecture, settings and runs, of the seeds that count: 0, 1, ...
    goodness
        See `Target.goodness`; of the validation split.
    best
        The run with the best value of the target's metric on the validation split.
    values
        The target's metric by the seed asked for, by split; None where there is no such split. Where the best
        seed is asked for, it is `best` on every split: no other was chosen without looking at that split.
    shares
        The share of seeds that reach the target, each by itself, by split; None where there is no such split.
    """

    experiment: Experiment
    goodness: float
    best: StoredRun
    values: dict[str, float | None]
    shares: dict[str, float | None]

    @classmethod
    def of(cls, experiment: Experiment, target: Target) -> Point:
        """What runs amount to."""

        def value(run: StoredRun, split: str) -> float | None:
            return (run.metrics[split] or {})[target.metric]

        def rank(run: StoredRun) -> tuple[float, ...]:
            """As `netlet.training.Runs.best`, but by the target's metric."""
            loss = (run.metrics["validation"] or {})[METRICS[experiment.task][-1]]
            calm = -loss if loss is not None and isfinite(loss) else -inf
            return target.goodness([value(run, "validation")]), calm, -run.seed

        runs = experiment.runs
        best = max(runs, key=rank)
        values: dict[str, float | None] = {}
        shares: dict[str, float | None] = {}
        for split, found in runs[0].metrics.items():
            if found is None:
                values[split] = shares[split] = None
                continue
            counted = [value(run, split) for run in ((best,) if target.of == "best" else runs)]
            values[split] = target.value_of(target.goodness(counted))
            shares[split] = target.share([value(run, split) for run in runs])
        goodness = target.goodness([value(run, "validation") for run in runs])
        return cls(experiment, goodness, best, values, shares)

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
            "value": {split: json_number(value) for split, value in self.values.items()},
            "best": {"seed": self.best.seed}
            | {
                split: values and {name: json_number(value) for name, value in values.items()}
                for split, values in self.best.metrics.items()
            },
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
    dataset, content_hash
        What was learned.
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
        What it took this time by the clock, and the share of the workers' time in it that went into training
        and measuring networks, 0..1.
    interrupted
        Whether Ctrl-C ended it.
    problem
        What ended it early, if something did, such as a full disk.
    """

    name: str
    dataset: str
    content_hash: str
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
        chosen = f"Chosen by validation among {self.candidates:,} candidates ({self.runs:,} runs)"
        seeds = ", and its seed among its own" if self.target.of == "best" else ""
        has_test = self.answer is not None and self.answer.values.get("test") is not None
        return f"{chosen}{seeds}, so the validation figures flatter it" + (
            "; the test split had no part in the choice."
            if has_test
            else ". There is no test split: only new data can say how good it is."
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "search": self.name,
            "dataset": self.dataset,
            "dataset_content": self.content_hash,
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
            "problem": self.problem and str(self.problem),
        }
