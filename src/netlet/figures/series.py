"""Series in a panel: lines, lines of several channels, or rows of colour where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.figures.style import (
    AMOUNT_MAP,
    BLUE,
    DASHES,
    GREY,
    LIGHT_GREY,
    PALETTE,
    SIGNED_MAP,
    whole_ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

MOST_LINES = 7
"""More nodes than these are shown as colours, a row each, not as lines."""
BESIDE: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.08), "handlelength": 1.6}
"""Where a panel's legend is: at its right."""


def draw_lines(axes: Axes, values: np.ndarray, colour: str, label: str, linewidth: float = 1.4) -> None:
    """One line a channel; several channels of one kind take turns in dashes."""
    channels = values.shape[1]
    for channel in range(channels):
        axes.plot(
            values[:, channel],
            color=colour,
            label=label if channels == 1 else f"{label} {channel + 1}",
            linewidth=linewidth,
            linestyle=DASHES[channel % len(DASHES)],
            marker=_marker(values),
        )
    axes.grid(axis="y")
    axes.margins(x=0)
    whole_ticks(axes.xaxis)


def draw_outputs(axes: Axes, values: np.ndarray) -> None:
    """Outputs in colours of their own; many are pale and all alike."""
    count = values.shape[1]
    is_many = count > MOST_LINES
    for output in range(count):
        name = f"{count} outputs" if is_many else f"output {output + 1}" if count > 1 else "output"
        axes.plot(
            values[:, output],
            color=BLUE if is_many or count == 1 else PALETTE[output],
            alpha=0.4 if is_many else 1,
            linewidth=1.4,
            label=name if output == 0 or not is_many else "_",
            marker=_marker(values),
        )


def draw_panel(axes: Axes, values: np.ndarray, colour: str, what: str) -> None:
    """One kind of series alone in a panel: a line, lines in colours of their own, or rows of colour."""
    channels = values.shape[1]
    if channels > MOST_LINES:
        draw_rows(axes, values, f"{what} channel", what, colour_limits(values))
        return
    if channels == 1:
        draw_lines(axes, values, colour, what)
    else:
        for channel in range(channels):
            draw_lines(axes, values[:, [channel]], PALETTE[channel], f"{what} {channel + 1}", linewidth=1.2)
        axes.legend(**BESIDE)
    axes.set_ylabel(what)


def draw_answers(axes: Axes, y: np.ndarray, predicted: np.ndarray, names: Sequence[str]) -> None:
    """Several outputs: each in a colour of its own, the target broad and pale, the prediction thin."""
    for output in range(y.shape[1]):
        colour, name = PALETTE[output], f"output {output + 1}" if y.shape[1] > 1 else "output"
        name = names[output] if names else name
        marker = _marker(y)
        axes.plot(y[:, output], color=colour, linewidth=3.4, alpha=0.35, marker=marker)
        axes.plot(predicted[:, output], color=colour, linewidth=1.2, label=name, marker=marker)
    axes.plot([], [], color=GREY, linewidth=3.4, alpha=0.35, label="target")
    axes.plot([], [], color=GREY, linewidth=1.2, label="prediction")
    axes.legend(**BESIDE)
    axes.set_ylabel("probability" if names else "output")
    axes.grid(axis="y")
    axes.margins(x=0)


def draw_rows(axes: Axes, values: np.ndarray, label: str, what: str, limits: tuple[float, float]) -> None:
    """Many channels (steps, channels) as rows of colour with a colour bar."""
    image = _draw_colours(axes, values, label, limits)
    axes.figure.colorbar(image, ax=axes, label=what, pad=0.01)


def draw_nodes(
    axes: Axes,
    values: np.ndarray,
    label: str,
    with_legend: bool = True,
    limits: tuple[float, float] | None = None,
) -> AxesImage | None:
    """Nodes (steps, units) as lines, or as rows of colour, given back for a colour bar, if there are many."""
    units = values.shape[1]
    if units <= MOST_LINES:
        for node in range(units):
            axes.plot(
                values[:, node],
                color=PALETTE[node],
                label=f"node {node + 1}",
                linewidth=1.2,
                marker=_marker(values),
            )
        axes.grid(axis="y")
        axes.set_ylabel(label)
        if with_legend:
            axes.legend(**BESIDE)
        if limits:
            air = 0.05 * (limits[1] - limits[0])
            axes.set_ylim(limits[0] - air, limits[1] + air)
        return None
    return _draw_colours(axes, values, "node", limits or colour_limits(values))


def _draw_colours(axes: Axes, values: np.ndarray, label: str, limits: tuple[float, float]) -> AxesImage:
    """Values (steps, rows) as rows of colour, numbered from 1 down the vertical axis."""
    low, high = limits
    axes.set_ylabel(label)
    whole_ticks(axes.yaxis)
    axes.set_facecolor(LIGHT_GREY)  # where there is no number
    return axes.imshow(
        values.T,
        aspect="auto",
        cmap=SIGNED_MAP if low < 0 else AMOUNT_MAP,
        vmin=low,
        vmax=high,
        extent=(-0.5, len(values) - 0.5, values.shape[1] + 0.5, 0.5),
    )


def _marker(values: np.ndarray) -> str | None:
    """A dot where there is but one step, which makes no line."""
    return "o" if len(values) == 1 else None


def colour_limits(values: np.ndarray) -> tuple[float, float]:
    """Ends of the colours: from 0, or even about 0 if some values are below."""
    finite = values[np.isfinite(values)]
    reach = float(np.abs(finite).max(initial=0)) or 1.0
    return (-reach if (finite < 0).any() else 0.0), reach
