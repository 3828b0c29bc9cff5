"""Inputs as people have them, in the form of a split: what a dataset takes and what a network takes."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt, prod
from typing import Any

import numpy as np

from netlet.datasets import ragged
from netlet.datasets.named import by_name
from netlet.datasets.plain import plain_array
from netlet.datasets.scaling import Scaling
from netlet.errors import DataError

KINDS = ("image", "sequence", "table")
_FULL_RANGES = (1, 255, 1023, 4095, 16383, 65535)  # of pixels of 1, 8, 10, 12, 14 and 16 bits
_FEW_COLUMNS = 4  # a matrix of no more columns is a table: nobody has sequences of so few steps
_LEAST_PIXELS, _LEAST_SIDE = 5, 8  # of images without a channel axis, and of square ones
_LARGE = 20.0  # numbers above it are not near what weights start for


def recognised_kind(
    xs: dict[str, np.ndarray], kind: str | None, is_series: bool, from_table: bool, notes: list[str]
) -> str:
    """Whether inputs are images, sequences or a table; a guess is told in `notes`.

    Parameters
    ----------
    xs
        Inputs by split.
    kind
        What was said of them, None if nothing.
    is_series
        Whether a mask or targets at every step show that they are sequences.
    from_table
        Whether they came as a pandas table.
    """
    x = xs["training"]
    if kind is not None:
        return kind
    if x.ndim == 4:
        return "image"
    if x.ndim == 3 and not is_series:
        return _image_or_sequence(list(xs.values()), notes)
    if x.ndim == 2 and not is_series:
        if from_table:
            return "table"
        if x.shape[1] <= _FEW_COLUMNS or _of_different_units(x):
            notes.append(
                f"{x.shape[1]} numbers each are taken as a table of features; "
                "kind=sequence takes them as steps in time"
            )
            return "table"
        side = isqrt(x.shape[1])
        is_flat = side >= _LEAST_SIDE and side**2 == x.shape[1]
        notes.append(
            f"{x.shape[1]} numbers each are taken as a sequence of {x.shape[1]} steps; "
            "kind=table takes them as features without order"
            + (f", and x.reshape(-1, {side}, {side}) as images" if is_flat else "")
        )
    return "sequence"


def is_plainly_table(x: np.ndarray, from_table: bool) -> bool:
    """Whether a matrix is a table, as a pandas table is and one of few columns, whatever its targets are."""
    return x.ndim == 2 and (from_table or x.shape[1] <= _FEW_COLUMNS)


def _image_or_sequence(xs: list[np.ndarray], notes: list[str]) -> str:
    """What (n, a, b) is; where it may be the other as well, the guess is told."""
    height, width = xs[0].shape[1:]
    as_images, as_sequences = (
        "images of one channel",
        f"sequences of {height} steps and {width} channel{'s' if width > 1 else ''}",
    )
    if is_like_images := _like_pixels(xs):
        told = None if xs[0].dtype == np.uint8 else (as_images, "kind=sequence", as_sequences)
    elif width == 1:
        told = (as_sequences, "kind=image", as_images) if xs[0].dtype == np.uint8 else None
    elif all(x.dtype.kind in "iub" and _are_one_hot_steps(x) for x in xs):
        told = (as_sequences, "kind=image", as_images)  # letters, as of DNA
    elif is_like_images := xs[0].dtype == np.uint8:
        told = (as_images, "kind=sequence", as_sequences)
    else:
        is_plain = min(height, width) < _LEAST_PIXELS
        told = None if is_plain else (as_sequences, "kind=image", as_images)
    if told is not None:
        guess, other, else_ = told
        notes.append(f"{height} x {width} numbers each are taken as {guess}; {other} takes them as {else_}")
    return "image" if is_like_images else "sequence"


def _like_pixels(xs: list[np.ndarray]) -> bool:
    """Whether (n, a, b) is most likely images: square, or whole numbers and about as high as wide."""
    height, width = xs[0].shape[1:]
    if min(height, width) < _LEAST_PIXELS:
        return False
    if height == width >= _LEAST_SIDE:
        return True
    are_whole = all(x.dtype.kind in "iub" and x.min() >= 0 for x in xs)
    return are_whole and max(height, width) <= 2 * min(height, width)


def _are_one_hot_steps(x: np.ndarray) -> bool:
    """Whether every step has one 1 and zeros: a letter of an alphabet."""
    return bool((x[:1] <= 1).all() and (x <= 1).all() and (x.sum(axis=-1) == 1).all())


def _of_different_units(x: np.ndarray) -> bool:
    """Whether the columns of a matrix differ so much in size that they cannot be one quantity."""
    if len(x) < 20:
        return False
    sizes = np.abs(np.asarray(x, np.float64)).mean(axis=0)
    sizes = sizes[sizes > 0]
    return bool(len(sizes) and sizes.max() > 50 * sizes.min())


def arranged(name: str, xs: dict[str, np.ndarray], kind: str, notes: list[str]) -> dict[str, np.ndarray]:
    """Inputs of all splits in the rank their kind has, channels last, of one shape.

    Raises
    ------
    DataError
        If they have another rank, or not all splits have one shape.
    """
    xs = {split: _with_channels(name, split, x, kind) for split, x in xs.items()}
    shape = xs["training"].shape[1:]
    for split, x in xs.items():
        if x.shape[1:] != shape:
            raise DataError(
                f"{name}: {split} inputs have shape {x.shape[1:]}, training inputs {shape}", split=split
            )
    if kind == "image" and shape[0] in (1, 3, 4) and shape[2] not in (1, 2, 3, 4) and min(shape[1:]) >= 8:
        notes.append(f"channels come first in {shape}, so they were put last")
        return {split: np.moveaxis(x, 1, -1) for split, x in xs.items()}
    if kind == "image" and shape[2] > 4 and shape[0] < shape[2]:
        notes.append(
            f"images of {shape[0]} x {shape[1]} pixels have {shape[2]} channels: if the channels come first, "
            "give x with them last, np.moveaxis(x, 1, -1)"
        )
    if kind == "sequence" and shape[0] == 1 and shape[1] > 1:
        notes.append(
            f"sequences of one step and {shape[1]} channels are taken as {shape[1]} steps of one channel; "
            "kind=table takes them as features"
        )
        return {split: np.moveaxis(x, 1, -1) for split, x in xs.items()}
    if kind == "sequence" and shape[1] >= 4 * shape[0]:
        notes.append(
            f"sequences of {shape[0]} steps have {shape[1]} channels: if it is the other way round, give x "
            "with the channels last, x.swapaxes(1, 2)"
        )
    return xs


def _with_channels(name: str, split: str, x: np.ndarray, kind: str) -> np.ndarray:
    """The channel axis put in where it is left out."""
    wanted = {"image": 4, "sequence": 3, "table": 2}[kind]
    if x.ndim == wanted:
        return x
    if x.ndim == wanted - 1 and kind != "table":
        return x[..., np.newaxis]
    if kind == "table" and x.ndim > 2:
        return x.reshape(len(x), prod(x.shape[1:]))
    forms = {
        "image": "images (n, height, width, channels)",
        "sequence": "images (n, height, width, channels) or sequences (n, steps, channels)",
        "table": "a table (n, features)",
    }
    raise DataError(f"{name}: {split}.x has shape {x.shape}, but must be {forms[kind]}", split=split)


def pixels(
    name: str, xs: dict[str, np.ndarray], notes: list[str]
) -> tuple[dict[str, np.ndarray], float, Scaling | None]:
    """Images with what their numbers are divided by, those of whole-number types at once.

    Returns
    -------
    xs
        Float32 where they were of a whole-number type, divided.
    integer_scale : float
        By what.
    input_scaling : Scaling or None
        Of floats that are not about 0..1, and of whole numbers below 0.

    Raises
    ------
    DataError
        If the splits differ in type or, as floats, so much in size that they cannot be one quantity.
    """
    largest, smallest = max(x.max() for x in xs.values()), min(x.min() for x in xs.values())
    depth = max(float(largest), -float(smallest))  # of int8, -128 has no opposite
    integers = [x.dtype.kind in "iub" for x in xs.values()]
    if any(integers) != all(integers):
        kinds = ", ".join(f"{split} {x.dtype}" for split, x in xs.items())
        raise DataError(f"{name}: pixels must be of one type in all splits, but are {kinds}")
    channels = xs["training"].shape[-1]
    if smallest < 0 and depth > 10:
        scaling = Scaling.standard(xs["training"].astype(np.float32))
        notes.append(f"pixels {smallest:.5g}..{largest:.5g} are scaled to mean 0 and deviation 1")
        return {split: x.astype(np.float32) for split, x in xs.items()}, 1.0, scaling
    if all(integers):
        _check_range(name, xs, 1)
        scale = _range_of(float(largest))
        if scale not in (1, 255):
            notes.append(f"whole-number pixels up to {largest} are divided by {scale:g}")
        divisor = np.float32(scale)
        return {split: x.astype(np.float32) / divisor for split, x in xs.items()}, scale, None
    if smallest < 0 or not float(largest) < 1e30:  # half floats have no 1e30
        return xs, 1.0, None
    _check_range(name, xs, 2)
    if 0.1 <= largest <= 2 or largest == 0:
        return xs, 1.0, None
    scale = _range_of(float(largest)) if largest > 1 else float(largest)
    notes.append(f"pixels are floats up to {largest:.5g}: input scaling divides them by {scale:.5g}")
    return xs, 1.0, Scaling((0.0,) * channels, (scale,) * channels)


def _check_range(name: str, xs: dict[str, np.ndarray], unit: float) -> None:
    """Refuse splits of which one is in units, and another in 255, say, or of more bits than another."""
    own = float(xs["training"].max())
    for split, x in xs.items():
        other = float(x.max())
        is_other = (own <= unit) != (other <= unit) or _bits(own) != _bits(other)
        if is_other and max(own, other) > 8 * min(own, other) > 0:
            raise DataError(
                f"{name}: {split} pixels go up to {other:.4g}, but training pixels up to {own:.4g}: "
                "divide both by the same",
                split=split,
            )


def _bits(largest: float) -> bool:
    """Whether pixels up to that have more than 8 bits."""
    return largest > 255


def _range_of(largest: float) -> float:
    """What pixels up to that are divided by: the range of their bits or, far below that, the largest."""
    if largest <= 1:
        return 1.0
    full = next((full for full in _FULL_RANGES if full >= largest), largest)
    return float(full if largest > full / 4 else largest)


def fitted_scaling(what: str, x: np.ndarray, how: str | None, mask: Any, notes: list[str]) -> Scaling | None:
    """The scaling of sequences, features or regression targets, fitted on those of training.

    Parameters
    ----------
    how : {"none", "standard", "minmax"}, optional
        By default "standard" if a channel has numbers beyond 20, else "none".
    """
    if how == "none" or (how is None and not (np.abs(x).max() > _LARGE)):
        return None
    if how == "minmax":
        notes.append(f"{what} scaled to 0..1 by the training part")
        return Scaling.min_max(x, mask)
    guess = "" if how else f", being up to {np.abs(x).max():.4g}; scale=none leaves them as they are"
    notes.append(f"{what} scaled to mean 0 and deviation 1 by the training part{guess}")
    return Scaling.standard(x, mask)


def as_inputs(
    x: Any,
    *,
    kind: str,
    input_shape: tuple[int, ...],
    integer_scale: float,
    mask: Any = None,
    features: Sequence[str] = (),
    scaling: Scaling | None = None,
) -> tuple[np.ndarray, Any]:
    """Inputs as float32 of the rank that a kind of data has, and the mask.

    Parameters
    ----------
    x
        Inputs, ``(n, *input_shape)``: arrays, lists, pandas objects, or sequences of different length; a
        missing last axis of one channel is put in, channels that come first are put last.
    kind : {"image", "sequence", "table"}
    input_shape
        Of one sample.
    integer_scale
        What numbers of a whole-number type are divided by.
    mask
        Of sequences, ``(n, steps)``; that of sequences of different length is made.
    features
        Of a table, the columns that are taken of a DataFrame, by name.
    scaling
        Of images, how the network scales them: what they went up to in training, if it divides alone.

    Raises
    ------
    DataError
        If they are no numbers, a column is missing, or pixels are far brighter or darker than those of
        training, being written in another way.
    """
    x = by_name("x", ragged.unpacked(x), features)
    if kind == "sequence" and ragged.is_ragged(x):
        x, _, mask = ragged.padded("your data", {"x": (x, np.zeros(len(x)), mask)})["x"]
    array = plain_array("x", x)
    if array.dtype.kind == "U":
        raise DataError("x cannot be read as an array of numbers")
    if kind == "image" and array.size:
        _check_brightness(array, integer_scale, scaling)
    if array.dtype.kind in "iu" and integer_scale != 1:
        array = array.astype(np.float32) / np.float32(integer_scale)
    given = array
    with np.errstate(over="ignore"):
        array = np.asarray(array, dtype=np.float32)
    if given.dtype.kind == "f" and bool((np.isinf(array) & np.isfinite(given)).any()):
        raise DataError(f"x has numbers up to {np.abs(given).max():.4g}, beyond float32: scale them")
    if array.ndim == len(input_shape) and input_shape[-1] == 1:
        if array.shape[1:] == input_shape[:-1] or kind == "sequence":
            array = array[..., np.newaxis]
    elif array.ndim == len(input_shape) + 1 and len(input_shape) > 1 and array.shape[1:] != input_shape:
        turned = np.moveaxis(array, 1, -1)
        if turned.shape[1:] == input_shape:
            array = turned
    elif len(input_shape) == 1 and array.ndim > 2 and prod(array.shape[1:]) == input_shape[0]:
        array = array.reshape(len(array), input_shape[0])
    return array, mask


def _check_brightness(x: np.ndarray, integer_scale: float, scaling: Scaling | None) -> None:
    """Refuse pixels that are far brighter or darker than those of training, written in another way."""
    is_whole, largest = x.dtype.kind in "iub", float(x.max())
    if integer_scale != 1:
        white, takes = (
            integer_scale if is_whole else 1.0,
            f"whole numbers of 0..{integer_scale:g} or floats of 0..1",
        )
        is_dark = x.dtype == np.uint8 and integer_scale > 8 * 255
    elif scaling is not None and not any(scaling.offset):
        white = max(scaling.scale)
        takes = f"numbers of 0..{white:.5g}"
        is_dark = not is_whole and 0 < largest <= 1 and white > 100
    else:
        return
    if largest > 8 * max(white, 1) or is_dark:
        kind = x.dtype if is_dark else "whole numbers" if is_whole else "floats"
        raise DataError(
            f"x has {kind} up to {largest:.5g}, but the network takes pixels as {takes}: bring x to that"
        )
