"""The picture of a comparison: every seed of every network, and how far their medians are apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.quality import draw_seeds, rows_height
from netlet.figures.style import (
    BLACK,
    BLUE,
    SMALL_TEXT_SIZE,
    new_figure,
    set_subtitle,
    set_title,
    styled,
    title_room,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from netlet.comparison import Comparison


@styled
def comparison(
    found: Comparison, split: str = "validation", title: str = "", names: Sequence[str] = ()
) -> Figure:
    """Networks by the metric of all their seeds, and below the differences of all pairs with intervals.

    Parameters
    ----------
    found : Comparison
    split : {"validation", "test"}
    names : sequence of str
        What to call the contenders; by default their architectures.
    """
    called = names or [each.name for each in found.contenders]
    values = {
        f"{letter}: {name} ({each.runs.parameters:,})": each.values(split)
        for letter, name, each in zip(found.letters, called, found.contenders, strict=True)
    }
    heights = [0.7 + rows_height(values), 0.9 + 0.36 * len(found.pairs)]
    figure = new_figure(height=sum(heights) + title_room(title))
    set_title(figure, title)
    above, below = figure.subplots(2, height_ratios=heights)
    draw_seeds(above, values, found.metric, f"{found.metric.replace('_', ' ')} on {split}")
    set_subtitle(above, f"{len(found.contenders[0].runs)} seeds each; in brackets: parameters")
    _draw_pairs(below, found, split)
    return figure


def _draw_pairs(axes: Axes, found: Comparison, split: str) -> None:
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
    set_subtitle(
        axes, f"lines: 95 % confidence{held}\nbetter: how often a seed of the first beats one of the second"
    )
