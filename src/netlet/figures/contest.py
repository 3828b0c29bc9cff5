"""The picture of a comparison: every seed of every network, and how far their medians are apart."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from netlet import metrics
from netlet.figures.quality import draw_row, has_diverged, seeds_legend, value_range
from netlet.figures.style import (
    BLACK,
    BLUE,
    GREY,
    SMALL_TEXT_SIZE,
    log_ticks,
    new_figure,
    set_subtitle,
    set_title,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from netlet.search.contest import Contest

_NAME = 34  # letters of a line of a network's name
_DECADE = 10


@styled
def contest(found: Contest, split: str = "validation", title: str = "") -> Figure:
    """Networks by the metric of all their seeds, and below the differences of all pairs with intervals.

    Parameters
    ----------
    found : Contest
    split : {"validation", "test"}
    """
    named = zip(found.letters, found.contenders, strict=True)
    names = [textwrap.fill(f"{letter}: {c.name} ({c.runs.parameters:,})", _NAME) for letter, c in named]
    rows = sum(max(2, 1 + name.count("\n")) for name in names)
    heights = [0.7 + 0.25 * rows, 0.9 + 0.36 * len(found.pairs)]
    figure = new_figure(height=sum(heights) + (0.3 if title else 0))
    set_title(figure, title)
    above, below = figure.subplots(2, height_ratios=heights)
    _draw_seeds(above, found, split, names)
    _draw_pairs(below, found, split)
    return figure


def _draw_seeds(axes: Axes, found: Contest, split: str, names: list[str]) -> None:
    values = {name: c.values(split) for name, c in zip(names, found.contenders, strict=True)}
    better = metrics.higher_is_better(found.metric)
    finite = [v for row in values.values() for v in row if v is not None and np.isfinite(v) and v > 0]
    is_wide = not better and len(finite) > 0 and max(finite) > _DECADE * min(finite)
    if is_wide:
        axes.set_xscale("log")
        log_ticks(axes.xaxis)
    axes.set_xlim(value_range(values, {}, is_wide, found.metric))
    for row, of_row in enumerate(values.values()):
        draw_row(axes, row, of_row, metrics.summarise(of_row, better), 0.015 if better else 0.985)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"{found.metric.replace('_', ' ')} on {split}" + (", logarithmic" if is_wide else ""))
    axes.grid(axis="x")
    set_subtitle(axes, f"{len(found.contenders[0].runs)} seeds each; in brackets: parameters")
    seeds_legend(axes, None, any(map(has_diverged, values.values())))


def _draw_pairs(axes: Axes, found: Contest, split: str) -> None:
    order = found.ranking
    pairs = [(a, b) for place, a in enumerate(order) for b in order[place + 1 :]]
    for row, (a, b) in enumerate(pairs):
        one = found.between(a, b, split)
        ends = [end if np.isfinite(end) else np.nan for end in (one.low, one.high)]
        axes.plot(ends, [row, row], color=BLUE, linewidth=2)
        if one.difference is not None and np.isfinite(one.difference):
            inside = BLUE if one.is_clear else "white"
            axes.plot(one.difference, row, "o", color=inside, mec=BLUE, markersize=6)
        axes.text(
            1.02,
            row,
            f"better: {one.probability:.2f}\n{'clear' if one.is_clear else 'not clear'}",
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=SMALL_TEXT_SIZE,
            linespacing=1.1,
        )
    axes.axvline(0, color=BLACK, linewidth=1)
    axes.margins(x=0.08)
    axes.set_yticks(range(len(pairs)), [f"{found.letters[a]} less {found.letters[b]}" for a, b in pairs])
    axes.set_ylim(len(pairs) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"difference of the medians of {found.metric.replace('_', ' ')} on {split}", color=BLACK)
    axes.grid(axis="x")
    held = " (all together)" if len(pairs) > 1 else ""
    axes.set_title(
        f"lines: 95 % confidence{held}; better: a seed of the first beats one of the second",
        fontsize=SMALL_TEXT_SIZE,
        color=GREY,
    )
