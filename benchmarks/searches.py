"""How small the networks are that `netlet search` finds: all its targets, five minutes (pulses: ten) each.

`python -m benchmarks.searches [NAMES] [--minutes-share 1.0] [--seed 0] [--out FILE.json]`: prints a row for
each; the exit code is 0 only if every network is as small as it has to be.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import netlet as nl
from netlet.search import Target, search
from netlet.store import Store
from netlet.training import checked_threads


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
        Task("mnist56", "accuracy=0.98", "best", 36),
        Task("mnist56", "accuracy=0.98", "median", 70),
        Task("mnist56", "accuracy=0.99", "median", 250),
        Task("crt", "accuracy=1.0", "best", 130),
        Task("crt", "accuracy=0.99", "median", 170),
        Task("r3", "accuracy=0.99", "best", 40),
        Task("r3", "accuracy=0.99", "median", 120),
        Task("pulses", "normalised_error=0.006", "best", 200, 10.0),
    )
}


def run(task: Task, share: float, seed: int) -> dict[str, Any]:
    """One search in a store of its own, and the processor's time it took."""
    data = nl.load(task.dataset)
    target = Target.read(task.target, data.task, task.of)
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "runs.db") as store:
        started = time.process_time()
        found = search(data, target, task.minutes * share, store=store, seed=seed)
        processor = time.process_time() - started
    training = found.training_share * found.seconds * checked_threads(None)
    return found.as_dict() | {"task": task.name, "most": task.most, "processor_share": training / processor}


def main() -> bool:
    """Run what is asked for; whether all targets were met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.searches", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TASKS)}; all by default")
    parser.add_argument("--minutes-share", type=float, default=1.0, help="of each task's minutes")
    parser.add_argument("--seed", type=int, default=0, help="of the choices")
    parser.add_argument("--out", type=Path, help="also write all results to a JSON file")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in TASKS]:
        parser.error(f"there is no search {unknown[0]!r}: choose from {', '.join(TASKS)}")
    table = Table(title="the smallest networks found")
    for title in (
        "search",
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
        row = run(TASKS[name], options.minutes_share, options.seed)
        rows.append(row)
        table.add_row(*_cells(row))
        print(*_cells(row), sep="  ", file=sys.stderr, flush=True)
    Console(width=160).print(table)
    if options.out:
        options.out.write_text(json.dumps(rows, indent=2) + "\n")
    return all(row["answer"] and row["answer"]["parameters"] <= row["most"] for row in rows)


def _cells(row: dict[str, Any]) -> list[str]:
    answer = row["answer"]
    end = [f"{row['candidates_per_second']:.1f}", f"{row['training_share']:.0%}"]
    if answer is None:
        return [row["task"], f"{row['most']}", "none", "", "", "", *end]
    metric = row["target"]["metric"]
    told = []
    for split in ("validation", "test"):
        spread = answer["metrics"][split][metric]
        told.append(f"{spread['median']:.4f} (best {spread['best']:.4f})")
    shares = [f"{answer['share_reached'][split]:.0%}" for split in ("validation", "test")]
    return [row["task"], f"{row['most']}", f"{answer['parameters']}", *told, " / ".join(shares), *end]


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
