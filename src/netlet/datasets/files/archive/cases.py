"""What every format of the archive comes to: series with a label or a number each, and where they stood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from netlet.errors import DataError, brief

MISSING = ("?", "nan", "")


@dataclass
class Cases:
    """The series of one file.

    Attributes
    ----------
    path
        The file.
    series
        float64 (steps, channels) each; NaN where a value is missing.
    targets
        A label or, as text, a number each.
    lines
        In which line of the file each stands, from 1.
    classes
        The labels that the file's header names, in its order; empty if it names none.
    is_regression
        Whether targets are numbers.
    notes
        What was left out.
    """

    path: Path
    series: list[np.ndarray] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    classes: tuple[str, ...] = ()
    is_regression: bool = False
    notes: list[str] = field(default_factory=list)

    def add(self, series: np.ndarray, target: str, line: int) -> None:
        """One more, checked against those before and the header."""
        where = f"{self.path}, line {line}"
        target = target.strip().strip("'\"")
        if target.lower() in MISSING:
            raise DataError(f"{where}: the label is missing", file=self.path, row=line)
        if self.classes and target not in self.classes:
            told = ", ".join(self.classes[:8])
            raise DataError(
                f"{where}: the label {brief(target)} is none of those in the header ({told})",
                file=self.path,
                row=line,
            )
        if self.is_regression and not _is_finite(target):
            raise DataError(
                f"{where}: the target {brief(target)} is no finite number", file=self.path, row=line
            )
        if self.series and series.shape[1] != self.series[0].shape[1]:
            raise DataError(
                f"{where}: {series.shape[1]} channels, but {self.series[0].shape[1]} in line {self.lines[0]}",
                file=self.path,
                row=line,
            )
        if not len(series) or np.isnan(series).all(axis=0).any():
            raise DataError(
                f"{where}: a channel has no value at all: leave the series out", file=self.path, row=line
            )
        self.series.append(series)
        self.targets.append(target)
        self.lines.append(line)


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that hold something, without blanks around them, each with its number."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            for number, line in enumerate(file, start=1):
                if stripped := line.strip():
                    yield number, stripped
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}", file=path) from None


def numbers(parts: Sequence[str], path: Path, line: int) -> np.ndarray:
    """Texts as float64, NaN where one says that a value is missing.

    Raises
    ------
    DataError
        If one is no finite number; the message names the line.
    """
    try:
        found = np.array(list(map(float, parts)), dtype=np.float64)
    except ValueError:
        found = np.array([_number(part, path, line) for part in parts], dtype=np.float64)
    if np.isinf(found).any():
        raise DataError(f"{path}, line {line}: a value is infinite", file=path, row=line)
    return found


def _number(part: str, path: Path, line: int) -> float:
    if part.strip().lower() in MISSING:
        return float("nan")
    try:
        return float(part)
    except ValueError:
        raise DataError(f"{path}, line {line}: {brief(part)} is no number", file=path, row=line) from None


def without_tail(series: np.ndarray) -> np.ndarray:
    """A series up to its last value: formats whose lines are equally long fill shorter series up with NaN."""
    known = np.flatnonzero(~np.isnan(series).all(axis=1))
    return series[: known[-1] + 1] if len(known) else series[:0]


def filled(cases: Cases) -> tuple[list[np.ndarray], int]:
    """The series, missing values on the line between their neighbours; and how many values were missing."""
    missing, found = 0, []
    for series in cases.series:
        gaps = np.isnan(series)
        if gaps.any():
            missing += int(gaps.sum())
            series = series.copy()
            steps = np.arange(len(series))
            for channel in np.flatnonzero(gaps.any(axis=0)):
                gap = gaps[:, channel]
                series[gap, channel] = np.interp(steps[gap], steps[~gap], series[~gap, channel])
        found.append(series)
    return found, missing


def _is_finite(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False
