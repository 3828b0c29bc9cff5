"""`netlet search`: the smallest network that reaches a target, and the front of size against quality."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netlet.cli.data import DataDir, show_notes
from netlet.cli.origin import origin_of, sources_of
from netlet.cli.runs import Where
from netlet.errors import FileError, Interrupted, NetletError, TrainingError
from netlet.training.settings import SettingError

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from netlet.datasets import Dataset
    from netlet.search import Executor, Found, Point, Progress, Status, Target
    from netlet.store import Store

_NAME = re.compile(r"[\w][\w.+-]{0,99}")
_NUMBERS = ("minutes", "candidates", "max_parameters", "seeds")
_ANSWER = ("answer.netlet", "answer.py")
_ROWS = 12  # of the front that moves


def search(
    dataset: Annotated[str, typer.Argument(help="Name of a dataset, or a path to one's own.")],
    at_least: Annotated[
        str | None,
        typer.Option(
            metavar="METRIC=NUMBER",
            help="What is to be reached on the validation split, such as accuracy=0.98 or "
            "normalised_error=0.006 (of errors and losses: at most).",
            show_default=False,
        ),
    ] = None,
    at_most: Annotated[
        str | None,
        typer.Option(metavar="METRIC=NUMBER", help="The same for an error or a loss, such as mae=0.1."),
    ] = None,
    of: Annotated[
        str, typer.Option(metavar="SEED", help="By which seed: median, best, or a quantile such as q10.")
    ] = "median",
    minutes: Annotated[
        float | None, typer.Option(help="How long.", show_default="5, or as --candidates need")
    ] = None,
    candidates: Annotated[int | None, typer.Option(help="How many networks to try in all.")] = None,
    max_parameters: Annotated[int | None, typer.Option(help="Try nothing larger.")] = None,
    seeds: Annotated[int, typer.Option(help="Seeds of the answer, and of every point of the front.")] = 32,
    margin: Annotated[
        float | None,
        typer.Option(
            help="How much better than the target the race asks for, on the training data too, so that new "
            "data keep it; 0 for nothing.",
            show_default="a standard error of the validation data",
        ),
    ] = None,
    resume: Annotated[
        str | None, typer.Option(metavar="NAME", help="Go on with the search of this name, or begin it.")
    ] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all results to a JSON file; - prints them.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="A folder for all of it: results, figure, the answer for netlet look and as Keras code.",
        ),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the answer's network, for netlet look.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the front: a .png or .svg file.")
    ] = None,
    data: DataDir = None,
    data_seed: Annotated[int, typer.Option(min=0, help="What generated data is generated from.")] = 0,
    store: Where = None,
    threads: Annotated[
        int | None, typer.Option(help="Runs at a time.", show_default="as many as processors")
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="auto|HOST:PORT", help="Train on a Ray cluster: on one that runs here, or at an address."
        ),
    ] = None,
) -> None:
    """Search for the network with the fewest parameters that reaches a target.

    Thousands of small networks are tried, from one seed first; those near the front of size against quality
    from more, and the answer and the front from all. Everything is kept: a search that was stopped or killed
    goes on with --resume.
    """
    from netlet.cli import limits, targets
    from netlet.cli.interrupts import interrupts
    from netlet.datasets import load
    from netlet.paths import expanded
    from netlet.search import check_numbers, new_name
    from netlet.search import search as search_for
    from netlet.store import Store

    limits.check(seeds, threads)
    if ray is not None and threads is not None:
        raise TrainingError("--ray and --threads are both given: a cluster has processors of its own")
    if resume is not None and not _NAME.fullmatch(resume):
        raise FileError(f"--resume {resume!r} is no name: letters, digits and . + - _ only, at most 100")
    with _flagged():
        check_numbers(minutes, candidates, max_parameters, seeds)
    sources = sources_of(dataset, data)
    json, save, figure = targets.checked({"--json": json, "--save": save, "--figure": figure}, sources)
    if figure is not None and figure.suffix not in (".png", ".svg"):
        raise FileError(f"--figure {figure} must end in .png or .svg")
    loaded = load(dataset, data, data_seed)
    target = _target(at_least, at_most, loaded.task, of)
    name = resume or new_name(loaded, target)
    folder = None if out is None else _folder(expanded(out), sources)
    with interrupts() as stop, Store(store) as kept:
        stop.hold()
        executor = _executor(loaded, threads, ray)
        with _display(loaded, target) as show, _flagged():
            is_named = False

            def progress(status: Status) -> None:
                nonlocal is_named
                if not is_named:
                    is_named = True
                    typer.echo(f"search {name}: whatever happens, --resume {name} goes on with it", err=True)
                    show_notes(loaded, json)
                stop.check()
                show(status)

            try:
                found = search_for(
                    loaded,
                    target,
                    minutes=minutes,
                    candidates=candidates,
                    max_parameters=max_parameters,
                    seeds=seeds,
                    margin=margin,
                    name=name,
                    store=kept,
                    executor=executor,
                    origin=origin_of(loaded, dataset, data),
                    progress=progress,
                )
            except Interrupted as stopped:
                found = stopped.result
        problems = _keep(found, kept, folder, json, save, figure)
        _print(found, folder, is_quiet=str(json) == targets.STDOUT)
    if found.problem is not None:
        rest = "; what was found until then is above" if found.front else ""
        problems.insert(0, NetletError(f"{found.problem or 'out of memory'}{rest}"))
    if problems:
        raise FileError("; ".join(map(str, problems)))
    if found.interrupted:
        raise KeyboardInterrupt
    stop.check()


@contextmanager
def _flagged() -> Iterator[None]:
    """Have errors about numbers name the option."""
    try:
        yield
    except SettingError as error:
        if error.setting not in _NUMBERS:
            raise
        option = str(error.setting).replace("_", "-")
        raise TrainingError(f"--{option} {error.problem}", setting=error.setting) from None


def _folder(path: Path, sources: list[Path]) -> Path:
    """Check that it can be written to, before the work, and is no part of the data."""
    from netlet.cli import targets

    if path.exists() and not path.is_dir():
        raise FileError(f"--out {path} is a file: give the name of a folder")
    where = targets.behind_links(path)
    if not where.parent.is_dir():
        raise FileError(f"--out {path}: there is no folder {where.parent}, make it first")
    for source in sources:
        if source.is_dir() and where.is_relative_to(targets.behind_links(source)):
            raise FileError(f"--out {path} is within the data, and would become a part of it: give another")
    targets.check("--out", path / "front.png" if path.exists() else where.parent / f".{path.name}")
    return path


def _executor(dataset: Dataset, threads: int | None, ray: str | None) -> Executor:
    from netlet.search import Threads

    if ray is None:
        return Threads(dataset, threads)
    from netlet.search.executors.ray_cluster import RayExecutor

    return RayExecutor(dataset, ray)


def _target(at_least: str | None, at_most: str | None, task: str, of: str) -> Target:
    """What is asked for, in one of two ways."""
    from netlet.search import Target

    if (at_least is None) == (at_most is None):
        given = "both given" if at_least is not None else "missing"
        raise TrainingError(
            f"--at-least and --at-most are {given}: give one, such as --at-least accuracy=0.98"
        )
    target = Target.read(str(at_least or at_most), task, of)
    if at_most is not None and target.higher_is_better:
        raise TrainingError(
            f"--at-most {at_most}: more {target.metric} is better, so give --at-least {at_most}"
        )
    return target


def _keep(
    found: Found,
    store: Store,
    folder: Path | None,
    json: Path | None,
    save: Path | None,
    figure: Path | None,
) -> list[NetletError]:
    """Write the figure, the answer and the JSON; return what went wrong."""
    from dataclasses import replace

    from netlet import figures
    from netlet.cli import targets

    def write(into: Path) -> None:
        try:
            into.mkdir(exist_ok=True)
        except OSError as error:
            raise FileError(f"{into} cannot be made: {error.strerror}") from None
        targets.write_json(into / "results.json", found.as_dict())
        if found.front:
            figures.save(figures.front(found, f"{found.name}: {found.target}"), into / "front.png")
        for name in _ANSWER:
            if found.answer is not None:
                store.export(replace(found.answer.experiment, runs=(found.answer.best,)), into / name)
            else:
                (into / name).unlink(missing_ok=True)  # of another search, or another target

    problems = [targets.write_somewhere(write, folder)] if found.front and folder is not None else []
    if found.answer is not None and save is not None:
        best = replace(found.answer.experiment, runs=(found.answer.best,))
        problems.append(
            targets.write_somewhere(lambda path: store.export(best, targets.behind_links(path)), save)
        )
    if found.front and figure is not None:
        drawn = figures.front(found, f"{found.name}: {found.target}")
        problems.append(
            targets.write_somewhere(lambda path: figures.save(drawn, targets.behind_links(path)), figure)
        )
    problems.append(targets.keep_json(json, found.as_dict()))
    return [problem for problem in problems if problem is not None]


@contextmanager
def _display(dataset: Dataset, target: Target) -> Iterator[Progress]:
    """Show the front as it moves, on a terminal."""
    from rich.console import Console
    from rich.live import Live

    where = Console(stderr=True)
    if not where.is_terminal:
        yield lambda status: None
        return
    with Live(console=where, transient=True, auto_refresh=False) as live:
        shown = [-1.0]

        def show(status: Status) -> None:
            if status.seconds - shown[0] >= 0.25:
                shown[0] = status.seconds
                live.update(_moving(status, dataset, target), refresh=True)

        yield show


def _moving(status: Status, dataset: Dataset, target: Target) -> Group:
    """The front so far, as much of it as there is room for, and how far the search is."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from netlet.cli.printing import number

    left = "" if status.left is None else f", about {_minutes(status.left)} left"
    what = "training the front from all seeds" if status.is_finishing else "searching"
    rate = status.begun / status.seconds if status.seconds else 0.0
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("parameters", target.metric, "seeds"):
        table.add_column(column, justify="right")
    table.add_column("")
    goal = target.value
    reached = [place for place, row in enumerate(status.front) if target.value_of(row[1]) >= target.goal]
    last = min(reached[0] + 2, len(status.front)) if reached else len(status.front)
    for row in status.front[max(0, last - _ROWS) : last]:
        parameters, value, seeds = row
        note = "the answer so far" if row == status.answer else ""
        table.add_row(f"{parameters:,}", number(value), f"{seeds}", note)
    if status.answer is None:
        table.add_row("", number(goal), "", "to be reached")
    return Group(
        Text(f"{what}: {dataset.name}, {target}{left}"),
        table,
        Text(f"{status.candidates:,} networks, {status.runs:,} runs, {rate:.1f} networks a second"),
    )


