"""What a training's bits depend on besides seed, data and settings: where it is computed."""

from __future__ import annotations

import os
import platform
from functools import cache
from hashlib import sha256
from pathlib import Path

from netlet import _engine
from netlet.network.lowering import INSTRUCTION_SET_VARIABLE


def machine_kind() -> dict[str, str]:
    """Where the same seed gives the same bits: instruction set, engine as it was built, system, C library.

    Returns
    -------
    dict
        ``instruction_set``; ``engine``, the first 16 digits of the SHA-256 of its file; ``system`` and
        ``libc``, on whose logarithms and powers training rests too.
    """
    return {
        "instruction_set": os.environ.get(INSTRUCTION_SET_VARIABLE) or _engine.instruction_sets()[0],
        "engine": _engine_digest(),
        "system": f"{platform.system()} {platform.machine()}",
        "libc": " ".join(platform.libc_ver()).strip(),
    }


@cache
def _engine_digest() -> str:
    return sha256(Path(str(_engine.__file__)).read_bytes()).hexdigest()[:16]
