"""A network as PyTorch modules: an expression and a state for each, for objects and for text alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netlet.architecture import (
    GRU,
    LSTM,
    RNN,
    Activation,
    AvgPool,
    AvgPool1D,
    BatchNorm,
    Bidirectional,
    Conv,
    Conv1D,
    Dense,
    DepthwiseConv,
    Dropout,
    Embedding,
    Flatten,
    GlobalAvgPool,
    GlobalAvgPool1D,
    GlobalMaxPool,
    GlobalMaxPool1D,
    LayerNorm,
    MaxPool,
    MaxPool1D,
    Recurrent,
)
from netlet.architecture.text import write_layer
from netlet.errors import ArchitectureError
from netlet.interop.steps import Step, batch_numbers, gamma_and_beta, no_mask, paddings, steps_of
from netlet.network import Network

_FUNCTIONS = {
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU(0.2)",
    "tanh": "nn.Tanh()",
    "sigmoid": "nn.Sigmoid()",
    "softplus": "nn.Softplus()",
    "elu": "nn.ELU()",
    "softmax": "nn.Softmax(dim=-1)",
}


@dataclass(frozen=True)
class Module:
    """One module.

    Attributes
    ----------
    name
        In the Sequential.
    expression
        Python that makes it, in terms of ``nn`` and of the classes in `netlet.interop.torch.modules`.
    state
        Its parameters and buffers by name.
    """

    name: str
    expression: str
    state: dict[str, np.ndarray] = field(default_factory=dict)


def modules_of(network: Network) -> list[Module]:
    """All modules of a network in order.

    Raises
    ------
    ArchitectureError
        If PyTorch has no such layer.
    """
    builder = _Builder()
    scaling = network.input_scaling
    if scaling is not None:
        scale = 1 / np.array(scaling.scale)
        builder.affine("input_scaling", scale, -np.array(scaling.offset) * scale)
    if len(network.input_shape) == 3:
        builder.channels_first(True)  # even before flatten, so that there is no doubt how images lie
    for step in steps_of(network):
        builder.add(step)
    builder.channels_first(False)
    scaling = network.target_scaling
    if scaling is not None:
        builder.affine("target_scaling", np.array(scaling.scale), np.array(scaling.offset))
    if not builder.modules:
        builder.module("nothing", "nn.Identity()")
    return builder.modules


class _Builder:
    def __init__(self) -> None:
        self.modules: list[Module] = []
        self._is_channels_first = False

    def module(self, name: str, expression: str, **state: np.ndarray) -> None:
        self.modules.append(Module(name, expression, state))

    def affine(self, name: str, scale: np.ndarray, offset: np.ndarray) -> None:
        self.module(
            name, f"Affine({len(scale)})", scale=scale.astype(np.float32), offset=offset.astype(np.float32)
        )

    def channels_first(self, wanted: bool) -> None:
        if wanted != self._is_channels_first:
            place = len(self.modules) + 1
            self.module(f"axes_{place}", "ChannelsFirst()" if wanted else "ChannelsLast()")
            self._is_channels_first = wanted

    def add(self, step: Step) -> None:
        layer, name = step.layer, step.name
        if isinstance(layer, Conv | DepthwiseConv | Conv1D):
            self._convolution(step, layer)
        elif isinstance(layer, MaxPool | AvgPool | MaxPool1D | AvgPool1D):
            self._pool(step, layer)
        elif isinstance(layer, GlobalMaxPool | GlobalAvgPool | GlobalMaxPool1D | GlobalAvgPool1D):
            self.channels_first(True)
            self.module(name, f"GlobalPool(mean={isinstance(layer, GlobalAvgPool | GlobalAvgPool1D)})")
            self._is_channels_first = False
        elif isinstance(layer, Flatten):
            self.channels_first(False)
            self.module(name, "nn.Flatten()")
        elif isinstance(layer, Dense):
            self.channels_first(False)
            inputs, units = step.weights[0].shape
            state = {"weight": step.weights[0].T} | ({"bias": step.weights[1]} if layer.use_bias else {})
            bias = "" if layer.use_bias else ", bias=False"
            self.module(name, f"nn.Linear({inputs}, {units}{bias})", **state)
            self._activation(name, layer.activation)
        elif isinstance(layer, Dropout):
            self.module(name, f"nn.Dropout({layer.rate!r})")
        elif isinstance(layer, Activation):
            if layer.function == "softmax":
                self.channels_first(False)
            self.module(name, _FUNCTIONS.get(layer.function, "nn.Identity()"))
        elif isinstance(layer, BatchNorm):
            self._batch_norm(step, layer)
        elif isinstance(layer, Embedding):
            no_mask(step, layer)
            self.module(f"{name}_numbers", "WholeNumbers()")
            table = step.weights[0]
            self.module(name, f"nn.Embedding({layer.input_dim}, {layer.output_dim})", weight=table)
        elif isinstance(layer, LayerNorm):
            self.channels_first(False)
            state = dict(zip(("weight", "bias"), gamma_and_beta(step, layer), strict=True))
            self.module(name, f"nn.LayerNorm({step.takes[-1]}, eps={layer.epsilon!r})", **state)
        elif isinstance(layer, Bidirectional):
            self._recurrent(step, layer.layer, layer.merge_mode)
        elif isinstance(layer, Recurrent):
            self._recurrent(step, layer)
        else:
            raise ArchitectureError(f"{write_layer(layer)}: it is not known how PyTorch does that")

    def _activation(self, name: str, function: str | None) -> None:
        if function not in (None, "linear"):
            self.module(f"{name}_{function}", _FUNCTIONS[str(function)])

    def _pad(self, step: Step, window: Any, strides: Any, value: str) -> None:
        pads = _innermost_first(step, window, strides)
        if any(pads):
            kind = f"nn.ConstantPad{len(pads) // 2}d"
            self.module(f"{step.name}_padding", f"{kind}({pads}, {value})")

    def _convolution(self, step: Step, layer: Conv | DepthwiseConv | Conv1D) -> None:
        self.channels_first(True)
        size, strides = _sizes(layer.kernel_size), _sizes(layer.strides)
        self._pad(step, size, strides, "0.0")
        channels, filters = step.takes[-1], step.gives[-1]
        more = f", {size}"
        if any(each != 1 for each in strides):
            more += f", stride={strides}"
        kernel = np.moveaxis(step.weights[0], (-1, -2), (0, 1))
        if isinstance(layer, DepthwiseConv):
            kernel = step.weights[0].transpose(2, 3, 0, 1).reshape(filters, 1, *layer.kernel_size)
            more += f", groups={channels}"
        more += "" if layer.use_bias else ", bias=False"
        state = {"weight": kernel} | ({"bias": step.weights[1]} if layer.use_bias else {})
        self.module(step.name, f"nn.Conv{len(size)}d({channels}, {filters}{more})", **state)
        if layer.activation == "softmax":
            self.channels_first(False)
        self._activation(step.name, layer.activation)

    def _batch_norm(self, step: Step, layer: BatchNorm) -> None:
        if len(step.takes) == 3:
            self.channels_first(True)
        of_steps = "nn.BatchNorm1d" if self._is_channels_first else "StepsNorm"
        kind = ("nn.BatchNorm1d", of_steps, "nn.BatchNorm2d")[len(step.takes) - 1]
        names = ("weight", "bias", "running_mean", "running_var")
        state = dict(zip(names, batch_numbers(step, layer), strict=True))
        more = f"eps={layer.epsilon!r}, momentum={round(1 - layer.momentum, 7)!r}"
        self.module(
            step.name,
            f"{kind}({step.takes[-1]}, {more})",
            **state,
            num_batches_tracked=np.zeros((), np.int64),
        )

    def _pool(self, step: Step, layer: MaxPool | AvgPool | MaxPool1D | AvgPool1D) -> None:
        self.channels_first(True)
        size, strides = _sizes(layer.pool_size), _sizes(layer.strides or layer.pool_size)
        if isinstance(layer, MaxPool | MaxPool1D):
            self._pad(step, size, strides, 'float("-inf")')
            self.module(step.name, f"nn.MaxPool{len(size)}d({size}, stride={strides})")
            return
        pads = _innermost_first(step, size, strides)
        if any(pads):
            self.module(step.name, f"PaddedMean({size}, {strides}, {pads})")
        else:
            self.module(step.name, f"nn.AvgPool{len(size)}d({size}, stride={strides})")

    def _recurrent(self, step: Step, layer: Recurrent, merge: str | None = None) -> None:
        """One direction, or both if there is a merge."""
        self.channels_first(False)
        text, functions = write_layer(layer), ("tanh", "relu") if isinstance(layer, RNN) else ("tanh",)
        if layer.activation not in functions:
            raise ArchitectureError(
                f"{text}: PyTorch's has {' or '.join(functions)} as activation, not {layer.activation}"
            )
        if getattr(layer, "recurrent_activation", "sigmoid") != "sigmoid":
            raise ArchitectureError(f"{text}: PyTorch's gates are sigmoid")
        if isinstance(layer, GRU) and not layer.reset_after:
            raise ArchitectureError(
                f"{text}: PyTorch's GRU resets after the recurrent product (reset_after=true)"
            )
        order = (1, 0, 2) if isinstance(layer, GRU) else tuple(range(layer.gates))  # r z n, Keras z r n

        def gates(weights: np.ndarray) -> np.ndarray:
            parts = np.split(weights, layer.gates, axis=-1)
            return np.concatenate([parts[gate] for gate in order], axis=-1).T

        state: dict[str, np.ndarray] = {}
        count = len(step.weights) // (2 if merge else 1)
        for way, first in (("", 0), ("_reverse", count))[: 2 if merge else 1]:
            kernel, recurrent, *biases = step.weights[first : first + count]
            state |= {f"weight_ih_l0{way}": gates(kernel), f"weight_hh_l0{way}": gates(recurrent)}
            if biases:
                bias = biases[0]
                both = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
                state |= {f"bias_ih_l0{way}": gates(both[0]), f"bias_hh_l0{way}": gates(both[1])}
        kind = {RNN: "RNN", GRU: "GRU", LSTM: "LSTM"}[type(layer)]
        more = "" if layer.use_bias else ", bias=False"
        more += ', nonlinearity="relu"' if layer.activation == "relu" else ""
        more += ", bidirectional=True" if merge else ""
        self.module(step.name, f"nn.{kind}({step.takes[-1]}, {layer.units}, batch_first=True{more})", **state)
        if merge:
            sequences = bool(layer.return_sequences)
            self.module(f"{step.name}_output", f"BothDirections({merge!r}, sequences={sequences})")
            return
        self.module(f"{step.name}_output", "EveryStep()" if layer.return_sequences else "LastStep()")


def _sizes(size: int | tuple[int, int]) -> tuple[int, ...]:
    """The sizes of a window or its strides, one an axis."""
    return (size,) if isinstance(size, int) else size


def _innermost_first(step: Step, window: Any, strides: Any) -> tuple[int, ...]:
    """Paddings as PyTorch counts them: those of the last axis before the others."""
    pads = paddings(step.layer, step.takes, window, strides)
    return tuple(each for pair in reversed(pads) for each in pair)
