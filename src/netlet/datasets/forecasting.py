"""A series in time as windows and what follows them, its parts one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets import naive
from netlet.datasets.asked import Asked
from netlet.datasets.channels import Inputs, as_frame, as_numbers, targets_and_known
from netlet.datasets.dataset import Dataset
from netlet.errors import DataError

PARTS = {"training": (0.0, 0.6), "validation": (0.6, 0.8), "test": (0.8, 1.0)}
"""Shares of the rows, in time."""
MOST_NUMBERS = 1_000_000_000  # in all windows: 4 GB


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
    features: str | Sequence[str] | None = None,
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
    features : str or several, optional
        The columns that a network sees (several also as "a,b"), the targets and known ones besides; by
        default all of numbers.
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
    asked = Asked.of(window, horizon, stride, target, known, season, features)
    what = str(path) if path is not None else name
    told = list(notes)
    table = as_numbers(as_frame(series, what), what, path, time, asked, told)
    targets, columns = targets_and_known(table, what, path, asked, told)
    inputs = Inputs.of(table, columns, asked, told)
    values = table[targets].to_numpy(np.float64)
    parts, naive_ = _parts(inputs, values, what, path, targets, asked, told)
    chosen = {"task": "regression", "kind": "sequence", "per_step": False, "scale": "standard", **details}
    train, validation, test = parts
    dataset = Dataset(name, train, validation, test, notes=told, **chosen)
    dataset.naive = naive_
    dataset.feature_names = tuple(map(str, table.columns))
    dataset.reading = {
        "window": asked.window,
        "horizon": asked.horizon,
        "target": targets if len(targets) > 1 else targets[0],
        **({"known": list(asked.known)} if asked.known else {}),
        **({"time": time} if time is not None else {}),
    }
    return dataset


def _parts(
    inputs: Inputs,
    values: np.ndarray,
    what: str,
    path: Path | None,
    targets: list[str],
    asked: Asked,
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


def _season(values: np.ndarray, asked: Asked, target: str, what: str, notes: list[str]) -> int | None:
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
