"""JAX, a training as one compiled program: a loop over epochs, scans over batches, validation inside."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, random

import netlet as nl
from benchmarks.peers import Peer
from benchmarks.tasks import ImageTask, SequenceTask, Task

Weights = Any
"""A list of arrays, or of tuples of them."""


def peer(task: Task, data: nl.Dataset, variant: str) -> Peer:
    """One program that is handed weights, data and the number of epochs, and gives weights back."""
    assert isinstance(task, ImageTask | SequenceTask)
    parts = images(task, data) if isinstance(task, ImageTask) else sequences(task)
    draw, forward, learn, look = parts
    # Channels first: XLA's convolutions on a processor are two to five times as fast as with channels last.
    train_split, validation = (
        (jnp.asarray(_channels_first(split.x)), jnp.asarray(split.y))
        for split in (data.train, data.validation)
    )
    run = jax.jit(_program(task, learn, look), donate_argnums=0)
    keys = (random.key(i) for i in count())
    weights: list[Weights] = [None]

    def reset() -> None:
        weights[0] = jax.block_until_ready(draw(next(keys)))

    def train(epochs: int) -> None:
        weights[0] = jax.block_until_ready(run(weights[0], next(keys), epochs, train_split, validation))[0]

    answer = jax.jit(forward)
    return Peer(reset, train, lambda: np.asarray(answer(weights[0], validation[0])))


def _program(task: Task, learn: Callable[..., Any], look: Callable[..., Any]) -> Callable[..., Any]:
    """Keras's Adam on `learn`'s gradients, and the sums of `look` over validation data, epoch by epoch."""

    def adam(state: Any, gradients: Weights) -> Any:
        weights, mean, square, time = state
        time = time + 1
        rate = task.learning_rate * jnp.sqrt(1 - 0.999**time) / (1 - 0.9**time)
        mean = jax.tree.map(lambda m, g: m + (g - m) * 0.1, mean, gradients)
        square = jax.tree.map(lambda v, g: v + (g * g - v) * 0.001, square, gradients)
        weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), weights, mean, square)
        return weights, mean, square, time

    def run(weights: Weights, key: jax.Array, epochs: jax.Array, data: Any, validation: Any) -> Any:
        zeros = jax.tree.map(jnp.zeros_like, weights)
        is_shuffled = task.settings.get("shuffle", True)

        def epoch(number: jax.Array, carried: Any) -> Any:
            state, score = carried
            drawn = random.fold_in(key, number)
            places = jnp.arange(len(data[0]))
            order = random.permutation(drawn, places) if is_shuffled else places
            for batches in _in_batches(order, task.batch_size):

                def step(state: Any, rows: Any) -> Any:
                    x, y = (array[rows] for array in data)
                    return learn(state, adam, x, y, random.fold_in(drawn, rows[0])), None

                state = lax.scan(step, state, batches)[0]
            score = jnp.zeros(2)
            for batches in _in_batches(jnp.arange(len(validation[0])), task.batch_size):

                def seen(sums: Any, rows: Any) -> Any:
                    return sums + look(state[0], *(array[rows] for array in validation)), None

                score = lax.scan(seen, score, batches)[0]
            return state, score

        state, score = lax.fori_loop(0, epochs, epoch, ((weights, zeros, zeros, 0), jnp.zeros(2)))
        return state[0], score

    return run


def _in_batches(order: jax.Array, size: int) -> list[jax.Array]:
    """All whole batches, (batches, size); and the rest, (1, rest), if there is one."""
    whole = len(order) // size * size
    parts = [order[:whole].reshape(-1, size), order[None, whole:]]
    return [part for part in parts if part.size]


def images(task: ImageTask, data: nl.Dataset) -> tuple[Callable[..., Any], ...]:
    """Weights, answers, a training step and the validation's sums of a convolutional network."""
    glorot = jax.nn.initializers.glorot_uniform()
    is_binary = data.task == "binary"

    def draw(key: jax.Array) -> Weights:
        height, width, channels = data.input_shape
        weights = []
        for filters in task.filters:
            key, own = random.split(key)
            weights.append((glorot(own, (3, 3, channels, filters)), jnp.zeros(filters)))
            height, width, channels = (height - 2) // task.pool, (width - 2) // task.pool, filters
        inputs = height * width * channels
        for units in (task.hidden, task.outputs):
            key, own = random.split(key)
            weights.append((glorot(own, (inputs, units)), jnp.zeros(units)))
            inputs = units
        return weights

    def scores(weights: Weights, x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        for kernel, bias in weights[: len(task.filters)]:
            x = lax.conv_general_dilated(
                x, kernel, (1, 1), "VALID", dimension_numbers=("NCHW", "HWIO", "NCHW")
            )
            # The largest first: activation and bias of what the pooling drops are never computed.
            x = jax.nn.relu(_pooled(x, task.pool) + bias[:, None, None])
        x = x.reshape(len(x), -1)
        (kernel, bias), (last, last_bias) = weights[len(task.filters) :]
        x = jax.nn.relu(x @ kernel + bias)
        if task.dropout and key is not None:
            x = jnp.where(random.bernoulli(key, 1 - task.dropout, x.shape), x / (1 - task.dropout), 0)
        return x @ last + last_bias

    def loss(weights: Weights, x: jax.Array, y: jax.Array, key: jax.Array | None = None) -> jax.Array:
        z = scores(weights, x, key)
        if is_binary:
            return jnp.mean(jax.nn.softplus(z[:, 0]) - y * z[:, 0])
        return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(z), axis=1))

    def learn(state: Any, adam: Callable[..., Any], x: jax.Array, y: jax.Array, key: jax.Array) -> Any:
        return adam(state, jax.grad(loss)(state[0], x, y, key))

    def look(weights: Weights, x: jax.Array, y: jax.Array) -> jax.Array:
        z = scores(weights, x)
        right = (z[:, 0] > 0) == (y > 0.5) if is_binary else z.argmax(1) == y.argmax(1)
        return jnp.stack([loss(weights, x, y) * len(x), right.sum()])

    def forward(weights: Weights, x: jax.Array) -> jax.Array:
        z = scores(weights, x)
        return jax.nn.sigmoid(z) if is_binary else jax.nn.softmax(z)

    return draw, forward, learn, look


