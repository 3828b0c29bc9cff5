"""Searches from beginning to end: what they find, what they keep, and what may go wrong."""

import json
import math
import threading
import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from optuna.trial import TrialState

import netlet as nl
from netlet.datasets import make
from netlet.errors import ArchitectureError, FileError, Interrupted, TrainingError
from netlet.search import Space, Target, Threads, search, study
from netlet.search.executors import Outcome
from netlet.store import Store
from netlet.store.database import Database
from netlet.store.journal import Journal

SEEDS = 5
SHORT = nl.Training(epochs=6, batch_size=20, learning_rate=0.1)
IMAGES = {
    "depth": [1],
    "1.conv": ["conv"],
    "1.filters": [1, 2, 3, 4],
    "1.kernel_height": [2, 3],
    "1.kernel_width": [2, 3],
    "1.stride": [1],
    "1.padding": ["valid"],
    "1.activation": ["relu"],
    "1.bias": [True],
    "1.pool": ["max"],
    "1.pool_size": [2],
    "end": ["flatten", "global max"],
    "hidden": [0, 2],
    "hidden_activation": ["relu"],
    "output_bias": [True],
    "learning_rate": [0.1],
    "schedule": ["constant"],
    "epochs": [6],
    "batch_size": [20],
}
"""64 candidates."""
SEQUENCES = {
    "depth": [1, 2],
    "1.cell": ["rnn", "gru", "lstm"],
    "1.units": [1, 2, 3],
    "1.cell_activation": ["tanh"],
    "2.cell": ["rnn"],
    "2.units": [1, 2],
    "2.cell_activation": ["tanh"],
    "hidden": [0],
    "output_bias": [True],
    "learning_rate": [0.03],
    "schedule": ["constant", "cosine"],
    "epochs": [10],
    "batch_size": [10],
    "truncation": [None],
    "global_clip_norm": [None],
}
"""54 candidates."""
REACHED, NEVER = Target("accuracy", 0.9), Target("accuracy", 1.0, "q0")


@pytest.fixture(scope="module")
def pulses():
    return make("pulses", train=60, validation=40, test=20, steps=20)


class Remembering(Space):
    """Does not spell out again what it has spelled out, nor draw what never matters.

    That would be most of the time of a search that takes a second.
    """

    def __init__(self, data, usual, only):
        super().__init__(data, usual, only)
        self.genes = {name: gene for name, gene in self.genes.items() if name in only}
        self._found = {}

    def candidate(self, genes):
        key = tuple(genes.items())
        if key not in self._found:
            self._found[key] = super().candidate(genes)
        return self._found[key]


@pytest.fixture(scope="module")
def small(dots):
    return Remembering(dots, SHORT, only=IMAGES)


@pytest.fixture(scope="module")
def of_pulses(pulses):
    return Remembering(pulses, nl.Training(), only=SEQUENCES)


@pytest.fixture
def find(dots, store, one_by_one, small):
    """A search of the small space, one run after the other, in a store of its own."""

    def find(target=REACHED, data=dots, **given):
        usual = {"candidates": 1000, "seeds": SEEDS, "store": store, "space": small, "name": "first"}
        usual |= {"margin": 0, "fresh_seeds": 0}  # see test_honesty.py
        given.setdefault("executor", one_by_one(data))
        try:
            return search(data, target, **(usual | given))
        except Interrupted as stopped:
            return stopped.result

    return find


def distinct(space):
    """All candidates of a small space, by key."""
    rng = np.random.default_rng(0)
    found = {}
    for _ in range(1500):
        try:
            candidate = space.candidate(space.random(rng))
        except ArchitectureError:
            continue
        found[candidate.key] = candidate
    return found


def trained(space, data, metric, seeds):
    """By brute force, of every candidate of a space: its size, and the metric of every seed."""
    return {
        (str(candidate.architecture), candidate.training): (
            candidate.parameters,
            [
                counted(values, metric)
                for values in nl.train(
                    candidate.architecture, data, candidate.training, seeds=seeds, threads=1
                ).metrics("validation")
            ],
        )
        for candidate in distinct(space).values()
    }


