"""The laboratory as one page for a browser, which `make web` builds beside this file."""

from __future__ import annotations

from pathlib import Path

from netlet.errors import FileError


def page() -> Path:
    """Where the page is.

    Raises
    ------
    FileError
        If it has not been built.
    """
    path = Path(__file__).with_name("netlet.html")
    if not path.is_file():
        raise FileError(
            f"the page has not been built ({path} is missing): run make web in a checkout (with Node.js)",
            file=path,
        )
    return path
