"""Files of columns as data frames: text in whatever form it comes, and Parquet."""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets.files.columns import MOSTLY, decided, no_number, odd_note
from netlet.datasets.files.delimited import Layout, layout, unpacked
from netlet.datasets.files.numerals import MISSING, numbers
from netlet.datasets.plain import Frame
from netlet.errors import DataError, brief

PARQUET_SUFFIXES = (".parquet", ".pq")
_ROWS = 32_768  # that are read at once
_FREE_TEXT = 50_000  # different texts in a column that nobody wants


def read_frame(
    path: Path,
    notes: list[str],
    exact: Callable[[Sequence[str]], Collection[str]] | None = None,
    place: Path | None = None,
) -> Frame:
    """A table with named columns; what was guessed is told in `notes`.

    Parameters
    ----------
    path
        What errors call the file.
    notes
        Lines are added.
    exact
        Of all names, those of columns that are needed in full: numbers of others are float32, and of text
        that is different in every row nothing is kept. By default all are.
    place
        Where it is, if not at the path.

    Returns
    -------
    DataFrame
        Columns of numbers and truth values as such, NaN in their gaps; others as categories.

    Raises
    ------
    DataError
        If the file is none, or its library is not there; the message names the file and the line.
    """
    if path.suffix.lower() in PARQUET_SUFFIXES:
        frame = _parquet(path)
        frame = frame.set_axis([" ".join(str(name).split()) for name in frame.columns], axis=1)
        _refuse_twice(frame.columns, path)
    else:
        try:
            with unpacked(place or path) as at:
                frame = _text(at, path, notes, exact)
        except OSError as error:
            raise _unreadable(path, error) from None
    if not len(frame) or not len(frame.columns):
        raise DataError(f"{path} has no rows below its header: give at least five", file=path)
    return frame


def _refuse_twice(names: Any, path: Path) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DataError(f"{path} has two columns called {brief(name)}: rename one of them", file=path)
        seen.add(name)


def _parquet(path: Path) -> Frame:
    import pandas as pd

    try:
        frame: Frame = pd.read_parquet(path)
    except ImportError:
        raise DataError(
            f"{path} is a Parquet file, which needs pyarrow: pip install 'netlet[parquet]'", file=path
        ) from None
    except Exception as error:  # damaged files make its reader raise errors of its own
        raise _unreadable(path, error) from None
    return frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index()


def _text(
    place: Path, path: Path, notes: list[str], exact: Callable[[Sequence[str]], Collection[str]] | None
) -> Frame:
    """A table as text, some thousand rows at a time."""
    import pandas as pd

    try:
        how = layout(place, path, notes)
        _refuse_twice(how.names, path)
        wanted = how.names if exact is None else exact(how.names)
        columns = [_Read(name, name in wanted) for name in how.names]
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # that cells are left out
            for chunk in _chunks(place, how):
                for column, part in zip(columns, _arrays(chunk), strict=True):
                    column.add(part, how.decimal)
    except pd.errors.EmptyDataError:
        raise DataError(f"{path} has no rows below its header: give at least five", file=path) from None
    except pd.errors.ParserWarning:
        raise DataError(
            f"{path}: rows have more cells than the header has names: name every column, and write numbers "
            "without separators of thousands, or in quotes",
            file=path,
        ) from None
    except DataError:
        raise
    except (OSError, ValueError, OverflowError, csv.Error) as error:  # ParserError is a ValueError
        raise _unreadable(path, error) from None
    odd: list[str] = []
    made = {}
    for column in columns:
        found = column.whole(str(path), path, how.decimal, odd)
        if found is None:
            notes.append(f"columns of free text are left out: {column.name[:60]}")
        elif not (re.fullmatch(r"column \d+", column.name) and _is_empty(found)):  # a separator at the end
            made[column.name] = found
    notes.extend(odd_note(odd))
    return pd.DataFrame(made, copy=False)


def _chunks(place: Path, how: Layout) -> Any:
    import pandas as pd

    return pd.read_csv(
        place,
        sep=how.separator,
        quotechar=how.quote,
        decimal=how.decimal,
        encoding=how.encoding,
        skipinitialspace=True,
        header=None,
        names=list(how.names),
        skiprows=how.above,
        index_col=False,
        chunksize=_ROWS,
        low_memory=False,
    )


def _arrays(chunk: Frame) -> list[np.ndarray]:
    """The columns of a frame; those of one type of numbers are taken together, as there may be thousands."""
    plain = [isinstance(each, np.dtype) and each.kind in "biuf" for each in chunk.dtypes]
    kinds = [each.str if is_plain else "" for each, is_plain in zip(chunk.dtypes, plain, strict=True)]
    found: list[np.ndarray] = [np.empty(0)] * len(kinds)
    for kind in set(kinds):
        places = [place for place, each in enumerate(kinds) if each == kind]
        block = chunk.iloc[:, places].to_numpy() if kind else np.empty((0, 0))
        for at, place in enumerate(places):
            found[place] = block[:, at] if kind else chunk.iloc[:, place].to_numpy(object, na_value=np.nan)
    return found


def _is_empty(column: Any) -> bool:
    return len(column) == 0 or bool(column.isna().all() if hasattr(column, "isna") else _is_nan(column).all())


def _is_nan(values: np.ndarray) -> np.ndarray:
    return np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), dtype=bool)