def _minutes(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def _print(found: Found, folder: Path | None, is_quiet: bool) -> None:
    """The front, the answer, and how it was chosen; on stderr where stdout is for JSON."""
    from netlet.cli.printing import console, distribution_table
    from netlet.search.space import SETTINGS

    where = console(to_stderr=is_quiet)

    def tell(text: str, style: str | None = None) -> None:
        where.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    if found.front:
        where.width = 10_000  # a network a line, however long it is
        where.print(_front_table(found))
        where = console(to_stderr=is_quiet)
    answer = found.answer
    if answer is None and found.problem is None:
        tell(f"No network that was trained from all {found.seeds} seeds reaches {found.target}.", "bold")
        if found.front:
            tell("Above is the best front: more --minutes, or a lower target, may help.")
    if answer is not None:
        tell(f"The smallest network that reaches {found.target}: {answer.parameters:,} parameters", "bold")
        tell(answer.experiment.architecture)
        settings = {name: answer.experiment.settings[name] for name in SETTINGS}
        tell(", ".join(f"{name} {value}" for name, value in settings.items() if value is not None))
        where.print(distribution_table(answer.experiment))
        tell(_best_sentence(answer, found.target))
        tell(_shares_sentence(found.fresh or answer, found.target))
        if found.fresh is not None:
            tell(_fresh_sentence(found.fresh, found.target))
        tell(found.caveat)
        if found.margin:
            tell(
                f"The race asked for {found.margin:.2g} more than the target, on validation and training "
                "data alike, so that new data keep it (--margin 0: validation alone decides)."
            )
    if (share := found.majority.get("validation")) is not None:
        tell(
            f"Always answering the largest class (majority share) would be right on {share:.1%} of the "
            "validation data; networks that do no better than that count for nothing."
        )
    for remark in found.remarks():
        tell(remark)
    if found.front and folder is not None:
        tell(
            f"{folder} has front.png, results.json"
            + (", answer.netlet for netlet look, and answer.py, Keras code" if answer is not None else "")
        )
    tell(
        f"{found.candidates:,} networks, {found.runs:,} runs ({found.trained:,} trained now), "
        f"{found.seconds:.0f} s, {found.training_share:.0%} of the processors' time in training; "
        f"to go on: --resume {found.name}"
    )
    if found.interrupted:
        where.print("[yellow]interrupted: this is what was found until then[/yellow]")


def _best_sentence(point: Point, target: Target) -> str:
    """What the seed in answer.netlet reaches on splits that it was not, and was, chosen on."""
    from netlet.cli.printing import number

    told = ", ".join(
        f"{number(values[target.metric])} on {split}"
        for split, values in point.best.metrics.items()
        if values is not None
    )
    return f"Its best seed by validation, {point.best.seed}, has {target.metric} {told}."


def _fresh_sentence(point: Point, target: Target) -> str:
    """What to quote: seeds that took no part in the race."""
    from netlet.cli.printing import number

    told = ", ".join(
        f"{number(point.values[split])} on {split}"
        for split in ("validation", "test")
        if point.values.get(split)
    )
    count = len(point.experiment.runs)
    seeds = f"{target.seed} of {count} fresh seeds, which had no part in the race"
    return f"To be quoted: {target.metric} of {seeds}: {told}."


def _shares_sentence(point: Point, target: Target) -> str:
    shares = {split: share for split, share in point.shares.items() if share is not None}
    ends = {split: point.interval(split) or (0.0, 1.0) for split in shares}
    told = ", ".join(
        f"{share:.0%} on {split} ({ends[split][0]:.0%} to {ends[split][1]:.0%})"
        for split, share in shares.items()
    )
    return f"{target.metric} {target.value:g} is reached by so many seeds (95 % interval): {told}."


def _front_table(found: Found) -> Table:
    from rich import box
    from rich.table import Table

    from netlet.cli.printing import number

    target, metric = found.target, found.target.metric
    asked = {"median": "", "best": ""}.get(target.of, target.of)
    table = Table(box=box.SIMPLE_HEAD, title=f"front: {target}", title_justify="left")
    titles = ["parameters", "seeds", f"{metric}: median", "quartiles", "best", asked, "test", "reached"]
    for title in filter(None, titles):
        table.add_column(title, justify="right")
    for title in ("id", "architecture"):
        table.add_column(title)
    for point in found.front:
        spread = (point.experiment.summary()["validation"] or {})[metric]
        is_answer = found.answer is not None and point.experiment.id == found.answer.experiment.id
        table.add_row(
            f"{point.parameters:,}",
            f"{len(point.experiment.runs)}",
            number(spread.median),
            f"{number(spread.lower_quartile)} .. {number(spread.upper_quartile)}",
            number(spread.best),
            *([number(point.values["validation"])] if asked else []),
            number(point.values["test"]),
            f"{point.shares['validation']:.0%}",
            point.experiment.id,
            point.experiment.architecture,
            style="bold" if is_answer else None,
        )
    table.caption = f"test: of {target.seed}" + (" by validation" if target.of == "best" else "")
    return table
