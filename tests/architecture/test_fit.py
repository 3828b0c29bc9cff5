"""Architectures fitted to an input and a task."""

import pytest

from netlet.architecture import Architecture
from netlet.errors import ArchitectureError

IMAGE = (28, 28, 1)
SEQUENCE = (50, 1)
OPEN = (None, 1)


def resolved(text, shape=IMAGE, task="binary", outputs=1, per_step=False):
    return str(Architecture(text).resolve(shape, task, outputs, per_step, "crt"))


# What is left open is settled


@pytest.mark.parametrize(
    ("task", "outputs", "activation"),
    [("binary", 1, "sigmoid"), ("categorical", 3, "softmax"), ("regression", 2, "linear")],
)
def test_the_last_layer_gets_the_activation_its_task_needs_and_the_others_relu(task, outputs, activation):
    text = f"conv(4) - depthwiseconv - flatten - dense(5) - dense({outputs})"
    assert resolved(text, task=task, outputs=outputs) == (
        "conv(4, 3x3, activation=relu) - depthwiseconv(3x3, activation=relu) - flatten - "
        f"dense(5, activation=relu) - dense({outputs}, activation={activation})"
    )


def test_an_activation_that_is_said_stays():
    text = "conv(4, 3x3, activation=tanh) - flatten - dense(1, activation=sigmoid)"
    assert resolved(text) == text
    assert resolved("flatten - dense(1, activation=tanh)", task="regression").endswith("activation=tanh)")


@pytest.mark.parametrize(
    ("text", "task", "outputs", "expected"),
    [
        (
            "conv(3) - globalavgpool",
            "categorical",
            3,
            "conv(3, 3x3, activation=linear) - globalavgpool - activation(softmax)",
        ),
        (
            "conv(3) - conv(1, 26x26) - maxpool(1) - flatten",
            "binary",
            1,
            "conv(3, 3x3, activation=relu) - conv(1, 26x26, activation=linear) - maxpool(1) - flatten - "
            "activation(sigmoid)",
        ),
        (
            "flatten - dense(1) - dropout(0.5)",
            "binary",
            1,
            "flatten - dense(1, activation=linear) - dropout(0.5) - activation(sigmoid)",
        ),
        ("conv(2) - globalavgpool", "regression", 2, "conv(2, 3x3, activation=linear) - globalavgpool"),
        (
            "conv(3, activation=relu) - globalavgpool",
            "categorical",
            3,
            "conv(3, 3x3, activation=relu) - globalavgpool - activation(softmax)",
        ),
    ],
)
def test_a_last_layer_without_activation_is_followed_by_the_task_s(text, task, outputs, expected):
    assert resolved(text, task=task, outputs=outputs) == expected


def test_a_layer_with_an_activation_layer_right_behind_it_has_none_of_its_own():
    assert resolved("conv(4) - activation(tanh) - flatten - dense(1) - activation(sigmoid)") == (
        "conv(4, 3x3, activation=linear) - activation(tanh) - flatten - dense(1, activation=linear) - "
        "activation(sigmoid)"
    )


def test_all_but_the_last_recurrent_layer_return_sequences():
    assert resolved("rnn(3) - lstm(4) - gru(5) - dense(1)", OPEN) == (
        "rnn(3, activation=tanh, return_sequences=true) - lstm(4, activation=tanh, return_sequences=true) - "
        "gru(5, activation=tanh, return_sequences=false) - dense(1, activation=sigmoid)"
    )


def test_with_a_target_at_every_step_the_last_recurrent_layer_returns_sequences_too():
    assert resolved("gru(5) - dense(4) - dense(1)", OPEN, "regression", per_step=True) == (
        "gru(5, activation=tanh, return_sequences=true) - dense(4, activation=relu) - "
        "dense(1, activation=linear)"
    )


def test_a_recurrent_last_layer_keeps_tanh_and_the_task_s_activation_follows():
    assert resolved("gru(1)", OPEN) == "gru(1, activation=tanh, return_sequences=false) - activation(sigmoid)"
    assert (
        resolved("gru(1)", OPEN, "regression", per_step=True)
        == "gru(1, activation=tanh, return_sequences=true)"
    )


def test_sequences_that_are_flattened_may_be_returned_for_one_target():
    text = "gru(3, return_sequences=true) - flatten - dense(1)"
    assert "return_sequences=true" in resolved(text, SEQUENCE)


