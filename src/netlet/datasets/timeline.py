"""The time in a table of a series: found, put in order, and looked at for gaps."""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets.plain import Column, Frame
from netlet.errors import DataError

_NAMES = ("date", "time", "datetime", "timestamp", "year", "month", "day", "week", "hour", "ds", "period")
_NUMBER_NAMES = (*_NAMES, "t", "step", "index", "id", "row", "unnamed: 0", "no", "nr")
_LOOKS_DATED = re.compile(r"\d{4}|\d{1,2}[-./]\d{1,2}[-./]\d{2}|\d{1,2}:\d{2}")
_MANY_TWICE = 0.1  # of the times: more are several series in one table


def in_order(
    frame: Frame,
    what: str,
    path: Path | None,
    time: str | None,
    wanted: Collection[str],
    notes: list[str],
) -> Frame:
    """The rows in order of time, without the column of time; what is odd about it is told in `notes`.

    Parameters
    ----------
    what
        What errors call the table.
    time
        The column; by default the index, if it holds dates, or a column of dates, or one of numbers that
        rises evenly and is called so.
    wanted
        Columns that are asked for as numbers, and so are not taken for the time.

    Raises
    ------
    DataError
        If there is no such column, it holds something else, or many times stand there more than once.
    """
    name, times = _found(frame, what, path, time, wanted)
    if times is None:
        return frame
    rest = frame.drop(columns=[name]) if name in frame.columns else frame
    steps = np.diff(times)
    if len(steps) and (steps <= 0).all() and (steps < 0).any():
        notes.append(f"{name} goes backwards in time: rows are put in order, the oldest first")
        order = np.arange(len(times))[::-1]
    elif (steps < 0).any():
        row = int(np.flatnonzero(steps < 0)[0]) + 2
        notes.append(f"rows are not in order of {name} (first at row {row}): they are put in order")
        order = np.argsort(times, kind="stable")
    else:
        order = np.arange(len(times))
    times = times[order]
    _look(name, times, what, path, notes)
    return rest if (np.diff(order) == 1).all() else rest.iloc[order]


def _found(
    frame: Frame, what: str, path: Path | None, time: str | None, wanted: Collection[str]
) -> tuple[str, np.ndarray | None]:
    """The time of every row, as datetime64 or float64, and what it is called; None if there is none."""
    import pandas as pd

    if time is not None:
        if time not in frame.columns:
            told = ", ".join(map(str, frame.columns[:12]))[:200]
            raise DataError(f"{what} has no column {time!r} of time: choose from {told}", setting="time")
        column = frame[time]
        if pd.api.types.is_numeric_dtype(column.dtype):
            return time, _days(column) if _are_days(column) else _whole(time, column, what, path)
        return time, _dates(time, column, what, path, is_asked=True)
    if isinstance(frame.index, pd.PeriodIndex):
        return str(frame.index.name or "the index"), frame.index.to_timestamp().to_numpy()
    if isinstance(frame.index, pd.DatetimeIndex):
        return str(frame.index.name or "the index"), _plain(frame.index)
    for name in frame.columns:
        column = frame[name]
        if name in wanted:
            continue
        if pd.api.types.is_numeric_dtype(column.dtype):
            if str(name).lower() in _NUMBER_NAMES and not column.isna().any():
                if _are_days(column):
                    return str(name), _days(column)
                if column.is_monotonic_increasing or column.is_monotonic_decreasing:
                    values = column.to_numpy(dtype=np.float64)
                    if len(np.unique(values)) == len(values):
                        return str(name), values
            continue
        found = _dates(str(name), column, what, path, is_asked=False)
        if found is not None:
            return str(name), found
    return "", None


def _plain(index: Any) -> np.ndarray:
    """Dates without their zone."""
    return (index.tz_convert("UTC").tz_localize(None) if index.tz is not None else index).to_numpy()


def _are_days(column: Column) -> bool:
    """Whether numbers are dates written as 20240131."""
    first = column.iloc[0]
    return bool(column.between(1e7, 1e8).all()) and 1 <= first % 100 <= 31 and 1 <= first // 100 % 100 <= 12


def _days(column: Column) -> np.ndarray | None:
    import pandas as pd

    return pd.to_datetime(column.astype("int64").astype(str), format="%Y%m%d", errors="coerce").to_numpy()


def _whole(name: str, column: Column, what: str, path: Path | None) -> np.ndarray:
    if column.isna().any():
        row = int(np.flatnonzero(column.isna())[0])
        raise DataError(f"{what}: the time {name} is missing in row {row + 1}", file=path, row=row)
    return column.to_numpy(dtype=np.float64)


