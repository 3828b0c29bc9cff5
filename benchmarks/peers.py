"""One peer in a process of its own: trains a task whenever it is told to, and says how long it took.

``python -m benchmarks.peers PEER TASK EPOCHS THREADS`` prints a line when it is ready and then, for every
line it reads, trains from fresh weights and prints the seconds and the validation accuracy as JSON. Imports,
data and building the network are not counted; compiling shows in the first training alone.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable

from benchmarks.tasks import TASKS, Task

Trainer = Callable[[], float]
"""Trains from fresh weights and returns the accuracy on the validation split."""


def netlet(task: Task, epochs: int, threads: int) -> Trainer:
    """Our own engine: one seed on one thread."""
    import netlet as nl

    data = nl.load(task.dataset)
    settings = nl.Training(epochs=epochs, batch_size=task.batch_size, learning_rate=task.learning_rate)
    return lambda: nl.train(task.architecture, data, settings, threads=threads)[0].history["val_accuracy"][-1]


def keras(task: Task, epochs: int, threads: int) -> Trainer:
    """Keras's own fit, on the backend that KERAS_BACKEND names."""
    if os.environ["KERAS_BACKEND"] == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
    import keras as k

    import netlet as nl

    data = nl.load(task.dataset)
    is_binary = data.task == "binary"
    y, y_val = (split.y[:, None] if is_binary else split.y for split in (data.train, data.validation))

    def build() -> k.Model:
        model = k.Sequential([k.Input(data.input_shape)])
        for filters in task.filters:
            model.add(k.layers.Conv2D(filters, 3, activation="relu"))
            model.add(k.layers.MaxPooling2D(task.pool))
        model.add(k.layers.Flatten())
        model.add(k.layers.Dense(task.hidden, activation="relu"))
        if task.dropout:
            model.add(k.layers.Dropout(task.dropout))
        model.add(k.layers.Dense(data.outputs, activation="sigmoid" if is_binary else "softmax"))
        loss = "binary_crossentropy" if is_binary else "categorical_crossentropy"
        model.compile(k.optimizers.Adam(task.learning_rate), loss, metrics=["accuracy"])
        return model

    model = build()
    start = model.get_weights()

    def train() -> float:
        # The same compiled model every time: only its first training pays for compiling.
        model.set_weights(start)
        history = model.fit(
            data.train.x, y, validation_data=(data.validation.x, y_val), epochs=epochs,
            batch_size=task.batch_size, validation_batch_size=task.batch_size, verbose=0,  # type: ignore[arg-type]
        )  # fmt: skip
        return history.history["val_accuracy"][-1]

    return train


def torch(task: Task, epochs: int, threads: int) -> Trainer:
    """A plain PyTorch loop: data in memory, shuffled by index, default memory format."""
    import torch as t

    import netlet as nl

    t.set_num_threads(threads)
    data = nl.load(task.dataset)
    is_binary = data.task == "binary"

    def tensors(split: nl.Split) -> tuple[t.Tensor, t.Tensor]:
        y = t.tensor(split.y)
        return t.tensor(split.x).permute(0, 3, 1, 2).contiguous(), y[:, None] if is_binary else y.argmax(1)

    (x, y), (x_val, y_val) = tensors(data.train), tensors(data.validation)
    loss_of = t.nn.BCEWithLogitsLoss() if is_binary else t.nn.CrossEntropyLoss()

    def build() -> t.nn.Module:
        layers: list[t.nn.Module] = []
        channels = 1
        for filters in task.filters:
            layers += [t.nn.Conv2d(channels, filters, 3), t.nn.ReLU(), t.nn.MaxPool2d(task.pool)]
            channels = filters
        features = t.nn.Sequential(*layers, t.nn.Flatten())(x[:1]).shape[1]
        layers += [t.nn.Flatten(), t.nn.Linear(features, task.hidden), t.nn.ReLU()]
        layers += [t.nn.Dropout(task.dropout)] if task.dropout else []
        return t.nn.Sequential(*layers, t.nn.Linear(task.hidden, data.outputs))

    def train() -> float:
        model = build()
        optimizer = t.optim.Adam(model.parameters(), task.learning_rate)
        right = 0
        for _ in range(epochs):
            model.train()
            order = t.randperm(len(x))
            for first in range(0, len(x), task.batch_size):
                batch = order[first : first + task.batch_size]
                optimizer.zero_grad()
                loss_of(model(x[batch]), y[batch]).backward()
                optimizer.step()
            model.eval()
            right = 0
            with t.no_grad():
                for first in range(0, len(x_val), task.batch_size):
                    answer = model(x_val[first : first + task.batch_size])
                    truth = y_val[first : first + task.batch_size]
                    loss_of(answer, truth)
                    said = answer > 0 if is_binary else answer.argmax(1)
                    right += int((said == truth).sum())
        return right / len(x_val)

    return train


PEERS = {"netlet": netlet, "keras": keras, "torch": torch}


def main() -> None:
    """Serve trainings until the input ends."""
    peer, task, epochs, threads = sys.argv[1:]
    train = PEERS[peer](TASKS[task], int(epochs), int(threads))
    print("ready", flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        accuracy = train()
        print(json.dumps({"seconds": time.perf_counter() - started, "accuracy": accuracy}), flush=True)


if __name__ == "__main__":
    main()