@pytest.mark.parametrize(
    ("text", "shape", "task", "outputs", "per_step"),
    [
        ("conv(3) - globalavgpool", IMAGE, "categorical", 3, False),
        ("flatten - dense(1) - dropout(0.5)", IMAGE, "binary", 1, False),
        ("gru(3) - lstm(2)", OPEN, "regression", 2, True),
    ],
)
def test_what_is_resolved_resolves_to_itself(text, shape, task, outputs, per_step):
    once = Architecture(text).resolve(shape, task, outputs, per_step)
    assert once.resolve(shape, task, outputs, per_step) == once


# What does not fit is refused


@pytest.mark.parametrize(
    ("text", "shape", "message"),
    [
        (
            "conv(4, 9x9) - conv(4, 30x30) - flatten - dense(1)",
            IMAGE,
            "layer 2, conv(4, 30x30), has a kernel of 30x30, larger than the 20x20 image it is given",
        ),
        ("maxpool(29)", IMAGE, "layer 1, maxpool(29), has a pool of 29x29, larger than the 28x28 image"),
        (
            "conv(4) - dense(1)",
            IMAGE,
            "layer 2, dense(1), needs a vector or a sequence (steps, channels), but layer 1, conv(4, "
            "3x3), gives an "
            "image of 26 x 26 x 4: add flatten before it",
        ),
        ("dense(1)", IMAGE, "the input is an image of 28 x 28 x 1: add flatten before it"),
        (
            "flatten - dense(9) - conv(4)",
            IMAGE,
            "layer 3, conv(4, 3x3), needs an image (height, width, channels), but layer 1, flatten, "
            "gives a vector "
            "of 784 numbers: put conv before flatten",
        ),
        (
            "conv(4) - globalmaxpool - maxpool",
            IMAGE,
            "a vector of 4 numbers: put maxpool before globalmaxpool",
        ),
        ("flatten - globalavgpool", IMAGE, "put globalavgpool before flatten"),
        (
            "flatten - gru(3)",
            SEQUENCE,
            "needs a sequence (steps, channels), but layer 1, flatten, gives a vector of 50 numbers: "
            "recurrent "
            "layers work on sequences only, not after flatten",
        ),
        (
            "gru(3)",
            IMAGE,
            "but the input is an image of 28 x 28 x 1: recurrent layers work on sequences only",
        ),
        (
            "conv(3)",
            OPEN,
            "but the input is a sequence of open length with 1 channel: use conv1d",
        ),
        (
            "gru(3, return_sequences=false) - dense(3) - gru(3)",
            OPEN,
            "layer 1, gru(3, return_sequences=false), gives a vector of 3 numbers: set return_sequences=true",
        ),
        (
            "gru(3, return_sequences=true) - flatten - dense(1)",
            OPEN,
            "layer 2, flatten, cannot take a sequence",
        ),
    ],
)
def test_a_layer_in_the_wrong_place_is_named_with_what_it_is_given(text, shape, message):
    with pytest.raises(ArchitectureError) as caught:
        resolved(text, shape)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shape", "task", "outputs", "per_step", "message"),
    [
        (
            "flatten - dense(2)",
            IMAGE,
            "categorical",
            3,
            False,
            "dense(2) is the last layer, but crt has 3 classes: end with dense(3)",
        ),
        (
            "flatten - dense(2)",
            IMAGE,
            "binary",
            1,
            False,
            "dense(2) is the last layer, but crt has two classes, which take one output: end with dense(1)",
        ),
        (
            "dense(2)",
            OPEN,
            "regression",
            1,
            True,
            "dense(2) is the last layer, but crt has 1 output: end with dense(1)",
        ),
        (
            "conv(4) - globalavgpool",
            IMAGE,
            "categorical",
            3,
            False,
            "the last layer, globalavgpool, gives 4 numbers, but crt has 3 classes: end with dense(3)",
        ),
        (
            "conv(4)",
            IMAGE,
            "categorical",
            3,
            False,
            "the last layer, conv(4, 3x3), gives an image of 26 x 26 x 4, but crt needs 3 numbers: end "
            "with flatten - "
            "dense(3)",
        ),
        (
            "gru(3, return_sequences=true) - dense(1)",
            SEQUENCE,
            "binary",
            1,
            False,
            "a sequence of 50 steps with 1 channel, but crt has one target a sequence: set "
            "return_sequences=false in "
            "layer 1, gru(3, return_sequences=true)",
        ),
        ("dense(1)", SEQUENCE, "binary", 1, False, "add a recurrent layer, or flatten"),
        (
            "GRU(3) - Dense(1)",
            OPEN,
            "regression",
            1,
            True,
            "crt has a target at every step, but layer 1, gru(3, activation=tanh, "
            "return_sequences=false), gives a "
            "vector of 3 numbers: set return_sequences=true in it",
        ),
        (
            "gru(3) - flatten - dense(1)",
            SEQUENCE,
            "regression",
            1,
            True,
            "crt has a target at every step, but layer 2, flatten, gives a vector of 150 numbers: leave "
            "it out",
        ),
        ("flatten - dense(1)", IMAGE, "regression", 1, True, "its input is an image of 28 x 28 x 1"),
        (
            "flatten - dense(3, activation=relu)",
            IMAGE,
            "categorical",
            3,
            False,
            "the last layer, dense(3, activation=relu), has relu, but crt has classes, whose "
            "probabilities come from "
            "softmax: use softmax",
        ),
        (
            "flatten - dense(1, activation=linear)",
            IMAGE,
            "binary",
            1,
            False,
            "has linear, but crt has classes",
        ),
        (
            "flatten - dense(1) - activation(tanh)",
            IMAGE,
            "binary",
            1,
            False,
            "activation(tanh), has tanh, but crt",
        ),
    ],
)
def test_a_last_layer_that_does_not_fit_the_task_is_answered_with_one_that_does(
    text, shape, task, outputs, per_step, message
):
    with pytest.raises(ArchitectureError) as caught:
        resolved(text, shape, task, outputs, per_step)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shape", "task", "outputs", "place"),
    [
        ("flatten - dense(3, activation=softmax) - dense(3)", IMAGE, "categorical", 3, "layer 2, dense"),
        ("flatten - activation(softmax) - dense(1)", IMAGE, "binary", 1, "layer 2, activation"),
        ("flatten - dense(1, activation=softmax)", IMAGE, "binary", 1, "layer 2, dense"),
        ("flatten - dense(1, activation=softmax)", IMAGE, "regression", 1, "layer 2, dense"),
        ("conv(3, activation=softmax) - globalavgpool", IMAGE, "categorical", 3, "layer 1, conv"),
        ("lstm(3, recurrent_activation=softmax) - dense(3)", OPEN, "categorical", 3, "layer 1, lstm"),
        ("lstm(3, activation=softmax)", OPEN, "categorical", 3, "layer 1, lstm"),
    ],
)
def test_softmax_belongs_in_the_last_layer_of_a_categorical_task_only(text, shape, task, outputs, place):
    with pytest.raises(ArchitectureError, match=f"^{place}.* has softmax, which only the last layer"):
        resolved(text, shape, task, outputs)


