"""Networks: what they answer, what they refuse, and the files they are kept in."""

from __future__ import annotations

import io
import json
import os
import resource

import numpy as np
import pytest

from netlet import _engine
from netlet.architecture import ACTIVATIONS, Architecture
from netlet.errors import ArchitectureError, DataError, FileError
from netlet.network import INSTRUCTION_SET_VARIABLE, Network, load_network

SHAPE = (7, 6, 2)
HIDDEN = "conv(3, 2x2) - maxpool(2) - dropout(0.5) - flatten - dense(4, activation=tanh)"
BINARY = f"{HIDDEN} - dense(1)"


def made(text=BINARY, shape: tuple[int, ...] = SHAPE, task="binary", outputs=1):
    architecture = Architecture(text).resolve(shape, task, outputs)
    random = np.random.default_rng(0)
    weights = [random.normal(size=size, scale=0.5) for size in architecture.weight_shapes(shape)]
    return Network(architecture, shape, task, weights)


@pytest.fixture
def x():
    return np.random.default_rng(1).random((20, *SHAPE)).astype(np.float32)


# What it answers


def test_binary_predictions_are_probabilities_of_class_1(x):
    network = made()
    prediction = network.predict(x)
    assert prediction.shape == (20,)
    assert prediction.dtype == np.float32
    assert ((prediction > 0) & (prediction < 1)).all()
    np.testing.assert_array_equal(network.outputs(x)[-1], prediction[:, None])


def test_categorical_predictions_are_probabilities_that_sum_to_1(x):
    prediction = made(f"{HIDDEN} - dense(3)", task="categorical", outputs=3).predict(x)
    assert prediction.shape == (20, 3)
    np.testing.assert_allclose(prediction.sum(axis=1), 1, rtol=1e-6)


def test_regressions_are_the_last_layer_s_numbers(x):
    network = made(f"{HIDDEN} - dense(2)", task="regression", outputs=2)
    np.testing.assert_array_equal(network.predict(x), network.outputs(x)[-1])
    assert abs(network.predict(x)).max() > 0.1


def test_a_target_at_every_step_gives_a_prediction_at_every_step():
    text, shape = "dense(3, activation=tanh) - dense(2)", (5, 4)
    architecture = Architecture(text).resolve(shape, "regression", 2, per_step=True)
    network = Network.from_flat(architecture, shape, "regression", np.linspace(-1, 1, 23))
    kernel, bias, kernel_2, bias_2 = network.weights
    x = np.random.default_rng(1).normal(size=(6, *shape))
    expected = np.tanh(x @ kernel + bias) @ kernel_2 + bias_2
    np.testing.assert_allclose(network.predict(x), expected, rtol=1e-5, atol=1e-6)
    y = np.zeros((6, 5, 2))
    assert network.loss(x, y) == pytest.approx(np.square(expected).mean(), rel=1e-5)
    assert network.gradients(x, y)[2].shape == x.shape


def test_losses_are_the_mean_over_samples(x):
    network, y = made(), np.arange(20) % 2
    p = network.predict(x).astype(np.float64)
    expected = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    assert network.loss(x, y) == pytest.approx(expected, rel=1e-5)
    assert network.loss(x, y[:, None]) == network.loss(x, y)
    assert network.gradients(x, y)[0] == pytest.approx(expected, rel=1e-5)


def test_many_samples_and_few_get_the_same_predictions():
    network = made("conv(2, 3x3) - maxpool(3) - flatten - dense(1)", (60, 60, 1))
    x = np.random.default_rng(2).random((300, 60, 60, 1)).astype(np.float32)
    alone = np.concatenate([network.predict(x[i : i + 1]) for i in range(0, 300, 29)])
    np.testing.assert_allclose(network.predict(x)[::29], alone, rtol=1e-5)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float16, np.float64, ">f4"])
def test_any_type_of_numbers_is_taken(dtype):
    network = made()
    x = np.random.default_rng(3).integers(0, 2, (5, *SHAPE))
    np.testing.assert_array_equal(network.predict(x.astype(dtype)), network.predict(x.astype(np.float32)))
    np.testing.assert_array_equal(network.predict(x.tolist()), network.predict(x.astype(np.float32)))


