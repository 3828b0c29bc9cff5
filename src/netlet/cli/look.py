"""`netlet look`: the figures and pictures of a network that `netlet train --save` has kept."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlet.cli import data_options
from netlet.cli.data import DataDir
from netlet.saving import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from netlet.datasets import Dataset
    from netlet.inspect import Place
    from netlet.lab.pictures import Drawing
    from netlet.network import Network

ENDING = "-look"
_IMAGES = 10
"""At most so many images are shown with their feature maps."""
_LOOKED_INTO = 64
"""In so many images' layers is looked for numbers that are not finite."""


@data_options.with_data()
def look(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What netlet train --save has written.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the pictures go.", show_default=f"FILE{ENDING}"),
    ] = None,
    index: Annotated[
        list[int] | None,
        typer.Option(
            min=0,
            help="Validation image or sequence to look at, from 0; may be given several times.",
            show_default="those of the exercise",
        ),
    ] = None,
    data: DataDir = None,
) -> None:
    """Show a saved network's figures and make its pictures.

    Of images: feature maps, the pixels that count, kernels, classes, mistakes. Of sequences: predictions with
    hidden activity, gates, contributions of nodes, what they follow, memory, sources of error. Of a network
    of at most 60 parameters: all of it in one diagram, and the formula it amounts to.
    """
    import warnings

    from netlet.errors import DataError
    from netlet.figures import to_png_bytes
    from netlet.network import classes
    from netlet.paths import expanded

    file = expanded(file)
    network, about = _load(file)
    with data_options.errors_as_options():
        dataset = _dataset(about, file, data, data_options.said(context))
    if (dataset.input_shape, dataset.task) != (network.input_shape, network.task):
        raise DataError(
            f"{file} was trained for {network.task} on inputs {network.input_shape}, but {dataset.name} is "
            f"{dataset.task} on {dataset.input_shape}: give its own data with --data"
        )
    is_the_same = network.about.get("content") in (None, dataset.content_hash)
    dataset = classes.in_order(dataset, network.class_names)
    _check_answers(network, dataset, file)
    for number in index or ():
        if number >= len(dataset.validation):
            raise DataError(
                f"--index is {number}, but {dataset.name} has {len(dataset.validation)} validation examples: "
                f"take 0 to {len(dataset.validation) - 1}"
            )
    folder = expanded(out) if out is not None else file.with_name(file.stem + ENDING)
    _make_folder(folder)
    _print(network, dataset, about, is_the_same)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # names of classes
        has_any = _explain(network, dataset, folder)
        for name, caption, figure in _of_classes_at_steps(network, dataset, index or _examples(dataset)):
            has_any = True
            write_whole(folder / f"{name}.png", to_png_bytes(figure))
            typer.echo(f"{folder / name}.png  {caption}")
        for name, caption, drawing in _pictures(network, dataset, index or _examples(dataset)):
            has_any = True
            write_whole(folder / f"{name}.png", drawing.png())
            typer.echo(f"{folder / name}.png  {caption}")
    if not has_any:
        with contextlib.suppress(OSError):
            folder.rmdir()
        typer.echo("of such a network there are no pictures")


def _explain(network: Network, dataset: Dataset, folder: Path) -> bool:
    """The diagram and the formula of a network that is small enough; whether it is."""
    from netlet import figures, inspect

    if not 0 < network.parameters <= inspect.MOST_PARAMETERS:
        return False
    found = inspect.explain(network, dataset.validation, dataset.class_names)
    typer.echo(f"{found.formula}\n")
    path = folder / "explanation.png"
    write_whole(path, figures.to_png_bytes(figures.explanation(found, str(network.architecture))))
    typer.echo(f"{path}  The whole network: every weight, what its parts answer to, and its formula.")
    return True


def _load(file: Path) -> tuple[Network, Mapping[str, Any]]:
    """The network and what is known with it, if it is a file that train has saved."""
    from netlet.errors import FileError
    from netlet.network import load_network

    network = load_network(file)
    if not isinstance(network.about.get("dataset"), str):
        raise FileError(
            f"{file} does not say what it was trained on: keep networks with netlet train --save", file=file
        )
    return network, network.about


