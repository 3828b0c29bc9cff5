"""Trains one architecture on one dataset, from many seeds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from netlet import _engine, metrics
from netlet.architecture import Architecture, Embedding
from netlet.datasets import Dataset, Split
from netlet.datasets.given import as_dataset
from netlet.errors import Interrupted, TrainingError, brief
from netlet.network import Network, check_numbers, make_engine
from netlet.training import augmentation
from netlet.training import checkpoint as checkpoints
from netlet.training.besides import Besides
from netlet.training.callbacks import Epoch, OnEpoch, checked_function, together
from netlet.training.counts import checked_flag, checked_seeds, checked_threads
from netlet.training.display import shown
from netlet.training.for_engine import for_engine
from netlet.training.run import Run
from netlet.training.runs import Runs
from netlet.training.settings import Training

Progress = Callable[[int, int], None]
"""Called about 20 times a second with the epochs done over all seeds, and the runs done."""


def train(
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
    **settings: Any,
) -> Runs:
    """Train an architecture on a dataset, once from every seed.

    Parameters
    ----------
    architecture
        Or its text.
    dataset
        Its training split is learned from; its validation split is looked at after every epoch. A `Dataset`,
        the name or path of one, or a tuple (x, y) or (x, y, x_val, y_val) of arrays.
    training
        Settings; by default the dataset's own (`Training.default`).
    seeds
        How many (0, 1, 2, ...), or which: different whole numbers from 0, below 2**63.
    start
        A network, run, runs or network's file to go on from, in the place of drawn weights: of the first
        layers, as far as their kind and the shapes of their weights are the same (`Runs.reused`); what is
        behind these is drawn from the seed. The optimizer begins afresh.
    freeze
        Layers whose weights stay as they are, to the bit: places from 0 (or -1, -2, ... from the end) or
        names such as "conv", which means all layers of that kind.
    class_weight
        What the loss of each class's samples is multiplied with: "balanced", or a mapping from classes, by
        name or number, to weights. As Keras's.
    sample_weight
        What the loss of each training sample is multiplied with, ``(n,)``. As Keras's: the sum over a batch
        is divided by its number of samples.
    validation_split
        Of arrays (x, y): which share of each class is drawn for validation, from seed 0, in the place of a
        fifth. Unlike Keras's it is not the end of the data; no sample is in both parts (`Dataset.notes`).
    validate
        Whether to look at the validation split after every epoch. Without, which may halve the time, weights
        are the same, but histories have no validation curves, and patience cannot be had.
    threads
        How many runs at a time; by default as many as the process has processors. What comes out does not
        depend on it.
    quiet
        True shows no progress bar; by default there is one in a terminal and in a notebook, if it takes long.
    progress
        Called now and then while it trains, in the place of the bar. If it raises, the training stops and the
        exception passes on.
    on_epoch
        Called with an `Epoch` after every epoch of every run, one or several functions; the run waits for the
        answer, and ends if that is True. If it raises, as with `progress`.
    on_run
        Called with every run soon after it has ended, in the order in which they end, in the thread that
        called this; runs that were interrupted come as well. If it raises, as with `progress`.
    checkpoint
        A file in which all that the runs remember is kept while they train. Where it is there already, of the
        same training, runs go on from it, to the bit as if nothing had ended them, and those that are over
        are found in it; the same call is made again after whatever has happened. It is written whole or not
        at all, and stays there in the end. What callbacks remember is not in it.
    every
        Of a checkpoint: seconds from one writing to the next, from 0, by default 10; what is kept is the last
        whole epoch.
    **settings
        Settings by their names, such as ``epochs=3, learning_rate=0.01``, in the place of those of `training`
        or of the dataset's own.

    Returns
    -------
    Runs

    Raises
    ------
    ArchitectureError
        If the architecture does not fit the dataset.
    DataError
        If `dataset` is none, or cannot be read.
    FileError
        If the checkpoint is of another training (by architecture, data, settings, version or machine), is
        damaged, is in use, or cannot be written when the training begins; later that is a warning.
    TrainingError
        If seeds, threads or every make no sense, the settings do not fit (`Training.check`), `start`,
        `freeze` or weights do not fit, or there is too little memory.
    Interrupted
        A KeyboardInterrupt, on Ctrl-C: its `runs` are what was trained until then, every run as it was after
        its last whole epoch.
    """
    for name, function in {"progress": progress, "on_run": on_run}.items():
        checked_function(name, function)
    dataset = as_dataset(dataset, validation_split)
    chosen, threads = checked_seeds(seeds), checked_threads(threads)
    validate, quiet = bool(checked_flag("validate", validate)), checked_flag("quiet", quiet)
    resolved = Architecture(architecture).resolve_for(dataset)
    training = chosen_training(training, dataset, resolved, **settings)
    for name, needs_it in {
        "patience": training.patience is not None,
        "schedule": training.schedule == "reduce-on-plateau",
    }.items():
        if needs_it and not validate:
            raise TrainingError(f"{name} needs the validation split: leave it out, or validate", setting=name)
    engine = make_engine(resolved, dataset.input_shape, dataset.task)
    _check_whole_numbers(resolved, dataset)
    besides = Besides.of(
        resolved,
        dataset,
        start=start,
        freeze=freeze,
        class_weight=class_weight,
        sample_weight=sample_weight,
    )
    histories = _Histories(dataset, validate, training.loss)
    told = together(on_epoch)
    ended: dict[int, Run] = {}

    def keep(one: dict[str, Any]) -> None:
        run = ended[one["seed"]] = _run(one, resolved, dataset, histories)
        if on_run is not None:
            on_run(run)

    def epoch_ended(seed: int, epoch: int, *values: float) -> bool:
        assert told is not None
        return told(Epoch(seed, epoch, training.epochs, histories.of_epoch(values))) is True

    with (
        checkpoints.kept(
            checkpoint, every, resolved, dataset, training, besides.as_dict(), validate
        ) as checked,
        shown(progress, quiet, f"{resolved} on {dataset.name}", training.epochs, len(chosen)) as show,
    ):
        found = 0 if checked is None else checked.ended(chosen)
        trained, raised, seconds = _trained(
            engine,
            training,
            dataset,
            chosen,
            threads,
            keep,
            validate=validate,
            progress=None if show is None else lambda *now: show(now[0], len(ended), *now[1:]),
            on_epoch=None if told is None else epoch_ended,
            states=None if checked is None else checked.of(chosen),
            on_states=None if checked is None else checked.keep,
            every=checkpoints.EVERY if every is None else float(every),
            **besides.for_engine(engine, resolved, dataset.input_shape, chosen),
        )
    if raised is not None and not isinstance(raised, KeyboardInterrupt):
        raise raised
    for one in trained:  # Ctrl-C may have come just while one was kept
        if one["seed"] not in ended:
            keep(one)
    runs = Runs(
        resolved,
        dataset,
        training,
        tuple(ended[seed] for seed in chosen if seed in ended),
        seconds,
        interrupted=raised is not None,
        found=found,
        reused=() if besides.start is None else besides.start.reused,
        frozen=besides.frozen,
        besides=besides.as_dict(),
    )
    if raised is not None:
        raise Interrupted(told_interrupted(runs, len(chosen)), runs) from None
    return runs


def told_interrupted(runs: Runs, asked: int) -> str:
    """What is said of a training that Ctrl-C ended: how far it came, and how to get at that."""
    done = sum(run.finished for run in runs)
    return (
        f"interrupted after {done} of {asked} runs; what was trained is in the exception's .runs (in "
        "a notebook: "
        "import sys; sys.last_value.runs)"
    )


def chosen_training(
    training: Training | None, dataset: Dataset, *architectures: Architecture | str, **settings: Any
) -> Training:
    """The settings that are meant, checked against dataset and architectures.

    Raises
    ------
    TrainingError
        If they are no `Training`, or do not fit.
    """
    if training is None:
        training = Training.default(dataset, *architectures, **settings)
    elif isinstance(training, Training):
        training = training.changed(**settings)
    else:
        raise TrainingError(
            f"training is {brief(training)}, but must be a Training; settings are given by name, such as "
            "epochs=3",
            setting="training",
        )
    training.check(dataset, *architectures)
    return training


def _trained(
    engine: _engine.Network,
    training: Training,
    dataset: Dataset,
    seeds: list[int],
    threads: int,
    keep: Callable[[dict[str, Any]], None],
    *,
    validate: bool,
    **others: Any,
) -> tuple[list[dict[str, Any]], BaseException | None, float]:
    """What the engine gives back: runs, what was raised in the meantime, and the seconds."""
    learned = dataset.train
    looked_at = dataset.validation if validate else Split(dataset.validation.x[:0], dataset.validation.y[:0])
    given = {name: value for name, value in others.items() if value is not None}
    try:
        return _engine.train(
            engine,
            for_engine(training, dataset.task, augmentation.told(training, dataset)),
            *_rows(learned, dataset),
            *_rows(looked_at, dataset),
            seeds,
            threads,
            keep,
            mask=_mask(learned),
            mask_val=_mask(looked_at),
            **given,
        )
    except MemoryError:
        raise TrainingError(
            f"{dataset.name} needs more memory than there is: take a smaller batch_size or fewer threads"
        ) from None
    except RuntimeError as error:
        raise TrainingError(f"the system gives no thread to train in ({error}): end other programs") from None


class _Histories:
    """What is made of the engine's losses and accuracies, by the names of `Run.history`."""

    _ENGINE = ("loss", "accuracy", "val_loss", "val_accuracy")

    def __init__(self, dataset: Dataset, validate: bool, loss: str) -> None:
        splits = {"": dataset.train} | ({"val_": dataset.validation} if validate else {})
        self._prefixes = tuple(splits)
        self._is_regression = dataset.task == "regression"
        self._variances = (
            {
                prefix: float(metrics.output_variances(_targets(split, dataset), split.mask)[0])
                for prefix, split in splits.items()
            }
            if self._is_regression and dataset.outputs == 1 and loss == "mse"
            else {}
        )

    def of_run(self, history: dict[str, list[float]]) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for prefix in self._prefixes:
            losses = found[f"{prefix}loss"] = history[f"{prefix}loss"]
            if not self._is_regression:
                found[f"{prefix}accuracy"] = history[f"{prefix}accuracy"]
            elif variance := self._variances.get(prefix):
                found[f"{prefix}normalised_error"] = [loss / variance for loss in losses]
        return found

    def of_epoch(self, values: tuple[float, ...]) -> dict[str, float]:
        lists = {name: [value] for name, value in zip(self._ENGINE, values, strict=True)}
        return {name: value[0] for name, value in self.of_run(lists).items()}


