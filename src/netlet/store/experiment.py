"""An experiment: one architecture trained in one way on one dataset; and what is known of its runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from numbers import Real
from typing import Any

from netlet import metrics
from netlet.architecture import Architecture
from netlet.datasets import Dataset
from netlet.datasets.scaling import Scaling
from netlet.errors import TrainingError
from netlet.training import Training
from netlet.training.ranking import rank

SEMANTICS = 2
"""Raised whenever the same training comes to give other results: runs of before are then no longer found."""

_ID_DIGITS = 8

_LATER_SETTINGS = frozenset(
    (
        *("loss", "weight_decay", "plateau_factor", "plateau_patience"),
        *("shift", "flip", "turn", "zoom", "erase", "noise", "fill"),
    )
)
"""Settings that a fingerprint holds only where they do not have their defaults.

What was stored before there were such settings is so found as before. Their defaults must not change without
`SEMANTICS`, nor may a name ever leave this list.
"""

Metrics = dict[str, dict[str, float | None] | None]
"""For each split its metrics, as `Runs.metrics` has them; None for a split the dataset does not have."""


@dataclass(frozen=True)
class StoredRun:
    """What is known of a run, but for its history and weights.

    Attributes
    ----------
    seed, epochs, diverged
        As in `netlet.training.Run`.
    metrics
        By split; NaN where the run diverged, None where undefined.
    seconds
        What its training took, by the clock; None if others ran beside it.
    machine, netlet
        Where it was trained, and by which version.
    ended
        When, in UTC.
    """

    seed: int
    epochs: int
    diverged: int | None
    metrics: Metrics
    seconds: float | None
    machine: str
    netlet: str
    ended: datetime


@dataclass(frozen=True)
class Experiment:
    """One architecture trained in one way on one dataset, from one seed or many.

    Attributes
    ----------
    fingerprint
        SHA-256 (hex) of all that decides what a seed gives: see `described`.
    architecture
        Resolved, as text.
    input_shape, task, parameters
        As in `netlet.network.Network`.
    settings
        Of the training, by the names of `netlet.training.Training`.
    dataset, dataset_seed, dataset_source, content_hash
        As in `netlet.datasets.Dataset`.
    origin
        From where `netlet look` loads the dataset, if that is known: ``dataset`` (a name or a path),
        ``data_dir``, ``data_seed`` and ``reading``; see `netlet.datasets.Dataset.origin`.
    runs
        In the order of their seeds.
    besides
        What decides what a seed gives besides the settings, if anything does: weights that were started from
        (their SHA-256), layers that were frozen, weights of classes and samples (of these the SHA-256).
    details
        What a network knows besides its weights: ``class_names``, ``integer_scale``, ``input_scaling``,
        ``target_scaling``, ``reading`` and ``feature_names``.
    search
        The search that has tried it, if nobody has asked for it by itself.
    """

    fingerprint: str
    architecture: str
    input_shape: tuple[int, ...]
    task: str
    parameters: int
    settings: dict[str, Any]
    dataset: str
    dataset_seed: int | None
    dataset_source: str
    content_hash: str
    origin: dict[str, Any] | None
    runs: tuple[StoredRun, ...]
    besides: dict[str, Any] | None = None
    details: dict[str, Any] | None = None
    search: str | None = None

    @property
    def id(self) -> str:
        """The first digits of the fingerprint, which are what people call it by."""
        return self.fingerprint[:_ID_DIGITS]

    @property
    def training(self) -> Training:
        """The settings, as what trains."""
        return Training(**self.settings)

    @property
    def ended(self) -> datetime:
        """When its last run did."""
        return max(run.ended for run in self.runs)

    @property
    def ranked_by(self) -> str:
        """The metric runs are ranked by: accuracy, or normalised_error."""
        return metrics.METRICS[self.task][0]

    @property
    def best(self) -> StoredRun:
        """The run that `netlet.training.Runs.best` would choose."""
        return min(
            self.runs,
            key=lambda run: rank(
                self.task, run.diverged is not None, run.metrics["validation"] or {}, run.seed
            ),
        )

    def distribution(self, metric: str | None = None, split: str = "validation") -> metrics.Distribution:
        """One metric over all runs; by default the one they are ranked by.

        Raises
        ------
        TrainingError
            If there is no such metric or split.
        """
        metric = metric or self.ranked_by
        values = [run.metrics.get(split) for run in self.runs]
        if any(value is None or metric not in value for value in values):
            raise TrainingError(
                f"{self.id} has no {metric} on a {split} split: see netlet runs show {self.id}"
            )
        found = [value[metric] for value in values if value is not None]
        return metrics.summarise(found, metrics.higher_is_better(metric), metrics.worst(metric))

    def summary(self) -> dict[str, dict[str, metrics.Distribution] | None]:
        """For each split the distribution of each metric; None for a split the dataset does not have.

        Metrics that a run was kept without, by an older netlet, are left out.
        """
        kept = [values for run in self.runs for values in run.metrics.values() if values is not None]
        names = [name for name in metrics.METRICS[self.task] if all(name in values for values in kept)]
        return {
            split: None if values is None else {name: self.distribution(name, split) for name in names}
            for split, values in self.runs[0].metrics.items()
        }


def described(
    architecture: Architecture,
    dataset: Dataset,
    training: Training,
    origin: Mapping[str, Any] | None = None,
    besides: Mapping[str, Any] | None = None,
    search: str | None = None,
) -> dict[str, Any]:
    """An experiment without its runs, as the table of experiments holds it.

    Its fingerprint is made of the resolved architecture, the shape of the input, the task, all settings, what
    the dataset holds (by whatever name), its scalings, what decides a training besides all these, and
    `SEMANTICS`. Whether it is validated after every epoch has no part in it: weights are the same to the bit.
    """
    scalings = {"input_scaling": dataset.input_scaling, "target_scaling": dataset.target_scaling}
    scaled = {name: scaling.as_dict() for name, scaling in scalings.items() if scaling is not None}
    facts = (dataset.input_shape, dataset.task, dataset.content_hash)
    origin = dataset.origin if origin is None else origin
    more = json.dumps({"besides": besides, **scaled}, sort_keys=True) if besides or scaled else ""
    identity, parameters, fingerprint = _identified(architecture, *facts, training, more, SEMANTICS)
    return {
        **identity,
        "besides": None if besides is None else dict(besides),
        "details": names_of(dataset) | scaled,
        "search": search,
        "settings": dict(identity["settings"]),
        "parameters": parameters,
        "dataset": dataset.name,
        "dataset_seed": None if dataset.seed is None else int(dataset.seed),
        "dataset_source": dataset.source,
        "origin": None if origin is None else dict(origin),
        "fingerprint": fingerprint,
    }


def names_of(dataset: Dataset) -> dict[str, Any]:
    """What a network knows of a dataset that has no part in what a seed gives."""
    return {
        "class_names": list(dataset.class_names),
        "integer_scale": dataset.integer_scale,
        "reading": dict(dataset.reading),
        "feature_names": list(dataset.feature_names),
    }


@lru_cache(4096)  # a search asks several times for each run
def _identified(
    architecture: Architecture,
    input_shape: tuple[int, ...],
    task: str,
    content_hash: str,
    training: Training,
    more: str,
    semantics: int,
) -> tuple[dict[str, Any], int, str]:
    """What an experiment is known by, its number of parameters, and its fingerprint."""
    identity: dict[str, Any] = {
        "architecture": str(architecture),
        "input_shape": input_shape,
        "task": task,
        "settings": {name: _plain(value) for name, value in asdict(training).items()},
        "content_hash": content_hash,
    }
    defaults = asdict(Training())
    settings = {
        name: value
        for name, value in identity["settings"].items()
        if name not in _LATER_SETTINGS or value != defaults[name]
    }
    decisive = identity | {"settings": settings, "semantics": semantics} | ({"more": more} if more else {})
    text = json.dumps(decisive, sort_keys=True, separators=(",", ":"))
    return identity, architecture.parameters(input_shape), sha256(text.encode()).hexdigest()


def details_of(experiment: Experiment) -> dict[str, Any]:
    """What its networks know besides their weights, as keywords for a `netlet.network.Network`."""
    kept = dict(experiment.details or {})
    for name in ("input_scaling", "target_scaling"):
        kept[name] = Scaling.from_dict(kept[name]) if kept.get(name) else None
    return kept


def _plain(value: Any) -> Any:
    """A setting as JSON has it, equal for equal settings: a learning rate of 1 is one of 1.0."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number
