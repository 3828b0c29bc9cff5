"""Training: one architecture, one dataset, many seeds; every answer is a distribution."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from math import inf, isfinite, prod
from numbers import Integral, Real
from typing import Any, TypeGuard, overload

import numpy as np

from netlet import _engine, metrics
from netlet.architecture import Architecture, Flatten
from netlet.datasets import Dataset, Split
from netlet.errors import TrainingError
from netlet.network import LOSSES, Network, make_engine

OPTIMIZERS = ("sgd", "rmsprop", "adam", "nadam")
SCHEDULES = ("constant", "cosine", "one-cycle")
MOST_SEEDS, MOST_THREADS = 1_000_000, 1024

Progress = Callable[[int, int], None]
"""Called about 20 times a second with the epochs done over all seeds, and the runs done."""


@dataclass(frozen=True)
class Training:
    """The settings of a training; names and meanings are Keras's, defaults the exercise's for mnist56.

    Attributes
    ----------
    epochs
        Passes through the training data, at least 0.
    batch_size
        Samples a step, at least 1.
    optimizer
        sgd, rmsprop, adam or nadam.
    learning_rate
        Above 0.
    momentum
        Of sgd and rmsprop, in [0, 1).
    nesterov
        Whether sgd's momentum is Nesterov's.
    rho
        How much of its mean square rmsprop keeps, in [0, 1).
    beta_1, beta_2
        How much of their means adam and nadam keep, in [0, 1).
    epsilon
        Added to a denominator, above 0.
    schedule
        Of the learning rate over all batches: constant; cosine, from the rate down to 0; one-cycle, from 1/25
        of the rate up to it in 30 % of the batches and down to 1/250,000 of it.
    clip_norm
        Largest norm of the gradient of any one weight array (Keras's clipnorm); None for no limit.
    global_clip_norm
        Largest norm of all gradients together; None for no limit.
    l2
        Penalty on the squares of kernels, as Keras's L2 regulariser (of recurrent layers as both its
        ``kernel_regularizer`` and its ``recurrent_regularizer``); not part of the losses reported.
    patience
        Stop after so many epochs without a lower validation loss and take the weights of the best epoch, even
        if the run diverged after it; None to train to the end and take the last.
    shuffle
        Whether every epoch has an order of its own, drawn from the run's seed.
    truncation
        Of sequences: steps of a piece. Gradients go back through one piece only, with an optimizer step each;
        recurrent layers carry what they hold on to the next piece, and start from zeros at every new batch.
        With one target a sequence only the last piece learns, so it is not for sequences of different length
        (with a mask) then. None for back-propagation through whole sequences.

    Raises
    ------
    TrainingError
        If a value is not allowed.
    """

    epochs: int = 30
    batch_size: int = 64
    optimizer: str = "adam"
    learning_rate: float = 0.005
    momentum: float = 0.0
    nesterov: bool = False
    rho: float = 0.9
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    schedule: str = "constant"
    clip_norm: float | None = None
    global_clip_norm: float | None = None
    l2: float = 0.0
    patience: int | None = None
    shuffle: bool = True
    truncation: int | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        for name, (allowed, rule) in _RULES.items():
            value = getattr(self, name)
            if not allowed(value):
                raise TrainingError(f"{name} is {value!r}, but must be {rule}")

    @classmethod
    def default(cls, dataset: Dataset | str, *architectures: Architecture | str, **changes: Any) -> Training:
        """The exercise's own settings for a dataset of that name, with changes; mnist56's for any other name.

        Parameters
        ----------
        dataset
            Or its name alone, of which nothing is checked.
        *architectures
            What is to be trained on it, if that is known.
        **changes
            Settings in the place of the exercise's, whose truncation is left out where `check` would refuse
            it; what is given here is not.

        Raises
        ------
        ArchitectureError
            If an architecture cannot be read.
        TrainingError
            If a change names no setting, or its value is not allowed.
        """
        known = [f.name for f in fields(cls)]
        for name in changes:
            if name not in known:
                raise TrainingError(f"there is no setting {name!r}: choose from {', '.join(known)}")
        name = dataset if isinstance(dataset, str) else dataset.name
        chosen = cls(**(_EXERCISE.get(name, {}) | changes))
        if isinstance(dataset, str) or "truncation" in changes:
            return chosen
        try:
            chosen.check(dataset, *architectures)
        except TrainingError:
            return replace(chosen, truncation=None)
        return chosen

    def check(self, dataset: Dataset, *architectures: Architecture | str) -> None:
        """Refuse settings that do not fit a dataset, or an architecture on it.

        Raises
        ------
        ArchitectureError
            If an architecture cannot be read.
        TrainingError
            If there is a truncation, but the dataset has images, shorter sequences, or sequences that differ
            in length and have one target each; or an architecture flattens, which needs them whole.
        """
        pieces, shape = self.truncation, dataset.input_shape
        if pieces is None:
            return
        start = f"truncation is {pieces}, but"
        if len(shape) != 2:
            raise TrainingError(f"{start} {dataset.name} has images, not sequences: leave it out")
        if pieces > shape[0]:
            raise TrainingError(
                f"{start} the sequences of {dataset.name} have {shape[0]} steps: take at most {shape[0]}, or "
                "None for whole sequences"
            )
        if dataset.train.mask is not None and not dataset.per_step:
            raise TrainingError(
                f"{start} {dataset.name} has sequences of different length with one target each, which would "
                "end in pieces that learn nothing: take None for whole sequences"
            )
        for architecture in map(Architecture, architectures):
            if any(isinstance(layer, Flatten) for layer in architecture.layers):
                raise TrainingError(f"{start} flatten in {architecture} needs whole sequences: take None")

    def _for_engine(self, task: str) -> _engine.TrainingSettings:
        settings = _engine.TrainingSettings()
        settings.epochs = int(self.epochs)
        settings.batch_size = int(self.batch_size)
        settings.learning_rate = float(self.learning_rate)
        settings.schedule = _engine.Schedule[self.schedule.replace("-", "_")]
        settings.loss = LOSSES[task]
        settings.shuffle = self.shuffle
        settings.truncation = int(self.truncation or 0)
        settings.patience = int(self.patience or 0)
        optimizer = _engine.OptimizerSettings()
        optimizer.kind = _engine.OptimizerKind[self.optimizer]
        optimizer.nesterov = self.nesterov
        for name in ("momentum", "rho", "beta_1", "beta_2", "epsilon", "l2", "clip_norm", "global_clip_norm"):
            setattr(optimizer, name, float(getattr(self, name) or 0))
        settings.optimizer = optimizer
        return settings


_PULSES = {"epochs": 20, "batch_size": 20, "learning_rate": 0.003, "shuffle": False, "truncation": 50}
_EXERCISE: dict[str, dict[str, Any]] = {
    "mnist56": {"epochs": 30, "batch_size": 64, "learning_rate": 0.005},
    "crt": {"epochs": 50, "batch_size": 50, "learning_rate": 0.003},
    "r3": {"epochs": 50, "batch_size": 50, "learning_rate": 0.003},
    "pulses": _PULSES,
    "pulses-memory": _PULSES,
    "pulses-reversed": _PULSES | {"epochs": 40},
}

_Rule = tuple[Callable[[Any], bool], str]


def _is_whole(value: object) -> TypeGuard[int]:
    """Whether it is a whole number, Python's or numpy's; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def _whole(least: int, or_none: bool = False) -> _Rule:
    def allowed(value: object) -> bool:
        if value is None:
            return or_none
        return _is_whole(value) and least <= value < 2**31

    return allowed, f"a whole number from {least}" + (" or None" if or_none else "")


