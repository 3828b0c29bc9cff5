"""Folders of images as people have them: splits by any name, litter, tables of labels in every spelling."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import netlet as nl
from netlet.datasets.files.images import Ways, read_image
from netlet.datasets.files.pixels import only_errors, read_pixels
from netlet.errors import DataError

RNG = np.random.default_rng(5)
PIXELS = RNG.integers(0, 256, (6, 5), np.uint8)


def fill(folder, *paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(RNG.integers(0, 256, (6, 5), np.uint8)).save(folder / path)
    return folder


def classes(folder, *names, count=4):
    return fill(folder, *(f"{name}/{place}.png" for name in names for place in range(count)))


# --- splits and classes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("training", "other", "split"),
    [
        ("Training", "Validating", "validation"),
        ("train", "eval", "validation"),
        ("TRAIN", "Evaluation", "validation"),
        ("train", "holdout", "test"),
        ("01_train", "02_val", "validation"),
        ("seg_train", "seg_test", "test"),
        ("mnist-train", "mnist-valid", "validation"),
    ],
)
def test_splits_are_known_by_many_names(tmp_path, training, other, split):
    data = nl.load(classes(tmp_path, *(f"{each}/{name}" for each in (training, other) for name in "ab")))
    assert data.class_names == ("a", "b")
    assert len(data.present[split]) == 8


def test_folders_of_splits_without_classes_are_refused_whatever_they_are_called(tmp_path):
    with pytest.raises(DataError, match="only folders of splits"):
        nl.load(classes(tmp_path, "01_train", "02_val"))


@pytest.mark.parametrize("names", [("test", "control"), ("train", "bus", "car"), ("val", "dog")])
def test_a_class_may_be_called_as_a_split_is(tmp_path, names):
    assert nl.load(classes(tmp_path, *names)).class_names == tuple(sorted(names))


def test_classes_are_the_same_in_splits_that_spell_them_in_another_case(tmp_path):
    data = nl.load(classes(tmp_path, "train/Cat", "train/Dog", "val/dog", "val/cat"))
    assert data.class_names == ("Cat", "Dog")
    with pytest.raises(DataError, match="is a class that"):
        nl.load(classes(tmp_path, "val/bird"))


def test_classes_that_differ_in_case_are_told(tmp_path):
    data = nl.load(classes(tmp_path, "Cat", "cat", "dog"))
    assert any("'Cat' and 'cat' are two classes" in note for note in data.notes)


def test_folders_that_are_in_every_class_are_told(tmp_path):
    data = nl.load(classes(tmp_path, "a/cat", "a/dog", "b/cat", "b/dog"))
    assert any("cat, dog, are not told apart" in note for note in data.notes)


def test_what_systems_leave_in_folders_is_no_class(tmp_path):
    litter = ("__MACOSX/cat", "$RECYCLE.BIN", "System Volume Information", ".ipynb_checkpoints", "lost+found")
    classes(tmp_path, "cat", "dog", *litter)
    for name in ("Thumbs.db", "thumbs.db", ".DS_Store", "cat/Desktop.ini", "dog/ehthumbs.db", "Icon\r"):
        (tmp_path / name).write_bytes(b"?")
    data = nl.load(tmp_path)
    assert data.class_names == ("cat", "dog")
    assert sum(map(len, data.present.values())) == 8
    assert not data.notes


# --- tables of labels -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["{}.PNG", "C:\\data\\{}.png", "/home/me/{}.png", "../set/{}.png", "{}"])
def test_images_are_found_by_every_spelling_of_their_names(tmp_path, name):
    fill(tmp_path, *(f"{place}.png" for place in range(9)))
    rows = [f"{name.format(place)},{'xyz'[place % 3]}" for place in range(9)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *rows]))
    assert nl.load(tmp_path).class_names == ("x", "y", "z")


def test_an_image_of_another_folder_is_not_taken_for_one_that_is_missing(tmp_path):
    fill(tmp_path, *(f"cat/{place}.png" for place in range(4)), *(f"dog/{place}.png" for place in range(3)))
    rows = [f"{name}/{place}.png,{name}" for name in ("cat", "dog") for place in range(4)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *rows]))
    with pytest.raises(DataError, match=r"no image beside it has for a name \(dog/3\.png\)"):
        nl.load(tmp_path)


def test_rows_that_say_the_same_again_are_told(tmp_path):
    fill(tmp_path, *(f"{place}.png" for place in range(6)))
    rows = [f"{place}.png,{'ab'[place % 2]}" for place in (*range(6), 0, 1)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *rows]))
    assert "2 rows of labels.csv say what another row says: left out" in nl.load(tmp_path).notes


# --- formats ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"P2\n3 1\n15\n0 7 15\n", [0, 119, 255]),
        (b"P5\n2 1\n255\n\x0a\xff", [10, 255]),
        (b"P5\n2 1\n65535\n\x12\x34\xff\xff", [0x1234, 65535]),
        (b"P4\n8 1\n\x0f", [255] * 4 + [0] * 4),
    ],
)
def test_netpbm_files_are_read(tmp_path, content, expected):
    path = tmp_path / "x.pgm"
    path.write_bytes(content)
    np.testing.assert_array_equal(read_image(path)[0, :, 0], expected)


def png_of_few_bits(bits, row, key):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", 8 // bits, 1, bits, 0, 0, 0, 0)),
            chunk(b"tRNS", struct.pack(">H", key)),
            chunk(b"IDAT", zlib.compress(b"\0" + bytes([row]))),
            chunk(b"IEND", b""),
        )
    )


@pytest.mark.parametrize(
    ("bits", "row", "key", "expected"),
    [
        (1, 0b11110000, 1, [128] * 4 + [0] * 4),
        (1, 0b11110000, 0, [255] * 4 + [128] * 4),
        (2, 0b00011011, 1, [0, 128, 170, 255]),
        (4, 0x73, 7, [128, 51]),
    ],
)
def test_a_transparent_grey_of_few_bits_is_laid_on_the_background(tmp_path, bits, row, key, expected):
    path = tmp_path / "x.png"
    path.write_bytes(png_of_few_bits(bits, row, key))
    np.testing.assert_array_equal(read_image(path, Ways(background="grey"))[0, :, 0], expected)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_a_picture_is_upright_in_every_format(tmp_path, suffix, orientation):
    """The stored pixels of each orientation, made of the upright ones by hand."""
    upright = PIXELS
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    big = np.kron(stored, np.ones((16, 16), np.uint8))  # blocks, so that JPEG keeps them
    path = tmp_path / f"x{suffix}"
    Image.fromarray(np.ascontiguousarray(big)).save(path, exif=exif, lossless=True)
    seen = read_image(path)[8::16, 8::16, 0].astype(int)
    assert seen.shape == upright.shape
    assert np.abs(seen - upright).max() <= 8


def test_jpeg_files_of_other_endings_are_images(tmp_path):
    content = io.BytesIO()
    Image.fromarray(PIXELS).save(content, "JPEG")
    for place, suffix in enumerate(["jpg", "JPG", "jpe", "jfif", "jpeg", "JPEG"]):
        for name in "ab":
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / f"{place}.{suffix}").write_bytes(content.getvalue())
    assert sum(map(len, nl.load(tmp_path).present.values())) == 12


@pytest.mark.parametrize("colours", [2, 7, 200, 256])
@pytest.mark.parametrize("suffix", [".png", ".gif", ".bmp", ".tif"])
def test_palettes_of_every_size_are_as_pillow_reads_them(tmp_path, suffix, colours):
    picture = Image.fromarray(RNG.integers(0, 256, (30, 31, 3), np.uint8))
    path = tmp_path / f"x{suffix}"
    picture.quantize(colours).save(path)
    with Image.open(path) as image:
        expected = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(read_image(path), expected)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA"])
def test_colour_in_one_pixel_is_seen_and_grey_has_one_channel(tmp_path, mode):
    grey = np.repeat(PIXELS[..., np.newaxis] // 2, 3, axis=2)
    for name, blue in (("grey", 0), ("blue", 9)):
        pixels = grey.copy()
        pixels[0, 0, 2] += blue
        image = Image.fromarray(pixels)
        (image.quantize(256) if mode == "P" else image.convert(mode)).save(tmp_path / f"{name}.png")
    with only_errors():
        assert read_pixels(tmp_path / "grey.png", 255)[0].shape == (6, 5)
        assert read_pixels(tmp_path / "blue.png", 255)[0].shape == ((6, 5) if mode == "LA" else (6, 5, 3))
