"""Tables of file names and labels beside images."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

import numpy as np

from netlet.datasets.files.drawing import counted
from netlet.datasets.files.images import shown
from netlet.datasets.files.scanning import Found, Parts, names
from netlet.errors import DataError

_LABEL_COLUMNS = ("label", "class", "target", "category", "y", "class_name", "classname", "label_name")
_SPLIT_COLUMNS = ("split", "set", "subset", "partition", "fold", "usage")
_MOST_BYTES = 1 << 28


@dataclass(frozen=True)
class Labels:
    """What tables say of images.

    Attributes
    ----------
    files : list of tuple of str
        Images that are named, in order of their names.
    y : ndarray, (n,)
        Labels: whole numbers, floats, or text.
    splits : list of str or None
        What a column for the split says, if there is one.
    tables : list of tuple of str
        The tables.
    told : str
        Path of the first table, to be printed.
    """

    files: list[Parts]
    y: np.ndarray
    splits: list[str] | None
    tables: list[Parts]
    told: str


def read_labels(
    found: Found, folders: Sequence[Parts], notes: list[str], target: str | None = None
) -> Labels | None:
    """Read the tables that name images, at most one in each of the folders; None if there is none.

    Parameters
    ----------
    target
        The column of labels, if it is said.

    Raises
    ------
    DataError
        If it is not clear which is the column of labels, a file that is named is missing, or a row has no
        label or another one for the same file.
    """
    labels: dict[Parts, tuple[str, str | None]] = {}
    tables: list[Parts] = []
    for folder in folders:
        inside = [each for each in found.tables if each[:-1] == folder]
        if not inside:
            continue
        known = _Known(found, folder)
        read = [(table, rows) for table in inside if (rows := _rows(found, table, known, target)) is not None]
        if len(read) > 1:
            told = names([table for table, _ in read])
            raise DataError(f"{shown(found.path)} has several tables of labels ({told}): leave one of them")
        for table, rows in read:
            tables.append(table)
            _take(shown(found.path.joinpath(*table)), rows, known, labels, notes)
    if not labels:
        return None
    files = sorted(labels)
    told = shown(found.path.joinpath(*tables[0]))
    notes.append(f"labels are those of {names(tables)}")
    splits = [split for _, split in (labels[each] for each in files) if split is not None]
    if splits and len(splits) < len(files):
        raise DataError(f"{told} says the split of some images only: say it of all")
    return Labels(files, _typed([labels[each][0] for each in files]), splits or None, tables, told)


class _Known:
    """Images in a folder and below, by all names a table may give them."""

    def __init__(self, found: Found, folder: Parts) -> None:
        self._depth = len(folder)
        self._exact: dict[str, list[Parts]] = {}
        for image in found.images:
            if image[: len(folder)] == folder:
                its = image[len(folder) :]
                path = "/".join(its)
                for name in {path, its[-1], path.rpartition(".")[0], its[-1].rpartition(".")[0]}:
                    self._exact.setdefault(name, []).append(image)

    @cached_property
    def _folded(self) -> dict[str, list[Parts]]:
        folded: dict[str, list[Parts]] = {}
        for name, images in self._exact.items():
            folded.setdefault(name.casefold(), []).extend(images)
        return folded

    def get(self, name: str) -> list[Parts]:
        """Those that may be meant: by the name as it is, else in another case, else as the end of a path."""
        if found := self._exact.get(name):
            return found
        folded = name.casefold()
        if found := self._folded.get(folded):
            return list(dict.fromkeys(found))
        ends = self._folded.get(folded.rpartition("/")[2], []) if "/" in folded else []
        return [image for image in dict.fromkeys(ends) if self._is_end_of(image, folded)]

    def _is_end_of(self, image: Parts, path: str) -> bool:
        """Whether an absolute path, or one from further up, ends with all that an image's own path has."""
        own = "/".join(image[self._depth :]).casefold()
        return path.endswith((f"/{own}", f"/{own.rpartition('.')[0]}"))

    def __contains__(self, name: str) -> bool:
        return bool(self.get(name))


@dataclass(frozen=True)
class _Table:
    """A table's place, and its rows of (line, file, label, split or None)."""

    place: Parts
    rows: list[tuple[int, str, str, str | None]]