def _number(allowed: Callable[[float], bool], rule: str, or_none: bool = False) -> _Rule:
    def check(value: object) -> bool:
        if value is None:
            return or_none
        if not isinstance(value, Real) or isinstance(value, bool):
            return False
        return isfinite(value) and allowed(float(value))

    return check, rule + (" or None" if or_none else "")


def _one_of(names: Sequence[str]) -> _Rule:
    return (lambda value: value in names), "one of " + ", ".join(names)


_FLAG: _Rule = (lambda value: isinstance(value, bool)), "True or False"
_POSITIVE = _number(lambda x: x > 0, "a number above 0")
_SHARE = _number(lambda x: 0 <= x < 1, "a number from 0, below 1")
_LIMIT = _number(lambda x: x > 0, "a number above 0", or_none=True)
_RULES: dict[str, _Rule] = {
    "epochs": _whole(0),
    "batch_size": _whole(1),
    "optimizer": _one_of(OPTIMIZERS),
    "learning_rate": _POSITIVE,
    "momentum": _SHARE,
    "nesterov": _FLAG,
    "rho": _SHARE,
    "beta_1": _SHARE,
    "beta_2": _SHARE,
    "epsilon": _POSITIVE,
    "schedule": _one_of(SCHEDULES),
    "clip_norm": _LIMIT,
    "global_clip_norm": _LIMIT,
    "l2": _number(lambda x: x >= 0, "a number from 0"),
    "patience": _whole(1, or_none=True),
    "shuffle": _FLAG,
    "truncation": _whole(1, or_none=True),
}


