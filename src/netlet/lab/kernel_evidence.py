"""What kernels answer to, by their weights alone: light or dark, an edge on one side, or something finer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from netlet.lab.wording import count, listed, percent

_SIDES = ("right", "lower right", "bottom", "lower left", "left", "upper left", "top", "upper right")
"""Going round, from where columns grow towards where rows do."""


@dataclass(frozen=True)
class Answering:
    """What one kernel mostly answers to.

    Attributes
    ----------
    what
        "bright areas", "dark areas", "edges brighter at the left", ... or "finer patterns".
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
        return Answering("bright areas" if constant > 0 else "dark areas", light)
    if edge >= rest:
        side = _SIDES[round(np.arctan2(down, across) / (np.pi / 4)) % 8]
        return Answering(f"edges brighter at the {side}", edge)
    return Answering("finer patterns", rest)


def each(kernels: np.ndarray) -> str:
    """One kernel after the other, of a convolution's weights (height, width, channels, filters)."""
    found = [answering(kernels[:, :, 0, place]) for place in range(kernels.shape[-1])]
    parts = [
        f"kernel {place + 1} to {one.what} ({percent(one.share)} of its squared weights)"
        for place, one in enumerate(found)
    ]
    return f"By their weights they answer most to this: {listed(parts)}."


def together(kernels: np.ndarray) -> str:
    """How many kernels answer to what, of a convolution's weights (height, width, channels, filters)."""
    found = Counter(answering(kernels[:, :, 0, place]).what for place in range(kernels.shape[-1]))
    parts = [f"{what} ({amount})" for what, amount in found.most_common()]
    return (
        f"What its {count(kernels.shape[-1], 'kernel')} mostly answer to, by their weights: {listed(parts)}."
    )


def _centred(length: int) -> np.ndarray:
    return np.arange(length) - (length - 1) / 2
