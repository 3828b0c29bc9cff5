"""What cells of an assignment ask of runs: that training again gives them, and how good they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netlet import metrics
from netlet.errors import DataError
from netlet.lab import seeds as of_seeds
from netlet.lab.desk import probability
from netlet.lab.desk.kind import weights_digest
from netlet.training import Runs, train

LEAST = 0.01
"""Probability of values as bad as the student's, among the exercise's network's, below which they fail."""
_SEEDS = range(1_000_000, 1_000_012)
"""Of the exercise's network: none that a student is likely to take."""


def graded(trained: Any, architecture: str, dataset: str, **settings: Any) -> str:
    """Check a student's runs for a question against the exercise's own network, trained on the same data.

    Parameters
    ----------
    trained
        What the student has: runs, or a list of them; those on `dataset` count, and of them the best by the
        median on the validation data.
    architecture, dataset, settings
        The exercise's network, and how it is trained.

    Returns
    -------
    str
        What was found, in a sentence.

    Raises
    ------
    DataError
        If there are no such runs, training again gives others, or they are worse than chance explains.
    """
    found = _on(trained, dataset)
    best = max(found, key=_median)
    again = train(best.architecture, best.dataset, best.training, seeds=[best[0].seed], quiet=True)
    if weights_digest(again[0].network) != weights_digest(best[0].network):
        raise DataError(f"seed {best[0].seed} gives other weights when it is trained again")
    reference = train(architecture, best.dataset, seeds=_SEEDS, quiet=True, **settings)
    p = probability.of_ranks(_good(best), _good(reference))
    told = f"median {best.ranked_by} {_shown(best)}, the exercise's network {_shown(reference)}; p = {p:.2g}"
    if p < LEAST and _median(best) < _median(reference):
        raise DataError(f"{told}: worse than the seeds explain; try other settings or another network")
    return told


def _on(trained: Any, dataset: str) -> list[Runs]:
    some: Sequence[Any] = trained if isinstance(trained, list | tuple) else [trained]
    found = [each for each in some if isinstance(each, Runs) and each.dataset.name == dataset and len(each)]
    if not found:
        raise DataError(
            f"there are no runs on {dataset}: train a network with nl.train and put it into the list"
        )
    return found


def _good(runs: Runs) -> list[float | None]:
    """Values on the validation data, better if higher; None where a seed diverged."""
    sign = 1 if metrics.higher_is_better(runs.ranked_by) else -1
    values = [metrics.json_number(value) for value in of_seeds.values(runs)]
    return [None if value is None else sign * value for value in values]


def _median(runs: Runs) -> float:
    values = sorted(float("-inf") if value is None else value for value in _good(runs))
    return values[len(values) // 2]


def _shown(runs: Runs) -> str:
    return metrics.as_text(runs.distribution().median)
