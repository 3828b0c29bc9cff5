import pytest

from netlet import Architecture
from netlet.lab import notebook

DIGITS, SHAPES = (28, 28, 1), (64, 64, 1)


@pytest.mark.parametrize(
    ("text", "shape", "parameters"),
    [
        (notebook.FIRST_NETWORK, DIGITS, 1209),
        (notebook.CELL_NETWORK, DIGITS, 185),
        (notebook.TRIMMED_NETWORK, DIGITS, 109),
        (notebook.CRT_NETWORK, SHAPES, 1671),
        (notebook.R3_NETWORK, SHAPES, 1237),
    ],
)
def test_the_notebooks_networks_have_the_parameters_it_printed(text, shape, parameters):
    assert Architecture(text).parameters(shape) == parameters
