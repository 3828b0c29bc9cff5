"""The warning of labels that look shuffled."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris

import netlet as nl
from netlet.datasets import describe
from netlet.datasets.shuffled import shuffled_labels

DIGITS: Any = load_digits(return_X_y=True)


def digits(seed=0, change: Any = None, **options):
    """Handwritten digits, with the labels of parts changed."""
    x, y = DIGITS
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    x, y = x[order].reshape(-1, 8, 8, 1), y[order]
    parts = {"train": slice(0, 1000), "validation": slice(1000, 1400), "test": slice(1400, None)}
    labels = {name: y[part] for name, part in parts.items()}
    for name in change or ():
        labels[name] = change[name](rng, labels[name])
    train, validation, test = ((x[part], labels[name]) for name, part in parts.items())
    return nl.Dataset("digits", train, validation, test, scale="none", **options)


def shuffle(rng, y):
    return rng.permutation(y)


def warnings(data):
    return [line for line in describe(data) if line.startswith("warning")]


@pytest.mark.parametrize("seed", range(12))
def test_honest_splits_are_not_warned_of(seed):
    assert warnings(digits(seed)) == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("part", ["validation", "test"])
def test_shuffled_labels_of_a_part_are_named_in_one_line(seed, part):
    told = warnings(digits(seed, {part: shuffle}))
    assert any(
        line.startswith(
            f"warning: {part} labels look shuffled against those of training: a simple classifier"
        )
        for line in told
    )
    assert all(part in line and "\n" not in line and "(chance 10%)" in line for line in told)


def test_shuffled_training_labels_are_found_by_what_the_others_show():
    told = warnings(digits(0, {"train": shuffle}))
    assert [line.split(":")[1] for line in told] == [
        " training labels look shuffled against those of validation",
        " training labels look shuffled against those of test",
    ]


def test_classes_that_are_exchanged_are_told_from_shuffled_ones():
    (told,) = warnings(digits(0, {"validation": lambda _, y: (y + 3) % 10}, class_names=list("abcdefghij")))[
        :1
    ]
    assert "validation classes look exchanged" in told and "from those of training" in told


def test_a_binary_split_the_wrong_way_round_is_found():
    x, y = DIGITS
    x, y = x[y < 2], y[y < 2]
    data = nl.Dataset("d", (x[:200], y[:200]), (x[200:], 1 - y[200:]), kind="table", scale="none")
    assert "validation classes look exchanged" in " ".join(warnings(data))


def test_what_nobody_can_learn_is_not_warned_of():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(600, 5)), rng.integers(0, 2, 600)
    assert shuffled_labels(nl.Dataset("noise", (x[:400], y[:400]), (x[400:], y[400:]), kind="table")) == []


def test_few_samples_say_nothing_either_way():
    x, y = load_iris(return_X_y=True)
    train, held = np.arange(150) % 15 > 0, np.arange(150) % 15 == 0
    data = nl.Dataset("iris", (x[train], y[train]), (x[held], np.roll(y[held], 4)), kind="table")
    assert shuffled_labels(data) == []


def test_numbers_and_classes_at_every_step_are_left_alone():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 7, 1))
    steps = nl.Dataset(
        "s", (x[:40], (x[:40, :, 0] > 0).astype(int)), (x[40:], (x[40:, :, 0] < 0).astype(int))
    )
    assert steps.per_step and shuffled_labels(steps) == []
    assert shuffled_labels(nl.Dataset("r", (x, x[:, 0, 0]), (x, -x[:, 0, 0]))) == []


def test_sequences_of_different_length_are_looked_at_too():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    x = [rng.normal(size=rng.integers(5, 9)) + 2 * label for label in y]
    data = nl.Dataset("s", (x[:250], y[:250]), (x[250:], rng.permutation(y[250:])))
    assert "validation labels look shuffled" in " ".join(shuffled_labels(data))


def test_features_that_never_change_are_counted_and_named():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 6))
    x[:, [1, 4]] = 3.0
    y = np.arange(40) % 2
    data = nl.Dataset("t", (x[:30], y[:30]), (x[30:], y[30:]), kind="table")
    assert any(
        "features that are the same in all training samples: 2 of 6 (1, 4, " in w for w in warnings(data)
    )


def test_samples_that_two_splits_share_are_counted_for_every_two():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 3)), np.arange(60) % 2
    test = np.concatenate([x[:5], x[40:42], rng.normal(size=(13, 3))])
    data = nl.Dataset("d", (x[:40], y[:40]), (x[40:], y[40:]), (test, y[:20]), kind="table")
    assert warnings(data) == [
        "warning: 5 of 20 test samples are in training as well",
        "warning: 2 of 20 test samples are in validation as well",
    ]
