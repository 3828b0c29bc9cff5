"""Metrics as text for people, and as numbers for JSON."""

from __future__ import annotations

import math

_SMALL = 0.01
"""Below it four decimals are less than three digits."""
_HUGE = 1e7
"""From here on four decimals are a line of digits."""


def as_text(value: float | None, undefined: str = "–") -> str:
    """A metric for people: four decimals; three digits of what is small or huge; a word if not finite."""
    if value is None:
        return undefined
    if not math.isfinite(value):
        return "diverged"
    if abs(value) >= _HUGE:
        return f"{value:.3g}"
    return f"{value:#.3g}" if 0 < abs(value) < _SMALL else f"{value:.4f}"


def json_number(value: float | None) -> float | None:
    """The number, or None if it is not finite, which JSON cannot say."""
    return None if value is None or not math.isfinite(value) else value
