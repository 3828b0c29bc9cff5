"""Tables that results show themselves as: lines of text in a terminal, HTML in a notebook or a page of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

_CELL = "padding:0.15em 0.7em;vertical-align:top;text-align:"


@dataclass(frozen=True)
class Table:
    """Cells of text in rows, with what stands above and below them.

    Attributes
    ----------
    head
        Titles of the columns.
    rows
        Cells as they are to be read, as many in each row as there are columns; in text they are one line.
    caption
        A line above the table; nothing if empty.
    notes
        Lines below it.
    left
        How many columns, from the first, hold words and are set to the left; the others hold numbers.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]] = field(repr=False)
    caption: str = ""
    notes: Sequence[str] = ()
    left: int = 1

    def __str__(self) -> str:
        """As lines of text: columns as wide as their widest cell."""
        cells = [[" ".join(cell.split()) for cell in row] for row in (self.head, *self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
        parts = ([self.caption] if self.caption else [], lines, list(self.notes))
        return "\n\n".join("\n".join(part) for part in parts if part)

    def _repr_html_(self) -> str:
        """As an HTML table that needs no style sheet; whatever is in the cells is escaped."""
        above = f'<caption style="caption-side:top;text-align:left">{escape(self.caption)}</caption>'
        head = f"<thead>{self._row('th', self.head)}</thead>"
        body = f"<tbody>{''.join(self._row('td', row) for row in self.rows)}</tbody>"
        below = "".join(f"<div>{escape(note)}</div>" for note in self.notes)
        table = f"{above if self.caption else ''}{head}{body}"
        return f'<div><table style="border-collapse:collapse">{table}</table>{below}</div>'

    def _row(self, tag: str, cells: Sequence[str]) -> str:
        sides = ["left"] * self.left + ["right"] * (len(cells) - self.left)
        each = (
            f'<{tag} style="{_CELL}{side}">{escape(cell)}</{tag}>'
            for cell, side in zip(cells, sides, strict=False)
        )
        return f"<tr>{''.join(each)}</tr>"
