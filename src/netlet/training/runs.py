"""Runs: many trainings of one architecture on one dataset, as a distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from netlet import metrics
from netlet.architecture import Architecture, layer_name
from netlet.datasets import Dataset, naive
from netlet.errors import TrainingError, brief
from netlet.showing import picture
from netlet.tables import Table
from netlet.training import augmentation
from netlet.training.diagnosis import problems
from netlet.training.ranking import rank
from netlet.training.run import Run
from netlet.training.settings import Training

if TYPE_CHECKING:
    from netlet.figures.shown import Shown


@dataclass(frozen=True, eq=False, repr=False)
class Runs(Sequence[Run]):
    """Many trainings of one architecture on one dataset, in the order of their seeds.

    Attributes
    ----------
    architecture
        Resolved: with every activation settled.
    dataset, training
        What it was trained on, and how.
    seconds
        What the training took, by the clock, without what was done with its runs (`on_run`).
    interrupted
        Whether Ctrl-C ended it early; the runs hold what was trained until then.
    found
        How many of the runs were not trained this time, but found in a store or a checkpoint.
    reused, frozen
        Layers, from 0, that started from another network's weights, and that kept theirs.
    besides
        What decided the training besides its settings, for JSON (`netlet.training.besides.Besides`); None if
        nothing did.
    """

    architecture: Architecture
    dataset: Dataset
    training: Training
    runs: tuple[Run, ...]
    seconds: float
    interrupted: bool = False
    found: int = 0
    reused: tuple[int, ...] = ()
    frozen: tuple[int, ...] = ()
    besides: dict[str, Any] | None = None
    _metrics: dict[str, list[dict[str, float | None]]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Let runs from elsewhere, such as a store, know what they were trained on."""
        for run in self.runs:
            if run.dataset is None:
                object.__setattr__(run, "dataset", self.dataset)

    def __len__(self) -> int:
        """The number of runs."""
        return len(self.runs)

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Run]: ...
    def __getitem__(self, index: int | slice) -> Run | Sequence[Run]:
        """One run, or several."""
        return self.runs[index]

    def __iter__(self) -> Iterator[Run]:
        """The runs, one after the other."""
        return iter(self.runs)

    @property
    def parameters(self) -> int:
        """The architecture's number of parameters."""
        return self.architecture.parameters(self.dataset.input_shape)

    @property
    def diverged(self) -> int:
        """How many runs diverged."""
        return sum(run.diverged is not None for run in self.runs)

    @property
    def ranked_by(self) -> str:
        """The metric runs are ranked by: accuracy, or normalised_error."""
        return metrics.METRICS[self.dataset.task][0]

    @cached_property
    def best(self) -> Run:
        """The run with the best validation metric, then the lowest loss, then the lowest seed; diverged last.

        Raises
        ------
        TrainingError
            If there are no runs.
        """
        if not self.runs:
            raise TrainingError("there are no runs to choose the best of: train at least one seed")
        pairs = zip(self.runs, self.metrics("validation"), strict=True)
        task = self.dataset.task
        return min(pairs, key=lambda pair: rank(task, pair[0].diverged is not None, pair[1], pair[0].seed))[0]

    def metrics(self, split: str) -> list[dict[str, float | None]]:
        """Every run's metrics on "training", "validation" or "test"; all NaN for a run that diverged.

        Raises
        ------
        TrainingError
            If the dataset has no such split.
        """
        data = self.dataset.splits.get(split)
        if data is None:
            present = ", ".join(self.dataset.present)
            raise TrainingError(f"{self.dataset.name} has no {split} split: choose {present}", split=split)
        if split not in self._metrics:
            nothing = dict.fromkeys(metrics.METRICS[self.dataset.task], float("nan"))
            self._metrics[split] = [
                dict(nothing) if run.diverged else run.evaluate(data) for run in self.runs
            ]
        return self._metrics[split]

    def distribution(self, metric: str | None = None, split: str = "validation") -> metrics.Distribution:
        """One metric over all runs; by default the one they are ranked by."""
        metric = metric or self.ranked_by
        values = self.metrics(split)
        if values and metric not in values[0]:
            raise TrainingError(f"there is no metric {brief(metric)}: choose from {', '.join(values[0])}")
        spread = (v[metric] for v in values)
        return metrics.summarise(spread, metrics.higher_is_better(metric), metrics.worst(metric))

    def summary(self) -> dict[str, dict[str, metrics.Distribution] | None]:
        """For each split the distribution of each metric; None for a split the dataset does not have."""
        names = metrics.METRICS[self.dataset.task]
        return {
            split: {name: self.distribution(name, split) for name in names} if data is not None else None
            for split, data in self.dataset.splits.items()
        }

    def plot(self) -> Shown:
        """A picture of loss and metrics over the epochs: median and quartiles over the seeds."""
        return picture("training", self)

    def confusion(self) -> Shown:
        """A picture of what the best run takes for what, on every split.

        Raises
        ------
        DataError
            If the task is regression.
        TrainingError
            If there are no runs, or all diverged.
        """
        return picture("confusion", self)

    def compare(self, other: Runs) -> Shown:
        """A picture of two trainings side by side: every seed, and how far their medians are apart.

        Raises
        ------
        TrainingError
            If they are ranked by different metrics, or one has no runs.
        """
        return picture("against", self, other)

    def table(self) -> Table:
        """Every metric's median, quartiles and best on every split; of one seed just its values."""
        is_one = len(self.runs) == 1
        rows: list[tuple[str, ...]] = []
        for split, values in self.summary().items():
            for name, d in (values or {}).items():
                quartiles = f"{_short(d.lower_quartile)} .. {_short(d.upper_quartile)}"
                spread = () if is_one else (quartiles, _short(d.best))
                rows.append((split, name, _short(d.median), *spread))
                split = ""
        head = ("", "metric", "value") if is_one else ("", "metric", "median", "quartiles", "best")
        return Table(head, rows, self.headline, self.remarks(), left=2)

    def remarks(self) -> list[str]:
        """What should be known beside the metrics, a line each: the share of the majority, naive
        forecasts of a series, how images were changed, and what went wrong."""
        shares = {
            name: metrics.majority_share(self.dataset.task, split.y, split.mask)
            for name, split in self.dataset.present.items()
        }
        told = ", ".join(f"{share:.4f} on {name}" for name, share in shares.items() if share is not None)
        majority = [f"accuracy of always answering the most frequent class: {told}"] if told else []
        changed = augmentation.remarks(self.training, self.dataset)
        return majority + naive.remarks(self.dataset.naive, self.medians()) + changed + problems(self)

    def medians(self) -> dict[str, float | None]:
        """For each split the median over the runs of the metric that they are ranked by."""
        return {split: self.distribution(split=split).median for split in self.dataset.present}

    def __str__(self) -> str:
        """The table as text."""
        return str(self.table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    @property
    def headline(self) -> str:
        """What was trained on what, from how many seeds, in one line."""
        seeds = f"{len(self)} seed" + ("s" if len(self) != 1 else "")
        names = [layer_name(layer) for layer in self.architecture.layers]
        taken = f", {' and '.join(names[i] for i in self.reused)} taken over" if self.reused else ""
        kept = f", {' and '.join(names[i] for i in self.frozen)} frozen" if self.frozen else ""
        return (
            f"{self.architecture} on {self.dataset.name}: {self.parameters:,} "
            f"parameters{taken}{kept}, {seeds}, "
            f"{self.diverged} diverged, {self.seconds:.2f} s"
        )


def _short(value: float | None) -> str:
    return metrics.as_text(value, "-")
