"""Files are written whole or not at all."""

from pathlib import Path

import pytest

from netlet.errors import FileError
from netlet.saving import write_whole


def test_what_is_written_can_be_read(tmp_path):
    path = write_whole(tmp_path / "a.bin", b"one")
    assert path.read_bytes() == b"one"
    assert write_whole(path, b"two").read_bytes() == b"two"
    assert [file.name for file in tmp_path.iterdir()] == ["a.bin"]


def test_a_full_disk_leaves_the_older_file_and_no_litter(tmp_path, monkeypatch):
    path = write_whole(tmp_path / "a.bin", b"old")

    def write_half(part: Path, data: bytes) -> int:
        with part.open("wb") as file:
            file.write(data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(FileError, match=r"a\.bin cannot be written: No space left on device"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.bin"]


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(FileError, match="nowhere"):
        write_whole(tmp_path / "nowhere" / "a.bin", b"")
