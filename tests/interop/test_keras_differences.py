"""What is easily overlooked and Keras would do otherwise: refused by name, or done as Keras does."""

from typing import Any

import keras
import numpy as np
import pytest

from netlet.errors import NetletError
from netlet.interop.keras import fit, from_keras, read_keras

layers: Any = keras.layers
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

N = 40
RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(N, 5)).astype(np.float32)
BINARY = (ROWS.sum(axis=1) > 0).astype(np.float32)
LABELS = RANDOM.integers(0, 3, size=N)
HOT = np.eye(3, dtype=np.float32)[LABELS]


def build(*parts, shape=(5,)):
    return keras.Sequential([keras.Input(shape), *parts])


def functional(make, shape):
    start = keras.Input(shape)
    return keras.Model(start, make(start))


def relu(x):
    """Has the name of Keras's own, which a configuration would give it."""
    return 2 * x


class Dense(layers.Dense):
    """Has the name of Keras's own."""

    def call(self, inputs, training=None):
        return 2 * super().call(inputs)


def patched():
    model = build(layers.Dense(2))
    first: Any = model.layers[0]
    first.call = lambda inputs: inputs
    return model


def twice_in_models():
    dense = layers.Dense(5)
    return build(build(dense), dense, layers.Dense(5))


MASK = keras.ops.convert_to_tensor([[True, False, True, True]])
OF_ONE_S_OWN = {
    "a function called relu": (
        lambda: build(layers.Dense(2, relu)),
        "Dense.*activation 'relu', a function of one",
    ),
    "a gate's function": (
        lambda: build(layers.LSTM(2, recurrent_activation=relu), shape=(4, 2)),
        "recurrent_activation 'relu'",
    ),
    "an activation layer's": (lambda: build(layers.Dense(2), layers.Activation(relu)), "Activation.*'relu'"),
    "a function without a name": (
        lambda: build(layers.Dense(2, lambda x: x)),
        "'<lambda>', a function of one",
    ),
    "a class called Dense": (lambda: build(Dense(2)), r"\(Dense\) is of a class of one's own"),
    "a class within another layer": (
        lambda: build(layers.TimeDistributed(Dense(2)), layers.GRU(1), shape=(4, 2)),
        r"\(Dense\) is of a class",
    ),
    "a call that was replaced": (patched, r"\(Dense\) is of a class of one's own"),
}
DIFFERENT = {
    "a state at the start": (
        lambda: functional(lambda x: layers.GRU(2)(x, initial_state=keras.ops.ones((1, 2))), (4, 2)),
        r"\(GRU\) is called with initial_state",
    ),
    "a mask": (lambda: functional(lambda x: layers.LSTM(2)(x, mask=MASK), (4, 2)), "is called with mask"),
    "a mask by its place": (lambda: functional(lambda x: layers.Softmax()(x, MASK), (4,)), "with a constant"),
    "pixels by row": (
        lambda: build(layers.Rescaling([[1.0], [2.0]]), layers.Flatten(), layers.Dense(1), shape=(2, 2)),
        r"numbers of shape \(2, 1\), but netlet scales channels",
    ),
    "several axes": (
        lambda: build(
            layers.Normalization(axis=(1, 2), mean=np.ones((1, 2)), variance=np.ones((1, 2))),
            layers.Flatten(),
            layers.Dense(1),
            shape=(1, 2, 2),
        ),
        r"has axis=.1, 2., but netlet scales channels",
    ),
    "half precision of the input": (
        lambda: keras.Sequential([keras.Input((5,), dtype="float16"), layers.Dense(1)]),
        "InputLayer.*float16",
    ),
    "half precision at every step": (
        lambda: build(layers.TimeDistributed(layers.Dense(1), dtype="float16"), layers.GRU(1), shape=(4, 2)),
        "TimeDistributed.*computes in float16",
    ),
    "half precision of an activation": (
        lambda: build(layers.Dense(2, activation=layers.LeakyReLU(0.2, dtype="bfloat16"))),
        "LeakyReLU.*bfloat16",
    ),
    "weights that are shared": (twice_in_models, "shares its weights|has no weights"),
}


