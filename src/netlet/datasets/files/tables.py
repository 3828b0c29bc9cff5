"""CSV, TSV and Parquet files: a series in time becomes windows, a table features and a target."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets.dataset import TASKS, Dataset
from netlet.datasets.files import frames
from netlet.datasets.files.drawing import dataset_name, drawn, readable
from netlet.datasets.forecasting import windows
from netlet.datasets.plain import Frame
from netlet.errors import DataError

LEAST = 5  # rows of a table


def read(
    path: Path,
    seed: int = 0,
    target: str | Sequence[str] | None = None,
    window: int | None = None,
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
    **details
        Of a series horizon, stride, known, time, season, scale; of a table of `Dataset`: task, kind, scale,
        class_names.

    Raises
    ------
    DataError
        If the file cannot be read as such, or is too short.
    """
    notes: list[str] = []
    table = frames.read_frame(path, notes)
    name, source = dataset_name(path.stem), "series" if window is not None else "table"
    details = {"source": readable(f"{source} in {path}"), **details}
    if window is not None:
        if details.pop("task", "regression") != "regression" or details.get("class_names"):
            raise DataError(
                f"{path}: a series forecasts numbers, so its task is regression: leave out task and "
                "class_names, or the window",
                setting="task",
            )
        return windows(table, window, target=target, name=name, path=path, notes=notes, **details)
    of_series = [each for each in ("horizon", "stride", "known", "time", "season") if each in details]
    if of_series:
        raise DataError(
            f"{path}: {', '.join(of_series)} is for a series in time: give a window as well (--window 24)",
            setting=of_series[0],
        )
    return from_frame(table, name, seed, target, path=path, notes=notes, **details)


def from_frame(
    table: Frame,
    name: str,
    seed: int,
    target: str | Sequence[str] | None,
    *,
    path: Path,
    notes: list[str],
    **details: Any,
) -> Dataset:
    """A dataset of a table's columns of numbers and of its targets."""
    targets = _targets(table, target, path)
    table = frames.with_numbers(table, str(path), path, keep=set(targets))
    features = [each for each in table.select_dtypes(["number", "bool"]).columns if str(each) not in targets]
    used = {*features, *targets}  # a set: there may be 20,000 columns
    if others := [str(each) for each in table.columns if each not in used and str(each) not in used]:
        notes.append(f"columns without numbers are left out: {', '.join(others)[:120]}")
    gaps = table[features].isna().all().to_numpy()
    if empty := {each for each, is_empty in zip(features, gaps, strict=True) if is_empty}:
        notes.append(f"columns without any value are left out: {', '.join(sorted(map(str, empty)))[:120]}")
        features = [each for each in features if each not in empty]
    table = table[[*features, *targets]]
    missing = int(table.isna().any(axis=1).sum())
    if missing:
        notes.append(f"{missing:,} of {len(table):,} rows have missing values and are left out")
        table = table.dropna()
    if not features or len(table) < LEAST:
        raise DataError(
            f"{path} has {len(features)} columns of numbers beside {', '.join(targets)} in {len(table)} "
            "whole rows: a table needs one and five; a series is read with a window (--window 24)",
            file=path,
        )
    frames.refuse_infinite(table[features], str(path), path)
    if target is None:
        notes.append(f"target: {targets[0]}, the last column; target= says otherwise")
    x = table[features].to_numpy(np.float64)
    y = table[targets].to_numpy(np.float64) if len(targets) > 1 else table[targets[0]].to_numpy()
    rows = drawn(_classes(y, details.get("task")), seed)
    chosen = {"kind": "table", "notes": notes, **details}
    train, validation, test = ((x[each], y[each]) for each in rows)
    dataset = Dataset(name, train, validation, test, seed=seed, **chosen)
    dataset.feature_names = tuple(map(str, features))
    return dataset


def _targets(table: Frame, target: str | Sequence[str] | None, path: Path) -> list[str]:
    if target is None:
        return [str(table.columns[-1])]
    given = [target] if isinstance(target, str) else list(target)
    if isinstance(target, str) and target not in table.columns:
        given = [part.strip() for part in target.split(",")]
    for each in given:
        if each not in table.columns:
            told = ", ".join(map(str, table.columns[:12]))[:200]
            raise DataError(f"{path} has no column {each!r}: choose from {told}", file=path, setting="target")
        if len(given) > 1 and table[each].dtype.kind not in "biuf":
            raise DataError(
                f"{path}: {each} holds no numbers, but several targets must: choose one", file=path
            )
    return list(dict.fromkeys(given))


def _classes(y: np.ndarray, task: str | None) -> np.ndarray:
    """What the splits are drawn evenly of: the classes, where each has a sample for every split."""
    if y.ndim == 1 and task != TASKS[2] and (y.dtype.kind in "OUb" or task is not None or _few(y)):
        labels = y.astype(str) if y.dtype.kind == "O" else y
        if np.unique(labels, return_counts=True)[1].min() >= 3:
            return labels
    return np.zeros(len(y), dtype=int)


def _few(y: np.ndarray) -> bool:
    return y.dtype.kind in "biuf" and len(np.unique(y)) <= 10
