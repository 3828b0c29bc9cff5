"""Paths as users write them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def expanded(path: str | os.PathLike[str]) -> Path:
    """A path whose leading ~ is the home folder; as it is, where nobody has such a home."""
    with contextlib.suppress(RuntimeError):
        return Path(path).expanduser()
    return Path(path)
