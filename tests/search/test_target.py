"""What is to be reached: how it is read, and what values of many seeds amount to."""

import math

import numpy as np
import pytest

from netlet import metrics
from netlet.errors import TrainingError
from netlet.search import Target

NAN = math.nan


@pytest.mark.parametrize(
    ("text", "task", "metric", "value"),
    [
        ("accuracy=0.98", "binary", "accuracy", 0.98),
        (" sensitivity = 1 ", "binary", "sensitivity", 1.0),
        ("accuracy=.5", "categorical", "accuracy", 0.5),
        ("loss=1e-2", "categorical", "loss", 0.01),
        ("normalised_error=0.006", "regression", "normalised_error", 0.006),
        ("mse=12", "regression", "mse", 12.0),
    ],
)
def test_targets_are_read(text, task, metric, value):
    assert Target.read(text, task) == Target(metric, value, "median")
    assert Target.read(text, task, "q10") == Target(metric, value, "q10")


@pytest.mark.parametrize(
    ("text", "task", "words"),
    [
        ("speed=1", "binary", "no metric 'speed' for this task: choose from accuracy, sensitivity"),
        (
            "sensitivity=0.9",
            "categorical",
            "no metric 'sensitivity' for this task: choose from accuracy, balanced_accuracy, f1",
        ),
        (
            "accuracy=0.9",
            "regression",
            "no metric 'accuracy' for this task: choose from normalised_error, r2, mae, mse",
        ),
        ("=0.9", "binary", "no metric ''"),
        ("accuracy", "binary", "'accuracy' is no target: write metric=number, such as accuracy=0.98"),
        ("accuracy=", "categorical", "'accuracy=' is no target"),
        ("accuracy=high", "binary", "'accuracy=high' is no target"),
        ("accuracy=0.9=0.8", "binary", "is no target"),
        ("0.98", "regression", "such as normalised_error="),
        ("accuracy=0", "binary", "accuracy=0, but must be above 0, and at most 1"),
        ("accuracy=1.2", "binary", "accuracy=1.2, but must be above 0, and at most 1"),
        ("specificity=-0.5", "binary", "must be above 0, and at most 1"),
        ("accuracy=nan", "binary", "must be above 0, and at most 1"),
        ("loss=0", "binary", "loss=0, but must be above 0$"),
        ("normalised_error=-1", "regression", "must be above 0$"),
        ("mse=inf", "regression", "must be above 0$"),
        ("mse=nan", "regression", "must be above 0$"),
    ],
)
def test_what_is_no_target_is_told(text, task, words):
    with pytest.raises(TrainingError, match=words) as error:
        Target.read(text, task)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("of", ["q101", "q1000", "foo", "q", "q-1", "q1.5", "Q10", "10", "best ", ""])
def test_a_seed_that_there_is_not_is_told(of):
    with pytest.raises(TrainingError, match="must be best, median, or a quantile from q0"):
        Target("accuracy", 0.9, of)


def test_an_accuracy_of_1_and_an_error_above_1_can_be_asked_for():
    assert Target("accuracy", 1.0).goal == 1.0
    assert Target("mse", 100.0).goal == -100.0


def test_it_says_itself_in_words():
    assert str(Target("accuracy", 0.98)) == "accuracy >= 0.98 in the median seed"
    assert str(Target("loss", 0.1, "best")) == "loss <= 0.1 in the best seed"
    assert str(Target("mse", 2.0, "q10")) == "mse <= 2 in all but 10 % of seeds"


@pytest.mark.parametrize("count", [1, 2, 3, 4, 12, 32])
@pytest.mark.parametrize(
    ("of", "share"), [("best", 1.0), ("median", 0.5), ("q0", 0.0), ("q10", 0.1), ("q75", 0.75), ("q100", 1.0)]
)
def test_goodness_is_the_quantile_of_the_seed_asked_for(count, of, share):
    """The share of seeds that are worse is the share that is asked for, whichever way is better."""
    values = np.random.default_rng(count).random(count)
    of_accuracy = Target("accuracy", 0.9, of).goodness(list(values))
    assert of_accuracy == pytest.approx(np.quantile(values, share), abs=1e-12)
    of_error = Target("normalised_error", 0.1, of).goodness(list(values))
    assert of_error == pytest.approx(-np.quantile(values, 1 - share), abs=1e-12)


@pytest.mark.parametrize("metric", ["accuracy", "normalised_error"])
@pytest.mark.parametrize("diverged", [0, 1, 5, 6, 11])
def test_median_and_best_are_those_that_tables_show(metric, diverged):
    values = [*np.random.default_rng(diverged).random(11 - diverged), *[NAN] * diverged]
    shown = metrics.summarise(values, metrics.higher_is_better(metric))
    for of, expected in (("median", shown.median), ("best", shown.best)):
        target = Target(metric, 0.5, of)
        assert target.value_of(target.goodness(values)) == expected


@pytest.mark.parametrize("nothing", [NAN, None, math.inf, -math.inf])
def test_a_run_that_diverged_or_has_no_such_metric_is_the_worst(nothing):
    values = [0.3, nothing, 0.2]
    for of, expected in (("best", 0.3), ("median", 0.2), ("q0", 0.0), ("q25", 0.1)):
        assert Target("accuracy", 0.9, of).goodness(values) == pytest.approx(expected)
    for of, expected in (("best", -0.2), ("median", -0.3), ("q0", -math.inf), ("q25", -math.inf)):
        assert Target("normalised_error", 0.1, of).goodness(values) == pytest.approx(expected)
    assert Target("accuracy", 0.9).goodness([nothing]) == 0.0
    assert Target("mse", 0.9).goodness([nothing, nothing]) == -math.inf


def test_goodness_rises_with_every_value_and_does_not_know_their_order():
    rng = np.random.default_rng(0)
    for _ in range(300):
        of = str(rng.choice(["best", "median", "q10", "q35"]))
        values = list(rng.random(rng.integers(1, 9)))
        one = int(rng.integers(len(values)))
        for metric, sign in (("accuracy", 1), ("loss", -1)):
            target = Target(metric, 0.5, of)
            better = [*values]
            better[one] += sign * 0.3
            assert target.goodness(better) >= target.goodness(values)
            assert target.goodness(list(rng.permutation(values))) == target.goodness(values)


def test_the_value_that_is_asked_for_reaches_the_goal():
    for target in (Target("accuracy", 0.7), Target("loss", 0.7), Target("mse", 3.0, "q10")):
        assert target.goodness([target.value] * 5) >= target.goal
        assert target.value_of(target.value_of(0.25)) == 0.25
        assert target.value_of(target.goal) == target.value
    assert Target("loss", 0.7).goodness([0.71]) < Target("loss", 0.7).goal
    assert Target("accuracy", 0.7).goodness([0.69]) < Target("accuracy", 0.7).goal


@pytest.mark.parametrize("of", ["best", "median", "q10"])
def test_the_share_counts_seeds_one_by_one(of):
    accuracy = Target("accuracy", 0.9, of)
    assert accuracy.share([0.89, 0.9, 0.95, NAN, None]) == 2 / 5
    assert accuracy.share([1.0]) == 1.0
    error = Target("normalised_error", 0.1, of)
    assert error.share([0.11, 0.1, 0.05, NAN]) == 2 / 4
    assert error.share([NAN, None]) == 0.0