def counted(values, metric):
    """A constant answer is right on half of the dots, and counts for nothing."""
    is_constant = metric == "accuracy" and (values["accuracy"] <= 0.5 or values["mcc"] <= 0)
    return math.nan if is_constant else values[metric]


def front_of(points):
    """Of pairs of size and goodness: those that no other beats."""
    points = set(points)
    return sorted(
        (size, good)
        for size, good in points
        if not any(s <= size and g >= good and (s, g) != (size, good) for s, g in points)
    )


def of(point):
    return point.parameters, point.goodness


def asked_for(executor):
    return [(task.architecture, task.training, task.seed) for task in executor.tasks]


def stored(store):
    return [(experiment.id, run.seed) for experiment in store.list() for run in experiment.runs]


@pytest.fixture(scope="module")
def every(dots, small):
    return trained(small, dots, "accuracy", SEEDS)


# --- against brute force ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
def test_with_one_seed_the_front_is_that_of_all_there_is(find, dots, small, store, seed):
    every = trained(small, dots, "loss", 1)
    assert len(every) == 64
    expected = front_of((size, -values[0]) for size, values in every.values() if values[0] is not None)
    found = find(Target("loss", 1e-9), seeds=1, seed=seed)
    assert found.answer is None
    assert [of(point) for point in found.front] == expected
    assert (found.candidates, found.runs, found.trained, found.begun) == (64, 64, 64, 64)
    assert sorted(found.tried) == sorted((size, values[0], 1) for size, values in every.values())
    assert len(stored(store)) == 64


def assert_true(found, every, target):
    """What holds however the race went: what is quoted is true, and nothing better was seen and left out."""
    seeds = found.seeds
    for point in found.front:
        key = point.experiment.architecture, point.experiment.training
        size, values = every[key]
        assert of(point) == (size, target.goodness(values))
        assert [run.seed for run in point.experiment.runs] == list(range(seeds))
    whole = [(size, target.value_of(value)) for size, value, count in found.tried if count == seeds]
    assert [of(point) for point in found.front] == front_of(whole)
    reaching = [size for size, good in whole if good >= target.goal]
    assert (found.answer.parameters if found.answer else None) == min(reaching, default=None)
    begun = [(size, target.value_of(value)) for size, value, _ in found.tried]
    assert set(front_of(begun)) <= set(whole)  # whoever looks best now has all seeds


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("of_seed", ["median", "best", "q25"])
def test_the_answer_is_that_of_brute_force(find, every, of_seed, seed):
    target = Target("accuracy", {"median": 0.9, "best": 0.94, "q25": 0.83}[of_seed], of_seed)
    everything = [(size, target.goodness(values)) for size, values in every.values()]
    expected = min(size for size, good in everything if good >= target.goal)
    assert 7 < expected < 50
    found = find(target, seed=seed)
    assert found.answer is not None
    assert found.answer.parameters == expected
    assert_true(found, every, target)
    # Larger ones may never have been tried, so that their front is not the true one.
    reached = {of(point) for point in found.front if point.parameters <= expected}
    assert len(reached) >= 3
    assert reached <= set(front_of(everything))


@pytest.mark.parametrize("seed", range(2))
def test_the_answer_is_that_of_brute_force_for_sequences_too(pulses, of_pulses, find, seed):
    every = trained(of_pulses, pulses, "normalised_error", 3)
    assert len(every) == 54
    target = Target("normalised_error", 0.3)
    expected = min(size for size, values in every.values() if target.goodness(values) >= target.goal)
    assert 11 < expected < 64
    found = find(target, pulses, space=of_pulses, seeds=3, seed=seed)
    assert found.answer is not None
    assert found.answer.parameters == expected
    assert_true(found, every, target)


