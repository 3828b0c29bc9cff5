import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from netlet.datasets import Split
from netlet.errors import DataError
from netlet.inspect import Window, class_means

IDENTITY = "conv(1, 1x1, use_bias=false) - maxpool(1x2) - flatten - dense(1)"


@pytest.fixture
def identity_network(make_network):
    """Its feature map is the image (1 x 2) itself, doubled."""
    return make_network(IDENTITY, (1, 2, 1), "binary", weights=[[[[[2.0]]]], [[1]], [0]])


def images(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32).reshape(len(rows), 1, -1, 1)


def test_means_and_difference_of_two_classes_by_hand(identity_network):
    split = Split(images([0, 1], [1, 1], [1, 0], [2, 0], [3, 0]), np.array([0, 0, 1, 1, 1], dtype=np.float32))
    means = class_means(identity_network, split)
    assert means.counts == (2, 3)
    assert [layer.place.name for layer in means.layers] == ["input", "conv 1"]
    conv = means.layers[1]
    np.testing.assert_array_equal(conv.means[:, 0, :, 0], [[1, 2], [4, 0]])
    (contrast,) = conv.contrasts
    assert (contrast.of, contrast.against) == (1, 0)
    np.testing.assert_array_equal(contrast.difference[0, :, 0], [3, -2])
    # Pixel 0: squares about the means 0.5 * 4 and 2 * 4 over 3 degrees of freedom. Pixel 1 never varies.
    np.testing.assert_allclose(contrast.effect[0, :, 0], [3 / np.sqrt(10 / 3), -np.inf], rtol=1e-6)
    # Pixel 0: of six pairs five are won and one is tied.
    np.testing.assert_allclose(contrast.area[0, :, 0], [5.5 / 6, 0], rtol=1e-6)


def test_the_best_feature_is_the_one_whose_area_is_farthest_from_a_half(identity_network):
    split = Split(images([0, 1], [1, 1], [1, 0], [2, 0], [3, 0]), np.array([0, 0, 1, 1, 1], dtype=np.float32))
    best = class_means(identity_network, split).layers[1].contrasts[0].best
    assert best is not None
    assert (best.row, best.column, best.map) == (0, 1, 0)
    assert (best.area, best.mean, best.mean_of_others) == (0.0, 0.0, 2.0)
    assert best.window == Window(0, 1, 1, 2)


def test_means_after_pooling_are_of_the_poolings_outputs(identity_network):
    split = Split(images([0, 1], [3, 1]), np.array([0, 1], dtype=np.float32))
    pooled = class_means(identity_network, split, before_pooling=False).layers[1]
    assert pooled.place.name == "maxpool 1"
    np.testing.assert_array_equal(pooled.means.ravel(), [2, 6])


def test_areas_equal_scikit_learns_for_every_feature_and_class(make_network):
    network = make_network("conv(2, 2x2) - flatten - dense(3)", (4, 5, 1), "categorical", 3)
    random = np.random.default_rng(3)
    x = random.random((40, 4, 5, 1)).round().astype(np.float32)
    split = Split(x, np.eye(3)[random.integers(0, 3, 40)])
    layer = class_means(network, split).layers[1]
    maps = network.outputs(split.x)[0]
    assert len(np.unique(maps)) < 40  # many ties, that is
    assert [(contrast.of, contrast.against) for contrast in layer.contrasts] == [
        (0, None),
        (1, None),
        (2, None),
    ]
    for contrast in layer.contrasts:
        for place in np.ndindex(contrast.area.shape):
            expected = roc_auc_score(split.y[:, contrast.of], maps[(slice(None), *place)])
            assert contrast.area[place] == pytest.approx(expected, abs=1e-6)


def test_a_class_without_example_has_no_mean_and_no_best_feature(make_network):
    network = make_network("conv(1, 1x1) - flatten - dense(3)", (1, 2, 1), "categorical", 3)
    split = Split(images([0, 1], [1, 0], [1, 1]), np.eye(3)[[0, 0, 2]])
    layer = class_means(network, split).layers[0]
    assert np.isnan(layer.means[1]).all()
    assert np.isfinite(layer.means[[0, 2]]).all()
    assert layer.contrasts[1].best is None
    assert np.isnan(layer.contrasts[1].area).all()
    assert layer.contrasts[2].best is not None


def test_a_task_without_classes_is_refused(make_network):
    network = make_network("flatten - dense(1)", (1, 2, 1), "regression")
    with pytest.raises(DataError, match="no classes"):
        class_means(network, Split(images([0, 1]), np.zeros((1, 1))))


def test_the_effect_of_what_neither_varies_nor_differs_is_zero(identity_network):
    split = Split(images([0.1, 1], [0.1, 0], [0.1, 1]), np.array([0, 1, 1], dtype=np.float32))
    contrast = class_means(identity_network, split).layers[0].contrasts[0]
    assert contrast.effect[0, 0, 0] == 0
    assert contrast.area[0, 0, 0] == 0.5


def test_the_effect_of_what_differs_but_never_varies_is_infinite(make_network):
    network = make_network("flatten - dense(3)", (1, 1, 1), "categorical", 3)
    x = images([0.7], [0.7], [0.1], [0.1], [0.1], [0.1])
    contrasts = class_means(network, Split(x, np.eye(3)[[0, 0, 1, 1, 2, 2]])).layers[0].contrasts
    assert contrasts[0].effect.item() == np.inf
    assert -1.5 < contrasts[1].effect.item() < 0  # the others vary


def test_the_effect_between_single_images_is_unknown(identity_network):
    split = Split(images([0, 1], [1, 0]), np.array([0, 1], dtype=np.float32))
    contrast = class_means(identity_network, split).layers[0].contrasts[0]
    assert np.isnan(contrast.effect).all()
    np.testing.assert_array_equal(contrast.area.ravel(), [1, 0])


def test_the_others_of_three_classes_are_pooled_as_if_they_were_one(make_network):
    network = make_network("flatten - dense(3)", (3, 3, 1), "categorical", 3)
    random = np.random.default_rng(4)
    x, labels = random.random((50, 3, 3, 1)).astype(np.float32), random.integers(0, 3, 50)
    contrast = class_means(network, Split(x, np.eye(3)[labels])).layers[0].contrasts[1]
    own, others = x[labels == 1].astype(float), x[labels != 1].astype(float)
    pooled = (own.var(axis=0) * len(own) + others.var(axis=0) * len(others)) / (len(x) - 2)
    difference = own.mean(axis=0) - others.mean(axis=0)
    np.testing.assert_allclose(contrast.difference, difference, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(contrast.effect, difference / np.sqrt(pooled), rtol=1e-5, atol=1e-7)
