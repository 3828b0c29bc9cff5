import numpy as np
import pytest

from netlet.errors import ArchitectureError
from netlet.inspect import Window, receptive_field


def test_a_convolution_after_a_pooling_sees_the_pixels_of_all_its_pools(make_network):
    text = "conv(1, 3x3) - maxpool(2) - conv(1, 3x3) - flatten - dense(1)"
    network = make_network(text, (28, 28, 1), "binary")
    # Output row 1 takes pooled rows 1..3, these convolved rows 2..7, these image rows 2..9.
    assert receptive_field(network, 2, 1, 0) == Window(2, 0, 10, 8)
    assert receptive_field(network, -1, 5, 6) == Window(5, 6, 6, 7)


def test_a_global_pooling_sees_the_whole_image(make_network):
    network = make_network("conv(1, 3x3) - globalmaxpool - dense(1)", (9, 7, 1), "binary")
    assert receptive_field(network, 1, 0, 0) == Window(0, 0, 9, 7)


def test_a_layer_after_flatten_is_refused(make_network):
    network = make_network("conv(1, 3x3) - flatten - dense(1)", (9, 7, 1), "binary")
    with pytest.raises(ArchitectureError, match="layer 2, flatten, has no feature maps"):
        receptive_field(network, 1, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "conv(1, 2x4, strides=1x3, padding=same, activation=linear) - avgpool(2)",
        "avgpool(3, strides=2, padding=same) - conv(1, 2x3, activation=linear) - dropout(0.5)",
        "conv(1, 2x2, activation=linear) - activation(tanh) - conv(1, 3x3, strides=2, activation=linear)",
    ],
)
def test_exactly_the_pixels_in_the_window_change_the_place(make_network, text):
    network = make_network(f"{text} - flatten - dense(1)", (9, 11, 1), "binary")
    network.weights = [np.ones_like(weight) for weight in network.weights]
    layer = len(network.architecture.layers) - 3
    one_pixel_each = np.eye(99, dtype=np.float32).reshape(99, 9, 11, 1)
    nothing = network.outputs(np.zeros((1, 9, 11, 1)))[layer]
    changes = (network.outputs(one_pixel_each)[layer] != nothing)[..., 0]
    for row, column in np.ndindex(changes.shape[1:]):
        window = receptive_field(network, layer, row, column)
        expected = np.zeros((9, 11), dtype=bool)
        expected[window.top : window.bottom, window.left : window.right] = True
        np.testing.assert_array_equal(changes[:, row, column].reshape(9, 11), expected)
