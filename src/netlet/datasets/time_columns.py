"""The time in a table of a series: in an index, a column, several, as text, dates or numbers."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets import dates
from netlet.datasets.plain import Column, Frame
from netlet.errors import DataError

_NAMES = {"date", "time", "datetime", "timestamp", "year", "month", "day", "week", "hour", "ds", "period"}
_NAMES |= {"datum", "zeit", "zeitpunkt", "jahr", "uhrzeit"}
_NUMBER_NAMES = _NAMES | {"t", "step", "index", "id", "row", "unnamed: 0", "column 1", "no", "nr"}
_COUNTERS = {"t", "step", "time", "timestamp", "datetime", "date", "ds", "zeit", "zeitpunkt"}
"""That never begin anew in one series, as months do."""
_CLOCKS = {"time", "hour", "zeit", "uhrzeit", "stunde"}
_EXCEL = 20_000, 80_000  # days since the end of 1899, from 1954 to 2119
_UNIX = {"s": (3e8, 5e9), "ms": (3e11, 5e12), "us": (3e14, 5e15), "ns": (3e17, 5e18)}


def found_times(
    frame: Frame, what: str, path: Path | None, time: str | None, wanted: Collection[str], notes: list[str]
) -> tuple[tuple[str, ...], np.ndarray | None]:
    """The time of every row, as datetime64 or float64, and the columns it is in; None if there is none."""
    import pandas as pd

    if time is not None:
        if time not in frame.columns:
            told = ", ".join(map(str, frame.columns[:12]))[:200]
            raise DataError(f"{what} has no column {time!r} of time: choose from {told}", setting="time")
        column = frame[time]
        if pd.api.types.is_numeric_dtype(column.dtype):
            numbers = _of_numbers(time, column, notes)
            return (time,), _whole(time, column, what, path) if numbers is None else numbers
        return _with_clock(frame, time, _dates(time, column, what, path, True, notes), wanted, notes)
    if (found := _of_index(frame, what, path, notes)) is not None:
        return found
    numbered: tuple[str, np.ndarray] | None = None
    for name in frame.columns:
        column = frame[name]
        if name in wanted:
            continue
        if pd.api.types.is_numeric_dtype(column.dtype) and column.dtype.kind not in "cb":
            if numbered is None and str(name).lower() in _NUMBER_NAMES and not column.isna().any():
                values = _of_numbers(str(name), column, notes)
                if values is not None:
                    return (str(name),), values
                if (rising := _even(str(name), column)) is not None:
                    numbered = str(name), rising
            continue
        found_here = _dates(str(name), column, what, path, False, notes)
        if found_here is not None:
            return _with_clock(frame, str(name), found_here, wanted, notes)
    if (calendar := _of_calendar(frame, wanted)) is not None:
        return calendar
    return ((numbered[0],), numbered[1]) if numbered else ((), None)


def _of_index(
    frame: Frame, what: str, path: Path | None, notes: list[str]
) -> tuple[tuple[str, ...], np.ndarray] | None:
    """The time in the index of a frame of pandas."""
    import pandas as pd

    index = frame.index
    name = (str(index.name or "the index"),)
    if isinstance(index, pd.MultiIndex):
        raise DataError(
            f"{what} has an index of {index.nlevels} levels, as of several series in one table: "
            "give one series, and dates as its index",
            file=path,
        )
    if isinstance(index, pd.PeriodIndex):
        return name, index.to_timestamp().to_numpy()
    if isinstance(index, pd.DatetimeIndex):
        return name, _plain(index)
    if isinstance(index, pd.TimedeltaIndex):
        return name, index.total_seconds().to_numpy()
    if isinstance(index, pd.RangeIndex):
        return None
    column = pd.Series(index)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return None
    times = _dates(name[0], column, what, path, False, notes)
    return None if times is None else (name, times)


def _even(name: str, column: Column) -> np.ndarray | None:
    """Numbers that only rise, or fall, and so may be a time; None if they do neither."""
    values = column.to_numpy(dtype=np.float64)
    steps = np.diff(values)
    if (steps > 0).all() or (steps < 0).all():
        return values
    is_time = name.lower() in _COUNTERS or name.lower() in ("year", "jahr")
    if is_time and len(np.unique(values)) == len(values):
        return values
    if name.lower() in _COUNTERS and len(values) > 3 and _restarts(steps):
        return values  # several series: to be refused
    return None


def _restarts(steps: np.ndarray) -> bool:
    """Whether numbers rise by one step again and again from a beginning."""
    up = steps[steps > 0]
    is_count = len(up) > 0.5 * len(steps) and (up == 1).all()
    return bool(is_count and (steps < 0).any())


def _of_numbers(name: str, column: Column, notes: list[str]) -> np.ndarray | None:
    """Times written as numbers: 20240131, days of Excel, seconds since 1970; None if they are none."""
    import pandas as pd

    if column.isna().any() or not len(column):
        return None
    if _are_days(column):
        return _days(column)
    is_called_so = any(each in name.lower() for each in ("date", "time", "datum", "zeit", "stamp", "ds"))
    if not is_called_so:
        return None
    low, high = float(column.min()), float(column.max())
    if _EXCEL[0] <= low and high <= _EXCEL[1]:
        notes.append(f"{name} holds days as Excel counts them")
        seconds = np.round(column.to_numpy(dtype=np.float64) * 86_400).astype("m8[s]")
        return (np.datetime64("1899-12-30T00:00:00") + seconds).astype("M8[ns]")
    for unit, (least, most) in _UNIX.items():
        if least <= low and high <= most:
            notes.append(f"{name} holds {unit} since 1970")
            return pd.to_datetime(column, unit=unit).to_numpy().astype("M8[ns]")
    return None


def _of_calendar(frame: Frame, wanted: Collection[str]) -> tuple[tuple[str, ...], np.ndarray] | None:
    """The time in columns of year and month, perhaps day and hour; the year alone is found by its name."""
    import pandas as pd

    by_name = {str(name).lower(): name for name in frame.columns if name not in wanted}
    used = [by_name[each] for each in ("year", "month", "day", "hour") if each in by_name]
    if "year" not in by_name or "month" not in by_name:
        return None
    parts = {str(each).lower(): frame[each] for each in used}
    try:
        found: Any = pd.to_datetime(pd.DataFrame({"day": 1} | parts, index=frame.index), errors="coerce")
    except (ValueError, TypeError, OverflowError):
        return None
    return None if found.isna().any() else (tuple(map(str, used)), found.to_numpy().astype("M8[ns]"))


def _with_clock(
    frame: Frame, name: str, times: np.ndarray | None, wanted: Collection[str], notes: list[str]
) -> tuple[tuple[str, ...], np.ndarray | None]:
    """Dates with the time of day, if that is in a column of its own."""
    import pandas as pd

    if times is None or (np.diff(times) != np.timedelta64(0)).all():
        return (name,), times
    for other in frame.columns:
        if str(other).lower() not in _CLOCKS or other in wanted or other == name:
            continue
        column = frame[other]
        if pd.api.types.is_numeric_dtype(column.dtype):
            hours = column.to_numpy(dtype=np.float64, na_value=np.nan)
            if ((hours >= 0) & (hours < 25) & (hours % 1 == 0)).all():
                return (name, str(other)), times + (hours * 3600).astype("m8[s]")
        elif _is_text(column):
            text = column.astype("string").str.strip().str.replace(".", ":", regex=False)
            text = text.where(text.str.count(":") > 1, text + ":00")
            clock: Any = pd.to_timedelta(text, errors="coerce")
            if not clock.isna().any():
                return (name, str(other)), times + clock.to_numpy()
    return (name,), times


def _plain(index: Any) -> np.ndarray:
    """Dates without their zone."""
    return (index.tz_convert("UTC").tz_localize(None) if index.tz is not None else index).to_numpy()


def _are_days(column: Column) -> bool:
    """Whether numbers are dates written as 20240131."""
    first = column.iloc[0]
    return bool(column.between(1e7, 1e8).all()) and 1 <= first % 100 <= 31 and 1 <= first // 100 % 100 <= 12


def _days(column: Column) -> np.ndarray | None:
    import pandas as pd

    found: Any = pd.to_datetime(column.astype("int64").astype(str), format="%Y%m%d", errors="coerce")
    return None if found.isna().any() else found.to_numpy()


def _whole(name: str, column: Column, what: str, path: Path | None) -> np.ndarray:
    if column.isna().any():
        row = int(np.flatnonzero(column.isna())[0])
        raise DataError(f"{what}: the time {name} is missing in row {row + 1}", file=path, row=row)
    return column.to_numpy(dtype=np.float64)


def _dates(
    name: str, column: Column, what: str, path: Path | None, is_asked: bool, notes: list[str]
) -> np.ndarray | None:
    """A column of dates; None if it holds something else."""
    import pandas as pd

    from netlet.datasets.files.columns import categories

    if isinstance(column.dtype, pd.PeriodDtype):
        return column.dt.to_timestamp().to_numpy()
    note = ""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        found = _plain(pd.DatetimeIndex(column))
    elif _is_text(column):
        codes, texts = categories(column)
        if not texts or not (is_asked or dates.looks_dated(texts[0])):
            return None
        if not is_asked and np.isnat(dates.times(texts[:200])[0]).mean() > 0.5:
            return None  # of words not all need be tried
        different, note = dates.times(texts)
        found = np.append(different, np.datetime64("NaT"))[codes]
    elif is_asked:
        raise DataError(f"{what}: column {name} holds no dates: give another as time", setting="time")
    else:
        return None
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
    if note:
        notes.append(f"{note}; time= gives another column, and 2024-01-31 is never mistaken")
    return found


def _is_text(column: Column) -> bool:
    from netlet.datasets.files.columns import is_text

    return is_text(column)
