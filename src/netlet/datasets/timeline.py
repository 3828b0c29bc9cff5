"""The rows of a series in order of time, looked at for gaps; and the times that follow."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets.plain import Frame
from netlet.datasets.time_columns import found_times
from netlet.errors import DataError

_GROUPS = {"id", "group", "series", "unit", "item", "store", "sensor", "station", "device", "machine", "name"}
_GROUPS |= {"unique_id", "series_id", "item_id", "ticker", "symbol", "country", "product", "case", "subject"}
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
    used, times = found_times(frame, what, path, time, wanted, notes)
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