@pytest.mark.parametrize(
    ("text", "shape", "message"),
    [
        ("flatten - " * 100 + "dense(1)", IMAGE, "the architecture has 101 layers, but 100 is the limit"),
        (
            "flatten - dense(1)" + " - flatten" * 98,
            IMAGE,
            "the architecture has 101 layers, but 100 is the limit",
        ),
        (
            "dense(10000) - dense(10000) - dense(1)",
            (5,),
            "has 100,080,001 parameters, but 100,000,000 is the limit",
        ),
        (
            "conv(100000, 1) - globalavgpool - dense(1)",
            IMAGE,
            "layer 1, conv(100000, 1x1), gives 78,400,000 numbers for one sample, but 10,000,000 is the "
            "limit",
        ),
        (
            "depthwiseconv(1, depth_multiplier=1000000000) - " * 99 + "flatten",
            IMAGE,
            "but 10,000,000 is the limit",
        ),
    ],
)
def test_what_is_far_too_large_is_refused(text, shape, message):
    with pytest.raises(ArchitectureError) as caught:
        resolved(text, shape)
    assert message in str(caught.value)


def test_an_unknown_task_is_refused():
    with pytest.raises(
        ArchitectureError, match="task is 'classification', but must be one of binary, categorical"
    ):
        resolved("flatten - dense(1)", task="classification")


@pytest.mark.parametrize("shape", [(), (0,), (28.0, 28, 1), (28, 28, 1, 1), (None, 28, 1), (None,), "28", 28])
def test_an_input_shape_of_the_wrong_form_is_refused(shape):
    with pytest.raises(ArchitectureError, match=r"input_shape is .*, but must be "):
        Architecture("dropout(0.5)").shapes(shape)
