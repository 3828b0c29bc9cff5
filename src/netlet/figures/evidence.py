"""Pictures of what one network's answers hang on: ablation of its feature maps, saliency of one image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.sheet import (
    BAR_ROOM,
    LINE,
    MARGIN,
    PICTURE_COLOURS,
    Sheet,
    fit_tiles,
    picture,
    signed_colours_for,
)
from netlet.figures.style import (
    BLACK,
    PALETTE,
    SMALL_TEXT_SIZE,
    minus,
    new_figure,
    number,
    set_subtitle,
    set_title,
    styled,
    title_room,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from netlet.inspect import Ablation, Saliency, Silenced

_LARGEST_IMAGE = 2.4
_UNITS = {
    "accuracy": "accuracy lost (percentage points)",
    "loss": "loss gained (nats)",
    "normalised_error": "normalised error gained (MSE / variance)",
}
_USUAL = ("accuracy", "loss", "normalised_error")
_PERCENT = {"accuracy": 100.0, "sensitivity": 100.0, "specificity": 100.0}


@styled
def ablation(result: Ablation, metrics: Sequence[str] = (), limit: int = 30, title: str = "") -> Figure:
    """What each feature map or hidden node is worth: a bar for what is lost when it is set to zero.

    Parameters
    ----------
    metrics : sequence of str
        A panel each; by default accuracy and loss, or of regression the normalised error.
    limit : int
        How many maps to show at most: those that cost most in the first metric.
    """
    metrics = metrics or [name for name in _USUAL if name in result.metrics] or list(result.metrics)[:1]
    shown = _most_worth(result.silenced, metrics[0], limit)
    figure = new_figure(height=1.0 + 0.21 * max(len(shown), 2) + title_room(title))
    whole = ", ".join(
        f"{name.replace('_', ' ')} {number(value)}"
        for name in metrics
        if (value := result.metrics[name]) is not None
    )
    kind = "hidden node" if any(each.kind == "node" for each in shown) else "feature map"
    left_out = (
        f"\nthe {len(shown)} of {len(result.silenced)} {kind.split()[1]}s that matter most"
        if len(shown) < len(result.silenced)
        else ""
    )
    set_title(figure, title)
    panels = figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
    set_subtitle(panels[0], f"one {kind} at a time set to zero; with all of them: {whole}{left_out}")
    for axes, metric in zip(panels, metrics, strict=True):
        _draw_bars(axes, shown, metric)
    panels[0].set_yticks(range(len(shown)), [each.name for each in shown])
    panels[0].set_ylim(max(len(shown), 1) - 0.4, -0.6)
    if not shown:
        panels[0].text(0.5, 0.5, "no feature maps", transform=panels[0].transAxes, ha="center", va="center")
    return figure


def _most_worth(silenced: Sequence[Silenced], metric: str, limit: int) -> list[Silenced]:
    """At most `limit` of them, those that lose most, in their own order."""
    lost = [-np.inf if each.lost[metric] is None else each.lost[metric] for each in silenced]
    kept = np.sort(np.argsort(-np.array(lost, dtype=float), kind="stable")[:limit])
    return [silenced[index] for index in kept]


def _draw_bars(axes: Axes, shown: Sequence[Silenced], metric: str) -> None:
    layers = list(dict.fromkeys(each.place.layer for each in shown))
    lost = [each.lost[metric] for each in shown]
    scale = _PERCENT.get(metric, 1.0)
    is_known = [value is not None and math.isfinite(value) for value in lost]
    widths = [scale * value if known and value else 0.0 for value, known in zip(lost, is_known, strict=True)]
    colours = [PALETTE[layers.index(each.place.layer) % len(PALETTE)] for each in shown]
    axes.barh(range(len(shown)), widths, color=colours, height=0.7)
    axes.axvline(0, color=BLACK, linewidth=0.8)
    axes.margins(x=0.16)
    for row, (known, width) in enumerate(zip(is_known, widths, strict=True)):
        text = minus(f"{width:.{2 if scale > 1 else 4}f}") if known else "undefined"
        axes.annotate(
            text,
            (width, row),
            xytext=(3 if width >= 0 else -3, 0),
            textcoords="offset points",
            ha="left" if width >= 0 else "right",
            va="center",
            fontsize=SMALL_TEXT_SIZE,
        )
    axes.set_xlabel(_UNITS.get(metric, f"{metric} lost"))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


@styled
def saliency(result: Saliency, class_names: Sequence[str] = (), title: str = "") -> Figure:
    """An image, and next to it how one output's score would change with every pixel.

    Red: a brighter pixel speaks for the class; blue: against it. The image's outline lies over the colours.
    """
    sheet = Sheet(width=2 * _LARGEST_IMAGE + 2 * MARGIN + 0.2 + BAR_ROOM)
    rows, columns = result.image.shape[:2]
    room = (sheet.width - 2 * MARGIN - BAR_ROOM - 0.2) / 2
    _, width, height = fit_tiles(1, (rows, columns), room, 1, _LARGEST_IMAGE)
    y = sheet.title(MARGIN, title)
    name = class_names[result.output] if class_names else str(result.output)
    second = MARGIN + width + 0.2
    sheet.text(MARGIN, y, f"the image, {rows} × {columns} pixels")
    sheet.text(second, y, f"what its pixels do for {name}")
    y += LINE + 0.04
    sheet.image(MARGIN, y, width, height, picture(result.image), PICTURE_COLOURS)
    gradient = result.gradient.sum(axis=-1)
    # A few pixels often weigh many times what the others do.
    colours = signed_colours_for(gradient, share=0.99)
    sheet.image(second, y, width, height, gradient, colours)
    sheet.outline(second, y, width, height, picture(result.image))
    sheet.colour_bar(second + width, y, min(height, 1.6), colours, "change of score")
    y += height + 0.04
    sheet.text(second, y, f"red: brighter here speaks for {name}; blue: against it")
    return sheet.finish(y + LINE + MARGIN)
