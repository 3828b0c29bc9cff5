"""Networks as ONNX models: the same answers in ONNX Runtime, and back again."""

import os
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

import netlet as nl
from netlet.architecture import Architecture, BatchNorm, Bidirectional, LayerNorm
from netlet.errors import ArchitectureError, FileError, NetletError
from netlet.interop.onnx import OPSET, from_onnx, read_onnx, to_onnx, write_onnx

EXAMPLES = int(os.environ.get("NETLET_INTEROP_EXAMPLES", "40"))


def session(model):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


def answers(model, x):
    return np.asarray(session(model).run(["output"], {"input": x})[0])


def same(network, model, x):
    y = answers(model, x)
    np.testing.assert_allclose(network.predict(x).reshape(y.shape), y, rtol=1e-5, atol=1e-5)


def with_gamma_and_beta(architecture):
    """Which every normalisation has that comes back, whether or not it learned both."""
    norms = {"scale": True, "center": True}
    return Architecture(
        [
            replace(layer, **norms) if isinstance(layer, BatchNorm | LayerNorm) else layer
            for layer in architecture.layers
        ]
    )


@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_random_networks_go_to_onnx_and_come_back(data, networks):
    network, x = data.draw(networks())
    model = to_onnx(network)
    same(network, model, x)
    if any(isinstance(layer, Bidirectional) for layer in network.architecture.layers):
        with pytest.raises(ArchitectureError, match="is not what netlet has"):
            from_onnx(model, input_shape=network.input_shape)
        return
    back = from_onnx(model, input_shape=network.input_shape)
    assert (back.input_shape, back.task) == (network.input_shape, network.task)
    np.testing.assert_allclose(back.predict(x), network.predict(x), rtol=1e-5, atol=1e-5)


def test_the_exercise_s_networks_answer_alike_on_whole_validation_sets(trained, tmp_path):
    network, data = trained
    path = write_onnx(network, tmp_path / "n.onnx")
    same(network, onnx.load(path), data.validation.x)
    back = read_onnx(path, input_shape=network.input_shape)
    assert back.parameters == with_gamma_and_beta(network.architecture).parameters(network.input_shape)
    x = data.validation.x[:50]
    np.testing.assert_allclose(back.predict(x), network.predict(x), rtol=1e-5, atol=1e-5)


def test_the_opset_is_the_one_that_is_stated(trained_by_name):
    model = to_onnx(trained_by_name("trimmed")[0])
    assert [(each.domain, each.version) for each in model.opset_import] == [("", OPSET)]
    onnx.checker.check_model(model, full_check=True)


def made(text, shape, task="regression", outputs=1, per_step=False):
    architecture = nl.Architecture(text).resolve(shape, task, outputs, per_step)
    random = np.random.default_rng(0)
    weights = [random.normal(size=each, scale=0.5) for each in architecture.weight_shapes(shape)]
    return nl.Network(architecture, shape, task, weights)


def test_sequences_of_any_length_are_taken():
    network = made("gru(3) - lstm(2) - dense(1)", (9, 2), per_step=True)
    model = to_onnx(network)
    for steps in (1, 4, 30):
        same(network, model, np.random.default_rng(0).normal(size=(3, steps, 2)).astype(np.float32))


def test_states_carried_from_piece_to_piece_give_what_whole_sequences_give():
    network = made("rnn(2) - gru(3) - lstm(2) - dense(1)", (12, 2), per_step=True)
    x = np.random.default_rng(0).normal(size=(4, 12, 2)).astype(np.float32)
    run = session(to_onnx(network, states=True))
    names = [each.name for each in run.get_inputs() if each.name != "input"]
    assert names == ["rnn_1_hidden_in", "gru_2_hidden_in", "lstm_3_hidden_in", "lstm_3_cell_in"]
    units = {"rnn_1": 2, "gru_2": 3, "lstm_3": 2}
    states = {name: np.zeros((4, units["_".join(name.split("_")[:2])]), np.float32) for name in names}
    found = []
    outputs = ["output", *(name.replace("_in", "_out") for name in names)]
    for piece in np.split(x, [1, 5, 6], axis=1):
        y, *kept = run.run(outputs, {"input": piece, **states})
        states = dict(zip(names, kept, strict=True))
        found.append(y)
    np.testing.assert_allclose(np.concatenate(found, axis=1), network.predict(x), rtol=1e-5, atol=1e-5)