def _check_answers(network: Network, dataset: Dataset, file: Path) -> None:
    """Refuse a network in which there is nothing to see."""
    import numpy as np

    from netlet.errors import DataError

    validation, first = dataset.validation, slice(_LOOKED_INTO)
    mask = None if validation.mask is None else validation.mask[first]
    inside = (*network.weights, *network.outputs(validation.x[first], mask))
    answers = (network.predict(split.x, split.mask) for split in dataset.present.values())
    if not all(np.isfinite(numbers).all() for numbers in (*inside, *answers)):
        raise DataError(
            f"{file} holds a network whose training diverged: train again with a lower --learning-rate"
        )


def _make_folder(folder: Path) -> None:
    from netlet.errors import FileError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder} cannot be made: {error.strerror or error}") from None


def _dataset(about: Mapping[str, Any], file: Path, data: Path | None, options: dict[str, Any]) -> Dataset:
    """The data the network was trained on: its own, where it is now, or the original files in `data`."""
    from netlet.datasets import load_again
    from netlet.errors import DataError

    try:
        return load_again(about, data, **options)
    except DataError as error:
        if data is not None or options:
            raise
        raise DataError(
            f"{file} cannot be shown: {error}, or say with --data where its data is now"
        ) from None


def _print(network: Network, dataset: Dataset, about: Mapping[str, Any], is_the_same: bool) -> None:
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
    values = [network.evaluate(split) for split in dataset.present.values()]
    for name in metrics.METRICS[network.task]:
        table.add_row(name, *(number(each[name]) for each in values))
    if network.task != "regression":
        shares = (metrics.majority_share(network.task, s.y, s.mask) for s in dataset.present.values())
        table.add_row("majority share", *map(number, shares))
    where.print(table)
    where.print(_training(dataset, about), highlight=False, markup=False, soft_wrap=True)
    if not is_the_same:
        where.print("[yellow]the data is not what it was trained on[/yellow]")


def _training(dataset: Dataset, about: Mapping[str, Any]) -> str:
    """On what, from which seed and with which settings it was trained, as far as that is known."""
    from netlet.errors import TrainingError
    from netlet.lab.words import own_phrases
    from netlet.training import Training

    told = f"trained on {dataset.name} from seed {about.get('seed')}"
    with contextlib.suppress(KeyError, TypeError, TrainingError):
        told += ": " + own_phrases()["settings"](Training(**about["training"]))
    return told


def _pictures(
    network: Network, dataset: Dataset, examples: Sequence[int]
) -> Iterator[tuple[str, str, Drawing]]:
    """Name and caption of every picture that the network's task and layers allow, and the picture."""
    from netlet.lab import read

    told_by, what = read().figures, "the network"
    of = _of_images if len(dataset.input_shape) == 3 else _of_sequences
    for name, drawing in of(network, dataset, examples):
        caption, _ = drawing.told(told_by, what=what)
        yield name, caption, drawing


def _of_sequences(
    network: Network, dataset: Dataset, examples: Sequence[int]
) -> Iterator[tuple[str, Drawing]]:
    from netlet import inspect
    from netlet.errors import DataError
    from netlet.lab.pictures import sequences

    recurrent = inspect.recurrent_layers(network.architecture)
    is_classes = dataset.per_step and dataset.task != "regression"
    if dataset.per_step and not is_classes:
        yield "data", sequences.data(dataset, examples[0])
    if (dataset.per_step or recurrent) and not is_classes:
        draw = sequences.prediction if dataset.per_step else sequences.activity
        for index in examples:
            yield f"sequence-{index}", draw(network, dataset, index)
    if recurrent:
        activities = network.activity(dataset.validation.x[:1])
        for layer, (place, activity) in enumerate(zip(recurrent, activities, strict=True)):
            for index in examples if activity.gates else ():
                name = f"sequence-{index}-gates-{_slug(place)}"
                yield name, sequences.gates(network, dataset, index, layer)
        for name, make in _of_nodes(network, dataset, examples).items():
            # Each of these says itself what it needs, such as one channel, a linear end or pulses.
            with contextlib.suppress(DataError):
                yield name, make()
    if not is_classes:
        yield from _of_classes(network, dataset)


