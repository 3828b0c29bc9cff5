"""A series as channels: columns of numbers in order of time; those that are known in advance run ahead."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets import timeline
from netlet.datasets.asked import Asked
from netlet.datasets.plain import Frame, plain_array
from netlet.errors import DataError, brief


def as_frame(series: Any, what: str) -> Frame:
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


def as_numbers(
    frame: Frame,
    what: str,
    path: Path | None,
    time: str | None,
    asked: Asked,
    notes: list[str],
    when: list[np.ndarray] | None = None,
    keep_empty: bool = False,
) -> Frame:
    """The columns of numbers, in order of time, those that are known included.

    Parameters
    ----------
    when
        Gets the times of the rows, if there are any.
    keep_empty
        Whether columns without any value are kept.
    """
    import pandas as pd

    from netlet.datasets.files.columns import is_number, refuse_infinite, with_numbers
    from netlet.datasets.files.features import by_name

    if len(set(map(str, frame.columns))) < len(frame.columns):
        twice = next(str(name) for name in frame.columns if list(frame.columns).count(name) > 1)
        raise DataError(f"{what} has two columns called {brief(twice)}: rename one of them", file=path)
    for setting, chosen in (("target", asked.targets), ("known", asked.known)):
        for each in chosen:
            if each not in frame.columns:
                told = ", ".join(frame.columns[:12])[:200]
                raise DataError(
                    f"{what} has no column {each!r}: choose from {told}", file=path, setting=setting
                )
    wanted = {*asked.targets, *asked.known, *(asked.features or ())}
    frame = timeline.in_order(frame, what, path, time, wanted, notes, when)
    frame = with_numbers(frame.reset_index(drop=True), what, path, notes)
    if asked.features is not None:
        more = [each for each in (*asked.targets, *asked.known) if not _is_among(each, asked.features)]
        made = by_name(frame, [*asked.features, *more], what, path)
        frame = pd.DataFrame({name: np.asarray(values, np.float64) for name, values in made.items()})
    for each in asked.known:
        if each in frame.columns and not is_number(frame[each]):
            place = list(frame.columns).index(each)
            made = by_name(frame, [each], what, path)
            rest = frame.drop(columns=[each])
            frame = pd.concat([rest.iloc[:, :place], pd.DataFrame(made), rest.iloc[:, place:]], axis=1)
    others = [name for name in frame.columns if not is_number(frame[name])]
    if others:
        notes.append(f"columns without numbers are left out: {', '.join(others)[:120]}")
        frame = frame.drop(columns=others)
    empty = [name for name in frame.columns if frame[name].isna().all()]
    if empty and not keep_empty:
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


def _is_among(column: str, features: tuple[str, ...]) -> bool:
    return any(each == column or each.startswith(f"{column}=") for each in features)


def targets_and_known(
    table: Frame, what: str, path: Path | None, asked: Asked, notes: list[str]
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
class Inputs:
    """The channels of all rows, float32 (rows, channels); those that run ahead come last."""

    rows: np.ndarray

    @classmethod
    def of(cls, table: Frame, known: list[str], asked: Asked, notes: list[str]) -> Inputs:
        """The channels of a table, gaps filled with the last value before them."""
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
