"""One image file as a person sees it: upright, in the first frame, in as many bits as it has."""

from __future__ import annotations

import io
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from netlet.errors import DataError, printable

LUMINANCE = (0.299, 0.587, 0.114)
"""Of red, green and blue (ITU-R BT.601), where colour is turned to grey."""

_ORIENTATION = 0x0112  # the EXIF tag
_EXIF = {"exif", "Raw profile type exif", "XML:com.adobe.xmp", "xmp"}  # where a PNG file may have it
_PHOTOMETRIC, _BITS, _PLANES = 262, 258, 284  # tags of TIFF
_MAGIC = {b"\x89PNG": ("PNG",)}  # of what there are most, and in which nothing else need be looked for
_FORMATS = ("PNG", "JPEG", "BMP", "DIB", "GIF", "TIFF", "WEBP", "PPM")
_GREY_BITS = {"1": 1, "L;2": 2, "L;4": 4}
_MOST_BYTES = 1 << 26  # of a file that is read at once
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_pixels(path: Path | str, background: int) -> tuple[np.ndarray, bool]:
    """The pixels of a file, to be called within `only_errors`.

    Parameters
    ----------
    path
        Of a file.
    background
        On which what is transparent is laid, 0..255.

    Returns
    -------
    pixels : ndarray, uint8 or uint16
        (height, width) if grey, else (height, width, 3).
    is_transparent : bool
        Whether some of it was.

    Raises
    ------
    DataError
        If the file is missing, damaged, no ordinary file, or has pixels that have no place in 16 bits.
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # other libraries (WeasyPrint) switch it on for the whole process
    try:
        with _opened(path) as file:
            head = file.read(4)
            file.seek(0)
            formats = _MAGIC.get(head, _FORMATS)
            image = Image.open(file, formats=formats)
            is_deep = _is_deep_colour(path, image)
            _spread_key(image)
            with _libtiff_is_quiet(image.format):
                image.load()
            if is_deep:
                file.seek(0)
                return _deep_colour(image, Image.open(file, formats=formats), background)
            return _seen(path, _upright(image), background)
    except FileNotFoundError:
        raise DataError(f"{shown(path)} is missing", file=path) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(
            f"{shown(path)} is larger than any image here should be: make it smaller", file=path
        ) from None
    except DataError:
        raise
    except Exception as error:  # a damaged image can make its reader raise nearly anything
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if isinstance(error, UnidentifiedImageError):
            reason = "it is in no format that is known"
        reason = shown(" ".join(reason.split())[:120])
        raise DataError(
            f"{shown(path)} cannot be read as an image ({reason}): get or save the file anew", file=path
        ) from None


@contextmanager
def only_errors() -> Iterator[None]:
    """Too large an image is an error; nothing else Pillow has to say is a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


@contextmanager
def _libtiff_is_quiet(kind: str | None) -> Iterator[None]:
    """What libtiff thinks of a file it prints to the terminal, past Python: it is sent nowhere."""
    try:
        kept = os.dup(2) if kind == "TIFF" else -1
    except OSError:  # there is no terminal
        kept = -1
    if kept < 0:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def shown(path: Path | str) -> str:
    """A path that can be printed: what is no printable character as its escape, at most its last 200."""
    text = printable(str(path))
    return text if len(text) <= 200 else f"...{text[-200:]}"


def as_deep(pixels: np.ndarray) -> np.ndarray:
    """Pixels of 8 bits as of 16: white is 65535."""
    return pixels if pixels.dtype == np.uint16 else pixels.astype(np.uint16) * 257


def as_grey(pixels: np.ndarray) -> np.ndarray:
    """Colour as its luminance."""
    return np.rint(pixels @ np.array(LUMINANCE)).astype(pixels.dtype) if pixels.ndim == 3 else pixels


def _opened(path: Path | str) -> io.BufferedReader | io.BytesIO:
    """An ordinary file, small ones in memory; a pipe or a device, which would never end, is refused."""
    file = io.FileIO(os.open(path, _OPEN))
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode) and status.st_size > _MOST_BYTES:
        return io.BufferedReader(file)
    with file:
        if not stat.S_ISREG(status.st_mode):
            raise DataError(f"{shown(path)} is no ordinary file: leave it out", file=path)
        return io.BytesIO(file.readall())


