"""A batch of tasks on a node of a Ray cluster: carried out there, and packed for its way back."""

from __future__ import annotations

import pickle
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

import netlet
from netlet.architecture import Architecture
from netlet.datasets import Dataset
from netlet.errors import FileError, NetletError
from netlet.network import Network
from netlet.search.executors.protocol import Outcome, Task, carry_out
from netlet.store import SEMANTICS, Metrics
from netlet.training import Run

Versions = tuple[str, int]
"""Of netlet, and of what a training means."""


@dataclass(frozen=True)
class Packed:
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


def streamed(tasks: Sequence[Task], dataset: Dataset, wanted: Versions) -> Iterator[Packed]:
    """Carry out a batch on a node."""
    if (found := versions()) != wanted:
        what = "netlet {} (semantics {})"
        raise FileError(
            f"node {socket.gethostname()} has {what.format(*found)}, but the search has "
            f"{what.format(*wanted)}: install the same everywhere"
        )
    for index, task in enumerate(tasks):
        yield pack(index, carry_out(task, dataset))


def whole(tasks: Sequence[Task], dataset: Dataset, wanted: Versions) -> list[Packed]:
    """The same for a Ray Client, which cannot stream."""
    return list(streamed(tasks, dataset, wanted))


@cache
def versions() -> Versions:
    """What must be the same everywhere."""
    return str(netlet.__version__), SEMANTICS


def pack(index: int, outcome: Outcome) -> Packed:
    """An outcome for its way back; an error that cannot travel as its text."""
    run, problem = outcome.run, outcome.problem
    if problem is not None:
        try:
            pickle.loads(pickle.dumps(problem))
        except Exception:  # some exceptions cannot travel
            problem = RuntimeError(repr(problem))
    if run is None:
        return Packed(index, {}, None, b"", {}, outcome.seconds, outcome.busy, outcome.machine, problem)
    weights = b"".join(weight.astype("<f4", copy=False).tobytes() for weight in run.network.weights)
    return Packed(
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


def unpack(packed: Packed, task: Task, dataset: Dataset) -> Outcome:
    """The outcome again."""
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


def error_of_node(problem: Any) -> Exception:
    """What to raise when a node cannot do any work: the next batch would fare no better."""
    cause = problem.cause
    if isinstance(cause, NetletError):
        return FileError(str(cause))
    version = netlet.__version__
    return FileError(f"a node cannot train ({in_one_line(cause)}): install netlet {version} on all nodes")


def in_one_line(problem: BaseException) -> str:
    """An error of Ray's in one line: they are long."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return f"{type(problem).__name__}: {lines[0][:200].rstrip('.:')}" if lines else type(problem).__name__
