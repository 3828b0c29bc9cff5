"""What one map or node of a network answers to: in words, and measured on a split."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet import metrics
from netlet.architecture import AvgPool, GlobalAvgPool, StepsLayer
from netlet.datasets import Split
from netlet.errors import ArchitectureError, DataError
from netlet.inspect.selection import POOLINGS, predicted
from netlet.inspect.signals import signals
from netlet.inspect.windows import receptive_field

if TYPE_CHECKING:
    from netlet.network import Network

_EXCITING = 20
"""Patches that are averaged."""
_LARGEST_PATCH = 28
_PLAIN, _MIXED = 0.5, 0.65
"""Shares of a kernel's squared weights from which one pattern, or two together, are its description."""
_MOST_CLASSES = 5
_WEAK = 0.3
"""Correlations below it are not worth telling."""


def kernel_words(kernel: np.ndarray) -> str:
    """What a kernel (rows, columns) answers to by its weights: the patterns that make up most of it.

    It is taken apart into constants, slopes and curvatures along rows and columns (orthogonal polynomials);
    shares are of its squared weights.
    """
    energy = float((kernel.astype(np.float64) ** 2).sum())
    if not energy:
        return "nothing: all its weights are 0"
    down, across = (_polynomials(size) for size in kernel.shape)
    shares = []
    for (a, b), words in _PATTERNS.items():
        if a < len(down) and b < len(across):
            amount = float(down[a] @ kernel @ across[b])
            shares.append((amount**2 / energy, words[0] if amount > 0 else words[1]))
    shares.sort(key=lambda pair: -pair[0])
    first, *others = shares
    if first[0] >= _PLAIN or not others:
        return f"{first[1]} ({100 * first[0]:.0f} % of its weight)"
    if first[0] + others[0][0] >= _MIXED:
        return f"{first[1]} and {others[0][1]} ({100 * (first[0] + others[0][0]):.0f} % of its weight)"
    return f"a pattern of its own, most like {first[1]}"


_PATTERNS = {
    (0, 0): ("bright areas", "dark areas"),
    (1, 0): ("dark above bright", "bright above dark"),
    (0, 1): ("dark left of bright", "bright left of dark"),
    (2, 0): ("a dark horizontal line", "a bright horizontal line"),
    (0, 2): ("a dark vertical line", "a bright vertical line"),
    (1, 1): ("a bright falling diagonal", "a bright rising diagonal"),
}
"""By the powers along rows and columns: what a kernel like it, and one like its negative, answers to."""


def _polynomials(size: int) -> list[np.ndarray]:
    """Orthonormal polynomials of degree 0, 1 and 2 on so many places."""
    places = np.arange(size, dtype=np.float64) - (size - 1) / 2
    powers = np.stack([places**degree for degree in range(min(size, 3))], axis=1)
    found = np.linalg.qr(powers)[0].T
    return [row if row[-1] > 0 else -row for row in found]


def most_exciting(network: Network, x: np.ndarray, maps: np.ndarray, layer: int) -> np.ndarray | None:
    """The mean of the patches of images x that a map (n, height, width) answers most to, one an image.

    None where the patch is larger than can be made out, or the map never varies.
    """
    if np.ptp(maps) == 0:
        return None
    flat = maps.reshape(len(maps), -1)
    order = np.argsort(-flat.max(axis=1), kind="stable")
    patches, shape = [], None
    for image in order:
        row, column = np.unravel_index(int(flat[image].argmax()), maps.shape[1:])
        seen = receptive_field(network, layer, int(row), int(column))
        patch = x[image, seen.top : seen.bottom, seen.left : seen.right]
        shape = shape or patch.shape
        if max(patch.shape[:2]) > _LARGEST_PATCH:
            return None
        if patch.shape == shape:
            patches.append(patch)
        if len(patches) == _EXCITING:
            break
    return np.mean(patches, axis=0)


def answers_to(
    network: Network,
    split: Split,
    outputs: Sequence[np.ndarray],
    layer: int,
    unit: int,
    names: Sequence[str],
) -> list[str]:
    """What tells most about one unit of a layer: what it is for each class, or the signals it follows.

    And what is lost without it, of all layers but the last. `names` are those of the classes.
    """
    values = outputs[layer][..., unit]
    counted = values if split.mask is None or values.ndim != 2 else values[split.mask]
    if float(np.ptp(counted)) < 1e-6 * max(1.0, float(np.abs(counted).max())):
        return [f"always {metrics.as_text(float(counted.flat[0]))}: it tells nothing"]
    found = []
    if network.task != "regression" and split.y.ndim < 3:
        single, what = _per_example(network, values, layer, split.mask)
        if layer == len(network.architecture) - 1:
            what = "the probability it comes to: "
        found += _classes(split, single, names, what)
    elif split.y.ndim == 3 and values.ndim == 2:
        found += _followed(split, values)
    elif split.y.ndim == 2:
        found += _correlated(_per_example(network, values, layer, split.mask)[0], split.y)
    if layer < len(network.architecture) - 1:
        found += _lost(network, split, outputs, layer, unit)
    return found


