import numpy as np
import pytest

from netlet.errors import DataError
from netlet.inspect import saliency

IMAGE = np.array([[0.25, 1.0]], dtype=np.float32)[..., np.newaxis]


def test_the_gradient_of_the_log_odds_is_the_weight_of_each_pixel(make_network):
    network = make_network("flatten - dense(1)", (1, 2, 1), "binary", weights=[[[3.0], [-2.0]], [0.1]])
    towards_one = saliency(network, IMAGE, output=1)
    np.testing.assert_allclose(towards_one.gradient.ravel(), [3, -2], rtol=1e-4)
    np.testing.assert_allclose(saliency(network, IMAGE, output=0).gradient.ravel(), [-3, 2], rtol=1e-4)


def test_a_network_that_is_sure_still_has_a_gradient(make_network):
    network = make_network("flatten - dense(1)", (1, 2, 1), "binary", weights=[[[3.0], [-2.0]], [60.0]])
    found = saliency(network, IMAGE)
    assert found.prediction.tolist() == [1.0]
    assert found.output == 1
    np.testing.assert_allclose(found.gradient.ravel(), [3, -2], rtol=1e-4)


def test_a_class_is_asked_about_against_the_mean_of_the_others(make_network):
    weights = [[[1.0, 2.0, 6.0], [0.0, -1.0, 4.0]], [0, 0, 0]]
    network = make_network("flatten - dense(3)", (1, 2, 1), "categorical", 3, weights=weights)
    np.testing.assert_allclose(saliency(network, IMAGE, output=0).gradient.ravel(), [-3, -1.5], rtol=1e-4)
    chosen = saliency(network, IMAGE)
    assert chosen.output == 2
    np.testing.assert_allclose(chosen.gradient.ravel(), [4.5, 4.5], rtol=1e-4)


def test_two_one_hot_classes_agree_with_one_probability(make_network):
    weights = [[[1, 4], [3, 1]], [0, 0]]
    network = make_network("flatten - dense(2)", (1, 2, 1), "categorical", 2, weights=weights)
    np.testing.assert_allclose(saliency(network, IMAGE, output=1).gradient.ravel(), [3, -2], rtol=1e-4)


def test_in_regression_it_is_the_gradient_of_the_output_itself(make_network):
    weights = [[[1, 4], [3, 1]], [0, 7]]
    network = make_network("flatten - dense(2)", (1, 2, 1), "regression", 2, weights=weights)
    assert saliency(network, IMAGE).output == 0
    np.testing.assert_allclose(saliency(network, IMAGE, output=1).gradient.ravel(), [4, 1], rtol=1e-4)


def test_a_dead_relu_lets_nothing_through(make_network):
    weights = [[[[[1.0]]]], [-0.5], [[2], [2]], [0]]
    network = make_network("conv(1, 1x1) - flatten - dense(1)", (1, 2, 1), "binary", weights=weights)
    np.testing.assert_allclose(saliency(network, IMAGE, 1).gradient.ravel(), [0, 2], atol=1e-4)


@pytest.mark.parametrize("output", [-1, 2])
def test_an_output_that_is_not_there_is_refused(make_network, output):
    network = make_network("flatten - dense(1)", (1, 2, 1), "binary")
    with pytest.raises(DataError, match=f"output is {output}, but must be one of 0 to 1"):
        saliency(network, IMAGE, output)
