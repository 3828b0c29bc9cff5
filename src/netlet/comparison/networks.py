"""Which of several networks is better on one dataset, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from netlet import metrics
from netlet.architecture import Architecture
from netlet.comparison.intervals import CONFIDENCE, Difference, difference
from netlet.datasets import Dataset, naive
from netlet.datasets.given import as_dataset
from netlet.errors import ArchitectureError, Interrupted, TrainingError, brief
from netlet.showing import picture
from netlet.store import NotStoredError, Store
from netlet.training import Runs, Training, train
from netlet.training.counts import is_several
from netlet.training.rules import is_whole
from netlet.training.trainer import chosen_training

if TYPE_CHECKING:
    from netlet.figures.shown import Shown

SEEDS = 32
TUNING_SEEDS = range(1_000_000, 1_000_008)
"""Rates are chosen on seeds that the comparison does not use: it would begin with each one's lucky ones."""

Progress = Callable[[str, int, int], None]
"""Called with what is being trained, the epochs done of it over all seeds, and how many there are."""


@dataclass(frozen=True)
class Rate:
    """A learning rate that was tried, and the median of the validation metric; None where undefined."""

    learning_rate: float
    median: float | None


@dataclass(frozen=True, eq=False)
class Contender:
    """One of the networks compared.

    Attributes
    ----------
    runs
        From the seeds that all have.
    rates
        The learning rates tried before, from low to high; empty if none were.
    """

    runs: Runs
    rates: tuple[Rate, ...] = ()

    @property
    def name(self) -> str:
        """Its architecture."""
        return str(self.runs.architecture)

    @property
    def is_rate_at_end(self) -> bool:
        """Whether the best rate is the lowest or highest tried: a better one may lie beyond."""
        ends = {rate.learning_rate for rate in (self.rates[:1] + self.rates[-1:])}
        return len(self.rates) > 1 and self.runs.training.learning_rate in ends

    def values(self, split: str) -> list[float | None]:
        """The metric that runs are ranked by, of every seed."""
        return [value[self.runs.ranked_by] for value in self.runs.metrics(split)]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Several networks on one dataset, from the same seeds.

    Attributes
    ----------
    contenders
        In the order in which they were named.
    pairs
        For every two of them, by place, and every split but training a comparison of the metric that runs
        are ranked by. All intervals of a split hold together with 95 % confidence (Bonferroni).
    interrupted
        Whether Ctrl-C ended it early: then contenders are those that were trained whole.
    problem
        What went wrong in storing runs, if something did.
    """

    contenders: tuple[Contender, ...]
    pairs: Mapping[tuple[int, int], Mapping[str, Difference]]
    interrupted: bool = False
    problem: Exception | None = None

    @property
    def letters(self) -> tuple[str, ...]:
        """Short names of the contenders: A, B, ... (numbers where these do not reach)."""
        count = len(self.contenders)
        return tuple(chr(ord("A") + place) if count <= 26 else f"{place + 1}" for place in range(count))

    @property
    def metric(self) -> str:
        """What is compared."""
        return self.contenders[0].runs.ranked_by

    @property
    def ranking(self) -> tuple[int, ...]:
        """Places of the contenders, the best validation median first."""
        sign = -1 if metrics.higher_is_better(self.metric) else 1

        def median(place: int) -> float:
            found = self.contenders[place].runs.distribution().median
            return float("inf") if found is None else sign * found

        return tuple(sorted(range(len(self.contenders)), key=median))

    def between(self, a: int, b: int, split: str = "validation") -> Difference:
        """Two contenders, by place, set against each other."""
        return self.pairs[a, b][split] if a < b else self.pairs[b, a][split].flipped

    def verdict(self, names: Sequence[str] | None = None) -> str:
        """Who is best on validation, and how sure that is; contenders by name or by architecture."""
        best, second, *_ = self.ranking
        pair = self.between(best, second)
        called = names or [contender.name for contender in self.contenders]
        together = ", all pairs together" if len(self.pairs) > 1 else ""
        sure = "clearly" if pair.is_clear else "not clearly"
        return (
            f"{called[best]} is {sure} better than {called[second]}: "
            f"their medians of {self.metric} differ by {_short(pair.difference)} ({_short(pair.low)} .. "
            f"{_short(pair.high)} with 95 % confidence{together}), and a seed of the first beats one of the "
            f"second with probability {pair.probability:.2f}."
        )

    def remarks(self) -> list[str]:
        """Of a series: naive forecasts, and whether the best network's median is no better; else nothing."""
        if not self.contenders:
            return []
        runs = self.contenders[self.ranking[0]].runs
        return naive.remarks(runs.dataset.naive, runs.medians())

    def plot(self, split: str = "validation") -> Shown:
        """A picture of all seeds of all contenders, and of how far their medians are apart."""
        return picture("compared", self, split)

    def __repr__(self) -> str:
        """Who was compared, and the verdict."""
        names = [f"{letter}: {each.name}" for letter, each in zip(self.letters, self.contenders, strict=True)]
        return "\n".join(
            [*names, self.verdict() if len(names) > 1 else "there is nothing to compare it with"]
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON: what is no finite number is None."""
        return {
            "metric": self.metric,
            "naive": naive.as_dict(self.contenders[0].runs.dataset.naive) if self.contenders else {},
            "contenders": [
                {
                    "architecture": contender.name,
                    "parameters": contender.runs.parameters,
                    "seeds": len(contender.runs),
                    "settings": asdict(contender.runs.training),
                    "rates": [
                        {"learning_rate": rate.learning_rate, "median": _finite(rate.median)}
                        for rate in contender.rates
                    ],
                    "metrics": {
                        split: spreads and {name: spread.as_dict() for name, spread in spreads.items()}
                        for split, spreads in contender.runs.summary().items()
                    },
                }
                for contender in self.contenders
            ],
            "pairs": [
                {"a": a, "b": b}
                | {
                    split: {name: _finite(value) for name, value in asdict(one).items()}
                    | {"is_clear": one.is_clear}
                    for split, one in pair.items()
                }
                for (a, b), pair in self.pairs.items()
            ],
            "ranking": list(self.ranking),
            "verdict": self.verdict(),
            "interrupted": self.interrupted,
        }


def compare(
    architectures: Sequence[Architecture | str],
    dataset: Any,
    training: Training | None = None,
    *,
    seeds: int = SEEDS,
    learning_rates: Sequence[float] = (),
    validation_split: float | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    store: Store | None = None,
    fresh: bool = False,
    origin: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Comparison:
    """Train several networks on one dataset from the same seeds, and compare them.

    Parameters
    ----------
    architectures
        At least two, all different.
    dataset, validation_split, threads
        As in `netlet.training.train`.
    training
        Settings of all; by default the dataset's own.
    seeds
        How many, at least 2.
    learning_rates
        Tried for each network alike, on other seeds; each then has the best of its own, so that none loses by
        a bad rate.
    store
        Where runs are kept and looked for; None to do without.
    origin, fresh
        As in `netlet.store.Store.train`.
    progress
        Told how far it is; if it raises KeyboardInterrupt, the comparison ends in order.
    **settings
        Settings by their names, in the place of those of `training` or of the dataset's own.

    Returns
    -------
    Comparison

    Raises
    ------
    ArchitectureError, TrainingError
        If something cannot be trained, or there is nothing to compare.
    Interrupted
        A KeyboardInterrupt, on Ctrl-C: its `result` is the comparison of the networks that were trained whole
        until then, None if there are not two.
    """
    dataset = as_dataset(dataset, validation_split)
    if isinstance(architectures, str | Architecture):
        raise ArchitectureError(f"only {architectures} is given, but two networks are needed to be compared")
    if not is_several(architectures):
        raise ArchitectureError(
            f"architectures are {brief(architectures)}, but must be a list of two networks or more"
        )
    training = chosen_training(training, dataset, *architectures, **settings)
    resolved = [Architecture(one).resolve_for(dataset) for one in architectures]
    if len(resolved) < 2:
        raise ArchitectureError(f"{len(resolved)} network is given, but two are needed to be compared")
    twice = [one for place, one in enumerate(resolved) if one in resolved[:place]]
    if twice:
        raise ArchitectureError(f"{twice[0]} is given twice: compare different networks")
    if not is_whole(seeds) or seeds < 2:
        raise TrainingError(f"seeds is {seeds}, but must be at least 2: one seed says nothing of the next")
    rates = [replace(training, learning_rate=rate) for rate in sorted(set(learning_rates))]
    problems: list[Exception] = []

    def trained(network: Architecture, settings: Training, chosen: Sequence[int], what: str) -> Runs:
        def show(epochs: int, _: int) -> None:
            if progress is not None:
                progress(what, epochs, settings.epochs * len(chosen))

        if store is None:
            runs = train(network, dataset, settings, seeds=chosen, threads=threads, progress=show)
        else:
            try:
                runs = store.train(
                    network,
                    dataset,
                    settings,
                    seeds=chosen,
                    threads=threads,
                    progress=show,
                    fresh=fresh,
                    origin=origin,
                )
            except NotStoredError as problem:
                problems.append(problem)
                runs = problem.runs
        return runs

    contenders: list[Contender] = []
    interrupted = False
    try:
        for network in resolved:
            tried = [
                trained(network, one, TUNING_SEEDS, f"{network}, rate {one.learning_rate:g}") for one in rates
            ]
            best = min(tried, key=_rank).training if tried else training
            medians = tuple(Rate(runs.training.learning_rate, runs.distribution().median) for runs in tried)
            contenders.append(Contender(trained(network, best, range(seeds), str(network)), medians))
    except KeyboardInterrupt:
        interrupted = True
        if len(contenders) < 2:
            raise Interrupted("interrupted before two networks were trained") from None
    compared = pairs(contenders, dataset)
    found = Comparison(tuple(contenders), compared, interrupted, problems[0] if problems else None)
    if interrupted:
        told = f"interrupted after {len(contenders)} of {len(resolved)} networks; see the exception's .result"
        raise Interrupted(told, found) from None
    return found


def _rank(runs: Runs) -> float:
    """The validation median, less is better."""
    median = runs.distribution().median
    if median is None:
        return float("inf")
    return -median if metrics.higher_is_better(runs.ranked_by) else median


def pairs(contenders: Sequence[Contender], dataset: Dataset) -> dict[tuple[int, int], dict[str, Difference]]:
    """Every two of them, by place, on every split but training, as `Comparison.pairs` holds them."""
    places = list(combinations(range(len(contenders)), 2))
    confidence = 1 - (1 - CONFIDENCE) / len(places)
    metric = contenders[0].runs.ranked_by
    better, worst = metrics.higher_is_better(metric), metrics.worst(metric)
    return {
        (a, b): {
            split: difference(
                contenders[a].values(split),
                contenders[b].values(split),
                better,
                confidence=confidence,
                worst=worst,
            )
            for split in dataset.present
            if split != "training"
        }
        for a, b in places
    }


def _finite(value: float | None) -> float | None:
    return metrics.json_number(value)


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
