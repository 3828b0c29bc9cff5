"""CSV, TSV and Parquet files: a series in time becomes windows, a table features and a target."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets.dataset import TASKS, Dataset
from netlet.datasets.files import frames
from netlet.datasets.files.columns import (
    MOST_CATEGORIES,
    as_channels,
    is_number,
    is_text,
    with_numbers,
    words,
)
from netlet.datasets.files.drawing import dataset_name, drawn, readable
from netlet.datasets.files.features import by_name, names_of
from netlet.datasets.forecasting import windows
from netlet.datasets.plain import Column, Frame
from netlet.errors import DataError

LEAST = 5  # rows of a table
_MANY = 1_000  # columns
_MOSTLY = 0.5  # empty: a column that costs more rows than it is worth
_LEAST_OF_EACH = 4  # rows on average, for words to be kinds of something
_TARGETS = ("target", "label", "class", "y", "labels", "classes", "klasse", "outcome")
_ROW_NUMBERS = re.compile(
    r"column 1|unnamed: 0|(row|record|sample)?[ _]?(id|idx|index|nr|no|number|names?)\.?|row|lfd\.? ?nr\.?",
    re.I,
)
_SENTINELS = (-99, -999, -9999, -99999, 9999, 99999, 999999)


def read(
    path: Path,
    seed: int = 0,
    target: str | Sequence[str] | None = None,
    window: int | None = None,
    features: str | Sequence[str] | None = None,
    **details: Any,
) -> Dataset:
    """Read a table with a header, or a series if a window is given.

    Parameters
    ----------
    path : Path
        .csv or .tsv, whatever separates its columns, or .parquet.
    seed : int
        Draws the splits of a table: three fifths, a fifth and a fifth, of classes of each.
    target : str, or several
        The column to be learned; by default the last.
    window : int, optional
        How many rows a network sees of a series in time; see `netlet.datasets.windows`.
    features : str, or several
        The columns to learn from, by default all of numbers and words; or the channels of a network,
        column=word for one of a word.
    **details
        Of a series horizon, stride, known, time, season, scale; of a table of `Dataset`: task, kind, scale,
        class_names.

    Raises
    ------
    DataError
        If the file cannot be read as such, or is too short.
    """
    notes: list[str] = []
    name, source = dataset_name(path.stem), "series" if window is not None else "table"
    details = {"source": readable(f"{source} in {path}"), **details}
    if window is not None:
        if details.pop("task", "regression") != "regression" or details.get("class_names"):
            raise DataError(
                f"{path}: a series forecasts numbers, so its task is regression: leave out task and "
                "class_names, or the window",
                setting="task",
            )
        table = frames.read_frame(path, notes)
        return windows(
            table, window, target=target, features=features, name=name, path=path, notes=notes, **details
        )
    of_series = [each for each in ("horizon", "stride", "known", "time", "season") if each in details]
    if of_series:
        raise DataError(
            f"{path}: {', '.join(of_series)} is for a series in time: give a window as well (--window 24)",
            setting=of_series[0],
        )

    def needed(names: Sequence[str]) -> set[str]:
        return {*_wanted(names, target), *(names_of(features, names) or ())}

    return from_frame(
        frames.read_frame(path, notes, needed),
        name,
        seed,
        target,
        features,
        path=path,
        notes=notes,
        **details,
    )


def from_frame(
    table: Frame,
    name: str,
    seed: int,
    target: str | Sequence[str] | None,
    features: str | Sequence[str] | None = None,
    *,
    path: Path,
    notes: list[str],
    held: int = 0,
    **details: Any,
) -> Dataset:
    """A dataset of a table's columns of numbers, of channels for its words, and of its targets.

    Parameters
    ----------
    table
        Its columns are taken out of it one by one, so that memory holds no more than is needed.
    held
        How many of its last rows are the test split; the others are drawn for training and validation.
    """
    targets = _targets(table, target, path, notes)
    table = with_numbers(table, str(path), path, notes)
    whole = np.ones(len(table), dtype=bool)
    columns: dict[str, np.ndarray] = {}
    left_out: dict[str, list[str]] = {}
    asked = names_of(features, list(table.columns))
    if asked is not None and (both := [each for each in asked if each in targets]):
        raise DataError(
            f"{path}: {both[0]} is the target, so it is no feature: choose one", setting="features"
        )
    labels = {each: _target(table[each], each, len(targets) > 1, path, whole) for each in targets}
    if asked is not None:
        columns = by_name(table, asked, str(path), path)
    else:
        take = table.pop if len(table.columns) <= _MANY else table.__getitem__  # pop copies a list of all
        for each in [each for each in table.columns if str(each) not in targets]:
            _add(str(each), take(each), columns, left_out)
    for why, which in left_out.items():
        notes.append(f"columns {why} are left out: {', '.join(which)[:120]}")
    for channel in columns.values():
        whole &= ~np.isnan(channel)
    count, rows = len(whole), int(whole.sum())
    if rows < count:
        notes.append(f"{count - rows:,} of {count:,} rows have missing values and are left out")
    if not columns or rows < LEAST:
        raise DataError(
            f"{path} has {len(columns)} columns of numbers or words beside {', '.join(targets)[:100]} in "
            f"{rows:,} whole rows: a table needs one and five; a series is read with a window (--window 24)",
            file=path,
        )
    _look(columns, whole, path, notes)
    y, words = _together(labels, whole)
    if words:
        _look_at_words(words, targets[0], notes)
    if held:
        known = int(whole[: count - held].sum())
        parts = np.arange(known), np.arange(known, rows)
        if known < LEAST or known == rows:
            raise DataError(
                f"{path}: {known:,} rows to train and {rows - known:,} to test are too few", file=path
            )
    else:
        parts = drawn(_classes(y, details.get("task"), words), seed)
    ys = [y[each] for each in parts]
    if words and ("class_names" in details or details.get("task") == TASKS[2] or not _all_known(ys, words)):
        ys = [np.array(words)[each] for each in ys]
    elif words:
        details["class_names"] = words
    del y, labels
    chosen = list(parts) if rows == count else [np.flatnonzero(whole)[each] for each in parts]
    del parts
    feature_names = tuple(columns)
    xs = [np.empty((len(each), len(columns)), dtype=np.float32) for each in chosen]
    for at, each in enumerate(feature_names):
        values = columns.pop(each)
        for x, part in zip(xs, chosen, strict=True):
            x[:, at] = values[part]
        del values
    del chosen
    for x in xs:
        x.setflags(write=False)  # a dataset need not copy what nobody can change
    train, *others = zip(xs, ys, strict=True)
    validation, test = others if len(others) == 2 else (None, others[0])
    dataset = Dataset(
        name, train, validation, test, seed=seed, **{"kind": "table", "notes": notes, **details}
    )
    dataset.feature_names = feature_names
    dataset.reading = {"target": targets if len(targets) > 1 else targets[0]}
    return dataset


def _together(
    labels: dict[str, tuple[np.ndarray, list[str]]], whole: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """The targets of whole rows: of one column and its words, or of several columns of numbers."""
    if len(labels) > 1:
        return np.stack([each[whole] for each, _ in labels.values()], axis=1), []
    ((y, words),) = labels.values()
    if not words:
        return y[whole], []
    used = np.bincount(y[whole], minlength=len(words)) > 0  # a class may have no whole row
    codes = (np.cumsum(used) - 1).astype(y.dtype)
    return codes[y[whole]], [word for word, is_used in zip(words, used, strict=True) if is_used]


def _all_known(ys: list[np.ndarray], words: list[str]) -> bool:
    """Whether training has every class."""
    return len(words) > 1 and len(np.unique(ys[0])) == len(words)


def _target(
    column: Column, name: str, must_be_number: bool, path: Path, whole: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """What is to be learned, as numbers, or places in a list of words; rows without are no longer whole."""
    if is_number(column):
        values = column.to_numpy()
        if values.dtype.kind not in "biuf":
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        gaps = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), dtype=bool)
        whole &= ~gaps
        is_whole = gaps.any() and not np.isinf(values).any() and not (values[~gaps] % 1).any()
        return (np.where(gaps, 0, values).astype(np.int64) if is_whole else values), []
    if must_be_number:
        raise DataError(f"{path}: {name} holds no numbers, but several targets must: choose one", file=path)
    if not is_text(column):
        raise DataError(f"{path}: {name} holds neither numbers nor words: choose another target", file=path)
    codes, texts = words(column)
    whole &= codes >= 0
    return codes.astype(np.result_type(np.min_scalar_type(len(texts)), np.int8)), texts


def _add(name: str, column: Column, columns: dict[str, np.ndarray], left_out: dict[str, list[str]]) -> None:
    """One column as channels, or among those that are left out, and why."""
    if is_number(column):
        values = column.to_numpy()
        if values.dtype.kind not in "biuf":
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        gaps = float(np.isnan(values).mean()) if values.dtype.kind == "f" else 0.0
        if gaps > _MOSTLY:
            left_out.setdefault("without any value" if gaps == 1 else "that are mostly empty", []).append(
                name
            )
        elif _counts_rows(name, values):
            left_out.setdefault("that only number the rows (features= takes them)", []).append(name)
        else:
            columns[name] = values
        return
    if not is_text(column):
        left_out.setdefault("without numbers", []).append(name)
        return
    codes, texts = words(column)
    known = int((codes >= 0).sum())
    if known < (1 - _MOSTLY) * len(codes):
        left_out.setdefault("that are mostly empty" if known else "without any value", []).append(name)
    elif len(texts) < 2 or len(texts) > min(MOST_CATEGORIES, known // _LEAST_OF_EACH):
        left_out.setdefault("without numbers", []).append(name)
    else:
        columns |= as_channels(name, codes, texts)


def _counts_rows(name: str, values: np.ndarray) -> bool:
    """Whether a column is called as one of numbers of rows, and has a whole number of its own in each."""
    if _ROW_NUMBERS.fullmatch(name) is None or values.dtype.kind not in "iuf":
        return False
    if values.dtype.kind == "f" and ((values % 1 != 0) | np.isnan(values)).any():
        return False
    return len(np.unique(values)) == len(values)


def _look(columns: dict[str, np.ndarray], whole: np.ndarray, path: Path, notes: list[str]) -> None:
    """Refuse infinite numbers; warn of numbers that may stand for none; tell which words became channels."""
    for name, values in columns.items():
        if values.dtype.kind == "f" and np.isinf(values).any():
            row = int(np.flatnonzero(np.isinf(values))[0])
            raise DataError(
                f"{path}: column {name} is infinite in row {row + 1}: correct it, or leave it empty",
                file=path,
                row=row,
            )
        for sign in _SENTINELS:
            is_it = values == sign
            if is_it.any() and np.abs(values[whole & ~is_it]).max(initial=0) < abs(sign) / 3:
                notes.append(
                    f"warning: {name} is {sign} in {is_it.sum():,} rows, far from all others: if that stands "
                    "for a missing value, leave the cell empty"
                )
    made = sorted({name.rpartition("=")[0] for name in columns if "=" in name})
    if made:
        notes.append(f"words become channels of 0 and 1, one for each: {', '.join(made)[:120]}")


def _look_at_words(words: list[str], target: str, notes: list[str]) -> None:
    """Warn of classes that differ in their capitals alone."""
    seen: dict[str, str] = {}
    for each in words:
        if (other := seen.setdefault(each.casefold(), each)) != each:
            notes.append(f"warning: {target} has both {other!r} and {each!r}, which are two classes")


def _targets(table: Frame, target: str | Sequence[str] | None, path: Path, notes: list[str]) -> list[str]:
    names = [str(each) for each in table.columns]
    if target is None:
        found = _guessed(names)
        why = "the last column" if found == names[-1] else "by its name"
        notes.append(f"target: {found}, {why}; target= says otherwise")
        return [found]
    given = _wanted(names, target)
    for each in given:
        if each not in names:
            told = ", ".join(names[:12])[:200]
            raise DataError(f"{path} has no column {each!r}: choose from {told}", file=path, setting="target")
    return given


def _guessed(names: Sequence[str]) -> str:
    """The last column, or the only one that is called as a target is."""
    called = [each for each in names if each.lower() in _TARGETS]
    return called[0] if len(called) == 1 else names[-1]


def _wanted(names: Sequence[str], target: str | Sequence[str] | None) -> list[str]:
    """The targets among the names of columns, as far as they are there."""
    if target is None:
        return [_guessed(names)] if names else []
    given = [target] if isinstance(target, str) else list(target)
    if isinstance(target, str) and target not in names:
        given = [part.strip() for part in target.split(",")]
    return list(dict.fromkeys(given))


def _classes(y: np.ndarray, task: str | None, words: list[str]) -> np.ndarray:
    """What the splits are drawn evenly of: the classes, where each has a sample for every split."""
    has_classes = words or y.dtype.kind == "b" or task is not None or _few(y)
    if y.ndim > 1 or task == TASKS[2] or not has_classes:
        return np.zeros(len(y), dtype=np.int8)
    is_enough = np.unique(y, return_counts=True)[1].min() >= 3
    return y if is_enough else np.zeros(len(y), dtype=np.int8)


def _few(y: np.ndarray) -> bool:
    return y.dtype.kind in "biuf" and len(np.unique(y)) <= 10