def _per_example(
    network: Network, values: np.ndarray, layer: int, mask: np.ndarray | None
) -> tuple[np.ndarray, str]:
    """One number an example, and what it is: of a map its mean or its largest, as the network goes on."""
    if values.ndim == 3:
        after = network.architecture.layers[layer + 1 :]
        pooling = next((each for each in after if isinstance(each, POOLINGS)), None)
        if isinstance(pooling, AvgPool | GlobalAvgPool):
            return values.mean(axis=(1, 2)), "its mean over the image: "
        return values.max(axis=(1, 2)), "its largest value in the image: "
    if values.ndim == 2:
        steps = values.shape[1]
        last = np.full(len(values), steps - 1) if mask is None else steps - 1 - mask[:, ::-1].argmax(axis=1)
        return values[np.arange(len(values)), last], "after the last step: "
    return values, ""


def _classes(split: Split, values: np.ndarray, names: Sequence[str], what: str) -> list[str]:
    """What it is for the examples of each class, in order, and how far that alone tells them apart."""
    labels = metrics.labels(split.y)
    groups = {int(k): np.sort(values[labels == k]) for k in np.unique(labels)}
    if len(groups) < 2:
        return []
    order = sorted(groups, key=lambda k: float(np.median(groups[k])))
    told = []
    for k in order[:_MOST_CLASSES]:
        low, middle, high = (f"{float(np.quantile(groups[k], q)):.3g}" for q in (0.05, 0.5, 0.95))
        told.append(f"{names[k] if names else k} {middle} ({low} .. {high})")
    share = _by_thresholds([groups[k] for k in order])
    spread = ", ".join(told) + (", ..." if len(order) > _MOST_CLASSES else "")
    return [what + spread, f"thresholds on it alone are right for {100 * share:.1f} %"]


def _by_thresholds(groups: Sequence[np.ndarray]) -> float:
    """The share of numbers that lie in their own group's interval, by the best limits."""
    limits = []
    for lower, upper in itertools.pairwise(groups):
        candidates = np.unique(np.concatenate([lower, upper]))
        below = np.searchsorted(lower, candidates, "right")
        above = len(upper) - np.searchsorted(upper, candidates, "right")
        limits.append(float(candidates[int((below + above).argmax())]))
    limits = np.maximum.accumulate(limits)
    right = sum(int((np.searchsorted(limits, group, "left") == k).sum()) for k, group in enumerate(groups))
    return right / sum(map(len, groups))


def _followed(split: Split, values: np.ndarray) -> list[str]:
    """The signals that a node follows most closely over all steps."""
    counted = np.ones(values.shape, dtype=bool) if split.mask is None else split.mask
    try:
        named = signals(split)
    except DataError:
        named = {f"input {k + 1}": split.x[..., k] for k in range(split.x.shape[2])}
        named |= {f"target {k + 1}": split.y[..., k] for k in range(split.y.shape[2])}
    found = []
    for name, signal in named.items():
        a, b = values[counted].astype(np.float64), signal[counted].astype(np.float64)
        if a.std() > 1e-6 and b.std() > 1e-6:
            found.append((float(np.corrcoef(a, b)[0, 1]), name))
    found.sort(key=lambda pair: -abs(pair[0]))
    told = [f"{name} (r = {r:+.2f})" for r, name in found[:2] if abs(r) >= _WEAK]
    return [f"follows {' and '.join(told)}"] if told else []


def _correlated(values: np.ndarray, y: np.ndarray) -> list[str]:
    found = []
    for k in range(y.shape[1]):
        if values.std() > 1e-6 and y[:, k].std() > 1e-6:
            r = float(np.corrcoef(values, y[:, k])[0, 1])
            found.append((r, "the target" if y.shape[1] == 1 else f"target {k + 1}"))
    found.sort(key=lambda pair: -abs(pair[0]))
    return [f"follows {name} (r = {r:+.2f})" for r, name in found[:1] if abs(r) >= _WEAK]


def _lost(network: Network, split: Split, outputs: Sequence[np.ndarray], layer: int, unit: int) -> list[str]:
    """What the metric that runs are ranked by becomes when the unit is set to zero."""
    metric = metrics.METRICS[network.task][0]
    before = metrics.evaluate(network.task, split.y, predicted(network, split), split.mask)[metric]
    silenced = outputs[layer].copy()
    silenced[..., unit] = 0
    try:
        tail = network.tail(layer)
        slid = any(isinstance(each, StepsLayer) for each in network.architecture.layers[: layer + 1])
        needs_mask = split.mask is not None and silenced.ndim == 3 and not slid  # with which a mask ends
        answers = tail.predict(silenced, split.mask) if needs_mask else tail.predict(silenced)
    except (ArchitectureError, DataError):
        return []
    after = metrics.evaluate(network.task, split.y, answers, split.mask)[metric]
    if before is None or after is None:
        return []
    change = f"{metric.replace('_', ' ')} {metrics.as_text(after)} in place of {metrics.as_text(before)}"
    return [f"without it: {change}"]
