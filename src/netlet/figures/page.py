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
    TEXT_SIZE,
    number,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARGIN = 0.1
"""Inches left free at the edges."""
LINE = 0.16
"""Inches a line of small text takes."""
TITLE_LINE = 0.2
GAP = 0.08
"""Inches between images."""
BAR_ROOM = 0.85
"""Inches at the right for a colour bar and its numbers."""

# The mean width of a letter of DejaVu Sans, in inches, on the generous side.
_LETTER = 0.6 * SMALL_TEXT_SIZE / 72


@dataclass(frozen=True)
class Colours:
    """How numbers become colours: a matplotlib colour map and the numbers at its ends."""

    name: str
    low: float
    high: float


PICTURE_COLOURS = Colours(IMAGE_MAP, 0, 1)


def colours_for(values: np.ndarray) -> Colours:
    """Colours for numbers of one kind: from 0 up, or even about 0 if any is negative; finite ones count."""
    finite = values[np.isfinite(values)]
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    largest = largest or 1.0
    is_signed = bool((finite < 0).any())
    return Colours(SIGNED_MAP, -largest, largest) if is_signed else Colours(AMOUNT_MAP, 0, largest)


def signed_colours_for(values: np.ndarray) -> Colours:
    """Colours even about 0, whether or not any number is negative."""
    largest = colours_for(values).high
    return Colours(SIGNED_MAP, -largest, largest)


def picture(image: np.ndarray) -> np.ndarray:
    """An image (height, width, channels) as it is drawn: grey (height, width), or red, green and blue."""
    image = np.clip(image, 0, 1)
    return image if image.shape[-1] == 3 else image.mean(axis=-1)


def text_width(text: str) -> float:
    """About how many inches the longest line of a small text takes."""
    return _LETTER * max(map(len, text.split("\n")), default=0)


def balanced_columns(count: int, most: int) -> int:
    """How many columns to set `count` images in, at most `most`, so that the last row is nearly full."""
    return math.ceil(count / math.ceil(count / most)) if count else 1


class Page:
    """A figure as wide as a page and as high as what is put on it; x to the right, y down, in inches."""

    def __init__(self, width: float = PAGE_WIDTH) -> None:
        """Start an empty page."""
        from matplotlib.figure import Figure

        self.width = width
        self._figure = Figure(figsize=(width, 1))
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()

    def text(self, x: float, y: float, text: str, **properties: Any) -> None:
        """Put text with its upper left corner at a place (or another, by matplotlib's ha and va)."""
        properties = {
            "ha": "left",
            "va": "top",
            "fontsize": SMALL_TEXT_SIZE,
            "linespacing": 1.15,
        } | properties
        self._axes.text(x, y, text, **properties)

    def title(self, y: float, title: str) -> float:
        """Put a title at the top left; return where what follows may begin."""
        if not title:
            return y
        self.text(MARGIN, y, title, fontsize=TEXT_SIZE + 1)
        return y + TITLE_LINE * (1 + title.count("\n")) + 0.08

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

    def colour_bar(self, y: float, height: float, colours: Colours, label: str) -> None:
        """Draw a colour bar at the right edge, its numbers beside it and its label along it."""
        x, width = self.width - BAR_ROOM + 0.15, 0.1
        ramp = np.linspace(colours.high, colours.low, 128)[:, np.newaxis]
        self.image(x, y, width, height, ramp, colours)
        ends = [colours.low, 0, colours.high] if colours.low < 0 else [colours.low, colours.high]
        for value in ends:
            place = y + height * (colours.high - value) / (colours.high - colours.low)
            side = {colours.high: "top", colours.low: "bottom"}.get(value, "center")
            self.text(x + width + 0.05, place, number(value), va=side)
        self.text(x - 0.05, y + height / 2, label, rotation=90, ha="right", va="center")

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
