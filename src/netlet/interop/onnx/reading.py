"""What has been read of an ONNX path: layers, weights, and where its axes lie in ONNX's tensor."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from netlet.architecture import Architecture, Dense, Layer
from netlet.interop.onnx.graph import Operator
from netlet.interop.parts import Affine, Converted, Shape

FUNCTIONS = {
    "Relu": "relu",
    "LeakyRelu": "leaky_relu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Softplus": "softplus",
    "Elu": "elu",
    "Softmax": "softmax",
}
"""netlet's names of ONNX's functions."""

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
    batch
        How many samples at once, if the model says so.
    opset
        Of ONNX's operators.
    """

    shape: Shape
    axes: tuple[int, ...]
    parts: list[Converted | Affine] = field(default_factory=list)
    weights: list[list[np.ndarray]] = field(default_factory=list)
    flat: np.ndarray | None = None
    pending: str | None = None
    batch: int | None = None
    opset: int = 21

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


def text(value: Any) -> str:
    """An attribute that is text."""
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
