"""The picture of a search: how good networks of every size are, and where the target is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    NEAR_ONE,
    ORANGE,
    SMALL_TEXT_SIZE,
    VERMILLION,
    log_ticks,
    new_figure,
    set_subtitle,
    set_title,
    stretch_towards_one,
    styled,
    title_room,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from netlet.search import Found


@styled
def front(found: Found, title: str = "") -> Figure:
    """Parameters against the target's metric: all that was tried, the front with its seeds, the answer.

    Dots are seeds on the validation split, the line is the seed asked for (median, best, ...); on the test
    split, which had no part in the choice, it is dashed.
    """
    figure = new_figure(height=4.0 + title_room(title))
    set_title(figure, title)
    axes = figure.subplots()
    target = found.target
    axes.set_xscale("log")
    log_ticks(axes.xaxis)
    if target.higher_is_better:
        stretch_towards_one(axes)
    else:
        axes.set_yscale("log")
        log_ticks(axes.yaxis)
    if found.tried:
        sizes, values, _ = zip(*found.tried, strict=True)
        axes.plot(sizes, values, "o", color=GREY, alpha=0.4, mew=0, markersize=2, label="tried", zorder=1)
    for point in found.front:
        seeds = _finite(*point.by_seed["validation"])
        axes.plot([point.parameters] * len(seeds), seeds, "_", color=BLUE, alpha=0.45, markersize=6, zorder=2)
    for split, colour, line in (("validation", BLUE, "-"), ("test", GREEN, "--")):
        pairs = [(point.parameters, value) for point in found.front for value in _finite(point.values[split])]
        if pairs:
            sizes, values = zip(*pairs, strict=True)
            name = f"{split}, {target.seed}"
            axes.plot(sizes, values, line, marker="o", color=colour, markersize=4, label=name, zorder=3)
    axes.axhline(target.value, color=VERMILLION, linewidth=1, label="target", zorder=2)
    if found.answer is not None:
        value = found.answer.values["validation"]
        assert value is not None  # it reaches the target
        axes.plot(found.answer.parameters, value, "*", color=ORANGE, mec=BLACK, markersize=13, zorder=5)
        axes.annotate(
            f"{found.answer.parameters:,} parameters",
            (found.answer.parameters, value),
            xytext=(-8 if target.higher_is_better else 8, 8),  # the side that the front leaves free
            textcoords="offset points",
            ha="right" if target.higher_is_better else "left",
            fontsize=SMALL_TEXT_SIZE,
            zorder=6,
        )
    _set_limits(axes, found)
    axes.set_xlabel("parameters, logarithmic")
    scale = "logarithmic towards 1" if target.higher_is_better else "logarithmic"
    axes.set_ylabel(f"{target.metric.replace('_', ' ')}{' in int8' if found.hardware.int8 else ''}, {scale}")
    axes.grid()
    set_subtitle(
        axes,
        f"{found.candidates:,} networks tried in {found.runs:,} runs; short lines: {_seeds(found)}",
    )
    place = "lower right" if target.higher_is_better else "upper right"
    axes.legend(loc=place, markerscale=1.5)
    return figure


def _seeds(found: Found) -> str:
    counts = sorted({len(point.experiment.runs) for point in found.front}) or [0]
    return f"the {' to '.join(map(str, {counts[0]: 0, counts[-1]: 0}))} seeds of each network of the front"


def _finite(*values: float | None) -> list[float]:
    return [value for value in values if value is not None and np.isfinite(value)]


def _set_limits(axes: Axes, found: Found) -> None:
    """Show the front whole; of what was tried besides, what is near it."""
    if not found.front:
        return
    target = found.target
    sizes = [point.parameters for point in found.front]
    axes.set_xlim(min(sizes) / 1.3, max(sizes) * 1.3)
    drawn = [point.values[split] for point in found.front for split in ("validation", "test")]
    ends = _finite(*drawn, target.value)
    if target.higher_is_better:
        low = 1 - 1.15 * (1 - min(ends)) - NEAR_ONE
        axes.set_ylim(max(low, 0.0), min(1.0, max(_best(found), target.value)) + 0.15 * NEAR_ONE)
    else:
        axes.set_ylim(min(*ends, _best(found)) / 1.4, max(ends) * 1.6)


def _best(found: Found) -> float:
    values = [value for point in found.front for value in _finite(*point.by_seed["validation"])]
    choose = max if found.target.higher_is_better else min
    return choose(values, default=found.target.value)
