"""`netlet import`: a network from a Keras or ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from netlet.network import Network


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A Keras model (.keras, .h5) or an ONNX model (.onnx).")
    ],
    out: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help="Where to keep the network.", show_default="FILE with .netlet"),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            metavar="binary|categorical|regression",
            help="What its answers are.",
            show_default="what its last activation speaks for",
        ),
    ] = None,
    input_shape: Annotated[
        str | None,
        typer.Option(
            metavar="SIZES", help="Of one sample, such as 28x28x1 or 100x1, where the file leaves it open."
        ),
    ] = None,
    classes: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Names of the classes in order, such as five,six.")
    ] = None,
) -> None:
    """Read a model that another program has saved, and keep it as a network.

    Nothing in the file is executed. Keras itself is not needed.
    """
    import warnings

    from netlet.cli import targets
    from netlet.paths import expanded

    file = expanded(file)
    out = file.with_suffix(".netlet") if out is None else expanded(out)
    shape = None if input_shape is None else _shape(input_shape)
    names = None if classes is None else [name.strip() for name in classes.split(",")]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        network = _read(file, task, shape, names)
    (checked,) = targets.checked({"OUT": out}, [file])
    network.save(out if checked is None else checked, imported=str(file))
    typer.echo(network.summary())
    kind = f"{network.task}{', ' + ' / '.join(network.class_names) if network.class_names else ''}"
    typer.echo(f"{out}  {network.parameters:,} parameters, {kind}")
    for each in told:
        typer.echo(f"  {each.message}")


def _read(file: Path, task: str | None, shape: tuple[int, ...] | None, names: list[str] | None) -> Network:
    from netlet.errors import FileError

    options = {"task": task, "input_shape": shape, "class_names": names}
    ending = file.suffix.lower()
    if ending in (".keras", ".h5", ".hdf5"):
        from netlet.interop.keras import read_keras

        return read_keras(file, task=task, input_shape=shape, class_names=names)
    if ending == ".onnx":
        from netlet.interop.onnx import read_onnx

        return read_onnx(file, **options)
    raise FileError(
        f"{file} has the ending {ending or 'none'!r}, but must have one of .keras, .h5, .onnx", file=file
    )


def _shape(text: str) -> tuple[int, ...]:
    from netlet.errors import ArchitectureError

    parts = text.lower().replace("×", "x").split("x")
    if not all(part.strip().isdecimal() for part in parts) or not 1 <= len(parts) <= 3:
        raise ArchitectureError(
            f"--input-shape is {text!r}, but must be such as 28x28x1 or 100x1", setting="input_shape"
        )
    return tuple(int(part) for part in parts)
