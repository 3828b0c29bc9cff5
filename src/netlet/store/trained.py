"""Training into a store: from the seeds that it does not have yet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from netlet.architecture import Architecture
from netlet.datasets import Dataset
from netlet.datasets.given import as_dataset
from netlet.errors import FileError, Interrupted
from netlet.metrics import METRICS
from netlet.store.experiment import Metrics, names_of
from netlet.training import Progress, Run, Runs, Training, checked_seeds, train
from netlet.training.besides import Besides
from netlet.training.trainer import chosen_training, told_interrupted

if TYPE_CHECKING:
    from netlet.store.store import Store


class NotStoredError(FileError):
    """Runs were trained, but could not be stored: they are in ``runs``."""

    def __init__(self, problem: FileError, runs: Runs) -> None:
        """Say why."""
        super().__init__(f"{problem}; not all runs that were trained are stored")
        self.runs = runs


class Asked(NamedTuple):
    """What is to be trained, checked: all that decides what a seed gives."""

    architecture: Architecture  # resolved
    dataset: Dataset
    training: Training
    weights: dict[str, Any]  # as they were given: start, freeze, class_weight, sample_weight
    besides: dict[str, Any] | None

    @classmethod
    def of(
        cls,
        architecture: Architecture | str,
        dataset: Any,
        training: Training | None,
        settings: dict[str, Any],
        **weights: Any,
    ) -> Asked:
        """As `netlet.train` takes it, whose errors are raised."""
        dataset = as_dataset(dataset)
        resolved = Architecture(architecture).resolve_for(dataset)
        training = chosen_training(training, dataset, resolved, **settings)
        besides = Besides.of(resolved, dataset, **weights).as_dict()
        return cls(resolved, dataset, training, weights, besides)


def train_missing(
    store: Store,
    asked: Asked,
    seeds: int | Iterable[int],
    *,
    fresh: bool,
    origin: Mapping[str, Any] | None,
    validate: bool,
    threads: int | None,
    progress: Progress | None,
    on_run: Callable[[Run], None] | None,
    **options: Any,
) -> Runs:
    """See `netlet.store.Store.train`."""
    architecture, dataset, training, weights, besides = asked
    wanted = checked_seeds(seeds)
    store.make()  # now: after the training would be late to find that it cannot be
    kept = {} if fresh else _found(store, asked, wanted, validate)
    found = len(kept)
    missing = [seed for seed in wanted if seed not in kept]
    is_whole = options.get("checkpoint") is None  # otherwise some of it may have been trained before
    is_one_at_a_time = is_whole and 1 in (threads, len(missing))
    started = time.perf_counter()
    problems: list[FileError] = []

    def put(run: Run, seconds: float | None) -> None:
        try:
            metrics = store.add(run, dataset, training, seconds, origin, besides=besides)
        except FileError as problem:  # which costs some runs their place, but nobody the training
            problems.append(problem)
        else:
            kept[run.seed] = run, metrics

    def keep(run: Run) -> None:
        nonlocal started
        now = time.perf_counter()
        seconds, started = now - started if is_one_at_a_time else None, now
        if run.finished and not problems:
            put(run, seconds)
        if on_run is not None:
            on_run(run)

    def show(epochs: int, runs: int) -> None:
        if progress is not None:
            progress(epochs + found * training.epochs, runs + found)

    trained = Runs(architecture, dataset, training, (), 0.0, besides=besides)
    if missing:
        options |= weights | {"progress": None if progress is None else show}
        try:
            trained = train(
                *(architecture, dataset, training),
                seeds=missing,
                validate=validate,
                threads=threads,
                on_run=keep,
                **options,
            )
        except Interrupted as stop:
            trained = stop.runs
    for run in trained:  # Ctrl-C may have come just while one was stored
        if run.finished and run.seed not in kept and not problems:
            put(run, None)
    by_seed = {run.seed: run for run in trained} | {seed: run for seed, (run, _) in kept.items()}
    in_order = tuple(by_seed[seed] for seed in wanted if seed in by_seed)
    runs = replace(
        trained, runs=in_order, found=found + trained.found, _metrics=_by_split(in_order, kept, dataset)
    )
    if problems:
        raise NotStoredError(problems[0], runs)
    if runs.interrupted:
        raise Interrupted(told_interrupted(runs, len(wanted)), runs)
    return runs


def _found(
    store: Store, asked: Asked, seeds: Sequence[int], validate: bool
) -> dict[int, tuple[Run, Metrics]]:
    """Those of the seeds that are there, with metrics, and with curves if these are asked for."""
    architecture, dataset, training, _, besides = asked
    experiment = store.find(architecture, dataset, training, besides=besides)
    if experiment is None:
        return {}
    if experiment.search is not None:
        store.claim(experiment)
    wanted = set(seeds)
    known = {run.seed: run.metrics for run in experiment.runs if run.seed in wanted}
    if not known:
        return {}
    # The same arrays by other class names are the same experiment: networks have the names of this dataset.
    experiment = replace(
        experiment,
        runs=tuple(run for run in experiment.runs if run.seed in known),
        details=(experiment.details or {}) | names_of(dataset),
    )
    return {
        run.seed: (run, known[run.seed])
        for run in store.load(experiment)
        if not validate or "val_loss" in run.history
    }


def measured(run: Run, dataset: Dataset) -> Metrics:
    """A run's metrics on every split, as they are stored."""
    alone = Runs(run.network.architecture, dataset, Training(), (run,), 0.0)
    return {name: None if split is None else alone.metrics(name)[0] for name, split in dataset.splits.items()}


def _by_split(
    runs: Sequence[Run], kept: Mapping[int, tuple[Run, Metrics]], dataset: Dataset
) -> dict[str, list[dict[str, float | None]]]:
    """The metrics of runs as `Runs` keeps them; of no run, if one's are not all known."""
    known = [kept[run.seed][1] for run in runs if run.seed in kept]
    names = METRICS[dataset.task]
    by_split = {split: [metrics.get(split) or {} for metrics in known] for split in dataset.present}
    are_all = len(known) == len(runs)
    return {
        split: each
        for split, each in by_split.items()
        if are_all and all(name in values for values in each for name in names)
    }
