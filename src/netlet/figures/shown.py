"""Figures that show themselves: the last line of a notebook cell is enough."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlet.figures.saving import save, to_png_bytes
from netlet.figures.style import PIXELS_PER_INCH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SCREEN_PIXELS_PER_INCH = 96


@dataclass(frozen=True, eq=False, repr=False)
class Shown:
    """A picture that shows itself in a notebook, and can be shown and saved anywhere.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        To be changed by whoever wants to; pyplot does not know it, so it is gone when nothing holds it.
    title : str
        What there is to see, for those who do not see it.
    """

    figure: Figure
    title: str

    def __repr__(self) -> str:
        """What it is, and what can be done with it."""
        return f"<figure: {self.title}; .show() or .save(path)>"

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        """What a notebook shows: sharp on fine screens, as large as on paper."""
        width, height = (round(inches * _SCREEN_PIXELS_PER_INCH) for inches in self.figure.get_size_inches())
        size = {"width": width, "height": height, "alt": self.title}
        return to_png_bytes(self.figure, 2 * _SCREEN_PIXELS_PER_INCH), size

    def save(self, path: str | os.PathLike[str], pixels_per_inch: float = PIXELS_PER_INCH) -> Path:
        """Write it to a .png, .svg or .pdf file, as a whole or not at all; see `netlet.figures.save`."""
        return save(self.figure, path, pixels_per_inch)

    def show(self) -> None:
        """Show it: below the cell in a notebook; elsewhere in a window of whatever shows PNG files.

        Where there is no screen it says in which file it is.
        """
        if _in_notebook():
            from IPython.display import display

            display(self)
            return
        import tempfile
        import webbrowser

        handle, name = tempfile.mkstemp(prefix="netlet-", suffix=".png")
        os.close(handle)
        path = self.save(name)
        if not (_has_screen() and webbrowser.open(path.as_uri())):
            print(f"{self.title}: {path}")


def _in_notebook() -> bool:
    import sys

    if "IPython" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython

    return hasattr(get_ipython(), "kernel")


def _has_screen() -> bool:
    import sys

    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
