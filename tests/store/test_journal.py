"""What Optuna asks of a journal, in SQLite and in PostgreSQL: entries in order, and whole, whoever writes."""

import math
import subprocess
import sys
import threading

import optuna
import pytest
import sqlalchemy
from optuna.storages import JournalStorage
from optuna.trial import TrialState

import netlet as nl
from netlet.errors import FileError
from netlet.search import Space, Target, Threads, search, study
from netlet.search.diary import Backend
from netlet.store import Store, tables


def entries(*numbers):
    return [{"number": number, "text": f"entry {number}"} for number in numbers]


def numbers_of(store, name):
    journal = tables.journals.c
    statement = sqlalchemy.select(journal.number).where(journal.search == name).order_by(journal.number)
    return [row["number"] for row in store._database.select(statement)]


def read(store, name="first", start=0):
    return list(store.journal(name).read_logs(start))


def test_entries_come_back_in_order(store):
    journal = store.journal("first")
    journal.append_logs(entries(0))
    journal.append_logs(entries(1, 2, 3))
    journal.append_logs(entries(4))
    assert list(journal.read_logs(0)) == entries(0, 1, 2, 3, 4)
    assert numbers_of(store, "first") == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("start", range(7))
def test_entries_are_read_from_a_number_on(store, start):
    store.journal("first").append_logs(entries(0, 1, 2, 3, 4))
    assert read(store, start=start) == entries(*range(start, 5))


def test_an_entry_comes_back_as_it_was(store):
    odd = {
        "nested": {"list": [1, 2.5, None, True, "ü€😀"], "empty": {}},
        "large": 2**80,
        "small": 5e-324,
        "text": '\'; DROP TABLE netlet_journals; --\n"%s"',
        "infinite": [math.inf, -math.inf],
        "long": "x" * 200_000,
    }
    store.journal("first").append_logs([odd, {"nan": math.nan}])
    found = read(store)
    assert found[0] == odd
    assert math.isnan(found[1]["nan"])


def test_nothing_is_appended_by_no_entries(store):
    store.journal("first").append_logs([])
    assert read(store) == []
    store.journal("first").append_logs(entries(0))
    store.journal("first").append_logs([])
    store.journal("first").append_logs(entries(1))
    assert read(store) == entries(0, 1)


def test_a_journal_that_is_not_there_is_empty_and_not_made_by_looking(store, where):
    assert read(store) == []
    assert store.searches() == ()
    with Store(where) as other:
        assert not other._database._has_tables()


def test_entries_are_kept_all_or_none(store):
    """As when Optuna gives something that JSON cannot hold, or the process ends in the middle."""
    journal = store.journal("first")
    journal.append_logs(entries(0))
    with pytest.raises((TypeError, FileError)):
        journal.append_logs([*entries(1, 2), {"a set": {1, 2}}, *entries(3)])
    assert read(store) == entries(0)
    journal.append_logs(entries(1))
    assert read(store) == entries(0, 1)


def test_searches_do_not_mix(store):
    first, second = store.journal("first"), store.journal("second")
    first.append_logs(entries(0, 1))
    second.append_logs(entries(10))
    first.append_logs(entries(2))
    assert read(store) == entries(0, 1, 2)
    assert read(store, "second") == entries(10)
    assert read(store, "third") == read(store, "FIRST") == read(store, "first ") == []
    assert read(store, "second", 1) == []
    assert numbers_of(store, "second") == [0]


def test_searches_are_listed_by_name(store):
    names = ["second", "first", "ünder", "a b", "100%", "' OR 1 = 1"]
    for name in names:
        store.journal(name)  # which is not yet a search
    assert store.searches() == ()
    for name in names:
        store.journal(name).append_logs(entries(0, 1))
    assert sorted(store.searches()) == sorted(names)
    assert store.searches().index("first") < store.searches().index("second")
    for name in names:
        assert read(store, name) == entries(0, 1)


def test_entries_stay_when_a_store_is_closed(store, where):
    store.journal("first").append_logs(entries(0))
    store.close()
    with Store(where) as other:
        assert read(other) == entries(0)
        other.journal("first").append_logs(entries(1))
    assert read(store) == entries(0, 1)


def test_runs_and_journals_do_not_see_each_other(store, dots):
    store.train("flatten - dense(1)", dots, nl.Training(epochs=1), seeds=2)
    assert store.searches() == ()
    store.journal("first").append_logs(entries(0))
    assert len(store.list()) == 1
    store.remove(*store.list())
    assert read(store) == entries(0)


APPEND = """
import sys
from netlet.store import Store

where, writer, size, count = sys.argv[1], *map(int, sys.argv[2:])
with Store(where) as store:
    journal = store.journal("first")
    print("ready", flush=True)
    sys.stdin.readline()
    for place in range(count):
        journal.append_logs([{"of": [writer, place, part]} for part in range(size)])
"""


