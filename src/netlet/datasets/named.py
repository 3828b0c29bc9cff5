"""Columns and rows that have names, as pandas has them: brought to one order, or refused, never mixed up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netlet.datasets.plain import Frame
from netlet.datasets.ragged import Parts
from netlet.errors import DataError

_MOST_TOLD = 5  # names


def in_one_order(name: str, splits: dict[str, Parts]) -> dict[str, Parts]:
    """The splits with the columns of their tables in the order of those of training.

    Raises
    ------
    DataError
        If a split's table has other columns than that of training, or x and y have the same rows by name, but
        in different order.
    """
    inputs, targets = (column_names(part) for part in splits["training"][:2])
    aligned = {}
    for split, (x, y, mask) in splits.items():
        _check_rows(name, split, x, y)
        ordered = [
            by_name(f"{name}: {split}.{role}", part, wanted, may_have_more=False)
            for role, part, wanted in (("x", x, inputs), ("y", y, targets))
        ]
        aligned[split] = (*ordered, mask)
    return aligned


def column_names(values: Any) -> tuple[str, ...]:
    """Names of a table's columns; none if it is no table, or its columns are numbered."""
    names = list(values.columns) if hasattr(values, "columns") else []
    return tuple(names) if all(isinstance(each, str) for each in names) else ()


def by_name(what: str, values: Any, wanted: Sequence[str], may_have_more: bool = True) -> Any:
    """A table's columns as they are wanted; what has no names, or is asked for none, as it is.

    Parameters
    ----------
    may_have_more
        Whether columns that are not wanted are left out.

    Raises
    ------
    DataError
        If it lacks one of them, has one twice, or has others that it may not have.
    """
    names = column_names(values)
    if not wanted or not names or names == tuple(wanted):
        return values
    missing = [each for each in wanted if each not in names]
    others = [] if may_have_more else [each for each in names if each not in wanted]
    told = [f"lacks {_listed(missing)}"] * bool(missing) + [f"has {_listed(others)}"] * bool(others)
    if told:
        raise DataError(
            f"{what} {' and '.join(told)}, but the columns of training are {_listed(wanted)}: call them the "
            "same, or give arrays, x.to_numpy()"
        )
    if len(set(names)) < len(names):
        twice = next(each for each in names if names.count(each) > 1)
        raise DataError(f"{what} has two columns called {twice[:100]!r}: rename one of them")
    table: Frame = values
    return table[list(wanted)]


def _check_rows(name: str, split: str, x: Any, y: Any) -> None:
    """Refuse x and y whose rows have the same names in different order: they would be paired by place."""
    if not all(hasattr(part, "index") and hasattr(part, "iloc") for part in (x, y)):
        return
    ours, theirs = x.index, y.index
    if len(ours) != len(theirs) or ours.equals(theirs) or not (ours.is_unique and theirs.is_unique):
        return
    if ours.isin(theirs).all():
        raise DataError(
            f"{name}: {split}.x and {split}.y have the same rows by their index, but in different order: "
            "give y.loc[x.index], or both as arrays (to_numpy()) if they belong together as they are",
            split=split,
        )


def _listed(names: Sequence[str]) -> str:
    told = ", ".join(each[:40] for each in names[:_MOST_TOLD])
    return told + (f", ... ({len(names)})" if len(names) > _MOST_TOLD else "")
