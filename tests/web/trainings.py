"""Trainings by the native engine (x86-64-v2), as hashes, for the page's tests to repeat.

Run as a program it writes them, and hashes of the data, into the file named.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from netlet import train
from netlet.datasets import make
from netlet.training import Training

TASKS = (
    (
        "mnist56",
        "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(5) - dense(1)",
        {"epochs": 3},
        (0, 3),
    ),
    (
        "mnist56",
        "conv(2, 5x5, padding=same, activation=elu) - avgpool(3) - depthwise(3, activation=softplus)"
        " - globalmaxpool - dropout(0.2) - dense(1)",
        {"epochs": 2, "optimizer": "nadam", "schedule": "one-cycle"},
        (1,),
    ),
    (
        "crt",
        "conv(3) - layernorm - activation(relu) - maxpool(3) - flatten - layernorm(scale=false) - dense(3)",
        {"epochs": 1},
        (3,),
    ),
    (
        "crt",
        "conv(4, 3x3) - maxpool(3) - conv(4, 3x3) - maxpool(3) - flatten - dense(10) - dense(3)",
        {"epochs": 2},
        (0,),
    ),
    (
        "r3",
        "conv(3, 3x3, kernel_initializer=he_normal) - maxpool(3) - conv(3) - globalavgpool - dense(3)",
        {"epochs": 2, "optimizer": "sgd", "momentum": 0.9, "nesterov": True, "l2": 0.001},
        (2,),
    ),
    ("pulses", "gru(3) - dense(1)", {"epochs": 3}, (0, 5)),
    (
        "pulses",
        "gru(2) - dense(1)",
        {"epochs": 4, "optimizer": "adamw", "weight_decay": 0.1, "loss": "huber", "batch_size": 50}
        | {"schedule": "reduce-on-plateau", "plateau_patience": 1, "plateau_factor": 0.5},
        (4,),
    ),
    (
        "pulses",
        "lstm(4, recurrent_activation=tanh) - dense(1)",
        {"epochs": 2, "truncation": 30, "shuffle": True, "global_clip_norm": 1.0},
        (1,),
    ),
    (
        "pulses",
        "conv1d(4, 5, padding=causal) - maxpool1d(3, 1, same) - gru(3) - conv1d(2, padding=same) - dense(1)",
        {"epochs": 2, "truncation": None},
        (4,),
    ),
    (
        "pulses-reversed",
        "rnn(3, relu) - rnn(2) - dense(1)",
        {"epochs": 2, "optimizer": "rmsprop", "truncation": None},
        (0,),
    ),
    (
        "pulses-memory",
        "gru(2, reset_after=false) - dense(1)",
        {"epochs": 1, "schedule": "cosine", "clip_norm": 0.5},
        (0,),
    ),
)
"""Dataset, architecture, settings that differ from the dataset's own, seeds."""


def sha(array: np.ndarray) -> str:
    """Of the array's float32 numbers."""
    return hashlib.sha256(np.ascontiguousarray(array, dtype="<f4").tobytes()).hexdigest()


def trained() -> dict:
    """Hashes of what comes out, and of the data that went in."""
    data = {name: make(name) for name in dict.fromkeys(task[0] for task in TASKS)}
    runs = []
    for name, architecture, changes, seeds in TASKS:
        training = Training.default(data[name], architecture, **changes)
        for run in train(architecture, data[name], training, seeds=seeds):
            flat = np.concatenate([weight.ravel() for weight in run.network.weights])
            runs.append(
                {
                    "dataset": name,
                    "architecture": architecture,
                    "changes": changes,
                    "seed": run.seed,
                    "weights": sha(flat),
                    "loss": run.history["loss"],
                    "val_loss": run.history["val_loss"],
                    "predictions": sha(run.network.predict(data[name].validation.x[:50])),
                    "outputs": [
                        sha(layer) for layer in run.network.outputs(data[name].validation.x[:20])[:-1]
                    ],
                }
            )
    hashes = {
        name: {split: [sha(s.x), sha(s.y)] for split, s in found.present.items()}
        for name, found in data.items()
    }
    return {"runs": runs, "data": hashes}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(trained()), encoding="utf-8")
