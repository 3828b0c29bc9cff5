"""A share of the training data is drawn for validation: of each class, from the seed, and no sample twice."""

import numpy as np
import pytest

import netlet as nl
from netlet.errors import DataError

NETWORK = "flatten - dense(1)"
CLASSES = np.repeat([0, 1], [60, 40])
X = np.arange(100 * 4, dtype=np.float32).reshape(100, 4) / 400


@pytest.mark.parametrize(
    ("share", "held"), [(None, (12, 8)), (0.2, (12, 8)), (0.25, (15, 10)), (0.9, (54, 36))]
)
def test_of_each_class_the_share_is_drawn_and_no_sample_is_in_both_parts(share, held):
    data = nl.Dataset("rows", (X, CLASSES), kind="table", validation_split=share)
    assert tuple((data.validation.y == label).sum() for label in (0, 1)) == held
    together = np.concatenate([data.train.x, data.validation.x])
    np.testing.assert_array_equal(np.sort(together[:, 0]), X[:, 0])
    told = "a fifth" if share is None else f"{share:g}"
    assert f"{sum(held)} of 100 training samples were drawn for it ({told} of each class, seed 0)" in str(
        data.notes
    )


def test_the_seed_draws_it():
    parts = [
        nl.Dataset("rows", (X, CLASSES), kind="table", seed=seed, validation_split=0.3) for seed in (0, 0, 1)
    ]
    first, again, other = (part.validation.x[:, 0].tolist() for part in parts)
    assert first == again != other


@pytest.mark.parametrize(("share", "held"), [(0.999, 1), (0.5, 1), (0.001, 1)])
def test_neither_part_is_without_a_class(share, held):
    data = nl.Dataset("rows", (X[58:62], CLASSES[58:62]), kind="table", validation_split=share)
    for split in (data.train, data.validation):
        assert [(split.y == label).sum() for label in (0, 1)] == [held, held]


def test_numbers_to_regress_on_and_sequences_are_split_too():
    data = nl.Dataset("rows", (X, X.sum(axis=1)), kind="table", validation_split=0.3)
    assert (len(data.train), len(data.validation)) == (70, 30)
    walks = np.cumsum(X, axis=1)[:, :, None]
    data = nl.Dataset("walks", (walks, walks), validation_split=0.1)
    assert (len(data.train), len(data.validation)) == (90, 10)


def test_everything_that_trains_takes_arrays_and_a_share(tmp_path):
    given = {"validation_split": 0.3, "epochs": 1}
    runs = nl.train("dense(1)", (X, CLASSES), **given)
    assert len(runs.dataset.validation) == 30
    with nl.Store(tmp_path / "runs.db") as store:
        assert store.train("dense(1)", (X, CLASSES), **given).found == 0
        assert store.train("dense(1)", (X, CLASSES), **given).found == 1
        assert store.train("dense(1)", (X, CLASSES), epochs=1).found == 0
    compared = nl.compare(["dense(1)", "dense(2) - dense(1)"], (X, CLASSES), seeds=2, **given)
    assert len(compared.contenders[0].runs.dataset.validation) == 30


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan"), "0.2", True])
def test_what_is_no_share_is_refused(share):
    with pytest.raises(
        DataError, match=r"validation_split is .*, but must be a number between 0 and 1"
    ) as caught:
        nl.train("dense(1)", (X, CLASSES), validation_split=share)
    assert caught.value.setting == "validation_split"


@pytest.mark.parametrize(
    "given", [(X, CLASSES, X, CLASSES), nl.Dataset("rows", (X, CLASSES), kind="table"), "mnist56"]
)
def test_it_is_refused_where_there_is_a_validation_split(given):
    with pytest.raises(DataError, match="has a validation split already: leave it out") as caught:
        nl.train("dense(1)", given, validation_split=0.3)
    assert caught.value.setting == "validation_split"
