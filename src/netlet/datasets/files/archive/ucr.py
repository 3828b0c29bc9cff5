"""The UCR archive's lines: the label, then the values, separated by tabs, commas or blanks; no header."""

from __future__ import annotations

import re
from pathlib import Path

from netlet.datasets.files.archive.cases import Cases, numbers, text_lines, without_tail
from netlet.errors import DataError

_SEPARATOR = re.compile(r"[\t,;]|\s+")


def read_ucr(path: Path) -> Cases:
    """Read one file.

    Raises
    ------
    DataError
        If a line has other than numbers behind its label; the message names it.
    """
    cases = Cases(path)
    for line, text in text_lines(path):
        label, *values = text.split("\t") if "\t" in text else _SEPARATOR.split(text)
        if not values:
            raise DataError(f"{path}, line {line}: there are no values behind the label", file=path, row=line)
        series = numbers(values, path, line)[:, None]
        cases.add(without_tail(series), _label(label), line)
    return cases


def is_ucr(path: Path) -> bool:
    """Whether the first line is one of numbers, but for the label, and no header of a table."""
    try:
        _, text = next(text_lines(path))
        _, *values = text.split("\t") if "\t" in text else _SEPARATOR.split(text)
        numbers(values, path, 1)
    except (DataError, StopIteration):
        return False
    return bool(values)


def _label(text: str) -> str:
    """Older files write class 1 as 1.0000000e+00."""
    try:
        return f"{float(text):g}"
    except ValueError:
        return text
