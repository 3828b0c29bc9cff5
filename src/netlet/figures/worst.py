"""Pictures of what a network is most wrong about where it is no image, and of all its answers at once."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PALETTE,
    SMALL_TEXT_SIZE,
    SPLIT_COLOURS,
    VERMILLION,
    minus,
    new_figure,
    set_title,
    styled,
    title_room,
    whole_ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ACROSS = 3
_LETTERS = 34
"""So many fit above a panel of three beside each other."""
_MOST_LINES = 7
"""More channels than these are drawn pale, all alike."""
_KINDS = {"input": (GREY, 0.9), "target": (ORANGE, 2.4), "prediction": (BLUE, 1.1)}
_MOST_MARKED = 8


@styled
def series_gallery(
    examples: Sequence[Mapping[str, np.ndarray]],
    captions: Sequence[str],
    title: str = "",
    along: str = "step",
    if_empty: str = "There is nothing to show.",
) -> Figure:
    """Sequences, or rows of a table, in small panels with a caption each.

    Parameters
    ----------
    examples : sequence of mappings from "input", "target" or "prediction" to ndarray (steps, channels)
    captions : sequence of str
        One an example.
    along : str
        What the horizontal axis counts, from 0.
    """
    across = min(_ACROSS, max(len(examples), 1))
    down = max(-(-len(examples) // across), 1)
    folded = [textwrap.fill(caption, _LETTERS * _ACROSS // across) for caption in captions]
    lines = max((text.count("\n") + 1 for text in folded), default=1)
    several = len({what for each in examples for what in each}) > 1
    figure = new_figure(height=down * (1.25 + 0.16 * lines) + 0.35 + title_room(title) + 0.25 * several)
    set_title(figure, title)
    panels = figure.subplots(down, across, squeeze=False, sharex="col")
    for axes in panels.ravel()[len(examples) :]:
        axes.set_axis_off()
    for axes, example, caption in zip(panels.ravel(), examples, folded, strict=False):
        for what, values in example.items():
            _draw(axes, values, *_KINDS[what], what, is_series=along == "step")
        axes.set_title(caption, fontsize=SMALL_TEXT_SIZE)
        axes.margins(x=0.02)
        axes.grid(axis="y")
        whole_ticks(axes.xaxis)
    for column in range(across if examples else 0):
        last = max(row for row in range(down) if row * across + column < len(examples))
        panels[last, column].set_xlabel(along)
        panels[last, column].tick_params(labelbottom=True)
    if not examples:
        panels[0, 0].text(0.5, 0.5, if_empty, ha="center", va="center")
    if several:
        handles, names = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=len(names))
    return figure


def _draw(axes: Axes, values: np.ndarray, colour: str, width: float, what: str, is_series: bool) -> None:
    """Lines of one kind (dots, where it is no series); of an input alone, each channel in its own colour."""
    channels = values.shape[1]
    marker = None if is_series and len(values) > 1 else "o"
    is_pale = channels > _MOST_LINES
    for channel in range(channels):
        axes.plot(
            values[:, channel],
            color=PALETTE[channel] if what == "input" and 1 < channels <= _MOST_LINES else colour,
            linewidth=width,
            alpha=0.5 if is_pale else 1,
            marker=marker,
            linestyle="-" if is_series else "",
            markersize=3 if is_series else 4,
            label=what if channel == 0 else "_",
        )


@styled
def answers(
    named: Mapping[str, tuple[np.ndarray, np.ndarray]],
    output_names: Sequence[str] = (),
    marked: Mapping[str, Sequence[int]] | None = None,
    title: str = "",
) -> Figure:
    """What was predicted against what is right, a dot an example; on the line both are the same.

    Parameters
    ----------
    named : mapping from a split's name to (targets, predictions)
        Each (n, outputs). A panel for each output, at most six.
    output_names : sequence of str
        What is predicted, with its unit.
    marked : mapping from a split's name to places in it, optional
        Examples whose number is written beside their dot.
    """
    outputs = max((y.shape[1] for y, _ in named.values()), default=1)
    shown = min(outputs, 6)
    across = min(shown, 3)
    down = -(-shown // across)
    width = 7.0 if across > 1 else 4.6
    figure = new_figure(height=down * (width / across * 0.92 + 0.2) + 0.4 + title_room(title), width=width)
    set_title(figure, title)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes in panels[shown:]:
        axes.set_axis_off()
    names = list(output_names) or [f"output {k + 1}" if outputs > 1 else "" for k in range(outputs)]
    for k, axes in enumerate(panels[:shown]):
        values = np.concatenate(
            [np.concatenate([y[:, k], p[:, k]]) for y, p in named.values()] or [np.zeros(1)]
        )
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        air = 0.05 * (high - low) or 0.5
        axes.plot([low - air, high + air], [low - air, high + air], color=GREY, linewidth=0.8, zorder=1)
        for place, (name, (y, predicted)) in enumerate(named.items()):
            colour = SPLIT_COLOURS.get(name, PALETTE[place % len(PALETTE)])
            few = max(1.5, min(4.0, 40 / np.sqrt(len(y) or 1)))
            axes.plot(
                y[:, k], predicted[:, k], "o", color=colour, alpha=0.5, mew=0, markersize=few, label=name
            )
            for index in list((marked or {}).get(name, ()))[:_MOST_MARKED]:
                axes.plot(y[index, k], predicted[index, k], "o", color=VERMILLION, mfc="none", markersize=7)
                axes.annotate(
                    str(index),
                    (y[index, k], predicted[index, k]),
                    xytext=(5, 3),
                    textcoords="offset points",
                    fontsize=SMALL_TEXT_SIZE,
                    color=BLACK,
                )
        axes.set(xlim=(low - air, high + air), ylim=(low - air, high + air))
        axes.set_box_aspect(1)
        axes.set_xlabel(minus(f"target{', ' + names[k] if names[k] else ''}"))
        axes.set_ylabel("prediction")
        axes.grid()
    if len(named) > 1:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), markerscale=2)
    return figure
