"""`netlet train`: one architecture on one dataset, from one seed or many."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from netlet.cli import data_options
from netlet.cli import settings as options
from netlet.cli.data import DataDir, show_notes
from netlet.cli.origin import sources_of
from netlet.cli.runs import Where
from netlet.errors import FileError, Interrupted, NetletError, TrainingError

if TYPE_CHECKING:
    from netlet.cli.interrupts import Interrupts
    from netlet.datasets import Dataset
    from netlet.training import Runs, Training


@options.with_settings
@data_options.with_data()
def train(
    context: typer.Context,
    dataset: Annotated[str, typer.Argument(help="Name of a dataset, or a path to one's own.")],
    architecture: Annotated[
        str, typer.Argument(help="Layers joined by -, such as 'conv(3) - maxpool(2) - flatten - dense(1)'.")
    ],
    seeds: Annotated[int, typer.Option(help="From how many seeds to train.")] = 1,
    first_seed: Annotated[int, typer.Option(help="The first of the seeds.")] = 0,
    threads: Annotated[
        int | None, typer.Option(help="Runs at a time.", show_default="as many as processors")
    ] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all results to a JSON file; - prints them.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the best network, for netlet look.")
    ] = None,
    data: DataDir = None,
    data_seed: Annotated[int, typer.Option(min=0, help="What generated data is generated from.")] = 0,
    store: Where = None,
    no_store: Annotated[
        bool, typer.Option("--no-store", help="Neither look for runs that are kept nor keep any.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Train even what is kept already, and replace it.")
    ] = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep what runs remember while they train: the same command then goes on from it, to the "
            "bit, whatever has ended it.",
        ),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="How often --checkpoint is written (whole epochs).", show_default="10"
        ),
    ] = None,
) -> None:
    """Train an architecture on a dataset and print how well it does, as a distribution over seeds."""
    from netlet.cli import limits, targets
    from netlet.cli.interrupts import interrupts

    if no_store and store is not None:
        raise FileError(f"--store {store} and --no-store are both given: give one of them")
    if every is not None and checkpoint is None:
        raise TrainingError("--every says how often --checkpoint is written: give --checkpoint FILE too")
    json, save, checkpoint = _checked_targets(json, save, checkpoint, sources_of(dataset, data))
    limits.check(seeds, threads, first_seed)
    settings = options.settings_of(context)
    loaded = data_options.load(context, dataset, data, data_seed)
    training = options.training_of(loaded, settings, architecture)
    keeping = None if no_store else _Keeping(store, fresh)
    lasting = {} if every is None else {"every": every}
    chosen = range(first_seed, first_seed + seeds)
    show_notes(loaded, json)
    with interrupts() as stop:
        stop.hold()
        runs, problems = _train(
            *(architecture, loaded, training, chosen, threads, stop, keeping),
            checkpoint=checkpoint,
            **lasting,
        )
        problems += _keep(runs, json, save) if runs else []
        if runs:
            places = ["the store"] * (not no_store) + ["the checkpoint"] * (checkpoint is not None)
            _print(runs, targets.is_stdout(json), " or ".join(places))
    if problems:
        raise FileError("; ".join(map(str, problems)))
    if runs.interrupted or not runs:
        raise KeyboardInterrupt
    stop.check()


def _checked_targets(
    json: Path | None, save: Path | None, checkpoint: Path | None, sources: list[Path]
) -> tuple[Path | None, Path | None, Path | None]:
    """The files to write, ~ expanded, if they can be written and are nobody's data."""
    from netlet.cli import targets

    for option, what, path in (("--save", "a network", save), ("--checkpoint", "a checkpoint", checkpoint)):
        if path is not None and targets.is_stdout(path):
            raise FileError(f"{option} - would print {what}, which is no text: give the name of a file")
        if path is not None and path.exists() and not (path.is_file() or path.is_dir()):
            raise FileError(f"{option} {path} is no ordinary file: give the name of one")
    asked = {"--json": json, "--save": save, "--checkpoint": checkpoint}
    json, save, checkpoint = targets.checked(asked, sources)
    return json, save, checkpoint


class _Keeping(NamedTuple):
    """Where runs are kept, and whether to train those that are there again."""

    where: str | None
    fresh: bool


