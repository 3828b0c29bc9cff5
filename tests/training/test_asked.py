"""What a stranger asks `train` for: what has no sense is refused in one line, what has is done."""

import numpy as np
import pytest

import netlet as nl
from netlet.errors import TrainingError

NETWORK = "flatten - dense(1)"


@pytest.fixture(scope="module")
def data():
    x = np.random.default_rng(0).random((60, 4, 4, 1)).astype(np.float32)
    return nl.Dataset("grey", (x[:40], np.arange(40) % 2), (x[40:], np.arange(20) % 2))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"progress": True}, "progress is True, but must be a function, or left out"),
        ({"on_run": 3}, "on_run is 3, but must be a function"),
        ({"on_epoch": [print, 3]}, "on_epoch must be a function of one Epoch"),
        ({"validate": "no"}, "validate is 'no', but must be True or False"),
        ({"quiet": "yes"}, "quiet is 'yes', but must be True or False"),
        ({"every": 3}, "every is how often a checkpoint is written: give checkpoint too"),
        ({"batch_size": 2**31}, "a whole number from 1, below 2,147,483,648"),
        ({"epochs": 2**31}, "a whole number from 0, below 2,147,483,648"),
        ({"patience": 2**40}, "a whole number from 1 or None, below 2,147,483,648"),
        ({"batch_size": 0}, "a whole number from 1$"),
    ],
)
def test_what_has_no_sense_is_refused_before_anything_is_trained(data, given, words):
    with pytest.raises(TrainingError, match=words) as caught:
        nl.train(NETWORK, data, **({"epochs": 10**6} | given))
    assert caught.value.setting in (*given, None)


@pytest.mark.parametrize("yes", [True, np.True_, np.float64(1) > 0])
def test_a_callback_that_says_yes_in_numpy_s_way_ends_a_run_too(data, yes):
    for callbacks in (lambda epoch: yes, [lambda epoch: None, lambda epoch: yes]):
        assert nl.train(NETWORK, data, epochs=4, on_epoch=callbacks)[0].epochs == 1


@pytest.mark.parametrize("no", [None, False, np.False_, 1, "stop", [True]])
def test_whatever_else_a_callback_answers_ends_nothing(data, no):
    assert nl.train(NETWORK, data, epochs=4, on_epoch=lambda epoch: no)[0].epochs == 4


def test_no_callbacks_at_all_are_none(data):
    assert nl.train(NETWORK, data, epochs=2, on_epoch=[])[0].epochs == 2


def test_a_network_whose_training_diverged_is_no_start():
    pulses = nl.load("pulses", train=20, validation=10, test=0)
    runs = nl.train("gru(2) - dense(1)", pulses, epochs=2, optimizer="sgd", learning_rate=1e30)
    for start in (runs, runs[0], runs[0].network):
        with pytest.raises(TrainingError, match="weights that are not finite, because its training diverged"):
            nl.train("gru(2) - dense(1)", pulses, start=start)


def test_weights_of_all_samples_are_refused_where_some_are_split_off():
    x, y = np.random.default_rng(0).random((60, 4, 4, 1)), np.arange(60) % 2
    with pytest.raises(TrainingError, match=r"48 training samples \(12 more are for validation"):
        nl.train(NETWORK, (x, y), sample_weight=np.ones(60))
    with pytest.raises(TrainingError, match=r"48 training samples$"):
        nl.train(NETWORK, (x, y), sample_weight=np.ones(59))


def test_a_batch_larger_than_the_data_is_all_of_it(data):
    large, whole = (nl.train(NETWORK, data, epochs=3, batch_size=size)[0] for size in (10**6, 40))
    assert large.history == whole.history
