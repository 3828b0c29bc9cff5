"""What a program costs, counted from its layers, is what the arrays in its text come to."""

import re

import numpy as np
import pytest

import netlet as nl
from netlet.datasets.scaling import Scaling
from netlet.interop.c import costs_of, to_c, to_c_int8
from netlet.network import Network

IMAGES = [
    (
        "conv(2, 3x3) - maxpool(2) - conv(3, 2x2, activation=tanh) - flatten - dense(4) - dense(1)",
        "binary",
        1,
    ),
    (
        "depthwiseconv(2x3, padding=same, activation=linear) - avgpool(2) - flatten - dense(3)",
        "categorical",
        3,
    ),
    (
        "avgpool(2) - activation(relu) - conv(2, 2x2, use_bias=false) - globalmaxpool - dense(3)",
        "categorical",
        3,
    ),
    ("flatten - dense(3, elu) - dense(1)", "regression", 1),
]
SEQUENCES = ["gru(3) - dense(1)", "lstm(2) - rnn(3) - dense(4, elu) - dense(1)"]
SIZES = {"int8_t": 1, "uint8_t": 1, "int16_t": 2, "int32_t": 4, "float": 4}


def made(text, shape, task, outputs, **details):
    architecture = nl.Architecture(text).resolve(shape, task, outputs, False)
    weights = np.random.default_rng(0).normal(size=architecture.parameters(shape)).astype(np.float32)
    weights = np.abs(weights) if "batchnorm" in text else weights  # whose variances cannot be negative
    return Network.from_flat(architecture, shape, task, weights, **details)


def declared(text):
    """Bytes of the constant arrays, and of the static ones, of a program's text."""
    arrays = re.findall(r"static (const )?(\w+) \w+\[(\d+)\]", text.partition("#define")[2])
    return tuple(
        sum(SIZES[kind] * int(size) for constant, kind, size in arrays if bool(constant) == is_constant)
        for is_constant in (True, False)
    )


@pytest.mark.parametrize(("text", "task", "outputs"), IMAGES)
@pytest.mark.parametrize("is_scaled", [False, True])
def test_flash_and_ram_of_images_are_the_arrays_that_are_written(text, task, outputs, is_scaled):
    scalings = {"input_scaling": Scaling((0.1, 0.2), (0.5, 0.7))} if is_scaled else {}
    if is_scaled and task == "regression":
        scalings["target_scaling"] = Scaling((3.0,), (2.0,))
    network = made(text, (9, 8, 2), task, outputs, **scalings)
    x = np.random.default_rng(1).random((20, 9, 8, 2)).astype(np.float32)
    header, costs = to_c(network), costs_of(network)
    assert costs == header.costs
    assert (costs.flash, costs.ram) == declared(header.text)
    header, _ = to_c_int8(network, x)
    costs = costs_of(network, int8=True)
    assert costs == header.costs
    assert (costs.flash, costs.ram) == declared(header.text)


@pytest.mark.parametrize("text", SEQUENCES)
def test_flash_of_sequences_is_the_arrays_that_are_written_and_ram_is_the_state(text):
    network = made(text, (10, 2), "regression", 1)
    header, costs = to_c(network), costs_of(network)
    assert costs == header.costs
    assert costs.flash == declared(header.text)[0]
    state = re.search(r"typedef struct \{(.*?)\}", header.text, re.S)
    assert state is not None
    assert costs.ram == 4 * sum(map(int, re.findall(r"\[(\d+)\]", state[1])))


@pytest.mark.parametrize(
    "text",
    [
        "gru(3) - dense(1)",
        "gru(3, reset_after=false, activation=relu) - dense(2, leaky_relu) - dense(1)",
        "lstm(2, use_bias=false) - rnn(3, relu) - dense(4, tanh) - dropout(0.1) - dense(1, use_bias=false)",
        "rnn(3, relu) - batchnorm - activation(relu) - dense(1)",
        "rnn(1, relu)",
    ],
)
def test_flash_and_ram_of_sequences_in_int8_are_the_arrays_that_are_written(text):
    network = made(text, (10, 2), "regression", 1, input_scaling=Scaling((0.1, 0.2), (0.5, 0.7)))
    header, _ = to_c_int8(network, np.random.default_rng(1).random((20, 10, 2)).astype(np.float32))
    costs = costs_of(network, int8=True)
    assert costs == header.costs
    assert costs.flash == declared(header.text)[0]
    state = re.search(r"typedef struct \{(.*?)\}", header.text, re.S)
    assert state is not None
    assert costs.ram == 2 * sum(map(int, re.findall(r"\[(\d+)\]", state[1])))
