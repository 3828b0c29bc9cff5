"""The settings of a training, as one table: a row has its default, its rule, its help and the engine's field.

Everything else follows from a row: the check of a value, the keyword of `netlet.train`, the option of the
command line and its help, what the store writes down, and what the engine is told.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NamedTuple

from netlet.errors import TrainingError, brief
from netlet.training.rules import Rule, flag, number, one_of, positive, share, whole

if TYPE_CHECKING:  # the command line reads the table, and need not wait for numpy and the engine
    from typing import Self

    from netlet.architecture import Architecture
    from netlet.datasets import Dataset

OPTIMIZERS = ("sgd", "rmsprop", "adam", "nadam", "adamw")
SCHEDULES = ("constant", "cosine", "one-cycle", "reduce-on-plateau")
REGRESSION_LOSSES = ("mse", "mae", "huber")
FLIPS = ("none", "horizontal", "vertical", "both")
AUGMENTS = ("shift", "flip", "turn", "zoom", "erase", "noise")
"""Settings that change every training image anew in every epoch."""

Only = tuple[str, tuple[str, ...]]
"""Another setting, and its values that a setting has an effect with."""

_SGD, _RMSPROP, _ADAMW = (("optimizer", (name,)) for name in ("sgd", "rmsprop", "adamw"))
_WITH_MOMENTUM: Only = "optimizer", ("sgd", "rmsprop")
_WITH_SQUARES: Only = "optimizer", ("rmsprop", "adam", "nadam", "adamw")
_ADAMS: Only = "optimizer", ("adam", "nadam", "adamw")
_PLATEAU: Only = "schedule", ("reduce-on-plateau",)


class Setting(NamedTuple):
    """What is known of a setting beside its default.

    Attributes
    ----------
    rule
        Which values it may have.
    help
        What it does, in a sentence or two; for people, on the command line too.
    engine
        The engine's field that it goes to: of `_engine.TrainingSettings`, or ``optimizer.`` and one of
        `_engine.OptimizerSettings`. None goes to the engine as 0.
    only
        Another setting and its values, if it has an effect with these only.
    words
        The engine's enumeration that its words are of, such as ``Schedule``; empty for numbers and flags.
    """

    rule: Rule
    help: str
    engine: str
    only: Only | None = None
    words: str = ""


def setting(
    default: Any,
    rule: Rule,
    help: str,  # noqa: A002
    engine: str,
    only: Only | None = None,
    words: str = "",
) -> Any:
    """A row of the table: a field of `Training` with its `Setting`."""
    return field(default=default, metadata={"setting": Setting(rule, help, engine, only, words)})


class SettingError(TrainingError):
    """A setting with a value that is not allowed.

    Attributes
    ----------
    setting : str
        Its name.
    problem : str
        What is wrong with it, to follow its name.
    """

    def __init__(self, setting: str, problem: str) -> None:
        """Say it in one line."""
        super().__init__(f"{setting} {problem}", setting=setting)
        self.problem = problem


@dataclass(frozen=True)
class Training:
    """The settings of a training; names and meanings are Keras's.

    Attributes
    ----------
    {attributes}

    Raises
    ------
    TrainingError
        If a value is not allowed, or a setting is given that has no effect with the optimizer or schedule;
        its `setting` says which.
    """

    epochs: int = setting(30, whole(0), "Passes through the training data.", "epochs")
    batch_size: int = setting(64, whole(1), "Samples a step.", "batch_size")
    optimizer: str = setting(
        "adam",
        one_of(OPTIMIZERS),
        "What makes a step of a gradient: sgd, rmsprop, adam, nadam or adamw.",
        "optimizer.kind",
        words="OptimizerKind",
    )
    learning_rate: float = setting(0.005, positive(), "Size of the steps, above 0.", "learning_rate")
    momentum: float = setting(
        0.0,
        share(),
        "Of sgd and rmsprop: share of the last step that is kept, from 0, below 1.",
        "optimizer.momentum",
        _WITH_MOMENTUM,
    )
    nesterov: bool = setting(False, flag(), "Nesterov's momentum in sgd.", "optimizer.nesterov", _SGD)
    rho: float = setting(
        0.9, share(), "Share of its mean square that rmsprop keeps.", "optimizer.rho", _RMSPROP
    )
    beta_1: float = setting(
        0.9,
        share(),
        "Share of their mean gradient that adam, nadam and adamw keep.",
        "optimizer.beta_1",
        _ADAMS,
    )
    beta_2: float = setting(
        0.999,
        share(),
        "Share of their mean square that adam, nadam and adamw keep.",
        "optimizer.beta_2",
        _ADAMS,
    )
    epsilon: float = setting(
        1e-7,
        positive(),
        "Added to the optimizer's denominator, above 0 (not of sgd).",
        "optimizer.epsilon",
        _WITH_SQUARES,
    )
    schedule: str = setting(
        "constant",
        one_of(SCHEDULES),
        "Of the learning rate over all batches: constant; cosine, from the rate down to 0; one-cycle, from "
        "1/25 of the rate up to it in 30 % of the batches and down to 1/250,000 of it; reduce-on-plateau, "
        "less whenever the validation loss has stopped falling.",
        "schedule",
        words="Schedule",
    )
    clip_norm: float | None = setting(
        None,
        positive(or_none=True),
        "Largest norm of one weight array's gradient (Keras's clipnorm).",
        "optimizer.clip_norm",
    )
    global_clip_norm: float | None = setting(
        None, positive(or_none=True), "Largest norm of the whole gradient.", "optimizer.global_clip_norm"
    )
    l2: float = setting(
        0.0,
        number(lambda x: x >= 0, "a number from 0"),
        "Penalty on the squares of kernels, recurrent ones included (Keras's L2 regulariser); not a part of "
        "the losses reported.",
        "optimizer.l2",
    )
    patience: int | None = setting(
        None,
        whole(1, or_none=True),
        "Stop after so many epochs without a lower validation loss, and take the weights of the best epoch.",
        "patience",
    )
    plateau_factor: float = setting(
        0.1,
        number(lambda x: 0 < x < 1, "a number between 0 and 1"),
        "Of reduce-on-plateau: what the learning rate is multiplied with (Keras's factor).",
        "plateau_factor",
        _PLATEAU,
    )
    plateau_patience: int = setting(
        10,
        whole(1),
        "Of reduce-on-plateau: after how many epochs without a validation loss lower by more than 1e-4.",
        "plateau_patience",
        _PLATEAU,
    )
    weight_decay: float = setting(
        0.004,
        number(lambda x: x >= 0, "a number from 0"),
        "Of adamw: share of every weight that is taken off in a step, times the learning rate.",
        "optimizer.weight_decay",
        _ADAMW,
    )
    loss: str = setting(
        "mse",
        one_of(REGRESSION_LOSSES),
        "Of regression: what is made small, and what the history has as loss: mean squared error, mean "
        "absolute error, or Huber's with the bend at 1 (all Keras's). Metrics stay the same.",
        "loss",
        words="Loss",
    )
    shuffle: bool = setting(
        True, flag(), "An order of its own for every epoch, drawn from the seed.", "shuffle"
    )
    shift: int = setting(
        0,
        whole(0),
        "Of images: every one is moved anew in every epoch, by up to so many pixels in height and in width.",
        "augmentation.shift",
    )
    flip: str = setting(
        "none",
        one_of(FLIPS),
        "Of images: mirrored left to right (horizontal), upside down (vertical) or both, by chance.",
        "augmentation.flip",
        words="Flip",
    )
    turn: float = setting(
        0.0,
        number(lambda x: 0 <= x <= 180, "a number from 0 to 180"),
        "Of images: turned about their middle by up to so many degrees, to either side (bilinear).",
        "augmentation.turn",
    )
    zoom: float = setting(
        0.0,
        share(),
        "Of images: enlarged about their middle by a factor between 1 - zoom and 1 + zoom (bilinear).",
        "augmentation.zoom",
    )
    erase: float = setting(
        0.0,
        number(lambda x: 0 <= x <= 1, "a number from 0 to 1"),
        "Of images: a rectangle of up to this share of the height and of the width becomes background.",
        "augmentation.erase",
    )
    noise: float = setting(
        0.0,
        number(lambda x: x >= 0, "a number from 0"),
        "Of images: standard deviation of normal noise added to every number, in units of the data (pixels "
        "are 0 to 1); what leaves that range is not cut off.",
        "augmentation.noise",
    )
    fill: float | None = setting(
        None,
        number(lambda _: True, "a number", or_none=True),
        "The background that shift, turn, zoom and erase leave, in units of the data. Without, each "
        "channel's median of the training images' outermost pixels.",
        "augmentation.background",
    )
    truncation: int | None = setting(
        None,
        whole(1, or_none=True),
        "Of sequences: steps of a piece, through which gradients go back, with an optimizer step each; "
        "recurrent layers carry what they hold on to the next piece. Without, whole sequences.",
        "truncation",
    )

    def __post_init__(self) -> None:
        """Check every value, and that no setting is given that has no effect."""
        for name, row in settings_table(type(self)).items():
            value = getattr(self, name)
            if not row.rule.accepts(value):
                raise SettingError(name, f"is {brief(value)}, but must be {row.rule.told_of(value)}")
            if isinstance(value, Real) and not isinstance(value, (bool, int, float)):  # numpy's, a Fraction
                plain = int(value) if isinstance(value, Integral) else float(value)
                object.__setattr__(self, name, plain)
        for each in fields(self):
            value, only = getattr(self, each.name), _row(each).only
            if only is None or value == each.default:
                continue
            other, allowed = only
            if getattr(self, other) not in allowed:
                *most, last = allowed
                raise SettingError(
                    each.name,
                    f"is {brief(value)}, but {getattr(self, other)} has none: it is for "
                    f"{', '.join(most) + ' and ' if most else ''}{last}, so leave it out or choose another "
                    f"{other}",
                )
        if self.nesterov and not self.momentum:
            raise SettingError("nesterov", "is True, but momentum is 0: give momentum above 0, such as 0.9")
        if self.fill is not None and not self.leaves_background:
            raise SettingError(
                "fill",
                f"is {brief(self.fill)}, but nothing is left to be filled: give shift, turn, zoom or erase",
            )

    @property
    def augments(self) -> tuple[str, ...]:
        """The settings given that change training images."""
        return tuple(name for name in AUGMENTS if getattr(self, name) not in (0, "none"))

    @property
    def leaves_background(self) -> bool:
        """Whether background comes into training images."""
        return bool(self.shift or self.turn or self.zoom or self.erase)

    @classmethod
    def default(cls, dataset: Dataset, *architectures: Architecture | str, **changes: Any) -> Self:
        """A dataset's own settings (`Dataset.training`), with changes.

        Parameters
        ----------
        dataset
            The lab's datasets have the exercise's settings; others those that are the defaults here.
        *architectures
            What is to be trained on it, if that is known.
        **changes
            Settings in the place of the dataset's own. A truncation of the dataset's own is left out where
            `check` would refuse it; one that is given here is not.

        Raises
        ------
        ArchitectureError
            If an architecture cannot be read.
        TrainingError
            If a change names no setting, or its value is not allowed.
        """
        chosen = cls(**dataset.training).changed(**changes)
        if "truncation" not in changes and chosen.truncation is not None:
            try:
                chosen.check(dataset, *architectures)
            except TrainingError:
                return replace(chosen, truncation=None)
        return chosen

    def changed(self, **changes: Any) -> Self:
        """The same with other values of the settings named.

        Raises
        ------
        TrainingError
            If a name is none of a setting, with the nearest that is, or a value is not allowed.
        """
        known = settings_table(type(self))
        for name in changes:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}? There are" if near else "choose from"
                raise TrainingError(
                    f"there is no setting {brief(name)}: {hint} {', '.join(known)}", setting=name
                )
        return replace(self, **changes)

    def check(self, dataset: Dataset, *architectures: Architecture | str) -> None:
        """Refuse settings that do not fit a dataset, or an architecture on it.

        Raises
        ------
        ArchitectureError
            If an architecture cannot be read.
        TrainingError
            If there is a loss of regression, but the dataset has classes; if images are to be changed, but
            there are none, or nothing would be left of them; or if there is a truncation, but the dataset has
            no sequences, shorter ones, or sequences that differ in length and have one target each; or an
            architecture has a layer that needs them whole (flatten, 1-d convolution, bidirectional).
        """
        from netlet.training.fitting import check

        check(self, dataset, *architectures)


def settings_table(kind: type[Training] = Training) -> Mapping[str, Setting]:
    """The table: every setting by its name, in the order in which they are declared."""
    return {each.name: _row(each) for each in fields(kind)}


def _row(of: Field[Any]) -> Setting:
    return of.metadata["setting"]


def _described() -> str:
    """The table as the attributes of a docstring."""
    import textwrap

    rows = []
    for each in fields(Training):
        told = f"{_row(each).help} {_row(each).rule.told().capitalize()}; by default {each.default!r}."
        rows += [each.name, *textwrap.wrap(told, 100, initial_indent="    ", subsequent_indent="    ")]
    return "\n    ".join(rows)


if Training.__doc__:  # python -OO has none
    Training.__doc__ = Training.__doc__.replace("{attributes}", _described())
