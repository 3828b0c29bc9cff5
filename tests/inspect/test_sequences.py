"""Inside recurrent networks: cases worked out by hand, and what has to hold for any network."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import inspect
from netlet.architecture import Architecture
from netlet.datasets import Split, load, make
from netlet.errors import DataError
from netlet.inspect.error_sources import error_sources
from netlet.network import Network


def network_of(text, shape=(12, 1), outputs=1, weights=None, per_step=True, task="regression", seed=0):
    architecture = Architecture(text).resolve(shape, task, outputs, per_step)
    random = np.random.default_rng(seed)
    weights = weights or [random.normal(size=size, scale=0.5) for size in architecture.weight_shapes(shape)]
    return Network(architecture, shape, task, weights)


def inputs(count=6, steps=12, channels=1, seed=1):
    return np.random.default_rng(seed).normal(size=(count, steps, channels)).astype(np.float32)


# A node that adds up what comes in, losing half of it every step; the output is three times the node, plus 1.
LEAKY = "rnn(1, activation=linear) - dense(1)"
LEAKY_WEIGHTS = [[[1.0]], [[0.5]], [0.0], [[3.0]], [1.0]]


# Contributions


@pytest.mark.parametrize(
    "text",
    [
        "gru(4) - dense(1)",
        "lstm(3) - dense(2)",
        "rnn(3) - gru(5) - dense(3, activation=linear) - dropout(0.1) - dense(1)",
    ],
)
def test_contributions_add_up_to_the_prediction(text):
    outputs = 2 if text.endswith("(2)") else 1
    network, x = network_of(text, outputs=outputs), inputs()
    found = inspect.contributions(network, x)
    np.testing.assert_allclose(found.nodes.sum(axis=2) + found.bias, network.predict(x), atol=1e-5)
    assert found.nodes.shape == (6, 12, found.weights.shape[0], outputs)
    assert found.place == inspect.recurrent_layers(network.architecture)[-1]


def test_contributions_of_linear_layers_are_multiplied_out():
    weights = [np.ones((1, 2)), np.zeros((2, 2)), np.zeros(2), [[1, 2], [0, 1]], [1, 0], [[1], [10]], [5]]
    network = network_of(
        "rnn(2, activation=linear) - dense(2, activation=linear) - dense(1)", weights=weights
    )
    found = inspect.contributions(network, inputs())
    np.testing.assert_allclose(found.weights, [[21], [10]])
    np.testing.assert_allclose(found.bias, [6])


@pytest.mark.parametrize(
    ("text", "per_step", "message"),
    [
        ("gru(2) - dense(3, activation=tanh) - dense(1)", True, "dense behind gru 1 is not linear"),
        ("dense(2) - dense(1)", True, "has no recurrent layer"),
        ("gru(2) - dense(1)", False, "answers once a sequence"),
    ],
)
def test_contributions_need_a_linear_end(text, per_step, message):
    with pytest.raises(DataError, match=message):
        inspect.contributions(network_of(text, per_step=per_step), inputs())


# Silencing


def test_a_silenced_node_is_read_by_nobody():
    """Node 2 repeats the input, node 1 what node 2 was before; the output is node 1."""
    weights = [[[0.0, 1.0]], [[0.0, 0.0], [1.0, 0.0]], [0, 0], [[1.0], [0.0]], [0.0]]
    network = network_of("rnn(2, activation=linear) - dense(1)", weights=weights)
    x = inputs()
    y = np.pad(x, ((0, 0), (1, 0), (0, 0)))[:, :-1]
    found = inspect.silenced_nodes(network, Split(x, y))
    assert found.metrics["mse"] == pytest.approx(0, abs=1e-12)
    assert [each.name for each in found.silenced] == ["rnn 1, node 1", "rnn 1, node 2"]
    for each in found.silenced:  # without either the output is 0
        assert each.lost["mse"] == pytest.approx(float((y**2).mean()), rel=1e-5)


def test_every_layer_s_nodes_are_silenced_also_through_flatten_and_for_classes():
    network = network_of(
        "lstm(2) - gru(3, return_sequences=true) - flatten - dense(1)", per_step=False, task="binary"
    )
    x = inputs(20)
    found = inspect.silenced_nodes(network, Split(x, np.arange(20) % 2))
    assert [each.name for each in found.silenced] == [
        *(f"lstm 1, node {n}" for n in (1, 2)),
        *(f"gru 1, node {n}" for n in (1, 2, 3)),
    ]
    assert {"accuracy", "loss"} <= set(found.silenced[0].lost)


def test_nodes_that_are_the_answer_cannot_be_silenced():
    network = network_of("gru(1)")
    with pytest.raises(DataError, match="no layer reads gru 1: its nodes are the answer"):
        inspect.silenced_nodes(network, Split(inputs(), inputs()))


# Memory and responses


def test_memory_of_a_leaky_sum_halves_every_step():
    found = inspect.memory(network_of(LEAKY, weights=LEAKY_WEIGHTS, shape=(30, 1)), inputs(steps=30), most=10)
    np.testing.assert_array_equal(found.lags, np.arange(11))
    for line in (found.mean, found.lower_quartile, found.upper_quartile):
        np.testing.assert_allclose(line, 3 * 0.5 ** np.arange(11), rtol=1e-5)
    assert found.reach == 3  # 1 + 1/2 + 1/4 + 1/8 of 2


def test_memory_is_no_longer_than_the_sequence_and_of_all_channels_and_outputs():
    network, x = network_of("gru(3) - dense(2)", shape=(12, 2), outputs=2), inputs(channels=2)
    found = inspect.memory(network, x, most=40)
    assert len(found.lags) == 12
    only = np.zeros((6, 12, 2), np.float32)
    only[:, 11] = 1  # the last step, the only one that has eleven before it; outputs one at a time
    one, other = (
        np.abs(network.input_gradient(x, only * output)).sum(axis=2) for output in np.eye(2, dtype=np.float32)
    )
    np.testing.assert_allclose(found.mean, (one + other).mean(axis=0)[::-1], rtol=1e-4)


def test_responses_by_hand():
    network = network_of(LEAKY, weights=LEAKY_WEIGHTS)
    impulse = inspect.response(network, at=2, steps=8, height=2.0)
    np.testing.assert_allclose(impulse.prediction[:, 0], [1, 1, 7, 4, 2.5, 1.75, 1.375, 1.1875])
    assert impulse.name == "impulse"
    np.testing.assert_allclose(impulse.activities[0].hidden[0, :4, 0], [0, 0, 2, 1])
    step = inspect.response(network, None, at=1, steps=6)
    np.testing.assert_allclose(step.prediction[:, 0], [1, 4, 5.5, 6.25, 6.625, 6.8125])
    assert inspect.response(network, 3).name == "pulse of 3 steps"


@pytest.mark.parametrize("measure", [inspect.memory, lambda network, _: inspect.response(network)])
def test_memory_and_responses_need_an_answer_at_every_step(measure):
    network = network_of("gru(2) - dense(1)", per_step=False, task="binary")
    with pytest.raises(DataError, match="where a network answers at every step"):
        measure(network, inputs())


def test_memory_needs_a_step_and_no_negative_lag():
    network = network_of(LEAKY, weights=LEAKY_WEIGHTS)
    with pytest.raises(DataError, match="no step to look at"):
        inspect.memory(network, inputs(0))
    with pytest.raises(DataError, match="no step to look at"):
        inspect.memory(network, inputs(), mask=np.zeros((6, 12), dtype=bool))
    with pytest.raises(DataError, match="most is -1"):
        inspect.memory(network, inputs(), most=-1)


@pytest.mark.parametrize(("width", "at"), [(0, 5), (1, 60), (1, -1), (None, 60)])
def test_an_impulse_is_within_the_sequence(width, at):
    network = network_of(LEAKY, weights=LEAKY_WEIGHTS)
    with pytest.raises(DataError, match="for at least 1 of the steps 0 to 59"):
        inspect.response(network, width, at=at)


# Signals


def pulse_split():
    """A sequence by hand: a pulse of 0.8 for steps 2 to 4, one of 0.6 for 9 to 11, with triangles."""
    x, y = np.zeros((2, 18)), np.zeros((2, 18))
    x[0, 2:5], x[0, 9:12] = 0.8, 0.6
    y[0, 5:10] = [0.8 / 3, 1.6 / 3, 0.8, 1.6 / 3, 0.8 / 3]
    y[0, 12:17] = [0.2, 0.4, 0.6, 0.4, 0.2]
    return Split(x[..., None].astype(np.float32), y[..., None].astype(np.float32))


def test_signals_by_hand():
    found = {name: values[0] for name, values in inspect.signals(pulse_split()).items()}
    assert np.flatnonzero(found["pulse on"]).tolist() == [2, 3, 4, 9, 10, 11]
    assert np.flatnonzero(found["pulse begins"]).tolist() == [2, 9]
    assert np.flatnonzero(found["pulse ended"]).tolist() == [5, 12]
    assert found["steps in the pulse"].tolist() == [0, 0, 1, 2, 3, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, 0]
    assert found["steps since the pulse"].tolist() == [0] * 5 + [1, 2, 3, 4, 0, 0, 0, 1, 2, 3, 4, 5, 6]
    begun = [0, 0, 0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert found["steps since the pulse began"].tolist() == begun
    assert found["width of the last pulse"].tolist() == [0] * 5 + [3] * 13
    np.testing.assert_allclose(found["height of the last pulse"], [0] * 5 + [0.8] * 7 + [0.6] * 6, rtol=1e-6)
    np.testing.assert_allclose(found["height of the pulse"][[3, 6, 10]], [0.8, 0, 0.6], rtol=1e-6)
    assert np.flatnonzero(found["triangle rises"]).tolist() == [5, 6, 7, 12, 13, 14]
    assert np.flatnonzero(found["triangle falls"]).tolist() == [8, 9, 10, 15, 16, 17]


def test_the_reverse_problem_has_its_pulses_in_the_target():
    reverse = make("pulses-reversed", train=20, validation=1, test=0).train
    found = inspect.signals(reverse)
    np.testing.assert_array_equal(found["pulse on"], reverse.y[..., 0] > 0.25)
    assert found["triangle on"][reverse.x[..., 0] > 0.06].all()


def test_sequences_without_pulses_have_only_the_signals_of_all():
    split = Split(inputs(), inputs(seed=2))
    assert list(inspect.signals(split)) == ["input", "target", "input slope", "target slope"]
    two = Split(inputs(channels=2), inputs())
    with pytest.raises(DataError, match="one input and one target channel"):
        inspect.signals(two)


def test_nodes_follow_what_they_were_built_to_follow():
    """Node 1 is minus the input, node 2 is always 0."""
    weights = [[[-1.0, 0.0]], np.zeros((2, 2)), [0, 0], [[1.0], [1.0]], [0.0]]
    network = network_of("rnn(2, activation=linear) - dense(1)", shape=(100, 1), weights=weights)
    split = make("pulses", train=30, validation=1, test=0).train
    first, second = inspect.nodes(network, split)
    assert first.name == "rnn 1, node 1"
    assert first.correlations["input"] == pytest.approx(-1, abs=1e-6)
    expected = np.corrcoef(-split.x.ravel(), inspect.signals(split)["pulse begins"].ravel())[0, 1]
    assert first.correlations["pulse begins"] == pytest.approx(expected, abs=1e-5)
    assert first.best(1)[0][0] == "input"
    assert set(second.correlations.values()) == {None}
    assert second.best() == []


def test_a_node_that_varies_by_rounding_only_follows_nothing():
    weights = [[[1e-8]], [[0.0]], [1.0], [[1.0]], [0.0]]
    network = network_of("rnn(1, activation=linear) - dense(1)", weights=weights)
    (node,) = inspect.nodes(network, Split(inputs(), inputs()))
    assert set(node.correlations.values()) == {None}


# Sources of error


def test_sources_of_error_by_hand():
    split = pulse_split()
    silent = network_of(LEAKY, shape=(18, 1), weights=[[[0.0]], [[0.0]], [0.0], [[0.0]], [0.0]])
    found = error_sources(silent, split)  # it answers 0, so the error is the target itself
    y = split.y[..., 0]
    assert found.normalised_error == pytest.approx(float((y**2).mean() / y.var()), rel=1e-5)
    np.testing.assert_allclose(found.by_step, (y**2).mean(axis=0) / y.var(), rtol=1e-5)
    assert found.by_step.mean() == pytest.approx(found.normalised_error)
    by_name = {each.name: each for each in found.situations}
    total = float((y**2).sum())
    assert by_name["during a pulse"].error == pytest.approx(float((y[0, 9:10] ** 2).sum()) / total, rel=1e-5)
    rising = [5, 6, 7, 12, 13, 14]
    assert by_name["triangle rising"].error == pytest.approx(
        float((y[0, rising] ** 2).sum()) / total, rel=1e-5
    )
    assert by_name["triangle rising"].steps == pytest.approx(6 / 36)


@pytest.mark.parametrize("name", ["pulses", "pulses-reversed"])
def test_every_step_is_in_one_situation(name):
    data = load(name)
    found = error_sources(network_of("gru(3) - dense(1)", shape=(100, 1)), data.validation)
    assert sum(each.steps for each in found.situations) == pytest.approx(1)
    assert sum(each.error for each in found.situations) == pytest.approx(1)


def test_pulses_whose_triangle_is_cut_off_are_told_apart():
    y = np.zeros((3, 20))
    # Widths of 3: their triangles have 5 steps, the third of them the peak.
    y[0, 2:5], y[1, 3:6], y[1, 12:15], y[2, 4:7] = 0.7, 0.6, 0.9, 0.5
    split = Split(np.zeros((3, 20, 1), np.float32), y[..., None].astype(np.float32))
    unseen, cut, *_ = error_sources(answering(0.0, 20), split).situations
    total = 0.49 + 0.36 + 0.81 + 0.25
    assert unseen.name == "pulse, its triangle's peak not seen"
    assert (unseen.steps, unseen.error) == pytest.approx((3 / 60, 0.49 / total), rel=1e-5)
    assert cut.name == "pulse, its triangle's rise cut off"
    assert (cut.steps, cut.error) == pytest.approx((6 / 60, (0.36 + 0.25) / total), rel=1e-5)


def test_a_perfect_network_has_no_error_and_a_constant_target_no_sources():
    split = Split(inputs(), inputs())
    repeats = network_of(LEAKY, weights=[[[1.0]], [[0.0]], [0.0], [[1.0]], [0.0]])
    found = error_sources(repeats, split)
    assert found.normalised_error == 0
    assert {each.error for each in found.situations} == {0}
    with pytest.raises(DataError, match="target never varies"):
        error_sources(repeats, Split(inputs(), np.ones_like(inputs())))


def test_steps_that_do_not_count_are_left_out():
    x, mask = inputs(4), np.arange(12) < np.array([12, 6, 3, 9])[:, None]
    y = np.where(mask[..., None], x, 100).astype(np.float32)
    network = network_of("gru(3) - dense(1)")
    found = error_sources(network, Split(x, y, mask))
    error = (network.predict(x, mask) - y)[mask] ** 2
    assert found.normalised_error == pytest.approx(float(error.mean() / y[mask].var()), rel=1e-5)
    assert inspect.silenced_nodes(network, Split(x, y, mask)).metrics["mse"] == pytest.approx(
        float(error.mean()), rel=1e-5
    )


def answering(value, steps):
    """A network that answers `value` whatever comes in."""
    weights = [[[0.0]], [[0.0]], [0.0], [[0.0]], [value]]
    return network_of(LEAKY, shape=(steps, 1), weights=weights)


def test_error_by_width_by_hand():
    """The answers to two pulses of width 3 are steps 5 to 9 and 12 to 16."""
    split = pulse_split()
    found = inspect.error_by_width(answering(0.0, 18), split)
    y = split.y[0, :, 0]
    assert found.widths.tolist() == [3]
    assert found.pulses.tolist() == [2]
    assert found.lags.tolist() == [7]  # from step 2, where the pulse begins, to 9, where the triangle ends
    expected = (y[5:10] ** 2).sum() + (y[12:17] ** 2).sum()
    assert found.normalised_error == pytest.approx([expected / 10 / split.y.var()], rel=1e-5)


def test_error_by_width_of_the_reverse_problem_and_of_pulses_that_are_cut():
    y = np.zeros((2, 40))
    y[0, 2:5] = 1.0  # its triangle began before the sequence
    y[0, 20:24], y[1, 10:13], y[1, 30:34] = 0.8, 0.6, 1.0
    y[1, 38:] = 0.9  # goes on behind the end
    y = y[..., None].astype(np.float32)
    found = inspect.error_by_width(answering(0.5, 40), Split(np.zeros_like(y), y))
    assert found.widths.tolist() == [3, 4]
    assert found.pulses.tolist() == [1, 2]
    expected = np.array([0.1**2, (0.3**2 + 0.5**2) / 2]) / y.var()
    assert found.normalised_error == pytest.approx(expected, rel=1e-5)


def test_error_by_width_forward_counts_what_there_is_of_a_triangle_and_what_counts():
    x, y = np.zeros((2, 20, 1), np.float32), np.zeros((2, 20, 1), np.float32)
    x[:, 14:17] = 0.8
    y[:, 17:20, 0] = [1, 2, 3]
    mask = np.ones((2, 20), dtype=bool)
    mask[1, 17:] = False  # ends with the pulse, which may have gone on
    found = inspect.error_by_width(answering(0.0, 20), Split(x, y, mask))
    assert found.pulses.tolist() == [1]
    assert found.normalised_error == pytest.approx([14 / 3 / y[mask].var()], rel=1e-5)


def test_error_by_width_needs_pulses():
    network = network_of("gru(3) - dense(1)")
    with pytest.raises(DataError, match="neither input nor target has pulses"):
        inspect.error_by_width(network, Split(inputs(), inputs(seed=2)))
