"""How many seeds and threads: checked, and what is meant by a number of seeds."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, TypeGuard

from netlet.errors import TrainingError, brief
from netlet.training.rules import is_whole

MOST_SEEDS, MOST_THREADS = 1_000_000, 1024


def checked_seeds(seeds: int | Iterable[int]) -> list[int]:
    """The seeds to train from: 0, 1, 2, ..., if only their number is given.

    Raises
    ------
    TrainingError
        If they are not as `train` wants them.
    """
    if is_whole(seeds):
        if not 1 <= seeds <= MOST_SEEDS:
            raise TrainingError(f"seeds is {brief(seeds)}, but must be from 1 to {MOST_SEEDS:,}")
        return list(range(int(seeds)))
    if isinstance(seeds, str | bytes) or not is_several(seeds):
        raise TrainingError(f"seeds is {brief(seeds)}, but must be a whole number or several of them")
    given = list(seeds)
    if not given:
        raise TrainingError("seeds is empty, but at least 1 is needed")
    if wrong := [seed for seed in given if not (is_whole(seed) and 0 <= seed < 2**63)]:
        raise TrainingError(f"seed {brief(wrong[0])} is not allowed: take whole numbers from 0, below 2**63")
    chosen = list(map(int, given))
    if len(set(chosen)) < len(chosen):
        raise TrainingError("seeds has a seed twice, which gives the same run twice: take different ones")
    return chosen


def is_several(values: object) -> TypeGuard[Iterable[Any]]:
    """Whether there is something to go through; an array without any dimension only looks like that."""
    return isinstance(values, Iterable) and getattr(values, "ndim", 1) != 0


def checked_flag(name: str, value: bool | None) -> bool | None:
    """True, False, or None where that is allowed; words and arrays, which would count as True, are refused.

    Raises
    ------
    TrainingError
        If it is something else.
    """
    if value is None or type(value).__name__ in ("bool", "bool_") or (is_whole(value) and value in (0, 1)):
        return None if value is None else bool(value)
    raise TrainingError(f"{name} is {brief(value)}, but must be True or False", setting=name)


def checked_threads(threads: int | None) -> int:
    """How many runs at a time: as many as the process has processors, if that is not said.

    Raises
    ------
    TrainingError
        If it is no whole number from 1 to 1,024.
    """
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not (is_whole(threads) and 1 <= threads <= MOST_THREADS):
        raise TrainingError(
            f"threads is {brief(threads)}, but must be a whole number from 1 to {MOST_THREADS:,}"
        )
    return int(threads)
