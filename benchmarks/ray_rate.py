"""Runs a second of a search's tasks, on a local Ray cluster and in threads by turns: whether Ray costs much.

`python -m benchmarks.ray_rate [--tasks 300] [--rounds 3]`
"""

from __future__ import annotations

import argparse
import os
import time
from statistics import median

import netlet as nl
from netlet.search import Executor, Threads
from netlet.search.executors import Task
from netlet.search.executors.ray_cluster import RayExecutor

ARCHITECTURE = "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(5) - dense(1)"
"""185 parameters."""
EPOCHS = 30
RATE = 10.0
"""Networks a second that threads must train on two cores."""
TARGET = 0.85
"""The share of the threads' rate that Ray must reach."""


def rate(executor: Executor, count: int) -> float:
    """Tasks a second, handed in as the executor has room, as a search does."""
    training = nl.Training(epochs=EPOCHS)
    tasks = [Task(seed, ARCHITECTURE, training, seed, 1e9) for seed in range(count)]
    done, started = 0, time.perf_counter()
    while done < count:
        if tasks and (room := executor.room) > 0:
            executor.submit(tasks[:room])
            del tasks[:room]
        done += len(executor.wait(0.1))
    return count / (time.perf_counter() - started)


def main() -> bool:
    """Measure, and print; whether the target was met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    data = nl.load("mnist56")
    print(f"load average {os.getloadavg()[0]:.1f}, {asked.tasks} tasks a round")
    began = time.perf_counter()
    cluster = RayExecutor(data, "local")
    started = time.perf_counter()
    rate(cluster, cluster.workers)
    warm = time.perf_counter()
    threads = Threads(data, cluster.workers)
    ratios, in_threads = [], []
    try:
        rate(threads, threads.workers)
        for number in range(asked.rounds):
            first, second = (threads, cluster) if number % 2 == 0 else (cluster, threads)
            rates = {first: rate(first, asked.tasks), second: rate(second, asked.tasks)}
            ratios.append(rates[cluster] / rates[threads])
            in_threads.append(rates[threads])
            print(f"{rates[threads]:6.1f} runs/s in threads, {rates[cluster]:6.1f} on Ray: {ratios[-1]:.3f}")
    finally:
        threads.close()
        closing = time.perf_counter()
        cluster.close()
        closed = time.perf_counter()
    start_up = warm - began
    print(
        f"start-up {started - began:.1f} s, and {warm - started:.1f} s until the first tasks were done: "
        f"{start_up / 300:.1%} of five minutes; end {closed - closing:.1f} s"
    )
    found = ((median(ratios), TARGET, "ratio"), (median(in_threads), RATE, "runs a second in threads"))
    for value, least, what in found:
        print(f"median {what} {value:.3f}, {'at least' if value >= least else 'BELOW'} {least}")
    return all(value >= least for value, least, _ in found)


if __name__ == "__main__":
    raise SystemExit(not main())
