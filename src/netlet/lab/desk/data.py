"""Every dataset of the lab from one seed: a student's own data, digits included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from netlet import datasets
from netlet.datasets import Dataset, mnist56
from netlet.datasets.files import originals

NAMES = originals.NAMES
"""Of the datasets that a student has."""


def make(name: str, seed: int, has_test: bool = True, pool: mnist56.Pair | None = None) -> Dataset:
    """One of the lab's datasets, made from a seed; digits are drawn from the packaged ones, or from a pool.

    Parameters
    ----------
    name
        One of `NAMES`.
    seed
        The same seed gives the same data; 0 what netlet itself uses.
    has_test
        Whether there is a test split; the others are the same with and without.
    pool
        As in `netlet.datasets.mnist56.drawn`.
    """
    if name == "mnist56":
        return mnist56.drawn(seed, has_test, pool)
    return datasets.make(name, seed, **({} if has_test else {"test": 0}))


def write_all(
    folder: Path, seed: int, has_test: bool = True, pool: mnist56.Pair | None = None, force: bool = False
) -> Iterator[tuple[Dataset, list[Path]]]:
    """Write all datasets as the exercise's own files, one after the other.

    Yields
    ------
    tuple
        A dataset, and the files and folders that it was written as; none of pulses-reversed, which is read
        from the files of pulses.

    Raises
    ------
    FileError
        If files are there already and are not to be replaced (then none is written), or cannot be written.
    """
    originals.check_absent(NAMES, folder, force)
    for name in NAMES:
        dataset = make(name, seed, has_test, pool)
        yield dataset, [] if name == "pulses-reversed" else originals.write(dataset, folder, force)
