"""Runs trained on a Ray cluster: in batches, streamed back run by run, done again where a worker is lost."""

from __future__ import annotations

import logging
import os
import pickle
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from math import ceil
from typing import Any

import numpy as np

import netlet
from netlet.architecture import Architecture
from netlet.datasets import Dataset
from netlet.errors import FileError, NetletError, TrainingError
from netlet.network import Network
from netlet.search.executors import Outcome, Task, carry_out
from netlet.store import SEMANTICS, Metrics
from netlet.training import Run, checked_threads

BATCH_SECONDS = 2.0
"""How long a batch keeps a core busy: handing one out takes milliseconds."""
AHEAD = 1.5
"""Batches asked for a worker: of the one that runs half is left on average, and one waits."""
ATTEMPTS = 3
"""Workers that may die over a task before it is given up."""
PROBE_SECONDS, CHECK_SECONDS = 3.0, 6.0
"""What connecting to an address may take, and then its answer as a Ray cluster; Ray tries for minutes."""

_FRESH = 2.0  # seconds that the number of processors is taken to hold
_KEPT = 0.98  # of the running sums that seconds are estimated from, with every outcome
_MOST = 1024  # tasks a batch, whatever the estimate
_FETCH = 60.0  # seconds after which a result that was announced is taken for lost

# Nothing is reported to Ray's makers, Ray does not warn of its own future nor gRPC of forks, and a Ray Client
# that is not there is not waited for: three attempts instead of half a minute.
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "GRPC_VERBOSITY": "ERROR",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S": "2",
    "RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S": "2",
}

_Versions = tuple[str, int]


@dataclass(frozen=True)
class _Packed:
    """An outcome without what the driver knows already: the task, and the network's architecture."""

    index: int  # of the task in its batch
    history: dict[str, list[float]]
    diverged: int | None
    weights: bytes  # float32, Keras's order
    metrics: Metrics
    seconds: float
    busy: float
    machine: str
    problem: Exception | None


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
        for name, value in _ENVIRONMENT.items():
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
            _connect(ray, address)
        try:
            self._is_client = client.is_connected()
            self._sent = ray.put(dataset)
        except BaseException:
            self._disconnect()
            raise
        self._is_closed = False
        function, returns = (_whole, 1) if self._is_client else (_streamed, "streaming")
        # What is lost is done again by this class, which knows what has come back, and not by Ray as well.
        remote: Any = ray.remote(function)
        self._remote = remote.options(num_cpus=1, num_returns=returns, max_retries=0, name="netlet search")
        self._queue: deque[_Waiting] = deque()
        self._batches: dict[Any, dict[int, _Waiting]] = {}  # by Ray's handle: what each has not delivered
        self._outcomes: list[Outcome] = []
        self._runs = self._busy = self._cost = 0.0  # running sums over outcomes
        self._workers, self._looked = 1, -_FRESH

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
            handle = self._remote.remote(tasks, self._sent, _versions())
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
            raise _of_node(error) from None
        except (errors.LocalRayletDiedError, errors.AuthenticationError, ConnectionError) as error:
            raise FileError(f"the Ray cluster is lost ({_line(error)}): start it, and resume") from None
        except errors.RayError as error:
            problem = error
            self._cancel(handle)
        self._again(list(self._batches.pop(handle).values()), problem)

    def _keep(self, handle: Any, packed: _Packed) -> None:
        waiting = self._batches[handle].pop(packed.index, None)
        if waiting is None:
            return
        self._outcomes.append(_unpacked(packed, waiting.task, self._dataset))
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
            error = TrainingError(f"{text} ({_line(problem)})")
            self._outcomes.append(Outcome(task, None, {}, 0.0, 0.0, error))

    def _cancel(self, handle: Any) -> None:
        with suppress(Exception):
            self._ray.cancel(handle, force=True)

    def _disconnect(self) -> None:
        if self._owns:
            _disconnect(self._ray)


# --- on the nodes -------------------------------------------------------------------------------------------


def _streamed(tasks: Sequence[Task], dataset: Dataset, wanted: _Versions) -> Iterator[_Packed]:
    """Carry out a batch on a node."""
    if (found := _versions()) != wanted:
        what = "netlet {} (semantics {})"
        raise FileError(
            f"node {socket.gethostname()} has {what.format(*found)}, but the search has "
            f"{what.format(*wanted)}: install the same everywhere"
        )
    for index, task in enumerate(tasks):
        yield _packed(index, carry_out(task, dataset))


def _whole(tasks: Sequence[Task], dataset: Dataset, wanted: _Versions) -> list[_Packed]:
    """The same for a Ray Client, which cannot stream."""
    return list(_streamed(tasks, dataset, wanted))


@cache
def _versions() -> _Versions:
    """What must be the same everywhere."""
    return str(netlet.__version__), SEMANTICS


def _packed(index: int, outcome: Outcome) -> _Packed:
    run, problem = outcome.run, outcome.problem
    if problem is not None:
        try:
            pickle.loads(pickle.dumps(problem))
        except Exception:  # some exceptions cannot travel
            problem = RuntimeError(repr(problem))
    if run is None:
        return _Packed(index, {}, None, b"", {}, outcome.seconds, outcome.busy, outcome.machine, problem)
    weights = b"".join(weight.astype("<f4", copy=False).tobytes() for weight in run.network.weights)
    return _Packed(
        index,
        run.history,
        run.diverged,
        weights,
        outcome.metrics,
        outcome.seconds,
        outcome.busy,
        outcome.machine,
        problem,
    )


