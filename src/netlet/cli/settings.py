"""The options of commands that train: one for every row of the table of settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlet.cli.adding import with_options
from netlet.errors import TrainingError
from netlet.training.settings import SettingError, Training, settings_table

if TYPE_CHECKING:
    from netlet.architecture import Architecture
    from netlet.datasets import Dataset

_PANEL = "Settings of the training (by default the dataset's own)"


def with_settings(
    command: Callable[..., Any], kind: type[Training] = Training, names: Iterable[str] = ()
) -> Callable[..., Any]:
    """A command with an option for every setting, or those named; `settings_of` has what was given."""
    return with_options(command, {name: _option(kind, name) for name in names or settings_table(kind)})


def _option(kind: type[Training], name: str) -> Any:
    """The type of one option, as typer reads it."""
    row = settings_table(kind)[name]
    help_ = f"{row.help} 0 for none." if row.rule.or_none else row.help
    option = typer.Option(help=help_, rich_help_panel=_PANEL, show_default=False)
    return Annotated[row.rule.kind | None, option]


def settings_of(context: typer.Context, kind: type[Training] = Training) -> dict[str, Any]:
    """The settings that were given on the command line, by name; 0 stands for None where None is allowed."""
    table = settings_table(kind)
    given = {name: context.params.get(name) for name in table}
    return {
        name: None if value == 0 and table[name].rule.or_none else value
        for name, value in given.items()
        if value is not None
    }


def training_of(dataset: Dataset, settings: dict[str, Any], *architectures: Architecture | str) -> Training:
    """The settings for architectures on a dataset, checked; what is wrong is told as the option has it."""
    try:
        training = Training.default(dataset, *architectures, **settings)
        training.check(dataset, *architectures)
    except SettingError as error:
        if error.setting not in settings:
            raise
        option, problem = str(error.setting).replace("_", "-"), error.problem.replace("None", "0")
        raise TrainingError(f"--{option} {problem}", setting=error.setting) from None
    return training