def _of_classes_at_steps(
    network: Network, dataset: Dataset, examples: Sequence[int]
) -> Iterator[tuple[str, str, Figure]]:
    """Name and caption of the pictures of a class at every step, and the pictures."""
    from netlet import figures, inspect, metrics

    if not dataset.per_step or dataset.task == "regression":
        return
    names = [place.name for place in inspect.recurrent_layers(network.architecture)]
    for index in examples:
        one = inspect.OneSequence.of(dataset.validation, index)
        shown = one.inputs, one.targets, one.answers(network), one.activities(network), names
        figure = figures.prediction(*shown, output_names=dataset.class_names)
        yield (
            f"sequence-{index}",
            f"Validation sequence {index}: the classes (broad), their probabilities (thin), and inside.",
            figure,
        )
    matrices = {
        name: metrics.confusion_matrix(
            metrics.counted(split.y, split.mask),
            metrics.counted(network.predict(split.x, split.mask), split.mask),
        )
        for name, split in dataset.present.items()
    }
    figure = figures.confusion_matrix(matrices, dataset.class_names, noun="step")
    yield "confusion", "What the steps of each class (rows) were taken for (columns).", figure


def _of_nodes(
    network: Network, dataset: Dataset, examples: Sequence[int]
) -> dict[str, Callable[[], Drawing]]:
    """What may be drawn of hidden nodes, and how."""
    from netlet import inspect
    from netlet.lab.pictures import sequences

    wanted: dict[str, Callable[[], Drawing]] = {"silenced": lambda: sequences.silenced(network, dataset)}
    if not dataset.per_step or dataset.task != "regression":
        return wanted
    for index in examples:
        name = f"sequence-{index}-contributions"
        wanted[name] = partial(sequences.contributions, network, dataset, index)
    split = dataset.validation
    return wanted | {
        "memory": lambda: sequences.memory({dataset.name: (network, dataset)}),
        "signals": lambda: sequences.node_signals(network, dataset),
        "errors": lambda: sequences.error_sources({dataset.name: inspect.error_sources(network, split)}),
        "errors-by-width": lambda: sequences.error_by_width(
            {dataset.name: inspect.error_by_width(network, split)}
        ),
        "responses": lambda: sequences.responses(network),
    }


def _of_images(network: Network, dataset: Dataset, examples: Sequence[int]) -> Iterator[tuple[str, Drawing]]:
    from netlet import inspect
    from netlet.lab.pictures import images

    has_maps = bool(inspect.convolutions(network.architecture))
    has_pools = bool(inspect.poolings(network.architecture))
    if has_maps:
        yield "kernels", images.kernels(network)
    for index in examples:
        if has_maps:
            yield f"image-{index}-before", images.feature_maps(network, dataset, index, is_before=True)
            if has_pools:
                yield f"image-{index}-after", images.feature_maps(network, dataset, index, is_before=False)
        yield f"image-{index}-saliency", images.saliency(network, dataset, index)
    if network.task != "regression":
        for is_before in (True, False):
            means = inspect.class_means(network, dataset.validation, before_pooling=is_before)
            for layer in range(0 if is_before else 1, len(means.layers)):
                name = f"classes-{_slug(means.layers[layer].place)}"
                yield name, images.class_means(means, layer, dataset)
        if has_maps:
            yield "ablation", images.ablation(inspect.ablation(network, dataset.validation))
        yield "mistakes", images.mistakes(network, dataset)
    yield from _of_classes(network, dataset)


def _of_classes(network: Network, dataset: Dataset) -> Iterator[tuple[str, Drawing]]:
    from netlet.lab.pictures import images

    if network.task != "regression":
        yield "confusion", images.confusion(network, dataset)
    if network.task == "binary":
        yield "roc", images.roc(network, dataset)


def _slug(place: Place) -> str:
    """A layer's name in that of a file."""
    return place.name.replace(" ", "-")


def _examples(dataset: Dataset) -> list[int]:
    """The validation images or sequences that the exercise looks at, or the first of each class."""
    import numpy as np

    from netlet import metrics
    from netlet.lab import read

    known = [index for index in read().examples(dataset.name) if index < len(dataset.validation)]
    if known or dataset.task == "regression" or dataset.per_step:
        return known or [0]
    return sorted(np.unique(metrics.labels(dataset.validation.y), return_index=True)[1].tolist())[:_IMAGES]
