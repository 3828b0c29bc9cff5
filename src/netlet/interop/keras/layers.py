"""One Keras layer's configuration as netlet's layers, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from netlet.architecture import (
    ACTIVATIONS,
    INITIALIZERS,
    LAYERS,
    Activation,
    BatchNorm,
    Bidirectional,
    Dense,
    DepthwiseConv,
    Dropout,
    Layer,
    LayerNorm,
    Recurrent,
)
from netlet.errors import ArchitectureError
from netlet.interop.parts import Affine, Config, Converted, Found

LEAKY_SLOPE = 0.2
"""Of netlet's leaky_relu, as of Keras's function of that name."""


def convert(found: Found) -> Converted | Affine:
    """netlet's form of a layer.

    Raises
    ------
    ArchitectureError
        If netlet has no such layer or an argument asks for what it has not; the layer is named.
    """
    if found.kind == "Lambda":
        raise found.refusal("holds Python code, which is never executed: make a model without Lambda layers")
    check_dtype(found)
    if found.kind == "TimeDistributed":
        return _on_every_step(found)
    if found.kind == Bidirectional.keras_name:
        return _both_directions(found)
    if found.kind in (BatchNorm.keras_name, LayerNorm.keras_name):
        _channel_axis(found)
    if found.kind in _AFFINE:
        return _AFFINE[found.kind](found)
    if found.kind in _FUNCTION_LAYERS:
        return Converted(found, (Activation(_FUNCTION_LAYERS[found.kind](found)),))
    kind = _KINDS.get(found.kind)
    if kind is None:
        raise found.refusal(f"is none that netlet has; it has {', '.join(supported())}")
    return _plain(found, kind)


def supported() -> list[str]:
    """The names of all Keras layers that `convert` takes."""
    return sorted(["InputLayer", "TimeDistributed", *_KINDS, *_FUNCTION_LAYERS, *_AFFINE])


def layer_config(layer: Layer, name: str) -> dict[str, Any]:
    """Keras's arguments of a layer whose activation and return_sequences are settled."""
    config: dict[str, Any] = {"name": name}
    for field in fields(layer):
        value = getattr(layer, field.name)
        if field.name == "strides" and value is None:
            value = layer.pool_size  # type: ignore[attr-defined]
        if isinstance(value, Layer):
            value = {
                "module": "keras.layers",
                "class_name": value.keras_name,
                "config": layer_config(value, value.name),
                "registered_name": None,
            }
        config[layer.keras_arguments.get(field.name, field.name)] = (
            list(value) if isinstance(value, tuple) else value
        )
    return config


def _plain(found: Found, kind: type[Layer]) -> Converted:
    """A layer that netlet has under another name, with every argument looked at."""
    config, notes = found.config, []
    _check_arguments(found, kind)
    given: dict[str, Any] = {}
    for field in fields(kind):
        argument = kind.keras_arguments.get(field.name, field.name)
        if argument not in config:
            continue
        value = config[argument]
        if field.name in ("activation", "recurrent_activation", "function"):
            value = _function(found, argument, value)
        elif field.name.endswith("_initializer"):
            known = _initializer(value)
            notes += [] if known else [_unknown_initializer(argument, value, field.default)]
            value = known or field.default
        elif isinstance(value, list):
            value = tuple(value)
        given[field.name] = value
    try:
        return Converted(found, (kind(**given),), tuple(notes))
    except (ArchitectureError, TypeError) as error:
        raise ArchitectureError(f"Keras's layer {found.name!r} ({found.kind}): {error}") from None


_KINDS: dict[str, type[Layer]] = {layer.keras_name: layer for layer in LAYERS}

_ALLOWED: dict[str, tuple[Any, ...]] = {
    "data_format": (None, "channels_last"),
    "dilation_rate": (1, [1, 1], (1, 1), [1], (1,)),
    "groups": (1,),
    "go_backwards": (False,),
    "return_state": (False,),
    "time_major": (False,),
    "stateful": (False,),
    "keepdims": (False,),
    "noise_shape": (None,),
    "quantization_config": (None,),
    "lora_rank": (None,),
    "renorm": (False,),
    "rms_scaling": (False,),
    "zero_output_for_mask": (False,),
}
"""Arguments that must be as here, because netlet has nothing else."""

_ADVICE = {
    "stateful": "make the model with stateful=False, and give it the same weights",
    "data_format": "make it channels_last",
    "go_backwards": "turn the sequences round instead",
}

_TRAINING_ONLY = {
    "seed",
    "trainable",
    "dtype",
    "name",
    "batch_input_shape",
    "batch_shape",
    "input_shape",
    "unroll",
    "implementation",
    "use_cudnn",
    "dropout",
    "recurrent_dropout",
    "bias_initializer",
    "axis",
    "synchronized",
    "renorm_momentum",
    "input_length",
    "renorm_clipping",
    "beta_initializer",
    "gamma_initializer",
    "moving_mean_initializer",
    "moving_variance_initializer",
    "optional",
}
"""Arguments that change no answer of a trained network; `netlet.interop.keras.fit` looks at some of them."""


