"""Pictures of sequences and recurrent networks as answers show them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from netlet import figures, inspect, metrics
from netlet.datasets import Dataset
from netlet.exercises import pictures
from netlet.exercises.answer import Picture
from netlet.exercises.pictures import picture
from netlet.exercises.wording import count, listed, number
from netlet.network import Network

_ERROR = "normalised_error"


def data(name: str, dataset: Dataset, index: int) -> Picture:
    """Input and target of one training and one validation sequence."""
    shown = {
        f"{split} sequence {index}": (chosen.x[index], chosen.y[index])
        for split, chosen in (("training", dataset.train), ("validation", dataset.validation))
        if index < len(chosen)
    }
    return picture(
        name,
        lambda: figures.sequences(shown),
        f"Input and target of {listed(list(shown))} of {dataset.name}.",
        f"{count(2 * len(shown), 'line chart')} over {count(dataset.input_shape[0], 'step')}.",
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
    index, x, y, mask = _one(dataset, index)
    predicted, activities = network.predict(x, mask)[0], network.activity(x, mask)
    error = metrics.evaluate("regression", y[np.newaxis], predicted[np.newaxis], mask)["normalised_error"]
    cells = " and cell state" if any(each.cell is not None for each in activities) else ""
    return picture(
        name,
        lambda: figures.prediction(x[0], y, predicted, activities, _names(network)),
        f"Validation sequence {index} of {dataset.name}: input, target and prediction of {what}, and the "
        f"hidden activity{cells} of its nodes.",
        f"Line charts. The normalised error on it is {number(error)}.",
    )


def gates(name: str, network: Network, dataset: Dataset, index: int, what: str) -> Picture:
    """The gates of the first recurrent layer over one validation sequence."""
    index, x, _, mask = _one(dataset, index)
    activity, layer = network.activity(x, mask)[0], _names(network)[0]
    means = [f"{gate} {float(values.mean()):.2f}" for gate, values in activity.gates.items()]
    return picture(
        name,
        lambda: figures.gates(x[0], activity, layer),
        f"Gates of {layer} of {what} over validation sequence {index}: 1 is open, 0 is shut.",
        f"A chart for each gate. Means over the sequence: {listed(means)}.",
    )


def contributions(name: str, network: Network, dataset: Dataset, index: int, what: str) -> Picture:
    """What every node adds to the output over one validation sequence."""
    index, x, y, mask = _one(dataset, index)
    parts = inspect.contributions(network, x, mask)
    weights = [f"node {i + 1} {weight:+.2f}" for i, weight in enumerate(parts.weights[:, 0])]
    return picture(
        name,
        lambda: figures.contributions(y, parts),
        f"What each node of {what} adds to the output over validation sequence {index}.",
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
    worst = next(iter(result.metrics))
    lost = [f"{each.name} {number(each.lost[worst])}" for each in result.silenced]
    return picture(
        name,
        lambda: figures.ablation(result, metrics=(worst,)),
        f"What {what} loses on the validation sequences when one node is silenced.",
        f"Bars of what is lost: {listed(lost)}.",
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


def _one(dataset: Dataset, index: int) -> tuple[int, np.ndarray, np.ndarray, np.ndarray | None]:
    """A validation sequence as a batch of one, its target, and its mask; the last one if there are fewer."""
    split = dataset.validation
    index = min(index, len(split) - 1)
    one = slice(index, index + 1)
    return index, split.x[one], split.y[index], None if split.mask is None else split.mask[one]


def _names(network: Network) -> list[str]:
    return [place.name for place in inspect.recurrent_layers(network.architecture)]
