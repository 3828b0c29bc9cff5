"""`netlet data`: list, show, make and check datasets."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netlet.cli import data_options, settings
from netlet.training.settings import AUGMENTS

if TYPE_CHECKING:
    from rich.table import Table

    from netlet.datasets import Dataset

app = typer.Typer(help="List, show, make and check datasets.", no_args_is_help=True)

Seed = Annotated[int, typer.Option(min=0, help="What generated data is generated from.")]
DataDir = Annotated[
    Path | None,
    typer.Option("--data", help="Folder with the exercise's own files for this dataset.", metavar="DIR"),
]

Idx = Annotated[
    Path | None,
    typer.Option("--idx", help="Folder with MNIST's four files, to draw digits from all.", metavar="DIR"),
]


@app.command("list")
def list_() -> None:
    """List the lab's own datasets."""
    from netlet import datasets
    from netlet.cli.printing import console

    table = _table("dataset", "training / validation / test", "of", "classes")
    for name in datasets.names():
        dataset = datasets.make(name)
        counts = " / ".join(f"{len(split):,}" for split in dataset.present.values())
        table.add_row(name, counts, _shape(dataset), ", ".join(dataset.class_names) or dataset.task)
    table.columns[1].no_wrap = True
    console().print(table)


@app.command()
@data_options.with_data()
@partial(settings.with_settings, names=(*AUGMENTS, "fill"))
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of a dataset, or a path to one's own.")],
    data: DataDir = None,
    seed: Seed = 0,
    picture: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write a picture (PNG) of training images, changed as is asked for."
        ),
    ] = None,
) -> None:
    """Show what is in a dataset: sizes, classes, values, where it comes from.

    With --picture also some of its images, and with --shift, --turn and their like what a training with these
    makes of them, epoch by epoch.
    """
    from netlet.cli import targets
    from netlet.errors import DataError

    changes = settings.settings_of(context)
    if changes and picture is None:
        raise DataError(f"--{next(iter(changes))} changes what --picture shows: give --picture FILE too")
    if picture is not None:
        (picture,) = targets.checked({"--picture": picture}, ())
    dataset = data_options.load(context, name, data, seed)
    drawn = None if picture is None else dataset.show(settings.training_of(dataset, changes))
    _print_dataset(dataset)
    if drawn is not None and picture is not None:
        typer.echo(f"picture: {drawn.save(picture)}")


