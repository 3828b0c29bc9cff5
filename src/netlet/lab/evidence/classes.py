"""How well the classes of a dataset are told apart, over seeds; and how large classes and layers are."""

from __future__ import annotations

from math import prod

import numpy as np

from netlet import metrics
from netlet.architecture import write_layer
from netlet.datasets import Dataset
from netlet.lab import seeds
from netlet.lab.evidence.known import EVIDENCE
from netlet.metrics import Distribution
from netlet.training import Runs


@EVIDENCE
def share_better(network: Runs, goal: float, split: str = "validation") -> float:
    """The share of seeds that are better than a goal, 0..1; on the validation split if there is no such."""
    return seeds.share_better(network, goal, split if split in network.dataset.present else "validation")


@EVIDENCE
def largest_layer(network: Runs) -> dict[str, object]:
    """The layer with most parameters: its text (``layer``) and their number (``parameters``)."""
    architecture, shape = network.architecture, network.dataset.input_shape
    sizes = [sum(map(prod, weights)) for weights in architecture.layer_weight_shapes(shape)]
    largest = max(range(len(sizes)), key=sizes.__getitem__)
    return {"layer": write_layer(architecture.layers[largest]), "parameters": sizes[largest]}


@EVIDENCE
def class_sizes(dataset: Dataset, split: str = "training") -> list[dict[str, object]]:
    """For each class its ``name`` and how many ``examples`` of it a split has."""
    examples = dataset.splits.get(split)
    labels = np.empty(0, dtype=int) if examples is None else metrics.labels(examples.y)
    counts = np.bincount(labels, minlength=len(dataset.class_names))
    return [{"name": name, "examples": int(n)} for name, n in zip(dataset.class_names, counts, strict=True)]


@EVIDENCE
def found_by_class(network: Runs) -> list[dict[str, object]]:
    """For each class the share of its validation examples that is classified rightly, over seeds.

    ``name``, ``examples``, and ``found``: a distribution.
    """
    sizes = class_sizes(network.dataset, "validation")
    return [
        {**size, "found": metrics.summarise(values, True)}
        for size, values in zip(sizes, sensitivities(network), strict=True)
    ]


def sensitivities(runs: Runs) -> list[list[float | None]]:
    """For each class the share found by every seed; NaN for one that diverged."""
    split = runs.dataset.validation
    rows = [
        metrics.sensitivities(split.y, run.network.predict(split.x, split.mask))
        if run.diverged is None
        else [np.nan] * len(runs.dataset.class_names)
        for run in runs
    ]
    return [list(column) for column in zip(*rows, strict=True)]


@EVIDENCE
def mistaken_pairs(network: Runs) -> list[dict[str, object]]:
    """Which class the best seed takes for which on the validation split, most often first.

    ``true``, ``said`` and ``examples``; empty if nothing is mistaken.
    """
    data = network.dataset
    answers = network.best.network.predict(data.validation.x, data.validation.mask)
    matrix = metrics.confusion_matrix(data.validation.y, answers)
    pairs = [
        {"true": data.class_names[row], "said": data.class_names[column], "examples": int(n)}
        for (row, column), n in np.ndenumerate(matrix)
        if row != column and n
    ]
    return sorted(pairs, key=lambda pair: -int(str(pair["examples"])))


@EVIDENCE
def roc_area(network: Runs) -> float | None:
    """The area below the best seed's ROC curve on the validation split, of two classes."""
    split = network.dataset.validation
    return metrics.roc(split.y, network.best.network.predict(split.x, split.mask)).area


@EVIDENCE
def difference(a: Runs, b: Runs) -> float:
    """The median of a less that of b, on the validation split; infinite where one diverged."""
    left, right = (_median(each.distribution()) for each in (a, b))
    return left - right


def _median(found: Distribution) -> float:
    return np.inf if found.median is None else found.median
