"""Networks as headers of C99: they compile without a warning, and answer as the engine does."""

import os
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netlet as nl
from netlet.architecture import Bidirectional, LayerNorm, Recurrent, StepsLayer
from netlet.errors import ArchitectureError, DataError
from netlet.interop.c import to_c, to_c_int8, write_c
from netlet.interop.c.compiled import FLAGS, Compiled
from netlet.interop.c.plan import plan_of

EXAMPLES = int(os.environ.get("NETLET_INTEROP_EXAMPLES", "25"))
pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc here")
QUICK = tuple("-O1" if flag == "-O2" else flag for flag in FLAGS)


def same(network, x, flags=QUICK):
    header, plan = to_c(network), plan_of(network)
    with Compiled(header, plan, flags) as compiled:
        found = compiled.predict(x)
    expected = network.predict(x)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=1e-5, atol=1e-5)


@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_random_networks_answer_alike_in_c(data, networks):
    network, x = data.draw(networks())
    kinds = [type(layer) for layer in network.architecture.layers]
    if Bidirectional in kinds:
        with pytest.raises(ArchitectureError, match=r"bidirectional.* from its end, but in C"):
            to_c(network)
        return
    if any(issubclass(k, StepsLayer) for k in kinds) and any(issubclass(k, Recurrent) for k in kinds):
        with pytest.raises(ArchitectureError, match=r"1d.* sees several steps at once, but in C"):
            to_c(network)
        return
    same(network, x)


def test_the_exercise_s_networks_answer_alike_on_whole_validation_sets(trained):
    network, data = trained
    same(network, data.validation.x)


def made(text, shape, task="regression", outputs=1, per_step=False, **more):
    architecture = nl.Architecture(text).resolve(shape, task, outputs, per_step)
    random = np.random.default_rng(0)
    weights = [random.normal(size=each, scale=0.5) for each in architecture.weight_shapes(shape)]
    return nl.Network(architecture, shape, task, weights, **more)


SANITIZED = """
#include "digits.h"
#include <stdio.h>
int main(void)
{
    static float input[DIGITS_INPUTS];
    float out[DIGITS_OUTPUTS];
    while (fread(input, sizeof input, 1, stdin) == 1) {
        digits_predict(input, out);
        fwrite(out, sizeof out, 1, stdout);
        if (digits_classify(input) < 0) return 1;
    }
    return 0;
}
"""


