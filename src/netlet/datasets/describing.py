"""What is worth saying of a dataset in a few lines: what was recognised, and what looks wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from netlet.datasets.dataset import Dataset
from netlet.datasets.given import as_dataset
from netlet.datasets.shuffled import shuffled_labels


def describe(dataset: Any) -> list[str]:
    """What a dataset is, what was guessed, and what looks wrong, a line each.

    Parameters
    ----------
    dataset
        A `Dataset`, or what `netlet.train` takes for one.

    Returns
    -------
    list of str
        First what `repr` says; then classes, scalings and notes; then warnings: constant inputs, samples in
        more than one split, labels that look shuffled against another split.
    """
    dataset = as_dataset(dataset)
    lines = [repr(dataset), *_classes(dataset), *dataset.notes]
    train = dataset.train.x
    if (train == train[:1]).all():
        lines.append("warning: all training inputs are equal, so nothing can be learned from them")
    elif constant := _constant(dataset):
        told = ", ".join(map(str, constant[:8])) + (", ..." if len(constant) > 8 else "")
        one = "feature" if dataset.kind == "table" else "channel"
        lines.append(
            f"warning: {one}s that are the same in all training samples: {len(constant)} of "
            f"{dataset.input_shape[-1]} ({told}, counted from 0)"
        )
    seen: dict[str, set[int]] = {}
    for split_name, split in dataset.present.items():
        own = list(_samples(split.x))
        for other, samples in seen.items():
            if twice := sum(each in samples for each in own):
                told = f"{twice:,} of {len(split):,} {split_name} samples are in {other} as well"
                lines.append(f"warning: {told}")
        seen[split_name] = set(own)
    return lines + shuffled_labels(dataset)


def _classes(dataset: Dataset) -> list[str]:
    """The share of the largest class, and classes that a split lacks."""
    if dataset.task == "regression":
        return []
    lines = []
    for split_name, split in dataset.present.items():
        if dataset.task == "binary":
            counts = np.array([(split.y == 0).sum(), (split.y == 1).sum()])
        else:
            hot = split.y if split.mask is None or split.y.ndim < 3 else split.y[split.mask]
            counts = hot.reshape(-1, dataset.outputs).sum(axis=0)
        most = int(counts.argmax())
        told = f"{split_name}: largest class {dataset.class_names[most]}, {counts[most] / counts.sum():.1%}"
        missing = [dataset.class_names[place] for place in np.flatnonzero(counts == 0)]
        lines.append(told + (f"; none of {', '.join(missing[:5])}" if missing else ""))
    return lines


def _constant(dataset: Dataset) -> list[int]:
    """Features or channels that never change; of images none is looked for."""
    if dataset.kind == "image" or dataset.input_shape[-1] < 2:
        return []
    x, mask = dataset.train.x, dataset.train.mask
    values = x.reshape(-1, x.shape[-1]) if mask is None else x[mask]
    return np.flatnonzero(values.min(axis=0) == values.max(axis=0)).tolist()


def _samples(x: np.ndarray) -> Iterator[int]:
    """A number of 64 bits for every sample, the same for the same: they need not all be kept twice."""
    return (hash(row.tobytes()) for row in x)
