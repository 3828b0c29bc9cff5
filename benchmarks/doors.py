"""How far every way out is from the engine, on random networks of every kind: the worst difference of each.

`python -m benchmarks.doors [--networks 300] [--out DIR]`: the networks are those of the tests of the doors
(tests/interop/conftest.py), with random weights and inputs; differences are relative to answers above 1.
Runs in Keras (on JAX), ONNX Runtime, PyTorch and, as C, through the compiler of this machine; there and back
through Keras and ONNX too, where architecture and weights must be the same to the bit.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from netlet.errors import ArchitectureError, FileError

CLOSE = 1e-5
ROOT = Path(__file__).parents[1]


def drawn(count: int) -> list[tuple[Any, np.ndarray]]:
    """Random networks, and inputs for each."""
    from hypothesis import HealthCheck, Phase, given, settings

    place = ROOT / "tests/interop/conftest.py"
    spec: Any = importlib.util.spec_from_file_location("doors_networks", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[tuple[Any, np.ndarray]] = []

    @given(module._networks())
    @settings(max_examples=count, deadline=None, derandomize=True, phases=[Phase.generate], database=None,
              suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])  # fmt: skip
    def draw(example: tuple[Any, np.ndarray]) -> None:
        found.append(example)

    draw()
    return found[:count]


def in_keras(network: Any, x: np.ndarray) -> np.ndarray:
    """Answers of the file in Keras; read back by netlet it is the same network."""
    import keras

    from netlet.interop.keras import read_keras, write_keras

    with tempfile.TemporaryDirectory() as folder:
        path = write_keras(network, Path(folder) / "n.keras")
        same(network, read_keras(path))
        model: Any = keras.saving.load_model(path)
        return np.asarray(model(x, training=False))


def in_onnx(network: Any, x: np.ndarray) -> np.ndarray:
    """Answers in ONNX Runtime; read back by netlet it is the same network."""
    import onnxruntime

    from netlet.interop.onnx import from_onnx, to_onnx

    model = to_onnx(network)
    again = from_onnx(model, input_shape=network.input_shape)
    far = np.abs(again.predict(x) - network.predict(x)).max(initial=0)
    if far > CLOSE:
        raise AssertionError(f"read back, its answers differ by {far:g}")
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["output"], {"input": x})[0])


def in_torch(network: Any, x: np.ndarray) -> np.ndarray:
    """Answers in PyTorch."""
    import torch

    from netlet.interop.torch import to_torch

    with torch.no_grad():
        return to_torch(network)(torch.tensor(x)).numpy()


def in_c(network: Any, x: np.ndarray) -> np.ndarray:
    """Answers of the C program, compiled here."""
    from netlet.interop.c import to_c
    from netlet.interop.c.compiled import Compiled
    from netlet.interop.c.plan import plan_of

    with Compiled(to_c(network, "n"), plan_of(network)) as compiled:
        return compiled.predict(x)


def same(network: Any, again: Any) -> None:
    """Refuse another architecture or other weights."""
    if network.architecture != again.architecture or not all(
        np.array_equal(a, b) for a, b in zip(network.weights, again.weights, strict=True)
    ):
        raise AssertionError(f"it came back as {again.architecture}")


DOORS: dict[str, Callable[[Any, np.ndarray], np.ndarray]] = {
    "Keras": in_keras,
    "ONNX Runtime": in_onnx,
    "PyTorch": in_torch,
    "C": in_c,
}


def main() -> bool:
    """Measure, and print; whether all were close."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=300)
    parser.add_argument("--only", choices=list(DOORS), help="this door alone")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    os.environ.setdefault("KERAS_BACKEND", "jax")
    warnings.simplefilter("ignore")
    examples = drawn(asked.networks)
    told: dict[str, Any] = {}
    for name, run in DOORS.items():
        if asked.only not in (None, name):
            continue
        started, worst, at, refused, failed = time.perf_counter(), 0.0, "", 0, []
        for network, x in examples:
            try:
                answers = run(network, x)
            except ArchitectureError:  # what PyTorch has not, and sequences that C does not take
                refused += 1
                continue
            except (AssertionError, FileError) as error:
                failed.append(f"{network.architecture}: {error}")
                continue
            expected = network.predict(x)
            far = np.abs(answers.reshape(expected.shape) - expected) / np.maximum(1, np.abs(expected))
            if far.max() > worst:
                worst, at = float(far.max()), str(network.architecture)
        seconds = time.perf_counter() - started
        told[name] = {"networks": len(examples) - refused, "refused": refused, "worst": worst, "at": at,
                      "failed": failed}  # fmt: skip
        print(f"{name}: {len(examples) - refused} networks ({refused} refused), worst difference {worst:.2g} "
              f"({at}), {len(failed)} failed, {seconds:.0f} s", flush=True)  # fmt: skip
        for line in failed:
            print(f"  {line}")
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / "doors.json").write_text(json.dumps(told, indent=1) + "\n")
    return all(each["worst"] <= CLOSE and not each["failed"] for each in told.values())


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
