"""The pictures that an exercise's document may name, and what each is given there.

Pictures of one network are of its best seed. ``what`` is what words call it, if not by the network's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from netlet import inspect, metrics
from netlet.datasets import Dataset
from netlet.errors import DataError
from netlet.lab.answer import TrainedNetwork
from netlet.lab.pictures import images, sequences
from netlet.lab.pictures.drawing import PICTURES, Drawing
from netlet.lab.registry import Measured
from netlet.training import Runs


@PICTURES
def first_images(dataset: Dataset) -> Drawing:
    """The first ten training images with their classes."""
    return images.strip(dataset)


@PICTURES
def history(network: Runs, what: str = "") -> Drawing:
    """Loss and accuracy, or normalised error, after every epoch, over seeds."""
    return images.history(network)


@PICTURES
def over_seeds(networks: Mapping[str, TrainedNetwork], splits: list | None = None) -> Drawing:
    """The metric that runs are ranked by, a row of dots for each network and split (validation alone)."""
    chosen = splits or ["validation"]
    rows = {
        f"{label}, {split}" if len(chosen) > 1 else label: (network, split)
        for label, network in networks.items()
        for split in chosen
        if split in network.values
    }
    printed = {
        label: figure
        for label, (network, split) in rows.items()
        if network.printed is not None
        and (figure := network.printed.metrics.get(split, {}).get(network.ranked_by)) is not None
    }
    values = {label: network.values[split] for label, (network, split) in rows.items()}
    return images.over_seeds(values, printed, next(iter(networks.values())).ranked_by)


@PICTURES
def groups_over_seeds(groups: Measured, metric: str = "accuracy") -> Drawing:
    """What was measured in groups, each with ``values`` over seeds: sizes of shapes, or numbers of images."""
    rows: dict[str, Any] = {}
    for each in groups if isinstance(groups, list) else ():
        if "images" in each:
            label = f"{each['dataset']}, {each['images']:,} images"
        else:
            low, high = each["least"], each["most"]
            label = f"{low} to {high} pixels" if low < high else f"{low} pixels"
        rows[label] = each["values"]
    return images.over_seeds(rows, None, metric)


@PICTURES
def confusion(network: Runs, what: str = "") -> Drawing:
    """Confusion matrices on all splits."""
    return images.confusion(network.best.network, network.dataset)


@PICTURES
def roc(network: Runs, what: str = "") -> Drawing:
    """ROC curves on the splits that were not learned from; two classes."""
    return images.roc(network.best.network, network.dataset)


@PICTURES
def mistakes(network: Runs, what: str = "") -> Drawing:
    """The validation images that the network is most wrong about."""
    return images.mistakes(network.best.network, network.dataset)


@PICTURES
def feature_maps(
    network: Runs, index: int | None = None, first_of: str | None = None, after_pooling: bool = False
) -> Drawing:
    """Feature maps of one validation image, by its index or as the first of a class."""
    data = network.dataset
    return images.feature_maps(network.best.network, data, _example(data, index, first_of), not after_pooling)


@PICTURES
def saliency(network: Runs, index: int | None = None, first_of: str | None = None) -> Drawing:
    """The pixels of one validation image that the answer hangs on."""
    data = network.dataset
    return images.saliency(network.best.network, data, _example(data, index, first_of))


@PICTURES
def kernels(network: Runs, what: str = "") -> Drawing:
    """The kernels of all convolutions."""
    return images.kernels(network.best.network)


@PICTURES
def explanation(network: Runs, what: str = "") -> Drawing:
    """A network of at most 60 parameters whole."""
    return images.explanation(network.best.network, network.dataset)


@PICTURES
def class_means(network: Runs, layer: int, after_pooling: bool = False) -> Drawing:
    """Mean feature maps of each class in one layer, counted from 0 for the input; -1 is the last."""
    data = network.dataset
    means = inspect.class_means(network.best.network, data.validation, before_pooling=not after_pooling)
    return images.class_means(means, layer, data)


@PICTURES
def ablation(network: Runs, what: str = "") -> Drawing:
    """What is lost when each feature map is set to zero."""
    return images.ablation(inspect.ablation(network.best.network, network.dataset.validation))


@PICTURES
def sequence(dataset: Dataset, index: int) -> Drawing:
    """Input and target of one training and one validation sequence."""
    return sequences.data(dataset, index)


@PICTURES
def prediction(network: Runs, index: int, what: str = "") -> Drawing:
    """Input, target and prediction of one validation sequence, with hidden activity."""
    return sequences.prediction(network.best.network, network.dataset, index)


@PICTURES
def gates(network: Runs, index: int, layer: int = 0, what: str = "") -> Drawing:
    """The gates of one recurrent layer over one validation sequence."""
    return sequences.gates(network.best.network, network.dataset, index, layer)


@PICTURES
def contributions(network: Runs, index: int, what: str = "") -> Drawing:
    """What every node adds to the output over one validation sequence."""
    return sequences.contributions(network.best.network, network.dataset, index)


@PICTURES
def node_signals(network: Runs, what: str = "") -> Drawing:
    """How closely each node follows the named signals."""
    return sequences.node_signals(network.best.network, network.dataset)


@PICTURES
def silenced(network: Runs, what: str = "") -> Drawing:
    """What is lost without each node."""
    return sequences.silenced(network.best.network, network.dataset)


@PICTURES
def responses(network: Runs, what: str = "") -> Drawing:
    """The answers to an impulse, a pulse and a step."""
    return sequences.responses(network.best.network)


@PICTURES
def memory(networks: Mapping[str, Runs]) -> Drawing:
    """How far back several networks remember."""
    return sequences.memory({name: (runs.best.network, runs.dataset) for name, runs in networks.items()})


@PICTURES
def error_sources(networks: Mapping[str, Runs]) -> Drawing:
    """Where the error of networks for the reverse problem arises."""
    return sequences.error_sources(
        {
            name: inspect.error_sources(runs.best.network, runs.dataset.validation)
            for name, runs in networks.items()
        }
    )


@PICTURES
def error_by_width(networks: Mapping[str, Runs]) -> Drawing:
    """How the error depends on the width of pulses."""
    return sequences.error_by_width(
        {
            name: inspect.error_by_width(runs.best.network, runs.dataset.validation)
            for name, runs in networks.items()
        }
    )


def _example(data: Dataset, index: int | None, first_of: str | None) -> int:
    """The validation image that is meant; the first, if nothing is said, the last if there are fewer."""
    if first_of is None:
        return min(index or 0, len(data.validation) - 1)
    if first_of not in data.class_names:
        raise DataError(f"{data.name} has no class {first_of!r}: choose from {', '.join(data.class_names)}")
    labels = metrics.labels(data.validation.y)
    return int(np.argmax(labels == data.class_names.index(first_of)))
