"""`netlet search`: the smallest network that reaches a target, and the front of size against quality."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netlet.cli import data_options
from netlet.cli.data import DataDir, show_notes
from netlet.cli.origin import sources_of
from netlet.cli.runs import Where
from netlet.errors import FileError, Interrupted, NetletError, TrainingError
from netlet.training.settings import SettingError

if TYPE_CHECKING:
    from netlet.datasets import Dataset
    from netlet.search import Executor, Found, Status, Target
    from netlet.store import Store

_NAME = re.compile(r"[\w][\w.+-]{0,99}")
_NUMBERS = ("minutes", "candidates", "max_parameters", "seeds", "seed", "max_flash", "max_ram", "max_macs")
_ANSWER = ("answer.netlet", "answer.py", "answer.h")


@data_options.with_data()
def search(
    context: typer.Context,
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
    max_flash: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Bytes of weights and tables that a network may need, written in C (code comes on top): 8k.",
        ),
    ] = None,
    max_ram: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Bytes of buffers and state (the input comes on top): 2k."),
    ] = None,
    max_macs: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Multiply-adds an answer (of sequences: a step): 50k."),
    ] = None,
    int8: Annotated[
        bool,
        typer.Option("--int8", help="The network is to run in int8: costs and values are those, measured."),
    ] = False,
    seeds: Annotated[int, typer.Option(help="Seeds of the answer, and of every point of the front.")] = 32,
    seed: Annotated[
        int,
        typer.Option(help="Of the search's own choices. Which run ends first decides some of them, too."),
    ] = 0,
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
    from netlet.cli import limits, searched, targets
    from netlet.cli.interrupts import interrupts
    from netlet.paths import expanded
    from netlet.search import Hardware, check_numbers, new_name
    from netlet.search import search as search_for
    from netlet.store import Store

    limits.check(seeds, threads)
    if ray is not None and threads is not None:
        raise TrainingError("--ray and --threads are both given: a cluster has processors of its own")
    if resume is not None and not _NAME.fullmatch(resume):
        raise FileError(f"--resume {resume!r} is no name: letters, digits and . + - _ only, at most 100")
    with _flagged():
        check_numbers(minutes, candidates, max_parameters, seeds, seed)
        hardware = Hardware.of(max_flash, max_ram, max_macs, int8)
    sources = sources_of(dataset, data)
    json, save, figure = targets.checked({"--json": json, "--save": save, "--figure": figure}, sources)
    if figure is not None and figure.suffix not in (".png", ".svg"):
        raise FileError(f"--figure {figure} must end in .png or .svg")
    loaded = data_options.load(context, dataset, data, data_seed)
    target = _target(at_least, at_most, loaded.task, of)
    name = resume or new_name(loaded, target)
    folder = None if out is None else _folder(expanded(out), sources)
    with interrupts() as stop, Store(store) as kept:
        stop.hold()
        executor = _executor(loaded, threads, ray)
        with searched.display(loaded, target) as show, _flagged():
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
                    max_flash=hardware.max_flash,
                    max_ram=hardware.max_ram,
                    max_macs=hardware.max_macs,
                    int8=int8,
                    seeds=seeds,
                    seed=seed,
                    margin=margin,
                    name=name,
                    store=kept,
                    executor=executor,
                    progress=progress,
                )
            except Interrupted as stopped:
                found = stopped.result
        problems = _keep(found, kept, loaded, folder, json, save, figure)
        searched.show(found, folder, is_quiet=targets.is_stdout(json))
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
    dataset: Dataset,
    folder: Path | None,
    json: Path | None,
    save: Path | None,
    figure: Path | None,
) -> list[NetletError]:
    """Write the figure, the answer and the JSON; return what went wrong."""
    from dataclasses import replace

    from netlet import figures
    from netlet.cli import targets
    from netlet.interop.c import to_c, to_c_int8
    from netlet.saving import write_whole

    def write(into: Path) -> None:
        try:
            into.mkdir(exist_ok=True)
        except OSError as error:
            raise FileError(f"{into} cannot be made: {error.strerror}") from None
        targets.write_json(into / "results.json", found.as_dict())
        if found.front:
            figures.save(figures.front(found, f"{found.name}: {found.target}"), into / "front.png")
        for name in _ANSWER:
            (into / name).unlink(missing_ok=True)  # of another search, or another target
            if found.answer is None or (name == "answer.h" and not found.hardware):
                continue
            best = replace(found.answer.experiment, runs=(found.answer.best,))
            if name == "answer.h":
                network = store.load(best)[0].network
                header = (
                    to_c_int8(network, dataset.train.x, "answer")[0]
                    if found.hardware.int8
                    else to_c(network, "answer")
                )
                write_whole(into / name, header.text.encode())
            else:
                store.export(best, into / name)

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
