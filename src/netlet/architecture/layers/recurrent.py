"""Recurrent layers."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from netlet.architecture.layers.base import SEQUENCE, Layer, Shape, channels_of
from netlet.errors import ArchitectureError


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


@dataclass(frozen=True)
class Bidirectional(Layer):
    """A recurrent layer in both directions, and what they give joined at every step (Keras's Bidirectional).

    `merge_mode` concat has the outputs side by side, forward first; sum, mul and ave have one of both. With a
    mask, what it gives at steps that do not count is 0, if it returns sequences.
    """

    name = "bidirectional"
    keras_name = "Bidirectional"
    takes = (SEQUENCE,)
    positional = ("layer", "merge_mode")

    layer: Recurrent
    merge_mode: str = "concat"

    def __post_init__(self) -> None:
        """Check that there is a recurrent layer in it."""
        super().__post_init__()
        if type(self.layer) not in (RNN, GRU, LSTM):
            raise ArchitectureError(f"{self.name}: takes rnn, gru or lstm, not {_called(self.layer)}")

    @property
    def return_sequences(self) -> bool | None:
        """As of the layer within."""
        return self.layer.return_sequences

    @property
    def activation(self) -> str | None:
        """As of the layer within."""
        return self.layer.activation

    @property
    def weight_names(self) -> tuple[str, ...]:
        """Those of the layer within, forward and then backward."""
        names = self.layer.weight_names[: 3 if self.layer.use_bias else 2]
        return tuple(f"{way} {name}" for way in ("forward", "backward") for name in names)

    def output_shape(self, shape: Shape) -> Shape:
        """As of the layer within, but twice as many numbers if they are concatenated."""
        *steps, units = self.layer.output_shape(shape)
        assert units is not None
        return (*steps, 2 * units if self.merge_mode == "concat" else units)

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """Those of the layer within, forward and then backward."""
        return self.layer.weight_shapes(shape) * 2


def _called(layer: object) -> str:
    return layer.name if isinstance(layer, Layer) else type(layer).__name__
