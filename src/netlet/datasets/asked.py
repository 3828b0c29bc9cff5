"""What is asked of a series: window, steps ahead, stride, targets, known columns; checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from netlet.errors import DataError


@dataclass(frozen=True)
class Asked:
    """What was asked for, checked."""

    window: int
    ahead: np.ndarray
    stride: int
    targets: tuple[str, ...]
    known: tuple[str, ...]
    season: int | None
    features: tuple[str, ...] | None

    @property
    def horizon(self) -> int | list[int]:
        """The steps that are forecast as `netlet.datasets.windows` takes them: how many, or which."""
        last = int(self.ahead[-1])
        return last if last == len(self.ahead) else [int(each) for each in self.ahead]

    @classmethod
    def of(
        cls,
        window: Any,
        horizon: Any,
        stride: Any,
        target: Any,
        known: Any,
        season: Any,
        features: Any = None,
    ) -> Asked:
        """Check what `netlet.datasets.windows` was given."""
        _check("window", window)
        _check("stride", stride)
        ahead = _ahead(horizon)
        if season is not None:
            _check("season", season, least=0)
            if season == 1:
                raise DataError(
                    "season is 1, but must be 0 for none, or at least 2 rows; 1 is the last value",
                    setting="season",
                )
        names = _names(known)
        if names and ahead[-1] > window:
            raise DataError(
                f"known columns run {ahead[-1]} rows ahead, so the window must have at least as many, but "
                f"has {window}: take a longer window, or leave known out",
                setting="window",
            )
        chosen = None if features is None else _names(features)
        return cls(int(window), ahead, int(stride), _names(target), names, season, chosen)


def _check(name: str, value: Any, least: int = 1) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise DataError(f"{name} is {value!r}, but must be a whole number of at least {least}", setting=name)


def _ahead(horizon: Any) -> np.ndarray:
    """The steps that are forecast, in order, 1 being the next."""
    if isinstance(horizon, str):
        parts = [part.strip() for part in horizon.split(",")]
        if not all(part.isdecimal() and len(part) < 10 for part in parts):
            raise DataError(
                f"horizon is {horizon!r}, but must be a whole number, or several such as 1,6,12",
                setting="horizon",
            )
        horizon = [int(part) for part in parts] if len(parts) > 1 else int(parts[0])
    if not isinstance(horizon, Sequence | np.ndarray):
        _check("horizon", horizon)
        return np.arange(1, int(horizon) + 1)
    for each in horizon:
        _check("horizon", each)
    steps = np.array(sorted({int(each) for each in horizon}))
    if not len(steps) or len(steps) != len(horizon):
        raise DataError("horizon must name different steps, such as 1,6,12", setting="horizon")
    return steps


def _names(given: Any) -> tuple[str, ...]:
    if given is None:
        return ()
    if isinstance(given, str):
        return tuple(dict.fromkeys(part.strip() for part in given.split(",") if part.strip()))
    return tuple(dict.fromkeys(str(each) for each in given))
