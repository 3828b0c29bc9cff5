import threading
import time

import numpy as np
import pytest

from netlet import datasets
from netlet.datasets.files import originals
from netlet.errors import DataError, Interrupted
from netlet.lab import Laboratory
from netlet.training import Training, train

NETWORK = "conv(2, 3x3, strides=6) - flatten - dense(1)"
BRIEF = Training(epochs=1)


def test_the_same_training_is_done_once():
    lab = Laboratory(seeds=2)
    first = lab.runs(NETWORK, "mnist56", BRIEF)
    assert lab.runs(NETWORK, "mnist56", BRIEF) is first
    assert len(first) == 2
    assert lab.runs(NETWORK, "mnist56", BRIEF, seeds=1) is not first


def test_a_dataset_that_is_made_for_a_training_is_told_of():
    lab = Laboratory(seeds=1)
    lab.runs(NETWORK, "mnist56", BRIEF)
    mine = datasets.make("crt", train=4, validation=2, test=0)
    lab.runs("flatten - dense(3)", mine, BRIEF)
    assert [data.name for data in lab.datasets] == ["mnist56", "crt"]
    assert lab.datasets[1] is mine


def test_validation_is_looked_at_only_where_somebody_wants_its_curves():
    lab = Laboratory(seeds=1)
    without = lab.runs(NETWORK, "mnist56", BRIEF, validate=False)
    assert "val_loss" not in without[0].history
    with_curves = lab.runs(NETWORK, "mnist56", BRIEF)
    assert "val_loss" in with_curves[0].history
    assert lab.runs(NETWORK, "mnist56", BRIEF, validate=False) is with_curves
    for one, other in zip(without[0].network.weights, with_curves[0].network.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_trained_ahead_is_there_when_it_is_asked_for(monkeypatch):
    where = []

    def noted(*what, **how):
        where.append(threading.current_thread())
        return train(*what, **how)

    monkeypatch.setattr("netlet.lab.laboratory.train", noted)
    lab = Laboratory(seeds=1)
    lab.dataset("mnist56")
    with lab.ahead([(NETWORK, "mnist56", BRIEF, False)]):
        while not where:
            time.sleep(0.01)
        runs = lab.runs(NETWORK, "mnist56", BRIEF, validate=False)
    assert [each is threading.main_thread() for each in where] == [False]
    assert lab.trained == (runs,)


def test_what_fails_ahead_is_told_to_whoever_asks_for_it(monkeypatch):
    def fail(*_, **how):
        raise DataError("it cannot be")

    monkeypatch.setattr("netlet.lab.laboratory.train", fail)
    lab = Laboratory(seeds=1)
    with lab.ahead([(NETWORK, "mnist56", BRIEF, True)]), pytest.raises(DataError, match="it cannot be"):
        lab.runs(NETWORK, "mnist56", BRIEF)


def test_nobody_waits_for_what_is_trained_ahead_and_not_wanted_any_more():
    lab = Laboratory(seeds=1)
    lab.dataset("mnist56")
    with lab.ahead([(NETWORK, "mnist56", Training(epochs=1_000_000), True)]):
        pass
    assert lab.trained == ()


def test_settings_are_the_exercises_own_unless_given(monkeypatch):
    seen = []

    def train(architecture, data, training, **rest):
        seen.append(training)
        raise DataError("enough")

    monkeypatch.setattr("netlet.lab.laboratory.train", train)
    with pytest.raises(DataError):
        Laboratory().runs("flatten - dense(3)", "crt")
    assert seen == [Training.default(datasets.make("crt"))]


def test_progress_is_told_what_is_trained_and_how_far():
    told = []
    lab = Laboratory(seeds=2, progress=lambda *all_: told.append(all_))
    lab.runs(NETWORK, "mnist56", Training(epochs=3))
    assert told[-1] == (f"{NETWORK} on mnist56", 6, 6)


def test_an_interrupted_training_interrupts_the_lab_and_is_not_kept(monkeypatch):
    lab = Laboratory(seeds=1)
    done = lab.runs(NETWORK, "mnist56", BRIEF)

    def interrupt(*_, **how):
        raise Interrupted("stopped", done)

    monkeypatch.setattr("netlet.lab.laboratory.train", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lab.runs(NETWORK, "mnist56", Training(epochs=2))
    assert lab.trained == (done,)


def test_original_files_are_used_for_the_datasets_that_are_there(tmp_path, monkeypatch):
    written = datasets.make("r3", seed=7, train=6, validation=4, test=0)
    originals.write(written, tmp_path)
    for lab in (Laboratory(data_dir=tmp_path), _by_variable(monkeypatch, tmp_path)):
        assert len(lab.dataset("r3").train) == 6
        assert lab.dataset("r3").test is None
        assert len(lab.dataset("crt").train) == 500


def _by_variable(monkeypatch, folder):
    monkeypatch.setenv("NETLET_DATA", str(folder))
    return Laboratory()


def test_a_folder_without_original_files_is_refused(tmp_path):
    with pytest.raises(DataError, match="none of the exercise's files"):
        Laboratory(data_dir=tmp_path)
    with pytest.raises(DataError, match="is no folder"):
        Laboratory(data_dir=tmp_path / "missing")


def test_a_wrong_folder_of_the_variable_is_told_as_that(tmp_path, monkeypatch):
    for folder in (tmp_path, tmp_path / "missing"):
        monkeypatch.setenv("NETLET_DATA", str(folder))
        with pytest.raises(DataError, match="NETLET_DATA is set: unset it"):
            Laboratory()
