"""An ONNX path of operators as netlet's layers, layouts followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from netlet.architecture import (
    Activation,
    AvgPool,
    AvgPool1D,
    BatchNorm,
    Conv,
    Conv1D,
    Dense,
    DepthwiseConv,
    Flatten,
    GlobalAvgPool,
    GlobalAvgPool1D,
    GlobalMaxPool,
    GlobalMaxPool1D,
    LayerNorm,
    MaxPool,
    MaxPool1D,
)
from netlet.interop.onnx.cells import CELLS, recurrent
from netlet.interop.onnx.graph import Operator, whole
from netlet.interop.onnx.reading import BATCH_FIRST, FUNCTIONS, NCHW, NCW, NHWC, STEPS_FIRST, Reading, text
from netlet.interop.parts import Affine, Converted
from netlet.interop.steps import same_padding

_NOTHING = ("Identity", "Dropout", "Cast")


def read(operator: Operator, reading: Reading) -> None:
    """Take one operator.

    Raises
    ------
    ArchitectureError
        If netlet has no such operator, or not with these attributes.
    """
    kind = operator.kind
    if kind not in supported():
        raise operator.found.refusal(f"is none that netlet takes; it takes {', '.join(supported())}")
    unknown = [each for each in operator.found.config if each not in _ATTRIBUTES.get(kind, ())]
    if unknown:
        raise operator.found.refusal(f"has {unknown[0]}, an attribute that netlet does not know")
    if operator.output and kind not in CELLS:
        raise operator.found.refusal("goes on with another output than its first")
    if operator.place and kind not in ("Add", "Mul", "Sub", "Div"):
        raise operator.found.refusal(f"is given what is computed as its input {operator.place + 1}")
    if kind in _NOTHING:
        _check_nothing(operator)
        return
    if reading.pending and kind not in ("Squeeze", "Transpose", "Flatten", "Reshape"):
        raise operator.found.refusal(
            "stands where Squeeze should take the direction of a recurrent operator away"
        )
    if kind in FUNCTIONS:
        _function(operator, reading)
    else:
        _READERS[kind](operator, reading)


def supported() -> list[str]:
    """ONNX's operators that `read` takes."""
    return sorted([*FUNCTIONS, *_READERS, *_NOTHING])


def _check_nothing(operator: Operator) -> None:
    """Refuse what changes numbers after all."""
    if operator.kind == "Cast" and operator.attribute("to") not in (1, 11):
        raise operator.found.refusal("rounds to something else than float32 or float64")
    training = operator.constant(2)
    if operator.kind == "Dropout" and training is not None and training.any():
        raise operator.found.refusal("drops even when it predicts")


def _function(operator: Operator, reading: Reading) -> None:
    attributes = {"LeakyRelu": ("alpha", 0.01, 0.2), "Elu": ("alpha", 1.0, 1.0)}
    if operator.kind in attributes:
        name, default, own = attributes[operator.kind]
        if abs(operator.attribute(name, default) - own) > 1e-6:
            raise operator.found.refusal(
                f"has {name}={operator.attribute(name, default):g}, but netlet has {own:g}"
            )
    if operator.kind == "Softmax":
        rank = len(reading.axes)
        axis = operator.attribute("axis", -1 if reading.opset >= 13 else 1)
        is_last = -rank <= axis < rank and reading.axes[axis] == rank - 1
        if not is_last or (
            reading.opset < 13 and axis not in (-1, rank - 1)
        ):  # then over all axes from there
            raise operator.found.refusal(f"has axis={axis}, but netlet's softmax is over channels")
    function = FUNCTIONS[operator.kind]
    last = reading.parts[-1] if reading.parts else None
    if isinstance(last, Converted) and getattr(last.layers[0], "activation", None) == "linear":
        layer: Any = last.layers[0]
        if isinstance(layer, Conv | DepthwiseConv | Conv1D | Dense):
            reading.parts[-1] = replace(last, layers=(replace(layer, activation=function),))
            return
    reading.add(operator, Activation(function))


