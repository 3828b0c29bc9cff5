"""How small the networks are that `netlet search` finds: all its targets, five minutes (pulses: ten) each.

`python -m benchmarks.searches [NAMES] [--minutes-share 1.0] [--seed 0] [--repeats 1] [--out FILE.json]`
prints a row for each; the exit code is 0 only if every network is as small as it has to be, searches repeated
from other seeds come within a factor of 1.5 of one another, and 90 % of the processors' time went into
training and measuring networks. digits and shapes are data that the search was not built on.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import netlet as nl
from netlet.search import Target, Threads, search
from netlet.search.executors import Outcome, protocol
from netlet.search.executors import Task as Work
from netlet.store import Store


@dataclass(frozen=True)
class Task:
    """A search, and the parameters its answer may have at most."""

    dataset: str
    target: str
    of: str
    most: int
    minutes: float = 5.0

    @property
    def name(self) -> str:
        """Such as mnist56-0.98-best."""
        return f"{self.dataset}-{self.target.partition('=')[2]}-{self.of}"


TASKS = {
    task.name: task
    for task in (
        Task("mnist56", "accuracy=0.98", "best", 30),
        Task("mnist56", "accuracy=0.98", "median", 30),
        Task("mnist56", "accuracy=0.99", "median", 250),
        Task("crt", "accuracy=1.0", "best", 20),
        Task("crt", "accuracy=0.99", "median", 170),
        Task("r3", "accuracy=0.99", "best", 10),
        Task("r3", "accuracy=0.99", "median", 120),
        Task("pulses", "normalised_error=0.006", "best", 200, 10.0),
        Task("digits", "accuracy=0.95", "median", 800),
        Task("shapes", "accuracy=0.98", "median", 800),
    )
}
SHARE = 0.9
"""Of the processors' time: what training and measuring must take at least."""
SPREAD = 1.5
"""Of searches for the same from different seeds: how many times the smallest answer the largest may be."""


def data_of(name: str) -> nl.Dataset:
    """A dataset of the lab; or one that it does not have."""
    if name == "digits":  # 8 x 8 pixels, ten classes; comes with scikit-learn
        from sklearn.datasets import load_digits

        pixels, labels = load_digits(return_X_y=True)
        x = pixels.reshape(-1, 8, 8, 1).astype(np.float32) / 16
        train, validation, test = ((x[at::3], labels[at::3]) for at in range(3))
        return nl.Dataset(name, train, validation, test, source="scikit-learn's digits")
    if name == "shapes":  # the six classes of crt and r3 in one, upside down, from another seed
        crt, r3 = (nl.load(each, seed=7) for each in ("crt", "r3"))
        splits = []
        for a, b in ((crt.train, r3.train), (crt.validation, r3.validation), (crt.test, r3.test)):
            assert a is not None
            assert b is not None
            labels = np.concatenate([a.y.argmax(axis=1), 3 + b.y.argmax(axis=1)])
            splits.append((np.concatenate([a.x, b.x])[:, ::-1], labels))
        train, validation, test = splits
        return nl.Dataset(name, train, validation, test, source="crt and r3")
    return nl.load(name)


class Watched(Threads):
    """Threads that count the processor's seconds that go into other things than training and measuring."""

    overhead = 0.0

    def _carry_out(self, task: Work) -> Outcome:
        started = time.thread_time()
        outcome = super()._carry_out(task)  # the engine trains in a thread of its own
        self.overhead += time.thread_time() - started
        return outcome

    def measured(self, *arguments: Any) -> Any:
        """What measuring takes is taken off again."""
        started = time.thread_time()
        found = measured(*arguments)
        self.overhead -= time.thread_time() - started
        return found


measured = protocol.measured


def run(task: Task, share: float, seed: int) -> dict[str, Any]:
    """One search in a store of its own, and the processor's time it took."""
    data = data_of(task.dataset)
    target = Target.read(task.target, data.task, task.of)
    threads = Watched(data)
    protocol.measured = threads.measured
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "runs.db") as store:
        started, began = time.process_time(), time.thread_time()
        found = search(data, target, minutes=task.minutes * share, store=store, executor=threads, seed=seed)
        processor, deciding = time.process_time() - started, time.thread_time() - began
    in_training = 1 - (deciding + threads.overhead) / processor
    return found.as_dict() | {
        "task": task.name,
        "seed": seed,
        "most": task.most,
        "processor_share": in_training,
    }


def main() -> bool:
    """Run what is asked for; whether all targets were met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.searches", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TASKS)}; all by default")
    parser.add_argument("--minutes-share", type=float, default=1.0, help="of each task's minutes")
    parser.add_argument("--seed", type=int, default=0, help="of the choices")
    parser.add_argument(
        "--repeats", type=int, default=1, help="searches for each, from this seed and the next"
    )
    parser.add_argument("--out", type=Path, help="also write all results to a JSON file")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in TASKS]:
        parser.error(f"there is no search {unknown[0]!r}: choose from {', '.join(TASKS)}")
    table = Table(title="the smallest networks found")
    for title in (
        "search",
        "seed",
        "at most",
        "found",
        "validation",
        "test",
        "seeds that reach it",
        "networks/s",
        "training",
    ):
        table.add_column(title, justify="left" if title == "search" else "right")
    rows = []
    for name in options.names or TASKS:
        for seed in range(options.seed, options.seed + options.repeats):
            row = run(TASKS[name], options.minutes_share, seed)
            rows.append(row)
            table.add_row(*_cells(row))
            print(*_cells(row), sep="  ", file=sys.stderr, flush=True)
    Console(width=160).print(table)
    spreads = _spreads(rows)
    if options.repeats > 1:
        for name, spread in spreads.items():
            print(f"{name}: the largest answer is {spread:.2f} times the smallest")
    if options.out:
        options.out.write_text(json.dumps(rows, indent=2) + "\n")
    are_small = all(
        row["answer"] and row["answer"]["parameters"] <= row["most"] and row["processor_share"] >= SHARE
        for row in rows
    )
    return are_small and max(spreads.values()) <= SPREAD


def _spreads(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Of each task, the parameters of the largest answer over those of the smallest."""
    sizes: dict[str, list[float]] = {}
    for row in rows:
        sizes.setdefault(row["task"], []).append(row["answer"]["parameters"] if row["answer"] else inf)
    return {name: max(found) / min(found) if max(found) < inf else inf for name, found in sizes.items()}


def _cells(row: dict[str, Any]) -> list[str]:
    answer = row["answer"]
    end = [f"{row['candidates_per_second']:.1f}", f"{row['processor_share']:.0%}"]
    begin = [row["task"], f"{row['seed']}", f"{row['most']}"]
    if answer is None:
        return [*begin, "none", "", "", "", *end]
    told = [f"{answer['value'][split]:.4f}" for split in ("validation", "test")]
    shares = [f"{answer['share_reached'][split]:.0%}" for split in ("validation", "test")]
    return [*begin, f"{answer['parameters']}", *told, " / ".join(shares), *end]


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