def test_racing_takes_less_than_all_seeds_of_all(find, every, store):
    found = find()
    assert found.trained == len(stored(store)) < SEEDS * len(every)


def test_a_target_nobody_reaches_leaves_the_front(find, every):
    found = find(NEVER)
    assert found.answer is None
    assert len(found.front) > 3
    assert found.candidates == 64
    assert_true(found, every, NEVER)


def test_choices_depend_on_the_seed_alone(find, tmp_path):
    def order(seed, place):
        with Store(tmp_path / f"{place}.db") as store:
            find(Target("accuracy", 0.95), seed=seed, store=store, candidates=30, seeds=2)
            return [(trial.params, trial.values) for trial in study(store, "first").trials]

    assert order(1, 1) == order(1, 2)
    assert order(1, 3) != order(2, 4)


def test_the_test_split_has_no_part_in_it(dots, find, one_by_one, tmp_path):
    """Where only the test split differs, nothing but what is told of it does."""
    told = []
    for labels in (dots.validation.y, 1 - dots.validation.y):
        data = nl.Dataset("dots", dots.train, dots.validation, (dots.validation.x, labels), task="binary")
        with Store(tmp_path / f"{len(told)}.db") as store:
            found = find(data=data, executor=one_by_one(data), store=store, candidates=40)
        assert found.answer is not None
        told.append((found.tried, found.answer.shares))
    assert told[0][0] == told[1][0]
    assert told[0][1]["test"] == told[0][1]["validation"] > 0.5
    assert told[1][1]["test"] == 0.0


# --- budgets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 7, 20])
def test_so_many_candidates_are_tried_and_no_more(find, store, most):
    found = find(NEVER, candidates=most)
    assert (found.candidates, found.begun) == (most, most)
    assert len(store.list()) == most == len(found.tried)
    assert all(len(point.experiment.runs) == SEEDS for point in found.front)
    assert not found.interrupted


def test_the_time_is_kept(dots, store):
    """With all there is to choose from, which is more than there is time for."""
    statuses, begun = [], time.perf_counter()
    found = search(
        dots,
        NEVER,
        minutes=0.03,
        seeds=4,
        store=store,
        executor=Threads(dots, 1),
        progress=statuses.append,
    )
    seconds = time.perf_counter() - begun
    assert 1.5 < found.seconds < seconds < 8
    assert found.front
    assert found.trained == len(stored(store)) == found.runs
    assert 0 < found.training_share <= 1
    assert statuses[0].left <= 1.8
    assert [status.seconds for status in statuses] == sorted(status.seconds for status in statuses)
    for status in statuses:
        assert status.seconds + status.left == pytest.approx(1.8)
        assert status.is_finishing == (status.seconds >= 0.88 * 1.8)
    assert statuses[-1].is_finishing
    assert any(not status.is_finishing for status in statuses)


def test_a_small_space_does_not_take_all_the_time(find):
    found = find(minutes=5, candidates=None, seeds=2)
    assert found.seconds < 60
    assert found.answer is not None
    assert all(len(point.experiment.runs) == 2 for point in found.front)


def test_larger_ones_than_allowed_are_not_tried(find):
    found = find(NEVER, max_parameters=20)
    assert 5 < len(found.tried) < 64
    assert max(size for size, _, _ in found.tried) <= 20
    with pytest.raises(TrainingError, match="no network for dots could be made with at most 2 parameters"):
        find(NEVER, max_parameters=2, name="none so small")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ({"max_parameters": 0}, "max_parameters is 0, but must be a whole number from 1"),
        ({"max_parameters": -5}, "max_parameters is -5"),
        ({"minutes": 0}, "minutes is 0, but must be a number above 0"),
        ({"minutes": -1.0}, "minutes is -1"),
        ({"minutes": math.nan}, "minutes is nan"),
        ({"minutes": math.inf}, "minutes is inf"),
        ({"candidates": 0}, "candidates is 0"),
        ({"candidates": -1}, "candidates is -1"),
        ({"seeds": 0}, "seeds is 0"),
        ({"seeds": -3}, "seeds is -3"),
    ],
)
def test_numbers_that_make_no_sense_are_told_at_once(find, dots, one_by_one, store, number, words):
    executor = one_by_one(dots)
    with pytest.raises(TrainingError, match=words) as error:
        find(executor=executor, **number)
    assert "\n" not in str(error.value)
    assert executor.tasks == []
    assert executor.is_closed
    assert store.searches() == ()


