"""Training into a store: from the seeds that it does not have yet."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from netlet.architecture import Architecture
from netlet.datasets import Dataset
from netlet.errors import FileError, Interrupted
from netlet.store.experiment import Metrics
from netlet.training import Progress, Run, Runs, Training, checked_seeds, train
from netlet.training.trainer import told_interrupted

if TYPE_CHECKING:
    from netlet.store.store import Store


class NotStoredError(FileError):
    """Runs were trained, but could not be stored: they are in ``runs``."""

    def __init__(self, problem: FileError, runs: Runs) -> None:
        """Say why."""
        super().__init__(f"{problem}; not all runs that were trained are stored")
        self.runs = runs


def train_missing(
    store: Store,
    architecture: Architecture | str,
    dataset: Dataset,
    training: Training | None,
    seeds: int | Iterable[int],
    threads: int | None,
    progress: Progress | None,
    fresh: bool,
    origin: Mapping[str, Any] | None,
) -> Runs:
    """See `netlet.store.Store.train`."""
    training = training or Training.default(dataset, architecture)
    resolved = Architecture(architecture).resolve_for(dataset)
    wanted = checked_seeds(seeds)
    store._database.make()  # now: after the training would be late to find that it cannot be
    kept = {} if fresh else _stored(store, resolved, dataset, training, wanted)
    found = len(kept)
    missing = [seed for seed in wanted if seed not in kept]
    is_one_at_a_time = 1 in (threads, len(missing))
    started = time.perf_counter()
    problems: list[FileError] = []

    def keep(run: Run) -> None:
        nonlocal started
        now = time.perf_counter()
        seconds, started = now - started if is_one_at_a_time else None, now
        if not run.finished or problems:
            return
        try:
            kept[run.seed] = run, store.add(run, dataset, training, seconds, origin)
        except FileError as problem:  # which costs some runs their place, but nobody the training
            problems.append(problem)

    def show(epochs: int, runs: int) -> None:
        if progress is not None:
            progress(epochs + found * training.epochs, runs + found)

    trained = Runs(resolved, dataset, training, (), 0.0)
    if missing:
        try:
            trained = train(
                resolved, dataset, training, seeds=missing, threads=threads, progress=show, on_run=keep
            )
        except Interrupted as stop:
            trained = stop.runs
    by_seed = {seed: run for seed, (run, _) in kept.items()} | {run.seed: run for run in trained}
    in_order = tuple(by_seed[seed] for seed in wanted if seed in by_seed)
    runs = replace(trained, runs=in_order, found=found, _metrics=_by_split(in_order, kept, dataset))
    if problems:
        raise NotStoredError(problems[0], runs)
    if runs.interrupted:
        raise Interrupted(told_interrupted(runs, len(wanted)), runs)
    return runs


def _stored(
    store: Store, architecture: Architecture, dataset: Dataset, training: Training, seeds: Sequence[int]
) -> dict[int, tuple[Run, Metrics]]:
    """Those of the seeds that are there, with their metrics."""
    experiment, asked = store.find(architecture, dataset, training), set(seeds)
    found = tuple(run for run in experiment.runs if run.seed in asked) if experiment else ()
    if not experiment or not found:
        return {}
    metrics = {run.seed: run.metrics for run in found}
    return {run.seed: (run, metrics[run.seed]) for run in store.load(replace(experiment, runs=found))}


def measured(run: Run, dataset: Dataset) -> Metrics:
    """A run's metrics on every split, as they are stored."""
    alone = Runs(run.network.architecture, dataset, Training(), (run,), 0.0)
    return {name: None if split is None else alone.metrics(name)[0] for name, split in dataset.splits.items()}


def _by_split(
    runs: Sequence[Run], kept: Mapping[int, tuple[Run, Metrics]], dataset: Dataset
) -> dict[str, list[dict[str, float | None]]]:
    """The metrics of runs as `Runs` keeps them; of none, if one's are not known."""
    known = [kept[run.seed][1] for run in runs if run.seed in kept]
    if len(known) < len(runs):
        return {}
    return {split: [metrics[split] or {} for metrics in known] for split in dataset.present}
