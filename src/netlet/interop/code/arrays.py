"""A network as plain code for numpy, or for JAX, whose arrays are used in the same way."""

from __future__ import annotations

import inspect
from typing import Any

from netlet.architecture import (
    GRU,
    LSTM,
    Activation,
    AvgPool,
    BatchNorm,
    Bidirectional,
    Conv,
    Dense,
    DepthwiseConv,
    Dropout,
    Embedding,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    LayerNorm,
    MaxPool,
    Recurrent,
    StepsLayer,
)
from netlet.architecture.text import write_layer
from netlet.interop.code import functions
from netlet.interop.steps import Step, no_mask, on_image, paddings, steps_of
from netlet.network import Network


def arrays_code(network: Network, weights_file: str, library: str) -> tuple[str, dict[str, Any]]:
    """Source and weights.

    Parameters
    ----------
    weights_file
        Name of the .npz file that stands beside the source.
    library
        "numpy" or "jax".
    """
    weights: dict[str, Any] = {}
    used: set[str] = set()
    body: list[str] = []
    scaling = network.input_scaling
    if scaling is not None:
        weights |= {"input_offset": _floats(scaling.offset), "input_scale": _floats(scaling.scale)}
        body.append('x = (x - weights["input_offset"]) / weights["input_scale"]')
    for written in steps_of(network):
        step = on_image(written)
        weights |= {f"{step.name}_{i}": each for i, each in enumerate(step.weights)}
        if isinstance(written.layer, StepsLayer):
            body += _on_steps(written, _lines(step, used))
        else:
            body += _lines(step, used)
    scaling = network.target_scaling
    if scaling is not None:
        weights |= {"target_offset": _floats(scaling.offset), "target_scale": _floats(scaling.scale)}
        body.append('x = x * weights["target_scale"] + weights["target_offset"]')
    is_jax = library == "jax"
    lines = [
        f'"""{network.architecture}',
        "",
        f"Written by netlet. predict takes {_takes(network)},",
        f"and gives {_gives(network)}.",
        '"""',
        "",
        "from pathlib import Path",
        "",
        *(["import jax.numpy as np", "import numpy"] if is_jax else ["import numpy as np"]),
        "",
        f"weights = dict({'numpy' if is_jax else 'np'}.load(Path(__file__).with_name({weights_file!a})))",
        "",
    ]
    for name in functions.ORDER:
        if name in used:
            lines += ["", inspect.getsource(getattr(functions, name)).rstrip(), ""]
    lines += [
        "",
        "def predict(x):",
        f'    """The network\'s answers for x, {_shape(network)}."""',
        "    x = np.asarray(x, dtype=np.float32)",
        *(f"    {line}" for line in body),
        "    return x",
    ]
    return "\n".join(lines) + "\n", weights


def _floats(values: Any) -> Any:
    import numpy as np

    return np.array(values, np.float32)


def _shape(network: Network) -> str:
    return f"({', '.join(['n', *map(str, network.input_shape)])})"


def _takes(network: Network) -> str:
    scale = network.integer_scale
    what = f"; whole numbers must be divided by {scale:g}" if scale != 1 else ""
    return f"floats of shape {_shape(network)}{what}"


def _gives(network: Network) -> str:
    names = [
        name.encode("ascii", "backslashreplace").decode().replace('"', "'") for name in network.class_names
    ]
    if network.task == "binary":
        return f"the probability of {names[1] if names else 'class 1'}, (n, 1)"
    if network.task == "categorical":
        return f"probabilities of the classes{' ' + ', '.join(names) if names else ''}"
    return "the numbers that it was trained for"


