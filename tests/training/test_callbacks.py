"""Callbacks after every epoch: what they are told, that one may end a run, and what they raise."""

import threading
import time

import numpy as np
import pytest

from netlet.datasets import Dataset
from netlet.errors import TrainingError
from netlet.training import Training, train

NETWORK = "flatten - dense(3) - dense(1)"
SHORT = Training(epochs=6, batch_size=8)


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    x = random.random((60, 4, 4, 1)).astype(np.float32)
    y = (x.mean(axis=(1, 2, 3)) > 0.5).astype(int)
    return Dataset("grey", (x[:40], y[:40]), (x[40:], y[40:]))


@pytest.mark.parametrize("threads", [1, 2])
def test_every_epoch_of_every_run_is_told_with_what_its_history_has(data, threads):
    told = []
    runs = train(NETWORK, data, SHORT, seeds=3, threads=threads, on_epoch=told.append)
    assert len(told) == 3 * 6
    for run in runs:
        epochs = [epoch for epoch in told if epoch.seed == run.seed]
        assert [epoch.epoch for epoch in epochs] == [1, 2, 3, 4, 5, 6]
        for name, values in run.history.items():
            assert [epoch.values[name] for epoch in epochs] == values
        assert {epoch.epochs for epoch in epochs} == {6}
        assert epochs[-1].loss == run.history["loss"][-1]
        assert epochs[-1].val_loss == run.history["val_loss"][-1]


def test_callbacks_change_no_weight(data):
    for own, other in zip(
        train(NETWORK, data, SHORT, seeds=2, on_epoch=lambda epoch: None),
        train(NETWORK, data, SHORT, seeds=2),
        strict=True,
    ):
        np.testing.assert_array_equal(own.network.weights[0], other.network.weights[0])
        assert own.history == other.history


def test_a_run_ends_with_the_epoch_whose_callback_says_so(data):
    runs = train(NETWORK, data, SHORT, seeds=4, on_epoch=lambda e: e.seed == 2 and e.epoch == 3)
    assert [run.epochs for run in runs] == [6, 6, 3, 6]
    assert [run.stopped for run in runs] == [False, False, True, False]
    assert [run.finished for run in runs] == [True, True, False, True]
    shorter = train(NETWORK, data, SHORT, epochs=3, seeds=[2]).best
    np.testing.assert_array_equal(runs[2].network.weights[0], shorter.network.weights[0])
    assert not runs.interrupted


def test_several_callbacks_are_all_told(data):
    first, second = [], []

    def stop(epoch):
        first.append(epoch)
        return epoch.epoch == 2

    (run,) = train(NETWORK, data, SHORT, on_epoch=[stop, second.append])
    assert run.epochs == 2 and len(first) == len(second) == 2


def test_what_is_true_in_another_sense_stops_nothing(data):
    assert train(NETWORK, data, SHORT, on_epoch=lambda epoch: 1)[0].epochs == 6


def test_callbacks_are_called_in_the_thread_that_trains(data):
    names = set()
    train(NETWORK, data, SHORT, seeds=3, threads=2, on_epoch=lambda _: names.add(threading.current_thread()))
    assert names == {threading.current_thread()}


def test_what_a_callback_raises_passes_on(data):
    def fail(epoch):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        train(NETWORK, data, SHORT, seeds=3, on_epoch=fail)


@pytest.mark.parametrize("given", [3, "often", [print, 3]])
def test_what_cannot_be_called_is_refused(data, given):
    with pytest.raises(TrainingError, match="on_epoch must be a function") as caught:
        train(NETWORK, data, SHORT, on_epoch=given)
    assert caught.value.setting == "on_epoch"


def test_without_validation_epochs_have_no_validation_loss(data):
    told = []
    train(NETWORK, data, SHORT, validate=False, on_epoch=told.append)
    assert told[0].val_loss is None and set(told[0].values) == {"loss", "accuracy"}


def test_slow_callbacks_of_several_runs_keep_nobody_from_hearing_of_those_that_ended(data):
    told = []

    def slow(epoch):
        time.sleep(0.002)
        told.append("epoch")

    train(NETWORK, data, SHORT, seeds=8, threads=2, on_epoch=slow, on_run=lambda run: told.append("run"))
    assert told.index("run") < told.index("epoch", len(told) // 2)