def _window(operator: Operator, reading: Reading, size: Sequence[int]) -> tuple[tuple[int, ...], str]:
    """Strides and padding of a convolution or pooling, which must be valid or Keras's same (or causal)."""
    _check_axes(operator, reading, len(size))
    if any(each != 1 for each in operator.attribute("dilations", [1])) or operator.attribute("ceil_mode", 0):
        raise operator.found.refusal("has dilations or ceil_mode, which netlet has not")
    strides = whole(operator.attribute("strides", [1] * len(size)))
    automatic = text(operator.attribute("auto_pad", "NOTSET"))
    same = [same_padding(n, w, s) for n, w, s in zip(reading.shape[:-1], size, strides, strict=True)]
    as_same = [before for before, _ in same] + [behind for _, behind in same]
    pads = list(operator.attribute("pads", None) or [0] * (2 * len(size)))
    if automatic == "VALID" or (automatic == "NOTSET" and not any(pads)):
        padding = "valid"
    elif automatic == "SAME_UPPER" or (automatic == "NOTSET" and pads == as_same):
        padding = "same"
    elif automatic == "NOTSET" and operator.kind == "Conv" and pads == [size[0] - 1, 0]:
        padding = "causal"
    else:
        raise operator.found.refusal(
            f"pads by {pads}, but netlet by nothing or as Keras's same does, here by {as_same}"
        )
    return tuple(strides), padding


def _check_axes(operator: Operator, reading: Reading, count: int) -> None:
    """Refuse what is no image, or no sequence, with its channels first."""
    wanted = {
        1: (NCW, "sequences (batch, channels, steps)"),
        2: (NCHW, "images (batch, channels, height, width)"),
    }
    axes, what = wanted.get(count, ((), "images or sequences"))
    if reading.axes != axes:
        raise operator.found.refusal(f"needs {what}")


def _convolution(operator: Operator, reading: Reading) -> None:
    kernel, bias = operator.constant(1), operator.constant(2)
    if kernel is None or kernel.ndim not in (3, 4):
        raise operator.found.refusal("has no kernel of three or four dimensions that is fixed")
    size = tuple(int(n) for n in kernel.shape[2:])
    strides, padding = _window(operator, reading, size)
    groups, channels = operator.attribute("group", 1), reading.shape[-1]
    more: dict[str, Any] = {
        "kernel_size": size,
        "strides": strides,
        "padding": padding,
        "activation": "linear",
        "use_bias": bias is not None,
    }
    rest = [] if bias is None else [bias]
    if groups == 1:
        kind = Conv if len(size) == 2 else Conv1D
        reading.add(operator, kind(kernel.shape[0], **more), np.moveaxis(kernel, (0, 1), (-1, -2)), *rest)
    elif len(size) == 2 and groups == channels and kernel.shape[1] == 1 and kernel.shape[0] % channels == 0:
        multiplier = kernel.shape[0] // channels
        by_channel = kernel.reshape(channels, multiplier, *size).transpose(2, 3, 0, 1)
        reading.add(operator, DepthwiseConv(depth_multiplier=multiplier, **more), by_channel, *rest)
    else:
        many = " or as many" if len(size) == 2 else ""
        raise operator.found.refusal(f"has {groups} groups of {channels} channels, but netlet 1{many}")


_POOLS: dict[str, tuple[type[Any], type[Any]]] = {
    "MaxPool": (MaxPool1D, MaxPool),
    "AveragePool": (AvgPool1D, AvgPool),
    "GlobalMaxPool": (GlobalMaxPool1D, GlobalMaxPool),
    "GlobalAveragePool": (GlobalAvgPool1D, GlobalAvgPool),
}
"""netlet's poolings, of sequences and of images."""


def _pool(operator: Operator, reading: Reading) -> None:
    size = whole(operator.attribute("kernel_shape", []))
    if len(size) not in (1, 2):
        raise operator.found.refusal("does not pool in one or two dimensions")
    strides, padding = _window(operator, reading, size)
    if padding == "same" and operator.attribute("count_include_pad", 0):
        raise operator.found.refusal("counts its padding in means, which netlet does not")
    kind = _POOLS[operator.kind][len(size) - 1]
    reading.add(operator, kind(tuple(size), strides, padding))


def _global_pool(operator: Operator, reading: Reading) -> None:
    count = len(reading.axes) - 2
    _check_axes(operator, reading, count)
    reading.add(operator, _POOLS[operator.kind][count - 1]())
    reading.axes, reading.pending = (0, 1), ("row", "image")[count - 1]


