"""PyTorch modules as operators of ONNX's kind, which are read by the same code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from netlet.architecture import GRU, LSTM, RNN, Bidirectional, Dropout, Embedding, LayerNorm
from netlet.errors import ArchitectureError
from netlet.interop.onnx.graph import Operator
from netlet.interop.onnx.read import read
from netlet.interop.onnx.reading import NCHW, NCW, NHWC, Reading
from netlet.interop.parts import Affine, Converted, Found

WHAT = "PyTorch's module"
_PADDED = {"Conv1d": 0.0, "Conv2d": 0.0, "MaxPool1d": float("-inf"), "MaxPool2d": float("-inf")}
"""What netlet pads with before each."""
_LEAST_THRESHOLD = 17
"""From there on softplus is the identity in float32."""
Numbers = Callable[[Any], np.ndarray]


def reading_of(modules: Sequence[tuple[str, Any]], input_shape: Sequence[int]) -> Reading:
    """All modules read, one after another.

    Raises
    ------
    ArchitectureError
        If netlet has no such module; it is named.
    """
    shape = tuple(int(n) for n in input_shape)
    kinds = [type(module).__name__ for _, module in modules]
    first = next(
        (kind for kind in kinds if kind in ("ChannelsFirst", "Flatten") or "Conv" in kind or "Pool" in kind),
        "",
    )
    axes = tuple(range(len(shape) + 1))
    if len(shape) == 3 and first != "ChannelsFirst":
        axes = NCHW
    if len(shape) == 2 and ("Conv" in first or "Pool" in first):
        axes = NCW
    reading = Reading(shape, axes)
    pads: list[int] = []
    padded: tuple[Found, float] | None = None
    for name, module in modules:
        found = Found(type(module).__name__, name, {}, "", what=WHAT)
        if not _is_known(module):
            raise found.refusal(f"is none that netlet takes; it takes {', '.join(supported())}")
        if found.kind in _PADDINGS:
            padding = list(module.padding)
            pads = _added(pads, padding[::2][::-1] + padding[1::2][::-1])
            value = float(getattr(module, "value", 0.0))
            if padded is not None and padded[1] != value:
                raise found.refusal(f"pads by {value}, and the module before it by {padded[1]}")
            padded = found, value
            continue
        if padded is not None and _PADDED.get(found.kind) != padded[1]:
            raise padded[0].refusal(
                f"pads by {padded[1]} before {found.kind}: netlet pads by 0 before a convolution and by "
                "-inf before MaxPool"
            )
        padded = None
        _READERS[found.kind](found, module, reading, pads)
        pads = []
    if padded is not None:
        raise padded[0].refusal("stands at the end")
    if reading.flat is not None:
        raise ArchitectureError("the PyTorch model ends with a flattened image whose channels came first")
    return reading


_PADDINGS = ("ZeroPad1d", "ConstantPad1d", "ZeroPad2d", "ConstantPad2d")


def _added(pads: list[int], more: list[int]) -> list[int]:
    """Paddings before all axes and behind them, with others added to them."""
    return [a + b for a, b in zip(pads or [0] * len(more), more, strict=True)]


def supported() -> list[str]:
    """The names of all modules that are taken."""
    return sorted([*_READERS, *_PADDINGS])


def _is_known(module: Any) -> bool:
    home = type(module).__module__
    is_own = home.startswith(("torch.nn.", "netlet.interop.torch"))
    return is_own and type(module).__name__ in supported()


def numbers(tensor: Any) -> np.ndarray:
    """A tensor's numbers."""
    return tensor.detach().cpu().numpy().astype(np.float32)


def _given(found: Found, kind: str, constants: Sequence[Any] = (), **attributes: Any) -> Operator:
    """An operator of ONNX's, which errors call by PyTorch's name."""
    named = Found(kind, found.name, attributes, "", what=WHAT, told=found.kind)
    arrays = [None, *(None if each is None else numbers(each) for each in constants)]
    return Operator(named, tuple(arrays), 0, 0)


def _each(found: Found, value: Any) -> list[int]:
    """A size for each axis that a module works on, as its name says."""
    return list(value) if isinstance(value, tuple | list) else [value] * int(found.kind[-2])


def _convolution(found: Found, module: Any, reading: Reading, pads: list[int]) -> None:
    if module.padding_mode != "zeros":
        raise found.refusal(f"has padding_mode={module.padding_mode!r}")
    attributes = {"strides": list(module.stride), "dilations": list(module.dilation), "group": module.groups}
    if module.padding == "same" and any(pads):
        raise found.refusal("pads what was padded before")
    if module.padding == "same":
        attributes["auto_pad"] = "SAME_UPPER"
    elif module.padding != "valid":
        pads = _added(pads, _each(found, module.padding) * 2)
    read(_given(found, "Conv", [module.weight, module.bias], pads=pads, **attributes), reading)


