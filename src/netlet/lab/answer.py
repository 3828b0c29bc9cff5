"""What a question's answer is made of: words, networks with their distributions, tables and pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netlet.lab import seeds
from netlet.lab.notebook import Printed
from netlet.metrics import Distribution
from netlet.training import Runs, Training


@dataclass(frozen=True)
class TrainedNetwork:
    """One architecture, trained from many seeds.

    Attributes
    ----------
    name
        What the answer calls it.
    dataset
        Name of the dataset it was trained on.
    architecture
        Its text, every activation written out.
    summary
        Keras's table of its layers.
    parameters
        All trainable numbers.
    seeds
        What it was trained from.
    diverged
        How many of the seeds diverged.
    training
        The settings.
    seconds
        What the training of all seeds took, by the clock.
    metrics
        By split ("training", "validation", "test"), then by metric; None for a split there is not.
    best_seed
        The seed of the best run, by validation.
    of_best
        That run's own metrics: by split there is, then by metric.
    printed
        What the notebook printed for it, if it has it.
    """

    name: str
    dataset: str
    architecture: str
    summary: str
    parameters: int
    seeds: tuple[int, ...]
    diverged: int
    training: Training
    seconds: float
    metrics: Mapping[str, Mapping[str, Distribution] | None]
    best_seed: int
    of_best: Mapping[str, Mapping[str, float | None]]
    printed: Printed | None = None

    @classmethod
    def of(cls, name: str, runs: Runs, printed: Printed | None = None) -> TrainedNetwork:
        """What there is to tell of runs."""
        return cls(
            name=name,
            dataset=runs.dataset.name,
            architecture=str(runs.architecture),
            summary=runs.architecture.summary(runs.dataset.input_shape),
            parameters=runs.parameters,
            seeds=tuple(run.seed for run in runs),
            diverged=runs.diverged,
            training=runs.training,
            seconds=runs.seconds,
            metrics=runs.summary(),
            best_seed=runs.best.seed,
            of_best={split: seeds.of_best(runs, split) for split in runs.dataset.present},
            printed=printed,
        )


@dataclass(frozen=True)
class Picture:
    """A figure.

    Attributes
    ----------
    name
        Of its file, without ending; different for every picture of a lab.
    caption
        What there is to see, for those who see it.
    alt
        The same for those who do not.
    drawn
        Gives the PNG file's bytes, when they are drawn.
    """

    name: str
    caption: str
    alt: str
    drawn: Callable[[], bytes]

    @property
    def png(self) -> bytes:
        """The file's bytes."""
        return self.drawn()


@dataclass(frozen=True)
class Table:
    """Numbers in rows; the first column names them.

    Attributes
    ----------
    caption
        What they are.
    head
        Titles of the columns.
    rows
        Text as it is to be shown.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Answer:
    """The answer to one question of the exercise.

    Attributes
    ----------
    key
        "q1", "q2", ...
    exercise
        "ex1", "ex2", ...
    title
        In a few words.
    question
        In a sentence or two.
    short
        The answer in one sentence.
    text
        The answer in paragraphs, from what was measured.
    networks, tables, pictures
        What it rests on.
    evidence
        What was measured beside the networks' metrics, for programs: numbers, texts, and lists and mappings
        of them.
    finding
        A sentence for the conclusion; empty if there is nothing to add to what another answer says there.
    """

    key: str
    exercise: str
    title: str
    question: str
    short: str
    text: tuple[str, ...]
    networks: tuple[TrainedNetwork, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    finding: str = ""

    @property
    def number(self) -> int:
        """The question's number."""
        return int(self.key[1:])
