"""The report in other formats: Markdown, a notebook, and PDF if WeasyPrint is installed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from importlib.util import find_spec

from netlet.errors import NetletError
from netlet.lab import cells, second_process
from netlet.lab.answer import Answer
from netlet.lab.document import Exercise
from netlet.lab.report.about import About
from netlet.lab.report.folder import FIGURES
from netlet.lab.report.headings import headings
from netlet.lab.report.page import APPENDIX, appendix, printed
from netlet.lab.report.results import as_json, claims
from netlet.lab.report.words import conclusion, introduction

_PICTURE = re.compile(r'(!\[(?:[^\]\\]|\\.)*\]\()([\w-]+)( "(?:[^"\\]|\\.)*"\))')


def has_pdf() -> bool:
    """Whether a PDF can be written."""
    return find_spec("weasyprint") is not None


def pdf(exercise: Exercise, answers: Sequence[Answer], about: About) -> Future[bytes]:
    """The report as a PDF file, when it is set.

    Raises
    ------
    NetletError
        If WeasyPrint, which sets it, is not installed.
    """
    if not has_pdf():
        raise NetletError("a PDF needs WeasyPrint: pip install 'netlet[pdf]'")
    return second_process.submit(partial(_as_pdf, printed(exercise, answers, about)))


def _as_pdf(text: str) -> bytes:
    import logging

    import weasyprint
    from weasyprint.urls import URLFetcher

    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    fetcher = URLFetcher(allowed_protocols=["data"])  # a report loads nothing from elsewhere
    return weasyprint.HTML(string=text, url_fetcher=fetcher).write_pdf() or b""


def markdown(exercise: Exercise, answers: Sequence[Answer], about: About) -> str:
    """The report as Markdown, with its figures beside it."""
    return "\n\n".join(_blocks(exercise, answers, about)) + "\n"


def notebook(exercise: Exercise, answers: Sequence[Answer], about: About) -> str:
    """The report as a notebook of Markdown cells, a question each."""
    blocks = enumerate(_blocks(exercise, answers, about))
    made = cells.whole(cells.words(f"cell-{place}", text) for place, text in blocks)
    made["metadata"]["netlet"] = {"results": claims(as_json(answers, about))}
    return cells.as_text(made)


def _blocks(exercise: Exercise, answers: Sequence[Answer], about: About) -> list[str]:
    """The report in pieces of Markdown."""
    by = f"{about.name} · " if about.name else ""
    say = headings(exercise)
    seeds = say("seeds", seeds=about.seeds)
    blocks = [
        f"# {exercise.title}\n\n{by}{about.date} · {seeds}",
        f"## {say('introduction')}\n\n{introduction(exercise, answers, about)}",
    ]
    part = None
    for answer in answers:
        opening = f"## {exercise.parts[answer.exercise].title}\n\n" if answer.exercise != part else ""
        part = answer.exercise
        text = "\n\n".join(filter(None, [answer.own, answer.text]))
        text = _PICTURE.sub(rf"\1{FIGURES}/\2.svg\3", text)
        question = " ".join(answer.question.split())
        short = " ".join(answer.short.split())
        heading = say("question", number=answer.number, title=answer.title)
        blocks.append(f"{opening}### {heading}\n\n*{question}*\n\n**{short}**\n\n{text}")
    blocks.append(f"## {say('conclusion')}\n\n{conclusion(exercise, answers, about)}")
    return blocks


def files(exercise: Exercise, answers: Sequence[Answer], about: About) -> dict[str, bytes]:
    """All formats but the PDF, by the names of their files."""
    return {
        "report.md": markdown(exercise, answers, about).encode(),
        "report.ipynb": notebook(exercise, answers, about).encode(),
        APPENDIX: appendix(exercise, answers, about).encode(),
    }
