"""The marks by which netlet knows its own files: what has none is somebody's, and is not written over."""

from __future__ import annotations

import re
from pathlib import Path

from netlet.errors import FileError

_HEAD = 200_000
"""Bytes of a file in which its mark is looked for, at its beginning and at its end."""
_MARKS = {
    ".html": re.compile(rb'<meta name="generator" content="netlet '),
    ".ipynb": re.compile(rb'"netlet": *\{'),
    ".json": re.compile(rb'"(results_version|class_version)":'),
}


def is_ours(path: Path) -> bool:
    """Whether netlet has written a file, by its mark."""
    mark = _MARKS.get(path.suffix.lower())
    if mark is None or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            content = file.read(_HEAD)
            size = path.stat().st_size
            if size > _HEAD:
                file.seek(max(_HEAD, size - _HEAD))
                content += file.read(_HEAD)
    except OSError:
        return False
    return mark.search(content) is not None


def check(path: Path, force: bool) -> None:
    """Refuse to write over a file that is none of netlet's, unless it is forced.

    Raises
    ------
    FileError
        If there is such a file.
    """
    if path.exists() and not force and not is_ours(path):
        raise FileError(
            f"{path} is there already and is none of netlet's: move it away, or replace it with --force",
            file=path,
        )
