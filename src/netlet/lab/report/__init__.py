"""The report: answers become one HTML page, results as JSON, and figures as files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from netlet.lab import second_process
from netlet.lab.answer import Answer
from netlet.lab.desk.seal import sealed
from netlet.lab.document import Exercise
from netlet.lab.report import formats
from netlet.lab.report.about import About
from netlet.lab.report.folder import FIGURES, PAGE, RESULTS, check, digests, is_complete, publish, reserved
from netlet.lab.report.page import page
from netlet.lab.report.results import as_json, claims, to_bytes

__all__ = ["PAGE", "RESULTS", "About", "check", "is_complete", "reserved", "warm", "write"]


def warm() -> None:
    """Have everything imported, in the second process, by the time a report is drawn and set."""
    second_process.warm(
        ("weasyprint",) * formats.has_pdf() + ("netlet.figures", "matplotlib.backends.backend_svg")
    )


def write(
    exercise: Exercise, answers: Sequence[Answer], about: About, folder: Path, is_printed: bool | None = None
) -> Path:
    """Write the report of some answers into a folder, over an older one.

    Parameters
    ----------
    exercise
        What is answered.
    answers
        In the order of the questions. A picture that cannot be drawn is replaced by the error's own words.
    about
        How they came about.
    folder
        Made if it is not there. An older report in it is replaced file by file, after all of the new one is
        written.
    is_printed
        Whether there is to be a PDF; by default if WeasyPrint is installed.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    answers = [_drawn(answer) for answer in answers]
    files = {
        f"{FIGURES}/{picture.name}.svg": picture.svg for answer in answers for picture in answer.pictures
    }
    is_printed = formats.has_pdf() if is_printed is None else is_printed
    pdf = formats.pdf(exercise, answers, about) if is_printed else None
    files |= formats.files(exercise, answers, about)
    results = as_json(answers, about)
    last = {PAGE: sealed(page(exercise, answers, about), claims(results)).encode()}
    if pdf is not None:
        files["report.pdf"] = pdf.result()
    files[RESULTS] = to_bytes(results | {"files": digests(files | last)})
    files |= last
    publish(files, folder)
    return folder / PAGE


def _drawn(answer: Answer) -> Answer:
    """An answer with what could be drawn of its pictures, and a note on what could not."""
    drawn, notes = [], []
    for picture in answer.pictures:
        try:
            svg = picture.svg
        except Exception as error:  # no picture is worth the numbers
            notes.append(f"*{picture.name}: {type(error).__name__}: {error}*")
        else:
            drawn.append(replace(picture, drawn=lambda svg=svg: svg))
    return replace(answer, text="\n\n".join([answer.text, *notes]), pictures=tuple(drawn))
