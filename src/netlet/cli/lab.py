"""`netlet lab`: the exercise's questions answered, with a report."""

from __future__ import annotations

import contextlib
import gc
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netlet.cli.data import DataDir

if TYPE_CHECKING:
    from rich.table import Table

    from netlet.cli.interrupts import Interrupts
    from netlet.lab import Answer, Exercise, Laboratory
    from netlet.lab.own import OwnAnswers
    from netlet.lab.report import About

INCOMPLETE = "-incomplete"
"""Added to the folder's name if there is a complete report in it already."""


def lab(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DIR] [ex1] [q3] ...",
            help="Folder of an exercise of your own; which of its parts or questions (all by default).",
        ),
    ] = None,
    seeds: Annotated[int | None, typer.Option(help="Seeds a network.", show_default="16; quick 3")] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write the report.")] = Path("lab-report"),
    quick: Annotated[bool, typer.Option("--quick", help="Fewer seeds and smaller experiments.")] = False,
    name: Annotated[str | None, typer.Option(help="Whose report it is, for its head.")] = None,
    own_file: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help="Own words and networks, from --template's file."),
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Write answers.md, to be filled in, and train nothing.")
    ] = False,
    notebook: Annotated[
        Path | None,
        typer.Option(
            "--notebook", metavar="FILE", help="Write the exercise's notebook (.ipynb), and train nothing."
        ),
    ] = None,
    data: DataDir = None,
    threads: Annotated[
        int | None, typer.Option(help="Runs at a time.", show_default="as many as processors")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that are none of netlet's, or were changed.")
    ] = False,
) -> None:
    """Answer an exercise's questions and write the report: a page, results as JSON, figures.

    Without a folder it is the university's exercise; docs/exercises.md tells how to write another.
    """
    from netlet.cli import limits, targets
    from netlet.cli.interrupts import interrupts
    from netlet.lab import Laboratory, own, prepare, questions_of, report
    from netlet.paths import expanded

    exercise, names = _exercise(names or [])
    out = expanded(out)
    if template:
        typer.echo(f"fill in {own.template(exercise, expanded(own_file or Path(own.FILE)))}")
        return
    if notebook is not None:
        from netlet.lab.notebook import write

        folder = Laboratory(1, data).folder if data is not None else None
        folder = None if folder is None else str(folder.resolve())
        typer.echo(f"open {write(exercise, expanded(notebook), folder, name or '')} in Jupyter")
        return
    answered = own.read(exercise, expanded(own_file)) if own_file is not None else own.OwnAnswers(Path())
    chosen = questions_of(exercise, names)
    limits.check(seeds, threads)
    report.warm()
    usual = exercise.quick_seeds if quick else exercise.seeds
    laboratory = Laboratory(seeds or usual, data, threads, quick, own=exercise.datasets)
    prepare(exercise, names, laboratory)
    answered.prepare(laboratory)
    # Pictures are made of many small objects: looking for garbage among them took a tenth of the time.
    gc.set_threshold(100_000)
    started = time.perf_counter()
    drawn = [call.name for question in chosen for call in question.figures]
    with report.reserved(out, force, drawn), interrupts() as stop:
        answers, stopped = _answer(exercise, laboratory, names, answered, len(chosen), stop)
        if answers:
            if stopped is not None and report.is_complete(out):
                out = _beside(out)
            seconds = time.perf_counter() - started
            about = report.About.of(
                laboratory, tuple(names), stopped is None, seconds, name or answered.name or None
            )
            words = {key: answered.words.get(key, "") for key in (own.INTRODUCTION, own.SUMMARY)}
            about = replace(about, **words)
            problem = targets.write_somewhere(
                lambda folder: _write(exercise, answers, about, folder, force), out
            )
            _print(answers, out / report.PAGE if problem is None else None, about.seconds)
            stopped = problem or stopped
    if stopped is not None:
        raise stopped
    stop.check()


def _exercise(names: list[str]) -> tuple[Exercise, list[str]]:
    """The exercise that is meant, and which of its questions: a first name that is a folder is its own."""
    from netlet.errors import NetletError
    from netlet.lab import read
    from netlet.paths import expanded

    if names:
        folder = expanded(Path(names[0]))
        known = read()
        is_path = "/" in names[0] or "\\" in names[0] or names[0].startswith((".", "~"))
        if is_path or (folder.is_dir() and names[0] not in (*known.parts, *known.questions)):
            return read(folder), names[1:]
        if names[0] not in (*known.parts, *known.questions):
            choose = ", ".join([*known.parts, *known.questions])
            raise NetletError(
                f"there is no exercise and no folder {names[0]!r}: choose from {choose}, or give a folder"
            )
    return read(), names


def _answer(
    exercise: Exercise,
    laboratory: Laboratory,
    names: list[str],
    answered: OwnAnswers,
    total: int,
    stop: Interrupts,
) -> tuple[list[Answer], BaseException | None]:
    """The answers, or those that were finished when Ctrl-C or an error came, and that; another one waits."""
    from rich.markup import escape

    from netlet.cli.printing import progress_bar
    from netlet.lab import answers, own

    done: list[Answer] = []
    with progress_bar("") as bar:
        questions = bar.add_task("questions", total=total)
        training = bar.add_task("", total=None, visible=False)

        def show(what: str, epochs: int, all_epochs: int) -> None:
            text = escape(what if len(what) < 40 else what[:37] + "...")
            bar.update(training, description=text, completed=epochs, total=all_epochs, visible=True)

        laboratory.progress = show
        try:
            with contextlib.closing(answers(exercise, names, laboratory)) as answering:
                for answer in answering:
                    done.append(own.added(exercise, answer, answered, laboratory))
                    bar.update(questions, completed=len(done))
                    bar.update(training, visible=False)
            stop.hold()
        except (KeyboardInterrupt, Exception) as reason:
            stop.hold()
            return done, reason
    return done, None


def _beside(out: Path) -> Path:
    """Where an incomplete report goes if there is a complete one."""
    whole = out.resolve()
    return whole.parent / f"{whole.name or 'report'}{INCOMPLETE}"


def _write(exercise: Exercise, answers: list[Answer], about: About, folder: Path, force: bool) -> None:
    """Write the report, but not over what is none of netlet's."""
    from netlet.lab import report

    drawn = [picture.name for answer in answers for picture in answer.pictures]
    report.check(folder, force, drawn)
    report.write(exercise, answers, about, folder)


def _print(answers: list[Answer], page: Path | None, seconds: float) -> None:
    """The answers in a table, and where the report is, if it could be written."""
    from netlet.cli.printing import console, make_room

    where, table = console(), _table(answers)
    make_room(where, table)
    where.print(table)
    report = "" if page is None else f" The report: {page}"
    where.print(f"{seconds:.1f} s.{report}", highlight=False, markup=False, soft_wrap=True)


def _table(answers: list[Answer]) -> Table:
    """Every answer's networks beside the notebook's figures."""
    from rich import box
    from rich.table import Table

    from netlet.lab.report.words import HEAD, overview

    rows = overview(answers)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for place, title in enumerate(HEAD):
        # In a narrow terminal names of networks go over several lines, and nothing else does.
        is_name = title == "network"
        title = {"question": "q", "test median": "test"}.get(title, title)
        cells = [row[place] for row in rows]
        least = max(len(part) for cell in [*cells, title] for part in (cell.split() if is_name else [cell]))
        justify = "left" if title in ("network", "dataset", "metric") else "right"
        table.add_column(title, justify=justify, no_wrap=not is_name, min_width=least)
    for row in rows:
        table.add_row(*row)
    return table
