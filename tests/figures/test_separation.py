from typing import Any

import numpy as np
import pytest

import netlet.figures
from netlet.inspect import ClassMeans, Contrast, LayerClassMeans, Place, Separation, Window

# What a test knows of a picture is more than the types of matplotlib say.
figures: Any = netlet.figures


def written(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


INPUT = Place(-1, "input", "")
CONV_1 = Place(0, "conv 1", "conv(3, 3x3)")


def layer(
    place: Place, means: np.ndarray, difference: np.ndarray, best: Separation | None
) -> LayerClassMeans:
    return LayerClassMeans(place, means, (Contrast(1, 0, difference, difference / 2, difference / 8, best),))


@pytest.fixture
def two_classes() -> ClassMeans:
    """Images of 4 x 4, one map of 2 x 3 whose feature at row 1, column 2 separates best."""
    pixels = np.stack([np.zeros((4, 4, 1)), np.full((4, 4, 1), 0.5)])
    means = np.arange(12, dtype=np.float32).reshape(2, 2, 3, 1)
    best = Separation(0, 1, 2, 0.0625, -2.5, 1.5, 6, Window(1, 0, 4, 3))
    layers = layer(INPUT, pixels, pixels[1], best), layer(CONV_1, means, means[1] - means[0], best)
    return ClassMeans(True, (3, 4), layers)


@pytest.mark.parametrize(("show", "value"), [("difference", 6), ("effect", 3), ("area", 0.25)])
def test_means_of_every_class_and_the_asked_contrast_are_drawn(two_classes, show, value):
    drawn = figures.class_means(two_classes, show=show).axes[0].images
    # Each class has its mean image and maps, then the colour bar; the contrast likewise.
    np.testing.assert_array_equal(drawn[1].get_array(), two_classes.layers[1].means[0, ..., 0])
    np.testing.assert_array_equal(drawn[2].get_array(), np.full((4, 4), 0.5))
    np.testing.assert_array_equal(drawn[3].get_array(), two_classes.layers[1].means[1, ..., 0])
    np.testing.assert_array_equal(drawn[6].get_array(), np.full((2, 3), value))
    assert drawn[6].norm.vmin == -drawn[6].norm.vmax


def test_the_best_place_is_framed_and_so_is_the_window_it_sees(two_classes):
    axes = figures.class_means(two_classes).axes[0]
    image, map_ = axes.images[5].get_extent(), axes.images[6].get_extent()
    window, place = [patch for patch in axes.patches if patch.get_linewidth() == 1.2]
    pixel = (image[1] - image[0]) / 4
    assert window.get_bbox().bounds == pytest.approx((image[0], image[3] + pixel, 3 * pixel, 3 * pixel))
    across, down = (map_[1] - map_[0]) / 3, (map_[2] - map_[3]) / 2
    assert place.get_bbox().bounds == pytest.approx((map_[0] + 2 * across, map_[3] + down, across, down))


def test_the_best_place_is_told_in_words(two_classes):
    assert " ".join(written(figures.class_means(two_classes, class_names=("5", "6")))[-2:]) == (
        "6 against 5: the best single place is map 1, row 1, column 2, which looks at rows 1–3, columns 0–2 "
        "of the image. Of two images, one of each side, it is lower for 6 in 93.8 % "
        "(mean 1.5 against 6, Cohen's d −2.5)."
    )


def test_the_input_alone_has_no_column_of_images(two_classes):
    axes = figures.class_means(two_classes, 0).axes[0]
    assert len(axes.images) == 3 + 2  # two means and a contrast, two colour bars
    assert "the best single pixel is row 1, column 2." in " ".join(text.get_text() for text in axes.texts)


def test_three_classes_are_each_set_against_the_others():
    means = np.zeros((3, 4, 4, 1))
    contrasts = tuple(Contrast(of, None, means[0], means[0], means[0], None) for of in range(3))
    pixels, maps = LayerClassMeans(INPUT, means, contrasts), LayerClassMeans(CONV_1, means, contrasts)
    names = ("circle", "square", "triangle")
    texts = written(figures.class_means(ClassMeans(True, (1, 1, 1), (pixels, maps)), 1, names))
    assert [texts[index + 1] for index, text in enumerate(texts) if text == "mean of"] == list(names)
    assert texts.count("the others") == 3


def test_of_many_maps_the_most_separating_are_shown_in_order(two_classes):
    difference = np.zeros((2, 3, 20))
    for distance, index in enumerate((3, 17, 0, 9, 12, 5, 8, 19), start=1):
        difference[0, 0, index] = (-1) ** index * distance
    area = 0.5 + difference / 20
    maps = LayerClassMeans(
        CONV_1, np.zeros((2, 2, 3, 20)), (Contrast(1, 0, difference, difference, area, None),)
    )
    texts = written(figures.class_means(ClassMeans(True, (3, 4), (two_classes.layers[0], maps))))
    names = [text for text in texts if text.startswith("map ")]
    assert names == ["map 1", "map 4", "map 6", "map 9", "map 10", "map 13", "map 18", "map 20"]
    assert texts[0].endswith("the 8 most separating of 20")


def test_a_class_without_images_is_drawn_empty_and_said_to_be(two_classes):
    nothing = np.full((2, 3, 1), np.nan)
    maps = layer(CONV_1, np.stack([np.ones((2, 3, 1)), nothing]), nothing, None)
    empty = ClassMeans(True, (7, 0), (two_classes.layers[0], maps))
    figure = figures.class_means(empty, class_names=("5", "6"))
    assert written(figure)[-1] == "6 against 5: one side has no images."
    assert figures.to_png_bytes(figure)