def test_arrays_need_not_be_contiguous(x):
    network = made()
    turned = np.asfortranarray(x)
    np.testing.assert_array_equal(network.predict(turned), network.predict(x))
    np.testing.assert_array_equal(network.predict(np.repeat(x, 2, axis=0)[::2]), network.predict(x))


def test_no_samples_give_no_predictions():
    network = made()
    nothing = np.empty((0, *SHAPE))
    assert network.predict(nothing).shape == (0,)
    shapes = network.architecture.shapes(SHAPE)
    assert [output.shape for output in network.outputs(nothing)] == [(0, *shape) for shape in shapes]


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_no_samples_have_no_activity(cell):
    network = made(f"{cell}(3) - dense(1)", (5, 2))
    (activity,) = network.activity(np.empty((0, 5, 2)))
    (expected,) = network.activity(np.zeros((4, 5, 2)))
    assert activity.hidden.shape == (0, 5, 3)
    assert list(activity.gates) == list(expected.gates)
    assert all(gate.shape == (0, 5, 3) for gate in activity.gates.values())
    assert (activity.cell is None) == (cell != "lstm")


@pytest.mark.parametrize("text", ["flatten", "dropout(0.5) - flatten", "flatten - flatten"])
def test_a_network_without_weights_answers_too(text):
    x = np.arange(6.0).reshape(3, 1, 1, 2)
    network = Network(Architecture(text), (1, 1, 2), "regression", [])
    np.testing.assert_array_equal(network.predict(x), x.reshape(3, 2))
    np.testing.assert_array_equal(network.outputs(x)[-1], x.reshape(3, 2))
    loss, d_weights, d_x = network.gradients(x, x.reshape(3, 2) - 1)
    assert (loss, d_weights) == (1, [])
    np.testing.assert_allclose(d_x, np.full((3, 1, 1, 2), 2 / 2 / 3), rtol=1e-6)
    assert network.parameters == 0


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "softmax"])
@pytest.mark.parametrize(
    "text",
    [
        "conv(2, 2x2, activation={0}) - maxpool(2) - flatten - dense(1)",
        "conv(2, 2x2, activation={0}) - maxpool(3, padding=same) - flatten - dense(1)",
        "depthwiseconv(2x2, activation={0}) - avgpool(2) - flatten - dense(1)",
        "flatten - dense(3, activation={0}) - activation({0}) - dense(1)",
        "conv(2, 1x1, activation={0}) - globalmaxpool - dense(1)",
    ],
)
def test_a_weight_that_is_no_number_makes_every_answer_none(text, activation, x):
    network = made(text.format(activation))
    for index, weight in enumerate(network.weights):
        broken = weight.copy()
        broken.flat[-1] = np.nan
        found = network.with_weights([*network.weights[:index], broken, *network.weights[index + 1 :]])
        assert np.isnan(found.predict(x)).all()
        assert np.isnan(found.outputs(x)[-1]).all()
        assert np.isnan(found.loss(x, np.zeros(20)))


@pytest.mark.parametrize("instruction_set", _engine.instruction_sets())
@pytest.mark.parametrize(
    "text",
    [
        "maxpool({0}) - flatten - dense(1)",
        "globalmaxpool - dense(1)",
        "conv(3, 1x1, activation=relu) - maxpool({0}) - flatten - dense(1)",
        "conv(5, 1x1, activation=linear) - maxpool({0}) - conv(2, 1x1) - flatten - dense(1)",
    ],
)
@pytest.mark.parametrize("size", [2, 3])
def test_an_input_that_is_no_number_makes_the_answer_none_wherever_it_lies(
    text, size, instruction_set, monkeypatch
):
    monkeypatch.setenv(INSTRUCTION_SET_VARIABLE, instruction_set)
    network = made(text.format(size), (size, size, 1), "regression")
    x = np.ones((size * size + 1, size * size), np.float32)
    np.fill_diagonal(x, np.nan)
    x = x.reshape(-1, size, size, 1)
    assert np.isnan(network.predict(x)[:, 0]).tolist() == [True] * size * size + [False]
    for output in network.outputs(x)[1:]:
        assert np.isnan(output[:-1]).reshape(size * size, -1).any(axis=1).all()
    assert np.isnan(network.loss(x, np.zeros(len(x))))


