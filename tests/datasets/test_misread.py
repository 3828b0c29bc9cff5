"""Arrays and tables that are easily taken for something else: read as a person would, told, or refused."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

import netlet as nl
from netlet.errors import DataError

RNG = np.random.default_rng(3)
N = 40
CLASS = np.arange(N) % 2
X = RNG.normal(size=(N, 3))
FRAME = pd.DataFrame(X, columns=["a", "b", "c"])
GREY = RNG.integers(0, 256, (N, 28, 28))


def dataset(x: Any, y: Any = CLASS, *others: Any, **details: Any):
    return nl.Dataset("d", (x, y), *others, **details)


# --- rows and columns with names --------------------------------------------------------------------------


def test_columns_are_matched_by_name_not_by_place():
    turned = FRAME[["c", "a", "b"]]
    data = dataset(FRAME, CLASS, (turned, CLASS), (turned, CLASS))
    for split in data.present.values():
        np.testing.assert_array_equal(split.x, X.astype(np.float32))
    assert data.feature_names == ("a", "b", "c")


def test_a_network_takes_the_columns_of_a_frame_by_name():
    data = dataset(FRAME, CLASS, (FRAME, CLASS))
    network = nl.train("dense(1)", data, epochs=1, quiet=True).best.network
    expected = network.predict(X)
    more = FRAME.assign(other="text")[["other", "c", "b", "a"]]
    np.testing.assert_array_equal(network.predict(more), expected)
    assert network.evaluate((more, CLASS)) == network.evaluate((X, CLASS))
    with pytest.raises(DataError, match="lacks b"):
        network.predict(FRAME.drop(columns="b"))


def test_other_columns_in_another_split_are_refused_by_name():
    with pytest.raises(DataError, match=r"validation\.x lacks c and has d"):
        dataset(FRAME, CLASS, (FRAME.rename(columns={"c": "d"}), CLASS))


def test_one_hot_columns_name_the_classes_whatever_their_order():
    hot = pd.get_dummies(pd.Series(np.array(["cat", "dog"])[CLASS]))
    data = dataset(FRAME, hot, (FRAME, hot[["dog", "cat"]]))
    assert data.class_names == ("cat", "dog")
    np.testing.assert_array_equal(data.validation.y.argmax(axis=1), CLASS)


def test_rows_whose_index_says_another_order_are_refused():
    labels = pd.Series(CLASS, index=FRAME.index)
    mixed = FRAME.sample(frac=1, random_state=1)
    with pytest.raises(DataError, match="same rows by their index, but in different order"):
        dataset(mixed, labels)
    again = dataset(mixed, labels.loc[mixed.index], (FRAME, labels))
    np.testing.assert_array_equal(again.train.y, CLASS[mixed.index])


# --- labels -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", [np.ma.masked_array(CLASS, CLASS.cumsum() == 3), "inputs"])
def test_what_is_masked_is_missing(of):
    if isinstance(of, str):
        x, y = np.ma.masked_array(X, np.arange(3 * N).reshape(N, 3) == 16), CLASS
    else:
        x, y = X, of
    with pytest.raises(DataError, match=r"\[5\] is masked, which is missing"):
        dataset(x, y)


def test_labels_that_are_no_text_of_unicode_stay_different():
    data = dataset(X, np.array([b"\xfe", b"\xff"])[CLASS])
    np.testing.assert_array_equal(dataset(X, CLASS).train.y, data.train.y)


@pytest.mark.parametrize(
    "labels",
    [
        [Decimal(int(each)) for each in CLASS],
        np.array(["0", "1"], dtype=np.dtypes.StringDType())[CLASS],
        pd.Series(CLASS, dtype="Int64"),
        pd.Series(CLASS, dtype=object),
    ],
)
def test_numbers_of_every_kind_are_labels(labels):
    data = dataset(X, labels)
    assert (data.task, data.class_names) == ("binary", ("0", "1"))
    np.testing.assert_array_equal(data.train.y, dataset(X, CLASS).train.y)


def test_rows_of_text_that_are_numbers_are_one_hot():
    data = dataset(X, np.eye(3)[np.arange(N) % 3].astype(str))
    assert data.task == "categorical"


@pytest.mark.parametrize(
    ("y", "told"),
    [
        (np.eye(2)[CLASS] * 255, "rows of one 255 and else 0, like one-hot rows"),
        (np.eye(3)[np.arange(N) % 3] * 2 - 1, "rows of one 1 and else -1, like one-hot rows"),
        (RNG.dirichlet(np.ones(3), N), "rows that add up to 1, like probabilities of classes"),
        (RNG.integers(0, 2, (N, 4)), "rows of 0 and 1, any number of each"),
        (CLASS / 2, "0 and 0.5 alone"),
    ],
)
def test_numbers_that_may_be_meant_as_classes_are_told(y, told):
    data = dataset(X, y)
    assert data.task == "regression"
    assert any(told in note and "taken as numbers" in note for note in data.notes)
    assert not any("taken as numbers" in note for note in dataset(X, y, task="regression").notes)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["", "b"], "a class is called ''"),
        (["nan", "b"], "a class is called 'nan'"),
        (["Yes", "yes"], "'Yes' and 'yes' are two classes"),
        (["yes ", "yes"], "'yes' and 'yes ' are two classes"),
    ],
)
def test_classes_that_may_be_none_are_told(labels, told):
    assert any(told in note for note in dataset(X, np.array(labels)[CLASS]).notes)


def test_a_table_of_few_columns_has_a_vector_of_outputs_not_one_at_every_step():
    for x in (X, FRAME):
        data = dataset(x, X @ RNG.normal(size=(3, 3)))
        assert (data.kind, data.task, data.per_step, data.outputs) == ("table", "regression", False, 3)


# --- images or sequences ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "x",
    [GREY * 0.993, GREY / 16, GREY / 127.5 - 1, (GREY - 127.0) / 74, (GREY - 128).astype(np.int8)],
    ids=["up to 253.2", "up to 15.9", "-1..1", "standardised", "int8"],
)
def test_square_numbers_of_every_range_are_images_and_it_is_told(x):
    data = dataset(x)
    assert data.input_shape == (28, 28, 1)
    assert any("taken as images" in note and "kind=sequence" in note for note in data.notes)
    assert dataset(x, kind="sequence").input_shape == (28, 28)


def test_int8_pixels_are_scaled_without_overflow():
    data = dataset((GREY - 128).astype(np.int8), kind="image")
    numbers = data.train.x.astype(np.float64)
    assert data.input_scaling is not None
    assert data.input_scaling.offset[0] == pytest.approx(numbers.mean(), abs=1e-6)
    assert data.input_scaling.scale[0] == pytest.approx(numbers.std(), rel=1e-6)


@pytest.mark.parametrize(
    ("x", "kind", "told"),
    [
        (np.eye(4, dtype=np.uint8)[RNG.integers(0, 4, (N, 57))], "sequence", "kind=image"),
        (RNG.integers(0, 256, (N, 100, 6), dtype=np.uint8), "image", "kind=sequence"),
        (RNG.integers(0, 256, (N, 100, 1), dtype=np.uint8), "sequence", "kind=image"),
        (RNG.normal(size=(N, 28, 20)), "sequence", "kind=image"),
        (RNG.normal(size=(N, 784)), "sequence", "x.reshape(-1, 28, 28)"),
        (RNG.normal(size=(N, 2, 28, 28)), "image", "np.moveaxis(x, 1, -1)"),
    ],
)
def test_what_may_be_either_is_told(x, kind, told):
    data = dataset(x)
    assert data.kind == kind
    assert any(told in note for note in data.notes)


@pytest.mark.parametrize(
    ("train", "other"),
    [
        (GREY / 255, GREY.astype(float)),
        (GREY.astype(float), GREY / 255),
        (GREY.astype(np.uint8), (GREY > 99).astype(np.uint8)),
        ((GREY * 257).astype(np.uint16), GREY.astype(np.uint8)),
        (GREY.astype(np.uint8), GREY / 255),
    ],
)
def test_splits_whose_pixels_are_written_in_different_ways_are_refused(train, other):
    with pytest.raises(DataError, match=r"divide both|of one type"):
        dataset(train, CLASS, (other, CLASS))


@pytest.mark.parametrize("x", [GREY.astype(float), GREY * 257])
def test_a_network_refuses_pixels_far_beyond_those_of_its_training(x):
    data = dataset(GREY.astype(np.uint8), CLASS, (GREY.astype(np.uint8), CLASS))
    network = nl.train("flatten - dense(1)", data, epochs=1, quiet=True).best.network
    with pytest.raises(DataError, match=r"x has (floats|whole numbers) up to \d+, but the network takes"):
        network.predict(x)
    np.testing.assert_array_equal(network.predict(GREY), network.predict(GREY / np.float32(255)))


# --- labels that a network is measured on -----------------------------------------------------------------

FORMS: dict[str, Any] = {
    "0 and 1": CLASS,
    "truth": CLASS == 1,
    "of pandas": pd.Series(CLASS, dtype="Int64"),
    "decimals": [Decimal(int(each)) for each in CLASS],
    "-1 and 1": CLASS * 2 - 1,
    "words": np.array(["no", "yes"])[CLASS],
    "bytes": np.array([b"no", b"yes"])[CLASS],
    "a category": pd.Categorical(np.array(["no", "yes"])[CLASS]),
    "one-hot": np.eye(2)[CLASS],
    "columns": pd.DataFrame(np.eye(2)[CLASS], columns=["no", "yes"])[["yes", "no"]],
}


@pytest.mark.parametrize(
    ("trained", "understood"),
    [
        ("0 and 1", ["truth", "of pandas", "decimals", "one-hot"]),
        ("words", ["0 and 1", "truth", "of pandas", "decimals", "bytes", "a category", "one-hot", "columns"]),
        ("-1 and 1", ["one-hot"]),
    ],
)
def test_a_network_is_measured_on_labels_of_every_form_or_refuses_them(trained, understood):
    x = X + 4 * CLASS[:, np.newaxis]
    data = dataset(x, FORMS[trained], (x, FORMS[trained]))
    network = nl.train("dense(1)", data, epochs=40, learning_rate=0.1, quiet=True).best.network
    expected = network.evaluate(data.validation)
    for form, labels in FORMS.items():
        if form == trained or form in understood:
            assert network.evaluate((x, labels)) == expected, form
        elif not (form == "columns" and trained != "words"):  # of classes without names, by their places
            with pytest.raises(DataError):
                network.evaluate((x, labels))
    with pytest.raises(DataError, match=r"\[3\] is masked"):
        network.evaluate((x, np.ma.masked_array(CLASS, np.arange(N) == 3)))