@pytest.mark.parametrize(
    "given",
    [{"seeds": 2.5}, {"candidates": 2.5}, {"target": Target("mse", 0.1)}, {"target": Target("no", 1.0)}],
)
def test_what_cannot_be_searched_for_is_told_at_once(find, dots, one_by_one, store, given):
    executor = one_by_one(dots)
    with pytest.raises(TrainingError):
        find(executor=executor, **given)
    assert executor.tasks == []
    assert store.searches() == ()


def test_more_classes_need_more_parameters(find, one_by_one, dots):
    x, y = dots.train.x, np.arange(len(dots.train)) % 4
    data = nl.Dataset("four", (x, y), (x, y))
    with pytest.raises(TrainingError, match="no network for four has fewer than 4"):
        find(data=data, executor=one_by_one(data), space=Space(data, SHORT), max_parameters=3)


# --- nothing twice ------------------------------------------------------------------------------------------


def test_nothing_is_trained_twice(find, dots, one_by_one, store):
    executor = one_by_one(dots, room=5)
    found = find(executor=executor)
    asked = asked_for(executor)
    assert len(asked) == len(set(asked)) == found.trained == len(stored(store)) == found.runs
    assert found.known == 0
    assert executor.is_closed


def test_another_search_finds_what_there_is(find, dots, one_by_one, store):
    executors = [one_by_one(dots) for _ in range(3)]
    first = find(executor=executors[0])
    same = find(executor=executors[1], name="same")
    assert executors[1].tasks == []
    assert (same.trained, same.known, same.runs) == (0, first.trained, first.runs)
    assert same.tried == first.tried
    assert same.front == first.front
    other = find(executor=executors[2], name="other", seed=1)
    asked = [asked_for(executor) for executor in executors]
    assert not set(asked[0]) & set(asked[2])
    assert other.known > 0
    assert other.known + other.trained == other.runs
    assert len(stored(store)) == first.trained + other.trained
    assert other.answer == first.answer
    assert store.searches() == ("first", "other", "same")


def test_runs_that_others_have_stored_are_found(find, dots, one_by_one, store, small):
    for candidate in list(distinct(small).values())[::2]:
        store.train(candidate.architecture, dots, candidate.training, seeds=SEEDS)
    executor = one_by_one(dots)
    found = find(executor=executor)
    assert found.known > 32
    there = {(experiment.architecture, experiment.training) for experiment in store.list()}
    assert {(task.architecture, task.training) for task in executor.tasks} <= there
    assert len(asked_for(executor)) == found.trained


def test_seeds_of_others_do_not_count(find, dots, store, small):
    """An experiment may have seeds that the search has not asked for."""
    for candidate in distinct(small).values():
        store.train(candidate.architecture, dots, candidate.training, seeds=[2, 100])
    found = find()
    assert found.front
    for point in found.front:
        assert [run.seed for run in point.experiment.runs] == list(range(SEEDS))
    assert found.known > 0


def test_searches_have_names_of_their_own(find, store):
    names = {find(name=None, candidates=1).name for _ in range(3)}
    assert len(names) == 3
    assert all(name.startswith("dots-accuracy-") for name in names)
    assert set(store.searches()) == names


def test_where_the_data_came_from_is_noted(find, store):
    find(candidates=2, origin={"dataset": "dots", "data_dir": None, "data_seed": 3})
    assert [experiment.origin["data_seed"] for experiment in store.list()] == [3, 3]


