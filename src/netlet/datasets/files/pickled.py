"""Read .npy files that hold a pickled array of arrays, without letting the pickle run anything.

Unpickling normally calls what the file tells it to. Here the names a pickled array needs stand for classes
that only remember what they are given, every other name is refused, and the arrays are built from what was
remembered once the pickle has been read.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from netlet.errors import DataError

MOST_STEPS = 5000  # of a pickle; four arrays take about 100
PLAIN_KINDS = "?bhilqBHILQefd"  # one-letter numpy types of booleans, integers and floats


def read_arrays(path: Path, count: int) -> list[np.ndarray]:
    """Read a .npy file that holds one pickled object array of arrays of numbers, such as mnist56.npy.

    Parameters
    ----------
    count
        How many arrays it must hold.

    Returns
    -------
    list of ndarray
        The arrays, in order, of boolean, integer or float type.

    Raises
    ------
    DataError
        If the file cannot be read, is no such file, or its pickle asks for anything but `count` arrays.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe or a device would never end
            raise ValueError("it is no ordinary file")
        content = path.read_bytes()
        pickled = _pickle_of(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Python, that a text in it is written as none should be
            _check_size(pickled)
            items = _items(_Reader(io.BytesIO(pickled)).load())
        if len(items) != count:  # before they are copied: a small file may hold one a million times
            raise ValueError(f"it holds {len(items)} arrays, but must hold {count}")
        return [_array(item) for item in items]
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
    except Exception as error:  # a hostile pickle can make the reader raise nearly anything
        reason = ascii(str(error)[:200])[1:-1] or type(error).__name__
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


def _check_size(pickled: bytes) -> None:
    """Refuse a pickle of more steps than arrays need: one nested deep enough ends the process."""
    for count, _ in enumerate(pickletools.genops(pickled)):
        if count > MOST_STEPS:
            raise ValueError("it is built in more steps than arrays need")


class _Sealed(type):
    """Makes a class that the pickle cannot change, only call."""

    def __setattr__(cls, name: str, value: object) -> None:
        raise ValueError("it changes what it was given")


class _Dtype(metaclass=_Sealed):
    """Stands for numpy.dtype: remembers the type's letter and size and the order of its bytes."""

    def __init__(self, code: object, *_: object) -> None:
        self.code = code
        self.order = "|"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = state[1]


class _Array(metaclass=_Sealed):
    """Stands for numpy's _reconstruct: remembers an array's shape, type, order and bytes (or objects)."""

    shape: tuple[int, ...]
    dtype: object
    fortran: bool
    data: object

    def __init__(self, *_: object) -> None:
        self.data = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, self.shape, self.dtype, self.fortran, self.data = state


class _FromBuffer(_Array):
    """Stands for numpy's _frombuffer, which newer pickles use."""

    def __init__(self, data: object, dtype: object, shape: tuple[int, ...], order: str) -> None:
        self.__setstate__((1, shape, dtype, order == "F", data))


class _Encoded(metaclass=_Sealed):
    """Stands for codecs.encode, with which old pickles write bytes."""

    def __init__(self, text: str, *_: object) -> None:
        self.data = text


class _Named(metaclass=_Sealed):
    """Stands for numpy.ndarray, which is named in a pickled array but never called."""

    def __init__(self, *_: object) -> None:
        raise ValueError("it calls numpy.ndarray")


_STANDINS: dict[tuple[str, str], type] = {
    ("numpy", "dtype"): _Dtype,
    ("numpy", "ndarray"): _Named,
    ("_codecs", "encode"): _Encoded,
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy.core.numeric", "_frombuffer"): _FromBuffer,
    ("numpy._core.numeric", "_frombuffer"): _FromBuffer,
}


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
    data = item.data.data if isinstance(item.data, _Encoded) else item.data
    if isinstance(data, str):
        data = data.encode("latin1")
    if not isinstance(data, (bytes, bytearray)):
        raise ValueError("it holds an array of something other than numbers")
    values = np.frombuffer(data, dtype=_plain(item.dtype))
    shape = tuple(int(length) for length in item.shape)
    return values.reshape(shape, order="F" if item.fortran else "C").astype(values.dtype.newbyteorder("="))


def _plain(remembered: _Dtype) -> np.dtype:
    """The numpy type that was remembered, if it is one of plain numbers."""
    if not isinstance(remembered.code, str) or remembered.order not in ("<", ">", "|", "="):
        raise ValueError("it holds values of an unknown type")  # which may be too large to be printed
    dtype = np.dtype(remembered.code)
    if dtype.char not in PLAIN_KINDS:
        raise ValueError(f"it holds values of type {dtype}")
    return dtype.newbyteorder(remembered.order)