def _lines(step: Step, used: set[str]) -> list[str]:
    """One layer as code that turns x into x."""
    layer, name = step.layer, step.name
    note = f"# {write_layer(layer)}"

    def call(function: str, *arguments: object) -> str:
        used.add(function)
        return f"{function}({', '.join(['x', *map(str, arguments)])})"

    def activated(expression: str, activation: str | None) -> str:
        if activation in (None, "linear"):
            return expression
        if activation == "tanh":
            return f"np.tanh({expression})"
        used.add(str(activation))
        return f"{activation}({expression})"

    def weight(place: int) -> str:
        return f'weights["{name}_{range(len(step.weights))[place]}"]'

    if isinstance(layer, Conv | DepthwiseConv):
        kind = "conv" if isinstance(layer, Conv) else "depthwise_conv"
        used.add("padded")
        bias = weight(1) if layer.use_bias else 0.0
        pads = paddings(layer, step.takes, layer.kernel_size, layer.strides)
        return [note, f"x = {activated(call(kind, weight(0), bias, layer.strides, pads), layer.activation)}"]
    if isinstance(layer, MaxPool | AvgPool):
        strides = layer.strides or layer.pool_size
        used.update({"padded", "windows"})
        kind = "max_pool" if isinstance(layer, MaxPool) else "mean_pool"
        pads = paddings(layer, step.takes, layer.pool_size, strides)
        return [note, f"x = {call(kind, layer.pool_size, strides, pads)}"]
    if isinstance(layer, GlobalMaxPool | GlobalAvgPool):
        return [note, f"x = x.{'max' if isinstance(layer, GlobalMaxPool) else 'mean'}(axis=(1, 2))"]
    if isinstance(layer, Flatten):
        return [note, "x = x.reshape(len(x), -1)"]
    if isinstance(layer, Dropout):
        return [f"{note}: does nothing once the network is trained"]
    if isinstance(layer, Dense):
        bias = f" + {weight(1)}" if layer.use_bias else ""
        return [note, f"x = {activated(f'x @ {weight(0)}{bias}', layer.activation)}"]
    if isinstance(layer, Activation):
        return [note, f"x = {activated('x', layer.function)}"]
    if isinstance(layer, BatchNorm):
        names: list[Any] = [weight(place) for place in range(len(step.weights))]
        return [note, f"x = {call('batch_norm', *layer.numbers(names, 1.0, 0.0), layer.epsilon)}"]
    if isinstance(layer, Embedding):
        no_mask(step, layer)
        return [note, f"x = {weight(0)}[x.astype(int)]"]
    if isinstance(layer, LayerNorm):
        gamma, beta = (weight(0) if layer.scale else 1.0), (weight(-1) if layer.center else 0.0)
        return [note, f"x = {call('layer_norm', gamma, beta, layer.epsilon)}"]
    if isinstance(layer, Bidirectional):
        return [note, *_both_directions(step, layer, used)]
    assert isinstance(layer, Recurrent)
    return [note, f"x = {_recurrent(step, layer, used)}"]


def _both_directions(step: Step, layer: Bidirectional, used: set[str]) -> list[str]:
    inner, count = layer.layer, len(step.weights) // 2
    joined = {
        "concat": "np.concatenate([forward, backward], axis=-1)",
        "sum": "forward + backward",
        "mul": "forward * backward",
        "ave": "(forward + backward) / 2",
    }
    turned = "[:, ::-1]" if inner.return_sequences else ""
    return [
        f"forward = {_recurrent(step, inner, used)}",
        f"backward = {_recurrent(step, inner, used, count, 'x[:, ::-1]')}{turned}",
        f"x = {joined[layer.merge_mode]}",
    ]


def _on_steps(step: Step, lines: list[str]) -> list[str]:
    """A layer over steps by the code of that on an image of one row."""
    behind = ["x = x[:, 0]"] if len(step.gives) == 2 else []
    ahead = ["x = x[:, None]"]
    if getattr(step.layer, "padding", "") == "causal":
        missing = getattr(step.layer, "kernel_size", 1) - 1
        ahead = [f"x = np.pad(x, ((0, 0), ({missing}, 0), (0, 0)))[:, None]"]
    return [f"# {write_layer(step.layer)}, on an image of one row", *ahead, *lines[1:], *behind]


def _recurrent(step: Step, layer: Recurrent, used: set[str], first: int = 0, given: str = "x") -> str:
    """The call; its weights begin with the layer's `first`."""
    kind = layer.name
    used.add(kind)
    own = [f'weights["{step.name}_{place}"]' for place in range(first, first + 3)]
    arguments = [given, *own[:2]]
    arguments.append(own[2] if layer.use_bias else "0.0")

    def function(name: str | None) -> str:
        if name == "tanh":
            return "np.tanh"
        used.add(str(name))
        return str(name)

    arguments.append(function(layer.activation))
    if isinstance(layer, GRU | LSTM):
        arguments.append(function(layer.recurrent_activation))
    if isinstance(layer, GRU):
        arguments.append(f"reset_after={layer.reset_after}")
    call = f"{kind}({', '.join(arguments)})"
    return call if layer.return_sequences else f"{call}[:, -1]"