def _rows(found: Found, table: Parts, known: _Known, target: str | None) -> _Table | None:
    """The rows of a table of labels; None if it is another table."""
    path = found.path.joinpath(*table)
    is_meant = table[-1].casefold().startswith("label")
    if path.stat().st_size > _MOST_BYTES:
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
        first = next((line for line in text.splitlines() if line.strip()), "")
        separator = max(("\t", ";", ","), key=first.count)
        lines = [
            (number, [cell.strip() for cell in row])
            for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), start=1)
            if any(cell.strip() for cell in row)
        ]
    except (UnicodeDecodeError, csv.Error):
        if is_meant:
            raise DataError(f"{shown(path)} cannot be read as a table: save it as CSV in UTF-8") from None
        return None
    if not lines:
        return None
    width = max(len(row) for _, row in lines[:50])
    hits = [
        sum(
            1 + ("." in row[column]) for _, row in lines if column < len(row) and _plain(row[column]) in known
        )
        for column in range(width)
    ]
    files = int(np.argmax(hits))
    cells = [_plain(row[files]) if files < len(row) else "" for _, row in lines]
    hit = [cell for cell in cells if cell in known]
    if not hit and is_meant:
        raise DataError(f"{shown(path)} names none of the images beside it: give their file names")
    if not is_meant and 2 * len(hit) < len(cells) - 1:
        return None
    has_header = _is_header(lines[0][1], [row for _, row in lines[1:]], files, known)
    header = [cell.casefold() for cell in lines[0][1]] if has_header else []
    split = next((place for place, cell in enumerate(header) if cell in _SPLIT_COLUMNS), None)
    others = [place for place in range(width) if place not in (files, split)]
    wanted = _LABEL_COLUMNS if target is None else (target.casefold(),)
    named = [place for place in others if place < len(header) and header[place] in wanted]
    if target is not None and len(named) != 1:
        told = ", ".join(lines[0][1])[:80] if has_header else f"{width} without names"
        raise DataError(f"{shown(path)} has columns {shown(told)}, but no {target[:40]}", setting="target")
    is_beside = sum(len(known.get(cell)[0]) == len(table) for cell in hit) > len(hit) / 2
    if not (is_meant or named or is_beside):  # folders are more likely to be the classes
        return None
    if len(others) != 1 and len(named) != 1:
        if not is_meant and not named:
            return None
        told = ", ".join(lines[0][1])[:80] if has_header else f"{width} without names"
        raise DataError(
            f"{shown(path)} has columns {shown(told)}: give file names and labels, with the column of labels "
            "called label, or said as target"
        )
    label = named[0] if len(named) == 1 else others[0]
    rows = []
    for number, row in lines[1:] if has_header else lines:
        cells = [
            row[place] if place is not None and place < len(row) else "" for place in (files, label, split)
        ]
        if not cells[1]:
            raise DataError(f"{shown(path)}, line {number}: there is no label", file=path, row=number)
        rows.append((number, _plain(cells[0]), cells[1], cells[2] if split is not None else None))
    return _Table(table, rows)


def _is_header(row: list[str], others: list[list[str]], files: int, known: _Known) -> bool:
    """Whether the first row names columns: no image, nor what other rows say."""
    if files >= len(row) or _plain(row[files]) in known or "." in row[files]:
        return False
    return not any(
        cell and any(place < len(other) and other[place] == cell for other in others)
        for place, cell in enumerate(row)
    )


def _take(
    told: str,
    table: _Table,
    known: _Known,
    labels: dict[Parts, tuple[str, str | None]],
    notes: list[str],
) -> None:
    """Add what a table says of images."""
    before = len(labels)
    missing = [each for each in table.rows if each[1] not in known]
    if missing:
        few = ", ".join(shown(name[-60:]) or "nothing" for _, name, _, _ in missing[:3])
        raise DataError(
            f"{told} names {counted(len(missing), 'file')} that no image beside it has for a name ({few}"
            f"{', ...' if len(missing) > 3 else ''}): add the images, or leave out the rows",
            row=missing[0][0],
        )
    for number, name, label, split in table.rows:
        several = known.get(name)
        if len(several) > 1:
            exact = [each for each in several if "/".join(each).endswith(name)]
            several = [min(exact, key=len)] if len({len(each) for each in exact}) > 1 else several
        if len(several) > 1:
            raise DataError(
                f"{told}, line {number}: {shown(name[-60:])} may be {names(several)}: give its folder",
                row=number,
            )
        image = several[0]
        if labels.setdefault(image, (label, split)) != (label, split):
            raise DataError(
                f"{told}, line {number}: {shown(name[-60:])} is labelled {shown(label)[:40]}, but "
                f"{shown(labels[image][0])[:40]} before: leave one of them",
                row=number,
            )
    if (again := len(table.rows) - (len(labels) - before)) > 0:
        notes.append(f"{counted(again, 'row')} of {names([table.place])} say what another row says: left out")


def _plain(name: str) -> str:
    """A file's name in a table as the folder has it."""
    if "\\" not in name and "//" not in name and "./" not in name and name[-1:] != "/":
        return name  # as most are, and there are thousands
    return str(PurePosixPath(name.replace("\\", "/"))) if name else ""


def _typed(labels: list[str]) -> np.ndarray:
    """Labels as whole numbers or floats where all are, else as text."""
    for kind in (np.int64, np.float64):
        try:
            values = np.array(labels).astype(kind)
        except (ValueError, OverflowError):
            continue
        if np.isfinite(values).all():
            return values
    return np.array(labels)
