"""What is told of a training while it goes on: callbacks after every epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.errors import TrainingError, brief


@dataclass(frozen=True)
class Epoch:
    """What is known of a run after one of its epochs.

    Attributes
    ----------
    seed
        Of the run.
    epoch
        Which, from 1.
    epochs
        How many there are to be.
    values
        By the names of `netlet.Run.history`: loss, accuracy or normalised_error, and the same with ``val_``
        before it.
    """

    seed: int
    epoch: int
    epochs: int
    values: dict[str, float]

    @property
    def loss(self) -> float:
        """Of the training data, as it was while it was learned from."""
        return self.values["loss"]

    @property
    def val_loss(self) -> float | None:
        """Of the validation data, after the epoch; None if it was not looked at."""
        return self.values.get("val_loss")


OnEpoch = Callable[[Epoch], Any]
"""Called after every epoch of every run, in the thread that called `train`; the run waits for the answer.

If that is True (numpy's counts too), the run ends with this epoch."""


def checked_function(name: str, given: Any) -> None:
    """Refuse, as TrainingError, what cannot be called where a function or None is wanted."""
    if given is not None and not callable(given):
        raise TrainingError(f"{name} is {brief(given)}, but must be a function, or left out", setting=name)


def together(callbacks: OnEpoch | Iterable[OnEpoch] | None) -> OnEpoch | None:
    """One callback of several; a run ends if any of them says so.

    Raises
    ------
    TrainingError
        If one of them cannot be called.
    """
    if callbacks is None:
        return None
    given = [callbacks] if callable(callbacks) else callbacks
    if not isinstance(given, Iterable) or not all(map(callable, given := list(given))):
        raise TrainingError(
            "on_epoch must be a function of one Epoch, or several of them", setting="on_epoch"
        )

    def all_of_them(epoch: Epoch) -> bool:
        answers = [each(epoch) for each in given]  # every one is told, whatever the others say
        return any(isinstance(answer, bool | np.bool_) and bool(answer) for answer in answers)

    return all_of_them if given else None
