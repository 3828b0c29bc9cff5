"""Paths as users write them."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from netlet.errors import FileError, brief

_LONGEST_NAME, _LONGEST_PATH = 255, 4095
"""Bytes, of one name in a path and of all of it (Linux; elsewhere less)."""


def expanded(path: str | bytes | os.PathLike[str]) -> Path:
    """A path whose leading ~ is the home folder; as it is, where nobody has such a home.

    Raises
    ------
    FileError
        If it is no text and no path, or no file can have such a name: it is too long, or has a character that
        no name can have.
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise FileError(f"a path is given as {brief(path)}, but must be text or a pathlib.Path")
    path = os.fsdecode(path) if isinstance(path, bytes) else path
    try:
        name = os.fsencode(path)
    except UnicodeEncodeError:  # half of a pair of surrogates
        raise FileError(f"{path} has a character that is none: no file can be called so") from None
    if b"\0" in name:
        raise FileError(f"{path} has a character of value 0 in it: no file can be called so")
    if len(name) > _LONGEST_PATH or max(map(len, name.split(b"/"))) > _LONGEST_NAME:
        raise FileError(
            f"{path} is too long for a file's name: at most {_LONGEST_NAME} bytes, and {_LONGEST_PATH} with "
            "its folders"
        )
    with contextlib.suppress(RuntimeError):
        return Path(path).expanduser()
    return Path(path)


def opened(path: str | os.PathLike[str]) -> BinaryIO:
    """Open an ordinary file to read its bytes; a pipe or a device, which may never end, is an OSError."""
    if not stat.S_ISREG(Path(path).stat().st_mode):
        what = "it is a folder" if Path(path).is_dir() else "it is no ordinary file"
        raise OSError(errno.EINVAL, what, os.fspath(path))
    return Path(path).open("rb")
