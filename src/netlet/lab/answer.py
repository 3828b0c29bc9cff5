"""What a question's answer is made of: words, networks with their distributions, and pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from netlet import metrics
from netlet.lab import seeds
from netlet.lab.desk.kind import weights_digest
from netlet.lab.document import Printed
from netlet.metrics import Distribution
from netlet.training import Runs, Training


@dataclass(frozen=True)
class TrainedNetwork:
    """One architecture, trained from many seeds: what templates and reports are given of it.

    Attributes
    ----------
    name
        What the answer calls it.
    dataset
        Name of the dataset it was trained on.
    kind
        "image", "sequence" or "table": what its examples are.
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
    examples
        By split there is: how many images or sequences it has.
    metrics
        By split ("training", "validation", "test"), then by metric; None for a split there is not.
    best_seed
        The seed of the best run, by validation.
    of_best
        That run's own metrics: by split there is, then by metric.
    values
        By split there is: what every seed has of the metric that runs are ranked by.
    weights
        Of every seed: SHA-256 (hex) of its weights (`netlet.lab.desk.kind.weights_digest`).
    content_hash
        Of the dataset.
    written
        Its architecture as the exercise writes it.
    printed
        Figures to compare with, if there are some.
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
    kind: str = "image"
    examples: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, list[float | None]] = field(default_factory=dict)
    written: str = ""
    weights: tuple[str, ...] = ()
    content_hash: str = ""

    @classmethod
    def of(cls, name: str, runs: Runs, printed: Printed | None = None, written: str = "") -> TrainedNetwork:
        """What there is to tell of runs."""
        data = runs.dataset
        return cls(
            name=name,
            dataset=data.name,
            architecture=str(runs.architecture),
            summary=runs.architecture.summary(data.input_shape),
            parameters=runs.parameters,
            seeds=tuple(run.seed for run in runs),
            diverged=runs.diverged,
            training=runs.training,
            seconds=runs.seconds,
            metrics=runs.summary(),
            best_seed=runs.best.seed,
            of_best={split: seeds.of_best(runs, split) for split in data.present},
            printed=printed,
            kind={3: "image", 2: "sequence"}.get(len(data.input_shape), "table"),
            examples={split: len(each) for split, each in data.present.items()},
            values={split: seeds.values(runs, split) for split in data.present},
            written=written or str(runs.architecture),
            weights=tuple(weights_digest(run.network) for run in runs),
            content_hash=data.content_hash,
        )

    @property
    def ranked_by(self) -> str:
        """The metric its runs are ranked by."""
        values = self.metrics["validation"]
        assert values is not None
        return next(iter(values))

    @property
    def higher_is_better(self) -> bool:
        """Whether that metric is the better the higher it is."""
        return metrics.higher_is_better(self.ranked_by)

    @property
    def has_test(self) -> bool:
        """Whether there is a test split."""
        return self.metrics.get("test") is not None

    @property
    def validation(self) -> Distribution:
        """On the validation split, the metric that runs are ranked by."""
        return self.on("validation")

    @property
    def test(self) -> Distribution:
        """On the test split, the metric that runs are ranked by; without that split nothing is in it."""
        return self.on("test")

    def on(self, split: str, metric: str | None = None) -> Distribution:
        """One metric on one split; by default the one that runs are ranked by."""
        values = self.metrics.get(split)
        if values is None:
            return Distribution(None, None, None, None, 0, 0)
        return values[metric or self.ranked_by]

    @property
    def figure(self) -> float | None:
        """What is printed for its validation, of the metric that runs are ranked by."""
        return self.printed.metrics.get("validation", {}).get(self.ranked_by) if self.printed else None

    @property
    def reached(self) -> int:
        """How many seeds are as good as that figure, in as many decimals as are printed."""
        if (figure := self.figure) is None:
            return 0
        return sum(seeds.reaches(value, figure, self.higher_is_better) for value in self.values["validation"])


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
        Gives the SVG file's bytes, when they are drawn; text in it is text.
    """

    name: str
    caption: str
    alt: str
    drawn: Callable[[], bytes]

    @property
    def svg(self) -> bytes:
        """The file's bytes."""
        return self.drawn()


@dataclass(frozen=True)
class Answer:
    """The answer to one question of the exercise: all its words are Markdown.

    Attributes
    ----------
    key
        "q1", "q2", ...
    number
        The question's number, from 1.
    exercise
        Key of the part it belongs to: "ex1", "ex2", ...
    title
        In a few words.
    question
        In a sentence or two.
    short
        The answer in one sentence.
    text
        The answer in paragraphs, with tables and pictures, from what was measured.
    appendix
        What else was measured, in the same form.
    networks, pictures
        What it rests on.
    evidence
        What was measured beside the networks' metrics, for programs: numbers, texts, and lists and mappings
        of them.
    finding
        A sentence for the conclusion; empty if there is nothing to add to what another answer says there.
    own
        A student's own words, and their networks beside the exercise's.
    own_networks
        What a student trained.
    """

    key: str
    number: int
    exercise: str
    title: str
    question: str
    short: str
    text: str
    appendix: str = ""
    networks: tuple[TrainedNetwork, ...] = ()
    pictures: tuple[Picture, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    finding: str = ""
    own: str = ""
    own_networks: tuple[TrainedNetwork, ...] = ()
