"""Read and write image files as a person sees them, with errors that name them."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from netlet.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
FITS = ("pad", "crop", "stretch")
BACKGROUNDS = {255: "white", 0: "black", 128: "grey"}
"""On which what is transparent is laid: the first of those on which the fewest pictures vanish."""
LUMINANCE = (0.299, 0.587, 0.114)
"""Of red, green and blue (ITU-R BT.601), where colour is turned to grey."""

_FAINT = 8  # grey levels from darkest to lightest, of 255, below which nothing can be seen
_ORIENTATION = 0x0112  # the EXIF tag
_EXIF = {"exif", "Raw profile type exif", "XML:com.adobe.xmp", "xmp"}  # where a PNG file may have it


def read_image(path: Path) -> np.ndarray:
    """Read one image as a person sees it: upright, on white where it is transparent, the first frame.

    A picture that cannot be seen on white, being white itself, is laid on black.

    Returns
    -------
    ndarray, uint8, or uint16 if it has 16 bits
        (height, width, 3); grey images have three equal channels.

    Raises
    ------
    DataError
        If the file is missing, damaged, no ordinary file, or has pixels that have no place in 16 bits.
    """
    with _bombs_are_errors():
        pixels, is_transparent = _read(path, 255)
        if is_transparent and _is_faint(pixels):
            others = (_read(path, background)[0] for background in BACKGROUNDS)
            pixels = next((each for each in others if not _is_faint(each)), pixels)
    return pixels if pixels.ndim == 3 else np.broadcast_to(pixels[..., np.newaxis], (*pixels.shape, 3))


def read_images(
    paths: Sequence[Path],
    size: tuple[int, int] | None = None,
    fit: str = "pad",
    color: bool | None = None,
    notes: list[str] | None = None,
) -> np.ndarray:
    """Read images that are all of one size, or are brought to one.

    Parameters
    ----------
    paths
        At least one.
    size : (height, width), optional
        To which all are brought; without it they must all be of one size.
    fit : {"pad", "crop", "stretch"}
        How, if the shape differs: whole with a margin (black, or what is behind transparent pictures), the
        middle alone, or distorted.
    color : bool, optional
        Three channels or one; by default one if all images are grey.
    notes
        What was chosen is added to it, a line each.

    Returns
    -------
    ndarray, uint8, or uint16 if an image has 16 bits
        (n, height, width, 1 or 3).

    Raises
    ------
    DataError
        As `read_image`, or if they differ in size; the message names the sizes with their counts.
    """
    notes = [] if notes is None else notes
    told: list[str] = []
    with _bombs_are_errors():
        images, transparent, faint = _stacked(paths, size, fit, color, 255, told)
        background = 255
        if faint:
            background = min(BACKGROUNDS, key=lambda each: _faint(transparent, each))
        if background != 255:
            told.clear()
            images, _, _ = _stacked(paths, size, fit, color, background, told)
    if transparent:
        told.insert(0, f"{_counted(len(transparent))} transparent in part: laid on {BACKGROUNDS[background]}")
    notes += told
    return images


def _stacked(
    paths: Sequence[Path],
    size: tuple[int, int] | None,
    fit: str,
    color: bool | None,
    background: int,
    notes: list[str],
) -> tuple[np.ndarray, list[Path], int]:
    """All images on a background, the paths of transparent ones, and how many of these cannot be seen."""
    images, odd, sizes = np.empty(0), None, Counter[tuple[int, int]]()
    transparent: list[Path] = []
    faint = coloured = 0
    for row, path in enumerate(paths):
        pixels, is_transparent = _read(path, background)
        if is_transparent:
            transparent.append(path)
            faint += _is_faint(pixels)
        sizes[pixels.shape[:2]] += 1
        if size is not None:
            pixels = _fitted(pixels, size, fit, background if is_transparent else 0)
        elif row and pixels.shape[:2] != images.shape[1:3]:
            odd = odd or (path, pixels.shape[:2])
            continue
        coloured += pixels.ndim == 3
        if color is False and pixels.ndim == 3:
            pixels = np.rint(pixels @ np.array(LUMINANCE)).astype(pixels.dtype)
        if row == 0:
            channels = 3 if color or pixels.ndim == 3 else 1
            images = np.empty((len(paths), *pixels.shape[:2], channels), pixels.dtype)
        if pixels.ndim == 3 and images.shape[-1] == 1:
            images = np.repeat(images, 3, axis=-1)
        if pixels.dtype != images.dtype:  # 8 bits beside 16
            images = images if images.dtype == np.uint16 else images.astype(np.uint16) * 257
            pixels = pixels if pixels.dtype == np.uint16 else pixels.astype(np.uint16) * 257
        images[row] = pixels if pixels.ndim == 3 else pixels[..., np.newaxis]
    if odd:
        path, its = odd
        first = images.shape[1:3]
        raise DataError(
            f"{shown(path)} is {_size(its)} pixels, but {shown(paths[0].name)} is {_size(first)}: make all "
            f"one size (there are {_listed(sizes)}), or give size=(height, width) to have them brought to it",
            file=path,
        )
    if size is not None and set(sizes) != {size}:
        margin = f"padded with {BACKGROUNDS[background] if transparent else 'black'}"
        how = {"pad": margin, "crop": "cropped", "stretch": "stretched"}[fit]
        notes.append(f"images were brought to {_size(size)} pixels, {how}: there are {_listed(sizes)}")
    if color is False and coloured:
        notes.append(f"{_counted(coloured)} in colour: turned to grey")
    elif color is None and 0 < coloured < len(paths):
        notes.append(f"{coloured:,} of {len(paths):,} images are in colour, so all have three channels")
    return images, transparent, faint


def write_png(path: Path, grey: np.ndarray) -> None:
    """Write a grey image (height, width), uint8, as the RGBA file the exercise has."""
    height, width = grey.shape
    rows = np.zeros((height, 1 + 4 * width), dtype=np.uint8)  # a row begins with its filter, which is none
    pixels = rows[:, 1:].reshape(height, width, 4)
    pixels[..., :3] = grey[..., np.newaxis]
    pixels[..., 3] = 255
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 1)),
        (b"IEND", b""),
    )
    # By hand, because Pillow takes seven times as long, and an exercise has thousands of such images.
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in parts
        )
    )


def shown(path: Path | str) -> str:
    """A path that can be printed: what is no printable character replaced, at most its last 200."""
    text = "".join(each if each.isprintable() else "?" for each in str(path))
    return text if len(text) <= 200 else f"...{text[-200:]}"


# --- one file ---------------------------------------------------------------------------------------------


@contextmanager
def _bombs_are_errors() -> Iterator[None]:
    """Too large an image is an error; nothing else Pillow has to say is a warning."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _read(path: Path, background: int) -> tuple[np.ndarray, bool]:
    """The pixels, (height, width) if grey else (height, width, 3), and whether some are transparent."""
    from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

    ImageFile.LOAD_TRUNCATED_IMAGES = False  # other libraries (WeasyPrint) switch it on for the whole process
    try:
        if not path.is_file() and path.exists():  # a pipe or a device would never end
            raise DataError(f"{shown(path)} is no ordinary file: leave it out", file=path)
        with Image.open(path) as image:
            kept = image.tile[0][3] if image.tile else ""
            raw = str(kept if isinstance(kept, str) or not kept else kept[0])
            if ";16" in raw and not raw.startswith("BGR;16") and not image.mode.startswith("I"):
                raise DataError(
                    f"{shown(path)} has 16 bits a channel in colour: save it with 8, or in grey", file=path
                )
            image.load()
            may_be_turned = image.format != "PNG" or not _EXIF.isdisjoint(image.info)
            if may_be_turned and image.getexif().get(_ORIENTATION, 1) != 1:
                return _seen(path, ImageOps.exif_transpose(image), background)
            return _seen(path, image, background)
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


