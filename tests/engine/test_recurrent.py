"""The contract of recurrent layers: hidden activity, gates, carried states and gradients are Keras's.

Held against Keras in float64, in one pass over whole sequences and in pieces with the state carried by hand
(Keras's own stateful layers do not carry it on every backend), with and without masks, for every instruction
set and for batches that fill groups of every width. Two steps of a GRU and an LSTM are worked out by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import exp, tanh
from typing import Any

import jax
import keras
import numpy as np
import pytest

from netlet import _engine
from netlet.architecture import ACTIVATIONS, Architecture, Recurrent
from netlet.errors import ArchitectureError, DataError
from netlet.network import INSTRUCTION_SET_VARIABLE, Network, make_engine
from netlet.training import Training
from netlet.training.for_engine import for_engine

BATCHES = (1, 3, 20, 50)
SAMPLES = max(BATCHES)
STEPS = 7
ACCURACY = 4e-6  # of the largest number of an array; sums over steps cancel
ROUNDING = 1.2e-7


@dataclass(frozen=True)
class Case:
    """A network on sequences; with a target at every step unless it is for a task of its own."""

    text: str
    channels: int = 2
    outputs: int = 2
    task: str = "regression"
    per_step: bool = True
    steps: int = STEPS

    @property
    def shape(self):
        return (self.steps, self.channels)

    @property
    def architecture(self):
        return Architecture(self.text).resolve(self.shape, self.task, self.outputs, self.per_step)


CELLS = ("rnn(5)", "gru(5)", "gru(5, reset_after=false)", "lstm(5)")
CASES = {cell: Case(f"{cell} - dense(2)") for cell in CELLS}
CASES |= {
    f"{cell}, {activation}": Case(f"{cell[:-1]}, activation={activation}) - dense(2)")
    for cell in CELLS
    for activation in ACTIVATIONS
    if activation not in ("softmax", "tanh")
}
CASES |= {
    # Few steps: gates that know no bounds make numbers grow.
    f"{cell}, recurrent {activation}": Case(
        f"{cell[:-1]}, recurrent_activation={activation}) - dense(2)", steps=3
    )
    for cell in CELLS[1:]
    for activation in ("tanh", "relu")
}
CASES |= {
    f"{cell} without bias": Case(f"{cell[:-1]}, use_bias=false) - dense(2)", channels=1) for cell in CELLS
}
CASES |= {
    f"{cell}, last step": Case(
        f"{cell} - dense(3)", channels=3, outputs=3, task="categorical", per_step=False
    )
    for cell in CELLS
}
CASES |= {
    "one unit": Case("gru(1)", outputs=1),
    "many units": Case("rnn(27) - dense(2)", channels=5),
    "many units of lstm": Case("lstm(14) - dense(2)", channels=3),
    "one step": Case("lstm(3) - dense(2)", steps=1),
    "a stack": Case("gru(3) - lstm(4) - dense(3, activation=tanh) - rnn(2) - dense(2)"),
    "dropout between": Case("gru(3) - dropout(0.2) - rnn(4) - dropout(0.5) - dense(2)"),
    "a stack, last step": Case("lstm(3) - gru(4) - dense(1)", outputs=1, task="binary", per_step=False),
    "a recurrent layer last": Case("lstm(2)"),
    "dense before": Case("dense(4, activation=tanh) - gru(3, reset_after=false) - dense(2)"),
    "flatten behind": Case("gru(3, return_sequences=true) - flatten - dense(2)", per_step=False),
}
MASKED = [*CELLS, *(f"{cell}, last step" for cell in CELLS), "a stack", "a stack, last step", "gru(5), relu"]


def drawn(case, seed=5, count=SAMPLES):
    """Weights, inputs and targets."""
    random = np.random.default_rng(seed)
    shapes = case.architecture.weight_shapes(case.shape)
    weights = [random.normal(size=shape, scale=1 / np.sqrt(np.prod(shape[:-1]))) for shape in shapes]
    x = random.uniform(-1, 1, (count, *case.shape))
    if case.task == "binary":
        y = random.integers(0, 2, (count, 1))
    elif case.task == "categorical":
        y = np.eye(case.outputs)[random.integers(0, case.outputs, count)]
    else:
        y = random.normal(size=(count, *([case.steps] * case.per_step), case.outputs))
    return [w.astype(np.float32) for w in weights], x.astype(np.float32), y.astype(np.float32)


def masks(count, steps, seed=8):
    """Sequences of every length, and some with holes; at least one step of each counts."""
    random = np.random.default_rng(seed)
    mask = np.arange(steps) < random.integers(1, steps + 1, count)[:, None]
    holes = random.uniform(size=mask.shape) < 0.3
    mask[::3] &= ~holes[::3]
    mask[~mask.any(axis=1), steps // 2] = True
    return mask


def close(what, own, keras_s, least_scale=1e-6):
    own, keras_s = np.asarray(own), np.asarray(keras_s)
    assert own.shape == keras_s.shape, what
    scale = max(float(abs(keras_s).max()), least_scale)
    np.testing.assert_allclose(own / scale, keras_s / scale, rtol=0, atol=ACCURACY, err_msg=what)


@pytest.mark.parametrize(
    ("name", "masked"), [(name, False) for name in CASES] + [(name, True) for name in MASKED]
)
def test_recurrent_layers_are_keras_s(name, masked, sequence_reference, monkeypatch):
    case = CASES[name]
    weights, x, y = drawn(case)
    mask = masks(SAMPLES, case.steps) if masked else None
    model = sequence_reference(case.architecture, case.shape, case.task, case.per_step)
    truth = {batch: model(weights, x, y, batch, mask) for batch in BATCHES}
    for instruction_set in _engine.instruction_sets():
        monkeypatch.setenv(INSTRUCTION_SET_VARIABLE, instruction_set)
        network = Network(case.architecture, case.shape, case.task, weights)
        for batch, (loss, outputs, d_weights, d_x, states) in truth.items():
            where = f"{instruction_set}, {batch} samples"
            given = (x[:batch], y[:batch], None if mask is None else mask[:batch])
            assert_same(where, network, given, loss, outputs, d_weights, d_x)
            for activity, state in zip(network.activity(x[:batch], given[2]), states, strict=True):
                close(f"{where}: last hidden activity", activity.hidden[:, -1], state[0][:batch])
                if activity.cell is not None:
                    close(f"{where}: last cell state", activity.cell[:, -1], state[1][:batch])


def assert_same(where, network, given, loss, outputs, d_weights, d_x):
    x, y, mask = given
    own_loss, own_d_weights, own_d_x = network.gradients(x, y, mask)
    close(f"{where}: loss", network.loss(x, y, mask), loss)
    close(f"{where}: loss with gradients", own_loss, loss)
    for number, (own, keras_s) in enumerate(zip(network.outputs(x, mask), outputs, strict=True)):
        close(f"{where}: output of layer {number}", own, keras_s)
    close(f"{where}: prediction", network.predict(x, mask).reshape(outputs[-1].shape), outputs[-1])
    steepest = max(float(abs(d).max()) for d in d_weights)
    for number, (own, keras_s) in enumerate(zip(own_d_weights, d_weights, strict=True)):
        close(f"{where}: gradient of weights {number}", own, keras_s, max(steepest / 10, ROUNDING / ACCURACY))
    close(f"{where}: gradient of the input", own_d_x, d_x, ROUNDING / ACCURACY)


@pytest.mark.parametrize("cell", CELLS)
def test_masks_mean_what_keras_s_masking_layer_means(cell, float64):
    """The whole of Keras's own way: a Masking layer in front, the mask passed on to the loss."""
    case = CASES[cell]
    weights, x, y = drawn(case)
    mask = masks(SAMPLES, STEPS)
    x[~mask] = 0
    network = Network(case.architecture, case.shape, case.task, weights)
    assert network.loss(x, y, mask) == pytest.approx(masked_loss(case, weights, x, y), rel=1e-5)


