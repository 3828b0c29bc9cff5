"""`netlet summary`: an architecture's layers, shapes and parameters, or its Keras code."""

from __future__ import annotations

from typing import Annotated

import typer

from netlet.cli import data_options
from netlet.cli.data import DataDir


@data_options.with_data()
def summary(
    context: typer.Context,
    architecture: Annotated[str, typer.Argument(help="Layers joined by -, such as 'flatten - dense(1)'.")],
    dataset: Annotated[str, typer.Option(help="What it is for: a dataset's name, or a path to one's own.")],
    data: DataDir = None,
    keras: Annotated[
        bool, typer.Option("--keras", help="Print Python code that builds it in Keras.")
    ] = False,
) -> None:
    """Show an architecture's layers, output shapes and parameters."""
    from netlet import Architecture

    loaded = data_options.load(context, dataset, data)
    resolved = Architecture(architecture).resolve_for(loaded)
    shape = loaded.input_shape
    typer.echo(resolved.keras_code(shape) if keras else resolved.summary(shape))
