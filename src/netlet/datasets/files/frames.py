"""Files of columns as data frames: CSV and TSV in whatever form they come, and Parquet."""

from __future__ import annotations

import codecs
import csv
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets.plain import Frame
from netlet.errors import DataError

PARQUET_SUFFIXES = (".parquet", ".pq")
_MISSING = ("?", "-", "--", ".", "null", "none", "missing", "n.a.", "na", "nan", "#n/a", "")
_FALLBACK = "cp1252"  # what spreadsheets in the west write, if not UTF-8
_SAMPLE = 1_000  # values of a column that are looked at before all are
_MOSTLY = 0.5  # a column of text more than half of which are numbers is one of numbers


def read_frame(path: Path, notes: list[str]) -> Frame:
    """A table with named columns; what was guessed is told in `notes`.

    Raises
    ------
    DataError
        If the file is none, or its library is not there; the message names the file and the line.
    """
    frame = _parquet(path) if path.suffix.lower() in PARQUET_SUFFIXES else _text(path, notes)
    if not len(frame) or not len(frame.columns):
        raise DataError(f"{path} has no rows below its header: give at least five", file=path)
    frame = frame.set_axis([str(name).strip() for name in frame.columns], axis=1)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise DataError(f"{path} has two columns called {twice[0]!r}: rename one of them", file=path)
    return frame


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


def _text(path: Path, notes: list[str]) -> Frame:
    """A table as text: encoding, separator, decimal sign and header found in its first lines."""
    import pandas as pd

    try:
        encoding = _encoding(path, notes)
        with path.open(encoding=encoding, newline="") as file:
            lines = [line for line in (file.readline(1_000_000) for _ in range(4)) if line.strip()]
        if not lines:
            raise DataError(f"{path} is empty: give a table with a header", file=path)
        separator = _separator(lines)
        cells = _cells(lines[0], separator)
        decimal = "," if separator not in (",", r"\s+") and _has_decimal_comma(lines, separator) else "."
        has_header = not all(map(_is_number, cells))
        if not has_header:
            notes.append("the first line holds numbers alone, so there is no header: columns are 1, 2, ...")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)  # mixed columns are seen to below
            warnings.simplefilter("error", pd.errors.ParserWarning)  # that cells are left out
            return pd.read_csv(
                path,
                sep=separator,
                decimal=decimal,
                encoding=encoding,
                skipinitialspace=True,
                header=0 if has_header else None,
                names=None if has_header else [f"{place + 1}" for place in range(len(cells))],
                index_col=False,
            )
    except DataError:
        raise
    except pd.errors.ParserWarning:
        raise DataError(
            f"{path}: rows have more cells than the header has names: name every column, and write numbers "
            "without separators of thousands",
            file=path,
        ) from None
    except (OSError, ValueError, OverflowError, csv.Error) as error:  # ParserError is a ValueError
        raise _unreadable(path, error) from None


def _encoding(path: Path, notes: list[str]) -> str:
    """By the mark at the beginning; else UTF-8, or what old spreadsheets write."""
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.read(1 << 22):
                if not chunk.isascii():
                    decoder.decode(chunk)
        except UnicodeDecodeError:
            notes.append(f"the file is not written in UTF-8: read as {_FALLBACK}")
            return _FALLBACK
    return "utf-8-sig"


def _separator(lines: list[str]) -> str:
    best = max("\t;,|", key=lines[0].count)
    if best in lines[0]:
        return best
    tokens = [line.split() for line in lines]
    is_spaced = len(tokens[0]) > 1 and len({len(each) for each in tokens}) == 1
    return r"\s+" if is_spaced and len(lines) > 1 and any(map(_is_number, tokens[1])) else ","


def _cells(line: str, separator: str) -> list[str]:
    if separator == r"\s+":
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True))]


def _has_decimal_comma(lines: list[str], separator: str) -> bool:
    cells = [cell for line in lines for cell in _cells(line, separator)]
    return any(re.fullmatch(r"[+-]?\d*,\d+([eE][+-]?\d+)?", cell) for cell in cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _unreadable(path: Path, error: Exception) -> DataError:
    reason = " ".join(str(error).split())[:150] or type(error).__name__
    line = re.search(r"line (\d+)", reason)
    row = int(line.group(1)) if line else None
    return DataError(f"{path} cannot be read as a table: {reason}", file=path, row=row)


# --- columns of numbers -----------------------------------------------------------------------------------


def with_numbers(frame: Frame, what: str, path: Path | None, keep: set[str]) -> Frame:
    """The frame with columns of text that are meant as numbers turned into such, gaps into NaN.

    Parameters
    ----------
    what
        What errors call the frame.
    keep
        Columns that are left as they are.

    Raises
    ------
    DataError
        If a column of numbers holds something else; the message names the row, the first being 1.
    """
    import pandas as pd

    changed = {}
    for name in frame.columns:
        column = frame[name]
        if name in keep or pd.api.types.is_numeric_dtype(column.dtype):
            continue
        if not (pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype)):
            continue
        if len(column) > _SAMPLE and not _mostly_numbers(column.iloc[:: len(column) // _SAMPLE]):
            continue  # a million dates need not all be tried
        text = column.astype("string").str.strip()
        gaps = np.asarray(text.isna() | text.str.lower().isin(_MISSING), dtype=bool)
        found: Any = pd.to_numeric(text.mask(gaps), errors="coerce")
        numbers = found.to_numpy(dtype=np.float64, na_value=np.nan)
        wrong = np.isnan(numbers) & ~gaps
        if gaps.all() or wrong.sum() > _MOSTLY * (~gaps).sum():
            continue
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise DataError(
                f"{what}: column {name} holds {str(column.iloc[row])[:40]!r} in row {row + 1}, but numbers "
                "elsewhere: correct it, or leave it empty",
                file=path,
                row=row,
            )
        changed[name] = numbers
    return frame.assign(**changed) if changed else frame


def _mostly_numbers(column: Any) -> bool:
    """Whether some of a column speak for numbers: half of what is no gap."""
    import pandas as pd

    text = column.astype("string").str.strip()
    text = text[~np.asarray(text.isna() | text.str.lower().isin(_MISSING), dtype=bool)]
    found: Any = pd.to_numeric(text, errors="coerce")
    return not len(text) or bool(found.notna().mean() >= _MOSTLY / 2)


def refuse_infinite(frame: Frame, what: str, path: Path | None) -> None:
    """Refuse columns of numbers with infinity in them, by row, the first being 1."""
    for name in frame.columns:
        numbers = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(numbers).any():
            row = int(np.flatnonzero(np.isinf(numbers))[0])
            raise DataError(
                f"{what}: column {name} is infinite in row {row + 1}: correct it, or leave it empty",
                file=path,
                row=row,
            )
