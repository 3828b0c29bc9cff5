"""One's own data: a folder of images for each class, an .npz file of arrays, an .npy file of sequences."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from netlet.datasets.dataset import Dataset
from netlet.datasets.files import originals
from netlet.datasets.files.images import IMAGE_SUFFIXES, read_images
from netlet.datasets.files.sequences import read_sequences
from netlet.errors import DataError

SPLIT_FOLDERS = {
    "training": ("train", "training", "trn"),
    "validation": ("validation", "val", "valid", "dev"),
    "test": ("test", "testing", "tst"),
}
HELD_OUT = 0.2  # of each class for validation, and as much for test, where nothing else is said
MOST_BYTES = 4_000_000_000  # of an archive, unpacked
LEAST = 3  # images of a class, or sequences, so that every split gets one

Pair = tuple[np.ndarray, np.ndarray]


def read(path: Path, seed: int = 0) -> Dataset:
    """Read one's own images or sequences.

    Parameters
    ----------
    path : Path
        - A folder with a sub-folder of images for each class (and folders in these). A fifth of each class,
          drawn by `seed`, is for validation, another fifth for test. If there are folders
          called train, validation (and test), in any case, which hold the folders of classes, these are the
          splits; with train and test alone, a fifth of train is for validation.
        - An .npz file with x_train, y_train, x_val, y_val, and perhaps x_test, y_test; of sequences also
          mask_train or lengths_train, and so on; and, if they are not to be inferred, task, class_names,
          kind, per_step and scale: see `Dataset` for all of them.
        - An .npy file of shape (2, n, steps) or (2, n, steps, channels), inputs and targets. If its name
          ends in -trn.npy, the files that end in -val.npy (and -tst.npy) are the other splits; else the
          sequences are divided as images are.
    seed : int
        Draws the splits, where they have to be drawn.

    Raises
    ------
    DataError
        If something is missing, broken, or does not fit; the message names the file.
    """
    if path.is_dir():
        try:
            return _read_folder(path, seed)
        except OSError as error:
            raise DataError(f"{error.filename or path} cannot be read: {error.strerror or error}") from None
    if not path.is_file():
        raise DataError(f"{path} does not exist: give a folder of images, or an .npz or .npy file")
    if path.suffix == ".npz":
        return _read_npz(path)
    if path.suffix == ".npy":
        return _read_npy(path, seed)
    raise DataError(
        f"{path} is of no kind that can be read: give a folder of images, or an .npz or .npy file"
    )


def _read_folder(path: Path, seed: int) -> Dataset:
    """Read a folder of images for each class."""
    exercise = originals.found(path)
    if exercise:
        raise DataError(
            f"{path} holds the exercise's files for {', '.join(exercise)}: name the dataset, and give this "
            "folder as its data_dir (--data)"
        )
    splits = _split_folders(path)
    if splits:
        return _read_split_folders(path, splits, seed if "validation" not in splits else None)
    classes = [folder.name for folder in _folders(path)]
    _check_classes(path, classes)
    files = {name: _images(path / name) for name in classes}
    for name in classes:
        if len(files[name]) < LEAST:
            count = _count(len(files[name]), "image")
            raise DataError(f"{path / name} has {count}, but {LEAST} are needed, one for each split")
    x, labels = _load(path, files, classes)
    parts = _drawn(labels, seed)
    train, validation, test = ((x[rows], labels[rows]) for rows in parts)
    return Dataset(
        _name(path.resolve().name),
        train,
        validation,
        test,
        _task(classes),
        list(map(_readable, classes)),
        seed,
        _readable(f"images in {path}"),
        notes=_left_out(path, [file for each in files.values() for file in each]),
    )


def _split_folders(path: Path) -> dict[str, Path]:
    """Sub-folders that are splits, if the one for training holds folders of classes."""
    present = {
        split: [folder for folder in _folders(path) if folder.name.casefold() in names]
        for split, names in SPLIT_FOLDERS.items()
    }
    count = sum(map(len, present.values()))
    if not any(map(_folders, present["training"])):
        if count > 1 and count == len(_folders(path)):
            raise DataError(
                f"{path} has only folders of splits, and no folders of classes in them: put the images of "
                "each class in a folder of its own, such as train/cat"
            )
        return {}
    for split, folders in present.items():
        if len(folders) > 1:
            names = " and ".join(f"{folder.name}/" for folder in folders)
            raise DataError(f"{path} has {names}, which are both for {split}: leave one of them")
    return {split: folders[0] for split, folders in present.items() if folders}


def _read_split_folders(path: Path, splits: dict[str, Path], seed: int | None) -> Dataset:
    """Read images whose splits are folders, each with the folders of classes in it."""
    if "validation" not in splits and "test" not in splits:
        raise DataError(
            f"{path} has {splits['training'].name}/ but no validation/: add it, or leave both out"
        )
    classes = [folder.name for folder in _folders(splits["training"])]
    _check_classes(splits["training"], classes)
    pairs: dict[str, Pair] = {}
    read_files: list[list[Path]] = []
    for split, folder in splits.items():
        unknown = {found.name for found in _folders(folder)} - set(classes)
        if unknown:
            raise DataError(f"{folder / min(unknown)} is a class that {splits['training']} does not have")
        files = {name: _images(folder / name) for name in classes if (folder / name).is_dir()}
        if not files:
            raise DataError(f"{folder} has no images: it needs a folder for each of {', '.join(classes)}")
        pairs[split] = _load(folder, files, classes)
        read_files += files.values()
    channels = max(x.shape[-1] for x, _ in pairs.values())
    ready = {split: (_with_channels(x, channels), labels) for split, (x, labels) in pairs.items()}
    return Dataset(
        _name(path.resolve().name),
        ready["training"],
        ready.get("validation"),
        ready.get("test"),
        _task(classes),
        list(map(_readable, classes)),
        seed,
        source=_readable(f"images in {path}"),
        notes=_left_out(path, [file for each in read_files for file in each]),
    )


def _with_channels(x: np.ndarray, channels: int) -> np.ndarray:
    """Grey images with as many (equal) channels as coloured ones."""
    return np.repeat(x, channels, axis=-1) if x.shape[-1] < channels else x


def _folders(path: Path) -> list[Path]:
    """Sub-folders in order of their names, hidden ones left out."""
    return sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))


def _check_classes(path: Path, classes: list[str]) -> None:
    """Refuse a folder that does not have two classes at least."""
    if len(classes) < 2:
        raise DataError(
            f"{path} has {_count(len(classes), 'sub-folder')}, but needs one for each class, two at least, "
            "with the images in it"
        )


def _images(folder: Path) -> list[Path]:
    """The image files of a class, also in folders below, in order of their names."""
    files = sorted(
        entry
        for entry in folder.rglob("*")
        if entry.suffix.lower() in IMAGE_SUFFIXES and not _is_hidden(entry, folder) and not entry.is_dir()
    )
    if not files:
        raise DataError(f"{folder} has no images ({', '.join(IMAGE_SUFFIXES)})")
    return files


def _is_hidden(entry: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in entry.relative_to(folder).parts)


def _left_out(path: Path, used: list[Path]) -> list[str]:
    """A note on the files in a folder that are no images of a class, if there are any."""
    known = set(used)
    others = sorted(
        entry
        for entry in path.rglob("*")
        if entry not in known and not entry.is_dir() and not _is_hidden(entry, path)
    )
    if not others:
        return []
    told = ", ".join(ascii(str(entry.relative_to(path)))[1:-1][-60:] for entry in others[:3])
    more = ", ..." if len(others) > 3 else ""
    return [f"{_count(len(others), 'file')} left out, being no images in a folder of a class: {told}{more}"]


def _load(path: Path, files: dict[str, list[Path]], classes: list[str]) -> Pair:
    """Read the images of all classes: one channel if all are grey, else three; and a label for each."""
    x = read_images([file for name in files for file in files[name]])
    labels = np.concatenate([np.full(len(files[name]), classes.index(name)) for name in files])
    grey = (x == x[..., :1]).all()
    return (x[..., :1] if grey else x), labels


def _count(number: int, thing: str) -> str:
    """How many of a thing there are, in words."""
    return f"{number} {thing}" + ("s" if number != 1 else "")


def _name(name: str) -> str:
    """What a file or folder's dataset is called: never as one of the lab's, whose settings it would get."""
    return f"own-{name}" if name in originals.NAMES else _readable(name)


def _readable(name: str) -> str:
    """The name of a file as text: what belongs to no alphabet is replaced."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _task(classes: list[str]) -> str:
    """Two classes are binary, more categorical."""
    return "binary" if len(classes) == 2 else "categorical"


