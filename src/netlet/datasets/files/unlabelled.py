"""Inputs alone, for a trained network: images, folders of them, numbers as text, arrays."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netlet.archives import Archive, ArchiveError, read_array
from netlet.datasets.continuing import Continuation
from netlet.datasets.files.archive.pairs import find_pair
from netlet.datasets.files.images import IMAGE_SUFFIXES, Ways, read_each
from netlet.datasets.files.pixels import as_deep, as_grey
from netlet.errors import DataError, one_line, printable
from netlet.paths import opened

_ARRAY_SUFFIXES = (".npy", ".npz")
_MOST_BYTES = 1 << 30
"""Of a file of text or arrays."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a network is to answer for.

    Attributes
    ----------
    names : tuple of str
        One a sample: its file, and its row or place in it.
    x : ndarray, or list of them
        As `Network.predict` takes it: (n, *input_shape); pixels are uint8, or uint16 if a file has 16 bits;
        of series of different length a list.
    notes : tuple of str
        What was guessed, a line each.
    white : int or None
        Of image files, the largest value their pixels can have: 255, or 65535.
    forecast : Continuation or None
        Of a series that is continued, what the answer is of.
    """

    names: tuple[str, ...]
    x: Any
    notes: tuple[str, ...] = ()
    white: int | None = None
    forecast: Continuation | None = None

    def __post_init__(self) -> None:
        """Have names and notes printed, whatever files are called."""
        object.__setattr__(self, "names", tuple(map(printable, self.names)))
        object.__setattr__(self, "notes", tuple(map(one_line, self.notes)))


def read_inputs(
    source: str | Path,
    kind: str,
    input_shape: Sequence[int],
    text: str | None = None,
    reading: Mapping[str, Any] | None = None,
    features: Sequence[str] = (),
) -> Inputs:
    """Read samples for a network.

    Parameters
    ----------
    source
        Of images: a file, or a folder, whose images are taken in the order of their names, those in
        sub-folders too. Of sequences and tables: a text file of numbers (CSV, TSV, or ;-separated, with a
        header or without), which holds a row a sample of a table, and a row a step of one sequence (of one
        channel, where a row has several numbers, a row a sequence); or JSON lists. Of all: .npy, or .npz with
        an array x.
    kind : {"image", "sequence", "table"}
    input_shape
        Of one sample.
    text
        What the file holds, if that is known already, such as what came from standard input.
    reading
        A network's `reading`. How images are read: ``background``; ``size`` or ``fit``, if those of another
        size are to be brought to the network's. With a ``window`` a file or text is a series, whose last
        window is the input.
    features
        Of a table or a series, the columns that the network takes: where a file has a header, they are taken
        by name, in this order, and all others are left alone.

    Raises
    ------
    DataError
        If there is no such file, or it holds something else; the message names the file and the line.
    """
    name = str(source)
    from netlet.datasets.files.named import named_file, named_text

    reading = reading or {}
    if text is not None:
        if features and text.lstrip()[:1] != "[":
            return named_text(name, text, features, reading)
        return _from_text(name, text, kind, input_shape)
    path = Path(source)
    if path.is_dir():
        if kind != "image":
            raise DataError(f"{path} is a folder, but the network takes no images: give a file", file=path)
        inside = (each for each in path.rglob("*") if each.suffix.lower() in IMAGE_SUFFIXES)
        found = sorted(each for each in inside if each.is_file())
        if not found:
            raise DataError(f"{path} holds no images ({', '.join(IMAGE_SUFFIXES)})", file=path)
        return _images(found, input_shape, reading)
    if not path.is_file():
        problem = "is no ordinary file" if path.exists() else "does not exist"
        raise DataError(f"{path} {problem}: give a file or a folder of images", file=path)
    if path.suffix.lower() in _ARRAY_SUFFIXES:
        return _arrays(path, input_shape)
    if kind == "image":
        return _images([path], input_shape, reading)
    if kind == "sequence" and find_pair(path) is not None:
        return _of_archive(path, input_shape)
    if path.stat().st_size > _MOST_BYTES:
        raise DataError(f"{path} has more than a gigabyte: give it in parts", file=path)
    if features and not _is_json(path):
        return named_file(path, features, reading)
    try:
        return _from_text(name, path.read_text(encoding="utf-8-sig"), kind, input_shape)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise DataError(f"{path} cannot be read: {reason}", file=path) from None


# --- images -----------------------------------------------------------------------------------------------


def _images(paths: Sequence[Path], input_shape: Sequence[int], reading: Mapping[str, Any]) -> Inputs:
    height, width, channels = input_shape
    if channels not in (1, 3):
        raise DataError(f"the network takes {channels} channels, which no image file has: give .npy")
    is_brought = "size" in reading or "fit" in reading
    size, fit = (height, width) if is_brought else None, reading.get("fit", "pad")
    ways = Ways(size, fit, background=reading.get("background"))
    images, coloured = np.empty((len(paths), *input_shape), dtype=np.uint8), 0
    for row, image in enumerate(read_each(paths, ways)):
        path = paths[row]
        if image.shape[:2] != (height, width):
            raise DataError(
                f"{path} is {image.shape[1]} x {image.shape[0]} pixels, but the network takes "
                f"{width} x {height}: say how to bring it to that, --fit pad, crop or stretch",
                file=path,
            )
        if image.dtype != images.dtype:  # 8 bits beside 16
            images, image = as_deep(images), as_deep(image)
        if channels == 3:
            images[row] = image
            continue
        is_grey = bool((image == image[..., :1]).all())
        coloured += not is_grey
        images[row, ..., 0] = image[..., 0] if is_grey else as_grey(image)
    counted = f"{coloured:,} images in colour were" if coloured > 1 else "an image in colour was"
    notes = (f"{counted} turned to grey, which is what the network takes",) if coloured else ()
    return Inputs(tuple(map(str, paths)), images, notes, int(np.iinfo(images.dtype).max))


# --- arrays -----------------------------------------------------------------------------------------------


def _arrays(path: Path, input_shape: Sequence[int]) -> Inputs:
    try:
        with opened(path) as file:
            if file.read(4) != b"PK\3\4":
                file.seek(0)
                x = read_array(file, path.stat().st_size)
            else:
                with Archive(file) as archive:
                    names = archive.names
                    if "x" not in names and len(names) != 1:
                        told = ", ".join(names)[:100]
                        raise DataError(f"{path} holds {told}: call the inputs x", file=path)
                    x = archive.array("x" if "x" in names else names[0])
    except ArchiveError as error:
        raise DataError(f"{path} cannot be read as an array of numbers: it {error}", file=path) from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}", file=path) from None
    if x.dtype.kind not in "biuf":
        raise DataError(f"{path} holds no numbers", file=path)
    if x.shape == tuple(input_shape) or (input_shape[-1] == 1 and x.shape == tuple(input_shape[:-1])):
        x = x[np.newaxis]
    return Inputs(tuple(f"{path}:{row}" for row in range(len(x) if x.ndim else 0)), x)


def _of_archive(path: Path, input_shape: Sequence[int]) -> Inputs:
    """The series of a file of the UCR/UEA archive, whatever their labels say."""
    from netlet.datasets.files.archive.cases import filled
    from netlet.datasets.files.archive.reading import read_cases

    cases = read_cases(path)
    series, missing = filled(cases)
    if (channels := series[0].shape[1]) != input_shape[1]:
        raise DataError(f"{path} has {channels} channels, but the network takes {input_shape[1]}", file=path)
    notes = [*cases.notes, f"{path}: the labels are not looked at"]
    if missing:
        notes.append(f"{missing:,} missing values are put on the line between their neighbours")
    is_even = len({len(each) for each in series}) == 1
    x: Any = np.stack(series) if is_even else series
    return Inputs(tuple(f"{path}:{line}" for line in cases.lines), x, tuple(notes))


# --- text -------------------------------------------------------------------------------------------------


def _is_json(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(256).lstrip().startswith(b"[")


def _from_text(name: str, text: str, kind: str, input_shape: Sequence[int]) -> Inputs:
    if kind == "image":
        raise DataError(f"{name} is text, but the network takes images: give image files, .npy or a folder")
    if text.lstrip()[:1] == "[":
        try:
            x = np.array(json.loads(text), dtype=np.float64)
        except (ValueError, TypeError, RecursionError):
            raise DataError(f"{name} is no JSON list of numbers, each sample as long as the others") from None
        x = x[np.newaxis] if x.ndim == len(input_shape) and x.shape[1:] == tuple(input_shape[1:]) else x
        return Inputs(tuple(f"{name}:{row}" for row in range(len(x))), x)
    numbers, lines = _numbers(name, text)
    if kind == "table":
        if numbers.shape[1] != input_shape[0]:
            raise DataError(
                f"{name} has {numbers.shape[1]} columns, but the network takes {input_shape[0]} features"
            )
        return Inputs(tuple(f"{name}:{line}" for line in lines), numbers)
    channels = input_shape[1]
    if numbers.shape[1] == channels:
        return Inputs((name,), numbers[np.newaxis])
    if channels == 1:
        note = f"{name}: a row is taken for a sequence of {numbers.shape[1]} steps"
        return Inputs(tuple(f"{name}:{line}" for line in lines), numbers[..., np.newaxis], (note,))
    raise DataError(
        f"{name} has {numbers.shape[1]} columns, but the network takes {channels} channels a step"
    )


def _numbers(name: str, text: str) -> tuple[np.ndarray, list[int]]:
    """A text's numbers, and the line (from 1) of each row."""
    sample = next((line for line in text.splitlines() if line.strip()), "")
    separator = next((each for each in "\t;" if each in sample), ",")  # beside them a comma is a decimal sign
    has_comma = separator != "," and "," in text and "." not in text
    found: list[list[float]] = []
    lines: list[int] = []
    has_begun = False
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise DataError(f"{name} cannot be read as a table: {error}") from None
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        cells = [cell.replace(",", ".") for cell in cells] if has_comma else cells
        values = [_number(cell) for cell in cells]
        is_header = not has_begun and all(value is None for value in values)
        has_begun = True
        if is_header:
            continue
        for cell, value in zip(cells, values, strict=True):
            if value is None or not np.isfinite(value):
                raise DataError(f"{name}, line {number}: {cell[:40] or 'nothing'!r} is no number", row=number)
        if found and len(values) != len(found[0]):
            raise DataError(
                f"{name}, line {number} has {len(values)} columns, but the lines before have {len(found[0])}",
                row=number,
            )
        lines.append(number)
        found.append([value or 0.0 for value in values])
    if not found:
        raise DataError(f"{name} holds no row of numbers")
    return np.array(found), lines


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
