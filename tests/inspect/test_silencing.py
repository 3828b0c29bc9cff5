import numpy as np
import pytest

from netlet.datasets import Split
from netlet.inspect import ablation

# Map 0 is the pixel, map 1 minus the pixel (relu: 0), map 2 always 1; the answer hangs on map 0 alone,
# shifted by map 2: logit = 4 * pixel - 2.
WEIGHTS = [[[[[1.0, -1.0, 0.0]]]], [0, 0, 1], [[4], [0], [-2]], [0]]
SPLIT = Split(
    np.array([0, 1, 1, 1], dtype=np.float32).reshape(4, 1, 1, 1), np.array([0, 1, 1, 0], dtype=np.float32)
)


@pytest.fixture
def network(make_network):
    return make_network("conv(3, 1x1) - flatten - dense(1)", (1, 1, 1), "binary", weights=WEIGHTS)


def softplus(z: float) -> float:
    return float(np.log1p(np.exp(z)))


def test_what_each_map_is_worth_by_hand(network):
    found = ablation(network, SPLIT)
    assert found.metrics["accuracy"] == 0.75
    assert found.metrics["loss"] == pytest.approx((3 * softplus(-2) + softplus(2)) / 4, rel=1e-6)
    pixel, minus_pixel, constant = found.silenced
    # Without the pixel every logit is -2: all are taken for class 0.
    assert (pixel.metrics["accuracy"], pixel.lost["accuracy"]) == (0.5, 0.25)
    assert pixel.metrics["sensitivity"] == 0
    # Without the constant the logits are 0, 4, 4, 4: the same classes at threshold 0.5, another loss.
    assert constant.lost["accuracy"] == 0
    expected = (softplus(0) + 2 * softplus(-4) + softplus(4)) / 4 - (3 * softplus(-2) + softplus(2)) / 4
    assert constant.lost["loss"] == pytest.approx(expected, rel=1e-5)
    assert {name: minus_pixel.lost[name] for name in ("accuracy", "sensitivity", "specificity", "loss")} == {
        "accuracy": 0,
        "sensitivity": 0,
        "specificity": 0,
        "loss": 0,
    }


def test_maps_are_named_for_people_from_one(network):
    assert [each.name for each in ablation(network, SPLIT).silenced] == [
        f"conv 1, map {n}" for n in (1, 2, 3)
    ]


def test_every_convolution_is_silenced_by_itself(make_network):
    text = "conv(2, 2x2) - maxpool(2) - conv(3, 1x1) - flatten - dense(3)"
    network = make_network(text, (5, 5, 1), "categorical", 3)
    random = np.random.default_rng(0)
    split = Split(random.random((30, 5, 5, 1)).astype(np.float32), np.eye(3)[random.integers(0, 3, 30)])
    found = ablation(network, split)
    assert [(each.place.name, each.index) for each in found.silenced] == [
        ("conv 1", 0),
        ("conv 1", 1),
        ("conv 2", 0),
        ("conv 2", 1),
        ("conv 2", 2),
    ]
    # A convolution whose kernel and bias are zero gives the same as its map set to zero (relu of 0 is 0).
    for each, weight in zip(found.silenced, [0, 0, 2, 2, 2], strict=True):
        weights = [array.copy() for array in network.weights]
        weights[weight][..., each.index] = 0
        weights[weight + 1][each.index] = 0
        without = type(network)(network.architecture, network.input_shape, network.task, weights)
        own = without.predict(split.x)
        assert each.metrics["accuracy"] == (own.argmax(axis=1) == split.y.argmax(axis=1)).mean()
        assert each.metrics["loss"] == pytest.approx(-np.log((own * split.y).sum(axis=1)).mean(), rel=1e-5)


def test_what_is_undefined_stays_undefined(network):
    only_zeros = Split(SPLIT.x[:1], SPLIT.y[:1])
    found = ablation(network, only_zeros)
    assert found.silenced[0].lost["sensitivity"] is None
    assert found.silenced[0].lost["specificity"] == 0


def test_a_network_without_convolutions_has_nothing_to_silence(make_network):
    assert ablation(make_network("flatten - dense(1)", (1, 1, 1), "binary"), SPLIT).silenced == ()
