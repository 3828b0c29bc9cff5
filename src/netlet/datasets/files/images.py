"""Read and write image files, with errors that name them."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from netlet.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
BACKGROUND = 255  # white, on which what is transparent is laid


def read_image(path: Path) -> np.ndarray:
    """Read one image as a person sees it: upright, on white where it is transparent, the first frame.

    Returns
    -------
    ndarray, uint8, or uint16 if it has 16 bits
        (height, width, 3); grey images have three equal channels.

    Raises
    ------
    DataError
        If the file is missing, damaged, no ordinary file, or has pixels that have no place in 16 bits.
    """
    from PIL import Image, ImageOps

    if path.exists() and not path.is_file():  # a pipe or a device would never end
        raise DataError(f"{path} is no ordinary file", file=path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if image.tile and "16" in str(image.tile[0][3]) and not image.mode.startswith("I"):
                    raise DataError(
                        f"{path} has 16 bits a channel in colour: save it with 8, or in grey", file=path
                    )
                return _seen(path, ImageOps.exif_transpose(image))
    except FileNotFoundError:
        raise DataError(f"{path} is missing") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(f"{path} is larger than any image here should be: make it smaller") from None
    except DataError:
        raise
    except Exception as error:  # a damaged image can make its reader raise nearly anything
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DataError(
            f"{path} cannot be read as an image ({reason[:200]}): get or save the file anew"
        ) from None


def _seen(path: Path, image: Image.Image) -> np.ndarray:
    """The pixels, (height, width, 3)."""
    from PIL import Image as pillow

    if image.mode in ("L", "1"):
        grey = np.asarray(image.convert("L"))
        return np.broadcast_to(grey[..., np.newaxis], (*grey.shape, 3))
    if image.mode.startswith("I"):
        grey = np.asarray(image)
        if grey.min() < 0 or grey.max() > 65535:
            raise DataError(f"{path} has pixels beyond 0..65535: save it with 16 bits or 8", file=path)
        return np.broadcast_to(grey.astype(np.uint16)[..., np.newaxis], (*grey.shape, 3))
    if image.mode == "F":
        raise DataError(f"{path} has pixels of kind F: save it with 16 bits or 8 a channel", file=path)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = pillow.new("RGBA", image.size, (BACKGROUND,) * 3 + (255,))
        image = pillow.alpha_composite(white, image)
    return np.asarray(image.convert("RGB"))


def read_images(paths: Sequence[Path]) -> np.ndarray:
    """Read images that are all of one size: (n, height, width, 3), uint8, or uint16 if one has 16 bits.

    Raises
    ------
    DataError
        As `read_image`, or if they differ in size; the message names the sizes with their counts.
    """
    first = read_image(paths[0])
    images = np.empty((len(paths), *first.shape), dtype=first.dtype)
    sizes: Counter[str] = Counter()
    odd: Path | None = None
    for row, path in enumerate(paths):
        image = read_image(path) if row else first
        sizes[_size(image)] += 1
        if image.shape != first.shape:
            odd = odd or path
            continue
        if image.dtype != images.dtype:  # 8 bits beside 16
            images = images if images.dtype == np.uint16 else images.astype(np.uint16) * 257
            image = image if image.dtype == np.uint16 else image.astype(np.uint16) * 257
        images[row] = image
    if odd is not None:
        told = ", ".join(f"{count} of {size}" for size, count in sizes.most_common(5))
        with_more = f", and {len(sizes) - 5} sizes more" if len(sizes) > 5 else ""
        raise DataError(
            f"{odd} is {_size(read_image(odd))} pixels, but {paths[0].name} is {_size(first)}: make all one "
            f"size (there are {told}{with_more})",
            file=odd,
        )
    return images


def write_png(path: Path, grey: np.ndarray) -> None:
    """Write a grey image (height, width), uint8, as the RGBA file the exercise has."""
    from PIL import Image

    opaque = np.full_like(grey, 255)
    Image.fromarray(np.stack([grey, grey, grey, opaque], axis=-1)).save(path, format="PNG")


def _size(image: np.ndarray) -> str:
    """Width and height, as people say them."""
    return f"{image.shape[1]} x {image.shape[0]}"
