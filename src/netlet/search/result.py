"""What a search has found: the answer, and the whole front of parameters against the metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import inf, isfinite
from typing import Any

from netlet.comparison import wilson
from netlet.datasets import naive
from netlet.datasets.naive import Naive
from netlet.interop.c import Costs
from netlet.metrics import METRICS, Distribution, as_text, higher_is_better, json_number, summarise, worst
from netlet.search.hardware import Hardware
from netlet.search.scoring import Scoring
from netlet.search.target import Target
from netlet.store import Experiment, StoredRun
from netlet.tables import Table


@dataclass(frozen=True, repr=False)
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
    by_seed
        The target's metric of every seed, by split: where a search is for int8, as measured in int8.
    costs
        What it needs, written in C (in int8, if that was asked for); None if no hardware was asked for.
    """

    experiment: Experiment
    goodness: float
    best: StoredRun
    values: dict[str, float | None]
    shares: dict[str, float | None]
    by_seed: dict[str, tuple[float | None, ...]]
    costs: Costs | None = None

    @classmethod
    def of(
        cls,
        experiment: Experiment,
        target: Target,
        scoring: Scoring | None = None,
        costs: Costs | None = None,
    ) -> Point:
        """What runs amount to; with a scoring, constant answers count as the worst."""

        def value(run: StoredRun, split: str) -> float | None:
            if scoring is not None:
                return scoring.value(split, run.metrics[split])
            return (run.metrics[split] or {}).get(target.metric)

        def rank(run: StoredRun) -> tuple[float, ...]:
            """As `netlet.training.Runs.best`, but by the target's metric."""
            loss = (run.metrics["validation"] or {}).get(METRICS[experiment.task][-1])
            calm = -loss if loss is not None and isfinite(loss) else -inf
            return target.goodness([value(run, "validation")]), calm, -run.seed

        runs = experiment.runs
        best = max(runs, key=rank)
        values: dict[str, float | None] = {}
        shares: dict[str, float | None] = {}
        by_seed: dict[str, tuple[float | None, ...]] = {}
        for split, found in runs[0].metrics.items():
            if found is None:
                values[split] = shares[split] = None
                continue
            by_seed[split] = tuple(value(run, split) for run in runs)
            counted = [value(best, split)] if target.of == "best" else by_seed[split]
            values[split] = target.value_of(target.goodness(counted))
            shares[split] = target.share(by_seed[split])
        return cls(experiment, target.goodness(by_seed["validation"]), best, values, shares, by_seed, costs)

    def spread(self, metric: str) -> Distribution:
        """The distribution of the target's metric over the seeds, on the validation split."""
        return summarise(self.by_seed["validation"], higher_is_better(metric), worst(metric))

    @property
    def parameters(self) -> int:
        """Its size."""
        return self.experiment.parameters

    def interval(self, split: str) -> tuple[float, float] | None:
        """Within which the share of all seeds that reach the target lies, with 95 % confidence (Wilson)."""
        share, count = self.shares.get(split), len(self.experiment.runs)
        return None if share is None else wilson(round(share * count), count)

    def __repr__(self) -> str:
        """In one line."""
        values = ", ".join(
            f"{value:.4g} on {split}" for split, value in self.values.items() if value is not None
        )
        runs = len(self.experiment.runs)
        return (
            f"<Point {self.parameters:,} parameters: {self.experiment.architecture}; {values}; {runs} seeds>"
        )

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
            "costs": self.costs and asdict(self.costs),
            "share_reached": self.shares,
            "share_interval": {split: self.interval(split) for split in self.shares},
        }


@dataclass(frozen=True, repr=False)
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
    fresh
        The answer from seeds that had no part in the race, which is what to quote; None if there is no
        answer, or no such seeds were asked for.
    passed_over
        How many smaller networks reached the target in the race, but not from fresh seeds.
    margin
        How much better than the target the race asked for; where it is not 0, on the training data, too.
    majority
        By split, the accuracy of always answering the most frequent class; None where there are no classes.
    naive
        Of a series: how good naive forecasts are (`netlet.Dataset.naive`); else empty.
    hardware
        What every network had to fit into. If it is for int8, values are those in int8.
    seed
        Of the search's own choices.
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
    fresh: Point | None = None
    passed_over: int = 0
    margin: float = 0.0
    majority: Mapping[str, float | None] = field(default_factory=dict)
    naive: Naive = field(default_factory=dict)
    hardware: Hardware = field(default_factory=Hardware)
    seed: int = 0

    def _table(self) -> Table:
        """The front, and the answer below it."""
        rows = [
            (
                f"{point.parameters:,}",
                f"{len(point.experiment.runs)}",
                as_text(point.values["validation"], "-"),
                as_text(point.values.get("test"), "-"),
                point.experiment.architecture,
            )
            for point in self.front
        ]
        found = f"{self.answer.parameters:,} parameters" if self.answer is not None else "none"
        notes = [f"the smallest network that reaches {self.target}: {found}"]
        notes += [self.caveat] if self.answer is not None else []
        notes += self.remarks()
        notes += ["interrupted: this is what was found until then"] if self.interrupted else []
        head = ("parameters", "seeds", f"{self.target.metric}, validation", "test", "architecture")
        return Table(head, rows, caption=f"{self.dataset}: {self.target}", notes=notes, left=0)

    def __repr__(self) -> str:
        """The front as a table, and the answer."""
        return str(self._table())

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()

    def remarks(self) -> list[str]:
        """Of a series: naive forecasts, and whether the answer is no better; else nothing."""
        quoted = self.fresh or self.answer or (self.front[-1] if self.front else None)
        return naive.remarks(self.naive, quoted and quoted.values, self.target.metric)

    @property
    def caveat(self) -> str:
        """How the answer was chosen, and what that does to its figures."""
        chosen = f"Chosen by validation among {self.candidates:,} candidates ({self.runs:,} runs)"
        seeds = ", and its seed among its own" if self.target.of == "best" else ""
        has_test = self.answer is not None and self.answer.values.get("test") is not None
        words = f"{chosen}{seeds}, so the validation figures of the race flatter it"
        if self.answer is not None and self.fresh is not None:
            before, after = self.answer.values["validation"], self.fresh.values["validation"]
            words += (
                f"; from seeds that had no part in the race it has {as_text(after, '-')} in the place of "
                f"{as_text(before, '-')}"
            )
        if self.passed_over:
            count = f"{self.passed_over} smaller network{'s' if self.passed_over > 1 else ''}"
            words += f"; {count} that reached the target in the race missed it from fresh seeds"
        return words + (
            "; the test split had no part in the choice."
            if has_test
            else ". There is no test split: only new data can say how good it is."
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "search": self.name,
            "seed": self.seed,
            "dataset": self.dataset,
            "dataset_content": self.content_hash,
            "target": {"metric": self.target.metric, "value": self.target.value, "of": self.target.of},
            "answer": self.answer and self.answer.as_dict(),
            "front": [point.as_dict() for point in self.front],
            "passed_over": self.passed_over,
            "fresh": self.fresh and self.fresh.as_dict(),
            "margin": self.margin,
            "majority_share": dict(self.majority),
            "naive": naive.as_dict(self.naive),
            "hardware": asdict(self.hardware),
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
