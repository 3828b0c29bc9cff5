"""Training on sequences: pieces, masks, last-step targets, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from netlet.datasets import Dataset, Split, load
from netlet.errors import TrainingError
from netlet.training import Training, train

SHORT = Training(epochs=3, batch_size=20, learning_rate=0.003, shuffle=False, truncation=50)


@pytest.fixture(scope="module")
def pulses():
    return load("pulses")


def delayed(lengths, steps=12, seed=0, count=150):
    """The input of one step before, in sequences of different length; what lies behind them is nonsense."""
    random = np.random.default_rng(seed)
    splits = []
    for _ in range(2):
        x = random.uniform(-1, 1, (count, steps, 1)).astype(np.float32)
        y = np.pad(x, ((0, 0), (1, 0), (0, 0)))[:, :-1]
        mask = np.arange(steps) < random.choice(lengths, count)[:, None]
        x[~mask], y[~mask] = 50, -50
        splits.append(Split(x, y, mask))
    return splits


def median(runs):
    value = runs.distribution().median
    assert value is not None
    return value


def test_every_dataset_of_pulses_has_the_exercise_s_settings():
    for name, epochs in {"pulses": 20, "pulses-memory": 20, "pulses-reversed": 40}.items():
        expected = Training(epochs, 20, "adam", learning_rate=0.003, shuffle=False, truncation=50)
        assert Training.default(load(name, train=2, validation=2, test=0)) == expected


@pytest.mark.parametrize("text", ["rnn(3) - dense(1)", "gru(3) - dense(1)", "lstm(2) - gru(2) - dense(1)"])
def test_the_history_is_what_predictions_measure(text, pulses):
    for run in train(text, pulses, SHORT, seeds=2):
        assert set(run.history) == {"loss", "val_loss", "normalised_error", "val_normalised_error"}
        measured = run.evaluate(pulses.validation)
        assert run.history["val_normalised_error"][-1] == pytest.approx(
            measured["normalised_error"], rel=1e-5
        )
        assert run.history["val_loss"][-1] == pytest.approx(measured["mse"], rel=1e-5)
        ratio = run.history["loss"][0] / run.history["normalised_error"][0]
        assert ratio == pytest.approx(np.var(pulses.train.y), rel=1e-4)


@pytest.mark.parametrize("truncation", [None, 50, 30])
def test_runs_learn_and_do_not_depend_on_threads(truncation, pulses):
    training = Training(epochs=6, batch_size=20, learning_rate=0.01, truncation=truncation)
    runs = train("gru(4) - dense(1)", pulses, training, seeds=4, threads=1)
    again = train("gru(4) - dense(1)", pulses, training, seeds=[3, 1], threads=2)
    for one, other in zip((runs[3], runs[1]), again, strict=True):
        for own, expected in zip(one.network.weights, other.network.weights, strict=True):
            np.testing.assert_array_equal(own, expected)
    assert median(runs) < 0.5


def test_only_steps_that_count_are_learned_from():
    learned, validation = delayed([4, 7, 12])
    dataset = Dataset("delayed", learned, validation, task="regression")
    runs = train(
        "gru(6) - dense(1)", dataset, Training(epochs=60, batch_size=10, learning_rate=0.02), seeds=3
    )
    assert median(runs) < 0.05
    run = runs[0]
    assert run.history["val_normalised_error"][-1] == pytest.approx(
        run.evaluate(dataset.validation)["normalised_error"], rel=1e-4
    )
    assert run.history["val_loss"][-1] == pytest.approx(
        run.network.loss(validation.x, validation.y, validation.mask), rel=1e-5
    )


@pytest.mark.parametrize("truncation", [None, 4])
@pytest.mark.parametrize("cell", ["rnn(4)", "gru(3)", "lstm(3)"])
def test_sequences_can_be_classified_by_their_last_step(cell, truncation):
    full = 10 if truncation else 3  # in pieces all sequences have to end in the last one
    random = np.random.default_rng(1)
    mask = np.arange(10) < random.integers(full, 11, 400)[:, None]
    x = np.where(mask, random.normal(size=(400, 10)), 99)[..., None].astype(np.float32)
    last = mask.sum(axis=1) - 1
    y = (x[np.arange(400), last, 0] > 0).astype(int)
    learned, validation = (
        Split(x[half], y[half], None if truncation else mask[half]) for half in (slice(200), slice(200, 400))
    )
    dataset = Dataset("last", learned, validation)
    training = Training(epochs=40, batch_size=20, learning_rate=0.03, truncation=truncation)
    runs = train(f"{cell} - dense(1)", dataset, training, seeds=3)
    assert median(runs) > 0.95


def test_a_run_that_explodes_is_marked_and_the_others_go_on(pulses):
    wild = Training(epochs=4, batch_size=20, optimizer="sgd", learning_rate=1e5, truncation=50)
    runs = train("rnn(4, activation=linear) - dense(1)", pulses, wild, seeds=3)
    assert [run.diverged for run in runs] == [1, 1, 1]
    assert median(runs) == np.inf


@pytest.mark.parametrize(
    ("name", "text", "truncation", "message"),
    [
        ("pulses", "gru(2) - dense(1)", 101, "truncation is 101, but the sequences of pulses have 100 steps"),
        ("crt", "flatten - dense(3)", 5, "truncation is 5, but crt has images, not sequences: leave it out"),
    ],
)
def test_truncations_that_do_not_fit_are_refused(name, text, truncation, message):
    with pytest.raises(TrainingError, match=message):
        train(text, load(name), Training(truncation=truncation))


FLATTENING = "gru(2, return_sequences=true) - flatten - dense(1)"


def test_pieces_and_flatten_do_not_go_together():
    x, y = np.zeros((4, 6, 1), np.float32), np.array([0, 1, 0, 1])
    dataset = Dataset("tiny", (x, y), (x, y))
    with pytest.raises(TrainingError, match=r"flatten in .* needs whole sequences: take None"):
        train(FLATTENING, dataset, Training(truncation=3))


def test_pieces_are_refused_where_shorter_sequences_would_end_in_one_that_learns_nothing():
    x, y = np.zeros((4, 6, 1), np.float32), np.array([0, 1, 0, 1])
    split = Split(x, y, np.arange(6) < np.array([6, 3, 2, 6])[:, None])
    dataset = Dataset("tiny", split, split)
    with pytest.raises(
        TrainingError, match="truncation is 3, but tiny has sequences of different length with"
    ):
        train("gru(2) - dense(1)", dataset, Training(truncation=3))


def test_a_truncation_nobody_gave_is_left_out_where_it_does_not_fit():
    short = load("pulses", steps=40, train=20, validation=20, test=0)
    usual = Training.default(load("pulses", train=2, validation=2, test=0))
    assert train("gru(2) - dense(1)", short).training == replace(usual, truncation=None)
    assert Training.default(short, epochs=2) == replace(usual, truncation=None, epochs=2)
    assert Training.default(load("pulses")) == Training.default(load("pulses"), "gru(2)") == usual
    x = np.zeros((4, 60, 1), np.float32)
    pair = (x, np.arange(4) / 4)
    one_target = Dataset(
        "pulses", pair, pair, training=load("pulses", train=2, validation=2, test=0).training
    )
    assert train(FLATTENING, one_target, None).training.truncation is None
    assert Training.default(one_target, "gru(2) - dense(1)").truncation == 50
    assert Training.default(one_target, "gru(2) - dense(1)", FLATTENING).truncation is None
    with pytest.raises(TrainingError, match="truncation is 50, but the sequences of pulses have 40 steps"):
        train("gru(2) - dense(1)", short, Training.default(short, truncation=50))


@pytest.mark.parametrize("value", [0, -1, 2.5, True])
def test_a_truncation_is_a_whole_number_of_steps(value):
    with pytest.raises(
        TrainingError, match=f"truncation is {value}, but must be a whole number from 1 or None"
    ):
        Training(truncation=value)
