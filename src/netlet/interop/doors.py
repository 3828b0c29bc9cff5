"""All ways out in one place: by a file's ending, and each checked against the engine on the spot."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netlet.errors import FileError, NetletError
from netlet.network import Network
from netlet.saving import write_whole

CLOSE = 1e-5
"""Answers that differ by no more than that (or by that share of what they are) are the same."""
MOST_CHECKED = 2000
"""Samples that an export is checked on."""


@dataclass(frozen=True)
class Exported:
    """What was written, and how far it is from the network.

    Attributes
    ----------
    files
        Where.
    notes
        What is to be known of it, a line each.
    difference
        The largest one between its answers and netlet's, from 0; None if it was not run.
    checked
        By what and on what it was checked, or why it was not.
    """

    files: tuple[Path, ...]
    notes: tuple[str, ...]
    difference: float | None
    checked: str

    @property
    def is_close(self) -> bool:
        """Whether it answers as netlet does, as far as that is known."""
        return self.difference is None or self.difference <= CLOSE


@dataclass(frozen=True)
class Door:
    """One way out.

    Attributes
    ----------
    ending
        Of the file.
    help
        What is written, in a few words.
    write
        Writes a network to a path, with options; returns the files, and notes.
    run
        Answers for inputs from what was written, and what has answered; NetletError if nothing can.
    """

    ending: str
    help: str
    write: Callable[[Network, Path, dict[str, Any]], tuple[tuple[Path, ...], tuple[str, ...]]]
    run: Callable[[Network, Path, dict[str, Any], np.ndarray], tuple[np.ndarray, str]]


def export(
    network: Network, path: Path, x: np.ndarray | None = None, what: str = "", **options: Any
) -> Exported:
    """Write a network where its ending leads, and check it.

    Parameters
    ----------
    network
        What to write.
    path
        Its ending chooses: see `DOORS`.
    x
        Inputs to check it with, in netlet's form; random ones if there are none.
    what
        What they are, such as "validation samples".
    **options
        ``to`` ("numpy", "jax", "keras", "torch") for .py; ``states`` (bool) for .onnx; ``name`` for .h, and
        ``fitted`` (training inputs) for .h in int8.

    Raises
    ------
    FileError
        If there is no such ending, or the file cannot be written.
    NetletError
        If something is missing that the way out needs, or the network cannot take it.
    """
    door = door_of(path)
    if x is None:
        x, what = random_inputs(network), "random inputs"
    x = x[:MOST_CHECKED]
    files, notes = door.write(network, path, options)
    try:
        answers, runner = door.run(network, path, options, x)
    except NetletError as error:
        return Exported(files, notes, None, f"not checked: {error}")
    expected = network.predict(x)
    far = np.abs(answers.reshape(expected.shape) - expected) / np.maximum(1, np.abs(expected))
    return Exported(files, notes, float(far.max(initial=0.0)), f"{runner} on {len(x):,} {what}")


def door_of(path: Path) -> Door:
    """The way out that a file's ending means.

    Raises
    ------
    FileError
        If there is none.
    """
    door = DOORS.get(path.suffix.lower())
    if door is None:
        endings = ", ".join(f"{ending} ({each.help})" for ending, each in DOORS.items())
        raise FileError(
            f"{path} has the ending {path.suffix or 'none'!r}, but must have one of {endings}", file=path
        )
    return door


def random_inputs(network: Network, count: int = 256) -> np.ndarray:
    """Inputs as a network may see them: numbers in 0..1 for images, else standard normal ones, unscaled."""
    random = np.random.default_rng(0)
    x = (
        random.uniform(size=(count, *network.input_shape))
        if network.kind == "image"
        else random.normal(size=(count, *network.input_shape))
    )
    x = x.astype(np.float32)
    return x if network.input_scaling is None or network.kind == "image" else network.input_scaling.undo(x)


def _takes(network: Network) -> tuple[str, ...]:
    scale = network.integer_scale
    return () if scale == 1 else (f"it takes floats: divide whole numbers by {scale:g} first",)


def _write_keras(network: Network, path: Path, _: dict[str, Any]) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    from netlet.interop.keras import write_keras

    return (write_keras(network, path),), _takes(network)


def _run_keras(_: Network, path: Path, _options: dict[str, Any], x: np.ndarray) -> tuple[np.ndarray, str]:
    model = _in_keras(path)
    if model is not None:
        return np.asarray(model.predict(x, verbose=0)), "Keras"
    from netlet.interop.keras import read_keras

    return read_keras(path).predict(x), "read back by netlet (Keras is not installed)"


def _in_keras(path: Path) -> Any:
    """The model in Keras, if that can be had."""
    if importlib.util.find_spec("keras") is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import keras

            return keras.saving.load_model(path, compile=False)
    except Exception:  # Keras without anything to compute with
        return None


def _write_onnx(
    network: Network, path: Path, options: dict[str, Any]
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    from netlet.interop.onnx import OPSET, write_onnx

    file = write_onnx(network, path, states=bool(options.get("states")))
    return (file,), (f"ONNX, opset {OPSET}", *_takes(network))


def _run_onnx(_: Network, path: Path, _options: dict[str, Any], x: np.ndarray) -> tuple[np.ndarray, str]:
    from netlet.interop.extras import needed

    onnx = needed("onnx", "onnx", "checking")
    model = onnx.load(path)
    feeds = {"input": x}
    for entry in model.graph.input:
        if entry.name != "input":  # states begin at 0
            feeds[entry.name] = np.zeros((len(x), entry.type.tensor_type.shape.dim[1].dim_value), np.float32)
    if importlib.util.find_spec("onnxruntime") is not None:
        import onnxruntime

        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        return np.asarray(session.run(["output"], feeds)[0]), "ONNX Runtime"
    from onnx.reference import ReferenceEvaluator

    answers: Any = ReferenceEvaluator(model).run(["output"], feeds)
    return np.asarray(answers[0]), "ONNX's reference"


def _write_c(
    network: Network, path: Path, options: dict[str, Any]
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    from netlet.interop.c import write_c

    if options.get("fitted") is None:
        header = write_c(network, path, options.get("name"))
        return (path,), (str(header.costs), *_takes(network))
    from netlet.interop.c import to_c_int8

    header, quantized = to_c_int8(network, options["fitted"], options.get("name") or path.stem)
    kind = "int16" if quantized.plan.is_stream else "int8"
    write_whole(path, header.text.encode("utf-8"))
    return (path,), (str(header.costs), f"its input is {kind}: see {header.name}_input in it")


def _run_c(network: Network, path: Path, options: dict[str, Any], x: np.ndarray) -> tuple[np.ndarray, str]:
    from netlet.interop.c import to_c
    from netlet.interop.c.compiled import Compiled
    from netlet.interop.c.plan import plan_of

    name = options.get("name") or path.stem
    if options.get("fitted") is not None:
        return _run_int8(network, name, options["fitted"], x)
    header = to_c(network, name)
    with Compiled(header, plan_of(network)) as compiled:
        return compiled.predict(x), "compiled here"


def _run_int8(network: Network, name: str, fitted: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, str]:
    """Answers of the program in int8, which must be its reference's in numpy to the bit."""
    from netlet.interop.c import to_c_int8
    from netlet.interop.c.compiled import Compiled

    header, quantized = to_c_int8(network, fitted, name)
    q = quantized.quantize(x)
    with Compiled(header, quantized.plan, is_int8=True) as compiled:
        if not np.array_equal(compiled.integers(q).ravel(), quantized.integers(q).ravel()):
            raise FileError("the compiled int8 program differs from its reference")
    return quantized.predict(x), "compiled here, its reference to the bit,"


