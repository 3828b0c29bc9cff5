"""Weka's ARFF: tables, and series in a row of numbers each or, of several channels, in a relation.

SciPy's reader takes no relations. In those of the UEA archive a row of the relation is a channel, and its
attributes are the steps. See https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from netlet.datasets.files.archive.cases import MISSING, Cases, numbers, text_lines, without_tail
from netlet.datasets.plain import Frame
from netlet.errors import DataError, brief

_ATTRIBUTE = re.compile(r"""@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+)\s+(.+)""", re.I)
_CELL = re.compile(r"""\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,]*?)\s*(?:,|$)""")
_NUMERIC = ("numeric", "real", "integer")


@dataclass
class Attribute:
    """A column: its name, its type ("number", "class", "text" or "relation"), and what a class may be."""

    name: str
    kind: str
    choices: tuple[str, ...] = ()
    steps: int = 0


@dataclass
class Arff:
    """What one file holds: its columns, and its rows as text, each with its line."""

    path: Path
    attributes: list[Attribute] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    @property
    def has_relation(self) -> bool:
        """Whether series are in a relation."""
        return any(each.kind == "relation" for each in self.attributes)


def read_arff(path: Path) -> Arff:
    """Read one file.

    Raises
    ------
    DataError
        If it breaks the format; the message names the line.
    """
    found = Arff(path)
    relation: Attribute | None = None
    is_data = False
    for line, text in text_lines(path):
        lower = text[:12].lower()
        if text.startswith("%"):
            continue
        if is_data:
            found.rows.append(_cells(found, text, line))
            found.lines.append(line)
        elif lower.startswith("@relation"):
            continue
        elif lower.startswith("@data"):
            is_data = True
        elif lower.startswith("@end"):
            relation = None
        elif lower.startswith("@attribute"):
            attribute = _attribute(path, text, line)
            if relation is not None:
                _check_step(path, attribute, line)
                relation.steps += 1
            else:
                found.attributes.append(attribute)
                relation = attribute if attribute.kind == "relation" else None
        else:
            raise _wrong(path, line, f"{brief(text[:60])} is neither @relation, @attribute nor @data")
    if not is_data or not found.attributes:
        raise DataError(f"{path} has no @attribute or no @data: it is no ARFF file", file=path)
    return found


def _attribute(path: Path, text: str, line: int) -> Attribute:
    match = _ATTRIBUTE.fullmatch(text)
    if match is None:
        raise _wrong(path, line, "an attribute needs a name and a type")
    name, kind = _unquoted(match.group(1)), match.group(2).strip()
    if kind.startswith("{") and kind.endswith("}"):
        return Attribute(name, "class", tuple(_split(kind[1:-1])))
    first = kind.split()[0].lower()
    if first in _NUMERIC:
        return Attribute(name, "number")
    if first in ("string", "date"):
        return Attribute(name, "text")
    if first == "relational":
        return Attribute(name, "relation")
    raise _wrong(path, line, f"{brief(kind[:60])} is no type: numeric, {{a,b}}, string, date or relational")


def _check_step(path: Path, attribute: Attribute, line: int) -> None:
    if attribute.kind != "number":
        raise _wrong(path, line, f"{attribute.name} in a relation must be numeric")


def _cells(found: Arff, text: str, line: int) -> list[str]:
    if text.startswith("{"):
        raise _wrong(found.path, line, "sparse rows are not read: write every value")
    cells = text.split(",") if "'" not in text and '"' not in text else _split(text)
    if len(cells) != len(found.attributes):
        raise _wrong(
            found.path, line, f"{len(cells):,} values, but there are {len(found.attributes):,} attributes"
        )
    return cells


def _split(text: str) -> list[str]:
    """Cells between commas, without their quotes."""
    cells, place = [], 0
    while place <= len(text):
        match = _CELL.match(text, place)
        if match is None:
            break
        cells.append(_unquoted(match.group(1)))
        if match.end() == len(text) and not text.endswith(",", place):
            break
        place = match.end()
    return cells


def _unquoted(cell: str) -> str:
    return cell[1:-1] if len(cell) > 1 and cell[0] in "'\"" and cell[-1] == cell[0] else cell


def _wrong(path: Path, line: int, problem: str) -> DataError:
    return DataError(f"{path}, line {line}: {problem}", file=path, row=line)


# --- as series, as a table ----------------------------------------------------------------------------------


def as_series(found: Arff) -> Cases:
    """The rows as series: of the relation, or of all numbers but the target, which is the class, or last.

    Raises
    ------
    DataError
        If a value is no number, or there is no target.
    """
    names = [each.kind for each in found.attributes]
    place = len(names) - 1 - names[::-1].index("class") if "class" in names else len(names) - 1
    target = found.attributes[place]
    rest = [at for at in range(len(names)) if at != place]
    is_relation = found.has_relation
    if names[place] in ("relation", "text") or not rest:
        raise DataError(f"{found.path} has no class and no number to learn", file=found.path)
    if wrong := [
        found.attributes[at].name for at in rest if names[at] != ("number", "relation")[is_relation]
    ]:
        raise DataError(
            f"{found.path}: {brief(wrong[0])} is beside the series: leave it out, or read it as a table "
            "(kind=table)",
            file=found.path,
        )
    if is_relation and len(rest) > 1:
        raise DataError(f"{found.path} has several relations: a series has one", file=found.path)
    cases = Cases(found.path, classes=target.choices, is_regression=target.kind == "number")
    for row, line in zip(found.rows, found.lines, strict=True):
        if is_relation:
            series = _of_relation(found, row[rest[0]], line)
        else:
            series = numbers([row[at] for at in rest], found.path, line)[:, np.newaxis]
        cases.add(without_tail(series), row[place], line)
    return cases


def _of_relation(found: Arff, cell: str, line: int) -> np.ndarray:
    r"""Channels, separated by \n (two signs, or an end of line), as (steps, channels)."""
    rows = re.split(r"\\n|\n", cell.strip())
    channels = [numbers(row.split(","), found.path, line) for row in rows if row.strip()]
    if not channels or len({len(each) for each in channels}) > 1:
        raise _wrong(found.path, line, "the channels of the relation have different lengths")
    return np.stack(channels, axis=1)


def as_frame(found: Arff) -> Frame:
    """The rows as a table; numbers, and text for the rest."""
    import pandas as pd

    columns = {}
    for at, attribute in enumerate(found.attributes):
        if attribute.kind == "relation":
            continue
        cells = [row[at].strip() for row in found.rows]
        if attribute.kind == "number":
            try:
                columns[attribute.name] = numbers(cells, found.path, 0)
            except DataError:  # again cell by cell, which says the line
                for cell, line in zip(cells, found.lines, strict=True):
                    numbers([cell], found.path, line)
                raise
            continue
        for cell, line in zip(cells, found.lines, strict=True):
            if attribute.choices and cell not in attribute.choices and cell not in MISSING:
                told = ", ".join(attribute.choices[:8])
                raise _wrong(
                    found.path, line, f"{attribute.name} is {brief(cell)}, but must be one of {told}"
                )
        columns[attribute.name] = [None if cell in MISSING else cell for cell in cells]
    return pd.DataFrame(columns)