@dataclass(frozen=True, eq=False)
class Run:
    """One training from one seed.

    Attributes
    ----------
    seed
        What weights, order and dropout were drawn from.
    history
        One value an epoch: loss and accuracy on the training data as they were while it was learning,
        val_loss and val_accuracy after the epoch. Regression on one output has normalised_error and
        val_normalised_error, the loss divided by the variance of the split's targets, in their place.
    diverged
        The epoch, from 1, in which the training or validation loss or a weight stopped being finite, after
        which it was trained no more; None if none did. A run that diverged counts as the worst there is
        (`Runs.best`, `Runs.metrics`), whatever its network can do.
    network
        With the weights after the history's last epoch; where `Training.patience` is given, after its best,
        even if the run diverged later. Initial ones, if there is no such epoch.
    finished
        False if the training was interrupted before its last epoch.
    """

    seed: int
    history: dict[str, list[float]]
    diverged: int | None
    network: Network
    finished: bool = True

    @property
    def epochs(self) -> int:
        """Epochs trained."""
        return len(self.history["loss"])

    def evaluate(self, split: Split) -> dict[str, float | None]:
        """The metrics of the run's task on a split (see `netlet.metrics.evaluate`)."""
        prediction = self.network.predict(split.x, split.mask)
        return metrics.evaluate(self.network.task, split.y, prediction, split.mask)


