"""Archives and arrays of anybody's making: sizes are known first, and headers are not believed."""

import io
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

import netlet as nl
from netlet.archives import Archive, ArchiveError, most_unpacked, read_array
from netlet.datasets.files.unlabelled import read_inputs
from netlet.errors import NetletError
from netlet.paths import opened


def npy(array, **options):
    content = io.BytesIO()
    np.save(content, array, **options)
    return content.getvalue()


def header(text, version=b"\1\0", data=b""):
    text = text.encode("latin1")
    return b"\x93NUMPY" + version + struct.pack("<H" if version == b"\1\0" else "<I", len(text)) + text + data


def described(kind, shape, data=b""):
    return header(f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}", data=data)


ARRAYS = [
    np.arange(6, dtype=kind).reshape(2, 3)
    for kind in ("<i2", ">i4", "<u8", "<f2", ">f8", "<f4", np.longdouble)
] + [
    np.array([True, False]),
    np.array(["up", "größer"]),
    np.array(["up"], dtype=">U4"),
    np.array([b"a", b"bcd"]),
    np.array(3.5),
    np.zeros((0, 4)),
    np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
]  # fmt: skip


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_arrays_are_read_as_numpy_reads_them(array):
    content = npy(array)
    read = read_array(io.BytesIO(content), len(content))
    expected = np.load(io.BytesIO(content), allow_pickle=False)
    np.testing.assert_array_equal(read, expected)
    assert read.shape == expected.shape
    assert read.dtype == expected.dtype.newbyteorder("=")


def test_an_archive_is_read_as_numpy_reads_it(tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, **{f"array{k}": array for k, array in enumerate(ARRAYS)})  # type: ignore[arg-type]
    with np.load(path) as expected, opened(path) as file, Archive(file) as archive:
        assert list(archive.names) == expected.files
        for name in archive.names:
            np.testing.assert_array_equal(archive.array(name), expected[name])


SIXTEEN = b"\0" * 16


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no array in numpy's format"),
        (b"\x93NUMPY\3\0" + b"\0" * 20, "of a version that is not read"),
        (described("'<f8'", "(1000000000000,)", data=SIXTEEN), "cut off"),
        (described("'<f8'", "(-2,)", data=SIXTEEN), "damaged"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (2,", data=SIXTEEN), "damaged"),
        (header("(" * 5000, data=SIXTEEN), "damaged"),
        (described("'<f8'", "(1e400,)", data=SIXTEEN), "damaged"),
        (described("'\x00'", "(2,)", data=SIXTEEN), "damaged"),
        (header("'", data=SIXTEEN), "damaged"),
        (described("'<U0'", "(1000000000000,)"), "holds <U0"),
        (described("'<c16'", "(1,)", data=SIXTEEN), "holds complex128"),
        (described("[('a', '<f8')]", "(2,)", data=SIXTEEN), "must hold numbers"),
        (described("'|O'", "(2,)", data=SIXTEEN), "Python objects"),
        (described("'<M8[s]'", "(2,)", data=SIXTEEN), "must hold numbers"),
        (described("'<U4'", "(1,)", data=b"\xff" * 16), "do not exist"),
        (header("x" * 60_000), "header of 60,000 bytes"),
        (b"\x93NUMPY\2\0\xff\xff\xff\xff", "header of 4,294,967,295 bytes"),
        (npy(np.arange(100.0))[:-1], "is cut off"),
    ],
)  # fmt: skip
def test_arrays_that_lie_are_refused(content, message):
    with pytest.raises(ArchiveError, match=message):
        read_array(io.BytesIO(content), len(content))


def bomb(path: Path, members: int, says: int) -> Path:
    """A small archive whose directory says that each of its members unpacks to so many bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(members):
            archive.writestr(f"x{number}.npy", b"\0" * 5000)
    content = bytearray(path.read_bytes())
    place = -1
    while (place := content.find(b"PK\1\2", place + 1)) >= 0:
        content[place + 24 : place + 28] = struct.pack("<I", says)
    path.write_bytes(content)
    return path


def test_what_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(tmp_path):
    readers = {
        "b.npz": lambda path: nl.load(path),
        "i.npz": lambda path: read_inputs(path, "table", (3,)),
        "b.netlet": lambda path: nl.load_network(path),
    }
    for name, read in readers.items():
        with pytest.raises(NetletError, match=r"unpacks to 12,000,000,000 bytes"):
            read(bomb(tmp_path / name, 3, 4_000_000_000))


def test_a_true_bomb_is_refused(tmp_path):
    path = tmp_path / "b.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("x_train.npy", b"\0" * 300_000_000)
    assert path.stat().st_size < 2_000_000
    with pytest.raises(NetletError, match=r"unpacks to 300,000,000 bytes, but from .* at most 256,000,000"):
        nl.load(path)


def test_a_member_that_is_larger_than_its_directory_says_is_not_unpacked_further(tmp_path):
    with opened(bomb(tmp_path / "b.npz", 1, 100)) as file, Archive(file) as archive:
        with pytest.raises(ArchiveError):
            archive.read("x0")
        with pytest.raises(ArchiveError):
            archive.array("x0")


@pytest.mark.parametrize(
    ("megabytes", "unpacked"),
    [(13, 188), (20, 376), (184, 400), (0.5, 200), (2000, 2001), (900, 3000)],
)
def test_honest_data_is_read_however_large(megabytes, unpacked):
    """MNIST is 13 MB, and 188 MB in float32; what is not packed may have any size."""
    assert most_unpacked(int(megabytes * 1e6)) >= unpacked * 1e6


def test_pipes_and_devices_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match=r"it is (a folder|no ordinary file)"):
            opened(path)
