"""Read and write image files, with errors that name them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from netlet.errors import DataError

EIGHT_BIT_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "PA")


def read_image(path: Path) -> np.ndarray:
    """Read one image as it is on disk, without its transparency.

    Returns
    -------
    ndarray, uint8
        (height, width, 3); grey images have three equal channels.

    Raises
    ------
    DataError
        If the file is missing, damaged, or has more than 8 bits a channel.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if image.mode not in EIGHT_BIT_MODES:
                    raise DataError(f"{path} has pixels of kind {image.mode}: save it with 8 bits a channel")
                return np.asarray(image.convert("RGBA"))[..., :3]
    except FileNotFoundError:
        raise DataError(f"{path} is missing") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(f"{path} is larger than any image here should be: make it smaller") from None
    except DataError:
        raise
    except Exception as error:  # a damaged image can make its reader raise nearly anything
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DataError(f"{path} cannot be read as an image ({reason}): get or save the file anew") from None


def read_images(paths: Sequence[Path]) -> np.ndarray:
    """Read images that are all of one size: (n, height, width, 3), uint8."""
    first = read_image(paths[0])
    images = np.empty((len(paths), *first.shape), dtype=np.uint8)
    images[0] = first
    for row, path in enumerate(paths[1:], start=1):
        image = read_image(path)
        if image.shape != first.shape:
            raise DataError(
                f"{path} is {_size(image)} pixels, but {paths[0].name} is {_size(first)}: make all one size"
            )
        images[row] = image
    return images


def write_png(path: Path, grey: np.ndarray) -> None:
    """Write a grey image (height, width), uint8, as the RGBA file the exercise has."""
    from PIL import Image

    opaque = np.full_like(grey, 255)
    Image.fromarray(np.stack([grey, grey, grey, opaque], axis=-1)).save(path, format="PNG")


def _size(image: np.ndarray) -> str:
    """Width and height, as people say them."""
    return f"{image.shape[1]} x {image.shape[0]}"
