"""Networks from and to Keras: the same answers, on random networks and on whole validation sets."""

import os
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlet.architecture import Architecture
from netlet.errors import ArchitectureError
from netlet.interop.keras import from_keras, read_keras, to_keras, write_keras

EXAMPLES = int(os.environ.get("NETLET_INTEROP_EXAMPLES", "5"))
layers: Any = keras.layers

# Keras's own way of reading a variable, which numpy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def answers(model, x):
    """What a Keras model answers, in the shape of a network's answers."""
    return np.array(model(x, training=False))


def same(network, model, x):
    y = answers(model, x)
    np.testing.assert_allclose(network.predict(x).reshape(y.shape), y, rtol=1e-5, atol=1e-5)


@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_random_networks_go_to_keras_and_come_back(data, networks, tmp_path_factory):
    network, x = data.draw(networks())
    model = to_keras(network)
    path = write_keras(network, tmp_path_factory.mktemp("k") / "n.keras")
    again = keras.saving.load_model(path)
    same(network, again, x)
    for back in (from_keras(model), read_keras(path)):
        assert (back.architecture, back.input_shape) == (network.architecture, network.input_shape)
        for own, expected in zip(back.weights, network.weights, strict=True):
            np.testing.assert_array_equal(own, expected)
    assert read_keras(path).task == network.task


def test_the_exercise_s_networks_answer_alike_on_whole_validation_sets(trained, tmp_path):
    network, data = trained
    x = data.validation.x
    same(network, keras.saving.load_model(write_keras(network, tmp_path / "n.keras")), x)


def build(*parts, shape=(12, 10, 2)):
    return keras.Sequential([keras.Input(shape), *parts])


def shaken(model, seed=0):
    """The same model with random weights, variances positive."""
    random = np.random.default_rng(seed)
    model.set_weights(
        [
            np.abs(random.normal(size=w.shape)) + 0.1 if "variance" in v.path else random.normal(size=w.shape)
            for v, w in ((v, np.zeros(v.shape)) for v in model.weights)
        ]
    )
    return model


X = np.random.default_rng(1).normal(size=(6, 12, 10, 2)).astype(np.float32)
S = np.random.default_rng(1).normal(size=(6, 9, 2)).astype(np.float32)


def both_ways(model, x, tmp_path, **keywords):
    """From memory and from a file; both answer what the model does."""
    network = from_keras(model, **keywords)
    same(network, model, x)
    model.save(tmp_path / "m.keras")
    same(read_keras(tmp_path / "m.keras", **keywords), model, x)
    return network


