"""What `netlet search` shows: the front as it moves, and in the end the front, the answer and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from netlet.datasets import Dataset
    from netlet.search import Found, Point, Progress, Status, Target

_ROWS = 12  # of the front that moves


@contextmanager
def display(dataset: Dataset, target: Target) -> Iterator[Progress]:
    """Show the front as it moves, on a terminal."""
    from rich.console import Console
    from rich.live import Live

    where = Console(stderr=True)
    if not where.is_terminal:
        yield lambda status: None
        return
    with Live(console=where, transient=True, auto_refresh=False) as live:
        shown = [-1.0]

        def show(status: Status) -> None:
            if status.seconds - shown[0] >= 0.25:
                shown[0] = status.seconds
                live.update(_moving(status, dataset, target), refresh=True)

        yield show


def _moving(status: Status, dataset: Dataset, target: Target) -> Group:
    """The front so far, as much of it as there is room for, and how far the search is."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from netlet.cli.printing import number

    left = "" if status.left is None else f", about {_minutes(status.left)} left"
    what = "training the front from all seeds" if status.is_finishing else "searching"
    rate = status.begun / status.seconds if status.seconds else 0.0
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("parameters", target.metric, "seeds"):
        table.add_column(column, justify="right")
    table.add_column("")
    goal = target.value
    reached = [place for place, row in enumerate(status.front) if target.value_of(row[1]) >= target.goal]
    last = min(reached[0] + 2, len(status.front)) if reached else len(status.front)
    for row in status.front[max(0, last - _ROWS) : last]:
        parameters, value, seeds = row
        note = "the answer so far" if row == status.answer else ""
        table.add_row(f"{parameters:,}", number(value), f"{seeds}", note)
    if status.answer is None:
        table.add_row("", number(goal), "", "to be reached")
    return Group(
        Text(f"{what}: {dataset.name}, {target}{left}"),
        table,
        Text(f"{status.candidates:,} networks, {status.runs:,} runs, {rate:.1f} networks a second"),
    )


def _minutes(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def show(found: Found, folder: Path | None, is_quiet: bool) -> None:
    """The front, the answer, and how it was chosen; on stderr where stdout is for JSON."""
    from netlet.cli.printing import console, distribution_table
    from netlet.search.space import SETTINGS

    where = console(to_stderr=is_quiet)

    def tell(text: str, style: str | None = None) -> None:
        where.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    if found.front:
        where.width = 10_000  # a network a line, however long it is
        where.print(_front_table(found))
        where = console(to_stderr=is_quiet)
    answer = found.answer
    if answer is None and found.problem is None:
        tell(f"No network that was trained from all {found.seeds} seeds reaches {found.target}.", "bold")
        if found.front:
            tell("Above is the best front: more --minutes, or a lower target, may help.")
    if answer is not None:
        tell(f"The smallest network that reaches {found.target}: {answer.parameters:,} parameters", "bold")
        tell(answer.experiment.architecture)
        settings = {name: answer.experiment.settings[name] for name in SETTINGS}
        tell(", ".join(f"{name} {value}" for name, value in settings.items() if value is not None))
        where.print(distribution_table(answer.experiment))
        if answer.costs is not None:
            tell(f"Written in C{' in int8' if found.hardware.int8 else ''} it needs {answer.costs}.")
        if found.hardware.int8:
            tell("The table is of the network in float; the front and what follows are measured in int8.")
        tell(_best_sentence(answer, found.target))
        tell(_shares_sentence(found.fresh or answer, found.target))
        if found.fresh is not None:
            tell(_fresh_sentence(found.fresh, found.target))
        tell(found.caveat)
        if found.margin:
            tell(
                f"The race asked for {found.margin:.2g} more than the target, on validation and training "
                "data alike, so that new data keep it (--margin 0: validation alone decides)."
            )
    if (share := found.majority.get("validation")) is not None:
        tell(
            f"Always answering the largest class (majority share) would be right on {share:.1%} of the "
            "validation data; networks that do no better than that count for nothing."
        )
    for remark in found.remarks():
        tell(remark)
    if found.front and folder is not None:
        tell(
            f"{folder} has front.png, results.json"
            + (", answer.netlet for netlet look, and answer.py, Keras code" if answer is not None else "")
            + (", and answer.h, C99" if answer is not None and found.hardware else "")
        )
    tell(
        f"{found.candidates:,} networks chosen from seed {found.seed}, {found.runs:,} runs "
        f"({found.trained:,} trained now), "
        f"{found.seconds:.0f} s, {found.training_share:.0%} of the processors' time in training; "
        f"to go on: --resume {found.name}"
    )
    if found.interrupted:
        where.print("[yellow]interrupted: this is what was found until then[/yellow]")


def _best_sentence(point: Point, target: Target) -> str:
    """What the seed in answer.netlet reaches on splits that it was not, and was, chosen on."""
    from netlet.cli.printing import number

    place = [run.seed for run in point.experiment.runs].index(point.best.seed)
    told = ", ".join(f"{number(values[place])} on {split}" for split, values in point.by_seed.items())
    return f"Its best seed by validation, {point.best.seed}, has {target.metric} {told}."


def _fresh_sentence(point: Point, target: Target) -> str:
    """What to quote: seeds that took no part in the race."""
    from netlet.cli.printing import number

    told = ", ".join(
        f"{number(point.values[split])} on {split}"
        for split in ("validation", "test")
        if point.values.get(split)
    )
    count = len(point.experiment.runs)
    seeds = f"{target.seed} of {count} fresh seeds, which had no part in the race"
    return f"To be quoted: {target.metric} of {seeds}: {told}."


def _shares_sentence(point: Point, target: Target) -> str:
    shares = {split: share for split, share in point.shares.items() if share is not None}
    ends = {split: point.interval(split) or (0.0, 1.0) for split in shares}
    told = ", ".join(
        f"{share:.0%} on {split} ({ends[split][0]:.0%} to {ends[split][1]:.0%})"
        for split, share in shares.items()
    )
    return f"{target.metric} {target.value:g} is reached by so many seeds (95 % interval): {told}."


def _front_table(found: Found) -> Table:
    from rich import box
    from rich.table import Table

    from netlet.cli.printing import number

    target, metric = found.target, found.target.metric
    asked = {"median": "", "best": ""}.get(target.of, target.of)
    within = f" within {found.hardware}" if found.hardware else ""
    table = Table(box=box.SIMPLE_HEAD, title=f"front: {target}{within}", title_justify="left")
    costs = ["flash", "RAM", "multiply-adds"] if found.hardware else []
    what = f"{metric}{' in int8' if found.hardware.int8 else ''}: median"
    titles = ["parameters", *costs, "seeds", what, "quartiles", "best", asked, "test", "reached"]
    for title in filter(None, titles):
        table.add_column(title, justify="right")
    for title in ("id", "architecture"):
        table.add_column(title)
    for point in found.front:
        spread = point.spread(metric)
        is_answer = found.answer is not None and point.experiment.id == found.answer.experiment.id
        table.add_row(
            f"{point.parameters:,}",
            *(f"{need:,}" for need in (astuple(point.costs) if point.costs else ())),
            f"{len(point.experiment.runs)}",
            number(spread.median),
            f"{number(spread.lower_quartile)} .. {number(spread.upper_quartile)}",
            number(spread.best),
            *([number(point.values["validation"])] if asked else []),
            number(point.values["test"]),
            f"{point.shares['validation']:.0%}",
            point.experiment.id,
            point.experiment.architecture,
            style="bold" if is_answer else None,
        )
    table.caption = f"test: of {target.seed}" + (" by validation" if target.of == "best" else "")
    return table
