"""`netlet runs`: list, show, compare, take out and remove the runs that are kept, and the searches."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlet.data_options import as_options
from netlet.errors import FileError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from netlet.store import Experiment, Store
    from netlet.training import Run

app = typer.Typer(help="List, show, compare, export and remove the runs that are kept.", no_args_is_help=True)

Where = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="FILE|URL",
        help="Where runs are kept: an SQLite file, or a PostgreSQL URL.",
        show_default="NETLET_STORE, or a file in your data folder",
    ),
]
Id = Annotated[str, typer.Argument(metavar="ID", help="Such as 3fa91b2c, or 3fa91b2c:5 for seed 5 alone.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Such as 3fa91b2c, or 3fa91b2c:5.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_TIME = "%Y-%m-%d %H:%M"
_UNLIMITED = 10_000
_LAST = 100  # a search leaves thousands


@app.command("list")
def list_(
    dataset: Annotated[str | None, typer.Option(help="Only those on a dataset of this name.")] = None,
    last: Annotated[
        int | None, typer.Option(min=1, help="Only so many.", show_default=f"{_LAST}; with --json all")
    ] = None,
    json: AsJson = False,
    store: Where = None,
    all_: Annotated[
        bool, typer.Option("--all", help="With what only searches have tried, which may be thousands.")
    ] = False,
    search: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only what the search of this name has tried.")
    ] = None,
) -> None:
    """List what was trained: architectures with their settings and data, those trained last at the end."""
    from rich.markup import escape

    from netlet.cli.printing import console, number

    with _opened(store) as kept:
        experiments = kept.list(dataset, search=search, with_candidates=all_ or search is not None)
        is_more = not experiments and bool(kept.list(dataset))
    if json:
        _print_json([_in_short(experiment) for experiment in experiments[-(last or len(experiments)) :]])
        return
    if not experiments:
        on = f" on {dataset}" if dataset is not None else ""
        what = (
            "only what searches have tried: --all lists it"
            if is_more
            else "netlet train keeps what it trains"
        )
        typer.echo(f"there are no runs{on} in {kept} yet: {what}")
        return
    table = _table("id", "dataset", "parameters", "seeds", "metric", "median", "best", "when", "architecture")
    for experiment in experiments[-(last or _LAST) :]:
        spread = experiment.distribution()
        table.add_row(
            experiment.id,
            escape(experiment.dataset),
            f"{experiment.parameters:,}",
            f"{len(experiment.runs):,}",
            experiment.ranked_by,
            number(spread.median),
            number(spread.best),
            f"{experiment.ended.astimezone():{_TIME}}",
            experiment.architecture,
        )
    where = console()
    _print_lines(where, table)
    if hidden := len(experiments) - len(table.rows):
        where.print(f"and {hidden:,} before: --last {len(experiments)} shows all", highlight=False)


@app.command()
def show(id: Id, json: AsJson = False, store: Where = None) -> None:  # noqa: A002
    """Show an architecture's layers, settings, data, and what came of every seed."""
    from netlet.architecture import Architecture
    from netlet.cli.printing import console, distribution_table, number

    with _opened(store) as kept:
        experiment = kept.get(id)
        if json:
            _print_json(_in_full(experiment, kept.load(experiment)))
            return
    where = console()

    def tell(text: str) -> None:
        where.print(text, markup=False, highlight=False, soft_wrap=True)

    tell(Architecture(experiment.architecture).summary(experiment.input_shape))
    tell(f"{experiment.id}: {experiment.architecture}")
    tell(f"{experiment.dataset}: {experiment.dataset_source or 'of unknown source'}")
    if read := (experiment.origin or {}).get("reading"):
        tell(f"read with {as_options(read)}")
    settings = experiment.settings.items()
    tell(", ".join(f"{name} {value}" for name, value in settings if value not in (None, False, 0)))
    tell("; ".join(dict.fromkeys(f"{run.machine}, netlet {run.netlet}" for run in experiment.runs)))
    where.print(distribution_table(experiment))
    metric = experiment.ranked_by
    splits = [split for split, values in experiment.runs[0].metrics.items() if values is not None]
    table = _table("seed", "epochs", *(f"{split} {metric}" for split in splits), "when")
    for run in experiment.runs:
        values = [number((run.metrics[split] or {})[metric]) for split in splits]
        epochs = f"{run.epochs}" + ("" if run.diverged is None else ", diverged")
        table.add_row(f"{run.seed}", epochs, *values, f"{run.ended.astimezone():{_TIME}}")
    where.print(table)


