"""Rows of a table, or the end of a series, for a trained network: columns taken by name from a file."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets.continuing import continuation
from netlet.datasets.files import frames
from netlet.datasets.files.columns import with_numbers
from netlet.datasets.files.delimited import layout, unpacked
from netlet.datasets.files.features import by_name
from netlet.datasets.files.unlabelled import Inputs
from netlet.datasets.plain import Frame
from netlet.errors import DataError


def named_text(name: str, text: str, features: Sequence[str], reading: Mapping[str, Any]) -> Inputs:
    """As `named_file`, of text that was typed."""
    with tempfile.TemporaryDirectory(prefix="netlet-text-") as folder:
        place = Path(folder, "text.csv")
        place.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
        return named_file(Path(name), features, reading, place)


def named_file(
    path: Path, features: Sequence[str], reading: Mapping[str, Any], place: Path | None = None
) -> Inputs:
    """Every row of a table, or the last window of a series.

    Parameters
    ----------
    path
        A table in any form that is read for training; what errors call it.
    features
        A network's `feature_names`.
    reading
        A network's `reading`: with a ``window`` the file is a series.
    place
        Where the table is, if not at the path.

    Raises
    ------
    DataError
        If the file cannot be read, lacks a column, or a value; the message names the row, from 1.
    """
    notes: list[str] = []
    frame = frames.read_frame(path, notes, place=place)
    frame = _with_names(frame, features)
    if "window" in reading:
        found = continuation(frame, reading, features, path=path, notes=notes)
        return Inputs((str(path),), found.x, found.notes, forecast=found)
    frame = with_numbers(frame, str(path), path, notes)
    columns = by_name(frame, features, str(path), path)
    if wrong := [each for each in columns if each not in features]:
        raise DataError(
            f"{path}: {wrong[0].partition('=')[0][:60]} holds words, but the network learned from "
            "numbers in it",
            file=path,
        )
    x = np.empty((len(frame), len(features)), dtype=np.float32)
    for at, each in enumerate(features):
        x[:, at] = columns.pop(each)
        bad = np.flatnonzero(~np.isfinite(x[:, at]))
        if len(bad):
            told = "infinite, or too large" if np.isinf(x[bad[0], at]) else "missing"
            raise DataError(
                f"{path}: {each[:60]} is {told} in row {bad[0] + 1}: fill it in, or leave the row out",
                file=path,
                row=int(bad[0]),
            )
    return Inputs(tuple(f"{path}:{line}" for line in _lines(path, place, len(x))), x, tuple(notes))


def _with_names(frame: Frame, features: Sequence[str]) -> Frame:
    """A table without a header has its columns in the network's order, if it has as many."""
    numbered = [str(place + 1) for place in range(len(frame.columns))]
    is_alone = list(frame.columns) == numbered and len(numbered) == len(features)
    return frame.set_axis(list(features), axis=1) if is_alone and "=" not in "".join(features) else frame


def _lines(path: Path, place: Path | None, count: int) -> list[int]:
    """The line of each row in the file, from 1; of what is no text the number of the row."""
    if path.suffix.lower() in frames.PARQUET_SUFFIXES:
        return list(range(1, count + 1))
    with unpacked(place or path) as at:
        how = layout(at, path, [])
        found, start = [], 1
        with at.open(encoding=how.encoding, newline="") as file:
            reader = csv.reader(
                file, delimiter=how.separator if len(how.separator) == 1 else " ", quotechar=how.quote
            )
            for number, record in enumerate(reader):
                if number >= how.above and (len(record) > 1 or "".join(record).strip()):
                    found.append(start)
                start = reader.line_num + 1
    return found if len(found) == count else list(range(how.above + 1, how.above + 1 + count))
