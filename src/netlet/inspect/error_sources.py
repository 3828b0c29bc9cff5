"""Where the error of a network on pulse sequences arises: at which steps, and in what situations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.datasets import Split
from netlet.errors import DataError
from netlet.inspect.signals import has_pulses, signals

if TYPE_CHECKING:
    from netlet.network import Network

PEAK_UNSEEN = "pulse, its triangle's peak not seen"
"""The peak came before the sequence: of the fall alone, height and width cannot both be told."""
RISE_CUT = "pulse, its triangle's rise cut off"
"""The rise began before the sequence; peak and fall, which tell everything, are in it."""
BEGINS, ENDED = "first step of a pulse", "first step behind a pulse"


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


@dataclass(frozen=True, eq=False)
class ErrorByWidth:
    """How the error depends on how wide pulses are, and so on how far back a network has to look.

    The answer to a pulse is the triangle it sets off; where the target has the pulses, it is the pulse.

    Attributes
    ----------
    widths : ndarray, int64, (widths,)
        Of pulses, in steps, rising; widths that no whole pulse has are left out.
    pulses : ndarray, int64, (widths,)
        How many pulses there are of each.
    normalised_error : ndarray, float64, (widths,)
        Over the steps of their answers, by the variance of all targets. Where two answers overlap, the error
        counts for both.
    """

    widths: np.ndarray
    pulses: np.ndarray
    normalised_error: np.ndarray

    @property
    def lags(self) -> np.ndarray:
        """Steps from the first step of what comes in to the last of the answer: 3 widths less 2.

        Either way round: a pulse takes one width, its triangle, close behind or before, two widths less one.
        """
        return 3 * self.widths - 2


def error_sources(network: Network, split: Split) -> ErrorSources:
    """Share out a network's squared error on a split of sequences with one input and one target channel.

    Raises
    ------
    DataError
        If the target never varies, or there is more than one input or target channel.
    """
    error, counted, variance = _squared_error(network, split)
    total = float(error.sum())
    steps = counted.sum(axis=0)
    situations = tuple(
        Situation(
            name, float((where & counted).sum() / counted.sum()), float(error[where].sum()) / (total or 1.0)
        )
        for name, where in _situations(split).items()
    )
    by_step = np.divide(error.sum(axis=0), steps * variance, out=np.zeros(len(steps)), where=steps > 0)
    return ErrorSources(total / float(counted.sum()) / variance, by_step, situations)


def error_by_width(network: Network, split: Split) -> ErrorByWidth:
    """Measure a network's error in its answers to pulses of each width.

    Left out are pulses that the sequence's beginning or end cuts, and where the target has the pulses, those
    whose triangle began before the sequence.

    Raises
    ------
    DataError
        If there are no pulses, not one input and one target channel, or the target never varies.
    """
    named = signals(split)
    if "pulse on" not in named:
        raise DataError("neither input nor target has pulses, by whose width the error could be told apart")
    error, counted, variance = _squared_error(network, split)
    steps = error.shape[1]
    rows, starts, ends = _runs(named["pulse on"] > 0)
    width = ends - starts
    if not has_pulses(split.x[..., 0]):
        first, last, is_whole = starts, ends, starts >= 2 * width - 1
    else:
        first, last, is_whole = ends, np.minimum(ends + 2 * width - 1, steps), starts > 0
    is_whole &= (ends < steps) & counted[rows, np.minimum(ends, steps - 1)]
    upto = [np.pad(values, ((0, 0), (1, 0))).cumsum(axis=1) for values in (error, counted.astype(float))]
    errors, lengths = ((sums[rows, last] - sums[rows, first])[is_whole] for sums in upto)
    widths, which, pulses = np.unique(width[is_whole], return_inverse=True, return_counts=True)
    mean = np.bincount(which, errors, len(widths)) / np.bincount(which, lengths, len(widths))
    return ErrorByWidth(widths, pulses, mean / variance)


def _squared_error(network: Network, split: Split) -> tuple[np.ndarray, np.ndarray, float]:
    """Squared error (n, steps), 0 where a step does not count; which do; and the variance of the target."""
    error = ((network.predict(split.x, split.mask) - split.y)[..., 0]).astype(np.float64) ** 2
    counted = np.ones(error.shape, dtype=bool) if split.mask is None else split.mask
    variance = float(np.var(split.y[counted], dtype=np.float64))
    if not variance > 0:
        raise DataError("the target never varies, so no error can be normalised by its variance")
    return np.where(counted, error, 0), counted, variance


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
        if not has_pulses(split.x[..., 0]):
            take(PEAK_UNSEEN, _started_within(on, lambda width: width))
            take(RISE_CUT, _started_within(on, lambda width: 2 * width - 1))
            take(BEGINS, begins)
            take("later steps of a pulse", on)
            take(ENDED, ended)
            take("triangle coming in", named["triangle on"] > 0)
        else:
            take("during a pulse", on)
            take("triangle rising", named["triangle rises"] > 0)
            take("triangle falling", named["triangle falls"] > 0)
    take("all the rest", rest)
    return found


def _started_within(on: np.ndarray, steps: Callable[[int], int]) -> np.ndarray:
    """Steps of pulses that begin within so many steps, given their width, of the sequence's beginning.

    A triangle of 2 widths less 1 comes just before its pulse, with its peak one width before.
    """
    found = np.zeros_like(on)
    for row, start, end in zip(*_runs(on), strict=True):
        found[row, start:end] = start < steps(end - start)
    return found


def _runs(on: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, first step and the step behind the last of everything that is on for a while, in order."""
    edges = np.diff(on.astype(np.int8), axis=1, prepend=0, append=0)
    rows, starts = np.nonzero(edges == 1)
    return rows, starts, np.nonzero(edges == -1)[1]
