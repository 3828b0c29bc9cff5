"""A tiny network explained whole: every weight where it acts, what each part answers to, and the formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet import metrics
from netlet.datasets import Split
from netlet.errors import DataError
from netlet.inspect.formula import Formula, formula
from netlet.inspect.parts import Stage, stages_of
from netlet.inspect.selection import predicted

if TYPE_CHECKING:
    from netlet.network import Network

MOST_PARAMETERS = 60
"""Larger networks are no longer seen at a glance."""
_LOOKED_AT = 1_000
"""Examples that are measured on, spread over the split."""
_MOST_EXAMPLES = 4


@dataclass(frozen=True, eq=False)
class Example:
    """One example on its way through the network.

    Attributes
    ----------
    index : int
        Its place in the split.
    target, answer : str
        What it is, and what the network says; empty with a target at every step.
    x : ndarray
        The input, without padding.
    y, predicted : ndarray, (steps, outputs), or None
        Target and answer at every step, if there are such.
    outputs : tuple of ndarray
        What every stage makes of it.
    """

    index: int
    target: str
    answer: str
    x: np.ndarray
    y: np.ndarray | None
    predicted: np.ndarray | None
    outputs: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Bottleneck:
    """The one number that everything passes through, and what the network answers for each value of it.

    Attributes
    ----------
    symbol : str
        In the formula.
    values : ndarray, (n,)
        What it is for the examples of the split.
    labels : ndarray, int64, (n,)
        Their classes.
    grid : ndarray, (m,)
        Values from the least to the largest.
    answers : ndarray, (m, classes)
        The probability of each class there.
    """

    symbol: str
    values: np.ndarray
    labels: np.ndarray
    grid: np.ndarray
    answers: np.ndarray


@dataclass(frozen=True, eq=False)
class Explanation:
    """A whole network.

    Attributes
    ----------
    parameters : int
    kind : {"image", "sequence", "table"}
        What it takes.
    metric, value : str, float or None
        The metric that runs are ranked by, and what it is on the split.
    count : int
        Examples of the split.
    majority : float or None
        The accuracy of always answering the most frequent class.
    stages : tuple of Stage
    formula : Formula
        With weights of three digits.
    examples : tuple of Example
        One of each class, or some.
    class_names : tuple of str
    bottleneck : Bottleneck or None
        Of classifiers, if there is one.
    """

    parameters: int
    kind: str
    metric: str
    value: float | None
    count: int
    majority: float | None
    stages: tuple[Stage, ...]
    formula: Formula
    examples: tuple[Example, ...]
    class_names: tuple[str, ...]
    bottleneck: Bottleneck | None


def explain(network: Network, split: Split, class_names: Sequence[str] = ()) -> Explanation:
    """Explain a network by its weights and by what its parts do on a split.

    Parameters
    ----------
    class_names
        By default the network's own.

    Raises
    ------
    DataError
        If it has more than 60 parameters, or its answers are not finite.
    """
    if network.parameters > MOST_PARAMETERS:
        raise DataError(
            f"{network.architecture} has {network.parameters:,} parameters: networks of at most "
            f"{MOST_PARAMETERS} are explained whole"
        )
    names = tuple(class_names) or network.class_names
    chosen = np.unique(np.linspace(0, len(split) - 1, min(len(split), _LOOKED_AT)).astype(int))
    sample = Split(split.x[chosen], split.y[chosen], None if split.mask is None else split.mask[chosen])
    outputs = network.outputs(sample.x) if sample.mask is None else network.outputs(sample.x, sample.mask)
    written = formula(network)
    metric = metrics.METRICS[network.task][0]
    value = metrics.evaluate(network.task, split.y, predicted(network, split), split.mask)[metric]
    if value is not None and not np.isfinite(value):
        raise DataError(f"{network.architecture} has diverged, so there is nothing to explain")
    stages = stages_of(network, sample, outputs, written, names)
    shown = [outputs[stage.place.layer] for stage in stages]
    return Explanation(
        parameters=network.parameters,
        kind=network.kind,
        metric=metric,
        value=value,
        count=len(split),
        majority=metrics.majority_share(network.task, split.y, split.mask),
        stages=stages,
        formula=written,
        examples=_examples(network, sample, chosen, shown, names),
        class_names=names,
        bottleneck=_bottleneck(network, sample, stages, shown),
    )


def _bottleneck(
    network: Network, split: Split, stages: Sequence[Stage], outputs: Sequence[np.ndarray]
) -> Bottleneck | None:
    """The last layer but the answer that gives a single number, if there is such a one."""
    if network.task == "regression" or split.y.ndim == 3:
        return None
    for stage, output in list(zip(stages, outputs, strict=True))[-2::-1]:
        values = output.reshape(len(output), -1)
        if values.shape[1] != 1 or np.ptp(values) == 0:
            continue
        low, high = float(values.min()), float(values.max())
        air = 0.03 * (high - low)
        grid = np.linspace(low - air, high + air, 201, dtype=np.float32)
        answers = network.tail(stage.place.layer).predict(grid.reshape(-1, *output.shape[1:]))
        if answers.ndim == 1:
            answers = np.stack([1 - answers, answers], axis=1)
        return Bottleneck(stage.symbols[0], values[:, 0], metrics.labels(split.y), grid, answers)
    return None


def _examples(
    network: Network,
    split: Split,
    places: np.ndarray,
    outputs: Sequence[np.ndarray],
    names: Sequence[str],
) -> tuple[Example, ...]:
    """One of each class that is answered rightly, if there is one; of regression the first."""
    answers = predicted(network, split)
    per_step = split.y.ndim == 3
    if network.task == "regression" or per_step:
        chosen = list(range(min(1 if per_step else 2, len(split))))
    else:
        targets, said = metrics.labels(split.y), metrics.labels(answers)
        order = np.argsort(targets != said, kind="stable")  # right ones first
        firsts = {int(targets[k]): int(k) for k in order[::-1]}
        chosen = [firsts[label] for label in sorted(firsts)][:_MOST_EXAMPLES]
    found = []
    for k in chosen:
        steps = None
        if network.kind == "sequence":
            counted = np.ones(split.x.shape[1], dtype=bool) if split.mask is None else split.mask[k]
            steps = int(np.flatnonzero(counted)[-1]) + 1
        found.append(
            Example(
                index=int(places[k]),
                target="" if per_step else _told(network, split.y[k], names, sure=False),
                answer="" if per_step else _told(network, answers[k], names),
                x=split.x[k][:steps],
                y=split.y[k][:steps] if per_step else None,
                predicted=answers[k][:steps] if per_step else None,
                outputs=tuple(each[k][:steps] if each.ndim == 3 else each[k] for each in outputs),
            )
        )
    return tuple(found)


def _told(network: Network, values: np.ndarray, names: Sequence[str], sure: bool = True) -> str:
    values = np.atleast_1d(values)
    if network.task == "regression":
        return ", ".join(metrics.as_text(float(value)) for value in values[:4])
    of_classes = np.array([1 - values[0], values[0]]) if len(values) == 1 else values
    best = int(of_classes.argmax())
    name = names[best] if names else f"class {best}"
    return f"{name} ({100 * float(of_classes[best]):.0f} %)" if sure else name
