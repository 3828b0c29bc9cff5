"""Class names: a network's own order, and how the classes of other data are matched with it by name."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.datasets import Dataset, Split
from netlet.errors import DataError

if TYPE_CHECKING:
    from netlet.network.network import Network


def check_names(names: Sequence[str], task: str, outputs: int | None) -> None:
    """Refuse names that are not one a class, or of a task without classes.

    Raises
    ------
    DataError
        If so.
    """
    if not names:
        return
    if task == "regression":
        raise DataError("class_names are given, but the task is regression, which has no classes")
    count = 2 if task == "binary" else outputs
    if len(names) != count or len(set(names)) != len(names):
        raise DataError(f"class_names are {', '.join(names)}, but must be {count} different names")


def order_of(
    given: Sequence[str], own: Sequence[str], name: str, may_lack: bool = False
) -> tuple[int, ...] | None:
    """Where each of a network's classes stands among those of other data; None if in the same order.

    Names are matched as they are, else without regard to capital letters.

    Parameters
    ----------
    given
        Class names of the data; empty if it has none.
    own
        The network's; empty if they are not known, and then the data's order is taken to be the network's.
    name
        What the data is called in an error.
    may_lack
        Whether the data may be without some of the network's classes: these have the place -1.

    Raises
    ------
    DataError
        If the data has other classes than the network.
    """
    if not given or not own or tuple(given) == tuple(own):
        return None
    for spelled in (str, str.casefold):
        theirs, ours = [spelled(each) for each in given], [spelled(each) for each in own]
        if len(set(theirs)) < len(theirs) or len(set(ours)) < len(ours):
            continue
        if set(theirs) == set(ours) or (may_lack and set(theirs) < set(ours)):
            order = tuple(theirs.index(each) if each in theirs else -1 for each in ours)
            return None if order == tuple(range(len(order))) else order
    raise DataError(
        f"{name} has the classes {_listed(given)}, but the network was trained on {_listed(own)}: give data "
        "with the same classes, called the same"
    )


def reordered(y: np.ndarray, order: tuple[int, ...] | None) -> np.ndarray:
    """Targets of a classification in the network's order of classes."""
    if order is None:
        return y
    if y.ndim == 1:
        return 1 - y
    return np.where(np.array(order) < 0, np.zeros(1, y.dtype), y[..., list(order)])


def in_order(dataset: Dataset, own: Sequence[str], may_lack: bool = False) -> Dataset:
    """A dataset with its classes in a network's own order, matched by name; itself, if they are in it.

    Raises
    ------
    DataError
        If the data has other classes than the network.
    """
    order = order_of(dataset.class_names, own, dataset.name, may_lack)
    if order is None:
        return dataset
    found = copy(dataset)
    for name in ("train", "validation", "test"):
        split = getattr(dataset, name)
        if split is not None:
            setattr(found, name, Split(split.x, reordered(split.y, order), split.mask))
    found.class_names = tuple(own)
    found.__dict__.pop("content_hash", None)
    return found


def as_split(network: Network, data: Any) -> Split:
    """A pair (x, y), or (x, y, mask), as a split in the form that a dataset of the network's would have.

    Raises
    ------
    DataError
        If it is no such pair, or a label is none of the network's classes.
    """
    from netlet.datasets.inputs import as_inputs
    from netlet.datasets.named import by_name, column_names
    from netlet.datasets.plain import plain_array

    if isinstance(data, (str, bytes)) or not isinstance(data, Sequence) or len(data) not in (2, 3):
        told = repr(data) if isinstance(data, (str, bytes)) else type(data).__name__
        raise DataError(
            f"evaluate takes a split such as data.validation, a dataset or a pair (x, y), not {told[:60]}"
        )
    x, y, *rest = data
    x, mask = as_inputs(
        x,
        kind=network.kind,
        input_shape=network.input_shape,
        integer_scale=network.integer_scale,
        features=network.feature_names,
        scaling=network.input_scaling,
        mask=rest[0] if rest else None,
    )
    columns, own = column_names(y), network.class_names
    if len(columns) > 1 and own and not _are_numbers(own):  # one-hot columns, whatever their order
        if set(columns) != set(own):
            raise DataError(
                f"y has the columns {_listed(columns)}, but the network's classes are {_listed(own)}"
            )
        y = by_name("y", y, own)
    targets = plain_array("y", y)
    if network.task == "regression":
        shape = network.architecture.shapes(x.shape[1:])[-1]
        try:
            targets = targets.astype(np.float32)
        except (TypeError, ValueError):
            raise DataError("y cannot be read as an array of numbers") from None
        if targets.ndim == len(shape):
            targets = targets[..., np.newaxis]
        return Split(x, targets, mask)
    return Split(x, _as_classes(network, targets), mask)


def _as_classes(network: Network, y: np.ndarray) -> np.ndarray:
    """Labels, 0/1 or one-hot rows as the network's targets."""
    last = network.architecture.shapes(network.input_shape)[-1]
    count = 2 if network.task == "binary" else int(last[-1] or 0)
    rank = 2 if network.task == "categorical" and len(last) == 2 else 1
    if y.ndim == rank + 1 and y.shape[-1] == 1:
        y = y[..., 0]
    if y.ndim == rank + 1 and y.shape[-1] == count:
        hot = y.astype(np.float32)
        if not (np.isin(hot, (0, 1)).all() and (hot.sum(axis=-1) == 1).all()):
            raise DataError("y has rows that are not one-hot: one 1, all else 0")
        places = hot.argmax(axis=-1)
    elif y.ndim == rank:
        places = _places(network, y, count)
    else:
        raise DataError(f"y has shape {y.shape}, but must be one label each, or one-hot rows of {count}")
    if network.task == "binary":
        return places.astype(np.float32)
    return np.eye(count, dtype=np.float32)[places]


def _places(network: Network, y: np.ndarray, count: int) -> np.ndarray:
    """Labels by name, or else by number, as places among the network's classes."""
    names = {name: place for place, name in enumerate(network.class_names)}
    if y.dtype.kind == "b" and names.keys().isdisjoint(("False", "True")):
        y = y.astype(int)
    labels, inverse = np.unique(y.astype(str) if y.dtype.kind == "O" else y, return_inverse=True)
    told = [f"{each:g}" if isinstance(each, np.floating) else str(_text(each)) for each in labels]
    if all(each in names for each in told):
        found = [names[each] for each in told]
    elif (
        labels.dtype.kind in "biuf"
        and all(0 <= each < count and each == int(each) for each in labels)
        and not _are_numbers(network.class_names)  # of these, 1 is the class called so, or none
    ):
        found = [int(each) for each in labels]
    else:
        unknown = next((each for each in told if each not in names), told[0])
        known = _listed(network.class_names or [str(each) for each in range(count)])
        raise DataError(f"y has the label {unknown[:40]!r}, but the network's classes are {known}")
    return np.asarray(found, dtype=np.int64)[inverse].reshape(y.shape)


def _are_numbers(names: Sequence[str]) -> bool:
    return bool(names) and all(each.lstrip("-").isdecimal() for each in names)


def _text(label: Any) -> Any:
    return label.decode("utf-8", "replace") if isinstance(label, bytes) else label


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:12])
    return shown if len(names) <= 12 else f"{shown}, ... ({len(names)})"
