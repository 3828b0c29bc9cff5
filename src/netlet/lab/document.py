"""An exercise as a document: its parts, questions and networks, and what each question measures and draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from netlet.lab.words import Words

Figures = Mapping[str, Mapping[str, float]]
"""By split, then by metric."""


@dataclass(frozen=True)
class Printed:
    """What is printed somewhere for one network, from one seed, to stand beside what is measured.

    Attributes
    ----------
    metrics
        By split ("training", "validation", "test"), then by metric; loss is the mean cross-entropy in nats,
        normalised_error the mean squared error over the variance of the split's targets.
    note
        What has to be known to compare.
    is_rough
        Whether it says "about" of them.
    other
        What else it gives, by what it is.
    """

    metrics: Figures = field(default_factory=dict)
    note: str = ""
    is_rough: bool = False
    other: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class NamedNetwork:
    """A network that an exercise trains.

    Attributes
    ----------
    key
        What the document calls it.
    name
        What its words call it.
    architecture, dataset
        As text, and a dataset's name.
    settings
        Changes to the dataset's own settings of a training.
    quick
        Changes to these for a quick lab.
    printed
        Figures to compare with, if there are some.
    """

    key: str
    name: str
    architecture: str
    dataset: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    printed: Printed | None = None


@dataclass(frozen=True)
class Call:
    """A function that a document names, with what it is given.

    Attributes
    ----------
    name
        Of the measurement or figure.
    function
        Its name in the registry; empty for a plain value.
    arguments
        As the document has them.
    line
        Where in exercise.toml, from 1.
    """

    name: str
    function: str
    arguments: Mapping[str, Any]
    line: int


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes
    ----------
    key
        Its name: also that of its file of words.
    number
        From 1, over the whole exercise.
    part
        Key of the part it belongs to.
    networks
        Keys of those its answer is about.
    measurements, figures
        What is measured and drawn, in order.
    words
        Its sentences.
    """

    key: str
    number: int
    part: str
    networks: tuple[str, ...]
    measurements: tuple[Call, ...]
    figures: tuple[Call, ...]
    words: Words


@dataclass(frozen=True)
class Part:
    """Questions that belong together, with a title and what they are about."""

    key: str
    title: str
    subject: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Exercise:
    """A whole exercise, read and checked.

    Attributes
    ----------
    folder
        Where its files are.
    title
        Of its report.
    language
        Of its words, as HTML names languages.
    seeds, quick_seeds
        From how many seeds networks are trained, if nothing else is said.
    parts, networks, questions
        By their keys, in order.
    datasets
        By the names its networks use: where they are; None for one of netlet's own.
    introduction, conclusion, figures, own, notebook, report
        Words that belong to no question.
    """

    folder: Path
    title: str
    language: str
    seeds: int
    quick_seeds: int
    parts: Mapping[str, Part]
    networks: Mapping[str, NamedNetwork]
    questions: Mapping[str, Question]
    datasets: Mapping[str, Path | None]
    introduction: Words
    conclusion: Words
    figures: Words
    own: Words
    notebook: Words
    report: Words

    def examples(self, dataset: str) -> list[int]:
        """The validation images or sequences of a dataset that its questions look at, by index from 0."""
        calls = [call for question in self.questions.values() for call in question.figures]
        found = [
            call.arguments["index"]
            for call in calls
            if "index" in call.arguments
            and dataset
            == (
                self.networks[call.arguments["network"]].dataset
                if "network" in call.arguments
                else call.arguments.get("dataset")
            )
        ]
        return list(dict.fromkeys(found))
