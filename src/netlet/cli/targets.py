"""Files a command is to write: found unwritable before the work, written whole after it."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from netlet.errors import FileError
from netlet.paths import expanded
from netlet.saving import write_whole

STDOUT = "-"
"""In place of a file's name: print it instead."""


def is_stdout(path: Path | None) -> bool:
    """Whether what is asked for is printed in the place of being written to a file."""
    return str(path) == STDOUT


_DATA = (".npy", ".csv", ".png", ".jpg", ".jpeg")


def checked(paths: Mapping[str, Path | None], data: Iterable[Path]) -> list[Path | None]:
    """The files that options name, ~ expanded: all can be written, differ, and are nobody's data.

    Raises
    ------
    FileError
        If not.
    """
    found: dict[str, Path] = {}
    for option, path in paths.items():
        if path is None or str(path := expanded(path)) == STDOUT:
            continue
        check(option, path)
        spare(option, path, data)
        for other, taken in found.items():
            if behind_links(taken) == behind_links(path):
                raise FileError(f"{other} and {option} are both {path}: give two files")
        found[option] = path
    return [found.get(option, path) for option, path in paths.items()]


def check(option: str, path: Path) -> None:
    """Refuse a file that could not be written, as FileError, by trying to write beside it."""
    if path.is_dir():
        raise FileError(f"{option} {path} is a folder: give the name of a file")
    if path.exists() and not path.is_file():
        return  # a device or a pipe: written to, never replaced
    if path.exists() and not os.access(path, os.W_OK):
        raise FileError(f"{option} {path} may not be written to: allow it, or give another file")
    folder = behind_links(path).parent
    if not folder.is_dir():
        raise FileError(f"{option} {path}: there is no folder {folder}, make it first")
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"netlet")
    except OSError as error:
        raise FileError(f"{option} {path} cannot be written: {error.strerror or error}") from None


def spare(option: str, path: Path, data: Iterable[Path]) -> None:
    """Refuse a file, as FileError, that is part of somebody's data: of a file, or of a folder of such."""
    for source in data:
        is_part = path.exists() and (
            path.samefile(source)
            if source.is_file()
            else source.is_dir()
            and path.suffix.lower() in _DATA
            and behind_links(path).is_relative_to(behind_links(source))
        )
        if is_part:
            raise FileError(f"{option} {path} is the data that is trained on: give another file")


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
        return
    # What is in names of files but in no alphabet becomes an escape, which JSON understands.
    data = text.encode("utf-8", "backslashreplace")
    if path.exists() and not path.is_file():
        try:
            path.write_bytes(data)
        except OSError as error:
            raise FileError(f"{path} cannot be written: {error.strerror or error}") from None
    else:
        write_whole(behind_links(path), data)


def keep_json(path: Path | None, values: Any) -> FileError | None:
    """Write JSON to a file or, if that fails, elsewhere (see `write_somewhere`); print it to `STDOUT`."""
    if path is None:
        return None
    if str(path) == STDOUT:
        write_json(path, values)
        return None
    return write_somewhere(lambda path: write_json(path, values), path)


def write_somewhere(write: Callable[[Path], object], path: Path) -> FileError | None:
    """Write to a path, or, if that fails, to a new folder for temporary files, so that nothing is lost.

    Returns
    -------
    FileError or None
        What went wrong, and where it is now.
    """
    try:
        write(path)
    except FileError as error:
        try:
            elsewhere = Path(tempfile.mkdtemp(prefix="netlet-"), path.resolve().name or "netlet")
            write(elsewhere)
        except (FileError, OSError):
            return error
        return FileError(f"{error}; it is kept in {elsewhere} instead")
    return None


def behind_links(path: Path) -> Path:
    """The file that a path leads to."""
    try:
        return expanded(path).resolve()
    except (OSError, RuntimeError):
        raise FileError(f"{path} is a link that leads nowhere: give another file") from None