# Parts and copies


def test_weights_are_copies_that_cannot_be_changed():
    network = made()
    given = [weight.copy() for weight in network.weights]
    copy = network.with_weights(given)
    before = copy.predict(np.ones((1, *SHAPE)))
    given[0][:] = 9
    np.testing.assert_array_equal(copy.predict(np.ones((1, *SHAPE))), before)
    with pytest.raises(ValueError, match="read-only"):
        copy.weights[0][:] = 0
    with pytest.raises(TypeError, match="does not support item assignment"):
        copy.weights[0] = given[0]  # pyright: ignore[reportIndexIssue]


def test_flat_weights_are_in_keras_s_order():
    network = made()
    flat = np.concatenate([weight.ravel() for weight in network.weights])
    again = Network.from_flat(network.architecture, SHAPE, "binary", flat)
    for own, expected in zip(again.weights, network.weights, strict=True):
        np.testing.assert_array_equal(own, expected)


def test_the_tail_behind_every_layer_goes_on_from_its_output(x):
    network = made()
    outputs = network.outputs(x)
    for layer in range(-len(network.architecture), len(network.architecture) - 1):
        if layer == -1:
            continue
        tail = network.tail(layer)
        np.testing.assert_allclose(tail.predict(outputs[layer]), network.predict(x), rtol=1e-6)
        assert len(tail.architecture) == len(network.architecture) - 1 - range(len(outputs))[layer]


@pytest.mark.parametrize("layer", [5, 6, -1, -7])
def test_there_is_no_tail_behind_the_last_layer(layer):
    with pytest.raises(ArchitectureError, match=f"no layer behind layer {layer} .*: choose one from 0 to 4"):
        made().tail(layer)


def test_a_tail_may_be_a_flatten_alone():
    network = made("conv(2, 2x2, activation=linear) - flatten", (2, 2, 1), "regression", 2)
    np.testing.assert_array_equal(network.tail(0).predict(np.ones((3, 1, 1, 2))), np.ones((3, 2)))


def test_it_counts_its_parameters_and_says_what_it_is():
    network = made()
    assert network.parameters == sum(weight.size for weight in network.weights) == 27 + 76 + 5
    assert repr(network) == f"<Network {network.architecture}: 108 parameters, binary>"
    assert network.summary() == network.architecture.summary(SHAPE)


# What it refuses


@pytest.mark.parametrize(
    "shape", [SHAPE, (20, 7, 6), (20, 6, 7, 2), (20, 7, 6, 1), (20, 84), (1, 20, *SHAPE), ()]
)
def test_inputs_of_another_shape_are_refused(shape):
    wrong, network = np.zeros(shape), made()
    with pytest.raises(DataError) as caught:
        network.predict(wrong)
    assert str(caught.value) == f"x has shape {shape}, but the network takes (n, 7, 6, 2)"
    for method in (network.outputs, lambda x: network.loss(x, [0]), lambda x: network.gradients(x, [0])):
        with pytest.raises(DataError, match="but the network takes"):
            method(wrong)


@pytest.mark.parametrize("values", ["text", None, [[1, 2], [3]], [object()]])
def test_what_holds_no_numbers_is_refused(values, x):
    with pytest.raises(DataError, match=r"x cannot be read as an array of numbers|x has shape"):
        made().predict(values)
    with pytest.raises(DataError, match=r"y cannot be read as an array of numbers|y has shape"):
        made().loss(x, values)


@pytest.mark.parametrize("y", [np.zeros(19), np.zeros((20, 2)), np.zeros(0), 0.0])
def test_targets_of_another_number_are_refused(y, x):
    for method in (made().loss, made().gradients):
        with pytest.raises(DataError, match=r"y has shape .* but 20 samples need 1 targets each"):
            method(x, y)


