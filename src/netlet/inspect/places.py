"""How the places under a window are written in a formula: ``2*i + 1``, ``t - 3``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Axis = Callable[[int | str], str]
"""Writes a row, column or step by its place in the window: a number, or a name that counts them."""


def axes_of(
    size: Sequence[int], window: int | Sequence[int], strides: int | Sequence[int], padding: str
) -> tuple[Axis, ...]:
    """Rows and columns, or steps, under a window.

    Parameters
    ----------
    size
        Height and width of what it moves over, or the number of steps.
    """
    windows = (window,) if isinstance(window, int) else window
    stepping = (strides,) if isinstance(strides, int) else strides
    names = ("", "t", "ij")[len(size)]
    return tuple(_along(*each, padding) for each in zip(names, size, windows, stepping, strict=True))


def _along(name: str, length: int, window: int, stride: int, padding: str) -> Axis:
    # Keras pads so that ceil(length / stride) windows fit, the odd place at the end; causal all in front.
    missing = max((-(-length // stride) - 1) * stride + window - length, 0)
    ahead = {"valid": 0, "same": missing // 2, "causal": window - 1}[padding]
    start = name if stride == 1 else f"{stride}*{name}"

    def written(place: int | str) -> str:
        if isinstance(place, str):
            return f"{start} + {place}" + (f" - {ahead}" if ahead else "")
        shift = place - ahead
        return start + (f" {'-' if shift < 0 else '+'} {abs(shift)}" if shift else "")

    return written


def at(axes: Sequence[Axis], place: Sequence[int | str]) -> str:
    """The place of one number under a window, as it stands in brackets."""
    return ", ".join(axis(each) for axis, each in zip(axes, place, strict=True))
