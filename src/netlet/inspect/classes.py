"""What tells the classes apart inside a network: mean feature maps, and how far each feature separates.

A feature is one place of one feature map, that is one number an image. Two measures of how well it separates
a class from the others: Cohen's d, the difference of the means in units of the pooled standard deviation
(J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988), and the area under the ROC curve of
the feature alone, the probability that it is higher for an image of the class than for one of the others
(a half: tells nothing; 1 or 0: separates completely).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet import metrics
from netlet.datasets import Split
from netlet.inspect.selection import INPUT, Place, check_has_classes, convolutions, map_outputs, poolings
from netlet.inspect.windows import Window, receptive_field

if TYPE_CHECKING:
    from netlet.network import Network

# Features worked on at once: in float64, for a thousand images, they take some megabytes.
_CHUNK = 512


@dataclass(frozen=True)
class Separation:
    """The one feature of a layer that separates a class best, by the area of its ROC curve.

    Attributes
    ----------
    map, row, column : int
        Where it is, from 0.
    area : float
        0..1; below a half, the feature is lower for the class than for the others.
    effect : float
        Cohen's d at that feature.
    mean, mean_of_others : float
        The feature's mean over the class, and over the others.
    window : Window
        The pixels of the image that the feature depends on.
    """

    map: int
    row: int
    column: int
    area: float
    effect: float
    mean: float
    mean_of_others: float
    window: Window


@dataclass(frozen=True, eq=False)
class Contrast:
    """One class against the others, at every feature of a layer.

    Attributes
    ----------
    of : int
        The class.
    against : int or None
        The other class if there are two, None for all others.
    difference, effect, area : ndarray, float32, (height, width, maps)
        Mean of the class - mean of the others; Cohen's d (infinite where a feature differs but never
        varies, 0 where all values are equal); area of the ROC curve. NaN if a side has no example.
    best : Separation or None
        The feature whose area is farthest from a half; None if a side has no example.
    """

    of: int
    against: int | None
    difference: np.ndarray
    effect: np.ndarray
    area: np.ndarray
    best: Separation | None


@dataclass(frozen=True, eq=False)
class LayerClassMeans:
    """One layer's mean feature maps.

    Attributes
    ----------
    place : Place
        The layer; the first of `ClassMeans` is the input, whose "maps" are the image's channels.
    means : ndarray, float32, (classes, height, width, maps)
        NaN for a class without example.
    contrasts : tuple of Contrast
        Binary: class 1 against class 0. Categorical: each class against all others.
    """

    place: Place
    means: np.ndarray
    contrasts: tuple[Contrast, ...]


@dataclass(frozen=True, eq=False)
class ClassMeans:
    """All layers' mean feature maps.

    Attributes
    ----------
    before_pooling : bool
        Whether the layers are the convolutions, or the poolings after them.
    counts : tuple of int
        Examples of each class.
    layers : tuple of LayerClassMeans
        The input, then the layers in order.
    """

    before_pooling: bool
    counts: tuple[int, ...]
    layers: tuple[LayerClassMeans, ...]


def class_means(network: Network, split: Split, before_pooling: bool = True) -> ClassMeans:
    """Mean feature map of every class, their differences, and what separates the classes.

    Parameters
    ----------
    network : Network
        With a binary or categorical task.
    split : Split
        Images and their targets.
    before_pooling : bool
        Look at the convolutions' outputs, or at the poolings' after them.

    Raises
    ------
    DataError
        If the task has no classes.
    """
    check_has_classes(network)
    places = (INPUT, *(convolutions if before_pooling else poolings)(network.architecture))
    count = 2 if split.y.ndim == 1 else split.y.shape[1]
    is_member = metrics.labels(split.y) == np.arange(count)[:, np.newaxis]
    layers = (
        _layer_class_means(network, place, maps, is_member)
        for place, maps in zip(places, map_outputs(network, split.x, places), strict=True)
    )
    return ClassMeans(before_pooling, tuple(is_member.sum(axis=1).tolist()), tuple(layers))


def _layer_class_means(
    network: Network, place: Place, maps: np.ndarray, is_member: np.ndarray
) -> LayerClassMeans:
    """Means and contrasts of one layer: maps (n, height, width, maps), is_member (classes, n)."""
    shape, features = maps.shape[1:], maps.reshape(len(maps), -1)
    means = np.stack([_mean(features[of_class]) for of_class in is_member])
    compared = (1,) if len(is_member) == 2 else tuple(range(len(is_member)))
    areas = _roc_areas(features, is_member[list(compared)])
    contrasts = (
        _contrast(network, place, features, is_member, of, area.reshape(shape))
        for of, area in zip(compared, areas, strict=True)
    )
    return LayerClassMeans(place, means.reshape(-1, *shape), tuple(contrasts))


def _contrast(
    network: Network, place: Place, features: np.ndarray, is_member: np.ndarray, of: int, area: np.ndarray
) -> Contrast:
    """One class against the others: features (n, height * width * maps), area (height, width, maps)."""
    own, others = features[is_member[of]], features[~is_member[of]]
    mean, mean_of_others = _mean(own).reshape(area.shape), _mean(others).reshape(area.shape)
    difference = mean - mean_of_others
    effect = cohens_d(own, others).reshape(area.shape)
    best = None
    if len(own) and len(others):
        farthest = np.abs(area - 0.5).argmax()
        feature = tuple(int(index) for index in np.unravel_index(farthest, area.shape))
        row, column, map_ = feature
        best = Separation(
            map=map_,
            row=row,
            column=column,
            area=float(area[feature]),
            effect=float(effect[feature]),
            mean=float(mean[feature]),
            mean_of_others=float(mean_of_others[feature]),
            window=receptive_field(network, place.layer, row, column),
        )
    against = 1 - of if len(is_member) == 2 else None
    return Contrast(of, against, difference, effect, area, best)


def cohens_d(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Cohen's d of every feature between two samples, (n, features) and (m, features): float32 (features,).

    The difference of the means / sqrt(pooled variance), the two sums of squares over n + m - 2. NaN if either
    sample is empty or both have one example; 0 where nothing varies and nothing differs.
    """
    freedom = len(own) + len(others) - 2
    effect = np.full(own.shape[1], np.nan, dtype=np.float32)
    if not len(own) or not len(others) or freedom < 1:
        return effect
    for chunk in _chunks(own.shape[1]):
        # In float32 the rounding of a constant feature's mean would pass for a tiny spread.
        a, b = own[:, chunk].astype(np.float64), others[:, chunk].astype(np.float64)
        difference = a.mean(axis=0) - b.mean(axis=0)
        spread = np.sqrt((len(a) * a.var(axis=0) + len(b) * b.var(axis=0)) / freedom)
        with np.errstate(divide="ignore", invalid="ignore"):
            effect[chunk] = np.where(difference == 0, 0, difference / spread)
    return effect


