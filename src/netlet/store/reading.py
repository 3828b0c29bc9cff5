"""What is read out of a store: experiments with what is known of their runs, and the runs whole."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import numpy as np
from sqlalchemy import ColumnElement, select

from netlet.architecture import Architecture
from netlet.network import Network
from netlet.store import tables
from netlet.store.database import Database
from netlet.store.experiment import Experiment, StoredRun, details_of
from netlet.training import Run


def experiments_of(database: Database, *conditions: ColumnElement[bool]) -> tuple[Experiment, ...]:
    """The experiments that meet conditions, with their runs."""
    owners, runs = tables.experiments, tables.runs
    chosen = select(owners.c.fingerprint).where(*conditions)
    known = [column for column in runs.c if column not in (runs.c.history, runs.c.weights)]
    found = defaultdict(list)
    for row in database.select(select(*known).where(runs.c.fingerprint.in_(chosen)).order_by(runs.c.seed)):
        values = dict(row)
        fingerprint, ended = values.pop("fingerprint"), datetime.fromisoformat(values.pop("ended"))
        found[fingerprint].append(StoredRun(**values, ended=ended))
    rows = database.select(select(owners).where(*conditions))
    return tuple(
        Experiment(**{**row, "input_shape": tuple(row["input_shape"])}, runs=tuple(of_it))
        for row in rows
        if (of_it := found[row["fingerprint"]])
    )


def runs_of(database: Database, experiment: Experiment) -> tuple[Run, ...]:
    """The runs of an experiment with their histories and networks, in the order of their seeds."""
    seeds = [run.seed for run in experiment.runs]
    runs = tables.runs.c
    rows = database.select(
        select(runs.seed, runs.diverged, runs.history, runs.weights)
        .where(runs.fingerprint == experiment.fingerprint, runs.seed.between(min(seeds), max(seeds)))
        .order_by(runs.seed)
    )
    architecture, asked = Architecture(experiment.architecture), set(seeds)
    details = details_of(experiment)

    def network(weights: bytes, seed: int) -> Network:
        flat = np.frombuffer(weights, "<f4")
        about = None if experiment.origin is None else {**experiment.origin, "seed": seed}
        return Network.from_flat(
            architecture, experiment.input_shape, experiment.task, flat, about=about, **details
        )

    return tuple(
        Run(row["seed"], row["history"], row["diverged"], network(row["weights"], row["seed"]))
        for row in rows
        if row["seed"] in asked
    )
