"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from netlet.errors import FileError


def write_whole(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write beside the file and move over it, so that a crash or a full disk leaves what was there.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    path = Path(path)
    part = (
        path.parent / f".netlet-{secrets.token_hex(8)}.part"
    )  # short: the name may be as long as a name can be
    try:
        part.write_bytes(data)
        part.replace(path)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = error.strerror if isinstance(error, OSError) else None
        raise FileError(f"{path} cannot be written: {reason or error}") from None
    finally:
        with contextlib.suppress(OSError, ValueError):
            part.unlink()
    return path
