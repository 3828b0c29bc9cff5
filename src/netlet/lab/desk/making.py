"""A class made: a folder for each student, with own data and the exercise's notebook."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import lru_cache, partial
from html import escape
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from netlet.datasets import mnist56
from netlet.errors import FileError
from netlet.lab import cells, notebook
from netlet.lab.desk import data, roster
from netlet.lab.desk.roster import DATA, Roster, Student
from netlet.lab.document import Exercise
from netlet.lab.reading import read
from netlet.saving import write_whole

NOTEBOOK = "exercise.ipynb"
_WORTH_A_PROCESS = 4
"""Students whose folders take as long as another process takes to begin."""
_HAND_IN = """\
from netlet.lab.desk import hand_in

# Run this last, and hand in the notebook: all that was trained in it goes along, to be checked.
hand_in({name!r}, globals())
"""


def make(
    asked: Roster,
    exercise: Exercise,
    workers: int,
    idx: Path | None = None,
    force: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Roster, int]:
    """Make a class, or add to one who has come since.

    Parameters
    ----------
    asked
        Who is in it, and where.
    exercise
        Whose notebook they get.
    workers
        Processes at a time.
    idx
        Folder with MNIST's four files; then digits are drawn from all of them.
    force
        Whether folders of students who are in the class already are made again; without, they are kept as
        they are.
    progress
        Told how many are made, and of how many.

    Returns
    -------
    tuple of Roster and int
        The class with the hashes of everybody's data; and how many folders were made.

    Raises
    ------
    FileError
        If there is something in the place of a student's folder that the class does not know of, the class
        there is has another seed, or something cannot be written.
    """
    known = _known(asked, force)
    folder = asked.folder
    for student in asked.students:
        place = folder / student.id
        if student.id not in known and place.exists() and not force:
            raise FileError(
                f"{place} is there already and is none of this class: move it away, or replace what netlet "
                "writes in it with --force",
                file=place,
            )
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if idx is not None:
        mnist56.read_idx(idx)  # refuse before the first folder is made
    kept = {} if force else {key: student for key, student in known.items() if student.data}
    absent = tuple(student for key, student in known.items() if key not in {s.id for s in asked.students})
    students = [kept.get(student.id, student) for student in asked.students]
    # Whom class.json knows belongs to the class: an interrupted making can be gone on with.
    replace(asked, students=(*students, *absent)).write()
    wanted = [student for student in students if student.id not in kept]
    work = partial(_student, folder=folder, exercise=exercise.folder, idx=idx)
    made: dict[str, Student] = {}
    with _processes(min(workers, len(wanted) // _WORTH_A_PROCESS)) as apply:
        for done, student in enumerate(apply(work, wanted), start=1):
            made[student.id] = student
            progress(done, len(wanted))
    found = replace(asked, students=(*(made.get(each.id, each) for each in students), *absent))
    found.write()
    return found, len(wanted)


@contextlib.contextmanager
def _processes(count: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """What maps a function over values: in so many processes, or, for fewer than two, in this one."""
    if count < 2:
        yield map
        return
    with ProcessPoolExecutor(count, get_context("spawn")) as pool:
        try:
            yield pool.map
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _known(asked: Roster, force: bool) -> dict[str, Student]:
    """Students of the class that is there already, by id."""
    if not (asked.folder / roster.FILE).exists():
        return {}
    there = roster.read(asked.folder)
    if there.seed != asked.seed and not force:
        raise FileError(
            f"{asked.folder} is a class of seed {there.seed}, not {asked.seed}: give --seed {there.seed}, or "
            "make everything again with --force",
            file=asked.folder / roster.FILE,
        )
    return {student.id: student for student in there.students}


def _student(student: Student, folder: Path, exercise: Path, idx: Path | None) -> Student:
    """Write one student's folder."""
    own = folder / student.id
    with _told(own):
        own.mkdir(exist_ok=True)
    pool = None if idx is None else mnist56.read_idx(idx)
    hashes = {
        dataset.name: dataset.content_hash
        for dataset, _ in data.write_all(own / DATA, student.seed, has_test=False, pool=pool, force=True)
    }
    write_whole(own / NOTEBOOK, _notebook(_read(exercise), student, own).encode())
    return replace(student, data=hashes)


def _notebook(exercise: Exercise, student: Student, folder: Path) -> str:
    """The exercise's notebook for one student, with a last cell that hands in."""
    content = notebook.content(exercise, folder, DATA, as_words(student.name))
    content["cells"].append(cells.code("hand-in", _HAND_IN.format(name=student.name)))
    return cells.as_text(content)


def as_words(name: str) -> str:
    """A name in Markdown as the text that it is, whatever it is made of."""
    return re.sub(r"([\\`*_{}\[\]()#+!|~$-])", r"\\\1", escape(name))


_read = lru_cache(maxsize=1)(read)


@contextlib.contextmanager
def _told(place: Path) -> Any:
    try:
        yield
    except OSError as error:
        raise FileError(f"{place} cannot be made: {error.strerror or error}", file=place) from None
