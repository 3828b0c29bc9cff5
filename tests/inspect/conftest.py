"""A stand-in for a trained network: the same methods, computed by plain loops in float64."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from netlet.architecture import (
    Activation,
    Architecture,
    AvgPool,
    Conv,
    Dense,
    DepthwiseConv,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)
from netlet.network import Network

ACTIVATIONS = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softmax": lambda z: (
        np.exp(z - z.max(axis=-1, keepdims=True))
        / np.exp(z - z.max(axis=-1, keepdims=True)).sum(axis=-1, keepdims=True)
    ),
}


@dataclass
class PlainNetwork:
    layer_slice, layer_weights = Network.layer_slice, Network.layer_weights
    architecture: Any
    input_shape: tuple[int, ...]
    task: str
    weights: list[np.ndarray]

    def outputs(self, x: np.ndarray) -> list[np.ndarray]:
        return [output.astype(np.float32) for output in self._forward(x.astype(np.float64))[0]]

    def predict(self, x: np.ndarray) -> np.ndarray:
        last = self.outputs(x)[-1]
        return last[:, 0] if self.task == "binary" else last

    def gradients(self, x: np.ndarray, y: np.ndarray) -> tuple[float, list[np.ndarray], np.ndarray]:
        """The input's gradient by central differences, pixel by pixel."""
        x, step = x.astype(np.float64), 1e-6
        gradient = np.empty_like(x)
        for place in np.ndindex(x.shape):
            up, down = x.copy(), x.copy()
            up[place] += step
            down[place] -= step
            gradient[place] = (self._loss(up, y) - self._loss(down, y)) / (2 * step)
        return self._loss(x, y), [], gradient.astype(np.float32)

    def tail(self, layer: int) -> PlainNetwork:
        architecture = Architecture(self.architecture.layers[layer + 1 :])
        shape = self.architecture.shapes(self.input_shape)[layer]
        kept = len(architecture.weight_shapes(shape))
        return PlainNetwork(architecture, shape, self.task, self.weights[len(self.weights) - kept :])

    def _loss(self, x: np.ndarray, y: np.ndarray) -> float:
        """Cross-entropy from logits, by its textbook formula."""
        logits = self._forward(x)[1]
        if self.task == "binary":
            return float(np.mean(np.logaddexp(0, logits[:, 0]) - y * logits[:, 0]))
        if self.task == "categorical":
            return float(np.mean(np.logaddexp.reduce(logits, axis=1) - (y * logits).sum(axis=1)))
        return float(np.mean((logits - y) ** 2))

    def _forward(self, x: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        weights, outputs, before_activation = iter(self.weights), [], x
        for layer in self.architecture.layers:
            before_activation = x = _linear_part(layer, x, weights)
            function = getattr(layer, "function", None) or getattr(layer, "activation", None) or "linear"
            x = ACTIVATIONS[function](x)
            outputs.append(x)
        return outputs, before_activation


def _linear_part(layer: Any, x: np.ndarray, weights: Any) -> np.ndarray:
    if isinstance(layer, Conv):
        kernel = next(weights)
        x = _slide(x, layer, layer.kernel_size, lambda patch: np.einsum("nhwc,hwcf->nf", patch, kernel))
        return x + next(weights) if layer.use_bias else x
    if isinstance(layer, DepthwiseConv):
        kernel = next(weights)
        x = _slide(
            x,
            layer,
            layer.kernel_size,
            lambda patch: np.einsum("nhwc,hwcm->ncm", patch, kernel).reshape(len(x), -1),
        )
        return x + next(weights) if layer.use_bias else x
    if isinstance(layer, MaxPool):
        return _slide(x, layer, layer.pool_size, lambda patch: patch.max(axis=(1, 2)))
    if isinstance(layer, AvgPool):
        return _slide(x, layer, layer.pool_size, lambda patch: patch.mean(axis=(1, 2)))
    if isinstance(layer, GlobalMaxPool):
        return x.max(axis=(1, 2))
    if isinstance(layer, GlobalAvgPool):
        return x.mean(axis=(1, 2))
    if isinstance(layer, Flatten):
        return x.reshape(len(x), -1)
    if isinstance(layer, Dense):
        x = x @ next(weights)
        return x + next(weights) if layer.use_bias else x
    assert isinstance(layer, Dropout | Activation), layer
    return x


def _slide(x: np.ndarray, layer: Any, window: tuple[int, int], function: Any) -> np.ndarray:
    strides = layer.strides or window
    if layer.padding == "same":
        missing = [
            max((-(-size // stride) - 1) * stride + wide - size, 0)
            for size, stride, wide in zip(x.shape[1:3], strides, window, strict=True)
        ]
        pads = [(0, 0), *((each // 2, each - each // 2) for each in missing), (0, 0)]
        x = np.pad(x, pads)
    rows = range(0, x.shape[1] - window[0] + 1, strides[0])
    columns = range(0, x.shape[2] - window[1] + 1, strides[1])
    patches = [[function(x[:, r : r + window[0], c : c + window[1]]) for c in columns] for r in rows]
    return np.array(patches).transpose(2, 0, 1, 3)


@pytest.fixture
def make_network():
    """Build a network: text, input shape, task, and weights (by default small random ones)."""

    def make(
        text: str, input_shape: tuple[int, int, int], task: str, outputs: int = 1, weights: Any = None
    ) -> Any:
        architecture = Architecture(text).resolve(input_shape, task, outputs)
        if weights is None:
            random = np.random.default_rng(1)
            weights = [random.normal(size=shape) for shape in architecture.weight_shapes(input_shape)]
        weights = [np.asarray(weight, dtype=np.float32) for weight in weights]
        assert [weight.shape for weight in weights] == list(architecture.weight_shapes(input_shape))
        return PlainNetwork(architecture, input_shape, task, weights)

    return make
