"""The options of commands that train: everything a `netlet.training.Training` can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlet.errors import TrainingError

if TYPE_CHECKING:
    from netlet.architecture import Architecture
    from netlet.datasets import Dataset
    from netlet.training import Training

_PANEL = "Settings of the training (by default the exercise's own for the dataset)"


def _setting(help_: str) -> Any:
    return typer.Option(help=help_, rich_help_panel=_PANEL, show_default=False)


Epochs = Annotated[int | None, _setting("Passes through the training data.")]
BatchSize = Annotated[int | None, _setting("Samples a step.")]
Optimizer = Annotated[str | None, _setting("sgd, rmsprop, adam or nadam.")]
LearningRate = Annotated[float | None, _setting("Above 0.")]
Schedule = Annotated[str | None, _setting("Of the learning rate: constant, cosine or one-cycle.")]
Momentum = Annotated[float | None, _setting("Of sgd and rmsprop, from 0, below 1.")]
Nesterov = Annotated[bool | None, _setting("Nesterov's momentum in sgd.")]
Rho = Annotated[float | None, _setting("Share of its mean square that rmsprop keeps.")]
Beta1 = Annotated[float | None, _setting("Share of their mean gradient that adam and nadam keep.")]
Beta2 = Annotated[float | None, _setting("Share of their mean square that adam and nadam keep.")]
Epsilon = Annotated[float | None, _setting("Added to the optimizer's denominator.")]
ClipNorm = Annotated[float | None, _setting("Largest norm of one weight array's gradient.")]
GlobalClipNorm = Annotated[float | None, _setting("Largest norm of the whole gradient.")]
L2 = Annotated[float | None, _setting("Penalty on the squares of kernels.")]
Patience = Annotated[
    int | None,
    _setting("Stop after so many epochs without a lower validation loss, and take the best epoch."),
]
Shuffle = Annotated[bool | None, _setting("An order of its own for every epoch.")]
Truncation = Annotated[
    int | None,
    _setting("Of sequences: steps of a piece, through which gradients go back; 0 for whole sequences."),
]


def settings_of(context: typer.Context) -> dict[str, Any]:
    """The settings that were given: options that are called as a training's fields."""
    from dataclasses import fields

    from netlet.training import Training

    given = {field.name: context.params.get(field.name) for field in fields(Training)}
    chosen = {name: value for name, value in given.items() if value is not None}
    if chosen.get("truncation") == 0:
        chosen["truncation"] = None
    return chosen


def training_of(dataset: Dataset, settings: dict[str, Any], *architectures: Architecture | str) -> Training:
    """The settings for architectures on a dataset, checked; what is wrong is told as the option has it."""
    from netlet.training import Training

    try:
        training = Training.default(dataset, *architectures, **settings)
        training.check(dataset, *architectures)
    except TrainingError as error:
        name, _, text = str(error).partition(" ")
        if name not in settings:
            raise
        text = text.replace("None", "0") if name == "truncation" else text.removesuffix(" or None")
        raise TrainingError(f"--{name.replace('_', '-')} {text}") from None
    return training
