"""Runs trained in threads of this process, each a run at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence

from netlet.datasets import Dataset
from netlet.search.executors.protocol import Outcome, Task, carry_out
from netlet.training import checked_threads


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
    def content_hash(self) -> str:
        """What the dataset holds."""
        return self._dataset.content_hash

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
