import time

import numpy as np
import pytest

from netlet.datasets import make, shapes
from netlet.errors import DataError


@pytest.fixture(scope="module")
def crt():
    return shapes.crt(seed=1)


@pytest.fixture(scope="module")
def r3():
    return shapes.r3(seed=1)


def of_class(data, label):
    """All images (n, 64, 64), bool, of one class."""
    x = np.concatenate([split.x for split in data.present.values()])
    y = np.concatenate([split.y for split in data.present.values()])
    return x[y[:, label] == 1, ..., 0] > 0


def boxes(images):
    """Top, left, bottom, right (all inclusive) of what is drawn in each image: (n, 4)."""
    rows, columns = images.any(axis=2), images.any(axis=1)
    last = images.shape[1] - 1
    return np.stack(
        [
            rows.argmax(1),
            columns.argmax(1),
            last - rows[:, ::-1].argmax(1),
            last - columns[:, ::-1].argmax(1),
        ],
        axis=1,
    )


def sides(images):
    """Outer height and width of what is drawn in each image."""
    box = boxes(images)
    return box[:, 2] - box[:, 0] + 1, box[:, 3] - box[:, 1] + 1


def picture(image):
    """The drawn part of an image as text."""
    top, left, bottom, right = boxes(image[np.newaxis])[0]
    return ["".join(".#"[int(pixel)] for pixel in row) for row in image[top : bottom + 1, left : right + 1]]


@pytest.mark.parametrize("name", ["crt", "r3"])
def test_images_are_black_and_white_and_targets_one_hot(name, crt, r3):
    data = {"crt": crt, "r3": r3}[name]
    assert [len(split) for split in data.present.values()] == [500, 1000, 1000]
    for split in data.present.values():
        assert split.x.shape == (len(split), 64, 64, 1)
        assert split.x.dtype == split.y.dtype == np.float32
        assert set(np.unique(split.x)) == {0, 1}
        assert (split.y.sum(axis=1) == 1).all()


def test_classes_are_in_the_order_of_the_exercise(crt, r3):
    assert crt.class_names == ("rectangle", "circle", "triangle")
    assert r3.class_names == ("square", "horizontal", "vertical")


@pytest.mark.parametrize("name", ["crt", "r3"])
def test_classes_are_drawn_evenly(name, crt, r3):
    share = {"crt": crt, "r3": r3}[name].test.y.mean(axis=0)
    np.testing.assert_allclose(share, 1 / 3, atol=0.05)


def test_a_rectangle_has_two_pixels_across_and_three_upright():
    rng = np.random.Generator(np.random.PCG64(0))
    image = shapes.rectangles(rng, np.array([[7, 10]]), 64)[0]
    edge, side = "##########", "###....###"
    assert picture(image) == [edge, edge, side, side, side, edge, edge]


def test_rectangles_have_all_sides_and_stay_within_their_margins(crt):
    images = of_class(crt, 0)
    height, width = sides(images)
    assert (height.min(), height.max(), width.min(), width.max()) == (9, 35, 9, 35)
    assert abs(np.corrcoef(height, width)[0, 1]) < 0.15
    box = boxes(images)
    assert (box.min(), box.max()) == (2, 61)


def test_circles_have_all_radii_and_stay_within_their_margins(crt):
    images = of_class(crt, 1)
    height, width = sides(images)
    assert (height == width).all()
    assert set(height) == set(range(13, 54, 2))
    box = boxes(images)
    assert (box.min(), box.max()) == (4, 60)


def test_a_circle_is_two_to_three_pixels_thick():
    for radius in (5, 14, 25):
        circle = shapes._circle(radius)
        middle = circle[radius + 1]
        runs = "".join(".#"[int(pixel)] for pixel in middle).split(".")
        thickness = {len(run) for run in runs if run}
        assert thickness <= {2, 3}
        ring = np.pi * ((radius + 1.3) ** 2 - (radius - 1) ** 2)
        assert circle.sum() == pytest.approx(ring, rel=0.08)


def test_triangles_are_equilateral_turned_any_way_and_stay_within_their_margins(crt):
    images = of_class(crt, 2)
    box = boxes(images)
    assert box.min() >= 4
    assert box.max() <= 58
    height, width = sides(images)
    assert height.min() < 12 < 42 < height.max()
    # Seen along a diagonal, along rows and along columns, no direction is longer than the others.
    assert abs(height.mean() - width.mean()) < 1
    longest = np.maximum(height, width)
    assert (np.minimum(height, width) > 0.75 * longest - 2).all()


