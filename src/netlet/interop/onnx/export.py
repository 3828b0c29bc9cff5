"""A network as an ONNX graph, operator by operator."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netlet.architecture import (
    GRU,
    LSTM,
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
from netlet.errors import ArchitectureError
from netlet.interop.steps import Step, batch_numbers, gamma_and_beta, no_mask, paddings, steps_of
from netlet.network import Network

OPSET = 17
"""Version of ONNX's operators that is written (ONNX 1.12 of 2022, ONNX Runtime 1.12 and later)."""
IR_VERSION = 8
"""Version of the file's format that goes with it."""

_FUNCTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.2}),
    "tanh": ("Tanh", {}),
    "sigmoid": ("Sigmoid", {}),
    "softplus": ("Softplus", {}),
    "elu": ("Elu", {"alpha": 1.0}),
    "softmax": ("Softmax", {"axis": -1}),
}
_CELL_FUNCTIONS = _FUNCTIONS | {"linear": ("Affine", {"alpha": 1.0, "beta": 0.0})}
_GATE_ORDERS = {"gru": (0, 1, 2), "lstm": (0, 3, 1, 2), "rnn": (0,)}
"""Where ONNX's gates stand among Keras's: GRU z r h in both; LSTM i o f c, Keras i f c o."""


@dataclass
class _Graph:
    """What is written so far; `at` is the name of the tensor that comes next."""

    onnx: Any
    at: str = "input"
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    inputs: list[Any] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    is_channels_first: bool = False
    made: int = 0

    def add(self, kind: str, *more: str, outputs: tuple[str, ...] = (), **attributes: Any) -> None:
        """A node from the tensor that is at hand, and from others, to the one that comes next."""
        self.made += 1
        names = outputs or (f"{kind.lower()}_{self.made}",)
        self.nodes.append(self.onnx.helper.make_node(kind, [self.at, *more], list(names), **attributes))
        self.at = next(name for name in names if name)

    def constant(self, name: str, values: Any) -> str:
        """A tensor of fixed numbers, float32 unless they are int64."""
        array = np.asarray(values)
        array = np.ascontiguousarray(array, dtype=array.dtype if array.dtype == np.int64 else np.float32)
        self.constants.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def activation(self, function: str | None) -> None:
        """An activation function, if it does something."""
        if function not in (None, "linear"):
            kind, attributes = _FUNCTIONS[str(function)]
            self.add(kind, **attributes)

    def channels_first(self, wanted: bool, rank: int = 3) -> None:
        """Have channels before height and width, or before steps, as ONNX's operators do, or behind."""
        if wanted != self.is_channels_first:
            orders = {3: ([0, 3, 1, 2], [0, 2, 3, 1]), 2: ([0, 2, 1], [0, 2, 1])}
            self.add("Transpose", perm=orders[rank][0 if wanted else 1])
            self.is_channels_first = wanted


def graph_of(onnx: Any, network: Network, states: bool) -> Any:
    """The network as an ONNX model (see `netlet.interop.onnx.to_onnx`)."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = _Graph(onnx)
    steps = steps_of(network)
    has_open_steps = _may_be_open(network)
    dimensions = ["steps", network.input_shape[1]] if has_open_steps else list(network.input_shape)
    scaling = network.input_scaling
    if scaling is not None:
        graph.add("Sub", graph.constant("input_offset", scaling.offset))
        graph.add("Div", graph.constant("input_scale", scaling.scale))
    for step in steps:
        _add(graph, step, states)
    graph.channels_first(False, len(steps[-1].gives))
    scaling = network.target_scaling
    if scaling is not None:
        graph.add("Mul", graph.constant("target_scale", scaling.scale))
        graph.add("Add", graph.constant("target_offset", scaling.offset))
    graph.add("Identity", outputs=("output",))
    given = (
        [_last_steps(steps) if has_open_steps else steps[-1].gives[0]] if len(steps[-1].gives) == 2 else []
    )
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "netlet",
            [helper.make_tensor_value_info("input", kind, ["batch", *dimensions]), *graph.inputs],
            [
                helper.make_tensor_value_info("output", kind, ["batch", *given, steps[-1].gives[-1]]),
                *graph.outputs,
            ],
            graph.constants,
            doc_string=f"{network.architecture}; {_takes(network)}",
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="netlet",
    )
    model.ir_version = IR_VERSION
    about = {
        "task": network.task,
        "class_names": list(network.class_names),
        "integer_scale": network.integer_scale,
    }
    helper.set_model_props(model, {"netlet": json.dumps(about)})
    onnx.checker.check_model(model, full_check=True)
    return model


def _takes(network: Network) -> str:
    """What the graph wants, in words."""
    scale = network.integer_scale
    return "input as floats" + (f", whole numbers divided by {scale:g}" if scale != 1 else "")


def _may_be_open(network: Network) -> bool:
    """Whether sequences of any number of steps fit: Keras's "same" pads by their number if it strides."""
    return len(network.input_shape) == 2 and not any(
        isinstance(layer, Flatten)
        or (getattr(layer, "padding", "") == "same" and _sizes(_strides(layer)) != [1])
        for layer in network.architecture.layers
    )


