"""What every store does, in SQLite and in PostgreSQL."""

import math
import threading
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import numpy as np
import pytest
import sqlalchemy

import netlet as nl
from netlet.errors import ArchitectureError, FileError, TrainingError
from netlet.store import NotStoredError, Store, database, tables
from netlet.store.experiment import _identified

NETWORK = "conv(2, 3x3) - flatten - dense(1)"
SHORT = nl.Training(epochs=3, batch_size=20)
DIVERGING = nl.Training(epochs=20, optimizer="sgd", learning_rate=1e30)


@pytest.fixture
def trained(monkeypatch):
    """The seeds that are trained from now on, a list for every call."""
    calls = []

    def spy(architecture, dataset, training, *, seeds, **others):
        calls.append(list(seeds))
        return nl.train(architecture, dataset, training, seeds=seeds, **others)

    monkeypatch.setattr("netlet.store.trained.train", spy)
    return calls


def assert_same(runs, others):
    assert [run.seed for run in runs] == [run.seed for run in others]
    for one, other in zip(runs, others, strict=True):
        np.testing.assert_equal(one.history, other.history)
        assert (one.diverged, one.finished) == (other.diverged, other.finished)
        assert one.network.architecture == other.network.architecture
        assert (one.network.input_shape, one.network.task) == (other.network.input_shape, other.network.task)
        for weight, expected in zip(one.network.weights, other.network.weights, strict=True):
            assert weight.dtype == np.float32
            np.testing.assert_array_equal(weight, expected)


def test_runs_come_back_to_the_bit(store, dots, trained):
    expected = nl.train(NETWORK, dots, SHORT, seeds=3)
    for found in (0, 3):
        runs = store.train(NETWORK, dots, SHORT, seeds=3)
        assert runs.found == found
        assert runs.architecture == expected.architecture
        assert_same(runs, expected)
        assert runs.summary() == expected.summary()
        assert runs.best.seed == expected.best.seed
    assert trained == [[0, 1, 2]]
    assert runs.seconds == 0


def test_a_run_that_diverged_comes_back_as_such(store, dots):
    first, again = (store.train(NETWORK, dots, DIVERGING) for _ in range(2))
    assert (first.found, again.found) == (0, 1)
    assert again.diverged == 1
    assert_same(again, first)
    assert math.isnan(again.metrics("validation")[0]["loss"])
    assert store.list()[0].distribution("loss").median == math.inf


def test_what_is_undefined_stays_undefined(store):
    x, y = np.zeros((6, 4, 4, 1), np.float32), np.array([0, 1] * 3)
    data = nl.Dataset("lopsided", (x, y), (x, np.zeros(6, int)), task="binary")
    for _ in range(2):
        values = store.train("flatten - dense(1)", data, SHORT).metrics("validation")[0]
        assert values["sensitivity"] is None
    assert store.list()[0].summary()["test"] is None


def test_sequences_with_masks_come_back(store):
    rng = np.random.default_rng(0)
    x = [rng.normal(size=steps) for steps in (5, 8, 3, 8)]
    data = nl.Dataset("rows", (x, x), (x, x), (x, x), task="regression")
    runs, again = (store.train("gru(3) - dense(1)", data, nl.Training(epochs=2), seeds=2) for _ in range(2))
    assert again.found == 2
    assert_same(again, runs)
    for run, values in zip(again, again.metrics("test"), strict=True):
        assert values == run.evaluate(data.test)


def test_only_what_is_missing_is_trained(store, dots, trained):
    store.train(NETWORK, dots, SHORT, seeds=[4, 1])
    runs = store.train(NETWORK, dots, SHORT, seeds=[5, 4, 0, 1])
    assert trained == [[4, 1], [5, 0]]
    assert [run.seed for run in runs] == [5, 4, 0, 1]
    assert runs.found == 2
    assert [run.seed for run in store.train(NETWORK, dots, SHORT, seeds=[4])] == [4]


def test_progress_counts_what_was_found(store, dots, monkeypatch):
    def train(architecture, dataset, training, *, seeds, progress, on_run, **others):
        progress(4, 1)
        return nl.train(architecture, dataset, training, seeds=seeds, on_run=on_run, **others)

    store.train(NETWORK, dots, SHORT, seeds=2)
    told = []
    monkeypatch.setattr("netlet.store.trained.train", train)
    store.train(NETWORK, dots, SHORT, seeds=4, progress=lambda *now: told.append(now))
    assert told == [(2 * 3 + 4, 2 + 1)]