def _dates(name: str, column: Column, what: str, path: Path | None, is_asked: bool) -> np.ndarray | None:
    """A column of dates; None if it holds something else."""
    import pandas as pd

    if isinstance(column.dtype, pd.PeriodDtype):
        return column.dt.to_timestamp().to_numpy()
    if not (pd.api.types.is_datetime64_any_dtype(column.dtype) or _is_text(column)):
        if is_asked:
            raise DataError(f"{what}: column {name} holds no dates: give another as time", setting="time")
        return None
    first = str(column.iloc[0])
    if not is_asked and _is_text(column) and not _LOOKS_DATED.search(first):
        return None  # pandas takes "m7" for a date
    ways = [False, True] if _is_text(column) and any(sign in first for sign in "/.") else [False]
    candidates = [_parsed(column, dayfirst=way) for way in ways]
    found = min(candidates, key=lambda times: (np.isnat(times).sum(), _odd(times)))
    bad = np.isnat(found)
    if bad.mean() > (0.5 if is_asked or name.lower() in _NAMES else 0.1):
        if is_asked:
            raise DataError(f"{what}: column {name} holds no dates: give another as time", setting="time")
        return None
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"{what}: {str(column.iloc[row])[:40]!r} in row {row + 1} of {name} is no date as the others are",
            file=path,
            row=row,
        )
    return found


def _is_text(column: Column) -> bool:
    import pandas as pd

    return pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype)


def _parsed(column: Column, dayfirst: bool) -> np.ndarray:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a format cannot be inferred
        try:
            found: Column = pd.to_datetime(column, errors="coerce", dayfirst=dayfirst, utc=True)
        except (ValueError, TypeError, OverflowError):
            return np.full(len(column), np.datetime64("NaT"), dtype="datetime64[ns]")
    return found.dt.tz_localize(None).to_numpy()


def _odd(times: np.ndarray) -> int:
    """How many different steps there are."""
    return len(np.unique(np.diff(times)))


def _look(name: str, times: np.ndarray, what: str, path: Path | None, notes: list[str]) -> None:
    """Tell the first and last time, and steps that differ from the others."""
    steps = np.diff(times)
    is_dated = times.dtype.kind == "M"
    zero = steps == np.zeros(1, dtype=steps.dtype)[0]
    twice = int(zero.sum())
    if twice > max(_MANY_TWICE * len(times), 1):
        row = int(np.flatnonzero(zero)[0])
        raise DataError(
            f"{what}: {twice:,} of {len(times):,} values of {name} stand there more than once (first "
            f"{_told(times[row])}), as of several series in one table: give each series a table of its own",
            file=path,
        )
    notes.append(f"time: {name}, {_told(times[0])} to {_told(times[-1])}")
    if len(steps) == 0 or (steps == steps[0]).all():
        return
    unit = ""
    if is_dated:
        if (months := _months(times)) is not None:
            steps, unit = np.diff(months).astype(np.int64), "month"
        elif _is_calendar(times):
            return
    counted, places = np.unique(steps, return_inverse=True)
    usual = np.bincount(places).argmax()
    if not is_dated and np.abs(steps - counted[usual]).max() <= 1e-6 * abs(counted[usual]):
        return  # rounding
    odd = np.flatnonzero(places != usual)
    if len(odd):
        first = f"first after {_told(times[odd[0]])}: {_length(steps[odd[0]], unit)}"
        notes.append(
            f"warning: time steps are irregular: most are {_length(counted[usual], unit)}, but {len(odd):,} "
            f"of {len(steps):,} are not ({first}); rows are taken as equally far apart"
        )


def _months(times: np.ndarray) -> np.ndarray | None:
    """The months of times that are all on one day of theirs, or all on the last; else None."""
    for each in (times, times + np.timedelta64(1, "D")):
        months = each.astype("datetime64[M]")
        offsets = each - months
        if (offsets == offsets[0]).all():
            return months
    return None


def _is_calendar(times: np.ndarray) -> bool:
    """Whether steps that differ are those of a calendar, such as working days."""
    import pandas as pd

    if len(times) < 3:
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that its answer will be of another type
        try:
            return pd.infer_freq(pd.DatetimeIndex(times)) is not None
        except ValueError:
            return False


def _told(time: Any) -> str:
    if isinstance(time, np.datetime64):
        return str(time.astype("datetime64[s]")).replace("T00:00:00", "").replace("T", " ")
    return f"{float(time):g}"


def _length(step: Any, unit: str = "") -> str:
    """A step in words."""
    if unit:
        return f"{step:,} {unit}" + ("s" if step != 1 else "")
    if not isinstance(step, np.timedelta64):
        return f"{float(step):g}"
    seconds = step / np.timedelta64(1, "s")
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"{count:,} {unit}" + ("s" if count != 1 else "")
    return f"{seconds:g} s"
