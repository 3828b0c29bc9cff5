import pickle

import numpy as np
import pandas as pd
import pytest

from netlet.datasets import Dataset, Split
from netlet.errors import DataError

RNG = np.random.default_rng(0)


def images(n, shape=(4, 5, 1)):
    return RNG.random((n, *shape))


def sequences(n, steps=6, channels=2):
    return RNG.normal(size=(n, steps, channels))


def test_labels_of_two_classes_become_zeros_and_ones():
    data = Dataset("d", (images(4), [5, 6, 6, 5]), (images(2), [6, 5]))
    assert data.task == "binary"
    assert data.class_names == ("5", "6")
    assert data.train.y.tolist() == [0, 1, 1, 0]
    assert data.train.y.dtype == data.train.x.dtype == np.float32
    assert data.outputs == 1


def test_labels_of_bytes_are_strings():
    for names in (None, ("ant", "bee")):
        data = Dataset("d", (images(2), [b"b", b"a"]), (images(1), [b"a"]), class_names=names)
        assert (data.task, data.class_names) == ("binary", names or ("a", "b"))
        assert data.train.y.tolist() == [1, 0]


def test_labels_of_three_classes_become_one_hot():
    data = Dataset("d", (images(4), ["ant", "cat", "bee", "ant"]), (images(1), ["cat"]))
    assert data.task == "categorical"
    assert data.class_names == ("ant", "bee", "cat")
    assert data.train.y.tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert data.validation.y.tolist() == [[0, 0, 1]]
    assert data.outputs == 3


def test_a_class_without_examples_keeps_its_place_if_classes_are_named():
    data = Dataset("d", (images(2), [0, 2]), (images(1), [0]), class_names=("a", "b", "c"))
    assert data.train.y.tolist() == [[1, 0, 0], [0, 0, 1]]


def test_a_binary_dataset_of_zeros_and_ones_stays_as_it_is():
    data = Dataset("d", (images(3), np.array([0.0, 1.0, 1.0])), (images(1), np.array([1.0])))
    assert data.task == "binary"
    assert data.train.y.tolist() == [0, 1, 1]


def test_one_hot_rows_are_categorical():
    data = Dataset("d", (images(3), np.eye(3)), (images(3), np.eye(3)))
    assert (data.task, data.outputs, data.class_names) == ("categorical", 3, ("0", "1", "2"))


def test_numbers_are_regressed_on_in_columns():
    data = Dataset("d", (images(2), [0.5, 1.25]), (images(1), [2.0]))
    assert (data.task, data.outputs, data.class_names) == ("regression", 1, ())
    assert data.train.y.shape == (2, 1)


def test_whole_numbers_are_regressed_on_if_the_task_says_so():
    data = Dataset("d", (images(3), [1, 2, 3]), (images(1), [7]), task="regression")
    assert data.train.y.tolist() == [[1], [2], [3]]


def test_a_target_at_every_step_has_three_dimensions():
    data = Dataset("d", (sequences(3), RNG.normal(size=(3, 6))), (sequences(2), RNG.normal(size=(2, 6, 1))))
    assert data.per_step
    assert data.train.y.shape == (3, 6, 1)
    assert data.input_shape == (6, 2)


def test_sequences_can_be_classified():
    data = Dataset("d", (RNG.normal(size=(3, 6)), [0, 1, 1]), (RNG.normal(size=(1, 6)), [0]))
    assert (data.task, data.input_shape, data.per_step) == ("binary", (6, 1), False)


def test_integer_pixels_are_divided_by_255():
    pixels = np.array([[[0, 51], [255, 102]]], dtype=np.uint8)
    data = Dataset("d", (pixels.repeat(2, axis=0), [0, 1]), (pixels, [1]))
    assert data.input_shape == (2, 2, 1)
    np.testing.assert_array_equal(data.train.x[0, ..., 0], np.array([[0, 0.2], [1, 0.4]], np.float32))


def test_integer_pixels_of_zeros_and_ones_stay_as_they_are():
    pixels = np.array([[[0, 1], [1, 0]]], dtype=np.uint8)
    data = Dataset("d", (pixels.repeat(2, axis=0), [0, 1]), (pixels, [1]))
    assert data.train.x.max() == 1