@pytest.mark.parametrize("name", OF_ONE_S_OWN | DIFFERENT)
def test_a_model_that_would_answer_otherwise_is_refused(name):
    make, message = (OF_ONE_S_OWN | DIFFERENT)[name]
    with pytest.raises(NetletError, match=message) as caught:
        from_keras(make())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [*DIFFERENT, "a class called Dense"])
def test_a_file_of_a_model_that_would_answer_otherwise_is_refused(name, tmp_path):
    make, message = (OF_ONE_S_OWN | DIFFERENT)[name]
    make().save(tmp_path / "m.keras")
    with pytest.raises(NetletError, match=message):
        read_keras(tmp_path / "m.keras")


def test_a_training_that_was_said_in_a_call_is_without_effect_as_in_keras():
    model = functional(
        lambda x: layers.Dense(2)(layers.BatchNormalization()(layers.Dropout(0.5)(x, training=True))), (5,)
    )
    expected = model.predict(ROWS, verbose=QUIET)
    np.testing.assert_allclose(from_keras(model).predict(ROWS), expected, rtol=1e-5, atol=1e-5)


QUIET: Any = 0
L2 = keras.regularizers.L2(0.3)
M, Optimizers, Callbacks = keras.metrics, keras.optimizers, keras.callbacks


def small(units=1, activation="sigmoid", **more):
    return build(layers.Dense(4, "tanh", **more), layers.Dense(units, activation, **more))


def compiled(model, loss: Any = "binary_crossentropy", **more):
    model.compile(**({"optimizer": "adam", "loss": loss} | more))
    return model


class BinaryAccuracy(M.BinaryAccuracy):
    """Has the name of Keras's own."""

    def result(self):
        return 0 * super().result()


class L2OfOnesOwn(keras.regularizers.L2):
    """Has the name of Keras's own."""

    def __call__(self, x):
        return keras.ops.sum(x)


L2OfOnesOwn.__name__ = "L2"