def assert_whole(store, sizes, count):
    """Nothing is lost or there twice; what was appended together stays together, in its writer's order."""
    found = [tuple(entry["of"]) for entry in read(store)]
    assert numbers_of(store, "first") == list(range(count * sum(sizes)))
    for writer, size in enumerate(sizes):
        own = [of for of in found if of[0] == writer]
        assert own == [(writer, place, part) for place in range(count) for part in range(size)]
    for at, (writer, place, part) in enumerate(found):
        if part:
            assert found[at - 1] == (writer, place, part - 1)


def test_several_processes_append_at_once(store, where):
    """To a store that is not there yet."""
    sizes, count = [1, 3, 2], 30
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", APPEND, where, *map(str, (writer, size, count))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for writer, size in enumerate(sizes)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0] * len(sizes)
    assert_whole(store, sizes, count)


def test_several_threads_append_at_once_through_one_store(store):
    sizes, count = [1, 2, 1, 3], 25
    failed = []

    def work(writer, size):
        try:
            for place in range(count):
                store.journal("first").append_logs([{"of": [writer, place, part]} for part in range(size)])
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=given) for given in enumerate(sizes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert_whole(store, sizes, count)


def test_two_searches_grow_at_once(store):
    """Each is numbered by itself."""

    def work(name):
        for place in range(30):
            store.journal(name).append_logs(entries(place))

    threads = [threading.Thread(target=work, args=[name]) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in ("first", "second"):
        assert read(store, name) == entries(*range(30))
        assert numbers_of(store, name) == list(range(30))


def test_optuna_keeps_a_study_of_its_own_in_it(store, where):
    """All that a journal is for, by Optuna's own sampler, from two storages in turn."""

    def objective(trial):
        x, kind = trial.suggest_float("x", -1, 1), trial.suggest_categorical("kind", [None, 1, "a"])
        if kind == "a" and x > 0.5:
            raise optuna.TrialPruned
        trial.set_user_attr("square", x * x)
        return x * x

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.RandomSampler(seed=0)
    first = optuna.create_study(
        study_name="own", storage=JournalStorage(Backend(store.journal("own"))), sampler=sampler
    )
    first.optimize(objective, n_trials=15)
    with Store(where) as other:
        second = study(other, "own")
        second.optimize(objective, n_trials=15)
        trials, best = second.trials, second.best_value
    assert [trial.number for trial in trials] == list(range(30))
    assert [trial.params for trial in first.trials] == [trial.params for trial in trials]
    assert first.best_value == best == min(t.user_attrs.get("square", 9.0) for t in trials)


# --- what a search writes into it ---------------------------------------------------------------------------

FEW = {"depth": [1], "1.kernel_height": [1, 2], "1.kernel_width": [1, 2], "epochs": [3], "batch_size": [10]}


@pytest.mark.parametrize(("metric", "value"), [("accuracy", 1.0), ("loss", 1e-6)])
def test_the_front_of_optuna_is_that_of_the_search(store, dots, metric, value):
    """With one seed a candidate has one trial."""
    space = Space(dots, nl.Training(learning_rate=0.05), only=FEW)
    found = search(
        dots,
        Target(metric, value, "q0"),
        candidates=60,
        seeds=1,
        margin=0,
        name="first",
        store=store,
        executor=Threads(dots, 2),
        space=space,
    )
    known = study(store, "first")
    assert len(known.trials) == found.candidates <= 60  # fewer, if an answer leaves nothing to be tried
    assert all(trial.state == TrialState.COMPLETE for trial in known.trials)
    front = {(point.parameters, found.target.value_of(point.goodness)) for point in found.front}
    assert {tuple(trial.values) for trial in known.best_trials} == front
    assert len(front) > 1
    for trial in known.trials:
        candidate = space.candidate(trial.params)
        experiment = store.find(candidate.architecture, dots, candidate.training)
        assert experiment is not None
        measured = experiment.runs[0].metrics["validation"]
        is_constant = metric == "accuracy" and (measured["mcc"] or 0) <= 0  # which counts as the worst
        assert trial.values == [experiment.parameters, 0.0 if is_constant else measured[metric]]


def test_a_search_is_read_by_optuna_through_another_connection(store, where, dots):
    found = search(
        dots,
        Target("accuracy", 0.9),
        candidates=20,
        seeds=4,
        name="first",
        store=store,
        executor=Threads(dots, 2),
        space=Space(dots, nl.Training(), only=FEW),
    )
    with Store(where) as other:
        known = study(other, "first")
        assert other.searches() == ("first",)
        rungs = [trial.user_attrs["seeds"] for trial in known.trials]
        directions = [direction.name for direction in known.directions]
    assert rungs.count(1) == found.candidates == 20
    assert set(rungs) <= {1, 4}
    assert directions == ["MINIMIZE", "MAXIMIZE"]
