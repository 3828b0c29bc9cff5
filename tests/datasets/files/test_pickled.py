import pickle
import re
import warnings

import numpy as np
import pytest

from netlet.datasets.files.pickled import read_arrays, write_arrays
from netlet.errors import DataError

ARRAYS = [
    np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
    np.array([0.0, 1.0]),
    np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
    np.array([1, -2], dtype=">i4"),
    np.array([True, False]),
]


def npy(payload, shape="(4,)", descr="'|O'"):
    """The bytes of a .npy file whose header says it is an object array, and then a payload."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header = header.ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + payload


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "arrays.npy"
    write_arrays(path, ARRAYS)
    for array, read in zip(ARRAYS, read_arrays(path, len(ARRAYS)), strict=True):
        np.testing.assert_array_equal(array, read)
        assert read.dtype == array.dtype.newbyteorder("=")


def test_numpy_reads_what_is_written(tmp_path):
    path = tmp_path / "arrays.npy"
    write_arrays(path, ARRAYS)
    for array, read in zip(ARRAYS, np.load(path, allow_pickle=True), strict=True):
        np.testing.assert_array_equal(array, read)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_of_pickle_is_read(tmp_path, protocol):
    path = tmp_path / "arrays.npy"
    outer = np.empty(2, dtype=object)
    outer[:] = ARRAYS[:2]
    path.write_bytes(npy(pickle.dumps(outer, protocol=protocol), "(2,)"))
    for array, read in zip(ARRAYS[:2], read_arrays(path, 2), strict=True):
        np.testing.assert_array_equal(array, read)


def test_names_of_old_and_new_numpy_are_both_known(tmp_path):
    path = tmp_path / "arrays.npy"
    write_arrays(path, ARRAYS[:2])
    content = path.read_bytes()
    module = b"numpy._core.multiarray" if b"numpy._core.multiarray" in content else b"numpy.core.multiarray"
    for name in (b"numpy.core.multiarray", b"numpy._core.multiarray"):
        # In protocol 4 the name's length comes before it, and the length of the frame before all.
        start = content.index(b"\x80\x04")
        payload = content[start:].replace(bytes([len(module)]) + module, bytes([len(name)]) + name)
        frame = payload.index(b"\x95")
        payload = payload[:frame] + payload[frame + 9 :]  # without its frame
        path.write_bytes(npy(payload, "(2,)"))
        np.testing.assert_array_equal(read_arrays(path, 2)[1], ARRAYS[1])


class Hostile:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def hostile(function, *arguments):
    outer = np.empty(2, dtype=object)
    outer[:] = [ARRAYS[1], Hostile(function, *arguments)]
    return npy(pickle.dumps(outer), "(2,)")


def test_a_pickle_that_runs_a_command_is_refused_and_runs_nothing(tmp_path):
    import os

    path, trace = tmp_path / "mnist56.npy", tmp_path / "trace"
    path.write_bytes(hostile(os.system, f"touch {trace}"))
    with pytest.raises(DataError, match=r"mnist56\.npy .*asks for \w+\.system, which is not allowed"):
        read_arrays(path, 2)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        (eval, ("1",), "builtins.eval"),
        (getattr, (np, "load"), "builtins.getattr"),
        (np.load, ("x.npy",), "numpy.load"),
        (np.fromfile, ("x",), "fromfile"),
        (np.ndarray, ((3,),), "numpy.ndarray"),
    ],
)
def test_any_other_name_is_refused(tmp_path, function, arguments, name):
    path = tmp_path / "mnist56.npy"
    path.write_bytes(
        hostile(function, *arguments) if function is not getattr else npy(b"\x80\x04cbuiltins\ngetattr\n.")
    )
    with pytest.raises(DataError, match=re.escape(name)):
        read_arrays(path, 2)


def test_a_pickle_cannot_change_the_reader(tmp_path):
    # Builds state into the class that stands for numpy.dtype: BUILD with a tuple (None, {"__init__": 0}).
    path = tmp_path / "mnist56.npy"
    path.write_bytes(npy(b"\x80\x04cnumpy\ndtype\nN}\x8c\x08__init__K\x00s\x86b."))
    with pytest.raises(DataError, match="no pickled array"):
        read_arrays(path, 2)
    test_what_is_written_is_read(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no pickled array"),
        (b"hello", "no pickled array"),
        (npy(b""), "no pickled array"),
        (npy(pickle.dumps([1, 2])), "it holds no array of arrays"),
        (npy(pickle.dumps(np.array([1, None], dtype=object))), "something that is no array"),
        (npy(pickle.dumps(3), "(2,)", "'<f8'"), r"it holds an array of shape \(2,\) of float64"),
        (npy(pickle.dumps(3), "(2, 2)"), r"it holds an array of shape \(2, 2\)"),
        (npy(b"\x80\x04cnumpy._core.multiarray\n_reconstruct\n)R."), "it holds no array of arrays"),
    ],
)
def test_a_file_that_is_something_else_is_refused(tmp_path, content, reason):
    path = tmp_path / "mnist56.npy"
    path.write_bytes(content)
    with pytest.raises(
        DataError, match=rf"mnist56\.npy is no pickled array.*{reason}" if reason[0] != "n" else reason
    ):
        read_arrays(path, 2)


def test_an_array_that_is_named_too_often_is_not_copied(tmp_path, monkeypatch):
    # A small file may name one large array a million times.
    path = tmp_path / "mnist56.npy"
    write_arrays(path, [ARRAYS[0]] * 5)
    monkeypatch.setattr("netlet.datasets.files.pickled._array", lambda _: pytest.fail("copied"))
    with pytest.raises(DataError, match="it holds 5 arrays, but must hold 4"):
        read_arrays(path, 4)


@pytest.mark.parametrize(
    "strange",
    [np.array(["a", "b"]), np.array([None, 1], dtype=object), np.zeros(2, "M8[s]"), np.zeros(2, "f4,i4")],
)
def test_arrays_of_anything_but_numbers_are_refused(tmp_path, strange):
    path = tmp_path / "mnist56.npy"
    write_arrays(path, [ARRAYS[0], strange])
    with pytest.raises(DataError, match="it holds"):
        read_arrays(path, 2)


def test_a_truncated_file_is_refused_wherever_it_is_cut(tmp_path):
    path = tmp_path / "mnist56.npy"
    write_arrays(path, ARRAYS)
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match=r"mnist56\.npy"):
            read_arrays(path, len(ARRAYS))


def test_changed_bytes_never_raise_anything_but_a_data_error(tmp_path):
    path = tmp_path / "mnist56.npy"
    write_arrays(path, ARRAYS)
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(400):
        changed = bytearray(content)
        changed[rng.integers(128, len(content))] = rng.integers(256)
        path.write_bytes(changed)
        try:
            read_arrays(path, len(ARRAYS))
        except DataError:
            refused += 1
    assert refused > 100


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"gone\.npy: No such file"):
        read_arrays(tmp_path / "gone.npy", 4)


def test_a_pickle_nested_too_deep_is_refused(tmp_path):
    path = tmp_path / "deep.npy"
    write_arrays(path, [np.zeros(2)])
    header = path.read_bytes()[:128]
    path.write_bytes(header + b"\x80\x04)" + b"\x85" * 400_000 + b".")
    with pytest.raises(DataError, match="more steps than arrays need"):
        read_arrays(path, 1)


def test_a_text_that_python_warns_of_is_refused_without_a_warning(tmp_path):
    path = tmp_path / "arrays.npy"
    path.write_bytes(npy(b"S'\\\xf5'\n."))
    with warnings.catch_warnings(record=True) as heard, pytest.raises(DataError, match="damaged"):
        warnings.simplefilter("always")
        read_arrays(path, 4)
    assert not heard
