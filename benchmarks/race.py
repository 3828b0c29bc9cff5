"""Races: netlet and each peer train the same task in turn, and ratios are taken pair by pair."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import isnan, nan
from statistics import median

from benchmarks.tasks import Task

THREADS = (1, 2)
"""What every peer is tried with."""
SAME_RANGE = 2.5
"""How many times as large as netlet's a peer's error may be, and the other way round."""


@dataclass
class Runner:
    """A peer's process, from the command that starts it to its figures.

    Attributes
    ----------
    epochs
        Of the whole training; the seconds of a shorter one are scaled to it.
    busy
        Whether seconds are the processor's own, of all threads, for a machine that others use.
    first, whole
        Seconds of the first training, with everything that is compiled, and of the process until its end.
    seconds, ratios
        Of the timed trainings; and these over netlet's own seconds just before.
    errors
        On validation data, at the end of whole trainings.
    failure
        Why it cannot run, or could not go on; empty if all is well.
    """

    name: str
    threads: int
    epochs: int
    command: Sequence[str]
    busy: bool = False
    first: float = nan
    whole: float = nan
    seconds: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    failure: str = ""

    def __post_init__(self) -> None:
        """Start it and wait until it is ready."""
        # TensorFlow's operations have so many threads each, but never run side by side, which is faster here.
        threads = str(self.threads)
        names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "NPROC")
        environment = os.environ | dict.fromkeys(names, threads)
        environment |= {"TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}
        environment["KERAS_BACKEND"] = self.name.partition("-")[2] or "jax"
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 (as long as the process)
        self._waited = -time.perf_counter()
        self._process = subprocess.Popen(
            self.command, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints,
        )  # fmt: skip
        self._read()
        self._waited += time.perf_counter()

    def train(self, epochs: int) -> float:
        """Seconds of one training from fresh weights; NaN once the peer has failed."""
        if self.failure:
            return nan
        assert self._process.stdin
        with suppress(OSError):  # if it is gone, reading will tell
            print(epochs, file=self._process.stdin, flush=True)
        if not (line := self._read()):
            return nan
        answer = json.loads(line)
        if epochs == self.epochs:
            self.errors.append(answer["error"])
        seconds = answer["processor" if self.busy else "seconds"]
        if isnan(self.first):
            self.first = seconds
            self.whole = answer["since_start"] if self.busy else self._waited + seconds
        return seconds * self.epochs / epochs

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._complaints.close()

    def _read(self) -> str:
        """Its next line; empty, with the reason in `failure`, if there is none."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait()
            self._complaints.seek(0)
            said = self._complaints.read().split("\n")
            last = next((line.strip() for line in reversed(said) if line.strip()), f"it ended with {code}")
            self.failure = f"killed by signal {-code}" if code < 0 else last
        return line


def start(name: str, task: Task, epochs: int, threads: int, busy: bool = False) -> Runner:
    """Start a peer such as "keras-jax"."""
    command = [sys.executable, "-m", "benchmarks.peers", name, task.name]
    return Runner(name, threads, epochs, command, busy)


def run(ours: Runner, peers: Sequence[Runner], rounds: int, timed_epochs: int) -> None:
    """Everybody's first training, a whole one; then netlet and a peer, netlet and the next, ... in rounds."""
    for runner in (ours, *peers):
        runner.train(runner.epochs)
    for _ in range(rounds):
        for peer in peers:
            own, theirs = ours.train(ours.epochs), peer.train(timed_epochs)
            for runner, seconds in ((ours, own), (peer, theirs)):
                if not isnan(seconds):
                    runner.seconds.append(seconds)
            if not isnan(theirs / own):
                peer.ratios.append(theirs / own)


def fastest(runners: Sequence[Runner]) -> list[Runner]:
    """Of every peer the runner with the lower median; those that failed do not count."""
    chosen: dict[str, Runner] = {}
    for runner in runners:
        known = chosen.get(runner.name)
        if not runner.failure and (known is None or median(runner.seconds) < median(known.seconds)):
            chosen[runner.name] = runner
    return list(chosen.values())


def in_range(ours: float, theirs: float) -> bool:
    """Whether two errors are alike enough for the times to be of the same task."""
    return theirs <= SAME_RANGE * ours and ours <= SAME_RANGE * theirs
