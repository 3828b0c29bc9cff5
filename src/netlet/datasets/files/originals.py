"""The exercise's own files: folders of images with targets, mnist56.npy, and pulse sequences.

| dataset | training | validation | test (netlet's addition; may be absent) |
|---|---|---|---|
| mnist56 | mnist56.npy | the same file | mnist56-tst.npy |
| crt, r3 | crt-trn/, crt-trn_trg.csv | crt-val/, crt-val_trg.csv | crt-tst/, crt-tst_trg.csv |
| pulses, pulses-reversed | pulsedata1-trn.npy | pulsedata1-val.npy | pulsedata1-tst.npy |
| pulses-memory | pulses-memory-trn.npy | pulses-memory-val.npy | pulses-memory-tst.npy |
"""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from netlet.datasets.dataset import Dataset, Split
from netlet.datasets.files.images import read_images, write_png
from netlet.datasets.files.pickled import read_arrays, write_arrays
from netlet.datasets.files.sequences import read_sequences
from netlet.datasets.mnist56 import CLASS_NAMES as MNIST56_CLASSES
from netlet.datasets.pulses import reverse
from netlet.datasets.recommended import TRAINING
from netlet.datasets.shapes import CRT_CLASSES, R3_CLASSES
from netlet.errors import DataError, FileError

SPLITS = {"training": "trn", "validation": "val", "test": "tst"}
SHAPE_CLASSES = {"crt": CRT_CLASSES, "r3": R3_CLASSES}
PULSE_STEMS = {
    "pulses": "pulsedata1",
    "pulses-reversed": "pulsedata1",
    "pulses-memory": "pulses-memory",
}
NAMES = ("mnist56", *SHAPE_CLASSES, *PULSE_STEMS)
CLASSES = 3  # columns of a targets file that count; what follows them is the image's name

Pair = tuple[np.ndarray, np.ndarray]


