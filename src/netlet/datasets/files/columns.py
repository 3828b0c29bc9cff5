"""Columns of a frame: what they hold, texts as numbers, words as channels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets.files.numerals import numbers
from netlet.datasets.plain import Column, Frame
from netlet.errors import DataError

MOST_CATEGORIES = 32  # texts of a column that become channels of 0 and 1
MOSTLY = 0.5  # a column of text more than half of which are numbers is one of numbers
_TRUTH = {"true": 1.0, "false": 0.0}
_NO_TEXT = ("?", "")  # among words, where a dash may be one


def with_numbers(frame: Frame, what: str, path: Path | None, notes: list[str]) -> Frame:
    """The frame with columns of text that are meant as numbers turned into such, gaps into NaN.

    Parameters
    ----------
    what
        What errors call the frame.
    notes
        Numbers that are written in an odd way are told.

    Raises
    ------
    DataError
        If a column of numbers holds something else; the message names the row, the first being 1.
    """
    changed, odd = {}, []
    for name in frame.columns:
        column = frame[name]
        if not is_text(column):
            continue
        codes, texts = categories(column)
        found = numbers(texts, ".")
        values = decided(texts, found, np.bincount(codes[codes >= 0], minlength=len(texts)), 0)
        if values is None:
            continue
        if found.wrong.any():
            row = int(np.flatnonzero(np.append(found.wrong, False)[codes])[0])
            raise no_number(what, str(name), texts[codes[row]], row, path)
        if found.example is not None:
            odd.append(f"{str(name)[:40]} {found.example[0]!r} as {found.example[1]:.12g}")
        changed[name] = np.append(values, np.nan)[codes]
    notes.extend(odd_note(odd))
    return frame.assign(**changed) if changed else frame


def decided(texts: list[str], found: Any, counts: np.ndarray, plain: int) -> np.ndarray | None:
    """What texts are as numbers; None if the column is one of words."""
    if texts and all(text.lower() in _TRUTH or text in _NO_TEXT for text in texts) and not plain:
        found.wrong[:] = False
        return np.array([_TRUTH.get(text.lower(), np.nan) for text in texts])
    right = plain + int(counts[~found.wrong & ~found.gaps].sum())
    wrong = int(counts[found.wrong].sum())
    if not right or wrong > MOSTLY * (right + wrong):
        return None
    return found.values


def no_number(what: str, name: str, cell: str, row: int, path: Path | None) -> DataError:
    """The error of a cell that is no number among numbers."""
    return DataError(
        f"{what}: column {name[:60]} holds {cell[:40]!r} in row {row + 1}, but numbers elsewhere: correct "
        "it, or leave it empty",
        file=path,
        row=row,
    )


def odd_note(odd: list[str]) -> list[str]:
    """What is said of numbers that are written in an odd way."""
    return (
        [f"numbers are read as in: {', '.join(odd[:4])}" + (", ..." if len(odd) > 4 else "")] if odd else []
    )


def is_text(column: Column) -> bool:
    """Whether a column holds texts, or objects."""
    import pandas as pd

    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return is_text(dtype.categories)
    return pd.api.types.is_object_dtype(dtype) or pd.api.types.is_string_dtype(dtype)


def is_number(column: Column) -> bool:
    """Whether a column holds real numbers or truth values."""
    import pandas as pd

    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return is_number(dtype.categories)
    return pd.api.types.is_numeric_dtype(dtype) and dtype.kind != "c"


def categories(column: Column) -> tuple[np.ndarray, list[str]]:
    """A column of text as places in a list of its different texts, without blanks around them; gaps -1."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, different = column.cat.codes.to_numpy(), list(column.cat.categories)
    else:
        codes, different = pd.factorize(column.to_numpy(dtype=object, na_value=np.nan))
    places: dict[str, int] = {}
    own = [places.setdefault(str(each).strip(), len(places)) for each in different]
    return np.array([*own, -1], dtype=np.int64)[codes], list(places)


def words(column: Column) -> tuple[np.ndarray, list[str]]:
    """As `categories`, in the order of the alphabet, those left out that no row has; ? is a gap."""
    codes, texts = categories(column)
    used = np.bincount(codes[codes >= 0], minlength=len(texts)) > 0
    kept = sorted(text for text, is_used in zip(texts, used, strict=True) if is_used and text not in _NO_TEXT)
    places = {text: place for place, text in enumerate(kept)}
    return np.array([*(places.get(text, -1) for text in texts), -1], dtype=np.int64)[codes], kept


def as_channels(name: str, codes: np.ndarray, texts: Sequence[str]) -> dict[str, np.ndarray]:
    """A column of words as one of 0 and 1 for each of them, called name=word; NaN where there is none."""
    gaps = codes < 0
    made = {}
    for place, text in enumerate(texts):
        made[f"{name}={text}"] = channel = (codes == place).astype(np.float32)
        channel[gaps] = np.nan
    return made


def refuse_infinite(frame: Frame, what: str, path: Path | None) -> None:
    """Refuse columns of numbers with infinity in them, by row, the first being 1."""
    for name in frame.columns:
        values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(values).any():
            row = int(np.flatnonzero(np.isinf(values))[0])
            raise DataError(
                f"{what}: column {name} is infinite in row {row + 1}: correct it, or leave it empty",
                file=path,
                row=row,
            )
