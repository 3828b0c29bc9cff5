"""Named signals of sequences, and which of them a hidden node follows.

A pulse is where a series of the dataset is above a level that no noise reaches; the series that has pulses is
the input of `pulses` and the target of `pulses-reversed`. Sequences of other kinds have only their input and
target and the slopes of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.datasets import Split
from netlet.errors import DataError
from netlet.inspect.selection import Place, activities, recurrent_layers

if TYPE_CHECKING:
    from netlet.network import Network

LEVEL = 0.25
"""Half of the lowest pulse: above it a pulse is on."""
_NOISE = 0.05
_SLOPE = 0.02
"""Slopes beyond what noise of 0.01 on two steps makes."""

_CONSTANT = 1e-6
"""A node or signal whose standard deviation is below this does not vary."""

Signals = dict[str, np.ndarray]
"""By name, float64 (n, steps)."""


def signals(split: Split) -> Signals:
    """The named signals of a split of sequences whose input and target have one channel each.

    Returns
    -------
    dict
        input, target and the slope of each (this step less the one before). Where one of them has pulses:
        pulse on, pulse begins (its first step), pulse ended (the first step behind it), height of the pulse
        (0 outside), height of the last pulse and width of the last pulse (held until the next one ends, 0
        before the first), steps in the pulse (1, 2, ...; 0 outside), steps since the pulse (1, 2, ...; 0 in a
        pulse and before the first) and since the pulse began (0, 1, 2, ... until the next one; 0 before the
        first); and of the other one, whose triangles they are: triangle on, triangle rises, triangle falls.

    Raises
    ------
    DataError
        If there are more channels, or no target at every step.
    """
    x, y = _one_channel(split)
    found = {"input": x, "target": y, "input slope": _slope(x), "target slope": _slope(y)}
    square, other = (x, y) if has_pulses(x) else (y, x)
    if not has_pulses(square):
        return found
    slope = _slope(other)
    return (
        found
        | _pulse_signals(square)
        | {
            "triangle on": (other > _NOISE).astype(float),
            "triangle rises": (slope > _SLOPE).astype(float),
            "triangle falls": (slope < -_SLOPE).astype(float),
        }
    )


def has_pulses(series: np.ndarray) -> bool:
    """Whether a series (n, steps) is either near zero or well above: nearly nothing lies between."""
    between = (series > _NOISE) & (series < 2 * LEVEL - _NOISE)
    return bool((series > LEVEL).any() and between.mean() < 0.005)


def _pulse_signals(square: np.ndarray) -> Signals:
    on = square > LEVEL
    before = np.pad(on, ((0, 0), (1, 0)))[:, :-1]
    begins, ended = on & ~before, before & ~on
    names = (
        "height of the last pulse",
        "width of the last pulse",
        "steps in the pulse",
        "steps since the pulse",
        "steps since the pulse began",
    )
    held = {name: np.zeros(square.shape) for name in names}
    height, width, inside, since, begun = (np.zeros(len(square)) for _ in range(5))
    seen = np.zeros(len(square), dtype=bool)
    for t in range(square.shape[1]):
        # At its end a pulse becomes the last one; its height is that of its last step.
        width = np.where(ended[:, t], inside, width)
        since = np.where(ended[:, t], 1, np.where(on[:, t], 0, since + (since > 0)))
        inside = np.where(on[:, t], inside + 1, 0)
        begun = np.where(begins[:, t], 0, begun + seen)
        seen = seen | begins[:, t]
        if t:
            height = np.where(ended[:, t], square[:, t - 1], height)
        for name, value in zip(names, (height, width, inside, since, begun), strict=True):
            held[name][:, t] = value
    return {
        "pulse on": on.astype(float),
        "pulse begins": begins.astype(float),
        "pulse ended": ended.astype(float),
        "height of the pulse": np.where(on, square, 0.0),
        **held,
    }


@dataclass(frozen=True)
class Node:
    """One hidden node and the signals it follows.

    Attributes
    ----------
    place, node
        Its layer, and which of its nodes, from 0.
    correlations : mapping from a signal's name to float or None
        Pearson's, over all sequences and steps; None where the node or the signal never varies.
    """

    place: Place
    node: int
    correlations: Mapping[str, float | None]

    @property
    def name(self) -> str:
        """For people, nodes counted from 1: "gru 1, node 2"."""
        return f"{self.place.name}, node {self.node + 1}"

    def best(self, count: int = 3) -> list[tuple[str, float]]:
        """The signals it follows most closely, either way, with their correlations."""
        known = [(name, r) for name, r in self.correlations.items() if r is not None]
        return sorted(known, key=lambda pair: -abs(pair[1]))[:count]


def nodes(network: Network, split: Split, named: Mapping[str, np.ndarray] | None = None) -> list[Node]:
    """Correlate every hidden node's activity with named signals, by default those of `signals`."""
    named = signals(split) if named is None else named
    counted = np.ones(split.x.shape[:2], dtype=bool) if split.mask is None else split.mask
    found = []
    places = recurrent_layers(network.architecture)
    for place, hidden in zip(places, activities(network, split.x, split.mask), strict=True):
        for node in range(hidden.shape[-1]):
            activity = hidden[..., node][counted].astype(np.float64)
            correlations = {name: _correlation(activity, signal[counted]) for name, signal in named.items()}
            found.append(Node(place, node, correlations))
    return found


def _correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    """Pearson's; None where one of the two varies by no more than float32 rounds."""
    if min(a.std(), b.std()) < _CONSTANT:
        return None
    return float(((a - a.mean()) * (b - b.mean())).mean() / (a.std() * b.std()))


def _one_channel(split: Split) -> tuple[np.ndarray, np.ndarray]:
    if split.x.ndim != 3 or split.y.ndim != 3 or split.x.shape[2] != 1 or split.y.shape[2] != 1:
        raise DataError(
            f"signals are named for sequences of one input and one target channel, but x has shape "
            f"{split.x.shape} and y {split.y.shape}"
        )
    return split.x[..., 0].astype(np.float64), split.y[..., 0].astype(np.float64)


def _slope(series: np.ndarray) -> np.ndarray:
    return np.diff(series, axis=1, prepend=series[:, :1])
