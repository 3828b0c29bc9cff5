"""What a search says is true of data and seeds that it did not choose on, and no constant answer wins."""

import copy
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import binomtest

import netlet as nl
from netlet.comparison import wilson
from netlet.datasets import windows
from netlet.errors import DataError, Interrupted, TrainingError
from netlet.search import Space, Target, Threads, search
from netlet.search.scoring import Scoring

SHORT = {"epochs": 6, "batch_size": 20, "learning_rate": 0.1}


@pytest.fixture
def find(dots, store, one_by_one):
    def find(target="accuracy=0.8", data=dots, **given):
        usual = {"candidates": 40, "seeds": 3, "store": store, "executor": one_by_one(data)}
        return search(data, target, **(usual | SHORT | given))

    return find


@pytest.fixture(scope="module")
def lopsided():
    """1 of 21 is upright; the others are noise, so that hardly anything can be learned."""
    random = np.random.default_rng(0)
    y = (np.arange(210) % 21 == 0).astype(int)
    first, second = ((random.random((210, 5, 5, 1)).astype(np.float32), y) for _ in range(2))
    return nl.Dataset("lopsided", first, second)


def test_a_constant_answer_is_no_answer_and_the_majority_is_told(find, lopsided):
    found = find("accuracy=0.9", lopsided, margin=0)
    assert found.answer is None  # always "0" would be right on 95 %
    assert found.majority["validation"] == pytest.approx(20 / 21)
    assert found.as_dict()["majority_share"]["validation"] == pytest.approx(20 / 21)


@pytest.mark.parametrize("metric", ["accuracy", "specificity", "f1", "balanced_accuracy", "mcc"])
def test_what_a_constant_has_for_nothing_counts_as_the_worst(lopsided, metric):
    scoring = Scoring(lopsided, Target(metric, 0.5))
    constant = {"accuracy": 20 / 21, "specificity": 1.0, "f1": 0.9, "balanced_accuracy": 0.5, "mcc": 0.0}
    value = scoring.value("validation", constant)
    assert value is not None and np.isnan(value)
    learned = constant | {"accuracy": 0.99, "mcc": 0.7}
    assert scoring.value("validation", learned) == learned[metric]


def test_the_margin_is_a_standard_error_and_asked_of_training_too(dots):
    scoring = Scoring(dots, Target("accuracy", 0.8))
    assert scoring.margin == pytest.approx(np.sqrt(0.8 * 0.2 / len(dots.validation)))
    assert scoring.raced.value == pytest.approx(0.8 + scoring.margin)
    values = {"accuracy": 0.9, "mcc": 0.8}
    assert scoring.score({"training": values | {"accuracy": 0.7}, "validation": values}) == 0.7
    assert Scoring(dots, Target("accuracy", 0.8), 0).score({"training": None, "validation": values}) == 0.9
    assert Scoring(dots, Target("accuracy", 1.0)).raced.value == 1.0


def test_what_is_quoted_comes_from_seeds_that_had_no_part_in_the_race(find, dots):
    found = find()
    assert [run.seed for run in found.answer.experiment.runs] == [0, 1, 2]
    assert [run.seed for run in found.fresh.experiment.runs] == [3, 4, 5]
    assert found.fresh.experiment.architecture == found.answer.experiment.architecture
    alone = nl.train(
        found.answer.experiment.architecture, dots, found.answer.experiment.training, seeds=[3, 4, 5]
    )
    assert found.fresh.values["validation"] == alone.distribution("accuracy").median
    assert found.as_dict()["fresh"]["seeds"] == 3
    low, high = found.fresh.interval("validation")
    assert 0 <= low <= found.fresh.shares["validation"] <= high <= 1


