"""A network fed step by step gives what it gives for the whole sequence."""

import numpy as np
import pytest

from netlet import Architecture, DataError, Network
from netlet.architecture import ACTIVATIONS
from netlet.datasets.scaling import Scaling
from netlet.errors import ArchitectureError

STEPS, CHANNELS = 12, 2


def made(text, task="regression", outputs=1, per_step=True, **details):
    shape = (STEPS, CHANNELS)
    architecture = Architecture(text).resolve(shape, task, outputs, per_step)
    random = np.random.default_rng(len(text))
    weights = [random.normal(0, 0.6, size) for size in architecture.weight_shapes(shape)]
    return Network(architecture, shape, task, weights, **details)


def sequences(count=3):
    return np.random.default_rng(1).normal(size=(count, STEPS, CHANNELS)).astype(np.float32)


@pytest.mark.parametrize(
    "text",
    [
        "rnn(3) - dense(1)",
        "gru(4) - dense(2)",
        "gru(3, reset_after=false, use_bias=false) - dense(1)",
        "gru(3, reset_after=false) - dropout(0.3) - dense(1)",
        "lstm(3) - lstm(2) - dense(1)",
        "lstm(2, use_bias=false) - activation(elu) - dense(3, activation=tanh) - dense(1)",
        "dense(4, activation=relu) - rnn(2, activation=relu) - dense(1)",
        "dense(2)",
    ],
)
def test_every_step_is_that_of_the_whole_pass(text):
    network = made(text, outputs=2 if text in ("gru(4) - dense(2)", "dense(2)") else 1)
    x, stream = sequences(), network.stream()
    whole = network.predict(x)
    for step in range(STEPS):
        np.testing.assert_allclose(stream.step(x[:, step]), whole[:, step], rtol=1e-5, atol=2e-6)
    assert stream.steps == STEPS


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "softmax"])
def test_every_activation_is_the_engines(activation):
    network = made(f"gru(3, activation={activation}) - dense(2, activation={activation}) - dense(1)")
    x, stream = 0.5 * sequences(), network.stream()
    found = np.stack([stream.step(x[:, step]) for step in range(STEPS)], axis=1)
    np.testing.assert_allclose(found, network.predict(x), rtol=2e-5, atol=5e-6)


@pytest.mark.parametrize(
    ("text", "task", "outputs"),
    [
        ("gru(3) - dense(1)", "binary", 2),
        ("lstm(2) - dense(3)", "categorical", 3),
        ("rnn(2)", "regression", 2),
    ],
)
def test_with_one_answer_a_sequence_it_is_as_if_the_sequence_ended_here(text, task, outputs):
    network = made(text, task, outputs, per_step=False)
    x, stream = sequences(), network.stream()
    for step in range(STEPS):
        found = stream.step(x[:, step])
        np.testing.assert_allclose(found, network.predict(x[:, : step + 1]), rtol=1e-5, atol=2e-6)


def test_a_class_at_every_step_has_probabilities():
    network = made("gru(3) - dense(2)", "categorical", 2)
    x, stream = sequences(1)[0], network.stream()
    for step, expected in enumerate(network.predict(x[np.newaxis])[0]):
        found = stream.step(x[step])
        assert found.shape == (2,)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_one_sequence_alone_has_no_axis_of_sequences():
    network = made("gru(3) - dense(1)", "binary", 2, per_step=False)
    x = sequences(1)
    stream = network.stream()
    found = [stream.step(each) for each in x[0]]
    assert np.shape(found[-1]) == ()
    assert found[-1] == pytest.approx(float(network.predict(x)[0]), rel=1e-5)


def test_scalings_apply_at_every_step():
    network = made(
        "gru(3) - dense(1)",
        input_scaling=Scaling((1.0, -2.0), (0.5, 3.0)),
        target_scaling=Scaling((100.0,), (25.0,)),
    )
    x, stream = sequences(), network.stream()
    found = np.stack([stream.step(x[:, step]) for step in range(STEPS)], axis=1)
    np.testing.assert_allclose(found, network.predict(x), rtol=1e-5)


def test_after_a_reset_it_begins_anew():
    network = made("lstm(3) - dense(1)")
    x, stream = sequences(), network.stream()
    first = [stream.step(x[:, step]) for step in range(3)]
    stream.reset()
    assert stream.steps == 0
    again = [stream.step(x[:, step]) for step in range(3)]
    np.testing.assert_array_equal(first, again)
    stream.reset()
    assert stream.step(x[0, 0]).shape == (1,)


def test_streams_of_one_network_do_not_meet():
    network = made("rnn(2) - dense(1)")
    x, one, other = sequences(), network.stream(), network.stream()
    one.step(x[:, 0])
    np.testing.assert_array_equal(other.step(x[:, 0]), network.stream().step(x[:, 0]))


@pytest.mark.parametrize("x", [np.zeros(3), np.zeros((2, 3)), 1.0, np.zeros((0, 2)), np.zeros((1, 1, 2))])
def test_a_step_of_another_shape_is_refused(x):
    with pytest.raises(DataError, match=r"a step has shape .*, but must be \(2,\), or \(n, 2\)"):
        made("gru(2) - dense(1)").stream().step(x)


def test_another_number_of_sequences_is_refused():
    stream = made("gru(2) - dense(1)").stream()
    stream.step(np.zeros((3, 2)))
    with pytest.raises(DataError, match="2 sequences are given, but there were 3 at the steps before: reset"):
        stream.step(np.zeros((2, 2)))


def test_what_has_no_steps_is_refused():
    flat = made("gru(2, return_sequences=true) - flatten - dense(1)", per_step=False)
    with pytest.raises(ArchitectureError, match="flattens whole sequences") as error:
        flat.stream()
    assert error.value.layer == 1
    architecture = Architecture("flatten - dense(1)").resolve((4, 4, 1), "binary", 2)
    image = Network(architecture, (4, 4, 1), "binary", [np.zeros((16, 1)), np.zeros(1)])
    with pytest.raises(ArchitectureError, match="takes no sequences"):
        image.stream()
