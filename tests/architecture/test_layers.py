"""Layers by themselves: what they accept, the shapes they give and take."""

import dataclasses

import pytest

from netlet.architecture import (
    GRU,
    LSTM,
    RNN,
    Activation,
    AvgPool,
    Conv,
    Dense,
    DepthwiseConv,
    Dropout,
    Flatten,
    GlobalMaxPool,
    MaxPool,
    layer_name,
)
from netlet.errors import ArchitectureError


def test_a_layer_keeps_its_arguments_in_one_form():
    assert Conv(4, 3, strides=2) == Conv(4, (3, 3), (2, 2))  # type: ignore[arg-type]
    assert Dense(3, "ReLU") == Dense(3, "relu")


def test_pool_strides_equal_to_the_pool_are_the_default():
    assert MaxPool((2, 3), strides=(2, 3)) == MaxPool((2, 3))
    assert MaxPool((2, 3), strides=(3, 2)) != MaxPool((2, 3))


def test_layers_can_not_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Dense(3).units = 4  # type: ignore[misc]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Conv(0), "conv: filters is 0, but must be a whole number from 1"),
        (lambda: Dense(3, activation="rleu"), "dense: activation is 'rleu'.*did you mean 'relu'"),
        (lambda: Dropout(1.0), "dropout: rate is 1.0, but must be a number of at least 0 and below 1"),
        (lambda: MaxPool((2, 0)), r"maxpool: pool_size is \(2, 0\)"),
        (lambda: GRU(3, recurrent_activation=None), "gru: recurrent_activation is None"),  # type: ignore[arg-type]
        (lambda: Activation(None), "activation: function is None"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_argument_is_refused_by_the_name_of_its_layer(make, message):
    with pytest.raises(ArchitectureError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "output"),
    [
        (Conv(4), (28, 28, 1), (26, 26, 4)),
        (Conv(4, (3, 5), (2, 3)), (28, 28, 1), (13, 8, 4)),
        (Conv(4, (3, 5), (2, 3), "same"), (28, 28, 1), (14, 10, 4)),
        (Conv(4, (9, 9), padding="same"), (4, 4, 1), (4, 4, 4)),
        (DepthwiseConv(depth_multiplier=3), (5, 5, 2), (3, 3, 6)),
        (MaxPool((3, 3)), (26, 26, 3), (8, 8, 3)),
        (AvgPool((3, 3), (2, 2)), (26, 26, 3), (12, 12, 3)),
        (MaxPool((3, 3), padding="same"), (26, 26, 3), (9, 9, 3)),
        (GlobalMaxPool(), (26, 26, 3), (3,)),
        (Flatten(), (2, 2, 3), (12,)),
        (Flatten(), (50, 2), (100,)),
        (Dense(5), (12,), (5,)),
        (Dense(5), (None, 2), (None, 5)),
        (RNN(5, return_sequences=True), (None, 1), (None, 5)),
        (LSTM(5), (50, 1), (5,)),
        (Dropout(0.5), (50, 1), (50, 1)),
    ],
)
def test_output_shapes_worked_out_by_hand(layer, shape, output):
    assert layer.output_shape(shape) == output


@pytest.mark.parametrize(
    ("layer", "shape", "weights"),
    [
        (Conv(4, (3, 5)), (28, 28, 2), [(3, 5, 2, 4), (4,)]),
        (Conv(4, use_bias=False), (28, 28, 2), [(3, 3, 2, 4)]),
        (DepthwiseConv(depth_multiplier=3), (5, 5, 2), [(3, 3, 2, 3), (6,)]),
        (Dense(5), (12,), [(12, 5), (5,)]),
        (Dense(5), (None, 2), [(2, 5), (5,)]),
        (RNN(5), (None, 2), [(2, 5), (5, 5), (5,)]),
        (GRU(5), (None, 2), [(2, 15), (5, 15), (2, 15)]),
        (GRU(5, reset_after=False), (None, 2), [(2, 15), (5, 15), (15,)]),
        (GRU(5, use_bias=False), (None, 2), [(2, 15), (5, 15)]),
        (LSTM(5), (None, 2), [(2, 20), (5, 20), (20,)]),
        (MaxPool(), (5, 5, 2), []),
    ],
)
def test_weight_shapes_worked_out_by_hand(layer, shape, weights):
    assert layer.weight_shapes(shape) == weights


def test_a_kernel_larger_than_its_image_is_refused():
    with pytest.raises(ArchitectureError, match="kernel of 3x5, larger than the 4x4 image"):
        Conv(1, (3, 5)).output_shape((4, 4, 1))


def test_flatten_of_a_sequence_of_open_length_is_refused():
    with pytest.raises(ArchitectureError, match="length is open"):
        Flatten().output_shape((None, 3))


def test_a_layer_has_the_name_it_has_in_text():
    assert layer_name(DepthwiseConv()) == "depthwiseconv"
    assert layer_name(RNN(3)) == "rnn"
