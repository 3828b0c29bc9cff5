"""An exercise as a notebook that a student works through: cells of words and of code.

They are written in `notebook.md`, a file of words (`netlet.lab.words`) in the exercise's folder, or else in
netlet's own. Every section is a part of the notebook, under its heading; code stands in fences marked
``python``, and words behind that mark are tags of the cell.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netlet.architecture import Architecture, Recurrent
from netlet.errors import DataError, FileError
from netlet.inspect.selection import CONVOLUTIONS
from netlet.lab import cells
from netlet.lab.document import Exercise, NamedNetwork, Question
from netlet.saving import write_whole

SUFFIX = ".ipynb"
_FENCE = re.compile(r"^```python\b *(.*?) *$")
_END = "```"


def content(exercise: Exercise, folder: Path, data_dir: str | None = None, name: str = "") -> dict[str, Any]:
    """An exercise's notebook, as .ipynb files have it.

    Parameters
    ----------
    exercise
        What is to be worked through.
    folder
        Where the notebook is to be: files of the exercise's own data are named as seen from there.
    data_dir
        Folder with files of the exercise's that the notebook reads in the place of netlet's own data.
    name
        Whose notebook it is, for its report.

    Raises
    ------
    DataError
        If notebook.md asks for what there is not, or a fence in it is not closed.
    """
    values = _values(exercise, folder) | {"data_dir": data_dir, "name": name}
    told = exercise.notebook
    made = [cells.words("title", f"# {told.title or exercise.title}")]
    for heading in told.sections:
        text = f"## {heading}\n\n{told.render(heading, values)}" if heading else told.render("", values)
        for place, (kind, source, tags) in enumerate(_cells(text, heading, told.file)):
            make = cells.code if kind == "code" else cells.words
            made.append(make(f"{_slug(heading)}-{place}", source, {"tags": tags} if tags else None))
    return cells.whole(made)


def notebook(exercise: Exercise, folder: Path, data_dir: str | None = None, name: str = "") -> str:
    """The same as text of an .ipynb file; see `content`."""
    return cells.as_text(content(exercise, folder, data_dir, name), is_sorted=True)


def write(exercise: Exercise, path: Path, data_dir: str | None = None, name: str = "") -> Path:
    """Write an exercise's notebook to a file.

    Raises
    ------
    FileError
        If its name does not end in .ipynb, there is such a file, which is not written over, or it cannot be
        written.
    DataError
        As for `notebook`.
    """
    if path.suffix != SUFFIX:
        raise FileError(
            f"{path} is no name of a notebook: give one that ends in {SUFFIX}, such as {path.stem}{SUFFIX}",
            file=path,
        )
    if path.exists():
        raise FileError(
            f"{path} is there already and is not written over: rename it, or give another name", file=path
        )
    return write_whole(path, notebook(exercise, path.parent, data_dir, name).encode())


def _values(exercise: Exercise, folder: Path) -> dict[str, Any]:
    """What the words may speak of."""
    questions = {
        question.key: {
            "key": question.key,
            "number": question.number,
            "title": question.words.title,
            "text": asked(question),
            "networks": [_told(exercise.networks[key]) for key in question.networks],
        }
        for question in exercise.questions.values()
    }
    parts = [
        {"title": part.title, "questions": [questions[key] for key in part.questions]}
        for part in exercise.parts.values()
    ]
    where = {
        name: name if path is None else _seen_from(folder, path) for name, path in exercise.datasets.items()
    }
    return {
        "title": exercise.title,
        "parts": parts,
        "questions": questions,
        "networks": exercise.networks,
        "datasets": where,
        "seeds": exercise.seeds,
    }


def _told(network: NamedNetwork) -> dict[str, Any]:
    """A network for the words: what it is, and what of its inside can be looked at."""
    layers = Architecture(network.architecture).layers
    has_maps = any(isinstance(layer, CONVOLUTIONS) for layer in layers)
    has_memory = any(isinstance(layer, Recurrent) for layer in layers)
    return vars(network) | {"inside": "maps" if has_maps else "sequence" if has_memory else ""}


def asked(question: Question) -> str:
    """What a question asks; its title, if that hangs on what is measured."""
    import jinja2

    known = {call.name: call.arguments["value"] for call in question.measurements if not call.function}
    run_in = question.words.sections["Question"].environment  # to make another takes a tenth of a second
    alone = run_in.from_string(question.words.written["Question"])
    try:
        return alone.render(known).strip()
    except jinja2.TemplateError:
        return question.words.title


def _seen_from(folder: Path, path: Path) -> str:
    """A path to a file from a folder, with slashes, so that both can be moved together."""
    try:
        seen = Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive
        seen = path.resolve().as_posix()
    return seen if "/" in seen else f"./{seen}"


def _cells(text: str, heading: str, file: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Kind, source and tags of the cells that a section consists of."""
    lines: list[str] = []
    tags: list[str] | None = None
    for line in text.split("\n"):
        if tags is None and (fence := _FENCE.match(line)):
            if told := "\n".join(lines).strip():
                yield "markdown", told, []
            lines, tags = [], fence[1].split()
        elif tags is not None and line.rstrip() == _END:
            yield "code", "\n".join(lines).strip("\n"), tags
            lines, tags = [], None
        else:
            lines.append(line)
    if tags is not None:
        raise DataError(f"{file}: code in section {heading!r} is not closed: end it with {_END}", file=file)
    if told := "\n".join(lines).strip():
        yield "markdown", told, []


def _slug(heading: str) -> str:
    """A heading as an identifier of a cell: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")[:40] or "cell"