def masked_loss(case, weights, x, y):
    """By Keras, from zeros in x."""
    built = {}
    exec(case.architecture.keras_code(case.shape), built)
    model = keras.Sequential([keras.Input(case.shape), keras.layers.Masking(0.0), *built["model"].layers])
    model.compile(loss="mean_squared_error")
    model.set_weights(weights)
    evaluate: Any = model.evaluate
    return evaluate(np.float64(x), np.float64(y), batch_size=SAMPLES, verbose=0)


def test_what_is_masked_has_no_effect():
    case = CASES["a stack"]
    weights, x, y = drawn(case)
    mask = masks(SAMPLES, STEPS)
    network = Network(case.architecture, case.shape, case.task, weights)
    other_x, other_y = x.copy(), y.copy()
    other_x[~mask], other_y[~mask] = 1e3, -1e3
    loss, d_weights, d_x = network.gradients(x, y, mask)
    assert not d_x[~mask].any()
    assert network.loss(other_x, other_y, mask) == loss
    for own, other in zip(d_weights, network.gradients(other_x, other_y, mask)[1], strict=True):
        np.testing.assert_array_equal(own, other)


def test_a_shorter_sequence_is_one_whose_rest_is_masked():
    case = CASES["lstm(5), last step"]
    weights, x, _ = drawn(case)
    network = Network(case.architecture, case.shape, case.task, weights)
    mask = np.zeros((SAMPLES, STEPS), bool)
    mask[:, :4] = True
    np.testing.assert_allclose(network.predict(x, mask), network.predict(x[:, :4]), rtol=1e-6, atol=1e-7)


