"""Those who race, each in a process of its own: ``python -m benchmarks.peers PEER TASK``."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Peer(NamedTuple):
    """What a peer does in turn; only `train` is timed. Imports, data and building have been done before."""

    reset: Callable[[], object]
    """Draws weights anew and makes the optimizer forget."""
    train: Callable[[int], object]
    """Trains so many epochs, validation after every one included."""
    predict: Callable[[], np.ndarray]
    """What the network then answers to the validation split."""
