"""Architecture as an object, and the sizes of the networks the exercise names."""

import pickle

import pytest

from netlet.architecture import Architecture, Conv, Dense, Flatten, Layer
from netlet.errors import ArchitectureError

TEXT = "conv(4, 3x3) - flatten - dense(1)"


@pytest.mark.parametrize(
    ("text", "shape", "parameters"),
    [
        (
            "conv(4, 3x3) - maxpool(2) - conv(4, 3x3) - maxpool(2) - flatten - dense(10) - dense(1)",
            (28, 28, 1),
            1209,
        ),
        (
            "conv(3, 3) - maxpool(3) - conv(3, 3) - maxpool(3) - flatten - dense(5) - dense(1)",
            (28, 28, 1),
            185,
        ),
        ("conv(2, 3) - maxpool(2) - conv(2, 3) - maxpool(2) - flatten - dense(1)", (28, 28, 1), 109),
        (
            "conv(4, 3) - maxpool(3) - conv(4, 3) - maxpool(3) - flatten - dense(10) - dense(3)",
            (64, 64, 1),
            1671,
        ),
        (
            "conv(3, 3) - maxpool(3) - conv(3, 3) - maxpool(3) - flatten - dense(10) - dense(3)",
            (64, 64, 1),
            1237,
        ),
        ("SimpleRNN(5) - Dense(1)", (None, 1), 41),
        ("gru(6) - dense(1)", (None, 1), 169),
        ("lstm(6) - dense(1)", (50, 1), 199),
        ("gru(25, activation=relu) - TimeDistributed(Dense(1)) - TimeDistributed(Dense(1))", (50, 1), 2128),
    ],
)
def test_the_networks_of_the_exercise_have_their_sizes(text, shape, parameters):
    assert Architecture(text).parameters(shape) == parameters


def test_text_and_layers_make_the_same_architecture():
    layers = [Conv(4), Flatten(), Dense(1)]
    assert Architecture(TEXT) == Architecture(layers) == Architecture(Architecture(layers))
    assert len({Architecture(TEXT), Architecture(layers)}) == 1
    assert Architecture(TEXT).layers == tuple(layers)
    assert Architecture(TEXT) != Architecture("conv(4) - flatten - dense(2)")


def test_its_representation_makes_it_again():
    assert repr(Architecture(TEXT)) == f'Architecture("{TEXT}")'


def test_it_survives_pickling():
    architecture = Architecture(TEXT)
    assert pickle.loads(pickle.dumps(architecture)) == architecture


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "the architecture is empty"),
        (5, "made of a text or of layers, not of int"),
        (None, "not of NoneType"),
        ([Conv(4), "flatten"], "layer 2 is a str, but must be one of Conv, DepthwiseConv"),
        ([Layer()], "layer 1 is a Layer, but must be one of Conv"),
    ],
)
def test_what_is_no_architecture_is_refused(layers, message):
    with pytest.raises(ArchitectureError, match=message):
        Architecture(layers)


def test_weight_shapes_come_in_order_and_by_layer():
    architecture = Architecture("conv(2) - flatten - dense(3)")
    assert architecture.weight_shapes((4, 4, 1)) == [(3, 3, 1, 2), (2,), (8, 3), (3,)]
    assert architecture.layer_weight_shapes((4, 4, 1)) == [[(3, 3, 1, 2), (2,)], [], [(8, 3), (3,)]]


def test_parameters_of_absurd_sizes_are_exact():
    huge = Architecture("dense(1000000000) - dense(1000000000)")
    assert huge.parameters((1,)) == 2 * 10**9 + 10**18 + 10**9


def test_more_than_a_hundred_layers_have_no_shapes():
    with pytest.raises(ArchitectureError, match="101 layers, but 100 is the limit"):
        Architecture([Flatten()] * 101).summary((3,))
