"""`netlet check`: what students hand in, trained again, with a verdict on every answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netlet.errors import printable

if TYPE_CHECKING:
    from netlet.lab.desk.material import Material
    from netlet.lab.desk.verdict import Verdict

NOT_PASSED = 1
"""Exit code if a file is not what it says it is, or could not be checked whole."""

Seeds = Annotated[
    int | None,
    typer.Option(min=1, help="Of the claimed seeds, so many chosen at random.", show_default="all"),
]
Threads = Annotated[
    int | None,
    typer.Option(min=1, help="Files, or runs of a single one, at a time.", show_default="processors"),
]
Minutes = Annotated[float, typer.Option(min=0.01, help="For each file; then it is given up.")]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the verdicts as JSON.")]
MINUTES = 10.0


def check(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="results.json, pages (.html) or notebooks (.ipynb)."),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DIR", help="Folder with the exercise's files that students were given."
        ),
    ] = None,
    of_class: Annotated[
        Path | None,
        typer.Option("--class", metavar="DIR", help="Folder of the class, where everybody has own data."),
    ] = None,
    exercise: Annotated[
        Path | None,
        typer.Option("--exercise", metavar="DIR", help="Folder of an exercise with data of its own."),
    ] = None,
    seeds: Seeds = None,
    threads: Threads = None,
    minutes: Minutes = MINUTES,
    run: Annotated[
        bool, typer.Option("--run", help="Run notebooks first: this runs what students wrote.")
    ] = False,
    json: Json = None,
) -> None:
    """Check what was handed in: train the claimed seeds again and compare, answer by answer.

    Networks are reproduced to the bit on the same kind of machine; on another their values must be
    plausible among those of fresh seeds. Nothing handed in is run, but for notebooks with --run. Ends with
    code 1 if a file does not pass.
    """
    import tempfile

    from netlet.errors import DataError
    from netlet.lab import read
    from netlet.lab.desk import roster, running
    from netlet.lab.desk.material import Material
    from netlet.paths import expanded

    if data is not None and of_class is not None:
        raise DataError("in a class everybody has own data: give --data or --class, not both")
    material = Material(
        data_dir=None if data is None else expanded(data),
        own={} if exercise is None else read(expanded(exercise)).datasets,
        of_class=None if of_class is None else roster.read(expanded(of_class)).owned(),
    )
    paths = [expanded(file) for file in files]
    with tempfile.TemporaryDirectory(prefix="netlet-run-") as folder:
        if run:
            paths = [
                running.run(path, Path(folder) / f"{place}", minutes * 60) for place, path in enumerate(paths)
            ]
        check_files(paths, material, seeds, threads, minutes, json)


def check_files(
    paths: Sequence[Path],
    material: Material,
    seeds: int | None,
    threads: int | None,
    minutes: float,
    json: Path | None,
) -> None:
    """Check files, tell the verdicts, and leave with code 1 if one does not pass."""
    from dataclasses import asdict

    from netlet.cli import limits, targets
    from netlet.cli.printing import progress_bar
    from netlet.lab.desk.many import check_all
    from netlet.lab.desk.retraining import Asked
    from netlet.lab.desk.verdict import PLAUSIBLE, REPRODUCED
    from netlet.training.counts import checked_threads

    limits.check(seeds, threads)
    (json,) = targets.checked({"--json": json}, [])
    workers = min(checked_threads(threads), len(paths))
    asked = Asked(seeds, max(1, checked_threads(threads) // max(workers, 1)), minutes * 60)
    with progress_bar("files") as bar:
        task = bar.add_task("checking", total=len(paths))
        found = check_all(paths, material, asked, workers, lambda done, _: bar.update(task, completed=done))
    if json is not None:
        told = [
            asdict(each)
            | {
                "verdict": each.verdict,
                "answers": [asdict(of) | {"verdict": of.verdict} for of in each.answers],
            }
            for each in found
        ]
        targets.write_json(json, {"files": told})
    _print(found)
    if not all(each.verdict in (REPRODUCED, PLAUSIBLE) for each in found):
        raise typer.Exit(NOT_PASSED)


def _print(found: Sequence[Verdict]) -> None:
    """A line for every file; below it what is wrong, and of a single file everything."""
    from netlet.lab.desk.verdict import NOT, UNCHECKED, WORDS

    for each in found:
        student = f" ({printable(each.student)})" if each.student else ""
        if each.refused:
            typer.echo(f"✗ refused: {printable(each.refused)}")
            continue
        mark = {NOT: "✗", UNCHECKED: "?"}.get(each.verdict, "✓")
        typer.echo(f"{mark} {printable(each.file)}{student}: {_counted(each)}, {each.seconds:.1f} s")
        for remark in each.remarks:
            typer.echo(f"    {printable(remark)}")
        for answer in each.answers:
            if len(found) > 1 and answer.verdict not in (NOT, UNCHECKED):
                continue
            typer.echo(f"    {printable(answer.key)}: {WORDS[answer.verdict]}")
            for network in answer.networks:
                if len(found) == 1 or network.verdict in (NOT, UNCHECKED):
                    own = "own " if network.is_own else ""
                    reasons = "; ".join(network.reasons)
                    text = f"{own}{network.name} on {network.dataset}: {WORDS[network.verdict]}: {reasons}"
                    typer.echo(f"        {printable(text)}")


def _counted(verdict: Verdict) -> str:
    from collections import Counter

    from netlet.lab.desk.verdict import WORDS

    counts = Counter(answer.verdict for answer in verdict.answers)
    told = [f"{counts[each]} {words}" for each, words in WORDS.items() if counts[each]]
    return f"of {len(verdict.answers)} answers {', '.join(told) or 'none checked'}"
