"""mnist56: handwritten fives (0) and sixes (1) of MNIST, packaged with netlet."""

from __future__ import annotations

import zipfile
import zlib
from importlib import resources

import numpy as np

from netlet.datasets.dataset import Dataset
from netlet.datasets.recommended import TRAINING
from netlet.errors import FileError

CLASS_NAMES = ("5", "6")
SOURCE = "MNIST digits 5 and 6, Yann LeCun and Corinna Cortes, CC BY-SA 3.0"


def mnist56() -> Dataset:
    """Load the packaged digits.

    Returns
    -------
    Dataset
        Images (n, 28, 28, 1), float32 in 0..1; targets (n,), 0 for a five and 1 for a six. Training: the
        first 1,000 of each digit of MNIST's training set; test: the next 1,000 of each; validation: all
        1,850 of MNIST's test set; each in MNIST's order.
    """
    packaged = resources.files("netlet.datasets") / "mnist56.npz"
    try:
        with packaged.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            train, validation, test = (
                (arrays[f"x_{split}"], arrays[f"y_{split}"]) for split in ("train", "val", "test")
            )
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise FileError(f"the packaged mnist56.npz cannot be read ({error}): install netlet again") from None
    return Dataset(
        "mnist56",
        train,
        validation,
        test,
        task="binary",
        class_names=CLASS_NAMES,
        source=SOURCE,
        training=TRAINING["mnist56"],
    )