def test_an_answer_whose_fresh_seeds_miss_the_target_is_passed_over(find, dots, store):
    """With one seed in the race luck wins it; eight fresh ones have the last word."""
    passed_over = 0
    for seed in range(4):
        found = find("accuracy=0.85", seeds=1, fresh_seeds=8, margin=0, seed=seed, candidates=60)
        if found.answer is None or not found.passed_over:
            continue
        passed_over += found.passed_over
        assert found.fresh.values["validation"] >= 0.85
        assert f"{found.passed_over} smaller network" in found.caveat
        smaller = [
            each
            for each in store.list()
            if each.parameters <= found.answer.parameters
            and len(each.runs) == 9
            and each.search == found.name
        ]
        medians = [
            np.median([run.metrics["validation"]["accuracy"] for run in each.runs[1:]]) for each in smaller
        ]
        assert sum(median < 0.85 for median in medians) >= found.passed_over
    assert passed_over


@pytest.mark.parametrize(("successes", "count"), [(0, 5), (5, 5), (3, 32), (31, 32), (1, 1)])
def test_the_interval_of_a_share_is_scipy_s(successes, count):
    expected = binomtest(successes, count).proportion_ci(method="wilson")
    assert wilson(successes, count) == pytest.approx((expected.low, expected.high))


def test_an_executor_or_a_space_of_other_data_is_refused(find, dots, one_by_one, lopsided, store):
    for executor in (one_by_one(lopsided), Threads(lopsided, 1)):
        with pytest.raises(DataError, match="other data than dots"):
            find(executor=executor)
    with pytest.raises(DataError, match="another kind of data"):
        find(space=Space(lopsided, nl.Training()))
    assert store.list() == ()


def test_candidates_are_known_as_such_until_they_are_asked_for(find, store, dots):
    found = find(name="mine", candidates=5)
    assert store.list(with_candidates=False) == ()
    assert len(store.list(search="mine")) == len(store.list()) == found.candidates
    one = store.list()[0]
    store.train(one.architecture, dots, one.training, seeds=1, validate=False)
    assert [e.id for e in store.list(with_candidates=False)] == [one.id]


@pytest.mark.parametrize("target", ["mcc=0.5", "auc=0.9", "f1=0.8", "balanced_accuracy=0.8"])
def test_every_metric_can_be_a_target(find, target):
    assert find(target, candidates=3).candidates == 3


def test_a_table_has_candidates_of_dense_layers():
    facts = {"name": "rows", "input_shape": (4,), "task": "binary", "outputs": 1, "per_step": False}
    data = SimpleNamespace(**facts, train=[0] * 80, test=None)
    space = Space(data, nl.Training())  # type: ignore[arg-type]
    random = np.random.default_rng(0)
    for _ in range(50):
        candidate = space.candidate(space.random(random))
        assert candidate.parameters >= space.least_parameters
        assert "dense" in str(candidate.architecture)
        assert candidate.training.truncation is None


def test_results_say_what_they_are_and_can_be_copied(find):
    found = find()
    text, html = repr(found), found._repr_html_()
    assert found.answer.experiment.architecture in text
    assert "<table" in html
    assert found.answer.experiment.architecture in repr(found.answer)
    assert pickle.loads(pickle.dumps(found)).answer == found.answer == copy.deepcopy(found).answer


def test_ctrl_c_raises_what_was_found(find):
    def progress(status):
        if status.trained >= 5:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stopped:
        find(progress=progress)
    assert stopped.value.result.interrupted
    assert stopped.value.result.trained >= 5


def test_a_margin_that_makes_no_sense_is_refused(find):
    with pytest.raises(TrainingError, match="margin is -1"):
        find(margin=-1)


def test_naive_forecasts_stand_beside_what_a_search_of_a_series_finds(find):
    steps = np.arange(150)
    series = np.sin(steps * np.pi / 6) + 0.1 * np.random.default_rng(0).normal(size=150)
    found = find("mae=0.9", windows(series, 12), candidates=6)
    assert "seasonal (12)" in found.as_dict()["naive"]
    (line, *_) = found.remarks()
    assert line.startswith("naive forecasts, mae: last value") and line in repr(found)
