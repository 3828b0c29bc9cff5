"""Where a training starts: from another network's weights, as far as its layers fit, and what is frozen."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np

from netlet import _engine
from netlet.architecture import Architecture, layer_name
from netlet.errors import TrainingError, brief
from netlet.network import Network, load_network
from netlet.training.counts import is_several
from netlet.training.rules import is_whole
from netlet.training.run import Run


class Start(NamedTuple):
    """Weights to start from.

    Attributes
    ----------
    reused : tuple of int
        The layers, from 0, whose weights are taken over.
    weights : float32 ndarray, (numbers,)
        Theirs, in one row.
    """

    reused: tuple[int, ...]
    weights: np.ndarray

    @property
    def identity(self) -> str:
        """SHA-256 (hex) of the weights, and of where they go."""
        return sha256(f"{self.reused}".encode() + self.weights.astype("<f4").tobytes()).hexdigest()

    def rows(self, engine: _engine.Network, seeds: Sequence[int]) -> np.ndarray:
        """All weights of every seed, float32, (seeds, parameters): what is not taken over is drawn."""
        rows = np.stack([engine.initial_weights(seed) for seed in seeds])
        rows[:, : len(self.weights)] = self.weights
        return np.ascontiguousarray(rows)


def as_network(start: Any) -> Network:
    """The network that is meant: itself, a run's, the best of runs, or one in a file.

    Raises
    ------
    FileError
        If a file cannot be read.
    TrainingError
        If it is none of these.
    """
    if isinstance(start, Network):
        return start
    if isinstance(start, Run):
        return start.network
    if isinstance(best := getattr(start, "best", None), Run):
        return best.network
    if isinstance(start, (str, os.PathLike)):
        return load_network(start)
    raise TrainingError(
        f"start is {type(start).__name__}, but must be a network, a run, runs or a network's file",
        setting="start",
    )


def started(start: Any, architecture: Architecture, input_shape: Sequence[int]) -> Start:
    """A network's weights as far as its layers fit, from the first on.

    Layers fit while both architectures have the same kind of layer with weights of the same shapes; layers
    without weights may differ.

    Raises
    ------
    TrainingError
        If not even the first layer with weights fits.
    """
    network = as_network(start)
    shapes = architecture.layer_weight_shapes(input_shape)
    own = [place for place, weights in enumerate(shapes) if weights]
    theirs = [place for place in range(len(network.architecture)) if network.layer_weights(place)]
    reused: list[int] = []
    taken: list[np.ndarray] = []
    for place, other in zip(own, theirs, strict=False):
        weights = network.layer_weights(other)
        is_same_kind = type(architecture.layers[place]) is type(network.architecture.layers[other])
        if not is_same_kind or [weight.shape for weight in weights] != shapes[place]:
            break
        reused.append(place)
        taken += [weight.ravel() for weight in weights]
    if not reused:
        raise TrainingError(
            f"start is {network.architecture} on {network.input_shape}, but its first layer with weights "
            f"does not fit that of {architecture} on {tuple(input_shape)}: the first layers must be the same",
            setting="start",
        )
    weights = np.concatenate(taken).astype(np.float32)
    if not np.isfinite(weights).all():
        raise TrainingError(
            f"start is {network.architecture} with weights that are not finite, because its training "
            "diverged: take another",
            setting="start",
        )
    return Start(tuple(reused), weights)


def frozen_layers(freeze: Any, architecture: Architecture, input_shape: Sequence[int]) -> tuple[int, ...]:
    """The places of layers that are to keep their weights.

    Parameters
    ----------
    freeze
        A layer or several: by place, from 0 or, counted from the end, -1; or by name, such as ``"conv"`` for
        all convolutions.

    Raises
    ------
    TrainingError
        If there is no such layer, it has no weights, or nothing would be left to learn.
    """
    given = [freeze] if isinstance(freeze, (int, str)) or is_whole(freeze) else freeze
    if not is_several(given):
        raise TrainingError(
            f"freeze is {brief(freeze)}, but must be layers by place or name", setting="freeze"
        )
    shapes = architecture.layer_weight_shapes(input_shape)
    names = [layer_name(layer) for layer in architecture.layers]
    chosen: set[int] = set()
    for each in given:
        if isinstance(each, str):
            places = [
                place for place, name in enumerate(names) if name == each.strip().lower() and shapes[place]
            ]
            if not places:
                known = ", ".join(dict.fromkeys(name for name, own in zip(names, shapes, strict=True) if own))
                raise TrainingError(
                    f"freeze is {brief(each)}, but {architecture} has no such layer with weights: choose "
                    f"from {known}",
                    setting="freeze",
                )
            chosen.update(places)
        elif is_whole(each) and -len(names) <= each < len(names):
            place = range(len(names))[int(each)]
            if not shapes[place]:
                raise TrainingError(
                    f"freeze names layer {each}, {names[place]}, which has no weights to keep",
                    setting="freeze",
                )
            chosen.add(place)
        else:
            raise TrainingError(
                f"freeze names layer {brief(each)}, but {architecture} has layers 0 to {len(names) - 1}",
                setting="freeze",
            )
    if chosen and chosen == {place for place, own in enumerate(shapes) if own}:
        raise TrainingError("freeze names every layer that has weights: leave one to learn", setting="freeze")
    return tuple(sorted(chosen))