@dataclass(frozen=True, eq=False)
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
        How many of the runs were not trained this time, but found in a store.
    """

    architecture: Architecture
    dataset: Dataset
    training: Training
    runs: tuple[Run, ...]
    seconds: float
    interrupted: bool = False
    found: int = 0
    _metrics: dict[str, list[dict[str, float | None]]] = field(default_factory=dict, repr=False)

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
        sign = -1 if metrics.higher_is_better(self.ranked_by) else 1
        second = metrics.METRICS[self.dataset.task][-1]

        def rank(pair: tuple[Run, dict[str, float | None]]) -> tuple[float, ...]:
            run, values = pair
            first, loss = (values[name] for name in (self.ranked_by, second))
            ordered = [inf if v is None or not isfinite(v) else s * v for v, s in ((first, sign), (loss, 1))]
            return (run.diverged is not None, *ordered, run.seed)

        return min(zip(self.runs, self.metrics("validation"), strict=True), key=rank)[0]

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
            raise TrainingError(f"{self.dataset.name} has no {split} split: choose {present}")
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
            raise TrainingError(f"there is no metric {metric!r}: choose from {', '.join(values[0])}")
        spread = (v[metric] for v in values)
        return metrics.summarise(spread, metrics.higher_is_better(metric), metrics.worst(metric))

    def summary(self) -> dict[str, dict[str, metrics.Distribution] | None]:
        """For each split the distribution of each metric; None for a split the dataset does not have."""
        names = metrics.METRICS[self.dataset.task]
        return {
            split: {name: self.distribution(name, split) for name in names} if data is not None else None
            for split, data in self.dataset.splits.items()
        }

    def __str__(self) -> str:
        """The table: every metric's median, quartiles and best."""
        lines = [f"{self._headline()}", ""]
        rows = [("", "metric", "median", "quartiles", "best")]
        for split, values in self.summary().items():
            for name, d in (values or {}).items():
                quartiles = f"{_short(d.lower_quartile)} .. {_short(d.upper_quartile)}"
                rows.append((split, name, _short(d.median), quartiles, _short(d.best)))
                split = ""
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        padded = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
        lines += ["  ".join(row).rstrip() for row in padded]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"

    def _headline(self) -> str:
        seeds = f"{len(self)} seed" + ("s" if len(self) != 1 else "")
        return (
            f"{self.architecture} on {self.dataset.name}: {self.parameters:,} parameters, {seeds}, "
            f"{self.diverged} diverged, {self.seconds:.2f} s"
        )


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def train(
    architecture: Architecture | str,
    dataset: Dataset,
    training: Training | None = None,
    seeds: int | Iterable[int] = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    on_run: Callable[[Run], None] | None = None,
    validate: bool = True,
) -> Runs:
    """Train an architecture on a dataset, once from every seed.

    Parameters
    ----------
    architecture
        Or its text.
    dataset
        Its training split is learned from; its validation split is looked at after every epoch.
    training
        Settings; by default the exercise's own for the dataset (`Training.default`).
    seeds
        How many (0, 1, 2, ...), or which: different whole numbers from 0, below 2**63.
    threads
        How many runs at a time; by default as many as the process has processors. What comes out does not
        depend on it.
    progress
        Called now and then while it trains. If it raises, the training stops and the exception passes on.
    on_run
        Called with every run soon after it has ended, in the order in which they end, in the thread that
        called this; runs that were interrupted come as well. If it raises, as with `progress`.
    validate
        Whether to look at the validation split after every epoch. Without, which may halve the time, weights
        are the same, but histories have no validation curves, and patience cannot be had.

    Returns
    -------
    Runs
        If Ctrl-C interrupts it, what was trained until then, marked as interrupted: every run as it was after
        its last whole epoch.

    Raises
    ------
    ArchitectureError
        If the architecture does not fit the dataset.
    TrainingError
        If seeds or threads make no sense, the settings do not fit (`Training.check`), or there is too little
        memory.
    """
    chosen = checked_seeds(seeds)
    threads = checked_threads(threads)
    resolved = Architecture(architecture).resolve(
        dataset.input_shape, dataset.task, dataset.outputs, dataset.per_step, dataset_name=dataset.name
    )
    training = training or Training.default(dataset, resolved)
    training.check(dataset, resolved)
    engine = make_engine(resolved, dataset.input_shape, dataset.task)
    learned, looked_at = dataset.train, dataset.validation
    variances = {"": _variances(learned), "val_": _variances(looked_at)}
    if not validate:
        if training.patience is not None:
            raise TrainingError("patience needs the validation split: leave it out, or validate")
        looked_at = Split(looked_at.x[:0], looked_at.y[:0])
        del variances["val_"]
    ended: dict[int, Run] = {}

    def keep(one: dict[str, Any]) -> None:
        run = ended[one["seed"]] = _run(one, resolved, dataset, variances)
        if on_run is not None:
            on_run(run)

    try:
        trained, raised, seconds = _engine.train(
            engine,
            training._for_engine(dataset.task),
            _rows(learned.x),
            _rows(learned.y),
            _rows(looked_at.x),
            _rows(looked_at.y),
            chosen,
            threads,
            keep,
            mask=_mask(learned),
            mask_val=_mask(looked_at),
            progress=None if progress is None else lambda epochs: progress(epochs, len(ended)),
        )
    except MemoryError:
        raise TrainingError(
            f"{resolved} needs more memory than there is: take a smaller batch_size or fewer threads"
        ) from None
    except RuntimeError as error:
        raise TrainingError(f"the system gives no thread to train in ({error}): end other programs") from None
    if raised is not None and not isinstance(raised, KeyboardInterrupt):
        raise raised
    for one in trained:  # Ctrl-C may have come just while one was kept
        if one["seed"] not in ended:
            keep(one)
    runs = tuple(ended[seed] for seed in chosen if seed in ended)
    return Runs(resolved, dataset, training, runs, seconds, raised is not None)


