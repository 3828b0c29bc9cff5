"""Pictures of sequences and recurrent networks: what they show in numbers, and how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from netlet import figures, inspect, metrics
from netlet.datasets import Dataset
from netlet.inspect import OneSequence
from netlet.lab.pictures import images
from netlet.lab.pictures.drawing import Drawing
from netlet.network import Activity, Network

_ERROR = "normalised_error"


def data(dataset: Dataset, index: int) -> Drawing:
    """Input and target of one training and one validation sequence."""
    shown = {
        f"{split} sequence {index}": OneSequence.of(chosen, index)
        for split, chosen in (("training", dataset.train), ("validation", dataset.validation))
        if index < len(chosen)
    }
    series = {each: (one.inputs, one.targets) for each, one in shown.items()}
    largest = [
        {
            "name": name,
            "input": float(np.abs(each[0]).max()),
            "target": float(np.abs(each[1]).max()),
        }
        for name, each in series.items()
    ]
    facts = {
        "dataset": dataset.name,
        "shown": list(shown),
        "steps": max(one.steps for one in shown.values()),
        "largest": largest,
    }
    return Drawing("sequences", facts, partial(figures.sequences, series))


def prediction(network: Network, dataset: Dataset, index: int) -> Drawing:
    """Input, target and prediction of one validation sequence, with what happens inside."""
    one = OneSequence.of(dataset.validation, index)
    predicted, activities = network.predict(one.x, one.mask)[0], one.activities(network)
    error = metrics.evaluate("regression", one.y[np.newaxis], predicted[np.newaxis], one.mask)[_ERROR]
    x, y, answer = (values[: one.steps] for values in (one.x[0], one.y, predicted))
    facts = {
        "index": one.index,
        "dataset": dataset.name,
        "error": error,
        "has_activity": bool(activities),
        "has_cell": _has_cell(activities),
    }
    return Drawing(
        "prediction", facts, partial(figures.prediction, x, y, answer, activities, _names(network))
    )


def activity(network: Network, dataset: Dataset, index: int) -> Drawing:
    """One validation sequence that is answered as a whole, and what happens inside."""
    one = OneSequence.of(dataset.validation, index)
    activities = one.activities(network)
    facts = {
        "dataset": dataset.name,
        "steps": one.steps,
        "layers": [{"name": name} for name in _names(network)],
        "has_cell": _has_cell(activities),
        **images.asked(dataset, one.index, network.outputs(one.x, one.mask)[-1][0]),
    }
    return Drawing("activity", facts, partial(figures.activity, one.inputs, activities, _names(network)))


def gates(network: Network, dataset: Dataset, index: int, layer: int = 0) -> Drawing:
    """The gates of one recurrent layer, counted from 0 among these, over one validation sequence."""
    one = OneSequence.of(dataset.validation, index)
    shown, place = one.activities(network)[layer], _names(network)[layer]
    means = [{"name": gate, "mean": float(values.mean())} for gate, values in shown.gates.items()]
    facts = {"index": one.index, "layer": place, "gates": means}
    return Drawing("gates", facts, partial(figures.gates, one.inputs, shown, place))


def contributions(network: Network, dataset: Dataset, index: int) -> Drawing:
    """What every node adds to the output over one validation sequence."""
    one = OneSequence.of(dataset.validation, index)
    parts = inspect.contributions(network, one.x, one.mask)
    parts = replace(parts, nodes=parts.nodes[:, : one.steps], prediction=parts.prediction[:, : one.steps])
    weights = [float(weight) for weight in parts.weights[:, 0]]
    return Drawing(
        "contributions",
        {"index": one.index, "weights": weights},
        partial(figures.contributions, one.targets, parts),
    )


def node_signals(network: Network, dataset: Dataset) -> Drawing:
    """How closely each node follows the named signals."""
    found = inspect.nodes(network, dataset.validation)
    best = [
        {"name": node.name, "signal": signal, "correlation": r}
        for node in found
        for signal, r in node.best(1)
    ]
    return Drawing("node_signals", {"best": best}, partial(figures.node_signals, found))


def silenced(network: Network, dataset: Dataset) -> Drawing:
    """What is lost without each node."""
    result = inspect.silenced_nodes(network, dataset.validation)
    metric = next(iter(result.metrics))  # which runs are ranked by
    facts = images.losses(result, metric)
    return Drawing("silenced", facts, partial(figures.ablation, result, metrics=(metric,)))


def responses(network: Network) -> Drawing:
    """The answers to an impulse, a pulse and a step."""
    found = [inspect.response(network), inspect.response(network, 6), inspect.response(network, None)]
    peaks = [{"name": each.name, "largest": float(np.abs(each.prediction).max())} for each in found]
    return Drawing("responses", {"peaks": peaks}, partial(figures.responses, found, _names(network)))


def memory(named: Mapping[str, tuple[Network, Dataset]]) -> Drawing:
    """How far back several networks remember, each on validation sequences of its own."""
    found = {
        each: inspect.memory(network, data.validation.x, mask=data.validation.mask)
        for each, (network, data) in named.items()
    }
    reach = [{"name": each, "steps": memory.reach} for each, memory in found.items()]
    return Drawing("memory", {"reach": reach}, partial(figures.memory, found))


def error_sources(named: Mapping[str, inspect.ErrorSources]) -> Drawing:
    """Where the error of several networks arises."""
    worst = {name: max(each.situations, key=lambda s: s.error) for name, each in named.items()}
    sources = [
        {"name": name, "situation": each.name, "error": each.error, "steps": each.steps}
        for name, each in worst.items()
    ]
    return Drawing("error_sources", {"sources": sources}, partial(figures.error_sources, named))


def error_by_width(named: Mapping[str, inspect.ErrorByWidth]) -> Drawing:
    """How the error of several networks depends on the width of pulses."""
    ends = [
        {
            "name": each,
            "widths": [int(by.widths[0]), int(by.widths[-1])],
            "errors": [float(by.normalised_error[0]), float(by.normalised_error[-1])],
        }
        for each, by in named.items()
        if len(by.widths)
    ]
    return Drawing("error_by_width", {"ends": ends}, partial(figures.error_by_width, named))


def _has_cell(activities: list[Activity]) -> bool:
    return any(each.cell is not None for each in activities)


def _names(network: Network) -> list[str]:
    return [place.name for place in inspect.recurrent_layers(network.architecture)]
