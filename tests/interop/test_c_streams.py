"""Recurrent networks in int8: their reference to the bit, as good as in float, and no overflow anywhere."""

import os
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netlet as nl
from netlet.architecture import Activation, Bidirectional, Dense, LayerNorm, Recurrent
from netlet.errors import ArchitectureError, DataError
from netlet.interop.c import QuantizedStream, quantized_of, to_c_int8
from netlet.interop.c.compiled import FLAGS, Compiled

EXAMPLES = int(os.environ.get("NETLET_INTEROP_EXAMPLES", "15"))
pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc here")
QUICK = tuple("-O1" if flag == "-O2" else flag for flag in FLAGS)


def made(text, shape=(7, 2), outputs=1, factor=1.0, per_step=False, **details):
    architecture = nl.Architecture(text).resolve(shape, "regression", outputs, per_step)
    random = np.random.default_rng(0)
    weights = []
    for layer, sizes in zip(architecture.layers, architecture.layer_weight_shapes(shape), strict=True):
        drawn = [factor * random.normal(size=size) for size in sizes]
        weights += [np.abs(each) for each in drawn] if layer.averages else drawn
    return nl.Network(architecture, shape, "regression", weights, **details)


def same_to_the_bit(network, fitted, x):
    header, quantized = to_c_int8(network, fitted)
    q = quantized.quantize(x)
    expected = quantized.integers(q)
    with Compiled(header, quantized.plan, QUICK, is_int8=True) as compiled:
        np.testing.assert_array_equal(compiled.integers(q).reshape(expected.shape), expected)
        answers, own = compiled.predict(x), quantized.predict(x)
        np.testing.assert_allclose(answers, own.reshape(answers.shape), rtol=1e-5, atol=1e-5)
    return quantized


def has(network, functions):
    """Whether a network has one of these activations where int8 has it not."""
    *inner, last = network.architecture.layers
    layers = inner if isinstance(last, Dense | Activation) else network.architecture.layers
    return any(
        getattr(layer, "activation", getattr(layer, "function", None)) in functions for layer in layers
    ) or any(getattr(layer, "recurrent_activation", "sigmoid") != "sigmoid" for layer in layers)


@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_random_networks_are_their_reference_to_the_bit_or_refused_by_name(data, networks):
    network, x = data.draw(networks(kinds=("sequence",)))
    kinds = {type(layer) for layer in network.architecture.layers}
    if kinds & {LayerNorm, Bidirectional}:
        why = r"int8 has no layer normalisation|from its end, but in C|has sigmoid gates"
        with pytest.raises(ArchitectureError, match=why):
            to_c_int8(network, x)
        return
    assert any(issubclass(kind, Recurrent) for kind in kinds)
    if has(network, ("elu", "softplus")):
        with pytest.raises(ArchitectureError, match="but in int8 a recurrent network has sigmoid gates"):
            to_c_int8(network, x)
        return
    same_to_the_bit(network, x[:3], 3 * x)  # beyond what the scales were fitted on, too


@pytest.mark.parametrize("name", ["rnn", "gru", "lstm", "reversed"])
def test_answers_are_as_good_as_in_float_on_validation_and_test(name, trained_by_name):
    network, data = trained_by_name(name)
    quantized = quantized_of(network, data.train.x)
    for split in (data.validation, data.test):
        errors = [float(each.evaluate(split)["normalised_error"] or 0) for each in (quantized, network)]
        assert 0 < errors[0] < errors[1] + 0.02


LARGE = [
    "gru(3) - dense(1)",
    "gru(3, activation=relu) - dense(1)",
    "gru(2, reset_after=false) - dense(2, leaky_relu) - dense(1)",
    "lstm(3) - dense(1)",
    "lstm(2, activation=relu) - rnn(2, activation=leaky_relu) - dense(1)",
    "rnn(3, tanh) - batchnorm - activation(relu) - dense(1)",
]
PROGRAM = """#include <stdio.h>
#include "model.h"
int main(void)
{
    static model_state state;
    int16_t input[MODEL_INPUTS];
    int32_t out[MODEL_OUTPUTS];
    for (int step = 0; fread(input, sizeof input, 1, stdin) == 1; step++) {
        if (step % 7 == 0) model_reset(&state);
        model_integers(&state, input, out);
        if (step % 7 == 6) fwrite(out, sizeof out, 1, stdout);
    }
    return 0;
}
"""


