"""`netlet class`: a class of students made, checked and overseen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netlet.cli.check import MINUTES, Json, Minutes, Seeds, Threads
from netlet.cli.data import Idx

app = typer.Typer(
    help="Make a class with own data for everybody, check and oversee it.", no_args_is_help=True
)

Exercise = Annotated[
    Path | None,
    typer.Option(
        "--exercise", metavar="DIR", help="Folder of an exercise of your own.", show_default="netlet's"
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


@app.command()
def make(
    students: Annotated[
        Path, typer.Argument(metavar="STUDENTS.csv", help="A line each: name, and id if any.")
    ],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the class's folders go.")],
    seed: Annotated[
        int, typer.Option(min=0, help="What everybody's data is made from; keep it to yourself.")
    ] = 1,
    exercise: Exercise = None,
    idx: Idx = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Students at a time.", show_default="processors")
    ] = None,
    force: Force = False,
) -> None:
    """Make a folder for each student, with own data and the exercise's notebook.

    class.json says whose data is whose, for netlet class check. Who is added to the list later gets a folder
    by the same command; those of the others stay as they are.
    """
    from netlet.cli.printing import progress_bar
    from netlet.lab import read
    from netlet.lab.desk import making, roster
    from netlet.paths import expanded
    from netlet.training.counts import checked_threads

    asked = roster.enrolled(expanded(students), expanded(folder), seed)
    chosen = read(None if exercise is None else expanded(exercise))
    with progress_bar("students") as bar:
        task = bar.add_task("making", total=len(asked.students))
        found, made = making.make(
            asked,
            chosen,
            checked_threads(threads),
            None if idx is None else expanded(idx),
            force,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    kept = f", {len(asked.students) - made} kept as they were" if made < len(asked.students) else ""
    typer.echo(f"{made} folders made in {found.folder}{kept}")


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the class.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE...]", help="What was handed in.", show_default="DIR/*/results.json"),
    ] = None,
    seeds: Seeds = None,
    threads: Threads = None,
    minutes: Minutes = MINUTES,
    json: Json = None,
) -> None:
    """Check what a class has handed in, as netlet check does: everybody against the data they were given."""
    from netlet.cli.check import check_files
    from netlet.errors import FileError
    from netlet.lab.desk import roster
    from netlet.lab.desk.material import Material
    from netlet.paths import expanded

    folder = expanded(folder)
    material = Material(of_class=roster.read(folder).owned())
    paths = [expanded(file) for file in files or sorted(folder.glob("*/results.json"))]
    if not paths:
        raise FileError(f"{folder} has no results.json in any student's folder: give the files", file=folder)
    check_files(paths, material, seeds, threads, minutes, json)


@app.command()
def report(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="results.json, pages or notebooks.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The page.")] = Path("class.html"),
    title: Annotated[str, typer.Option(help="Of the page.")] = "The class",
    verdicts: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What netlet class check --json wrote, to stand beside."),
    ] = None,
    force: Force = False,
) -> None:
    """Make one page on a class: who answered what, distributions, outliers, the smallest networks."""
    from netlet.cli import targets
    from netlet.errors import FileError, NetletError
    from netlet.lab.desk import class_page, marks, reading
    from netlet.paths import expanded
    from netlet.saving import write_whole

    (out,) = (each for each in targets.checked({"--out": out}, []) if each is not None)
    marks.check(out, force)
    found, refused = [], []
    for file in dict.fromkeys(map(expanded, files)):
        try:
            found.append(reading.read(file))
        except NetletError as error:
            refused.append(str(error))
    for line in refused:
        typer.echo(f"✗ refused: {line}", err=True)
    if not found:
        raise FileError("none of the files can be read: there is nothing to report on")
    told = None if verdicts is None else reading.verdicts(expanded(verdicts))
    write_whole(out, class_page.page(found, refused, title, told).encode())
    typer.echo(out)


@app.command()
def assignment(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the nbgrader course.")],
    name: Annotated[str, typer.Option(help="Of the assignment.")] = "exercise",
    exercise: Exercise = None,
    force: Force = False,
) -> None:
    """Write the exercise as an nbgrader assignment: solutions, graded cells, words to be graded by hand.

    In DIR, nbgrader generate_assignment makes the students' notebook of it, and nbgrader autograde grades it
    (pip install nbgrader).
    """
    from netlet.lab import read
    from netlet.lab.desk import assignment as assignments
    from netlet.paths import expanded

    chosen = read(None if exercise is None else expanded(exercise))
    typer.echo(assignments.write(chosen, expanded(folder), name, force))
