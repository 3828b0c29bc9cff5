"""Training: what comes out of it, that it does so again, and that nothing is lost when it is stopped."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from netlet import _engine, metrics
from netlet.architecture import Architecture
from netlet.datasets import Dataset, load
from netlet.errors import ArchitectureError, Interrupted, TrainingError
from netlet.network import INSTRUCTION_SET_VARIABLE, Network, make_engine
from netlet.training import OPTIMIZERS, SCHEDULES, Run, Runs, Training, train
from netlet.training.for_engine import for_engine

HIDDEN = "conv(3, 3x3) - maxpool(2) - dropout(0.2) - flatten"
TEXTS = {
    "binary": f"{HIDDEN} - dense(1)",
    "categorical": f"{HIDDEN} - dense(3)",
    "regression": f"{HIDDEN} - dense(2)",
}
BINARY = TEXTS["binary"]
SHORT = Training(epochs=4, batch_size=32)


def bars(task="binary", training=90):
    """Noisy images with a bright bar; its place is the class. 90 images: a last batch that is not full."""
    random = np.random.default_rng(0)
    splits = []
    for count in (training, 50, 40):
        x = random.random((count, 8, 8, 1)) / 2
        y = np.arange(count) % (3 if task == "categorical" else 2)
        for image, column in zip(x, 3 * y, strict=True):
            image[:, column : column + 2] += 0.4
        if task == "regression":
            y = np.stack([x.mean(axis=(1, 2, 3)), x[:, 0, 0, 0]], axis=1)
        splits.append((x, y))
    return Dataset("bars", *splits, task=task)


@pytest.fixture(scope="module", params=TEXTS)
def task(request):
    return request.param


@pytest.fixture(scope="module")
def binary():
    return bars()


def flat(run):
    return np.concatenate([weight.ravel() for weight in run.network.weights])


def assert_same_runs(own, expected):
    for a, b in zip(own, expected, strict=True):
        assert a.seed == b.seed
        np.testing.assert_array_equal(flat(a), flat(b))
        assert a.history == b.history


# Seeds


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_seed_gives_the_same_weights_whatever_threads_and_seeds_are_beside_it(task, threads):
    dataset, text = bars(task), TEXTS[task]
    runs = train(text, dataset, SHORT, seeds=7, threads=threads)
    assert [run.seed for run in runs] == list(range(7))
    for seeds in ([5], [9, 2], [6, 0, 3]):
        beside = train(text, dataset, SHORT, seeds=seeds)
        assert [run.seed for run in beside] == seeds
        assert_same_runs([run for run in beside if run.seed < 7], [runs[seed] for seed in seeds if seed < 7])


def test_other_seeds_give_other_weights(binary):
    runs = train(BINARY, binary, SHORT, seeds=[*range(6), 2**32, 2**63 - 1])
    weights = np.array([flat(run) for run in runs])
    for i in range(len(weights)):
        for j in range(i):
            assert (weights[i] != weights[j]).mean() > 0.9
    assert runs[7].seed == 2**63 - 1


def test_seeds_differ_in_weights_order_and_dropout(binary):
    def weights(text, shuffle=True):
        training = Training(epochs=2, batch_size=32, shuffle=shuffle)
        return [flat(run) for run in train(text, binary, training, seeds=2)]

    zeros = "flatten - {}dense(1, kernel_initializer=zeros)"
    a, b = weights(zeros.format(""), shuffle=False)
    np.testing.assert_array_equal(a, b)  # nothing is left to differ in
    a, b = weights(zeros.format(""))
    assert (a != b).any()
    a, b = weights(zeros.format("dropout(0.5) - "), shuffle=False)
    assert (a != b).any()
    a, b = weights("flatten - dense(1)", shuffle=False)
    assert (a != b).any()


def test_training_begins_at_the_seed_s_initial_weights(task):
    dataset, text = bars(task), TEXTS[task]
    runs = train(text, dataset, Training(epochs=0), seeds=3)
    for run in runs:
        engine = make_engine(runs.architecture, dataset.input_shape, task)
        np.testing.assert_array_equal(flat(run), engine.initial_weights(run.seed))
        assert run.epochs == 0 and run.finished and run.diverged is None
        assert all(values == [] for values in run.history.values())
        assert np.isfinite(run.network.predict(dataset.validation.x)).all()


def test_trainings_in_two_python_threads_do_not_disturb_each_other(binary):
    expected = [train(BINARY, binary, SHORT, seeds=[seed]) for seed in range(4)]
    found: list[Any] = [None] * 4

    def work(seed):
        found[seed] = train(BINARY, binary, SHORT, seeds=[seed], threads=2)

    workers = [threading.Thread(target=work, args=[seed]) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for own, one in zip(found, expected, strict=True):
        assert_same_runs(own, one)


# Batches and steps, against plain numpy


class PlainRegression:
    """Linear regression by stochastic gradient descent in float64: what training does, in four lines."""

    def __init__(self, dataset, weights, bias):
        self.x = dataset.train.x.reshape(len(dataset.train), -1).astype(np.float64)
        self.y = dataset.train.y.astype(np.float64)
        self.weights, self.bias = weights.astype(np.float64), bias.astype(np.float64)

    def step(self, rows, rate):
        error = self.x[rows] @ self.weights + self.bias - self.y[rows]
        self.weights -= rate * 2 / error.size * self.x[rows].T @ error
        self.bias -= rate * 2 / error.size * error.sum(axis=0)
        return np.square(error).mean(axis=1).sum()


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("batch_size", [1, 32, 90, 1000])
def test_epochs_go_through_all_samples_in_batches_at_the_schedule_s_rates(batch_size, schedule):
    dataset = bars("regression")
    training = Training(3, batch_size, "sgd", 0.02, shuffle=False, schedule=schedule)
    runs = train("flatten - dense(2)", dataset, training)
    start = train("flatten - dense(2)", dataset, Training(epochs=0))[0].network
    plain = PlainRegression(dataset, *start.weights)
    batches = [range(90)[first : first + batch_size] for first in range(0, 90, batch_size)]
    losses = []
    for epoch in range(3):
        total = 0
        for number, rows in enumerate(batches, epoch * len(batches)):
            total += plain.step(rows, rate(schedule, 0.02, number / (3 * len(batches))))
        losses.append(total / 90)
    for own, expected in zip(runs[0].network.weights, (plain.weights, plain.bias), strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-4, atol=2e-6)
    assert runs[0].history["loss"] == pytest.approx(losses, rel=1e-5)
    moved = abs(runs[0].network.weights[0] - start.weights[0]).max()
    assert moved > 1e-3


def rate(schedule, peak, part):
    """The learning rate after a part of the steps, by the formulas' own words."""

    def half_cosine(start, end, part):
        return end + (start - end) * (1 + math.cos(math.pi * part)) / 2

    if schedule in ("constant", "reduce-on-plateau"):  # whose patience is longer than this training
        return peak
    if schedule == "cosine":
        return half_cosine(peak, 0, part)
    if part < 0.3:
        return half_cosine(peak / 25, peak, part / 0.3)
    return half_cosine(peak, peak / 250_000, (part - 0.3) / 0.7)


