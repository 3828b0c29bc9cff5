"""How much of a microcontroller a digit recogniser takes: netlet's int8 networks beside emlearn's models.

All tell the packaged fives from sixes, none is chosen (every seed counts), and the same compiler compiles
them for the same processor. Code and tables are what the object file of one classification holds; what it
calls in the compiler's own library is listed apart. emlearn's models see whole images, and images averaged to
7 x 7 pixels, which suits them better; the averaging is not counted.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import netlet as nl
from netlet.interop.c import to_c_int8

COMPILER = ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"]
FLAGS = ["-std=c99", "-Os", "-ffp-contract=off", "-c", "use.c", "-o", "use.o"]
NETWORK = "conv(2, 3x3) - maxpool(2) - conv(2, 3x3) - maxpool(2) - flatten - dense(1)"
EPOCHS = 40


def measured(header: str, name: str, call: str, taken: str, *folders: str) -> dict[str, Any]:
    """Bytes of code with tables and of memory of one classification, and what it needs besides."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_text(header)
        use = f'#include "{name}"\nint use({taken});\nint use({taken}) {{ return {call}; }}\n'
        Path(folder, "use.c").write_text(use)
        includes = [f"-I{each}" for each in folders]
        subprocess.run([*COMPILER, *FLAGS, *includes], cwd=folder, check=True, capture_output=True)
        sizes = _told("arm-none-eabi-size", "use.o", folder=folder).splitlines()[1].split()
        needs = [
            line.split()[-1] for line in _told("arm-none-eabi-nm", "-u", "use.o", folder=folder).splitlines()
        ]
    text, data, bss = map(int, sizes[:3])
    return {"flash": text + data, "ram": data + bss, "calls": needs}


def _told(*command: str, folder: str) -> str:
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def of_netlet(text: str, data: nl.Dataset, seeds: int) -> list[dict[str, Any]]:
    """A network in int8, from every seed."""
    assert data.test is not None
    found, truth = [], data.test.y.ravel() > 0.5
    for run in nl.train(text, data, epochs=EPOCHS, seeds=seeds):
        header, quantized = to_c_int8(run.network, data.train.x, "model")
        answers = quantized.integers(quantized.quantize(data.test.x)).ravel() > 0
        accuracies = {
            "accuracy": float((answers == truth).mean()),
            "float": float(run.evaluate(data.test)["accuracy"]),
        }
        found.append(measured(header.text, "model.h", "model_classify(x)", "const int8_t *x") | accuracies)
    return found


def of_emlearn(
    make: Callable[[int], Any], data: nl.Dataset, seeds: int, blocks: int, kind: str
) -> list[dict[str, Any]]:
    """One of emlearn's models, from every seed."""
    assert data.test is not None
    (x, y), (x_test, y_test) = (_table(split, blocks) for split in (data.train, data.test))
    if kind == "int16_t":
        x, x_test = np.round(x * 255), np.round(x_test * 255)
    found = []
    for seed in range(seeds):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = make(seed).fit(x, y)
            before = np.geterr()
            emlearn: Any = importlib.import_module("emlearn")
            details = {"dtype": kind} if kind != "float" else {}
            converted = emlearn.convert(model, method="inline", **details)
            np.seterr(**before)  # emlearn changes it for everybody
        with tempfile.TemporaryDirectory() as folder:
            converted.save(file=f"{folder}/model.h", name="model")
            header = Path(folder, "model.h").read_text()
        taken = f"const {kind} *x"
        sizes = measured(header, "model.h", f"model_predict(x, {x.shape[1]})", taken, emlearn.includedir)
        found.append(sizes | {"accuracy": float(model.score(x_test, y_test))})
    return found


def _table(split: nl.Split, blocks: int) -> tuple[np.ndarray, np.ndarray]:
    x = split.x[..., 0]
    size = x.shape[1] // blocks
    x = x.reshape(len(x), blocks, size, blocks, size).mean(axis=(2, 4))
    return x.reshape(len(x), -1), split.y.ravel() > 0.5


def main() -> None:
    """Measure, print the table, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.neural_network import MLPClassifier

    data = nl.load("mnist56")
    found = {"netlet, 109 weights in int8": of_netlet(NETWORK, data, asked.seeds)}
    for blocks in (28, 7):
        found[f"emlearn, dense(4) - dense(1), {blocks} x {blocks} pixels"] = of_emlearn(
            lambda seed: MLPClassifier((4,), max_iter=200, random_state=seed),
            data,
            asked.seeds,
            blocks,
            "float",
        )
        found[f"emlearn, 10 trees of 16 leaves, {blocks} x {blocks} pixels"] = of_emlearn(
            lambda seed: ExtraTreesClassifier(10, max_leaf_nodes=16, random_state=seed),
            data, asked.seeds, blocks, "int16_t",
        )  # fmt: skip
    print("| model | code and tables, bytes | memory, bytes | test accuracy, median (lowest to highest) |")
    print("|---|---|---|---|")
    for name, runs in found.items():
        flash, ram = (statistics.median(run[key] for run in runs) for key in ("flash", "ram"))
        accuracies = [run["accuracy"] for run in runs]
        spread = f"{statistics.median(accuracies):.4f} ({min(accuracies):.4f} to {max(accuracies):.4f})"
        print(f"| {name} | {flash:,.0f} | {ram:,.0f} | {spread} |")
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / "microcontrollers.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
