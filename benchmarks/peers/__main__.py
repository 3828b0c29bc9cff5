"""``python -m benchmarks.peers PEER TASK``: says "ready", then trains as many epochs as each line read says.

It answers with the seconds by the clock and of the processor, those of the processor since the process began,
and the error on the validation split (1 - accuracy, or the normalised error), as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module

import netlet as nl
from benchmarks.tasks import TASKS
from netlet import metrics


def main() -> None:
    """Serve trainings until the input ends."""
    name, task = sys.argv[1], TASKS[sys.argv[2]]
    family, _, variant = name.partition("-")
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is not an answer
    data = nl.load(task.dataset)
    peer = import_module(f"benchmarks.peers.{family}_peer").peer(task, data, variant)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        epochs = int(line)
        peer.reset()
        started, processor = time.perf_counter(), time.process_time()
        peer.train(epochs)
        answer = {"seconds": time.perf_counter() - started, "processor": time.process_time() - processor}
        answer["since_start"] = time.process_time()
        y = data.validation.y
        found = metrics.evaluate(data.task, y, peer.predict().reshape(y.shape))
        error = found["normalised_error"] if data.task == "regression" else 1 - (found["accuracy"] or 0.0)
        print(json.dumps(answer | {"error": error}), file=answers, flush=True)


if __name__ == "__main__":
    main()
