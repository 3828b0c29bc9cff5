"""A Keras model's configuration as the layers of one path from its input to its output, and back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from netlet.architecture import Bidirectional, Recurrent
from netlet.errors import ArchitectureError
from netlet.interop.keras.layers import check_dtype, convert, is_keras_s_own, layer_config
from netlet.interop.parts import Config, Found, Model, Shape
from netlet.network import Network

_MODELS = ("Sequential", "Functional", "Model")
_DEEPEST = 5
_MOST_LAYERS = 1000


def chain(kind: str, config: Config) -> tuple[tuple[int | None, ...], list[Found]]:
    """The layers of a model, in the order in which data passes them.

    Parameters
    ----------
    kind, config
        Class's name and configuration of a Sequential or Functional model.

    Returns
    -------
    input_shape
        Without the batch; None where a size is open.
    layers
        Without InputLayer; those of models within the model in the place of these.

    Raises
    ------
    ArchitectureError
        If it is no such model, it has branches, or its input's shape is not known.
    """
    shapes: list[tuple[int | None, ...]] = []
    layers = _layers_of(kind, config, "", shapes, 0)
    build = config.get("build_input_shape")
    early = build or (_early_shape(layers[0].config) if layers else None)
    if not shapes and early:
        shapes.append(tuple(early)[1:])
    if not shapes:
        raise ArchitectureError(
            "the Keras model does not know the shape of its input: begin it with keras.Input(shape=...), or "
            "call it once"
        )
    if not layers:
        raise ArchitectureError("the Keras model has no layers but its input")
    return shapes[0], layers


def _early_shape(config: Config) -> Sequence[Any] | None:
    """The shape that Keras 2 keeps in a first layer; Keras 3 with its InputLayer."""
    return config.get("batch_shape") or config.get("batch_input_shape")


def _layers_of(
    kind: str, config: Config, path: str, shapes: list[tuple[int | None, ...]], depth: int
) -> list[Found]:
    if kind not in _MODELS:
        raise ArchitectureError(
            f"the Keras model is a {kind}, but only Sequential and Functional models say what they do: "
            "a class of one's own is never executed"
        )
    entries = config.get("layers")
    if not isinstance(entries, list | tuple) or not all(isinstance(entry, Mapping) for entry in entries):
        raise ArchitectureError("the Keras model's configuration has no list of layers")
    if depth > _DEEPEST or len(entries) > _MOST_LAYERS:
        raise ArchitectureError(
            f"the Keras model has more than {_MOST_LAYERS} layers, or {_DEEPEST} in each other"
        )
    paths = _paths(entries, path)
    order = _path_order(entries, config) if kind != "Sequential" else range(len(entries))
    found = []
    for place in order:
        entry = entries[place]
        name, inner = str(entry.get("class_name")), entry.get("config")
        if not isinstance(inner, Mapping):
            raise ArchitectureError(f"the Keras model's layer {place + 1} ({name}) has no configuration")
        layer = Found(name, str(inner.get("name", entry.get("name", name))), inner, paths[place])
        if not is_keras_s_own(entry):
            raise layer.refusal("is of a class of one's own, which is never executed")
        if extra := _given_besides(entry.get("inbound_nodes")):
            raise layer.refusal(f"is called with {extra}, but netlet's layers are given their input alone")
        if name == "InputLayer":
            check_dtype(layer)
            if shape := _early_shape(inner):
                shapes.append(tuple(shape)[1:])
        elif name in _MODELS:
            found += _layers_of(name, inner, layer.path, shapes, depth + 1)
        else:
            build = entry.get("build_config")
            shape = build.get("input_shape") if isinstance(build, Mapping) else None
            found.append(replace(layer, rank=len(shape) if isinstance(shape, list | tuple) else None))
    return found


def _paths(entries: Sequence[Config], path: str) -> list[str]:
    """Where each layer's weights stand: Keras counts layers of the same class (``conv2d``, ``conv2d_1``)."""
    used: Counter[str] = Counter()
    paths = []
    for entry in entries:
        name = snake_case(str(entry.get("class_name")))
        paths.append(f"{path}layers/{name}_{used[name]}" if used[name] else f"{path}layers/{name}")
        used[name] += 1
    return [
        f"{each}/" if entry.get("class_name") in _MODELS else each
        for each, entry in zip(paths, entries, strict=True)
    ]


def snake_case(name: str) -> str:
    """A class's name as Keras writes it in files (keras.src.utils.naming.to_snake_case)."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _path_order(entries: Sequence[Config], config: Config) -> list[int]:
    """The places of a functional model's layers from input to output."""
    inputs, outputs = _ends(config.get("input_layers")), _ends(config.get("output_layers"))
    if len(inputs) != 1 or len(outputs) != 1:
        raise ArchitectureError(
            f"the Keras model has {len(inputs)} inputs and {len(outputs)} outputs, but netlet's networks "
            "have one each"
        )
    places = {str(entry.get("name")): place for place, entry in enumerate(entries)}
    after: dict[str, str] = {}
    for entry in entries:
        name = str(entry.get("name"))
        sources = _sources(entry)
        if name == inputs[0] and not sources:
            continue
        if len(sources) != 1:
            raise ArchitectureError(
                f"Keras's layer {name!r} ({entry.get('class_name')}) is given {len(sources)} inputs, but "
                "netlet's networks are one path without branches or shared layers"
            )
        if sources[0] in after:
            raise ArchitectureError(
                f"Keras's layer {sources[0]!r} feeds {after[sources[0]]!r} and {name!r}, but netlet's "
                "networks are one path without branches"
            )
        after[sources[0]] = name
    order = [inputs[0]]
    while order[-1] in after and len(order) <= len(entries):
        order.append(after[order[-1]])
    if order[-1] != outputs[0] or len(order) != len(entries) or any(name not in places for name in order):
        raise ArchitectureError("the Keras model is no single path from its input to its output")
    return [places[name] for name in order]