IMAGE_MODELS = {
    "activation layers": [
        layers.Conv2D(3, 3), layers.ReLU(), layers.MaxPooling2D(), layers.Conv2D(2, 2), layers.LeakyReLU(0.2),
        layers.DepthwiseConv2D(2), layers.ELU(), layers.Flatten(), layers.Dense(3), layers.Softmax(),
    ],
    "dropout": [layers.Dropout(0.2), layers.Flatten(), layers.Dropout(0.5), layers.Dense(1, "sigmoid")],
    "batch normalisation": [
        layers.Conv2D(3, 3, use_bias=False), layers.BatchNormalization(), layers.Activation("relu"),
        layers.DepthwiseConv2D(3, depth_multiplier=2),
        layers.BatchNormalization(scale=False, center=False), layers.Flatten(), layers.Dense(4),
        layers.BatchNormalization(), layers.Activation("tanh"), layers.Dense(2),
    ],
    "batch normalisation anywhere": [
        layers.BatchNormalization(), layers.MaxPooling2D(), layers.BatchNormalization(momentum=0.8),
        layers.Conv2D(2, 2, activation="relu"), layers.BatchNormalization(epsilon=0.01), layers.Flatten(),
        layers.BatchNormalization(), layers.Dense(1, "sigmoid"),
    ],
    "a layer as an activation": [
        layers.Flatten(), layers.Dense(3, activation=layers.LeakyReLU(0.2)), layers.Dense(2),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", IMAGE_MODELS)
def test_layers_that_keras_has_in_other_forms_answer_alike(name, tmp_path):
    both_ways(shaken(build(*IMAGE_MODELS[name])), X, tmp_path)


def test_rescaling_before_the_first_layer_is_the_network_s_input_scaling(tmp_path):
    model = shaken(build(
        layers.Rescaling(1 / 255), layers.Rescaling([2.0, 3.0], offset=[0.5, -1.0]), layers.Conv2D(2, 3),
        layers.Flatten(), layers.Dense(2), layers.Rescaling(3.0, offset=1.0),
    ))  # fmt: skip
    network = both_ways(model, 255 * np.abs(X), tmp_path)
    assert network.input_scaling is not None and network.target_scaling is not None
    pixels = np.random.default_rng(0).integers(0, 256, size=(4, 12, 10, 2), dtype=np.uint8)
    np.testing.assert_allclose(network.predict(pixels), answers(model, pixels), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("axis", [-1, 3, None])
def test_normalization_that_was_fitted_or_given_is_an_input_scaling_too(axis, tmp_path):
    fitted = layers.Normalization(axis=axis)
    fitted.adapt(X * [2, 3] + [1, 5])
    mean, variance = ([0.5, 1.0], [2.0, 3.0]) if axis else (0.5, 2.0)
    given = layers.Normalization(axis=axis, mean=mean, variance=variance)
    model = build(fitted, given, layers.Flatten(), layers.Dense(2))
    assert both_ways(model, X, tmp_path).input_scaling is not None


def test_time_distributed_is_what_dense_does_on_sequences_anyway(tmp_path):
    model = shaken(build(
        layers.GRU(3, return_sequences=True), layers.TimeDistributed(layers.Dense(4, "tanh")),
        layers.TimeDistributed(layers.Dropout(0.2)), layers.TimeDistributed(layers.Activation("relu")),
        layers.SimpleRNN(2, return_sequences=True), layers.TimeDistributed(layers.Dense(1)), shape=(9, 2),
    ))  # fmt: skip
    network = both_ways(model, S, tmp_path)
    assert str(network.architecture).count("dense") == 2


def test_functional_models_of_one_path_and_models_in_models_are_taken(tmp_path):
    inner = keras.Sequential([keras.Input((12, 10, 2)), layers.Conv2D(2, 3), layers.Flatten()])
    ends = keras.Input((160,))
    head = keras.Model(ends, layers.Dense(2, "softmax")(layers.Dense(3, "relu")(ends)))
    start = keras.Input((12, 10, 2))
    model = shaken(keras.Model(start, head(inner(start))))
    network = both_ways(model, X, tmp_path)
    assert network.task == "categorical"


def test_what_speaks_for_a_task_is_the_last_activation_and_the_loss(tmp_path):
    model = shaken(build(layers.Flatten(), layers.Dense(1, "sigmoid")))
    assert both_ways(model, X, tmp_path).task == "binary"
    model.compile(loss="mse")
    assert both_ways(model, X, tmp_path).task == "regression"
    model.compile(loss=keras.losses.BinaryCrossentropy())
    assert both_ways(model, X, tmp_path).task == "binary"
    several = shaken(build(layers.Flatten(), layers.Dense(3, "sigmoid")))
    assert both_ways(several, X, tmp_path).task == "regression"


def test_a_model_of_logits_answers_probabilities_if_that_is_asked_for():
    model = shaken(build(layers.Flatten(), layers.Dense(3)))
    assert from_keras(model).task == "regression"
    network = from_keras(model, task="categorical")
    expected = np.array(keras.ops.softmax(model(X)))
    np.testing.assert_allclose(network.predict(X), expected, rtol=1e-5, atol=1e-5)


def test_an_open_length_is_asked_for():
    model = build(layers.GRU(2), layers.Dense(1), shape=(None, 2))
    with pytest.raises(
        ArchitectureError, match=r"whose length is open: say which is usual with input_shape="
    ):
        from_keras(model)
    network = from_keras(model, input_shape=(7, 2))
    same(network, model, S)
    assert network.input_shape == (7, 2)
    with pytest.raises(ArchitectureError, match=r"input_shape is \(7, 3\), but the Keras model takes"):
        from_keras(model, input_shape=(7, 3))


class Own(layers.Dense):
    pass


def own_activation(x):
    return x


class OwnModel(keras.Model):
    def call(self, x):
        return x


def branches():
    start = keras.Input((4,))
    one, two = layers.Dense(2)(start), layers.Dense(2)(start)
    return keras.Model(start, layers.Add()([one, two]))


def shared():
    start, twice = keras.Input((4,)), layers.Dense(4)
    return keras.Model(start, twice(twice(start)))


def two_outputs():
    start = keras.Input((4,))
    return keras.Model(start, [layers.Dense(2)(start), layers.Dense(2)(start)])


REFUSED = {
    "a layer netlet has not": (
        lambda: build(layers.Conv2DTranspose(2, 3), layers.Flatten(), layers.Dense(1)),
        r"'conv2d_transpose.*' \(Conv2DTranspose\) is none that netlet has; it has .*Conv2D, Dense",
    ),
    "Lambda": (lambda: build(layers.Lambda(lambda x: x), layers.Flatten()), r"Lambda\) holds Python code"),
    "own class": (lambda: build(layers.Flatten(), Own(2)), r"\(Own\) is of a class of one's own"),
    "own model": (lambda: OwnModel(), "model is a OwnModel, but only Sequential"),
    "own activation": (
        lambda: build(layers.Flatten(), layers.Dense(2, activation=own_activation)),
        r"has activation .*, which is not executed",
    ),
    "gelu": (lambda: build(layers.Flatten(), layers.Dense(2, "gelu")), "activation 'gelu', but netlet has"),
    "dilation": (
        lambda: build(layers.Conv2D(2, 2, dilation_rate=2)), r"dilation_rate=.*which netlet has not",
    ),
    "groups": (lambda: build(layers.Conv2D(2, 2, groups=2)), "groups=2, which netlet has not"),
    "backwards": (
        lambda: build(layers.GRU(2, go_backwards=True), shape=(5, 2)),
        "go_backwards=True.*turn the sequences",
    ),
    "stateful": (
        lambda: keras.Sequential([keras.Input((5, 2), batch_size=3), layers.GRU(2, stateful=True)]),
        "stateful=True.*stateful=False",
    ),
    "slope": (lambda: build(layers.Flatten(), layers.Dense(2), layers.LeakyReLU(0.1)), "slope of 0.1"),
    "relu6": (lambda: build(layers.ReLU(max_value=6)), "max_value or threshold"),
    "softmax inside": (
        lambda: build(layers.Flatten(), layers.Dense(2, "softmax"), layers.Dense(1)),
        "has softmax, which only",
    ),
    "rescaling in the middle": (
        lambda: build(layers.MaxPooling2D(), layers.Rescaling(2.0), layers.Flatten(), layers.Dense(2)),
        "middle of the model",
    ),
    "renormalisation": (
        lambda: build(layers.BatchNormalization(renorm=True), layers.Flatten()), "renorm=True",
    ),
    "axis": (
        lambda: build(layers.Conv2D(2, 2), layers.BatchNormalization(axis=1), layers.Flatten()), "axis=1",
    ),
    "branches": (branches, r"one path without branches"),
    "shared layers": (shared, "one path without branches or shared layers"),
    "two outputs": (two_outputs, "1 inputs and 2 outputs"),
    "two directions": (
        lambda: build(layers.Bidirectional(layers.GRU(2), None), shape=(5, 2)), "merge_mode=None",
    ),
    "time distributed convolution": (
        lambda: build(layers.TimeDistributed(layers.Flatten()), shape=(5, 2, 2)), "holds a Flatten",
    ),
    "half precision": (
        lambda: build(layers.Flatten(), layers.Dense(2, dtype="mixed_float16")),
        "computes in mixed_float16",
    ),
    "not built": (lambda: keras.Sequential([layers.Dense(1)]), "does not know the shape of its input"),
    "scaling alone": (lambda: build(layers.Rescaling(2.0)), "no layers but its input and scalings"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_netlet_has_not_is_refused_in_one_line_that_names_the_layer(name):
    make, message = REFUSED[name]
    model = make()
    with pytest.raises(ArchitectureError, match=message) as caught:
        from_keras(model)
    assert "\n" not in str(caught.value)


def test_what_is_no_model_is_refused():
    with pytest.raises(ArchitectureError, match="takes a Keras model, not a str"):
        from_keras("model.keras")


def test_an_initialiser_that_netlet_has_not_is_said_to_be_lost():
    model = build(layers.Flatten(), layers.Dense(2, kernel_initializer="random_normal"))
    with pytest.warns(UserWarning, match="kernel_initializer RandomNormal is none of netlet's"):
        network = from_keras(model)
    same(network, model, X)


def test_initialisers_that_netlet_has_are_kept():
    names = ["glorot_normal", "he_uniform", "he_normal", "orthogonal", "zeros"]
    model = build(layers.Flatten(), *[layers.Dense(2, kernel_initializer=name) for name in names])
    found = [getattr(each, "kernel_initializer", None) for each in from_keras(model).architecture.layers]
    assert found[1:] == names


def test_a_keras_model_is_the_architecture_s_own_code():
    text = "conv(2, 3x2, padding=same) - avgpool(2, padding=same) - globalmaxpool - dense(3)"
    settled = Architecture(text).resolve((12, 10, 2), "regression", 3)
    names: dict = {}
    exec(settled.keras_code((12, 10, 2)), names)
    assert from_keras(names["model"]).architecture == settled
