"""A dataset of the archive's files: their series with labels or numbers, its test file for test."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from netlet.datasets.dataset import Dataset
from netlet.datasets.files.archive.arff import Arff, as_frame, as_series, read_arff
from netlet.datasets.files.archive.cases import Cases, filled
from netlet.datasets.files.archive.pairs import Pair
from netlet.datasets.files.archive.ts import read_ts
from netlet.datasets.files.archive.ucr import read_ucr
from netlet.datasets.files.drawing import dataset_name, drawn, readable
from netlet.errors import DataError

_LEAST = 5  # series, where all parts are drawn from them


def read_pair(pair: Pair, seed: int = 0, target: str | None = None, **details: Any) -> Dataset:
    """Read the files of a pair, or a single one.

    A fifth of the training file, of each class, becomes the validation split. Series of different length are
    padded and masked; missing values are put on the line between their neighbours.

    Parameters
    ----------
    pair : Pair
        See `find_pair`.
    seed : int
        Draws what is not given as a part.
    target : str, optional
        Of a table in an .arff file, the column to be learned; by default the last.
    **details
        Of `Dataset`: kind ("table" for an .arff file of numbers that are no steps), scale, task, class_names.

    Raises
    ------
    DataError
        If a file breaks its format; the message names file and line.
    """
    name, kind = dataset_name(pair.name), details.pop("kind", None)
    told = " and ".join(map(str, pair.paths))
    details = {"source": readable(f"series in {told}"), **details}
    found = read_arff(pair.train) if pair.train.suffix.lower() == ".arff" else None
    if found and (kind == "table" or not (kind == "sequence" or _is_series(found, pair))):
        return _table(pair, found, name, seed, target, details)
    for said, value in (("target", target), ("features", details.pop("features", None))):
        if value is not None:
            raise DataError(f"{pair.train} holds series with a label each: leave out {said}", setting=said)
    if kind not in (None, "sequence"):
        raise DataError(f"{pair.train} holds series: leave out kind={kind}", setting="kind")
    parts = [read_cases(path, found if path == pair.train else None) for path in pair.paths]
    notes = [*pair.notes, *(note for part in parts for note in part.notes)]
    return _dataset(name, parts, seed, list(dict.fromkeys(notes)), details)


def read_cases(path: Path, arff: Arff | None = None) -> Cases:
    """The series of a file; an .arff file may have been read already."""
    suffix = path.suffix.lower()
    if suffix == ".arff":
        found = as_series(arff or read_arff(path))
    else:
        found = read_ts(path) if suffix == ".ts" else read_ucr(path)
    if not found.series:
        raise DataError(f"{path} holds no series", file=path)
    return found


def _dataset(name: str, parts: list[Cases], seed: int, notes: list[str], details: dict[str, Any]) -> Dataset:
    train = parts[0]
    for part in parts[1:]:
        _check_alike(train, part)
    missing, series = 0, []
    for part in parts:
        each, count = filled(part)
        series.append(each)
        missing += count
    if missing:
        notes.append(f"{missing:,} missing values are put on the line between their neighbours")
    lengths = {len(one) for each in series for one in each}
    if len(lengths) > 1:
        notes.append(f"series of {min(lengths):,} to {max(lengths):,} steps are padded, and masked beyond")
    xs = [each if len(lengths) > 1 else np.stack(each) for each in series]
    chosen: dict[str, Any] = {"kind": "sequence", "per_step": False, "seed": seed}
    if train.is_regression:
        ys = [np.array(part.targets, dtype=np.float64) for part in parts]
        chosen["task"] = "regression"
    else:
        ys = [np.array(part.targets) for part in parts]
        classes = train.classes or _in_order(train.targets)
        chosen |= {"task": "binary" if len(classes) == 2 else "categorical", "class_names": classes}
        notes.append(f"classes: {', '.join(classes)}"[:200])
    chosen |= details
    if len(parts) > 1:
        return Dataset(name, (xs[0], ys[0]), None, (xs[1], ys[1]), notes=notes, **chosen)
    if len(ys[0]) < _LEAST:
        raise DataError(f"{train.path} holds {len(ys[0])} series, too few for three parts", file=train.path)
    labels = np.zeros(len(ys[0]), dtype=int) if train.is_regression else ys[0]
    splits = []
    for rows in drawn(labels, seed):
        x = [xs[0][row] for row in rows] if isinstance(xs[0], list) else xs[0][rows]
        splits.append((x, ys[0][rows]))
    return Dataset(name, splits[0], splits[1], splits[2], notes=notes, **chosen)


def _check_alike(train: Cases, test: Cases) -> None:
    """Refuse a test file that is of something else."""
    channels = train.series[0].shape[1], test.series[0].shape[1]
    if channels[0] != channels[1]:
        raise DataError(
            f"{test.path} has {channels[1]} channels, but {train.path.name} {channels[0]}", file=test.path
        )
    if train.is_regression != test.is_regression:
        raise DataError(f"{test.path} and {train.path.name} differ in what is learned", file=test.path)
    known = set(train.classes or train.targets)
    for label, line in zip(test.targets, test.lines, strict=True):
        if not train.is_regression and label not in known:
            raise DataError(
                f"{test.path}, line {line}: the label {label[:40]!r} is none of those in {train.path.name}",
                file=test.path,
                row=line,
            )


def _in_order(labels: list[str]) -> tuple[str, ...]:
    """Different labels, numbers by size."""
    different = set(labels)
    try:
        return tuple(sorted(different, key=float))
    except ValueError:
        return tuple(sorted(different))


def _is_series(found: Arff, pair: Pair) -> bool:
    """Whether rows are series: in a relation; or numbers whose names count the steps, as the archive's do."""
    if found.has_relation:
        return True
    steps = [each for each in found.attributes if each.kind == "number"]
    others = len(found.attributes) - len(steps)
    counted = [re.fullmatch(r"(.*?)(\d+)", each.name) for each in steps[: len(steps) - (not others)]]
    are_steps = len(counted) > 1 and all(counted) and len({match[1] for match in counted if match}) == 1
    return pair.is_named and others <= 1 and are_steps


def _table(
    pair: Pair, found: Arff, name: str, seed: int, target: str | None, details: dict[str, Any]
) -> Dataset:
    """A plain table; a test file becomes the test split."""
    import pandas as pd

    from netlet.datasets.files.tables import from_frame

    told = " and ".join(map(str, pair.paths))
    details["source"] = readable(f"table in {told}")
    notes, features = list(pair.notes), details.pop("features", None)
    table, held = as_frame(found), 0
    if pair.test is not None:
        test = as_frame(read_arff(pair.test))
        if set(test.columns) != set(table.columns):
            only = sorted(set(map(str, test.columns)) ^ set(map(str, table.columns)))
            raise DataError(
                f"{pair.test} and {pair.train.name} differ in their columns ({', '.join(only)[:100]})",
                file=pair.test,
            )
        held = len(test)
        table = pd.concat([table, test[list(table.columns)]], ignore_index=True)
    if pair.is_named:
        notes.append("rows are taken as those of a table; kind=sequence as series")
    return from_frame(table, name, seed, target, features, path=pair.train, notes=notes, held=held, **details)
