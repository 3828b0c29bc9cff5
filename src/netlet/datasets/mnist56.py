"""mnist56: handwritten fives (0) and sixes (1) of MNIST, packaged or drawn from its four files."""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from hashlib import sha256
from importlib import resources
from pathlib import Path

import numpy as np

from netlet.datasets.dataset import Dataset
from netlet.datasets.recommended import TRAINING
from netlet.errors import DataError, FileError

CLASS_NAMES = ("5", "6")
EACH = 1000  # images of each digit in training, and as many again in test
VALIDATION = (892, 958)  # fives and sixes in validation
_LARGEST_IDX = 47_040_016  # bytes of the largest of MNIST's files

SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
"""Of MNIST's four files as they were released, uncompressed."""

Pair = tuple[np.ndarray, np.ndarray]
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
    train, validation, test = _packaged()
    return _dataset(train, validation, test)


def drawn(seed: int, has_test: bool = True, pool: Pair | None = None) -> Dataset:
    """Draw a dataset of one's own from the digits there are, as large and balanced as the packaged one.

    Parameters
    ----------
    seed : int
        The same seed gives the same images in the same order; 0 the packaged data as it is, without a pool.
    has_test : bool
        Whether there is a test split; the others are the same with and without.
    pool : tuple of uint8 ndarray, optional
        Images (n, 28, 28) and targets (n,), 0 for a five and 1 for a six, to draw from (`read_idx`); by
        default the 5,850 that are packaged.

    Returns
    -------
    Dataset
        As `mnist56`: 1,000 of each digit for training and for test, 892 fives and 958 sixes for validation;
        no image is there twice.
    """
    packaged = _packaged()
    if seed == 0 and pool is None:
        train, validation, test = packaged
        return _dataset(train, validation, test if has_test else None)
    x, y = pool or (np.concatenate([split[place] for split in packaged]) for place in (0, 1))
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 56])))
    places = [rng.permutation(np.flatnonzero(y == label)) for label in (0, 1)]
    splits = []
    for name in (
        "train",
        "test",
        "validation",
    ):  # validation is last: of the packaged digits it gets the rest
        counts = VALIDATION if name == "validation" else (EACH, EACH)
        chosen = [place[:count] for place, count in zip(places, counts, strict=True)]
        places = [place[count:] for place, count in zip(places, counts, strict=True)]
        order = rng.permutation(np.concatenate(chosen))
        splits.append((x[order], y[order]))
    train, test, validation = splits
    return _dataset(train, validation, test if has_test else None, seed)


def read_idx(folder: Path) -> Pair:
    """All 13,189 fives and sixes of MNIST's four files, which may be compressed (.gz).

    Returns
    -------
    tuple of uint8 ndarray
        Images (n, 28, 28) and targets (n,), as `drawn` takes them.

    Raises
    ------
    DataError
        If a file is missing, or is not the one that was released, by its SHA-256.
    """
    images, labels = [], []
    for stem in ("train", "t10k"):
        images.append(_idx(folder, f"{stem}-images-idx3-ubyte"))
        labels.append(_idx(folder, f"{stem}-labels-idx1-ubyte"))
    x, y = np.concatenate(images), np.concatenate(labels)
    wanted = (y == 5) | (y == 6)
    return x[wanted], (y[wanted] == 6).astype(np.uint8)


def _idx(folder: Path, name: str) -> np.ndarray:
    path = next((each for each in (folder / name, folder / f"{name}.gz") if each.is_file()), None)
    if path is None:
        raise DataError(f"{folder} has no {name}: give the folder with MNIST's four IDX files", file=folder)
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rb") as file:
            content = file.read(_LARGEST_IDX + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}", file=path) from None
    if sha256(content).hexdigest() != SHA256[name]:
        raise DataError(f"{path} is not the released file, by its SHA-256: get it again", file=path)
    shape = struct.unpack_from(f">{content[3]}I", content, 4)
    return np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * content[3]).reshape(shape)


def _packaged() -> list[Pair]:
    packaged = resources.files("netlet.datasets") / "mnist56.npz"
    try:
        with packaged.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return [(arrays[f"x_{split}"], arrays[f"y_{split}"]) for split in ("train", "val", "test")]
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise FileError(f"the packaged mnist56.npz cannot be read ({error}): install netlet again") from None


def _dataset(train: Pair, validation: Pair, test: Pair | None, seed: int | None = None) -> Dataset:
    return Dataset(
        "mnist56",
        train,
        validation,
        test,
        task="binary",
        class_names=CLASS_NAMES,
        source=SOURCE,
        seed=seed,
        training=TRAINING["mnist56"],
    )