def _check_arguments(found: Found, kind: type[Layer]) -> None:
    own = {kind.keras_arguments.get(field.name, field.name) for field in fields(kind)}
    for argument, value in found.config.items():
        if argument in _ALLOWED:
            if value not in _ALLOWED[argument]:
                advice = f": {_ADVICE[argument]}" if argument in _ADVICE else ""
                raise found.refusal(f"has {argument}={value!r}, which netlet has not{advice}")
        elif not (
            argument in own
            or argument in _TRAINING_ONLY
            or argument.endswith(("_regularizer", "_constraint"))
            or value is None
            or (argument == "kernel_initializer" and kind is DepthwiseConv)  # unused, but written by Keras 2
        ):
            raise found.refusal(f"has {argument}={value!r}, an argument that netlet does not know")


def check_dtype(found: Found) -> None:
    """Refuse (ArchitectureError) what computes, or rounds its input, otherwise than in float32 or float64."""
    dtype = found.config.get("dtype")
    if isinstance(dtype, Mapping):
        dtype = (dtype.get("config") or {}).get("name")
    is_whole = found.kind == "InputLayer" and str(dtype).startswith(("int", "uint"))
    if dtype not in (None, "float32", "float64") and not is_whole:
        raise found.refusal(f"computes in {dtype}, but netlet in float32 only")


def _function(found: Found, argument: str, value: Any) -> str:
    """The name of an activation function."""
    if value is None:
        return "linear"
    if isinstance(value, str):
        name = value.lower()
        if name in ACTIVATIONS:
            return name
        raise found.refusal(f"has {argument} {value!r}, but netlet has {', '.join(ACTIVATIONS)}")
    if isinstance(value, Mapping):
        kind, config = str(value.get("class_name")), value.get("config")
        if kind in _FUNCTION_LAYERS and is_keras_s_own(value) and isinstance(config, Mapping):
            inner = Found(kind, found.name, config, found.path)
            check_dtype(inner)
            return _FUNCTION_LAYERS[kind](inner)
        if kind == "function" and isinstance(config, str):
            kind = config
        raise found.refusal(
            f"has {argument} {kind!r}, which is not executed: netlet has {', '.join(ACTIVATIONS)}"
        )
    raise found.refusal(f"has an {argument} that is no name: netlet has {', '.join(ACTIVATIONS)}")


def is_keras_s_own(entry: Config) -> bool:
    """Whether an object in a configuration is of a class of Keras's own, not of the user's."""
    module, registered = entry.get("module", "keras"), entry.get("registered_name")  # the oldest say neither
    name = str(entry.get("class_name"))
    if str(module).split(".")[0] not in ("keras", "tf_keras"):
        return False
    return registered is None or registered == name or str(registered).startswith("keras.")


def _initializer(value: Any) -> str | None:
    """netlet's name of an initialiser, if it has it."""
    if isinstance(value, str):
        name, config = value, {}
    elif isinstance(value, Mapping):
        name, config = str(value.get("class_name")), value.get("config") or {}
    else:
        return None
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
    if snake == "orthogonal" and config.get("gain", 1.0) != 1.0:
        return None
    if snake == "random_uniform" and (config.get("minval"), config.get("maxval")) == (-0.05, 0.05):
        return "uniform"
    if snake == "variance_scaling":
        key: Any = (config.get("scale"), config.get("mode"), config.get("distribution"))
        return _SCALED.get(key)
    return snake if snake in INITIALIZERS else None


_SCALED = {
    (1.0, "fan_avg", "uniform"): "glorot_uniform",
    (1.0, "fan_avg", "truncated_normal"): "glorot_normal",
    (2.0, "fan_in", "uniform"): "he_uniform",
    (2.0, "fan_in", "truncated_normal"): "he_normal",
}


def _unknown_initializer(argument: str, value: Any, instead: Any) -> str:
    name = value.get("class_name") if isinstance(value, Mapping) else value
    return (
        f"{argument} {name} is none of netlet's: the weights are the model's own, but a training from the "
        f"start would draw them by {instead}"
    )


def _relu(found: Found) -> str:
    config = found.config
    slope = config.get("negative_slope") or 0.0
    if config.get("max_value") is not None or config.get("threshold"):
        raise found.refusal("has a max_value or threshold, which netlet's relu has not")
    if slope:
        return _leaky(found)
    return "relu"


def _leaky(found: Found) -> str:
    config = found.config
    slope = config.get("negative_slope", config.get("alpha", 0.3))
    if isinstance(slope, Mapping):  # Keras 2 writes numpy arrays so
        slope = (slope.get("config") or {}).get("value")
    if not isinstance(slope, int | float) or abs(slope - LEAKY_SLOPE) > 1e-6:
        raise found.refusal(f"has a slope of {slope}, but netlet's leaky_relu has {LEAKY_SLOPE}")
    return "leaky_relu"


