"""`search`: what is asked for is checked, and searched for."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from math import inf
from numbers import Integral, Real
from typing import Any

from netlet.datasets import Dataset
from netlet.datasets.given import as_dataset
from netlet.errors import DataError, Interrupted, TrainingError, brief
from netlet.metrics import METRICS
from netlet.search.display import shown
from netlet.search.executors import Executor, Threads
from netlet.search.hardware import Hardware
from netlet.search.loop import Loop
from netlet.search.population import Population
from netlet.search.result import Found
from netlet.search.scoring import Scoring
from netlet.search.space import Space
from netlet.search.status import Progress
from netlet.search.target import Target
from netlet.store import Store
from netlet.training import MOST_SEEDS, SettingError, Training
from netlet.training.counts import checked_flag
from netlet.training.trainer import chosen_training

MINUTES, SEEDS = 5.0, 32
MOST_MARGIN = 1e30
COST_A_MINUTE, LEAST_COST, MOST_COST = 1e9, 2e9, 2e10
"""A candidate may cost so much (`Candidate.cost`) for every minute of the search, within these limits."""
LEAST_USES = 20
"""However large the data, a candidate may multiply every number of the input by so many weights, in every one
of the usual epochs: a few feature maps' worth."""


def search(
    dataset: Any,
    target: Target | str,
    training: Training | None = None,
    *,
    minutes: float | None = None,
    candidates: int | None = None,
    max_parameters: int | None = None,
    seeds: int = SEEDS,
    fresh_seeds: int | None = None,
    margin: float | None = None,
    max_flash: str | float | None = None,
    max_ram: str | float | None = None,
    max_macs: str | float | None = None,
    int8: bool = False,
    validation_split: float | None = None,
    threads: int | None = None,
    quiet: bool | None = None,
    progress: Progress | None = None,
    name: str | None = None,
    store: Store | str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    space: Space | None = None,
    origin: Mapping[str, Any] | None = None,
    seed: int = 0,
    **settings: Any,
) -> Found:
    """Search for the network with the fewest parameters that reaches a target.

    Candidates are raced: each is trained from one seed first; those that stay near the front of parameters
    against the metric from more; those that may be the answer, and at the end the front, from all.

    Parameters
    ----------
    dataset
        Its validation split decides. As in `netlet.train`: a dataset, its name or path, or arrays.
    target
        What is to be reached; as text such as ``"accuracy=0.98"`` in the median seed.
    training
        The settings to start from; by default the dataset's own.
    minutes
        How long; by default 5, or without limit where `candidates` is given.
    candidates
        How many to try in all, those of a search that is resumed included.
    max_parameters
        Larger networks are not tried.
    seeds
        From how many seeds the answer and the front are trained.
    fresh_seeds
        From how many more seeds, which have no part in the race, the answer is trained at the end; by default
        as many as `seeds`. These are to be quoted (`Found.fresh`).
    margin
        How much better than the target the race asks for, so that data nobody chose on keep it: see
        `netlet.search.scoring.Scoring`. 0 for nothing.
    max_flash, max_ram
        Bytes of weights and tables, and of buffers and state, that a network may need when it is written in C
        (`netlet export model.h`, whose code and input come on top): 8192, or "8k" (of 1,024).
    max_macs
        Multiply-adds of one answer (of sequences: of one step): 50000, or "50k" (of 1,000).
    int8
        Whether the network is to run in int8: costs and values are those of the network in int8, measured.
    validation_split
        As in `netlet.train`.
    threads
        How many runs at a time, if no executor is given; by default as many as there are processors.
    quiet
        True shows no progress; by default there is a line in a terminal and in a notebook.
    progress
        Told how far it is, in the place of that line.
    name
        Of a search to go on with, or of a new one; by default made of the dataset and the time.
    store
        Where runs and the search are kept, or the path of it; by default the user's own.
    executor
        Who trains; by default as many threads as there are processors. It is closed at the end.
    space
        What to choose from; by default all there is.
    origin
        See `netlet.store.Experiment.origin`; by default the dataset's own.
    seed
        Of the choices. What is chosen depends on which run ends first, too.
    **settings
        Settings by their names, in the place of those of `training` or the dataset's own.

    Returns
    -------
    Found
        If the store fails, what was found until then.

    Raises
    ------
    TrainingError
        If a number makes no sense, or nothing that small can be made.
    DataError
        If the executor or the space was made for another dataset.
    Interrupted
        On Ctrl-C: its `result` is what was found until then.
    ArchitectureError
        If the dataset is of a kind that cannot be searched.
    FileError
        If the store cannot be used, has another search of that name, or another process is at this one.
    """
    if executor is not None and not callable(getattr(executor, "close", None)):
        raise _wrong("executor", executor, "what trains, such as netlet.search.Threads(dataset)")
    int8, quiet = bool(checked_flag("int8", int8)), checked_flag("quiet", quiet)
    if not (name is None or (isinstance(name, str) and name.isprintable())):
        raise _wrong("name", name, "printable text")
    if space is not None and not isinstance(space, Space):
        raise _wrong("space", space, "a netlet.search.Space")
    with contextlib.ExitStack() as closing:
        if executor is not None:
            closing.callback(executor.close)
        if isinstance(store, (str, os.PathLike)):
            store = closing.enter_context(Store(store))
        if store is not None and not isinstance(store, Store):
            raise _wrong("store", store, "a netlet.Store, or the path of one")
        dataset = as_dataset(dataset, validation_split)
        target = Target.read(target, dataset.task) if isinstance(target, str) else target
        if not isinstance(target, Target):
            raise _wrong("target", target, "text such as accuracy=0.98, or a netlet.search.Target")
        fresh_seeds = seeds if fresh_seeds is None else fresh_seeds
        if not (_is_whole(fresh_seeds, 0) and fresh_seeds <= MOST_SEEDS):
            raise SettingError(
                "fresh_seeds", f"is {brief(fresh_seeds)}, but must be from 0 to {MOST_SEEDS:,}"
            )
        minutes = MINUTES if minutes is None and candidates is None else minutes
        check_numbers(minutes, candidates, max_parameters, seeds, seed)
        if target.metric not in (known := METRICS[dataset.task]):
            raise TrainingError(
                f"there is no metric {brief(target.metric)} for this task: choose from {', '.join(known)}"
            )
        if margin is not None and not (isinstance(margin, Real) and 0 <= margin <= MOST_MARGIN):
            raise _wrong("margin", margin, "a number from 0")
        hardware = Hardware.of(max_flash, max_ram, max_macs, int8)
        if executor is not None and executor.content_hash != dataset.content_hash:
            raise DataError(
                f"the executor trains on other data than {dataset.name}: make it of the dataset searched on"
            )
        if space is None:
            space = Space(dataset, chosen_training(training, dataset, **settings))
        elif not space.fits(dataset):
            raise DataError(
                f"the space is of another kind of data than {dataset.name}: make it of {dataset.name}"
            )
        if max_parameters is not None and max_parameters < space.least_parameters:
            raise TrainingError(
                f"max_parameters is {max_parameters}, but no network for {dataset.name} has fewer than "
                f"{space.least_parameters}"
            )
        cost = min(max(COST_A_MINUTE * (minutes or MINUTES), LEAST_COST), MOST_COST)
        cost = max(cost, LEAST_USES * space.cost_of_one_use)
        scoring = Scoring(dataset, target, margin, hardware.int8)
        population = Population(space, scoring.raced, seeds, max_parameters, cost, seed, hardware)
        store = store if store is not None else closing.enter_context(Store())
        name = name or new_name(dataset, target)
        closing.enter_context(store.held(name))
        if executor is None:
            executor = Threads(dataset, threads)
            closing.callback(executor.close)
        loop = Loop(dataset, population, store, executor, name, origin, scoring, fresh_seeds)
        with shown(progress, quiet) as show:
            found = replace(loop.run(minutes, candidates, show), seed=seed)
    if found.interrupted:
        raise Interrupted(
            f"interrupted after {found.candidates} networks; what was found is in the exception's .result "
            f"(in a notebook: import sys; sys.last_value.result), and name={brief(found.name)} goes on",
            found,
        )
    if not (found.candidates or found.problem):
        raise TrainingError(
            f"no network for {dataset.name} could be made"
            + (f" with at most {max_parameters} parameters" if max_parameters else "")
            + (f" within {hardware}" if hardware else "")
            + f": give more {'room' if hardware else 'parameters'}, or a larger space"
        )
    return found


