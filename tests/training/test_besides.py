"""Where a training starts, what is frozen, and what counts how much: against Keras, and what is refused."""

from typing import Any

import keras
import numpy as np
import pytest

import netlet as nl
from netlet.architecture import Architecture
from netlet.datasets import Dataset
from netlet.errors import TrainingError
from netlet.training import Training, train
from netlet.training.besides import Besides
from netlet.training.weighting import sample_weights

NETWORK = "conv(3, 3x3) - maxpool(2) - flatten - dense(4) - dense(3)"
SHORT = Training(epochs=3, batch_size=16, learning_rate=0.02)


def bars(classes=3, counts=(70, 30)):
    """A bright bar in one of several places, whose class is unequally frequent."""
    random = np.random.default_rng(0)
    splits = []
    for count in counts:
        x = random.random((count, 8, 8, 1)).astype(np.float32) / 2
        y = np.minimum(random.integers(0, 6, count), classes - 1)
        for image, column in zip(x, 3 * y if classes == 3 else 4 * y, strict=True):
            image[:, column : column + 2] += 0.4
        splits.append((x, y))
    return Dataset("bars", *splits, class_names=["left", "middle", "right"][:classes])


@pytest.fixture(scope="module")
def data():
    return bars()


def assert_same(own, expected):
    for weight, other in zip(own, expected, strict=True):
        np.testing.assert_array_equal(weight, other)


# Starting from a network


def test_a_training_goes_on_from_a_network_with_its_weights(data):
    first = train(NETWORK, data, SHORT, seeds=2)
    for start in (first.best.network, first.best, first):
        onward = train(NETWORK, data, SHORT, epochs=0, seeds=3, start=start)
        for run in onward:
            assert_same(run.network.weights, first.best.network.weights)
        assert onward.reused == (0, 3, 4)
    more = train(NETWORK, data, SHORT, seeds=[7], start=first.best, epochs=20)
    assert more.best.history["loss"][0] < first.best.history["loss"][0]
    assert "taken over" in str(more)


def test_a_training_goes_on_from_a_file(data, tmp_path):
    first = train(NETWORK, data, SHORT).best.network
    path = first.save(tmp_path / "first.netlet")
    assert_same(train(NETWORK, data, SHORT, epochs=0, start=path).best.network.weights, first.weights)


def test_the_layers_that_fit_are_transferred_and_the_others_are_drawn(data):
    first = train(NETWORK, data, SHORT).best.network
    two = bars(2)
    text = NETWORK.replace("dense(3)", "dense(1)")
    moved = train(text, two, SHORT, epochs=0, seeds=2, start=first)
    drawn = train(text, two, SHORT, epochs=0, seeds=2)
    assert moved.reused == (0, 3)
    for run, other in zip(moved, drawn, strict=True):
        assert_same(run.network.weights[:4], first.weights[:4])
        assert_same(run.network.weights[4:], other.network.weights[4:])


def test_a_network_of_which_nothing_fits_is_refused(data):
    other = train("conv(5, 3x3) - flatten - dense(3)", data, SHORT, epochs=0).best
    with pytest.raises(TrainingError, match="the first layers must be the same") as caught:
        train(NETWORK, data, start=other)
    assert caught.value.setting == "start"
    with pytest.raises(TrainingError, match="start is int"):
        train(NETWORK, data, start=3)


# Freezing


@pytest.mark.parametrize(
    ("freeze", "kept"), [("conv", (0,)), (0, (0,)), ([0, -2], (0, 3)), (["dense", 0], None)]
)
def test_frozen_layers_keep_their_weights_to_the_bit(data, freeze, kept):
    if kept is None:
        with pytest.raises(TrainingError, match="every layer that has weights"):
            train(NETWORK, data, SHORT, freeze=freeze)
        return
    start = train(NETWORK, data, SHORT, seeds=1).best.network
    runs = train(NETWORK, data, SHORT, seeds=2, start=start, freeze=freeze, l2=0.1, clip_norm=1.0)
    assert runs.frozen == kept
    for run in runs:
        for place in (0, 3, 4):
            pairs = zip(run.network.layer_weights(place), start.layer_weights(place), strict=True)
            same = [np.array_equal(own, other) for own, other in pairs]
            assert all(same) if place in kept else not any(same)


def test_frozen_layers_without_start_keep_what_was_drawn(data):
    drawn = train(NETWORK, data, SHORT, epochs=0, seeds=[5]).best.network
    run = train(NETWORK, data, SHORT, seeds=[5], freeze=0).best
    assert_same(run.network.layer_weights(0), drawn.layer_weights(0))


@pytest.mark.parametrize(
    ("freeze", "words"),
    [("gru", "no such layer"), (9, "layers 0 to 4"), (1, "no weights to keep"), (2.5, "by place or name")],
)
def test_what_cannot_be_frozen_is_refused(data, freeze, words):
    with pytest.raises(TrainingError, match=words) as caught:
        train(NETWORK, data, freeze=freeze)
    assert caught.value.setting == "freeze"


# Against Keras: transfer with frozen layers and with weights of classes and samples


