"""``python -m benchmarks [NAMES] [--rounds N] [--quick] [--out FOLDER]``: run, print tables, draw the plot.

The exit code is 0 only if every peer ran and every target was met.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

import netlet as nl
from benchmarks import race, scaling
from benchmarks.tasks import TASKS
from benchmarks.work import multiply_adds_of_training
from netlet import _engine
from netlet.network import INSTRUCTION_SET_VARIABLE

RESULTS = Path(__file__).with_name("results")
ROUNDS = 5
PACKAGES = ("netlet", "numpy", "keras", "tensorflow-cpu", "jax", "torch")
Row = dict[str, Any]


def main() -> None:
    """Run what is asked for."""
    parts = {**dict.fromkeys(TASKS, race_rows), "scaling": scaling_rows, "process": process_rows}
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(parts)}; all by default")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--quick", action="store_true", help="fewer epochs and rounds: for trying it out")
    parser.add_argument(
        "--busy",
        action="store_true",
        help="others use the machine: processor time, one thread each",
    )
    parser.add_argument(
        "--out", type=Path, help=f"folder for figures and plot; by default {RESULTS}, for a full run alone"
    )
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in parts]:
        parser.error(f"there is no benchmark {unknown[0]!r}: choose from {', '.join(parts)}")
    options.rounds = 2 if options.quick else options.rounds
    if options.rounds < 1:
        parser.error("--rounds has to be at least 1")
    if options.rounds >= ROUNDS and not options.names:
        options.out = options.out or RESULTS
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    conditions = machine()
    for key, value in conditions.items():
        console.print(f"{key.replace('_', ' ')}: {value}", highlight=False)
    conditions |= {"quick": options.quick, "rounds": options.rounds, "busy": options.busy}
    rows: list[Row] = []
    for name, part in parts.items():
        if options.names and name not in options.names:
            continue
        with console.status(f"{name} ..."):
            found = part(name, options)
        rows += found
        console.print(table(name, found))
        if options.out:  # after every part: what was measured is not lost with the next one
            path = options.out / f"{_slug(conditions['processor'])}.json"
            path.write_text(json.dumps({"machine": conditions, "rows": rows}, indent=1) + "\n")
    sys.exit(any(row.get("met") is False for row in rows))


def race_rows(name: str, options: argparse.Namespace) -> list[Row]:
    """Every peer on one task."""
    task = TASKS[name]
    epochs = task.quick_epochs if options.quick else task.epochs
    timed_epochs = min(task.timed_epochs or epochs, epochs)
    ours = race.start("netlet", task, epochs, 1, options.busy)
    peers = [
        race.start(peer, task, epochs, threads, options.busy)
        for peer in task.floors
        for threads in (race.THREADS[:1] if options.busy else race.THREADS)
    ]
    try:
        race.run(ours, peers, options.rounds, timed_epochs)
    finally:
        for runner in (ours, *peers):
            runner.stop()
    best = race.fastest(peers)
    rows = []
    for runner in (ours, *peers):
        what = f"{runner.name}, {runner.threads} thread" + ("s" if runner.threads > 1 else "")
        if runner.failure:
            rows.append(_failed(name, what, runner.failure))
            continue
        note = f"error {median(runner.errors):.3g}; first {runner.first:.2f} s; process {runner.whole:.2f} s"
        times = {"peer": runner.name, "threads": runner.threads, "first": runner.first, "whole": runner.whole}
        if runner is ours:
            rows.append(
                _row(name, what, runner.seconds, "s", None if options.quick else task.at_most, note) | times
            )
            continue
        if timed_epochs < epochs:
            note += f"; timed over {timed_epochs} of {epochs} epochs"
        row = _row(name, what, runner.seconds, "s", note=note) | times
        if ratios := runner.ratios:
            row |= {"ratio": median(ratios), "least_ratio": min(ratios), "most_ratio": max(ratios)}
            if runner in best:
                row |= {
                    "best": True,
                    "target": task.floors[runner.name],
                    "met": row["ratio"] >= task.floors[runner.name],
                }
            if not options.quick and not race.in_range(median(ours.errors), median(runner.errors)):
                row |= {"met": False, "note": f"ERROR NOT LIKE NETLET'S: {note}"}
        rows.append(row)
    if ours.seconds and (peak := scaling.peak_rate()):
        count = multiply_adds_of_training(task.architecture, nl.load(task.dataset), epochs)
        shares = [100 * count / seconds / peak for seconds in ours.seconds]
        note = f"{count / 1e9:.2f} billion; peak {peak / 1e9:.0f} billion a second"
        rows.append(_row(name, "share of the core's multiply-add peak", shares, "%", note=note))
    return [row | {"epochs": epochs} for row in rows]


def scaling_rows(name: str, options: argparse.Namespace) -> list[Row]:
    """Cost a multiply-add over sizes, seeds together, memory."""
    costs = scaling.costs(options.rounds)
    if options.out:
        draw(costs, options.out / "cost.png")
    rows = [
        _row(name, f"{c.family}, {c.parameters:,} parameters", c.nanoseconds, "ns", note="a multiply-add")
        for c in costs
    ]
    for family in scaling.FAMILIES:
        small, large, growth = scaling.steepest([cost for cost in costs if cost.family == family])
        note = f"from {small.parameters:,} to {large.parameters:,} parameters"
        rows.append(_row(name, f"{family}, steepest growth of cost", growth, "times", scaling.CLIFF, note))
    shares = scaling.seeds_together(options.rounds)
    rows.append(_row(name, "64 seeds on two threads / 64 single ones", shares, "", at_most=0.55))
    if memory := scaling.memory_of_64_seeds():
        rows.append(_row(name, "memory of 64 seeds of 1,237 parameters", [memory], "MB", at_most=1000))
    return rows


def process_rows(name: str, options: argparse.Namespace) -> list[Row]:
    """Whole commands, from start to end."""
    command = shutil.which("netlet", path=str(Path(sys.executable).parent)) or "netlet"
    rows = []
    training = ["train", "mnist56", TASKS["cnn185"].architecture, "--fresh"]
    for arguments, at_most in ((["--help"], 0.3), (training, 1.5)):
        what = f"netlet {arguments[0]}, whole process"
        seconds = []
        try:
            for _ in range(options.rounds + 1):
                started = time.perf_counter()
                with tempfile.TemporaryDirectory() as folder:
                    where = os.environ | {"NETLET_STORE": f"{folder}/runs.db"}
                    subprocess.run(
                        [command, *arguments], check=True, capture_output=True, text=True, env=where
                    )
                seconds.append(time.perf_counter() - started)
        except (OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", None) or str(error)
            rows.append(_failed(name, what, said.strip().splitlines()[-1]))
        else:
            rows.append(_row(name, what, seconds[1:], "s", at_most=at_most))
    return rows


def _slug(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", name.lower())) or "unknown"


def _failed(benchmark: str, what: str, reason: str) -> Row:
    return _row(benchmark, what, [], "", note=f"failed: {reason}") | {"met": False}


def _row(
    benchmark: str, what: str, values: list[float], unit: str, at_most: float | None = None, note: str = ""
) -> Row:
    row: Row = {"benchmark": benchmark, "what": what, "unit": unit, "note": note, "value": None}
    if values:
        row |= {"value": median(values), "least": min(values), "most": max(values)}
        if at_most is not None:
            row |= {"target": at_most, "met": median(values) <= at_most}
    return row


def table(name: str, rows: list[Row]) -> Table:
    """The rows as a table."""
    drawn = Table(title=name, title_justify="left")
    for column in ("what", "median", "least .. most", "times netlet", "target", "met", "note"):
        drawn.add_column(column, no_wrap=column != "note")
    for row in rows:
        value = row["value"]
        spread = f"{_short(row['least'])} .. {_short(row['most'])}" if value != row.get("least") else ""
        ratio = "{ratio:.1f} ({least_ratio:.1f} .. {most_ratio:.1f})".format(**row) if "ratio" in row else ""
        drawn.add_row(
            row["what"],
            "-" if value is None else f"{_short(value)} {row['unit']}",
            spread,
            ratio,
            str(row.get("target", "")),
            {True: "yes", False: "NO"}.get(row.get("met"), ""),  # type: ignore[arg-type]
            row["note"],
        )
    return drawn


def _short(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def draw(costs: list[scaling.Cost], path: Path) -> None:
    """Cost a multiply-add against the number of parameters."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, 3.6), layout="constrained")
    axes = figure.add_subplot(
        xscale="log", yscale="log", xlabel="parameters", ylabel="nanoseconds a multiply-add",
        title="Training on one thread, batches of 64",
    )  # fmt: skip
    for family, colour, marker in zip(scaling.FAMILIES, ("#0072B2", "#D55E00"), "os", strict=True):
        points = [(c.parameters, median(c.nanoseconds)) for c in costs if c.family == family]
        axes.plot(*zip(*points, strict=True), color=colour, marker=marker, label=family)
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    figure.savefig(path, dpi=150)


def machine() -> Row:
    """What the figures depend on, as it is now."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load_average": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "instruction_set": os.environ.get(INSTRUCTION_SET_VARIABLE) or _engine.instruction_sets()[0],
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def version(package: str) -> str:
    """The version that is installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


def processor() -> str:
    """The processor's name; on Linux with family and model, because virtual machines often hide the name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        parts = [line.partition(":") for line in reversed(lines)]
        said = {key.strip(): value.strip() for key, _, value in parts}
    except OSError:
        return platform.processor()
    if "model name" not in said:
        return platform.processor()
    return f"{said['model name']} (family {said.get('cpu family')}, model {said.get('model')})"


if __name__ == "__main__":
    main()
