"""Digests of weights."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from netlet.network import Network


def weights_digest(network: Network) -> str:
    """SHA-256 (hex) of all weights in Keras's order, float32."""
    digest = sha256()
    for array in network.weights:
        digest.update(np.ascontiguousarray(array, dtype="<f4").data)
    return digest.hexdigest()
