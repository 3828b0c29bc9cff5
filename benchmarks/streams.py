"""Recurrent networks in int8 beside float: how good they are, and how much of a Cortex-M4 a step takes.

`python -m benchmarks.streams [--seeds 8] [--epochs 40] [--out DIR]`: the exercise's kinds of cells on its
pulses, every seed. Code and tables are what the linker keeps of a program that takes steps (with libm and the
compiler's own library, less an empty program), for arm-none-eabi-gcc -Os.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import netlet as nl
from benchmarks.microcontrollers import COMPILER
from netlet.interop.c import to_c, to_c_int8

NETWORKS = {
    "rnn(5) - dense(1)": "pulses",
    "gru(6) - dense(1)": "pulses",
    "lstm(6) - dense(1)": "pulses",
    "gru(25, activation=relu) - dense(1, activation=linear) - dense(1)": "pulses-reversed",
}
EMPTY = "int main(void) { return 0; }\n"
USE = """#include "model.h"
volatile int when;
static {kind} input[MODEL_INPUTS];
static {given} out[MODEL_OUTPUTS];
static model_state state;
int main(void)
{{
    model_reset(&state);
    while (when) model_{call}(&state, input, out);
    return (int)out[0];
}}
"""


def linked(header: str | None, kind: str = "", given: str = "", call: str = "") -> int:
    """Bytes of code and tables of a linked program."""
    with tempfile.TemporaryDirectory() as folder:
        text = EMPTY
        if header is not None:
            Path(folder, "model.h").write_text(header)
            text = USE.format(kind=kind, given=given, call=call)
        Path(folder, "use.c").write_text(text)
        flags = ["-std=c99", "-Os", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"]
        specs = ["--specs=nano.specs", "--specs=nosys.specs", "use.c", "-lm", "-o", "use.elf"]
        subprocess.run([*COMPILER, *flags, *specs], cwd=folder, check=True, capture_output=True)
        told = subprocess.run(
            ["arm-none-eabi-size", "use.elf"], cwd=folder, check=True, capture_output=True, text=True
        )
    code, data = told.stdout.splitlines()[1].split()[:2]
    return int(code) + int(data)


def of(text: str, data: nl.Dataset, seeds: int, epochs: int) -> dict[str, Any]:
    """Errors of every seed in float and in int8, and sizes."""
    errors: dict[str, list[float]] = {}
    header = whole = None
    for run in nl.train(text, data, epochs=epochs, seeds=seeds, quiet=True):
        header, whole = to_c(run.network), to_c_int8(run.network, data.train.x)
        for split, part in data.present.items():
            if split == "training":
                continue
            for name, network in (("float", run.network), ("int8", whole[1])):
                value = network.evaluate(part)["normalised_error"]
                errors.setdefault(f"{split} {name}", []).append(float(np.nan if value is None else value))
    assert header is not None and whole is not None
    start = linked(None)
    return {
        "errors": errors,
        "float flash": linked(header.text, "float", "float", "step") - start,
        "int8 flash": linked(whole[0].text, "int16_t", "int32_t", "integers") - start,
        "float ram": header.costs.ram,
        "int8 ram": whole[0].costs.ram,
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    told = {}
    for text, name in NETWORKS.items():
        told[text] = found = of(text, nl.load(name), asked.seeds, asked.epochs)
        medians = ", ".join(f"{split} {median(values):.4f}" for split, values in found["errors"].items())
        print(
            f"{text}: {medians}; {found['float flash']:,} and {found['int8 flash']:,} bytes of code and "
            f"tables, {found['float ram']} and {found['int8 ram']} of memory",
            flush=True,
        )
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / "streams.json").write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
