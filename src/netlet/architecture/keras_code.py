"""Writes Python source that builds the same keras.Sequential."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from netlet.architecture.layers import Layer, Shape, is_required


def keras_source(layers: Sequence[Layer], input_shape: Shape) -> str:
    """Source whose ``model`` is the network of layers with every activation and return_sequences settled."""
    lines = [
        "import keras",
        "from keras import layers",
        "",
        "model = keras.Sequential(",
        "    [",
        f"        keras.Input(shape={input_shape!r}),",
        *(f"        layers.{_call(layer)}," for layer in layers),
        "    ]",
        ")",
    ]
    return "\n".join(lines) + "\n"


def _call(layer: Layer) -> str:
    """The constructor's call with every argument that is not Keras's default."""
    written = []
    for field in fields(layer):
        value = getattr(layer, field.name)
        if is_required(field):
            written.append(_literal(value))
        elif value != layer.keras_defaults.get(field.name, field.default) or field.name.endswith("_size"):
            name = layer.keras_arguments.get(field.name, field.name)
            written.append(f"{name}={_literal(value)}")
    return f"{layer.keras_name}({', '.join(written)})"


def _literal(value: object) -> str:
    if isinstance(value, Layer):
        return f"layers.{_call(value)}"
    return f'"{value}"' if isinstance(value, str) else repr(value)
