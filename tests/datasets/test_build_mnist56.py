import hashlib
import importlib.util
import struct
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "build_mnist56.py"


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("build_mnist56", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_idx(path, array):
    path.write_bytes(struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes())
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def released(script, tmp_path, monkeypatch):
    """Small files taken for the released ones; every image is filled with its own place in the file."""
    labels = {"train": [6, 1, 5, 5, 6, 0, 5, 6, 6, 5, 5, 6], "t10k": [7, 5, 6, 6]}
    for stem, digits in labels.items():
        images = np.repeat(np.arange(len(digits), dtype=np.uint8), 4).reshape(-1, 2, 2)
        for kind, array in (("images-idx3", images), ("labels-idx1", np.array(digits, np.uint8))):
            name = f"{stem}-{kind}-ubyte"
            monkeypatch.setitem(script.SHA256, name, write_idx(tmp_path / name, array))
    monkeypatch.setattr(script, "EACH", 2)
    return tmp_path


def test_the_first_of_each_digit_are_for_training_and_the_next_for_test(script, released):
    arrays = script.build(released)
    places = {name: array[:, 0, 0].tolist() for name, array in arrays.items() if name.startswith("x")}
    assert places == {"x_train": [0, 2, 3, 4], "x_val": [1, 2, 3], "x_test": [6, 7, 8, 9]}
    assert arrays["y_train"].tolist() == [1, 0, 0, 1]
    assert arrays["y_val"].tolist() == [0, 1, 1]
    assert arrays["y_test"].tolist() == [0, 1, 1, 0]


def test_another_file_is_refused(script, released):
    path = released / "t10k-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + b"\x05")
    with pytest.raises(ValueError, match="t10k-labels-idx1-ubyte has SHA-256"):
        script.build(released)


def test_a_missing_file_ends_the_script_with_an_error(script, released, monkeypatch, capsys):
    (released / "train-images-idx3-ubyte").unlink()
    out = released / "out.npz"
    monkeypatch.setattr("sys.argv", ["build_mnist56.py", str(released), "--out", str(out)])
    assert script.main() == 2
    assert "train-images-idx3-ubyte" in capsys.readouterr().err
    assert not out.exists()


def test_the_script_writes_arrays_without_pickles(script, released, monkeypatch):
    out = released / "out.npz"
    monkeypatch.setattr("sys.argv", ["build_mnist56.py", str(released), "--out", str(out)])
    assert script.main() == 0
    with np.load(out, allow_pickle=False) as arrays:
        assert sorted(arrays.files) == ["x_test", "x_train", "x_val", "y_test", "y_train", "y_val"]
