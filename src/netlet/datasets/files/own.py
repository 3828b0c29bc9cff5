"""One's own data: a folder of images for each class, an .npz file of arrays, an .npy file of sequences."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from netlet import data_options
from netlet.archives import Archive, ArchiveError
from netlet.datasets.dataset import Dataset
from netlet.datasets.files import originals
from netlet.datasets.files.drawing import LEAST, counted, dataset_name, drawn, readable
from netlet.datasets.files.folders import read_folder
from netlet.datasets.files.images import shown
from netlet.datasets.files.sequences import read_sequences
from netlet.datasets.plain import plain_array
from netlet.errors import DataError
from netlet.paths import opened

_ELSE = {
    suffix: told
    for suffixes, told in (
        (".xlsx .xls .xlsm .ods .numbers", "save the sheet as CSV"),
        (".zip .tar .tgz .gz .7z .rar", "unpack it, and give what is in it"),
        (".json .jsonl .feather .h5 .hdf5 .mat .pkl .sav", "save it as CSV, or as .npz"),
    )
    for suffix in suffixes.split()
}
"""What to do with files of other kinds."""


def read(
    path: Path,
    seed: int = 0,
    **options: Any,
) -> Dataset:
    """Read one's own images or sequences.

    Parameters
    ----------
    path : Path
        - A folder of images: see `read_folder`.
        - An .npz file with x_train, y_train, x_val, y_val, and perhaps x_test, y_test; of sequences also
          mask_train or lengths_train, and so on; and, if they are not to be inferred, the options that go
          with it (task, class_names, kind, per_step, scale), which are overruled by those given here.
        - An .npy file of shape (2, n, steps) or (2, n, steps, channels), inputs and targets. If its name
          ends in -trn.npy, the files that end in -val.npy (and -tst.npy) are the other splits; else the
          sequences are divided as images are.
    seed : int
        Draws the splits, where they have to be drawn.
    **options
        Of `netlet.data_options.OPTIONS`, checked: those that go with the form of the data.

    Raises
    ------
    DataError
        If something is missing, broken, or does not fit; the message names the file.
    """
    if path.is_dir():
        try:
            return read_folder(path, seed, **options)
        except OSError as error:
            where = shown(error.filename or path)
            raise DataError(f"{where} cannot be read: {error.strerror or error}") from None
    if not path.is_file():
        raise DataError(f"{path} does not exist: give a folder of images, or an .npz or .npy file")
    form = data_options.form_of(path)
    if form == data_options.ARRAYS:
        return _read_npz(path, options)
    if form == data_options.SEQUENCES:
        return _read_npy(path, seed, {"task": "regression", **options})
    told = _ELSE.get(path.suffix.lower(), "give a folder of images, a table (.csv), or an .npz or .npy file")
    raise DataError(f"{path} is of no kind that can be read: {told}", file=path)


def _read_npz(path: Path, options: dict[str, Any]) -> Dataset:
    """Read arrays by their names from an .npz file."""
    try:
        with opened(path) as file, Archive(file) as archive:
            keys = [key for key in _npz_keys() if key in archive]
            missing = [key for key in _npz_keys()[:4] if key not in keys]
            if ("x_test" in keys) != ("y_test" in keys):
                missing += [key for key in ("x_test", "y_test") if key not in keys]
            if missing:
                held = ", ".join(archive.names[:20]) or "nothing"
                raise DataError(
                    f"{path} lacks {' and '.join(missing)}; it has {held}: add them with numpy.savez"
                )
            steps = (f"{role}_{split}" for role in ("mask", "lengths") for split in _NPZ_SPLITS)
            known = (*keys, *steps, *data_options.options_of(data_options.ARRAYS))
            arrays = {name: archive.array(name) for name in known if name in archive}
            unused = [name for name in archive.names if name not in arrays]
    except ArchiveError as error:
        raise DataError(f"{path} cannot be read as arrays of numbers: it {error}", file=path) from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}", file=path) from None
    x_train, y_train, x_val, y_val, *test = (arrays[key] for key in keys)
    masks = [_npz_mask(path, arrays, split) for split in _NPZ_SPLITS]
    options_in_it = {
        name: plain_array(name, arrays[name]).tolist() for name in data_options.OPTIONS if name in arrays
    }
    said = data_options.checked(path, data_options.ARRAYS, options_in_it)
    notes = [
        f"{name} is {options[name]}, as was said, and not {value}, as the file says"
        for name, value in said.items()
        if name in options and options[name] != value
    ]
    if unused:
        notes.append(f"{counted(len(unused), 'array')} not used: {', '.join(unused[:12])}")
    with originals.naming(path):
        return Dataset(
            dataset_name(path.stem),
            (x_train, y_train, masks[0]),
            (x_val, y_val, masks[1]),
            (test[0], test[1], masks[2]) if test else None,
            source=readable(f"arrays in {path}"),
            notes=notes,
            **(said | options),
        )


_NPZ_SPLITS = ("train", "val", "test")


def _npz_keys() -> tuple[str, ...]:
    """Names of the arrays of an .npz file, in order."""
    return tuple(f"{role}_{split}" for split in _NPZ_SPLITS for role in ("x", "y"))


def _npz_mask(path: Path, arrays: Mapping[str, np.ndarray], split: str) -> np.ndarray | None:
    """The mask of sequences in a split, or what their lengths say; None if there is neither."""
    mask, lengths = f"mask_{split}", f"lengths_{split}"
    if f"x_{split}" not in arrays:
        if alone := [name for name in (mask, lengths) if name in arrays]:
            raise DataError(f"{path} has {alone[0]}, but no x_{split} that it could be about: leave it out")
        return None
    if lengths not in arrays:
        return arrays.get(mask)
    if mask in arrays:
        raise DataError(f"{path} has both {mask} and {lengths}: give one of them")
    x, given = arrays[f"x_{split}"], arrays[lengths]
    steps = x.shape[1] if x.ndim > 1 else 0
    if given.shape != x.shape[:1] or given.dtype.kind not in "iu" or not _within(given, 1, steps):
        raise DataError(
            f"{path}: {lengths} must be a whole number from 1 to {steps} for each of {len(x)} sequences"
        )
    return np.arange(steps) < given[:, np.newaxis]


def _within(values: np.ndarray, least: int, most: int) -> bool:
    return bool(((values >= least) & (values <= most)).all())


def _read_npy(path: Path, seed: int, options: dict[str, Any]) -> Dataset:
    """Read sequences, with their splits in files of their own or drawn."""
    source = readable(f"sequences in {path}")
    if path.stem.endswith("-trn"):
        name = path.stem.removesuffix("-trn")
        validation, test = (path.with_name(f"{name}-{split}.npy") for split in ("val", "tst"))
        if not validation.exists():
            raise DataError(f"{validation} is missing: {path.name} has the training sequences only")
        pairs = read_sequences(path), read_sequences(validation), test.exists() and read_sequences(test)
        with originals.naming(path):
            return Dataset(dataset_name(name), pairs[0], pairs[1], pairs[2] or None, source=source, **options)
    x, y = read_sequences(path)
    if len(x) < LEAST:
        raise DataError(
            f"{path} has {counted(len(x), 'sequence')}, but {LEAST} are needed, one for each split"
        )
    train, validation, test = ((x[rows], y[rows]) for rows in drawn(np.zeros(len(x), dtype=int), seed))
    with originals.naming(path):
        return Dataset(dataset_name(path.stem), train, validation, test, seed=seed, source=source, **options)
