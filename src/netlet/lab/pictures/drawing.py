"""A picture before it is drawn: what kind it is, what there is to say of it, and how to draw it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from netlet import figures
from netlet.lab import second_process, words
from netlet.lab.answer import Picture
from netlet.lab.registry import Registry

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PIXELS_PER_INCH = 120
PICTURES = Registry("figure")
"""The pictures that documents may name."""
FACTS = frozenset(
    [
        *("what", "is_best", "dataset", "classes", "curves", "seeds", "epochs", "ends", "metric", "rows"),
        *(
            "example",
            "splits",
            "mistakes",
            "is_before",
            "layers",
            "index",
            "asked",
            "output",
            "row",
            "column",
        ),
        *("layer", "best", "is_share", "silenced", "shown", "steps", "largest", "error", "has_activity"),
        *("has_cell", "gates", "weights", "peaks", "reach", "sources"),
    ]
)
"""Everything that words of pictures may ask for."""


@dataclass(frozen=True)
class Drawing:
    """What is to be drawn.

    Attributes
    ----------
    kind
        The section of ``figures.md`` that captions and describes it.
    facts
        What these words may ask for: plain numbers, texts, lists and mappings of them.
    draw
        Draws it; a `partial` of a function of `netlet.figures`, so that another process may do it.
    """

    kind: str
    facts: Mapping[str, Any]
    draw: Callable[[], Figure]

    def picture(self, name: str, told_by: words.Words, **more: Any) -> Picture:
        """Have it drawn; it is waited for where its bytes are asked for."""
        drawn = second_process.submit(partial(_svg, self.draw))
        caption, alt = self.told(told_by, **more)
        return Picture(name, caption, alt, drawn.result)

    def told(self, told_by: words.Words, **more: Any) -> tuple[str, str]:
        """Its caption and its description."""
        told = told_by.render(self.kind, {**dict.fromkeys(FACTS), **self.facts, **more})
        caption, _, alt = told.partition("\n\n")
        return words.settled(caption), words.settled(alt)

    def png(self) -> bytes:
        """Draw it as a PNG file."""
        return figures.to_png_bytes(self.draw(), PIXELS_PER_INCH)


def _svg(draw: Callable[[], Figure]) -> bytes:
    return figures.to_svg_bytes(draw(), has_text=True)
