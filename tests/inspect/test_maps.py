import numpy as np
import pytest

from netlet.errors import DataError
from netlet.inspect import feature_maps, kernels

# A kernel that takes the right neighbour minus the pixel: 1 where it gets brighter to the right.
EDGE = [[[[-1.0]], [[1.0]]]]
IMAGE = np.array([[0, 0, 1, 1, 0], [0, 1, 1, 1, 0]], dtype=np.float32)[..., np.newaxis]


@pytest.fixture
def edge_network(make_network):
    text = "conv(1, 1x2) - maxpool(2) - flatten - dense(1)"
    return make_network(text, (2, 5, 1), "binary", weights=[EDGE, [0.5], [[1], [0]], [-1]])


def test_maps_before_pooling_are_the_convolutions_outputs(edge_network):
    maps = feature_maps(edge_network, IMAGE)
    assert maps.before_pooling
    assert [layer.place.name for layer in maps.layers] == ["conv 1"]
    np.testing.assert_array_equal(maps.layers[0].maps[..., 0], [[0.5, 1.5, 0.5, 0], [1.5, 0.5, 0.5, 0]])
    np.testing.assert_allclose(maps.prediction, [1 / (1 + np.exp(-0.5))], rtol=1e-6)


def test_maps_after_pooling_are_the_poolings_outputs(edge_network):
    maps = feature_maps(edge_network, IMAGE, before_pooling=False)
    assert [layer.place.name for layer in maps.layers] == ["maxpool 1"]
    np.testing.assert_array_equal(maps.layers[0].maps[..., 0], [[1.5, 0.5]])


def test_a_global_pooling_gives_maps_of_one_pixel(make_network):
    network = make_network("conv(3, 2x2) - globalmaxpool - dense(2)", (4, 4, 1), "categorical", 2)
    maps = feature_maps(network, np.ones((4, 4, 1)), before_pooling=False)
    assert maps.layers[0].maps.shape == (1, 1, 3)
    assert maps.prediction.shape == (2,)


def test_a_network_without_pooling_has_no_maps_after_pooling(make_network):
    network = make_network("flatten - dense(1)", (2, 2, 1), "binary")
    assert feature_maps(network, np.ones((2, 2, 1)), before_pooling=False).layers == ()


def test_an_image_of_another_shape_is_refused_with_both_shapes(edge_network):
    with pytest.raises(DataError, match=r"\(2, 5\).*\(2, 5, 1\)"):
        feature_maps(edge_network, IMAGE[..., 0])


def test_kernels_are_the_convolutions_weights_and_biases(edge_network):
    (kernel,) = kernels(edge_network)
    np.testing.assert_array_equal(kernel.weights, EDGE)
    np.testing.assert_array_equal(kernel.biases, [0.5])


def test_a_depthwise_kernel_has_one_filter_for_each_of_its_maps(make_network):
    depthwise = "depthwiseconv(2x2, depth_multiplier=3, use_bias=false)"
    text = f"conv(2, 1x1, use_bias=false) - {depthwise} - globalmaxpool - dense(1)"
    network = make_network(text, (3, 3, 1), "binary")
    found = kernels(network)[1]
    assert found.weights.shape == (2, 2, 1, 6)
    assert found.biases is None
    # Keras orders the maps by channel first: map 4 is the second of channel 1.
    np.testing.assert_array_equal(found.weights[:, :, 0, 4], network.weights[1][:, :, 1, 1])