def read(name: str, folder: Path) -> Dataset:
    """Read a dataset from the exercise's files in a folder.

    Raises
    ------
    DataError
        If a file is missing or broken, or its content is not what it must be; the message names the file
        and the row.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder: {name} needs one with {_listed(_entries(name)[:-1])}")
    _require(name, folder)
    source = f"files in {folder}"
    if name == "mnist56":
        return _read_mnist56(folder, source)
    has_test = (folder / _entries(name)[-1][0]).exists()
    train, validation = (read_split(name, folder, SPLITS[split]) for split in ("training", "validation"))
    test = read_split(name, folder, SPLITS["test"]) if has_test else None
    with naming(folder):
        if name in SHAPE_CLASSES:
            classes = SHAPE_CLASSES[name]
            return Dataset(
                name, train, validation, test, "categorical", classes, source=source, training=TRAINING[name]
            )
        dataset = Dataset(name, train, validation, test, "regression", source=source, training=TRAINING[name])
    return reverse(dataset, name, source) if name == "pulses-reversed" else dataset


def read_split(name: str, folder: Path, suffix: str) -> Pair:
    """Inputs and targets of one split, by the end of its files' names: trn, val or tst.

    Not of mnist56, whose splits share a file; of pulses-reversed those of pulses.

    Raises
    ------
    DataError
        As `read`.
    """
    if name in SHAPE_CLASSES:
        return _read_shapes(folder, f"{name}-{suffix}")
    return read_sequences(folder / f"{PULSE_STEMS[name]}-{suffix}.npy")


def found(folder: Path) -> tuple[str, ...]:
    """Names of the datasets of which at least one file lies in a folder."""
    return tuple(
        name
        for name in NAMES
        if any((folder / entry).exists() for entries in _entries(name) for entry in entries)
    )


def write(dataset: Dataset, folder: Path, force: bool = False) -> list[Path]:
    """Write one of the lab's datasets as the exercise's own files.

    All files are written in full before the first of them gets its name, so that none is ever found
    half-written.

    Parameters
    ----------
    dataset : Dataset
        One whose name is among `NAMES`.
    folder : Path
        Made if it does not exist.
    force : bool
        Whether files of this dataset that are there already are replaced.

    Returns
    -------
    list of Path
        The files and folders written.

    Raises
    ------
    FileError
        If files are there already and are not to be replaced, or cannot be written.
    """
    if dataset.name not in NAMES:
        raise FileError(
            f"{dataset.name} has no files of the exercise to be written as: choose one of {', '.join(NAMES)}"
        )
    present = check_absent([dataset.name], folder, force)
    try:
        with _workspace(folder) as (fresh, replaced):
            _write_entries(dataset, fresh)
            written = sorted(entry.name for entry in fresh.iterdir())
            _put_in_place(folder, fresh, replaced, present, written)
    except OSError as error:
        raise FileError(f"{folder}: {dataset.name} cannot be written: {error.strerror or error}") from None
    return [folder / entry for entry in written]


def check_absent(names: Iterable[str], folder: Path, force: bool) -> list[str]:
    """Refuse a folder that has files of some datasets already, unless they may be replaced: those there are.

    Raises
    ------
    FileError
        If there are some, and they are not to be replaced.
    """
    entries = dict.fromkeys(entry for name in names for part in _entries(name) for entry in part)
    present = [entry for entry in entries if (folder / entry).exists()]
    if present and not force:
        raise FileError(
            f"{folder} holds {_listed([present])} already: replace with --force, or choose another folder"
        )
    return present


def _entries(name: str) -> list[list[str]]:
    """Names of files and folders, split by split; what an original always has comes before the last."""
    if name == "mnist56":
        return [["mnist56.npy"], ["mnist56-tst.npy"]]
    if name in SHAPE_CLASSES:
        return [[f"{name}-{split}", f"{name}-{split}_trg.csv"] for split in SPLITS.values()]
    return [[f"{PULSE_STEMS[name]}-{split}.npy"] for split in SPLITS.values()]


def _require(name: str, folder: Path) -> None:
    """Refuse a folder in which something of a dataset is missing."""
    *needed, extra = _entries(name)
    if any((folder / entry).exists() for entry in extra):
        needed = [*needed, extra]
    missing = [[entry for entry in part if not (folder / entry).exists()] for part in needed]
    if any(missing):
        raise DataError(f"{folder}: {_listed(missing)} missing; {name} needs {_listed(needed)}")


def _listed(parts: list[list[str]]) -> str:
    """Names as people list them; folders end with a stroke."""
    names = [entry if "." in entry else f"{entry}/" for part in parts for entry in part]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _read_mnist56(folder: Path, source: str) -> Dataset:
    """Read mnist56.npy, and mnist56-tst.npy if it is there."""
    path, test_path = folder / "mnist56.npy", folder / "mnist56-tst.npy"
    x_train, y_train, x_val, y_val = _digits(path, 4)
    test = _digits(test_path, 2) if test_path.exists() else None
    with naming(path):
        return Dataset(
            "mnist56",
            (x_train, y_train),
            (x_val, y_val),
            (test[0], test[1]) if test else None,
            "binary",
            MNIST56_CLASSES,
            source=source,
            training=TRAINING["mnist56"],
        )


def _digits(path: Path, count: int) -> list[np.ndarray]:
    """Read images and targets in turn; images get a channel if they have none."""
    return [
        array[..., np.newaxis] if place % 2 == 0 and array.ndim == 3 else array
        for place, array in enumerate(read_arrays(path, count))
    ]


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Put a file's name before what is wrong with its content."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{path}: {error}", file=path, split=error.split, row=error.row) from None


def _read_shapes(folder: Path, stem: str) -> Pair:
    """Read img_00001.png, ... of a folder, and their targets."""
    targets = _read_targets(folder / f"{stem}_trg.csv")
    images = folder / stem
    expected = [images / _image_name(row) for row in range(len(targets))]
    present = {path.name for path in images.glob("img_*.png")}
    for path in expected:
        if path.name not in present:
            raise DataError(f"{path} is missing: {stem}_trg.csv has {len(targets)} targets")
    surplus = sorted(present - {path.name for path in expected})
    if surplus:
        raise DataError(
            f"{images} has {len(present)} images, but {stem}_trg.csv has {len(targets)} targets: "
            f"nothing belongs to {surplus[0]}"
        )
    return read_images(expected)[0][..., :1], targets


def _image_name(row: int) -> str:
    """The file name of the image in a row, counted from 0; file names count from 1."""
    return f"img_{row + 1:05}.png"


def _read_targets(path: Path) -> np.ndarray:
    """Read the one-hot targets of a folder of images: (n, 3), float32."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path} cannot be read: it is no text (UTF-8)") from None
    rows = [(number, line.replace(",", " ").split()) for number, line in enumerate(lines, start=1)]
    rows = [(number, words) for number, words in rows if words]
    if not rows:
        raise DataError(f"{path} is empty, but must have a line for each image")
    return np.array(
        [_read_row(path, number, words, row) for row, (number, words) in enumerate(rows)], np.float32
    )


