"""A class: its students, read from a teacher's CSV file, and class.json, which says whose data is whose."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from netlet.errors import DataError, FileError
from netlet.lab.desk.material import Owned
from netlet.saving import write_whole

FILE = "class.json"
DATA = "data"
"""The folder of a student's data, within the student's own."""
VERSION = 1
MOST_STUDENTS, MOST_BYTES = 2000, 20_000_000
_NAME, _ID = ("name", "full name", "student", "student name"), ("id", "id number", "student id", "username")
_FIRST, _LAST = ("first name", "firstname", "given name"), ("last name", "lastname", "surname", "family name")
_RESERVED = ("con", "prn", "aux", "nul")
"""Names that no folder can have on Windows."""


@dataclass(frozen=True)
class Student:
    """One student.

    Attributes
    ----------
    id
        Also the name of the student's folder: small letters, digits and hyphens.
    name
        As the teacher wrote it.
    seed
        What the student's data is made from.
    data
        By dataset: the hash of its content; empty until it is made.
    """

    id: str
    name: str
    seed: int = 0
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Roster:
    """All students of a class.

    Attributes
    ----------
    folder
        Where the class is.
    seed
        What the students' own seeds are made from.
    students
        In the order of the file.
    """

    folder: Path
    seed: int
    students: tuple[Student, ...]

    def owned(self) -> dict[str, Owned]:
        """Every dataset of the class, by the hash of its content."""
        return {
            digest: Owned(student.name, name, student.seed, self.folder / student.id / DATA)
            for student in self.students
            for name, digest in student.data.items()
        }

    def write(self) -> None:
        """Write class.json, which says whose data is whose.

        Raises
        ------
        FileError
            If it cannot be written.
        """
        from netlet import __version__

        told = {"class_version": VERSION, "netlet": str(__version__), "seed": self.seed}
        students = [asdict(student) for student in self.students]
        text = json.dumps(told | {"students": students}, indent=1, ensure_ascii=False) + "\n"
        write_whole(self.folder / FILE, text.encode())


def read(folder: Path) -> Roster:
    """Read class.json in a class's folder.

    Raises
    ------
    FileError
        If there is none, or it has not the form that netlet writes.
    """
    path = folder / FILE
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileError(f"{path} is larger than {MOST_BYTES:,} bytes, and none of netlet's", file=path)
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["class_version"] != VERSION:
            raise FileError(f"{path} is of another version of netlet: make the class again", file=path)
        students = tuple(_student(each) for each in content["students"])
        return Roster(folder, int(content["seed"]), students)
    except OSError as error:
        told = error.strerror or error
        raise FileError(f"{path} cannot be read: {told}; netlet class make writes one", file=path) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise FileError(f"{path} is no class.json of netlet's", file=path) from None


def enrolled(path: Path, folder: Path, seed: int) -> Roster:
    """A class from a CSV file with a line for each student.

    Parameters
    ----------
    path
        The file: a column ``name``, or ``first name`` and ``last name``; ``id``, if there is one, names the
        student's folder. Commas, semicolons or tabs between them.
    folder
        Where the class is to be.
    seed
        What the students' seeds are made from, together with their ids: who comes later changes nobody's.

    Raises
    ------
    FileError
        If the file cannot be read.
    DataError
        If it has no such columns, a line without a name, the same id twice, or too many lines; with the line.
    """
    rows = _rows(path)
    if not rows:
        raise DataError(
            f"{path} is empty: write a line with name, and one for each student", file=path, row=1
        )
    head = [cell.strip().lower() for cell in rows[0][1]]
    columns = {what: _column(head, names) for what, names in _COLUMNS.items()}
    if columns["name"] is None and (columns["first"] is None or columns["last"] is None):
        raise DataError(
            f"{path}, line 1: there is no column called name (nor first name and last name), but "
            f"{', '.join(map(repr, head))}",
            file=path,
            row=1,
        )
    if len(rows) - 1 > MOST_STUDENTS:
        raise DataError(
            f"{path} has {len(rows) - 1:,} students, but {MOST_STUDENTS:,} are the limit", file=path
        )
    students: list[Student] = []
    taken: dict[str, int] = {}
    for line, row in rows[1:]:
        cells = {
            what: row[at].strip() if at is not None and at < len(row) else "" for what, at in columns.items()
        }
        name = " ".join((cells["name"] or f"{cells['first']} {cells['last']}").split())
        if not name:
            raise DataError(f"{path}, line {line}: the student has no name", file=path, row=line)
        if len(name) > 200:
            raise DataError(
                f"{path}, line {line}: the name has {len(name):,} characters", file=path, row=line
            )
        own = _folder_name(cells["id"])
        if own and own in taken:
            raise DataError(
                f"{path}, line {line}: id {cells['id']!r} is that of line {taken[own]} too",
                file=path,
                row=line,
            )
        chosen = own or _free(_folder_name(name) or "student", taken)
        taken[chosen] = line
        students.append(Student(chosen, name, _seed(seed, chosen)))
    if not students:
        raise DataError(f"{path} has no students: write a line for each below {rows[0][1]}", file=path)
    return Roster(folder, seed, tuple(students))


_COLUMNS = {"name": _NAME, "first": _FIRST, "last": _LAST, "id": _ID}


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Lines that are not empty, with their numbers from 1."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileError(
                f"{path} is larger than {MOST_BYTES:,} bytes, and so no list of students", file=path
            )
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}", file=path) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(f"{path} is no text in UTF-8: save it as CSV UTF-8", file=path) from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise DataError(f"{path} is no CSV: {error}", file=path) from None
    return [(line, row) for line, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]


def _column(head: Sequence[str], names: Sequence[str]) -> int | None:
    return next((head.index(name) for name in names if name in head), None)


def _folder_name(text: str) -> str:
    """Small letters, digits and hyphens: safe as a folder's name everywhere."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-")
    return f"student-{found}" if found in _RESERVED else found


def _free(wanted: str, taken: Mapping[str, int]) -> str:
    if wanted not in taken:
        return wanted
    return next(name for number in range(2, MOST_STUDENTS + 2) if (name := f"{wanted}-{number}") not in taken)


def _seed(seed: int, of: str) -> int:
    """A student's seed, from 1 to 2^31."""
    return int(sha256(f"{seed}/{of}".encode()).hexdigest()[:8], 16) // 2 + 1


def _student(told: Any) -> Student:
    found = Student(told["id"], told["name"], told["seed"], dict(told["data"]))
    if (
        found.id != _folder_name(found.id)
        or not isinstance(found.name, str)
        or not isinstance(found.seed, int)
    ):
        raise ValueError("no student of netlet's")
    return found
