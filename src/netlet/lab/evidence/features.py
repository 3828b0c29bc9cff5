"""What single pixels and features tell of two classes, and what feature maps are worth."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

import numpy as np

from netlet import inspect, metrics
from netlet.inspect import ClassMeans, LayerClassMeans, Separation, Window
from netlet.lab.evidence.known import EVIDENCE
from netlet.training import Runs


@EVIDENCE
def separation(network: Runs) -> dict[str, Any]:
    """What the best single feature of each layer tells of two classes, in the best seed.

    ``layers``: for each, in order, ``name``, ``map`` (from 1; None for pixels), ``part`` of the image that
    the feature looks at ("lower left", ..., "middle"), ``window`` (its rows and columns, the ends not
    counted), ``row``, ``column``, ``mean`` of the second class and ``mean_of_others``, ``effect`` (Cohen's
    d), ``area`` below the ROC curve, ``strength`` (the share of pairs, one of each class, that it tells
    apart). ``pixel``, ``first`` and ``pooled`` are those of the input, of the first layer before pooling
    and of the last pooling; ``windows`` is how many the last one has; ``inside`` is the pixel in its window
    in which the means differ most: ``row``, ``column``, ``mean``, ``mean_of_others``.
    """
    before, after = (means(network, is_before) for is_before in (True, False))
    shape = network.dataset.input_shape
    rows = [_feature(before, i, shape) for i in range(len(before.layers))]
    pooled = [_feature(after, i, shape) for i in range(1, len(after.layers))]  # its first is the input
    _, height, width, _ = after.layers[-1].means.shape
    best = _best(after, -1)
    return {
        "layers": rows + pooled,
        "pixel": rows[0],
        "first": rows[1],
        "pooled": pooled[-1],
        "windows": height * width,
        "inside": _inside(before, best.window),
    }


@EVIDENCE
def pairs_told_apart(network: Runs) -> dict[str, float | None]:
    """The share of pairs, one of each class, that the best seed's pixels, features and answers tell apart."""
    split = network.dataset.validation
    return {
        "best_pixel": _strength(_best(means(network, True), 0)),
        "best_feature_after_last_pooling": _strength(_best(means(network, False), -1)),
        "network": metrics.roc(split.y, network.best.network.predict(split.x)).area,
    }


@EVIDENCE
def accuracy_lost_without(network: Runs) -> dict[str, float | None]:
    """What the best seed's validation accuracy loses when a feature map is set to zero, by its name."""
    found = inspect.ablation(network.best.network, network.dataset.validation)
    return {each.name: each.lost["accuracy"] for each in found.silenced}


@EVIDENCE
def places_over_seeds(network: Runs) -> dict[str, Any]:
    """Where the best feature after the last pooling looks, over seeds: ``places`` as [part, seeds] pairs.

    ``seeds`` is how many did not diverge.
    """
    bests = [layer.contrasts[0].best for layer in _pooled(network)]
    shape = network.dataset.input_shape
    found = Counter(part(best.window, shape) for best in bests if best is not None)
    return {"places": [list(pair) for pair in found.most_common()], "seeds": sum(found.values())}


@EVIDENCE
def lower_halves(network: Runs) -> dict[str, Any]:
    """How bright the maps after the last pooling are below their middle, by class.

    ``means`` of the best seed's, by class; in how many seeds the second class is the darker one
    (``darker``), of how many (``seeds``).
    """
    pooled = _pooled(network)
    own = _lower_half(means(network, False).layers[-1])
    names = network.dataset.class_names
    return {
        "means": {name: float(value) for name, value in zip(names, own, strict=True)},
        "darker": sum(map(_is_darker_below, pooled)),
        "seeds": len(pooled),
    }


@EVIDENCE
def seeds_whose_lower_half_is_darker_for_sixes(network: Runs) -> int:
    """In how many seeds the last pooling's maps are darker for the second class in their lower half."""
    return sum(map(_is_darker_below, _pooled(network)))


@lru_cache(maxsize=8)
def _means(network: Any, split: Any, is_before: bool) -> ClassMeans:
    return inspect.class_means(network, split, before_pooling=is_before)


def means(runs: Runs, is_before: bool) -> ClassMeans:
    """What the best seed's network makes of the classes; kept, for several ask for it."""
    return _means(runs.best.network, runs.dataset.validation, is_before)


def _pooled(runs: Runs) -> list[LayerClassMeans]:
    """What every seed's network makes of the classes after its last pooling."""
    return [
        _means(run.network, runs.dataset.validation, False).layers[-1] for run in runs if run.diverged is None
    ]


def _best(found: ClassMeans, layer: int) -> Separation:
    """The one feature of a layer that separates the classes best."""
    best = found.layers[layer].contrasts[0].best
    assert best is not None  # both classes are there
    return best


def _feature(found: ClassMeans, layer: int, shape: tuple[int, ...]) -> dict[str, Any]:
    best, place, window = _best(found, layer), found.layers[layer].place, _best(found, layer).window
    return {
        "name": place.name,
        "map": best.map + 1 if layer else None,
        "part": part(window, shape),
        "window": {
            "top": window.top,
            "bottom": window.bottom,
            "left": window.left,
            "right": window.right,
        },
        "row": best.row,
        "column": best.column,
        "mean": best.mean,
        "mean_of_others": best.mean_of_others,
        "effect": best.effect,
        "area": best.area,
        "strength": _strength(best),
    }


def _strength(best: Separation) -> float:
    """How often the feature orders a pair of one of each class rightly, whichever way round it works."""
    return max(best.area, 1 - best.area)


def part(window: Window, shape: tuple[int, ...]) -> str:
    """Where in an image a window's middle is: "upper left", "lower", ..., "middle"."""
    height, width = shape[:2]
    row = (window.top + window.bottom) / 2 / height
    column = (window.left + window.right) / 2 / width
    down = "upper" if row < 0.45 else "lower" if row > 0.55 else ""
    across = "left" if column < 0.45 else "right" if column > 0.55 else ""
    return " ".join(word for word in (down, across) if word) or "middle"


def _inside(found: ClassMeans, window: Window) -> dict[str, Any]:
    """The pixel in which the mean images differ most within a window."""
    pixels = found.layers[0].means
    others, own = pixels[:, window.top : window.bottom, window.left : window.right, 0]
    row, column = np.unravel_index(np.abs(own - others).argmax(), others.shape)
    return {
        "row": window.top + int(row),
        "column": window.left + int(column),
        "mean": float(own[row, column]),
        "mean_of_others": float(others[row, column]),
    }


def _is_darker_below(layer: LayerClassMeans) -> bool:
    others, own = _lower_half(layer)
    return bool(own < others)


def _lower_half(layer: LayerClassMeans) -> np.ndarray:
    """The mean of a layer's maps below their middle, for each class."""
    return layer.means[:, layer.means.shape[1] // 2 :].mean(axis=(1, 2, 3))