def _read_row(path: Path, number: int, words: list[str], row: int) -> list[float]:
    """One line of a targets file: one-hot numbers, then (it may be left out) the image's name."""
    try:
        target = [float(word) for word in words[:CLASSES]]
    except ValueError as error:
        raise DataError(f"{path}, line {number}: {error}, but there must be {CLASSES} numbers") from None
    if sorted(target) != [0.0] * (CLASSES - 1) + [1.0]:
        raise DataError(
            f"{path}, line {number}: {' '.join(words[:CLASSES])} is not one-hot: it must be one 1, else zeros"
        )
    if len(words) > CLASSES and Path(words[CLASSES]).name != _image_name(row):
        raise DataError(
            f"{path}, line {number} is about {words[CLASSES]}, but image {row + 1} is {_image_name(row)}: "
            "put the lines in the order of the images"
        )
    return target


@contextlib.contextmanager
def _workspace(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Two empty folders on the same disk as `folder`, removed afterwards: for new files and replaced ones."""
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=".netlet-", dir=folder) as workspace:
            fresh, replaced = Path(workspace, "fresh"), Path(workspace, "replaced")
            fresh.mkdir()
            replaced.mkdir()
            yield fresh, replaced
    except BaseException:
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _put_in_place(folder: Path, fresh: Path, replaced: Path, present: list[str], written: list[str]) -> None:
    """Move old files away and new files in; if that fails, everything is as it was."""
    moves = [(folder / entry, replaced / entry) for entry in present]
    moves += [(fresh / entry, folder / entry) for entry in written]
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            source.rename(target)
            done.append((source, target))
    except BaseException:
        for source, target in reversed(done):
            target.rename(source)
        raise


def _write_entries(dataset: Dataset, folder: Path) -> None:
    """Write all files of a dataset into an empty folder."""
    if dataset.name == "mnist56":
        _write_mnist56(dataset, folder)
        return
    if dataset.name == "pulses-reversed":
        dataset = reverse(dataset, "pulses", dataset.source)
    for split_name, suffix in SPLITS.items():
        split = dataset.splits[split_name]
        if split is None:
            continue
        if dataset.name in SHAPE_CLASSES:
            _write_shapes(split, folder, f"{dataset.name}-{suffix}")
        else:
            pair = np.stack([split.x[..., 0], split.y[..., 0]]).astype(np.float64)
            content = io.BytesIO()  # numpy itself does not say why a file could not be written
            np.save(content, pair, allow_pickle=False)
            (folder / f"{PULSE_STEMS[dataset.name]}-{suffix}.npy").write_bytes(content.getvalue())


def _write_mnist56(dataset: Dataset, folder: Path) -> None:
    """Write mnist56.npy, and mnist56-tst.npy if there is a test split."""
    train, validation, test = dataset.train, dataset.validation, dataset.test
    write_arrays(folder / "mnist56.npy", [train.x, train.y, validation.x, validation.y])
    if test is not None:
        write_arrays(folder / "mnist56-tst.npy", [test.x, test.y])


def _write_shapes(split: Split, folder: Path, stem: str) -> None:
    """Write one split as a folder of images and a file of targets."""
    images = folder / stem
    images.mkdir()
    lines = []
    for row, (image, target) in enumerate(zip(split.x, split.y, strict=True)):
        write_png(images / _image_name(row), np.rint(image[..., 0] * 255).astype(np.uint8))
        lines.append(f"{' '.join(f'{value:g}' for value in target)}\t{stem}/{_image_name(row)}\n")
    (folder / f"{stem}_trg.csv").write_text("".join(lines), encoding="utf-8")
