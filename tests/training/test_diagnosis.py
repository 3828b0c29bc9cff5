"""Trainings that went wrong are named, and what to try is said."""

from dataclasses import replace

import numpy as np
import pytest

from netlet import Dataset, Training, load, train
from netlet.training.diagnosis import problems

LINE = "dense(1)"


def dataset(y, task=None, names=None):
    """Sequences of one step whose one input says nothing of the target, or is it."""
    x = np.linspace(-1, 1, len(y), dtype=np.float32).reshape(-1, 1, 1)
    return Dataset("odd", (x, y), (x, y), task=task, class_names=names)


def with_weights(runs, *values):
    """The runs with all weights and biases of a dense layer set by hand, and losses that fell."""
    changed = []
    for run, value in zip(runs, values, strict=True):
        kernel, bias = run.network.weights
        network = run.network.with_weights([np.full_like(kernel, value[0]), np.full_like(bias, value[1])])
        changed.append(replace(run, network=network, history={"loss": [2.0, 1.0]}))
    return replace(runs, runs=tuple(changed))


@pytest.fixture(scope="module")
def halves():
    y = np.repeat([0, 1], 50)
    return train("flatten - dense(1)", dataset(y), Training(30, learning_rate=0.1), seeds=3)


def test_a_training_that_went_well_has_no_problems(halves):
    assert problems(halves) == []


def test_runs_that_give_one_answer_are_counted_and_the_rate_is_suspected(halves):
    runs = with_weights(halves, (0, 0.3), (5, 0), (0, -2))
    (line,) = problems(runs)
    assert line.startswith("2 of 3 runs (seeds 0, 2) give the same answer for every input")
    assert "lower learning_rate (it was 0.1)" in line


def test_a_real_training_at_an_absurd_rate_is_named():
    runs = train(
        "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(5) - dense(1)",
        load("mnist56"),
        Training(3, learning_rate=1.0),
    )
    assert problems(runs)[0].startswith("the run gives the same answer for every input, so nothing")


def test_answering_the_majority_alone_is_named_with_its_share_and_class_weights():
    y = np.repeat(["flat", "tall"], [95, 5])
    runs = train("flatten - dense(1)", dataset(y), Training(2), seeds=2)
    lines = problems(with_weights(runs, (0.1, -3), (9, -8)))
    assert lines == [
        "1 of 2 runs (seed 0) answers no class but flat for any input, the majority (95% of the training "
        'data): try class_weight="balanced", and look at balanced_accuracy'
    ]


def test_a_class_that_alone_is_answered_may_be_the_smaller_one():
    y = np.repeat(["flat", "tall"], [70, 30])
    (line,) = problems(with_weights(train("flatten - dense(1)", dataset(y), Training(2)), (0.1, 3)))
    assert line.startswith("the run answers no class but tall for any input: try")


def test_a_loss_that_never_fell_is_named(halves):
    runs = replace(halves, runs=tuple(replace(r, history={"loss": [0.7, 0.7, 0.8]}) for r in halves))
    assert problems(runs) == [
        "all 3 runs have a loss that never fell: try a lower learning_rate (it was 0.1)"
    ]
    slow = replace(runs, training=replace(runs.training, learning_rate=1e-5))
    assert "more epochs, another learning_rate (it was 1e-05)" in problems(slow)[0]


def test_a_loss_that_was_low_from_the_beginning_is_no_problem(halves):
    assert problems(replace(halves, runs=(replace(halves[0], history={"loss": [0.01, 0.01]}),))) == []


def test_a_regression_that_answers_its_mean_is_named():
    y = np.random.default_rng(0).normal(5, 2, 100)
    runs = train("flatten - dense(1)", dataset(y, "regression"), Training(2), seeds=2)
    (line,) = problems(with_weights(runs, (0, 5), (1, 5)))
    assert line.startswith("1 of 2 runs (seed 0) gives the same answer for every input")


def test_a_target_that_never_varies_is_answered_rightly_by_one_answer():
    runs = train("flatten - dense(1)", dataset(np.full(20, 0.5), "regression"), Training(2))
    assert problems(with_weights(runs, (0, 0.5))) == []


def test_runs_that_diverged_are_counted_and_judged_no_further(halves):
    runs = with_weights(halves, (0, 0.3), (5, 0), (5, 0))
    runs = replace(runs, runs=(replace(runs[0], diverged=7), replace(runs[1], diverged=4), runs[2]))
    assert problems(runs) == [
        "2 of 3 runs (seeds 0, 1) diverged, the first in epoch 4: "
        "try a lower learning_rate (it was 0.1) or clip_norm=1"
    ]


def test_an_interrupted_training_says_how_far_it_came(halves):
    cut = replace(halves[1], history={"loss": [0.7, 0.6]}, finished=False)
    assert problems(replace(halves, runs=(halves[0], cut), interrupted=True)) == [
        "1 of 2 runs (seed 1) was interrupted after 2 epochs of 30: train again for what is missing"
    ]
    assert problems(replace(halves, interrupted=True)) == [
        "the training was interrupted: seeds that are missing here have not been trained"
    ]


def test_untrained_networks_have_no_problems():
    assert problems(train("flatten - dense(1)", dataset(np.repeat([0, 1], 5)), Training(0), seeds=2)) == []


def test_a_class_at_every_step_and_several_outputs_are_judged_too():
    x = np.random.default_rng(0).normal(size=(30, 6, 1)).astype(np.float32)
    y = np.concatenate([x, 3 * x], axis=2)
    runs = train("dense(2)", Dataset("two", (x, y), (x, y)), Training(2))
    (line,) = problems(with_weights(runs, (0, 1)))
    assert line.startswith("the run gives the same answer")
