"""Folders of images as people have them: classes and splits by folders, or labels in a table."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets.dataset import Dataset
from netlet.datasets.files import originals
from netlet.datasets.files.drawing import LEAST, counted, dataset_name, drawn, readable
from netlet.datasets.files.images import IMAGE_SUFFIXES, Ways, read_images, shown
from netlet.datasets.files.labelled import Labels, read_labels
from netlet.datasets.files.scanning import Found, Parts, left_out, names, scan
from netlet.datasets.targets import odd_names
from netlet.errors import DataError

SPLIT_FOLDERS = {
    "training": ("train", "training", "trn", "trainning"),
    "validation": ("validation", "val", "valid", "validate", "validating", "dev", "eval", "evaluation"),
    "test": ("test", "testing", "tst", "tests", "holdout", "heldout"),
}
_BETWEEN = re.compile(r"[^a-z]+")  # parts of a folder's name


def read_folder(
    path: Path,
    seed: int = 0,
    *,
    target: str | None = None,
    size: tuple[int, int] | None = None,
    fit: str | None = None,
    color: bool | None = None,
    background: str | None = None,
    **details: Any,
) -> Dataset:
    """Read a folder of images.

    Parameters
    ----------
    path : Path
        With a sub-folder of images for each class (and folders in these). A fifth of each class, drawn by
        `seed`, is for validation, another fifth for test. Folders called train, validation and test (or
        training, trn, val, valid, dev, eval, testing, tst, holdout; in any case; with _set, -data, ... behind
        it; or, if all folders are called so, with more around it, as 01_train), in which
        the folders of classes are, or which are in these, are the splits; with train and test alone, a
        fifth of train is for validation. Instead of folders of classes there may be a table (.csv, .tsv)
        of file names and labels, in the folder or in that of each split.
    seed : int
        Draws the splits, where they have to be drawn.
    target : str, optional
        The column of labels in the table of file names.
    size : (height, width), optional
        What images are brought to; by default they must be of one size.
    fit : {"pad", "crop", "stretch"}
        How, where the shape differs: as a whole with a margin (the default), the middle alone, or distorted.
    color : bool, optional
        Whether images have three channels or one; by default one if all are grey.
    background : {"white", "black", "grey"}, optional
        On what transparent pictures are laid; by default the first on which the fewest of them vanish.
    **details
        Of `Dataset`: task, kind and scale.

    Returns
    -------
    Dataset
        With pixels in 0..1, float32, exactly what the file has over 255, or 65535 if one has 16 bits; classes
        in order of their names.

    Raises
    ------
    DataError
        If a file is broken, or the folder does not say what the classes are; the message names it.
    OSError
        If a folder may not be read.
    """
    exercise = originals.found(path)
    if exercise:
        raise DataError(
            f"{path} holds the exercise's files for {', '.join(exercise)}: name the dataset, and give this "
            "folder as its data_dir (--data)"
        )
    found = scan(path)
    splits = split_folders(found)
    notes: list[str] = []
    tables: list[Parts] = []
    labels = read_labels(found, [(), *((each,) for each in splits.values())], notes, target)
    if labels is None and target is not None:
        raise DataError(
            f"{path} has no table of file names and labels with a column {target}", setting="target"
        )
    if labels is not None:
        files, y, classes, tables = labels.files, labels.y, None, labels.tables
        parts = _parts_by_name(found, labels, splits, seed, notes)
        why = "named in no table of labels"
    else:
        files, y, classes, split_of = _by_folders(found, splits)
        notes += odd_names(classes)
        if not splits and (inner := _inside_of_all(found, classes)):
            notes.append(
                f"the classes are {shown(', '.join(classes))[:100]}; the folders in them, {inner}, are not "
                "told apart: if those are the classes, call the outer ones train, validation and test"
            )
        parts = _parts(path, y, classes, split_of, seed)
        why = "in no folder of a class" + (" of a split" if splits else "")
    notes += left_out(found, files, tables, why)
    chosen = Ways(size, fit or "pad", color, background)
    pixels, chosen = read_images(
        [os.path.join(path, *each) for each in files],  # noqa: PTH118 (of thousands)
        chosen,
        notes,
    )
    divisor = 65535 if pixels.dtype == np.uint16 else 255
    of_classes = None if classes is None else "binary" if len(classes) == 2 else "categorical"
    given = {split: (_divided(pixels, rows, divisor), y[rows]) for split, rows in parts.items()}
    del pixels
    dataset = Dataset(
        dataset_name(path.resolve().name),
        given.pop("training"),
        given.get("validation"),
        given.get("test"),
        class_names=None if classes is None else [readable(each) for each in classes],
        seed=seed if not splits or "validation" not in parts else None,
        source=readable(f"images in {path}"),
        notes=notes,
        **{"task": of_classes, "kind": "image", **details},
    )
    if chosen.background is not None:
        dataset.reading = {"background": chosen.background}
    dataset.integer_scale = float(divisor)  # they are divided already, for the memory's sake
    return dataset


def _divided(pixels: np.ndarray, rows: np.ndarray, divisor: int) -> np.ndarray:
    """Some of the images in 0..1, which nobody can change, so that no copy has to be made of them."""
    x = np.empty((len(rows), *pixels.shape[1:]), np.float32)
    for first in range(0, len(rows), 256):
        some = slice(first, first + 256)
        np.divide(pixels[rows[some]], np.float32(divisor), out=x[some])
    x.setflags(write=False)
    return x


# --- splits -----------------------------------------------------------------------------------------------


def split_of(name: str) -> str | None:
    """The split a folder is called after, if it is."""
    plain = name.casefold().strip()
    for ending in ("set", "data", "images", "imgs", "split"):
        plain = plain.removesuffix(ending).rstrip("-_ .") if plain != ending else plain
    return next((split for split, known in SPLIT_FOLDERS.items() if plain in known), None)


def split_folders(found: Found, *parts: str) -> dict[str, str]:
    """Names of the folders that are splits, where there are two at least, or one with classes in it.

    Raises
    ------
    DataError
        If two are for the same split, or none is for training.
    """
    folders: dict[str, list[str]] = {}
    for name in found.below(*parts):
        if split := split_of(name):
            folders.setdefault(split, []).append(name)
    folders = folders or _loosely_named(found.below(*parts))
    where = shown(found.path.joinpath(*parts))
    training = folders.get("training", [])
    are_classes = len(folders) < 2 and all(len(several) < 2 for several in folders.values())
    if are_classes and not any(found.below(*parts, each) for each in training):
        return {}
    for split, several in folders.items():
        if len(several) > 1:
            told = " and ".join(f"{shown(each)}/" for each in several)
            raise DataError(f"{where} has {told}, which are both for {split}: leave one of them")
    if not training:
        told = " and ".join(f"{shown(each[0])}/" for each in folders.values())
        raise DataError(f"{where} has {told}, but no train/: add it")
    return {split: folders[split][0] for split in SPLIT_FOLDERS if split in folders}


def _loosely_named(names: list[str]) -> dict[str, list[str]]:
    """Folders whose names all have a split among their parts, as 01_train and 02_val, each another one."""
    folders: dict[str, list[str]] = {}
    for name in names:
        splits = {split for part in _BETWEEN.split(name.casefold()) if (split := split_of(part))}
        if len(splits) != 1:
            return {}
        folders.setdefault(splits.pop(), []).append(name)
    are_splits = len(folders) > 1 and "training" in folders
    return folders if are_splits and all(len(several) == 1 for several in folders.values()) else {}


Group = tuple[Parts, int, str | None]
Read = tuple[list[Parts], np.ndarray, list[str], "np.ndarray | None"]


def _by_folders(found: Found, splits: dict[str, str]) -> Read:
    """Images of the folders of classes, in order: files, labels, names of classes, and splits by name."""
    path = found.path
    if not splits:
        classes = found.below()
        _check_classes(path, classes, found)
        within = _splits_in_classes(found, classes)
        if within is not None:
            return within
        groups: list[Group] = [((name,), place, None) for place, name in enumerate(classes)]
    else:
        training = splits["training"]
        classes = found.below(training)
        if not classes:
            raise DataError(
                f"{shown(path)} has only folders of splits, and no folders of classes in them: put the "
                "images of each class in a folder of its own, as train/cat, or write a labels.csv"
            )
        if len(splits) == 1:
            raise DataError(
                f"{shown(path)} has {shown(training)}/ but no validation/: add it, or leave both out"
            )
        _check_classes(path / training, classes, found)
        groups = []
        for split, folder in splits.items():
            present = found.below(folder)
            known = _as_called(present, classes)
            if unknown := [name for name in present if name not in known]:
                told = shown(path / folder / unknown[0])
                raise DataError(f"{told} is a class that {shown(path / training)} does not have")
            if not present:
                raise DataError(
                    f"{shown(path / folder)} has no images: it needs a folder for each of "
                    f"{shown(', '.join(classes))}"
                )
            groups += [((folder, name), known[name], split) for name in present]
    return _collected(found, groups, classes)


def _as_called(names: list[str], classes: list[str]) -> dict[str, int]:
    """Places of the classes that folders are called after, whatever their case if that is clear."""
    exact = {name: place for place, name in enumerate(classes)}
    folded = {name.casefold(): place for place, name in enumerate(classes)}
    is_clear = len(folded) == len(classes) and len({name.casefold() for name in names}) == len(names)
    found = {name: exact.get(name, folded.get(name.casefold()) if is_clear else None) for name in names}
    return {name: place for name, place in found.items() if place is not None}


def _inside_of_all(found: Found, classes: list[str]) -> str:
    """The folders that every class has in it, several and the same; empty if there are no such."""
    inner = {tuple(found.below(name)) for name in classes}
    same = next(iter(inner)) if len(inner) == 1 else ()
    return shown(", ".join(same))[:100] if len(same) > 1 and not any(map(split_of, same)) else ""


def _splits_in_classes(found: Found, classes: list[str]) -> Read | None:
    """The same where each class has its own folders of splits in it."""
    inner = {name: [each for each in found.below(name) if split_of(each)] for name in classes}
    if not all(len({split_of(each) for each in folders}) > 1 for folders in inner.values()):
        return None
    groups: list[Group] = []
    for place, name in enumerate(classes):
        groups += [((name, folder), place, split) for split, folder in split_folders(found, name).items()]
    return _collected(found, groups, classes)


def _collected(found: Found, groups: list[Group], classes: list[str]) -> Read:
    """The images of groups of (folder, class, split)."""
    by_folder: dict[Parts, list[Parts]] = {folder: [] for folder, _, _ in groups}
    depths = {len(folder) for folder in by_folder}
    for image in found.images:
        for depth in depths:
            if len(image) > depth and image[:depth] in by_folder:
                by_folder[image[:depth]].append(image)
    files: list[Parts] = []
    labels, splits = [], []
    for folder, place, split in groups:
        images = by_folder[folder]
        if not images:
            raise DataError(
                f"{shown(found.path.joinpath(*folder))} has no images ({', '.join(IMAGE_SUFFIXES)})"
            )
        files += images
        labels += [place] * len(images)
        splits += [split] * len(images)
    return files, np.array(labels), classes, np.array(splits) if groups[0][2] else None


def _check_classes(path: Path, classes: list[str], found: Found) -> None:
    """Refuse a folder that does not have two classes at least."""
    if len(classes) > 1:
        return
    inner = found.below(*classes) if path == found.path and classes else []
    hint = f"; is it {shown(path / classes[0])} you mean?" if len(inner) > 1 else ""
    raise DataError(
        f"{shown(path)} has {counted(len(classes), 'sub-folder')}, but needs one for each class, two at "
        f"least, with the images in it, or labels.csv with file names and labels{hint}"
    )


def _parts(
    path: Path, y: np.ndarray, classes: list[str], splits: np.ndarray | None, seed: int
) -> dict[str, np.ndarray]:
    """Rows of each split, as folders say or drawn."""
    if splits is not None:
        return {split: np.flatnonzero(splits == split) for split in SPLIT_FOLDERS if (splits == split).any()}
    for place, name in enumerate(classes):
        count = int((y == place).sum())
        if count < LEAST:
            raise DataError(
                f"{shown(path / name)} has {counted(count, 'image')}, but {LEAST} are needed, "
                "one for each split"
            )
    return dict(zip(SPLIT_FOLDERS, drawn(y, seed), strict=True))


def _parts_by_name(
    found: Found, labels: Labels, splits: dict[str, str], seed: int, notes: list[str]
) -> dict[str, np.ndarray]:
    """Rows of each split of images that a table names: by a column, by folders, or drawn."""
    by_folder = {folder: split for split, folder in splits.items()}
    if labels.splits is not None:
        said = [split_of(each) for each in labels.splits]
        if None in said:
            unknown = labels.splits[said.index(None)]
            raise DataError(
                f"{labels.told}: {shown(unknown)[:40]!r} is no split: say train, validation or test"
            )
    elif splits:
        said = [by_folder.get(each[0]) for each in labels.files]
        if None in said:
            raise DataError(
                f"{labels.told} names {names([labels.files[said.index(None)]])}, which is in none of "
                f"{shown(', '.join(by_folder))}: move it there"
            )
    else:
        is_number = labels.y.dtype.kind == "f"
        values, counts = np.unique(labels.y, return_counts=True)
        if is_number or len(values) > len(labels.y) / LEAST:
            values, counts = np.array([0]), np.array([len(labels.y)])
        if counts.min() < LEAST:
            raise DataError(
                f"{labels.told} has {counted(int(counts.min()), 'image')} labelled "
                f"{shown(str(values[counts.argmin()]))[:40]}, but {LEAST} are needed, one for each split"
            )
        classes = labels.y if len(values) > 1 else np.zeros(len(labels.y), int)
        notes.append(f"splits were drawn: a fifth for validation, a fifth for test, seed {seed}")
        return dict(zip(SPLIT_FOLDERS, drawn(classes, seed), strict=True))
    chosen = np.array(said)
    if not (chosen == "training").any():
        raise DataError(f"{labels.told} has no image for training: add some")
    return {split: np.flatnonzero(chosen == split) for split in SPLIT_FOLDERS if (chosen == split).any()}
