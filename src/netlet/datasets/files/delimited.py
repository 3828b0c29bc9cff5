"""How a table is laid out in a file of text: encoding, packing, separator, lines above the header, header."""

from __future__ import annotations

import bz2
import codecs
import contextlib
import csv
import gzip
import lzma
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO

from netlet.datasets.files.numerals import MISSING, is_number
from netlet.errors import DataError, brief

_FALLBACK = "cp1252"  # what spreadsheets in the west write, if not UTF-8
_SAMPLE_LINES, _LONGEST_LINE = 100, 10_000_000
_MOST_SAMPLE = 1 << 22  # characters
_MOST_UNPACKED, _MOST_RATIO, _MUCH = 4 << 30, 300, 64 << 20  # bytes
_BLANKS = r"\s+"
_PACKED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
_OTHER = {
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save it as CSV",
    b"PAR1": "a Parquet file: call it .parquet",
    b"\x89HDF": "an HDF5 file: save the table as CSV",
    b"SQLite format 3": "a database: save the table as CSV",
    b"%PDF": "a PDF: save the table as CSV",
}


@dataclass(frozen=True)
class Layout:
    """How a file's table is written.

    Attributes
    ----------
    encoding
        As Python calls it.
    separator
        One sign, or an expression for blanks.
    quote
        What encloses cells.
    above
        Lines (records, where cells have ends of lines in them) above the first row.
    names
        Of the columns.
    decimal
        The decimal sign.
    """

    encoding: str
    separator: str
    quote: str
    above: int
    names: tuple[str, ...]
    decimal: str