def _run(trained: dict[str, Any], architecture: Architecture, dataset: Dataset, histories: _Histories) -> Run:
    return Run(
        trained["seed"],
        histories.of_run(trained["history"]),
        trained["diverged"] or None,
        Network.for_dataset(architecture, dataset, trained["weights"], trained["seed"]),
        trained["finished"],
        trained.get("stopped", False),
        dataset,
    )


def _check_whole_numbers(architecture: Architecture, dataset: Dataset) -> None:
    """Refuse inputs that an embedding has no row for."""
    if not isinstance(architecture.layers[0], Embedding):
        return
    for name, split in dataset.present.items():
        x = split.x if dataset.input_scaling is None else dataset.input_scaling.apply(split.x)
        check_numbers(architecture, x, f"{dataset.name}'s {name} split")


def _mask(split: Split) -> np.ndarray | None:
    return None if split.mask is None else np.ascontiguousarray(split.mask, dtype=np.float32)


def _targets(split: Split, dataset: Dataset) -> np.ndarray:
    scaling = dataset.target_scaling
    return split.y if scaling is None else scaling.apply(split.y)


def _rows(split: Split, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets as rows of scaled numbers."""
    x = split.x if dataset.input_scaling is None else dataset.input_scaling.apply(split.x)
    return _as_rows(x), _as_rows(_targets(split, dataset))


def _as_rows(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array.reshape(len(array), prod(array.shape[1:])), dtype=np.float32)
