"""``python -m benchmarks.phases [NETWORK ...]``: where the time of a training goes, phase by phase.

Every phase is timed on its own inside the engine, in one thread (`engine/training/profile.cpp`): the first
decile over batches, and of several processes that take turns the least. With ``--against FOLDER``, a checkout
that has another engine, both are timed in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.tasks import TASKS

ROOT = Path(__file__).parents[1]
NETWORKS = {name: (task.dataset, task.architecture, task.settings) for name, task in TASKS.items()} | {
    "dense1": ("mnist56", "flatten - dense(1)", {"batch_size": 64}),
    "conv20": (
        "mnist56",
        "conv(1, 3x3) - maxpool(3) - conv(1, 3x3) - maxpool(3) - flatten - dense(1)",
        {"batch_size": 64},
    ),
    "rnn5": ("pulses", "rnn(5) - dense(1)", {"batch_size": 20, "truncation": 50, "shuffle": False}),
}


def phases(name: str, repetitions: int) -> dict[str, float]:
    """Seconds an epoch of every phase, here and now; validation is the whole of it."""
    import netlet as nl
    from netlet import _engine
    from netlet.network.lowering import make_engine
    from netlet.training.trainer import _rows, for_engine

    dataset, text, settings = NETWORKS[name]
    data = nl.load(dataset)
    training = nl.Training(**settings)
    resolved = nl.Architecture(text).resolve(data.input_shape, data.task, data.outputs, data.per_step)
    engine = make_engine(resolved, data.input_shape, data.task)
    rows = (*_rows(data.train, data), *_rows(data.validation, data))
    found = _engine.profile(engine, for_engine(training, data.task), *rows, repetitions, 0)
    steps, piece = data.input_shape[0], training.truncation
    pieces = steps / piece if piece and data.kind == "sequence" and piece < steps else 1.0
    summed: dict[str, float] = {}
    for phase, layer, seconds in found:  # one for each slice of a batch
        name = phase if layer < 0 else f"{phase} {layer}"
        times = 1.0 if phase == "validate" else pieces  # only the first piece of sequences was timed
        summed[name] = summed.get(name, 0.0) + times * seconds
    return summed


def timed_in_turn(folders: list[Path], names: list[str], rounds: int) -> list[dict[str, dict[str, float]]]:
    """For every checkout, network and phase the least seconds of an epoch over rounds of processes."""
    best: list[dict[str, dict[str, float]]] = [{} for _ in folders]
    for _ in range(rounds):
        for folder, kept in zip(folders, best, strict=True):
            command = [sys.executable, "-m", "benchmarks.phases", *names, "--once", "20"]
            environment = os.environ | {"PYTHONPATH": f"{folder / 'src'}:{ROOT}"}
            done = subprocess.run(
                command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True
            )
            for name, found in json.loads(done.stdout).items():
                known = kept.setdefault(name, found)
                for phase, seconds in found.items():
                    known[phase] = min(known[phase], seconds)
    return best


def timed(names: list[str], rounds: int) -> dict[str, dict[str, float]]:
    """The same of this checkout alone."""
    return timed_in_turn([ROOT], names, rounds)[0]


def main() -> None:
    """Time what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.phases", description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--against", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--once", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        print(json.dumps({name: phases(name, options.once) for name in options.names}))
        return
    names = options.names or list(NETWORKS)
    best = timed_in_turn([ROOT, *([options.against] if options.against else [])], names, options.rounds)
    for name in names:
        print(name)
        for phase in best[0][name]:
            print(f"  {phase:14}", *(f"{1e6 * kept[name][phase]:10.1f}" for kept in best), "us")
        print("  total         ", *(f"{1e6 * sum(kept[name].values()):10.1f}" for kept in best))


if __name__ == "__main__":
    main()
