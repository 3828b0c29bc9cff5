"""`netlet compare`: which of several networks is better on one dataset, and how sure that is."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netlet.cli import data_options
from netlet.cli import settings as options
from netlet.cli.data import DataDir, show_notes
from netlet.cli.origin import sources_of
from netlet.cli.runs import Where
from netlet.errors import ArchitectureError, FileError, Interrupted, NetletError, TrainingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from netlet.architecture import Architecture
    from netlet.comparison import Comparison
    from netlet.datasets import Dataset


@options.with_settings
@data_options.with_data()
def compare(
    context: typer.Context,
    dataset: Annotated[str, typer.Argument(help="Name of a dataset, or a path to one's own.")],
    architectures: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ARCHITECTURE ARCHITECTURE ...]", help="The networks, as in netlet train."),
    ] = None,
    cells: Annotated[
        str | None,
        typer.Option(metavar="rnn,gru,lstm", help="Instead: a network of each kind of recurrent cell."),
    ] = None,
    parameters: Annotated[
        str | None,
        typer.Option(metavar="150-200", help="Of --cells: sizes, which are made as equal as they can be."),
    ] = None,
    seeds: Annotated[int, typer.Option(help="From how many seeds, the same for all.")] = 32,
    learning_rates: Annotated[
        str | None,
        typer.Option(
            metavar="0.001,0.003,...", help="First find the best of these for each, alike, on other seeds."
        ),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Runs at a time.", show_default="as many as processors")
    ] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all results to a JSON file; - prints them.")
    ] = None,
    figure: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it: a .png or .svg file.")] = None,
    data: DataDir = None,
    data_seed: Annotated[int, typer.Option(min=0, help="What generated data is generated from.")] = 0,
    store: Where = None,
    no_store: Annotated[
        bool, typer.Option("--no-store", help="Neither look for runs that are kept nor keep any.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Train even what is kept already, and replace it.")
    ] = False,
) -> None:
    """Compare networks on one dataset, from the same seeds: which is better, and how sure that is."""
    from netlet.cli import limits, targets
    from netlet.cli.interrupts import interrupts
    from netlet.cli.printing import progress_bar
    from netlet.comparison import compare as compare_networks
    from netlet.store import Store

    if no_store and store is not None:
        raise FileError(f"--store {store} and --no-store are both given: give one of them")
    rates = _rates(learning_rates)
    if rates and context.params.get("learning_rate") is not None:
        raise TrainingError("--learning-rate and --learning-rates are both given: give one of them")
    json, figure = targets.checked({"--json": json, "--figure": figure}, sources_of(dataset, data))
    if figure is not None and figure.suffix not in (".png", ".svg"):
        raise FileError(f"--figure {figure} must end in .png or .svg")
    limits.check(seeds, threads)
    settings = options.settings_of(context)
    loaded = data_options.load(context, dataset, data, data_seed)
    networks = _networks(loaded, architectures or [], cells, parameters)
    training = options.training_of(loaded, settings, *networks)
    show_notes(loaded, json)
    with interrupts() as stop, ExitStack() as closing:
        stop.hold()
        kept = None if no_store else closing.enter_context(Store(store))
        with progress_bar("epochs") as bar:
            task = bar.add_task("", total=None)

            def show(what: str, done: int, total: int) -> None:
                stop.check()
                text = what if len(what) < 40 else what[:37] + "..."
                bar.update(task, description=text, completed=done, total=total)

            try:
                found = compare_networks(
                    networks,
                    loaded,
                    training,
                    seeds=seeds,
                    learning_rates=rates,
                    threads=threads,
                    progress=show,
                    store=kept,
                    fresh=fresh,
                )
            except Interrupted as stopped:
                if stopped.result is None:
                    raise
                found = stopped.result
        problems = _keep(found, json, figure)
        _print(found, is_quiet=targets.is_stdout(json))
    if isinstance(found.problem, NetletError):
        problems.insert(0, found.problem)
    if problems:
        raise FileError("; ".join(map(str, problems)))
    if found.interrupted:
        raise KeyboardInterrupt
    stop.check()


def _networks(
    dataset: Dataset, architectures: list[str], cells: str | None, parameters: str | None
) -> Sequence[Architecture | str]:
    """Those that were given, or of cells in sizes of a range."""
    from netlet.comparison import equal_sizes

    if cells is None:
        if parameters is not None:
            raise ArchitectureError("--parameters is for --cells, such as --cells rnn,gru,lstm")
        if len(architectures) < 2:
            given = f"only {architectures[0]}" if architectures else "nothing"
            raise ArchitectureError(f"{given} is given to compare: give two architectures, or --cells")
        return architectures
    if architectures:
        raise ArchitectureError("architectures and --cells are both given: give one of them")
    match = re.fullmatch(r"(\d{1,9})-(\d{1,9})", parameters or "")
    if match is None:
        raise ArchitectureError(f"--parameters is {parameters}, but must be a range such as 150-200")
    least, most = map(int, match.groups())
    return equal_sizes([cell.strip().lower() for cell in cells.split(",")], dataset, least, most)


def _rates(text: str | None) -> list[float]:
    """Learning rates from a list of numbers."""
    from math import isfinite

    if text is None:
        return []
    try:
        rates = [float(part) for part in text.split(",")]
    except ValueError:
        raise TrainingError(f"--learning-rates is {text}, but must be numbers such as 0.001,0.01") from None
    if wrong := [rate for rate in rates if not (isfinite(rate) and rate > 0)]:
        raise TrainingError(f"--learning-rates has {wrong[0]:g}, but must be numbers above 0")
    return rates


def _keep(found: Comparison, json: Path | None, figure: Path | None) -> list[NetletError]:
    """Write what is to be kept; return what went wrong."""
    from netlet import figures
    from netlet.cli import targets

    problems = []
    if figure is not None:
        drawn = figures.comparison(found)
        problems.append(
            targets.write_somewhere(lambda path: figures.save(drawn, targets.behind_links(path)), figure)
        )
    problems.append(targets.keep_json(json, found.as_dict()))
    return [problem for problem in problems if problem is not None]


def _print(found: Comparison, is_quiet: bool) -> None:
    """The distributions, the differences, and the verdict; on stderr where stdout is for JSON."""
    from netlet.cli.printing import console, make_room

    where = console(to_stderr=is_quiet)

    def tell(text: str) -> None:
        where.print(text, markup=False, highlight=False, soft_wrap=True)

    for letter, contender in zip(found.letters, found.contenders, strict=True):
        tell(f"{letter}: {contender.name}")
    for table in (_contenders_table(found), _pairs_table(found)):
        make_room(where, table)
        where.print(table)
    tell(found.verdict(found.letters))
    for remark in found.remarks():
        tell(remark)
    for letter, contender in zip(found.letters, found.contenders, strict=True):
        if contender.is_rate_at_end:
            tell(
                f"{letter} did best with an end of the --learning-rates, "
                f"{contender.runs.training.learning_rate:g}: try rates beyond it"
            )
    if found.interrupted:
        where.print("[yellow]interrupted: these are the networks that were trained until then[/yellow]")


def _contenders_table(found: Comparison) -> Table:
    from rich import box
    from rich.table import Table

    from netlet.cli.printing import number

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("network")
    titles = ["parameters", "rate", f"{found.metric}: median", "quartiles", "best", "test median", "diverged"]
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True)
    for place in found.ranking:
        contender = found.contenders[place]
        summary = contender.runs.summary()
        spread = contender.runs.distribution()
        test = (summary["test"] or {}).get(found.metric)
        table.add_row(
            found.letters[place],
            f"{contender.runs.parameters:,}",
            f"{contender.runs.training.learning_rate:g}",
            number(spread.median),
            f"{number(spread.lower_quartile)} .. {number(spread.upper_quartile)}",
            number(spread.best),
            number(test.median if test is not None else None),
            f"{contender.runs.diverged}",
        )
    return table


def _pairs_table(found: Comparison) -> Table:
    from rich import box
    from rich.table import Table

    from netlet.cli.printing import number

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("pair")
    table.add_column("split")
    for title in ("difference of medians", "95 % interval", "a seed is better with", ""):
        table.add_column(title, justify="right")
    order = found.ranking
    for place, a in enumerate(order):
        for b in order[place + 1 :]:
            splits = found.pairs[min(a, b), max(a, b)]
            for row, split in enumerate(splits):
                one = found.between(a, b, split)
                table.add_row(
                    f"{found.letters[a]} less {found.letters[b]}" if row == 0 else "",
                    split,
                    number(one.difference),
                    f"{number(one.low)} .. {number(one.high)}",
                    f"{one.probability:.2f}",
                    "clear" if one.is_clear else "not clear",
                    end_section=row == len(splits) - 1,
                )
    return table
