"""Lowering: what the engine is told of an architecture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from netlet import _engine
from netlet.architecture import (
    GRU,
    LSTM,
    Activation,
    Architecture,
    AvgPool,
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
    GlobalMaxPool,
    Layer,
    LayerNorm,
    MaxPool,
    Recurrent,
    StepsLayer,
    write_layer,
)
from netlet.errors import ArchitectureError, DataError

INSTRUCTION_SET_VARIABLE = "NETLET_INSTRUCTION_SET"
"""Environment variable that makes the engine use a lesser instruction set than the processor has."""

LOSSES = {
    "binary": _engine.Loss.binary_crossentropy,
    "categorical": _engine.Loss.categorical_crossentropy,
    "regression": _engine.Loss.mse,
}
HEADS = {"binary": "sigmoid", "categorical": "softmax"}
"""The last activation of classifiers, which the engine takes into the loss."""


def make_engine(
    architecture: Architecture, input_shape: Sequence[int], task: str, fused: bool = True
) -> _engine.Network:
    """The engine's form of a resolved architecture.

    The last activation of a classifier is left out: the engine computes losses from logits.

    Parameters
    ----------
    fused
        Whether a convolution takes the max pooling behind it along, which is faster but leaves the
        convolution's own output unknown.

    Raises
    ------
    ArchitectureError
        If there are layers that the engine does not have.
    """
    specs = [_spec(layer) for layer in architecture.layers]
    if task in HEADS:
        last = [spec for spec in specs if "activation" in spec][-1]
        last["activation"] = _engine.Activation.linear
    if all(isinstance(layer, Flatten) for layer in architecture.layers):  # which the engine has no need of
        specs.append({"kind": "activation"})
    height, width, channels = *[1] * (3 - len(input_shape)), *input_shape
    instruction_set = os.environ.get(INSTRUCTION_SET_VARIABLE, "")
    try:
        return _engine.Network((height, width, channels), specs, instruction_set, fused)
    except ValueError as error:
        raise ArchitectureError(f"{architecture}: {error}") from None


def check_numbers(architecture: Architecture, x: np.ndarray, what: str) -> None:
    """Refuse, as DataError, numbers that an embedding has no row for."""
    first = architecture.layers[0]
    if not isinstance(first, Embedding) or (wrong := first.wrong_number(x)) is None:
        return
    row, number = wrong
    raise DataError(
        f"{what} holds {number:g} in row {row}, but layer 1, {write_layer(first)}, takes whole numbers from "
        f"0 to {first.input_dim - 1}, not scaled (scale=none): number what they mean so, or more rows",
        layer=0,
        row=row,
    )


def _spec(layer: Layer) -> dict[str, Any]:
    match layer:
        case Conv() | DepthwiseConv():
            return {
                "kind": "conv" if isinstance(layer, Conv) else "depthwise_conv",
                "units": layer.filters if isinstance(layer, Conv) else layer.depth_multiplier,
                "window": layer.kernel_size,
                "strides": layer.strides,
                "same": layer.padding == "same",
                **_weighted(layer),
            }
        case Dense():
            return {"kind": "dense", "units": layer.units, **_weighted(layer)}
        case MaxPool() | AvgPool():
            return {
                "kind": "max_pool" if isinstance(layer, MaxPool) else "avg_pool",
                "window": layer.pool_size,
                "strides": layer.strides or layer.pool_size,
                "same": layer.padding == "same",
            }
        case GlobalMaxPool():
            return {"kind": "global_max_pool"}
        case GlobalAvgPool():
            return {"kind": "global_avg_pool"}
        case Flatten():
            return {"kind": "flatten"}
        case Dropout():
            return {"kind": "dropout", "rate": layer.rate}
        case Activation():
            return {"kind": "activation", "activation": _activation(layer.function)}
        case BatchNorm():
            return {
                "kind": "batch_norm",
                "bias": layer.center,
                "scale": layer.scale,
                "momentum": layer.momentum,
                "epsilon": layer.epsilon,
            }
        case Embedding():
            return {
                "kind": "embedding",
                "units": layer.output_dim,
                "rows": layer.input_dim,
                "mask_zero": layer.mask_zero,
                "initializer": _engine.Initializer[layer.embeddings_initializer],
            }
        case LayerNorm():
            return {
                "kind": "layer_norm",
                "bias": layer.center,
                "scale": layer.scale,
                "epsilon": layer.epsilon,
            }
        case StepsLayer():
            spec = _spec(layer.on_image)
            spec["causal"] = isinstance(layer, Conv1D) and layer.padding == "causal"
            return spec | {"kind": f"{spec['kind']}1d"}
        case Bidirectional():
            spec = _recurrent(layer.layer)
            merge = _engine.Merge[layer.merge_mode]
            return spec | {"kind": "bidirectional", "cell": spec["kind"], "merge": merge}
        case Recurrent():
            return _recurrent(layer)
    raise ArchitectureError(f"{layer.name}: the engine has no such layer")


def _recurrent(layer: Recurrent) -> dict[str, Any]:
    spec = {
        "kind": layer.name,
        "units": layer.units,
        "recurrent_initializer": _engine.Initializer[layer.recurrent_initializer],
        "sequences": bool(layer.return_sequences),
        **_weighted(layer),
    }
    if isinstance(layer, GRU | LSTM):
        spec["recurrent_activation"] = _activation(layer.recurrent_activation)
    if isinstance(layer, GRU):
        spec["reset_after"] = layer.reset_after
    if isinstance(layer, LSTM):
        spec["unit_forget_bias"] = layer.unit_forget_bias
    return spec


def _weighted(layer: Conv | DepthwiseConv | Dense | Recurrent) -> dict[str, Any]:
    return {
        "activation": _activation(layer.activation or "linear"),
        "bias": layer.use_bias,
        "initializer": _engine.Initializer[layer.kernel_initializer],
    }


def _activation(name: str) -> _engine.Activation:
    # Softmax is only ever the last activation, which the loss takes over.
    return _engine.Activation.linear if name == "softmax" else _engine.Activation[name]
