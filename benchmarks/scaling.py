"""How cost grows: nanoseconds a multiply-add over network sizes, and 64 seeds together against one by one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from statistics import median

import netlet as nl
from benchmarks.tasks import TASKS
from benchmarks.work import multiply_adds_of_training

CLIFF = 1.5
"""How many times as much as in a smaller network a multiply-add may cost at most."""


@dataclass(frozen=True)
class Cost:
    """What training one network costs: nanoseconds a multiply-add, in every round."""

    family: str
    parameters: int
    nanoseconds: list[float] = field(default_factory=list)


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
    settings = nl.Training(epochs=3)
    networks = [(family, text) for family, texts in FAMILIES.items() for text in texts]

    def train(text: str) -> nl.Runs:
        return nl.train(text, alone, settings, threads=1)

    found = [Cost(family, train(text).parameters) for family, text in networks]  # which warms up, too
    for _ in range(rounds):
        for cost, (_, text) in zip(found, networks, strict=True):
            count = multiply_adds_of_training(text, alone, settings.epochs, validated=False)
            cost.nanoseconds.append(train(text).seconds / count * 1e9)
    return found


def steepest(costs: Sequence[Cost]) -> tuple[Cost, Cost, list[float]]:
    """Where cost grows most from one size to any larger one, and how many times as large it is by round."""
    ordered = sorted(costs, key=lambda cost: cost.parameters)
    growths = [
        (small, large, [b / a for a, b in zip(small.nanoseconds, large.nanoseconds, strict=True)])
        for small, large in combinations(ordered, 2)
    ]
    return max(growths, key=lambda growth: median(growth[2]))


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
    measured = roofs()
    return measured and measured[0]


def roofs() -> tuple[float, float] | None:
    """That, and bytes a second that a core reads from its second-level cache; None without a compiler."""
    source = Path(__file__).with_name("peak.cpp")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "peak"
        try:
            flags = ["-O3", "-march=native", "-mprefer-vector-width=512", "-std=c++20"]
            subprocess.run(["c++", *flags, source, "-o", program], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        rate, cache = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()[:2]
        return float(rate), float(cache)


# getrusage's ru_maxrss would contain what the parent had used before the program was loaded.
MEMORY = """
import re, netlet as nl
nl.train("conv(3) - maxpool(3) - conv(3) - maxpool(3) - flatten - dense(10) - dense(3)", nl.load("r3"),
         epochs=2, seeds=64)
print(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
"""


def memory_of_64_seeds() -> float | None:
    """Peak memory, in MB, of a process that trains 64 seeds of the 1,237-parameter network; on Linux."""
    if not Path("/proc/self/status").exists():
        return None
    command = [sys.executable, "-c", MEMORY]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) * 1024 / 1e6
