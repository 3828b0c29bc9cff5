"""Scalings of inputs and targets: fitted on the training part, kept in the network, undone in its answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from netlet.errors import DataError

_PIECE = 1 << 16  # rows
_ROUNDING = 1e-6  # a deviation smaller than this share of the mean may be one of rounding


@dataclass(frozen=True)
class Scaling:
    """``scaled = (raw - offset) / scale``, a number of each for every channel (or output, or feature).

    Attributes
    ----------
    offset, scale : tuple of float
        Equally many; scales are finite and not 0.
    """

    offset: tuple[float, ...]
    scale: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check the numbers."""
        if len(self.offset) != len(self.scale) or not self.scale:
            raise DataError(
                f"a scaling has {len(self.offset)} offsets and {len(self.scale)} scales: give one of "
                "each a channel"
            )
        if not all(map(isfinite, (*self.offset, *self.scale))) or 0 in self.scale:
            raise DataError("a scaling needs finite numbers, and scales other than 0")

    @classmethod
    def standard(cls, x: np.ndarray, mask: np.ndarray | None = None) -> Scaling:
        """To mean 0 and standard deviation 1 of every channel (the last axis); constant channels to 0."""
        values = _counted(x, mask)
        mean = values.mean(axis=0, dtype=np.float64)
        total = sum(((part.astype(np.float64) - mean) ** 2).sum(axis=0) for part in _pieces(values))
        spread = np.sqrt(total / len(values))
        for channel in np.flatnonzero(spread <= _ROUNDING * np.abs(mean)):
            if np.ptp(values[:, channel]) == 0:  # rounding gives a constant 0.1 a deviation
                spread[channel] = 0
        return cls(_tuple(mean), _tuple(np.where(spread > 0, spread, 1.0)))

    @classmethod
    def min_max(cls, x: np.ndarray, mask: np.ndarray | None = None) -> Scaling:
        """To 0..1 of every channel (the last axis); constant channels to 0."""
        values = _counted(x, mask)
        low = values.min(axis=0).astype(np.float64)
        spread = values.max(axis=0) - low
        return cls(_tuple(low), _tuple(np.where(spread > 0, spread, 1.0)))

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Raw numbers, channels last, scaled: float32 of the same shape."""
        return ((np.asarray(x, np.float64) - self.offset) / np.asarray(self.scale)).astype(np.float32)

    def undo(self, x: np.ndarray) -> np.ndarray:
        """Scaled numbers, channels last, in raw units: float32 of the same shape."""
        return (np.asarray(x, np.float64) * self.scale + self.offset).astype(np.float32)

    def check(self, what: str, channels: int | None) -> None:
        """Refuse (DataError) a scaling that does not have a number for each channel."""
        if len(self.scale) != channels:
            raise DataError(f"{what} has {len(self.scale)} channels, but must have {channels}")

    def as_dict(self) -> dict[str, list[float]]:
        """For JSON."""
        return {"offset": list(self.offset), "scale": list(self.scale)}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Scaling:
        """What `as_dict` has given; DataError if it is none."""
        try:
            return cls(_tuple(kept["offset"]), _tuple(kept["scale"]))
        except (KeyError, TypeError, ValueError):
            raise DataError("a scaling must have numbers as offset and as scale") from None

    def __str__(self) -> str:
        """The formula, of up to three channels."""
        parts = [f"(x - {o:.4g}) / {s:.4g}" for o, s in zip(self.offset, self.scale, strict=True)]
        return ", ".join(parts[:3]) + (f", ... ({len(parts)} channels)" if len(parts) > 3 else "")


def _counted(x: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """All numbers of each channel that count, (numbers, channels)."""
    x = np.asarray(x)
    return x.reshape(-1, x.shape[-1]) if mask is None else x[np.asarray(mask, bool)]


def _pieces(values: np.ndarray) -> Iterator[np.ndarray]:
    """Parts of the rows, so that no second copy of all of them is made in float64."""
    for start in range(0, len(values), _PIECE):
        yield values[start : start + _PIECE]


def _tuple(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