def _flatten(operator: Operator, reading: Reading) -> None:
    if operator.kind == "Flatten" and operator.attribute("axis", 1) != 1:
        raise operator.found.refusal("has another axis than 1")
    if operator.kind == "Reshape":
        target = operator.constant(1)
        sizes = [] if target is None else [int(n) for n in target.reshape(-1)]
        count = int(np.prod(reading.shape))
        if len(sizes) != 2 or sizes[1] not in (-1, count) or sizes[0] not in (0, -1, reading.batch):
            raise operator.found.refusal("does something else than to flatten")
    if reading.pending in ("image", "row"):
        reading.pending = None
        return
    if reading.pending:
        raise operator.found.refusal("stands where Squeeze should")
    if len(reading.shape) == 1:
        return
    if reading.axes in (NCHW, NCW):
        places = np.arange(int(np.prod(reading.shape))).reshape(reading.shape)
        reading.flat = np.moveaxis(places, -1, 0).reshape(-1)
    elif reading.axes not in (NHWC, BATCH_FIRST):
        raise operator.found.refusal("flattens axes in an order that netlet does not")
    reading.add(operator, Flatten())
    reading.axes = (0, 1)


def _transpose(operator: Operator, reading: Reading) -> None:
    order = whole(operator.attribute("perm", range(len(reading.axes))[::-1]))
    if reading.pending == "all":  # (steps, directions, batch, units) to (batch, steps, ...)
        raise operator.found.refusal(
            "stands where Squeeze should take the direction of a recurrent operator away"
        )
    if sorted(order) != list(range(len(reading.axes))):
        raise operator.found.refusal(f"has perm={order} for {len(reading.axes)} axes")
    reading.axes = tuple(reading.axes[each] for each in order)


def _squeeze(operator: Operator, reading: Reading) -> None:
    fixed = operator.constant(1)
    axes = operator.attribute("axes") if fixed is None else fixed.reshape(-1)
    wanted = {"all": [1], "last": [0], "image": [2, 3], "row": [2]}.get(reading.pending or "")
    if axes is None or wanted != sorted(int(each) for each in axes):
        raise operator.found.refusal("takes away axes that netlet has need of")
    reading.pending = None


def _gemm(operator: Operator, reading: Reading) -> None:
    if (
        operator.attribute("transA", 0)
        or operator.attribute("alpha", 1.0) != 1
        or operator.attribute("beta", 1.0) != 1
    ):
        raise operator.found.refusal("has transA, alpha or beta, which netlet has not")
    kernel, bias = operator.constant(1), operator.constant(2)
    if kernel is None or kernel.ndim != 2:
        raise operator.found.refusal("has no matrix that is fixed")
    _dense(operator, reading, kernel.T if operator.attribute("transB", 0) else kernel, bias)


def _matmul(operator: Operator, reading: Reading) -> None:
    kernel = operator.constant(1)
    if kernel is None or kernel.ndim != 2:
        raise operator.found.refusal("has no matrix behind its input that is fixed")
    _dense(operator, reading, kernel, None)


def _dense(operator: Operator, reading: Reading, kernel: np.ndarray, bias: np.ndarray | None) -> None:
    if reading.axes not in ((0, 1), BATCH_FIRST, STEPS_FIRST) or kernel.shape[0] != reading.shape[-1]:
        raise operator.found.refusal(
            f"is given {reading.shape}, which its matrix {kernel.shape} does not take"
        )
    if reading.flat is not None:
        ordered = np.empty_like(kernel)
        ordered[reading.flat] = kernel
        kernel, reading.flat = ordered, None
    units = kernel.shape[1]
    if bias is not None and (bias.size not in (1, units) or bias.shape[-1:] not in ((), (bias.size,))):
        raise operator.found.refusal(f"has a bias of shape {bias.shape} for {units} units")
    rest = [] if bias is None else [np.broadcast_to(bias.reshape(-1), units)]
    reading.add(operator, Dense(units, "linear", use_bias=bias is not None), kernel, *rest)


def _arithmetic(operator: Operator, reading: Reading) -> None:
    """A bias, or a scaling of channels."""
    values = operator.constant(1 - operator.place)
    if values is None:
        raise operator.found.refusal("joins two computed tensors")
    if operator.place == 1 and operator.kind in ("Sub", "Div"):
        raise operator.found.refusal("subtracts from a fixed tensor, or divides one")
    number = _by_channel(operator, reading, np.asarray(values, dtype=np.float64))
    if operator.kind == "Add" and reading.bias(operator, np.asarray(values)):
        return
    one, zero = np.ones(1), np.zeros(1)
    scale, offset = {
        "Add": (one, number),
        "Sub": (one, -number),
        "Mul": (number, zero),
        "Div": (1 / np.where(number == 0, np.nan, number), zero),
    }[operator.kind]
    _affine(operator, reading, scale, offset)


