"""Whatever people hold numbers and labels in, as plain arrays: lists, objects, pandas, text, dates."""

from __future__ import annotations

from datetime import date, time, timedelta
from numbers import Real
from typing import Any

import numpy as np

from netlet.errors import DataError

Frame = Any
"""A pandas DataFrame: by its own types nearly everything in it may be nearly anything."""
Column = Any
"""A pandas Series."""


def plain_array(what: str, values: Any, split: str | None = None) -> np.ndarray:
    """Values as an array of truth values, whole numbers, floats or text.

    Parameters
    ----------
    what : str
        What an error calls them.
    values
        An array, lists of lists, a pandas Series, Index, Categorical or DataFrame; objects in them are
        taken for what they are, text and bytes for text.

    Returns
    -------
    ndarray
        Of kind b, i, u, f or U.

    Raises
    ------
    DataError
        If there are dates, complex numbers, missing labels, masked values, text beside numbers, or anything
        else; the message names the row.
    """
    if np.ma.is_masked(values):
        row = int(np.argwhere(np.ma.getmaskarray(values))[0][0])
        raise DataError(
            f"{what}[{row}] is masked, which is missing: leave the sample out, or fill it in",
            split=split,
            row=row,
        )
    try:
        array = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"{what} cannot be read as an array of numbers: {reason[:200]}", split=split
        ) from None
    if array.dtype.kind == "T":
        array = array.astype(object)
    if array.dtype.kind == "S":
        return np.char.decode(array, "utf-8", "backslashreplace")  # no two labels become one
    if array.dtype.kind == "O":
        return _of_objects(what, array, split)
    if array.dtype.kind in "Mm":
        raise DataError(_dates(what), split=split)
    if array.dtype.kind not in "biufU":
        raise DataError(f"{what} holds {array.dtype} values, but must hold numbers or labels", split=split)
    return array


def _of_objects(what: str, array: np.ndarray, split: str | None) -> np.ndarray:
    """Objects of one kind as an array of that kind."""
    kinds: dict[str, int] = {}
    for row, value in enumerate(array.flat):
        kinds.setdefault(_kind(value), row)
    place = array.size // max(1, len(array)) if array.ndim else 1
    if "missing" in kinds and set(kinds) <= {"missing", "number", "truth"}:
        return np.array([_number(value) for value in array.flat], dtype=np.float64).reshape(array.shape)
    if "missing" in kinds:
        row = kinds["missing"] // max(1, place)
        raise DataError(
            f"{what}[{row}] is missing: leave the sample out, or fill it in", split=split, row=row
        )
    if "date" in kinds:
        raise DataError(_dates(what), split=split)
    if "other" in kinds:
        row = kinds["other"] // max(1, place)
        told = type(array.flat[kinds["other"]]).__name__
        if not array.ndim:
            raise DataError(f"{what} is a {told}: give an array, a list or a column of a table", split=split)
        raise DataError(
            f"{what} cannot be read as an array of numbers or labels: [{row}] is a {told}",
            split=split,
            row=row,
        )
    if "text" in kinds and len(kinds) > 1:
        row = max(kinds.values()) // max(1, place)
        raise DataError(
            f"{what} holds text beside numbers (from row {row} on): write all of it one way",
            split=split,
            row=row,
        )
    if "text" in kinds:
        return np.array([_text(value) for value in array.flat], dtype=str).reshape(array.shape)
    if set(kinds) == {"truth"}:
        return array.astype(bool)
    try:
        plain = np.array(array.tolist())
    except (ValueError, OverflowError):
        plain = array
    try:
        return plain if plain.dtype.kind in "iuf" and plain.size else array.astype(np.float64)
    except OverflowError:
        raise DataError(f"{what} has a number beyond all that are kept: scale them", split=split) from None


def _kind(value: Any) -> str:
    if value is None or type(value).__name__ in ("NAType", "NaTType") or _is_nan(value):
        return "missing"
    if isinstance(value, str | bytes):
        return "text"
    if isinstance(value, bool | np.bool_):
        return "truth"
    if isinstance(value, date | time | timedelta | np.datetime64 | np.timedelta64):
        return "date"
    if isinstance(value, Real) or type(value).__name__ == "Decimal":
        return "number"
    return "other"


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def _number(value: Any) -> float:
    return float("nan") if _kind(value) == "missing" else float(value)


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def _dates(what: str) -> str:
    return (
        f"{what} holds dates, which are neither numbers nor classes: give what is to be learned of them, "
        "such as the month or the days since the first"
    )
