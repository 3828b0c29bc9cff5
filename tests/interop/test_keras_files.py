"""`.keras` files: what is hostile or damaged is refused in one line, and Keras is needed for none of them."""

import base64
import io
import json
import marshal
import resource
import subprocess
import sys
import zipfile
from typing import Any

import h5py
import keras
import numpy as np
import pytest

import netlet as nl
from netlet.errors import ArchitectureError, FileError, NetletError
from netlet.interop.keras import read_keras, write_keras

SHAPE = (8, 8, 1)
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def made():
    architecture = nl.Architecture("conv(2, 3x3) - flatten - dense(3)").resolve(SHAPE, "categorical", 3)
    random = np.random.default_rng(0)
    weights = [random.normal(size=shape) for shape in architecture.weight_shapes(SHAPE)]
    return nl.Network(architecture, SHAPE, "categorical", weights)


@pytest.fixture
def path(tmp_path):
    return write_keras(made(), tmp_path / "n.keras")


def rewritten(path, change=None, extra=None, without=(), weights=None):
    """The same file with another configuration, other entries, or without some."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist() if name not in without}
    if change is not None:
        config = json.loads(entries["config.json"])
        change(config)
        entries["config.json"] = json.dumps(config).encode()
    if weights is not None:
        buffer = io.BytesIO(entries["model.weights.h5"])
        with h5py.File(buffer, "r+") as file:
            weights(file)
        entries["model.weights.h5"] = buffer.getvalue()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (entries | (extra or {})).items():
            archive.writestr(name, data)
    return path


def refused(path, message, error: type[NetletError] = FileError):
    with pytest.raises(error, match=message) as caught:
        read_keras(path)
    assert "\n" not in str(caught.value)
    assert caught.value.file == str(path)


def test_a_file_comes_back_whole(path):
    network = read_keras(path)
    assert network.architecture == made().architecture
    for own, expected in zip(network.weights, made().weights, strict=True):
        np.testing.assert_array_equal(own, expected)


def test_keras_is_needed_neither_to_read_nor_to_write(path, tmp_path):
    code = (
        "import sys; from netlet.interop.keras import read_keras, write_keras\n"
        f"write_keras(read_keras({str(path)!r}), {str(tmp_path / 'again.keras')!r})\n"
        "print([name for name in ('keras', 'jax', 'tensorflow', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    model: Any = keras.saving.load_model(tmp_path / "again.keras")
    assert model.count_params() == made().parameters


def test_without_h5py_the_error_names_the_extra(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(
        NetletError, match=r"needs h5py, which is not installed: pip install 'netlet\[keras\]'"
    ):
        read_keras(path)
    with pytest.raises(NetletError, match=r"pip install 'netlet\[keras\]'"):
        write_keras(made(), path)


def test_the_older_format_in_one_hdf5_file_is_read_too(tmp_path):
    model = keras.Sequential([
        keras.Input((6, 2)), keras.layers.GRU(3, return_sequences=True), keras.layers.LSTM(2),
        keras.layers.Dense(3, "softmax"),
    ])  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("absl.logging.warning", lambda *_: None)
        model.save(tmp_path / "old.h5")
    x = np.random.default_rng(0).normal(size=(4, 6, 2)).astype(np.float32)
    network = read_keras(tmp_path / "old.h5")
    np.testing.assert_allclose(network.predict(x), np.array(model(x)), rtol=1e-5, atol=1e-6)


def layer(config, kind):
    return next(each for each in config["config"]["layers"] if each["class_name"] == kind)


def test_lambda_layers_are_refused_by_name_and_never_executed(tmp_path):
    trap = tmp_path / "was-executed"

    def spring(x, where=str(trap)):
        np.save(where, 0)
        return x

    model = keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Lambda(abs)])
    model.save(tmp_path / "l.keras")
    code = python_lambda(spring)

    def change(config):
        layer(config, "Lambda")["config"]["function"] = code

    rewritten(tmp_path / "l.keras", change)
    refused(
        tmp_path / "l.keras", r"'lambda.*' \(Lambda\) holds Python code, which is never", ArchitectureError
    )
    assert not list(tmp_path.glob("was-executed*"))


def python_lambda(function):
    """A function as Keras writes it down: as marshalled code."""
    code = base64.b64encode(marshal.dumps(function.__code__)).decode()
    inner = {"code": code, "defaults": None, "closure": None}
    return {"class_name": "__lambda__", "config": inner}


def test_a_module_of_one_s_own_is_neither_imported_nor_executed(path, tmp_path, monkeypatch):
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'was-executed')!r}, 'w')")
    monkeypatch.syspath_prepend(tmp_path)

    def change(config):
        layer(config, "Flatten").update(module="evil", class_name="Dense", registered_name="Dense")

    refused(rewritten(path, change), "of a class of one's own, which is never executed", ArchitectureError)

    def activation(config):
        config["config"]["layers"][-1] = layer(config, "Dense") | {
            "config": {
                "units": 3,
                "activation": {"module": "os", "class_name": "function", "config": "system"},
            }
        }

    refused(
        rewritten(write_keras(made(), path), activation), "'system', which is not executed", ArchitectureError
    )
    assert not (tmp_path / "was-executed").exists()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(path):
    bomb = bytes(100_000_000)
    rewritten(path, extra={"model.weights.h5": bomb})
    assert path.stat().st_size < 200_000
    refused(path, r"model.weights.h5 unpacks to 100,000,000 bytes, but its layers need .* at the most")
    refused(rewritten(path, extra={"config.json": b" " * 10_000_000}), "config.json unpacks to 10,000,000")


def test_paths_that_lead_out_of_the_archive_are_refused(path):
    for name in ("../evil", "/etc/evil", "a/../../evil", "..\\evil"):
        refused(rewritten(write_keras(made(), path), extra={name: b"x"}), "a path that leads out of it")


def test_huge_shapes_are_refused_before_anything_is_allocated(path):
    def huge(config):
        layer(config, "Dense")["config"]["units"] = 900_000_000

    def larger(config):
        layer(config, "Dense")["config"]["units"] = 10**30

    def deep(config):
        layer(config, "InputLayer")["config"]["batch_shape"] = [None, 10**9, 10**9, 1]

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for change in (huge, larger, deep):
        refused(rewritten(write_keras(made(), path), change), "limit|must be a whole", ArchitectureError)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 100_000  # KB


def test_weights_of_other_shapes_are_refused_before_they_are_read(path):
    def other(file):
        del file["layers/dense/vars/0"]
        file.create_dataset("layers/dense/vars/0", shape=(1_000_000, 1_000_000), dtype="f4", chunks=True)

    refused(rewritten(path, weights=other), r"has shape \(1000000, 1000000\) of float32, but its layer needs")


def test_links_to_other_files_are_not_followed(path, tmp_path):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["x"] = np.zeros((3,), np.float32)

    def linked(file):
        del file["layers/dense/vars/1"]
        file["layers/dense/vars/1"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "x")

    refused(rewritten(path, weights=linked), "is a link to elsewhere, which is not followed")

    def external(file):
        del file["layers/dense/vars/1"]
        file.create_dataset(
            "layers/dense/vars/1", (3,), "f4", external=[(str(tmp_path / "secret.h5"), 0, 12)]
        )

    refused(rewritten(write_keras(made(), path), weights=external), "is no array of the file itself")


def test_missing_parts_are_named(path, tmp_path):
    refused(rewritten(path, without=["model.weights.h5"]), "has no config.json and model.weights.h5")

    def less(file):
        del file["layers/dense/vars/1"]

    refused(
        rewritten(write_keras(made(), path), weights=less), "has 1 arrays of weights, but array 1 is needed"
    )

    def none(file):
        del file["layers/dense"]

    refused(
        rewritten(write_keras(made(), path), weights=none), "'dense' .* has no weights", ArchitectureError
    )
    refused(tmp_path / "nothing.keras", "does not exist")
    refused(tmp_path, "it is a folder")


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"\x80\x04}\x94."])
def test_other_files_are_refused(path, content):
    path.write_bytes(content)
    refused(path, "is no model that Keras has saved, or is damaged")


def test_nonsense_in_the_configuration_is_refused(path):
    for nonsense in (b"[]", b"5", b'{"class_name": "Sequential"}', b"{", b"[" * 100_000):
        refused(rewritten(write_keras(made(), path), extra={"config.json": nonsense}), str(path), NetletError)


def test_damage_anywhere_is_an_error_or_harmless(path):
    whole = path.read_bytes()
    for place in range(0, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            network = read_keras(path)
        except NetletError as error:
            assert "\n" not in str(error)
        else:
            assert network.architecture == made().architecture


def test_a_configuration_with_any_value_changed_is_an_error_in_one_line_or_harmless(path):
    """Every value in the configuration is replaced by every kind of nonsense."""
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))

    def places(value, trail: tuple = ()):
        yield trail
        items = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for key, inner in items:
            yield from places(inner, (*trail, key))

    for trail in list(places(config))[1:]:
        for nonsense in (None, -1, "x", [], {}, [None, None, None, None], 1e300, True):

            def change(config, trail=trail, nonsense=nonsense):
                for key in trail[:-1]:
                    config = config[key]
                config[trail[len(trail) - 1]] = nonsense

            rewritten(write_keras(made(), path), change)
            try:
                read_keras(path)
            except NetletError as error:
                assert "\n" not in str(error), (trail, nonsense)