def _upright(image: Image.Image) -> Image.Image:
    """The image as its camera was held."""
    may_be_turned = image.format != "PNG" or not _EXIF.isdisjoint(image.info)
    if may_be_turned and image.getexif().get(_ORIENTATION, 1) != 1:
        return ImageOps.exif_transpose(image)
    return image


def _seen(path: Path | str, image: Image.Image, background: int) -> tuple[np.ndarray, bool]:
    """Pixels of 8 bits, or grey of 16."""
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return _of_bytes(image), False
    if image.mode.startswith("I"):
        grey = np.asarray(image)
        if grey.min() < 0 or grey.max() > 65535:
            raise DataError(f"{shown(path)} has pixels beyond 0..65535: save it with 16 bits or 8", file=path)
        grey = _as_its_tags_say(image, grey.astype(np.uint16))
        clear = grey == image.info.get("transparency", -1)
        return np.where(clear, np.uint16(background * 257), grey), bool(clear.any())
    if image.mode == "F":
        raise DataError(f"{shown(path)} has pixels of kind F: save it with 16 bits or 8 a channel", file=path)
    if image.mode == "1":
        image = image.convert("L")
    if not image.has_transparency_data:
        return _of_palette(image) if image.mode == "P" else _of_bytes(image.convert("RGB")), False
    if image.mode not in ("LA", "RGBA"):
        image = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
    bands, data = len(image.mode), image.tobytes()
    if data[bands - 1 :: bands].count(255) == len(data) // bands:
        return _of_bytes(image, data), False
    ground = Image.new("RGBA", image.size, (background,) * 3 + (255,))
    laid = Image.alpha_composite(ground, image if image.mode == "RGBA" else image.convert("RGBA"))
    return _of_bytes(laid), True


def _spread_key(image: Image.Image) -> None:
    """The grey level that is transparent of 1, 2 or 4 bits as of 8, as Pillow has the pixels."""
    key, bits = image.info.get("transparency"), _GREY_BITS.get(_raw_mode(image), 0)
    if bits and isinstance(key, int) and key < 2**bits:  # Pillow has spread that of one bit by itself
        image.info["transparency"] = key * 255 // (2**bits - 1)


def _as_its_tags_say(image: Image.Image, grey: np.ndarray) -> np.ndarray:
    """Deep grey of a TIFF file that counts from white, or to 4095, which Pillow leaves as it is."""
    tags = getattr(image, "tag_v2", {})
    most = 4095 if tags.get(_BITS) == (12,) else 65535
    if most < 65535:
        grey = np.rint(grey * (65535 / most)).astype(np.uint16)
    return 65535 - grey if tags.get(_PHOTOMETRIC) == 0 else grey


