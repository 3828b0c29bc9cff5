"""What a search asks of whoever trains for it: tasks go out, outcomes come back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from netlet.datasets import Dataset
from netlet.machine import machine
from netlet.search.hardware import with_int8
from netlet.store import Metrics, measured
from netlet.training import Progress, Run, Training, train


@dataclass(frozen=True)
class Task:
    """One run to be trained.

    Attributes
    ----------
    number
        By which whoever asked for it knows it again.
    architecture
        As text.
    training, seed
        How, and from what.
    cost
        Multiply-adds, for an estimate of how long it takes.
    int8
        Whether to measure the network in int8, too.
    """

    number: int
    architecture: str
    training: Training
    seed: int
    cost: float
    int8: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a task.

    Attributes
    ----------
    task
        Which.
    run
        None if it could not be trained.
    metrics
        The run's, on every split.
    seconds, busy
        Time by the clock that the training took, and that the worker took for all of it, measuring included.
    problem
        What was raised, if it could not be trained.
    machine
        Where it was trained.
    """

    task: Task
    run: Run | None
    metrics: Metrics
    seconds: float
    busy: float
    problem: Exception | None = None
    machine: str = field(default_factory=machine)


class Executor(Protocol):
    """Trains tasks on one dataset, several at a time."""

    @property
    def content_hash(self) -> str:
        """What its dataset holds (`netlet.datasets.Dataset.content_hash`)."""
        ...

    @property
    def room(self) -> int:
        """How many more tasks are needed now to keep every worker busy; at most 0 if none."""
        ...

    @property
    def workers(self) -> int:
        """How many runs are trained at a time."""
        ...

    def submit(self, tasks: Sequence[Task]) -> None:
        """Take tasks on, to be trained in this order."""
        ...

    def wait(self, timeout: float) -> list[Outcome]:
        """What has ended since the last call; waits up to so many seconds for the first."""
        ...

    def close(self) -> None:
        """Forget what has not ended, and end the workers."""
        ...


def carry_out(task: Task, dataset: Dataset, progress: Progress | None = None) -> Outcome:
    """Train one task, and measure it on every split.

    What is decided is decided by the end of a training, so validation after every epoch is left out: of small
    training sets it would be a third of the work.
    """
    started = time.perf_counter()
    try:
        runs = train(
            task.architecture,
            dataset,
            task.training,
            seeds=[task.seed],
            validate=False,
            threads=1,
            quiet=True,
            progress=progress,
        )
        metrics = measured(runs[0], dataset)
        if task.int8:
            metrics = with_int8(metrics, runs[0], dataset)
    except Exception as problem:
        return Outcome(task, None, {}, 0.0, time.perf_counter() - started, problem)
    return Outcome(task, runs[0], metrics, runs.seconds, time.perf_counter() - started)
