import errno
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netlet import figures
from netlet.errors import FileError

MATRIX = np.array([[8, 2], [1, 9]])


@pytest.fixture
def figure():
    return figures.confusion_matrix(MATRIX)


def test_a_png_file_holds_the_same_bytes_as_those_for_embedding(figure, tmp_path):
    path = figures.save(figure, tmp_path / "matrix.png")
    assert path.read_bytes() == figures.to_png_bytes(figure)
    assert path.read_bytes() == figures.to_png_bytes(figures.confusion_matrix(MATRIX))


def test_a_png_file_tells_neither_date_nor_program_and_has_the_asked_resolution(figure, tmp_path):
    with Image.open(figures.save(figure, str(tmp_path / "matrix.PNG"), pixels_per_inch=200)) as image:
        assert set(image.info) == {"dpi"}
        assert image.size == tuple(int(200 * inches) for inches in figure.get_size_inches())


def test_an_svg_file_is_the_same_each_time_and_tells_neither_date_nor_program(figure, tmp_path):
    written = figures.save(figure, tmp_path / "matrix.svg").read_text()
    assert written.startswith("<?xml")
    assert written == figures.to_svg_bytes(figures.confusion_matrix(MATRIX)).decode()
    assert "date" not in written
    assert "Creator" not in written and "creator" not in written


@pytest.mark.parametrize("name", ["matrix.gif", "matrix"])
def test_another_kind_of_file_is_refused(figure, tmp_path, name):
    with pytest.raises(FileError, match=r"must end with \.png or \.svg"):
        figures.save(figure, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(figure, tmp_path):
    with pytest.raises(FileError, match=r"missing/matrix\.png cannot be written: No such file or directory"):
        figures.save(figure, tmp_path / "missing" / "matrix.png")


def test_a_full_disk_leaves_the_picture_that_was_there(figure, tmp_path, monkeypatch):
    path = figures.save(figure, tmp_path / "matrix.png")
    before = path.read_bytes()

    def write_half(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(FileError, match="No space left on device"):
        figures.save(figures.confusion_matrix(MATRIX.T), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
