"""The time in a table of a series: found, put in order, and looked at for gaps."""

from __future__ import annotations

import warnings
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
_GROUPS = {"id", "group", "series", "unit", "item", "store", "sensor", "station", "device", "machine", "name"}
_GROUPS |= {"unique_id", "series_id", "item_id", "ticker", "symbol", "country", "product", "case", "subject"}
_EXCEL = 20_000, 80_000  # days since the end of 1899, from 1954 to 2119
_UNIX = {"s": (3e8, 5e9), "ms": (3e11, 5e12), "us": (3e14, 5e15), "ns": (3e17, 5e18)}
_MANY_TWICE = 0.1  # of the times: more are several series in one table


def in_order(
    frame: Frame,
    what: str,
    path: Path | None,
    time: str | None,
    wanted: Collection[str],
    notes: list[str],
    when: list[np.ndarray] | None = None,
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
    when
        Gets the times in their order, if there are any.

    Raises
    ------
    DataError
        If there is no such column, it holds something else, or many times stand there more than once.
    """
    used, times = _found(frame, what, path, time, wanted, notes)
    name = " and ".join(used)
    rest = frame.drop(columns=[each for each in used if each in frame.columns])
    if times is None:
        _refuse_groups(rest, what, path)
        if not (frame.index.is_monotonic_increasing or frame.index.is_monotonic_decreasing):
            notes.append("warning: the index is not in order, but rows are taken in the order they stand in")
        return frame
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
    if when is not None:
        when.append(times)
    _look(name, times, what, path, notes)
    return rest if (np.diff(order) == 1).all() else rest.iloc[order]


def _found(
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


def _refuse_groups(frame: Frame, what: str, path: Path | None) -> None:
    """Refuse several series below one another, where a column says whose a row is and none when it is."""
    for name in frame.columns:
        if str(name).lower() not in _GROUPS:
            continue
        codes = frame[name].astype("string").fillna("").to_numpy()
        changes = int((codes[1:] != codes[:-1]).sum()) if len(codes) else 0
        different = len(set(codes.tolist()))
        if 1 < different == changes + 1 and len(codes) >= 3 * different:
            raise DataError(
                f"{what} holds {different:,} series below one another, told apart by {str(name)[:40]}: "
                "give each series a table of its own",
                file=path,
            )


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

    from netlet.datasets.files.frames import categories

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
    from netlet.datasets.files.frames import is_text

    return is_text(column)


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
        elif len(times) < 3 or _frequency(times) is not None:
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


def continued(times: np.ndarray, ahead: np.ndarray) -> tuple[str, ...]:
    """When the rows are that follow, told; nothing if steps in time are not even.

    Parameters
    ----------
    times
        Of the rows, in order.
    ahead
        How many rows after the last.
    """
    steps = np.diff(times)
    if not len(steps):
        return ()
    if times.dtype.kind != "M":
        is_even = np.abs(steps - steps[0]).max() <= 1e-6 * abs(steps[0])
        return tuple(_told(times[-1] + steps[0] * each) for each in ahead) if is_even else ()
    if (steps == steps[0]).all():
        return tuple(_told(times[-1] + steps[0] * int(each)) for each in ahead)
    if (months := _months(times)) is not None and len(np.unique(np.diff(months))) == 1:
        step = int(np.diff(months)[0].astype(int))
        is_last = (times[0] + np.timedelta64(1, "D")).astype("M8[M]") > times[0].astype("M8[M]")
        shift = np.timedelta64(1, "D") if is_last else np.timedelta64(0, "D")
        offset = times[-1] + shift - months[-1].astype(times.dtype)
        return tuple(
            _told((months[-1] + step * int(each)).astype(times.dtype) + offset - shift) for each in ahead
        )
    frequency = _frequency(times)
    if frequency is None:
        return ()
    import pandas as pd

    following = pd.date_range(times[-1], periods=int(ahead[-1]) + 1, freq=frequency).to_numpy()
    return tuple(_told(following[int(each)]) for each in ahead)


def _months(times: np.ndarray) -> np.ndarray | None:
    """The months of times that are all on one day of theirs, or all on the last; else None."""
    for each in (times, times + np.timedelta64(1, "D")):
        months = each.astype("datetime64[M]")
        offsets = each - months
        if (offsets == offsets[0]).all():
            return months
    return None


def _frequency(times: np.ndarray) -> Any:
    """The steps of a calendar that times go in, such as working days, as pandas calls them; None if none."""
    import pandas as pd

    if len(times) < 3:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that its answer will be of another type
        try:
            return pd.infer_freq(pd.DatetimeIndex(times))
        except ValueError:
            return None


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