def test_fresh_runs_take_the_place_of_those_that_are_there(store, dots, trained):
    store.train(NETWORK, dots, SHORT, seeds=2)
    before = store.list()[0].runs
    runs = store.train(NETWORK, dots, SHORT, seeds=2, fresh=True)
    assert trained == [[0, 1], [0, 1]]
    assert runs.found == 0
    assert [run.seed for run in store.list()[0].runs] == [0, 1]
    assert [run.metrics for run in store.list()[0].runs] == [run.metrics for run in before]


def test_whatever_decides_the_outcome_makes_another_experiment(store, dots, monkeypatch):
    other = nl.Dataset("dots", (dots.train.x[::-1], dots.train.y[::-1]), dots.validation)
    store.train(NETWORK, dots, SHORT)
    store.train(NETWORK, other, SHORT)
    store.train("conv(3, 3x3) - flatten - dense(1)", dots, SHORT)
    store.train(NETWORK, dots, nl.Training(epochs=4, batch_size=20))
    monkeypatch.setattr("netlet.store.experiment.SEMANTICS", 99)
    store.train(NETWORK, dots, SHORT)
    assert len({experiment.fingerprint for experiment in store.list()}) == 5


def test_however_the_same_is_said_it_is_found(store, dots):
    store.train(NETWORK, dots, nl.Training(epochs=3, learning_rate=1))
    spelled = "Conv2D(2, (3, 3), activation='relu') - Flatten() - Dense(1, activation='sigmoid')"
    numbers = nl.Training(epochs=int(np.int64(3)), learning_rate=float(np.float32(1)), l2=0)
    renamed = nl.Dataset("points", dots.train, dots.validation)
    assert store.train(spelled, renamed, numbers).found == 1


def test_without_settings_they_are_the_datasets_own(store, dots):
    store.train("flatten - dense(1)", dots)
    experiment = store.find("flatten - dense(1)", dots)
    assert experiment is not None
    assert experiment.training == nl.Training.default(dots)


def test_all_that_is_known_of_a_run_is_kept(store, dots):
    began = datetime.now(UTC) - timedelta(seconds=1)
    origin = {"dataset": "/tmp/dots.npz", "data_dir": None, "data_seed": None}
    runs = store.train(NETWORK, dots, SHORT, seeds=2, threads=1, origin=origin)
    (experiment,) = store.list()
    assert (experiment.dataset, experiment.dataset_seed) == ("dots", 10**30)
    assert (experiment.dataset_source, experiment.content_hash) == (dots.source, dots.content_hash)
    assert (experiment.architecture, experiment.parameters) == (str(runs.architecture), 53)
    assert (experiment.input_shape, experiment.task) == ((6, 6, 1), "binary")
    assert experiment.training == SHORT
    assert experiment.origin == origin
    assert [run.network.about for run in store.load(experiment)] == [origin | {"seed": k} for k in (0, 1)]
    assert experiment.best.seed == runs.best.seed
    assert experiment.summary() == runs.summary()
    for known, run in zip(experiment.runs, runs, strict=True):
        assert (known.seed, known.epochs, known.diverged) == (run.seed, 3, None)
        assert known.metrics == {
            "training": run.evaluate(dots.train),
            "validation": run.evaluate(dots.validation),
            "test": None,
        }
        assert known.seconds is not None
        assert 0 < known.seconds < 10
        assert "core" in known.machine
        assert known.netlet == str(nl.__version__)
        assert began < known.ended <= datetime.now(UTC)


def test_of_runs_side_by_side_no_time_is_known(store, dots):
    store.train(NETWORK, dots, SHORT, seeds=4, threads=2)
    assert {run.seconds for run in store.list()[0].runs} == {None}


def test_a_run_is_kept_as_soon_as_it_has_ended(store, where, dots):
    def interrupt(_, ended):
        if ended >= 2:
            with Store(where) as other:
                assert len(other.list()[0].runs) >= 2
            raise KeyboardInterrupt

    long = nl.Training(epochs=300)
    with pytest.raises(nl.Interrupted) as caught:
        store.train(NETWORK, dots, long, seeds=10_000, threads=1, progress=interrupt)
    runs = caught.value.runs
    assert runs.interrupted
    finished = [run.seed for run in runs if run.finished]
    assert [run.seed for run in store.list()[0].runs] == finished
    assert len(finished) < 10_000


def test_a_run_that_was_interrupted_is_not_stored(store, dots):
    def interrupt(epochs, _):
        if epochs:
            raise KeyboardInterrupt

    with pytest.raises(nl.Interrupted) as caught:
        store.train(NETWORK, dots, nl.Training(epochs=2**31 - 1), progress=interrupt)
    runs = caught.value.runs
    assert not runs[0].finished
    assert store.list() == ()
    with pytest.raises(TrainingError, match="seed 0 was interrupted"):
        store.add(runs[0], dots, runs.training)


