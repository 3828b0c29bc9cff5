"""The options that say what data is, the same for every command that reads some."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlet import data_options
from netlet.cli.adding import with_options
from netlet.errors import DataError

if TYPE_CHECKING:
    from netlet.datasets import Dataset
    from netlet.network import Network

_PANEL = "What the data is (by default it is recognised, and what is guessed is said)"
_ALL = tuple(name for name in data_options.OPTIONS if name != "class_names")
OF_IMAGES = ("fit", "background")
"""Those of samples for a network, which knows all else."""


def with_data(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the options of data, or those named; it finds what was given by `said`."""
    options = {name: _option(name) for name in names or _ALL}
    return lambda command: with_options(command, options)


def _option(name: str) -> Any:
    """The type of one option, as typer reads it."""
    row = data_options.OPTIONS[name]
    metavar = "|".join(row.choices) or {"size": "WxH", "columns": "COLUMN", "text": "COLUMN"}.get(row.type)
    option = typer.Option(
        data_options.spelling(name),
        help=f"{row.help} With {' or '.join(data_options.FORMS[form] for form in row.forms)}."
        if len(row.forms) < len(data_options.FORMS)
        else row.help,
        metavar=metavar,
        rich_help_panel=_PANEL,
        show_default=False,
    )
    kind = {"flag": bool, "whole": int}.get(row.type, str)
    return Annotated[kind | None, option]


def said(context: typer.Context) -> dict[str, Any]:
    """What was said of the data on the command line, by the names of `netlet.load`'s options."""
    return {name: value for name in _ALL if (value := context.params.get(name)) is not None}


@contextmanager
def errors_as_options() -> Iterator[None]:
    """Tell what is wrong with an option as the command line has it."""
    try:
        yield
    except data_options.OptionError as error:
        raise DataError(error.spelled(), setting=error.setting) from None


def load(context: typer.Context, dataset: str, data: Path | None = None, seed: int = 0) -> Dataset:
    """The dataset that a command was given, as its options say."""
    from netlet import datasets

    options = said(context)
    if dataset in datasets.names() and "size" in options:
        options["size"] = _checked_size(options["size"])
    with errors_as_options():
        return datasets.load(dataset, data, seed, **options)


def load_for(
    network: Network, context: typer.Context, dataset: str, data: Path | None = None, seed: int | None = None
) -> Dataset:
    """A dataset for a network, read as its training data were; what is said, overrules.

    If it is what the network was trained on, its parts are drawn (or it is generated) from the same seed.
    """
    from netlet import datasets
    from netlet.paths import expanded

    options, about = said(context), network.about
    if "scale" in options:
        raise DataError("--scale has no use: a network scales its inputs as in its training", setting="scale")
    is_named = dataset in datasets.names()
    path = expanded(Path(dataset))
    is_the_same = about.get("dataset") == (dataset if is_named else str(path.resolve()))
    if seed is None:
        seed = int(about.get("data_seed") or 0) if is_the_same and data is None else 0
    own: dict[str, Any]
    if is_named:
        own = dict(network.reading) if is_the_same and data is None else {}
    else:
        own = {"task": network.task, **network.reading}
        form = datasets.form_of(path)
        if form == data_options.FOLDER:
            own = {"color": network.input_shape[-1] == 3, **own}
        if network.feature_names:
            own["features"] = list(network.feature_names)
        if form == data_options.ARRAYS:
            own = {"kind": network.kind, **own}
        own = data_options.suited(form, own)
    options = {name: value for name, value in own.items() if name != "scale"} | options
    with errors_as_options():
        return datasets.load(dataset, data, seed, **options)


def _checked_size(text: str) -> tuple[int, int]:
    with errors_as_options():
        size: tuple[int, int] = data_options.checked("", data_options.FOLDER, {"size": text})["size"]
        return size