def test_weights_of_other_shapes_are_refused():
    network = made()
    for wrong in (network.weights[:-1], [*network.weights, np.zeros(1)], network.weights[::-1]):
        with pytest.raises(DataError, match="weights have shapes"):
            network.with_weights(wrong)


def test_a_task_that_does_not_exist_is_refused():
    network = made()
    with pytest.raises(ArchitectureError, match="task is 'guessing', but must be one of binary, categorical"):
        Network(network.architecture, SHAPE, "guessing", network.weights)


@pytest.mark.parametrize(
    ("text", "task", "message"),
    [
        (
            "conv(2, 2x2) - flatten - dense(1, sigmoid)",
            "binary",
            "leaves activations open: give what its resolve",
        ),
        (
            "flatten - dense(2, softmax) - dense(1, sigmoid)",
            "binary",
            "has softmax, which only the last layer",
        ),
        ("flatten - dense(3, sigmoid)", "binary", "two classes, which take one output"),
        ("flatten", "binary", "gives 84 numbers"),
        ("flatten - dense(1, relu)", "binary", "probabilities come from sigmoid"),
        ("conv(1, 2x2, activation=linear)", "regression", "gives an image of 6 x 5 x 1"),
    ],
)
def test_architectures_that_are_not_resolved_or_do_not_fit_the_task_are_refused(text, task, message):
    architecture = Architecture(text)
    weights = [np.zeros(shape) for shape in architecture.weight_shapes(SHAPE)]
    with pytest.raises(ArchitectureError, match=message):
        Network(architecture, SHAPE, task, weights)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.ones((2, 4)), r"mask has shape \(2, 4\), but must be \(2, 5\): one value a step"),
        (np.zeros((2, 5)), r"mask\[0\] is False throughout"),
        (np.full((2, 5), 0.5), "mask must hold True where a step counts"),
        (np.full((2, 5), np.nan), "mask must hold True where a step counts"),
    ],
)
def test_masks_that_make_no_sense_are_refused(mask, message):
    network = made("gru(3) - dense(1)", (5, 2))
    for method in (network.predict, network.outputs, network.activity):
        with pytest.raises(DataError, match=message):
            method(np.zeros((2, 5, 2)), mask)
    with pytest.raises(DataError, match=message):
        network.loss(np.zeros((2, 5, 2)), np.zeros(2), mask)
    with pytest.raises(DataError, match="only sequences have one"):
        made().predict(np.zeros((2, *SHAPE)), np.ones((2, 7)))


def test_an_unknown_instruction_set_is_refused(monkeypatch, x):
    monkeypatch.setenv(INSTRUCTION_SET_VARIABLE, "sse9")
    with pytest.raises(ArchitectureError, match="'sse9' is not available here: choose one of"):
        made().predict(x)


def test_every_instruction_set_of_this_processor_can_be_asked_for(monkeypatch, x):
    expected = made().predict(x)
    for instruction_set in _engine.instruction_sets():
        monkeypatch.setenv(INSTRUCTION_SET_VARIABLE, instruction_set)
        np.testing.assert_allclose(made().predict(x), expected, rtol=1e-5)


# Files


@pytest.fixture
def saved(tmp_path):
    return made().save(tmp_path / "five.netlet", dataset="mnist56", seed=3, history=[0.5, float("inf")])


def test_a_network_comes_back_from_its_file_as_it_was(saved, x):
    network = load_network(saved)
    about = network.about
    assert about == {"dataset": "mnist56", "seed": 3, "history": [0.5, float("inf")]}
    assert (network.architecture, network.input_shape, network.task) == (made().architecture, SHAPE, "binary")
    for own, expected in zip(network.weights, made().weights, strict=True):
        np.testing.assert_array_equal(own, expected)
    np.testing.assert_array_equal(network.predict(x), made().predict(x))


def test_a_network_without_weights_comes_back_too(tmp_path):
    path = Network(Architecture("flatten"), (1, 1, 2), "regression", []).save(str(tmp_path / "none"))
    network = load_network(path)
    about = network.about
    assert (network.weights, about) == ((), {})


