"""How often `netlet check` doubts honest results from another kind of machine, or overlooks forged ones.

Run `python -m benchmarks.honest_checks [--files 50] [--seeds 4] [--first 0]`: so many students train networks
on own data with another instruction set than the check; their results say that the engine was built
elsewhere, so that bits are no evidence.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np

import netlet as nl
from netlet import _engine, datasets
from netlet.lab.desk import hand_in
from netlet.lab.desk.check import check
from netlet.lab.desk.material import Material
from netlet.lab.desk.retraining import Asked
from netlet.lab.desk.verdict import NOT
from netlet.machine import machine
from netlet.network import INSTRUCTION_SET_VARIABLE

NETWORKS = {
    "q1": ("crt", "conv(3, 3x3, strides=2) - maxpool(3) - flatten - dense(3)", {"epochs": 10}),
    "q4": ("r3", "conv(3, 3x3, strides=2) - globalavgpool - dense(3)", {"epochs": 10}),
    "q6": ("pulses", "rnn(5) - dense(1)", {}),
    "q7": ("pulses", "gru(3) - dense(1)", {}),
}


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first", type=int, default=0, help="Number of the first student, whose data it is.")
    asked = parser.parse_args()
    doubted, caught, probabilities = 0, 0, []
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results.json"
        for student in range(asked.first, asked.first + asked.files):
            results = _trained(student, asked.seeds)
            file.write_text(json.dumps(results))
            verdict = check(file, Material(), Asked(seconds=600))
            doubted += verdict.verdict == NOT
            probabilities += [n.probability for a in verdict.answers for n in a.networks if n.probability]
            network = results["answers"]["q1"]["networks"][0]
            values = network["values"]["validation"] = [0.999] * asked.seeds
            network["metrics"]["validation"]["accuracy"]["median"] = float(np.median(values))
            file.write_text(json.dumps(results))
            caught += check(file, Material(), Asked(seconds=600)).verdict == NOT
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}; {time.perf_counter() - started:.0f} s")
    print(
        f"{asked.files} honest files of {len(NETWORKS)} networks, {asked.seeds} seeds each: {doubted} doubted"
    )
    print(f"the same with one forged network: {caught} caught")
    shares = [f"{np.mean(np.array(probabilities) < level):.3f} below {level}" for level in (0.1, 0.05, 0.01)]
    print(f"probabilities of honest networks: {', '.join(shares)}")


def _trained(student: int, seeds: int) -> dict:
    """A student's results, trained with the least instruction set there is."""
    os.environ[INSTRUCTION_SET_VARIABLE] = _engine.instruction_sets()[-1]
    first = 1000 * student
    trained = {}
    for key, (name, architecture, settings) in NETWORKS.items():
        data = datasets.make(name, student + 1)
        chosen = range(first, first + seeds)
        trained[key] = nl.train(architecture, data, seeds=chosen, quiet=True, **settings)
    results = json.loads(json.dumps(hand_in(f"student {student}", trained).results))
    del os.environ[INSTRUCTION_SET_VARIABLE]
    results["kind"]["engine"] = "0" * 16
    return results


if __name__ == "__main__":
    main()
