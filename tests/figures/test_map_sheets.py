from typing import Any

import numpy as np

import netlet.figures
from netlet.figures.style import AMOUNT_MAP, SIGNED_MAP
from netlet.inspect import FeatureMaps, Kernels, LayerMaps, Place

# What a test knows of a picture is more than the types of matplotlib say.
figures: Any = netlet.figures

CONV_1 = Place(0, "conv 1", "conv(3, 3x3, activation=relu)")
CONV_2 = Place(2, "conv 2", "conv(20, 3x3, activation=tanh)")
IMAGE = np.linspace(0, 1, 36, dtype=np.float32).reshape(6, 6, 1)


def written(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_image_and_maps_are_drawn_in_order_with_one_colour_scale_a_layer():
    first = np.stack([np.full((4, 4), 2.0), np.eye(4)], axis=-1)
    second = np.array([[[-3.0, 1.0, 0.5]]])
    maps = FeatureMaps(IMAGE, np.array([0.5]), True, (LayerMaps(CONV_1, first), LayerMaps(CONV_2, second)))
    drawn = figures.feature_maps(maps).axes[0].images
    # Each layer's maps are followed by its colour bar.
    image, a, b, _, c, d, e, _ = drawn
    np.testing.assert_allclose(image.get_array(), IMAGE[..., 0])
    expected = (first[..., 0], first[..., 1], *second.transpose(2, 0, 1))
    for each, values in zip((a, b, c, d, e), expected, strict=True):
        np.testing.assert_array_equal(each.get_array(), values)
    scales = [(each.cmap.name, each.norm.vmin, each.norm.vmax) for each in (a, b, c, d, e)]
    assert scales == [(AMOUNT_MAP, 0, 2)] * 2 + [(SIGNED_MAP, -3, 3)] * 3


def test_layers_say_what_they_are_and_maps_are_numbered_from_one():
    maps = FeatureMaps(IMAGE, np.array([0.5]), True, (LayerMaps(CONV_1, np.ones((4, 5, 2))),))
    texts = written(figures.feature_maps(maps, "image 8"))
    assert texts[:5] == [
        "image 8",
        "the image, 6 × 6 pixels",
        "conv 1, conv(3, 3x3, activation=relu): 2 maps of 4 × 5 pixels",
        "map 1",
        "map 2",
    ]


def test_maps_keep_the_shape_of_their_pixels():
    maps = FeatureMaps(IMAGE, np.array([0.5]), True, (LayerMaps(CONV_1, np.ones((4, 10, 2))),))
    left, right, bottom, top = figures.feature_maps(maps).axes[0].images[1].get_extent()
    assert np.isclose((right - left) / (bottom - top), 2.5)


def test_a_network_without_such_layers_says_so():
    after = FeatureMaps(IMAGE, np.array([0.5]), before_pooling=False, layers=())
    assert "The network has no pooling layer." in written(figures.feature_maps(after))
    assert written(figures.kernels(())) == ["The network has no convolution layer."]


def test_kernels_are_a_row_for_each_input_and_a_column_for_each_filter():
    weights = np.arange(2 * 2 * 3 * 2, dtype=np.float32).reshape(2, 2, 3, 2) - 10
    alone = Kernels(CONV_1, weights[:, :, :1], None)
    figure = figures.kernels((alone, Kernels(CONV_2, weights, np.array([0.125, -2]))))
    drawn = figure.axes[0].images[3:]  # the first layer has two kernels and a colour bar
    for index, each in enumerate(drawn[:6]):
        np.testing.assert_array_equal(each.get_array(), weights[:, :, index // 2, index % 2])
        assert (each.cmap.name, each.norm.vmin, each.norm.vmax) == (SIGNED_MAP, -13, 13)
    texts = written(figure)
    assert "weights" in texts  # a single input needs no number
    assert [text for text in texts if text.startswith("from")] == ["from map 1", "from map 2", "from map 3"]
    assert texts[texts.index("bias") + 1 : texts.index("bias") + 3] == ["0.12", "−2.00"]


def test_more_kernels_than_can_be_seen_are_left_out_and_counted():
    figure = figures.kernels((Kernels(CONV_1, np.ones((3, 3, 32, 64)), None),))
    assert written(figure)[0].endswith("kernels of 3 × 3 pixels, 160 of 2048 shown")
    assert len(figure.axes[0].images) == 161
