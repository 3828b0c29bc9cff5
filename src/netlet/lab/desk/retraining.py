"""A claimed network trained again from its seeds, and what comes out compared with what is claimed."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netlet import metrics
from netlet.architecture import Architecture
from netlet.datasets import Dataset
from netlet.errors import NetletError
from netlet.lab import seeds as of_seeds
from netlet.lab.desk import probability
from netlet.lab.desk.claims import ClaimedNetwork
from netlet.lab.desk.kind import weights_digest
from netlet.lab.desk.verdict import NOT, PLAUSIBLE, REPRODUCED, UNCHECKED, NetworkVerdict
from netlet.network.machine import machine_kind
from netlet.search.space import work
from netlet.training import Runs, Training, train

FALSE_ALARM = 0.01
"""Probability that an honest file, from another kind of machine, has a network called not reproduced."""
REFERENCE = 24
"""Seeds that show a distribution, where bits cannot be compared."""
LAST_SEED = 2**62
MOST_WORK = 3e12
"""Multiply-adds, about, of a network's retraining at most: some minutes of a core."""


@dataclass(frozen=True)
class Asked:
    """How thoroughly to check.

    Attributes
    ----------
    seeds
        How many of the claimed seeds are trained again at most, chosen at random; None for all.
    threads
        Runs at a time.
    seconds
        After which the retraining of one file is given up.
    """

    seeds: int | None = None
    threads: int = 1
    seconds: float = 600.0


class TooLongError(Exception):
    """The time for a file is over."""


class Retraining:
    """Trains what one file claims; the same network on the same data once, however often it is told of."""

    def __init__(self, kind: Mapping[str, str], networks: int, asked: Asked) -> None:
        """Nothing is trained yet; `networks` is how many different ones the file has."""
        self.asked = asked
        self.is_same_kind = dict(kind) == machine_kind()
        self.least = FALSE_ALARM / max(networks, 1)
        self._until = time.monotonic() + asked.seconds
        self._verdicts: dict[tuple[object, ...], NetworkVerdict] = {}

    def verdict(self, claimed: ClaimedNetwork, data: Dataset) -> NetworkVerdict:
        """What is said of a network, whose data is what it says it is."""
        told = claimed.seeds, claimed.weights, repr(claimed.values), claimed.parameters
        key = (*claimed.training, *told)
        if key not in self._verdicts:
            self._verdicts[key] = self._of(claimed, data)
        found = self._verdicts[key]
        named = (claimed.name, claimed.dataset, found.verdict, found.reasons, found.seeds, found.probability)
        return NetworkVerdict(*named, is_own=claimed.is_own)

    def _of(self, claimed: ClaimedNetwork, data: Dataset) -> NetworkVerdict:
        def said(verdict: str, *reasons: str, seeds: tuple[int, ...] = (), p: float | None = None):
            return NetworkVerdict(claimed.name, claimed.dataset, verdict, reasons, seeds, p)

        try:
            architecture = Architecture(claimed.architecture).resolve_for(data)
            training = Training(**claimed.settings)
            training.check(data, architecture)
            parameters = architecture.parameters(data.input_shape)
            effort = (
                work(architecture, data.input_shape)
                * training.epochs
                * 3
                * (len(data.train) + len(data.validation) / 3)
            )
        except NetletError as error:
            return said(NOT, f"it cannot be trained: {error}")
        except TypeError:
            return said(NOT, "its settings are none of a training of netlet's")
        if parameters != claimed.parameters:
            return said(NOT, f"it has {parameters:,} parameters, not {claimed.parameters:,}")
        if wrong := list(inconsistent(claimed, data)):
            return said(NOT, *wrong)
        chosen = self._chosen(claimed)
        if effort * len(chosen) > MOST_WORK:
            return said(UNCHECKED, "training it again would take too long: take fewer --seeds")
        try:
            # Without validation weights are the same, but for when a run is seen to diverge.
            has_diverged = any(None in values for values in claimed.values.values())
            runs = self._trained(architecture, data, training, chosen, has_diverged)
            differ = different(claimed, runs)
            if differ and has_diverged:  # or the lab had no use for validation curves
                again = self._trained(architecture, data, training, chosen)
                runs, differ = (runs, differ) if different(claimed, again) else (again, "")
            if not differ:
                return said(REPRODUCED, f"{_seeds(chosen)} gave the same weights", seeds=chosen)
            if self.is_same_kind:
                return said(NOT, f"on the same kind of machine {differ}", seeds=chosen)
            fresh = max(0, REFERENCE - len(chosen))
            others = tuple(random.sample(range(LAST_SEED, LAST_SEED + 10**9), fresh))
            more = [runs, *([self._trained(architecture, data, training, others)] if others else [])]
        except NetletError as error:
            return said(UNCHECKED, f"it could not be trained again: {error}")
        p = min(1.0, len(claimed.values) * min(of_split(claimed, more, split) for split in claimed.values))
        told = f"p = {p:.2g} within {sum(map(len, more))} seeds, on another kind of machine"
        if p < self.least:
            return said(NOT, f"{told}, but must be at least {self.least:.2g}", seeds=chosen, p=p)
        return said(PLAUSIBLE, told, seeds=chosen, p=p)

    def _chosen(self, claimed: ClaimedNetwork) -> tuple[int, ...]:
        most = self.asked.seeds
        if most is None or most >= len(claimed.seeds):
            return claimed.seeds
        return tuple(sorted(random.sample(claimed.seeds, most)))

    def _trained(
        self,
        architecture: Architecture,
        data: Dataset,
        training: Training,
        seeds: tuple[int, ...],
        validate: bool = False,
    ) -> Runs:
        def watch(*_: int) -> None:
            if time.monotonic() > self._until:
                raise TooLongError

        is_needed = training.patience is not None or training.schedule == "reduce-on-plateau"
        return train(
            architecture,
            data,
            training,
            seeds=seeds,
            threads=self.asked.threads,
            validate=validate or is_needed,
            progress=watch,
        )


