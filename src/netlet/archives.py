"""Arrays and archives of anybody's making, read within limits: sizes are known before unpacking."""

from __future__ import annotations

import io
import warnings
import zipfile
from math import prod
from types import TracebackType
from typing import BinaryIO

import numpy as np

SMALL, LARGE = 256_000_000, 1_000_000_000
"""Bytes to which any archive may unpack, and to which one may that is packed as tightly as data is."""
TIGHT, LOOSE = 50, 4
"""How many times as large as its file data may be: up to `LARGE`, and beyond."""

_MOST_HEADER = 10_000  # bytes; numpy's own limit
_CHUNK = 1 << 24
_LAST_CHARACTER = 0x10FFFF
_PLAIN = "biufUS"


class ArchiveError(ValueError):
    """What is wrong with a file, in words to stand behind its name: "unpacks to 5,000,000,000 bytes, ..."."""


class Archive:
    """A zip archive of arrays or other members, open for reading.

    Parameters
    ----------
    file
        Open, in bytes; it can be sought in.
    most : int, optional
        Bytes of all members together; by default `most_unpacked`.

    Attributes
    ----------
    names : tuple of str
        The members; of arrays without their ending .npy.

    Raises
    ------
    ArchiveError
        If it is no archive, or unpacks to more.
    """

    def __init__(self, file: BinaryIO, most: int | None = None) -> None:
        """Read the directory, and nothing else."""
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        try:
            self._zip = zipfile.ZipFile(file)
        except Exception as error:  # a damaged directory can make its reader raise nearly anything
            raise ArchiveError(f"is no archive, or is cut off ({_reason(error)})") from None
        unpacked = sum(each.file_size for each in self._zip.infolist())
        limit = most_unpacked(size) if most is None else most
        if unpacked > limit:
            raise ArchiveError(
                f"unpacks to {unpacked:,} bytes, but from {size:,} at most {limit:,} are read: give less, or "
                "save it uncompressed (numpy.savez)"
            )
        self._members = {each.filename.removesuffix(".npy"): each for each in self._zip.infolist()}
        self.names = tuple(self._members)

    def __enter__(self) -> Archive:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the archive, not the file."""
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        """Whether there is such a member."""
        return name in self._members

    def size(self, name: str) -> int:
        """Bytes of a member, unpacked, as the directory says."""
        return self._members[name].file_size

    def read(self, name: str) -> bytes:
        """A member's bytes: as many as the directory says, or ArchiveError."""
        try:
            with self._opened(name) as member:
                data = member.read(self.size(name) + 1)
        except ArchiveError:
            raise
        except Exception as error:
            raise ArchiveError(f"is damaged at {name} ({_reason(error)})") from None
        if len(data) != self.size(name):
            raise ArchiveError(f"is damaged: {name} does not hold the {self.size(name):,} bytes that it says")
        return data

    def array(self, name: str) -> np.ndarray:
        """An array of numbers, truth values or text (see `read_array`)."""
        try:
            with self._opened(name) as member:
                return read_array(member, self.size(name))
        except ArchiveError as error:
            raise ArchiveError(f"cannot be read at {name}: it {error}") from None
        except Exception as error:
            raise ArchiveError(f"is damaged at {name} ({_reason(error)})") from None

    def _opened(self, name: str) -> BinaryIO:
        member = self._members[name]
        if member.flag_bits & 1:
            raise ArchiveError("is encrypted: save it without")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveError("is packed in a way that is not read: save it anew with numpy.savez")
        return self._zip.open(member)  # type: ignore[return-value]


def most_unpacked(size: int) -> int:
    """Bytes to which an archive of so many bytes may unpack; data packs 10 times as tight, bombs 1,000."""
    return max(SMALL, min(LARGE, TIGHT * size), LOOSE * size)


def read_array(file: BinaryIO, size: int) -> np.ndarray:
    """Read an array in numpy's .npy format; its header is believed only as far as the size bears it out.

    Parameters
    ----------
    file
        At the array's first byte.
    size
        Bytes that there are.

    Returns
    -------
    ndarray
        Of kind b, i, u, f, U or S, in this machine's byte order.

    Raises
    ------
    ArchiveError
        If it is no such array, holds anything else (objects are never unpickled), or is cut off.
    """
    shape, is_fortran, dtype, used = read_header(file)
    if dtype.hasobject:
        raise ArchiveError("holds Python objects, not numbers: save it with .astype(float), or .astype(str)")
    if dtype.kind not in _PLAIN or dtype.names or not dtype.itemsize:
        raise ArchiveError(f"holds {str(dtype)[:40]}, but must hold numbers or text")
    count = prod(shape)
    if count * dtype.itemsize > size - used:
        raise ArchiveError(f"is cut off: {shape} of {dtype} are more than its {size - used:,} bytes")
    values = np.empty(count, dtype)
    target = values.view(np.uint8).data if count else memoryview(b"")
    place = 0
    while place < len(target):
        chunk = file.read(min(_CHUNK, len(target) - place))
        if not chunk:
            raise ArchiveError("is cut off")
        target[place : place + len(chunk)] = chunk
        place += len(chunk)
    if dtype.kind == "U" and count and int(values.view(_code_points(dtype)).max()) > _LAST_CHARACTER:
        raise ArchiveError("holds text of characters that do not exist")
    if dtype.kind == "b":
        values = values.view(np.uint8) != 0
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    return values.reshape(shape[::-1]).T if is_fortran else values.reshape(shape)


def read_header(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Shape, Fortran's order, type, and how many bytes the header of a .npy file has; or ArchiveError."""
    start = file.read(12)
    lengths = {b"\1\0": 2, b"\2\0": 4}  # bytes of the header's length, by the format's version
    if start[:6] != b"\x93NUMPY" or start[6:8] not in lengths:
        raise ArchiveError("is no array in numpy's format, or of a version that is not read")
    begin = 8 + lengths[start[6:8]]
    length = int.from_bytes(start[8:begin], "little")
    if length > _MOST_HEADER:
        raise ArchiveError(f"has a header of {length:,} bytes, but {_MOST_HEADER:,} is the limit")
    header = io.BytesIO(start + file.read(max(0, begin + length - len(start))))
    try:
        with warnings.catch_warnings():  # of Python, about what somebody has written into a header
            warnings.simplefilter("ignore")
            np.lib.format.read_magic(header)
            read = {
                2: np.lib.format.read_array_header_1_0,
                4: np.lib.format.read_array_header_2_0,
            }[begin - 8]
            shape, is_fortran, dtype = read(header)
    except Exception:  # numpy has Python's own parser read it, which can raise nearly anything
        raise ArchiveError("has a header that is damaged") from None
    if min(shape, default=0) < 0 or len(start) > begin + length:
        raise ArchiveError("has a header that is damaged")
    return shape, is_fortran, dtype, begin + length


def _code_points(dtype: np.dtype) -> np.dtype:
    return np.dtype(np.uint32).newbyteorder(dtype.byteorder)


def _reason(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
