"""The door to ONNX: networks as ONNX models, and ONNX models of the same operators as networks."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netlet.architecture.fit import MOST_PARAMETERS
from netlet.errors import ArchitectureError, FileError, NetletError
from netlet.interop.extras import needed
from netlet.interop.onnx.export import OPSET, graph_of
from netlet.interop.onnx.graph import Operator, path_of
from netlet.interop.onnx.read import read
from netlet.interop.onnx.reading import NCHW, NCW, Reading
from netlet.interop.parts import Model, network_of
from netlet.network import Network
from netlet.paths import opened
from netlet.saving import write_whole

MOST_BYTES = 4 * MOST_PARAMETERS + 2**24
"""Of a file that is read."""

__all__ = ["OPSET", "from_onnx", "read_onnx", "to_onnx", "write_onnx"]


def to_onnx(network: Network, *, states: bool = False) -> Any:
    """A network as an ``onnx.ModelProto``.

    Its input is called ``input``, ``(batch, *input_shape)`` in float32 as netlet has it: images have their
    channels last, and whole-number pixels must be divided by ``network.integer_scale`` before. Its output is
    called ``output``: ``(batch, outputs)``, or ``(batch, steps, outputs)``; probabilities where there are
    classes, ``(batch, 1)`` if there are two. Sequences may have any number of steps.

    Parameters
    ----------
    network
        What to write.
    states
        Whether recurrent layers take what they hold at the start, and give what they hold at the end, as
        further inputs and outputs such as ``gru_1_hidden_in`` and ``gru_1_hidden_out``, ``(batch, units)``:
        to go on with a sequence piece by piece.

    Raises
    ------
    NetletError
        If onnx is not installed.
    """
    return graph_of(needed("onnx", "onnx", "to_onnx"), network, states)


def write_onnx(network: Network, path: str | os.PathLike[str], *, states: bool = False) -> Path:
    """Write a network as an `.onnx` file (see `to_onnx`).

    Raises
    ------
    FileError
        If the file cannot be written.
    NetletError
        If onnx is not installed.
    """
    return write_whole(path, to_onnx(network, states=states).SerializeToString())


def from_onnx(
    model: Any,
    *,
    task: str | None = None,
    input_shape: Sequence[int] | None = None,
    class_names: Sequence[str] | None = None,
) -> Network:
    """An ONNX model of one path, of the operators that `to_onnx` writes, as a network.

    Models that take images with their channels first, as PyTorch writes them, are taken too: the network
    takes its images with the channels last, as always.

    Parameters
    ----------
    model
        An ``onnx.ModelProto``.
    task
        What the answers are: by default what the model says of itself, or what its last activation
        speaks for.
    input_shape
        Of one sample as netlet has it, where the model leaves sizes open.
    class_names
        Of a classification.

    Raises
    ------
    ArchitectureError
        If netlet has no such model: the operator is named, and what is supported.
    NetletError
        If onnx is not installed.
    """
    onnx = needed("onnx", "onnx", "from_onnx")
    said, operators = path_of(onnx, model)
    start = _start(said, operators, input_shape, model.producer_name == "netlet")
    opset = max((each.version for each in model.opset_import), default=OPSET)
    reading = Reading(start.shape, start.axes, batch=said[0], opset=opset)
    for operator in operators:
        read(operator, reading)
    if reading.flat is not None:
        raise ArchitectureError("the ONNX model ends with a flattened image whose channels came first")
    weights = iter(reading.weights)
    about = _about(model)
    return network_of(
        Model(start.shape, tuple(reading.parts), "the ONNX model"),
        lambda *_: next(weights),
        task=task or about.get("task"),
        class_names=class_names if class_names is not None else about.get("class_names") or (),
        integer_scale=about.get("integer_scale"),
    )


def read_onnx(path: str | os.PathLike[str], **options: Any) -> Network:
    """A network from an `.onnx` file (see `from_onnx`, which `options` go to).

    Raises
    ------
    ArchitectureError
        If netlet has no such model.
    FileError
        If it is no such file, or it is damaged or too large.
    NetletError
        If onnx is not installed.
    """
    path = Path(path)
    onnx = needed("onnx", "onnx", f"reading {path}")
    try:
        with opened(path) as source:
            size = path.stat().st_size
            if size > MOST_BYTES:
                raise FileError(f"{path} has {size:,} bytes, but {MOST_BYTES:,} is the limit", file=path)
            model = onnx.load_model_from_string(source.read())
    except FileNotFoundError:
        raise FileError(f"{path} does not exist: give an .onnx file", file=path) from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}", file=path) from None
    except FileError:
        raise
    except Exception as error:
        raise FileError(
            f"{path} is no ONNX model, or is damaged ({type(error).__name__})", file=path
        ) from None
    if not model.graph.node:
        raise FileError(f"{path} is no ONNX model, or an empty one", file=path)
    try:
        return from_onnx(model, **options)
    except ArchitectureError as error:
        raise ArchitectureError(f"{path}: {error}", layer=error.layer, file=path) from None
    except NetletError:
        raise
    except Exception as error:
        raise FileError(
            f"{path} holds no model that fits together ({type(error).__name__})", file=path
        ) from None


def _start(
    said: tuple[int | None, ...], operators: Sequence[Operator], asked: Sequence[int] | None, is_own: bool
) -> Reading:
    """The input's shape as netlet has it, and how ONNX's axes lie."""
    if len(said) not in (2, 3, 4):
        raise ArchitectureError(
            f"the ONNX model takes {said}, but netlet a batch of images, sequences or rows"
        )
    axes = tuple(range(len(said)))
    kind = next((each.kind for each in operators if each.kind in _LAYOUTS), "")
    if len(said) == 4 and kind not in ("Transpose", "Flatten", "Reshape"):
        axes = NCHW
    if len(said) == 4 and kind in ("Flatten", "Reshape") and not is_own and said[3] != 1:
        if said[1] != 1:
            raise ArchitectureError(
                f"the ONNX model flattens images of {said[1:]} at once, which does not say whether "
                "channels are "
                "first or last: put a Transpose before it"
            )
        axes = NCHW
    if len(said) == 3 and (kind == "Conv" or "Pool" in kind):
        axes = NCW
    if len(said) == 3 and kind in ("RNN", "GRU", "LSTM"):
        axes = (1, 0, 2)
    own: list[int | None] = [None] * len(said)
    for place, axis in enumerate(axes):
        own[axis] = said[place]
    shape = tuple(asked) if asked is not None else tuple(own[1:])
    fits = len(shape) == len(said) - 1 and all(s in (None, n) for s, n in zip(own[1:], shape, strict=False))
    if not fits or any(not isinstance(n, int) or n < 1 for n in shape):
        raise ArchitectureError(
            f"the ONNX model takes {tuple(own[1:])} for one sample: say its whole shape with "
            "input_shape=, such "
            "as input_shape=(28, 28, 1) or (100, 1)",
            setting="input_shape",
        )
    return Reading(tuple(int(n or 0) for n in shape), axes)


_LAYOUTS = ("Transpose", "Conv", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool", "Flatten",
            "Reshape", "RNN", "GRU", "LSTM", "MatMul", "Gemm")  # fmt: skip


def _about(model: Any) -> dict[str, Any]:
    """What netlet has written beside a model of its own."""
    for entry in model.metadata_props:
        if entry.key == "netlet" and len(entry.value) < 2**20:
            try:
                about = json.loads(entry.value)
            except ValueError:
                return {}
            return about if isinstance(about, dict) else {}
    return {}
