"""``python -m benchmarks.roofline [--out FOLDER]``: where the time of the exercise's trainings goes, drawn.

On the left the phases of an epoch (`phases.py`), on the right every network under the two roofs of one core:
its multiply-add rate, and the second-level cache's rate times the multiply-adds that a training does for
every byte that layers read and write. The figures go to ``phases.json`` beside the picture.
"""

from __future__ import annotations

import argparse
import json
import os
from math import prod
from pathlib import Path
from typing import Any

import netlet as nl
from benchmarks.__main__ import processor
from benchmarks.phases import NETWORKS, timed
from benchmarks.scaling import roofs
from benchmarks.work import multiply_adds_of_training
from netlet.architecture import Conv, Flatten, MaxPool

PICTURES = Path(__file__).parents[1] / "docs" / "images"
NAMES = {
    "cnn185": "185 weights, 28 x 28",
    "cnn1237": "1,237 weights, 64 x 64",
    "cnn46379": "46,379 weights, 64 x 64",
    "gru-tanh": "GRU(25), tanh",
    "gru-relu": "GRU(25), relu",
    "rnn5": "RNN(5)",
    "dense1": "785 weights, dense",
}
GROUPS = {
    "lay out": "laying out batches", "forward": "forward", "backward": "backward", "validate": "validation",
    "rest": "loss and update",
}  # fmt: skip
COLOURS = ("#E69F00", "#56B4E9", "#0072B2", "#009E73", "#999999")


def bytes_of_training(architecture: str, data: nl.Dataset) -> int:
    """Bytes of activations and their gradients that layers read and write in an epoch, validation included.

    Forward a layer reads its input and writes its output; backward it reads both and the output's gradient,
    and all but the first write the input's. A max pooling behind a convolution is a part of it.
    """
    resolved = nl.Architecture(architecture).resolve(data.input_shape, data.task, data.outputs, data.per_step)
    forward = both = 0
    size = prod(data.input_shape)
    shapes = [prod(n or 0 for n in shape) for shape in resolved.shapes(data.input_shape)]
    for i, (layer, out) in enumerate(zip(resolved.layers, shapes, strict=True)):
        behind = resolved.layers[i + 1] if i + 1 < len(shapes) else None
        if isinstance(layer, Flatten) or (isinstance(layer, Conv) and isinstance(behind, MaxPool)):
            continue
        both += size + out + size + 2 * out + (size if forward else 0)
        forward += size + out
        size = out
    return 4 * (len(data.train) * both + len(data.validation) * forward)


def main() -> None:
    """Measure, print, write and draw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.roofline", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, help="folder for both; by default results/ and docs/images/")
    options = parser.parse_args()
    measured = roofs()
    if measured is None:
        parser.error("it takes a C++ compiler to measure the processor's peak")
    peak, cache = measured
    machine = {
        "processor": processor(),
        "load_average": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "multiply_adds_a_second": peak,
        "bytes_a_second_from_the_second_level_cache": cache,
    }
    networks: dict[str, dict[str, Any]] = {}
    for name, found in timed(list(NAMES), options.rounds).items():
        dataset, text, _ = NETWORKS[name]
        data = nl.load(dataset)
        count = multiply_adds_of_training(text, data, 1)
        seconds = sum(found.values())
        validation = count - multiply_adds_of_training(text, data, 1, validated=False)
        networks[name] = {
            "seconds_an_epoch": found,
            "multiply_adds_an_epoch": count,
            "share_of_peak": count / seconds / peak,
            "multiply_adds_a_byte": count / bytes_of_training(text, data),
            "validation_over_its_share": found["validate"] / seconds / (validation / count),
        }
        share, over = networks[name]["share_of_peak"], networks[name]["validation_over_its_share"]
        said = f"{1e3 * seconds:8.2f} ms an epoch, {share:4.0%} of the peak"
        print(f"{NAMES[name]:24} {said}, validation {over:.2f} times its share")
    folder = options.out or Path(__file__).with_name("results")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "phases.json").write_text(
        json.dumps({"machine": machine, "networks": networks}, indent=1) + "\n"
    )
    draw(machine, networks, (options.out or PICTURES) / "phases.png")


def draw(machine: dict[str, Any], networks: dict[str, dict[str, Any]], path: Path) -> None:
    """Bars of phases beside the roofline."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    bars, roof = figure.subplots(1, 2)
    left = [0.0] * len(networks)
    for (group, label), colour in zip(GROUPS.items(), COLOURS, strict=True):
        widths = []
        for network in networks.values():
            seconds = network["seconds_an_epoch"]
            of = {phase: phase if phase in GROUPS else phase.split()[0] for phase in seconds}
            own = sum(
                s for phase, s in seconds.items() if (of[phase] if of[phase] in GROUPS else "rest") == group
            )
            widths.append(100 * own / sum(seconds.values()))
        bars.barh([NAMES[name] for name in networks], widths, left=left, color=colour, label=label)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    bars.invert_yaxis()
    bars.set(xlabel="time of an epoch in %", xlim=(0, 100))
    bars.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1), fontsize="small", frameon=False)
    peak, cache = machine["multiply_adds_a_second"], machine["bytes_a_second_from_the_second_level_cache"]
    reach = [0.1, peak / cache, 100]
    roof.plot(reach, [min(peak, x * cache) / 1e9 for x in reach], color="#999999")
    roof.text(100, peak / 1e9, "multiply-adds in registers  ", ha="right", va="bottom", fontsize="small")
    roof.text(0.2, 0.13 * cache / 1e9, "second-level cache", fontsize="small")
    for i, (name, network) in enumerate(networks.items()):
        x = network["multiply_adds_a_byte"]
        y = network["share_of_peak"] * peak / 1e9
        colour = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")[i]
        roof.plot(
            x,
            y,
            "osD^v<P"[i],
            color=colour,
            label=f"{NAMES[name]}: {network['share_of_peak']:.0%} of the peak",
        )
    roof.set(
        xscale="log", yscale="log", xlim=(0.1, 100), ylim=(1, 2 * peak / 1e9),
        xlabel="multiply-adds a byte that layers read and write", ylabel="billion multiply-adds a second",
    )  # fmt: skip
    roof.legend(fontsize="x-small", loc="lower right")
    roof.grid(alpha=0.3)
    figure.savefig(path, dpi=130)


if __name__ == "__main__":
    main()