def _last_steps(steps: list[Step]) -> str:
    """What the number of steps of the answer is called: the input's, unless a layer changes it."""
    return "steps" if all(step.gives[:1] == step.takes[:1] for step in steps) else "steps_out"


def _strides(layer: Any) -> Any:
    return layer.strides or layer.pool_size


def _add(graph: _Graph, step: Step, states: bool) -> None:
    layer, rank = step.layer, len(step.takes)
    if isinstance(layer, Conv | DepthwiseConv | Conv1D):
        _convolution(graph, step, layer)
    elif isinstance(layer, MaxPool | AvgPool | MaxPool1D | AvgPool1D):
        _pool(graph, step, layer)
    elif isinstance(layer, GlobalMaxPool | GlobalAvgPool | GlobalMaxPool1D | GlobalAvgPool1D):
        graph.channels_first(True, rank)
        is_max = isinstance(layer, GlobalMaxPool | GlobalMaxPool1D)
        graph.add("GlobalMaxPool" if is_max else "GlobalAveragePool")
        graph.add("Flatten", axis=1)
        graph.is_channels_first = False
    elif isinstance(layer, Flatten):
        graph.channels_first(False, rank)
        graph.add("Flatten", axis=1)
    elif isinstance(layer, Dense):
        graph.channels_first(False, rank)
        _dense(graph, step, layer)
    elif isinstance(layer, Activation):
        if layer.function == "softmax":
            graph.channels_first(False, rank)
        graph.activation(layer.function)
    elif isinstance(layer, BatchNorm):
        _batch_norm(graph, step, layer)
    elif isinstance(layer, Embedding):
        no_mask(step, layer)
        graph.add("Cast", to=graph.onnx.TensorProto.INT64)
        numbers, graph.at = graph.at, graph.constant(f"{step.name}_table", step.weights[0])
        graph.add("Gather", numbers, axis=0)
    elif isinstance(layer, LayerNorm):
        graph.channels_first(False, rank)
        numbers = zip(("gamma", "beta"), gamma_and_beta(step, layer), strict=True)
        names = [graph.constant(f"{step.name}_{name}", values) for name, values in numbers]
        graph.add("LayerNormalization", *names, axis=-1, epsilon=layer.epsilon)
    elif isinstance(layer, Bidirectional):
        graph.channels_first(False, rank)
        _both_directions(graph, step, layer, states)
    elif isinstance(layer, Recurrent):
        graph.channels_first(False, rank)
        _recurrent(graph, step, layer, states)
    elif not isinstance(layer, Dropout):  # which does nothing once trained
        raise ArchitectureError(f"{layer.name}: it is not known how ONNX does that")


def _sizes(size: int | tuple[int, int]) -> list[int]:
    """The sizes of a window or its strides, one an axis."""
    return [size] if isinstance(size, int) else list(size)


def _pool(graph: _Graph, step: Step, layer: MaxPool | AvgPool | MaxPool1D | AvgPool1D) -> None:
    size, strides = _sizes(layer.pool_size), _sizes(layer.strides or layer.pool_size)
    graph.channels_first(True, len(step.takes))
    is_mean = isinstance(layer, AvgPool | AvgPool1D)
    more: dict[str, Any] = {"count_include_pad": 0} if is_mean else {}
    graph.add(
        "AveragePool" if is_mean else "MaxPool",
        kernel_shape=size,
        strides=strides,
        pads=_pads(paddings(layer, step.takes, size, strides)),
        **more,
    )


