"""Read sequences from .npy files that hold inputs and targets on top of each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from netlet.archives import ArchiveError, read_array
from netlet.errors import DataError
from netlet.paths import opened


def read_sequences(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read one .npy file of shape (2, n, steps) or (2, n, steps, channels): inputs, then targets.

    Returns
    -------
    x, y : ndarray
        Each (n, steps, channels), of the file's type; all values are finite.

    Raises
    ------
    DataError
        If the file cannot be read, is pickled, has another shape, or holds NaN or infinity; the message
        names the sequence and the step.
    """
    try:
        with opened(path) as file:
            pair = read_array(file, path.stat().st_size)
    except FileNotFoundError:
        raise DataError(f"{path} is missing", file=path) from None
    except ArchiveError as error:
        raise DataError(f"{path} cannot be read as an array of numbers: it {error}", file=path) from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}", file=path) from None
    if pair.dtype.kind not in "biuf":
        raise DataError(f"{path} holds no numbers, but must hold inputs and targets")
    if pair.ndim not in (3, 4) or len(pair) != 2 or pair.size == 0:
        raise DataError(
            f"{path} has shape {pair.shape}, but must be (2, n, steps) or (2, n, steps, channels): "
            "inputs, then targets"
        )
    bad = np.argwhere(~np.isfinite(pair))
    if len(bad):
        role, row, step = bad[0][:3]
        raise DataError(
            f"{path}: the {('input', 'target')[role]} of sequence {row} is {pair[tuple(bad[0])]} at step "
            f"{step}, but every value must be finite"
        )
    x, y = pair if pair.ndim == 4 else pair[..., np.newaxis]
    return x, y