def keras_model(network, optimizer, frozen=()) -> Any:
    model: Any = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(3, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(4, activation="relu"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.set_weights(network.weights)
    layers: list[Any] = list(model.layers)
    for place in frozen:
        layers[place].trainable = False
    model.compile(optimizer, "categorical_crossentropy")
    return model


def assert_close(own, model):
    for weight, variable in zip(own, model.weights, strict=True):
        np.testing.assert_allclose(weight, np.asarray(variable.value), atol=2e-4)


@pytest.mark.parametrize(
    ("given", "fit", "frozen"),
    [
        ({"freeze": "conv"}, {}, (0,)),
        ({"freeze": [3]}, {}, (3,)),
        ({"class_weight": {"left": 2.0, "right": 0.5}}, {"class_weight": {0: 2.0, 1: 1.0, 2: 0.5}}, ()),
        ({"class_weight": {0: 3.0}}, {"class_weight": {0: 3.0, 1: 1.0, 2: 1.0}}, ()),
    ],
)
def test_fine_tuning_is_keras_s(data, given, fit, frozen):
    start = train(NETWORK, data, SHORT).best.network
    settings = {"optimizer": "adam", "learning_rate": 0.01, "epochs": 2, "batch_size": 16, "shuffle": False}
    own = train(NETWORK, data, start=start, **settings, **given).best
    model = keras_model(start, keras.optimizers.Adam(0.01), frozen)
    told = model.fit(data.train.x, data.train.y, batch_size=16, epochs=2, shuffle=False, verbose=0, **fit)
    assert_close(own.network.weights, model)
    assert own.history["loss"] == pytest.approx(told.history["loss"], rel=1e-3)


def test_sample_weights_are_keras_s(data):
    weights = np.random.default_rng(2).random(len(data.train)) * 2
    start = train(NETWORK, data, SHORT).best.network
    settings = {"learning_rate": 0.01, "epochs": 2, "batch_size": 16, "shuffle": False}
    own = train(NETWORK, data, start=start, sample_weight=weights, **settings).best
    model = keras_model(start, keras.optimizers.Adam(0.01))
    model.fit(
        data.train.x, data.train.y, batch_size=16, epochs=2, shuffle=False, verbose=0, sample_weight=weights
    )
    assert_close(own.network.weights, model)


def test_weights_of_one_change_nothing(data):
    plain, weighted = (
        train(NETWORK, data, SHORT, seeds=2, sample_weight=given)
        for given in (None, np.ones(len(data.train)))
    )
    for run, other in zip(plain, weighted, strict=True):
        assert_same(run.network.weights, other.network.weights)
        assert run.history == other.history


def test_balanced_weights_are_scikit_learn_s(data):
    from sklearn.utils.class_weight import compute_sample_weight

    labels = data.train.y.argmax(axis=1)
    own = sample_weights(data, "balanced", None)
    assert own is not None
    np.testing.assert_allclose(own, compute_sample_weight("balanced", labels), rtol=1e-6)


def test_balanced_weights_find_the_rare_class():
    random = np.random.default_rng(1)
    y = (np.arange(400) % 20 == 0).astype(int)
    x = random.normal(size=(400, 4, 4, 1)).astype(np.float32) + 0.6 * y[:, None, None, None]
    rare = Dataset("rare", (x[:200], y[:200]), (x[200:], y[200:]))
    plain, balanced = (
        train("flatten - dense(1)", rare, epochs=30, seeds=4, class_weight=given).distribution("sensitivity")
        for given in (None, "balanced")
    )
    assert plain.median is not None and balanced.median is not None
    assert balanced.median > plain.median + 0.2


@pytest.mark.parametrize(
    ("given", "words", "setting"),
    [
        ({"class_weight": "equal"}, "'balanced' or a mapping", "class_weight"),
        ({"class_weight": {"top": 2}}, "bars has left, middle, right", "class_weight"),
        ({"class_weight": {"left": -1}}, "a number from 0", "class_weight"),
        ({"class_weight": {0: "much"}}, "a number from 0", "class_weight"),
        ({"class_weight": {0: 0, 1: 0, 2: 0}}, "nothing would be learned", "class_weight"),
        ({"class_weight": 2}, "'balanced' or a mapping", "class_weight"),
        ({"sample_weight": [1, 2]}, "each of the 70", "sample_weight"),
        ({"sample_weight": np.full(70, np.nan)}, r"sample_weight\[0\] is nan", "sample_weight"),
        ({"sample_weight": np.zeros(70)}, "nothing would be learned", "sample_weight"),
        ({"sample_weight": ["a"] * 70}, "numbers", "sample_weight"),
    ],
)
def test_weights_that_do_not_fit_are_refused(data, given, words, setting):
    with pytest.raises(TrainingError, match=words) as caught:
        train(NETWORK, data, **given)
    assert caught.value.setting == setting


def test_a_regression_has_no_class_weights():
    x = np.zeros((9, 4, 4, 1), np.float32)
    numbers = Dataset("numbers", (x, np.arange(9) / 7), (x, np.arange(9) / 7))
    with pytest.raises(TrainingError, match="regression, which has no classes"):
        train("flatten - dense(1)", numbers, class_weight="balanced")


def test_what_decides_a_training_besides_its_settings_has_a_name(data):
    resolved = Architecture(NETWORK).resolve_for(data)
    network = train(NETWORK, data, SHORT).best.network
    plain = Besides.of(resolved, data)
    assert plain.as_dict() is None
    told = Besides.of(resolved, data, start=network, freeze="conv", class_weight="balanced").as_dict()
    again = Besides.of(resolved, data, start=network, freeze=[0], class_weight="balanced").as_dict()
    assert told == again and set(told or {}) == {"start", "frozen", "weighting"}
    other = train(NETWORK, data, SHORT, seeds=[1]).best.network
    assert told != Besides.of(resolved, data, start=other, freeze=0, class_weight="balanced").as_dict()
    assert nl.train(NETWORK, data, SHORT, epochs=0, freeze=0).besides == {"frozen": [0]}