def _convolution(graph: _Graph, step: Step, layer: Conv | DepthwiseConv | Conv1D) -> None:
    size, strides = _sizes(layer.kernel_size), _sizes(layer.strides)
    kernel = np.moveaxis(step.weights[0], (-1, -2), (0, 1))  # to (filters, channels, height, width)
    groups = 1
    if isinstance(layer, DepthwiseConv):
        groups = kernel.shape[1]
        kernel = np.transpose(step.weights[0], (2, 3, 0, 1)).reshape(-1, 1, *layer.kernel_size)
    graph.channels_first(True, len(step.takes))
    names = [graph.constant(f"{step.name}_kernel", kernel)]
    if layer.use_bias:
        names.append(graph.constant(f"{step.name}_bias", step.weights[1]))
    graph.add(
        "Conv",
        *names,
        group=groups,
        kernel_shape=size,
        strides=strides,
        pads=_pads(paddings(layer, step.takes, size, strides)),
    )
    if layer.activation == "softmax":
        graph.channels_first(False, len(step.takes))
    graph.activation(layer.activation)


def _batch_norm(graph: _Graph, step: Step, layer: BatchNorm) -> None:
    """Over the second axis, where ONNX has the channels."""
    graph.channels_first(len(step.takes) > 1, len(step.takes))
    numbers = zip(("gamma", "beta", "mean", "variance"), batch_numbers(step, layer), strict=True)
    names = [graph.constant(f"{step.name}_{name}", values) for name, values in numbers]
    graph.add("BatchNormalization", *names, epsilon=layer.epsilon, momentum=layer.momentum)


def _pads(padding: list[tuple[int, int]]) -> list[int]:
    """All paddings before, then all behind."""
    return [before for before, _ in padding] + [behind for _, behind in padding]


def _dense(graph: _Graph, step: Step, layer: Dense) -> None:
    graph.add("MatMul", graph.constant(f"{step.name}_kernel", step.weights[0]))
    if layer.use_bias:
        graph.add("Add", graph.constant(f"{step.name}_bias", step.weights[1]))
    graph.activation(layer.activation)


def _recurrent(graph: _Graph, step: Step, layer: Recurrent, states: bool) -> None:
    """(batch, steps, channels) through ONNX's form of it, (steps, batch, channels), and back."""
    names = _cell_constants(graph, step.name, [step.weights], layer)
    attributes = _cell_attributes(layer)
    if states:
        names += ["", *_states_in(graph, step, layer)]
    graph.add("Transpose", perm=[1, 0, 2])
    last = f"{step.name}_last"
    ends = [last, f"{step.name}_cell"] if isinstance(layer, LSTM) and states else [last]
    every = (f"{step.name}_all", *(ends if states else ()))
    outputs = every if layer.return_sequences else ("", *ends)
    graph.add(type(layer).__name__, *names, outputs=outputs, **attributes)
    if states:
        _states_out(graph, step, ends)
    if layer.return_sequences:
        graph.at = f"{step.name}_all"
        graph.add("Squeeze", graph.constant(f"{step.name}_axis", np.array([1])))
        graph.add("Transpose", perm=[1, 0, 2])
    else:
        graph.at = last
        graph.add("Squeeze", graph.constant(f"{step.name}_axis", np.array([0])))


def _cell_constants(
    graph: _Graph, name: str, directions: Sequence[Sequence[np.ndarray]], layer: Recurrent
) -> list[str]:
    """Kernel, recurrent kernel and biases of one direction or two, with ONNX's order of gates."""
    order = _GATE_ORDERS[layer.name]

    def gates(weights: np.ndarray) -> np.ndarray:
        """Keras's (..., gates * units) as ONNX's (1, gates * units, ...)."""
        parts = np.split(weights, len(order), axis=-1)
        return np.concatenate([parts[gate] for gate in order], axis=-1).T[None]

    arrays = {
        "kernel": [gates(weights[0]) for weights in directions],
        "recurrent": [gates(weights[1]) for weights in directions],
        "bias": [_biases(weights, gates) for weights in directions],
    }
    return [graph.constant(f"{name}_{what}", np.concatenate(each)) for what, each in arrays.items()]


