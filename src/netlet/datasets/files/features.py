"""Columns of a table by name, as a network takes them: numbers, and a channel of 0 and 1 for each word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from netlet.datasets.files.columns import MOST_CATEGORIES, as_channels, is_number, is_text, words
from netlet.datasets.plain import Column, Frame
from netlet.errors import DataError, brief


def names_of(features: str | Sequence[str] | None, columns: Sequence[str]) -> list[str] | None:
    """What was asked for, as a list without doubles: text may name one column, or several with commas."""
    if features is None or (isinstance(features, str) and features in columns):
        return None if features is None else [features]
    several = features.split(",") if isinstance(features, str) else features
    return list(dict.fromkeys(each.strip() if isinstance(features, str) else str(each) for each in several))


def by_name(frame: Frame, features: Sequence[str], what: str, path: Path | None) -> dict[str, np.ndarray]:
    """The channels that are asked for, in that order, NaN in their gaps.

    Parameters
    ----------
    frame
        Its texts that are meant as numbers are numbers already.
    features
        Names of columns, one of words for all its channels; or of one channel, column=word.
    what, path
        What errors call the table, and its file.

    Raises
    ------
    DataError
        If there is no such column, it holds something else, or a word for which there is no channel.
    """
    found: dict[str, np.ndarray] = {}
    channels: dict[str, list[str]] = {}
    for feature in features:
        if feature in frame.columns:
            found |= _whole(frame[feature], feature, what, path)
            continue
        column = _column_of(feature, frame)
        if column is None:
            told = ", ".join(map(str, frame.columns[:12]))[:150]
            raise DataError(
                f"{what} has no column {feature[:100]}, which the network takes: its header has {told}",
                file=path,
                setting="features",
            )
        channels.setdefault(column, []).append(feature[len(column) + 1 :])
        found[feature] = np.empty(0)  # its place
    for column, known in channels.items():
        codes, texts = _as_words(frame[column])
        used = np.bincount(codes[codes >= 0], minlength=len(texts)) > 0
        unknown = [text for text, is_used in zip(texts, used, strict=True) if is_used and text not in known]
        if unknown:
            row = int(np.flatnonzero(codes == texts.index(unknown[0]))[0])
            raise DataError(
                f"{what}: {column[:60]} is {brief(unknown[0][:40])} in row {row + 1}, but the network "
                f"knows only {', '.join(known)[:150]}: leave such rows out, or train with them",
                file=path,
                row=row,
            )
        made = as_channels(column, codes, texts)
        for word in known:
            name = f"{column}={word}"
            found[name] = made.get(name, np.where(codes < 0, np.nan, 0).astype(np.float32))
    return found


def _column_of(feature: str, frame: Frame) -> str | None:
    """The column of words that a channel is of."""
    places = [place for place, sign in enumerate(feature) if sign == "="]
    return next((feature[:place] for place in places if feature[:place] in frame.columns), None)


def _whole(column: Column, name: str, what: str, path: Path | None) -> dict[str, np.ndarray]:
    """A column of numbers as it is, one of words as its channels."""
    if is_number(column):
        values = column.to_numpy()
        return {name: values if values.dtype.kind in "biuf" else column.to_numpy(np.float64, na_value=np.nan)}
    codes, texts = words(column) if is_text(column) else (np.empty(0), [])
    if not texts or len(texts) > MOST_CATEGORIES:
        held = f"{len(texts):,} different words" if texts else "neither numbers nor words"
        raise DataError(
            f"{what}: column {name[:60]} holds {held}, but must hold numbers, or at most "
            f"{MOST_CATEGORIES} words",
            file=path,
            setting="features",
        )
    return as_channels(name, codes, texts)


def _as_words(column: Column) -> tuple[np.ndarray, list[str]]:
    """A column as words, whatever it holds: 5 may be one of them."""
    if is_text(column):
        return words(column)
    values = column.to_numpy()
    gaps = np.asarray(column.isna(), dtype=bool)
    told = [f"{each:.15g}" if isinstance(each, float) else str(each) for each in values[~gaps].tolist()]
    texts = sorted(set(told))
    places = {text: place for place, text in enumerate(texts)}
    codes = np.full(len(values), -1)
    codes[~gaps] = [places[each] for each in told]
    return codes, texts
