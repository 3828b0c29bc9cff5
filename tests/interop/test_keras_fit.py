"""`fit` against Keras's own: the same weights and histories, and refusals of what would differ."""

import warnings
from typing import Any

import keras
import numpy as np
import pytest

from netlet.errors import ArchitectureError, DataError, NetletError, TrainingError
from netlet.interop.keras import fit

layers: Any = keras.layers
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RANDOM = np.random.default_rng(0)
N = 48
X = RANDOM.normal(size=(N, 6, 5, 2)).astype(np.float32)
S = RANDOM.normal(size=(N, 7, 2)).astype(np.float32)
T = RANDOM.normal(size=(N, 5)).astype(np.float32)
LABELS = RANDOM.integers(0, 3, size=N)
HOT = np.eye(3, dtype=np.float32)[LABELS]
BINARY = (X.mean(axis=(1, 2, 3)) > 0).astype(np.float32)


QUIET: Any = 0


def model_of(*parts, shape=(6, 5, 2)):
    return keras.Sequential([keras.Input(shape), *parts])


def convolution(units, activation):
    return model_of(
        layers.Conv2D(3, 3, activation="tanh"), layers.Flatten(), layers.Dense(4, activation="tanh"),
        layers.Dense(units, activation=activation),
    )  # fmt: skip


def twin(model):
    again = keras.models.clone_model(model)
    again.set_weights(model.get_weights())
    return again


def alike(make, x, y, compiled, tolerance=2e-4, **changes):
    """Train the same model with Keras and with netlet; both histories and weights must be the same."""
    model = make()
    other = twin(model)
    model.compile(**compiled())
    other.compile(**compiled())
    arguments: dict = {"batch_size": 10, "epochs": 3, "shuffle": False, "verbose": 0} | changes
    expected = model.fit(x, y, **_fresh(arguments))
    found = fit(other, x, y, **_fresh(arguments))
    assert found.history.keys() == expected.history.keys()
    assert found.epoch == expected.epoch
    for name, values in expected.history.items():
        np.testing.assert_allclose(found.history[name], values, rtol=tolerance, atol=tolerance, err_msg=name)
    for own, theirs in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(own, theirs, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(found.network.weights[0], other.get_weights()[-len(found.network.weights)])
    return found


def _fresh(arguments: dict) -> dict:
    """Callbacks are made anew for each."""
    made = arguments.get("callbacks")
    return arguments | ({"callbacks": made()} if callable(made) else {})


def binary(optimizer: Any = "adam", **more):
    return lambda: {
        "optimizer": optimizer() if callable(optimizer) else optimizer,
        "loss": "binary_crossentropy", "metrics": ["accuracy"],
    } | more  # fmt: skip


OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.1),
    "nesterov": lambda: keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.01, rho=0.8, momentum=0.3, epsilon=1e-5),
    "adam": lambda: keras.optimizers.Adam(0.01, beta_1=0.8, beta_2=0.99, epsilon=1e-6, clipnorm=0.05),
    "nadam": lambda: keras.optimizers.Nadam(0.01, global_clipnorm=0.1),
    "adamw": lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1, beta_1=0.8),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_with_its_settings_does_what_keras_s_does(name):
    alike(
        lambda: convolution(1, "sigmoid"), X, BINARY,
        lambda: {"optimizer": OPTIMIZERS[name](), "loss": "binary_crossentropy", "metrics": ["accuracy"]},
        validation_data=(X[:9], BINARY[:9]),
    )  # fmt: skip


