"""Read .npy files that hold a pickled array of arrays, without letting the pickle run anything.

Unpickling normally calls what the file tells it to. Here the names a pickled array needs stand for classes
that only remember what they are given, every other name is refused, and the arrays are built from what was
remembered once the pickle has been read.
"""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from netlet.errors import DataError

PLAIN_KINDS = "?bhilqBHILQefd"  # one-letter numpy types of booleans, integers and floats


def read_arrays(path: Path) -> list[np.ndarray]:
    """Read a .npy file that holds one pickled object array of arrays of numbers, such as mnist56.npy.

    Returns
    -------
    list of ndarray
        The arrays, in order, of boolean, integer or float type.

    Raises
    ------
    DataError
        If the file cannot be read, is no such file, or its pickle asks for anything but arrays.
    """
    try:
        content = path.read_bytes()
        outer = _Reader(io.BytesIO(_pickle_of(content))).load()
        return [_array(item) for item in _items(outer)]
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
    except Exception as error:  # a hostile pickle can make the reader raise nearly anything
        reason = str(error) or type(error).__name__
        raise DataError(
            f"{path} is no pickled array of arrays of numbers, or is damaged ({reason}): get the file anew"
        ) from None


def write_arrays(path: Path, arrays: list[np.ndarray]) -> None:
    """Write arrays as one pickled object array, the form of mnist56.npy."""
    outer = np.empty(len(arrays), dtype=object)
    outer[:] = arrays
    np.save(path, outer, allow_pickle=True)


def _pickle_of(content: bytes) -> bytes:
    """What follows the header of a .npy file that holds an object array of one dimension."""
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in read_header:
        raise ValueError(f"version {version} of the format is not known")
    shape, _, dtype = read_header[version](file)
    if not dtype.hasobject or len(shape) != 1:
        raise ValueError(f"it holds an array of shape {shape} of {dtype}")
    return file.read()


class _Dtype:
    """Stands for numpy.dtype: remembers the type's letter and size and the order of its bytes."""

    def __init__(self, code: object, *_: object) -> None:
        self.code = code
        self.order = "|"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = state[1]

    def dtype(self) -> np.dtype:
        """Build the type, if it is one of plain numbers."""
        if not isinstance(self.code, str) or self.order not in ("<", ">", "|", "="):
            raise ValueError(f"unknown type {self.code!r}")
        dtype = np.dtype(self.code)
        if dtype.char not in PLAIN_KINDS:
            raise ValueError(f"it holds values of type {dtype}")
        return dtype.newbyteorder(self.order)


class _Array:
    """Stands for an array: remembers its shape, type, order and bytes (or objects)."""

    shape: tuple[int, ...]
    dtype: object
    fortran: bool
    data: object

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, self.shape, self.dtype, self.fortran, self.data = state


def _reconstruct(*_: object) -> _Array:
    """Stands for numpy's function of this name, which makes the array that is filled afterwards."""
    return _Array()


def _frombuffer(data: object, dtype: object, shape: tuple[int, ...], order: str) -> _Array:
    """Stands for numpy's function of this name, which newer pickles use."""
    array = _Array()
    array.__setstate__((1, shape, dtype, order == "F", data))
    return array


def _encode(text: str, encoding: str) -> bytes:
    """Stand for codecs.encode, with which old pickles write bytes."""
    return text.encode("latin1" if encoding == "latin1" else "ascii")


class _NotCalled:
    """Stands for numpy.ndarray, which is named in a pickled array but never called."""

    def __new__(cls, *_: object) -> _NotCalled:
        raise ValueError("it calls numpy.ndarray")


_STANDINS: dict[tuple[str, str], object] = {
    ("numpy", "dtype"): _Dtype,
    ("numpy", "ndarray"): _NotCalled,
    ("_codecs", "encode"): _encode,
}
for _core in ("numpy.core", "numpy._core"):
    _STANDINS[f"{_core}.multiarray", "_reconstruct"] = _reconstruct
    _STANDINS[f"{_core}.numeric", "_frombuffer"] = _frombuffer


class _Reader(pickle.Unpickler):
    """An unpickler to which only the names of pickled arrays mean anything."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, encoding="latin1")

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Look a name up among those that stand for numpy's."""
        standin = _STANDINS.get((module_name, global_name))
        if standin is None:
            raise pickle.UnpicklingError(f"it asks for {module_name}.{global_name}, which is not allowed")
        return standin


def _items(outer: object) -> list[object]:
    """What the outer object array holds."""
    if not isinstance(outer, _Array) or not isinstance(outer.data, list):
        raise ValueError("it holds no array of arrays")
    return outer.data


def _array(item: object) -> np.ndarray:
    """Build one array of numbers from what was remembered of it."""
    if not isinstance(item, _Array) or not isinstance(item.dtype, _Dtype):
        raise ValueError("it holds something that is no array")
    if isinstance(item.data, list):
        raise ValueError("it holds an array of objects")
    data = item.data.encode("latin1") if isinstance(item.data, str) else item.data
    if not isinstance(data, (bytes, bytearray)):
        raise ValueError("the values of an array are missing")
    shape = tuple(int(length) for length in item.shape)
    values = np.frombuffer(data, dtype=item.dtype.dtype())
    return values.reshape(shape, order="F" if item.fortran else "C").astype(values.dtype.newbyteorder("="))
