"""Images of many files, brought to one size, one number of channels and one background."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from netlet.bars import counted
from netlet.data_options import OptionError
from netlet.datasets.files.pixels import as_deep, as_grey, only_errors, read_pixels, shown
from netlet.errors import DataError

__all__ = [
    "BACKGROUNDS",
    "IMAGE_SUFFIXES",
    "Ways",
    "read_image",
    "read_images",
    "shown",
    "write_png",
]

IMAGE_SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp"),
    *(".pgm", ".ppm", ".pbm", ".pnm"),
)
BACKGROUNDS = {"white": 255, "black": 0, "grey": 128}
"""On which what is transparent is laid: the first of those on which the fewest pictures vanish."""

_FAINT = 8  # grey levels from darkest to lightest, of 255, below which nothing can be seen
_EVERY = 256  # files, the bar is told


class Ways(NamedTuple):
    """What images are brought to.

    Attributes
    ----------
    size : (height, width), optional
        To which all are brought; without it they must all be of one size.
    fit : {"pad", "crop", "stretch"}
        How, if the shape differs: whole with a margin (black, or what is behind transparent pictures), the
        middle alone, or distorted.
    color : bool, optional
        Three channels or one; by default one if all images are grey.
    background : {"white", "black", "grey"}, optional
        On what transparent pictures are laid; by default the first on which the fewest of them vanish.
    """

    size: tuple[int, int] | None = None
    fit: str = "pad"
    color: bool | None = None
    background: str | None = None


_AS_THEY_ARE = Ways()


def read_image(path: Path, ways: Ways = _AS_THEY_ARE) -> np.ndarray:
    """Read one image as a person sees it: upright, on white where it is transparent, the first frame.

    A picture that cannot be seen on white, being white itself, is laid on black, if nothing is said.

    Returns
    -------
    ndarray, uint8, or uint16 if it has 16 bits
        (height, width, 3); grey images have three equal channels.

    Raises
    ------
    DataError
        If the file is missing, damaged, no ordinary file, or has pixels that have no place in 16 bits.
    """
    with only_errors():
        background = BACKGROUNDS[ways.background or "white"]
        pixels, is_transparent = read_pixels(path, background)
        if is_transparent and ways.background is None and _is_faint(pixels):
            for other in BACKGROUNDS.values():
                seen, _ = read_pixels(path, other)
                if not _is_faint(seen):
                    pixels, background = seen, other
                    break
    if ways.size is not None:
        pixels = _fitted(pixels, ways.size, ways.fit, background if is_transparent else 0)
    return pixels if pixels.ndim == 3 else np.broadcast_to(pixels[..., np.newaxis], (*pixels.shape, 3))


def read_each(paths: Sequence[Path], ways: Ways = _AS_THEY_ARE) -> Iterator[np.ndarray]:
    """One image after another, as `read_image` reads it, with a bar for whoever watches."""
    with counted("reading images", len(paths)) as show:
        for row, path in enumerate(paths):
            yield read_image(path, ways)
            if row % _EVERY == 0:
                show(row)


def read_images(
    paths: Sequence[Path | str], ways: Ways = _AS_THEY_ARE, notes: list[str] | None = None
) -> tuple[np.ndarray, Ways]:
    """Read images that are all of one size, or are brought to one.

    Parameters
    ----------
    paths
        At least one.
    ways
        What they are brought to.
    notes
        What was chosen is added to it, a line each.

    Returns
    -------
    images : ndarray, uint8, or uint16 if an image has 16 bits
        (n, height, width, 1 or 3).
    ways : Ways
        With the background that was chosen, if something is transparent.

    Raises
    ------
    DataError
        As `read_image`, or if they differ in size; the message names the sizes with their counts.
    """
    notes = [] if notes is None else notes
    with only_errors(), counted("reading images", len(paths)) as show:
        stack = _Stack(paths, ways, BACKGROUNDS[ways.background or "white"])
        stack.read(show)
        if stack.faint and ways.background is None:
            faint = {
                each: stack.faint if each == stack.background else _faint(stack.transparent, each)
                for each in BACKGROUNDS.values()
            }
            best = min(faint, key=faint.__getitem__)
            if best != stack.background:
                stack = _Stack(paths, ways, best)
                stack.read(show)
    notes += stack.notes()
    if stack.transparent:
        ways = ways._replace(background=stack.told_background)
    return stack.images, ways


class _Stack:
    """All images on a background: what is read of them, one after another."""

    def __init__(self, paths: Sequence[Path | str], ways: Ways, background: int) -> None:
        self.paths, self.ways, self.background = paths, ways, background
        self.images = np.empty(0)
        self.transparent: list[Path | str] = []
        self.faint = self.coloured = 0
        self.sizes = Counter[tuple[int, ...]]()

    @property
    def told_background(self) -> str:
        return next(name for name, value in BACKGROUNDS.items() if value == self.background)

    def read(self, show: Callable[[int], None]) -> None:
        """Read them all; DataError if they differ in size and nothing is said of it."""
        odd = None
        for row, path in enumerate(self.paths):
            pixels, is_transparent = read_pixels(path, self.background)
            shape = pixels.shape[:2]
            self.sizes[shape] += 1
            if is_transparent:
                self.transparent.append(path)
                self.faint += _is_faint(pixels)
            if self.ways.size is not None:
                margin = self.background if is_transparent else 0
                pixels = _fitted(pixels, self.ways.size, self.ways.fit, margin)
            elif row and shape != self.images.shape[1:3]:
                odd = odd or (path, shape)
                continue
            self._put(row, pixels)
            if row % _EVERY == 0:
                show(row)
        if odd is not None:
            raise self._of_different_size(*odd)

    def _put(self, row: int, pixels: np.ndarray) -> None:
        if pixels.ndim == 3:
            self.coloured += 1
            pixels = as_grey(pixels) if self.ways.color is False else pixels
        images = self.images
        if row == 0:
            channels = 3 if self.ways.color or pixels.ndim == 3 else 1
            images = np.empty((len(self.paths), *pixels.shape[:2], channels), pixels.dtype)
        if pixels.ndim == 3 and images.shape[-1] == 1:
            images = np.repeat(images, 3, axis=-1)
        if pixels.dtype != images.dtype:  # 8 bits beside 16
            images, pixels = as_deep(images), as_deep(pixels)
        images[row] = pixels if pixels.ndim == 3 else pixels[..., np.newaxis]
        self.images = images

    def _of_different_size(self, path: Path | str, its: tuple[int, ...]) -> DataError:
        wanted = min(self.sizes, key=lambda shape: (-self.sizes[shape], shape))
        told = (
            f"{shown(path)} is {_size(its)} pixels, but {shown(Path(self.paths[0]).name)} is "
            f"{_size(self.images.shape[1:3])}: there are {_listed(self.sizes)}; "
        ).translate({ord("{"): "{{", ord("}"): "}}"})
        error = OptionError(
            "size",
            f"{told}say {{size}}, such as {wanted[1]}x{wanted[0]}, and if shapes differ {{fit}} (pad, crop, "
            "stretch), to bring them to one",
        )
        error.file = str(path)
        return error

    def notes(self) -> list[str]:
        """What was chosen, a line each."""
        ways, told = self.ways, []
        if self.transparent:
            other = "white" if self.background != BACKGROUNDS["white"] else "black"
            chosen = "" if ways.background else f"; background={other} lays them on {other}"
            count = _counted(len(self.transparent))
            told.append(f"{count} transparent in part: laid on {self.told_background}{chosen}")
        if ways.size is not None and set(self.sizes) != {ways.size}:
            margin = f"padded with {self.told_background if self.transparent else 'black'}"
            how = {"pad": margin, "crop": "cropped", "stretch": "stretched"}[ways.fit]
            told.append(
                f"images were brought to {_size(ways.size)} pixels, {how}: there are {_listed(self.sizes)}"
            )
        if ways.color is False and self.coloured:
            told.append(f"{_counted(self.coloured)} in colour: turned to grey")
        elif ways.color is None and 0 < self.coloured < len(self.paths):
            told.append(
                f"{self.coloured:,} of {len(self.paths):,} images are in colour, so all have three channels"
            )
        return told


def write_png(path: Path, grey: np.ndarray) -> None:
    """Write a grey image (height, width), uint8, as the RGBA file the exercise has."""
    height, width = grey.shape
    rows = np.zeros((height, 1 + 4 * width), dtype=np.uint8)  # a row begins with its filter, which is none
    pixels = rows[:, 1:].reshape(height, width, 4)
    pixels[..., :3] = grey[..., np.newaxis]
    pixels[..., 3] = 255
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 1)),
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


def _fitted(pixels: np.ndarray, size: tuple[int, int], fit: str, margin: int) -> np.ndarray:
    """An image brought to (height, width), smoothly."""
    from PIL import Image, ImageOps

    if pixels.shape[:2] == size:
        return pixels
    if pixels.dtype == np.uint16 and pixels.ndim == 3:  # which Pillow has of one channel at a time
        return np.stack([_fitted(pixels[..., k], size, fit, margin) for k in range(3)], axis=-1)
    height, width = size
    is_deep, turned, smooth = pixels.dtype == np.uint16, (width, height), Image.Resampling.BILINEAR
    image = Image.fromarray(pixels.astype(np.float32) if is_deep else pixels)
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


def _faint(paths: Sequence[Path | str], background: int) -> int:
    """How many images cannot be seen on a background."""
    return sum(_is_faint(read_pixels(path, background)[0]) for path in paths)


def _size(shape: tuple[int, ...]) -> str:
    """Width and height, as people say them."""
    return f"{shape[1]} x {shape[0]}"


def _listed(sizes: Counter[tuple[int, ...]]) -> str:
    """Sizes with their counts, the most frequent first."""
    told = ", ".join(f"{count:,} of {_size(size)}" for size, count in sizes.most_common(5))
    return told + (f", and {len(sizes) - 5} sizes more" if len(sizes) > 5 else "")


def _counted(images: int) -> str:
    return f"{images:,} images are" if images != 1 else "1 image is"
