"""Architectures as text: read, written, and every mistake answered with its place."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlet.architecture import (
    ACTIVATIONS,
    GRU,
    INITIALIZERS,
    LSTM,
    RNN,
    Activation,
    Architecture,
    AvgPool,
    Conv,
    Dense,
    DepthwiseConv,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)
from netlet.architecture.arguments import LARGEST_SHARE
from netlet.architecture.text import read_layers, write_layer
from netlet.errors import ArchitectureError

# Round trip

number = st.integers(1, 10**9)
pair = st.tuples(number, number) | number.map(lambda n: (n, n))
activation = st.sampled_from(ACTIVATIONS)
optional_activation = st.none() | activation
initializer = st.sampled_from(INITIALIZERS)
padding = st.sampled_from(["valid", "same"])
window = {"strides": pair, "padding": padding}
weighted = {"activation": optional_activation, "use_bias": st.booleans(), "kernel_initializer": initializer}
pool = {"pool_size": pair, "strides": st.none() | pair, "padding": padding}
recurrent = {
    "units": number,
    **weighted,
    "return_sequences": st.none() | st.booleans(),
    "recurrent_initializer": initializer,
}
any_layer = st.one_of(
    st.builds(Conv, filters=number, kernel_size=pair, **window, **weighted),
    st.builds(DepthwiseConv, kernel_size=pair, depth_multiplier=number, **window, **weighted),
    st.builds(MaxPool, **pool),
    st.builds(AvgPool, **pool),
    st.sampled_from([GlobalMaxPool(), GlobalAvgPool(), Flatten()]),
    st.builds(Dense, units=number, **weighted),
    st.builds(Dropout, rate=st.floats(0, LARGEST_SHARE)),
    st.builds(Activation, function=activation),
    st.builds(RNN, **recurrent),
    st.builds(GRU, **recurrent, recurrent_activation=activation, reset_after=st.booleans()),
    st.builds(LSTM, **recurrent, recurrent_activation=activation, unit_forget_bias=st.booleans()),
)


@given(st.lists(any_layer, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_what_is_written_reads_back_as_an_equal_architecture(layers):
    architecture = Architecture(layers)
    again = Architecture(str(architecture))
    assert again == architecture
    assert str(again) == str(architecture)


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (Conv(4), "conv(4, 3x3)"),
        (Conv(8, (3, 5), (2, 2), "same", "tanh"), "conv(8, 3x5, strides=2, padding=same, activation=tanh)"),
        (MaxPool(), "maxpool(2)"),
        (AvgPool((2, 3), (1, 1)), "avgpool(2x3, strides=1)"),
        (Flatten(), "flatten"),
        (Dense(1, use_bias=False), "dense(1, use_bias=false)"),
        (Dropout(0.25), "dropout(0.25)"),
        (
            GRU(3, return_sequences=True, reset_after=False),
            "gru(3, return_sequences=true, reset_after=false)",
        ),
    ],
)
def test_the_canonical_text_says_only_what_differs_from_the_defaults(layer, text):
    assert write_layer(layer) == text


# What is accepted


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        ("conv(4)", Conv(4)),
        ("conv(4, 3)", Conv(4)),
        ("conv(4,3x3)", Conv(4)),
        ("conv(4, (3, 3))", Conv(4)),
        ("conv(4, [3, 3])", Conv(4)),
        ("conv(4, 3×3)", Conv(4)),
        ("conv(4, 3 X 3)", Conv(4)),
        ("CONV ( filters = 4 , kernel_size = 3x3 , )", Conv(4)),
        ("conv(4, 3x5, 2x1, same)", Conv(4, (3, 5), (2, 1), "same")),
        ("conv(4, padding='SAME')", Conv(4, padding="same")),
        ('conv(4, kernel_initializer="he-normal")', Conv(4, kernel_initializer="he_normal")),
        ("conv(4, kernel_initializer=he-normal)", Conv(4, kernel_initializer="he_normal")),
        ("conv(4, use_bias=False)", Conv(4, use_bias=False)),
        ("depthwiseconv(5)", DepthwiseConv((5, 5))),
        ("depthwise", DepthwiseConv()),
        ("maxpool", MaxPool()),
        ("max_pool()", MaxPool()),
        ("maxpool(3, strides=none)", MaxPool((3, 3))),
        ("maxpool(3, 3)", MaxPool((3, 3))),
        ("(flatten)", Flatten()),
        ("dense(10, relu)", Dense(10, "relu")),
        ("dropout(.5)", Dropout(0.5)),
        ("dropout(5e-1)", Dropout(0.5)),
        ("dropout(rate=0)", Dropout(0.0)),
        ("activation(tanh)", Activation("tanh")),
        ("activation(activation=tanh)", Activation("tanh")),
        ("lstm(3, unit_forget_bias=false)", LSTM(3, unit_forget_bias=False)),
        ("gru(3, tanh, sigmoid)", GRU(3, "tanh")),
    ],
)
def test_netlets_own_spelling(text, layer):
    assert read_layers(text) == (layer,)


def test_spaces_and_lines_are_free():
    spread = "  conv (\n4 ,\t3 x 3 )\n -flatten-  dense( 1)  "
    assert Architecture(spread) == Architecture("conv(4,3x3)-flatten-dense(1)")


@pytest.mark.parametrize("dash", ["-", "–", "—", "−"])
def test_dashes_of_a_word_processor_join_layers_too(dash):
    assert Architecture(f"flatten {dash} dense(1)") == Architecture("flatten - dense(1)")


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        ("Conv2D(4, 3)", Conv(4, activation="linear")),
        ("Conv2D(4, (3, 3), activation='relu')", Conv(4, activation="relu")),
        ("Conv2D(4, 3, activation=None)", Conv(4, activation="linear")),
        ("DepthwiseConv2D(3)", DepthwiseConv(activation="linear")),
        (
            "DepthwiseConv2D(3, depthwise_initializer='he_normal')",
            DepthwiseConv(activation="linear", kernel_initializer="he_normal"),
        ),
        ("MaxPooling2D()", MaxPool()),
        ("MaxPool2D(3)", MaxPool((3, 3))),
        ("AveragePooling2D(pool_size=(2, 2), strides=None)", AvgPool()),
        ("GlobalMaxPooling2D()", GlobalMaxPool()),
        ("GlobalAveragePooling2D()", GlobalAvgPool()),
        ("Flatten()", Flatten()),
        ("Dense(10)", Dense(10, "linear")),
        ("Dense(10, 'relu')", Dense(10, "relu")),
        ("TimeDistributed(Dense(10))", Dense(10, "linear")),
        ("TimeDistributed(dense(10))", Dense(10)),
        ("Dropout(0.5)", Dropout(0.5)),
        ("Activation('relu')", Activation("relu")),
        ("SimpleRNN(5)", RNN(5, "tanh", return_sequences=False)),
        ("GRU(5, return_sequences=True)", GRU(5, "tanh", return_sequences=True)),
        ("LSTM(5, activation=None)", LSTM(5, "linear", return_sequences=False)),
    ],
)
def test_keras_class_names_keep_keras_defaults(text, layer):
    assert read_layers(f"{text} - dense(1)")[0] == layer


def test_the_last_layer_leaves_its_activation_to_the_task_in_keras_names_too():
    assert read_layers("Dense(5) - Dense(1)") == (Dense(5, "linear"), Dense(1))
    assert read_layers("Dense(5) - Dense(1, activation='linear')")[-1] == Dense(1, "linear")


def test_the_shorthand_of_the_exercise_is_read_with_netlets_defaults():
    shorthand = "3x(3x3 kernel)-maxpool-3x(3x3 kernel)-maxpool-(Flatten)-Dense(5)-Dense(1)"
    assert str(Architecture(shorthand)) == (
        "conv(3, 3x3) - maxpool(2) - conv(3, 3x3) - maxpool(2) - flatten - dense(5) - dense(1)"
    )


@pytest.mark.parametrize(
    "text", ["3x(3x3 kernel)", "3 x ( 3 x 3 kernels )", "3×(3×3 Kernel)", "3x(3 kernel)"]
)
def test_the_shorthand_may_be_spelt_freely(text):
    assert read_layers(text) == (Conv(3),)


def test_a_keras_name_that_netlet_does_not_share_stays_keras_in_the_shorthand():
    layers = read_layers("2x(3x5 kernel) - Conv2D(4, 3) - Flatten - Dense(5) - Dense(1)")
    assert layers == (Conv(2, (3, 5)), Conv(4, activation="linear"), Flatten(), Dense(5), Dense(1))


# Mistakes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the architecture is empty: write layers joined by '-'"),
        (" \n", "the architecture is empty"),
        ("-", "expected a layer at column 1, found '-'"),
        ("conv(4) -", "expected a layer at column 10, found the end of the text"),
        ("conv(4) - - flatten", "expected a layer at column 11, found '-'"),
        (
            "conv(4, 3x3) - maxpol(2)",
            "unknown layer 'maxpol' at column 16; did you mean 'maxpool'? allowed: conv,",
        ),
        ("conv2d(4)", "unknown layer 'conv2d' at column 1; did you mean 'Conv2D'?"),
        ("dense(3) - softmax", "unknown layer 'softmax' at column 12; did you mean 'activation(softmax)'?"),
        ("qqqqq", "unknown layer 'qqqqq' at column 1; allowed: conv,"),
        ("conv(4) maxpool", "expected '-' and another layer at column 9, found 'maxpool'"),
        ("conv 4", "expected '-' and another layer at column 6, found '4'"),
        ("flatten()(3)", "expected '-' and another layer at column 10, found '('"),
        ("conv(4", "the parenthesis opened at column 5 is never closed"),
        ("flatten - (conv(4)", "the parenthesis opened at column 11 is never closed"),
        ("conv(4)) - flatten", "')' at column 8 closes no parenthesis"),
        ("((conv(4)))", "expected a layer at column 2, found '('"),
        ("conv(4 3)", "expected ',' or ')' at column 8, found '3'"),
        ("conv(4]", "expected ',' or ')' at column 7, found ']'"),
        ("conv(4,, 3)", "expected a value at column 8, found ','"),
        ("conv(4, strides=)", "expected a value at column 17, found ')'"),
        ("conv(4, (3, a))", "expected a number at column 9, found 'a'"),
        ("conv(4, 3x3x3)", "expected ',' or ')' at column 12, found 'x3'"),
        (
            "conv(4, (3, 3, 3))",
            "conv at column 9: kernel_size is (3, 3, 3), but must be one or two whole numbers",
        ),
        ("conv(0)", "conv at column 6: filters is 0, but must be a whole number from 1"),
        ("conv(-4, 3)", "conv at column 6: filters is -4, but must be"),
        ("conv(4, -3x3)", "conv at column 9: kernel_size is (-3, 3), but must be"),
        ("conv(4.5)", "conv at column 6: filters is 4.5, but must be a whole number"),
        ("conv('4')", "conv at column 6: filters is '4', but must be a whole number"),
        ("conv(3x3)", "conv at column 6: filters is (3, 3), but must be a whole number"),
        ("conv(4, strides=none)", "conv at column 9: strides is None, but must be"),
        (
            "conv(4, padding=smae)",
            "conv at column 9: padding is 'smae', but must be one of valid, same; did you mean",
        ),
        ("conv(4, use_bias=yes)", "conv at column 9: use_bias is 'yes', but must be true or false"),
        ("conv(4, activation=none)", "write linear for no activation, or leave it out"),
        ("conv(4, activation=5)", "activation is 5, but must be one of linear, relu"),
        ("dropout(1)", "dropout at column 9: rate is 1, but must be a number of at least 0 and below 1"),
        ("dropout(-0.5)", "rate is -0.5, but must be"),
        ("dropout(1e999)", "rate is inf, but must be"),
        ("dropout(nan)", "rate is 'nan', but must be"),
        ("dense", "dense at column 1 needs units, such as dense(10)"),
        ("conv(kernel_size=3)", "conv at column 1 needs filters, such as conv(4, 3x3)"),
        ("flatten - activation()", "activation at column 11 needs function, such as activation(tanh)"),
        ("dense(1, units=2)", "units is given a second time at column 10"),
        ("dense(1, use_bias=true, use_bias=true)", "use_bias is given a second time at column 25"),
        ("dense(units=1, relu)", "the argument at column 16 needs a name, as it follows one with a name"),
        (
            "dense(1, unit=2)",
            "dense has no argument 'unit' (column 10): did you mean 'units'? allowed: units,",
        ),
        ("flatten(x=3)", "flatten has no argument 'x' (column 9): it takes none"),
        ("flatten(3)", "one argument too many at column 9: flatten takes no arguments"),
        ("dropout(0.5, 3)", "one argument too many at column 14: dropout takes only rate without a name"),
        (
            "conv(4, 3, 1, same, relu)",
            "one argument too many at column 21: conv takes only filters, kernel_size,",
        ),
        (
            "Conv2D(4, 3, input_shape=(28, 28, 1))",
            "the shape of the input comes from the dataset: leave it out",
        ),
        ("GRU(4, stateful=True)", "carrying the state is a matter of training"),
        ("lstm(3, reset_after=true)", "lstm has no argument 'reset_after' (column 9): allowed: units,"),
        ("conv(4) - BatchNormalization(axis=1)", "BatchNormalization has no argument 'axis' (column 30)"),
        (
            "Bidirectional(Dense(3))",
            "Bidirectional at column 15: takes rnn, gru or lstm, not dense",
        ),
        ("conv1d(3, 2x3)", "kernel_size is (2, 3), but must be a whole number of at least 1, such as 3"),
        ("maxpool1d(2, padding=causal)", "padding is 'causal', but must be one of valid, same"),
        ("Input((28, 28, 1)) - conv(4)", "the shape of the input comes from the dataset"),
        ("TimeDistributed", "TimeDistributed at column 1 needs a layer in it"),
        ("TimeDistributed(Conv2D(3, 3))", "TimeDistributed at column 1 takes Dense, not conv"),
        ("TimeDistributed(3)", "expected Dense at column 17, found '3'"),
        ("TimeDistributed(Dense(1)", "the parenthesis opened at column 16 is never closed"),
        (
            "3x(3x3 kernal)",
            "expected a layer at column 1, found '3'; the shorthand is written 3x(3x3 kernel)",
        ),
        ("0x(3x3 kernel)", "conv at column 1: filters is 0, but must be"),
        ("2x(0x3 kernel)", "conv at column 1: kernel_size is (0, 3), but must be"),
    ],
)
def test_a_mistake_is_answered_with_its_place_and_what_was_expected(text, message):
    with pytest.raises(ArchitectureError) as caught:
        Architecture(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_error_quotes_the_text_before_it_speaks():
    with pytest.raises(ArchitectureError, match=r"^conv\(4, 3x3\) - maxpol\(2\): unknown layer"):
        Architecture("conv(4, 3x3) - maxpol(2)")


def test_of_a_long_text_an_error_quotes_the_part_around_the_mistake():
    text = "dense(3) - " * 50 + "foo" + " - dense(3)" * 50
    with pytest.raises(ArchitectureError) as caught:
        Architecture(text)
    quoted, _, rest = str(caught.value).partition(": ")
    assert "- foo -" in quoted
    assert len(quoted) < 100
    assert "at column 551" in rest


@given(
    st.lists(
        st.sampled_from(
            [
                *"()-,=x'\"[] 0139.é\n×",
                "conv",
                "Dense",
                "maxpool",
                "3x3",
                "kernel",
                "strides=",
                "TimeDistributed",
            ]
        )
    )
    | st.text().map(list)
)
@settings(max_examples=300, deadline=None)
def test_any_text_gives_an_architecture_or_a_one_line_error(pieces):
    try:
        Architecture("".join(pieces))
    except ArchitectureError as error:
        assert str(error).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "9" * 200_000,
        "conv(" + "9" * 200_000 + ")",
        "conv(4, (" + "1" * 200_000 + "a, 3))",
        "dropout(0." + "1" * 200_000 + "e)",
        "3x(" + "1" * 200_000 + " kernal)",
        "x" * 200_000,
        "(" * 200_000,
        "TimeDistributed(" * 20_000,
        "conv(4" + " " * 200_000,
        "conv(" * 50_000,
        "conv(4, padding=" + "s" * 200_000 + ")",
        "flatten(" + "1," * 100_000 + ")",
        "1 " * 100_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_texts_are_answered_at_once(text):
    start = time.perf_counter()
    with pytest.raises(ArchitectureError) as caught:
        Architecture(text)
    assert time.perf_counter() - start < 30  # seconds; anything quadratic takes minutes
    assert len(str(caught.value)) < 500
