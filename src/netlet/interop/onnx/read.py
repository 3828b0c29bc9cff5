"""An ONNX path of operators as netlet's layers: layouts followed, gate orders and biases put right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from netlet.architecture import (
    GRU,
    LSTM,
    RNN,
    Activation,
    Architecture,
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
    Layer,
    MaxPool,
    MaxPool1D,
)
from netlet.interop.onnx.graph import Operator, whole
from netlet.interop.parts import Affine, Converted, Shape
from netlet.interop.steps import same_padding

_FUNCTIONS = {
    "Relu": "relu",
    "LeakyRelu": "leaky_relu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Softplus": "softplus",
    "Elu": "elu",
    "Softmax": "softmax",
}
_NOTHING = ("Identity", "Dropout", "Cast")

NHWC, NCHW = (0, 1, 2, 3), (0, 3, 1, 2)
BATCH_FIRST, STEPS_FIRST, NCW = (0, 1, 2), (1, 0, 2), (0, 2, 1)


@dataclass
class Reading:
    """What has been read so far.

    Attributes
    ----------
    parts, weights
        Layers, and of each its weights in Keras's order and shapes.
    shape
        Of one sample as netlet has it: channels last.
    axes
        Which of netlet's axes each axis of ONNX's tensor is, the batch as 0.
    flat
        Of a flattened image whose channels came first: where each of ONNX's numbers stands among netlet's.
    pending
        Axes that a recurrent operator has added, and that Squeeze takes away.
    """

    shape: Shape
    axes: tuple[int, ...]
    parts: list[Converted | Affine] = field(default_factory=list)
    weights: list[list[np.ndarray]] = field(default_factory=list)
    flat: np.ndarray | None = None
    pending: str | None = None

    def add(self, operator: Operator, layer: Layer, *weights: np.ndarray) -> None:
        """A layer; the shape behind it follows."""
        (shape,) = Architecture([layer]).shapes(self.shape)
        self.shape = tuple(int(n or 0) for n in shape)
        self.parts.append(Converted(operator.found, (layer,)))
        self.weights.append(list(weights))

    def bias(self, operator: Operator, values: np.ndarray) -> bool:
        """Add numbers to the dense layer just read, if that has no bias yet."""
        last = self.parts[-1] if self.parts else None
        if not isinstance(last, Converted) or not isinstance(last.layers[0], Dense):
            return False
        layer = last.layers[0]
        if layer.use_bias or layer.activation != "linear" or values.size != layer.units:
            return False
        self.parts[-1] = replace(last, layers=(replace(layer, use_bias=True),))
        self.weights[-1].append(values.reshape(-1))
        return True


def read(operator: Operator, reading: Reading) -> None:
    """Take one operator.

    Raises
    ------
    ArchitectureError
        If netlet has no such operator, or not with these attributes.
    """
    kind = operator.kind
    if kind in _NOTHING:
        return
    if reading.pending and kind not in ("Squeeze", "Transpose", "Flatten", "Reshape"):
        raise operator.found.refusal(
            "stands where Squeeze should take the direction of a recurrent operator away"
        )
    if kind in _FUNCTIONS:
        _function(operator, reading)
    elif kind in _READERS:
        _READERS[kind](operator, reading)
    else:
        raise operator.found.refusal(f"is none that netlet takes; it takes {', '.join(supported())}")


def supported() -> list[str]:
    """ONNX's operators that `read` takes."""
    return sorted([*_FUNCTIONS, *_READERS, *_NOTHING])


def _function(operator: Operator, reading: Reading) -> None:
    attributes = {"LeakyRelu": ("alpha", 0.01, 0.2), "Elu": ("alpha", 1.0, 1.0)}
    if operator.kind in attributes:
        name, default, own = attributes[operator.kind]
        if abs(operator.attribute(name, default) - own) > 1e-6:
            raise operator.found.refusal(
                f"has {name}={operator.attribute(name, default):g}, but netlet has {own:g}"
            )
    if operator.kind == "Softmax":
        axis = operator.attribute("axis", -1)
        if reading.axes[axis] != len(reading.axes) - 1:
            raise operator.found.refusal(f"has axis={axis}, but netlet's softmax is over channels")
    function = _FUNCTIONS[operator.kind]
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
    automatic = _text(operator.attribute("auto_pad", "NOTSET"))
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


def _text(value: Any) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)


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
        if len(sizes) != 2 or sizes[1] not in (-1, count) or sizes[0] == count != 1:
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
        or operator.place != 0
    ):
        raise operator.found.refusal("has transA, alpha or beta, which netlet has not")
    kernel, bias = operator.constant(1), operator.constant(2)
    if kernel is None or kernel.ndim != 2:
        raise operator.found.refusal("has no matrix that is fixed")
    _dense(operator, reading, kernel.T if operator.attribute("transB", 0) else kernel, bias)


