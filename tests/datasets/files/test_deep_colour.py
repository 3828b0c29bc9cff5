"""Colours of 16 bits, in files written byte by byte here."""

import struct
import zlib

import numpy as np
import pytest

import netlet as nl
from netlet.datasets.files.images import Ways, read_image, read_images
from netlet.errors import DataError

RNG = np.random.default_rng(0)
PNG_TYPES = {2: 4, 3: 2, 4: 6}  # by channels


def png(pixels, filters=(0, 1, 2, 3, 4), extra: tuple[bytes, bytes] | bytes = b""):
    """A PNG file of (height, width, channels), uint16, every row with the next filter."""
    height, width, channels = pixels.shape
    step = 2 * channels
    before, rows = np.zeros(width * step, np.int64), b""
    for place, row in enumerate(pixels.astype(">u2")):
        line = np.frombuffer(row.tobytes(), np.uint8).astype(np.int64)
        left = np.concatenate([np.zeros(step, np.int64), line[:-step]])
        corner = np.concatenate([np.zeros(step, np.int64), before[:-step]])
        guess = left + before - corner
        far = np.abs(np.stack([guess - left, guess - before, guess - corner]))
        paeth = np.choose(far.argmin(axis=0), [left, before, corner])
        kind = filters[place % len(filters)]
        told = [np.zeros_like(line), left, before, (left + before) // 2, paeth][kind]
        rows += bytes([kind]) + ((line - told) % 256).astype(np.uint8).tobytes()
        before = line

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 16, PNG_TYPES[channels], 0, 0, 0)
    parts = chunk(b"IHDR", head), extra and chunk(*extra), chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + b"".join(filter(None, parts)) + chunk(b"IEND", b"")


def tiff(pixels, order="<", deflated=False, predicted=False, apart=False, photometric=2, extra=2):
    """A TIFF file of (height, width, channels) of uint16."""
    height, width, channels = pixels.shape
    planes = np.moveaxis(pixels, -1, 0) if apart else pixels[np.newaxis]
    if predicted:
        planes = np.diff(planes, axis=2, prepend=np.zeros_like(planes[:, :, :1]))
    strips = [plane.astype(f"{order}u2").tobytes() for plane in planes]
    strips = [zlib.compress(strip) for strip in strips] if deflated else strips
    tags = {
        256: [width],
        257: [height],
        258: [16] * channels,
        259: [8 if deflated else 1],
        262: [photometric],
    }
    tags |= {273: [0] * len(strips), 277: [channels], 278: [height], 279: [len(each) for each in strips]}
    tags |= {284: [2 if apart else 1]} | ({317: [2]} if predicted else {})
    tags |= {338: [extra]} if channels == 4 and photometric == 2 else {}
    end = 8 + 2 + 12 * len(tags) + 4
    long = {name: struct.calcsize(f"{len(tags[name])}I") for name in tags if len(tags[name]) > 1}
    start = end + sum(long.values())
    tags[273] = [start + sum(map(len, strips[:place])) for place in range(len(strips))]
    head, behind = b"", b""
    for name, values in sorted(tags.items()):
        body = struct.pack(f"{order}{len(values)}I", *values)
        if len(values) > 1:
            body, behind = struct.pack(f"{order}I", end + len(behind)), behind + body
        head += struct.pack(f"{order}HHI", name, 4, len(values)) + body
    mark = b"II" if order == "<" else b"MM"
    begin = mark + struct.pack(f"{order}HIH", 42, 8, len(tags))
    return begin + head + bytes(4) + behind + b"".join(strips)


def deep(channels, size=(9, 7)):
    pixels = RNG.integers(0, 65536, (*size, channels), dtype=np.uint16)
    pixels[0, 0], pixels[0, 1] = 255, 256  # whose bytes are the other way round
    return pixels


def read(path, content, ways=None):
    path.write_bytes(content)
    images, _ = read_images([path], ways or Ways())
    return images[0]


