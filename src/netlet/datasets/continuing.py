"""The end of a series as the input of a network that was trained on its windows: what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets import timeline
from netlet.datasets.asked import Asked
from netlet.datasets.channels import Inputs, as_frame, as_numbers, targets_and_known
from netlet.errors import DataError


@dataclass(frozen=True, eq=False)
class Continuation:
    """The last window of a series, and what a network's answer to it is of.

    Attributes
    ----------
    x : float32 ndarray, (1, window, channels)
    targets : tuple of str
        The columns that are forecast; answers are ordered by step, then by target.
    ahead : tuple of int
        How many rows after the last one each forecast step lies.
    times : tuple of str
        When that is; empty if rows have no even time.
    notes : tuple of str
        What was guessed.
    """

    x: np.ndarray
    targets: tuple[str, ...]
    ahead: tuple[int, ...]
    times: tuple[str, ...]
    notes: tuple[str, ...]


def continuation(
    series: Any,
    reading: Mapping[str, Any],
    features: Sequence[str],
    name: str = "your series",
    *,
    path: Path | None = None,
    notes: Sequence[str] = (),
) -> Continuation:
    """The input with which a network forecasts what follows a series.

    Parameters
    ----------
    series
        As `netlet.datasets.windows` takes it, with at least a window of rows. Of columns that are known in
        advance their values at the forecast steps are needed too: in rows below the last, whose targets are
        empty.
    reading, features
        A network's `reading` and `feature_names`.
    name, path, notes
        What errors call the series; for whoever has read a file.

    Raises
    ------
    DataError
        If there are too few rows, a column is missing, or one that is known in advance ends too early.
    """
    what, told = str(path) if path is not None else name, list(notes)
    asked = Asked.of(
        reading["window"],
        reading.get("horizon", 1),
        1,
        reading.get("target"),
        reading.get("known", ()),
        None,
        list(features),
    )
    frame = as_frame(series, what)
    when: list[np.ndarray] = []
    table = as_numbers(frame, what, path, reading.get("time"), asked, told, when, keep_empty=True)
    targets, known = targets_and_known(table, what, path, asked, told)
    has_target = ~table[targets].isna().all(axis=1).to_numpy()
    if not has_target.any():
        raise DataError(f"{what}: {targets[0]} has no value, but the forecast begins at its last", file=path)
    last = int(np.flatnonzero(has_target)[-1])
    lead = int(asked.ahead[-1])
    if last + 1 < asked.window:
        raise DataError(
            f"{what} has {last + 1:,} rows, but the network sees {asked.window}: give at least so many",
            file=path,
        )
    if known and len(table) < last + 1 + lead:
        raise DataError(
            f"{what}: the network knows {', '.join(asked.known)[:80]} {lead} rows in advance, but below the "
            f"last value of {targets[0][:60]} there are {len(table) - last - 1}: add rows with it, "
            f"{targets[0][:60]} left empty",
            file=path,
            setting="known",
        )
    if (future := len(table) - last - 1) and not known:
        told.append(
            f"the last {future:,} rows have no {targets[0]}: the forecast begins after row {last + 1:,}"
        )
    recent = table.iloc[max(0, last + 1 - 4 * asked.window) : last + 1 + lead]
    inputs = Inputs.of(recent, known, asked, told)
    end = last + 1 - max(0, last + 1 - 4 * asked.window)
    x = inputs.rows[end - asked.window : end]
    if np.isnan(x).any():
        column = int(np.flatnonzero(np.isnan(x).any(axis=0))[0])
        raise DataError(
            f"{what}: {[*table.columns, *known][column][:60]} has no value in the last {asked.window} rows "
            "or before them: fill it in",
            file=path,
        )
    times = timeline.continued(when[0][: last + 1], asked.ahead) if when else ()
    return Continuation(
        x[np.newaxis].copy(), tuple(targets), tuple(map(int, asked.ahead)), times, tuple(told)
    )
