"""The store: runs are put in, found, listed, taken out, exported and removed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike
from sqlalchemy import Insert, delete, select, update

from netlet.architecture import Architecture
from netlet.datasets import Dataset
from netlet.datasets.given import as_dataset
from netlet.errors import DataError, FileError, TrainingError, brief, printable
from netlet.interrupts import deferred
from netlet.machine import machine
from netlet.saving import write_whole
from netlet.store import tables
from netlet.store.database import Database
from netlet.store.experiment import Experiment, Metrics, described
from netlet.store.reading import experiments_of, runs_of
from netlet.store.trained import Asked, measured, train_missing
from netlet.training import OnEpoch, Progress, Run, Runs, Training

if TYPE_CHECKING:
    from netlet.store.journal import Journal


_ID = re.compile(r"([0-9a-f]{4,64})(?::(\d{1,19}))?")


class Store:
    """Runs in one SQLite file or a PostgreSQL database, which many processes may use at a time.

    Every run is written in one transaction when it ends. A store that is not there yet is empty, and is made
    when something is first written. It is closed at the end of a with statement, or by `close`.

    Parameters
    ----------
    where
        A file, or a URL such as ``postgresql://user@host/name``; by default what the variable NETLET_STORE
        says, or else ``runs.db`` in the user's data folder.

    Raises
    ------
    FileError
        By every method, if the store cannot be used: no database, damaged, made by a newer netlet, locked,
        not to be written to, or a disk without room.
    """

    def __init__(self, where: str | os.PathLike[str] | None = None) -> None:
        """Find out where it is; nothing is opened yet."""
        self._database = Database(where)

    def __enter__(self) -> Store:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """Where it is."""
        return f"<Store {self}>"

    def __str__(self) -> str:
        """Where it is, without a password."""
        return printable(str(self._database))

    def close(self) -> None:
        """Give back files and connections."""
        self._database.close()

    def make(self) -> None:
        """Make it if it is not there yet: from then on runs can be written."""
        self._database.make()

    def train(
        self,
        architecture: Architecture | str,
        dataset: Any,
        training: Training | None = None,
        *,
        seeds: int | Iterable[int] = 1,
        start: Any = None,
        freeze: Any = (),
        class_weight: Any = None,
        sample_weight: ArrayLike | None = None,
        validation_split: float | None = None,
        validate: bool = True,
        threads: int | None = None,
        quiet: bool | None = None,
        progress: Progress | None = None,
        on_epoch: OnEpoch | Iterable[OnEpoch] | None = None,
        on_run: Callable[[Run], None] | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        every: float | None = None,
        fresh: bool = False,
        origin: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> Runs:
        """Train from the seeds that are not stored yet, and find the others.

        Parameters
        ----------
        architecture, dataset, training, seeds, start, freeze, class_weight, sample_weight, validation_split
            As in `netlet.train`, whose errors are raised too.
        validate, threads
            As in `netlet.train`. A run that was stored without validation
            curves (``validate=False``, which searches do) is the same to the bit but for these: with
            ``validate=True`` it is trained again, and takes the place of the one without.
        quiet, progress, on_epoch, checkpoint, every, **settings
            As in `netlet.train`.
        on_run
            Called with every run that is trained, once it is stored.
        fresh
            Train from all seeds; what was stored of them is replaced.
        origin
            See `Experiment.origin`; by default the dataset's own.

        Returns
        -------
        Runs
            In the order of the seeds; ``found`` of them were stored before, and ``seconds`` is what training
            the others took.

        Raises
        ------
        NotStoredError
            If runs could not be stored after they were trained.
        Interrupted
            On Ctrl-C: its `runs` are those found and those trained until then; all that ended are stored.
        """
        asked = Asked.of(
            architecture,
            as_dataset(dataset, validation_split),
            training,
            settings,
            start=start,
            freeze=freeze,
            class_weight=class_weight,
            sample_weight=sample_weight,
        )
        return train_missing(
            self,
            asked,
            seeds,
            fresh=fresh,
            origin=origin,
            validate=validate,
            threads=threads,
            quiet=quiet,
            progress=progress,
            on_epoch=on_epoch,
            on_run=on_run,
            checkpoint=checkpoint,
            every=every,
        )

    def add(
        self,
        run: Run,
        dataset: Dataset,
        training: Training,
        seconds: float | None = None,
        origin: Mapping[str, Any] | None = None,
        metrics: Metrics | None = None,
        trained_on: str | None = None,
        search: str | None = None,
        besides: Mapping[str, Any] | None = None,
    ) -> Metrics:
        """Store one finished run, in one transaction; if it is there already, it is replaced.

        Parameters
        ----------
        run, dataset, training
            What `netlet.training.train` has made of what.
        seconds
            What the training took, by the clock, if it had the machine for itself.
        origin
            See `Experiment.origin`; by default the dataset's own.
        metrics
            The run's on every split, as `measured` gives them; by default they are computed.
        trained_on
            The machine; by default this one.
        search
            Of which the run is a part; None if it was asked for by itself.
        besides
            What decided the training besides its settings (`netlet.training.Runs.besides`).

        Returns
        -------
        dict
            The run's metrics on every split.

        Raises
        ------
        TrainingError
            If the run was interrupted.
        DataError
            If it cannot have been trained on the dataset.
        """
        if not run.finished:
            raise TrainingError(f"the run of seed {run.seed} was interrupted, so it cannot be stored")
        if (run.network.input_shape, run.network.task) != (dataset.input_shape, dataset.task):
            raise DataError(
                f"the run of seed {run.seed} was not trained on {dataset.name}, but on inputs of "
                f"{run.network.input_shape}: give the dataset that it was trained on"
            )
        metrics = measured(run, dataset) if metrics is None else metrics
        experiment = described(run.network.architecture, dataset, training, origin, besides, search)
        row = {
            "fingerprint": experiment["fingerprint"],
            "seed": run.seed,
            "epochs": run.epochs,
            "diverged": run.diverged,
            "seconds": seconds,
            "machine": trained_on or machine(),
            "netlet": _version(),
            "ended": datetime.now(UTC).isoformat(),
            "metrics": metrics,
            "history": run.history,
            "weights": b"".join(weight.astype("<f4").tobytes() for weight in run.network.weights),
        }
        unless_there, replacing = self._insertions
        with deferred(), self._database.writing() as connection:
            connection.execute(unless_there, experiment)
            connection.execute(replacing, row)
        return metrics

    def claim(self, experiment: Experiment) -> None:
        """Note that somebody has asked for an experiment that only a search had tried."""
        of_it = tables.experiments.c.fingerprint == experiment.fingerprint
        with self._database.writing() as connection:
            connection.execute(update(tables.experiments).where(of_it).values(search=None))

    @cached_property
    def _insertions(self) -> tuple[Insert, Insert]:
        """Of an experiment, if it is not there, and of a run, in the place of one that is."""
        owner, new = (self._database.insert(table) for table in (tables.experiments, tables.runs))
        replacing = new.on_conflict_do_update(
            index_elements=list(tables.runs.primary_key), set_=dict(new.excluded.items())
        )
        return owner.on_conflict_do_nothing(), replacing

    def find(
        self,
        architecture: Architecture | str,
        dataset: Dataset,
        training: Training | None = None,
        *,
        besides: Mapping[str, Any] | None = None,
    ) -> Experiment | None:
        """What is stored of an architecture, trained in this way on a dataset; None if nothing is.

        Parameters
        ----------
        architecture, dataset, training
            As in `train`.
        besides
            What decided the training besides its settings (`netlet.training.Runs.besides`).

        Raises
        ------
        ArchitectureError
            If the architecture does not fit the dataset.
        """
        training = training or Training.default(dataset, architecture)
        resolved = Architecture(architecture).resolve(
            dataset.input_shape, dataset.task, dataset.outputs, dataset.per_step, dataset_name=dataset.name
        )
        fingerprint = described(resolved, dataset, training, besides=besides)["fingerprint"]
        return next(
            iter(experiments_of(self._database, tables.experiments.c.fingerprint == fingerprint)), None
        )

    def get(self, id: str) -> Experiment:  # noqa: A002
        """One experiment by its id, of which four digits will do if there is no other like it.

        Parameters
        ----------
        id
            Such as ``"3fa91b2c"``, or ``"3fa91b2c:5"`` for the run of seed 5 alone.

        Raises
        ------
        FileError
            If there is none, or more than one.
        """
        match = _ID.fullmatch(id.strip().lower())
        if match is None:
            raise FileError(
                f"{brief(id)} is no id: it must look like 3fa91b2c, or 3fa91b2c:5 for seed 5 alone"
            )
        digits, seed = match.groups()
        alike = experiments_of(self._database, tables.experiments.c.fingerprint.startswith(digits))
        if len(alike) > 1:
            longer = ", ".join(experiment.fingerprint[: len(digits) + 4] for experiment in alike[:3])
            raise FileError(f"{id} may be {longer}: give more digits")
        for experiment in alike:
            runs = tuple(run for run in experiment.runs if seed is None or run.seed == int(seed))
            if runs:
                return replace(experiment, runs=runs)
        raise FileError(f"{self} has no runs {id}: see netlet runs list")

    def load(self, experiment: Experiment) -> tuple[Run, ...]:
        """The runs of an experiment with their histories and networks, in the order of their seeds."""
        return runs_of(self._database, experiment)

    def remove(self, *experiments: Experiment) -> int:
        """Take out the runs of experiments, as far as they have them; return how many were there."""
        runs, owners = tables.runs.c, tables.experiments.c
        count = 0
        with self._database.writing() as connection:
            for experiment in experiments:
                of_it = runs.fingerprint == experiment.fingerprint
                for run in experiment.runs:
                    count += connection.execute(
                        delete(tables.runs).where(of_it, runs.seed == run.seed)
                    ).rowcount
                is_empty = ~select(runs.seed).where(of_it).exists()
                connection.execute(
                    delete(tables.experiments).where(owners.fingerprint == experiment.fingerprint, is_empty)
                )
        return count

    def export(self, experiment: Experiment, path: str | os.PathLike[str]) -> Path:
        """Write the best run's network to a file for `netlet look`, or, if it ends in .py, as Keras code."""
        path = Path(path)
        if path.suffix == ".py":
            code = Architecture(experiment.architecture).keras_code(experiment.input_shape)
            return write_whole(path, code.encode())
        best = experiment.best
        (run,) = self.load(replace(experiment, runs=(best,)))
        origin = experiment.origin or {
            "dataset": experiment.dataset,
            "data_dir": None,
            "data_seed": experiment.dataset_seed,
        }
        return run.network.save(
            path, **origin, content=experiment.content_hash, seed=best.seed, training=experiment.settings
        )

    def list(
        self,
        dataset: str | None = None,
        content_hash: str | None = None,
        *,
        search: str | None = None,
        with_candidates: bool = True,
    ) -> tuple[Experiment, ...]:
        """Experiments, those that ended last at the end.

        Parameters
        ----------
        dataset, content_hash
            Only those on a dataset of that name, or that content.
        search
            Only what the search of that name has tried, and nobody has asked for by itself.
        with_candidates
            Whether what only searches have tried is among them.
        """
        columns = tables.experiments.c
        asked = {columns.dataset: dataset, columns.content_hash: content_hash, columns.search: search}
        conditions = [column == value for column, value in asked.items() if value is not None]
        if not with_candidates:
            conditions.append(columns.search.is_(None))
        return tuple(
            sorted(experiments_of(self._database, *conditions), key=lambda experiment: experiment.ended)
        )

    def journal(self, search: str) -> Journal:
        """What the search of this name has tried; empty if there was none."""
        from netlet.store.journal import Journal

        return Journal(self._database, search)

    def together(self) -> AbstractContextManager[None]:
        """Have all that this thread writes in a with statement in one transaction."""
        return self._database.together()

    def held(self, search: str) -> AbstractContextManager[None]:
        """Keep a search for this process alone; FileError if another process is at it."""
        return self._database.held(f"the search {search}")

    def forget(self, search: str) -> bool:
        """Remove what a search has tried, not its runs; return whether there was such a search."""
        with self._database.writing() as connection:
            of_it = tables.journals.c.search == search
            return connection.execute(delete(tables.journals).where(of_it)).rowcount > 0

    def searches(self) -> tuple[str, ...]:
        """The names of all searches, in the order of the alphabet."""
        name = tables.journals.c.search
        return tuple(row["search"] for row in self._database.select(select(name).distinct().order_by(name)))


@cache
def _version() -> str:
    import netlet

    return str(netlet.__version__)