@app.command()
def compare(ids: Ids, json: AsJson = False, store: Where = None) -> None:
    """Set distributions over seeds side by side: median, and quartiles."""
    from rich.markup import escape

    from netlet.cli.printing import console, number

    with _opened(store) as kept:
        experiments = [kept.get(id_) for id_ in ids]
    if json:
        _print_json([_in_short(experiment) | _summary(experiment) for experiment in experiments])
        return
    table = _table("", "", *(experiment.id for experiment in experiments))
    table.add_row("dataset", "", *(escape(experiment.dataset) for experiment in experiments))
    table.add_row("architecture", "", *(experiment.architecture for experiment in experiments))
    table.add_row("parameters", "", *(f"{experiment.parameters:,}" for experiment in experiments))
    table.add_row("seeds", "", *(f"{len(e.runs):,}" for e in experiments), end_section=True)
    summaries = [experiment.summary() for experiment in experiments]
    for split in summaries[0]:
        names = dict.fromkeys(name for summary in summaries for name in summary[split] or ())
        for row, name in enumerate(names):
            spreads = [(summary[split] or {}).get(name) for summary in summaries]
            cells = [
                f"{number(s.median)}  ({number(s.lower_quartile)} .. {number(s.upper_quartile)})"
                if s is not None
                else number(None)
                for s in spreads
            ]
            table.add_row(split if row == 0 else "", name, *cells, end_section=row == len(names) - 1)
    console().print(table)


@app.command()
def export(
    id: Id,  # noqa: A002
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="For netlet look; as Keras code if it ends in .py.")
    ],
    store: Where = None,
) -> None:
    """Write the network of the best seed, or of the one named, to a file."""
    from netlet.cli import targets
    from netlet.paths import expanded

    file = expanded(file)
    targets.check("FILE", file)
    with _opened(store) as kept:
        experiment = kept.get(id)
        kept.export(experiment, targets.behind_links(file))
    what = "Keras code" if file.suffix == ".py" else f"the network of seed {experiment.best.seed}"
    typer.echo(f"{what} is in {file}")


@app.command()
def rm(
    ids: Ids,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    store: Where = None,
) -> None:
    """Remove runs, for good."""
    with _opened(store) as kept:
        experiments = [kept.get(id_) for id_ in ids]
        if not yes:
            if not sys.stdin.isatty():
                raise FileError("runs are removed for good, and nobody is there to be asked: give --yes")
            for experiment in experiments:
                typer.echo(f"{experiment.id}: {_count(len(experiment.runs))} of {experiment.architecture}")
            typer.confirm("Remove them for good?", abort=True)
        typer.echo(f"{_count(kept.remove(*experiments))} removed")


@app.command()
def searches(json: AsJson = False, store: Where = None) -> None:
    """List searches, to go on with by netlet search --resume: how many networks each has tried."""
    with _opened(store) as kept:
        found = []
        for name in kept.searches():
            from netlet.search import study

            trials = study(kept, name).trials
            began = [trial.datetime_start for trial in trials if trial.datetime_start is not None]
            networks = len({repr(trial.params) for trial in trials})
            found.append({"search": name, "networks": networks, "last": max(began, default=None)})
        if json:
            _print_json([one | {"last": one["last"] and one["last"].isoformat()} for one in found])
            return
        if not found:
            typer.echo(f"there are no searches in {kept} yet: netlet search keeps what it tries")
            return
    from netlet.cli.printing import console

    table = _table("search", "networks", "last")
    for one in found:
        table.add_row(one["search"], f"{one['networks']:,}", f"{one['last']:{_TIME}}" if one["last"] else "-")
    _print_lines(console(), table)


