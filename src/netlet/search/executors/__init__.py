"""Where the runs of a search are trained: in threads of this process; `ray_cluster` has many machines."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from netlet.datasets import Dataset
from netlet.machine import machine
from netlet.store import Metrics, measured
from netlet.training import Progress, Run, Training, checked_threads, train


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
    """

    number: int
    architecture: str
    training: Training
    seed: int
    cost: float


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
    """Trains tasks, several at a time."""

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
        runs = train(task.architecture, dataset, task.training, [task.seed], 1, progress, validate=False)
        metrics = measured(runs[0], dataset)
    except Exception as problem:
        return Outcome(task, None, {}, 0.0, time.perf_counter() - started, problem)
    return Outcome(task, runs[0], metrics, runs.seconds, time.perf_counter() - started)


class Threads:
    """Threads of this process.

    Parameters
    ----------
    dataset
        What is learned.
    threads
        How many; by default as many as the process has processors.
    """

    AHEAD = 1  # tasks that wait, so that no worker does

    def __init__(self, dataset: Dataset, threads: int | None = None) -> None:
        """Start the workers, who wait."""
        self._dataset = dataset
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._under_way = 0
        self._is_closed = threading.Event()
        self._workers = [
            threading.Thread(target=self._work, daemon=True, name=f"netlet-search-{number}")
            for number in range(checked_threads(threads))
        ]
        for worker in self._workers:
            worker.start()

    @property
    def workers(self) -> int:
        """How many runs are trained at a time."""
        return len(self._workers)

    @property
    def room(self) -> int:
        """How many more tasks are needed now."""
        return self.workers + self.AHEAD - self._under_way

    def submit(self, tasks: Sequence[Task]) -> None:
        """Take tasks on."""
        self._under_way += len(tasks)
        for task in tasks:
            self._tasks.put(task)

    def wait(self, timeout: float) -> list[Outcome]:
        """What has ended since the last call."""
        found: list[Outcome] = []
        try:
            found.append(self._outcomes.get(timeout=timeout))
            while True:
                found.append(self._outcomes.get_nowait())
        except queue.Empty:
            self._under_way -= len(found)
            return found

    def close(self) -> None:
        """Forget what has not ended, and end the workers."""
        self._is_closed.set()
        for _ in self._workers:
            self._tasks.put(None)
        for worker in self._workers:
            worker.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None and not self._is_closed.is_set():
            self._outcomes.put(self._carry_out(task))

    def _carry_out(self, task: Task) -> Outcome:
        return carry_out(task, self._dataset, self._stop)

    def _stop(self, epochs: int, runs: int) -> None:
        if self._is_closed.is_set():
            raise InterruptedError