def _seen(path: Path, image: Image.Image, background: int) -> tuple[np.ndarray, bool]:
    if image.mode == "L" and "transparency" not in image.info:
        return np.asarray(image), False
    from PIL import Image as pillow

    if image.mode.startswith("I"):
        grey = np.asarray(image)
        if grey.min() < 0 or grey.max() > 65535:
            raise DataError(f"{shown(path)} has pixels beyond 0..65535: save it with 16 bits or 8", file=path)
        grey = grey.astype(np.uint16)
        clear = grey == image.info.get("transparency", -1)
        return np.where(clear, np.uint16(background * 257), grey), bool(clear.any())
    if image.mode == "F":
        raise DataError(f"{shown(path)} has pixels of kind F: save it with 16 bits or 8 a channel", file=path)
    is_transparent = False
    if image.has_transparency_data:
        image = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
        is_transparent = image.getchannel("A").getextrema() != (255, 255)
        if is_transparent:
            ground = pillow.new("RGBA", image.size, (background,) * 3 + (255,))
            image = pillow.alpha_composite(ground, image)
    elif image.mode == "1":
        return np.asarray(image.convert("L")), False
    pixels = np.asarray(image.convert("RGB"))
    return pixels[..., 0] if (pixels == pixels[..., :1]).all() else pixels, is_transparent


def _fitted(pixels: np.ndarray, size: tuple[int, int], fit: str, margin: int) -> np.ndarray:
    """An image brought to (height, width), smoothly."""
    from PIL import Image, ImageOps

    if pixels.shape[:2] == size:
        return pixels
    is_deep = pixels.dtype == np.uint16
    image = Image.fromarray(pixels.astype(np.float32) if is_deep else pixels)
    turned, smooth = (size[1], size[0]), Image.Resampling.BILINEAR
    if fit == "pad":
        color = margin * 257 if is_deep else margin if pixels.ndim == 2 else (margin,) * 3
        image = ImageOps.pad(image, turned, smooth, color=color)  # pyright: ignore[reportArgumentType]
    elif fit == "crop":
        image = ImageOps.fit(image, turned, smooth)
    else:
        image = image.resize(turned, smooth)
    return np.rint(np.asarray(image)).astype(pixels.dtype) if is_deep else np.asarray(image)


def _is_faint(pixels: np.ndarray) -> bool:
    """Whether next to nothing can be seen, being of one colour."""
    levels = 257 if pixels.dtype == np.uint16 else 1
    axes = (0, 1)
    return bool((pixels.max(axis=axes).astype(int) - pixels.min(axis=axes) < _FAINT * levels).all())


def _faint(paths: Sequence[Path], background: int) -> int:
    """How many images cannot be seen on a background."""
    return sum(_is_faint(_read(path, background)[0]) for path in paths)


def _size(shape: tuple[int, ...]) -> str:
    """Width and height, as people say them."""
    return f"{shape[1]} x {shape[0]}"


def _listed(sizes: Counter[tuple[int, int]]) -> str:
    """Sizes with their counts, the most frequent first."""
    told = ", ".join(f"{count:,} of {_size(size)}" for size, count in sizes.most_common(5))
    return told + (f", and {len(sizes) - 5} sizes more" if len(sizes) > 5 else "")


def _counted(images: int) -> str:
    return f"{images:,} images are" if images != 1 else "1 image is"
