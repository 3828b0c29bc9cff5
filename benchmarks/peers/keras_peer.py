"""Keras, on the backend that KERAS_BACKEND names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

import netlet as nl
from benchmarks.peers import Peer
from benchmarks.tasks import ImageTask, SequenceTask, Task

STEPS_PER_EXECUTION = {"tensorflow": 32, "jax": 16}
"""The best of 1, 4, 16 and 32 on cnn185; `train_on_batch`, for sequences, has no use for it."""


def peer(task: Task, data: nl.Dataset, variant: str) -> Peer:
    """Keras's own fit for images, the exercise's loop over pieces for sequences."""
    assert keras.backend.backend() == variant
    return {ImageTask: images, SequenceTask: sequences}[type(task)](task, data)


def images(task: ImageTask, data: nl.Dataset) -> Peer:
    """`fit` with as many batches at once as are quickest."""
    is_binary = data.task == "binary"
    y, y_val = (split.y[:, None] if is_binary else split.y for split in (data.train, data.validation))

    def build() -> keras.Model:
        model = keras.Sequential([keras.Input(data.input_shape)])
        for filters in task.filters:
            model.add(layers.Conv2D(filters, 3, activation="relu"))
            model.add(layers.MaxPooling2D(task.pool))
        model.add(layers.Flatten())
        model.add(layers.Dense(task.hidden, activation="relu"))
        if task.dropout:
            model.add(layers.Dropout(task.dropout))
        model.add(layers.Dense(task.outputs, activation="sigmoid" if is_binary else "softmax"))
        return model

    model = build()
    loss = "binary_crossentropy" if is_binary else "categorical_crossentropy"
    steps = min(STEPS_PER_EXECUTION[keras.backend.backend()], -(-len(data.train) // task.batch_size))
    adam = keras.optimizers.Adam(task.learning_rate)
    model.compile(adam, loss, metrics=["accuracy"], steps_per_execution=steps)

    def train(epochs: int) -> None:
        model.fit(
            data.train.x, y, validation_data=(data.validation.x, y_val), epochs=epochs,
            batch_size=task.batch_size, validation_batch_size=task.batch_size, verbose=0,  # type: ignore[arg-type]
        )  # fmt: skip

    return Peer(_reset(model, build), train, lambda: model.predict(data.validation.x, verbose=0))  # type: ignore[arg-type]


def sequences(task: SequenceTask, data: nl.Dataset) -> Peer:
    """The exercise's loop: `train_on_batch` and `evaluate` for every piece, with a stateful layer."""
    length = data.train.x.shape[1]
    batches = [slice(i, i + task.batch_size) for i in range(0, len(data.train), task.batch_size)]
    pieces = [slice(i, i + task.piece) for i in range(0, length, task.piece)]

    def build(steps: int = length, stateful: bool = False) -> keras.Model:
        return keras.Sequential(
            [
                keras.Input(batch_shape=(task.batch_size, steps, 1)),
                layers.GRU(task.units, task.activation, return_sequences=True, stateful=stateful),
                layers.Dense(1),
                layers.Dense(1),
            ]
        )

    model = build(task.piece, stateful=True)
    model.compile(keras.optimizers.Adam(task.learning_rate), "mean_squared_error")
    gru: Any = model.layers[0]

    def train(epochs: int) -> None:
        for _ in range(epochs):
            for split, step in (
                (data.train, model.train_on_batch),
                (data.validation, lambda x, y: model.evaluate(x, y, verbose=0)),  # type: ignore[arg-type]
            ):
                for batch in batches:
                    gru.reset_state()
                    for piece in pieces:
                        step(split.x[batch, piece], split.y[batch, piece])

    whole = build()

    def predict() -> np.ndarray:
        # In one pass: JAX's `evaluate` and `predict` forget the state between pieces.
        _copy(model, whole)
        return whole.predict(data.validation.x, batch_size=task.batch_size, verbose=0)  # type: ignore[arg-type]

    return Peer(_reset(model, build), train, predict)


def _copy(source: keras.Model, target: keras.Model) -> None:
    for theirs, own in zip(source.trainable_variables, target.trainable_variables, strict=True):
        own.assign(theirs)


def _reset(model: keras.Model, build: Callable[[], keras.Model]) -> Callable[[], None]:
    """Fresh weights and a fresh optimizer in the same compiled model: only its first training compiles."""
    optimizer: Any = model.optimizer
    optimizer.build(model.trainable_variables)
    untouched: dict[str, Any] = {}
    optimizer.save_own_variables(untouched)

    def reset() -> None:
        _copy(build(), model)
        optimizer.load_own_variables(untouched)

    return reset