def test_networks_of_many_weights_keep_their_order(tmp_path):
    network = made(" - ".join(["flatten", *["dense(2)"] * 60, "dense(1)"]))
    again = load_network(network.save(tmp_path / "deep.netlet"))
    for own, expected in zip(again.weights, network.weights, strict=True):
        np.testing.assert_array_equal(own, expected)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(FileError, match="does not exist: give a file that netlet train --save"):
        load_network(tmp_path / "nothing.netlet")
    with pytest.raises(FileError, match="is a folder: give a file"):
        load_network(tmp_path)


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_refused(saved, kept):
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(FileError, match="is not a network that netlet has saved, or is damaged"):
        load_network(saved)


def test_damage_anywhere_is_an_error_or_harmless(saved):
    whole = saved.read_bytes()
    refused = 0
    for place in range(0, len(whole), 7):
        saved.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            network = load_network(saved)
        except FileError:
            refused += 1
            continue
        for own, expected in zip(network.weights, made().weights, strict=True):
            np.testing.assert_array_equal(own, expected)
    assert refused > len(whole) / 7 / 3


@pytest.mark.parametrize(
    "content", [b"text", b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"\x80\x04}\x94.", b"x" * 100_000]
)
def test_other_files_are_refused(saved, content):
    saved.write_bytes(content)
    with pytest.raises(FileError, match="is not a network that netlet has saved, or is damaged"):
        load_network(saved)


def test_arrays_of_other_programs_are_refused(saved):
    with saved.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(FileError, match="is not a network that netlet has saved"):
        load_network(saved)
    with saved.open("wb") as file:
        np.savez(file, weight_000=np.zeros(3))
    with pytest.raises(FileError, match="is not a network that netlet has saved"):
        load_network(saved)


class Hostile:
    """Unpickled, it makes a folder."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_a_pickle_inside_is_never_run(saved, tmp_path):
    folder = tmp_path / "was-here"
    with saved.open("wb") as file:
        np.savez(file, head=np.array([Hostile(str(folder))], dtype=object))
    with pytest.raises(FileError, match="is not a network that netlet has saved"):
        load_network(saved)
    assert not folder.exists()
    with np.load(saved, allow_pickle=True) as file:
        file["head"]
    assert folder.exists()


def rewritten(path, **changes):
    """The same file with another head; a change of None leaves an entry out."""
    with np.load(path) as file:
        arrays = dict(file)
    head = json.loads(str(arrays.pop("head"))) | changes
    buffer = io.BytesIO()
    kept = {key: value for key, value in head.items() if value is not None}
    np.savez(buffer, head=np.array(json.dumps(kept)), **arrays)
    path.write_bytes(buffer.getvalue())
    return path


def test_a_newer_format_asks_for_a_newer_netlet(saved):
    with pytest.raises(FileError, match="has format 3, but this netlet reads up to 2: update netlet"):
        load_network(rewritten(saved, format=3))


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "new"},
        {"format": None},
        {"about": None},
        {"task": None},
        {"task": "guessing"},
        {"architecture": "conv(99) - flatten - dense(1)"},
        {"architecture": "no such layer"},
        {"architecture": 5},
        {"input_shape": [9, 9, 1]},
        {"input_shape": "large"},
    ],
)
def test_a_head_that_does_not_fit_is_refused(saved, changes):
    assert load_network(rewritten(saved)).about["seed"] == 3
    with pytest.raises(FileError, match=r"is not a network that netlet has saved|that fits together"):
        load_network(rewritten(saved, **changes))


def test_saving_where_there_is_no_space_leaves_the_older_file(saved):
    before = saved.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        with pytest.raises(FileError, match="cannot be written: File too large"):
            made().save(saved)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_saving_what_json_cannot_hold_leaves_the_older_file(saved):
    before = saved.read_bytes()
    with pytest.raises(TypeError, match="JSON"):
        made().save(saved, dataset=object())
    assert saved.read_bytes() == before
