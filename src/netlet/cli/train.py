"""`netlet train`: one architecture on one dataset, from one seed or many."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlet.cli.data import DataDir

if TYPE_CHECKING:
    from netlet.datasets import Dataset
    from netlet.training import Runs, Training

_SETTINGS = "Settings of the training (by default the exercise's own for the dataset)"


def _setting(help_: str) -> Any:
    return typer.Option(help=help_, rich_help_panel=_SETTINGS, show_default=False)


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
    epochs: Annotated[int | None, _setting("Passes through the training data.")] = None,
    batch_size: Annotated[int | None, _setting("Samples a step.")] = None,
    optimizer: Annotated[str | None, _setting("sgd, rmsprop, adam or nadam.")] = None,
    learning_rate: Annotated[float | None, _setting("Above 0.")] = None,
    schedule: Annotated[str | None, _setting("Of the learning rate: constant, cosine or one-cycle.")] = None,
    momentum: Annotated[float | None, _setting("Of sgd and rmsprop, from 0, below 1.")] = None,
    nesterov: Annotated[bool | None, _setting("Nesterov's momentum in sgd.")] = None,
    rho: Annotated[float | None, _setting("Share of its mean square that rmsprop keeps.")] = None,
    beta_1: Annotated[
        float | None, _setting("Share of their mean gradient that adam and nadam keep.")
    ] = None,
    beta_2: Annotated[float | None, _setting("Share of their mean square that adam and nadam keep.")] = None,
    epsilon: Annotated[float | None, _setting("Added to the optimizer's denominator.")] = None,
    clip_norm: Annotated[float | None, _setting("Largest norm of one weight array's gradient.")] = None,
    global_clip_norm: Annotated[float | None, _setting("Largest norm of the whole gradient.")] = None,
    l2: Annotated[float | None, _setting("Penalty on the squares of kernels.")] = None,
    patience: Annotated[
        int | None,
        _setting("Stop after so many epochs without a lower validation loss, and take the best epoch."),
    ] = None,
    shuffle: Annotated[bool | None, _setting("An order of its own for every epoch.")] = None,
    truncation: Annotated[
        int | None,
        _setting("Of sequences: steps of a piece, through which gradients go back; 0 for whole sequences."),
    ] = None,
) -> None:
    """Train an architecture on a dataset and print how well it does, as a distribution over seeds."""
    from netlet.cli import targets
    from netlet.datasets import load
    from netlet.errors import FileError, TrainingError
    from netlet.training import Training

    settings = _settings(context, Training)
    if json is not None and str(json) != targets.STDOUT:
        targets.check("--json", json)
    if save is not None:
        targets.check("--save", save)
        if json is not None and json.absolute() == save.absolute():
            raise FileError(f"--json and --save are both {save}: give two files")
        if save.exists() and not save.is_file():
            raise FileError(f"--save {save} is no ordinary file: give the name of one")
    if seeds < 1:
        raise TrainingError(f"--seeds is {seeds}, but at least 1 is needed")
    if first_seed < 0:
        raise TrainingError(f"--first-seed is {first_seed}, but must be at least 0")
    loaded = load(dataset, data, data_seed)
    training = Training.default(loaded.name, **settings)
    runs = _train(architecture, loaded, training, range(first_seed, first_seed + seeds), threads)
    if not runs:
        raise KeyboardInterrupt
    _print(runs, is_quiet=json is not None and str(json) == targets.STDOUT)
    if json is not None:
        targets.write_json(json, as_json(runs))
    if save is not None:
        _save(runs, save, dataset, data)
    if runs.interrupted:
        raise KeyboardInterrupt


def _settings(context: typer.Context, training: type[Training]) -> dict[str, Any]:
    """The settings that were given: options that are called as a training's fields."""
    from dataclasses import fields

    given = {field.name: context.params.get(field.name) for field in fields(training)}
    chosen = {name: value for name, value in given.items() if value is not None}
    if chosen.get("truncation") == 0:
        chosen["truncation"] = None
    return chosen


def _train(
    architecture: str, dataset: Dataset, training: Training, seeds: range, threads: int | None
) -> Runs:
    from netlet.cli.printing import progress_bar
    from netlet.training import train

    with progress_bar("epochs") as bar:
        task = bar.add_task(f"training on {dataset.name}", total=training.epochs * len(seeds))

        def show(epochs: int, _: int) -> None:
            bar.update(task, completed=epochs)

        return train(architecture, dataset, training, seeds, threads, show)


def _print(runs: Runs, is_quiet: bool) -> None:
    """The summary and the table; on stderr where stdout is for JSON."""
    from netlet.cli.printing import console, distribution_table

    where = console(to_stderr=is_quiet)
    shape = runs.dataset.input_shape
    where.print(runs.architecture.summary(shape), markup=False, highlight=False, soft_wrap=True)
    where.print(distribution_table(runs))
    seeds = f"{len(runs)} seed" + ("s" if len(runs) > 1 else "")
    diverged = f", {runs.diverged} diverged" if runs.diverged else ""
    where.print(
        f"{runs.parameters:,} parameters, {seeds}{diverged}, {runs.seconds:.2f} s; best: seed "
        f"{runs.best.seed}",
        highlight=False,
    )
    if runs.interrupted:
        where.print("[yellow]interrupted: this is what was trained until then[/yellow]")


def as_json(runs: Runs) -> dict[str, Any]:
    """All results of a training as JSON can hold them: what is no finite number is null."""
    from dataclasses import asdict

    from netlet import __version__
    from netlet.metrics import json_number

    splits = runs.dataset.splits
    metrics = {name: runs.metrics(name) for name, split in splits.items() if split is not None}
    return {
        "dataset": runs.dataset.name,
        "architecture": str(runs.architecture),
        "parameters": runs.parameters,
        "seconds": runs.seconds,
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
        "interrupted": runs.interrupted,
        "settings": asdict(runs.training),
        "dataset_content": runs.dataset.content_hash,
        "netlet": __version__,
    }


def _save(runs: Runs, path: Path, dataset: str, data: Path | None) -> None:
    """Keep the best network with what is needed to look at it: its dataset and settings."""
    import os
    from dataclasses import asdict

    from netlet.datasets import DATA_DIR_VARIABLE, names

    is_named = dataset in names()
    folder = data or (os.environ.get(DATA_DIR_VARIABLE) if is_named else None)
    best = runs.best
    written = best.network.save(
        path,
        dataset=dataset if is_named else str(Path(dataset).expanduser().resolve()),
        data_dir=str(Path(folder).expanduser().resolve()) if folder else None,
        data_seed=runs.dataset.seed,
        content=runs.dataset.content_hash,
        class_names=list(runs.dataset.class_names),
        seed=best.seed,
        training=asdict(runs.training),
    )
    typer.echo(f"the best network is kept in {written}", err=True)