def _pooled(x: jax.Array, size: int) -> jax.Array:
    """Windows side by side as axes of their own, which compile to better code than `reduce_window`."""
    n, channels, height, width = x.shape
    height, width = height // size, width // size
    x = x[:, :, : height * size, : width * size]
    return x.reshape(n, channels, height, size, width, size).max((3, 5))


def _channels_first(x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x, -1, 1) if x.ndim == 4 else x


def sequences(task: SequenceTask) -> tuple[Callable[..., Any], ...]:
    """The same of a GRU, whose state is carried from piece to piece; Keras's definition."""
    f = {"relu": jax.nn.relu, "tanh": jnp.tanh}[task.activation]
    units = task.units

    def draw(key: jax.Array) -> Weights:
        glorot, orthogonal = jax.nn.initializers.glorot_uniform(), jax.nn.initializers.orthogonal()
        a, b, c, d = random.split(key, 4)
        gru = (glorot(a, (1, 3 * units)), orthogonal(b, (units, 3 * units)), jnp.zeros((2, 3 * units)))
        return [gru, (glorot(c, (units, 1)), jnp.zeros(1)), (glorot(d, (1, 1)), jnp.zeros(1))]

    def answers(weights: Weights, x: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
        (kernel, recurrent, bias), (first, first_bias), (second, second_bias) = weights
        inputs = jnp.swapaxes(x, 0, 1) @ kernel + bias[0]  # of all steps at once

        def step(h: jax.Array, of_input: jax.Array) -> tuple[jax.Array, jax.Array]:
            of_state = h @ recurrent + bias[1]
            gates = jax.nn.sigmoid(of_input[:, : 2 * units] + of_state[:, : 2 * units])
            z, r = gates[:, :units], gates[:, units:]
            g = f(of_input[:, 2 * units :] + r * of_state[:, 2 * units :])
            h = z * h + (1 - z) * g
            return h, h

        state, hidden = lax.scan(step, state, inputs)  # to unroll 5, 10 or 25 steps is slower
        return jnp.swapaxes((hidden @ first + first_bias) @ second + second_bias, 0, 1), state

    def pieces(x: jax.Array) -> jax.Array:
        """(pieces, samples, steps, 1), of (samples, steps, 1)."""
        return jnp.swapaxes(x.reshape(len(x), -1, task.piece, 1), 0, 1)

    def loss(weights: Weights, x: jax.Array, y: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
        answer, state = answers(weights, x, state)
        return jnp.mean((answer - y) ** 2), lax.stop_gradient(state)

    def learn(state: Any, adam: Callable[..., Any], x: jax.Array, y: jax.Array, key: jax.Array) -> Any:
        def piece(carried: Any, xy: Any) -> Any:
            training, h = carried
            gradients, h = jax.grad(loss, has_aux=True)(training[0], *xy, h)
            return (adam(training, gradients), h), None

        return lax.scan(piece, (state, jnp.zeros((len(x), units))), (pieces(x), pieces(y)))[0][0]

    def look(weights: Weights, x: jax.Array, y: jax.Array) -> jax.Array:
        answer = forward(weights, x)
        return jnp.stack([jnp.sum((answer - y) ** 2), jnp.sum(jnp.abs(answer - y))])

    def forward(weights: Weights, x: jax.Array) -> jax.Array:
        return answers(weights, x, jnp.zeros((len(x), units)))[0]

    return draw, forward, learn, look
