"""The options that say what data is, the same for every command that reads some."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlet import reading
from netlet.cli.adding import with_options
from netlet.errors import DataError

if TYPE_CHECKING:
    from netlet.datasets import Dataset
    from netlet.network import Network

_PANEL = "What the data is (by default it is recognised, and what is guessed is said)"
_ALL = tuple(name for name in reading.OPTIONS if name != "class_names")
OF_IMAGES = ("fit", "background")
"""Those of samples for a network, which knows all else."""


def with_data(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the options of data, or those named; it finds what was given by `said`."""
    options = {name: _option(name) for name in names or _ALL}
    return lambda command: with_options(command, options)


def _option(name: str) -> Any:
    """The type of one option, as typer reads it."""
    row = reading.OPTIONS[name]
    metavar = "|".join(row.choices) or {"size": "WxH", "columns": "COLUMN", "text": "COLUMN"}.get(row.type)
    option = typer.Option(
        reading.spelling(name),
        help=f"{row.help} With {' or '.join(reading.FORMS[form] for form in row.forms)}."
        if len(row.forms) < len(reading.FORMS)
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
def as_options() -> Iterator[None]:
    """Tell what is wrong with an option as the command line has it."""
    try:
        yield
    except reading.OptionError as error:
        raise DataError(error.spelled(), setting=error.setting) from None


def load(context: typer.Context, dataset: str, data: Path | None = None, seed: int = 0) -> Dataset:
    """The dataset that a command was given, as its options say."""
    from netlet import datasets

    options = said(context)
    if dataset in datasets.names() and "size" in options:
        options["size"] = _checked_size(options["size"])
    with as_options():
        return datasets.load(dataset, data, seed, **options)


def load_for(network: Network, context: typer.Context, dataset: str, data: Path | None = None) -> Dataset:
    """A dataset for a network: what is not said is as in its training, and its task is the network's."""
    from netlet import datasets
    from netlet.paths import expanded

    options = said(context)
    if "scale" in options:
        raise DataError("--scale has no use: a network scales its inputs as in its training", setting="scale")
    if dataset not in datasets.names():
        own: Mapping[str, Any] = {"task": network.task, **network.reading}
        if network.kind == "image":
            own = {"color": network.input_shape[2] == 3, **own}
        form = datasets.form_of(expanded(Path(dataset)))
        if form == reading.ARRAYS:
            own = {"kind": network.kind, **own}
        known = reading.suited(form, own)
        options = {name: value for name, value in known.items() if name != "scale"} | options
    with as_options():
        return datasets.load(dataset, data, **options)


def _checked_size(text: str) -> tuple[int, int]:
    with as_options():
        size: tuple[int, int] = reading.checked("", reading.FOLDER, {"size": text})["size"]
        return size
