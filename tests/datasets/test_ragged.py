"""Sequences of different length: padding, masks, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from netlet.datasets import Dataset, Split, load
from netlet.errors import DataError

LENGTHS = [3, 5, 1]


def sequences(lengths, channels=2, seed=0):
    random = np.random.default_rng(seed)
    return [random.normal(size=(n, channels)).astype(np.float32) for n in lengths]


def test_sequences_of_different_length_are_padded_to_the_longest_of_all_splits():
    x, y = sequences(LENGTHS), sequences(LENGTHS, 1, seed=1)
    longer = sequences([2, 6]), sequences([2, 6], 1)
    dataset = Dataset("mine", (x, y), longer)
    assert dataset.train.x.shape == (3, 6, 2)
    assert dataset.train.y.shape == (3, 6, 1)
    assert dataset.per_step
    assert dataset.train.mask is not None
    np.testing.assert_array_equal(dataset.train.mask.sum(axis=1), LENGTHS)
    for row, n in enumerate(LENGTHS):
        np.testing.assert_array_equal(dataset.train.x[row, :n], x[row])
        assert dataset.train.mask[row, :n].all()
        assert not dataset.train.x[row, n:].any()
        assert not dataset.train.y[row, n:].any()
    assert "1..6 of 6 x 2" in repr(dataset)


def test_one_channel_needs_no_channel_dimension_and_targets_may_be_one_a_sequence():
    x = [[0.5, 1], [2.0, 3, 4], [1.0]]
    dataset = Dataset("mine", (x, ["up", "up", "down"]), (x, ["up", "down", "up"]))
    assert dataset.input_shape == (3, 1)
    assert dataset.task == "binary"
    assert dataset.class_names == ("down", "up")
    assert dataset.train.mask is not None
    assert dataset.train.mask.tolist() == [[True, True, False], [True] * 3, [True, False, False]]


def test_lists_of_one_length_in_every_split_are_padded_too():
    dataset = Dataset("mine", (sequences([5, 5]), [0, 1]), (sequences([6, 6]), [0, 1]))
    assert dataset.train.mask is not None and dataset.validation.mask is not None
    assert dataset.train.mask.sum(axis=1).tolist() == [5, 5]
    assert dataset.validation.mask.all()
    assert dataset.input_shape == (6, 2)


def test_equal_lengths_need_no_mask():
    split = (sequences([4, 4]), sequences([4, 4], 1))
    assert Dataset("mine", split, split).train.mask is None


def test_a_mask_can_be_given_and_is_part_of_the_content():
    x, y = np.ones((2, 3, 1)), np.zeros((2, 3, 1))
    mask = np.array([[1, 0, 1], [0, 1, 0]])
    plain, masked = (Dataset("mine", (x, y, given), (x, y), task="regression") for given in (None, mask))
    assert masked.train.mask is not None
    assert masked.train.mask.dtype == bool
    assert masked.train.mask.tolist() == mask.astype(bool).tolist()
    assert masked.validation.mask is None
    assert plain.content_hash != masked.content_hash
    split = Split(masked.train.x, masked.train.y, masked.train.mask)
    assert Dataset("mine", split, (x, y), task="regression").content_hash == masked.content_hash


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ([[1, 1], [0, 0]], r"training.mask\[1\] is False throughout: at least one step of a sequence must"),
        ([[1, 1, 1], [1, 1, 1]], r"training.mask has shape \(2, 3\), but must be \(2, 2\): one value a step"),
        ([[1, 2], [1, 1]], "training.mask must hold True where a step counts"),
        ([["a", "b"], ["a", "b"]], "training.mask must hold True where a step counts"),
    ],
)
def test_masks_that_make_no_sense_are_refused(mask, message):
    x = np.ones((2, 2, 1))
    with pytest.raises(DataError, match=message):
        Dataset("mine", (x, x, mask), (x, x), task="regression")


def test_images_have_no_mask():
    x, y = np.zeros((2, 4, 4, 1)), np.array([0, 1])
    with pytest.raises(DataError, match=r"training.mask is given, but only sequences have one"):
        Dataset("mine", (x, y, np.ones((2, 4))), (x, y))


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([[1.0, 2], []], [[1.0, 2], []], r"training.x\[1\] has shape \(0,\), but must be a sequence"),
        ([[1.0, 2], [1.0]], [[1.0, 2], [1.0, 2, 3]], r"training.y\[1\] has 3 steps, but its input has 1"),
        (
            [np.ones((2, 1)), np.ones((3, 2))],
            [np.ones(2), np.ones(3)],
            r"training.x\[1\] has 2 channels, but the first has 1",
        ),
        ([["a", "b"], ["c"]], [0, 1], r"training.x\[0\] holds <U1 values"),
        ([[1.0], [1.0, 2]], None, "training must have as many targets as sequences"),
        ([[1.0], [1.0, 2]], [0, 1, 1], "the first dimension must be the same"),
        ([[[1], [1, 2]], [[1]]], [0, 1], "training.x cannot be read as an array of numbers"),
        ([np.ones((3, 4, 1)), np.ones((5, 4, 1))], [0, 1], "training.x are images of different size"),
    ],
)
def test_ragged_sequences_that_do_not_fit_are_refused(x, y, message):
    with pytest.raises(DataError, match=message):
        Dataset("mine", (x, y), (x, y))


@pytest.fixture
def arrays():
    x, y = np.ones((4, 6, 1)), np.arange(24).reshape(4, 6, 1) / 24
    return {"x_train": x, "y_train": y, "x_val": x, "y_val": y}


def test_an_npz_file_may_say_lengths_or_masks(arrays, tmp_path):
    np.savez(tmp_path / "a.npz", **arrays, lengths_train=[1, 6, 3, 2])
    dataset = load(str(tmp_path / "a.npz"))
    assert dataset.train.mask is not None
    assert dataset.train.mask.sum(axis=1).tolist() == [1, 6, 3, 2]
    assert dataset.validation.mask is None
    mask = np.eye(4, 6, dtype=bool)
    np.savez(tmp_path / "b.npz", **arrays, mask_val=mask)
    found = load(str(tmp_path / "b.npz")).validation.mask
    assert found is not None
    assert found.tolist() == mask.tolist()


@pytest.mark.parametrize("lengths", [[0, 1, 2, 3], [7, 1, 1, 1], [1, 2], [1.5, 1, 1, 1]])
def test_lengths_that_make_no_sense_are_refused(arrays, lengths, tmp_path):
    np.savez(tmp_path / "a.npz", **arrays, lengths_train=np.array(lengths))
    with pytest.raises(DataError, match="lengths_train must be a whole number from 1 to 6 for each of 4"):
        load(str(tmp_path / "a.npz"))


def test_lengths_and_masks_together_are_refused(arrays, tmp_path):
    np.savez(tmp_path / "a.npz", **arrays, lengths_train=[1] * 4, mask_train=np.ones((4, 6)))
    with pytest.raises(DataError, match="has both mask_train and lengths_train"):
        load(str(tmp_path / "a.npz"))
