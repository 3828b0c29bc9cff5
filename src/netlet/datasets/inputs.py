"""Inputs as people have them, in the form of a split: what a dataset takes and what a network takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from netlet.errors import DataError


def as_inputs(
    x: Any,
    *,
    kind: str,
    input_shape: tuple[int, ...],
    integer_scale: float,
    mask: Any = None,
) -> tuple[np.ndarray, Any]:
    """Inputs as float32 of the rank that a kind of data has, and the mask.

    Parameters
    ----------
    x
        Inputs, ``(n, *input_shape)``; a missing last axis of one channel is put in.
    kind : {"image", "sequence", "table"}
    input_shape
        Of one sample.
    integer_scale
        What numbers of a whole-number type are divided by.
    mask
        Of sequences, ``(n, steps)``; given back as it is.

    Raises
    ------
    DataError
        If they are no numbers.
    """
    try:
        array = np.asarray(x)
        if array.dtype.kind in "iu" and integer_scale != 1:
            array = array.astype(np.float32) / np.float32(integer_scale)
        array = np.asarray(array, dtype=np.float32)
    except (TypeError, ValueError):
        raise DataError("x cannot be read as an array of numbers") from None
    if array.ndim == len(input_shape) and input_shape[-1] == 1 and array.shape[1:] == input_shape[:-1]:
        array = array[..., np.newaxis]
    return array, mask