@pytest.mark.parametrize("filters", [(0,), (1,), (2,), (3,), (4,), (0, 1, 2, 3, 4)])
def test_png_colour_of_16_bits_is_read_to_the_bit(tmp_path, filters):
    pixels = deep(3)
    found = read(tmp_path / "a.png", png(pixels, filters))
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found, pixels)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), pixels)


@pytest.mark.parametrize("background", ["white", "black", "grey"])
@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_of_16_bits_is_laid_on_the_background_by_the_formula(tmp_path, channels, background):
    pixels = deep(channels)
    ground = {"white": 65535, "black": 0, "grey": 128 * 257}[background]
    share = pixels[..., -1:].astype(float) / 65535
    expected = pixels[..., :-1] * share + ground * (1 - share)
    found = read(tmp_path / "a.png", png(pixels), Ways(background=background))
    assert np.abs(found - expected).max() <= 0.5 + 1e-9


def test_a_transparent_colour_of_16_bits_is_laid_on_the_background(tmp_path):
    pixels = deep(3)
    key = pixels[3, 4]
    content = png(pixels, extra=(b"tRNS", struct.pack(">HHH", *map(int, key))))
    expected = pixels.copy()
    expected[3, 4] = 0
    np.testing.assert_array_equal(read(tmp_path / "a.png", content, Ways(background="black")), expected)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("deflated", "predicted"), [(False, False), (True, False), (True, True)])
def test_tiff_colour_of_16_bits_is_read_to_the_bit(tmp_path, order, deflated, predicted):
    pixels = deep(3)
    found = read(tmp_path / "a.tif", tiff(pixels, order, deflated, predicted))
    np.testing.assert_array_equal(found, pixels)


def test_tiff_alpha_of_16_bits_is_seen(tmp_path):
    pixels = deep(4)
    pixels[..., 3] = 65535
    found = read(tmp_path / "a.tif", tiff(pixels))
    np.testing.assert_array_equal(found, pixels[..., :3])
    np.testing.assert_array_equal(read(tmp_path / "b.tif", tiff(deep(4), extra=0)).shape, (9, 7, 3))


@pytest.mark.parametrize("deflated", [False, True])
@pytest.mark.parametrize("channels", [3, 4])
def test_what_would_be_read_wrongly_is_refused_in_one_line(tmp_path, deflated, channels):
    with pytest.raises(
        DataError, match=r"a\.tif has planes of 16 bits apart from one another: save it as PNG"
    ):
        read(tmp_path / "a.tif", tiff(deep(channels), deflated=deflated, apart=True))
    with pytest.raises(DataError, match=r"a\.tif has 16 bits a channel of (CMYK|RGBA)"):
        read(tmp_path / "a.tif", tiff(deep(4), photometric=5 if channels == 3 else 2, extra=1))


def test_grey_of_16_bits_that_counts_from_white_is_turned_round(tmp_path):
    pixels = deep(1)
    np.testing.assert_array_equal(read(tmp_path / "a.tif", tiff(pixels, photometric=1)), pixels)
    np.testing.assert_array_equal(read(tmp_path / "a.tif", tiff(pixels, photometric=0)), 65535 - pixels)


@pytest.mark.parametrize("fit", ["pad", "crop", "stretch"])
def test_deep_colour_is_brought_to_a_size_channel_by_channel(tmp_path, fit):
    pixels = np.full((6, 8, 3), (1000, 30001, 65535), np.uint16)
    found = read(tmp_path / "a.png", png(pixels), Ways((3, 4), fit))
    assert (found == (1000, 30001, 65535)).all() and found.shape == (3, 4, 3)


def test_a_folder_of_deep_colour_trains_in_0_to_1(tmp_path):
    kept = {}
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for place in range(5):
            kept[name, place] = deep(3)
            (tmp_path / name / f"{place}.png").write_bytes(png(kept[name, place]))
    data = nl.load(tmp_path)
    expected = {(each / np.float32(65535)).astype(np.float32).tobytes() for each in kept.values()}
    assert {x.tobytes() for split in data.present.values() for x in split.x} == expected
    assert data.integer_scale == 65535
