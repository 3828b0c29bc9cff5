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
    labels = metrics.labels(split.y)
    counts = np.bincount(labels, minlength=2 if split.y.ndim == 1 else split.y.shape[1])
    by_class = split.x[np.argsort(labels, kind="stable")]
    layers = (
        _layer_class_means(network, place, maps, counts)
        for place, maps in zip(places, map_outputs(network, by_class, places), strict=True)
    )
    return ClassMeans(before_pooling, tuple(counts.tolist()), tuple(layers))


@dataclass(frozen=True, eq=False)
class _Group:
    """What is known of some images' features, each (features,) float64.

    ``squares`` are sums of squares about the mean, ``ranks`` sums of ranks among all images.
    """

    count: int
    mean: np.ndarray
    squares: np.ndarray
    ranks: np.ndarray


def _layer_class_means(
    network: Network, place: Place, maps: np.ndarray, counts: np.ndarray
) -> LayerClassMeans:
    """Means and contrasts of one layer: maps (n, height, width, maps) in the order of their classes."""
    shape = maps.shape[1:]
    groups = _groups(maps.reshape(len(maps), -1), counts)
    contrasts = (
        _contrast(network, place, groups, of, shape)
        for of in ((1,) if len(groups) == 2 else range(len(groups)))
    )
    means = np.stack([group.mean.reshape(shape).astype(np.float32) for group in groups])
    return LayerClassMeans(place, means, tuple(contrasts))


def _groups(features: np.ndarray, counts: np.ndarray) -> list[_Group]:
    """One group a class of (n, features), whose rows are in the order of their classes."""
    ends = np.cumsum(counts)
    measured = np.full((len(counts), 3, features.shape[1]), np.nan)
    for chunk in _chunks(features.shape[1]):
        values = features[:, chunk].astype(np.float64)
        ranks = _ranks(np.ascontiguousarray(features[:, chunk].T))
        for measures, start, end in zip(measured, ends - counts, ends, strict=True):
            if start < end:
                own = values[start:end]
                measures[0, chunk] = own.mean(axis=0)
                measures[1, chunk] = own.var(axis=0) * len(own)
                measures[2, chunk] = ranks[:, start:end].sum(axis=1)
    return [_Group(int(count), *measures) for count, measures in zip(counts, measured, strict=True)]


def _contrast(
    network: Network, place: Place, groups: list[_Group], of: int, shape: tuple[int, ...]
) -> Contrast:
    """One class against the others."""
    own, others = groups[of], _together([group for index, group in enumerate(groups) if index != of])
    difference, effect, area = (
        values.reshape(shape).astype(np.float32)
        for values in (own.mean - others.mean, _cohens_d(own, others), _roc_area(own, others))
    )
    best = None
    if own.count and others.count:
        farthest = int(np.abs(area - 0.5).argmax())
        row, column, map_ = (int(index) for index in np.unravel_index(farthest, shape))
        best = Separation(
            map=map_,
            row=row,
            column=column,
            area=float(area.flat[farthest]),
            effect=float(effect.flat[farthest]),
            mean=float(own.mean[farthest]),
            mean_of_others=float(others.mean[farthest]),
            window=receptive_field(network, place.layer, row, column),
        )
    return Contrast(of, 1 - of if len(groups) == 2 else None, difference, effect, area, best)


def _together(groups: list[_Group]) -> _Group:
    """The groups as one; those without images do not matter, unless there are no others."""
    groups = [group for group in groups if group.count] or groups[:1]
    count = sum(group.count for group in groups)
    if len(groups) == 1:
        return groups[0]
    counts = np.array([group.count for group in groups])[:, np.newaxis]
    means = np.stack([group.mean for group in groups])
    mean = (counts / count * means).sum(axis=0)
    within = np.sum([group.squares for group in groups], axis=0)
    between = (counts * (means - mean) ** 2).sum(axis=0)
    return _Group(count, mean, within + between, np.sum([group.ranks for group in groups], axis=0))


def _cohens_d(own: _Group, others: _Group) -> np.ndarray:
    """Difference of the means / sqrt(pooled variance), the latter over n + m - 2.

    NaN if a group is empty or both have one image; 0 where nothing varies and nothing differs.
    """
    freedom = own.count + others.count - 2
    if not own.count or not others.count or freedom < 1:
        return np.full_like(own.mean, np.nan)
    difference = own.mean - others.mean
    spread = np.sqrt((own.squares + others.squares) / freedom)
    # What is smaller is rounding: the means were added up in float64.
    spread[spread < 1e-12 * np.abs(difference)] = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(difference == 0, 0, difference / spread)


def _roc_area(own: _Group, others: _Group) -> np.ndarray:
    """(rank sum of the class - n (n + 1) / 2) / (n m), by Mann and Whitney."""
    pairs = own.count * others.count
    if not pairs:
        return np.full_like(own.mean, np.nan)
    return (own.ranks - own.count * (own.count + 1) / 2) / pairs


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1 along the rows of (features, n); equal values share the mean of their ranks."""
    order = values.argsort(axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    is_new = np.ones(values.shape, dtype=bool)
    is_new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    # Runs of equal values, all rows in one line; every row begins a run.
    starts = np.flatnonzero(is_new)
    ends = np.append(starts[1:], values.size)
    shared = np.repeat((starts + ends - 1) / 2, ends - starts).reshape(values.shape)
    row_starts = np.arange(len(values))[:, np.newaxis] * values.shape[1]
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, shared - row_starts + 1, axis=1)
    return ranks


def _chunks(count: int) -> Iterator[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, count, _CHUNK))
