"""Arrays as a dataset exactly as they are: nothing about them is guessed, nothing is scaled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netlet.datasets import Dataset, Split
from netlet.datasets.scaling import Scaling
from netlet.errors import DataError


class ExactDataset(Dataset):
    """A dataset of arrays that are already in the form that the task has.

    Parameters
    ----------
    name
        What errors call it.
    train
        float32: x ``(n, *input_shape)``, of tables ``(n, features)``; y as in `netlet.datasets.Split`.
    validation
        None for none.
    task
        One of netlet's.
    class_names
        One a class, of a classification.
    input_scaling
        Part of the networks that are trained on it.

    Raises
    ------
    DataError
        If a number is not finite.
    """

    def __init__(
        self,
        name: str,
        train: Split,
        validation: Split | None,
        task: str,
        class_names: Sequence[str] = (),
        input_scaling: Scaling | None = None,
    ) -> None:
        """Check and keep."""
        for split_name, split in (("training", train), ("validation", validation)):
            for part, array in (("x", split.x), ("y", split.y)) if split is not None else ():
                _check_finite(f"{name}: {split_name}.{part}", split_name, array)
        self.name = name
        self.train = train
        self.validation = validation or Split(train.x[:0], train.y[:0])
        self.test = None
        self.kind = {3: "image", 2: "sequence"}.get(train.x.ndim - 1, "table")
        self.notes = ()
        self.task = task
        self.class_names = tuple(class_names)
        self.seed = None
        self.source = ""
        self.training = {}
        self.integer_scale = 1.0
        self.input_scaling = input_scaling
        self.target_scaling = None


def _check_finite(what: str, split: str, array: np.ndarray) -> None:
    bad = ~np.isfinite(array)
    if bad.any():
        row = int(np.argwhere(bad)[0][0])
        raise DataError(
            f"{what}[{row}] contains {array[row][bad[row]].flat[0]}: every value must be finite",
            split=split,
            row=row,
        )