# Truncated back-propagation through time

OPTIMIZERS = {"sgd": ("sgd", 0.1, keras.optimizers.SGD), "adam": ("adam", 0.01, keras.optimizers.Adam)}
BATCHES_OF_STEPS = 17  # of three pieces each: 51 optimizer steps


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", [*CELLS, "a stack", "lstm(5), last step"])
def test_steps_through_pieces_are_keras_s(name, masked, optimizer, sequence_reference, float64):
    """Pieces of 3, 3 and 1 steps, each with a step of the optimizer; states carried, gradients not."""
    case = CASES[name]
    own_name, rate, keras_s = OPTIMIZERS[optimizer]
    start, x, y = drawn(case, count=20)
    mask = masks(20, STEPS) if masked else None
    session = _engine.Session(
        make_engine(case.architecture, case.shape, case.task),
        for_engine(Training(optimizer=own_name, learning_rate=rate, truncation=3), case.task),
        0,
        np.concatenate([weight.ravel() for weight in start]),
    )
    model = sequence_reference(case.architecture, case.shape, case.task, case.per_step)
    truth = Truth(keras_s(learning_rate=rate), model, start)
    rows = [array.reshape(20, -1) for array in (x, y)]
    for batch in range(BATCHES_OF_STEPS):
        own_loss = session.step(rows[0], rows[1], rate, None if mask is None else mask.astype(np.float32))
        loss = truth.train_on_pieces(case, x, y, mask)
        assert own_loss == pytest.approx(loss, rel=2e-5), batch
        moved = max(float(abs(a - b).max()) for a, b in zip(truth.weights, start, strict=True))
        expected = np.concatenate([np.ravel(weight) for weight in truth.weights])
        accuracy = 2e-6 * float(abs(expected).max()) + 2e-5 * moved
        np.testing.assert_allclose(session.weights, expected, rtol=0, atol=accuracy, err_msg=f"{batch}")


class Truth:
    """The same training with Keras's layers and optimizer, and states carried by hand."""

    def __init__(self, optimizer, model, weights):
        optimizer.build(model.model.trainable_variables)
        self.model, self.weights = model, [np.float64(weight) for weight in weights]
        self._apply: Any = jax.jit(optimizer.stateless_apply)
        self._state = [variable.value for variable in optimizer.variables]

    def train_on_pieces(self, case, x, y, mask):
        """One batch; the mean loss over all targets."""
        states, summed, targets = None, 0.0, 0
        for first, end in pairwise((0, 3, 6, STEPS)):
            part_y = y[:, first:end] if case.per_step else y
            part_mask = None if mask is None else mask[:, first:end]
            loss, _, gradients, _, states = self.model(
                self.weights, x[:, first:end], part_y, None, part_mask, states
            )
            if not case.per_step and end < STEPS:
                continue
            count = len(x)
            if case.per_step:
                count = count * (end - first) if part_mask is None else part_mask.sum()
            summed, targets = summed + loss * count, targets + count
            self.weights, self._state = self._apply(self._state, gradients, self.weights)
        return summed / targets


