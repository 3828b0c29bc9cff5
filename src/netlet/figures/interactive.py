"""Pictures to play with in a notebook: the examples, the inside of a network, learning rates.

Each is an `Explorer`: what is moved in a notebook with ipywidgets is set by ``.at(...)`` everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from netlet import inspect, metrics
from netlet.datasets import Dataset
from netlet.errors import ArchitectureError, DataError, TrainingError
from netlet.figures import galleries, map_sheets, rates, results
from netlet.figures.explorer import Choice, Explorer
from netlet.figures.sequences import contributions, gates, sequences
from netlet.figures.shown import Shown
from netlet.inspect.selection import as_maps
from netlet.network.samples import fixed

if TYPE_CHECKING:
    from netlet.network import Network
    from netlet.training import Run, Runs

__all__ = ["Choice", "Explorer", "examples", "inside", "learning_rates", "maps", "sequence"]

NOTHING = "nothing"
_STRIP = 10
"""Images side by side."""
_BOTH, _BEFORE, _AFTER = "all layers", "before pooling", "after pooling"
_ACTIVITY, _CONTRIBUTIONS = "activity and memory", "contributions"


def examples(dataset: Dataset, split: str = "training", first: int = 0) -> Explorer:
    """Ten images of a dataset with their classes, or a sequence with its target; which, can be moved.

    Raises
    ------
    DataError
        If the dataset holds neither images nor sequences with a target at every step.
    """
    is_image = dataset.kind == "image" and dataset.task != "regression"
    if not is_image and not dataset.per_step:
        raise DataError(
            f"{dataset.name} has neither images of classes nor sequences with a target at every step to show"
        )
    shortest = min(map(len, dataset.present.values()))

    def draw(split: str, first: int) -> Shown:
        chosen = dataset.present[split]
        if is_image:
            shown = slice(first, first + _STRIP)
            last = min(first + _STRIP, len(chosen)) - 1
            title = f"{dataset.name}, {split} images {first} to {last}"
            names = dataset.class_names
            return Shown(galleries.image_strip(chosen.x[shown], chosen.y[shown], names, title), title)
        one = inspect.OneSequence.of(chosen, first)
        title = f"{dataset.name}, {split}"
        drawn = sequences({f"sequence {first}": (one.inputs, one.targets)}, title)
        return Shown(drawn, f"{title} sequence {first}: input and target")

    return Explorer(
        draw, {"split": Choice([*dataset.present], split), "first": Choice(range(shortest), first)}
    )


def inside(run: Run, example: int = 0) -> Explorer:
    """What there is to see inside a network: `maps` of an image, or a `sequence`.

    Raises
    ------
    DataError
        If the network takes tables.
    """
    return sequence(run, example) if run.network.kind == "sequence" else maps(run, example)


def maps(run: Run, image: int = 0, layers: str = _BOTH, without: str = NOTHING) -> Explorer:
    """A validation image and what the layers make of it, also if one feature map is silenced.

    Parameters
    ----------
    image
        Which, from 0.
    layers
        "all layers", "before pooling" or "after pooling".
    without
        A map that is set to zero, such as "conv 1, map 2"; what the validation data loses by it is told.

    Raises
    ------
    DataError
        If the network takes no images.
    """
    network = run.network
    if network.kind != "image":
        raise DataError(f"{network.architecture} is for {network.kind} data: maps() is for images")
    dataset = results.dataset_of(run)
    split, metric = dataset.validation, metrics.METRICS[network.task][0]

    @cache
    def worth() -> inspect.Ablation:
        return inspect.ablation(network, split)

    names = [NOTHING] + [
        f"{place.name}, map {number + 1}"
        for place in inspect.convolutions(network.architecture)
        for number in range(fixed(network.architecture.shapes(network.input_shape)[place.layer])[-1])
    ]

    def draw(image: int, layers: str, without: str) -> Shown:
        pixels = split.x[image]
        found = [inspect.feature_maps(network, pixels, is_before) for is_before in (True, False)]
        wanted = {_BEFORE: found[:1], _AFTER: found[1:]}.get(layers, found)
        shown = sorted((layer for each in wanted for layer in each.layers), key=lambda each: each.place.layer)
        answer, told = found[0].prediction, ""
        if without != NOTHING:
            silenced = next(each for each in worth().silenced if each.name == without)
            shown, answer = _without(network, pixels, silenced, shown)
            after, before = (metrics.as_text(each.metrics[metric]) for each in (silenced, worth()))
            told = f" without {without}; of all images {metric.replace('_', ' ')} is {after}, before {before}"
        target = results.said(network, np.atleast_1d(split.y[image]), sure=False)
        said = results.said(network, answer)
        title = f"validation image {image} is {target}: seed {run.seed} says {said}{told}"
        one = replace(found[0], layers=tuple(shown), before_pooling=layers != _AFTER)
        return Shown(map_sheets.feature_maps(one, title), f"feature maps of {dataset.name}, {title}")

    return Explorer(
        draw,
        {
            "image": Choice(range(len(split)), image),
            "layers": Choice([_BOTH, _BEFORE, _AFTER], layers),
            "without": Choice(names, without),
        },
    )


def sequence(run: Run, index: int = 0, shown: str = _ACTIVITY) -> Explorer:
    """A validation sequence, what a recurrent network answers, and what happens inside it.

    Parameters
    ----------
    index
        Which, from 0.
    shown
        "activity and memory"; "gates of gru 1" and its like, of layers with gates; or "contributions", what
        every node of the last layer puts into the answer.

    Raises
    ------
    DataError
        If the network takes no sequences.
    """
    network = run.network
    if network.kind != "sequence":
        raise DataError(f"{network.architecture} is for {network.kind} data: sequence() is for sequences")
    dataset = results.dataset_of(run)
    split = dataset.validation
    names = [place.name for place in inspect.recurrent_layers(network.architecture)]
    has_gates = [bool(each.gates) for each in network.activity(split.x[:1])]
    gated = {f"gates of {name}": place for place, name in enumerate(names) if has_gates[place]}
    choices = [_ACTIVITY, *gated]
    if dataset.per_step and network.task == "regression" and names:
        try:
            inspect.contributions(network, split.x[:1])
        except (DataError, ArchitectureError):  # not a sum of its nodes
            pass
        else:
            choices.append(_CONTRIBUTIONS)

    def draw(index: int, shown: str) -> Shown:
        if shown == _ACTIVITY:
            return results.sequence(run, index)
        one = inspect.OneSequence.of(split, index)
        title = f"validation sequence {index}, seed {run.seed}: {shown}"
        if shown == _CONTRIBUTIONS:
            parts = inspect.contributions(network, one.x[:, : one.steps])
            return Shown(contributions(one.targets, parts, title=title), title)
        place = gated[shown]
        drawn = gates(one.inputs, one.activities(network)[place], names[place], title)
        return Shown(drawn, title)

    return Explorer(draw, {"index": Choice(range(len(split)), index), "shown": Choice(choices, shown)})


def learning_rates(trainings: Iterable[Runs], chosen: float | None = None) -> Explorer:
    """How well trainings with several learning rates end, and how that with one of them went.

    Parameters
    ----------
    trainings
        Of the same network on the same data, each with another learning rate.
    chosen
        The rate that is looked at; by default the one with the best median.

    Raises
    ------
    TrainingError
        If there are none, or two of them have the same learning rate or another metric.
    """
    given = list(trainings)
    by_rate = {runs.training.learning_rate: runs for runs in given}
    if not given or len(by_rate) < len(given) or len({runs.ranked_by for runs in given}) > 1:
        raise TrainingError(
            "learning_rates() takes one training for each of several learning rates, all of one task",
            setting="learning_rate",
        )
    metric = given[0].ranked_by
    ends = {rate: by_rate[rate].distribution() for rate in sorted(by_rate)}
    histories = {rate: metrics.history_bands(run.history for run in runs) for rate, runs in by_rate.items()}
    sign = -1 if metrics.higher_is_better(metric) else 1
    best = min(ends, key=lambda rate: sign * (ends[rate].median or 0.0))

    def draw(learning_rate: float) -> Shown:
        told = metrics.as_text(ends[learning_rate].median)
        title = f"learning rate {learning_rate:g}: {metric.replace('_', ' ')} {told} on the validation data"
        return Shown(rates.learning_rates(ends, histories, learning_rate, metric, title), title)

    start = best if chosen is None else chosen
    return Explorer(draw, {"learning_rate": Choice(list(ends), start, is_scale=True)})


def _without(
    network: Network, pixels: np.ndarray, silenced: inspect.Silenced, shown: Sequence[inspect.LayerMaps]
) -> tuple[list[inspect.LayerMaps], np.ndarray]:
    """The maps of one image, and the answer to it, with one map set to zero."""
    layer = silenced.place.layer
    outputs = network.outputs(pixels[np.newaxis])
    outputs[layer] = outputs[layer].copy()
    outputs[layer][..., silenced.index] = 0
    outputs[layer + 1 :] = network.tail(layer).outputs(outputs[layer])
    maps = [replace(each, maps=as_maps(outputs[each.place.layer])[0]) for each in shown]
    return maps, outputs[-1][0]
