"""Numbers too small for a normal float are zero within the engine, and what they were outside it."""

import numpy as np
import pytest

from netlet import _engine
from netlet.training import Training
from netlet.training.for_engine import for_engine

SMALL = np.float32(1e-40)
NETWORK = _engine.Network((1, 1, 1), [{"kind": "dense", "units": 1, "bias": False}])
LOSS = _engine.Loss.mse


def rows(*values):
    return np.array(values, np.float32)[:, np.newaxis]


def flat(*values):
    return np.array(values, np.float32)


def stepped():
    training = for_engine(Training(1, 1, "sgd"), "regression")
    session = _engine.Session(NETWORK, training, 0, flat(SMALL))
    session.step(rows(SMALL), rows(0), 1e-6)
    return session


CALLS = {
    "predict": lambda: _engine.predict(NETWORK, LOSS, flat(1), rows(SMALL))[0, 0],
    "outputs": lambda: _engine.outputs(NETWORK, flat(1), rows(SMALL))[0][0][0, 0],
    "gradients": lambda: _engine.gradients(NETWORK, LOSS, flat(1), rows(SMALL), rows(1))[1][0],
    "input_gradients": lambda: _engine.input_gradients(NETWORK, flat(SMALL), rows(1), rows(1))[0, 0],
    "evaluate": lambda: _engine.evaluate(NETWORK, LOSS, flat(1e30), rows(SMALL), rows(0))[0],
    "step": lambda: stepped().weights[0],
    "train": lambda: _engine.train(
        NETWORK,
        for_engine(Training(1, 1, "sgd", 1e-6), "regression"),
        *(rows(SMALL), rows(0), rows(SMALL), rows(0)),
        [0],
        1,
        print,
        weights=flat(SMALL)[np.newaxis],
    )[0][0]["weights"][0],
}


@pytest.mark.parametrize("call", CALLS)
def test_they_are_zero_within_and_themselves_outside(call):
    assert CALLS[call]() == 0
    assert SMALL * np.float32(1) == SMALL != 0
    assert np.add(flat(SMALL), flat(SMALL))[0] == 2 * SMALL


def test_what_is_not_finite_stays_so():
    answers = _engine.predict(NETWORK, LOSS, flat(1), rows(np.nan, np.inf, -np.inf, 3e38))
    assert np.isnan(answers[0, 0])
    assert answers[1:, 0].tolist() == [np.inf, -np.inf, np.float32(3e38)]
