"""Embeddings go to Keras and back, to ONNX, PyTorch and code, or are refused by name."""

from typing import Any

import keras
import numpy as np
import onnxruntime
import pytest
from keras import layers

import netlet as nl
from netlet.errors import ArchitectureError
from netlet.interop.c import to_c
from netlet.interop.code import write_code
from netlet.interop.keras import from_keras, read_keras, to_keras, write_keras
from netlet.interop.onnx import from_onnx, to_onnx
from netlet.interop.torch import from_torch, to_torch

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.random.default_rng(0).integers(0, 9, size=(5, 6)).astype(np.float32)


def made(text):
    architecture = nl.Architecture(text).resolve((6,), "regression", 2)
    random = np.random.default_rng(1)
    weights = [random.normal(size=each, scale=0.5) for each in architecture.weight_shapes((6,))]
    return nl.Network(architecture, (6,), "regression", weights)


TEXT = "embedding(9, 3) - conv1d(4, 3, padding=causal) - layernorm - bidirectional(gru(3), sum) - dense(2)"


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-5, atol=1e-5)


def test_keras_both_ways(tmp_path):
    masked = "embedding(9, 3, mask_zero=true) - layernorm - bidirectional(lstm(2), mul) - dense(2)"
    for network in (made(TEXT), made(masked)):
        model = to_keras(network)
        close(model(X), network.predict(X))
        back = from_keras(model)
        assert back.architecture == network.architecture
        close(back.predict(X), network.predict(X))
        write_keras(network, tmp_path / "a.keras")
        loaded: Any = keras.saving.load_model(tmp_path / "a.keras")
        close(loaded(X), network.predict(X))
        model.save(tmp_path / "b.keras")
        close(read_keras(tmp_path / "b.keras").predict(X), network.predict(X))


def test_a_model_of_keras_s_own_comes_in():
    model = keras.Sequential(
        [
            keras.Input((6,)), layers.Embedding(9, 4), layers.Conv1D(3, 2, activation="relu"),
            layers.MaxPooling1D(2, padding="same"), layers.LayerNormalization(),
            layers.Bidirectional(layers.LSTM(2, return_sequences=True), merge_mode="mul"),
            layers.GlobalAveragePooling1D(), layers.Dense(1, "sigmoid"),
        ]
    )  # fmt: skip
    close(from_keras(model).predict(X), np.asarray(model(X))[:, 0])


def test_onnx_and_code(tmp_path):
    network = made(TEXT)
    answers = network.predict(X)
    session = onnxruntime.InferenceSession(to_onnx(network).SerializeToString())
    close(session.run(["output"], {"input": X})[0], answers)
    with pytest.raises(ArchitectureError, match=r"Cast\) rounds"):
        from_onnx(to_onnx(network))
    write_code(network, tmp_path / "m.py", "numpy")
    names: dict = {"__file__": str(tmp_path / "m.py")}
    exec((tmp_path / "m.py").read_text(), names)
    close(names["predict"](X), answers)


def test_what_has_no_masks_or_no_tables_refuses_by_name():
    masked = made("embedding(9, 3, mask_zero=true) - gru(2) - dense(2)")
    with pytest.raises(ArchitectureError, match="embedding_1: mask_zero leaves steps out"):
        to_onnx(masked)
    with pytest.raises(ArchitectureError, match=r"embedding.*in C"):
        to_c(made("embedding(9, 3) - flatten - dense(2)"))


def test_pytorch():
    torch = pytest.importorskip("torch")
    network = made(TEXT)
    answers = network.predict(X)
    model = to_torch(network)
    with torch.no_grad():
        close(model(torch.tensor(X)), answers)
    close(from_torch(model, (6,)).predict(X), answers)
    with pytest.raises(ArchitectureError, match="embedding_1: mask_zero leaves steps out"):
        to_torch(made("embedding(9, 3, mask_zero=true) - gru(2) - dense(2)"))