def _of_bytes(image: Image.Image, data: bytes | None = None) -> np.ndarray:
    """Pixels of 8 bits without alpha: (height, width) if all are grey, else (height, width, 3).

    Bytes are compared with one another, and not numbers: of small pictures that takes a fifth of the time.
    """
    data = image.tobytes() if data is None else data
    width, height, bands = *image.size, len(image.mode)
    if bands > 2:
        row = data[height // 2 * width * bands :][: width * bands]  # where most colours show already
        for some in (row, data):
            red = some[::bands]
            if some[1::bands] != red or some[2::bands] != red:
                pixels = np.frombuffer(data, np.uint8).reshape(height, width, bands)
                return pixels[..., :3] if bands > 3 else pixels
    return np.frombuffer(data[::bands] if bands > 1 else data, np.uint8).reshape(height, width)


def _of_palette(image: Image.Image) -> np.ndarray:
    """The same of a palette of opaque colours: each byte becomes its red, its green and its blue."""
    palette = image.palette
    colours = bytes(palette.palette or b"") if palette is not None and palette.mode == "RGB" else b""
    if not colours or len(colours) % 3 or len(colours) > 3 * 256:
        return _of_bytes(image.convert("RGB"))
    colours = colours.ljust(3 * 256, b"\0")  # what has no colour is black, as Pillow has it
    data, (width, height) = image.tobytes(), image.size
    red, green, blue = (data.translate(colours[band::3]) for band in range(3))
    if red == green == blue:
        return np.frombuffer(red, np.uint8).reshape(height, width)
    mixed = bytearray(3 * len(data))
    mixed[::3], mixed[1::3], mixed[2::3] = red, green, blue
    return np.frombuffer(mixed, np.uint8).reshape(height, width, 3)


def _grey_if_it_is(pixels: np.ndarray) -> np.ndarray:
    """One channel in the place of three that are equal."""
    return pixels if (pixels != pixels[..., :1]).any() else pixels[..., 0]


# --- colour of 16 bits ------------------------------------------------------------------------------------


def _is_deep_colour(path: Path | str, image: Image.Image) -> bool:
    """Whether a file has colours (or grey and alpha) of 16 bits, before it is loaded.

    Raises
    ------
    DataError
        If they are kept in a way that Pillow would read wrongly.
    """
    raw = _raw_mode(image)
    if ";16" not in raw and image.format != "TIFF":
        return False
    bits = getattr(image, "tag_v2", {}).get(_BITS) or ()
    is_apart = len(bits) > 1 and max(bits) > 8 and image.tag_v2.get(_PLANES) == 2  # type: ignore[attr-defined]
    is_deep = ";16" in raw and not raw.startswith("BGR;16") and not image.mode.startswith("I")
    if is_apart or (is_deep and not raw.startswith(("RGB;16", "RGBA;16", "RGBX;16", "LA;16"))):
        how = "planes of 16 bits apart from one another" if is_apart else f"16 bits a channel of {image.mode}"
        raise DataError(f"{shown(path)} has {how}: save it as PNG, or with 8 bits", file=path)
    return is_deep


def _deep_colour(image: Image.Image, again: Any, background: int) -> tuple[np.ndarray, bool]:
    """Colours of 16 bits, of which Pillow gives one byte at a time.

    Parameters
    ----------
    image
        Loaded: it has the upper bytes.
    again
        The same, not loaded yet: where its numbers are said to be the other way round, it gives the lower.
    """
    has_grey = _raw_mode(again).startswith("LA;16")
    again.tile = [_with_raw_mode(tile, _SWAPPED) for tile in again.tile]
    upper, lower = (np.asarray(_upright(each)).astype(np.uint16) for each in (image, again))
    if has_grey:  # two numbers of two bytes, read as if they were four of one
        grey, alpha = lower[..., 0] * 256 + lower[..., 1], lower[..., 2] * 256 + lower[..., 3]
        pixels = np.stack([grey, grey, grey, alpha], axis=-1)
    else:
        pixels = upper * 256 + lower
    ground = background * 257
    if pixels.shape[-1] == 4 and image.mode == "RGBA":
        alpha = pixels[..., 3:].astype(np.uint64)
        laid = (pixels[..., :3] * alpha + ground * (65535 - alpha) + 32767) // 65535
        return _grey_if_it_is(laid.astype(np.uint16)), bool((alpha < 65535).any())
    pixels = pixels[..., :3]
    clear = np.zeros(pixels.shape[:2], bool)
    if isinstance(key := image.info.get("transparency"), tuple):
        clear = (pixels == np.array(key)).all(axis=-1)
    return _grey_if_it_is(np.where(clear[..., np.newaxis], np.uint16(ground), pixels)), bool(clear.any())


_SWAPPED = {"16B": "16L", "16L": "16B", "16N": "16B" if np.little_endian else "16L"}


def _raw_mode(image: Any) -> str:
    """How the numbers lie in the file, as Pillow calls it."""
    kept = image.tile[0][3] if image.tile else ""
    return str(kept if isinstance(kept, str) or not kept else kept[0])


def _with_raw_mode(tile: Any, swapped: dict[str, str]) -> Any:
    """A part of a file whose numbers are read the other way round."""
    codec, extents, offset, args = tile
    raw, rest = (args, None) if isinstance(args, str) else (args[0], args[1:])
    mode, _, order = raw.partition(";")
    raw = "RGBA" if mode == "LA" else f"{mode};{swapped[order]}"
    args = raw if rest is None else (raw, *rest)
    return tile._replace(args=args) if hasattr(tile, "_replace") else (codec, extents, offset, args)