def _unpacked(packed: _Packed, task: Task, dataset: Dataset) -> Outcome:
    run = None
    if packed.problem is None:
        architecture = _resolved(task.architecture, *_data_facts(dataset))
        flat = np.frombuffer(packed.weights, "<f4")
        network = Network.from_flat(architecture, dataset.input_shape, dataset.task, flat)
        run = Run(task.seed, packed.history, packed.diverged, network)
    return Outcome(task, run, packed.metrics, packed.seconds, packed.busy, packed.problem, packed.machine)


def _data_facts(dataset: Dataset) -> tuple[Any, ...]:
    return dataset.input_shape, dataset.task, dataset.outputs, dataset.per_step, dataset.name


@lru_cache(1024)
def _resolved(text: str, shape: tuple[int, ...], task: str, outputs: int, per_step: bool, name: str) -> Any:
    return Architecture(text).resolve(shape, task, outputs, per_step, dataset_name=name)


def _of_node(problem: Any) -> Exception:
    """What to raise when a node cannot do any work: the next batch would fare no better."""
    cause = problem.cause
    if isinstance(cause, NetletError):
        return FileError(str(cause))
    version = netlet.__version__
    return FileError(f"a node cannot train ({_line(cause)}): install netlet {version} on all nodes")


def _line(problem: BaseException) -> str:
    """An error of Ray's in one line: they are long."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return f"{type(problem).__name__}: {lines[0][:200].rstrip('.:')}" if lines else type(problem).__name__


# --- joining a cluster --------------------------------------------------------------------------------------


def _connect(ray: Any, address: str | None) -> None:
    """Join a cluster that answers, or start one."""
    found = _address(address)
    logging.getLogger("ray").setLevel(logging.ERROR)
    _print_news(False)
    settings: dict[str, Any] = {"logging_level": "error", "log_to_driver": False}
    if found is None:
        settings |= {"address": "local", "num_cpus": checked_threads(None), "include_dashboard": False}
    else:
        settings |= {"address": found}
    try:
        with _as_before(signal.SIGTERM), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what goes wrong is told in one line, below
            ray.init(**settings)
    except Exception as problem:
        _disconnect(ray)
        if found is None:
            raise FileError(f"Ray cannot be started on this machine ({_line(problem)})") from None
        raise FileError(
            f"the Ray cluster at {found} cannot be joined ({_line(problem)}): take HOST:PORT on one of its "
            "nodes, ray://HOST:10001 elsewhere, and the same Ray and Python as there"
        ) from None


def _disconnect(ray: Any) -> None:
    ray.shutdown()
    _print_news(True)


def _print_news(wanted: bool) -> None:
    """Ray writes what becomes of its nodes to standard output, whatever `log_to_driver` says."""
    from ray._private import worker

    worker._worker_logs_enabled = wanted  # its own debugger does the same, for there is no other way


def _address(given: str | None) -> str | None:
    """A cluster that answers; None to start one.

    Raises
    ------
    FileError
        If it is no address, or nobody answers.
    """
    named = os.environ.get("RAY_ADDRESS") or "auto" if given in (None, "auto") else given
    if named == "local":
        return None
    if named != "auto":
        if problem := _unreachable(named):
            raise FileError(problem)
        return named
    # The file that `ray start` leaves. Clusters that other searches have started are not in it: they end
    # with their search.
    from ray._private.utils import read_ray_address

    try:
        started = read_ray_address()
        return None if not started or _unreachable(started) else started
    except (OSError, FileError):
        return None


def _unreachable(address: str) -> str | None:
    """Why nobody can be reached there, in a sentence; None if a cluster answers."""
    match = re.fullmatch(r"(ray://)?(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):(\d{1,5})", address)
    if match is None or not 0 < int(match[3]) < 65536:
        raise FileError(
            f"{address!r} is no address of a Ray cluster: it must look like 10.0.0.5:6379, "
            "ray://10.0.0.5:10001, or be auto"
        )
    host, port = match[2].strip("[]"), int(match[3])
    advice = "start a cluster there with ray start --head, or take auto for this machine alone"
    try:
        socket.create_connection((host, port), timeout=PROBE_SECONDS).close()
    except OSError as problem:
        return f"no Ray cluster answers at {address} ({problem.strerror or problem}): {advice}"
    if match[1]:
        return None  # Ray Client has its own limits, see _ENVIRONMENT
    command = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", f"{match[2]}:{port}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=CHECK_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return (
            f"what answers at {address} is no Ray cluster, or a Ray Client's port (ray://{address}): {advice}"
        )
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        return (
            f"the Ray cluster at {address} does not answer ({lines[-1] if lines else 'unhealthy'}): {advice}"
        )
    return None


@contextmanager
def _as_before(number: int) -> Iterator[None]:
    """Ray takes SIGTERM for itself: give it back to whom it belonged."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(number)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(number, before)
