"""The picture of what tells the classes apart: mean feature maps, and how far the classes differ."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from netlet.figures.sheet import (
    BAR_ROOM,
    GAP,
    LINE,
    MARGIN,
    Colours,
    Sheet,
    colours_for,
    fit_tiles,
    picture,
    signed_colours_for,
)
from netlet.figures.style import BLACK, IMAGE_MAP, number, styled, text_width

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from netlet.inspect import ClassMeans, Contrast, LayerClassMeans, Separation, Window

Measure = Literal["difference", "effect", "area"]

_BAR_LABELS = {"difference": "difference", "effect": "Cohen's d", "area": "ROC area − 0.5"}
_MOST_MAPS = 8
_LARGEST_TILE = 1.1
_LEAST_BAR, _LARGEST_BAR = 0.8, 1.2
_LETTERS_A_LINE = 105


@dataclass(frozen=True, eq=False)
class _Row:
    """A row of tiles: its name, the image at its left (none where the maps are the image), and the maps."""

    name: str
    image: np.ndarray | None
    image_colours: Colours
    maps: list[np.ndarray]
    colours: Colours
    marked: tuple[int, int, int] | None = None
    """The map, row and column to put a square on."""
    window: Window | None = None
    """The part of the image to put a square on."""


@styled
def class_means(
    means: ClassMeans,
    layer: int = -1,
    class_names: Sequence[str] = (),
    show: Measure = "effect",
    title: str = "",
) -> Figure:
    """One layer's mean feature map of every class, and how far the classes differ at every place.

    At the left the images themselves, averaged alike. A square marks the one place of a row's maps that
    separates best by itself (by the area of its ROC curve), and, on the image, the window it looks at.

    Parameters
    ----------
    layer : int
        Which of ``means.layers``; 0 is the input itself.
    show : {"difference", "effect", "area"}
        What the lower rows hold: differences of means, these in standard deviations (Cohen's d), or ROC
        areas less a half.
    """
    sheet = Sheet()
    chosen, pixels = means.layers[layer], means.layers[0]
    names = list(class_names) or [str(label) for label in range(len(means.counts))]
    shown = _most_separating(chosen)
    y = sheet.title(MARGIN, title)
    sheet.text(MARGIN, y, _heading(chosen, shown))
    y += LINE + 0.04
    rows = [_mean_rows(chosen, pixels, shown, names), _contrast_rows(chosen, pixels, shown, names, show)]
    grid = _Grid(sheet, [*rows[0], *rows[1]])
    y = grid.draw_headings(y, [f"map {index + 1}" for index in shown])
    y = grid.draw_rows(y, rows[0], "brightness" if chosen is pixels else "activation")
    y = grid.draw_rows(y + GAP, rows[1], _BAR_LABELS[show])
    for contrast in chosen.contrasts:
        text = textwrap.fill(_best_text(contrast, names, chosen is pixels), _LETTERS_A_LINE)
        sheet.text(MARGIN, y, text)
        y += LINE * (1 + text.count("\n")) + 0.06
    return sheet.finish(y + MARGIN - 0.06)


class _Grid:
    """Where names, images and maps stand on the sheet."""

    def __init__(self, sheet: Sheet, rows: Sequence[_Row]) -> None:
        self.sheet = sheet
        self.left = MARGIN + max(text_width(row.name) for row in rows) + GAP
        has_image = rows[0].image is not None
        tiles = len(rows[0].maps) + has_image
        room = sheet.width - self.left - BAR_ROOM - GAP
        shape = rows[0].maps[0].shape
        _, self.width, self.height = fit_tiles(tiles, shape, room, 1 + _MOST_MAPS, _LARGEST_TILE)
        image = rows[0].image
        self.image_height = 0 if image is None else self.width * image.shape[0] / image.shape[1]
        self.row_height = max(self.height, self.image_height, 2.2 * LINE)
        self.maps_left = self.left + (self.width + 2 * GAP if has_image else 0)

    def draw_headings(self, y: float, names: Sequence[str]) -> float:
        """Name the columns."""
        if self.image_height:
            self.sheet.text(self.left + self.width / 2, y, "image", ha="center")
            for index, name in enumerate(names):
                self.sheet.text(self._map_left(index) + self.width / 2, y, name, ha="center")
        return y + (LINE if self.image_height else 0)

    def draw_rows(self, y: float, rows: Sequence[_Row], label: str) -> float:
        """Draw rows of one colour scale from y down; return where they end."""
        top = y
        for row in rows:
            self._draw_row(y, row)
            y += self.row_height + GAP
        # A bar needs a height of its own for its numbers and label.
        height = min(max(y - top - GAP, _LEAST_BAR), _LARGEST_BAR)
        right = self._map_left(len(rows[0].maps)) - GAP
        self.sheet.colour_bar(right, top, height, rows[0].colours, label)
        return max(y, top + height + GAP)

    def _draw_row(self, y: float, row: _Row) -> None:
        middle = y + self.row_height / 2
        self.sheet.text(MARGIN, middle, row.name, va="center")
        if row.image is not None:
            top = middle - self.image_height / 2
            self.sheet.image(self.left, top, self.width, self.image_height, row.image, row.image_colours)
            if row.window is not None:
                self._mark_window(top, row.image, row.window)
        top = middle - self.height / 2
        for index, each in enumerate(row.maps):
            self.sheet.image(self._map_left(index), top, self.width, self.height, each, row.colours)
        if row.marked is not None:
            index, place_row, column = row.marked
            self._mark(self._map_left(index), top, self.height, row.maps[index], (place_row, column, 1, 1))

    def _mark_window(self, top: float, image: np.ndarray, window: Window) -> None:
        size = (window.top, window.left, window.bottom - window.top, window.right - window.left)
        self._mark(self.left, top, self.image_height, image, size)

    def _mark(
        self, x: float, y: float, height: float, tile: np.ndarray, part: tuple[int, int, int, int]
    ) -> None:
        """Frame a part (top, left, rows, columns) of a tile, black on white to show on any colour."""
        down, across = height / tile.shape[0], self.width / tile.shape[1]
        top, left, rows, columns = part
        place = (x + left * across, y + top * down, columns * across, rows * down)
        self.sheet.frame(*place, color="white", linewidth=2.4)
        self.sheet.frame(*place, color=BLACK, linewidth=1.2)

    def _map_left(self, index: int) -> float:
        return self.maps_left + index * (self.width + GAP)


def _most_separating(layer: LayerClassMeans) -> list[int]:
    """The maps to show, in order: all, or those with the places that separate best."""
    count = layer.means.shape[-1]
    if count <= _MOST_MAPS:
        return list(range(count))
    distances = np.abs(np.stack([contrast.area for contrast in layer.contrasts]) - 0.5)
    best = np.nan_to_num(distances).max(axis=(0, 1, 2))
    return sorted(np.argsort(-best, kind="stable")[:_MOST_MAPS].tolist())


def _heading(layer: LayerClassMeans, shown: Sequence[int]) -> str:
    _, rows, columns, count = layer.means.shape
    if layer.place.layer < 0:
        return f"the images themselves, {rows} × {columns} pixels"
    which = "" if len(shown) == count else f", the {len(shown)} most separating of {count}"
    return f"{layer.place.name}, {layer.place.text}: mean feature maps of {rows} × {columns} pixels{which}"


def _mean_rows(
    layer: LayerClassMeans, pixels: LayerClassMeans, shown: Sequence[int], names: Sequence[str]
) -> list[_Row]:
    # Means of thin lines are dark: they are drawn as bright as they can be.
    image_colours = Colours(IMAGE_MAP, 0, colours_for(pixels.means).high)
    return [
        _Row(
            name=f"mean of\n{name}",
            image=None if layer is pixels else picture(image),
            image_colours=image_colours,
            maps=[mean[..., index] for index in shown],
            colours=image_colours if layer is pixels else colours_for(layer.means),
        )
        for name, image, mean in zip(names, pixels.means, layer.means, strict=True)
    ]


def _contrast_rows(
    layer: LayerClassMeans, pixels: LayerClassMeans, shown: Sequence[int], names: Sequence[str], show: Measure
) -> list[_Row]:
    values = np.stack([_measured(contrast, show) for contrast in layer.contrasts])
    images = np.stack([_measured(contrast, show).mean(axis=-1) for contrast in pixels.contrasts])
    colours = signed_colours_for(values[..., shown])
    rows = []
    for contrast, maps, image in zip(layer.contrasts, values, images, strict=True):
        best = contrast.best
        rows.append(
            _Row(
                name=_contrast_name(contrast, names),
                image=None if layer is pixels else image,
                # Differences of pixels and of activations have no common unit; the other measures have.
                image_colours=signed_colours_for(images) if show == "difference" else colours,
                maps=[maps[..., index] for index in shown],
                colours=colours,
                marked=_marked(best, shown),
                window=best.window if best else None,
            )
        )
    return rows


def _measured(contrast: Contrast, show: Measure) -> np.ndarray:
    return contrast.area - 0.5 if show == "area" else getattr(contrast, show)


def _marked(best: Separation | None, shown: Sequence[int]) -> tuple[int, int, int] | None:
    if best is None or best.map not in shown:
        return None
    return list(shown).index(best.map), best.row, best.column


def _contrast_name(contrast: Contrast, names: Sequence[str]) -> str:
    others = "the others" if contrast.against is None else names[contrast.against]
    return f"{names[contrast.of]} against\n{others}"


def _best_text(contrast: Contrast, names: Sequence[str], is_input: bool) -> str:
    """In words, the place that separates best."""
    which = _contrast_name(contrast, names).replace("\n", " ")
    best = contrast.best
    if best is None:
        return f"{which}: one side has no images."
    place = f"row {best.row}, column {best.column}"
    if is_input:
        where = f"the best single pixel is {place}"
    else:
        window = best.window
        rows, columns = f"{window.top}–{window.bottom - 1}", f"{window.left}–{window.right - 1}"
        seen = f"which looks at rows {rows}, columns {columns} of the image"
        where = f"the best single place is map {best.map + 1}, {place}, {seen}"
    side = "higher" if best.area >= 0.5 else "lower"
    share = f"{100 * max(best.area, 1 - best.area):.1f} %"
    means = f"mean {number(best.mean)} against {number(best.mean_of_others)}"
    return (
        f"{which}: {where}. Of two images, one of each side, it is {side} for {names[contrast.of]} "
        f"in {share} ({means}, Cohen's d {number(best.effect)})."
    )
