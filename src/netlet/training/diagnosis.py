"""Trainings that went wrong and look normal: what is wrong with some runs, in words, and what to try."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet import metrics

if TYPE_CHECKING:
    from netlet.datasets import Split
    from netlet.training import Run, Runs

_LOOKED_AT = 128
"""Examples of each class (of regression twice as many at all) whose answers are looked at."""
_ALIKE_PROBABILITIES = 1e-3
"""Probabilities that differ by less over all examples are one answer."""
_ALIKE_SHARE = 1e-4
"""Answers of a regression that vary by less than this share of the target's variance are one answer."""
_FELL = 0.99
"""A loss that stays above this share of what it was in the first epoch has not fallen."""
_HIGH_RATE = 0.02
"""A learning rate from here on is the first suspect."""
_UNEQUAL = 0.6
"""From this share on the majority is a suspect."""


def problems(runs: Runs) -> list[str]:
    """What went wrong with a training, a line each, which says in how many runs, and what to try.

    Told are runs that were interrupted, that diverged, that give one answer whatever the input is, that
    answer one class only, and whose loss never fell. Empty if there is nothing of the kind.

    Parameters
    ----------
    runs
        Any number of runs. Of each split some hundred examples are predicted again, no more.
    """
    lines = _interrupted(runs)
    if diverged := [run for run in runs if run.diverged is not None]:
        first = min(run.diverged for run in diverged if run.diverged is not None)
        who = _subject(diverged, runs, "diverged", "diverged")
        rate = f"it was {runs.training.learning_rate:g}"
        lines.append(
            f"{who}, the first in epoch {first:,}: try a lower learning_rate ({rate}) or clip_norm=1"
        )
    sample = _sample(runs.dataset.task, runs.dataset.train)
    trained = [run for run in runs if run.diverged is None and run.epochs]
    answers = [(run, run.network.predict(sample.x, sample.mask)) for run in trained]
    answers = [(run, answer) for run, answer in answers if np.isfinite(answer).all()]
    named: set[int] = set()
    for test, (one, several) in _TESTS.items():
        found: dict[str, list[Run]] = {}
        for run, answer in answers:
            if run.seed not in named and (line := test(runs, run, sample, answer)):
                found.setdefault(line, []).append(run)
        for line, which in found.items():
            named |= {run.seed for run in which}
            lines.append(f"{_subject(which, runs, one, several)} {line}")
    return lines


def _interrupted(runs: Runs) -> list[str]:
    unfinished = [run for run in runs if not run.finished]
    if not (unfinished or runs.interrupted):
        return []
    if not unfinished:
        return ["the training was interrupted: seeds that are missing here have not been trained"]
    epochs = ", ".join(f"{run.epochs:,}" for run in unfinished[:3]) + (", ..." if len(unfinished) > 3 else "")
    plural = "" if len(unfinished) == 1 and unfinished[0].epochs == 1 else "s"
    who = _subject(unfinished, runs, "was", "were")
    done = f"after {epochs} epoch{plural} of {runs.training.epochs:,}"
    return [f"{who} interrupted {done}: train again for what is missing"]


def _alike(runs: Runs, run: Run, sample: Split, answer: np.ndarray) -> str | None:
    if len(sample) < 2:
        return None
    if runs.dataset.task == "regression":
        of_target, of_answer = (metrics.output_variances(each, sample.mask) for each in (sample.y, answer))
        varies = of_target > 0
        is_alike = bool(varies.any() and (of_answer <= _ALIKE_SHARE * of_target)[varies].all())
    else:
        said = metrics.counted(answer, sample.mask).reshape(-1, 1 if answer.ndim == 1 else answer.shape[-1])
        is_alike = bool((np.ptp(said, axis=0) < _ALIKE_PROBABILITIES).all())
    if not is_alike:
        return None
    return f"the same answer for every input, so nothing was learned: {_rate_advice(runs)}"


def _one_class(runs: Runs, run: Run, sample: Split, answer: np.ndarray) -> str | None:
    if runs.dataset.task == "regression" or len(np.unique(metrics.labels(sample.y))) < 2:
        return None
    classes = np.unique(metrics.labels(metrics.counted(answer, sample.mask)))
    if len(classes) > 1:
        return None
    split = runs.dataset.train
    counts = metrics.class_counts(runs.dataset.task, split.y, split.mask)
    share = float(counts[classes[0]] / counts.sum())
    is_majority = bool(counts[classes[0]] == counts.max())
    told = f"no class but {runs.dataset.class_names[classes[0]]} for any input"
    told += f", the majority ({share:.0%} of the training data)" if is_majority else ""
    if is_majority and share > _UNEQUAL:
        return f'{told}: try class_weight="balanced", and look at balanced_accuracy'
    return f"{told}: {_rate_advice(runs)}"


def _flat(runs: Runs, run: Run, sample: Split, answer: np.ndarray) -> str | None:
    losses = run.history["loss"]
    if len(losses) < 2 or min(losses[1:]) < _FELL * losses[0]:
        return None
    constant = _loss_of_constant(runs)
    if losses[-1] < _FELL * constant:  # it has learned something before, or in the first epoch
        return None
    return f"a loss that never fell: {_rate_advice(runs)}"


_TESTS: dict[Callable[[Runs, Run, Split, np.ndarray], str | None], tuple[str, str]] = {
    _alike: ("gives", "give"),
    _one_class: ("answers", "answer"),
    _flat: ("has", "have"),
}
"""What a run may be, and the verb of the line that says so; a run is named by the first that it is."""


def _loss_of_constant(runs: Runs) -> float:
    """The lowest training loss that one answer for all inputs can have."""
    split, task = runs.dataset.train, runs.dataset.task
    if task == "regression":
        return float(metrics.output_variances(split.y, split.mask).mean())
    counts = metrics.class_counts(task, split.y, split.mask)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def _rate_advice(runs: Runs) -> str:
    rate = runs.training.learning_rate
    if rate > _HIGH_RATE:
        return f"try a lower learning_rate (it was {rate:g})"
    return f"try more epochs, another learning_rate (it was {rate:g}), more seeds, or a larger network"


def _subject(which: Sequence[Run], runs: Runs, one: str, several: str) -> str:
    """ "3 of 16 runs (seeds 1, 4, 7) give": which runs, and the verb."""
    if len(runs) == 1:
        return f"the run {one}"
    if len(which) == len(runs):
        return f"all {len(runs)} runs {several}"
    seeds = ", ".join(str(run.seed) for run in which[:4]) + (", ..." if len(which) > 4 else "")
    if len(which) == 1:
        return f"1 of {len(runs)} runs (seed {seeds}) {one}"
    return f"{len(which)} of {len(runs)} runs (seeds {seeds}) {several}"


def _sample(task: str, split: Split) -> Split:
    """Some examples of a split, spread over it, of every class."""
    from netlet.datasets import Split

    if task == "regression" or split.y.ndim == 3:
        groups = [np.arange(len(split))]
        each = 2 * _LOOKED_AT
    else:
        labels, each = metrics.labels(split.y), _LOOKED_AT
        groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    chosen = np.sort(
        np.concatenate([g[np.linspace(0, len(g) - 1, min(each, len(g))).astype(int)] for g in groups])
    )
    return Split(split.x[chosen], split.y[chosen], None if split.mask is None else split.mask[chosen])
