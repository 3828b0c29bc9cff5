"""The report: answers become one HTML page, results as JSON, and figures as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from netlet.exercises import Answer
from netlet.report.about import About
from netlet.report.folder import check, is_complete, publish, reserved
from netlet.report.page import page
from netlet.report.results import as_json, to_bytes

__all__ = ["PAGE", "RESULTS", "About", "check", "is_complete", "reserved", "write"]

PAGE, RESULTS, FIGURES = "index.html", "results.json", "figures"


def write(answers: Sequence[Answer], about: About, folder: Path) -> Path:
    """Write the report of some answers into a folder, over an older one.

    Parameters
    ----------
    answers
        In the order of the questions.
    about
        How they came about.
    folder
        Made if it is not there. An older report in it is replaced file by file, after all of the new one is
        written.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    files = {
        f"{FIGURES}/{picture.name}.png": picture.png for answer in answers for picture in answer.pictures
    }
    files[RESULTS] = to_bytes(as_json(answers, about))
    files[PAGE] = page(answers, about).encode()
    publish(files, folder)
    return folder / PAGE
