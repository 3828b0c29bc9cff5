"""The exercise as an nbgrader assignment: solution regions, autograded cells, words graded by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from netlet.errors import FileError
from netlet.lab import cells
from netlet.lab.desk import marks, sheet
from netlet.lab.document import Exercise, Question
from netlet.saving import write_whole

NOTEBOOK, CONFIG = "exercise.ipynb", "nbgrader_config.py"
AUTO_POINTS, WORDS_POINTS = 2, 3
_CONFIG = """\
c = get_config()  # written by netlet
c.CourseDirectory.course_id = "netlet"
# Networks are trained while a cell is graded.
c.ExecutePreprocessor.timeout = 600
"""


def write(exercise: Exercise, folder: Path, name: str = "exercise", force: bool = False) -> Path:
    """Write an assignment into the source folder of an nbgrader course.

    Parameters
    ----------
    exercise
        Its questions, in order.
    folder
        The course's; made if it is not there. Its nbgrader_config.py is written if there is none.
    name
        The assignment's.
    force
        Whether a notebook that is none of netlet's is replaced.

    Returns
    -------
    Path
        The notebook, with solutions: nbgrader generate_assignment makes the students' of it.

    Raises
    ------
    FileError
        If there is something else in its place, or it cannot be written.
    """
    if not name or name.startswith(".") or any(each in name for each in "/\\+"):
        raise FileError(f"{name!r} is no name for an assignment: take letters, digits and hyphens")
    path = folder / "source" / name / NOTEBOOK
    marks.check(path, force)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{path.parent} cannot be made: {error.strerror or error}", file=path) from None
    write_whole(path, cells.as_text(notebook(exercise)).encode())
    if not (folder / CONFIG).exists():
        write_whole(folder / CONFIG, _CONFIG.encode())
    return path


def notebook(exercise: Exercise) -> dict[str, Any]:
    """The assignment with its solutions, as a notebook's content."""
    made = [
        cells.words("title", f"# {exercise.title}"),
        cells.code("init", sheet.start(None), _graded("init", is_locked=True)),
    ]
    for question in exercise.questions.values():
        key = question.key
        solved = f"{sheet.BEGIN}\n{sheet.solution(exercise, question)}\n{sheet.END}"
        made += [
            cells.words(f"{key}-asked", sheet.asked(exercise, question)),
            cells.code(f"{key}-trained", solved, _graded(f"{key}-trained", is_solution=True)),
            cells.code(
                f"{key}-check",
                _check(exercise, question),
                _graded(f"{key}-check", AUTO_POINTS, is_locked=True),
            ),
            cells.words(
                f"{key}-answer", "Your answer.", _graded(f"{key}-answer", WORDS_POINTS, is_solution=True)
            ),
        ]
    whole = cells.whole(made)
    whole["metadata"]["netlet"] = {"assignment": 1}  # the mark by which netlet knows it
    return whole


def _check(exercise: Exercise, question: Question) -> str:
    network = exercise.networks[question.networks[0]]
    given = "".join(f", {key}={value!r}" for key, value in network.settings.items())
    return (
        "from netlet.lab.desk import grading\n\n"
        f"grading.graded({question.key}, {network.architecture!r}, {network.dataset!r}{given})"
    )


def _graded(name: str, points: int = 0, is_solution: bool = False, is_locked: bool = False) -> dict[str, Any]:
    """What nbgrader (its schema of version 3) is told of a cell."""
    told: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": name,
        "grade": points > 0,
        "solution": is_solution,
        "locked": is_locked,
        "task": False,
    }
    return {"nbgrader": told | ({"points": points} if points else {})}
