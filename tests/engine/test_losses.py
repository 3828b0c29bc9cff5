"""Losses against Keras's from logits, hand-worked values, and logits so large that exp overflows."""

import keras
import numpy as np
import pytest

from netlet import _engine
from netlet.architecture import Architecture
from netlet.network import Network, make_engine

# From a half to far beyond what exp can take in float32 (88) and in double precision (709).
SCALES = (0.5, 20.0, 1000.0, 1e30)

KERAS_LOSSES = {
    "binary": keras.losses.BinaryCrossentropy(from_logits=True),
    "categorical": keras.losses.CategoricalCrossentropy(from_logits=True),
    "regression": keras.losses.MeanSquaredError(),
}


def network_of(task, outputs):
    """The identity, so that what goes in are the logits (with the head of its task)."""
    architecture = Architecture(f"dense({outputs}, use_bias=false)").resolve((outputs,), task, outputs)
    return Network(architecture, (outputs,), task, [np.eye(outputs, dtype=np.float32)])


def targets_of(task, random, outputs):
    if task == "binary":
        return (np.arange(20) % 2).astype(np.float32)
    if task == "categorical":
        return np.eye(outputs, dtype=np.float32)[np.arange(20) % outputs]
    return random.normal(size=(20, outputs)).astype(np.float32)


