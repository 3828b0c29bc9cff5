import numpy as np
import pytest

from netlet.datasets import Split
from netlet.errors import DataError
from netlet.inspect import mistakes

# One pixel; the logit is the pixel itself.
LOGIT = [[[1.0]], [0.0]]


def images(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32).reshape(-1, 1, 1, 1)


def test_mistakes_are_sorted_by_loss_and_right_answers_left_out(make_network):
    network = make_network("flatten - dense(1)", (1, 1, 1), "binary", weights=LOGIT)
    split = Split(images(1, -3, 2, -2, 1), np.array([0, 1, 1, 1, 0], dtype=np.float32))
    found = mistakes(network, split)
    assert found.index.tolist() == [1, 3, 0, 4]  # equal ones in their own order
    assert found.target.tolist() == [1, 1, 0, 0]
    assert found.predicted.tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(found.loss, np.log1p(np.exp([3, 2, 1, 1])), rtol=1e-6)
    np.testing.assert_allclose(found.probability, 1 / (1 + np.exp([-3, -2, -1, -1])), rtol=1e-6)
    assert found.images[:, 0, 0, 0].tolist() == [-3, -2, 1, 1]
    assert (found.total, found.count) == (4, 5)


def test_a_limit_keeps_the_worst_and_the_true_total(make_network):
    network = make_network("flatten - dense(1)", (1, 1, 1), "binary", weights=LOGIT)
    found = mistakes(network, Split(images(1, -3, 2), np.array([0, 1, 0], dtype=np.float32)), limit=1)
    assert (found.index.tolist(), found.total) == ([1], 3)


def test_categorical_mistakes_quote_the_probability_of_the_class_taken(make_network):
    weights = [[[0, 1, 2]], [0, 0, 0]]
    network = make_network("flatten - dense(3)", (1, 1, 1), "categorical", 3, weights=weights)
    found = mistakes(network, Split(images(1, 1), np.eye(3)[[2, 1]]))
    powers = np.exp([0, 1, 2])
    assert (found.target.tolist(), found.predicted.tolist()) == ([1], [2])
    np.testing.assert_allclose(found.probability, powers[2:] / powers.sum(), rtol=1e-6)
    np.testing.assert_allclose(found.loss, -np.log(powers[1:2] / powers.sum()), rtol=1e-6)


def test_a_perfect_network_has_none(make_network):
    network = make_network("flatten - dense(1)", (1, 1, 1), "binary", weights=LOGIT)
    found = mistakes(network, Split(images(1), np.ones(1)))
    assert (found.total, found.images.shape) == (0, (0, 1, 1, 1))


def test_regression_has_no_mistakes_to_show(make_network):
    network = make_network("flatten - dense(1)", (1, 1, 1), "regression", weights=LOGIT)
    with pytest.raises(DataError, match="no classes"):
        mistakes(network, Split(images(1), np.ones((1, 1))))
