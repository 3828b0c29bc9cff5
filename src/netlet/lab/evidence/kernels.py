"""What kernels answer to, by their weights alone: light or dark, an edge on one side, or something finer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet import inspect
from netlet.lab.evidence.known import EVIDENCE
from netlet.training import Runs

_SIDES = ("right", "lower right", "bottom", "lower left", "left", "upper left", "top", "upper right")
"""Going round, from where columns grow towards where rows do."""


@dataclass(frozen=True)
class Answering:
    """What one kernel mostly answers to.

    Attributes
    ----------
    what
        "bright", "dark", "fine" (finer patterns), or the side at which edges are brighter: "left", "upper
        left", "top", ...
    share
        The part of its squared weights that says so, 0..1.
    """

    what: str
    share: float


def answering(kernel: np.ndarray) -> Answering:
    """Take a kernel (height, width) apart into a constant, a slope, and the rest, which are orthogonal."""
    height, width = kernel.shape
    rows, columns = np.meshgrid(_centred(height), _centred(width), indexing="ij")
    constant, across, down = (
        float((kernel * pattern).sum() / max(np.linalg.norm(pattern), 1e-12))
        for pattern in (np.ones_like(kernel), columns, rows)
    )
    total = float((kernel**2).sum()) or 1.0
    light, edge = constant**2 / total, (across**2 + down**2) / total
    rest = 1 - light - edge
    if light >= max(edge, rest):
        return Answering("bright" if constant > 0 else "dark", light)
    if edge >= rest:
        side = _SIDES[round(np.arctan2(down, across) / (np.pi / 4)) % 8]
        return Answering(side, edge)
    return Answering("fine", rest)


@EVIDENCE
def kernels(network: Runs) -> dict[str, Any]:
    """What the first convolution's kernels mostly answer to, by their weights, in the best seed.

    ``each`` kernel, in order (``what`` and ``share``), and how many answer to what (``together``: [what,
    kernels] pairs, the most first).
    """
    weights = inspect.kernels(network.best.network)[0].weights
    found = [answering(weights[:, :, 0, place]) for place in range(weights.shape[-1])]
    counted = Counter(each.what for each in found).most_common()
    return {"each": found, "together": [list(pair) for pair in counted]}


def _centred(length: int) -> np.ndarray:
    return np.arange(length) - (length - 1) / 2