def _ends(ends: Any) -> list[str]:
    """Names of the layers at one end of a functional model, in all ways that Keras has written them."""
    if isinstance(ends, list | tuple) and ends and isinstance(ends[0], str):
        return [ends[0]]
    if isinstance(ends, Mapping):
        return [name for end in ends.values() for name in _ends(end)]
    return [str(end[0]) for end in ends or [] if isinstance(end, list | tuple) and end]


def _sources(entry: Config) -> list[str]:
    """Names of the layers that a layer of a functional model is fed by, one for every use of it."""
    found: list[str] = []

    def collect(value: Any) -> None:
        if isinstance(value, Mapping):
            history = (
                (value.get("config") or {}).get("keras_history")
                if value.get("class_name") == "__keras_tensor__"
                else None
            )
            if history:
                found.append(str(history[0]))
                return
            for each in value.values():
                collect(each)
        elif isinstance(value, list | tuple):
            if len(value) in (3, 4) and isinstance(value[0], str) and isinstance(value[1], int):  # Keras 2
                found.append(value[0])
                return
            for each in value:
                collect(each)

    collect(entry.get("inbound_nodes"))
    return found


def _given_besides(nodes: Any) -> str | None:
    """What a layer of a functional model is called with beside its input, such as a mask that is fixed.

    A ``training`` there is without effect: Keras says itself whether it trains or predicts.
    """
    if isinstance(nodes, Mapping):
        if nodes.get("class_name") == "__keras_tensor__":
            return None
        if nodes.keys() != {"args", "kwargs"}:
            return "a constant"
        named = nodes["kwargs"] if isinstance(nodes["kwargs"], Mapping) else {}
        for name, value in named.items():
            if name != "training" and _given_besides([value]):
                return str(name)
        return _given_besides(nodes["args"])
    if isinstance(nodes, list | tuple):
        if len(nodes) in (3, 4) and isinstance(nodes[0], str) and isinstance(nodes[1], int):  # Keras 2
            named = nodes[3] if len(nodes) == 4 and isinstance(nodes[3], Mapping) else {}
            return next((str(n) for n, v in named.items() if n != "training" and v is not None), None)
        return next((found for each in nodes if (found := _given_besides(each))), None)
    return None if nodes is None else "a constant"


def model_of(kind: str, config: Config, input_shape: Sequence[int] | None = None) -> Model:
    """Read a configuration.

    Raises
    ------
    ArchitectureError
        If netlet has no such model; the layer is named.
    """
    said, founds = chain(kind, config)
    shape = _settled(said, input_shape)
    return Model(shape, tuple(convert(found) for found in founds))


def _settled(said: tuple[int | None, ...], asked: Sequence[int] | None) -> Shape:
    if asked is not None:
        given = tuple(asked)
        if len(given) != len(said) or any(
            own not in (None, new) for own, new in zip(said, given, strict=True)
        ):
            raise ArchitectureError(
                f"input_shape is {given}, but the Keras model takes {said}", setting="input_shape"
            )
        return given
    sizes = tuple(size for size in said if isinstance(size, int))
    if len(sizes) < len(said):
        raise ArchitectureError(
            f"the Keras model takes inputs of {said}, whose length is open: say which is usual with "
            "input_shape=, such as input_shape=(100, 1)",
            setting="input_shape",
        )
    return sizes


def model_config(network: Network) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    """A network as a Sequential model's configuration.

    Returns
    -------
    config
        As in a .keras file: module, class_name and config.
    paths
        Where weights stand in such a file, layer by layer, and how many there are.
    """
    entries: list[dict[str, Any]] = []
    paths: list[tuple[str, int]] = []
    used: Counter[str] = Counter()

    def add(kind: str, arguments: Mapping[str, Any]) -> str:
        name = snake_case(kind)
        unique = f"{name}_{used[name]}" if used[name] else name
        used[name] += 1
        entries.append(
            {
                "module": "keras.layers",
                "class_name": kind,
                "config": {"name": unique, **arguments},
                "registered_name": None,
            }
        )
        return unique

    add("InputLayer", {"batch_shape": [None, *network.input_shape], "dtype": "float32"})
    scaling = network.input_scaling
    if scaling is not None:
        scale = [1 / each for each in scaling.scale]
        offset = [-shift / each for shift, each in zip(scaling.offset, scaling.scale, strict=True)]
        add("Rescaling", {"scale": scale, "offset": offset})
    by_layer = network.architecture.layer_weight_shapes(network.input_shape)
    for layer, shapes in zip(network.architecture.layers, by_layer, strict=True):
        unique = add(layer.keras_name, {k: v for k, v in layer_config(layer, "").items() if k != "name"})
        if isinstance(layer, Bidirectional):
            ways = [f"layers/{unique}/{way}_layer/cell" for way in ("forward", "backward")]
            paths += [(way, len(shapes) // 2) for way in ways]
            continue
        inner = "/cell" if isinstance(layer, Recurrent) else ""
        paths.append((f"layers/{unique}{inner}", len(shapes)))
    scaling = network.target_scaling
    if scaling is not None:
        add("Rescaling", {"scale": list(scaling.scale), "offset": list(scaling.offset)})
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "sequential", "trainable": True, "layers": entries},
        "registered_name": None,
        "build_config": {"input_shape": [None, *network.input_shape]},
    }
    return config, paths