@pytest.mark.parametrize(
    "text",
    [
        "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(5) - dense(3)",
        "depthwiseconv(2x3, strides=2, padding=same, depth_multiplier=2) - avgpool(3, padding=same) - "
        "conv(4, 2x2, padding=same, activation=elu) - globalmaxpool - dense(3)",
        "maxpool(2x3, strides=1, padding=same) - activation(tanh) - conv(2, 5x5, strides=3) - "
        "flatten - dense(3)",
    ],
)
def test_sanitizers_find_nothing(text, tmp_path):
    network = made(text, (28, 28, 2), "categorical", 3)
    write_c(network, tmp_path / "digits.h")
    (tmp_path / "main.c").write_text(SANITIZED)
    flags = [flag for flag in FLAGS if flag != "-O2"] + ["-g", "-fsanitize=address,undefined"]
    command = ["gcc", *flags, "-fno-sanitize-recover", "main.c", "-o", "main", "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True)
    x = np.random.default_rng(0).normal(size=(9, 28, 28, 2)).astype(np.float32)
    done = subprocess.run([tmp_path / "main"], input=x.tobytes(), capture_output=True, check=True)
    found = np.frombuffer(done.stdout, np.float32).reshape(9, 3)
    np.testing.assert_allclose(found, network.predict(x), rtol=1e-5, atol=1e-5)


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no g++ here")
def test_a_header_is_c_plus_plus_too_as_arduino_has_it(tmp_path):
    write_c(made("lstm(2) - dense(1)", (5, 1)), tmp_path / "model.h")
    (tmp_path / "main.cpp").write_text(
        '#include "model.h"\nint main() { static model_state s; model_reset(&s); float x[1] = {0}, y[1];'
        " model_step(&s, x, y); return y[0] > 9; }\n"
    )
    command = ["g++", "-Wall", "-Wextra", "-Werror", "-pedantic", "main.cpp", "-o", "main"]
    subprocess.run(command, cwd=tmp_path, check=True)
    subprocess.run([tmp_path / "main"], check=True)


def test_pooling_is_fused_so_that_the_convolution_s_own_output_is_never_kept():
    header = to_c(made("conv(3, 3x3) - maxpool(3) - flatten - dense(1)", (28, 28, 1)))
    assert header.costs.ram == 4 * 8 * 8 * 3
    assert header.costs.flash == 4 * (3 * 9 + 3 + 192 + 1)
    assert header.costs.multiply_adds == 24 * 24 * 3 * 9 + 192
    assert f"{header.costs.ram:,} bytes of RAM" in header.text


def test_a_recurrent_network_needs_no_more_than_its_state():
    header = to_c(made("gru(5) - dense(1)", (100, 1), per_step=True))
    assert header.costs.ram == 4 * (5 + 5)
    assert "static float" not in header.text.split("*/", 1)[1]


def test_recurrent_networks_that_flatten_are_refused():
    with pytest.raises(ArchitectureError, match="flatten needs whole sequences"):
        to_c(made("gru(5, return_sequences=true) - flatten - dense(1)", (10, 1)))


def test_sequences_without_recurrence_are_taken_whole():
    for text, per_step in (("dense(3) - flatten - dense(1)", False), ("dense(3, tanh) - dense(1)", True)):
        network = made(text, (6, 2), per_step=per_step)
        same(network, np.random.default_rng(0).normal(size=(4, 6, 2)).astype(np.float32))


@pytest.mark.parametrize("layer", ["maxpool(2)", "avgpool(2)", "conv(2, 2x2, activation=linear)"])
@pytest.mark.parametrize("function", ["linear", "tanh"])
def test_an_activation_behind_flatten_is_done_by_what_stands_before_it(layer, function):
    network = made(f"{layer} - flatten - activation({function}) - dense(2)", (5, 6, 3), outputs=2)
    x = np.random.default_rng(0).normal(size=(4, 5, 6, 3)).astype(np.float32)
    same(network, x)
    same_to_the_bit(network, x, x)


def test_softmax_behind_flatten_is_over_all_numbers():
    network = made(
        "conv(2, 2x2, activation=linear) - flatten - activation(softmax)", (3, 3, 1), "categorical", 8
    )
    x = np.random.default_rng(0).normal(size=(4, 3, 3, 1)).astype(np.float32)
    same(network, x)
    same_to_the_bit(network, x, x)


def test_weights_that_are_not_finite_are_refused():
    network = made("dense(1)", (3,))
    with pytest.raises(DataError, match="diverged"):
        to_c(network.with_weights([np.full((3, 1), np.nan), np.zeros(1)]))


def test_names_of_classes_and_files_do_no_harm(tmp_path):
    names = ["*/ int x;", "/* what? \\"]
    network = made("dense(1)", (3,), "binary", class_names=names)
    header = write_c(network, tmp_path / "3 böse-Namen!.h")
    assert header.name == "model_3_b_se_namen"
    with Compiled(header, plan_of(network)) as compiled:
        assert compiled.predict(np.zeros((2, 3))).shape == (2, 1)


STACKED = [
    "conv1d(2, 3) - maxpool1d(2) - flatten - dense(1)",
    "conv1d(2, 3) - conv1d(3, 2, activation=tanh) - globalmaxpool1d - dense(1)",
    "avgpool1d(3, padding=same) - conv1d(2, 2, padding=same) - flatten - dense(1)",
    "conv1d(1, 3, strides=2, padding=causal) - conv1d(2, 3, strides=2, padding=causal) - flatten - dense(1)",
    "avgpool1d(2) - dense(3) - conv1d(2, 2) - dropout(0.1) - conv1d(2, 2) - globalavgpool1d - dense(1)",
]


@pytest.mark.parametrize("text", STACKED)
def test_layers_over_steps_stand_behind_each_other(text):
    network, random = made(text, (9, 2)), np.random.default_rng(0)
    x = random.normal(size=(5, 9, 2)).astype(np.float32)
    same(network, x, FLAGS)  # with all of the optimiser's warnings
    same_to_the_bit(network, x, x, FLAGS)


# int8


def same_to_the_bit(network, fitted, x, flags=QUICK):
    header, quantized = to_c_int8(network, fitted)
    q = quantized.quantize(x)
    expected = quantized.integers(q)
    with Compiled(header, quantized.plan, flags, is_int8=True) as compiled:
        np.testing.assert_array_equal(compiled.integers(q), expected.reshape(len(x), -1))
        answers, own = compiled.predict(x), quantized.predict(x)
        np.testing.assert_allclose(answers, own.reshape(answers.shape), rtol=1e-5, atol=1e-5)
    return quantized


@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_random_networks_in_int8_are_their_reference_to_the_bit(data, networks):
    network, x = data.draw(networks(kinds=("image", "table", "steps")))
    kinds = {type(layer) for layer in network.architecture.layers}
    if LayerNorm in kinds or any(issubclass(kind, Recurrent) for kind in kinds):
        with pytest.raises(ArchitectureError, match=r"int8|in C"):
            to_c_int8(network, x)
        return
    same_to_the_bit(network, x[:3], x)


@pytest.mark.parametrize("name", ["cell", "trimmed", "crt"])
def test_int8_is_as_good_as_float_on_whole_validation_sets(name, trained_by_name):
    network, data = trained_by_name(name)
    quantized = same_to_the_bit(network, data.train.x, data.validation.x)
    answers = quantized.predict(data.validation.x).reshape(network.predict(data.validation.x).shape)
    accuracies = [
        (nl.metrics.labels(each) == nl.metrics.labels(data.validation.y)).mean()
        for each in (answers, network.predict(data.validation.x))
    ]
    assert accuracies[0] > accuracies[1] - 0.005


def test_pixels_are_int8_without_arithmetic(trained_by_name):
    network, data = trained_by_name("trimmed")
    header, quantized = to_c_int8(network, data.train.x)
    pixels = np.round(data.validation.x[:5] * 255).astype(int)
    np.testing.assert_array_equal(quantized.quantize(data.validation.x[:5]), pixels - 128)
    np.testing.assert_array_equal(quantized.quantize(pixels.astype(np.uint8)), pixels - 128)
    assert "_pixel(uint8_t x)" in header.text
    assert header.costs.ram == 13 * 13 * 2 + 5 * 5 * 2