def test_an_experiment_is_found_by_what_it_is(store, dots):
    assert store.find(NETWORK, dots, SHORT) is None
    store.train(NETWORK, dots, SHORT, seeds=3)
    experiment = store.find(NETWORK, dots, SHORT)
    assert experiment is not None
    assert [run.seed for run in experiment.runs] == [0, 1, 2]
    assert store.find(NETWORK, dots, DIVERGING) is None
    with pytest.raises(ArchitectureError, match="flatten"):
        store.find("dense(1)", dots)


def test_an_experiment_is_found_by_its_id(store, dots):
    store.train(NETWORK, dots, SHORT, seeds=3)
    (experiment,) = store.list()
    assert len(experiment.id) == 8
    for id_ in (experiment.id, experiment.id[:4], experiment.fingerprint, f" {experiment.id.upper()} "):
        assert store.get(id_) == experiment
    assert [run.seed for run in store.get(f"{experiment.id}:2").runs] == [2]


@pytest.mark.parametrize("id_", ["", "abc", "no-id-at-all", "3fa91b2c:", "3fa91b2c:x", "3fa91b2%"])
def test_what_is_no_id_is_refused(store, id_):
    with pytest.raises(FileError, match="is no id: it must look like 3fa91b2c"):
        store.get(id_)


def test_an_id_that_nothing_has_is_refused(store, dots):
    with pytest.raises(FileError, match="has no runs 00000000"):
        store.get("00000000")
    store.train(NETWORK, dots, SHORT)
    with pytest.raises(FileError, match=":9: see netlet runs list"):
        store.get(f"{store.list()[0].id}:9")


def test_an_id_that_may_be_several_is_refused(store, dots, monkeypatch):
    class Alike:
        def __init__(self, text):
            self._digest = sha256(text)

        def hexdigest(self):
            return "abcdabcd" + self._digest.hexdigest()[8:]

    monkeypatch.setattr("netlet.store.experiment.sha256", Alike)
    _identified.cache_clear()  # other tests may have asked for the same
    for epochs in (1, 2):
        store.train(NETWORK, dots, nl.Training(epochs=epochs))
    with pytest.raises(FileError, match=r"abcdabcd may be abcdabcd.{4}, abcdabcd.{4}: give more digits"):
        store.get("abcdabcd")
    for experiment in store.list():
        assert store.get(experiment.fingerprint[:20]) == experiment


def test_experiments_are_listed_by_dataset_and_in_the_order_they_ended(store, dots):
    points = nl.Dataset("points", dots.validation, dots.train)
    first = store.train(NETWORK, dots, SHORT)
    store.train(NETWORK, points, SHORT)
    statement = sqlalchemy.update(tables.runs).values(ended="2001-01-01T00:00:00+00:00")
    with store._database.writing() as connection:
        connection.execute(statement)
    store.train(NETWORK, dots, SHORT, seeds=2)
    assert [experiment.dataset for experiment in store.list()] == ["points", "dots"]
    assert [str(first.architecture)] == [e.architecture for e in store.list("points")]
    assert store.list("nothing") == ()


def test_runs_are_removed_one_by_one_and_all_at_once(store, dots, trained):
    for settings in (SHORT, DIVERGING):
        store.train(NETWORK, dots, settings, seeds=3)
    one, other = store.list()
    assert store.remove(store.get(f"{one.id}:1")) == 1
    assert [run.seed for run in store.get(one.id).runs] == [0, 2]
    assert store.remove(one, other) == 5
    assert store.list() == ()
    assert store.remove(one) == 0
    assert store.train(NETWORK, dots, SHORT, seeds=3).found == 0


def test_the_best_network_is_exported(store, dots, tmp_path):
    runs = store.train(NETWORK, dots, SHORT, seeds=4)
    (experiment,) = store.list()
    network = nl.load_network(store.export(experiment, tmp_path / "best.netlet"))
    about = network.about
    np.testing.assert_array_equal(network.predict(dots.train.x), runs.best.network.predict(dots.train.x))
    assert (about["dataset"], about["seed"], about["data_seed"]) == ("dots", runs.best.seed, 10**30)
    assert nl.Training(**about["training"]) == SHORT
    worse = next(run.seed for run in runs if run.seed != runs.best.seed)
    store.export(store.get(f"{experiment.id}:{worse}"), tmp_path / "other.netlet")
    assert nl.load_network(tmp_path / "other.netlet").about["seed"] == worse


