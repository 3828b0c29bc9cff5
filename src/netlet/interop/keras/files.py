"""`.keras` files without Keras: a zip of JSON and HDF5, read with limits, nothing executed, and written."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from netlet.architecture import Architecture, Bidirectional
from netlet.architecture.fit import MOST_PARAMETERS
from netlet.archives import Archive, ArchiveError
from netlet.errors import ArchitectureError, DataError, FileError, NetletError
from netlet.interop.extras import needed
from netlet.interop.keras.models import model_config, model_of
from netlet.interop.parts import Found, Shape, network_of
from netlet.network import Network
from netlet.paths import opened
from netlet.saving import write_whole

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
KERAS_VERSION = "3.9.0"
"""The oldest Keras whose files look like those that are written here."""

_MOST_JSON = 4 * 2**20
"""Bytes of a configuration: a hundred layers take about 100 KB."""
_MOST_BEYOND = 64 * 2**20
"""Bytes that a file of weights may have beside four times the weights: an optimizer's state, HDF5's own."""
_WHERE = "netlet"
"""Under this name metadata.json keeps what Keras has no place for."""


def read_keras(
    path: str | os.PathLike[str],
    *,
    task: str | None = None,
    input_shape: Sequence[int] | None = None,
    class_names: Sequence[str] | None = None,
) -> Network:
    """A network from a `.keras` file, or from a whole model in an `.h5` file, without Keras.

    Nothing in the file is executed, and no more is read than the layers' weights need.

    Parameters
    ----------
    path
        The file.
    task, input_shape, class_names
        As of `netlet.interop.keras.from_keras`.

    Raises
    ------
    ArchitectureError
        If netlet has no such model; the layer is named.
    FileError
        If it is no such file, damaged, or larger than its own layers need.
    NetletError
        If h5py is not installed.
    """
    path = Path(path)
    h5py = needed("h5py", "keras", f"reading {path}")
    try:
        with opened(path) as source:
            start = source.read(8)
            source.seek(0)
            if start == b"\x89HDF\r\n\x1a\n":
                return _from_hdf5(h5py, source, task, input_shape, class_names)
            return _from_zip(h5py, source, task, input_shape, class_names)
    except FileNotFoundError:
        raise FileError(f"{path} does not exist: give a .keras file", file=path) from None
    except ArchitectureError as error:
        raise ArchitectureError(f"{path}: {error}", layer=error.layer, file=path) from None
    except NetletError as error:
        raise FileError(f"{path}: {error}", file=path) from None
    except RecursionError:
        raise FileError(f"{path}: its configuration is nested too deeply", file=path) from None
    except MemoryError:
        raise
    except Exception as error:  # a damaged archive fails in many ways
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        reason = f"it {error}" if isinstance(error, ArchiveError) else reason
        raise FileError(
            f"{path} is no model that Keras has saved, or is damaged ({reason})", file=path
        ) from None


def _from_zip(h5py: Any, source: Any, task: Any, input_shape: Any, class_names: Any) -> Network:
    with Archive(source, _MOST_JSON * 2 + 4 * 4 * MOST_PARAMETERS + _MOST_BEYOND) as archive:
        for name in archive.names:
            if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
                raise FileError(
                    f"it holds {name!r}, a path that leads out of it: no model that Keras has saved"
                )
        if CONFIG not in archive or WEIGHTS not in archive:
            raise FileError(f"it has no {CONFIG} and {WEIGHTS}, as a model that Keras has saved would")
        entry = _json(archive, CONFIG)
        about = _json(archive, METADATA).get(_WHERE) if METADATA in archive else None
        about = about if isinstance(about, Mapping) else {}
        model = model_of(str(entry.get("class_name")), _mapping(entry.get("config")), input_shape)
        size = archive.size(WEIGHTS)
        most = 4 * 4 * _parameters(model.layers, model.input_shape) + _MOST_BEYOND
        if size > most:
            raise FileError(f"{WEIGHTS} unpacks to {size:,} bytes, but its layers need {most:,} at the most")
        data = archive.read(WEIGHTS)
    with h5py.File(io.BytesIO(data), "r") as file:
        return network_of(
            model,
            lambda found, shapes: _weights(h5py, file, found, shapes),
            task=task or about.get("task"),
            loss=_loss(entry.get("compile_config")),
            class_names=class_names if class_names is not None else about.get("class_names") or (),
            integer_scale=about.get("integer_scale"),
        )


def _parameters(layers: Any, input_shape: Shape) -> int:
    parameters = Architecture(layers).parameters(input_shape)
    if parameters > MOST_PARAMETERS:
        raise ArchitectureError(f"it has {parameters:,} parameters, but {MOST_PARAMETERS:,} is the limit")
    return parameters


def _json(archive: Archive, name: str) -> Mapping[str, Any]:
    if archive.size(name) > _MOST_JSON:
        raise FileError(f"{name} unpacks to {archive.size(name):,} bytes, but {_MOST_JSON:,} is the limit")
    return _mapping(json.loads(archive.read(name)))


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FileError("its configuration does not describe a model")
    return value


def _loss(compiled: Any) -> str | None:
    loss = compiled.get("loss") if isinstance(compiled, Mapping) else None
    if isinstance(loss, Mapping):
        from netlet.interop.keras.models import snake_case

        loss = snake_case(str(loss.get("class_name")))
    return loss if isinstance(loss, str) else None


def _weights(h5py: Any, file: Any, found: Found, shapes: Sequence[Shape]) -> list[np.ndarray]:
    """A layer's arrays, after their shapes have been looked at."""
    if not shapes:
        return []
    if found.kind == Bidirectional.keras_name:
        half = len(shapes) // 2
        ways = [replace(found, kind="", path=f"{found.path}/{way}_layer") for way in ("forward", "backward")]
        return [a for way in ways for a in _weights(h5py, file, way, shapes[:half])]
    for inner in ("", "/cell"):
        place = f"{found.path}{inner}/vars"
        group = _link(h5py, file, place)
        if group is not None and len(group):
            return [_array(h5py, group, str(i), place, shape) for i, shape in enumerate(shapes)]
    raise found.refusal("has no weights in the file")