# --- going on -----------------------------------------------------------------------------------------------


def entries(store, name="first"):
    return [(trial.params, trial.user_attrs["seeds"]) for trial in study(store, name).trials]


def test_a_search_goes_on_where_it_was(find, dots, one_by_one, store):
    executors = [one_by_one(dots) for _ in range(2)]
    first = find(NEVER, executor=executors[0], candidates=20)
    before = entries(store)
    second = find(NEVER, executor=executors[1], candidates=50)
    assert entries(store)[: len(before)] == before
    assert (first.candidates, second.candidates, second.begun) == (20, 50, 30)
    assert second.runs == first.runs + second.trained
    assert second.known == 0
    assert not set(asked_for(executors[0])) & set(asked_for(executors[1]))
    tried = Counter(seeds for _, seeds in entries(store))
    assert tried[1] == 50
    for size, _, seeds in first.tried:
        assert any(size == other and seeds <= more for other, _, more in second.tried)


def test_a_search_that_has_ended_has_nothing_left_to_do(find, dots, one_by_one, store):
    first = find()
    before, executor = entries(store), one_by_one(dots)
    again = find(executor=executor)
    assert executor.tasks == []
    assert (again.trained, again.begun, again.known) == (0, 0, 0)
    assert again.candidates == first.candidates
    assert again.runs == first.runs
    assert (again.answer, again.front) == (first.answer, first.front)
    assert sorted(again.tried) == sorted(first.tried)
    assert entries(store) == before
    fewer = find(candidates=3)
    assert (fewer.begun, fewer.candidates, fewer.answer) == (0, first.candidates, first.answer)


def test_a_search_goes_on_with_another_target_value_and_more_seeds(find, every):
    find(Target("accuracy", 0.8), candidates=64, seeds=2)
    target = Target("accuracy", 0.9)
    found = find(target)
    assert found.answer is not None
    assert found.answer.goodness >= 0.9
    assert_true(found, every, target)


@pytest.mark.parametrize(
    ("usual", "only"),
    [
        (SHORT, IMAGES | {"1.filters": [1, 2, 3, 5]}),
        (SHORT, IMAGES | {"1.filters": [4, 3, 2]}),
        (replace(SHORT, optimizer="sgd"), IMAGES),
        (replace(SHORT, epochs=7), IMAGES),
        (SHORT, IMAGES | {"1.multiplier": [1]}),
    ],
)
def test_another_space_is_another_search(find, dots, one_by_one, store, usual, only):
    find(candidates=3)
    before, executor = entries(store), one_by_one(dots)
    with pytest.raises(FileError, match="the search first has space"):
        find(executor=executor, space=Remembering(dots, usual, only))
    assert executor.tasks == []
    assert entries(store) == before


def test_another_dataset_or_metric_is_another_search(find, dots, one_by_one, store):
    find(candidates=3)
    flipped = nl.Dataset("dots", (dots.train.x, 1 - dots.train.y), dots.validation, task="binary")
    before = entries(store)
    for data, target, words in (
        (flipped, REACHED, "the search first has dataset"),
        (dots, Target("loss", 0.1), "the search first has metric accuracy, not loss"),
    ):
        executor = one_by_one(data)
        with pytest.raises(FileError, match=words) as error:
            find(target, data, executor=executor, space=Space(data, SHORT, only=IMAGES))
        assert "\n" not in str(error.value)
        assert executor.tasks == []
        assert executor.is_closed
    assert entries(store) == before
    renamed = nl.Dataset("points", dots.train, dots.validation)  # the same by another name
    assert find(data=renamed, candidates=5, executor=one_by_one(renamed)).begun == 2


