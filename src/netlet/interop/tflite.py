"""The door to TensorFlow Lite: a network by way of Keras, through TensorFlow's own converter.

TensorFlow runs in a process of its own: it takes seconds to import, writes to the terminal as it likes, and
Keras may already run on something else in this one.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from netlet.errors import FileError, NetletError
from netlet.interop.keras import write_keras
from netlet.network import Network
from netlet.saving import write_whole

_CONVERT = """
import sys
import keras, tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
model = keras.saving.load_model(sys.argv[1], compile=False)
shape = [1, *map(int, sys.argv[3].split(","))]  # recurrent layers want to know the batch
answer = tf.function(lambda x: model(x, training=False))
function = answer.get_concrete_function(tf.TensorSpec(shape, tf.float32))
converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(function)])
open(sys.argv[2], "wb").write(converter.convert())
"""
_RUN = """
import sys
import numpy as np, tensorflow as tf
model = tf.lite.Interpreter(model_path=sys.argv[1])
model.allocate_tensors()
(given,), (taken,) = model.get_input_details(), model.get_output_details()
answers = []
for x in np.load(sys.argv[2]):
    model.set_tensor(given["index"], x[None])
    model.invoke()
    answers.append(model.get_tensor(taken["index"])[0])
np.save(sys.argv[3], np.array(answers))
"""


def write_tflite(network: Network, path: str | os.PathLike[str]) -> Path:
    """Write a network as a TensorFlow Lite model, in float, for one sample at a time.

    Its input is ``(1, *input_shape)`` float32 as netlet has it: channels last, whole-number pixels divided by
    ``network.integer_scale``. Its output is ``(1, outputs)``, or ``(1, steps, outputs)``.

    Raises
    ------
    NetletError
        If TensorFlow or h5py is not installed, or its converter refuses the network.
    FileError
        If the file cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="netlet-tflite-") as folder:
        model, lite = Path(folder, "model.keras"), Path(folder, "model.tflite")
        write_keras(network, model)
        _in_tensorflow(_CONVERT, str(model), str(lite), ",".join(map(str, network.input_shape)))
        content = lite.read_bytes()
    return write_whole(path, content)


def run_tflite(path: str | os.PathLike[str], x: np.ndarray) -> np.ndarray:
    """Answers of a TensorFlow Lite model to a batch, sample by sample, by TensorFlow's interpreter.

    Raises
    ------
    NetletError
        If TensorFlow is not installed, or refuses the model.
    """
    with tempfile.TemporaryDirectory(prefix="netlet-tflite-") as folder:
        inputs, answers = Path(folder, "x.npy"), Path(folder, "y.npy")
        np.save(inputs, np.ascontiguousarray(x, np.float32))
        _in_tensorflow(_RUN, os.fspath(path), str(inputs), str(answers))
        return np.load(answers)


def _in_tensorflow(program: str, *arguments: str) -> None:
    if importlib.util.find_spec("tensorflow") is None:
        raise NetletError(
            "a TensorFlow Lite model needs tensorflow, which is not installed: pip install 'netlet[tflite]'"
        )
    environment = os.environ | {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
        raise FileError(f"TensorFlow's converter does not take the network: {told[-1][:200]}")
