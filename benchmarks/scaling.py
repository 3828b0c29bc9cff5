"""How cost grows: nanoseconds a multiply-add over network sizes, and 64 seeds together against one by one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import netlet as nl
from benchmarks.tasks import TASKS
from benchmarks.work import multiply_adds_of_training


@dataclass(frozen=True)
class Cost:
    """What training one network costs."""

    family: str
    parameters: int
    nanoseconds: float
    """A multiply-add."""


FAMILIES = {
    "convolutional, 28 x 28": [
        "conv(1, 5x5, strides=2) - maxpool(3) - flatten - dense(1)",
        "conv(2, 3x3) - maxpool(2) - conv(2, 3x3) - maxpool(2) - flatten - dense(1)",
        "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(5) - dense(1)",
        "conv(4, 3x3) - maxpool(2) - conv(4, 3x3) - maxpool(2) - flatten - dense(10) - dense(1)",
        "conv(8, 3x3) - maxpool(2) - conv(8, 3x3) - maxpool(2) - flatten - dense(20) - dense(1)",
        "conv(16, 3x3) - maxpool(2) - conv(16, 3x3) - maxpool(2) - flatten - dense(40) - dense(1)",
        "conv(32, 3x3) - maxpool(2) - conv(32, 3x3) - maxpool(2) - flatten - dense(100) - dense(1)",
    ],
    "dense, 784 inputs": [
        "flatten - dense(1)",
        "flatten - dense(4) - dense(1)",
        "flatten - dense(16) - dense(1)",
        "flatten - dense(64) - dense(1)",
        "flatten - dense(124) - dense(1)",
    ],
}


def costs(rounds: int) -> list[Cost]:
    """The cost of every network of the families: training steps alone, one thread, batches of 64."""
    data = nl.load("mnist56")
    # One validation sample, since there must be one: its cost does not show.
    alone = nl.Dataset(
        "mnist56", data.train, (data.validation.x[:1], data.validation.y[:1]), class_names=("5", "6")
    )
    found = []
    for family, architectures in FAMILIES.items():
        for text in architectures:
            epochs = 3
            settings = nl.Training(epochs=epochs)
            all_runs = [nl.train(text, alone, settings, threads=1) for _ in range(rounds + 1)][1:]
            count = multiply_adds_of_training(text, alone, epochs, validated=False)
            seconds = median(runs.seconds for runs in all_runs)
            found.append(Cost(family, all_runs[0].parameters, seconds / count * 1e9))
    return found


def seeds_together(rounds: int, seeds: int = 64) -> list[float]:
    """Seconds of many seeds on two threads / of as many trainings one by one on one, round by round."""
    task = TASKS["cnn185"]
    data = nl.load(task.dataset)
    settings = nl.Training(epochs=10)
    shares = []
    for _ in range(rounds):
        together = nl.train(task.architecture, data, settings, seeds=seeds, threads=2).seconds
        single = sum(
            nl.train(task.architecture, data, settings, seeds=[seed], threads=1).seconds
            for seed in range(seeds)
        )
        shares.append(together / single)
    return shares


def peak_rate() -> float | None:
    """Multiply-adds a second of one core, measured; None without a compiler."""
    source = Path(__file__).with_name("peak.cpp")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "peak"
        try:
            flags = ["-O3", "-march=native", "-mprefer-vector-width=512", "-std=c++20"]
            subprocess.run(["c++", *flags, source, "-o", program], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        return float(subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()[0])


MEMORY = """
import resource, netlet as nl
nl.train("conv(3) - maxpool(3) - conv(3) - maxpool(3) - flatten - dense(10) - dense(3)", nl.load("r3"),
         nl.Training.default("r3", epochs=2), seeds=64)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def memory_of_64_seeds() -> int:
    """Peak memory, in bytes, of a process that trains 64 seeds of the 1,237-parameter network."""
    return int(
        subprocess.run([sys.executable, "-c", MEMORY], check=True, capture_output=True, text=True).stdout
    )
