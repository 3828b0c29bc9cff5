"""`netlet export`: a saved network as a file of another kind, checked against the engine on the spot."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlet.cli.data import DataDir

if TYPE_CHECKING:
    from netlet.datasets import Dataset
    from netlet.network import Network


class Library(StrEnum):
    """What code is written for."""

    numpy = "numpy"
    jax = "jax"
    keras = "keras"
    torch = "torch"


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What netlet train --save has written.")],
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="Where to; its ending says what: .keras (a Keras model, weights included), .onnx, .tflite, "
            ".h (one header of C99 for microcontrollers), .py (readable code, see --to, weights beside it in "
            ".npz).",
        ),
    ],
    to: Annotated[
        Library | None, typer.Option("--to", help="Of .py: what the code needs.", show_default="numpy")
    ] = None,
    states: Annotated[
        bool,
        typer.Option("--states", help="Of .onnx: recurrent layers take and give what they hold, for pieces."),
    ] = False,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of .h: what its functions begin with.", show_default="the file's"),
    ] = None,
    int8: Annotated[
        bool,
        typer.Option("--int8", help="Of .h: in int8, with scales fitted on the network's own training data."),
    ] = False,
    data: DataDir = None,
) -> None:
    """Write a network as a Keras model, as ONNX, as C or as readable code, and check it.

    What was written is run, on the network's own validation data where that is there, and compared with
    netlet's answers; how far they differ is printed.
    """
    from netlet.cli import targets
    from netlet.errors import FileError
    from netlet.interop.doors import door_of
    from netlet.interop.doors import export as write
    from netlet.network import load_network
    from netlet.paths import expanded

    file, out = expanded(file), expanded(out)
    network = load_network(file)
    door_of(out)
    _check_options(out, to, states, name, int8)
    (checked,) = targets.checked({"OUT": out}, [file])
    out = out if checked is None else checked
    dataset = _dataset(network, data)
    options: dict[str, Any] = {"to": None if to is None else to.value, "states": states, "name": name}
    if int8:
        if dataset is None:
            raise FileError(
                f"--int8 fits scales on training data, but that of {file} is not here: give --data"
            )
        options["fitted"] = dataset.train.x
    x = None if dataset is None else dataset.validation.x
    what = "" if dataset is None else f"validation samples of {dataset.name}"
    exported = write(network, out, x, what, **options)
    for each in exported.files:
        typer.echo(f"{each}  {network.parameters:,} parameters")
    for note in exported.notes:
        typer.echo(f"  {note}")
    if exported.difference is None:
        typer.echo(f"  {exported.checked}")
        return
    typer.echo(f"  largest difference from netlet's answers: {exported.difference:.1e} ({exported.checked})")
    if int8 and dataset is not None:
        _print_accuracies(network, dataset)
        return
    if not exported.is_close:
        raise FileError(
            f"{out} was written, but its answers differ from netlet's by {exported.difference:.1e}"
        )


def _check_options(out: Path, to: object, states: bool, name: object, int8: bool) -> None:
    """Refuse options that mean nothing for this ending."""
    from netlet.errors import FileError

    ending = out.suffix.lower()
    for option, is_given, own in (
        ("--to", to, ".py"),
        ("--states", states, ".onnx"),
        ("--name", name, ".h"),
        ("--int8", int8, ".h"),
    ):
        if is_given and ending != own:
            raise FileError(f"{option} is for {own} only, but OUT is {out}: leave it out")


def _print_accuracies(network: Network, dataset: Dataset) -> None:
    """How good it is in int8, and in float, on every split but the training one."""
    from netlet import metrics
    from netlet.interop.c import quantized_of

    quantized = quantized_of(network, dataset.train.x)
    metric = metrics.METRICS[network.task][0]
    for split, part in dataset.present.items():
        if split == "training":
            continue
        values = quantized.evaluate(part)[metric], network.evaluate(part)[metric]
        told = ["-" if value is None else f"{value:.4f}" for value in values]
        typer.echo(f"  {split} {metric}: {told[0]} in int8, {told[1]} in float")


def _dataset(network: Network, data: Path | None) -> Dataset | None:
    """The network's own data, if it is there."""
    from netlet.datasets import load_again
    from netlet.errors import DataError

    name = network.about.get("dataset")
    if data is None and not isinstance(name, str):
        return None
    try:
        dataset = load_again({"dataset": "", **network.about}, data)
    except (DataError, OSError):
        if data is not None:
            raise
        return None
    if dataset.input_shape != network.input_shape:
        if data is not None:
            raise DataError(
                f"{dataset.name} has inputs {dataset.input_shape}, the network {network.input_shape}"
            )
        return None
    return dataset