def _by_channel(operator: Operator, reading: Reading, values: np.ndarray) -> np.ndarray:
    """A fixed tensor as one number, or one a channel."""
    if values.size == 1:
        return values.reshape(1)
    axis = reading.axes.index(len(reading.axes) - 1) - len(reading.axes)
    others = [n for place, n in enumerate(values.shape) if place - values.ndim != axis]
    if values.ndim > len(reading.axes) or any(n != 1 for n in others) or values.size != reading.shape[-1]:
        raise operator.found.refusal(f"has a tensor of {values.shape}, but netlet scales channels only")
    return values.reshape(-1)


def _affine(operator: Operator, reading: Reading, scale: np.ndarray, offset: np.ndarray) -> None:
    if reading.flat is not None:
        raise operator.found.refusal("scales right behind Flatten")
    reading.parts.append(Affine(operator.found, 0, lambda _: (scale, offset)))
    reading.weights.append([])


def _batch_normalization(operator: Operator, reading: Reading) -> None:
    arrays = [operator.constant(place) for place in range(1, 5)]
    if any(array is None for array in arrays) or reading.axes[1] != len(reading.axes) - 1:
        raise operator.found.refusal("has numbers that are not fixed, or another axis than netlet's channels")
    if operator.attribute("training_mode", 0) or not operator.attribute("spatial", 1):
        raise operator.found.refusal("normalises by batches even when it predicts, or every number by itself")
    if reading.flat is not None:
        raise operator.found.refusal("normalises right behind Flatten")
    momentum, epsilon = (  # float32 in ONNX
        float(f"{operator.attribute(name, default):.7g}")
        for name, default in (("momentum", 0.9), ("epsilon", 1e-5))
    )
    layer = BatchNorm(momentum=momentum, epsilon=epsilon)
    reading.add(operator, layer, *(np.asarray(array) for array in arrays))


def _layer_normalization(operator: Operator, reading: Reading) -> None:
    gamma, beta = operator.constant(1), operator.constant(2)
    count, axis = len(reading.axes), operator.attribute("axis", -1)
    if gamma is None or gamma.ndim != 1 or axis not in (-1, count - 1) or reading.axes[-1] != count - 1:
        raise operator.found.refusal("has numbers that are not fixed, or other axes than netlet's channels")
    if reading.flat is not None:
        raise operator.found.refusal("normalises right behind Flatten")
    epsilon = float(f"{operator.attribute('epsilon', 1e-5):.7g}")
    layer = LayerNorm(epsilon=epsilon, center=beta is not None)
    reading.add(operator, layer, *(np.asarray(each) for each in (gamma, beta) if each is not None))


_READERS: dict[str, Callable[[Operator, Reading], None]] = {
    "Conv": _convolution,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "GlobalMaxPool": _global_pool,
    "GlobalAveragePool": _global_pool,
    "Flatten": _flatten,
    "Reshape": _flatten,
    "Transpose": _transpose,
    "Squeeze": _squeeze,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Add": _arithmetic,
    "Sub": _arithmetic,
    "Mul": _arithmetic,
    "Div": _arithmetic,
    "BatchNormalization": _batch_normalization,
    "LayerNormalization": _layer_normalization,
    "RNN": recurrent,
    "GRU": recurrent,
    "LSTM": recurrent,
}

_WINDOW = ("auto_pad", "dilations", "kernel_shape", "pads", "strides")
_CELL = ("activations", "activation_alpha", "activation_beta", "clip", "direction", "hidden_size", "layout")
_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "AveragePool": (*_WINDOW, "ceil_mode", "count_include_pad"),
    "BatchNormalization": ("epsilon", "momentum", "training_mode", "spatial"),
    "Cast": ("to", "saturate"),
    "Conv": (*_WINDOW, "group"),
    "Dropout": ("ratio", "seed"),
    "Elu": ("alpha",),
    "Flatten": ("axis",),
    "LayerNormalization": ("axis", "epsilon", "stash_type"),
    "GRU": (*_CELL, "linear_before_reset"),
    "Gemm": ("alpha", "beta", "transA", "transB"),
    "LSTM": (*_CELL, "input_forget"),
    "LeakyRelu": ("alpha",),
    "MaxPool": (*_WINDOW, "ceil_mode", "storage_order"),
    "RNN": _CELL,
    "Softmax": ("axis",),
    "Squeeze": ("axes",),
    "Transpose": ("perm",),
}
"""The attributes of every operator that are looked at, or change nothing."""
