"""Which files of the archive belong together: NAME_TRAIN and NAME_TEST, whichever of them is given."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from netlet.datasets.files.archive.ucr import is_ucr
from netlet.errors import DataError

OWN_SUFFIXES = (".ts", ".arff")
"""Of the archive alone."""
SUFFIXES = (*OWN_SUFFIXES, ".tsv", ".txt")
"""Of the archive, if the name says which part it is; the first that is there is read."""
_PART = re.compile(r"(.+?)[_-](train|test)", re.I)


@dataclass(frozen=True)
class Pair:
    """Files of one dataset; without a test file its parts are drawn from the one there is."""

    name: str
    train: Path
    test: Path | None
    notes: tuple[str, ...] = ()

    @property
    def is_named(self) -> bool:
        """Whether its files are called as the archive's, NAME_TRAIN and NAME_TEST."""
        return self.train.stem != self.name

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files."""
        return (self.train,) if self.test is None else (self.train, self.test)


def find_pair(path: Path) -> Pair | None:
    """The files that a path means; None if it is none of the archive's.

    Parameters
    ----------
    path
        Either file of a pair, the folder that holds it, the name that both have in common (with or without
        the suffix), or a single file.

    Raises
    ------
    DataError
        If a folder holds several, or the training file is missing.
    """
    found = _in_folder(path) if path.is_dir() else _of_file(path)
    is_told = found is None or found.train.suffix.lower() in OWN_SUFFIXES
    return found if is_told or (found is not None and is_ucr(found.train)) else None


def _of_file(path: Path) -> Pair | None:
    suffix = path.suffix.lower() if path.suffix.lower() in SUFFIXES else ""
    stem = path.name[: len(path.name) - len(suffix)]
    if path.is_file():
        match = _PART.fullmatch(stem)
        if suffix and match is not None:
            return _pair(path.parent, match.group(1), path.suffix)
        return Pair(stem, path, None) if suffix in OWN_SUFFIXES else None
    if path.exists():
        return None
    for each in [path.suffix] if suffix else SUFFIXES:
        if _parts(path.parent, stem, each):
            return _pair(path.parent, stem, each)
    return None


def _in_folder(folder: Path) -> Pair | None:
    """The one pair in a folder, or the one that is called as the folder."""
    names: dict[str, str] = {}
    files = _files(folder)
    for suffix in SUFFIXES:
        for each in files:
            match = _PART.fullmatch(each.stem)
            if each.suffix.lower() == suffix and match is not None:
                names.setdefault(match.group(1), each.suffix)
    own = next((name for name in names if name.lower() == folder.resolve().name.lower()), None)
    if own is None and len(names) > 1:
        told = ", ".join(sorted(names)[:6])
        raise DataError(
            f"{folder} holds several datasets ({told}): give one of them, such as {folder / min(names)}",
            file=folder,
        )
    chosen = own or next(iter(names), None)
    return None if chosen is None else _pair(folder, chosen, names[chosen])


def _files(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:  # of thousands, if these are images
            found = [each for each in entries if each.name.lower().endswith(SUFFIXES)]
        return sorted(Path(each) for each in found if each.is_file())
    except OSError:
        return []


def _parts(folder: Path, name: str, suffix: str) -> dict[str, Path]:
    """Files of a dataset by part, "train" and "test"."""
    found = {}
    for each in _files(folder) if folder.is_dir() else []:
        match = _PART.fullmatch(each.stem)
        if each.suffix.lower() == suffix.lower() and match is not None and match.group(1) == name:
            found[match.group(2).lower()] = each
    return found


def _pair(folder: Path, name: str, suffix: str) -> Pair:
    parts = _parts(folder, name, suffix)
    if "train" not in parts:
        raise DataError(
            f"{folder / name}_TRAIN{suffix} is missing: there is only {parts['test'].name}", file=folder
        )
    notes = (
        () if "test" in parts else (f"there is no {name}_TEST{suffix}: the parts are drawn from one file",)
    )
    return Pair(name, parts["train"], parts.get("test"), notes)
