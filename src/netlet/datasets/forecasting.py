"""A series in time as windows and what follows them, its parts one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets import naive, timeline
from netlet.datasets.dataset import Dataset
from netlet.datasets.plain import Column, Frame, plain_array
from netlet.errors import DataError

PARTS = {"training": (0.0, 0.6), "validation": (0.6, 0.8), "test": (0.8, 1.0)}
"""Shares of the rows, in time."""
MOST_NUMBERS = 1_000_000_000  # in all windows: 4 GB
MOST_CATEGORIES = 32  # of a known column of text


def windows(
    series: Any,
    window: int,
    horizon: int | Sequence[int] | str = 1,
    stride: int = 1,
    target: str | Sequence[str] | None = None,
    known: str | Sequence[str] = (),
    time: str | None = None,
    season: int | None = None,
    name: str = "your series",
    *,
    path: Path | None = None,
    notes: Sequence[str] = (),
    **details: Any,
) -> Dataset:
    """A dataset that learns to forecast a series from what came before.

    The first three fifths of the rows are for training, the next fifth for validation, the last for test; no
    window reaches, nor does what it forecasts, into another part. Gaps in the inputs take the last value
    before them, so that no window knows what follows it; windows whose own target is missing are left out.

    Parameters
    ----------
    series : DataFrame, Series, or array (rows,) or (rows, channels)
        A row a step. Rows are put in order of time, where a column or the index says it.
    window : int
        How many rows a network sees.
    horizon : int, or several, or text such as "1,6,12"
        How many of the values that follow a window are forecast; or, if several are given, how many rows
        after it each lies.
    stride : int
        How many rows lie between the starts of two windows.
    target : str or several, optional
        The columns to forecast (several also as "a,b"), by default the last. Outputs are ordered by step,
        then by target.
    known : str or several
        Columns that are known in advance, such as those of a calendar: their values at the steps that are
        forecast are inputs too. Each is a further channel, which runs as many rows ahead of the window as is
        forecast. Text becomes a channel of 0 and 1 for each of its values.
    time : str, optional
        The column of time, if it is not recognised.
    season : int, optional
        The period, in rows, of the seasonal naive forecast, 0 for none; by default that of the first
        target's autocorrelation over the training rows.
    name
        Of the dataset.
    path, notes
        For whoever has read a file: which, and what was guessed.
    **details
        Of `Dataset`: scale, source, training.

    Returns
    -------
    Dataset
        Its `naive` says how good naive forecasts are.

    Raises
    ------
    DataError
        If there is no such column, a number is impossible, or there are too few rows.
    """
    asked = _Asked.of(window, horizon, stride, target, known, season)
    what = str(path) if path is not None else name
    told = list(notes)
    table = _numbers(_frame(series, what), what, path, time, asked, told)
    targets, columns = _columns(table, what, path, asked, told)
    inputs = _Inputs.of(table, columns, asked, told)
    values = table[targets].to_numpy(np.float64)
    parts, naive_ = _parts(inputs, values, what, path, targets, asked, told)
    chosen = {"task": "regression", "kind": "sequence", "per_step": False, "scale": "standard", **details}
    train, validation, test = parts
    dataset = Dataset(name, train, validation, test, notes=told, **chosen)
    dataset.naive = naive_
    return dataset


@dataclass(frozen=True)
class _Asked:
    """What was asked for, checked."""

    window: int
    ahead: np.ndarray
    stride: int
    targets: tuple[str, ...]
    known: tuple[str, ...]
    season: int | None

    @classmethod
    def of(cls, window: Any, horizon: Any, stride: Any, target: Any, known: Any, season: Any) -> _Asked:
        _check("window", window)
        _check("stride", stride)
        ahead = _ahead(horizon)
        if season is not None:
            _check("season", season, least=0)
            if season == 1:
                raise DataError(
                    "season is 1, but must be 0 for none, or at least 2 rows; 1 is the last value",
                    setting="season",
                )
        names = _names(known)
        if names and ahead[-1] > window:
            raise DataError(
                f"known columns run {ahead[-1]} rows ahead, so the window must have at least as many, but "
                f"has {window}: take a longer window, or leave known out",
                setting="window",
            )
        return cls(int(window), ahead, int(stride), _names(target), names, season)


def _check(name: str, value: Any, least: int = 1) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise DataError(f"{name} is {value!r}, but must be a whole number of at least {least}", setting=name)


def _ahead(horizon: Any) -> np.ndarray:
    """The steps that are forecast, in order, 1 being the next."""
    if isinstance(horizon, str):
        parts = [part.strip() for part in horizon.split(",")]
        if not all(part.isdecimal() and len(part) < 10 for part in parts):
            raise DataError(
                f"horizon is {horizon!r}, but must be a whole number, or several such as 1,6,12",
                setting="horizon",
            )
        horizon = [int(part) for part in parts] if len(parts) > 1 else int(parts[0])
    if not isinstance(horizon, Sequence | np.ndarray):
        _check("horizon", horizon)
        return np.arange(1, int(horizon) + 1)
    for each in horizon:
        _check("horizon", each)
    steps = np.array(sorted({int(each) for each in horizon}))
    if not len(steps) or len(steps) != len(horizon):
        raise DataError("horizon must name different steps, such as 1,6,12", setting="horizon")
    return steps


def _names(given: Any) -> tuple[str, ...]:
    if given is None:
        return ()
    if isinstance(given, str):
        return tuple(dict.fromkeys(part.strip() for part in given.split(",") if part.strip()))
    return tuple(dict.fromkeys(str(each) for each in given))


def _frame(series: Any, what: str) -> Frame:
    """Whatever holds a series, as a frame."""
    import pandas as pd

    if isinstance(series, pd.DataFrame):
        frame = series.copy(deep=False)
        frame.columns = [str(name) for name in frame.columns]
        return frame
    if isinstance(series, pd.Series):
        return series.to_frame(str(series.name) if series.name is not None else "value")
    array = plain_array(what, series)
    if array.ndim == 1:
        return pd.DataFrame({"value": array})
    if array.ndim != 2:
        raise DataError(f"{what} has shape {array.shape}, but a series is (rows,) or (rows, channels)")
    return pd.DataFrame(array, columns=[f"{place + 1}" for place in range(array.shape[1])])


def _numbers(
    frame: Frame, what: str, path: Path | None, time: str | None, asked: _Asked, notes: list[str]
) -> Frame:
    """The columns of numbers, in order of time, those that are known included."""
    import pandas as pd

    from netlet.datasets.files.frames import refuse_infinite, with_numbers

    for setting, chosen in (("target", asked.targets), ("known", asked.known)):
        for each in chosen:
            if each not in frame.columns:
                told = ", ".join(frame.columns[:12])[:200]
                raise DataError(
                    f"{what} has no column {each!r}: choose from {told}", file=path, setting=setting
                )
    frame = timeline.in_order(frame, what, path, time, {*asked.targets, *asked.known}, notes)
    frame = with_numbers(frame.reset_index(drop=True), what, path, notes)
    for each in asked.known:
        if not _is_number(frame[each]):
            frame = _as_channels(frame, each, what, path)
    others = [name for name in frame.columns if not _is_number(frame[name])]
    if others:
        notes.append(f"columns without numbers are left out: {', '.join(others)[:120]}")
        frame = frame.drop(columns=others)
    empty = [name for name in frame.columns if frame[name].isna().all()]
    if empty:
        notes.append(f"columns without any value are left out: {', '.join(empty)[:120]}")
        frame = frame.drop(columns=empty)
    for each in asked.targets:
        if each not in frame.columns:
            raise DataError(f"{what}: column {each} holds no numbers: choose another target", file=path)
    if not len(frame.columns):
        raise DataError(f"{what} has no column of numbers: a series needs one", file=path)
    refuse_infinite(frame, what, path)
    return frame.astype(
        {name: np.float64 for name in frame.columns if pd.api.types.is_extension_array_dtype(frame[name])}
    )


def _is_number(column: Column) -> bool:
    import pandas as pd

    return pd.api.types.is_numeric_dtype(column.dtype) and column.dtype.kind != "c"


def _as_channels(frame: Frame, name: str, what: str, path: Path | None) -> Frame:
    """A known column of text as a column of 0 and 1 for each of its values."""
    import pandas as pd

    values = frame[name].astype("string")
    categories = sorted(values.dropna().unique())
    if len(categories) > MOST_CATEGORIES:
        raise DataError(
            f"{what}: the known column {name} holds {len(categories):,} different texts, but at most "
            f"{MOST_CATEGORIES} can be told apart: give numbers",
            file=path,
            setting="known",
        )
    made = {
        f"{name}={each}": (values == each).fillna(False).to_numpy(np.float64)
        for each in (categories[1:] if len(categories) == 2 else categories)
    }
    place = list(frame.columns).index(name)
    rest = frame.drop(columns=[name])
    return pd.concat([rest.iloc[:, :place], pd.DataFrame(made), rest.iloc[:, place:]], axis=1)


def _columns(
    table: Frame, what: str, path: Path | None, asked: _Asked, notes: list[str]
) -> tuple[list[str], list[str]]:
    """The targets; and the columns that are known in advance, as they are called in the table."""
    known = [
        column
        for column in table.columns
        if any(column == each or column.startswith(f"{each}=") for each in asked.known)
    ]
    if asked.targets:
        targets = list(asked.targets)
    else:
        choice = [column for column in table.columns if column not in known]
        if not choice:
            raise DataError(f"{what} has no column to forecast: every one is known in advance", file=path)
        targets = choice[-1:]
        if len(choice) > 1:
            notes.append(f"target: {targets[0]}, the last column of numbers; target= says otherwise")
    if both := [each for each in targets if each in known]:
        raise DataError(f"{both[0]} is both a target and known in advance: choose one", setting="known")
    return targets, known


@dataclass(frozen=True)
class _Inputs:
    """The channels of all rows, float32 (rows, channels); those that run ahead come last."""

    rows: np.ndarray

    @classmethod
    def of(cls, table: Frame, known: list[str], asked: _Asked, notes: list[str]) -> _Inputs:
        missing = int(table.isna().sum().sum())
        if missing:
            notes.append(f"{missing:,} missing values take the last value before them")
            table = table.ffill()
        lead = int(asked.ahead[-1])
        rows = np.empty((len(table), len(table.columns) + len(known)), dtype=np.float32)
        for place, column in enumerate(table.columns):
            rows[:, place] = table[column].to_numpy(np.float64)
        for place, column in enumerate(known, start=len(table.columns)):
            rows[:-lead, place] = table[column].to_numpy(np.float64)[lead:]
            rows[-lead:, place] = np.nan
        channels = [*table.columns, *(f"{column} ({lead} ahead)" for column in known)]
        if len(channels) > 1:
            notes.append(f"channels: {', '.join(channels)[:200]}")
        return cls(rows)

    def windows(self, starts: np.ndarray, length: int) -> np.ndarray:
        """(n, length, channels), float32, nobody else's."""
        seen = np.lib.stride_tricks.sliding_window_view(self.rows, length, axis=0)
        x = np.empty((len(starts), length, self.rows.shape[1]), dtype=np.float32)
        step = 65_536  # so that indexing makes no second copy of all
        for place in range(0, len(starts), step):
            x[place : place + step] = seen[starts[place : place + step]].swapaxes(1, 2)
        x.setflags(write=False)  # a dataset need not copy what nobody can change
        return x