@app.command()
def make(
    name: Annotated[str, typer.Argument(help="Name of a dataset, or all for one's own data of every one.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; made if it is not there.")],
    seed: Seed = 0,
    train: Annotated[int | None, typer.Option(min=1, help="How many for training.")] = None,
    validation: Annotated[int | None, typer.Option(min=1, help="How many for validation.")] = None,
    test: Annotated[int | None, typer.Option(min=0, help="How many for test; 0 for no test files.")] = None,
    size: Annotated[int | None, typer.Option(help="Height and width of generated images.")] = None,
    steps: Annotated[int | None, typer.Option(help="Length of generated sequences.")] = None,
    decay: Annotated[float | None, typer.Option(help="How long pulses-memory remembers, in 0..1.")] = None,
    idx: Idx = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Write a dataset as the exercise's own files, which --data and the exercise's notebook read.

    With all in the place of a name, every dataset is made from the seed: somebody's own data. Digits are then
    drawn from the packaged ones, or from all of MNIST's.
    """
    from netlet import datasets
    from netlet.datasets import mnist56
    from netlet.datasets.files import originals
    from netlet.errors import DataError
    from netlet.paths import expanded

    chosen = {
        "train": train,
        "validation": validation,
        "test": test,
        "size": size,
        "steps": steps,
        "decay": decay,
    }
    given = {key: value for key, value in chosen.items() if value is not None}
    if name == "all":
        from netlet.lab.desk import data as own

        has_test = given.pop("test", 1) > 0
        if given:
            raise DataError(f"all datasets have the exercise's sizes: leave out --{next(iter(given))}")
        pool = None if idx is None else mnist56.read_idx(expanded(idx))
        for _, paths in own.write_all(expanded(folder), seed, has_test, pool, force):
            for path in paths:
                typer.echo(path)
        return
    if idx is not None:
        raise DataError(f"--idx has no use for {name}: it is for data make all")
    dataset = datasets.make(name, seed, **given)
    for path in originals.write(dataset, expanded(folder), force):
        typer.echo(path)


@app.command()
@data_options.with_data()
def check(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME_OR_DIR", help="A dataset, or a folder or file of data.")
    ],
    data: DataDir = None,
    seed: Annotated[
        int, typer.Option("--data-seed", "--seed", min=0, help="What splits are drawn from.")
    ] = 0,
) -> None:
    """Read a dataset, or all there are in a folder, and say what was found or what is wrong."""
    from netlet import datasets
    from netlet.datasets.files import originals
    from netlet.errors import DataError
    from netlet.paths import expanded

    folder = expanded(name)
    exercise = originals.found(folder) if name not in datasets.names() and folder.is_dir() else ()
    if exercise and (options := data_options.said(context)):
        raise DataError(
            f"{folder} holds the exercise's files, so {', '.join(options)} have no use: leave them out"
        )
    if exercise and data is not None:
        raise DataError(f"{folder} is checked itself, so --data {data} has no use: leave it out")
    if not exercise:
        loaded = data_options.load(context, name, data, seed)
        for line in datasets.describe(loaded):
            typer.echo(f"✓ {line}" if line == str(loaded) else f"  {line}")
        return
    wrong = []
    for found in exercise:
        try:
            typer.echo(f"✓ {originals.read(found, folder)}")
        except DataError as error:
            wrong.append(found)
            typer.echo(f"✗ {found}: {error}")
    if wrong:
        raise DataError(f"{folder}: {', '.join(wrong)} cannot be used, see above")


def show_notes(dataset: Dataset, json: Path | None) -> None:
    """Say what was recognised in one's own data; on stderr if stdout is for JSON."""
    from netlet import datasets
    from netlet.cli import targets

    if dataset.name not in datasets.names():
        for line in datasets.describe(dataset):
            typer.echo(line, err=targets.is_stdout(json))


def _print_dataset(dataset: Dataset) -> None:
    """Print all that is worth knowing of a dataset."""
    from rich.markup import escape

    from netlet.cli.printing import console

    where = console()
    where.print(f"[bold]{escape(dataset.name)}[/bold]  {dataset.task}, {_kind(dataset)} of {_shape(dataset)}")
    where.print(_splits_table(dataset))
    where.print(_values_table(dataset))
    if dataset.source:
        where.print(f"source: {dataset.source}", highlight=False, markup=False, soft_wrap=True)
    if dataset.seed is not None:
        where.print(f"seed: {dataset.seed}", highlight=False)
    where.print(f"content: {dataset.content_hash}", highlight=False)


def _splits_table(dataset: Dataset) -> Table:
    """How many inputs each split has, of each class."""
    from rich.markup import escape

    table = _table("split", _kind(dataset), *map(escape, dataset.class_names))
    for split_name, split in dataset.splits.items():
        if split is None:
            table.add_row(split_name, "none")
            continue
        if dataset.task == "binary":
            counts = [(split.y == label).sum() for label in (0, 1)]
        elif dataset.task == "categorical":
            counts = split.y.reshape(-1, dataset.outputs).sum(axis=0)
        else:
            counts = []
        table.add_row(split_name, f"{len(split):,}", *(f"{int(count):,}" for count in counts))
    return table


def _values_table(dataset: Dataset) -> Table:
    """Smallest, mean and largest value, and how much the values vary."""
    what = {"x": "pixels" if _kind(dataset) == "images" else "input"}
    if dataset.task == "regression":
        what["y"] = "target"
    table = _table("values", "smallest", "mean", "largest", "variance")
    for split_name, split in dataset.present.items():
        for attribute, label in what.items():
            values = getattr(split, attribute)
            numbers = (values.min(), values.mean(dtype=float), values.max(), values.var(dtype=float))
            table.add_row(f"{split_name}, {label}", *(f"{number:.4f}" for number in numbers))
    return table


def _table(first: str, *others: str) -> Table:
    """An empty table: names in the first column, numbers in the others."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(first, no_wrap=True)
    for title in others:
        table.add_column(title, justify="right")
    return table


def _kind(dataset: Dataset) -> str:
    """What the inputs are."""
    return {"image": "images", "sequence": "sequences", "table": "rows"}[dataset.kind]


def _shape(dataset: Dataset) -> str:
    """Shape of one input, as people write it."""
    return " x ".join(map(str, dataset.input_shape))
