"""How much arithmetic a training is: multiply-adds counted from the architecture."""

from __future__ import annotations

from math import prod

import netlet as nl
from netlet.architecture import Conv, Dense, MaxPool, Recurrent


def multiply_adds(architecture: nl.Architecture, input_shape: tuple[int, ...]) -> tuple[int, int]:
    """Multiply-adds of one sample: forward, and forward and backward together.

    Convolution outputs that the pooling behind them leaves over are not counted: they need not be computed.
    Backward is the gradient of the weights and, but for the first layer, of the input: each as many again.
    The first layer's state needs its gradient all the same.

    Raises
    ------
    ValueError
        If there are layers other than conv, maxpool, dense, recurrent ones and those without weights.
    """
    forward = both = 0
    shape: tuple[int | None, ...] = input_shape
    layers = architecture.layers
    for i, (layer, out) in enumerate(zip(layers, architecture.shapes(input_shape), strict=True)):
        count = carried = 0
        if isinstance(layer, Conv):
            height, width = out[:2]
            assert height is not None and width is not None
            behind = layers[i + 1] if i + 1 < len(layers) else None
            if isinstance(behind, MaxPool):
                pool = behind.pool_size
                height, width = height // pool[0] * pool[0], width // pool[1] * pool[1]
            count = height * width * prod(layer.kernel_size) * (shape[-1] or 0) * layer.filters
        elif isinstance(layer, Dense):
            count = prod(n or 0 for n in shape) * layer.units
        elif isinstance(layer, Recurrent):
            steps, channels = (n or 0 for n in shape)
            carried = steps * layer.gates * layer.units * layer.units
            count = steps * layer.gates * layer.units * channels + carried
        elif architecture.layer_weight_shapes(input_shape)[i]:
            raise ValueError(f"multiply-adds of {layer.name} are not counted")
        both += count * 3 if forward else count * 2 + carried
        forward += count
        shape = out
    return forward, both


def multiply_adds_of_training(
    architecture: str, data: nl.Dataset, epochs: int, validated: bool = True
) -> int:
    """Multiply-adds of a whole training with validation after every epoch."""
    resolved = nl.Architecture(architecture).resolve(data.input_shape, data.task, data.outputs, data.per_step)
    forward, both = multiply_adds(resolved, data.input_shape)
    return epochs * (len(data.train) * both + (len(data.validation) * forward if validated else 0))