@app.command()
def forget(
    names: Annotated[list[str], typer.Argument(metavar="SEARCH...", help="As in netlet runs searches.")],
    store: Where = None,
) -> None:
    """Forget searches: their runs stay, but they cannot be gone on with."""
    with _opened(store) as kept:
        known = kept.searches()
        for name in names:
            if name not in known:
                raise FileError(f"{kept} has no search {name!r}: it has {', '.join(known) or 'none'}")
        for name in names:
            with kept.held(name):
                kept.forget(name)
    typer.echo(f"{', '.join(names)} forgotten")


def _opened(where: str | None) -> Store:
    from netlet.store import Store

    return Store(where)


def _in_short(experiment: Experiment) -> dict[str, Any]:
    """What a list tells of an experiment, for JSON."""
    spread = experiment.distribution().as_dict()
    return {
        "id": experiment.id,
        "dataset": experiment.dataset,
        "architecture": experiment.architecture,
        "parameters": experiment.parameters,
        "seeds": [run.seed for run in experiment.runs],
        "metric": experiment.ranked_by,
        "median": spread["median"],
        "best": spread["best"],
        "when": experiment.ended.isoformat(),
    }


def _in_full(experiment: Experiment, runs: tuple[Run, ...]) -> dict[str, Any]:
    """All there is to tell but weights, for JSON: what is no finite number is null."""
    from netlet.metrics import json_number

    return (
        _in_short(experiment)
        | {
            "fingerprint": experiment.fingerprint,
            "dataset_seed": experiment.dataset_seed,
            "dataset_source": experiment.dataset_source,
            "dataset_origin": experiment.origin,
            "dataset_content": experiment.content_hash,
            "input_shape": experiment.input_shape,
            "task": experiment.task,
            "settings": experiment.settings,
            "best_seed": experiment.best.seed,
            "runs": [
                {
                    "seed": known.seed,
                    "diverged": known.diverged,
                    "epochs": known.epochs,
                    "seconds": known.seconds,
                    "machine": known.machine,
                    "netlet": known.netlet,
                    "when": known.ended.isoformat(),
                }
                | {
                    split: values and {name: json_number(value) for name, value in values.items()}
                    for split, values in known.metrics.items()
                }
                | {
                    "history": {
                        name: [json_number(value) for value in values] for name, values in run.history.items()
                    }
                }
                for known, run in zip(experiment.runs, runs, strict=True)
            ],
        }
        | _summary(experiment)
    )


def _summary(experiment: Experiment) -> dict[str, Any]:
    return {
        "summary": {
            split: spreads and {name: spread.as_dict() for name, spread in spreads.items()}
            for split, spreads in experiment.summary().items()
        }
    }


def _print_json(values: Any) -> None:
    from netlet.cli import targets

    targets.write_json(Path(targets.STDOUT), values)


def _print_lines(where: Console, table: Table) -> None:
    """A row a line: on a terminal as wide as that, the last column shortened with an ellipsis."""
    if where.is_terminal:
        where.width = type(where)().width  # the terminal's own, however narrow
        for column in table.columns:
            column.no_wrap, column.overflow = True, "ellipsis"
        for column in table.columns[:-1]:
            column.min_width = 4
        table.columns[-1].ratio = 1
        table.expand = True
    else:
        where.width = _UNLIMITED
    where.print(table)


def _count(runs: int) -> str:
    return f"{runs:,} run" + ("" if runs == 1 else "s")


def _table(*titles: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for title in titles:
        table.add_column(title)
    return table
