"""A long training's state in a file, from which it goes on to the bit after it was killed."""

from __future__ import annotations

import contextlib
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from math import isfinite
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

import netlet
from netlet.architecture import Architecture
from netlet.datasets import Dataset
from netlet.errors import FileError, TrainingError, brief
from netlet.locks import locked
from netlet.network.machine import machine_kind
from netlet.paths import expanded, opened
from netlet.saving import write_whole
from netlet.training.settings import Training

_MAGIC = b"netlet checkpoint 1\n"
EVERY = 10.0
"""Seconds from one writing to the next, if nothing else is said."""
_GO_ON = "give another file, or remove it to begin anew"


class State(NamedTuple):
    """What a run remembers after a whole epoch.

    Attributes
    ----------
    epochs
        Those it has trained.
    is_over
        Whether there is nothing left to train.
    remembered
        Weights, the best of them, optimizer, order, random numbers and history, as the engine has them.
    """

    epochs: int
    is_over: bool
    remembered: bytes


class Checkpoint:
    """The latest states of a training's runs, by seed, and the file that they are kept in.

    Parameters
    ----------
    path
        Where; what is there already is read.
    identity
        What decides a training, besides its seeds: see `identity`.

    Raises
    ------
    FileError
        If the file is none of this training, is damaged, or cannot be written.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any]) -> None:
        """Read what is there, and see that it can be written."""
        self._path, self._identity = path, dict(identity)
        self._states = _read(path, self._identity) if path.exists() else {}
        self._is_told = False
        try:
            self._write()
        except FileError as error:
            raise FileError(str(error), setting="checkpoint", file=path) from None

    def of(self, seeds: Sequence[int]) -> list[bytes]:
        """What runs go on from; nothing, where they begin."""
        return [self._states[seed].remembered if seed in self._states else b"" for seed in seeds]

    def ended(self, seeds: Sequence[int]) -> int:
        """How many of the seeds' runs have nothing left to train."""
        return sum(self._states[seed].is_over for seed in seeds if seed in self._states)

    def keep(self, states: Sequence[tuple[int, int, bool, bytes]]) -> None:
        """Take over and write (seed, epochs, whether it is over, state); a full disk ends no training."""
        self._states |= {seed: State(epochs, is_over, state) for seed, epochs, is_over, state in states}
        try:
            self._write()
        except FileError as error:
            if not self._is_told:
                self._is_told = True
                warnings.warn(f"{error}; the training goes on, and tries again", stacklevel=2)

    def _write(self) -> None:
        kept = {
            seed: {"epochs": state.epochs, "is_over": state.is_over, "bytes": len(state.remembered)}
            for seed, state in self._states.items()
        }
        body = b"".join(state.remembered for state in self._states.values())
        head = json.dumps({"training": self._identity, "runs": kept}).encode()
        content = head + b"\n" + body
        write_whole(self._path, _MAGIC + sha256(content).hexdigest().encode() + b"\n" + content)


@contextlib.contextmanager
def kept(
    path: Any,
    every: float | None,
    architecture: Architecture,
    dataset: Dataset,
    training: Training,
    besides: Mapping[str, Any] | None,
    validate: bool,
) -> Iterator[Checkpoint | None]:
    """The checkpoint in a file, held while a with statement lasts; None without a path.

    Raises
    ------
    FileError
        If another training has it, or as `Checkpoint` does.
    TrainingError
        If every is no number from 0, or given without a path.
    """
    if every is not None and path is None:
        raise TrainingError(
            "every is how often a checkpoint is written: give checkpoint too", setting="every"
        )
    is_time = isinstance(every, Real) and not isinstance(every, bool) and isfinite(every) and every >= 0
    if every is not None and not is_time:
        raise TrainingError(
            f"every is {brief(every)}, but must be a number of seconds from 0", setting="every"
        )
    if path is None:
        yield None
        return
    try:
        path = expanded(path)
    except FileError as error:
        raise FileError(f"checkpoint: {error}", setting="checkpoint") from None
    if path.is_dir():
        raise _refused(path, "is a folder: give the name of a file")
    if not path.parent.is_dir():
        raise _refused(path, f"is in no folder that there is: make {path.parent} first")
    told = identity(architecture, dataset, training, besides, validate)
    with locked(path.with_name(f"{path.name}.lock")) as is_held:
        if not is_held:
            raise _refused(path, "is in use by another training: wait for it, or give another file")
        yield Checkpoint(path, told)


def identity(
    architecture: Architecture,
    dataset: Dataset,
    training: Training,
    besides: Mapping[str, Any] | None,
    validate: bool,
) -> dict[str, Any]:
    """What decides a training to the bit, besides its seeds, by names that people know; for JSON."""
    found = {
        "architecture": str(architecture),
        "input shape": list(dataset.input_shape),
        "task": dataset.task,
        "data": dataset.content_hash[:16],
        **asdict(training),
        "validate": validate,
        "start, freeze, class_weight or sample_weight": None if besides is None else dict(besides),
        "netlet": netlet.__version__,
        **machine_kind(),
    }
    return json.loads(json.dumps(found))


def _read(path: Path, expected: Mapping[str, Any]) -> dict[int, State]:
    """The states in a file, if it is one of this training and whole."""
    damaged = _refused(path, f"is damaged: {_GO_ON}")
    try:
        with opened(path) as file:
            is_one = file.read(len(_MAGIC)) == _MAGIC
            digest, content = (file.read(65)[:64], file.read()) if is_one else (b"", b"")
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror or error}") from None
    if not is_one:
        raise _refused(path, "is there, but is none of this netlet: give another file")
    if sha256(content).hexdigest().encode() != digest:
        raise damaged
    head, _, body = content.partition(b"\n")
    told, states, at = json.loads(head), {}, 0
    for seed, run in told["runs"].items():
        states[int(seed)] = State(run["epochs"], run["is_over"], body[at : at + run["bytes"]])
        at += run["bytes"]
    was = told["training"]
    for name in {**expected, **was}:
        if was.get(name) != expected.get(name):
            what = f"its {name} is {brief(was.get(name))}, but here it is {brief(expected.get(name))}"
            raise _refused(path, f"is of another training: {what}; {_GO_ON}")
    return states


def _refused(path: Path, why: str) -> FileError:
    return FileError(f"checkpoint {path} {why}", setting="checkpoint", file=path)