def inconsistent(claimed: ClaimedNetwork, data: Dataset) -> Iterator[str]:
    """What cannot be, before any training: figures that do not fit each other, or the number of examples."""
    if (metric := metrics.METRICS[data.task][0]) != claimed.metric:
        yield f"its runs are ranked by {claimed.metric}, but such data by {metric}"
        return
    if set(claimed.values) != set(data.present):
        yield f"it tells of {', '.join(claimed.values)}, but the data has {', '.join(data.present)}"
        return
    digests = list(claimed.telling.values())
    if twice := len(digests) - len(set(digests)):
        yield f"different seeds cannot give the same weights, but {twice} of its digests are there twice"
    for split, values in claimed.values.items():
        spread = metrics.summarise(
            [float("nan") if each is None else each for each in values],
            metrics.higher_is_better(metric),
            metrics.worst(metric),
        )
        found = spread.as_dict()["median"]
        told = claimed.medians[split][metric]
        if (found is None) != (told is None) or abs((found or 0) - (told or 0)) > 1e-9:
            yield f"its median on {split} is not that of its seeds"
        if metric == "accuracy" and not data.per_step:
            counts = [each * len(data.splits[split] or ()) for each in values if each is not None]
            if any(not 0 <= each <= 1 for each in values if each is not None) or any(
                abs(count - round(count)) > 1e-6 for count in counts
            ):
                yield f"its accuracy on {split} is none of {len(data.splits[split] or ()):,} examples"


def different(claimed: ClaimedNetwork, runs: Runs) -> str:
    """How retrained runs differ from the claim, in words; empty if they are the same to the bit."""
    place = {seed: i for i, seed in enumerate(claimed.seeds)}
    weights = [run.seed for run in runs if weights_digest(run.network) != claimed.weights[place[run.seed]]]
    if weights:
        return f"{_seeds(weights)} gave other weights"
    for split, values in claimed.values.items():
        again = [metrics.json_number(each) for each in of_seeds.values(runs, split)]
        wrong = [
            (run.seed, value, values[place[run.seed]])
            for run, value in zip(runs, again, strict=True)
            if not _same(value, values[place[run.seed]])
        ]
        if wrong:
            seed, ours, theirs = wrong[0]
            return f"seed {seed} gave {metrics.as_text(ours)} on {split}, not {metrics.as_text(theirs)}"
    if len(runs) < len(claimed.seeds):
        return ""
    for split, spreads in runs.summary().items():
        told = claimed.medians.get(split, {})
        for name in set(told) & set(spreads or {}):
            if not _same(told[name], ours := (spreads or {})[name].as_dict()["median"]):
                shown = f"{metrics.as_text(ours)} on {split}, not {metrics.as_text(told[name])}"
                return f"the median of {name} is {shown}"
    return ""


def _same(ours: float | None, theirs: float | None) -> bool:
    """Whether two values differ by no more than how another machine adds up and rounds."""
    if ours is None or theirs is None:
        return ours is theirs
    return math.isclose(ours, theirs, rel_tol=1e-6, abs_tol=1e-12)


def of_split(claimed: ClaimedNetwork, more: list[Runs], split: str) -> float:
    """The probability of the claimed values on one split among all that were trained again."""
    retrained = [metrics.json_number(value) for runs in more for value in of_seeds.values(runs, split)]
    is_share = metrics.higher_is_better(claimed.metric)
    examples = len(more[0].dataset.splits[split] or ())
    return probability.of_network(claimed.values[split], retrained, examples, is_share)


def _seeds(seeds: tuple[int, ...] | list[int]) -> str:
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    shown = ", ".join(map(str, seeds[:6])) + (", ..." if len(seeds) > 6 else "")
    return f"{len(seeds)} seeds ({shown})"