def test_runs_that_were_removed_meanwhile_are_trained_again(find, every, dots, one_by_one, store):
    first = find()
    store.remove(*store.list())
    executor = one_by_one(dots)
    again = find(executor=executor)
    assert again.answer is not None
    assert again.answer.parameters == first.answer.parameters
    assert_true(again, every, REACHED)
    assert again.trained == len(executor.tasks) == len(stored(store))


def test_some_runs_that_were_removed_are_trained_again(find, every, dots, one_by_one, store):
    first = find()
    (one,) = [e for e in store.list() if e.id == first.answer.experiment.id]
    store.remove(replace(one, runs=one.runs[2:]))
    executor = one_by_one(dots)
    again = find(executor=executor)
    assert again.answer.experiment.id == one.id
    assert [run.seed for run in again.answer.experiment.runs] == list(range(SEEDS))
    assert_true(again, every, REACHED)
    assert {task.seed for task in executor.tasks if task.architecture == one.architecture} == {2, 3, 4}


# --- what may go wrong --------------------------------------------------------------------------------------


def interrupting(after):
    def progress(status):
        if status.trained >= after:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("after", [0, 30, 100])
def test_ctrl_c_leaves_what_there_was(find, dots, one_by_one, store, after):
    executor = one_by_one(dots)
    found = find(progress=interrupting(after), executor=executor)
    assert found.interrupted
    assert found.problem is None
    assert executor.is_closed
    assert max(after, 1) <= found.trained <= after + 1
    assert len(stored(store)) == found.trained
    assert found.front
    seeds = {len(point.experiment.runs) for point in found.front}
    assert len(seeds) == 1 or after >= 100
    for point in found.front:
        assert [run.seed for run in point.experiment.runs] == list(range(len(point.experiment.runs)))
    json.dumps(found.as_dict(), allow_nan=False)
    again = find()
    assert not again.interrupted
    assert again.runs == len(stored(store)) == found.trained + again.trained


@pytest.mark.parametrize("most", [0, 40])
def test_a_store_that_fails_leaves_what_there_was(find, dots, one_by_one, store, monkeypatch, most):
    add, count = Store.add, []

    def failing(self, *given):
        if len(count) >= most:
            raise FileError("the disk is full")
        count.append(1)
        return add(self, *given)

    executor = one_by_one(dots)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "add", failing)
        found = find(executor=executor)
    assert str(found.problem) == "the disk is full"
    assert not found.interrupted
    assert executor.is_closed
    assert found.trained == most == len(stored(store))
    assert bool(found.front) == bool(most)
    json.dumps(found.as_dict(), allow_nan=False)
    again = find()
    assert again.problem is None
    assert again.answer is not None
    assert again.trained + most == len(stored(store)) == again.runs


def test_a_diary_that_fails_leaves_what_there_was(find, store, monkeypatch):
    append, count = Journal.append_logs, []

    def failing(self, logs):
        count.append(1)
        if len(count) > 60:
            raise FileError("the disk is full")
        append(self, logs)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append_logs", failing)
        found = find()
    assert str(found.problem) == "the disk is full"
    assert found.front
    assert find().answer is not None


def test_a_server_that_is_gone_does_not_take_the_result_with_it(find, monkeypatch):
    """Nothing can be written or read any more."""

    def gone(*_, **__):
        raise FileError("the server is gone")

    with monkeypatch.context() as patch:

        def progress(status):
            if status.trained >= 40:
                patch.setattr(Database, "select", gone)
                patch.setattr(Database, "writing", gone)

        found = find(progress=progress)
    assert str(found.problem) == "the server is gone"
    assert found.tried
    json.dumps(found.as_dict(), allow_nan=False)
    assert find().answer is not None


def refusing(which, problem):
    def refuse(task):
        return Outcome(task, None, {}, 0.0, 0.0, problem) if which(task) else None

    return refuse


