"""Races: every peer trains the same task in turn, round after round, and ratios are taken round by round."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from statistics import median

from benchmarks.tasks import Task


@dataclass
class Runner:
    """A peer's process. `threads` is what it may use."""

    name: str
    threads: int
    process: subprocess.Popen[str] | None
    first: float = float("nan")
    seconds: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    missing: str = ""

    def train(self) -> float:
        """One training; its seconds."""
        assert self.process and self.process.stdin and self.process.stdout
        print(file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        self.accuracies.append(answer["accuracy"])
        return answer["seconds"]


def start(name: str, task: Task, epochs: int, threads: int) -> Runner:
    """Start a peer such as "keras-jax" and wait until it is ready; if it cannot run, `missing` says why."""
    peer, _, backend = name.partition("-")
    environment = os.environ | {
        "KERAS_BACKEND": backend or "jax",
        "OMP_NUM_THREADS": str(threads),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "JAX_PLATFORMS": "cpu",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.peers", peer, task.name, str(epochs), str(threads)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    assert process.stdout and process.stderr
    if process.stdout.readline().strip() == "ready":
        return Runner(name, threads, process)
    problem = process.stderr.read().strip().splitlines()
    return Runner(name, threads, None, missing=problem[-1] if problem else "it did not start")


def run(runners: list[Runner], rounds: int) -> None:
    """Everybody's first training, apart; then round after round, and stop."""
    for runner in runners:
        runner.first = runner.train()
    for _ in range(rounds):
        for runner in runners:
            runner.seconds.append(runner.train())
    for runner in runners:
        assert runner.process
        runner.process.terminate()


def ratios(ours: list[float], theirs: list[float]) -> list[float]:
    """How many times as long they took as we did, round by round."""
    return [b / a for a, b in zip(ours, theirs, strict=True)]


def best_threads(runners: list[Runner]) -> list[Runner]:
    """Of every peer the thread count with the lower median."""
    chosen: dict[str, Runner] = {}
    for runner in runners:
        known = chosen.get(runner.name)
        if known is None or (runner.seconds and median(runner.seconds) < median(known.seconds)):
            chosen[runner.name] = runner
    return list(chosen.values())
