"""Splits drawn from a seed, and what data of one's own is called."""

from __future__ import annotations

import numpy as np

from netlet.datasets.files import originals

HELD_OUT = 0.2  # of each class for validation, and as much for test, where nothing else is said
LEAST = 3  # images of a class, or sequences, so that every split gets one


def drawn(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows for training, validation and test, drawn class by class, in their original order."""
    rng = np.random.Generator(np.random.PCG64(seed))
    parts: tuple[list[np.ndarray], ...] = ([], [], [])
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        held_out = max(1, round(HELD_OUT * len(rows)))
        parts[1].append(rows[:held_out])
        parts[2].append(rows[held_out : 2 * held_out])
        parts[0].append(rows[2 * held_out :])
    train, validation, test = (np.sort(np.concatenate(part)) for part in parts)
    return train, validation, test


def counted(number: int, thing: str) -> str:
    """How many of a thing there are, in words."""
    return f"{number:,} {thing}" + ("s" if number != 1 else "")


def dataset_name(name: str) -> str:
    """What a file or folder's dataset is called: never as one of the lab's, whose settings it would get."""
    return f"own-{name}" if name in originals.NAMES else readable(name)


def readable(name: str) -> str:
    """The name of a file as text: what belongs to no alphabet is replaced."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