def test_a_candidate_that_cannot_be_trained_is_passed_by(find, dots, one_by_one, store):
    executor = one_by_one(dots, refusing(lambda task: "3x3" in task.architecture, TrainingError("too large")))
    found = find(NEVER, executor=executor)
    assert found.problem is None
    assert found.candidates == 64
    assert len(found.tried) == 48
    assert found.front
    refused = [task for task in executor.tasks if "3x3" in task.architecture]
    assert len(refused) == 16
    assert not any("3x3" in experiment.architecture for experiment in store.list())
    states = Counter(trial.state for trial in study(store, "first").trials)
    assert states[TrialState.FAIL] == 16
    assert set(states) == {TrialState.FAIL, TrialState.COMPLETE}


def test_a_candidate_that_fails_from_a_later_seed_is_passed_by(find, dots, one_by_one, store):
    count = []

    def refuse(task):
        count.append(task)
        assert len(count) < 3000
        return refusing(lambda task: task.seed >= 2, TrainingError("too large"))(task)

    for name in ("first", "first"):  # and when it is resumed
        found = find(executor=one_by_one(dots, refuse), name=name)
        assert found.answer is None
        assert found.tried
        assert found.problem is None
        assert found.runs == len(stored(store))
    states = {trial.state for trial in study(store, "first").trials}
    assert states == {TrialState.FAIL, TrialState.COMPLETE}


def test_those_that_fail_do_not_keep_others_from_the_answer(find, dots, one_by_one, every):
    """Of those that are left, brute force gives the same."""

    def is_refused(task):
        return "3x2" in task.architecture and task.seed == 3

    left = {key: of_it for key, of_it in every.items() if "3x2" not in key[0]}
    expected = min(size for size, values in left.values() if REACHED.goodness(values) >= REACHED.goal)
    found = find(executor=one_by_one(dots, refusing(is_refused, TrainingError("too large"))))
    assert found.answer is not None
    assert found.answer.parameters == expected


def test_a_mistake_of_our_own_is_not_hidden(find, dots, one_by_one):
    executor = one_by_one(dots, refusing(lambda task: True, ZeroDivisionError("oh")))
    with pytest.raises(ZeroDivisionError, match="oh"):
        find(executor=executor)
    assert executor.is_closed


# --- what is told -------------------------------------------------------------------------------------------


def test_results_are_json_and_can_be_trained_again(find, dots, store):
    found = find()
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert told["search"] == "first"
    assert told["target"] == {"metric": "accuracy", "value": 0.9, "of": "median"}
    assert told["answer"] in told["front"]
    assert [point["parameters"] for point in told["front"]] == sorted(p["parameters"] for p in told["front"])
    assert told["candidates"] == found.candidates
    assert (told["dataset"], told["dataset_content"]) == ("dots", dots.content_hash)
    assert told["problem"] is None
    assert str(found.candidates) in told["caveat"]
    for point in told["front"]:
        training = nl.Training(**point["settings"])
        runs = nl.train(point["architecture"], dots, training, seeds=point["seeds"])
        assert runs.parameters == point["parameters"]
        assert runs.distribution("accuracy").as_dict() == point["metrics"]["validation"]["accuracy"]
        assert point["metrics"]["test"] is None
        assert point["share_reached"]["test"] is None
        values = [values["accuracy"] for values in runs.metrics("validation")]
        assert point["share_reached"]["validation"] == np.mean(np.array(values) >= 0.9)
        assert 0 <= point["share_reached"]["training"] <= 1
        assert runs.best.seed == point["best"]["seed"]
        assert runs.best.evaluate(dots.validation) == pytest.approx(point["best"]["validation"])
        assert point["best"]["test"] is None
        assert point["value"]["validation"] == point["metrics"]["validation"]["accuracy"]["median"]
        assert store.get(point["id"]).architecture == point["architecture"]


def test_where_there_is_a_test_split_it_is_told(find, pulses, of_pulses):
    found = find(Target("normalised_error", 0.9), pulses, space=of_pulses, candidates=10)
    for point in found.as_dict()["front"]:
        assert point["metrics"]["test"]["normalised_error"]["count"] == SEEDS
        assert 0 <= point["share_reached"]["test"] <= 1