@pytest.mark.parametrize("name", ["rnn(5)", "gru(5)", "lstm(5)", "a stack"])
@pytest.mark.parametrize("truncation", [1, 2, 3, 6])
def test_pieces_carry_on_as_one_pass_does(name, truncation):
    """With a learning rate of zero the pieces together are the whole sequence."""
    case = CASES[name]
    weights, x, y = drawn(case)
    mask = masks(SAMPLES, STEPS)
    network = Network(case.architecture, case.shape, case.task, weights)
    session = _engine.Session(
        make_engine(case.architecture, case.shape, case.task),
        for_engine(Training(optimizer="sgd", truncation=truncation), case.task),
        0,
        np.concatenate([weight.ravel() for weight in weights]),
    )
    x_rows, y_rows = x.reshape(SAMPLES, -1), y.reshape(SAMPLES, -1)
    assert session.step(x_rows, y_rows, 0.0) == pytest.approx(network.loss(x, y), rel=1e-6)
    own = session.step(x_rows, y_rows, 0.0, mask.astype(np.float32))
    assert own == pytest.approx(network.loss(x, y, mask), rel=1e-6)


def test_pieces_need_weights_that_do_not_depend_on_the_steps():
    case = CASES["flatten behind"]
    engine = make_engine(case.architecture, case.shape, case.task)
    settings = for_engine(Training(truncation=3), case.task)
    with pytest.raises(ValueError, match="cut into pieces only where the number of weights"):
        _engine.Session(engine, settings, 0, np.zeros(engine.parameters, np.float32))


# By hand


def sigmoid(x):
    return 1 / (1 + exp(-x))


def test_two_steps_of_a_gru_worked_out_by_hand():
    """One unit, one channel; weights small enough to follow on paper."""
    architecture = Architecture("gru(1)").resolve((2, 1), "regression", 1, True)
    kernel, recurrent = [[0.5, -1.0, 2.0]], [[1.0, 0.5, -0.5]]
    biases = [[0.1, 0.2, 0.3], [0.0, -0.1, 0.4]]
    network = Network(architecture, (2, 1), "regression", [kernel, recurrent, biases])
    # First step, input 1, from h = 0.
    z = sigmoid(0.5 + 0.1)
    g = tanh(2.0 + 0.3 + sigmoid(-1.0 + 0.2 - 0.1) * 0.4)
    first = (1 - z) * g
    # Second step, input -2.
    z = sigmoid(-1.0 + 0.1 + first)
    r = sigmoid(2.0 + 0.2 + 0.5 * first - 0.1)
    g = tanh(-4.0 + 0.3 + r * (-0.5 * first + 0.4))
    second = z * first + (1 - z) * g
    x = np.array([[[1], [-2]]], np.float32)
    assert network.predict(x).ravel() == pytest.approx([first, second], rel=1e-6)
    gates = network.activity(x)[0].gates
    assert list(gates) == ["update", "reset", "candidate"]
    assert [gate[0, 1, 0] for gate in gates.values()] == pytest.approx([z, r, g], rel=1e-6)


def test_two_steps_of_an_lstm_worked_out_by_hand():
    architecture = Architecture("lstm(1)").resolve((2, 1), "regression", 1, True)
    kernel, recurrent, bias = [[1.0, -0.5, 2.0, 0.25]], [[0.5, 1.0, -1.0, 2.0]], [0.1, 1.0, 0.0, -0.2]
    network = Network(architecture, (2, 1), "regression", [kernel, recurrent, bias])
    # First step, input 0.5, from h = c = 0.
    c_first = sigmoid(0.5 + 0.1) * tanh(1.0)
    first = sigmoid(0.125 - 0.2) * tanh(c_first)
    # Second step, input 1.
    i, f = sigmoid(1.0 + 0.5 * first + 0.1), sigmoid(-0.5 + first + 1.0)
    g, o = tanh(2.0 - first), sigmoid(0.25 + 2 * first - 0.2)
    c = f * c_first + i * g
    x = np.array([[[0.5], [1]]], np.float32)
    assert network.predict(x).ravel() == pytest.approx([first, o * tanh(c)], rel=1e-6)
    activity = network.activity(x)[0]
    assert activity.cell is not None
    assert activity.cell.ravel() == pytest.approx([c_first, c], rel=1e-6)
    assert list(activity.gates) == ["input", "forget", "candidate", "output"]
    assert [gate[0, 1, 0] for gate in activity.gates.values()] == pytest.approx([i, f, g, o], rel=1e-6)


# Inside


