"""Pictures of what recurrent networks detect, how far back they remember, and where they err."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT_GREY,
    SIGNED_MAP,
    SMALL_TEXT_SIZE,
    empty,
    line_looks,
    log_ticks,
    minus,
    new_figure,
    set_subtitle,
    set_title,
    styled,
    title_room,
    whole_ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from netlet.inspect import ErrorByWidth, ErrorSources, Memory, Node

_FEW = 5
"""So many pulses of a width, or entries of a legend, are still few."""


@styled
def memory(named: Mapping[str, Memory], title: str = "") -> Figure:
    """How much the output depends on the input so many steps before, a line a network.

    Lines are medians over sequences and steps, bands quartiles; a dot is where 90 % of the sum of the means,
    which count what happens seldom, is reached.
    """
    if not named:
        return empty("There are no networks.", title)
    figure = new_figure(height=2.9 + title_room(title))
    set_title(figure, title)
    axes = figure.subplots()
    for (name, each), (colour, dashes) in zip(named.items(), line_looks(), strict=False):
        label = f"{name}: 90 % within {each.reach} steps"
        axes.plot(each.lags, each.median, dashes, color=colour, label=label)
        band = each.lower_quartile, each.upper_quartile
        axes.fill_between(each.lags, *band, color=colour, alpha=0.18, linewidth=0)
        axes.plot([each.reach], [each.median[each.reach]], "o", color=colour, markersize=4)
    smallest = min(float(each.median[each.median > 0].min(initial=1)) for each in named.values())
    largest = max(float(each.median.max()) for each in named.values())
    if largest > 0:
        axes.set_yscale("log")
        axes.set_ylim(max(smallest / 2, largest / 1e4), largest * 3)
        log_ticks(axes.yaxis)
    axes.set_xlim(left=0)
    whole_ticks(axes.xaxis)
    axes.set_xlabel("steps back")
    axes.set_ylabel("size of the gradient of the output\nwith respect to the input")
    axes.grid(axis="y")
    _legend(axes, "upper right")
    return figure


@styled
def node_signals(found: Sequence[Node], title: str = "") -> Figure:
    """How closely each hidden node follows each named signal: correlations, a column a node.

    A grey column is a node that never varies.
    """
    names = [
        name
        for name in (found[0].correlations if found else ())
        if any(node.correlations[name] is not None for node in found)
    ]
    if not names:
        return empty(
            "No node follows any signal: none of them varies." if found else "There are no nodes.", title
        )
    values = np.array([[node.correlations[name] for node in found] for name in names], dtype=float)
    written = len(found) <= 10
    figure = new_figure(height=max(2.4, 1.2 + 0.23 * len(names)) + title_room(title))
    set_title(figure, title)
    axes = figure.subplots()
    axes.set_facecolor(LIGHT_GREY)
    image = axes.imshow(values, cmap=SIGNED_MAP, vmin=-1, vmax=1, aspect="auto")
    if written:
        for (row, column), value in np.ndenumerate(values):
            colour = "white" if abs(value) > 0.6 else BLACK
            text = minus(f"{value:.2f}") if np.isfinite(value) else "–"
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=SMALL_TEXT_SIZE)
    axes.set_yticks(range(len(names)), names)
    if written:
        axes.set_xticks(range(len(found)), [each.name.replace(", ", "\n") for each in found])
    else:
        _mark_layers(axes, found)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    figure.colorbar(image, ax=axes, label="correlation with activity", pad=0.02)
    return figure


def _mark_layers(axes: Axes, found: Sequence[Node]) -> None:
    """Under many columns, every fifth node's number and the layers' names; lines between layers."""
    layers = [each.place for each in found]
    starts = [i for i, place in enumerate(layers) if i == 0 or place != layers[i - 1]]
    for start in starts[1:]:
        axes.axvline(start - 0.5, color=BLACK, linewidth=1.2)
    at = [i for i, each in enumerate(found) if each.node % 5 == 0]
    names = {start: f"\n{layers[start].name}" for start in starts}
    axes.set_xticks(at, [f"{found[i].node + 1}{names.get(i, '')}" for i in at])
    axes.set_xlabel("node")


@styled
def error_sources(named: Mapping[str, ErrorSources], title: str = "") -> Figure:
    """Where the error arises, a column a network: over the steps above, by situation below."""
    if not named:
        return empty("There are no networks.", title)
    most = max(len(each.situations) for each in named.values())
    figure = new_figure(height=2.95 + 0.32 * most + title_room(title))
    set_title(figure, title)
    panels = figure.subplots(2, len(named), squeeze=False, height_ratios=[1.6, 0.3 * most + 0.3])
    steps = np.concatenate([each.by_step for each in named.values()])
    highest = float(steps[np.isfinite(steps)].max(initial=0)) or 1.0
    bars = []
    for column, (name, each) in enumerate(named.items()):
        top, bottom = panels[:, column]
        top.plot(each.by_step, color=BLUE)
        top.set_ylim(0, 1.05 * highest)
        top.set_xlabel("step of the sequence")
        over_all = f"normalised error {each.normalised_error:.4f}"
        top.set_title(f"{_folded(name)}\n{over_all}", fontsize=SMALL_TEXT_SIZE)
        top.grid(axis="y")
        rows = np.arange(len(each.situations))
        shares = {what: [100 * getattr(s, what) for s in each.situations] for what in ("error", "steps")}
        bars = [
            bottom.barh(rows - 0.18, shares["error"], 0.34, color=BLUE, label="share of the error"),
            bottom.barh(rows + 0.18, shares["steps"], 0.34, color=LIGHT_GREY, label="share of the steps"),
        ]
        bottom.set_yticks(rows, [_folded(s.name) for s in each.situations])
        bottom.invert_yaxis()
        bottom.set_xlabel("share (%)")
        bottom.grid(axis="x")
        bottom.tick_params(axis="y", length=0)
    figure.legend(handles=bars, loc="outside lower right", ncols=2)
    panels[0, 0].set_ylabel("normalised error")
    return figure


@styled
def error_by_width(named: Mapping[str, ErrorByWidth], title: str = "") -> Figure:
    """The error in the answers to pulses of each width, a line a network.

    Widths of fewer than five pulses are hollow dots: chance has a great part in them.
    """
    if not named:
        return empty("There are no networks.", title)
    figure = new_figure(height=3.1 + title_room(title))
    set_title(figure, title)
    axes = figure.subplots()
    for (name, each), (colour, dashes) in zip(named.items(), line_looks(), strict=False):
        axes.plot(each.widths, each.normalised_error, dashes, color=colour, label=name, zorder=2)
        for chosen, inside in ((each.pulses >= _FEW, colour), (each.pulses < _FEW, "white")):
            places = each.widths[chosen], each.normalised_error[chosen]
            axes.plot(*places, "o", color=colour, markerfacecolor=inside, markersize=4.5, zorder=3)
    errors = np.concatenate([each.normalised_error for each in named.values()])
    if (errors > 0).any():
        axes.set_yscale("log")
        log_ticks(axes.yaxis)
    whole_ticks(axes.xaxis)
    axes.set_xlabel("width of the pulse (steps)")
    axes.set_ylabel("normalised error in the answer\n(MSE / variance)")
    if any((each.pulses < _FEW).any() for each in named.values()):
        hollow = {"marker": "o", "linestyle": "", "markersize": 4.5, "markerfacecolor": "white"}
        axes.plot([], [], color=GREY, label=f"fewer than {_FEW} pulses", **hollow)
    axes.grid(axis="y")
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, -0.2), ncols=2)
    set_subtitle(axes, "from the first step of what comes in to the last of the answer: 3 widths − 2 steps")
    return figure


def _legend(axes: Axes, place: str) -> None:
    """A legend within the axes; beside them if it is long."""
    is_long = len(axes.get_legend_handles_labels()[0]) > _FEW
    axes.legend(**({"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)} if is_long else {"loc": place}))


def _folded(name: str, letters: int = 26) -> str:
    import textwrap

    return textwrap.fill(name, letters)
