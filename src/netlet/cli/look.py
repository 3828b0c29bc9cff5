"""`netlet look`: the figures and pictures of a network that `netlet train --save` has kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlet.cli.data import DataDir

if TYPE_CHECKING:
    from netlet.datasets import Dataset
    from netlet.exercises import Picture
    from netlet.network import Network

ENDING = "-look"


def look(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What netlet train --save has written.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the pictures go.", show_default=f"FILE{ENDING}"),
    ] = None,
    data: DataDir = None,
) -> None:
    """Show a saved network's figures and make its pictures: feature maps, kernels, classes, mistakes."""
    from netlet.errors import DataError
    from netlet.network import load_network

    network, about = load_network(file)
    folder = out if out is not None else file.with_name(file.stem + ENDING)
    _make_folder(folder)
    dataset = _dataset(about, file, data)
    if (dataset.input_shape, dataset.task) != (network.input_shape, network.task):
        raise DataError(
            f"{file} was trained for {network.task} on inputs {network.input_shape}, but {dataset.name} is "
            f"{dataset.task} on {dataset.input_shape}: give its own data with --data"
        )
    _print(network, dataset, about)
    for picture in _pictures(network, dataset):
        _write(folder / f"{picture.name}.png", picture.png)
        typer.echo(f"{folder / picture.name}.png  {picture.caption}")


def _make_folder(folder: Path) -> None:
    from netlet.errors import FileError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder} cannot be made: {error.strerror or error}") from None


def _write(path: Path, png: bytes) -> None:
    from netlet.saving import write_whole

    write_whole(path, png)


def _dataset(about: Mapping[str, Any], file: Path, data: Path | None) -> Dataset:
    """The data the network was trained on, or the original files in `data`."""
    from netlet.datasets import load
    from netlet.errors import FileError

    name = about.get("dataset")
    if not isinstance(name, str):
        raise FileError(f"{file} does not say what it was trained on: keep networks with netlet train --save")
    folder = data or about.get("data_dir")
    return load(name, folder, about.get("data_seed") or 0)


def _print(network: Network, dataset: Dataset, about: Mapping[str, Any]) -> None:
    """Summary, origin and metrics on every split."""
    from rich import box
    from rich.table import Table

    from netlet import metrics
    from netlet.cli.printing import console, number

    where = console()
    where.print(network.summary(), markup=False, highlight=False, soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("metric")
    for split in dataset.present:
        table.add_column(split, justify="right")
    values = [
        metrics.evaluate(network.task, data.y, network.predict(data.x)) for data in dataset.present.values()
    ]
    for name in metrics.METRICS[network.task]:
        table.add_row(name, *(number(each[name]) for each in values))
    where.print(table)
    settings = about.get("training") or {}
    told = ", ".join(f"{name} {value}" for name, value in settings.items() if value not in (None, False, 0.0))
    where.print(
        f"{dataset.name}, seed {about.get('seed')}, {told}", highlight=False, markup=False, soft_wrap=True
    )
    if about.get("content") not in (None, dataset.content_hash):
        where.print("[yellow]the data is not what it was trained on[/yellow]")


def _pictures(network: Network, dataset: Dataset) -> Iterator[Picture]:
    """Every picture that the network's task and layers allow."""
    from netlet import inspect
    from netlet.exercises import pictures

    what = "the network"
    has_maps = bool(inspect.convolutions(network.architecture))
    has_pools = bool(inspect.poolings(network.architecture))
    if has_maps:
        yield pictures.kernels("kernels", network, what)
        for index in _images(dataset):
            yield pictures.feature_maps(f"image-{index}-before", network, dataset, index, is_before=True)
            if has_pools:
                yield pictures.feature_maps(f"image-{index}-after", network, dataset, index, is_before=False)
    if network.task != "regression":
        for is_before in (True, False):
            means = inspect.class_means(network, dataset.validation, before_pooling=is_before)
            for layer in range(0 if is_before else 1, len(means.layers)):
                name = means.layers[layer].place.name.replace(" ", "-")
                yield pictures.class_means(f"classes-{name}", means, layer, dataset)
        if has_maps:
            lost = inspect.ablation(network, dataset.validation)
            yield pictures.ablation("ablation", lost, what)
        yield pictures.confusion("confusion", network, dataset, what)
        yield pictures.mistakes("mistakes", network, dataset, what)
    if network.task == "binary":
        yield pictures.roc("roc", network, dataset, what)


def _images(dataset: Dataset) -> list[int]:
    """The validation images that the exercise looks at, or the first of each class."""
    import numpy as np

    from netlet import metrics
    from netlet.exercises import notebook

    asked = {"mnist56": (*notebook.SIXES, *notebook.FIVES), "r3": (notebook.R3_IMAGE,)}
    known = [index for index in asked.get(dataset.name, ()) if index < len(dataset.validation)]
    if known or dataset.task == "regression":
        return known or [0]
    return sorted(np.unique(metrics.labels(dataset.validation.y), return_index=True)[1].tolist())