def _parts(
    inputs: _Inputs,
    values: np.ndarray,
    what: str,
    path: Path | None,
    targets: list[str],
    asked: _Asked,
    notes: list[str],
) -> tuple[list[tuple[np.ndarray, np.ndarray]], Mapping[str, Any]]:
    """Inputs and targets of each part, and how good naive forecasts are on it."""
    count = len(np.trim_zeros((~np.isnan(values).all(axis=1)).astype(int), "b"))
    if count < len(values):
        notes.append(f"the last {len(values) - count:,} rows have no target: there is nothing to learn of")
    ends = {part: (round(a * count), round(b * count)) for part, (a, b) in PARTS.items()}
    filled = _filled(values)
    season = _season(filled[: ends["training"][1], 0], asked, targets[0], what, notes)
    reach = asked.window + int(asked.ahead[-1])
    parts, found, left_out = [], {}, 0
    for part, (start, end) in ends.items():
        starts = np.arange(start, end - reach + 1, asked.stride)
        y = np.empty((len(starts), len(asked.ahead), len(targets)), dtype=np.float32)
        for place, ahead in enumerate(asked.ahead):
            y[:, place] = values[starts + (asked.window - 1 + ahead)]
        y = y.reshape(len(starts), len(asked.ahead) * len(targets))
        whole = ~np.isnan(y).any(axis=1)
        if len(starts):
            gaps = np.isnan(inputs.rows[start:end]).any(axis=1)
            before = np.concatenate([[0], np.cumsum(gaps)])
            whole &= before[starts - start + asked.window] == before[starts - start]
        left_out += int((~whole).sum())
        if not whole.all():
            starts, y = starts[whole], y[whole]
        if not len(starts):
            raise DataError(
                f"{what}: {part} has {end - start:,} rows, too few for a window of {asked.window} and a "
                f"horizon of {asked.ahead[-1]}" + (" without gaps" if left_out else "") + ": take less",
                file=path,
                split=part,
            )
        if len(starts) * asked.window * inputs.rows.shape[1] > MOST_NUMBERS:
            raise DataError(
                f"{what}: {len(starts):,} windows of {asked.window} rows hold more than {MOST_NUMBERS:,} "
                "numbers: take a larger stride",
                file=path,
                setting="stride",
            )
        if part != "training":
            answers = naive.forecasts(filled, starts + asked.window - 1, asked.ahead, season)
            for each, answer in answers.items():
                found.setdefault(each, {})[part] = naive.measured(y, answer)
        y = np.array(y)  # an array of its own, which nobody can change, need not be copied again
        y.setflags(write=False)
        parts.append((inputs.windows(starts, asked.window), y))
    if left_out:
        notes.append(f"{left_out:,} windows are left out, because values in them are missing")
    steps = [f"{name} +{step}" for step in asked.ahead for name in targets]
    shown = ", ".join(steps[:6]) + (f", ... {steps[-1]}" if len(steps) > 6 else "")
    notes.append(
        f"windows of {asked.window} rows forecast {shown}; training before validation before test, no row "
        "in two of them"
    )
    notes.extend(naive.remarks(found))
    return parts, found


def _filled(values: np.ndarray) -> np.ndarray:
    """Targets with the last value before them in their gaps."""
    if not np.isnan(values).any():
        return values
    rows = np.where(np.isnan(values), 0, np.arange(len(values))[:, np.newaxis])
    return np.take_along_axis(values, np.maximum.accumulate(rows, axis=0), axis=0)


def _season(values: np.ndarray, asked: _Asked, target: str, what: str, notes: list[str]) -> int | None:
    """The period of the seasonal naive forecast: as asked for, or as the training rows show it."""
    if asked.season is not None:
        if asked.season >= len(values):
            raise DataError(
                f"season is {asked.season}, but {what} has {len(values):,} training rows: take less",
                setting="season",
            )
        return asked.season or None
    values = values[~np.isnan(values)]
    season = naive.period(values)
    if season is None:
        notes.append(f"{target} shows no season: season= says one")
    else:
        notes.append(
            f"season: {season} rows, from the autocorrelation of {target} over the training part; season= "
            "says otherwise"
        )
    return season