def test_a_model_with_channels_first_as_pytorch_writes_it_is_taken():
    random = np.random.default_rng(0)
    arrays = {
        "k": random.normal(size=(4, 2, 3, 3)), "b": random.normal(size=4), "m": random.normal(size=(3, 64)),
        "c": random.normal(size=3), "s": random.uniform(1, 2, size=4), "o": random.normal(size=4),
    }  # fmt: skip
    nodes = [
        helper.make_node("Conv", ["input", "k", "b"], ["1"], kernel_shape=[3, 3]),
        helper.make_node("BatchNormalization", ["1", "s", "o", "b", "s"], ["2"], epsilon=1e-3),
        helper.make_node("Relu", ["2"], ["3"]),
        helper.make_node("MaxPool", ["3"], ["4"], kernel_shape=[2, 2], strides=[1, 1]),
        helper.make_node("Flatten", ["4"], ["5"]),
        helper.make_node("Gemm", ["5", "m", "c"], ["output"], transB=1),
    ]
    kind = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("input", kind, ["n", 2, 7, 7])],
        [helper.make_tensor_value_info("output", kind, ["n", 3])],
        [numpy_helper.from_array(array.astype(np.float32), name) for name, array in arrays.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    x = random.normal(size=(5, 7, 7, 2)).astype(np.float32)
    network = from_onnx(model)
    assert network.input_shape == (7, 7, 2)
    y = answers(model, np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    np.testing.assert_allclose(network.predict(x), y, rtol=1e-5, atol=1e-5)


def changed(change, text="conv(2, 3x3) - flatten - dense(2)", shape=(6, 6, 1), outputs=2):
    model = to_onnx(made(text, shape, outputs=outputs))
    change(model)
    return model


def external(model):
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def huge(model):
    del model.graph.initializer[0].dims[:]
    model.graph.initializer[0].dims.extend([1 << 40, 1 << 20])


def negative(model):
    model.graph.initializer[0].dims[0] = -1


def unknown(model):
    node = next(each for each in model.graph.node if each.op_type == "Relu")
    node.op_type = "Gelu"


def custom(model):
    model.opset_import.add(domain="com.evil", version=1)


def padded(model):
    node = next(each for each in model.graph.node if each.op_type == "Conv")
    next(each for each in node.attribute if each.name == "pads").ints[:] = [2, 2, 0, 0]


def circle(model):
    model.graph.node[0].input[0] = model.graph.node[-1].input[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (external, "lies in another file, which is not opened"),
        (huge, "numbers, which is the limit"),
        (negative, "holds no floats or whole numbers"),
        (unknown, r"'relu_.*' \(Gelu\) is none that netlet takes; it takes Add, .*Conv"),
        (custom, "has operators of 'com.evil'"),
        (padded, r"pads by \[2, 2, 0, 0\], but netlet by nothing or as Keras's same does"),
        (circle, "goes to . operators, but netlet's networks are one path"),
    ],
)
def test_what_netlet_has_not_is_refused_in_one_line(change, message, tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(changed(change).SerializeToString())
    with pytest.raises(ArchitectureError, match=message) as caught:
        read_onnx(path)
    assert "\n" not in str(caught.value)
    assert caught.value.file == str(path)


def test_models_with_states_are_refused_on_the_way_in():
    model = to_onnx(made("gru(2) - dense(1)", (5, 1)), states=True)
    with pytest.raises(ArchitectureError, match=r"2 inputs and 2 outputs.*taken without"):
        from_onnx(model)


def test_an_open_length_is_asked_for():
    model = to_onnx(made("gru(2) - dense(1)", (5, 1)))
    with pytest.raises(ArchitectureError, match=r"say its whole shape with input_shape="):
        from_onnx(model)


def test_files_that_are_none_are_refused(tmp_path):
    path = tmp_path / "m.onnx"
    with pytest.raises(FileError, match="does not exist"):
        read_onnx(path)
    for content in (b"", b"text", b"\x80\x04}\x94.", bytes(1000)):
        path.write_bytes(content)
        with pytest.raises(FileError, match="is no ONNX model"):
            read_onnx(path)


def test_damage_anywhere_is_an_error_in_one_line_or_harmless(tmp_path):
    whole = to_onnx(
        made("conv(2, 3x3) - maxpool - flatten - dense(2)", (6, 6, 1), outputs=2)
    ).SerializeToString()
    path = tmp_path / "m.onnx"
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            read_onnx(path)
        except NetletError as error:
            assert "\n" not in str(error)


def test_without_onnx_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(
        NetletError, match=r"needs onnx, which is not installed: pip install 'netlet\[onnx\]'"
    ):
        to_onnx(made("gru(2) - dense(1)", (5, 1)))
