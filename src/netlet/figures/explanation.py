"""The picture of a tiny network as a whole: every weight where it acts, what passes through, the formula."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.passing import draw_bottleneck, draw_images, draw_series, heading
from netlet.figures.sheet import (
    GAP,
    LINE,
    MARGIN,
    PICTURE_COLOURS,
    Colours,
    Sheet,
    picture,
    signed_colours_for,
)
from netlet.figures.style import (
    BLACK,
    GREY,
    minus,
    styled,
    text_width,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from netlet.inspect import Explanation
    from netlet.inspect.parts import Block, Part, Stage

_CELL, _CELL_HEIGHT = 0.4, 0.21
_SMALL_CELL = 0.16
"""Inches of a weight with its number written in it, and of one of a kernel too wide for numbers."""
_MOST_WRITTEN = 12
_ARROW = 0.3
_MAP = 0.85
_NAME_LETTERS = 24
_THRESHOLD = "above 0: "
"""How the name of the one output for two classes begins."""
_LETTERS = 22
"""Words above a stage are folded at so many letters."""
_LINE_LETTERS = 112
_CODE_LETTERS = 98
_MOST_WORDS = 6
"""So many parts of a layer are told about; more are much like each other."""


@styled
def explanation(found: Explanation, title: str = "", with_words: bool = True) -> Figure:
    """A network of a few weights, all of it.

    From above: the layers from left to right with every weight and bias, red above zero and blue below (a
    colour scale a layer); the one number that everything passes through, if there is one; an example of each
    class on its way; what every part answers to; the formula.

    Parameters
    ----------
    with_words : bool
        Whether the last two are there.
    """
    sheet = Sheet()
    y = sheet.title(MARGIN, title or _headline(found))
    if title:
        sheet.text(MARGIN, y, _headline(found), color=GREY)
        y += LINE + GAP
    y = _Diagram(sheet, found).draw(y)
    if found.bottleneck is not None:
        y = draw_bottleneck(sheet, y, found.bottleneck, found.class_names)
    if found.kind == "image":
        y = draw_images(sheet, y, found)
    elif found.kind == "sequence":
        y = draw_series(sheet, y, found)
    if not with_words:
        return sheet.finish(y + MARGIN)
    y = _draw_words(sheet, y, found)
    y = heading(sheet, y, "The formula")
    for line in found.formula.lines:
        whole = re.sub(r"\[.*?\]", lambda place: place[0].replace(" ", "\u00a0"), minus(line))
        for folded in textwrap.wrap(whole, _CODE_LETTERS, subsequent_indent="      "):
            sheet.text(MARGIN, y, folded, family="DejaVu Sans Mono", size=8)
            y += LINE
    return sheet.finish(y + MARGIN)


def _headline(found: Explanation) -> str:
    value = "undefined" if found.value is None else f"{found.value:.4f}"
    beside = "" if found.majority is None else f" (always the most frequent class: {found.majority:.4f})"
    noun = {"image": "images", "sequence": "sequences"}.get(found.kind, "rows")
    return (
        f"The whole network: {found.parameters} weights and biases, {found.metric.replace('_', ' ')} "
        f"{value}{beside} on {found.count:,} {noun}"
    )


# --- the diagram ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Table:
    """Weights as they are drawn: cells in rows and columns, with or without names beside them."""

    title: str
    cells: np.ndarray
    rows: Sequence[str]
    columns: Sequence[str]
    is_bias: bool = False

    @property
    def cell(self) -> tuple[float, float]:
        is_written = self.cells.shape[1] <= _MOST_WRITTEN
        return (_CELL, _CELL_HEIGHT) if is_written else (_SMALL_CELL, _SMALL_CELL)

    @property
    def row_room(self) -> float:
        return max(map(text_width, self.rows), default=0) + (0.08 if self.rows else 0)

    @property
    def head(self) -> float:
        lines = max((name.count("\n") + 1 for name in self.columns), default=0)
        return LINE * lines + LINE * bool(self.title)

    @property
    def width(self) -> float:
        return self.row_room + max(self.cells.shape[1] * self.cell[0], text_width(self.title))

    @property
    def height(self) -> float:
        return self.head + self.cells.shape[0] * self.cell[1]

    def draw(self, sheet: Sheet, x: float, y: float, colours: Colours) -> None:
        width, height = self.cell
        left, top = x + self.row_room, y + self.head
        if self.title:
            sheet.text(left, y, self.title, color=GREY)
        for column, name in enumerate(self.columns):
            sheet.text(left + (column + 0.5) * width, top, name, ha="center", va="bottom", color=GREY)
        rows, columns = self.cells.shape
        sheet.image(left, top, columns * width, rows * height, self.cells, colours)
        for row, name in enumerate(self.rows):
            sheet.text(left - 0.06, top + (row + 0.5) * height, name, ha="right", va="center")
        if width < _CELL:
            return
        for (row, column), value in np.ndenumerate(self.cells):
            if np.isnan(value):
                continue
            sheet.text(
                left + (column + 0.5) * width,
                top + (row + 0.5) * height,
                _weight(float(value)),
                ha="center",
                va="center",
                color="white" if abs(value) > 0.62 * colours.high else BLACK,
            )


def _weight(value: float) -> str:
    return minus(f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}")


def _tables(stage: Stage) -> list[_Table]:
    """The weights of one layer in as few tables as say it all."""
    parts = stage.parts
    if all(len(part.blocks) == 1 and part.blocks[0].columns and not part.blocks[0].rows for part in parts):
        cells = np.concatenate([part.blocks[0].weights for part in parts])
        columns = list(parts[0].blocks[0].columns)
        names = [_called(part) for part in parts]
        if parts[0].bias is not None:
            cells = np.concatenate([cells, np.array([[part.bias] for part in parts])], axis=1)
            columns.append("bias")
        if cells.shape[1] > max(_MOST_WRITTEN, cells.shape[0]):
            return [_Table("", cells.T, columns, names)]
        return [_Table("", cells, names, columns)]
    tables = []
    for part in parts:
        for place, block in enumerate(part.blocks):
            name = _called(part) if place == 0 else ""
            tables.append(
                _Table(_titled(name, block, len(part.blocks)), block.weights, block.rows, block.columns)
            )
        if part.bias is not None:
            tables.append(_Table("", np.array([[part.bias]]), ("bias",), (), is_bias=True))
    return tables


def _called(part: Part) -> str:
    """The symbol, and what it stands for where that is a class."""
    if ", map " in part.name or ", node " in part.name or part.name.startswith(_THRESHOLD):
        return part.symbol
    name = part.name if len(part.name) <= _NAME_LETTERS else f"{part.name[: _NAME_LETTERS - 1]}…"
    return f"{part.symbol}: {name}"


def _titled(name: str, block: Block, count: int) -> str:
    return f"{name} {block.title}".strip() if count > 1 and block.title else name


class _Diagram:
    """Stages from left to right, with arrows between them, in a second row where the page is full."""

    def __init__(self, sheet: Sheet, found: Explanation) -> None:
        self._sheet, self._found = sheet, found
        self._x = self._y = MARGIN
        self._bottom = 0.0

    def draw(self, y: float) -> float:
        self._x, self._y, self._bottom = MARGIN, y, y
        self._draw_input()
        for stage in self._found.stages:
            self._draw_stage(stage)
        return self._bottom + GAP

    def _draw_input(self) -> None:
        sheet, x, y = self._sheet, self._x, self._y
        shape = self._found.examples[0].x.shape if self._found.examples else ()
        told = {
            "image": "x, the image:\n" + " × ".join(map(str, shape[:2])) + " pixels",
            "sequence": "x, the input\nat every step",
            "table": "x1, x2, ...:\nthe features",
        }[self._found.kind]
        sheet.text(x, y, told)
        width = text_width(told)
        bottom = y + 2 * LINE
        if self._found.kind == "image" and self._found.examples:
            image = self._found.examples[0].x
            height = _MAP * image.shape[0] / image.shape[1]
            sheet.image(x, bottom + 0.04, _MAP, height, picture(image), PICTURE_COLOURS)
            width, bottom = max(width, _MAP), bottom + 0.04 + height
        self._x, self._bottom = x + width, max(self._bottom, bottom)

    def _draw_stage(self, stage: Stage) -> None:
        tables = _tables(stage) if stage.parts else []
        words = [f"{stage.place.name}", *textwrap.wrap(stage.what, _LETTERS)]
        if not stage.parts:
            words += textwrap.wrap(f"gives {_listed(stage.symbols)}", _LETTERS)
        if stage.activation:
            words += [f"then {stage.activation}"]
        for part in stage.parts:
            if part.name.startswith(_THRESHOLD):
                words += textwrap.wrap(f"{part.symbol} {part.name}", _LETTERS)
        width = max(text_width("\n".join(words)), *(table.width for table in tables), 0.0)
        if self._x + _ARROW + width > self._sheet.width - MARGIN and self._x > MARGIN + 0.5:
            self._x, self._y = MARGIN, self._bottom + 2 * GAP
        self._sheet.arrow(self._x + 0.05, self._y + LINE / 2, _ARROW - 0.1)
        left, y = self._x + _ARROW, self._y
        self._sheet.text(left, y, words[0], weight="bold")
        self._sheet.text(left, y + LINE, "\n".join(words[1:]))
        y += LINE * len(words) + 0.05
        if tables:
            numbers = np.concatenate([table.cells.ravel() for table in tables])
            colours = signed_colours_for(numbers)
            for table in tables:
                table.draw(self._sheet, left, y, colours)
                y += table.height + (0.04 if not table.is_bias else 0.12)
        self._x, self._bottom = left + width, max(self._bottom, y)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 4 else f"{names[0]} .. {names[-1]}"


# --- words ------------------------------------------------------------------------------------------------


def _draw_words(sheet: Sheet, y: float, found: Explanation) -> float:
    """What every part answers to; beside a kernel the mean of what excites it most."""
    y = heading(sheet, y, "What each part answers to")
    if found.class_names and not any(each.y is not None for each in found.examples):
        told = "for each class the median of the examples, and in brackets where 90 % of them lie"
        sheet.text(MARGIN, y, told, color=GREY)
        y += LINE
    for stage in found.stages:
        for part in stage.parts[:_MOST_WORDS]:
            left, top = MARGIN, y
            if part.excited_by is not None:
                patch = part.excited_by
                size = 0.55 / max(patch.shape[:2])
                height, width = (n * size for n in patch.shape[:2])
                sheet.image(left, y + 0.02, width, height, picture(patch), PICTURE_COLOURS)
                left += 0.65
                top = y + height + 0.1
            name = part.name if part.name.startswith(stage.place.name) else f"{stage.place.name}, {part.name}"
            text = f"{part.symbol} ({name}): " + ("; ".join(part.words) or "nothing that stands out")
            if part.excited_by is not None:
                text += "; left: the mean of the patches that it answers most to"
            letters = _LINE_LETTERS if part.excited_by is None else _LINE_LETTERS - 12
            for line in textwrap.wrap(minus(text), letters, subsequent_indent="  "):
                sheet.text(left, y, line)
                y += LINE
            y = max(y, top) + 0.02
        if len(stage.parts) > _MOST_WORDS:
            sheet.text(MARGIN, y, f"and {len(stage.parts) - _MOST_WORDS} more of {stage.place.name}")
            y += LINE
    return y + GAP