def _mean(features: np.ndarray) -> np.ndarray:
    """Mean of every feature over (n, features), float32; NaN if n is 0."""
    if not len(features):
        return np.full(features.shape[1], np.nan, dtype=np.float32)
    return features.mean(axis=0, dtype=np.float64).astype(np.float32)


def _roc_areas(features: np.ndarray, is_member: np.ndarray) -> np.ndarray:
    """Area of the ROC curve of every feature (n, features) for each class (classes, n): (classes, features).

    By ranks (Mann and Whitney): (rank sum of the class - m (m + 1) / 2) / (m * (n - m)).
    """
    members = is_member.sum(axis=1, keepdims=True).astype(np.float64)
    areas = np.empty((len(is_member), features.shape[1]), dtype=np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):  # a class without example has no pairs
        for chunk in _chunks(features.shape[1]):
            rank_sums = is_member.astype(np.float64) @ _ranks(features[:, chunk].T).T
            pairs = members * (len(features) - members)
            areas[:, chunk] = (rank_sums - members * (members + 1) / 2) / pairs
    return areas


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1 along the rows of (features, n); equal values share the mean of their ranks."""
    order = values.argsort(axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    places = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    is_new = np.ones(values.shape, dtype=bool)
    is_new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    first = np.maximum.accumulate(np.where(is_new, places, 0), axis=1)
    is_last = np.ones(values.shape, dtype=bool)
    is_last[:, :-1] = is_new[:, 1:]
    behind = np.where(is_last, places, values.shape[1])[:, ::-1]
    last = np.minimum.accumulate(behind, axis=1)[:, ::-1]
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, (first + last) / 2 + 1, axis=1)
    return ranks


def _chunks(count: int) -> Iterator[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, count, _CHUNK))