def _matmul(operator: Operator, reading: Reading) -> None:
    kernel = operator.constant(1)
    if kernel is None or kernel.ndim != 2 or operator.place != 0:
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
    if reading.flat is not None:
        raise operator.found.refusal("normalises right behind Flatten")
    momentum, epsilon = (  # float32 in ONNX
        float(f"{operator.attribute(name, default):.7g}")
        for name, default in (("momentum", 0.9), ("epsilon", 1e-5))
    )
    layer = BatchNorm(momentum=momentum, epsilon=epsilon)
    reading.add(operator, layer, *(np.asarray(array) for array in arrays))


_CELLS: dict[str, tuple[type[Any], tuple[int, ...], list[str]]] = {
    "RNN": (RNN, (0,), ["Tanh"]),
    "GRU": (GRU, (0, 1, 2), ["Sigmoid", "Tanh"]),
    "LSTM": (LSTM, (0, 2, 3, 1), ["Sigmoid", "Tanh", "Tanh"]),
}
"""netlet's cell; where Keras's gates stand among ONNX's; ONNX's activations if none are given."""


def _recurrent(operator: Operator, reading: Reading) -> None:
    cell, order, defaults = _CELLS[operator.kind]
    kernel, recurrent, bias = (operator.constant(place) for place in (1, 2, 3))
    is_plain = (
        reading.axes == STEPS_FIRST
        and _text(operator.attribute("direction", "forward")) == "forward"
        and not operator.attribute("layout", 0)
        and not operator.attribute("clip")
        and not operator.attribute("input_forget", 0)
        and operator.place == 0
        and operator.output in (0, 1)
    )
    started = [operator.constant(place) for place in range(4, len(operator.constants))]
    if not is_plain or kernel is None or recurrent is None or any(_counts(each) for each in started):
        raise operator.found.refusal(
            "is not what netlet has: (steps, batch, channels) forward from zeros, with fixed weights "
            "and its output "
            "at every step or after the last one"
        )
    units = int(recurrent.shape[-1])
    more = _cell_functions(operator, cell, defaults)
    if cell is GRU:
        more["reset_after"] = bool(operator.attribute("linear_before_reset", 0))

    def gates(weights: np.ndarray) -> np.ndarray:
        parts = np.split(weights, len(order), axis=0)
        return np.concatenate([parts[gate] for gate in order], axis=0)

    arrays = [gates(kernel[0]).T, gates(recurrent[0]).T]
    if bias is not None:
        given, inner = (gates(each) for each in np.split(bias[0], 2))
        arrays += [np.stack([given, inner])] if more.get("reset_after") else [given + inner]
    sequences = operator.output == 0
    reading.shape = (reading.shape[0], reading.shape[1])
    layer = cell(units, use_bias=bias is not None, return_sequences=sequences, **more)
    reading.add(operator, layer, *arrays)
    reading.pending = "all" if sequences else "last"
    reading.axes = STEPS_FIRST if sequences else (0, 1)


def _counts(start: np.ndarray | None) -> bool:
    """Whether a state at the start, or a list of lengths, changes anything."""
    return start is not None and bool(np.any(start))


def _cell_functions(operator: Operator, cell: type[Any], defaults: Sequence[str]) -> dict[str, Any]:
    names = [_text(each) for each in operator.attribute("activations", defaults)]
    alphas, betas = (
        list(operator.attribute("activation_alpha", [])),
        list(operator.attribute("activation_beta", [])),
    )
    found = []
    for name in names:
        kind = name.capitalize() if name.lower() in ("tanh", "relu", "sigmoid") else name
        alpha = alphas.pop(0) if kind in ("LeakyRelu", "Elu", "Affine") and alphas else None
        beta = betas.pop(0) if kind == "Affine" and betas else None
        if kind == "Affine" and (alpha, beta or 0.0) == (1.0, 0.0):
            found.append("linear")
        elif kind in _FUNCTIONS and kind != "Softmax" and _own(kind, alpha):
            found.append(_FUNCTIONS[kind])
        else:
            raise operator.found.refusal(f"has the activation {name}, which netlet has not")
    if cell is LSTM and (len(found) != 3 or found[1] != found[2]):
        raise operator.found.refusal(
            "has two activations for cell and hidden state, but netlet's lstm has one"
        )
    if cell is RNN:
        return {"activation": found[0]}
    return {"recurrent_activation": found[0], "activation": found[1]}


def _own(kind: str, alpha: float | None) -> bool:
    if kind == "LeakyRelu":
        return alpha is not None and abs(alpha - 0.2) < 1e-6
    return kind != "Elu" or alpha in (None, 1.0)


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
    "RNN": _recurrent,
    "GRU": _recurrent,
    "LSTM": _recurrent,
}