def _write_code(
    network: Network, path: Path, options: dict[str, Any]
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    from netlet.interop.code import write_code

    return write_code(network, path, options.get("to") or "numpy"), _takes(network)


def _run_code(_: Network, path: Path, options: dict[str, Any], x: np.ndarray) -> tuple[np.ndarray, str]:
    library = options.get("to") or "numpy"
    if importlib.util.find_spec(library) is None:
        raise NetletError(f"{library} is not installed here")
    names: dict[str, Any] = {"__file__": str(path.resolve())}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
    if library == "torch":
        torch: Any = importlib.import_module("torch")
        with torch.no_grad():
            return names["model"](torch.tensor(x)).numpy(), "PyTorch"
    if library == "keras":
        return np.asarray(names["model"].predict(x, verbose=0)), "Keras"
    return np.asarray(names["predict"](x)), library


def _write_tflite(
    network: Network, path: Path, _: dict[str, Any]
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    from netlet.interop.tflite import write_tflite

    return (write_tflite(network, path),), ("in float, for one sample at a time", *_takes(network))


def _run_tflite(_: Network, path: Path, _options: dict[str, Any], x: np.ndarray) -> tuple[np.ndarray, str]:
    from netlet.interop.tflite import run_tflite

    return run_tflite(path, x), "TensorFlow Lite"


DOORS: dict[str, Door] = {
    ".keras": Door(".keras", "a Keras model", _write_keras, _run_keras),
    ".onnx": Door(".onnx", "ONNX", _write_onnx, _run_onnx),
    ".tflite": Door(".tflite", "TensorFlow Lite", _write_tflite, _run_tflite),
    ".h": Door(".h", "one header of C99", _write_c, _run_c),
    ".py": Door(".py", "readable code, weights beside it", _write_code, _run_code),
}
"""All ways out to files, by their endings."""
