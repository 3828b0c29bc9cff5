"""The picture of learning rates: how well each ends, and how the training of one of them went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.style import (
    BLUE,
    LIGHT_GREY,
    VERMILLION,
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

    from netlet.metrics import Distribution, HistoryBands

_LABELS = {
    "accuracy": "validation accuracy",
    "normalised_error": "validation error (MSE / variance)",
    "loss": "validation loss",
}

_WIDE = 3
"""From this ratio of its largest to its smallest value on, an error is drawn on a logarithmic axis."""


@styled
def learning_rates(
    ends: Mapping[float, Distribution],
    histories: Mapping[float, HistoryBands],
    chosen: float,
    metric: str,
    title: str = "",
) -> Figure:
    """Where the trainings with every learning rate end, and the way of those with one of them.

    Parameters
    ----------
    ends : mapping from learning rate to Distribution
        Of the metric on the validation data, after training, over seeds.
    histories : mapping from learning rate to HistoryBands
    chosen : float
        The rate that is marked, and whose training is shown.
    metric : str
        Such as "accuracy" or "normalised_error".
    """
    if not ends:
        return empty("No learning rate was tried.", title)
    figure = new_figure(height=2.9 + title_room(title))
    set_title(figure, title)
    left, right = figure.subplots(1, 2)
    _draw_ends(left, ends, chosen)
    curve = f"val_{metric}" if any(f"val_{metric}" in each.curves for each in histories.values()) else ""
    curve = curve or "val_loss"
    _draw_ways(right, histories, chosen, curve)
    for axes, name in ((left, metric), (right, curve.removeprefix("val_"))):
        axes.set_ylabel(_LABELS.get(name, f"validation {name.replace('_', ' ')}"))
        values = np.concatenate([np.asarray(line.get_ydata(), dtype=np.float64) for line in axes.lines])
        if name != "accuracy" and np.nanmin(values) > 0 and np.nanmax(values) > _WIDE * np.nanmin(values):
            axes.set_yscale("log")
            log_ticks(axes.yaxis)
        axes.grid(axis="y")
    return figure


def _draw_ends(axes: Axes, ends: Mapping[float, Distribution], chosen: float) -> None:
    rates = sorted(ends)
    quartiles = [
        [
            _finite(value)
            for value in (ends[rate].median, ends[rate].lower_quartile, ends[rate].upper_quartile)
        ]
        for rate in rates
    ]
    median, low, high = np.array(quartiles, dtype=np.float64).T
    axes.fill_between(rates, low, high, color=BLUE, alpha=0.22, linewidth=0)
    axes.plot(rates, median, color=BLUE, marker="o", markersize=4)
    place = rates.index(chosen)
    axes.plot([chosen], [median[place]], color=VERMILLION, marker="o", markersize=8, linestyle="none")
    axes.axvspan(chosen / 1.03, chosen * 1.03, color=VERMILLION, alpha=0.3, linewidth=0)
    axes.set_xscale("log")
    log_ticks(axes.xaxis)
    axes.set_xlabel("learning rate (per step)")
    count = max(each.count for each in ends.values())
    set_subtitle(axes, "after training: " + _seeds(count))


def _draw_ways(axes: Axes, histories: Mapping[float, HistoryBands], chosen: float, curve: str) -> None:
    for rate, bands in histories.items():
        if rate != chosen and curve in bands.curves:
            axes.plot(bands.epochs, bands.curves[curve].median, color=LIGHT_GREY, linewidth=1.2)
    bands = histories[chosen]
    if curve in bands.curves:
        band = bands.curves[curve]
        axes.fill_between(
            bands.epochs, band.lower_quartile, band.upper_quartile, color=VERMILLION, alpha=0.22, linewidth=0
        )
        axes.plot(bands.epochs, band.median, color=VERMILLION)
    axes.set_xlabel("epoch")
    whole_ticks(axes.xaxis)
    set_subtitle(axes, f"with a learning rate of {chosen:g} (others grey)")


def _finite(value: float | None) -> float:
    return value if value is not None and np.isfinite(value) else float("nan")


def _seeds(count: int) -> str:
    return "one seed" if count == 1 else f"median and quartiles of {count} seeds"
