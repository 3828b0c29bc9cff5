import numpy as np
import pytest

from netlet import datasets, metrics
from netlet.exercises import shape_evidence


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


def test_the_ratio_decides():
    images = np.concatenate([drawn(5, 5), drawn(5, 7), drawn(7, 5), drawn(5, 6)])
    np.testing.assert_array_equal(shape_evidence.by_ratio(images), [0, 1, 2, 0])


def test_local_patterns_are_counted_once():
    # A black image, and one with a dot: black, and the dot at each of nine places of a window.
    assert shape_evidence.local_patterns(np.zeros((2, 6, 6, 1))) == {0}
    assert len(shape_evidence.local_patterns(drawn(1, 1, top=4, left=4))) == 10


def test_patterns_do_not_depend_on_where_a_shape_is():
    here, there = (shape_evidence.local_patterns(drawn(4, 4, top=place, left=place)) for place in (3, 5))
    assert here == there


@pytest.fixture(scope="module")
def measured():
    return shape_evidence.measure(datasets.make("r3"), datasets.make("crt"))


def test_in_r3_all_classes_have_the_same_patterns_and_the_ratio_tells_all(measured):
    assert {each.patterns for each in measured.r3} == {measured.r3[0].shared}
    assert measured.rule_accuracy == 1
    square, horizontal, vertical = measured.r3
    assert square.ratio == (1, 1)
    assert horizontal.ratio[0] > 1.2
    assert vertical.ratio[1] < 1 / 1.2


def test_in_crt_patterns_differ(measured):
    assert len({each.patterns for each in measured.crt}) == 3
    assert all(each.shared < each.patterns for each in measured.crt)


def test_the_rule_is_no_better_than_guessing_where_its_classes_mean_something_else():
    crt = datasets.make("crt")
    right = shape_evidence.by_ratio(crt.validation.x) == metrics.labels(crt.validation.y)
    assert right.mean() < 0.6
