"""What commands print: progress bars, and the table of a distribution."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

    from netlet.store import Experiment
    from netlet.training import Runs


_TERMINAL_WIDTH, _FILE_WIDTH = 80, 120


def console(to_stderr: bool = False) -> Console:
    """Where to print; in a file or a pipe, lines are as wide as what is in them.

    A terminal too narrow for a table folds its lines, where rich would leave out what does not fit.
    """
    from rich.console import Console

    plain = Console(stderr=to_stderr)
    least = _TERMINAL_WIDTH if plain.is_terminal else _FILE_WIDTH
    return Console(stderr=to_stderr, width=max(plain.width, least))


def make_room(where: Console, table: Table) -> None:
    """Widen what is printed to until every column of a table has room; a narrower terminal folds it."""
    from rich.measure import Measurement

    unlimited = where.options.update(max_width=10_000)
    where.width = max(where.width, Measurement.get(where, unlimited, table).minimum)


@contextmanager
def progress_bar(unit: str) -> Iterator[Progress]:
    """A progress bar on stderr with the time left, gone at the end; none where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    where = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=where, transient=True, disable=not where.is_terminal) as bar:
        yield bar


def distribution_table(runs: Runs | Experiment) -> Table:
    """Median, quartiles and best of every metric on every split; of one run just its values."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("split")
    table.add_column("metric")
    is_one = len(runs.runs) == 1
    for title in ("value",) if is_one else ("median", "lower quartile", "upper quartile", "best"):
        table.add_column(title, justify="right")
    for split, values in runs.summary().items():
        for row, (name, spread) in enumerate((values or {}).items()):
            quartiles = (spread.lower_quartile, spread.upper_quartile)
            numbers = (spread.median,) if is_one else (spread.median, *quartiles, spread.best)
            is_last = row == len(values or {}) - 1
            table.add_row(split if row == 0 else "", name, *map(number, numbers), end_section=is_last)
    return table


def number(value: float | None) -> str:
    """A metric; a dash where there is none."""
    from netlet.metrics import as_text

    return as_text(value, "-")
