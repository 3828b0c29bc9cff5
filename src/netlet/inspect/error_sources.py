"""Where the error of a network on pulse sequences arises: at which steps, and in what situations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.datasets import Split
from netlet.inspect.signals import has_pulses, signals

if TYPE_CHECKING:
    from netlet.network import Network


@dataclass(frozen=True)
class Situation:
    """One kind of step.

    Attributes
    ----------
    name : str
    steps : float
        Their share of all steps, 0..1.
    error : float
        Their share of the summed squared error, 0..1.
    """

    name: str
    steps: float
    error: float


@dataclass(frozen=True, eq=False)
class ErrorSources:
    """Where the error arises.

    Attributes
    ----------
    normalised_error : float
        Of all steps: mean squared error / variance of the target.
    by_step : ndarray, float64, (steps,)
        The same for each step of the sequence, by the variance of all targets.
    situations : tuple of Situation
        Every step is in one of them.
    """

    normalised_error: float
    by_step: np.ndarray
    situations: tuple[Situation, ...]


def error_sources(network: Network, split: Split) -> ErrorSources:
    """Share out a network's squared error on a split of sequences with one input and one target channel."""
    error = ((network.predict(split.x, split.mask) - split.y)[..., 0]).astype(np.float64) ** 2
    counted = np.ones(error.shape, dtype=bool) if split.mask is None else split.mask
    error = np.where(counted, error, 0)
    variance = float(np.var(split.y[counted], dtype=np.float64))
    total = float(error.sum()) or 1.0
    steps = counted.sum(axis=0)
    situations = tuple(
        Situation(name, float((where & counted).sum() / counted.sum()), float(error[where].sum() / total))
        for name, where in _situations(split).items()
    )
    by_step = np.divide(error.sum(axis=0), steps * variance, out=np.zeros(len(steps)), where=steps > 0)
    return ErrorSources(total / float(counted.sum()) / variance, by_step, situations)


def _situations(split: Split) -> dict[str, np.ndarray]:
    """Exclusive situations, bool (n, steps) each, that cover every step."""
    named = signals(split)
    rest = np.ones(split.x.shape[:2], dtype=bool)
    found: dict[str, np.ndarray] = {}

    def take(name: str, where: np.ndarray) -> None:
        nonlocal rest
        found[name] = rest & where
        rest = rest & ~where

    if "pulse on" in named:
        on, begins, ended = (named[name] > 0 for name in ("pulse on", "pulse begins", "pulse ended"))
        if has_pulses(split.y[..., 0]):
            take("pulse whose triangle began before the sequence", _cut(on))
            take("first step of a pulse", begins)
            take("later steps of a pulse", on)
            take("first step behind a pulse", ended)
            take("triangle coming in", named["triangle on"] > 0)
        else:
            take("during a pulse", on)
            take("triangle rising", named["triangle rises"] > 0)
            take("triangle falling", named["triangle falls"] > 0)
    take("all the rest", rest)
    return found


def _cut(on: np.ndarray) -> np.ndarray:
    """Steps of target pulses that come too early for their whole triangle, twice as wide, to be seen."""
    cut = np.zeros_like(on)
    for row in range(len(on)):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], on[row].astype(int), [0]])))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            cut[row, start:end] = start < 2 * (end - start) - 1
    return cut
