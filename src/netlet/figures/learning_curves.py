"""The picture of a training: loss and metrics over epochs, as median and quartiles over seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.style import (
    SPLIT_COLOURS,
    empty,
    log_ticks,
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

    from netlet.metrics import Band, HistoryBands

_AXIS_LABELS = {
    "loss": "loss (cross-entropy, nats)",
    "accuracy": "accuracy (share of images)",
    "mse": "mean squared error",
    "normalised_error": "normalised error (MSE / variance)",
}
_OF_NUMBERS = {"loss": "loss (mean squared error)"}
"""Without an accuracy it is a regression."""
_VALIDATION = "val_"
# From this ratio of its largest to its smallest value on, a loss is drawn on a logarithmic axis; errors that
# are compared across networks earlier.
_WIDE_RANGE = {"normalised_error": 3}
_USUAL_WIDE_RANGE = 30


@styled
def history(bands: HistoryBands, title: str = "", labels: dict[str, str] | None = None) -> Figure:
    """Loss and metrics over epochs, a panel each, training and validation together.

    Parameters
    ----------
    bands : HistoryBands
        From `netlet.metrics.history_bands`.
    labels : dict, optional
        What to write at the vertical axis of a curve in place of its usual label, with its unit.
    """
    names = [name for name in bands.curves if not name.startswith(_VALIDATION)]
    if "normalised_error" in names:
        names.remove("loss")  # the same curve in another unit
    if not names:
        return empty("No epochs were trained.", title)
    figure = new_figure(height=2.7 + title_room(title))
    set_title(figure, title)
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        _draw_panel(axes, bands, name)
        usual = _AXIS_LABELS if "accuracy" in names or name != "loss" else _OF_NUMBERS
        axes.set_ylabel((usual | (labels or {})).get(name, name))
    set_subtitle(panels[0], _seeds_line(bands))
    panels[0].legend(loc="best")
    return figure


def _draw_panel(axes: Axes, bands: HistoryBands, name: str) -> None:
    curves = {"training": bands.curves[name]}
    if _VALIDATION + name in bands.curves:
        curves["validation"] = bands.curves[_VALIDATION + name]
    for split, band in curves.items():
        colour = SPLIT_COLOURS[split]
        marker = "o" if len(bands.epochs) == 1 else None
        axes.plot(bands.epochs, band.median, color=colour, label=split, marker=marker)
        if bands.runs > 1:
            axes.fill_between(
                bands.epochs, band.lower_quartile, band.upper_quartile, color=colour, alpha=0.22, linewidth=0
            )
    if name == "accuracy":
        axes.set_ylim(top=1.0 + 0.02 * (1.0 - axes.get_ylim()[0]))
    elif _is_wide(list(curves.values()), _WIDE_RANGE.get(name, _USUAL_WIDE_RANGE)):
        axes.set_yscale("log")
        log_ticks(axes.yaxis)
    else:
        axes.set_ylim(bottom=0)
    axes.set_xlabel("epoch")
    whole_ticks(axes.xaxis)
    axes.grid(axis="y")


def _is_wide(bands: list[Band], ratio: float) -> bool:
    values = np.concatenate([curve for band in bands for curve in (band.lower_quartile, band.upper_quartile)])
    values = values[np.isfinite(values)]
    return len(values) > 0 and bool(values.min() > 0) and bool(values.max() > ratio * values.min())


def _seeds_line(bands: HistoryBands) -> str:
    seeds = "one seed" if bands.runs == 1 else f"median (line) and quartiles (band) of {bands.runs} seeds"
    return seeds + (f", {bands.diverged} of them diverged" if bands.diverged else "")
