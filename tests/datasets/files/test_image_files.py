import os
import tracemalloc
import warnings
from typing import Any

import numpy as np
import pytest
from PIL import Image

import netlet as nl
from netlet import bars
from netlet.datasets.files.images import read_image, read_images, write_png
from netlet.errors import DataError

GREY = np.array([[0, 51, 102], [153, 204, 255]], dtype=np.uint8)


def test_a_written_image_is_read_back_and_is_rgba(tmp_path):
    path = tmp_path / "image.png"
    write_png(path, GREY)
    with Image.open(path) as image:
        assert (image.mode, image.size) == ("RGBA", (3, 2))
        assert (np.asarray(image)[..., 3] == 255).all()
    np.testing.assert_array_equal(read_image(path), np.repeat(GREY[..., np.newaxis], 3, axis=-1))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_8_bit_pixels_is_read(tmp_path, mode):
    path = tmp_path / "image.png"
    Image.fromarray(np.where(GREY > 127, 255, 0).astype(np.uint8)).convert(mode).save(path)
    np.testing.assert_array_equal(read_image(path)[..., 0], np.where(GREY > 127, 255, 0))


def test_what_is_transparent_is_laid_on_white(tmp_path):
    path = tmp_path / "image.png"
    pixels = np.zeros((1, 3, 4), dtype=np.uint8)
    pixels[0] = [[10, 20, 30, 0], [10, 20, 30, 255], [0, 0, 0, 128]]
    Image.fromarray(pixels).save(path)
    assert read_image(path)[0].tolist() == [[255] * 3, [10, 20, 30], [127] * 3]
    Image.fromarray(np.dstack([GREY, np.zeros_like(GREY)])).save(path)
    assert (read_image(path) == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_turned_as_they_say(tmp_path, orientation):
    path, exif = tmp_path / "image.png", Image.Exif()
    exif[274] = orientation
    Image.fromarray(GREY).save(path, exif=exif)
    turned = {
        1: GREY,
        2: GREY[:, ::-1],
        3: GREY[::-1, ::-1],
        4: GREY[::-1],
        5: GREY.T,
        6: np.rot90(GREY, -1),
        7: GREY[::-1, ::-1].T,
        8: np.rot90(GREY),
    }
    np.testing.assert_array_equal(read_image(path)[..., 0], turned[orientation])


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tiff", "webp"])
def test_every_format_without_loss_is_read_to_its_values(tmp_path, suffix):
    path = tmp_path / f"image.{suffix}"
    options: dict[str, Any] = {"lossless": True} if suffix == "webp" else {}
    Image.fromarray(GREY).save(path, **options)
    np.testing.assert_array_equal(read_image(path)[..., 0], GREY)


def test_grey_pixels_of_16_bits_keep_all_of_them(tmp_path):
    path = tmp_path / "deep.png"
    deep = np.array([[0, 1, 257], [65535, 30000, 2]], dtype=np.uint16)
    Image.fromarray(deep).save(path)
    np.testing.assert_array_equal(read_image(path)[..., 1], deep)


def test_a_pipe_is_no_image(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"a\.png is no ordinary file"):
        read_image(tmp_path / "a.png")


def test_a_truncated_image_is_refused_wherever_it_is_cut(tmp_path):
    path = tmp_path / "cut.png"
    rng = np.random.default_rng(0)
    write_png(path, rng.integers(256, size=(20, 20), dtype=np.uint8))
    content = path.read_bytes()
    for length in range(0, len(content) - 60, 97):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match=r"cut\.png cannot be read as an image"):
            read_image(path)


def test_a_missing_image_is_named(tmp_path):
    with pytest.raises(DataError, match=r"gone\.png is missing"):
        read_image(tmp_path / "gone.png")


def test_an_image_far_too_large_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "large.png"
    write_png(path, np.zeros((20, 20), dtype=np.uint8))
    for limit in (300, 100):  # Pillow warns above the limit, and raises above twice the limit
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with (
            warnings.catch_warnings(),
            pytest.raises(DataError, match=r"large\.png is larger than any image"),
        ):
            warnings.simplefilter("ignore")
            read_image(path)


def test_images_of_different_sizes_are_refused(tmp_path):
    paths = [tmp_path / f"{name}.png" for name in "abc"]
    for path, grey in zip(paths, (GREY, GREY, GREY.T), strict=True):
        write_png(path, grey)
    with pytest.raises(DataError, match=r"c\.png is 2 x 3 pixels, but a\.png is 3 x 2"):
        read_images(paths)


def test_whatever_a_damaged_image_raises_names_it(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise IndexError

    write_png(tmp_path / "a.png", GREY)

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(DataError, match=r"a\.png cannot be read as an image \(IndexError\)"):
        read_image(tmp_path / "a.png")


def test_reading_many_images_takes_no_more_than_twice_their_arrays(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for place in range(600):
            Image.fromarray(np.full((28, 28), place % 251, np.uint8)).save(tmp_path / name / f"{place}.png")
    nl.load(tmp_path)  # what is imported does not count
    tracemalloc.start()
    data = nl.load(tmp_path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2 * sum(split.x.nbytes for split in data.present.values())


@pytest.mark.parametrize("is_watched", [False, True])
def test_reading_shows_a_bar_to_whoever_watches_for_a_while(tmp_path, monkeypatch, capsys, is_watched):
    monkeypatch.setattr(bars, "PATIENCE", -1.0)
    monkeypatch.setattr(bars, "is_watched", lambda: is_watched)
    monkeypatch.setenv("FORCE_COLOR", "1")  # stderr is no terminal here, but rich takes it for one
    for place in range(3):
        write_png(tmp_path / f"{place}.png", GREY)
    read_images(sorted(tmp_path.iterdir()))
    assert ("reading images" in capsys.readouterr().err) == is_watched
