"""Recurrent layers."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from netlet.architecture.layers.base import SEQUENCE, Layer, Shape, channels_of


@dataclass(frozen=True)
class Recurrent(Layer):
    """What the three recurrent layers share.

    ``gates`` is how many times as many weights a layer has as an rnn of as many units. ``return_sequences``
    of None is settled when the architecture is fitted to a task: true for all but the last recurrent layer.
    """

    takes = (SEQUENCE,)
    keras_defaults: ClassVar[dict[str, object]] = {"activation": "tanh", "return_sequences": False}
    gates: ClassVar[int]

    units: int
    activation: str | None = None
    _: KW_ONLY
    use_bias: bool = True
    return_sequences: bool | None = None
    kernel_initializer: str = "glorot_uniform"
    recurrent_initializer: str = "orthogonal"

    def output_shape(self, shape: Shape) -> Shape:
        """``(steps, units)`` if it returns sequences, else ``(units,)``."""
        return (shape[0], self.units) if self.return_sequences else (self.units,)

    @property
    def weight_names(self) -> tuple[str, ...]:
        """Of the input, of what it gave before, and its biases."""
        return ("kernel", "recurrent kernel", "bias")

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """Kernel ``(channels, gates * units)``, recurrent kernel ``(units, gates * units)``, bias."""
        width = self.gates * self.units
        kernels: list[tuple[int, ...]] = [(channels_of(shape), width), (self.units, width)]
        return [*kernels, self._bias_shape()] if self.use_bias else kernels

    def _bias_shape(self) -> tuple[int, ...]:
        return (self.gates * self.units,)


@dataclass(frozen=True)
class RNN(Recurrent):
    """A layer of fully connected recurrent nodes (Keras's SimpleRNN)."""

    name = "rnn"
    keras_name = "SimpleRNN"
    positional = ("units", "activation", "use_bias", "kernel_initializer", "recurrent_initializer")
    gates = 1


@dataclass(frozen=True)
class GRU(Recurrent):
    """Gated recurrent units; `reset_after` has the reset gate act on the recurrent product (Keras's GRU)."""

    name = "gru"
    keras_name = "GRU"
    positional = ("units", "activation", "recurrent_activation", "use_bias")
    gates = 3

    _: KW_ONLY
    recurrent_activation: str = "sigmoid"
    reset_after: bool = True

    def _bias_shape(self) -> tuple[int, ...]:
        width = self.gates * self.units
        return (2, width) if self.reset_after else (width,)


@dataclass(frozen=True)
class LSTM(Recurrent):
    """Long short-term memory; `unit_forget_bias` starts the forget gate's bias at 1 (Keras's LSTM)."""

    name = "lstm"
    keras_name = "LSTM"
    positional = ("units", "activation", "recurrent_activation", "use_bias")
    gates = 4

    _: KW_ONLY
    recurrent_activation: str = "sigmoid"
    unit_forget_bias: bool = True
