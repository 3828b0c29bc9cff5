"""ONNX operators that would answer otherwise by a detail: refused, or the same."""

import json

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from netlet.errors import ArchitectureError
from netlet.interop.onnx import from_onnx

RANDOM = np.random.default_rng(0)
node = helper.make_node


def normal(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


def model_of(*nodes, shape=("n", 4), opset=17, kind=TensorProto.FLOAT, **arrays):
    """An ONNX model from ``input`` to ``output``."""
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("input", kind, shape)],
        [helper.make_tensor_value_info("output", kind, None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def before_dense(*nodes, shape=("n", 4), units=2, inputs=4, **arrays):
    """Nodes from ``input`` to ``a``, and a dense layer behind them."""
    return model_of(
        *nodes, node("MatMul", ["a", "w"], ["output"]), shape=shape, w=normal(inputs, units), **arrays
    )


def normalised(**more):
    ones = np.ones(4, np.float32)
    return before_dense(
        node(
            "BatchNormalization", ["input", "s", "s", "s", "s"], ["a", "m", "v"][: 1 + 2 * len(more)], **more
        ),
        s=ones,
    )


def gemm(bias, units, **more):
    return model_of(
        node("Gemm", ["input", "w", "b"], ["output"], **more), w=normal(4, units), b=bias, shape=(5, 4)
    )


REFUSED_ONNX = {
    "dropping always": (
        lambda: before_dense(
            node("Dropout", ["input", "r", "t"], ["a"]), r=np.float32(0.5), t=np.array(True)
        ),
        r"\(Dropout\) drops even when",
    ),
    "rounding": (
        lambda: before_dense(node("Cast", ["input"], ["i"], to=6), node("Cast", ["i"], ["a"], to=1)),
        r"\(Cast\) rounds",
    ),
    "half precision": (
        lambda: model_of(
            node("Cast", ["input"], ["a"], to=1),
            node("MatMul", ["a", "w"], ["output"]),
            w=normal(4, 2),
            kind=TensorProto.FLOAT16,
        ),
        "half precision",
    ),
    "half precision of weights": (
        lambda: model_of(node("MatMul", ["input", "w"], ["output"]), w=normal(4, 2).astype(np.float16)),
        "no floats or whole numbers of 32 or 64 bits",
    ),
    "softmax over steps too, as it was": (
        lambda: model_of(
            node("MatMul", ["input", "w"], ["a"]),
            node("Softmax", ["a"], ["output"]),
            w=normal(3, 2),
            shape=("n", 7, 3),
            opset=11,
        ),
        r"\(Softmax\) has axis=1",
    ),
    "normalising by batches": (lambda: normalised(training_mode=1), "by batches even when it predicts"),
    "a bias a sample": (lambda: gemm(normal(5, 2), 2), r"has a bias of shape \(5, 2\) for 2 units"),
    "a bias a sample of as many units": (lambda: gemm(normal(5, 1), 5), r"has a bias of shape \(5, 1\)"),
    "another batch": (
        lambda: before_dense(node("Reshape", ["input", "s"], ["a"]), s=np.array([2, -1])),
        r"\(Reshape\) does",
    ),
    "places of maxima": (
        lambda: before_dense(
            node("MaxPool", ["input"], ["m", "i"], kernel_shape=[7, 7]),
            node("Cast", ["i"], ["c"], to=1),
            node("Flatten", ["c"], ["a"]),
            shape=("n", 2, 7, 7),
            inputs=2,
        ),
        r"\(MaxPool\) goes on with another output than its first",
    ),
    "an attribute of older operators": (
        lambda: model_of(
            node("MatMul", ["input", "w"], ["a"]),
            node("Add", ["a", "b"], ["output"], broadcast=1, axis=0),
            w=normal(4, 2),
            b=normal(2),
            opset=6,
        ),
        r"\(Add\) has broadcast|\(Add\) has axis",
    ),
    "weights that are not finite": (
        lambda: model_of(node("MatMul", ["input", "w"], ["output"]), w=np.full((4, 2), np.nan, np.float32)),
        r"\(MatMul\) has weights that are not finite",
    ),
}


@pytest.mark.parametrize("name", REFUSED_ONNX)
def test_an_onnx_model_that_would_answer_otherwise_is_refused(name):
    make, message = REFUSED_ONNX[name]
    with pytest.raises(ArchitectureError, match=message) as caught:
        from_onnx(make())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "model",
    [
        normalised(),
        gemm(normal(1), 3),
        gemm(normal(1, 3), 3),
        model_of(
            node("MatMul", ["input", "w"], ["a"]),
            node("Softmax", ["a"], ["output"]),
            w=normal(4, 3),
            opset=11,
        ),
        before_dense(node("Dropout", ["input", "r", "t"], ["a"]), r=np.float32(0.5), t=np.array(False)),
        before_dense(node("Reshape", ["input", "s"], ["a"]), s=np.array([0, -1])),
        before_dense(node("Cast", ["input"], ["a"], to=1)),
    ],
)
def test_the_same_without_the_detail_answers_alike(model):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    x = normal(5, 4)
    (expected,) = session.run(None, {"input": x})
    np.testing.assert_allclose(from_onnx(model).predict(x), np.asarray(expected), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("value", [float("nan"), -1.0, 0, "255", True])
def test_a_scale_that_is_none_is_refused(value):
    model = model_of(node("MatMul", ["input", "w"], ["output"]), w=normal(4, 2))
    model.metadata_props.add(key="netlet", value=json.dumps({"integer_scale": value}))
    with pytest.raises(ArchitectureError, match=r"integer_scale is .* but must be a finite number above 0"):
        from_onnx(model)