def _link(h5py: Any, file: Any, place: str) -> Any:
    """A group in the file itself; links to other files are never followed."""
    here = file
    for name in place.split("/"):
        if not isinstance(here, h5py.Group) or name not in here:
            return None
        if not isinstance(here.get(name, getlink=True), h5py.HardLink):
            raise FileError(f"{place} is a link to elsewhere, which is not followed")
        here = here[name]
    return here if isinstance(here, h5py.Group) else None


def _array(h5py: Any, group: Any, name: str, place: str, shape: Shape) -> np.ndarray:
    if name not in group:
        raise DataError(f"{place} has {len(group)} arrays of weights, but array {name} is needed")
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise FileError(f"{place}/{name} is a link to elsewhere, which is not followed")
    return _numbers(h5py, group[name], f"{place}/{name}", shape)


def _numbers(h5py: Any, array: Any, place: str, shape: Shape) -> np.ndarray:
    if not isinstance(array, h5py.Dataset) or array.external or array.is_virtual:
        raise FileError(f"{place} is no array of the file itself")
    if array.dtype.kind not in "fiu" or tuple(array.shape) != tuple(shape):
        raise DataError(
            f"{place} has shape {tuple(array.shape)} of {array.dtype}, but its layer needs {tuple(shape)}"
        )
    return np.asarray(array[()], dtype=np.float32 if array.dtype.kind == "f" else None)


def _from_hdf5(h5py: Any, source: Any, task: Any, input_shape: Any, class_names: Any) -> Network:
    """A whole model as Keras 2 saved it: configuration in an attribute, weights under the layers' names."""
    with h5py.File(source, "r") as file:
        text = file.attrs.get("model_config")
        if text is None or len(text) > _MOST_JSON:
            raise FileError(
                "it has weights but no model: save the whole model, as model.save('name.keras') does"
            )
        entry = _mapping(json.loads(text))
        compiled = json.loads(file.attrs.get("training_config", "{}"))
        model = model_of(str(entry.get("class_name")), _mapping(entry.get("config")), input_shape)
        _parameters(model.layers, model.input_shape)

        def read(found: Found, shapes: Sequence[Shape]) -> list[np.ndarray]:
            if not shapes:
                return []
            place = f"model_weights/{found.name}"
            group = _link(h5py, file, place)
            names = [] if group is None else [_text(each) for each in group.attrs.get("weight_names", ())]
            if len(names) != len(shapes):
                raise DataError(f"{place} has {len(names)} arrays of weights, but {len(shapes)} are needed")
            found_arrays = []
            for name, shape in zip(names, shapes, strict=True):
                folder, _, last = name.rpartition("/")
                parent = _link(h5py, file, f"{place}/{folder}" if folder else place)
                found_arrays.append(
                    _array(h5py, parent if parent is not None else {}, last, f"{place}/{name}", shape)
                )
            return found_arrays

        return network_of(model, read, task=task, loss=_loss(compiled), class_names=class_names or ())


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def write_keras(network: Network, path: str | os.PathLike[str]) -> Path:
    """Write a network as a `.keras` file, which `keras.saving.load_model` reads; Keras is not needed.

    Raises
    ------
    FileError
        If the file cannot be written.
    NetletError
        If h5py is not installed.
    """
    h5py = needed("h5py", "keras", f"writing {path}")
    config, paths = model_config(network)
    metadata = {
        "keras_version": KERAS_VERSION,
        "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S"),
        _WHERE: {
            "task": network.task,
            "class_names": list(network.class_names),
            "integer_scale": network.integer_scale,
        },
    }
    kept = io.BytesIO()
    weights = iter(network.weights)
    with h5py.File(kept, "w") as file:
        for place, count in paths:
            group = file.create_group(f"{place}/vars")
            for number in range(count):
                group[str(number)] = next(weights)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(METADATA, json.dumps(metadata))
        archive.writestr(CONFIG, json.dumps(config))
        archive.writestr(WEIGHTS, kept.getvalue())
    return write_whole(path, buffer.getvalue())