def test_shuffled_epochs_go_through_every_sample_once():
    # With steps too small to matter, an epoch's mean loss is that of the whole training data.
    dataset = bars("regression")
    runs = train("flatten - dense(2)", dataset, Training(3, 32, "sgd", 1e-30))
    expected = runs[0].network.loss(dataset.train.x, dataset.train.y)
    assert runs[0].history["loss"] == pytest.approx([expected] * 3, rel=1e-6)


def test_every_epoch_has_an_order_of_its_own():
    # After one epoch of single steps from zero, the bias tells the order; a second epoch in the same order
    # from the same weights would tell the same.
    dataset = bars("regression")
    text = "flatten - dense(2, kernel_initializer=zeros)"
    start, settings = np.zeros(130, np.float32), for_engine(Training(1, 1, "sgd", 0.1), "regression")
    engine = make_engine(Architecture(text).resolve((8, 8, 1), "regression", 2), (8, 8, 1), "regression")
    x, y = dataset.train.x.reshape(90, -1), dataset.train.y
    in_order = _engine.Session(engine, settings, 0, start)
    for i in range(90):
        in_order.step(x[i : i + 1], y[i : i + 1], 0.1)
    ends = [flat(run) for run in train(text, dataset, Training(1, 1, "sgd", 0.1), seeds=20)]
    assert len({end.tobytes() for end in (*ends, in_order.weights)}) == 21


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_largest_batch_size_is_one_batch(schedule, binary):
    whole, larger = (
        train(BINARY, binary, Training(3, size, schedule=schedule), seeds=2) for size in (90, 2**31 - 1)
    )
    assert_same_runs(larger, whole)


