"""A sheet measured in inches, on which images, text and colour bars are put where they are wanted.

Sheets of many small images of equal scale are laid out by hand: every size is known, nothing can overlap,
and one axes draws faster than fifty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.figures.style import (
    AMOUNT_MAP,
    GREY,
    IMAGE_MAP,
    PAGE_WIDTH,
    SIGNED_MAP,
    SMALL_TEXT_SIZE,
    TITLE_SIZE,
    number,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARGIN = 0.1
"""Inches left free at the edges."""
LINE_SHARE = 1.35
"""The distance of lines as a share of the size of their text."""
LINE = LINE_SHARE * SMALL_TEXT_SIZE / 72
"""Inches a line of small text takes."""
GAP = 0.08
"""Inches between images."""
BAR_ROOM = 1.0
"""Inches for a colour bar, its label at the left and its numbers at the right."""
_BAR_LEFT, _BAR_WIDTH = 0.32, 0.1

# Of DejaVu Sans: how far capital letters reach above the baseline, as a share of the size.
_CAPITALS = 0.73


@dataclass(frozen=True)
class Colours:
    """How numbers become colours: a matplotlib colour map and the numbers at its ends."""

    name: str
    low: float
    high: float
    is_clipped: bool = False
    """Whether some numbers lie past the ends."""


PICTURE_COLOURS = Colours(IMAGE_MAP, 0, 1)


def colours_for(values: np.ndarray) -> Colours:
    """Colours for numbers of one kind: from 0 up, or even about 0 if any is negative; finite ones count."""
    finite = values[np.isfinite(values)]
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    largest = largest or 1.0
    is_signed = bool((finite < 0).any())
    return Colours(SIGNED_MAP, -largest, largest) if is_signed else Colours(AMOUNT_MAP, 0, largest)


def signed_colours_for(values: np.ndarray, share: float = 1) -> Colours:
    """Colours even about 0 for finite numbers of either sign.

    They reach as far as this share of the numbers does: with less than 1, a few extreme ones leave the rest
    some colour.
    """
    sizes = np.abs(values[np.isfinite(values)])
    largest = float(sizes.max()) if sizes.size else 0.0
    reach = float(np.quantile(sizes, share)) if largest else 1.0
    return Colours(SIGNED_MAP, -(reach or largest), reach or largest, is_clipped=0 < reach < largest)


def picture(image: np.ndarray) -> np.ndarray:
    """An image (height, width, channels) as it is drawn: grey (height, width), or red, green and blue."""
    image = np.clip(image, 0, 1)
    return image if image.shape[-1] == 3 else image.mean(axis=-1)


def balanced_columns(count: int, most: int) -> int:
    """How many columns to set `count` images in, at most `most`, so that the last row is nearly full."""
    return math.ceil(count / math.ceil(count / most)) if count else 1


class Sheet:
    """A figure as wide as a page and as high as what is put on it; x to the right, y down, in inches."""

    def __init__(self, width: float = PAGE_WIDTH) -> None:
        """Start an empty sheet."""
        from matplotlib.figure import Figure

        self.width = width
        self._figure = Figure(figsize=(width, 1))
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        ha: str = "left",
        va: str = "top",
        size: float = SMALL_TEXT_SIZE,
        **properties: Any,
    ) -> None:
        """Put lines of text, all at equal distance, beside, above or below a place (as in matplotlib)."""
        lines, step = text.split("\n"), LINE_SHARE * size / 72
        height = step * len(lines)
        top = y - {"top": 0.0, "center": height / 2, "bottom": height}[va]
        for index, line in enumerate(lines):
            baseline = top + step * (index + 0.5) + _CAPITALS / 2 * size / 72
            self._axes.text(x, baseline, line, ha=ha, va="baseline", fontsize=size, **properties)

    def title(self, y: float, title: str) -> float:
        """Put a title at the top left; return where what follows may begin."""
        if not title:
            return y
        title = wrapped(title, self.width - 2 * MARGIN)
        self.text(MARGIN, y, title, size=TITLE_SIZE)
        return y + LINE_SHARE * TITLE_SIZE / 72 * (1 + title.count("\n")) + GAP

    def image(
        self, x: float, y: float, width: float, height: float, values: np.ndarray, colours: Colours
    ) -> None:
        """Draw (rows, columns) in colours, or (rows, columns, 3) as they are, with a thin frame."""
        extent = (x, x + width, y + height, y)
        limits = colours.low, colours.high
        self._axes.imshow(
            values, cmap=colours.name, vmin=limits[0], vmax=limits[1], extent=extent, aspect="auto"
        )
        self.frame(x, y, width, height, color=GREY, linewidth=0.5)

    def line(self, x: Any, y: Any, **properties: Any) -> None:
        """Draw a line through places; properties are matplotlib's."""
        self._axes.plot(x, y, **properties)

    def band(self, x: Any, low: Any, high: Any, **properties: Any) -> None:
        """Fill what lies between two lines."""
        self._axes.fill_between(x, low, high, **properties)

    def arrow(self, x: float, y: float, length: float) -> None:
        """Draw a short arrow to the right."""
        self._axes.annotate(
            "",
            (x + length, y),
            xytext=(x, y),
            arrowprops={"arrowstyle": "-|>", "color": GREY, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0},
        )

    def frame(self, x: float, y: float, width: float, height: float, **properties: Any) -> None:
        """Draw the outline of a rectangle."""
        from matplotlib.patches import Rectangle

        self._axes.add_patch(Rectangle((x, y), width, height, fill=False, **properties))

    def outline(self, x: float, y: float, width: float, height: float, values: np.ndarray) -> None:
        """Draw the line along which an image (rows, columns) in 0..1 is half bright."""
        grey = values.mean(axis=-1) if values.ndim == 3 else values
        if not grey.min() < 0.5 < grey.max():
            return
        rows, columns = grey.shape
        across = x + (np.arange(columns) + 0.5) * width / columns
        down = y + (np.arange(rows) + 0.5) * height / rows
        self._axes.contour(across, down, grey, levels=[0.5], colors=GREY, linewidths=0.8)

    def colour_bar(self, x: float, y: float, height: float, colours: Colours, label: str) -> None:
        """Draw a colour bar in a column `BAR_ROOM` wide that begins at x."""
        ramp = np.linspace(colours.high, colours.low, 128)[:, np.newaxis]
        self.image(x + _BAR_LEFT, y, _BAR_WIDTH, height, ramp, colours)
        ends = [colours.low, 0, colours.high] if colours.low < 0 else [colours.low, colours.high]
        for value in ends:
            place = y + height * (colours.high - value) / (colours.high - colours.low)
            past = "" if not colours.is_clipped else {colours.low: "≤ ", colours.high: "≥ "}.get(value, "")
            side = {colours.high: "top", colours.low: "bottom"}.get(value, "center")
            self.text(x + _BAR_LEFT + _BAR_WIDTH + 0.05, place, past + number(value), va=side)
        self._axes.text(
            x + _BAR_LEFT - 0.05,
            y + height / 2,
            label,
            rotation=90,
            ha="right",
            va="center",
            fontsize=SMALL_TEXT_SIZE,
        )

    def finish(self, height: float) -> Figure:
        """The figure, `height` inches high."""
        self._figure.set_size_inches(self.width, height)
        self._axes.set(xlim=(0, self.width), ylim=(height, 0))
        return self._figure


def fit_tiles(
    count: int, shape: tuple[int, ...], room: float, most: int, largest: float
) -> tuple[int, float, float]:
    """Columns, width and height in inches of `count` images of a shape (rows, columns) in `room` inches."""
    columns = balanced_columns(count, most)
    width = min((room - GAP * (columns - 1)) / columns, largest * min(1, shape[1] / shape[0]))
    return columns, width, width * shape[0] / shape[1]


def places(count: int, columns: int, step_x: float, step_y: float) -> Sequence[tuple[float, float]]:
    """The left and top, from (0, 0), of `count` images set in rows of `columns`."""
    return [(index % columns * step_x, index // columns * step_y) for index in range(count)]