def _elu(found: Found) -> str:
    if found.config.get("alpha", 1.0) != 1.0:
        raise found.refusal(f"has alpha={found.config['alpha']}, but netlet's elu has 1")
    return "elu"


def _softmax(found: Found) -> str:
    if found.config.get("axis", -1) not in (-1, [-1]):
        raise found.refusal(f"has axis={found.config['axis']}, but netlet's softmax is over the last one")
    return "softmax"


_FUNCTION_LAYERS: dict[str, Callable[[Found], str]] = {
    "ReLU": _relu,
    "LeakyReLU": _leaky,
    "ELU": _elu,
    "Softmax": _softmax,
}


def _array(found: Found, value: Any) -> np.ndarray:
    """Numbers of a configuration, one or one a channel: a number, a list, or an array as Keras writes it."""
    if isinstance(value, Mapping):
        value = (value.get("config") or {}).get("value")
    array = np.asarray(value, dtype=np.float64)
    if any(n != 1 for n in array.shape[:-1]):
        raise found.refusal(f"has numbers of shape {array.shape}, but netlet scales channels, the last axis")
    return array.reshape(-1)


def _channel_axis(found: Found) -> None:
    axis = found.config.get("axis", -1)
    if isinstance(axis, list | tuple) and len(axis) < 2:
        axis = axis[0] if axis else None
    if axis is not None and axis != -1 and (isinstance(axis, list | tuple) or axis + 1 != found.rank):
        raise found.refusal(
            f"has axis={found.config['axis']}, but netlet scales channels, the last axis, only"
        )


def _rescaling(found: Found) -> Affine:
    scale, offset = (_array(found, found.config.get(name, 0.0)) for name in ("scale", "offset"))
    return Affine(found, 0, lambda _: (scale, offset))


def _normalization(found: Found) -> Affine:
    config = found.config
    if config.get("invert"):
        raise found.refusal("has invert=True, which netlet has not")
    _channel_axis(found)

    def numbers(mean: Any, variance: Any) -> tuple[np.ndarray, np.ndarray]:
        deviation = np.maximum(np.sqrt(_array(found, variance)), 1e-7)  # Keras's epsilon
        return 1 / deviation, -_array(found, mean) / deviation

    if config.get("mean") is not None:
        fixed = numbers(config["mean"], config["variance"])
        return Affine(found, 0, lambda _: fixed)
    return Affine(found, 3, lambda weights: numbers(weights[0], weights[1]))


_AFFINE: dict[str, Callable[[Found], Affine]] = {
    "Rescaling": _rescaling,
    "Normalization": _normalization,
}

_STEPWISE = (Dense, Activation, Dropout)


def _both_directions(found: Found) -> Converted:
    """Bidirectional, whose two layers must be of one form."""
    config = found.config
    inner = _held(found, config.get("layer"))
    other = config.get("backward_layer")
    if other is not None and _said(_form(_held(found, other).config)) != _said(_form(inner.config)):
        raise found.refusal("has a backward_layer of another form than its layer, which netlet has not")
    if config.get("merge_mode") is None:
        raise found.refusal("has merge_mode=None, two outputs, but netlet's networks are one path")
    held = convert(replace(inner, config=_form(inner.config)))
    if isinstance(held, Affine) or not isinstance(held.layers[0], Recurrent):
        raise found.refusal(f"holds a {inner.kind}, but netlet both directions of SimpleRNN, GRU and LSTM")
    layer = Bidirectional(held.layers[0], str(config["merge_mode"]))
    return Converted(found, (layer,), held.notes)


def _form(config: Config) -> dict[str, Any]:
    """What of a layer's arguments both directions must share."""
    return {
        key: value
        for key, value in config.items()
        if key not in ("name", "go_backwards", "zero_output_for_mask", "seed", "trainable")
    }


def _said(value: Any) -> Any:
    """A configuration without the marks that tell its objects apart."""
    if isinstance(value, Mapping):
        return {key: _said(each) for key, each in value.items() if key not in ("shared_object_id", "seed")}
    return value


def _held(found: Found, entry: Any) -> Found:
    """The layer that a layer holds."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("config"), Mapping):
        raise found.refusal("does not say which layer it holds")
    if not is_keras_s_own(entry):
        raise found.refusal(f"holds a {entry.get('class_name')} of another library, which is never executed")
    return Found(str(entry["class_name"]), found.name, dict(entry["config"]), f"{found.path}/layer")


def _on_every_step(found: Found) -> Converted | Affine:
    """What TimeDistributed holds, which netlet does at every step anyway."""
    held = _held(found, found.config.get("layer"))
    inner = convert(held)
    if isinstance(inner, Affine) or not all(isinstance(layer, _STEPWISE) for layer in inner.layers):
        raise found.refusal(
            f"holds a {held.kind}, but netlet does Dense, Activation and Dropout at every step"
        )
    return inner
