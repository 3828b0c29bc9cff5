"""Pictures of sequences and recurrent networks as answers show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from netlet import figures, inspect, metrics
from netlet.datasets import Dataset
from netlet.inspect import OneSequence
from netlet.lab import pictures
from netlet.lab.answer import Picture
from netlet.lab.pictures import picture
from netlet.lab.wording import count, listed, number
from netlet.network import Activity, Network

_ERROR = "normalised_error"


def data(name: str, dataset: Dataset, index: int) -> Picture:
    """Input and target of one training and one validation sequence."""
    shown = {
        f"{split} sequence {index}": OneSequence.of(chosen, index)
        for split, chosen in (("training", dataset.train), ("validation", dataset.validation))
        if index < len(chosen)
    }
    series = {each: (one.inputs, one.targets) for each, one in shown.items()}
    steps = max(one.steps for one in shown.values())
    return picture(
        name,
        lambda: figures.sequences(series),
        f"Input and target of {listed(list(shown))} of {dataset.name}.",
        f"{count(2 * len(shown), 'line chart')} over {count(steps, 'step')}.",
    )


def over_seeds(
    name: str,
    values: Mapping[str, list[float | None]],
    caption: str,
    references: Mapping[str, float] | None = None,
) -> Picture:
    """Normalised error over seeds, a row for each of several networks."""
    return pictures.over_seeds(name, values, caption, references, _ERROR)


def prediction(name: str, network: Network, dataset: Dataset, index: int, what: str) -> Picture:
    """Input, target and prediction of one validation sequence, with what happens inside."""
    one = OneSequence.of(dataset.validation, index)
    predicted, activities = network.predict(one.x, one.mask)[0], one.activities(network)
    error = metrics.evaluate("regression", one.y[np.newaxis], predicted[np.newaxis], one.mask)[_ERROR]
    x, y, answer = (values[: one.steps] for values in (one.x[0], one.y, predicted))
    inside = f", and the {_inside(activities)} of its nodes" if activities else ""
    return picture(
        name,
        lambda: figures.prediction(x, y, answer, activities, _names(network)),
        f"Validation sequence {one.index} of {dataset.name}: input, target and prediction of {what}{inside}.",
        f"Line charts. The normalised error on it is {number(error)}.",
    )


def activity(name: str, network: Network, dataset: Dataset, index: int, what: str) -> Picture:
    """One validation sequence that is answered as a whole, and what happens inside."""
    one = OneSequence.of(dataset.validation, index)
    activities = one.activities(network)
    target, said = pictures.target_and_answer(dataset, one.index, network.outputs(one.x, one.mask)[-1][0])
    return picture(
        name,
        lambda: figures.activity(one.inputs, activities, _names(network)),
        f"Validation sequence {one.index} of {dataset.name}, {target}: its input, and the "
        f"{_inside(activities)} of the nodes of {what}, which says {said}.",
        f"Line charts over {count(one.steps, 'step')} for the input and {listed(_names(network))}.",
    )


def gates(name: str, network: Network, dataset: Dataset, index: int, what: str, layer: int = 0) -> Picture:
    """The gates of one recurrent layer, counted from 0 among these, over one validation sequence."""
    one = OneSequence.of(dataset.validation, index)
    shown, place = one.activities(network)[layer], _names(network)[layer]
    means = [f"{gate} {float(values.mean()):.2f}" for gate, values in shown.gates.items()]
    return picture(
        name,
        lambda: figures.gates(one.inputs, shown, place),
        f"Gates of {place} of {what} over validation sequence {one.index}: 1 is open, 0 is shut.",
        f"A chart for each gate. Means over the sequence: {listed(means)}.",
    )


def contributions(name: str, network: Network, dataset: Dataset, index: int, what: str) -> Picture:
    """What every node adds to the output over one validation sequence."""
    one = OneSequence.of(dataset.validation, index)
    parts = inspect.contributions(network, one.x, one.mask)
    parts = replace(parts, nodes=parts.nodes[:, : one.steps], prediction=parts.prediction[:, : one.steps])
    weights = [f"node {i + 1} {weight:+.2f}" for i, weight in enumerate(parts.weights[:, 0])]
    return picture(
        name,
        lambda: figures.contributions(one.targets, parts),
        f"What each node of {what} adds to the output over validation sequence {one.index}.",
        f"Areas stacked to the prediction. Output weights: {listed(weights)}.",
    )


def node_signals(name: str, network: Network, dataset: Dataset, what: str) -> Picture:
    """How closely each node follows the named signals."""
    found = inspect.nodes(network, dataset.validation)
    best = [f"{node.name} {signal} {r:+.2f}" for node in found for signal, r in node.best(1)]
    return picture(
        name,
        lambda: figures.node_signals(found),
        f"Correlation of the hidden activity of {what} with named signals, over all validation sequences.",
        f"A table in colours. The closest: {listed(best)}.",
    )


def silenced(name: str, network: Network, dataset: Dataset, what: str) -> Picture:
    """What is lost without each node."""
    result = inspect.silenced_nodes(network, dataset.validation)
    metric = next(iter(result.metrics))  # which runs are ranked by
    return picture(
        name,
        lambda: figures.ablation(result, metrics=(metric,)),
        f"What {what} loses on the validation sequences when one node is silenced.",
        pictures.losses(result, metric),
    )


def responses(name: str, network: Network, what: str) -> Picture:
    """The answers to an impulse, a pulse and a step."""
    found = [inspect.response(network), inspect.response(network, 6), inspect.response(network, None)]
    peaks = [f"{each.name} {float(np.abs(each.prediction).max()):.2f}" for each in found]
    return picture(
        name,
        lambda: figures.responses(found, _names(network)),
        f"What {what} makes of an impulse, of a pulse of 6 steps and of a step, all of height 1 at step 5.",
        f"Line charts. Largest outputs: {listed(peaks)}.",
    )


def memory(name: str, named: Mapping[str, tuple[Network, Dataset]]) -> Picture:
    """How far back several networks remember, each on validation sequences of its own."""
    found = {
        each: inspect.memory(network, data.validation.x, mask=data.validation.mask)
        for each, (network, data) in named.items()
    }
    reach = [f"{each} {memory.reach}" for each, memory in found.items()]
    return picture(
        name,
        lambda: figures.memory(found),
        "How much the output depends on the input so many steps before: size of the gradient, mean (line) "
        "and quartiles (band) over sequences and steps. Dots: 90 % of the sum lies to their left.",
        f"Falling lines. 90 % within so many steps: {listed(reach)}.",
    )


def error_sources(name: str, named: Mapping[str, inspect.ErrorSources]) -> Picture:
    """Where the error of several networks arises."""
    return picture(
        name,
        lambda: figures.error_sources(named),
        "Where the error on the validation sequences arises: over the steps (above) and by situation "
        "(below).",
        f"Two charts for each of {listed(list(named))}.",
    )


def error_by_width(name: str, named: Mapping[str, inspect.ErrorByWidth]) -> Picture:
    """How the error of several networks depends on the width of pulses."""
    ends = [
        f"{each} from {number(float(by.normalised_error[0]))} at {count(int(by.widths[0]), 'step')} to "
        f"{number(float(by.normalised_error[-1]))} at {count(int(by.widths[-1]), 'step')}"
        for each, by in named.items()
        if len(by.widths)
    ]
    return picture(
        name,
        lambda: figures.error_by_width(named),
        "Normalised error in the answers to pulses of each width on the validation sequences. The wider the "
        "pulse, the farther back a network has to look.",
        f"A line for each network: {listed(ends) or 'no pulse is whole'}.",
    )


def _inside(activities: list[Activity]) -> str:
    return "hidden activity" + (
        " and cell state" if any(each.cell is not None for each in activities) else ""
    )


def _names(network: Network) -> list[str]:
    return [place.name for place in inspect.recurrent_layers(network.architecture)]
