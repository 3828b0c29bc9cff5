"""Whether generated data is like the exercise's own files: networks trained on either do as well on both.

`python -m benchmarks.originals [DIR] [--sets 8] [--seeds 16] [--out FILE.json]`: DIR (by default the variable
NETLET_ORIGINALS) holds the files crt-trn/, crt-trn_trg.csv, r3-trn/, r3-trn_trg.csv and pulsedata1-trn.npy.
They belong to the course and are no part of the project: without them there is nothing to do. The exit code
is 0 if every difference is small enough.

Several sets of the size of the originals are generated. Every network is trained on each and on the original
set, from several seeds, and measured on all sets but its own. How far the generated sets are from each other
tells how far a set may be from them by luck.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

import netlet as nl
from netlet import datasets
from netlet.datasets.files import originals
from netlet.datasets.pulses import reverse
from netlet.lab import Laboratory, read
from netlet.lab.answering import settings
from netlet.metrics import METRICS

VARIABLE = "NETLET_ORIGINALS"
POINTS = 0.02
"""Accuracies may differ by two points,"""
SHARE = 0.1
"""and errors by a tenth; or by what two standard deviations from one generated set to the next are."""


class Task(NamedTuple):
    """A network, and how it is trained."""

    dataset: str
    architecture: str
    training: nl.Training


def tasks() -> list[Task]:
    """The exercise's networks, but those of mnist56, which has no generated set."""
    lab, networks = Laboratory(), read().networks
    chosen = [networks[key] for key in ("crt", "r3", "counting", "rnn5", "rnn", "gru", "lstm", "reversed")]
    return [Task(each.dataset, each.architecture, settings(each, lab)) for each in chosen]


@dataclass(frozen=True)
class Likeness:
    """The metric that runs are ranked by, the median over seeds, on sets that were not learned from.

    Attributes
    ----------
    generated
        Trained on a generated set, measured on another: the mean over all such pairs.
    on_originals
        Trained on a generated set, measured on the original one.
    from_originals
        Trained on the original set, measured on a generated one.
    luck
        Standard deviation of the two, had a generated set been in the original one's place.
    """

    dataset: str
    architecture: str
    metric: str
    generated: float
    on_originals: float
    from_originals: float
    luck: tuple[float, float]

    @property
    def unit(self) -> float:
        """What differences are counted in: accuracies as they are, errors as shares."""
        return 1.0 if self.metric == "accuracy" else self.generated

    @property
    def differences(self) -> tuple[float, float]:
        """Of `on_originals` and `from_originals` from `generated`."""
        here, there = self.on_originals - self.generated, self.from_originals - self.generated
        return here / self.unit, there / self.unit

    @property
    def is_met(self) -> bool:
        """Whether both are small enough."""
        limit = POINTS if self.metric == "accuracy" else SHARE
        return all(
            abs(difference) <= max(limit, 2 * luck / self.unit)
            for difference, luck in zip(self.differences, self.luck, strict=True)
        )


def measured(task: Task, folder: Path, sets: int, seeds: int) -> Likeness:
    """Train on every set, and measure on all others."""
    original = _original(task.dataset, folder)
    count = len(original.train)
    made = [datasets.make(task.dataset, seed, train=count, validation=1, test=0) for seed in range(sets)]
    metric = METRICS[original.task][0]
    everything = [original, *made]
    medians = np.full((sets + 1, sets + 1), np.nan)  # of what was trained on a row's set, on a column's
    for row, learned in enumerate(everything):
        runs = nl.train(task.architecture, learned, task.training, seeds=seeds)
        for column, other in enumerate(everything):
            if column != row:
                medians[row, column] = np.median([run.evaluate(other.train)[metric] or 0.0 for run in runs])
    among = medians[1:, 1:]
    return Likeness(
        task.dataset,
        task.architecture,
        metric,
        float(np.nanmean(among)),
        float(medians[1:, 0].mean()),
        float(medians[0, 1:].mean()),
        (float(np.nanmean(among, axis=0).std(ddof=1)), float(np.nanmean(among, axis=1).std(ddof=1))),
    )


def _original(name: str, folder: Path) -> nl.Dataset:
    """The original training files, which stand in for the validation files: only the last weights count."""
    pair = originals.read_split(name, folder, "trn")
    classes = originals.SHAPE_CLASSES.get(name)
    data = nl.Dataset(name, pair, pair, task="categorical" if classes else "regression", class_names=classes)
    return reverse(data, name, "") if name == "pulses-reversed" else data


def main() -> None:
    """Train, print a row for every network, and keep the figures if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.originals", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=os.environ.get(VARIABLE), metavar="DIR")
    parser.add_argument("--sets", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160)
    if options.folder is None:
        console.print(f"skipped: give the folder of the exercise's own files, or set {VARIABLE}")
        return
    table = Table("dataset", "network", "generated", "on originals", "from originals", "differences", "")
    found = []
    for task in tasks():
        with console.status(f"{task.dataset}, {task.architecture}"):
            likeness = measured(task, Path(options.folder), options.sets, options.seeds)
        found.append(likeness)
        values = likeness.generated, likeness.on_originals, likeness.from_originals
        differences = zip(likeness.differences, likeness.luck, strict=True)
        table.add_row(
            task.dataset,
            task.architecture,
            *(f"{value:.4f}" for value in values),
            ", ".join(f"{100 * d:+.1f} ± {100 * luck / likeness.unit:.1f}" for d, luck in differences),
            "met" if likeness.is_met else "MISSED",
        )
    console.print(table)
    if options.out:
        rows = [asdict(likeness) | {"met": likeness.is_met} for likeness in found]
        about = {"sets": options.sets, "seeds": options.seeds, "rows": rows}
        options.out.write_text(json.dumps(about, indent=1) + "\n")
    sys.exit(not all(likeness.is_met for likeness in found))


if __name__ == "__main__":
    main()
