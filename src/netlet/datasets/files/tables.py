"""CSV and TSV files: a series in time becomes windows and what follows, a table features and a target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.datasets.dataset import Dataset
from netlet.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".tsv")
_PARTS = {"training": (0.0, 0.6), "validation": (0.6, 0.8), "test": (0.8, 1.0)}  # of a series, in time


def read(
    path: Path,
    seed: int = 0,
    target: str | None = None,
    window: int | None = None,
    horizon: int = 1,
    stride: int = 1,
    **details: Any,
) -> Dataset:
    """Read a table with a header, or a series if a window is given.

    Parameters
    ----------
    target : str, optional
        The column to be learned; by default the last.
    window : int, optional
        How many rows a network sees of a series in time, whose first three fifths are for training, the
        next fifth for validation and the last for test; no window reaches into another part.
    horizon : int
        How many values of the target that follow a window are to be forecast.
    stride : int
        How many rows lie between the starts of two windows.
    **details
        Of `Dataset`: task, kind, scale, class_names.

    Raises
    ------
    DataError
        If the file cannot be read as such, or is too short.
    """
    for name, value in (("window", window), ("horizon", horizon), ("stride", stride)):
        if value is not None and value < 1:
            raise DataError(f"{name} is {value}, but must be at least 1", setting=name)
    notes: list[str] = []
    table = _frame(path)
    target = str(table.columns[-1]) if target is None else target
    if target not in table.columns:
        told = ", ".join(map(str, table.columns[:12]))
        raise DataError(f"{path} has no column {target!r}: choose from {told[:200]}", file=path)
    numbers = table.select_dtypes(["number", "bool"])
    others = [str(name) for name in table.columns if name not in numbers.columns and name != target]
    if others:
        notes.append(f"columns without numbers are left out: {', '.join(others)[:120]}")
    if window is not None:
        return _series(path, numbers, target, window, horizon, stride, notes, details)
    missing = int(table.isna().any(axis=1).sum())
    if missing:
        notes.append(f"{missing:,} of {len(table):,} rows have missing values and are left out")
        table = table.dropna()
    features = numbers.columns.drop(target, errors="ignore")
    if not len(features) or len(table) < 5:
        raise DataError(
            f"{path} has {len(features)} columns of numbers beside {target} in {len(table)} whole rows: a "
            "table needs one and five; a series is read with a window (--window 24)",
            file=path,
        )
    x, y = table[features].to_numpy(np.float64), table[target].to_numpy()
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(table))
    ends = {part: [round(share * len(table)) for share in shares] for part, shares in _PARTS.items()}
    rows = {part: np.sort(order[start:end]) for part, (start, end) in ends.items()}
    parts = [(x[each], y[each]) for each in rows.values()]
    chosen = {"kind": "table", "notes": notes, "source": f"table in {path}", **details}
    train, validation, test = parts
    return Dataset(path.stem, train, validation, test, seed=seed, **chosen)


def _frame(path: Path) -> pd.DataFrame:
    """The table, its separator and decimal sign found in its first lines."""
    import pandas as pd

    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            lines = [file.readline(100_000) for _ in range(3)]
        separator = max("\t;,|", key=lines[0].count)
        decimal = "," if separator != "," and "," in "".join(lines[1:]) else "."
        table = pd.read_csv(path, sep=separator, decimal=decimal, encoding="utf-8-sig", skipinitialspace=True)
    except (OSError, ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = " ".join(str(error).split())[:150]
        raise DataError(f"{path} cannot be read as a table: {reason}", file=path) from None
    return table


def _series(
    path: Path,
    numbers: pd.DataFrame,
    target: str,
    window: int,
    horizon: int,
    stride: int,
    notes: list[str],
    details: dict[str, Any],
) -> Dataset:
    """Windows of all columns, and what follows of the target."""
    if target not in numbers.columns:
        raise DataError(f"{path}: column {target} holds no numbers: choose another target", file=path)
    missing = int(numbers.isna().sum().sum())
    if missing:
        notes.append(f"{missing:,} missing values are filled in between their neighbours")
        numbers = numbers.interpolate(limit_direction="both")
    values = numbers.to_numpy(np.float64)
    place = list(numbers.columns).index(target)
    pairs = []
    for part, (start, end) in _PARTS.items():
        rows = values[round(start * len(values)) : round(end * len(values))]
        starts = np.arange(0, len(rows) - window - horizon + 1, stride)
        if not len(starts):
            raise DataError(
                f"{path}: {part} has {len(rows)} rows, too few for a window of {window} and a horizon of "
                f"{horizon}: take less",
                file=path,
                split=part,
            )
        x = rows[starts[:, np.newaxis] + np.arange(window)]
        pairs.append((x, rows[starts[:, np.newaxis] + window + np.arange(horizon), place]))
    naive = ", ".join(
        f"{part} {np.mean((x[:, -1:, place] - y) ** 2) / max(float(y.var()), 1e-300):.4g}"
        for part, (x, y) in zip(_PARTS, pairs, strict=True)
    )
    notes.append(
        f"windows of {window} rows, {horizon} of {target} ahead, training before validation before test"
    )
    notes.append(f"naive forecast (the last value again): normalised error {naive}")
    chosen = {"scale": "standard", "notes": notes, "source": f"series in {path}", **details}
    train, validation, test = pairs
    chosen = {"task": "regression", "kind": "sequence", "per_step": False, **chosen}
    return Dataset(path.stem, train, validation, test, **chosen)
