"""Pulse sequences: square pulses in, triangle pulses out; the reverse problem; and one that needs memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from netlet.datasets.dataset import Dataset
from netlet.datasets.recommended import TRAINING
from netlet.errors import DataError

NOISE = 0.01  # uniform within +- this, on input and target alike
SHORTEST = 3  # steps a pulse is long at least
LONGER = 0.665  # probability that a pulse goes on for one step more
LOWEST, HIGHEST = 0.5, 1.0  # pulse heights
FIRST_MEAN = 6.4  # mean steps before the first pulse, beyond the one there always is
GAP_MEAN = 7.0  # mean steps between pulses beyond those that keep triangles from piling up
OVERHANG = 14  # steps a triangle may go on after the sequence ends: pulses that need more are left out

SOURCE = "generated: square pulses and the triangles they set off"
SOURCE_REVERSED = "generated: the pulses that set off given triangles, with time running backwards"
SOURCE_MEMORY = "generated: square pulses and triangles that remember the pulses before"


class Pulses(NamedTuple):
    """Where the pulses of n sequences are; each array has shape (n, most pulses in a sequence).

    The last pulses of a sequence may start after its end; they leave no trace.
    """

    start: np.ndarray  # first step of the pulse, int
    width: np.ndarray  # steps, int
    height: np.ndarray  # in 0.5..1, float


def pulses(
    seed: int = 0, train: int = 500, validation: int = 500, test: int = 500, steps: int = 100
) -> Dataset:
    """Generate sequences in which each square pulse is followed by a triangle of its width and height.

    Parameters
    ----------
    seed : int
        The same seed gives the same sequences.
    train, validation, test : int
        Sequences in each split; changing one leaves the others as they are. No test split if 0.
    steps : int
        Length of a sequence.

    Returns
    -------
    Dataset
        x and y of shape (n, steps, 1), float32: the input and, at every step, its target.
    """
    return _dataset("pulses", SOURCE, seed, (train, validation, test), steps, decay=0.0)


def pulses_reversed(
    seed: int = 0, train: int = 500, validation: int = 500, test: int = 500, steps: int = 100
) -> Dataset:
    """Generate the reverse problem: input and target of `pulses` change roles, and time runs backwards."""
    forward = pulses(seed, train, validation, test, steps)
    return reverse(forward, "pulses-reversed", SOURCE_REVERSED)


def pulses_memory(
    seed: int = 0,
    train: int = 200,
    validation: int = 200,
    test: int = 200,
    steps: int = 500,
    decay: float = 0.5,
) -> Dataset:
    """Generate sequences whose triangles are as high as the pulses so far were on average.

    The mean is weighted: a pulse counts `decay` times what the next one does. Everything else is as in
    `pulses`, which is what a decay of 0 gives.

    Raises
    ------
    DataError
        If decay is not in 0..1 (1 excluded), or a size is not possible.
    """
    if not 0 <= decay < 1:
        raise DataError(f"pulses-memory: decay is {decay}, but must be at least 0 and below 1")
    return _dataset("pulses-memory", SOURCE_MEMORY, seed, (train, validation, test), steps, decay)


def reverse(dataset: Dataset, name: str, source: str) -> Dataset:
    """Let input and target of a dataset of sequences change roles, and time run backwards."""
    flipped = [
        split and (np.ascontiguousarray(split.y[:, ::-1]), np.ascontiguousarray(split.x[:, ::-1]))
        for split in dataset.splits.values()
    ]
    train, validation, test = flipped
    assert train is not None
    assert validation is not None
    return Dataset(
        name,
        train,
        validation,
        test,
        "regression",
        seed=dataset.seed,
        source=source,
        training=TRAINING["pulses-reversed"],
    )


def place(rng: np.random.Generator, count: int, steps: int) -> Pulses:
    """Draw pulses for `count` sequences until the last pulse of every one starts after its end."""
    starts, widths, heights = [], [], []
    start = 1 + _geometric(rng, count, FIRST_MEAN)
    while (start < steps).any():
        width = SHORTEST + _geometric(rng, count, LONGER / (1 - LONGER))
        start = np.where(start + 3 * width > steps + OVERHANG, np.maximum(start, steps), start)
        starts.append(start)
        widths.append(width)
        heights.append(LOWEST + (HIGHEST - LOWEST) * rng.random(count))
        start = start + 2 * width + 1 + _geometric(rng, count, GAP_MEAN)
    if not starts:
        nothing = np.zeros((count, 0))
        return Pulses(nothing.astype(int), nothing.astype(int), nothing)
    return Pulses(np.stack(starts, axis=1), np.stack(widths, axis=1), np.stack(heights, axis=1))


def draw(found: Pulses, steps: int, decay: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Input and target without noise, each (n, steps) float64."""
    time = np.arange(steps)
    x = np.zeros((len(found.start), steps))
    y = np.zeros_like(x)
    total, weight = 0.0, 0.0  # of the weighted mean of the heights so far
    for start, width, height in zip(found.start.T, found.width.T, found.height.T, strict=True):
        total, weight = total * decay + height, weight * decay + 1
        end = (start + width)[:, np.newaxis]
        x += height[:, np.newaxis] * ((time >= start[:, np.newaxis]) & (time < end))
        rise = 1 - np.abs(time - (end + width[:, np.newaxis] - 1)) / width[:, np.newaxis]
        y += (total / weight)[:, np.newaxis] * np.maximum(rise, 0)
    return x, y


def _geometric(rng: np.random.Generator, count: int, mean: float) -> np.ndarray:
    """Numbers 0, 1, 2, ... of which each is as likely as mean / (mean + 1) times the one before."""
    return np.floor(np.log1p(-rng.random(count)) / np.log(mean / (mean + 1))).astype(int)


def _dataset(
    name: str, source: str, seed: int, sizes: tuple[int, int, int], steps: int, decay: float
) -> Dataset:
    """All splits, each from a stream of random numbers of its own."""
    if steps < 1:
        raise DataError(f"{name}: steps is {steps}, but a sequence has at least 1 step")
    train, validation, test = (
        _sequences(np.random.Generator(np.random.PCG64(stream)), count, steps, decay) if count else None
        for stream, count in zip(np.random.SeedSequence(seed).spawn(3), sizes, strict=True)
    )
    assert train is not None
    assert validation is not None
    return Dataset(
        name, train, validation, test, "regression", seed=seed, source=source, training=TRAINING[name]
    )


def _sequences(
    rng: np.random.Generator, count: int, steps: int, decay: float
) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of one split with noise, each (count, steps, 1) float32."""
    clean = np.stack(draw(place(rng, count, steps), steps, decay))
    noisy = clean + NOISE * (2 * rng.random(clean.shape) - 1)
    x, y = noisy[..., np.newaxis].astype(np.float32)
    return x, y
