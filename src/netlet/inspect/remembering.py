"""How far back a recurrent network remembers, and how it answers to an impulse and a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.errors import DataError

if TYPE_CHECKING:
    from netlet.network import Activity, Network

_SEQUENCES, _STEPS = 20, 25
REACH = 0.9


@dataclass(frozen=True, eq=False)
class Memory:
    """How much the output at a step depends on the input some steps before.

    Attributes
    ----------
    lags : ndarray, int64, (lags,)
        Steps back: 0, 1, 2, ...
    mean, median, lower_quartile, upper_quartile : ndarray, float64, (lags,)
        Of the size of the gradient of the output at step t with respect to the input at step t - lag (all
        outputs and channels added up), over sequences and steps.
    reach : int
        The lag by which 90 % of the mean gradient's sum is found.
    """

    lags: np.ndarray
    mean: np.ndarray
    median: np.ndarray
    lower_quartile: np.ndarray
    upper_quartile: np.ndarray
    reach: int


def memory(network: Network, x: np.ndarray, most: int = 40, mask: np.ndarray | None = None) -> Memory:
    """Measure on sequences (n, steps, channels) how far back a network that answers at every step remembers.

    At most 20 sequences and 25 steps, evenly spread, are looked at; only steps behind which every lag fits.

    Parameters
    ----------
    most
        The largest lag; less if the sequences are shorter.
    mask
        (n, steps): steps where it is False do not count. None if every one does.

    Raises
    ------
    DataError
        If the network does not answer at every step with numbers to be regressed on, there is no step to look
        at, or `most` is negative.
    """
    if most < 0:
        raise DataError(f"most is {most}, but the largest lag is at least 0 steps")
    outputs = _check_answers_at_every_step(network, x.shape[1:])
    taken = min(_SEQUENCES, len(x))
    chosen = np.arange(taken) * len(x) // max(taken, 1)
    x, mask = x[chosen], None if mask is None else mask[chosen]
    counted = np.ones(x.shape[:2], dtype=bool) if mask is None else mask
    if not counted.any():
        raise DataError("there is no step to look at: give at least one sequence with a step that counts")
    last = int(np.flatnonzero(counted.any(axis=0))[-1])
    most = min(most, last)
    asked = np.unique(np.linspace(most, last, min(_STEPS, last + 1 - most)).astype(int))
    sizes = []
    for step in asked:
        of_step = np.zeros((len(x), most + 1))
        for output in range(outputs):
            d_y = np.zeros((*x.shape[:2], outputs), dtype=np.float32)
            d_y[:, step, output] = 1
            gradient = np.abs(network.input_gradient(x, d_y, mask)).sum(axis=2)
            of_step += gradient[:, step - most : step + 1][:, ::-1]
        sizes.append(of_step[counted[:, step]])
    flat = np.concatenate(sizes)
    mean = flat.mean(axis=0)
    total = np.cumsum(mean)
    reach = int(np.argmax(total >= REACH * total[-1])) if total[-1] > 0 else 0
    lower, median, upper = np.quantile(flat, (0.25, 0.5, 0.75), axis=0)
    return Memory(np.arange(most + 1), mean, median, lower, upper, reach)


def _check_answers_at_every_step(network: Network, input_shape: Sequence[int]) -> int:
    """How many numbers a network answers with at every step; refused if it does not."""
    shape = network.architecture.shapes(input_shape)[-1]
    if network.task != "regression" or len(shape) != 2 or shape[-1] is None:
        raise DataError(
            "memory and responses are measured where a network answers at every step with numbers: this one "
            "does not"
        )
    return shape[-1]


@dataclass(frozen=True, eq=False)
class Response:
    """What a network makes of a made-up input.

    Attributes
    ----------
    name : str
        For people: "impulse", "step" or "pulse of 5 steps".
    x : ndarray, float32, (steps, channels)
    prediction : ndarray, float32, (steps, outputs)
    activities : tuple of Activity
        Of every recurrent layer, for one sequence.
    """

    name: str
    x: np.ndarray
    prediction: np.ndarray
    activities: tuple[Activity, ...]


def response(
    network: Network, width: int | None = 1, height: float = 1.0, at: int = 5, steps: int = 60
) -> Response:
    """The answer to zeros with one impulse (width 1), a pulse, or a step up that stays (width None).

    Parameters
    ----------
    width
        Steps that the input is `height` on every channel, at least 1.
    at
        The first of them.
    steps
        Length of the sequence; of a network that takes one length only, that one.

    Raises
    ------
    DataError
        If the network does not answer at every step with numbers to be regressed on, or nothing of the
        impulse would be in the sequence.
    """
    _check_answers_at_every_step(network, network.input_shape)
    length, channels = network.input_shape
    try:
        network.architecture.shapes((steps, channels))
        fits = network.architecture.weight_shapes((steps, channels)) == [w.shape for w in network.weights]
    except ValueError:
        fits = False
    length = steps if fits else length
    if not 0 <= at < length or (width is not None and width < 1):
        raise DataError(
            f"width is {width} and at is {at}, but the input must be {height:g} for at least 1 of the steps "
            f"0 to {length - 1}"
        )
    x = np.zeros((1, length, channels), dtype=np.float32)
    x[:, at : None if width is None else at + width] = height
    name = "step" if width is None else "impulse" if width == 1 else f"pulse of {width} steps"
    return Response(name, x[0], network.predict(x)[0], tuple(network.activity(x)))