LOSSES = {
    "logits": (
        lambda: convolution(1, None), BINARY[:, None], keras.losses.BinaryCrossentropy(from_logits=True),
    ),
    "one-hot": (lambda: convolution(3, "softmax"), HOT, "categorical_crossentropy"),
    "sparse": (lambda: convolution(3, "softmax"), LABELS, "sparse_categorical_crossentropy"),
    "sparse logits": (
        lambda: convolution(3, None), LABELS[:, None],
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    ),
    "mse": (lambda: convolution(3, "tanh"), HOT, "mse"),
    "mse of one": (lambda: convolution(1, None), T[:, 0], keras.losses.MeanSquaredError()),
    "mae": (lambda: convolution(3, "tanh"), HOT, "mae"),
    "huber": (lambda: convolution(1, None), 3 * T[:, 0], keras.losses.Huber()),
    "mse of a probability": (lambda: convolution(1, "sigmoid"), BINARY, keras.losses.mean_squared_error),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_keras_s(name):
    make, y, loss = LOSSES[name]
    alike(make, X, y, lambda: {"optimizer": keras.optimizers.Adam(0.01), "loss": loss}, validation_split=0.2)


def test_sequences_with_a_target_at_every_step():
    def make():
        return model_of(
            layers.GRU(3, return_sequences=True), layers.TimeDistributed(layers.Dense(1)), shape=(None, 2)
        )

    y = np.cumsum(S[..., :1], axis=1)
    alike(make, S, y, lambda: {"optimizer": keras.optimizers.Adam(0.01), "loss": "mse"})


def test_rows_of_a_table_behind_normalization():
    normal = layers.Normalization()
    normal.adapt(T)

    def make():
        again = layers.Normalization()
        again.build(T.shape)
        again.set_weights(normal.get_weights())
        again.finalize_state()
        return model_of(again, layers.Dense(4, "relu"), layers.Dense(3, "softmax"), shape=(5,))

    alike(make, T, HOT, lambda: {"optimizer": "adam", "loss": "categorical_crossentropy", "metrics": ["acc"]})


def test_pixels_of_0_to_255_are_taken_as_keras_takes_them():
    pixels = np.random.default_rng(1).integers(0, 256, size=(N, 6, 5, 1), dtype=np.uint8)
    for first in ([], [layers.Rescaling(1 / 255)]):

        def make(first=first):
            last = layers.Dense(1, "sigmoid", kernel_initializer="zeros")
            middle = (layers.Conv2D(2, 3, activation="relu"), layers.Flatten())
            return model_of(*first, *middle, last, shape=(6, 5, 1))

        for x in (pixels, pixels[..., 0]):
            alike(make, x, BINARY, binary(lambda: keras.optimizers.SGD(1e-6), metrics=None), epochs=1)


def test_class_weights_and_sample_weights_are_keras_s():
    alike(
        lambda: convolution(3, "softmax"), X, LABELS,
        lambda: {"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]},
        class_weight={0: 5.0, 2: 0.5}, validation_data=(X, LABELS),
    )  # fmt: skip
    alike(lambda: convolution(1, "sigmoid"), X, BINARY, binary(), class_weight={0: 3.0, 1: 0.2})
    weights = np.random.default_rng(0).uniform(0, 3, size=N)
    alike(lambda: convolution(1, "sigmoid"), X, BINARY, binary(), sample_weight=weights)


def test_layers_that_are_not_trainable_keep_their_weights():
    def make():
        model = convolution(1, "sigmoid")
        model.layers[0].trainable = False
        return model

    alike(make, X, BINARY, binary())


STOPPINGS = {
    "best weights": {"patience": 3, "restore_best_weights": True},
    "last weights": {"patience": 2},
    "at once": {},
    "by the training loss": {"monitor": "loss", "patience": 1, "min_delta": 0.01},
    "by accuracy": {"monitor": "val_accuracy", "patience": 2, "start_from_epoch": 2},
    "with a baseline": {"patience": 4, "baseline": 0.1},
}


@pytest.mark.parametrize("name", STOPPINGS)
def test_early_stopping_stops_where_keras_s_does(name):
    random = np.random.default_rng(3)
    y = random.integers(0, 2, size=N).astype(np.float32)  # which nothing can be learned of
    found = alike(
        lambda: convolution(1, "sigmoid"), X, y, binary(lambda: keras.optimizers.Adam(0.02)),
        epochs=30, validation_data=(X[::-1], y),
        callbacks=lambda: [keras.callbacks.EarlyStopping(**STOPPINGS[name])],
    )  # fmt: skip
    assert len(found.epoch) < 30


PLATEAUS = {
    "often": {"patience": 1, "factor": 0.3},
    "after a while": {"patience": 3, "factor": 0.5},
}


@pytest.mark.parametrize("name", PLATEAUS)
def test_the_learning_rate_falls_where_keras_s_does(name):
    random = np.random.default_rng(4)
    y = random.integers(0, 2, size=N).astype(np.float32)
    found = alike(
        lambda: convolution(1, "sigmoid"), X, y, binary(lambda: keras.optimizers.Adam(0.02)),
        epochs=15, validation_data=(X[::-1], y),
        callbacks=lambda: [
            keras.callbacks.ReduceLROnPlateau(**PLATEAUS[name]), keras.callbacks.EarlyStopping(patience=12),
        ],
    )  # fmt: skip
    assert len(set(found.history["learning_rate"])) > 1


@pytest.mark.parametrize(
    "given", [{"monitor": "loss"}, {"cooldown": 2}, {"min_delta": 0.1}, {"min_lr": 0.001}]
)
def test_a_plateau_that_netlet_would_see_otherwise_is_refused(given):
    model = convolution(1, "sigmoid")
    model.compile("adam", "binary_crossentropy")
    with pytest.raises(TrainingError, match="ReduceLROnPlateau"):
        fit(
            model, X, BINARY, verbose=QUIET, validation_data=(X, BINARY),
            callbacks=keras.callbacks.ReduceLROnPlateau(**given),
        )  # fmt: skip


def test_a_shared_l2_penalty_is_keras_s_and_its_absence_from_the_losses_is_said():
    def make():
        return model_of(
            layers.Conv2D(2, 3, kernel_regularizer=keras.regularizers.L2(0.05)), layers.Flatten(),
            layers.Dense(1, "sigmoid", kernel_regularizer=keras.regularizers.L2(0.05)),
        )  # fmt: skip

    model = make()
    other = twin(model)
    for each in (model, other):
        each.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    model.fit(X, BINARY, batch_size=10, epochs=3, shuffle=False, verbose=QUIET)
    with pytest.warns(UserWarning, match="the losses of the history are without the L2 penalty"):
        fit(other, X, BINARY, batch_size=10, epochs=3, shuffle=False, verbose=QUIET)
    for own, theirs in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(own, theirs, rtol=1e-4, atol=1e-4)


def test_the_order_of_samples_is_drawn_from_the_seed():
    def trained(seed):
        keras.utils.set_random_seed(0)
        model = convolution(1, "sigmoid")
        model.compile("adam", "binary_crossentropy")
        return fit(model, X, BINARY, epochs=2, verbose=0, seed=seed).history["loss"]

    assert trained(1) == trained(1)
    assert trained(1) != trained(2)


def test_an_optimizer_that_has_trained_is_refused_until_the_model_is_compiled_again():
    model = convolution(1, "sigmoid")
    model.compile("adam", "binary_crossentropy")
    fit(model, X, BINARY, verbose=QUIET)
    with pytest.raises(TrainingError, match="its optimizer has trained before"):
        fit(model, X, BINARY, verbose=QUIET)
    model.compile("adam", "binary_crossentropy")
    fit(model, X, BINARY, verbose=QUIET)
    model.compile("adam", "binary_crossentropy")
    model.fit(X, BINARY, verbose=QUIET)
    with pytest.raises(TrainingError, match="its optimizer has trained before"):
        fit(model, X, BINARY, verbose=QUIET)
    model.compile("sgd", "binary_crossentropy")
    for _ in range(2):
        fit(model, X, BINARY, verbose=QUIET)


def own_loss(y, p):
    return keras.ops.mean(keras.ops.square(y - p))


class OwnAdam(keras.optimizers.Adam):
    pass


L, M, Optimizers = keras.losses, keras.metrics, keras.optimizers
REFUSED_COMPILED = {
    "weight decay": ({"optimizer": Optimizers.Adam(weight_decay=0.1)}, r"optimizer has weight_decay=0.1"),
    "amsgrad": ({"optimizer": Optimizers.Adam(amsgrad=True)}, "amsgrad=True"),
    "averages": ({"optimizer": Optimizers.Adam(use_ema=True)}, "use_ema=True"),
    "clip by value": ({"optimizer": Optimizers.SGD(clipvalue=0.5)}, "clipvalue=0.5"),
    "centred": ({"optimizer": Optimizers.RMSprop(centered=True)}, "centered=True"),
    "optimizer": ({"optimizer": "adagrad"}, "optimizer is Adagrad, but netlet has SGD, RMSprop, Adam"),
    "own optimizer": ({"optimizer": OwnAdam()}, "optimizer is OwnAdam"),
    "schedule": (
        {"optimizer": Optimizers.SGD(Optimizers.schedules.CosineDecay(0.1, 9))},
        "learning rate follows CosineDecay",
    ),
    "loss": ({"loss": "hinge"}, "its loss is hinge, but netlet has binary_crossentropy"),
    "own loss": ({"loss": own_loss}, "its loss own_loss is a function of one's own"),
    "smoothing": ({"loss": L.BinaryCrossentropy(label_smoothing=0.1)}, "label_smoothing=0.1"),
    "bend": ({"loss": L.Huber(delta=2.0)}, "delta=2.0, but netlet's Huber loss bends at 1"),
    "sum": ({"loss": L.BinaryCrossentropy(reduction="sum")}, "reduction='sum'"),
    "logits": ({"loss": L.BinaryCrossentropy(from_logits=True)}, "from_logits=True, but its last "
    "activation is"),
    "metric": ({"metrics": ["AUC"]}, "compiled with the metric AUC"),
    "threshold": ({"metrics": [M.BinaryAccuracy(threshold=0.3)]}, "compiled with the metric BinaryAccuracy"),
    "weighted metrics": ({"weighted_metrics": ["accuracy"]}, "compiled with weighted_metrics"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED_COMPILED)
def test_what_a_model_was_compiled_with_is_refused_where_netlet_would_do_otherwise(name):
    given, message = REFUSED_COMPILED[name]
    model = convolution(1, "sigmoid")
    model.compile(**({"optimizer": "adam", "loss": "binary_crossentropy"} | given))
    with pytest.raises(TrainingError, match=message) as caught:
        fit(model, X, BINARY, verbose=QUIET)
    assert "\n" not in str(caught.value)


R = keras.regularizers
REFUSED_MODELS = {
    "one penalty": (
        [layers.Flatten(), layers.Dense(2, kernel_regularizer="l2"), layers.Dense(1, "sigmoid")],
        "different L2",
    ),
    "l1": ([layers.Flatten(), layers.Dense(1, "sigmoid", kernel_regularizer="l1")], "has a "
    "kernel_regularizer"),
    "bias": ([layers.Flatten(), layers.Dense(1, "sigmoid", bias_regularizer="l2")], "has a bias_regularizer"),
    "activity": ([layers.Flatten(), layers.Dense(1, "sigmoid", activity_regularizer="l2")], "activity_regul"),
    "constraint": (
        [layers.Flatten(), layers.Dense(1, "sigmoid", kernel_constraint="max_norm")], "kernel_constraint",
    ),
    "linear end": (
        [layers.Flatten(), layers.Dense(1)], "is for probabilities, but its last "
    "activation is linear",
    ),
    "scaled answer": (
        [layers.Flatten(), layers.Dense(1), layers.Rescaling(2.0)],
        "'rescaling.*' .* scales behind the first",
    ),
    "several probabilities": ([layers.Flatten(), layers.Dense(3, "sigmoid")], "two classes, which take one"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED_MODELS)
def test_models_that_netlet_would_train_otherwise_are_refused(name):
    parts, message = REFUSED_MODELS[name]
    model = model_of(*parts)
    model.compile("adam", "binary_crossentropy")
    with pytest.raises(TrainingError, match=message):
        fit(model, X, BINARY, verbose=QUIET)


def test_dropout_within_a_recurrence_is_refused():
    model = model_of(layers.GRU(2, dropout=0.2), layers.Dense(1, "sigmoid"), shape=(7, 2))
    model.compile("adam", "binary_crossentropy")
    with pytest.raises(TrainingError, match=r"has dropout=0.2 within its recurrence"):
        fit(model, S, BINARY, verbose=QUIET)


def test_a_model_that_is_not_compiled_or_that_netlet_has_not_is_refused():
    with pytest.raises(TrainingError, match="is not compiled"):
        fit(convolution(1, "sigmoid"), X, BINARY)
    model = model_of(layers.UpSampling2D(), layers.Flatten(), layers.Dense(1, "sigmoid"))
    model.compile("adam", "binary_crossentropy")
    with pytest.raises(ArchitectureError, match="UpSampling2D"):
        fit(model, X, BINARY)


Stop = keras.callbacks.EarlyStopping
REFUSED_ARGUMENTS = {
    "callback": ({"callbacks": [keras.callbacks.TerminateOnNaN()]}, "callback TerminateOnNaN "
    "is not called"),
    "two callbacks": ({"callbacks": [Stop("loss"), Stop("loss")]}, "2 EarlyStopping callbacks"),
    "nothing to watch": ({"callbacks": Stop()}, "watches val_loss, which there is not"),
    "best of training": ({"callbacks": Stop("loss", restore_best_weights=True)}, "must watch val_loss"),
    "steps": ({"steps_per_epoch": 3}, "steps_per_epoch is 3: leave it out"),
    "order": ({"shuffle": "batch"}, "shuffle is 'batch'"),
    "weighted split": ({"validation_split": 0.2, "sample_weight": np.ones(N)}, "weight the "
    "validation loss too"),
    "weighted validation": ({"validation_data": (X, BINARY, np.ones(N))}, "validation_data has "
    "sample weights"),
    "both weights": ({"class_weight": {0: 1.0}, "sample_weight": np.ones(N)}, "both given"),
    "weights": ({"sample_weight": np.ones(3)}, r"sample_weight has shape \(3,\)"),
    "split": ({"validation_split": 1.5}, "validation_split is 1.5"),
    "validation": ({"validation_data": 3}, r"must be a pair \(x, y\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED_ARGUMENTS)
def test_arguments_that_would_mean_something_else_are_refused(name):
    given, message = REFUSED_ARGUMENTS[name]
    model = convolution(1, "sigmoid")
    model.compile("adam", "binary_crossentropy")
    before = model.get_weights()
    with pytest.raises(NetletError, match=message):
        fit(model, X, BINARY, **({"verbose": 0} | given))
    for own, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(own, expected)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X[:, :5], BINARY, r"x has shape \(48, 5, 5, 2\), but the model takes \(n, 6, 5, 2\)"),
        (X, BINARY[:9], "x and y have 48 and 9 samples"),
        (X, np.ones((N, 2)), r"y has shape \(48, 2\), but the model answers \(n, 1\)"),
        (X, BINARY / 2, "y must be 0 or 1"),
        (np.where(X > 2, np.nan, X), BINARY, "contains nan: every value must be finite"),
        (iter([X]), BINARY, "not something that brings batches"),
        ("text", BINARY, "cannot be read as an array of numbers"),
    ],
)
def test_data_that_does_not_fit_is_refused(x, y, message):
    model = convolution(1, "sigmoid")
    model.compile("adam", "binary_crossentropy")
    with pytest.raises(DataError, match=message):
        fit(model, x, y, verbose=QUIET)


def test_a_training_that_diverges_says_so():
    model = model_of(layers.Flatten(), layers.Dense(1))
    model.compile(Optimizers.SGD(1e30), "mse")
    with warnings.catch_warnings(), pytest.warns(UserWarning, match="the training diverged in epoch 1"):
        fit(model, X, BINARY, epochs=3, verbose=QUIET)
