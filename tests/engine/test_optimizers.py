"""The contract of every optimizer: 50 steps, each of them Keras's, to float32 accuracy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import jax
import keras
import numpy as np
import pytest

from netlet import _engine
from netlet.architecture import Architecture, Dense
from netlet.network import make_engine
from netlet.training import Training
from netlet.training.for_engine import for_engine

STEPS, BATCH, SHAPE = 50, 20, (6, 6, 1)
ARCHITECTURE = Architecture(
    "conv(3, 2x2, activation=tanh) - avgpool(2) - flatten"
    " - dense(4, activation=tanh, use_bias=false) - dense(1)"
).resolve(SHAPE, "binary", 1)

LINEAR = Architecture((*ARCHITECTURE.layers[:-1], Dense(1, activation="linear")))


@dataclass(frozen=True)
class Case:
    """An optimizer by the names of netlet's Training; in `keras` those that Keras has other names for."""

    optimizer: str
    settings: dict[str, Any] = field(default_factory=dict)
    keras: dict[str, Any] = field(default_factory=dict)
    l2: float = 0.0
    loss: str = ""  # of regression


CASES = {
    "sgd": Case("sgd", {"learning_rate": 0.3}),
    "sgd with momentum": Case("sgd", {"learning_rate": 0.05, "momentum": 0.9}),
    "sgd with nesterov": Case("sgd", {"learning_rate": 0.05, "momentum": 0.8, "nesterov": True}),
    "rmsprop": Case("rmsprop", {"learning_rate": 0.004}),
    "rmsprop with momentum": Case("rmsprop", {"learning_rate": 0.002, "momentum": 0.7, "rho": 0.8}),
    "rmsprop with large epsilon": Case("rmsprop", {"learning_rate": 0.05, "epsilon": 0.01}),
    "adam": Case("adam", {"learning_rate": 0.01}),
    "adam with other betas": Case(
        "adam", {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}
    ),
    "nadam": Case("nadam", {"learning_rate": 0.01}),
    "nadam with other betas": Case(
        "nadam", {"learning_rate": 0.01, "beta_1": 0.7, "beta_2": 0.95, "epsilon": 1e-3}
    ),
    "adamw": Case("adamw", {"learning_rate": 0.01}),
    "adamw with much decay": Case("adamw", {"learning_rate": 0.02, "weight_decay": 0.5, "beta_1": 0.8}),
    "mean squared error": Case("adam", {"learning_rate": 0.01}, loss="mse"),
    "mean absolute error": Case("adam", {"learning_rate": 0.01}, loss="mae"),
    "huber": Case("sgd", {"learning_rate": 0.05, "momentum": 0.5}, loss="huber"),
    "clip_norm": Case("sgd", {"learning_rate": 0.3}, {"clipnorm": 0.05}),
    "clip_norm that is never reached": Case("adam", {"learning_rate": 0.01}, {"clipnorm": 1e3}),
    "global_clip_norm": Case("sgd", {"learning_rate": 0.3, "momentum": 0.5}, {"global_clipnorm": 0.1}),
    "l2": Case("sgd", {"learning_rate": 0.2}, l2=0.1),
    "l2 with clip_norm": Case("adam", {"learning_rate": 0.01}, {"clipnorm": 0.1}, l2=0.05),
}
OWN_NAMES = {"clipnorm": "clip_norm", "global_clipnorm": "global_clip_norm"}


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(6)
    x = random.normal(size=(5, BATCH, *SHAPE)).astype(np.float32)
    return x, (x[:, :, :3].mean(axis=(2, 3, 4)) > 0).astype(np.float32)


@pytest.fixture(scope="module")
def start():
    random = np.random.default_rng(7)
    shapes = ARCHITECTURE.weight_shapes(SHAPE)
    return [random.normal(size=shape, scale=0.5).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize("name", CASES)
def test_every_step_of_an_optimizer_is_keras_s(name, data, start, keras_reference, float64):
    case = CASES[name]
    own = own_steps(case, data, start)
    for step, expected in enumerate(keras_steps(case, data, start, keras_reference), 1):
        found = next(own)
        moved = max(float(abs(a - b).max()) for a, b in zip(expected, start, strict=True))
        for weight, keras_s in zip(
            np.split(found, np.cumsum([w.size for w in start])[:-1]), expected, strict=True
        ):
            # Rounding of the weights, and what it has grown to by feeding back through the steps.
            accuracy = 4e-7 * float(abs(keras_s).max()) + 1e-5 * moved
            np.testing.assert_allclose(weight, keras_s.ravel(), rtol=0, atol=accuracy, err_msg=f"step {step}")


def architecture_of(case):
    return LINEAR if case.loss else ARCHITECTURE


def own_steps(case, data, start):
    changes = {OWN_NAMES[key]: value for key, value in case.keras.items()}
    training = Training(
        optimizer=case.optimizer, l2=case.l2, loss=case.loss or "mse", **case.settings, **changes
    )
    task = "regression" if case.loss else "binary"
    session = _engine.Session(
        make_engine(architecture_of(case), SHAPE, task),
        for_engine(training, task),
        0,
        np.concatenate([weight.ravel() for weight in start]),
    )
    for x, y in batches(data):
        session.step(x.reshape(BATCH, -1), y[:, None], training.learning_rate)
        yield session.weights


def keras_steps(case, data, start, keras_reference):
    reference = keras_reference(architecture_of(case), SHAPE, case.loss or "binary", BATCH, case.l2)
    optimizers = {"sgd": keras.optimizers.SGD, "rmsprop": keras.optimizers.RMSprop}
    optimizers |= {"adam": keras.optimizers.Adam, "nadam": keras.optimizers.Nadam}
    optimizers |= {"adamw": keras.optimizers.AdamW}
    optimizer = optimizers[case.optimizer](**case.settings, **case.keras)
    optimizer.build(reference.model.trainable_variables)
    apply = jax.jit(optimizer.stateless_apply)
    weights = [np.float64(weight) for weight in start]
    state = [variable.value for variable in optimizer.variables]
    for x, y in batches(data):
        weights, state = apply(state, reference(weights, x, y).d_weights, weights)
        yield [np.asarray(weight) for weight in weights]


def batches(data):
    for step in range(STEPS):
        yield data[0][step % 5], data[1][step % 5]