@pytest.mark.parametrize("batch_size", [1, 7, 64])
def test_one_image_is_enough(batch_size):
    random = np.random.default_rng(0)
    one = random.random((1, 8, 8, 1)), np.array([1.0])
    dataset = Dataset("one", one, one, task="binary", class_names=["no", "yes"])
    run = train(BINARY, dataset, Training(200, batch_size, shuffle=True))[0]
    assert run.history["val_loss"][-1] < run.history["val_loss"][0] / 2
    assert run.history["val_accuracy"][-1] == 1


# Schedules


@pytest.mark.parametrize("steps", [1, 7, 100])
def test_cosine_is_keras_s(steps):
    expected = keras.optimizers.schedules.CosineDecay(0.01, steps)
    for step in range(0, steps, max(1, steps // 10)):
        own = _engine.scheduled(_engine.Schedule.cosine, 0.01, step, steps)
        assert own == pytest.approx(np.asarray(expected(step)).item(), rel=1e-5, abs=1e-9)


def test_one_cycle_rises_from_a_25th_to_the_rate_and_falls_to_a_250_000th():
    rates = [_engine.scheduled(_engine.Schedule.one_cycle, 0.5, step, 1000) for step in range(1001)]
    assert rates[0] == pytest.approx(0.5 / 25)
    assert rates[150] == pytest.approx((0.5 + 0.5 / 25) / 2)
    assert max(rates) == rates[300] == pytest.approx(0.5)
    assert rates[650] == pytest.approx((0.5 + 0.5 / 250_000) / 2)
    assert rates[1000] == pytest.approx(0.5 / 250_000)
    assert (np.diff(rates[:301]) > 0).all() and (np.diff(rates[300:]) < 0).all()


def test_a_constant_rate_stays():
    assert {_engine.scheduled(_engine.Schedule.constant, 0.01, step, 10) for step in range(10)} == {0.01}


def test_a_plateau_reduces_the_rate_when_keras_s_callback_does():
    dataset = bars("regression")
    settings = {"learning_rate": 0.2, "schedule": "reduce-on-plateau", "plateau_factor": 0.3}
    training = Training(200, 32, "sgd", shuffle=False, plateau_patience=2, **settings)
    run = train("flatten - dense(2)", dataset, training)[0]
    start = train("flatten - dense(2)", dataset, Training(epochs=0))[0].network
    plain = PlainRegression(dataset, *start.weights)
    callback = keras.callbacks.ReduceLROnPlateau(factor=0.3, patience=2, mode="min")
    optimizer = SimpleNamespace(learning_rate=0.2)
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    rates = []
    for epoch in range(200):
        rates.append(optimizer.learning_rate)
        for first in range(0, 90, 32):
            plain.step(range(90)[first : first + 32], rates[-1])
        callback.on_epoch_end(epoch, {"val_loss": run.history["val_loss"][epoch]})
    assert len(set(rates)) > 2
    for own, expected in zip(run.network.weights, (plain.weights, plain.bias), strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-4, atol=1e-5)


# History


def test_the_history_is_what_predictions_measure(task):
    dataset = bars(task)
    for run in train(TEXTS[task], dataset, SHORT, seeds=3):
        assert run.epochs == 4 == len(run.history["val_loss"])
        measured = run.evaluate(dataset.validation)
        loss = measured["mse" if task == "regression" else "loss"]
        assert run.history["val_loss"][-1] == pytest.approx(loss, rel=1e-5)
        assert run.history["val_loss"][-1] == pytest.approx(
            run.network.loss(dataset.validation.x, dataset.validation.y), rel=1e-6
        )
        if task == "regression":
            assert set(run.history) == {"loss", "val_loss"}  # of two outputs
        else:
            assert run.history["val_accuracy"][-1] == pytest.approx(measured["accuracy"], abs=1e-9)
            assert all(0 <= value <= 1 for value in run.history["accuracy"])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns(optimizer, binary):
    training = Training(30, 16, optimizer, learning_rate=0.2 if optimizer == "sgd" else 0.01)
    run = train("conv(3, 3x3) - maxpool(2) - flatten - dense(1)", binary, training, seeds=4).best
    assert run.history["val_accuracy"][-1] > 0.95
    assert run.history["loss"][-1] < run.history["loss"][0] / 2


def test_the_penalty_is_not_part_of_the_losses_reported(binary):
    plain, penalised = (
        train(BINARY, binary, Training(1, optimizer="sgd", learning_rate=1e-12, l2=l2))[0].history
        for l2 in (0.0, 100.0)
    )
    assert penalised["loss"] == pytest.approx(plain["loss"], rel=1e-5)
    shrunk = train(BINARY, binary, Training(30, learning_rate=0.01, l2=1.0))[0].network.weights
    assert abs(shrunk[0]).max() < 0.02


@pytest.mark.parametrize("instruction_set", _engine.instruction_sets())
def test_pixels_of_8_bits_are_read_as_exactly_as_any_number(instruction_set, monkeypatch):
    # Validation images are kept as bytes: every one of the 256 values must come back as the same float.
    monkeypatch.setenv(INSTRUCTION_SET_VARIABLE, instruction_set)
    pixels = np.arange(256, dtype=np.uint8)[np.random.default_rng(0).permutation(256 * 9) % 256]
    images = pixels.reshape(256, 3, 3, 1), np.arange(256) / 7
    for split in (images, (images[0][:77], images[1][:77])):  # with and without a group that is not full
        dataset = Dataset("pixels", images, split, task="regression")
        (run,) = train("flatten - dense(1)", dataset, Training(1, 50))
        expected = run.network.loss(dataset.validation.x, dataset.validation.y)
        assert run.history["val_loss"] == [expected]


# Early stopping


@pytest.mark.parametrize("patience", [1, 3, 1000])
def test_early_stopping_takes_the_best_epoch_s_weights(task, patience):
    dataset = bars(task, training=20)  # so few that it soon learns them by heart
    training = Training(40, 4, learning_rate=0.03, patience=patience)
    runs = train(TEXTS[task], dataset, training, seeds=6)
    for run in runs:
        losses = run.history["val_loss"]
        best = int(np.argmin(losses))
        assert run.epochs == min(40, best + 1 + patience)
        found = run.network.loss(dataset.validation.x, dataset.validation.y)
        assert found == pytest.approx(losses[best], rel=1e-6)
        assert run.finished
    if patience < 1000:
        assert any(run.epochs < 40 for run in runs)
    assert any(run.history["val_loss"][-1] > min(run.history["val_loss"]) * 1.01 for run in runs)


def test_a_run_that_diverges_keeps_its_best_epoch_s_weights_but_counts_as_the_worst():
    dataset = bars("regression")
    training = Training(100, 90, "sgd", 0.5, patience=1000)
    (run,) = runs = train("flatten - dense(2)", dataset, training)
    losses = run.history["val_loss"]
    assert run.diverged == run.epochs
    assert 0 < int(np.argmin(losses)) + 1 < run.epochs
    found = run.network.loss(dataset.validation.x, dataset.validation.y)
    assert found == pytest.approx(min(losses), rel=1e-6)
    assert runs.distribution().median == math.inf
    # One that diverges at once has no best epoch: it is as it began.
    (run,) = train("flatten - dense(2)", dataset, replace(training, learning_rate=1e38))
    assert run.diverged == 1
    (start,) = train("flatten - dense(2)", dataset, Training(epochs=0))
    np.testing.assert_array_equal(flat(run), flat(start))


def test_without_patience_the_last_weights_are_taken():
    dataset = bars(training=20)
    runs = train(BINARY, dataset, Training(40, 4, learning_rate=0.03), seeds=6)
    assert any(run.history["val_loss"][-1] > min(run.history["val_loss"]) for run in runs)
    for run in runs:
        last = run.network.loss(dataset.validation.x, dataset.validation.y)
        assert run.history["val_loss"][-1] == pytest.approx(last, rel=1e-6)


# Runs that diverge


def finite(run):
    losses = run.history["loss"] + run.history["val_loss"]
    return np.isfinite(flat(run)).all() and np.isfinite(losses).all()


def test_a_last_step_after_which_the_validation_data_overflows_is_seen():
    # The weights are finite, and so is the loss before the step.
    x = np.full((4, 1, 1, 1), 1e10)
    x[2:] = -1e10
    learned = np.full((4, 1, 1, 1), 1.5), np.ones(4)
    dataset = Dataset("far", learned, (x, np.arange(4) / 4), task="regression", scale="none")
    (run,) = runs = train("flatten - dense(1)", dataset, Training(1, 4, "sgd", 1e30))
    assert np.isfinite(flat(run)).all() and np.isfinite(run.history["loss"]).all()
    assert run.diverged == 1
    assert runs.diverged == runs.distribution().diverged == 1


@pytest.mark.parametrize("patience", [None, 2])
def test_runs_that_blow_up_are_marked_with_the_epoch_and_the_others_go_on(binary, patience):
    training = Training(10, 32, "sgd", 1e12, patience=patience)
    runs = train(BINARY, binary, training, seeds=12)
    diverged = [run for run in runs if run.diverged is not None]
    assert 0 < len(diverged) < 12
    assert runs.diverged == len(diverged)
    for run in runs:
        if run.diverged:
            assert run.diverged == run.epochs < 10
            assert np.isfinite(flat(run)).all() if patience else not finite(run)
        else:
            assert finite(run)
            assert run.epochs == 10 or patience
    assert runs.best.diverged is None
    for run, values in zip(runs, runs.metrics("validation"), strict=True):
        assert math.isnan(values["accuracy"] or 0) == (run.diverged is not None)
    assert runs.distribution("accuracy").diverged == len(diverged)
    assert f"{len(diverged)} diverged" in str(runs)


def test_a_regression_at_a_huge_rate_diverges_in_the_epoch_its_numbers_overflow():
    dataset = bars("regression")
    runs = train("flatten - dense(2)", dataset, Training(20, 90, "sgd", 1e6))
    (run,) = runs
    assert run.diverged == run.epochs and 1 < run.epochs < 20
    assert np.isfinite(run.history["loss"][:-1]).all()
    assert runs.best is run
    assert math.isnan(runs.metrics("training")[0]["mse"] or 0)


# Progress and interruption


LONG = Training(epochs=1_000_000, batch_size=90)


def test_progress_is_told_epochs_and_runs(binary):
    told = []

    def progress(epochs, runs):
        told.append((epochs, runs))

    training = Training(epochs=8000, batch_size=90)
    runs = train(BINARY, binary, training, seeds=8, threads=2, progress=progress)
    assert len(told) >= 2
    assert all(isinstance(number, int) for done in told for number in done)
    assert told == sorted(told)
    epochs, finished = told[-1]
    assert 0 < epochs <= 8 * 8000 and 0 <= finished <= 8
    assert not runs.interrupted


def test_what_progress_raises_passes_on_at_once(binary):
    def progress(epochs, runs):
        raise LookupError("enough")

    started = time.perf_counter()
    with pytest.raises(LookupError, match="enough"):
        train(BINARY, binary, LONG, seeds=4, progress=progress)
    assert time.perf_counter() - started < 60


def interrupted(*arguments, **settings):
    """What was trained until Ctrl-C came."""
    with pytest.raises(Interrupted) as caught:
        train(*arguments, **settings)
    return caught.value.runs


def interrupt_after(least):
    """A progress that sends Ctrl-C when so many epochs are done."""

    def progress(epochs, _):
        if epochs >= least:
            os.kill(os.getpid(), signal.SIGINT)

    return progress


def test_ctrl_c_keeps_what_was_trained(binary):
    runs = interrupted(BINARY, binary, LONG, seeds=4, threads=2, progress=interrupt_after(1000))
    assert runs.interrupted
    assert [run.seed for run in runs] == [0, 1]
    for run in runs:
        assert not run.finished
        assert 0 < run.epochs < LONG.epochs
        assert len({len(values) for values in run.history.values()}) == 1
        assert np.isfinite(run.network.predict(binary.validation.x)).all()
        assert run.history["loss"][-1] < run.history["loss"][0]
        # It is as it was after the last whole epoch.
        loss = run.network.loss(binary.validation.x, binary.validation.y)
        assert run.history["val_loss"][-1] == pytest.approx(loss, rel=1e-6)
    assert runs.best in list(runs)


def test_ctrl_c_with_patience_keeps_the_best_epoch_s_weights(binary):
    x, y = binary.validation.x, 1 - binary.validation.y  # the better it learns, the worse it answers these
    dataset = Dataset("bars", binary.train, (x, y), task="binary")
    training = Training(1_000_000, 4, patience=1_000_000)
    (run,) = interrupted(BINARY, dataset, training, progress=interrupt_after(100))
    losses = run.history["val_loss"]
    assert min(losses) < losses[-1] / 2
    assert run.network.loss(x, y) == pytest.approx(min(losses), rel=1e-6)


def test_ctrl_c_keeps_the_runs_that_were_finished_as_they_are(binary):
    training = Training(epochs=1500, batch_size=90)

    def progress(epochs, finished):
        if finished >= 2:
            os.kill(os.getpid(), signal.SIGINT)

    runs = interrupted(BINARY, binary, training, seeds=200, threads=2, progress=progress)
    assert runs.interrupted
    assert 2 <= len(runs) < 200
    finished = [run for run in runs if run.finished]
    assert len(finished) >= 2
    expected = train(BINARY, binary, training, seeds=[run.seed for run in finished[:2]])
    assert_same_runs(finished[:2], expected)
    assert all(run.epochs == 1500 for run in finished)
    assert [run.seed for run in runs] == sorted(run.seed for run in runs)


def test_other_python_threads_go_on_meanwhile(binary):
    counted = []
    stop = threading.Event()

    def count():
        while not stop.wait(0.005):
            counted.append(time.perf_counter())

    counter = threading.Thread(target=count)
    counter.start()
    started = time.perf_counter()
    train(BINARY, binary, Training(epochs=30_000, batch_size=90))
    ended = time.perf_counter()
    stop.set()
    counter.join()
    assert sum(started < moment < ended for moment in counted) > (ended - started) / 0.1


# Runs


def made_runs(dataset, values, diverged=()):
    """Runs as if they had these validation metrics."""
    architecture = Architecture("flatten - dense(1)").resolve((8, 8, 1), dataset.task, dataset.outputs)
    network = Network(architecture, (8, 8, 1), dataset.task, [np.zeros((64, 1)), np.zeros(1)])
    runs = tuple(
        Run(seed, {"loss": [1.0]}, 1 if seed in diverged else None, network) for seed in range(len(values))
    )
    return Runs(architecture, dataset, SHORT, runs, 0.5, _metrics={"validation": values})


@pytest.mark.parametrize(
    ("values", "diverged", "best"),
    [
        ([(0.5, 0.9), (0.7, 0.9), (0.6, 0.1)], [], 1),  # the highest accuracy
        ([(0.7, 0.9), (0.7, 0.3), (0.6, 0.1)], [], 1),  # then the lowest loss
        ([(0.6, 0.3), (0.7, 0.3), (0.7, 0.3)], [], 1),  # then the lowest seed
        ([(0.9, 0.1), (0.5, 0.9), (0.4, 0.1)], [0], 1),  # diverged last, whatever it has
        ([(math.nan, math.nan), (0.0, math.nan), (0.0, 9.0)], [0], 2),
        ([(math.nan, math.nan), (math.nan, math.nan)], [0, 1], 0),
    ],
)
def test_the_best_run_is_by_metric_then_loss_then_seed(binary, values, diverged, best):
    values = [{"accuracy": a, "sensitivity": None, "specificity": None, "loss": loss} for a, loss in values]
    assert made_runs(binary, values, diverged).best.seed == best


def test_the_best_regression_has_the_lowest_error():
    split = np.zeros((4, 8, 8, 1)), np.arange(4) / 3
    dataset = Dataset("line", split, split, task="regression")
    values = [{"normalised_error": e, "mse": m} for e, m in [(0.5, 0.1), (None, 0.0), (0.2, 0.9), (0.2, 0.8)]]
    assert made_runs(dataset, values).best.seed == 3
    assert made_runs(dataset, values).ranked_by == "normalised_error"


def test_no_runs_have_no_best(binary):
    with pytest.raises(TrainingError, match="no runs to choose the best of"):
        _ = made_runs(binary, []).best


def test_runs_measure_every_split(binary):
    runs = train(BINARY, binary, SHORT, seeds=3)
    for name, split in binary.present.items():
        measured = [run.evaluate(split) for run in runs]
        assert runs.metrics(name) == measured
        accuracies = [values["accuracy"] for values in measured]
        distribution = runs.distribution(split=name)
        assert distribution == metrics.summarise(accuracies, higher_is_better=True)
        assert distribution == (runs.summary()[name] or {})["accuracy"]
        assert distribution.median == sorted(value or 0 for value in accuracies)[1]
    assert list(runs.summary()) == ["training", "validation", "test"]
    assert runs.parameters == sum(weight.size for weight in runs[0].network.weights)
    assert runs.seconds > 0
    assert len(runs) == 3 and [run.seed for run in runs[1:]] == [1, 2]


def test_runs_print_as_a_table(binary):
    runs = train(BINARY, binary, SHORT, seeds=3)
    lines = str(runs).splitlines()
    assert lines[0].startswith(f"{runs.architecture} on bars: 58 parameters, 3 seeds, 0 diverged, ")
    assert lines[2].split() == ["metric", "median", "quartiles", "best"]
    table = lines[3 : lines.index("", 3)]
    assert [line.split()[0] for line in table[::8]] == ["training", "validation", "test"]
    assert lines[11].split()[1:3] == ["accuracy", f"{runs.distribution('accuracy').median:.4f}"]
    assert repr(runs) == str(runs)
    assert runs._repr_html_().count("<tr>") == 1 + len(table) and "<td" in runs._repr_html_()


def test_one_seed_has_no_quartiles_in_its_table(binary):
    head, *rows = str(train(BINARY, binary, SHORT)).splitlines()[2:]
    assert head.split() == ["metric", "value"]
    assert rows[0].split()[:2] == ["training", "accuracy"] and len(rows[0].split()) == 3


def test_the_majoritys_share_stands_beside_the_accuracies(binary):
    runs = train(BINARY, binary, SHORT)
    share = max(binary.validation.y.mean(), 1 - binary.validation.y.mean())
    line = next(line for line in str(runs).splitlines() if "most frequent class" in line)
    assert f"{share:.4f} on validation" in line


def test_a_dataset_without_test_split_has_none_in_the_summary(binary):
    dataset = Dataset("bars", binary.train, binary.validation, task="binary")
    runs = train(BINARY, dataset, SHORT)
    assert runs.summary()["test"] is None
    with pytest.raises(TrainingError, match="bars has no test split: choose training, validation"):
        runs.metrics("test")
    with pytest.raises(TrainingError, match="there is no metric 'beauty': choose from accuracy"):
        runs.distribution("beauty")


# What is refused


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        (0, "seeds is 0, but must be from 1 to 1,000,000"),
        (-3, "seeds is -3"),
        ([], "seeds is empty"),
        ([1, -1], "seed -1 is not allowed"),
        ([2**63], "seed 9223372036854775808 is not allowed"),
        ([3, 4, 3], "has a seed twice"),
        ("16", "seeds is '16', but must be a whole number or several of them"),
        (2.5, "seeds is 2.5, but must be a whole number"),
        (None, "seeds is None"),
        (True, "seeds is True"),
        ([1.5], "seed 1.5 is not allowed: take whole numbers from 0"),
        (["a"], "seed 'a' is not allowed"),
    ],
)
def test_seeds_that_make_no_sense_are_refused(seeds, message, binary):
    with pytest.raises(TrainingError, match=message):
        train(BINARY, binary, SHORT, seeds=seeds)


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", True])
def test_threads_that_make_no_sense_are_refused(threads, binary):
    with pytest.raises(
        TrainingError, match=f"threads is {threads!r}, but must be a whole number from 1 to 1,024"
    ):
        train(BINARY, binary, SHORT, threads=threads)