def _train(
    architecture: str,
    dataset: Dataset,
    training: Training,
    seeds: range,
    threads: int | None,
    stop: Interrupts,
    keeping: _Keeping | None,
    **lasting: Any,
) -> tuple[Runs, list[NetletError]]:
    """Train from the seeds that are not kept yet; and what went wrong in keeping them."""
    from rich.markup import escape

    from netlet.cli.printing import progress_bar
    from netlet.training import train

    with progress_bar("epochs") as bar:
        task = bar.add_task(f"training on {escape(dataset.name)}", total=training.epochs * len(seeds))

        def show(epochs: int, _: int) -> None:
            stop.check()
            bar.update(task, completed=epochs)

        from netlet.store import NotStoredError, Store

        try:
            if keeping is None:
                runs = train(
                    *(architecture, dataset, training),
                    seeds=seeds,
                    threads=threads,
                    progress=show,
                    **lasting,
                )
                return runs, []
            with Store(keeping.where) as store:
                found = store.train(
                    architecture,
                    dataset,
                    training,
                    seeds=seeds,
                    threads=threads,
                    progress=show,
                    fresh=keeping.fresh,
                    **lasting,
                )
                return found, []
        except Interrupted as stopped:
            return stopped.runs, []
        except NotStoredError as error:
            return error.runs, [error]
        except FileError as error:
            if keeping is None or error.setting == "checkpoint":
                raise
            raise FileError(f"{error}; --no-store trains without") from None


def _keep(runs: Runs, json: Path | None, save: Path | None) -> list[NetletError]:
    """Write what is to be kept, before anything is printed; return what went wrong."""
    from netlet.cli import targets

    problems: list[NetletError | None] = []
    if save is not None and runs.diverged == len(runs):
        problems.append(
            TrainingError(
                f"every run diverged, so no network is kept in {save}: take a lower --learning-rate than "
                f"{runs.training.learning_rate:g}"
            )
        )
    elif save is not None:
        problems.append(targets.write_somewhere(lambda path: _save(runs, path), save))
        if problems == [None]:
            with contextlib.suppress(OSError):  # whoever reads stderr may have gone, but it is kept
                typer.echo(f"the best network is kept in {save}", err=True)
    problems.append(targets.keep_json(json, as_json(runs)))
    return [problem for problem in problems if problem is not None]


def _print(runs: Runs, is_quiet: bool, kept_in: str) -> None:
    """The summary and the table; on stderr where stdout is for JSON."""
    from netlet.cli.printing import console, distribution_table

    where = console(to_stderr=is_quiet)
    shape = runs.dataset.input_shape
    where.print(runs.architecture.summary(shape), markup=False, highlight=False, soft_wrap=True)
    where.print(distribution_table(runs))
    seeds = f"{len(runs)} seed" + ("s" if len(runs) > 1 else "")
    diverged = f", {runs.diverged} diverged" if runs.diverged else ""
    found = f", {runs.found} found in {kept_in}" if runs.found else ""
    where.print(
        f"{runs.parameters:,} parameters, {seeds}{diverged}{found}, {runs.seconds:.2f} s; best: seed "
        f"{runs.best.seed}",
        highlight=False,
    )
    if runs.interrupted:
        where.print("[yellow]interrupted: this is what was trained until then[/yellow]")
    for remark in runs.remarks():
        where.print(remark, markup=False, highlight=False, soft_wrap=True)


def as_json(runs: Runs) -> dict[str, Any]:
    """All results of a training as JSON can hold them: what is no finite number is null."""
    from dataclasses import asdict

    from netlet import __version__
    from netlet.datasets import naive
    from netlet.metrics import json_number

    splits = runs.dataset.splits
    metrics = {name: runs.metrics(name) for name, split in splits.items() if split is not None}
    return {
        "dataset": runs.dataset.name,
        "architecture": str(runs.architecture),
        "parameters": runs.parameters,
        "seconds": runs.seconds,
        "found": runs.found,
        "runs": [
            {"seed": run.seed, "diverged": run.diverged, "epochs": run.epochs}
            | {
                name: {key: json_number(value) for key, value in metrics[name][row].items()}
                if name in metrics
                else None
                for name in splits
            }
            for row, run in enumerate(runs)
        ],
        "summary": {
            name: {key: spread.as_dict() for key, spread in spreads.items()} if spreads is not None else None
            for name, spreads in runs.summary().items()
        },
        "best_seed": runs.best.seed,
        "naive": naive.as_dict(runs.dataset.naive),
        "interrupted": runs.interrupted,
        "settings": asdict(runs.training),
        "dataset_content": runs.dataset.content_hash,
        "netlet": __version__,
    }


def _save(runs: Runs, path: Path) -> None:
    """Keep the best network with what is needed to look at it: its dataset and settings."""
    from dataclasses import asdict

    from netlet.cli.targets import behind_links

    best = runs.best
    best.network.save(
        behind_links(path),
        **(runs.dataset.origin or {}),
        content=runs.dataset.content_hash,
        class_names=list(runs.dataset.class_names),
        seed=best.seed,
        training=asdict(runs.training),
    )