def _drawn(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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


def _read_npz(path: Path) -> Dataset:
    """Read arrays by their names from an .npz file."""
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise DataError(f"{path} is no .npz file, or is cut off: write it with numpy.savez")
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MOST_BYTES:
            raise DataError(
                f"{path} unpacks to {size:,} bytes, but at most {MOST_BYTES:,} are read", file=path
            )
        with np.load(path, allow_pickle=False) as arrays:
            keys = [key for key in _npz_keys() if key in arrays.files]
            missing = [key for key in _npz_keys()[:4] if key not in keys]
            if ("x_test" in keys) != ("y_test" in keys):
                missing += [key for key in ("x_test", "y_test") if key not in keys]
            if missing:
                raise DataError(
                    f"{path} lacks {' and '.join(missing)}; it has {', '.join(arrays.files) or 'nothing'}: "
                    "add them with numpy.savez"
                )
            x_train, y_train, x_val, y_val, *test = (arrays[key] for key in keys)
            masks = [_npz_mask(path, arrays, split) for split in _NPZ_SPLITS]
            task = str(arrays["task"]) if "task" in arrays else None
            class_names = arrays["class_names"].tolist() if "class_names" in arrays else None
            kind = str(arrays["kind"]) if "kind" in arrays else None
            scale = str(arrays["scale"]) if "scale" in arrays else None
            per_step = bool(arrays["per_step"]) if "per_step" in arrays else None
    except PermissionError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    except DataError:
        raise
    except Exception as error:  # a malformed header can make its reader raise nearly anything
        reason = ascii(str(error)[:200])[1:-1] or type(error).__name__
        raise DataError(f"{path} cannot be read as arrays of numbers ({reason})") from None
    with originals.naming(path):
        return Dataset(
            _name(path.stem),
            (x_train, y_train, masks[0]),
            (x_val, y_val, masks[1]),
            (test[0], test[1], masks[2]) if test else None,
            task,
            class_names,
            source=_readable(f"arrays in {path}"),
            kind=kind,
            scale=scale,
            per_step=per_step,
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


def _read_npy(path: Path, seed: int) -> Dataset:
    """Read sequences, with their splits in files of their own or drawn."""
    source = _readable(f"sequences in {path}")
    if path.stem.endswith("-trn"):
        name = path.stem.removesuffix("-trn")
        validation, test = (path.with_name(f"{name}-{split}.npy") for split in ("val", "tst"))
        if not validation.exists():
            raise DataError(f"{validation} is missing: {path.name} has the training sequences only")
        pairs = read_sequences(path), read_sequences(validation), test.exists() and read_sequences(test)
        with originals.naming(path):
            return Dataset(_name(name), pairs[0], pairs[1], pairs[2] or None, "regression", source=source)
    x, y = read_sequences(path)
    if len(x) < LEAST:
        raise DataError(
            f"{path} has {_count(len(x), 'sequence')}, but {LEAST} are needed, one for each split"
        )
    train, validation, test = ((x[rows], y[rows]) for rows in _drawn(np.zeros(len(x), dtype=int), seed))
    with originals.naming(path):
        return Dataset(_name(path.stem), train, validation, test, "regression", seed=seed, source=source)