def test_an_architecture_that_does_not_fit_is_refused(binary):
    with pytest.raises(ArchitectureError, match="bars"):
        train("flatten - dense(2)", binary, SHORT)


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [
        ("epochs", [-1, 1.5, True, None, 2**31]),
        ("batch_size", [0, 2.0, "64"]),
        ("optimizer", ["lion", None]),
        ("learning_rate", [0, -1, math.inf, math.nan, "fast", None]),
        ("momentum", [1, -0.1]),
        ("nesterov", [1]),
        ("rho", [1.0]),
        ("beta_1", [1.0]),
        ("beta_2", [-0.5]),
        ("epsilon", [0]),
        ("schedule", ["linear"]),
        ("clip_norm", [0, -1, math.inf]),
        ("global_clip_norm", [0]),
        ("l2", [-1e-9, math.nan]),
        ("patience", [0, 1.5]),
        ("shuffle", [0, "no"]),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name_and_value(setting, wrong):
    for value in wrong:
        with pytest.raises(TrainingError) as caught:
            Training(**{setting: value})
        assert str(caught.value).startswith(f"{setting} is {value!r}, but must be ")


def test_settings_and_seeds_may_be_numpy_numbers(binary):
    numbers: Any = np.int64(2), np.int32(32), "adam", np.float32(0.25)
    own = train(BINARY, binary, Training(*numbers), seeds=np.arange(2))
    assert_same_runs(own, train(BINARY, binary, Training(2, 32, "adam", 0.25), seeds=2))


def test_the_exercise_s_settings_are_the_defaults(binary):
    crt, r3 = (load(name, train=2, validation=2, test=0) for name in ("crt", "r3"))
    assert Training.default(load("mnist56")) == Training(30, 64, "adam", 0.005)
    assert Training.default(crt) == Training.default(r3) == Training(50, 50, "adam", 0.003)
    assert Training.default(binary) == Training()
    assert Training.default(crt, epochs=2, l2=0.1) == Training(2, 50, "adam", 0.003, l2=0.1)
    assert train(BINARY, binary).training == Training()
    with pytest.raises(TrainingError, match="there is no setting 'speed': choose from epochs, batch_size"):
        Training.default(crt, speed=9)


def test_ctrl_c_is_heard_in_the_middle_of_a_large_batch(binary):
    """One batch of all samples through a network that takes minutes for it."""
    text = "conv(200, 5x5) - conv(200, 5x5, padding=same) - flatten - dense(1)"
    x = np.zeros((2000, 28, 28, 1), dtype=np.float32)
    large = Dataset("large", (x, np.arange(2000) % 2), (x, np.arange(2000) % 2))

    def interrupt(epochs, runs):
        raise KeyboardInterrupt

    started = time.perf_counter()
    runs = interrupted(text, large, Training(epochs=1, batch_size=2000), progress=interrupt)
    assert runs.interrupted
    assert time.perf_counter() - started < 40
    assert [run.epochs for run in runs] == [0]


def test_every_run_is_handed_over_when_it_ends(binary):
    handed = []
    runs = train(BINARY, binary, SHORT, seeds=5, threads=2, on_run=handed.append)
    assert sorted(run.seed for run in handed) == list(range(5))
    assert all(run is runs[run.seed] for run in handed)


def test_a_run_that_cannot_be_taken_over_stops_the_training(binary):
    def refuse(run):
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        train(BINARY, binary, SHORT, seeds=200, threads=1, on_run=refuse)


def test_seconds_are_those_of_the_training_alone(binary):
    runs = train(BINARY, binary, SHORT, seeds=2, threads=1, on_run=lambda run: time.sleep(1))
    assert 0 < runs.seconds < 1


# Threads and memory

# Every thread takes a gigabyte of addresses, and there are two and a half.
THREADS = """
import re, resource
import numpy as np
from netlet import Dataset, Training, TrainingError, train
x, y = np.random.default_rng(0).random((20, 4, 4, 1)), np.arange(20) % 2
dataset = Dataset("noise", (x, y), (x, y))
expected = train("flatten - dense(1)", dataset, Training(epochs=300), seeds=32, threads=1)
size = int(re.search(r"VmSize:\\s*(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
resource.setrlimit(resource.RLIMIT_AS, (size + 5 * 2**29, hard))
runs = train("flatten - dense(1)", dataset, Training(epochs=300), seeds=32, threads=32)
assert [run.history for run in runs] == [run.history for run in expected]
resource.setrlimit(resource.RLIMIT_AS, (size + 2**29, hard))
try:
    train("flatten - dense(1)", dataset)
except TrainingError as error:
    print(error)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system has no /proc")
def test_where_the_system_has_no_more_threads_those_there_are_train_all():
    command = ["sh", "-c", 'ulimit -s 1048576 && exec "$0" -c "$1"', sys.executable, THREADS]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("the system gives no thread to train in (")


# The largest resident size is read from /proc: getrusage's includes the parent's from before exec.
# Predictions of many networks one after the other once made it grow without end.
MEMORY = """
import re
import numpy as np
from netlet import Dataset, Training, train
random = np.random.default_rng(0)
x, y = random.random((2500, 64, 64, 1), dtype=np.float32), np.arange(2500) % 3
dataset = Dataset("noise", (x[:500], y[:500]), (x[500:1500], y[500:1500]), (x[1500:], y[1500:]))
text = "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(10) - dense(3)"
runs = train(text, dataset, Training(epochs=1, batch_size=50), seeds=64, threads=2)
assert len(runs.metrics("test")) == 64
print(runs.parameters, re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system has no /proc")
def test_64_seeds_of_the_1237_parameter_network_take_less_than_1_gb():
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    parameters, kilobytes = map(int, done.stdout.split())
    assert parameters == 1237
    assert kilobytes < 1_000_000


def test_without_validation_weights_are_the_same_and_curves_are_missing(task):
    data = bars(task)
    whole, short = (train(TEXTS[task], data, SHORT, seeds=2, validate=validate) for validate in (True, False))
    for a, b in zip(whole, short, strict=True):
        assert all(np.array_equal(x, y) for x, y in zip(a.network.weights, b.network.weights, strict=True))
        curves = {name: curve for name, curve in a.history.items() if not name.startswith("val_")}
        assert b.history == curves
        assert len(curves) < len(a.history)
    assert short.summary() == whole.summary()


def test_patience_needs_validation(binary):
    with pytest.raises(TrainingError, match="patience needs the validation split"):
        train(BINARY, binary, replace(SHORT, patience=2), validate=False)
