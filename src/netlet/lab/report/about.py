"""How a report came about: seeds, data, machine, version, date."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from netlet.datasets import Dataset
from netlet.lab.laboratory import Laboratory
from netlet.machine import machine
from netlet.network.machine import machine_kind


def now() -> str:
    """The time as reports have it, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def circumstances() -> dict[str, Any]:
    """Versions, machine and time, by the names of `About`."""
    import numpy

    from netlet import __version__

    return {
        "netlet": str(__version__),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "machine": machine(),
        "date": now(),
        "kind": machine_kind(),
    }


@dataclass(frozen=True)
class DatasetFacts:
    """One dataset that was used.

    Attributes
    ----------
    name, source
        What it is, and where it came from.
    seed
        What it was generated from, if it was.
    counts
        Images or sequences in each split there is.
    content_hash
        Of all its arrays.
    """

    name: str
    source: str
    seed: int | None
    counts: dict[str, int]
    content_hash: str

    @classmethod
    def of(cls, data: Dataset) -> DatasetFacts:
        """What there is to say of a dataset."""
        counts = {name: len(split) for name, split in data.present.items()}
        return cls(data.name, data.source, data.seed, counts, data.content_hash)


@dataclass(frozen=True)
class About:
    """How a report came about.

    Attributes
    ----------
    exercises
        Names of the exercises asked for.
    seeds
        From how many seeds the networks were trained.
    is_quick, is_complete
        Whether it is a quick lab, and whether all questions were answered.
    datasets
        What was used.
    trainings
        How many runs were trained.
    training_seconds, seconds
        What the trainings and the whole lab took, by the clock.
    netlet, python, numpy
        Versions.
    machine
        Processor, cores and system.
    date
        When it ended, ISO 8601, UTC.
    name
        Whose report it is.
    introduction, summary
        A student's own words, as Markdown.
    kind
        What the bits of a training depend on besides: `netlet.network.machine.machine_kind`.
    """

    exercises: tuple[str, ...]
    seeds: int
    is_quick: bool
    is_complete: bool
    datasets: tuple[DatasetFacts, ...]
    trainings: int
    training_seconds: float
    seconds: float
    netlet: str
    python: str
    numpy: str
    machine: str
    date: str
    name: str | None = None
    introduction: str = ""
    summary: str = ""
    kind: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        lab: Laboratory,
        exercises: tuple[str, ...],
        is_complete: bool,
        seconds: float,
        name: str | None = None,
    ) -> About:
        """What there is to say of a laboratory's work."""
        return cls(
            exercises=exercises,
            seeds=lab.seeds,
            is_quick=lab.is_quick,
            is_complete=is_complete,
            datasets=tuple(map(DatasetFacts.of, lab.datasets)),
            trainings=sum(len(runs) for runs in lab.trained),
            training_seconds=sum(runs.seconds for runs in lab.trained),
            seconds=seconds,
            name=name,
            **circumstances(),
        )
