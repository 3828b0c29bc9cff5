"""What a search has tried is found again as it was, by the search and by Optuna."""

import math

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

import netlet as nl
from netlet.datasets import make
from netlet.errors import FileError
from netlet.search import Space, study
from netlet.search.diary import Diary
from netlet.store import Store

FACTS = {"dataset": "d1", "metric": "accuracy", "space": 1}


@pytest.fixture(params=["images", "sequences"])
def space(request, dots):
    if request.param == "images":
        return Space(dots, nl.Training())
    return Space(make("pulses", train=5, validation=5, test=0, steps=30), nl.Training())


def genes_of(space, count):
    rng = np.random.default_rng(0)
    return [space.random(rng) for _ in range(count)]


def diary(store, space, name="first", facts=FACTS, higher=True):
    return Diary(store, name, space, higher, facts)


def test_what_was_tried_comes_back_in_order_and_as_it_was(store, space):
    genes = genes_of(space, 40)
    first = diary(store, space)
    assert first.is_new
    assert list(first.entries()) == []
    numbers = [first.begin(one, seeds) for seeds, one in enumerate(genes, 1)]
    for number in numbers[::2]:
        first.end(number, 10, 0.5)
    for again in (first, diary(store, space)):
        entries = list(again.entries())
        assert [entry.number for entry in entries] == numbers
        assert [entry.genes for entry in entries] == genes
        assert [entry.seeds for entry in entries] == list(range(1, 41))
        assert [entry.is_ended for entry in entries] == [True, False] * 20
    for entry, one in zip(diary(store, space).entries(), genes, strict=True):
        for name, value in one.items():  # 1 == 1.0 == True
            assert type(entry.genes[name]) is type(value)


def test_it_is_gone_on_with(store, space):
    one, other, third = genes_of(space, 3)
    first = diary(store, space)
    begun = [first.begin(one, 1), first.begin(other, 1)]
    store.close()
    with Store(str(store)) as there:
        second = diary(there, space)
        assert not second.is_new
        second.end(begun[0], 12, 0.75)
        number = second.begin(third, 4)
        assert number not in begun
        second.end(number, 7, None)
    trials = study(store, "first").trials
    assert [trial.state for trial in trials] == [TrialState.COMPLETE, TrialState.RUNNING, TrialState.FAIL]
    assert trials[0].values == [12.0, 0.75]
    assert trials[2].values is None


def test_a_candidate_that_failed_has_ended(store, space):
    first = diary(store, space)
    first.end(first.begin(genes_of(space, 1)[0], 1), 5, None)
    assert [entry.is_ended for entry in first.entries()] == [True]


@pytest.mark.parametrize(
    ("fact", "value"), [("dataset", "d2"), ("metric", "loss"), ("space", 2), ("seconds", 5)]
)
def test_another_search_of_that_name_is_refused(store, space, fact, value):
    diary(store, space, facts=FACTS | {"seconds": 4})
    with pytest.raises(FileError, match=f"the search first has {fact} .* not {value}: resume it as it was"):
        diary(store, space, facts=FACTS | {"seconds": 4, fact: value})
    diary(store, space, "second", FACTS | {fact: value})
    assert store.searches() == ("first", "second")


def test_what_it_is_about_is_noted_though_it_was_killed_while_it_began(store, space):
    """A study is made first, and what it is about noted then."""
    journal = store.journal("first")
    diary(store, space)
    logs = list(journal.read_logs(0))
    for kept in range(1, len(logs)):
        cut = store.journal(f"cut {kept}")
        cut.append_logs([log | {"study_name": f"cut {kept}"} if place == 0 else log
                         for place, log in enumerate(logs[:kept])])  # fmt: skip
        diary(store, space, f"cut {kept}")
        for fact in FACTS:
            with pytest.raises(FileError, match=f"has {fact}"):
                diary(store, space, f"cut {kept}", FACTS | {fact: "another"})


def test_searches_do_not_see_each_other(store, space):
    one, other = genes_of(space, 2)
    first, second = (diary(store, space, name) for name in ("first", "second"))
    first.begin(one, 1)
    number = second.begin(other, 2)
    second.end(number, 3, 0.5)
    assert [(entry.genes, entry.is_ended) for entry in diary(store, space, "first").entries()] == [
        (one, False)
    ]
    assert [(entry.genes, entry.is_ended) for entry in diary(store, space, "second").entries()] == [
        (other, True)
    ]


@pytest.mark.parametrize("value", [0.25, 0.0, 1.0, math.inf])
def test_optuna_reads_parameters_and_the_metric(store, space, value):
    genes = genes_of(space, 1)[0]
    first = diary(store, space, higher=False)
    first.end(first.begin(genes, 4), 17, value)
    found = study(store, "first")
    assert found.directions == [optuna.study.StudyDirection.MINIMIZE] * 2
    (trial,) = found.trials
    assert trial.values == [17.0, value]
    assert trial.params == genes
    assert trial.user_attrs["seeds"] == 4
    assert trial.datetime_start is not None
    assert trial.datetime_complete is not None
    assert trial.datetime_complete >= trial.datetime_start
    assert found.best_trials == [trial]
    assert study(store, "first").user_attrs["metric"] == "accuracy"


def test_the_metric_is_as_good_as_it_is_high_or_low(store, space):
    for name, higher in (("up", True), ("down", False)):
        one = diary(store, space, name, higher=higher)
        for parameters, value in ((10, 0.5), (10, 0.7), (10, 0.6)):
            one.end(one.begin(genes_of(space, 1)[0], 1), parameters, value)
        assert [trial.values[1] for trial in study(store, name).best_trials] == [0.7 if higher else 0.5]


def test_a_search_that_is_not_there_is_told(store, space):
    with pytest.raises(FileError, match="has no search 'first': it has none"):
        study(store, "first")
    for name in ("b", "a"):
        diary(store, space, name)
    with pytest.raises(FileError, match="has no search 'first': it has a, b"):
        study(store, "first")
    assert store.searches() == ("a", "b")


def test_nothing_is_said(store, space, capfd):
    first = diary(store, space)
    first.end(first.begin(genes_of(space, 1)[0], 1), 5, 0.5)
    study(store, "first")
    assert capfd.readouterr() == ("", "")