def without_bias():
    optimizer = Optimizers.AdamW(weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


def half_frozen():
    model = small()
    model.layers[0].kernel.trainable = False
    return compiled(model)


def own_step():
    model = compiled(small())
    model.train_step = lambda data: {"loss": 0.0}
    return model


CATEGORICAL, SPARSE = "categorical_crossentropy", "sparse_categorical_crossentropy"
STOP, SLOWER = Callbacks.EarlyStopping, Callbacks.ReduceLROnPlateau
REFUSED_FITS: dict[str, tuple[Any, Any, dict[str, Any], str]] = {
    "accuracy as equality": (
        lambda: compiled(small(), metrics=[M.Accuracy()]),
        BINARY,
        {},
        "metric Accuracy",
    ),
    "accuracy of classes of one output": (
        lambda: compiled(small(), metrics=["categorical_accuracy"]),
        BINARY,
        {},
        "metric categorical_accuracy",
    ),
    "accuracy of every output": (
        lambda: compiled(small(3, "softmax"), CATEGORICAL, metrics=["binary_accuracy"]),
        HOT,
        {},
        "metric binary_accuracy, .*counts categorical_accuracy alone",
    ),
    "accuracy of one-hot rows": (
        lambda: compiled(small(3, "softmax"), SPARSE, metrics=["categorical_accuracy"]),
        LABELS,
        {},
        "counts sparse_categorical_accuracy alone",
    ),
    "a metric of one's own": (
        lambda: compiled(small(), metrics=[BinaryAccuracy()]),
        BINARY,
        {},
        "metric BinaryAcc",
    ),
    "a metric twice": (
        lambda: compiled(small(), metrics=["accuracy", "accuracy"]),
        BINARY,
        {},
        "two metrics called accuracy",
    ),
    "weights without decay": (
        lambda: compiled(small(), optimizer=without_bias()),
        BINARY,
        {},
        "excludes weights",
    ),
    "a kernel that is not trainable": (half_frozen, BINARY, {}, "some weights are trainable and others not"),
    "a penalty of one's own": (
        lambda: compiled(small(kernel_regularizer=L2OfOnesOwn(0.1))),
        BINARY,
        {},
        "kernel_reg",
    ),
    "a loss in half precision": (
        lambda: compiled(small(), keras.losses.BinaryCrossentropy(dtype="float16")),
        BINARY,
        {},
        "in float16",
    ),
    "a step of one's own": (own_step, BINARY, {}, "train_step"),
    "stopping by a loss with its penalty": (
        lambda: compiled(small(kernel_regularizer=L2)),
        BINARY,
        {"callbacks": lambda: STOP(patience=1), "validation_split": 0.5},
        "EarlyStopping watches val_loss, to which",
    ),
    "slowing by a loss with its penalty": (
        lambda: compiled(small(kernel_regularizer=L2)),
        BINARY,
        {"callbacks": SLOWER, "validation_split": 0.5},
        "ReduceLROnPlateau watches val_loss, to which",
    ),
    "stopping by what is not counted": (
        lambda: compiled(small()),
        BINARY,
        {"callbacks": lambda: STOP("accuracy")},
        "watches accuracy, which there",
    ),
    "stopping by another name": (
        lambda: compiled(small(), metrics=["acc"]),
        BINARY,
        {"callbacks": lambda: STOP("accuracy")},
        "there is loss, acc",
    ),
    "nothing to learn of": (
        lambda: compiled(small()),
        BINARY,
        {"validation_split": 0.999},
        "leaves none to learn",
    ),
}


@pytest.mark.parametrize("name", REFUSED_FITS)
def test_a_training_that_would_go_otherwise_is_refused(name):
    make, y, given, message = REFUSED_FITS[name]
    arguments: dict[str, Any] = {key: value() if callable(value) else value for key, value in given.items()}
    with pytest.raises(NetletError, match=message) as caught:
        fit(make(), ROWS, y, verbose=QUIET, **arguments)
    assert "\n" not in str(caught.value)


def both(make, arguments, calls=1):
    """The same model fitted by Keras and by netlet, as often as it is said."""
    model = make()
    other = keras.models.clone_model(model)
    other.set_weights(model.get_weights())
    fits = []
    for each, train in ((model, model.fit), (other, lambda *a, **k: fit(other, *a, **k))):
        compiled(each, optimizer=Optimizers.SGD(0.5), metrics=[M.BinaryAccuracy(name="hits")])
        found: Any = None
        for _ in range(calls):
            found = train(ROWS, BINARY, shuffle=False, batch_size=8, verbose=QUIET, **arguments())
        fits.append((found, each))
    return fits


@pytest.mark.parametrize("calls", [1, 2])
def test_a_learning_rate_that_has_fallen_stays_there(calls):
    validation = (ROWS, 1 - BINARY)
    (expected, model), (found, other) = both(
        small,
        lambda: {"epochs": 5, "validation_data": validation, "callbacks": SLOWER(patience=1, factor=0.5)},
        calls,
    )
    assert found.history.keys() == expected.history.keys()
    for name, values in expected.history.items():
        np.testing.assert_allclose(found.history[name], values, rtol=2e-4, atol=2e-4, err_msg=name)
    assert float(other.optimizer.learning_rate) == pytest.approx(float(model.optimizer.learning_rate))


def test_stopping_watches_a_metric_by_its_own_name():
    (expected, _), (found, _) = both(small, lambda: {"epochs": 20, "callbacks": STOP("hits", patience=2)})
    assert found.epoch == expected.epoch
    assert len(found.epoch) < 20
