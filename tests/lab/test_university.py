"""The university's exercise, as its document has it."""

import pytest

from netlet import Architecture
from netlet.lab import read

DIGITS, SHAPES, STEPS = (28, 28, 1), (64, 64, 1), (100, 1)


@pytest.fixture(scope="module")
def exercise():
    return read()


@pytest.mark.parametrize(
    ("key", "shape", "parameters"),
    [
        ("described", DIGITS, 1209),
        ("cell", DIGITS, 185),
        ("trimmed", DIGITS, 109),
        ("crt", SHAPES, 1671),
        ("r3", SHAPES, 1237),
        ("rnn5", STEPS, 41),
        ("reversed", STEPS, 2128),
    ],
)
def test_the_notebooks_networks_have_the_parameters_it_printed(exercise, key, shape, parameters):
    assert Architecture(exercise.networks[key].architecture).parameters(shape) == parameters


def test_the_notebooks_figures_are_all_there(exercise):
    printed = {key: each.printed for key, each in exercise.networks.items() if each.printed is not None}
    assert printed["described"].metrics["validation"] == {
        "accuracy": 0.9946,
        "sensitivity": 0.9906,
        "specificity": 0.9989,
    }
    assert printed["cell"].metrics["training"]["accuracy"] == 0.9970
    assert printed["r3"].metrics["validation"] == {"accuracy": 0.696, "loss": 1.867}
    assert list(printed["r3"].other.values()) == [0.78]
    errors = {key: printed[key].metrics["validation"]["normalised_error"] for key in ("rnn5", "gru", "lstm")}
    assert errors == {"rnn5": 0.26866, "gru": 0.03874, "lstm": 0.08070}
    assert printed["reversed"].metrics["training"]["normalised_error"] == 0.08294
    assert list(printed["reversed"].other.values()) == [0.08056]
    assert {key for key, each in printed.items() if each.is_rough} == {"trimmed", "crt"}


def test_the_images_and_sequences_that_the_notebook_looks_at_are_known(exercise):
    assert exercise.examples("mnist56") == [1, 3, 2, 5]
    assert exercise.examples("r3") == [8]
    assert exercise.examples("pulses") == exercise.examples("pulses-reversed") == [3]
    assert exercise.examples("nothing") == []