@pytest.mark.parametrize("text", LARGE)
@pytest.mark.parametrize("factor", [1.0, 1e4])
def test_sanitizers_find_no_overflow_however_large_weights_and_inputs_are(text, factor, tmp_path):
    network = made(text, factor=factor)
    random = np.random.default_rng(1)
    fitted = random.normal(size=(9, 7, 2)).astype(np.float32)
    header, quantized = to_c_int8(network, fitted / factor)
    (tmp_path / "model.h").write_text(header.text)
    (tmp_path / "main.c").write_text(PROGRAM)
    flags = [flag for flag in FLAGS if flag != "-O2"] + ["-g", "-fsanitize=address,undefined"]
    command = ["gcc", *flags, "-fno-sanitize-recover", "main.c", "-o", "main", "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True)
    q = random.choice([-32767, -3, 0, 5, 32767], size=(20, 7, 2)).astype(np.int16)
    done = subprocess.run([tmp_path / "main"], input=q.tobytes(), capture_output=True, check=True)
    found = np.frombuffer(done.stdout, np.int32).reshape(20, 1)
    np.testing.assert_array_equal(found, quantized.integers(q))


def test_a_unit_whose_weights_are_all_small_or_zero_is_as_exact_as_others():
    architecture = made("rnn(2, linear) - dense(1)", (1, 2)).architecture
    kernel = np.array([[3.0, 1e-4], [-2.0, 2e-4]])
    weights = [kernel, np.zeros((2, 2)), np.zeros(2), np.array([[0.0], [1.0]]), np.zeros(1)]
    network = nl.Network(architecture, (1, 2), "regression", weights)
    x = np.random.default_rng(0).normal(size=(50, 1, 2)).astype(np.float32)
    quantized = QuantizedStream(network, x)
    answers, expected = quantized.predict(x).ravel(), network.predict(x).ravel()
    # the state has one grid for both units, which the large one needs: 2e-4 of 3 are a few parts in 2**15
    np.testing.assert_allclose(answers, expected, atol=2 * quantized.stages[0].scale)


def test_a_step_that_the_mask_leaves_out_changes_nothing():
    network = made("lstm(3) - gru(2) - dense(1)")
    random = np.random.default_rng(2)
    x = random.normal(size=(6, 7, 2)).astype(np.float32)
    mask = np.arange(7) < random.integers(2, 7, size=(6, 1))
    quantized = QuantizedStream(network, x)
    found = quantized.predict(x, mask)
    for row in range(6):
        short = quantized.predict(x[row : row + 1, : mask[row].sum()])
        np.testing.assert_array_equal(found[row], short[0])
    np.testing.assert_allclose(found.ravel(), network.predict(x, mask).ravel(), atol=0.05)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gru(2, elu) - dense(1)", r"gru\(2.* has elu, but in int8 .*sigmoid gates.*export it in float"),
        ("lstm(2, recurrent_activation=tanh) - dense(1)", "has tanh gates"),
        ("rnn(2) - dense(2, softplus) - dense(1)", "has softplus"),
        ("rnn(251) - dense(1)", "adds up more than 250 products"),
    ],
)
def test_what_int8_has_not_is_refused_by_name(text, message):
    with pytest.raises(ArchitectureError, match=message):
        to_c_int8(made(text), np.zeros((2, 7, 2), np.float32))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones((3, 7, 3)), r"x has shape \(3, 7, 3\), but the network takes"),
        (np.full((3, 7, 2), np.nan), "must be finite"),
        ("text", "cannot be read as an array of numbers"),
        (None, "no training inputs"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(x, message):
    for network in (made("gru(2) - dense(1)"), made("conv1d(2, 3) - flatten - dense(1)")):
        with pytest.raises(DataError, match=message):
            to_c_int8(network, x)


def test_sequences_of_different_lengths_are_taken_as_predict_takes_them():
    random = np.random.default_rng(4)
    sequences = [random.normal(size=(steps, 2)) for steps in (3, 7, 5)]
    quantized = QuantizedStream(made("gru(3) - dense(1)"), sequences)
    found = quantized.predict(sequences)
    for row, sequence in zip(found, sequences, strict=True):
        np.testing.assert_array_equal(row, quantized.predict(sequence[np.newaxis])[0])


def test_without_training_inputs_there_are_no_scales():
    with pytest.raises(DataError, match="no training inputs to fit the scales"):
        to_c_int8(made("gru(2) - dense(1)"), np.zeros((0, 7, 2), np.float32))


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no g++ here")
def test_the_header_is_c_plus_plus_too(tmp_path):
    x = np.ones((3, 7, 2), np.float32)
    header, _ = to_c_int8(made("lstm(2) - gru(2, reset_after=false) - dense(1)"), x)
    (tmp_path / "model.h").write_text(header.text)
    (tmp_path / "main.cpp").write_text(
        '#include "model.h"\nint main() { static model_state s; model_reset(&s); '
        "int16_t x[2] = {model_input(1.0f, 0), 0}; float y[1]; model_step(&s, x, y); return y[0] > 9; }\n"
    )
    command = ["g++", "-std=c++11", "-Wall", "-Wextra", "-Werror", "-pedantic", "main.cpp", "-o", "main"]
    subprocess.run(command, cwd=tmp_path, check=True)
    subprocess.run([tmp_path / "main"], check=True)
