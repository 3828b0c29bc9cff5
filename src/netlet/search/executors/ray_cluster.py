"""Runs trained on a Ray cluster: in batches, streamed back run by run, done again where a worker is lost."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Any

from netlet.datasets import Dataset
from netlet.errors import FileError, NetletError, TrainingError
from netlet.search.executors import ray_batch, ray_joining
from netlet.search.executors.protocol import Outcome, Task

BATCH_SECONDS = 2.0
"""How long a batch keeps a core busy: handing one out takes milliseconds."""
AHEAD = 1.5
"""Batches asked for a worker: of the one that runs half is left on average, and one waits."""
ATTEMPTS = 3
"""Workers that may die over a task before it is given up."""

_FRESH = 2.0  # seconds that the number of processors is taken to hold
_KEPT = 0.98  # of the running sums that seconds are estimated from, with every outcome
_MOST = 1024  # tasks a batch, whatever the estimate
_FETCH = 60.0  # seconds after which a result that was announced is taken for lost


@dataclass
class _Waiting:
    """A task that has not come back."""

    task: Task
    failures: int = 0


class RayExecutor:
    """Trains on the processors of a Ray cluster, one run a processor at a time.

    The nodes need the same netlet in the same environment as this machine. The dataset is sent once; tasks
    go out in batches of about `BATCH_SECONDS`. Nodes may come and go: what a lost one had not delivered is
    done again.

    Parameters
    ----------
    dataset
        What is learned.
    address
        "auto" (or None): the cluster that RAY_ADDRESS names, or that `ray start` has started on this machine,
        or else a new one of this machine's processors, which "local" always starts. "HOST:PORT": that
        cluster, of which this machine is a node. "ray://HOST:PORT": that cluster, from outside; results come
        back a batch at a time then.
        If this process is connected to Ray already, that connection is used, and stays when this is closed.

    Raises
    ------
    NetletError
        If Ray is not installed.
    FileError
        If the address is none, or no cluster answers there. By `wait`, if a node has another netlet, or the
        cluster is lost.
    """

    def __init__(self, dataset: Dataset, address: str | None = "auto") -> None:
        """Connect, and send the dataset."""
        for name, value in ray_joining.ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        try:
            import ray
            from ray.util.client import ray as client
        except ImportError:
            raise NetletError("Ray is not installed: pip install 'netlet[ray]'") from None
        self._ray: Any = ray
        self._dataset = dataset
        self._owns = not ray.is_initialized()
        if self._owns:
            ray_joining.connect(ray, address)
        try:
            self._is_client = client.is_connected()
            self._sent = ray.put(dataset)
        except BaseException:
            self._disconnect()
            raise
        self._is_closed = False
        function, returns = (ray_batch.whole, 1) if self._is_client else (ray_batch.streamed, "streaming")
        # What is lost is done again by this class, which knows what has come back, and not by Ray as well.
        remote: Any = ray.remote(function)
        self._remote = remote.options(num_cpus=1, num_returns=returns, max_retries=0, name="netlet search")
        self._queue: deque[_Waiting] = deque()
        self._batches: dict[Any, dict[int, _Waiting]] = {}  # by Ray's handle: what each has not delivered
        self._outcomes: list[Outcome] = []
        self._runs = self._busy = self._cost = 0.0  # running sums over outcomes
        self._workers, self._looked = 1, -_FRESH

    @property
    def content_hash(self) -> str:
        """What the dataset holds."""
        return self._dataset.content_hash

    @property
    def workers(self) -> int:
        """The processors of the cluster's nodes that are alive, at least 1."""
        now = time.monotonic()
        if not self._is_closed and now - self._looked >= _FRESH:
            self._looked = now
            with suppress(Exception):  # a cluster that is lost is told by `wait`
                self._workers = max(1, int(self._ray.cluster_resources().get("CPU", 0)))
        return self._workers

    @property
    def room(self) -> int:
        """How many more tasks are needed for every worker to have a batch, and about one in waiting."""
        per_batch = max(1.0, BATCH_SECONDS * self._runs / self._busy) if self._busy else 1.0
        under_way = len(self._queue) + sum(map(len, self._batches.values()))
        return ceil(self.workers * AHEAD * min(per_batch, _MOST)) - under_way

    def submit(self, tasks: Sequence[Task]) -> None:
        """Take tasks on; they wait here until they make a batch, or a worker would be idle."""
        self._queue.extend(map(_Waiting, tasks))
        self._send()

    def wait(self, timeout: float) -> list[Outcome]:
        """What has ended since the last call."""
        end = time.monotonic() + timeout
        try:
            while ready := self._ready(0.0 if self._outcomes else max(0.0, end - time.monotonic())):
                for handle in ready:
                    self._read(handle)
                self._send()
                if time.monotonic() >= end:
                    break
        except FileError:
            if not self._outcomes:  # it comes again with the next call: what has ended is not lost by it
                raise
        found, self._outcomes = self._outcomes, []
        return found

    def close(self) -> None:
        """Forget what has not ended; leave the cluster, or end it if it was started here."""
        if self._is_closed:
            return
        self._is_closed = True
        self._queue.clear()
        for handle in self._batches:
            self._cancel(handle)
        self._batches.clear()
        del self._sent
        self._disconnect()

    # --- out ------------------------------------------------------------------------------------------------

    def _send(self) -> None:
        """Hand out whole batches, up to one in waiting a worker; smaller ones if a worker would be idle."""
        if not self._queue:
            return
        workers = self.workers
        left = sum(self._seconds(waiting.task) for waiting in self._queue)
        while self._queue and (places := 2 * workers - len(self._batches)) > 0:
            idle = places - workers
            if idle <= 0 and left < BATCH_SECONDS and not self._queue[0].failures:
                return
            batch, seconds = self._next(min(BATCH_SECONDS, left / max(1, idle)))
            left -= seconds
            tasks = [waiting.task for waiting in batch]
            handle = self._remote.remote(tasks, self._sent, ray_batch.versions())
            self._batches[handle] = dict(enumerate(batch))

    def _next(self, least: float) -> tuple[list[_Waiting], float]:
        """Tasks from the queue's head that take so many seconds, and how many they take.

        One over which a worker has died goes alone, to take no others along if it was its fault.
        """
        batch, seconds = [self._queue.popleft()], 0.0
        seconds = self._seconds(batch[0].task)
        if batch[0].failures or not self._busy:
            return batch, seconds
        while self._queue and not self._queue[0].failures and len(batch) < _MOST:
            more = self._seconds(self._queue[0].task)
            if seconds + more / 2 > least:
                break
            batch.append(self._queue.popleft())
            seconds += more
        return batch, seconds

    def _seconds(self, task: Task) -> float:
        """About how long a task takes: half by its cost, which is not all that counts, and half as any."""
        if not self._busy:
            return BATCH_SECONDS
        of_cost = task.cost / self._cost if self._cost else 1 / self._runs
        return self._busy * (of_cost + 1 / self._runs) / 2

    # --- back -----------------------------------------------------------------------------------------------

    def _ready(self, timeout: float) -> list[Any]:
        """The batches that have something to tell: waits for the first, and takes the others along."""
        handles = list(self._batches)
        if not handles:
            time.sleep(timeout)
            return []
        if timeout and not self._ray.wait(handles, num_returns=1, timeout=timeout)[0]:
            return []
        return self._ray.wait(handles, num_returns=len(handles), timeout=0)[0]

    def _read(self, handle: Any) -> None:
        """The next outcome of a batch, or all of them, or its end, or what has become of it."""
        errors = self._ray.exceptions
        problem: Exception = RuntimeError("Ray has ended it without a word")
        try:
            if self._is_client:
                for packed in self._ray.get(handle, timeout=_FETCH):
                    self._keep(handle, packed)
            else:
                self._keep(handle, self._ray.get(next(handle), timeout=_FETCH))
                return
        except StopIteration:
            pass
        except errors.RayTaskError as error:
            raise ray_batch.error_of_node(error) from None
        except (errors.LocalRayletDiedError, errors.AuthenticationError, ConnectionError) as error:
            raise FileError(
                f"the Ray cluster is lost ({ray_batch.in_one_line(error)}): start it, and resume"
            ) from None
        except errors.RayError as error:
            problem = error
            self._cancel(handle)
        self._again(list(self._batches.pop(handle).values()), problem)

    def _keep(self, handle: Any, packed: ray_batch.Packed) -> None:
        waiting = self._batches[handle].pop(packed.index, None)
        if waiting is None:
            return
        self._outcomes.append(ray_batch.unpack(packed, waiting.task, self._dataset))
        if packed.problem is None:
            self._runs = self._runs * _KEPT + 1
            self._busy = self._busy * _KEPT + packed.busy
            self._cost = self._cost * _KEPT + waiting.task.cost

    def _again(self, lost: Sequence[_Waiting], problem: Exception) -> None:
        """Put back what a batch has not delivered; a task that has cost too many workers has its outcome."""
        # They run in order, so it was the first that ran; of a batch that comes back whole it is unknown.
        for waiting in lost if self._is_client else lost[:1]:
            waiting.failures += 1
        for waiting in reversed(lost):
            if waiting.failures < ATTEMPTS:
                self._queue.appendleft(waiting)
                continue
            task = waiting.task
            text = f"{task.architecture}, seed {task.seed}, is given up: {ATTEMPTS} workers have died over it"
            error = TrainingError(f"{text} ({ray_batch.in_one_line(problem)})")
            self._outcomes.append(Outcome(task, None, {}, 0.0, 0.0, error))

    def _cancel(self, handle: Any) -> None:
        with suppress(Exception):
            self._ray.cancel(handle, force=True)

    def _disconnect(self) -> None:
        if self._owns:
            ray_joining.disconnect(self._ray)