def test_an_architecture_is_exported_as_keras_code(store, dots, tmp_path):
    runs = store.train(NETWORK, dots, SHORT)
    path = store.export(store.list()[0], tmp_path / "best.py")
    assert path.read_text() == runs.architecture.keras_code((6, 6, 1))


def test_an_empty_store_is_made_only_when_something_is_written(store, dots, where):
    assert store.list() == ()
    assert store.find(NETWORK, dots) is None
    with pytest.raises(FileError, match="has no runs"):
        store.get("3fa91b2c")
    with Store(where) as other:
        assert not other._database._has_tables()


@pytest.mark.parametrize("seeds", [0, [], [1, 1], [-1], [2**63]])
def test_seeds_that_make_no_sense_are_refused(store, dots, seeds):
    store.train(NETWORK, dots, SHORT, seeds=2)
    with pytest.raises(TrainingError, match="seed"):
        store.train(NETWORK, dots, SHORT, seeds=seeds)


def test_the_largest_seed_has_a_place(store, dots):
    for found in (0, 2):
        assert store.train(NETWORK, dots, SHORT, seeds=[0, 2**63 - 1]).found == found


def test_runs_that_cannot_be_stored_are_not_lost(store, dots, monkeypatch):
    expected = nl.train(NETWORK, dots, SHORT, seeds=3)
    tried = []

    def full(run, *_, **__):
        tried.append(run.seed)
        raise FileError("the disk is full")

    monkeypatch.setattr(store, "add", full)
    with pytest.raises(NotStoredError, match="the disk is full; not all runs that were trained") as error:
        store.train(NETWORK, dots, SHORT, seeds=3)
    assert_same(error.value.runs, expected)
    assert error.value.runs.summary() == expected.summary()
    assert len(tried) == 1  # who waited for a lock once shall not wait for it a thousand times


def test_a_store_of_a_newer_netlet_is_left_alone(store, where, dots):
    store.train(NETWORK, dots, SHORT)
    with store._database.writing() as connection:
        connection.execute(sqlalchemy.update(tables.version).values(version=tables.VERSION + 1))
    with Store(where) as other:
        for use in (other.list, lambda: other.train(NETWORK, dots, SHORT)):
            with pytest.raises(
                FileError, match=r"has version 4, but this netlet knows up to 3: update netlet"
            ):
                use()


def test_many_threads_may_use_a_store(store, dots):
    failed = []

    def work(first):
        try:
            store.train(NETWORK, dots, SHORT, seeds=range(first, first + 10), threads=1)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=[first]) for first in (0, 5, 10, 15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [run.seed for run in store.list()[0].runs] == list(range(25))


def test_a_closed_store_opens_again(store, dots):
    store.train(NETWORK, dots, SHORT)
    store.close()
    assert len(store.list()) == 1


def test_a_store_of_before_the_journals_is_taken_over(store, where, dots):
    trained = store.train(NETWORK, dots, SHORT)
    with store._database.writing() as connection:
        tables.journals.drop(connection)
        for column in tables.ADDED:
            connection.exec_driver_sql(f"ALTER TABLE netlet_experiments DROP COLUMN {column.name}")
        connection.execute(sqlalchemy.update(tables.version).values(version=1))
    store.close()
    with Store(where) as other:
        assert other.searches() == ()
        assert other.train(NETWORK, dots, SHORT, seeds=2).found == 1
        (kept,) = other.list()
        assert kept.runs[0].seed == trained[0].seed
    with Store(where) as other, other._database.writing() as connection:
        assert connection.scalars(sqlalchemy.select(tables.version.c.version)).all() == [tables.VERSION]


def test_the_tables_are_those_of_this_version():
    """Whoever changes them raises the version, says here what they are now, and how old ones become new."""
    columns = {
        table.name: [column.name for column in table.columns] for table in tables.metadata.sorted_tables
    }
    assert database.tables.VERSION == 3
    assert columns == {
        "netlet_version": ["version"],
        "netlet_experiments": [
            *("fingerprint", "architecture", "input_shape", "task", "parameters", "settings"),
            *("dataset", "dataset_seed", "dataset_source", "content_hash", "origin", "besides"),
            *("details", "search"),
        ],
        "netlet_journals": ["search", "number", "entry"],
        "netlet_runs": [
            *("fingerprint", "seed", "epochs", "diverged", "seconds", "machine", "netlet", "ended"),
            *("metrics", "history", "weights"),
        ],
    }
