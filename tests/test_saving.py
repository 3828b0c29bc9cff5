"""Files are written whole or not at all, and every failure is one clear line."""

import errno
import resource
from pathlib import Path

import pytest

from netlet.errors import FileError
from netlet.saving import write_whole


def test_a_file_is_written_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "network.netlet"
    assert write_whole(str(path), b"new") == path
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_older_file_is_replaced(tmp_path):
    path = tmp_path / "network.netlet"
    path.write_bytes(b"something longer than the new one")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_file_that_ends_in_the_middle_leaves_the_older_one(tmp_path):
    path = tmp_path / "network.netlet"
    path.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(FileError, match="cannot be written: File too large"):
            write_whole(path, b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


FAILURES = {
    "cannot be written: No space left on device": OSError(errno.ENOSPC, "No space left on device"),
    "cannot be written: nobody knows why": OSError("nobody knows why"),
    "Ctrl-C": KeyboardInterrupt("Ctrl-C"),
}


@pytest.mark.parametrize("method", ["write_bytes", "replace"])
@pytest.mark.parametrize("message", FAILURES)
def test_no_space_and_interruptions_leave_the_older_file(tmp_path, monkeypatch, method, message):
    path = tmp_path / "network.netlet"
    path.write_bytes(b"old")

    def fail(*_):
        raise FAILURES[message]

    with monkeypatch.context() as patch:
        patch.setattr(Path, method, fail)
        with pytest.raises((FileError, KeyboardInterrupt), match=message):
            write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "name", ["missing/network.netlet", "a file/network.netlet", "a folder", "", "x" * 300, "null\0byte"]
)
def test_places_that_cannot_be_written_to_are_named(tmp_path, name):
    (tmp_path / "a file").write_bytes(b"")
    (tmp_path / "a folder").mkdir()
    with pytest.raises(FileError, match=r"cannot be written: [A-Za-z ]+$"):
        write_whole(f"{tmp_path}/{name}", b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a file", "a folder"]
    assert not any((tmp_path / "a folder").iterdir())


def test_an_empty_path_is_refused():
    with pytest.raises(FileError, match="cannot be written"):
        write_whole("", b"new")


def test_a_name_as_long_as_names_can_be_is_fine(tmp_path):
    path = tmp_path / ("x" * 255)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
