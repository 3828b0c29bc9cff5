"""The pictures of a class: its values question by question, and how small its networks are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet import metrics
from netlet.figures.style import (
    BLUE,
    GREY,
    SMALL_TEXT_SIZE,
    VERMILLION,
    log_ticks,
    new_figure,
    styled,
)
from netlet.lab.desk.overseeing import Front, Spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 0.42
"""Inches that a question takes."""


@styled
def spreads(found: Sequence[Spread]) -> Figure:
    """Every student's value as a dot, a row a question; a line at the median, rings around the far ones."""
    figure = new_figure(height=0.75 + _ROW * max(len(found), 2))
    axes = figure.subplots()
    rng = np.random.default_rng(0)
    for row, spread in enumerate(found):
        values = np.array([each.value for each in spread.values])
        heights = row + rng.uniform(-0.22, 0.22, len(values))
        axes.plot(values, heights, "o", color=BLUE, alpha=0.55, mew=0, markersize=4)
        far = np.array([each in spread.far for each in spread.values])
        axes.plot(values[far], heights[far], "o", color="none", mec=VERMILLION, mew=1.3, markersize=8)
        axes.plot([spread.middle] * 2, [row - 0.36, row + 0.36], color=GREY, linewidth=1.6)
    axes.set_yticks(range(len(found)), [f"{each.key} ({len(each.values)})" for each in found])
    axes.set_ylim(len(found) - 0.4, -0.6)
    _scale(axes, found[0].metric, [each.value for spread in found for each in spread.values], "x")
    axes.set_xlabel(_label(found[0].metric) + ", median over a student's seeds, validation")
    axes.set_ylabel("question")
    axes.grid(axis="x")
    return figure


@styled
def sizes(front: Front) -> Figure:
    """Parameters against the metric: every network handed in, and those that no smaller one equals."""
    figure = new_figure(height=3.0)
    axes = figure.subplots()
    axes.set_xscale("log")
    for values, colour, marker, size, label in (
        (front.all, GREY, "o", 3.5, "handed in"),
        (front.smallest, BLUE, "o-", 5, "no smaller one is as good"),
    ):
        axes.plot(
            [each.network.parameters for each in values],
            [each.value for each in values],
            marker,
            color=colour,
            markersize=size,
            alpha=0.5 if colour == GREY else 1,
            mew=0,
            label=label,
        )
    log_ticks(axes.xaxis)
    few = [each.network.parameters for each in front.all]
    if min(few) == max(few):
        axes.set_xlim(min(few) / 2 or 0.5, max(few) * 2 or 2)
    _scale(axes, front.metric, [each.value for each in front.all], "y")
    axes.set_xlabel("parameters, logarithmic")
    axes.set_ylabel(_label(front.metric) + ", validation")
    axes.legend(fontsize=SMALL_TEXT_SIZE)
    axes.grid()
    return figure


def _label(metric: str) -> str:
    name = metric.replace("_", " ")
    return f"{name} (share)" if metrics.higher_is_better(metric) else f"{name} (1 = variance)"


def _scale(axes: Axes, metric: str, values: Sequence[float], which: str) -> None:
    if metrics.higher_is_better(metric) or min(values) <= 0 or max(values) < 3 * min(values):
        return
    getattr(axes, f"set_{which}scale")("log")
    log_ticks(getattr(axes, f"{which}axis"))
