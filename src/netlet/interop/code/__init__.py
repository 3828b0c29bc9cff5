"""The door of plain text: a network as readable code, with its weights in a file beside it."""

from __future__ import annotations

import inspect
import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from netlet.errors import FileError
from netlet.interop.code.arrays import arrays_code
from netlet.network import Network
from netlet.saving import write_whole

__all__ = ["LIBRARIES", "to_code", "write_code"]

LIBRARIES = ("numpy", "jax", "keras", "torch")
"""What code can be written for."""


def to_code(network: Network, library: str, weights_file: str = "weights.npz") -> tuple[str, dict[str, Any]]:
    """A network as Python source, and the weights that it loads.

    Parameters
    ----------
    library
        "numpy" (which needs nothing else), "jax": a function ``predict``; "keras", "torch": a ``model``.
    weights_file
        Name of the .npz file beside it.

    Returns
    -------
    source
        Python.
    weights
        Arrays by name.

    Raises
    ------
    ArchitectureError
        If PyTorch has no such layer.
    FileError
        If there is no such library.
    """
    if library not in LIBRARIES:
        raise FileError(f"code is written for {', '.join(LIBRARIES)}, not for {library!r}")
    write = {"keras": _keras, "torch": _torch}.get(library)
    return arrays_code(network, weights_file, library) if write is None else write(network, weights_file)


def write_code(network: Network, path: str | os.PathLike[str], library: str) -> tuple[Path, Path]:
    """Write source, and its weights beside it under the same name with the ending .npz.

    Raises
    ------
    FileError
        If a file cannot be written.
    """
    path = Path(path)
    beside = path.with_suffix(".npz")
    source, weights = to_code(network, library, beside.name)
    buffer = io.BytesIO()
    np.savez(buffer, **weights)
    write_whole(beside, buffer.getvalue())
    return write_whole(path, source.encode("utf-8")), beside


def _keras(network: Network, weights_file: str) -> tuple[str, dict[str, Any]]:
    source = network.architecture.keras_code(network.input_shape)
    before, behind = network.input_scaling, network.target_scaling
    lines = source.rstrip().split("\n")
    if before is not None:
        scale = [1 / each for each in before.scale]
        offset = [-shift / each for shift, each in zip(before.offset, before.scale, strict=True)]
        place = next(i for i, line in enumerate(lines) if "keras.Input" in line) + 1
        lines.insert(place, f"        layers.Rescaling({scale}, offset={offset}),")
    if behind is not None:
        place = lines.index("    ]")
        lines.insert(place, f"        layers.Rescaling({list(behind.scale)}, offset={list(behind.offset)}),")
    lines = [
        "from pathlib import Path",
        "",
        *lines[:2],
        "import numpy as np",
        *lines[2:],
        f"with np.load(Path(__file__).with_name({weights_file!a})) as weights:",
        '    model.set_weights([weights[f"weight_{i:03}"] for i in range(len(weights.files))])',
    ]
    return "\n".join(lines) + "\n", {f"weight_{i:03}": each for i, each in enumerate(network.weights)}


def _torch(network: Network, weights_file: str) -> tuple[str, dict[str, Any]]:
    from netlet.interop.torch.build import modules_of

    modules = modules_of(network)
    own = _sources(Path(inspect.getfile(modules_of)).with_name("modules.py"))
    lines = [
        f'"""{network.architecture}, written by netlet."""',
        "",
        "from collections import OrderedDict",
        "from pathlib import Path",
        "",
        "import numpy as np",
        "import torch",
        "from torch import nn",
        "",
    ]
    for name, source in own.items():
        if any(module.expression.startswith(f"{name}(") for module in modules):
            lines += ["", source, ""]
    lines += [
        "",
        "model = nn.Sequential(OrderedDict([",
        *(f'    ("{module.name}", {module.expression}),' for module in modules),
        "]))",
        f"with np.load(Path(__file__).with_name({weights_file!a})) as weights:",
        "    model.load_state_dict({name: torch.from_numpy(weights[name]) for name in weights.files})",
        "model.eval()",
    ]
    weights = {
        f"{module.name}.{name}": np.ascontiguousarray(array)
        for module in modules
        for name, array in module.state.items()
    }
    return "\n".join(lines) + "\n", weights


def _sources(path: Path) -> dict[str, str]:
    """The classes of a file by name, as they stand in it: to read them is not to import PyTorch."""
    import ast

    text = path.read_text(encoding="utf-8")
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = ast.get_source_segment(text, node) or ""
    return found
