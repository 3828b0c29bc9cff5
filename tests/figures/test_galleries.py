from typing import Any

import numpy as np

import netlet.figures
from netlet.inspect import Mistakes

# What a test knows of a picture is more than the types of matplotlib say.
figures: Any = netlet.figures

IMAGES = np.arange(3 * 4, dtype=np.float32).reshape(3, 2, 2, 1) / 12


def written(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_every_image_is_drawn_with_its_target_in_words():
    figure = figures.image_strip(IMAGES, np.array([1, 0, 1]), ("5", "6"), "digits")
    assert written(figure) == ["digits", "6", "5", "6"]
    for drawn, image in zip(figure.axes[0].images, IMAGES, strict=True):
        np.testing.assert_allclose(drawn.get_array(), image[..., 0])
        assert (drawn.norm.vmin, drawn.norm.vmax) == (0, 1)


def test_one_hot_targets_without_names_are_numbered():
    assert written(figures.image_strip(IMAGES, np.eye(3)[[2, 0, 1]])) == ["2", "0", "1"]


def test_captions_stand_below_their_images_in_order():
    axes = figures.image_strip(IMAGES, np.array([1, 0, 1])).axes[0]
    for drawn, text in zip(axes.images, axes.texts, strict=True):
        left, right, bottom, _ = drawn.get_extent()
        assert left < text.get_position()[0] < right
        assert text.get_position()[1] > bottom


def test_a_mistake_says_what_it_is_and_what_the_network_said_how_surely():
    mistakes = Mistakes(
        index=np.array([12, 7]),
        images=IMAGES[:2],
        target=np.array([1, 0]),
        predicted=np.array([0, 1]),
        probability=np.array([0.99995, 0.5125]),
        loss=np.array([9.9, 0.7]),
        total=2,
        count=1850,
    )
    figure = figures.error_gallery(mistakes, ("5", "6"))
    assert written(figure) == [
        "2 of 1,850 images classified wrongly",
        *("no. 12", "is 6", "said 5", ">99.99 %"),
        *("no. 7", "is 5", "said 6", "51.25 %"),
    ]


def test_a_gallery_that_shows_only_the_worst_says_so():
    mistakes = Mistakes(
        index=np.array([12]),
        images=IMAGES[:1],
        target=np.array([1]),
        predicted=np.array([0]),
        probability=np.array([0.75]),
        loss=np.array([1.4]),
        total=5,
        count=100,
    )
    assert written(figures.error_gallery(mistakes, title="digits"))[0] == (
        "digits: 5 of 100 images classified wrongly, the worst 1 shown"
    )


def test_without_images_a_sentence_says_so():
    assert written(figures.image_strip(IMAGES[:0], np.zeros(0))) == ["There are no images."]