def test_splits_are_named_and_a_missing_test_split_is_none():
    data = Dataset("d", (images(2), [0, 1]), (images(1), [1]))
    assert list(data.splits) == ["training", "validation", "test"]
    assert data.splits["test"] is None
    assert data.splits["training"] is data.train
    assert len(data.train) == 2


def test_equal_content_has_an_equal_hash_and_other_content_another():
    x, y = images(4), np.array([0, 1, 1, 0])
    one = Dataset("one", (x, y), (x[:2], y[:2]))
    same = Dataset("same", Split(x.astype(np.float32), y), (x[:2], y[:2]), source="elsewhere")
    with_test = Dataset("one", (x, y), (x[:2], y[:2]), (x[:2], y[:2]))
    flipped = Dataset("one", (x, 1 - y), (x[:2], y[:2]))
    assert one.content_hash == same.content_hash
    assert len({one.content_hash, with_test.content_hash, flipped.content_hash}) == 3


def test_a_dataset_says_what_it_is():
    data = Dataset("digits", (images(2), [0, 1]), (images(1), [1]), class_names=("five", "six"))
    assert repr(data) == "digits: 2 training, 1 validation images of 4 x 5 x 1, binary (five, six)"


def with_value(x, row, value):
    x[row].flat[0] = value
    return x


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ((images(2), [0]), (images(1), [1])),
            r"training has x of shape \(2, 4, 5, 1\) and y of shape \(1,\)",
        ),
        (((images(0), []), (images(1), [1])), "training is empty"),
        (((images(2), [0, 1]), (images(1, (4, 4, 1)), [1])), r"validation inputs have shape \(4, 4, 1\)"),
        (((with_value(images(3), 2, np.nan), [0, 1, 1]), (images(1), [1])), r"training.x\[2\] contains nan"),
        (
            ((images(2), [0, 1]), (with_value(images(2), 1, np.inf), [0, 1])),
            r"validation.x\[1\] contains inf",
        ),
        (((with_value(images(2), 0, 1e300), [0, 1]), (images(1), [1])), r"training.x\[0\] contains inf"),
        (((images(2), [0.5, np.nan]), (images(1), [1])), r"training.y\[1\] contains nan"),
        (((images(2), [[0.5], [1.5]]), (images(1), [[0.5, 1]])), r"validation targets have shape \(2,\)"),
        (
            ((images(3), [[1, 0], [0, 1], [1, 1]]), (images(1), [[1, 0]])),
            r"training.y\[2\] is 1 1, but must be",
        ),
        (((images(3), np.eye(3)), (images(1), [[1, 0]])), "validation targets have 2 classes"),
        (((images(2), [1, 1]), (images(1), [1])), "every label is 1"),
        (((images(2, (4,)), [0, 1]), (images(1, (4, 4, 1)), [1])), "validation inputs have shape"),
        (((np.zeros(3), [0, 1, 1]), (np.zeros(1), [1])), r"x has shape \(3,\)"),
        (((np.full((2, 3, 3, 1), 255.0), [0, 1]), (images(1, (3, 3, 1)), [1])), "divide both"),
        ((([["a"]], [0]), ([["b"]], [1])), "must hold numbers"),
    ],
)
def test_data_that_does_not_fit_is_refused(arguments, message):
    with pytest.raises(DataError, match=f"^mine: .*{message}"):
        Dataset("mine", arguments[0], arguments[1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"task": "guessing"}, "task is 'guessing', but must be one of binary, categorical, regression"),
        ({"task": "binary", "class_names": ("a", "b", "c")}, "3 class_names are given"),
        ({"task": "categorical", "class_names": ("a",)}, r"1 class_names \('a',\) are given for 2 classes"),
        ({"task": "regression", "class_names": ("a", "b")}, "has no classes"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(DataError, match=message):
        Dataset("mine", (images(2), [0, 1]), (images(1), [1]), **options)


def test_a_binary_task_refuses_a_third_label():
    with pytest.raises(DataError, match="binary, but the labels are 0, 1, 2"):
        Dataset("mine", (images(3), [0, 1, 2]), (images(1), [1]), task="binary")


def test_a_binary_task_refuses_one_hot_targets():
    with pytest.raises(DataError, match="give one number, 0 or 1"):
        Dataset("mine", (images(2), np.eye(2)), (images(1), [[0, 1]]), task="binary")


def test_a_categorical_task_refuses_fractions():
    with pytest.raises(DataError, match="one label each"):
        Dataset("mine", (images(2), [0.5, 1]), (images(1), [1]), task="categorical")


def test_pixels_of_two_types_are_refused():
    pixels = np.zeros((1, 4, 4, 1), dtype=np.uint8)
    with pytest.raises(DataError, match="training float64, validation uint8"):
        Dataset("mine", (images(2, (4, 4, 1)), [0, 1]), (pixels, [1]))


def test_pixels_of_more_bits_are_divided_by_their_range():
    for largest, scale in ((16, 16), (250, 255), (256, 1023), (4000, 4095), (60000, 65535)):
        pixels = np.full((2, 8, 8, 1), largest)
        data = Dataset("mine", (pixels, [0, 1]), (pixels, [0, 1]))
        assert data.integer_scale == scale
        assert data.train.x.max() == np.float32(largest) / np.float32(scale)
        assert (scale == 255) or any(f"divided by {scale:g}" in note for note in data.notes)


def test_float_pixels_of_another_scale_are_scaled_inside_the_network():
    for largest, scale in ((254.7, 255), (16.0, 16), (4001.5, 4095)):
        data = Dataset("mine", (images(4) * largest, [0, 1, 1, 0]), (images(2) * largest, [0, 1]))
        assert data.input_scaling is not None
        assert 0.9 * scale <= data.input_scaling.scale[0] <= scale
        assert any("pixels are floats" in note for note in data.notes)
    assert Dataset("mine", (images(4), [0, 1, 1, 0]), (images(2), [0, 1])).input_scaling is None


def test_arrays_are_the_datasets_own_and_cannot_be_written():
    x, y = images(4).astype(np.float32), np.array([0, 1, 1, 0], np.float32)
    data = Dataset("d", (x, y), (x, y))
    before = data.train.x.copy()
    x[:], y[:] = 0, 0
    np.testing.assert_array_equal(data.train.x, before)
    assert data.train.y.tolist() == [0, 1, 1, 0]
    for array in (data.train.x, data.train.y, pickle.loads(pickle.dumps(data)).train.y):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 1


def test_labels_written_in_different_ways_are_brought_to_one():
    y = np.array([0, 1, 2, 3])
    data = Dataset("d", (images(4), np.eye(4)), (images(4), y), (images(4), y.astype(str)))
    for split in data.present.values():
        np.testing.assert_array_equal(split.y, np.eye(4))
    assert "one form" in " ".join(data.notes)
    binary = Dataset("d", (images(4), [0, 1, 1, 0]), (images(2), np.eye(2)))
    assert (binary.task, binary.validation.y.tolist()) == ("binary", [0, 1])
    with pytest.raises(DataError, match="validation labels are not whole numbers from 0 to 3"):
        Dataset("d", (images(4), np.eye(4)), (images(4), y + 1))


def test_labels_of_objects_and_of_pandas_are_what_they_hold():
    for y in (
        np.array(["up", "down"], object),
        pd.Series(["up", "down"]),
        pd.Categorical(["up", "down"]),
        np.array([b"up", b"down"], object),
    ):
        assert Dataset("d", (images(2), y), (images(2), y)).class_names == ("down", "up")
    for y in (np.array([0, 1], object), pd.Series([0, 1], dtype="Int64"), pd.Series([0, 1])):
        assert Dataset("d", (images(2), y), (images(2), y)).class_names == ("0", "1")
    for y, said in (
        (pd.Series(pd.date_range("2020", periods=2)), "holds dates"),
        (np.array(["up", None], object), r"y\[1\] is missing"),
        (np.array(["up", 1], object), "text beside numbers"),
        (np.array([1j, 2]), "complex"),
    ):
        with pytest.raises(DataError, match=said):
            Dataset("d", (images(2), y), (images(2), y))


def test_whole_numbers_that_count_are_regressed_on():
    passengers = np.arange(112, 232)
    data = Dataset("d", (images(90), passengers[:90]), (images(30), passengers[90:]))
    assert data.task == "regression"
    assert "task=categorical" in " ".join(data.notes)
    digits = np.arange(300) % 26
    assert Dataset("d", (images(300), digits), (images(300), digits)).task == "categorical"


def test_labels_that_training_lacks_are_refused():
    with pytest.raises(DataError, match=r"validation has labels that training has no example of \(2\)"):
        Dataset("d", (images(2), [0, 1]), (images(1), [2]))


def test_labels_1_and_2_are_told_apart_in_a_note():
    data = Dataset("d", (images(2), [1, 2]), (images(1), [2]))
    assert "label 2 class 1" in " ".join(data.notes)


@pytest.mark.parametrize("dtype", [np.int64, np.float64, np.uint16, np.int32])
def test_square_pixels_without_channels_are_images(dtype):
    x = RNG.integers(0, 200, (6, 8, 8)).astype(dtype)
    data = Dataset("d", (x, [0, 1] * 3), (x, [0, 1] * 3))
    assert (data.kind, data.input_shape) == ("image", (8, 8, 1))
    assert "kind=sequence" in " ".join(data.notes)
    assert Dataset("d", (x, [0, 1] * 3), (x, [0, 1] * 3), kind="sequence").input_shape == (8, 8)


def test_a_table_has_features_and_no_steps():
    x = RNG.normal(size=(30, 12))
    data = Dataset("d", (x, np.arange(30) % 2), kind="table")
    assert (data.kind, data.input_shape) == ("table", (12,))
    assert Dataset("d", (pd.DataFrame(x), np.arange(30) % 2)).kind == "table"
    guessed = Dataset("d", (x, np.arange(30) % 2))
    assert (guessed.kind, guessed.input_shape) == ("sequence", (12, 1))
    assert "kind=table" in " ".join(guessed.notes)


def test_without_validation_a_fifth_of_each_class_is_drawn():
    y = np.arange(100) < 20
    data = Dataset("d", (images(100), y.astype(int)))
    assert (len(data.train), len(data.validation), data.validation.y.sum()) == (80, 20, 4)
    assert "no validation split" in " ".join(data.notes)


def test_a_class_at_every_step_is_one_hot_at_every_step():
    y = np.array([["a", "b", "a", "c", "c", "a"]] * 3)
    data = Dataset("d", (sequences(3), y), (sequences(3), y))
    assert (data.task, data.per_step, data.class_names) == ("categorical", True, ("a", "b", "c"))
    np.testing.assert_array_equal(data.train.y[0].argmax(axis=-1), [0, 1, 0, 2, 2, 0])
    ones = Dataset("d", (sequences(3), (y == "a").astype(int)), (sequences(3), (y == "a").astype(int)))
    assert (ones.task, ones.train.y.shape) == ("categorical", (3, 6, 2))


def test_per_step_overrules_the_guess():
    x, y = RNG.normal(size=(4, 12)), RNG.normal(size=(4, 12))
    assert Dataset("d", (x, y), (x, y)).train.y.shape == (4, 12, 1)
    assert Dataset("d", (x, y), (x, y), per_step=False).train.y.shape == (4, 12)


def test_large_numbers_are_scaled_inside_the_network():
    x = RNG.normal(1000, 50, size=(40, 10, 2))
    data = Dataset("d", (x, x[:, 0, :1]), (x, x[:, 0, :1]))
    assert data.input_scaling is not None
    assert data.target_scaling is not None
    np.testing.assert_allclose(data.input_scaling.offset, x.mean(axis=(0, 1)), rtol=1e-4)
    assert Dataset("d", (x, x[:, 0, :1]), (x, x[:, 0, :1]), scale="none").input_scaling is None


def test_channels_that_come_first_are_put_last():
    x = RNG.normal(size=(4, 1, 150))
    data = Dataset("d", (x, [0, 1, 1, 0]), (x, [0, 1, 1, 0]))
    assert data.input_shape == (150, 1)
    np.testing.assert_array_equal(data.train.x[..., 0], x[:, 0].astype(np.float32))
    wide = RNG.random((4, 3, 9, 10))
    assert Dataset("d", (wide, [0, 1, 1, 0]), (wide, [0, 1, 1, 0])).input_shape == (9, 10, 3)


def test_something_that_is_no_pair_is_refused():
    with pytest.raises(DataError, match="validation must be a Split, a pair"):
        Dataset("mine", (images(2), [0, 1]), 3)  # pyright: ignore[reportArgumentType]
