"""Networks in files: one compressed .npz archive without pickles, written whole and read with limits."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.architecture import Architecture
from netlet.architecture.fit import MOST_PARAMETERS
from netlet.archives import Archive, ArchiveError
from netlet.datasets.scaling import Scaling
from netlet.errors import DataError, FileError, NetletError
from netlet.paths import expanded, opened
from netlet.saving import write_whole

if TYPE_CHECKING:
    from netlet.network.network import Network

FORMAT = 2
_OF_FORMAT_1 = 255.0
"""What whole-number pixels were divided by when files did not say it."""
_MOST_BYTES = 4 * MOST_PARAMETERS + 2**24
"""Of all that an archive unpacks to, which its directory says before anything is read."""


def write_network(network: Network, path: str | os.PathLike[str], about: Mapping[str, Any]) -> Path:
    """Keep a network in one file, whole or not at all (see `Network.save`)."""
    return write_whole(path, network_bytes(network, about))


def network_bytes(network: Network, about: Mapping[str, Any]) -> bytes:
    """What a network's file holds."""
    head = {
        "format": FORMAT,
        "architecture": str(network.architecture),
        "input_shape": network.input_shape,
        "task": network.task,
        "class_names": network.class_names,
        "integer_scale": network.integer_scale,
        "input_scaling": _scaling_as_dict(network.input_scaling),
        "target_scaling": _scaling_as_dict(network.target_scaling),
        "reading": dict(network.reading),
        "feature_names": network.feature_names,
        "about": dict(about),
    }
    arrays = {f"weight_{i:03}": weight for i, weight in enumerate(network.weights)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, head=np.array(json.dumps(head)), **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def load_network(path: str | os.PathLike[str]) -> Network:
    """Read a network that `Network.save` or `netlet train --save` has kept.

    Returns
    -------
    Network
        Its `about` holds what was known with it: dataset, settings, seed.

    Raises
    ------
    FileError
        If there is no such file, or it is not one of netlet's, damaged or of a newer format.
    """
    path = expanded(path)
    try:
        with opened(path) as source:
            return _read(path, source)
    except FileNotFoundError:
        raise FileError(
            f"{path} does not exist: give a file that netlet train --save has written", file=path
        ) from None
    except OSError as error:
        raise FileError(
            f"{path} cannot be read: {error.strerror or error}: give a file that netlet train --save has "
            "written",
            file=path,
        ) from None
    except FileError:
        raise
    except NetletError as error:
        raise FileError(f"{path} holds no network that fits together: {error}", file=path) from None
    except Exception as error:  # what is in it may be anything
        reason = f"it {error}" if isinstance(error, ArchiveError) else type(error).__name__
        raise FileError(
            f"{path} is not a network that netlet has saved, or is damaged ({reason})",
            file=path,
        ) from None


def _read(path: Path, source: Any) -> Network:
    from netlet.network.network import Network

    with Archive(source, _MOST_BYTES) as archive:
        head = json.loads(str(archive.array("head")))
        weights = [archive.array(name) for name in sorted(archive.names) if name.startswith("weight_")]
    if head["format"] > FORMAT:
        raise FileError(
            f"{path} has format {head['format']}, but this netlet reads up to {FORMAT}: update netlet",
            file=path,
        )
    about = _mapping(head["about"])
    return Network(
        Architecture(head["architecture"]),
        head["input_shape"],
        head["task"],
        weights,
        class_names=head.get("class_names") or about.get("class_names") or (),
        integer_scale=head.get("integer_scale", _OF_FORMAT_1 if len(head["input_shape"]) == 3 else 1.0),
        input_scaling=_scaling(head.get("input_scaling")),
        target_scaling=_scaling(head.get("target_scaling")),
        reading=_mapping(head.get("reading") or {}),
        feature_names=_texts(head.get("feature_names")),
        about=about,
    )


def _mapping(kept: Any) -> dict[str, Any]:
    if not isinstance(kept, dict):
        raise DataError("what is known of it is no mapping")
    return kept


def _texts(kept: Any) -> list[str]:
    if not isinstance(kept or [], list) or not all(isinstance(each, str) for each in kept or []):
        raise DataError("the names of its columns are no list of texts")
    return kept or []


def _scaling_as_dict(scaling: Scaling | None) -> dict[str, Any] | None:
    return None if scaling is None else scaling.as_dict()


def _scaling(kept: dict[str, Any] | None) -> Scaling | None:
    return None if kept is None else Scaling.from_dict(kept)
