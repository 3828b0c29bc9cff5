"""What is in a folder of images, each file looked at once and none opened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from netlet.datasets.files.drawing import counted
from netlet.datasets.files.images import IMAGE_SUFFIXES, shown

TABLE_SUFFIXES = (".csv", ".tsv")
_LITTER = {
    *("__macosx", "@eadir", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "$recycle.bin"),
    *("system volume information", "lost+found", "__pycache__"),
}  # of systems, like what begins with a dot; in whatever case

Parts = tuple[str, ...]
"""Where a file is in the folder: the names of the folders to it, and its own."""


@dataclass
class Found:
    """What is in a folder; everything in order of its name, hidden files left out.

    Attributes
    ----------
    path : Path
        The folder.
    images, tables, others : list of tuple of str
        Ordinary files by their suffix.
    special : list of tuple of str
        What is no ordinary file, or a link to nowhere.
    folders : list of tuple of str
        Of every depth.
    """

    path: Path
    images: list[Parts] = field(default_factory=list)
    tables: list[Parts] = field(default_factory=list)
    others: list[Parts] = field(default_factory=list)
    special: list[Parts] = field(default_factory=list)
    folders: list[Parts] = field(default_factory=list)

    def below(self, *parts: str) -> list[str]:
        """Names of the folders that are in one of the folders themselves."""
        depth = len(parts)
        return [each[-1] for each in self.folders if len(each) == depth + 1 and each[:depth] == parts]


def scan(path: Path) -> Found:
    """Look through a folder, and those below and linked.

    Raises
    ------
    OSError
        If one of them may not be read.
    """
    found, seen = Found(path), set()
    waiting: list[tuple[Path, Parts]] = [(path, ())]
    while waiting:
        folder, parts = waiting.pop()
        place = folder.stat()
        if (place.st_dev, place.st_ino) in seen:  # a link to what is read already
            found.special.append(parts)
            continue
        seen.add((place.st_dev, place.st_ino))
        if parts:
            found.folders.append(parts)
        with os.scandir(folder) as entries:  # which know what is a file without another look
            inside = list(entries)
        for entry in inside:
            its = (*parts, entry.name)
            suffix = f".{entry.name.rpartition('.')[2]}".lower()
            if entry.name.startswith(".") or entry.name.casefold() in _LITTER:
                continue
            try:
                is_file, is_folder = entry.is_file(), entry.is_dir()
            except OSError:  # a link to itself
                is_file = is_folder = False
            if is_file:
                is_image, is_table = suffix in IMAGE_SUFFIXES, suffix in TABLE_SUFFIXES
                kind = found.images if is_image else found.tables if is_table else found.others
                kind.append(its)
            elif is_folder:
                waiting.insert(0 if entry.is_symlink() else len(waiting), (folder / entry.name, its))
            else:
                found.special.append(its)
    for each in (found.images, found.tables, found.others, found.special, found.folders):
        each.sort()
    return found


def left_out(found: Found, used: Iterable[Parts], tables: Sequence[Parts], why: str) -> list[str]:
    """A note on files that are not used, if there are any: how many, and by the reason the names of three."""
    known = {*used, *tables}
    reasons = (
        (why, found.images),
        ("of no kind that is read", [*found.tables, *found.others]),
        ("no ordinary file or folder", found.special),
    )
    unused = [(reason, [each for each in files if each not in known]) for reason, files in reasons]
    total = sum(len(files) for _, files in unused)
    told = "; ".join(f"{len(files):,} {reason} ({names(files)})" for reason, files in unused if files)
    return [f"{counted(total, 'file')} left out: {told}"] if total else []


def names(files: Sequence[Parts]) -> str:
    """At most three of the files, each in a few printable characters."""
    told = ", ".join(shown("/".join(each)[-60:]) for each in files[:3])
    return told + (", ..." if len(files) > 3 else "")
