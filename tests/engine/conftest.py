"""Keras models in float64: what the engine's outputs, losses, gradients and steps are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

import jax
import keras
import numpy as np
import pytest

# Some of Keras's operations on JAX (tanh, for one) go back to 32 bits by this table, whatever floatx is.
from keras.src.backend.common.dtypes import BIT64_TO_BIT32_DTYPE

from netlet.architecture import Architecture

KERAS_LOSSES = {
    "binary": keras.losses.binary_crossentropy,
    "categorical": keras.losses.categorical_crossentropy,
    "regression": keras.losses.mean_squared_error,
    "mse": keras.losses.mean_squared_error,
    "mae": keras.losses.mean_absolute_error,
    "huber": keras.losses.huber,
}


@dataclass(frozen=True)
class Computed:
    """All numbers of one pass forward and backward, float64."""

    outputs: list[np.ndarray]
    loss: float
    d_weights: list[np.ndarray]
    d_x: np.ndarray


class KerasReference:
    """A Keras model, compiled once for a number of samples of which any first ones can be counted.

    Parameters
    ----------
    architecture
        Resolved.
    input_shape, task
        As of a `netlet.network.Network`.
    samples
        How many samples every call brings.
    l2
        Of the regulariser that every kernel has.
    """

    def __init__(
        self,
        architecture: Architecture,
        input_shape: tuple[int, ...],
        task: str,
        samples: int,
        l2: float = 0.0,
    ) -> None:
        self.samples = samples
        with in_float64():
            self.model = _model(architecture, input_shape)
            self._regulariser = keras.regularizers.L2(l2)
            self._loss = KERAS_LOSSES[task]
            self._compute = jax.jit(jax.value_and_grad(self._pass, argnums=(0, 1), has_aux=True))

    def __call__(
        self, weights: Sequence[np.ndarray], x: np.ndarray, y: np.ndarray, counted: int | None = None
    ) -> Computed:
        """What comes out for the first `counted` of the samples (all if None)."""
        counted = self.samples if counted is None else counted
        shares = (np.arange(self.samples) < counted) / counted
        targets = y.reshape(self.samples, -1).astype(np.float64)
        with in_float64():
            (loss, outputs), (d_weights, d_x) = self._compute(
                [np.float64(weight) for weight in weights], x.astype(np.float64), targets, shares
            )
            return Computed(
                [np.asarray(output)[:counted] for output in outputs],
                float(loss),
                [np.asarray(d) for d in d_weights],
                np.asarray(d_x)[:counted],
            )

    def _pass(self, weights: Any, x: Any, y: Any, shares: Any) -> Any:
        variables = self.model.weights
        learns = [any(each is one for one in self.model.trainable_variables) for each in variables]
        weights = [w if own else jax.lax.stop_gradient(w) for w, own in zip(weights, learns, strict=True)]
        outputs = []
        with keras.StatelessScope(state_mapping=list(zip(variables, weights, strict=True))):
            for layer in self.model.layers:
                x = layer(x, training=False) if isinstance(layer, keras.layers.Dropout) else layer(x)
                outputs.append(x)
            loss = (self._loss(y, x) * shares).sum()
        penalty = sum(self._regulariser(weight) for weight in weights if weight.ndim > 1)
        return loss + penalty, outputs


class SequenceReference:
    """A Keras model of recurrent layers, whose states are given and come back.

    Parameters
    ----------
    architecture, input_shape, task
        As of `KerasReference`.
    per_step
        Whether there is a target at every step.
    """

    def __init__(
        self, architecture: Architecture, input_shape: tuple[int, ...], task: str, per_step: bool
    ) -> None:
        self.per_step = per_step
        with in_float64():
            self.model = _model(architecture, input_shape)
            self._loss = KERAS_LOSSES[task]
            self._recurrent = [layer for layer in self.model.layers if isinstance(layer, keras.layers.RNN)]
            for layer in self._recurrent:
                layer.return_state = True
            self._compute = jax.jit(jax.value_and_grad(self._pass, argnums=(0, 1), has_aux=True))

    def __call__(
        self,
        weights: Sequence[np.ndarray],
        x: np.ndarray,
        y: np.ndarray,
        counted: int | None = None,
        mask: np.ndarray | None = None,
        states: Any = None,
    ) -> tuple[float, list[np.ndarray], list[np.ndarray], np.ndarray, list[list[np.ndarray]]]:
        """Loss, outputs, gradients of weights and x, and states, for the first `counted` samples."""
        shares = np.repeat((np.arange(len(x)) < (counted or len(x)))[:, None], x.shape[1], axis=1)
        with in_float64():
            states = states or [
                [np.zeros((len(x), layer.units))] * (2 if isinstance(layer, keras.layers.LSTM) else 1)
                for layer in self._recurrent
            ]
            numbers = [np.float64(weight) for weight in weights]
            (loss, (outputs, after)), (d_weights, d_x) = self._compute(
                numbers, x.astype(np.float64), y.astype(np.float64), shares, mask, states
            )
            return (
                float(loss),
                [np.asarray(output)[:counted] for output in outputs],
                [np.asarray(d) for d in d_weights],
                np.asarray(d_x)[:counted],
                [[np.asarray(state) for state in layer] for layer in after],
            )

    def _pass(self, weights: Any, x: Any, y: Any, shares: Any, mask: Any, states: Any) -> Any:
        outputs, after = [], []
        states = list(states)
        variables = self.model.trainable_variables
        with keras.StatelessScope(state_mapping=list(zip(variables, weights, strict=True))):
            for layer in self.model.layers:
                if isinstance(layer, keras.layers.RNN):
                    x, *state = layer(x, initial_state=states.pop(0), mask=mask, training=False)
                    after.append(state)
                else:
                    x = layer(x, training=False) if isinstance(layer, keras.layers.Dropout) else layer(x)
                outputs.append(x)
            if self.per_step:
                losses = ((x - y) ** 2).mean(axis=-1)
                shares = shares if mask is None else shares & mask
            else:
                losses, shares = self._loss(y, x), shares[:, 0]
        return (losses * shares).sum() / shares.sum(), (outputs, after)


class in_float64:
    """Within it Keras and JAX compute in double precision."""

    def __enter__(self) -> None:
        """Switch to it."""
        self._x64 = jax.enable_x64(True)
        self._x64.__enter__()
        self._before = keras.config.floatx(), keras.config.dtype_policy()
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")  # which Keras takes from floatx once only
        self._narrowed = BIT64_TO_BIT32_DTYPE.pop("float64", None)

    def __exit__(self, *raised: Any) -> None:
        """Back to what was before."""
        if self._narrowed:
            BIT64_TO_BIT32_DTYPE["float64"] = self._narrowed
        floatx, policy = self._before
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)
        self._x64.__exit__(*raised)


def _model(architecture: Architecture, input_shape: tuple[int, ...]) -> Any:
    """The model that Keras code says, its weights zeros: drawing random ones takes most of the time."""
    names = [
        [f.name for f in fields(layer) if f.name.endswith("initializer")] for layer in architecture.layers
    ]
    layers = [
        replace(layer, **dict.fromkeys(changed, "zeros"))
        for layer, changed in zip(architecture.layers, names, strict=True)
    ]
    built: dict[str, Any] = {}
    exec(Architecture(layers).keras_code(input_shape), built)
    return built["model"]


@pytest.fixture(scope="session")
def keras_reference():
    """`KerasReference`, of which every one is compiled only once."""
    return lru_cache(KerasReference)


@pytest.fixture(scope="session")
def sequence_reference():
    """`SequenceReference`, of which every one is compiled only once."""
    return lru_cache(SequenceReference)


@pytest.fixture
def float64():
    """Keras and JAX compute in double precision during the test."""
    with in_float64():
        yield


def _keras_steps(architecture, shape, start, x, y, steps, batches):
    """Weights after every step, moving averages among them; batches are of so many first samples in turn."""
    built = {}
    exec(architecture.keras_code(shape), built)
    model = built["model"]
    optimizer = keras.optimizers.SGD(0.03, momentum=0.8)
    optimizer.build(model.trainable_variables)
    model.set_weights(start)
    learns = [any(variable is each for each in model.trainable_variables) for variable in model.weights]

    @jax.jit
    def step(state, trained, averages, x, y):
        def loss(trained):
            answers, after = model.stateless_call(trained, averages, x, training=True)
            losses: Any = keras.losses.binary_crossentropy(y[:, None], answers)
            return losses.mean(), after

        (_, after), gradients = jax.value_and_grad(loss, has_aux=True)(trained)
        trained, state = optimizer.stateless_apply(state, gradients, trained)
        return state, trained, after

    state = [variable.value for variable in optimizer.variables]
    trained = [np.float64(w) for w, own in zip(start, learns, strict=True) if own]
    averages = [variable.value for variable in model.non_trainable_variables]
    names = [variable.path for variable in model.non_trainable_variables]
    moving = [names.index(v.path) for v, own in zip(model.weights, learns, strict=True) if not own]
    for number in range(steps):
        count = batches[number % len(batches)]
        state, trained, averages = step(state, trained, averages, x[:count].astype(np.float64), y[:count])
        rest, still = iter(trained), iter(moving)
        yield [np.asarray(next(rest) if own else averages[next(still)]) for own in learns]


@pytest.fixture
def keras_steps(float64):
    """Steps of an optimizer by Keras in float64: ``(architecture, shape, start, x, y, steps, batches)``."""
    return _keras_steps
