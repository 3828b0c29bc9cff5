"""Figures as files: the same figure gives the same bytes."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlet.errors import FileError
from netlet.figures.style import PIXELS_PER_INCH, style
from netlet.saving import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What would differ from day to day, or with matplotlib's version, is left out.
_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def to_png_bytes(figure: Figure, pixels_per_inch: float = PIXELS_PER_INCH) -> bytes:
    """The figure as a PNG file's bytes."""
    return _to_bytes(figure, "png", pixels_per_inch)


def to_svg_bytes(figure: Figure, has_text: bool = False) -> bytes:
    """The figure as an SVG file's bytes, its text as outlines, or as text for a page with a font like it."""
    return _to_bytes(figure, "svg", PIXELS_PER_INCH, {"svg.fonttype": "none"} if has_text else {})


def save(figure: Figure, path: str | os.PathLike[str], pixels_per_inch: float = PIXELS_PER_INCH) -> Path:
    """Write the figure to a .png, .svg or .pdf file, as a whole or not at all.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    FileError
        If the name ends otherwise, or the file cannot be written.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in _METADATA:
        raise FileError(f"{path} must end with .png or .svg, or .pdf for print, to hold a figure", file=path)
    return write_whole(path, _to_bytes(figure, kind, pixels_per_inch))


def _to_bytes(figure: Figure, kind: str, pixels_per_inch: float, settings: Any = None) -> bytes:
    from matplotlib import rc_context

    buffer = io.BytesIO()
    with style(), rc_context(settings):
        figure.savefig(buffer, format=kind, dpi=pixels_per_inch, metadata=_METADATA[kind], facecolor="white")
    return buffer.getvalue()