@dataclass
class _Read:
    """A column while it is read: numbers as arrays, texts as places in a list of the different ones."""

    name: str
    is_exact: bool
    parts: list[np.ndarray] = field(default_factory=list)
    are_texts: list[bool] = field(default_factory=list)
    texts: dict[str, int] = field(default_factory=dict)
    is_free: bool = False

    def add(self, values: np.ndarray, decimal: str) -> None:
        """Some rows more."""
        if self.is_free:
            return
        if values.dtype.kind in "biuf":
            self._append(_small(values, self.is_exact), False)
            return
        plain = _plain_numbers(values, decimal)
        if plain is not None:
            self._append(_small(plain, self.is_exact), False)
            return
        codes, different = _factorized(values)
        own = np.array(
            [self.texts.setdefault(str(each).strip(), len(self.texts)) for each in different] + [-1]
        )
        self._append(own[codes].astype(np.int32), True)
        if len(self.texts) > _FREE_TEXT and not self.is_exact:
            few = list(self.texts)[:: len(self.texts) // 100]
            self.is_free = bool(numbers(few, decimal).wrong.mean() > MOSTLY)
            if self.is_free:
                self.parts, self.texts = [], {}

    def _append(self, part: np.ndarray, is_text: bool) -> None:
        self.parts.append(part)
        self.are_texts.append(is_text)

    def whole(self, what: str, path: Path | None, decimal: str, odd: list[str]) -> Any:
        """All rows: an array of numbers, or categories; None for free text."""
        import pandas as pd

        if self.is_free:
            return None
        if not any(self.are_texts):
            parts, self.parts = self.parts, []
            return np.concatenate(parts) if len(parts) > 1 else parts[0]
        texts = list(self.texts)
        found = numbers(texts, decimal)
        counts = np.zeros(len(texts), dtype=np.int64)
        for part, is_text in zip(self.parts, self.are_texts, strict=True):
            if is_text:
                counts += np.bincount(part[part >= 0], minlength=len(texts))
        plain = sum(
            int(len(part) - _is_nan(part).sum())
            for part, is_text in zip(self.parts, self.are_texts, strict=True)
            if not is_text
        )
        values = decided(texts, found, counts, plain)
        if values is None:
            codes = [
                part if is_text else self._as_texts(part)
                for part, is_text in zip(self.parts, self.are_texts, strict=True)
            ]
            return pd.Categorical.from_codes(np.concatenate(codes), list(self.texts))
        values = np.append(values, np.nan)
        parts = [
            _small(values[part], self.is_exact) if is_text else part
            for part, is_text in zip(self.parts, self.are_texts, strict=True)
        ]
        if found.wrong.any():
            row = 0
            for part, is_text in zip(self.parts, self.are_texts, strict=True):
                if is_text and (bad := np.flatnonzero(np.append(found.wrong, False)[part])).size:
                    raise no_number(what, self.name, texts[part[bad[0]]], row + int(bad[0]), path)
                row += len(part)
        if found.example is not None:
            odd.append(f"{self.name[:40]} {found.example[0]!r} as {found.example[1]:.12g}")
        self.parts, self.texts = [], {}
        return np.concatenate(parts)

    def _as_texts(self, part: np.ndarray) -> np.ndarray:
        """Numbers in a column that is one of words after all."""
        different, codes = np.unique(part, return_inverse=True)
        told = [f"{each:.15g}" if part.dtype.kind == "f" else str(each) for each in different.tolist()]
        own = [-1 if each == "nan" else self.texts.setdefault(each, len(self.texts)) for each in told]
        return np.array(own, dtype=np.int32)[codes]


def _factorized(values: np.ndarray) -> tuple[np.ndarray, Any]:
    import pandas as pd

    return pd.factorize(values)


def _plain_numbers(values: np.ndarray, decimal: str) -> np.ndarray | None:
    """Texts as float64, if all are plain numbers or gaps."""
    import pandas as pd

    texts = pd.Series(values, dtype=object)
    few = texts.iloc[:: max(1, len(texts) // 50)].dropna()
    if not len(few) and texts.isna().all():
        return np.full(len(texts), np.nan)
    if not len(few) or not all(isinstance(each, str) for each in few):
        return None
    if all(numbers([each], decimal).wrong[0] for each in few):
        return None
    text = texts.astype("string").str.strip()
    if decimal == ",":
        if text.str.contains(".", regex=False).any():
            return None
        text = text.str.replace(",", ".", regex=False)
    found: Any = pd.to_numeric(text, errors="coerce")
    values = found.to_numpy(dtype=np.float64, na_value=np.nan)
    rest = text[np.isnan(values)].dropna()
    return values if rest.str.lower().isin(MISSING).all() and not np.isnan(values).all() else None


def _small(values: np.ndarray, is_exact: bool) -> np.ndarray:
    """The same numbers in fewer bytes; floats in single precision, if that is allowed."""
    if values.dtype.kind == "f":
        return np.ascontiguousarray(values) if is_exact else _single(values)
    if values.dtype.kind == "b" or not len(values):
        return np.ascontiguousarray(values)
    least, most = values.min(), values.max()
    return values.astype(np.result_type(np.min_scalar_type(least), np.min_scalar_type(most)))


def _single(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        found = values.astype(np.float32)
    return values if np.isinf(found).any() and not np.isinf(values).any() else found


def _unreadable(path: Path, error: Exception) -> DataError:
    reason = " ".join(str(error).split())[:150] or type(error).__name__
    line = re.search(r"line (\d+)", reason)
    row = int(line.group(1)) if line else None
    return DataError(f"{path} cannot be read as a table: {reason}", file=path, row=row)
