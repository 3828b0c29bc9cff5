"""An ONNX graph as one path of operators with their constants, read with limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from netlet.architecture.fit import MOST_PARAMETERS
from netlet.errors import ArchitectureError
from netlet.interop.parts import Found, Shape

_KINDS = {1: np.float32, 6: np.int32, 7: np.int64, 9: np.bool_, 11: np.float64}
"""numpy's types of ONNX's that are read."""
WHAT = "ONNX's operator"


@dataclass(frozen=True)
class Operator:
    """One node on the path.

    Attributes
    ----------
    found
        Its kind and name, for errors, and its attributes.
    constants
        The fixed tensors among its inputs by place; the one that is computed is None.
    place
        Which of its inputs is the computed one.
    output
        Which of its outputs goes on.
    """

    found: Found
    constants: tuple[np.ndarray | None, ...]
    place: int
    output: int

    @property
    def kind(self) -> str:
        """ONNX's name of the operator."""
        return self.found.kind

    def attribute(self, name: str, default: Any = None) -> Any:
        """The value of an attribute."""
        return self.found.config.get(name, default)

    def constant(self, place: int) -> np.ndarray | None:
        """A fixed input, None if it is left out."""
        return self.constants[place] if place < len(self.constants) else None


def path_of(onnx: Any, model: Any) -> tuple[tuple[int | None, ...], list[Operator]]:
    """The operators from the one input to the one output, and the input's shape with the batch.

    Raises
    ------
    ArchitectureError
        If the graph branches, its tensors lie in other files, or they are too large.
    """
    graph = model.graph
    for entry in model.opset_import:
        if entry.domain not in ("", "ai.onnx"):
            raise ArchitectureError(f"the ONNX model has operators of {entry.domain!r}, which netlet has not")
    if model.functions or graph.sparse_initializer:
        raise ArchitectureError("the ONNX model has functions or sparse tensors, which netlet has not")
    constants = dict(_constants(onnx, graph))
    inputs = [each for each in graph.input if each.name not in constants]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise ArchitectureError(
            f"the ONNX model has {len(inputs)} inputs and {len(graph.output)} outputs, but netlet's "
            "networks have "
            "one each (a recurrent network is taken without inputs and outputs for its states)"
        )
    tensor = inputs[0].type.tensor_type
    if not tensor.HasField("shape"):
        raise ArchitectureError("the ONNX model does not say the shape of its input")
    if tensor.elem_type in (10, 16):
        raise ArchitectureError("the ONNX model computes in half precision, but netlet in float32 only")
    shape = tuple(each.dim_value if each.dim_value > 0 else None for each in tensor.shape.dim)
    return shape, list(_walk(onnx, graph, constants, inputs[0].name, graph.output[0].name))


def _constants(onnx: Any, graph: Any) -> Iterator[tuple[str, np.ndarray]]:
    """All fixed tensors: stored ones, and those of Constant nodes."""
    total = 0
    tensors = [(each.name, each) for each in graph.initializer]
    for node in graph.node:
        if node.op_type == "Constant" and len(node.output) == 1:
            values = {each.name: each for each in node.attribute}
            if "value" in values:
                tensors.append((node.output[0], values["value"].t))
            elif "value_float" in values:
                yield node.output[0], np.array(values["value_float"].f, np.float32)
            elif "value_ints" in values:
                yield node.output[0], np.array(values["value_ints"].ints, np.int64)
            elif "value_int" in values:
                yield node.output[0], np.array(values["value_int"].i, np.int64)
    for name, tensor in tensors:
        if tensor.data_location != 0 or tensor.external_data:
            raise ArchitectureError(
                f"the ONNX model's tensor {name!r} lies in another file, which is not opened"
            )
        size = prod(tensor.dims)
        total += size
        if tensor.data_type not in _KINDS or any(each < 0 for each in tensor.dims):
            raise ArchitectureError(
                f"the ONNX model's tensor {name!r} holds no floats or whole numbers of 32 or 64 bits"
            )
        if total > MOST_PARAMETERS:
            raise ArchitectureError(
                f"the ONNX model has more than {MOST_PARAMETERS:,} numbers, which is the limit"
            )
        try:
            yield name, onnx.numpy_helper.to_array(tensor)
        except (ValueError, TypeError) as error:
            raise ArchitectureError(f"the ONNX model's tensor {name!r} cannot be read: {error}") from None


def _walk(
    onnx: Any, graph: Any, constants: Mapping[str, np.ndarray], start: str, end: str
) -> Iterator[Operator]:
    users: dict[str, list[Any]] = {}
    for node in graph.node:
        if node.op_type != "Constant":
            for name in set(node.input):
                users.setdefault(name, []).append(node)
    at, passed = start, 0
    while at != end:
        using = users.get(at, [])
        if len(using) != 1:
            raise ArchitectureError(
                f"the ONNX model's tensor {at!r} goes to {len(using)} operators, but netlet's networks are "
                "one path"
            )
        node = using[0]
        name = node.name or (node.output[0] if node.output else "")
        attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        found = Found(node.op_type, str(name), attributes, "", what=WHAT)
        places = [place for place, each in enumerate(node.input) if each == at]
        others = [each for each in node.input if each and each != at]
        unknown = [each for each in others if each not in constants]
        if len(places) != 1 or unknown:
            raise found.refusal("joins two computed tensors, but netlet's networks are one path")
        next_ones = [place for place, each in enumerate(node.output) if each == end or each in users]
        if len(next_ones) != 1:
            raise found.refusal(
                f"has {len(next_ones)} outputs that are used, but netlet's networks are one path"
            )
        given = tuple(constants.get(each) for each in node.input)
        yield Operator(found, given, places[0], next_ones[0])
        at, passed = node.output[next_ones[0]], passed + 1
        if passed > 2000:
            raise ArchitectureError("the ONNX model runs in a circle, or has more than 2,000 operators")


def whole(values: Any) -> Shape:
    """Numbers of an attribute as a tuple of int."""
    return tuple(int(each) for each in values)