@contextlib.contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The file, or what is packed in it, as .csv.gz and .csv.zip are.

    Raises
    ------
    DataError
        If it is broken, too large, or something else than text.
    """
    with path.open("rb") as file:
        start = file.read(16)
    for mark, told in _OTHER.items():
        if start.startswith(mark):
            raise DataError(f"{path} is no text, but {told}", file=path)
    opener = next((each for mark, each in _PACKED.items() if start.startswith(mark)), None)
    if opener is None and not start.startswith(b"PK\3\4"):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="netlet-table-") as folder:
        place = Path(folder, "table")
        try:
            with _member(path) if opener is None else opener(path, "rb") as source, place.open("wb") as to:
                _copy(source, to, path)
        except (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, lzma.LZMAError) as error:
            if isinstance(error, DataError):
                raise
            reason = " ".join(str(error).split())[:100] or type(error).__name__
            raise DataError(f"{path} cannot be unpacked: {reason}", file=path) from None
        yield place


@contextlib.contextmanager
def _member(path: Path) -> Iterator[IO[bytes]]:
    """The one file in a .zip."""
    with zipfile.ZipFile(path) as archive:
        names = [
            name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX")
        ]
        if "[Content_Types].xml" in names or "mimetype" in names:
            raise DataError(f"{path} is no text, but a workbook: save the sheet as CSV", file=path)
        if len(names) != 1:
            told = ", ".join(names)[:100] or "nothing"
            raise DataError(f"{path} holds {told}, but must hold one table: unpack it", file=path)
        with archive.open(names[0]) as source:
            yield source


def _copy(source: IO[bytes], to: IO[bytes], path: Path) -> None:
    size, most = 0, max(_MUCH, min(_MOST_UNPACKED, _MOST_RATIO * path.stat().st_size))
    while block := source.read(1 << 20):
        size += len(block)
        if size > most:
            raise DataError(
                f"{path} unpacks to more than {most >> 20:,} MB: unpack it yourself, if that is meant",
                file=path,
            )
        to.write(block)


def layout(place: Path, path: Path, notes: list[str]) -> Layout:
    """Find out from the first lines; what was guessed is told in `notes`.

    Parameters
    ----------
    place, path
        Where the text is, and what errors call the file.
    notes
        Lines are added.

    Raises
    ------
    DataError
        If the file is no text, or holds none.
    """
    encoding = _encoding(place, notes)
    lines, is_whole = _lines(place, path, encoding)
    if "\0" in "".join(lines[:10]):
        raise DataError(
            f"{path} holds characters of value 0, so it is no text: give a table as text", file=path
        )
    first, separator = 0, None
    if lines and (said := re.fullmatch(r"sep=(.)\s*", lines[0], re.I)):
        first, separator = 1, said.group(1)
    while first < len(lines) and not lines[first].strip():
        first += 1
    rest = lines[first:]
    if not rest:
        raise DataError(f"{path} is empty: give a table with a header", file=path)
    quote = _quote(rest)
    separator = separator or _separator(rest, quote)
    records = _records(rest, separator, quote, is_whole)
    start, width = _begin(records, separator)
    titles = [text for _, cells in records[:start] if (text := " ".join(filter(None, cells)))]
    if titles:
        notes.append(f"lines above the header are left out: {brief(' / '.join(titles)[:80])}")
    cells = records[start][1]
    below = [each for _, each in records[start + 1 :] if any(each)]
    names, has_header = _header(cells, below, width, notes)
    above = first + start + has_header
    if has_header and _is_units(below):
        told = ", ".join(filter(None, below[0]))
        notes.append(f"the line below the header holds units ({told[:60]}), and is left out")
        above += 1 + next(place for place, (_, each) in enumerate(records[start + 1 :]) if any(each))
    decimal = _decimal(separator, below if has_header else [cells, *below])
    return Layout(encoding, separator, quote, above, names, decimal)


def _encoding(path: Path, notes: list[str]) -> str:
    """By the mark at the beginning; else UTF-8, or what old spreadsheets write."""
    with path.open("rb") as file:
        start = file.read(64)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        for encoding, places in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
            others = start[::2] if encoding == "utf-16-le" else start[1::2]
            if len(start) > 7 and places.count(0) > 0.7 * len(places) and not others.count(0):
                notes.append(f"the file is not written in UTF-8: read as {encoding.upper()}")
                return encoding
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


def _lines(place: Path, path: Path, encoding: str) -> tuple[list[str], bool]:
    """The first lines, and whether they are all."""
    lines, size = [], 0
    with place.open(encoding=encoding, newline=None) as file:
        while len(lines) < _SAMPLE_LINES and size < _MOST_SAMPLE:
            line = file.readline(_LONGEST_LINE)
            if not line:
                return lines, True
            if len(line) >= _LONGEST_LINE:
                raise DataError(f"{path} has a line of more than {_LONGEST_LINE:,} characters", file=path)
            lines.append(line)
            size += len(line)
    return lines, False


def _quote(lines: list[str]) -> str:
    """A single quote, where all cells of two lines stand in such; else the double one."""
    both = [line.strip() for line in lines[:2]]
    is_single = all(re.fullmatch(r"'[^']*'([\t;,|] ?'[^']*')*", line) for line in both)
    return "'" if is_single and len(both) > 1 else '"'


def _separator(lines: list[str], quote: str) -> str:
    """What divides most lines alike, into most cells."""
    best, score = "", (0.0, 0)
    for sign in "\t;,|":
        counts = Counter(len(_trimmed(cells)) for _, cells in _records(lines, sign, quote) if any(cells))
        if not counts:
            continue
        usual, times = max(counts.items(), key=lambda item: (item[1], item[0]))
        if usual > 1 and (times / counts.total(), usual) > score:
            best, score = sign, (times / counts.total(), usual)
    in_header = max("\t;,|", key=lines[0].count)
    if in_header in lines[0] and (not best or score[0] < 0.5):
        return in_header
    if best:
        return best
    first, *rest = [line.split() for line in lines[:4]]
    width = len(rest[0]) if rest else 0
    is_spaced = (
        len(first) > 1 and len(first) in (width, width - 1) and all(len(each) == width for each in rest)
    )
    return _BLANKS if is_spaced and any(map(is_number, rest[0])) else ","


def _records(
    lines: list[str], separator: str, quote: str, is_whole: bool = True
) -> list[tuple[int, list[str]]]:
    """The cells of each record, without blanks around them, and the line it begins in, from 1."""
    if separator == _BLANKS:
        return [(number, line.split()) for number, line in enumerate(lines, start=1)]
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(iter(lines), delimiter=separator, quotechar=quote, skipinitialspace=True)
    try:
        line = 1
        for record in reader:
            found.append((line, [cell.strip() for cell in record]))
            line = reader.line_num + 1
    except csv.Error:  # pandas will say so
        pass
    return found if is_whole or len(found) < 3 else found[:-1]  # the last may not be at its end


def _trimmed(cells: list[str]) -> list[str]:
    return cells[:-1] if len(cells) > 1 and not cells[-1] else cells


def _begin(records: list[tuple[int, list[str]]], separator: str) -> tuple[int, int]:
    """Which record is the header, or the first row; and how many cells rows have."""
    counts = Counter(len(_trimmed(cells)) for _, cells in records if any(cells))
    usual, times = max(counts.items(), key=lambda item: (item[1], item[0]))
    start = 0
    if usual < 2 or times < 0.5 * counts.total():
        return 0, len(records[0][1])
    while start < len(records) - 1:
        cells = records[start][1]
        count = len(_trimmed(cells))
        if count == usual or (count > usual and not cells[0].startswith("#")):
            break
        if any(cells) and len(cells) == usual - 1 and len(records[start + 1][1]) >= usual:
            break  # names for all columns but one: of rows, or numbers with separators of thousands
        start += 1
    return start, usual


def _header(
    cells: list[str], below: list[list[str]], width: int, notes: list[str]
) -> tuple[tuple[str, ...], bool]:
    """Names of the columns, and whether the first line gives them."""
    numbers = [place for place, cell in enumerate(cells) if is_number(cell)]
    if len(numbers) == len(cells) or (numbers and _is_row(cells, numbers, below)):
        what = "numbers alone" if len(numbers) == len(cells) else f"{brief(cells[numbers[0]])}, as a row does"
        notes.append(f"the first line holds {what}, so there is no header: columns are 1, 2, ...")
        count = max(len(cells), width)
        return tuple(str(place + 1) for place in range(count)), False
    names = [" ".join(cell.split()) for cell in cells]
    names[0] = names[0].lstrip("#").strip()
    if len(cells) == width - 1 and _are_row_names([each[0] for each in below if len(each) >= width]):
        names = ["row names", *names]
        notes.append("the header has a name less than rows have cells: the first holds names of rows")
    return tuple(name or f"column {place + 1}" for place, name in enumerate(names)), True


def _is_row(cells: list[str], numbers: list[int], below: list[list[str]]) -> bool:
    """Whether a line with some numbers in it is a row as those below: such numbers name no column."""
    if not below:
        return False
    told = [cells[place] for place in numbers]
    if len(set(told)) == len(told) and all(cell.isdecimal() for cell in told):
        words = [place for place in range(len(cells)) if place not in numbers and cells[place]]
        seen = [{row[place] for row in below if place < len(row)} for place in words]
        return bool(words) and all(cells[place] in values for place, values in zip(words, seen, strict=True))
    return all(any(place < len(row) and is_number(row[place]) for row in below[:20]) for place in numbers)


def _are_row_names(cells: list[str]) -> bool:
    """Whether a first column without a name counts the rows, or names them."""
    if not cells or len(set(cells)) < len(cells):
        return False
    if all(cell.isdecimal() for cell in cells):
        values = [int(cell) for cell in cells]
        return all(after - before == 1 for before, after in pairwise(values))
    return not any(map(is_number, cells))


def _is_units(below: list[list[str]]) -> bool:
    """Whether the first line below the header holds words where the lines after it hold numbers."""
    if len(below) < 3:
        return False
    first, *rest = below[:20]
    if any(is_number(cell) for cell in first):
        return False
    for place, cell in enumerate(first):
        others = [row[place] for row in rest if place < len(row)]
        share = sum(map(is_number, others)) / max(1, len(others))
        if share > 0.5 and cell.lower() not in MISSING:
            return True
    return False


def _decimal(separator: str, rows: list[list[str]]) -> str:
    """A comma where cells have one as in 1,5 and none a point as in 1.5."""
    if separator in (",", _BLANKS):
        return "."
    cells = [cell for row in rows for cell in row]
    has_comma = any(
        re.fullmatch(r"[+-]?(\d{1,3}(\.\d{3})+|\d*),\d+([eE][+-]?\d+)?\s*\D{0,4}", cell) for cell in cells
    )
    has_point = any(
        re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d*)\.(\d{1,2}|\d{4,})([eE][+-]?\d+)?", cell) for cell in cells
    )
    return "," if has_comma and not has_point else "."