def _run(
    trained: dict[str, Any], architecture: Architecture, dataset: Dataset, variances: dict[str, list[float]]
) -> Run:
    history = trained["history"]
    if "val_" not in variances:  # not validated
        del history["val_loss"], history["val_accuracy"]
    if dataset.task == "regression":
        for prefix, of_outputs in variances.items():
            del history[f"{prefix}accuracy"]
            if len(of_outputs) == 1 and of_outputs[0] > 0:  # of several, their loss does not tell each one's
                history[f"{prefix}normalised_error"] = [x / of_outputs[0] for x in history[f"{prefix}loss"]]
    network = Network.from_flat(architecture, dataset.input_shape, dataset.task, trained["weights"])
    return Run(trained["seed"], history, trained["diverged"] or None, network, trained["finished"])


def _mask(split: Split) -> np.ndarray | None:
    return None if split.mask is None else np.ascontiguousarray(split.mask, dtype=np.float32)


def _variances(split: Split) -> list[float]:
    return [] if split.y.ndim < 2 else metrics.output_variances(split.y, split.mask).tolist()


def _rows(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array.reshape(len(array), prod(array.shape[1:])), dtype=np.float32)


def checked_seeds(seeds: int | Iterable[int]) -> list[int]:
    """The seeds to train from: 0, 1, 2, ..., if only their number is given.

    Raises
    ------
    TrainingError
        If they are not as `train` wants them.
    """
    if _is_whole(seeds):
        if not 1 <= seeds <= MOST_SEEDS:
            raise TrainingError(f"seeds is {seeds}, but must be from 1 to {MOST_SEEDS:,}")
        return list(range(int(seeds)))
    if isinstance(seeds, str | bytes) or not isinstance(seeds, Iterable):
        raise TrainingError(f"seeds is {seeds!r}, but must be a whole number or several of them")
    given = list(seeds)
    if not given:
        raise TrainingError("seeds is empty, but at least 1 is needed")
    if wrong := [seed for seed in given if not (_is_whole(seed) and 0 <= seed < 2**63)]:
        raise TrainingError(f"seed {wrong[0]} is not allowed: take whole numbers from 0, below 2**63")
    chosen = list(map(int, given))
    if len(set(chosen)) < len(chosen):
        raise TrainingError("seeds has a seed twice, which gives the same run twice: take different ones")
    return chosen


def checked_threads(threads: int | None) -> int:
    """How many runs at a time: as many as the process has processors, if that is not said.

    Raises
    ------
    TrainingError
        If it is no whole number from 1 to 1,024.
    """
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not (_is_whole(threads) and 1 <= threads <= MOST_THREADS):
        raise TrainingError(f"threads is {threads!r}, but must be a whole number from 1 to {MOST_THREADS:,}")
    return int(threads)
