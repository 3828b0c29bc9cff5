"""`netlet lab`: the exercise's questions answered, with a report."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netlet.cli.data import DataDir
from netlet.errors import NetletError

if TYPE_CHECKING:
    from rich.table import Table

    from netlet.exercises import Answer, Laboratory
    from netlet.report import About

INCOMPLETE = "-incomplete"
"""Added to the folder's name if there is a complete report in it already."""


def lab(
    exercises: Annotated[
        list[str] | None, typer.Argument(metavar="[ex1] [ex2] [ex3]", help="Which exercises; all by default.")
    ] = None,
    seeds: Annotated[int | None, typer.Option(help="Seeds a network.", show_default="16; quick 4")] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write the report.")] = Path("lab-report"),
    quick: Annotated[bool, typer.Option("--quick", help="Fewer seeds and smaller experiments.")] = False,
    data: DataDir = None,
    threads: Annotated[
        int | None, typer.Option(help="Runs at a time.", show_default="as many as processors")
    ] = None,
) -> None:
    """Answer the exercise's questions and write the report: a page, results as JSON, figures."""
    from netlet import report
    from netlet.errors import TrainingError
    from netlet.exercises import QUICK_SEEDS, SEEDS, Laboratory, prepare, questions_of

    names = exercises or []
    chosen = questions_of(names)
    if seeds is not None and seeds < 1:
        raise TrainingError(f"--seeds is {seeds}, but at least 1 is needed")
    report.check(out)
    laboratory = Laboratory(seeds or (QUICK_SEEDS if quick else SEEDS), data, threads, quick)
    prepare(names, laboratory)
    started = time.perf_counter()
    answers, stopped = _answer(laboratory, names, len(chosen))
    if answers:
        if stopped is not None and report.is_complete(out):
            out = out.with_name(out.name + INCOMPLETE)
        about = report.About.of(laboratory, tuple(names), stopped is None, time.perf_counter() - started)
        stopped = _write(answers, about, out) or stopped
        _print(answers, out / report.PAGE, about.seconds)
    if stopped is not None:
        raise stopped


def _answer(
    laboratory: Laboratory, exercises: list[str], total: int
) -> tuple[list[Answer], BaseException | None]:
    """The answers, or those that were finished when Ctrl-C or an error came, and that."""
    from netlet.cli.printing import progress_bar
    from netlet.exercises import answers

    done: list[Answer] = []
    with progress_bar("") as bar:
        questions = bar.add_task("questions", total=total)
        training = bar.add_task("", total=None, visible=False)

        def show(what: str, epochs: int, all_epochs: int) -> None:
            text = what if len(what) < 60 else what[:57] + "..."
            bar.update(training, description=text, completed=epochs, total=all_epochs, visible=True)

        laboratory.progress = show
        try:
            for answer in answers(exercises, laboratory):
                done.append(answer)
                bar.update(questions, completed=len(done))
                bar.update(training, visible=False)
        except (KeyboardInterrupt, NetletError, MemoryError) as reason:
            return done, reason
    return done, None


def _write(answers: list[Answer], about: About, out: Path) -> KeyboardInterrupt | None:
    """Write the report, even if Ctrl-C comes just then; return it if it did."""
    from netlet import report

    try:
        report.write(answers, about, out)
    except KeyboardInterrupt as interrupt:
        report.write(answers, about, out)
        return interrupt
    return None


def _print(answers: list[Answer], page: Path, seconds: float) -> None:
    from netlet.cli.printing import console

    where = console()
    where.print(_table(answers))
    where.print(f"{seconds:.1f} s. The report: {page}", highlight=False, soft_wrap=True)


def _table(answers: list[Answer]) -> Table:
    """Every answer's networks beside the notebook's figures."""
    from rich import box
    from rich.table import Table

    from netlet.report.words import overview

    told = overview(answers)
    table = Table(box=box.SIMPLE_HEAD)
    for title in told.head:
        is_text = title in ("network", "dataset")
        table.add_column(title, justify="left" if is_text else "right", no_wrap=title != "network")
    for row in told.rows:
        table.add_row(*row)
    return table