def new_name(dataset: Dataset, target: Target) -> str:
    """A name for a search, of letters that a file's name may have, made of what is searched and the time."""
    what = re.sub(r"[^\w.+-]+", "-", f"{dataset.name}-{target.metric}")[:70].lstrip(".+-") or "search"
    return f"{what}-{datetime.now():%Y%m%d-%H%M%S-%f}"[:-3]


def check_numbers(
    minutes: float | None,
    candidates: int | None,
    max_parameters: int | None,
    seeds: int,
    seed: int = 0,
) -> None:
    """Refuse, as TrainingError, numbers with which nothing can be searched; None is fine."""
    if minutes is not None and not (isinstance(minutes, Real) and 0 < minutes < inf):
        raise SettingError("minutes", f"is {brief(minutes)}, but must be a number above 0")
    counts = {"candidates": candidates, "max_parameters": max_parameters, "seeds": seeds}
    for what, number in counts.items():
        if (number is not None or what == "seeds") and not _is_whole(number, 1):
            raise SettingError(what, f"is {brief(number)}, but must be a whole number from 1")
    if seeds > MOST_SEEDS:
        raise SettingError("seeds", f"is {brief(seeds)}, but must be at most {MOST_SEEDS:,}")
    if not (_is_whole(seed, 0) and seed < 2**63):
        raise SettingError("seed", f"is {brief(seed)}, but must be a whole number from 0, below 2**63")


def _wrong(name: str, value: object, allowed: str) -> TrainingError:
    return TrainingError(f"{name} is {brief(value)}, but must be {allowed}", setting=name)


def _is_whole(number: Any, least: int) -> bool:
    return isinstance(number, Integral) and not isinstance(number, bool) and int(number) >= least
