"""What a training's bits depend on besides seed, data and settings; and digests of weights."""

from __future__ import annotations

import os
import platform
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from netlet.network import Network


def machine_kind() -> dict[str, str]:
    """Where the same seed gives the same bits: instruction set, engine as it was built, system, C library.

    Returns
    -------
    dict
        ``instruction_set``; ``engine``, the first 16 digits of the SHA-256 of its file; ``system`` and
        ``libc``, on whose logarithms and powers training rests too.
    """
    from netlet import _engine
    from netlet.network import INSTRUCTION_SET_VARIABLE

    return {
        "instruction_set": os.environ.get(INSTRUCTION_SET_VARIABLE) or _engine.instruction_sets()[0],
        "engine": _engine_digest(),
        "system": f"{platform.system()} {platform.machine()}",
        "libc": " ".join(platform.libc_ver()).strip(),
    }


def weights_digest(network: Network) -> str:
    """SHA-256 (hex) of all weights in Keras's order, float32."""
    digest = sha256()
    for array in network.weights:
        digest.update(np.ascontiguousarray(array, dtype="<f4").data)
    return digest.hexdigest()


@cache
def _engine_digest() -> str:
    from netlet import _engine

    return sha256(Path(str(_engine.__file__)).read_bytes()).hexdigest()[:16]
