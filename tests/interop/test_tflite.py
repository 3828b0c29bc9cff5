"""Networks as TensorFlow Lite models answer in TensorFlow's interpreter as they do here."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from netlet.errors import NetletError
from netlet.interop import doors
from netlet.interop.tflite import run_tflite, write_tflite

has_tensorflow = importlib.util.find_spec("tensorflow") is not None


@pytest.mark.skipif(not has_tensorflow, reason="TensorFlow is not installed")
def test_the_exercise_s_networks_answer_alike(trained, tmp_path):
    network, data = trained
    x = data.validation.x[:100]
    path = write_tflite(network, tmp_path / "model.tflite")
    expected = network.predict(x)
    found = run_tflite(path, x)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=1e-5, atol=1e-5)
    exported = doors.export(network, path, x, "validation samples")
    assert exported.is_close and exported.checked == "TensorFlow Lite on 100 validation samples"


@pytest.mark.skipif(has_tensorflow, reason="TensorFlow is installed")
def test_without_tensorflow_the_error_says_what_to_install(trained, tmp_path):
    network, _ = trained
    with pytest.raises(NetletError, match=r"pip install 'netlet\[tflite\]'"):
        write_tflite(network, tmp_path / "model.tflite")
    assert not list(tmp_path.iterdir())
