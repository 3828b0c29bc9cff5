"""``python -m benchmarks [NAMES] [--rounds N] [--quick] [--json FILE]``: run, print tables, draw the plot."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

import netlet as nl
from benchmarks import race, scaling
from benchmarks.tasks import TASKS, Task
from benchmarks.work import multiply_adds_of_training

RESULTS = Path(__file__).with_name("results")
Row = dict[str, Any]


def main() -> None:
    """Run what is asked for."""
    parts = {**dict.fromkeys(TASKS, race_rows), "scaling": scaling_rows, "process": process_rows}
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(parts)}; all by default")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="fewer epochs and rounds: for trying it out")
    parser.add_argument("--json", type=Path, help="where to write every figure")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in parts]:
        parser.error(f"there is no benchmark {unknown[0]!r}: choose from {', '.join(parts)}")
    options.rounds = 2 if options.quick else options.rounds
    console = Console()
    if not console.is_terminal:
        console = Console(width=130)
    rows: list[Row] = []
    for name, part in parts.items():
        if options.names and name not in options.names:
            continue
        with console.status(f"{name} ..."):
            found = part(name, options)
        rows += found
        console.print(table(name, found))
    machine = {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "netlet": nl.__version__,  # type: ignore[attr-defined]
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
        "quick": options.quick,
    }
    console.print(machine)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")


def race_rows(name: str, options: argparse.Namespace) -> list[Row]:
    """Every peer on one task."""
    task: Task = TASKS[name]
    epochs = task.quick_epochs if options.quick else task.epochs
    entries = [("netlet", 1)]
    for peer in task.floors:
        entries += [(peer, threads) for threads in (1, 2)] if peer == "torch" else [(peer, 2)]
    runners = [race.start(peer, task, epochs, threads) for peer, threads in entries]
    running = [runner for runner in runners if runner.process]
    race.run(running, options.rounds)
    ours = next(runner for runner in runners if runner.name == "netlet")
    rows = []
    for runner in [*race.best_threads(running), *(r for r in runners if r.missing)]:
        what = f"{runner.name}, {runner.threads} thread" + ("s" if runner.threads > 1 else "")
        if runner.missing:
            rows.append(_row(name, what, [], "s", note=runner.missing))
            continue
        note = f"first {runner.first:.2f} s; accuracy {median(runner.accuracies):.3f}"
        row = _row(name, what, runner.seconds, "s", note=note)
        if runner is not ours:
            ratio, target = median(race.ratios(ours.seconds, runner.seconds)), task.floors[runner.name]
            row |= {"ratio": ratio, "target": target, "met": ratio >= target}
        rows.append(row | {"epochs": epochs})
    if peak := scaling.peak_rate():
        count = multiply_adds_of_training(task.architecture, nl.load(task.dataset), epochs)
        shares = [100 * count / seconds / peak for seconds in ours.seconds]
        note = f"{count / 1e9:.2f} billion; peak {peak / 1e9:.0f} billion a second"
        rows.append(_row(name, "share of the core's multiply-add peak", shares, "%", note=note))
    return rows


def scaling_rows(name: str, options: argparse.Namespace) -> list[Row]:
    """Cost a multiply-add over sizes, seeds together, memory."""
    costs = scaling.costs(options.rounds)
    draw(costs, RESULTS / "cost.png")
    rows = [
        _row(name, f"{cost.family}, {cost.parameters:,} parameters", [cost.nanoseconds], "ns a multiply-add")
        for cost in costs
    ]
    shares = scaling.seeds_together(options.rounds)
    rows.append(_row(name, "64 seeds on two threads / 64 single ones", shares, "", at_most=0.55))
    memory = scaling.memory_of_64_seeds() / 2**20
    rows.append(_row(name, "memory of 64 seeds of 1,237 parameters", [memory], "MiB", at_most=1000))
    return rows


def process_rows(name: str, options: argparse.Namespace) -> list[Row]:
    """Whole commands, from start to end."""
    command = shutil.which("netlet", path=str(Path(sys.executable).parent)) or "netlet"
    rows = []
    for arguments, at_most in ((["--help"], 0.3), (["train", "mnist56", TASKS["cnn185"].architecture], 1.5)):
        seconds = []
        for _ in range(options.rounds + 1):
            started = time.perf_counter()
            subprocess.run([command, *arguments], check=True, capture_output=True)
            seconds.append(time.perf_counter() - started)
        rows.append(_row(name, f"netlet {arguments[0]}, whole process", seconds[1:], "s", at_most=at_most))
    return rows


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
        drawn.add_column(column)
    for row in rows:
        value = row["value"]
        spread = f"{row['least']:.3g} .. {row['most']:.3g}" if value != row.get("least") else ""
        drawn.add_row(
            row["what"],
            "-" if value is None else f"{value:.3g} {row['unit']}",
            spread,
            f"{row['ratio']:.1f}" if "ratio" in row else "",
            str(row.get("target", "")),
            {True: "yes", False: "NO"}.get(row.get("met"), ""),  # type: ignore[arg-type]
            row.get("note", ""),
        )
    return drawn


def draw(costs: list[scaling.Cost], path: Path) -> None:
    """Cost a multiply-add against the number of parameters."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, 3.6), layout="constrained")
    axes = figure.add_subplot(
        xscale="log", yscale="log", xlabel="parameters", ylabel="nanoseconds a multiply-add",
        title="Training on one thread, batches of 64",
    )  # fmt: skip
    for family, colour, marker in zip(scaling.FAMILIES, ("#0072B2", "#D55E00"), "os", strict=True):
        points = [(c.parameters, c.nanoseconds) for c in costs if c.family == family]
        axes.plot(*zip(*points, strict=True), color=colour, marker=marker, label=family)
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)


def processor() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


if __name__ == "__main__":
    main()