def _pool(found: Found, module: Any, reading: Reading, pads: list[int]) -> None:
    pads = _added(pads, _each(found, module.padding) * 2)
    is_max = "Max" in found.kind
    attributes = {
        "kernel_shape": _each(found, module.kernel_size),
        "strides": _each(found, module.stride),
        "ceil_mode": int(module.ceil_mode),
        "pads": pads,
    }
    if is_max:
        attributes["dilations"] = _each(found, module.dilation)
    elif module.count_include_pad and any(pads):
        raise found.refusal("counts its padding in means, which netlet does not")
    elif getattr(module, "divisor_override", None):
        raise found.refusal("has a divisor of its own")
    read(_given(found, "MaxPool" if is_max else "AveragePool", **attributes), reading)


def _padded_mean(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
    padding = list(module.padding)
    attributes = {"kernel_shape": list(module.size), "strides": list(module.stride)}
    attributes["pads"] = padding[::2][::-1] + padding[1::2][::-1]
    read(_given(found, "AveragePool", **attributes), reading)


def _global_pool(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
    read(_given(found, "GlobalAveragePool" if module.mean else "GlobalMaxPool"), reading)
    reading.pending = None


def _adaptive(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
    if module.output_size not in (1, (1,), [1], (1, 1), [1, 1]):
        raise found.refusal(f"has output_size={module.output_size}, but netlet pools whole images only")
    read(_given(found, "GlobalAveragePool" if "Avg" in found.kind else "GlobalMaxPool"), reading)


def _flatten(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
    if (module.start_dim, module.end_dim) not in ((1, -1), (1, len(reading.axes) - 1)):
        raise found.refusal("flattens some axes only")
    read(_given(found, "Flatten"), reading)


def _linear(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
    read(_given(found, "Gemm", [module.weight, module.bias], transB=1), reading)


def _normalization(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
    if module.running_mean is None:
        raise found.refusal("normalises by batches even when it predicts")
    if module.momentum is None:
        raise found.refusal("has momentum=None, a mean over all batches, which netlet has not")
    ones = module.running_var * 0 + 1
    scale = module.weight if module.weight is not None else ones
    offset = module.bias if module.bias is not None else ones * 0
    arrays = [scale, offset, module.running_mean, module.running_var]
    more = {"epsilon": module.eps, "momentum": 1 - module.momentum}
    is_steps = found.kind == "StepsNorm"
    if is_steps:
        _turn_steps(found, reading)
    read(_given(found, "BatchNormalization", arrays, **more), reading)
    if is_steps:
        _turn_steps(found, reading)


def _layer_normalization(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
    if tuple(module.normalized_shape) != (reading.shape[-1],):
        raise found.refusal(f"normalises {tuple(module.normalized_shape)}, but netlet each place's channels")
    if module.weight is None:
        reading.add(_given(found, found.kind), LayerNorm(epsilon=module.eps, center=False, scale=False))
        return
    arrays = [module.weight, module.bias]
    read(_given(found, "LayerNormalization", arrays, epsilon=module.eps), reading)


def _embedding(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
    if module.max_norm is not None or len(reading.shape) != 1:
        raise found.refusal("has a max_norm, or takes something else than rows of whole numbers")
    rows, units = module.weight.shape
    reading.add(_given(found, found.kind), Embedding(int(rows), int(units)), numbers(module.weight))
    reading.axes = (0, 1, 2)


def _turn_steps(found: Found, reading: Reading) -> None:
    read(_given(found, "Transpose", perm=[0, 2, 1]), reading)


def _transpose(found: Found, _module: Any, reading: Reading, _: list[int]) -> None:
    behind = list(range(1, len(reading.axes)))
    last = behind[-1]
    order = [last, *behind[:-1]] if found.kind == "ChannelsFirst" else [*behind[1:], 1]
    read(_given(found, "Transpose", perm=[0, *order]), reading)


def _affine(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
    scale, offset = numbers(module.scale).astype(np.float64), numbers(module.offset).astype(np.float64)
    reading.parts.append(
        Affine(Found("Rescaling", found.name, {}, "", what=WHAT), 0, lambda _: (scale, offset))
    )
    reading.weights.append([])


def _dropout(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
    if module.p < 1:
        reading.add(_given(found, "Dropout"), Dropout(float(module.p)))


def _nothing(*_: Any) -> None:
    pass


def _function(kind: str) -> Callable[..., None]:
    def function(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
        attributes: dict[str, Any] = {}
        if kind == "Softmax":
            usual = 0 if len(reading.axes) in (1, 3) else 1  # what PyTorch takes where nothing is said
            attributes["axis"] = usual if module.dim is None else module.dim
        if kind == "LeakyRelu":
            attributes["alpha"] = module.negative_slope
        if kind == "Elu":
            attributes["alpha"] = module.alpha
        if kind == "Softplus" and (module.beta != 1 or module.threshold < _LEAST_THRESHOLD):
            raise found.refusal(
                f"has beta={module.beta} and threshold={module.threshold}, but netlet's softplus has "
                "beta=1 and bends everywhere"
            )
        read(_given(found, kind, **attributes), reading)

    return function


_CELLS: dict[str, tuple[type[Any], tuple[int, ...]]] = {
    "RNN": (RNN, (0,)),
    "GRU": (GRU, (1, 0, 2)),
    "LSTM": (LSTM, (0, 1, 2, 3)),
}


def _recurrent(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
    plain = module.num_layers == 1 and not getattr(module, "proj_size", 0)
    if not plain or not module.batch_first:
        raise found.refusal(
            "is not what netlet has: one layer, batch_first=True, without proj_size "
            "(put several "
            "layers behind each other)"
        )
    cell, order = _CELLS[found.kind]

    def gates(tensor: Any) -> np.ndarray:
        parts = np.split(numbers(tensor), len(order), axis=0)
        return np.concatenate([parts[gate] for gate in order], axis=0).T

    arrays = []
    for way in ("", "_reverse") if module.bidirectional else ("",):
        own = [gates(getattr(module, f"weight_{of}_l0{way}")) for of in ("ih", "hh")]
        if module.bias:
            given, inner = (gates(getattr(module, f"bias_{of}_l0{way}")) for of in ("ih", "hh"))
            own.append(np.stack([given, inner]) if cell is GRU else given + inner)
        arrays += own
    more = {"activation": module.nonlinearity} if cell is RNN else {}
    layer = cell(module.hidden_size, use_bias=bool(module.bias), return_sequences=True, **more)
    reading.add(_given(found, found.kind), Bidirectional(layer) if module.bidirectional else layer, *arrays)


def _output(found: Found, module: Any, reading: Reading, _: list[int]) -> None:
    last = reading.parts[-1] if reading.parts else None
    layer: Any = last.layers[0] if isinstance(last, Converted) else None
    if not isinstance(last, Converted) or not isinstance(layer, RNN | GRU | LSTM | Bidirectional):
        raise found.refusal("must stand right behind a recurrent module")
    if isinstance(layer, Bidirectional) and found.kind == "LastStep":
        raise found.refusal("takes the backward direction in its middle: use BothDirections")
    if found.kind == "BothDirections":
        if not isinstance(layer, Bidirectional):
            raise found.refusal("must stand right behind a bidirectional module")
        inner = replace(layer.layer, return_sequences=module.sequences)
        _replaced(reading, last, Bidirectional(inner, module.merge))
    elif found.kind == "LastStep":
        _replaced(reading, last, replace(layer, return_sequences=False))


def _replaced(reading: Reading, last: Converted, layer: Any) -> None:
    """Another form of the layer just read, which gave all of its steps."""
    reading.parts[-1] = replace(last, layers=(layer,))
    sizes = [int(n or 0) for n in layer.output_shape(reading.shape)]
    reading.shape, reading.axes = tuple(sizes), tuple(range(len(sizes) + 1))


_READERS: dict[str, Callable[..., None]] = {
    "Conv1d": _convolution,
    "Conv2d": _convolution,
    "MaxPool1d": _pool,
    "MaxPool2d": _pool,
    "AvgPool1d": _pool,
    "AvgPool2d": _pool,
    "AdaptiveAvgPool1d": _adaptive,
    "AdaptiveAvgPool2d": _adaptive,
    "AdaptiveMaxPool1d": _adaptive,
    "AdaptiveMaxPool2d": _adaptive,
    "PaddedMean": _padded_mean,
    "GlobalPool": _global_pool,
    "Flatten": _flatten,
    "Linear": _linear,
    "BatchNorm1d": _normalization,
    "BatchNorm2d": _normalization,
    "StepsNorm": _normalization,
    "LayerNorm": _layer_normalization,
    "ChannelsFirst": _transpose,
    "ChannelsLast": _transpose,
    "Affine": _affine,
    "Dropout": _dropout,
    "Identity": _nothing,
    "ReLU": _function("Relu"),
    "LeakyReLU": _function("LeakyRelu"),
    "Tanh": _function("Tanh"),
    "Sigmoid": _function("Sigmoid"),
    "Softplus": _function("Softplus"),
    "ELU": _function("Elu"),
    "Softmax": _function("Softmax"),
    "RNN": _recurrent,
    "GRU": _recurrent,
    "LSTM": _recurrent,
    "WholeNumbers": _nothing,
    "Embedding": _embedding,
    "EveryStep": _output,
    "LastStep": _output,
    "BothDirections": _output,
}

__all__ = ["NHWC", "reading_of", "supported"]