@pytest.mark.parametrize("name", ["a stack", "a stack, last step", "gru(5, reset_after=false)"])
def test_activity_obeys_the_cells_equations(name):
    case = CASES[name]
    weights, x, _ = drawn(case)
    mask = masks(SAMPLES, STEPS)
    found = Network(case.architecture, case.shape, case.task, weights).activity(x, mask)
    recurrent = [i for i, layer in enumerate(case.architecture.layers) if isinstance(layer, Recurrent)]
    assert [activity.layer for activity in found] == recurrent
    for activity in found:
        before = np.pad(activity.hidden, ((0, 0), (1, 0), (0, 0)))[:, :-1]
        gates = activity.gates
        if activity.cell is not None:
            cell_before = np.pad(activity.cell, ((0, 0), (1, 0), (0, 0)))[:, :-1]
            cell = gates["forget"] * cell_before + gates["input"] * gates["candidate"]
            np.testing.assert_allclose(
                activity.cell, np.where(mask[..., None], cell, cell_before), rtol=1e-5, atol=1e-6
            )
            hidden = gates["output"] * np.tanh(cell)
        elif gates:
            hidden = gates["update"] * before + (1 - gates["update"]) * gates["candidate"]
        else:
            continue
        np.testing.assert_allclose(
            activity.hidden, np.where(mask[..., None], hidden, before), rtol=1e-5, atol=1e-6
        )


def test_networks_take_sequences_of_any_length():
    case = CASES["a stack"]
    weights, x, _ = drawn(case)
    network = Network(case.architecture, case.shape, case.task, weights)
    whole = network.predict(x)
    np.testing.assert_allclose(network.predict(x[:, :4]), whole[:, :4], rtol=1e-6, atol=1e-7)
    longer = np.concatenate([x, x], axis=1)
    np.testing.assert_allclose(network.predict(longer)[:, :STEPS], whole, rtol=1e-6, atol=1e-7)
    assert network.activity(longer)[1].hidden.shape == (SAMPLES, 2 * STEPS, 4)
    flat = CASES["flatten behind"]
    fixed = Network(flat.architecture, flat.shape, flat.task, drawn(flat)[0])
    with pytest.raises(DataError, match=r"x has shape \(50, 14, 2\), but the network takes \(n, 7, 2\)"):
        fixed.predict(longer)


def test_the_input_gradient_is_what_finite_differences_give():
    case = CASES["a stack"]
    weights, x, y = drawn(case, count=3)
    network = Network(case.architecture, case.shape, case.task, weights)
    d_y = np.zeros_like(y)
    d_y[:, 5, 1] = 1
    found = network.input_gradient(x, d_y)
    assert not found[:, 6].any()
    step = 0.01
    for t, channel in np.ndindex(case.shape):
        moved = [x.copy() for _ in range(2)]
        moved[0][:, t, channel] += step
        moved[1][:, t, channel] -= step
        up, down = (network.predict(m)[:, 5, 1] for m in moved)
        np.testing.assert_allclose(found[:, t, channel], (up - down) / (2 * step), atol=2e-4)


def test_masks_that_do_not_fit_are_refused():
    case = CASES["gru(5)"]
    weights, x, _ = drawn(case)
    network = Network(case.architecture, case.shape, case.task, weights)
    with pytest.raises(DataError, match=r"mask has shape \(50, 6\), but must be \(50, 7\): one value a step"):
        network.predict(x, np.ones((SAMPLES, 6), bool))


# Initial weights


def test_recurrent_kernels_start_orthogonal_and_forget_gates_at_one():
    architecture = Architecture("lstm(6) - gru(5) - rnn(4)").resolve((9, 3), "regression", 4, True)
    engine = make_engine(architecture, (9, 3), "regression")
    drawn_weights = Network.from_flat(architecture, (9, 3), "regression", engine.initial_weights(3)).weights
    for recurrent in (drawn_weights[1], drawn_weights[4], drawn_weights[7]):
        np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(len(recurrent)), atol=1e-5)
    np.testing.assert_array_equal(drawn_weights[2], np.repeat([0, 1, 0, 0], 6))
    assert not drawn_weights[5].any()
    assert not drawn_weights[8].any()
    limit = (6 / (3 + 24)) ** 0.5  # Keras's glorot_uniform of the whole kernel
    assert 0.9 * limit < abs(drawn_weights[0]).max() <= limit
    plain = Architecture("lstm(6, unit_forget_bias=false)").resolve((9, 3), "regression", 6, True)
    engine = make_engine(plain, (9, 3), "regression")
    assert not Network.from_flat(plain, (9, 3), "regression", engine.initial_weights(3)).weights[2].any()


def test_recurrent_layers_work_on_sequences_only():
    with pytest.raises(ArchitectureError, match="rnn works on sequences, not on images"):
        make_engine(Architecture("rnn(3)"), (4, 4, 2), "regression")