def test_lines_are_two_pixels_thick_across_the_way_they_run():
    images = np.zeros((3, 8, 8), dtype=bool)
    start = np.array([[1, 3], [3, 1], [1, 1]])
    end = np.array([[6, 3], [3, 6], [6, 4]])
    shapes.draw_lines(images, np.arange(3), start, end)
    flat, upright, slanted = images
    assert np.argwhere(flat).tolist() == [[row, column] for row in (2, 3) for column in range(1, 7)]
    assert np.argwhere(upright).tolist() == [[row, column] for row in range(1, 7) for column in (2, 3)]
    assert (slanted.sum(axis=0)[1:7] == 2).all()
    assert slanted[[1, 4], [1, 6]].all()


def test_a_line_is_the_same_from_either_end():
    rng = np.random.default_rng(0)
    start, end = rng.integers(1, 30, size=(2, 200, 2))
    forth, back = np.zeros((2, 200, 32, 32), dtype=bool)
    shapes.draw_lines(forth, np.arange(200), start, end)
    shapes.draw_lines(back, np.arange(200), end, start)
    assert (forth == back).all()


def test_squares_have_equal_sides(r3):
    height, width = sides(of_class(r3, 0))
    assert (height == width).all()
    assert set(height) == set(range(9, 36))


@pytest.mark.parametrize(("label", "turned"), [(1, False), (2, True)])
def test_rectangles_of_r3_are_half_as_long_again(r3, label, turned):
    images = of_class(r3, label)
    short, long = sides(images)
    if turned:
        short, long = long, short
    assert set(short) == set(range(9, 36))
    assert (long == 3 * (short - 3) // 2 + 3).all()
    assert long.min() == 12
    assert long.max() == 51
    box = boxes(images)
    assert (box.min(), box.max()) == (2, 61)


def test_positions_are_spread_over_all_that_fit(r3):
    images = of_class(r3, 0)
    box = boxes(images)
    height, _ = sides(images)
    place = (box[:, :2] - 2) / (61 - 2 - height[:, np.newaxis] + 1)
    np.testing.assert_allclose(place.mean(axis=0), 0.5, atol=0.05)
    np.testing.assert_allclose(place.std(axis=0), np.sqrt(1 / 12), atol=0.03)


@pytest.mark.parametrize("name", ["crt", "r3"])
def test_the_same_seed_gives_the_same_images_and_another_seed_others(name):
    hashes = [make(name, seed=seed, train=20, validation=5, test=5).content_hash for seed in (3, 3, 4)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_images_of_a_seed_never_change():
    data = shapes.crt(seed=0, train=60, validation=30, test=30)
    assert data.content_hash == "6872f30deb3fae4119740a2feb8aa72840137332bac25f1ff9ea1d4d5c31641d"
    data = shapes.r3(seed=0, train=60, validation=30, test=30)
    assert data.content_hash == "e82c906e230965e8628db1762bf849c3baa9f042e2aee4391c4f2eee5207c547"


@pytest.mark.parametrize("name", ["crt", "r3"])
def test_the_size_of_one_split_leaves_the_others_as_they_are(name):
    few = make(name, train=3, validation=10, test=10)
    many = make(name, train=30, validation=10, test=10)
    for split in ("validation", "test"):
        np.testing.assert_array_equal(few.present[split].x, many.present[split].x)
    assert not np.array_equal(few.present["validation"].x, few.present["test"].x)


def test_no_test_split_is_made_if_none_is_asked_for():
    assert shapes.crt(train=2, validation=2, test=0).test is None


@pytest.mark.parametrize("name", ["crt", "r3"])
@pytest.mark.parametrize("size", [32, 40, 96])
def test_shapes_grow_with_the_image(name, size):
    data = make(name, train=300, validation=1, test=0, size=size)
    assert data.input_shape == (size, size, 1)
    height, width = sides(data.train.x[..., 0] > 0)
    assert 0.6 * size < np.maximum(height, width).max() < size
    assert np.minimum(height, width).min() < size / 4


def test_an_image_too_small_for_its_shapes_is_refused():
    with pytest.raises(DataError, match="size is 31, but images are at least 32"):
        shapes.crt(size=31)


def test_all_images_of_a_dataset_take_about_a_second_at_most():
    start = time.process_time()  # which does not count what else the machine does
    shapes.crt(seed=5)
    assert time.process_time() - start < 2