def _cell_attributes(layer: Recurrent, directions: int = 1) -> dict[str, Any]:
    attributes: dict[str, Any] = {"hidden_size": layer.units}
    functions = [layer.activation or "linear"]
    if isinstance(layer, GRU):
        functions = [layer.recurrent_activation, *functions]
        attributes["linear_before_reset"] = int(layer.reset_after)
    if isinstance(layer, LSTM):
        functions = [layer.recurrent_activation, *functions, *functions]
    return attributes | _functions(functions * directions)


_MERGES = {"mul": "ReduceProd", "ave": "ReduceMean"}


def _both_directions(graph: _Graph, step: Step, layer: Bidirectional, states: bool) -> None:
    """One operator in both directions, whose outputs are joined behind it."""
    if states:
        raise ArchitectureError(f"{step.name}: both directions have no state to go on from: leave states out")
    inner, half = layer.layer, len(step.weights) // 2
    directions = [step.weights[:half], step.weights[half:]]
    names = _cell_constants(graph, step.name, directions, inner)
    attributes = _cell_attributes(inner, directions=2)
    graph.add("Transpose", perm=[1, 0, 2])
    every, last = f"{step.name}_all", f"{step.name}_last"
    outputs = (every,) if inner.return_sequences else ("", last)
    kind = type(inner).__name__
    graph.add(kind, *names, outputs=outputs, direction="bidirectional", **attributes)
    graph.add("Transpose", perm=[2, 0, 1, 3] if inner.return_sequences else [1, 0, 2])
    axis = len(step.gives)
    if layer.merge_mode == "concat":
        shape = np.array([0] * axis + [-1])
        graph.add("Reshape", graph.constant(f"{step.name}_shape", shape))
    elif layer.merge_mode == "sum":  # whose axes are an input since operators of version 13
        graph.add("ReduceSum", graph.constant(f"{step.name}_axis", np.array([axis])), keepdims=0)
    else:
        graph.add(_MERGES[layer.merge_mode], axes=[axis], keepdims=0)


def _functions(names: list[str]) -> dict[str, Any]:
    """Activations of a cell; alpha and beta are lists for those functions that have them, in their order."""
    found = [_CELL_FUNCTIONS[name] for name in names]
    attributes: dict[str, Any] = {"activations": [kind for kind, _ in found]}
    for name in ("alpha", "beta"):
        values = [values[name] for _, values in found if name in values]
        if values:
            attributes[f"activation_{name}"] = values
    return attributes


def _biases(weights: Sequence[np.ndarray], gates: Any) -> np.ndarray:
    """(1, 2 * gates * units): of the input, then of the recurrent product."""
    kernel, _, *biases = weights
    if not biases:
        return np.zeros((1, 2 * kernel.shape[1]), np.float32)
    (bias,) = biases
    both = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
    return np.concatenate([gates(both[:1])[0, :, 0], gates(both[1:])[0, :, 0]])[None]


def _states_in(graph: _Graph, step: Step, layer: Recurrent) -> list[str]:
    """Inputs for what a layer holds at the start, (batch, units) each."""
    found = []
    for state in ("hidden", "cell") if isinstance(layer, LSTM) else ("hidden",):
        name, inner = f"{step.name}_{state}_in", f"{step.name}_{state}_start"
        graph.inputs.append(_tensor(graph, name, layer))
        axes = graph.constant(f"{step.name}_{state}_axis", np.array([0]))
        graph.nodes.append(graph.onnx.helper.make_node("Unsqueeze", [name, axes], [inner]))
        found.append(inner)
    return found


def _states_out(graph: _Graph, step: Step, ends: list[str]) -> None:
    """Outputs for what a layer holds at the end."""
    layer = step.layer
    for state, end in zip(("hidden", "cell"), ends, strict=False):
        name = f"{step.name}_{state}_out"
        axes = f"{step.name}_{state}_axis"
        graph.nodes.append(graph.onnx.helper.make_node("Squeeze", [end, axes], [name]))
        graph.outputs.append(_tensor(graph, name, layer))


def _tensor(graph: _Graph, name: str, layer: Any) -> Any:
    kind = graph.onnx.TensorProto.FLOAT
    return graph.onnx.helper.make_tensor_value_info(name, kind, ["batch", layer.units])
