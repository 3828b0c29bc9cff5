"""The system's locks on files: they go with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from netlet.errors import FileError


@contextlib.contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold a lock while a with statement lasts.

    Parameters
    ----------
    path
        A file of the lock's own, which is made, and removed in the end; or a folder that is there.

    Yields
    ------
    bool
        False if somebody else holds it. Where there are no such locks everybody is told True.

    Raises
    ------
    FileError
        If the file cannot be made.
    """
    try:
        import fcntl
    except ImportError:
        yield True
        return
    is_folder = path.is_dir()
    while True:
        try:
            descriptor = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise FileError(f"{path} cannot be made: {error.strerror}") from None
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            except OSError:  # a file system without locks
                yield True
                return
            if not is_folder and not _is_there(descriptor, path):
                continue  # whoever had it has removed the file in between
            try:
                yield True
                return
            finally:
                if not is_folder:
                    path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def _is_there(descriptor: int, path: Path) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(os.fstat(descriptor), path.stat())
    return False