@pytest.mark.parametrize("of_seed", ["median", "best"])
@pytest.mark.parametrize("what", ["images", "sequences"])
def test_runs_that_diverge_are_the_worst_and_can_be_told(find, dots, pulses, what, of_seed):
    data, only, metric, worst = {
        "images": (dots, IMAGES | {"hidden": [0], "1.activation": ["linear"]}, "accuracy", 0.0),
        "sequences": (pulses, SEQUENCES | {"1.units": [1], "depth": [1]}, "normalised_error", math.inf),
    }[what]
    target = Target(metric, 1.0, of_seed)
    # With one rate all diverge, with the other none does.
    for place, rates in enumerate(([1e36], [1e36, 0.01])):
        space = Space(data, nl.Training(optimizer="sgd"), only=only | {"learning_rate": rates})
        found = find(target, data, space=space, seeds=3, name=f"search {place}")
        told = json.dumps(found.as_dict(), allow_nan=False)
        values = [value for _, value, _ in found.tried]
        assert values.count(worst) >= len(values) / len(rates) > 0  # constant answers as well
        assert not any(map(math.isnan, values))
        if len(rates) == 1:
            assert found.answer is None
            assert all(point.shares["validation"] == 0.0 for point in found.front)
            assert ('"diverged": 3' in told) == bool(found.front)
        else:
            assert found.front
            assert target.value_of(found.front[-1].goodness) != worst


def test_it_is_told_how_far_it_is(find):
    statuses = []
    found = find(progress=statuses.append)
    assert statuses
    for name in ("seconds", "candidates", "runs", "begun", "trained"):
        counts = [getattr(status, name) for status in statuses]
        assert counts == sorted(counts)
    last = statuses[-1]
    assert last.candidates == last.begun == found.candidates
    assert last.trained == found.trained
    assert last.left is None or last.left > 0
    assert last.answer == (found.answer.parameters, found.answer.goodness, SEEDS)
    answers = [status.answer[0] for status in statuses if status.answer]
    assert answers == sorted(answers, reverse=True)
    again = []
    find(name="again", progress=again.append, candidates=3)
    assert all(status.candidates <= 3 for status in again)


def test_the_usual_space_store_and_executor_do(dots):
    """As in `netlet.search(dataset, target)`, but for the time it takes."""
    found = search(dots, Target("accuracy", 0.7), candidates=8, seeds=2)
    assert found.candidates == 8
    with Store() as store:
        assert store.searches() == (found.name,)
        assert len(stored(store)) == found.trained


# --- threads ------------------------------------------------------------------------------------------------


def searching_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("netlet-search")]


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_find_the_same_answer(find, dots, every, store, threads):
    found = find(executor=Threads(dots, threads))
    expected = min(size for size, values in every.values() if REACHED.goodness(values) >= REACHED.goal)
    assert found.answer.parameters == expected
    assert_true(found, every, REACHED)
    assert len(set(stored(store))) == len(stored(store)) == found.trained == found.runs
    assert searching_threads() == []


def test_threads_do_not_outlive_an_error(find, dots):
    with pytest.raises(TrainingError):
        find(executor=Threads(dots, 2), max_parameters=0)
    assert searching_threads() == []


def test_ctrl_c_does_not_wait_for_long_runs(dots, store):
    space = Space(dots, nl.Training(epochs=500_000), only=IMAGES | {"epochs": [500_000]})
    begun = time.perf_counter()

    def progress(status):
        if status.seconds > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stopped:
        search(
            dots,
            REACHED,
            candidates=5,
            store=store,
            space=space,
            executor=Threads(dots, 2),
            progress=progress,
        )
    found = stopped.value.result
    assert time.perf_counter() - begun < 20
    assert found.interrupted
    assert (found.trained, found.front) == (0, ())
    assert stored(store) == []
    assert searching_threads() == []