@pytest.mark.parametrize("scale", SCALES[:3])
@pytest.mark.parametrize(("task", "outputs"), [("binary", 1), ("categorical", 4), ("regression", 3)])
def test_losses_are_keras_s_from_logits(task, outputs, scale, float64):
    random = np.random.default_rng(3)
    logits = random.normal(size=(20, outputs), scale=scale).astype(np.float32)
    y = targets_of(task, random, outputs)
    expected = float(KERAS_LOSSES[task](y.reshape(20, -1).astype(np.float64), logits.astype(np.float64)))
    network = network_of(task, outputs)
    assert network.loss(logits, y) == pytest.approx(expected, rel=1e-6)
    assert network.gradients(logits, y)[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("scale", SCALES[:3])
@pytest.mark.parametrize(
    ("name", "keras_s"), [("mae", keras.losses.MeanAbsoluteError()), ("huber", keras.losses.Huber())]
)
def test_losses_of_regression_are_keras_s(name, keras_s, scale, float64):
    random = np.random.default_rng(5)
    answers = random.normal(size=(20, 3), scale=scale).astype(np.float32)
    y = targets_of("regression", random, 3)
    network = network_of("regression", 3)
    engine = make_engine(network.architecture, (3,), "regression")
    given = engine, getattr(_engine.Loss, name), np.eye(3, dtype=np.float32).ravel(), answers, y
    expected = float(keras_s(y.astype(np.float64), answers.astype(np.float64)))
    assert _engine.evaluate(*given)[0] == pytest.approx(expected, rel=1e-6)
    error = answers.astype(np.float64) - y
    slope = np.sign(error) if name == "mae" else np.clip(error, -1, 1)
    np.testing.assert_allclose(_engine.gradients(*given)[2], slope / 60, atol=1e-8)


def test_an_error_of_nothing_has_no_slope_and_huber_bends_at_one():
    engine = _engine.Network((1, 1, 1), [{"kind": "dense", "units": 1, "bias": False}])
    one, zero = np.ones(1, np.float32), np.zeros((4, 1), np.float32)
    errors = np.array([[0], [0.5], [1], [-3]], np.float32)
    found = {
        name: (
            _engine.evaluate(engine, _engine.Loss[name], one, errors, zero)[0] * 4,
            (_engine.gradients(engine, _engine.Loss[name], one, errors, zero)[2] * 4).ravel().tolist(),
        )
        for name in ("mse", "mae", "huber")
    }
    assert found == {
        "mse": (0.25 + 1 + 9, [0, 1, 2, -6]),
        "mae": (4.5, [0, 1, 1, -1]),
        "huber": (0.125 + 0.5 + 2.5, [0, 0.5, 1, -1]),
    }


@pytest.mark.parametrize("scale", SCALES)
def test_the_gradient_of_a_cross_entropy_is_the_error_of_the_prediction(scale):
    random = np.random.default_rng(4)
    for task, outputs in [("binary", 1), ("categorical", 4)]:
        logits = random.normal(size=(20, outputs), scale=scale).astype(np.float32)
        y = targets_of(task, random, outputs)
        network = network_of(task, outputs)
        error = network.predict(logits).reshape(20, -1) - y.reshape(20, -1)
        assert np.isfinite(error).all()
        np.testing.assert_allclose(network.gradients(logits, y)[2], error / 20, atol=1e-8)


@pytest.mark.parametrize("logit", [50.0, 1000.0, 1e30])
def test_a_sure_and_wrong_answer_costs_its_logit_and_a_right_one_nothing(logit):
    binary = network_of("binary", 1)
    assert binary.loss([[logit]], [0.0]) == pytest.approx(logit, rel=1e-6)
    assert binary.loss([[-logit]], [1.0]) == pytest.approx(logit, rel=1e-6)
    assert binary.loss([[logit], [-logit]], [1.0, 0.0]) == pytest.approx(0, abs=1e-20)
    assert binary.predict([[logit], [-logit]]) == pytest.approx([1, 0], abs=1e-20)
    categorical = network_of("categorical", 3)
    row = [[logit, 0.0, -logit]]
    assert categorical.loss(row, [[0, 1, 0]]) == pytest.approx(logit, rel=1e-6)
    assert categorical.loss(row, [[0, 0, 1]]) == pytest.approx(2 * logit, rel=1e-6)
    assert categorical.loss(row, [[1, 0, 0]]) == pytest.approx(0, abs=1e-20)
    assert categorical.predict(row)[0] == pytest.approx([1, 0, 0], abs=1e-20)


def test_losses_of_hand_worked_answers():
    assert network_of("binary", 1).loss([[0.0], [0.0]], [0, 1]) == pytest.approx(np.log(2))
    assert network_of("categorical", 4).loss(np.zeros((2, 4)), np.eye(4)[:2]) == pytest.approx(np.log(4))
    assert network_of("regression", 2).loss([[1.0, 2.0]], [[4.0, 0.0]]) == pytest.approx((9 + 4) / 2)


def accuracy(task, outputs, logits, y):
    """As the engine counts it while it trains."""
    network = network_of(task, outputs)
    engine = make_engine(network.architecture, network.input_shape, task)
    rows = np.array(logits, np.float32), np.array(y, np.float32).reshape(len(logits), -1)
    kind = getattr(_engine.Loss, f"{task}_crossentropy")
    return _engine.evaluate(engine, kind, np.eye(outputs, dtype=np.float32).ravel(), *rows)[1]


def test_a_probability_of_exactly_a_half_is_class_0():
    assert accuracy("binary", 1, [[0.0], [0.0], [1e-30], [-1e-30]], [0, 0, 1, 0]) == 1
    assert accuracy("binary", 1, [[0.0], [0.0], [1e-30], [-1e-30]], [1, 1, 1, 0]) == 0.5


def test_of_equally_probable_classes_the_first_is_the_guess():
    logits = [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 2.0, 2.0], [0.0, 0.0, 3.0]]
    assert accuracy("categorical", 3, logits, np.eye(3)[[0, 1, 1, 2]]) == 0.75


@pytest.mark.parametrize(("task", "outputs"), [("binary", 1), ("categorical", 3), ("regression", 2)])
def test_a_logit_that_is_no_number_makes_the_loss_none(task, outputs):
    logits = np.zeros((20, outputs))
    logits[13, -1] = np.nan
    y = targets_of(task, np.random.default_rng(0), outputs)
    network = network_of(task, outputs)
    assert np.isnan(network.loss(logits, y))
    assert np.isnan(network.gradients(logits, y)[0])
    assert np.isnan(network.predict(logits)[13]).all() or task == "regression"
    assert np.isfinite(network.predict(logits)[:13]).all()
