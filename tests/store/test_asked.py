"""What counts as the same training, and that no finished run is lost or trained twice when Ctrl-C comes."""

import copy
import os
import pickle
import signal

import numpy as np
import pytest

import netlet as nl
from netlet.datasets.scaling import Scaling
from netlet.errors import DataError, Interrupted, TrainingError
from netlet.store import Store

NETWORK = "conv(2, 3x3) - flatten - dense(1)"
SHORT = nl.Training(epochs=3, batch_size=20)


@pytest.fixture(autouse=True)
def interrupts_are_heard():
    """Whoever runs the tests may ignore SIGINT, and its children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def stored(store):
    return [run.seed for experiment in store.list() for run in experiment.runs]


# --- with and without validation curves ----------------------------------------------------------------


def test_without_curves_it_is_the_same_experiment_and_found_where_none_are_needed(store, dots):
    first = store.train(NETWORK, dots, SHORT, seeds=2, validate=False)
    assert "val_loss" not in first[0].history
    again = store.train(NETWORK, dots, SHORT, seeds=2, validate=False)
    assert (again.found, len(store.list())) == (2, 1)


def test_who_needs_curves_gets_them_and_the_same_weights(store, dots):
    bare = store.train(NETWORK, dots, SHORT, seeds=3, validate=False)
    runs = store.train(NETWORK, dots, SHORT, seeds=3)
    assert runs.found == 0  # a curve can only be had by training again
    expected = nl.train(NETWORK, dots, SHORT, seeds=3)
    for one, before, other in zip(runs, bare, expected, strict=True):
        assert one.history == other.history
        np.testing.assert_array_equal(one.network.weights[0], before.network.weights[0])
    assert stored(store) == [0, 1, 2]  # in the place of those without
    assert store.train(NETWORK, dots, SHORT, seeds=3).found == 3
    assert store.train(NETWORK, dots, SHORT, seeds=3, validate=False).found == 3


# --- what else decides -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"freeze": ["conv"]},
        {"class_weight": {"0": 1.0, "1": 3.0}},
        {"sample_weight": np.linspace(0.1, 2.0, 40)},
    ],
)
def test_what_changes_the_weights_is_another_experiment(store, dots, given):
    plain = store.train(NETWORK, dots, SHORT)
    other = store.train(NETWORK, dots, SHORT, **given)
    assert (other.found, len(store.list())) == (0, 2)
    again = store.train(NETWORK, dots, SHORT, **given)
    assert again.found == 1
    np.testing.assert_array_equal(again[0].network.weights[2], other[0].network.weights[2])
    assert store.train(NETWORK, dots, SHORT).found == 1
    assert store.find(NETWORK, dots, SHORT, besides=other.besides) != store.find(NETWORK, dots, SHORT)
    assert len(plain) == 1


def test_going_on_from_other_weights_is_another_experiment(store, dots):
    starts = [nl.train(NETWORK, dots, SHORT, seeds=[seed])[0].network for seed in (5, 6)]
    runs = [store.train(NETWORK, dots, SHORT, start=start) for start in (*starts, starts[0])]
    assert [each.found for each in runs] == [0, 0, 1]
    assert not np.array_equal(runs[0][0].network.weights[0], runs[1][0].network.weights[0])


def test_another_scaling_of_the_input_is_another_experiment(store, dots):
    scaled = nl.Dataset("dots", dots.train, dots.validation)
    object.__setattr__(scaled, "input_scaling", Scaling((0.0,), (0.1,)))
    store.train(NETWORK, dots, SHORT)
    runs = store.train(NETWORK, scaled, SHORT)
    assert runs.found == 0
    again = store.train(NETWORK, scaled, SHORT)
    assert again.found == 1
    assert again[0].network.input_scaling == scaled.input_scaling
    np.testing.assert_array_equal(
        again[0].network.predict(dots.train.x), runs[0].network.predict(dots.train.x)
    )


def test_what_is_found_has_the_class_names_of_the_dataset(store, dots):
    named = nl.Dataset("dots", dots.train, dots.validation, class_names=("up", "down"))
    store.train(NETWORK, dots, SHORT)
    runs = store.train(NETWORK, named, SHORT)
    assert runs.found == 1
    assert runs[0].network.class_names == ("up", "down")
    (experiment,) = store.list()
    assert store.load(experiment)[0].network.class_names == dots.class_names


def test_settings_are_changed_by_name_and_refused_as_by_train(store, dots):
    runs = store.train(NETWORK, dots, SHORT, epochs=2)
    assert runs.training.epochs == 2
    with pytest.raises(TrainingError, match="no_such"):
        store.train(NETWORK, dots, no_such=1)


def test_a_run_of_another_dataset_is_not_stored_under_this(store, dots):
    other = nl.load("mnist56")
    run = nl.train("flatten - dense(1)", other, epochs=1, validate=False)[0]
    with pytest.raises(DataError, match="was not trained on dots"):
        store.add(run, dots, nl.Training(epochs=1))
    assert stored(store) == []


def test_what_comes_back_can_be_pickled_and_copied(store, dots):
    store.train(NETWORK, dots, SHORT, seeds=2)
    runs = store.train(NETWORK, dots, SHORT, seeds=2)
    expected = runs[1].network.predict(dots.validation.x)
    for same in (pickle.loads(pickle.dumps(runs)), copy.deepcopy(runs)):
        np.testing.assert_array_equal(same[1].network.predict(dots.validation.x), expected)
    experiment = store.list()[0]
    assert pickle.loads(pickle.dumps(experiment)) == experiment == copy.deepcopy(experiment)


# --- Ctrl-C ----------------------------------------------------------------------------------------------


def assert_whole(store, dots, stopped, asked=60):
    """All that ended is stored once, and the rest, and no more, is trained the next time."""
    finished = [run.seed for run in stopped.runs if run.finished]
    assert sorted(finished) == stored(store)
    assert stopped.result is stopped.runs
    again = store.train(NETWORK, dots, SHORT, seeds=asked, threads=1)
    assert again.found == len(finished)
    assert stored(store) == list(range(asked))
    assert len(again) == asked


@pytest.mark.parametrize("how", ["signal", "raised"])
def test_ctrl_c_within_on_run_loses_no_finished_run(store, dots, how):
    came = []

    def on_run(run):
        came.append(run.seed)
        if len(came) == 3:
            if how == "raised":
                raise KeyboardInterrupt
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted) as stopped:
        store.train(NETWORK, dots, SHORT, seeds=60, threads=1, on_run=on_run)
    assert len(came) >= 3
    assert_whole(store, dots, stopped.value)


def test_ctrl_c_while_a_run_is_being_stored_is_heard_after_it(store, dots, monkeypatch):
    writing, count = store._database.writing, []

    def interrupted():
        count.append(1)
        if len(count) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return writing()

    monkeypatch.setattr(store._database, "writing", interrupted)
    with pytest.raises(Interrupted) as stopped:
        store.train(NETWORK, dots, SHORT, seeds=60, threads=1)
    assert_whole(store, dots, stopped.value)


def test_a_storing_that_ctrl_c_breaks_off_is_done_again(store, dots, monkeypatch):
    add, count = Store.add, []

    def broken(self, *given, **named):
        count.append(1)
        if len(count) == 3:
            raise KeyboardInterrupt
        return add(self, *given, **named)

    monkeypatch.setattr(Store, "add", broken)
    with pytest.raises(Interrupted) as stopped:
        store.train(NETWORK, dots, SHORT, seeds=60, threads=1)
    assert_whole(store, dots, stopped.value)
