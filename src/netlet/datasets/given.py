"""What people give for a dataset: a dataset, the name or path of one, or plain arrays."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from netlet.datasets.dataset import Dataset
from netlet.datasets.split import checked_share
from netlet.errors import DataError

PLAIN = "your data"
"""What a dataset of plain arrays is called."""


def as_dataset(given: Any, validation_split: float | None = None) -> Dataset:
    """A dataset of what was given for one.

    Parameters
    ----------
    given
        A `Dataset`; the name of one of the lab's or the path of one's own, which is loaded; or a tuple
        (x, y), of which a part is split off for validation, or (x, y, x_val, y_val).
    validation_split
        Which share is split off, in the place of a fifth of each class.

    Raises
    ------
    DataError
        If it is none of these, or as by `Dataset` and `netlet.load`.
    """
    if isinstance(given, (Dataset, str, PathLike)):
        from netlet.datasets import load

        path = given if isinstance(given, (Dataset, str)) else Path(given)
        dataset = path if isinstance(path, Dataset) else load(path)
        checked_share(validation_split, dataset.name, True)
        return dataset
    if isinstance(given, (tuple, list)) and len(given) in (2, 4):
        x, y, *validation = given
        return Dataset(
            PLAIN, (x, y), tuple(validation) if validation else None, validation_split=validation_split
        )
    raise DataError(
        f"a dataset is given as {_kind(given)}, but must be a Dataset, the name or path of one, or a tuple "
        "(x, y) or (x, y, x_val, y_val) of arrays"
    )


def _kind(given: Any) -> str:
    if isinstance(given, (tuple, list)):
        return f"a {type(given).__name__} of {len(given)}"
    return type(given).__name__
