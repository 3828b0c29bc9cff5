"""How far back a recurrent network remembers, and how it answers to an impulse and a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.errors import DataError
from netlet.inspect.selection import batches

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
    mean, lower_quartile, upper_quartile : ndarray, float64, (lags,)
        Of the size of the gradient of the output at step t with respect to the input at step t - lag (all
        outputs and channels added up), over sequences and steps.
    reach : int
        The lag by which 90 % of the mean gradient's sum is found.
    """

    lags: np.ndarray
    mean: np.ndarray
    lower_quartile: np.ndarray
    upper_quartile: np.ndarray
    reach: int


def memory(network: Network, x: np.ndarray, most: int = 40) -> Memory:
    """Measure on sequences (n, steps, channels) how far back a network that answers at every step remembers.

    At most 20 sequences and 25 steps, evenly spread, are looked at.

    Parameters
    ----------
    most
        The largest lag; less if the sequences are shorter.

    Raises
    ------
    DataError
        If the network does not answer at every step with numbers to be regressed on.
    """
    outputs = _check_answers_at_every_step(network, x.shape[1:])
    x = x[:: max(1, len(x) // _SEQUENCES)][:_SEQUENCES]
    steps = x.shape[1]
    most = min(most, steps - 1)
    asked = np.unique(np.linspace(most, steps - 1, min(_STEPS, steps - most)).astype(int))
    sizes = np.zeros((len(asked), len(x), most + 1))
    for row, step in enumerate(asked):
        for output in range(outputs):
            d_y = np.zeros((len(x), steps, outputs), dtype=np.float32)
            d_y[:, step, output] = 1
            gradient = np.abs(network.input_gradient(x, d_y)).sum(axis=2)
            sizes[row] += gradient[:, step - most : step + 1][:, ::-1]
    flat = sizes.reshape(-1, most + 1)
    mean = flat.mean(axis=0)
    total = np.cumsum(mean)
    reach = int(np.argmax(total >= REACH * total[-1])) if total[-1] > 0 else 0
    lower, upper = np.quantile(flat, (0.25, 0.75), axis=0)
    return Memory(np.arange(most + 1), mean, lower, upper, reach)


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
        Steps that the input is `height` on every channel.
    at
        The first of them.
    steps
        Length of the sequence; of a network that takes one length only, that one.

    Raises
    ------
    DataError
        If the network does not answer at every step with numbers to be regressed on.
    """
    _check_answers_at_every_step(network, network.input_shape)
    length, channels = network.input_shape
    try:
        network.architecture.shapes((steps, channels))
        fits = network.architecture.weight_shapes((steps, channels)) == [w.shape for w in network.weights]
    except ValueError:
        fits = False
    x = np.zeros((1, steps if fits else length, channels), dtype=np.float32)
    x[:, at : None if width is None else at + width] = height
    name = "step" if width is None else "impulse" if width == 1 else f"pulse of {width} steps"
    return Response(name, x[0], network.predict(x)[0], tuple(network.activity(x)))


def activities(network: Network, x: np.ndarray) -> list[np.ndarray]:
    """Hidden activity of every recurrent layer for many sequences: each (n, steps, units), float32."""
    parts = [[each.hidden for each in network.activity(x[batch])] for batch in batches(len(x))]
    return [np.concatenate(layer) for layer in zip(*parts, strict=True)]
