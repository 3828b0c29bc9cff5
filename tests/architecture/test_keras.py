"""Random architectures against Keras: shapes, weights and the source that builds them."""

import math
import os
from dataclasses import fields, replace

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

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")

size = st.integers(1, 5)
pair = st.tuples(size, size)
weighted = {
    "activation": st.sampled_from(ACTIVATIONS),
    "use_bias": st.booleans(),
    "kernel_initializer": st.sampled_from(INITIALIZERS),
}
recurrent = {"units": size, **weighted, "recurrent_initializer": st.sampled_from(INITIALIZERS)}
recurrent_layer = st.one_of(
    st.builds(RNN, **recurrent),
    st.builds(GRU, **recurrent, recurrent_activation=weighted["activation"], reset_after=st.booleans()),
    st.builds(LSTM, **recurrent, recurrent_activation=weighted["activation"], unit_forget_bias=st.booleans()),
)
anywhere = st.one_of(
    st.builds(Dropout, rate=st.sampled_from([0.0, 0.25, 0.5])),
    st.builds(Activation, function=st.sampled_from(ACTIVATIONS)),
)
dense = st.builds(Dense, units=size, **weighted)


@st.composite
def image_layers(draw, shape):
    """Layers of which every one fits what the one before gives."""
    layers: list = []
    height, width = shape[:2]
    for _ in range(draw(st.integers(1, 4))):
        padding = draw(st.sampled_from(["valid", "same"]))
        fitting = st.tuples(st.integers(1, min(5, height)), st.integers(1, min(5, width)))
        window = draw(pair if padding == "same" else fitting)
        strides = draw(pair)
        layers.append(
            draw(
                st.one_of(
                    st.builds(Conv, size, st.just(window), st.just(strides), st.just(padding), **weighted),
                    st.builds(
                        DepthwiseConv,
                        st.just(window),
                        st.just(strides),
                        st.just(padding),
                        st.integers(1, 3),
                        **weighted,
                    ),
                    st.builds(MaxPool, st.just(window), st.none() | st.just(strides), st.just(padding)),
                    st.builds(AvgPool, st.just(window), st.none() | st.just(strides), st.just(padding)),
                    anywhere,
                )
            )
        )
        height, width = (size or 0 for size in Architecture(layers).shapes(shape)[-1][:2])
    return layers


@st.composite
def image_architectures(draw):
    shape = draw(st.tuples(st.integers(3, 20), st.integers(3, 20), st.integers(1, 3)))
    end = draw(st.sampled_from([Flatten(), GlobalMaxPool(), GlobalAvgPool()]))
    return Architecture(
        [*draw(image_layers(shape)), end, *draw(st.lists(dense | anywhere, max_size=2))]
    ), shape


@st.composite
def sequence_architectures(draw):
    shape = draw(st.tuples(st.none() | st.integers(1, 9), st.integers(1, 3)))
    layers = draw(st.lists(recurrent_layer | dense | anywhere, min_size=1, max_size=4))
    return Architecture(layers), shape


def run(source):
    """The model that a source builds."""
    names: dict = {}
    exec(source, names)
    return names["model"]


def built(architecture, shape):
    """The Keras model of the source, its weights zeros: drawing random ones takes most of the time."""
    layers = [
        replace(
            layer, **{field.name: "zeros" for field in fields(layer) if field.name.endswith("initializer")}
        )
        for layer in architecture.layers
    ]
    return run(Architecture(layers).keras_code(shape))


@given(image_architectures() | sequence_architectures())
@settings(max_examples=120, deadline=None)
def test_shapes_and_weights_of_random_architectures_are_keras_s(drawn):
    architecture, shape = drawn
    model = built(architecture, shape)
    assert [layer.output.shape[1:] for layer in model.layers] == architecture.shapes(shape)
    assert [tuple(weights.shape) for weights in model.trainable_weights] == architecture.weight_shapes(shape)
    assert model.count_params() == architecture.parameters(shape)


@given(image_architectures() | sequence_architectures())
@settings(max_examples=120, deadline=None)
def test_keras_layers_have_every_argument_of_ours(drawn):
    architecture, shape = drawn
    source = architecture.keras_code(shape)
    without_input = source.replace(f"        keras.Input(shape={shape}),\n", "")  # no weights are made
    assert without_input != source
    for own, theirs in zip(architecture.layers, run(without_input).layers, strict=True):
        config = theirs.get_config()
        assert type(theirs).__name__ == own.keras_name
        for field in fields(own):
            value, given_by_keras = (
                getattr(own, field.name),
                config[own.keras_arguments.get(field.name, field.name)],
            )
            if isinstance(own, MaxPool | AvgPool) and field.name == "strides":
                value = own.strides or own.pool_size
            if field.name.endswith("initializer"):
                given_by_keras = _snake(given_by_keras["class_name"])
            if field.name != "return_sequences":  # settled by the layers around it: the shapes tell
                assert given_by_keras == value, (own, field.name)


def _snake(name):
    return (
        "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_").replace("_initializer", "")
    )


def test_the_source_names_layers_as_keras_does_and_says_only_what_differs():
    source = Architecture("Conv2D(4, 3) - maxpool(3) - flatten - dense(3, activation=softmax)").keras_code(
        (9, 9, 1)
    )
    assert source.splitlines()[3:] == [
        "model = keras.Sequential(",
        "    [",
        "        keras.Input(shape=(9, 9, 1)),",
        "        layers.Conv2D(4, kernel_size=(3, 3)),",
        "        layers.MaxPooling2D(pool_size=(3, 3)),",
        "        layers.Flatten(),",
        '        layers.Dense(3, activation="softmax"),',
        "    ]",
        ")",
    ]


def test_the_summary_has_keras_s_names_shapes_and_counts():
    architecture = Architecture(
        "conv(3) - depthwiseconv - avgpool - conv(2) - globalmaxpool - dense(2) - dense(1)"
    )
    keras.backend.clear_session()  # names count from the start of a session
    model = built(architecture, (20, 20, 2))
    rows = [
        [f"{layer.name} ({type(layer).__name__})", str(layer.output.shape), f"{layer.count_params():,}"]
        for layer in model.layers
    ]
    lines = architecture.summary((20, 20, 2)).splitlines()[2 : 2 + len(rows)]
    assert [" ".join(line.split()) for line in lines] == [" ".join(row) for row in rows]


def test_parameters_are_the_sum_over_keras_weights_for_the_largest_network_of_the_exercise():
    text = "gru(25, activation=relu) - TimeDistributed(Dense(1)) - TimeDistributed(Dense(1))"
    architecture = Architecture(text).resolve((50, 1), "regression", 1, per_step=True)
    model = built(architecture, (50, 1))
    assert sum(math.prod(weights.shape) for weights in model.trainable_weights) == 2128
    assert model.output_shape == (None, 50, 1)
