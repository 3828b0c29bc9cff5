"""A recurrent network fed step by step: what it holds is carried over, as if it saw the sequence whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from netlet.architecture import (
    GRU,
    LSTM,
    Activation,
    BatchNorm,
    Bidirectional,
    Dense,
    Flatten,
    Layer,
    LayerNorm,
    Recurrent,
    StepsLayer,
    write_layer,
)
from netlet.errors import ArchitectureError, DataError
from netlet.network.samples import Samples

if TYPE_CHECKING:
    from netlet.network.network import Network

_SLOPE = np.float32(0.2)
"""Of leaky_relu, as in Keras."""


class Stream:
    """One sequence, or several side by side, that a network gets one step at a time.

    After each step the answer is what `Network.predict` gives for that step of the whole sequence; with one
    answer a sequence, what it would give if the sequence ended here.

    Parameters
    ----------
    network
        For sequences, without flatten, which needs all steps at once.

    Raises
    ------
    ArchitectureError
        If the network takes no sequences, or has a layer that sees several steps at once.
    """

    def __init__(self, network: Network) -> None:
        """Begin before the first step."""
        if network.kind != "sequence":
            raise ArchitectureError(f"{network.architecture} takes no sequences, so it has no steps")
        for place, layer in enumerate(network.architecture.layers):
            if isinstance(layer, Flatten):
                raise ArchitectureError(
                    f"{network.architecture} flattens whole sequences, so it cannot be fed step by step: "
                    "let a recurrent layer keep its last step (return_sequences=false) instead",
                    layer=place,
                )
            if isinstance(layer, StepsLayer | Bidirectional):
                raise ArchitectureError(
                    f"layer {place + 1}, {write_layer(layer)}, sees several steps at once, so "
                    f"{network.architecture} cannot be fed step by step: predict whole sequences",
                    layer=place,
                )
        self._network = network
        self.reset()

    def reset(self) -> None:
        """Begin anew: forget everything."""
        self._hidden: dict[int, np.ndarray] = {}
        self._cell: dict[int, np.ndarray] = {}
        self._count: int | None = None
        self.steps = 0
        """How many there have been."""

    def step(self, x: ArrayLike) -> np.ndarray:
        """Feed one step.

        Parameters
        ----------
        x
            ``(channels,)``, a number if there is but one channel; or ``(n, channels)`` of n sequences side by
            side, as many at every step. In the units of `Network.predict`.

        Returns
        -------
        float32 ndarray
            What `Network.predict` gives, without the axis of steps; without that of sequences if x is of one.

        Raises
        ------
        DataError
            If x has another shape, or another number of sequences than before.
        """
        values = np.asarray(x)
        channels = self._network.input_shape[1]
        is_one = values.ndim < 2
        if is_one:
            values = values.reshape(1, -1)
        if values.ndim != 2 or values.shape[1] != channels or not len(values):
            raise DataError(
                f"a step has shape {np.shape(x)}, but must be ({channels},), or (n, {channels}) of n "
                "sequences"
            )
        if self._count not in (None, len(values)):
            raise DataError(
                f"{len(values)} sequences are given, but there were {self._count} at the steps before: reset "
                "to begin anew"
            )
        self._count = len(values)
        now = Samples(self._network, values[:, np.newaxis], None).rows
        for place, layer in enumerate(self._network.architecture.layers):
            now = self._layer(place, layer, now)
        self.steps += 1
        if self._network.task == "binary":
            now = now[:, 0]
        elif self._network.target_scaling is not None:
            now = self._network.target_scaling.undo(now)
        return now[0] if is_one else now

    def _layer(self, place: int, layer: Layer, now: np.ndarray) -> np.ndarray:
        weights = self._network.layer_weights(place)
        if isinstance(layer, Dense):
            total = now @ weights[0]
            return _activated(layer.activation, total + weights[1] if layer.use_bias else total)
        if isinstance(layer, Recurrent):
            return self._recurrent(place, layer, weights, now)
        if isinstance(layer, BatchNorm):
            one, zero = (np.full_like(weights[-1], number) for number in (1, 0))
            gamma, beta, mean, variance = layer.numbers(weights, one, zero)
            return (now - mean) / np.sqrt(variance + np.float32(layer.epsilon)) * gamma + beta
        if isinstance(layer, LayerNorm):
            away = now - now.mean(axis=-1, keepdims=True)
            variance = (away**2).mean(axis=-1, keepdims=True)
            gamma = weights[0] if layer.scale else np.float32(1)
            beta = weights[-1] if layer.center else np.float32(0)
            return away / np.sqrt(variance + np.float32(layer.epsilon)) * gamma + beta
        return _activated(layer.function, now) if isinstance(layer, Activation) else now

    def _recurrent(
        self, place: int, layer: Recurrent, weights: tuple[np.ndarray, ...], now: np.ndarray
    ) -> np.ndarray:
        nothing = np.zeros((len(now), layer.units), dtype=np.float32)
        before = self._hidden.get(place, nothing)
        kernel, recurrent, *bias = weights
        given = now @ kernel + (np.atleast_2d(bias[0])[0] if bias else np.float32(0))
        if isinstance(layer, GRU):
            found = self._gru(layer, given, before, recurrent, bias)
        elif isinstance(layer, LSTM):
            gates = np.split(given + before @ recurrent, 4, axis=1)
            enter, forget, leave = (_activated(layer.recurrent_activation, gates[k]) for k in (0, 1, 3))
            kept = forget * self._cell.get(place, nothing)
            cell = self._cell[place] = kept + enter * _activated(layer.activation, gates[2])
            found = leave * _activated(layer.activation, cell)
        else:
            found = _activated(layer.activation, given + before @ recurrent)
        self._hidden[place] = found
        return found

    @staticmethod
    def _gru(
        layer: GRU, given: np.ndarray, before: np.ndarray, recurrent: np.ndarray, bias: list[np.ndarray]
    ) -> np.ndarray:
        units = layer.units
        of_gates, of_candidate = recurrent[:, : 2 * units], recurrent[:, 2 * units :]
        own = bias[0][1] if bias and layer.reset_after else np.zeros(3 * units, dtype=np.float32)
        gates = given[:, : 2 * units] + before @ of_gates + own[: 2 * units]
        update, reset = np.split(_activated(layer.recurrent_activation, gates), 2, axis=1)
        if layer.reset_after:  # the reset gate acts on the recurrent sum, which has a bias of its own
            remembered = reset * (before @ of_candidate + own[2 * units :])
        else:
            remembered = (reset * before) @ of_candidate
        candidate = _activated(layer.activation, given[:, 2 * units :] + remembered)
        return update * before + (1 - update) * candidate


def _activated(name: str | None, z: np.ndarray) -> np.ndarray:
    """An activation function by its name, in float32."""
    match name:
        case "relu":
            return np.maximum(z, 0)
        case "leaky_relu":
            return np.where(z < 0, _SLOPE * z, z)
        case "tanh":
            return np.tanh(z)
        case "sigmoid":
            return 0.5 * (1 + np.tanh(0.5 * z))  # never overflows
        case "softplus":
            return np.logaddexp(z, np.float32(0))
        case "elu":
            return np.where(z < 0, np.expm1(np.minimum(z, 0)), z)
        case "softmax":
            shares = np.exp(z - z.max(axis=-1, keepdims=True))
            return shares / shares.sum(axis=-1, keepdims=True)
    return z
