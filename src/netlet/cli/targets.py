"""Files a command is to write: found unwritable before the work, written whole after it."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from netlet.errors import FileError
from netlet.saving import write_whole

STDOUT = "-"
"""In place of a file's name: print it instead."""


def check(option: str, path: Path) -> None:
    """Refuse a file that could not be written, as FileError, by trying to write beside it."""
    folder = path.parent
    if path.is_dir():
        raise FileError(f"{option} {path} is a folder: give the name of a file")
    if path.exists() and not path.is_file():
        return  # a device or a pipe: written to, never replaced
    if not folder.is_dir():
        raise FileError(f"{option} {path}: there is no folder {folder}, make it first")
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"netlet")
    except OSError as error:
        raise FileError(f"{option} {path} cannot be written: {error.strerror or error}") from None


def write_json(path: Path, values: Any) -> None:
    """Write JSON to a file, whole or not at all, or print it if the path is `STDOUT`.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if str(path) == STDOUT:
        sys.stdout.write(text)
    elif path.exists() and not path.is_file():
        try:
            path.write_text(text)
        except OSError as error:
            raise FileError(f"{path} cannot be written: {error.strerror or error}") from None
    else:
        write_whole(path.resolve(), text.encode())
