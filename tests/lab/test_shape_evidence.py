from dataclasses import replace

import numpy as np
import pytest

from netlet import datasets
from netlet.datasets import Split
from netlet.lab.evidence import shapes as shape_evidence


def drawn(height, width, top=2, left=3, size=12):
    """One filled rectangle: (1, size, size, 1)."""
    image = np.zeros((1, size, size, 1), dtype=np.float32)
    image[0, top : top + height, left : left + width] = 1
    return image


def test_height_and_width_are_measured_from_first_to_last():
    images = np.concatenate([drawn(4, 7), drawn(1, 1), drawn(10, 2)])
    np.testing.assert_array_equal(shape_evidence.extents(images), [[4, 7], [1, 1], [10, 2]])


def test_an_empty_image_has_no_extent():
    np.testing.assert_array_equal(shape_evidence.extents(np.zeros((1, 5, 5, 1))), [[0, 0]])


def test_gaps_within_a_shape_count():
    image = drawn(1, 1) + drawn(1, 1, top=8)
    np.testing.assert_array_equal(shape_evidence.extents(image), [[7, 1]])


def test_a_shape_is_measured_in_five_numbers():
    found = shape_evidence.measures(drawn(4, 7, top=2, left=3))
    assert {name: values.tolist() for name, values in found.items()} == {
        "row of the middle": [3.5],
        "column of the middle": [6],
        "shorter side": [4],
        "longer side": [7],
        "width over height": [1.75],
    }


def test_what_one_measure_tells_is_found_with_limits_from_the_training_images():
    images = np.concatenate([drawn(4, side) for side in (2, 3, 5, 6, 8, 9)])
    split = Split(images, np.eye(3)[[0, 0, 1, 1, 2, 2]])
    told = shape_evidence.told_by(split, Split(images[::2], split.y[::2]))
    assert told["width over height"] == 1
    assert told["row of the middle"] == pytest.approx(1 / 3)  # the same for all


def test_local_patterns_are_counted_once():
    # A black image, and one with a dot: black, and the dot at each of nine places of a window.
    assert shape_evidence.local_patterns(np.zeros((2, 6, 6, 1))) == {0}
    assert len(shape_evidence.local_patterns(drawn(1, 1, top=4, left=4))) == 10


def test_patterns_do_not_depend_on_where_a_shape_is():
    here, there = (shape_evidence.local_patterns(drawn(4, 4, top=place, left=place)) for place in (3, 5))
    assert here == there


@pytest.fixture(scope="module")
def measured():
    return shape_evidence.shapes(datasets.make("r3"), datasets.make("crt"))


def test_in_r3_all_classes_have_the_same_patterns_and_the_ratio_tells_all(measured):
    assert {each.patterns for each in measured.own} == {measured.own[0].shared}
    assert measured.told["width over height"] == 1
    assert measured.is_ratio_alone
    square, horizontal, vertical = measured.own
    assert square.ratio == (1, 1)
    assert horizontal.ratio[0] > 1.2
    assert vertical.ratio[1] < 1 / 1.2


def test_in_crt_patterns_differ(measured):
    assert len({each.patterns for each in measured.other}) == 3
    assert all(each.shared < each.patterns for each in measured.other)


def test_size_and_place_tell_something_and_are_not_said_to_tell_nothing(measured):
    assert measured.told["longer side"] > measured.usual + 0.05
    assert measured.best_first[1] == ("longer side", measured.told["longer side"])


def test_what_decides_is_what_tells_nearly_all(measured):
    nothing = replace(measured, told=dict.fromkeys(measured.told, 0.4))
    assert nothing.deciding == []
    assert not nothing.is_ratio_alone
    size = replace(measured, told=measured.told | {"longer side": 0.99})
    assert size.deciding == ["longer side", "width over height"]
    assert not size.is_ratio_alone
