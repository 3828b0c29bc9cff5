"""`netlet evaluate`: how good a saved network is on data."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlet.cli.data import DataDir
from netlet.cli.data_options import load_for, with_data

if TYPE_CHECKING:
    from netlet.datasets import Dataset, Split

ALL = "all"
"""All splits together."""


@with_data()
def evaluate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What netlet train --save has written.")],
    dataset: Annotated[str, typer.Argument(metavar="DATA", help="Name of a dataset, or a path.")],
    data: DataDir = None,
    data_seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="What splits are drawn from, or generated data is.",
            show_default="that of the training, if this is what it was trained on",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: by split, then by metric.")] = False,
) -> None:
    """Measure a network on every split of a dataset, and on all of them together.

    Classes are matched with the network's by name; the share of the most frequent one stands beside.
    """
    from netlet import metrics
    from netlet.datasets import naive
    from netlet.errors import DataError
    from netlet.metrics import json_number
    from netlet.network import classes, load_network
    from netlet.paths import expanded
    from netlet.tables import Table

    file = expanded(file)
    network = load_network(file)
    read = load_for(network, context, dataset, data, data_seed)
    if (len(read.input_shape), read.task) != (len(network.input_shape), network.task):
        raise DataError(
            f"{file} was trained for {network.task} on inputs {network.input_shape}, but {read.name} is "
            f"{read.task} on {read.input_shape}: give data of the same kind"
        )
    read = classes.in_order(read, network.class_names, may_lack=True)
    splits = dict(read.present)
    if len(splits) > 1:
        splits[ALL] = _together(read)
    found: dict[str, dict[str, Any]] = {name: dict(network.evaluate(split)) for name, split in splits.items()}
    for name, split in splits.items():
        if network.task != "regression":
            found[name]["majority_share"] = metrics.majority_share(network.task, split.y, split.mask)
        found[name]["examples"] = len(split)
    beside = naive.as_dict(read.naive)
    if as_json:
        plain = {
            name: {metric: json_number(value) for metric, value in values.items()}
            for name, values in found.items()
        }
        typer.echo(json_.dumps(plain | ({"naive": beside} if beside else {}), indent=1))
        return
    rows = [
        [metric.replace("_", " "), *(_told(metric, found[name][metric]) for name in splits)]
        for metric in next(iter(found.values()))
    ]
    metric = metrics.METRICS[network.task][0]
    remarks = naive.remarks(read.naive, {name: found[name][metric] for name in splits})
    typer.echo(str(Table(["", *splits], rows, f"{network.architecture} on {read.name}", remarks)))


def _told(metric: str, value: float | None) -> str:
    from netlet.metrics import as_text

    return f"{value:,}" if metric == "examples" else as_text(value, "-")


def _together(dataset: Dataset) -> Split:
    """All splits as one."""
    import numpy as np

    from netlet.datasets import Split

    parts = list(dataset.present.values())
    mask = None
    if any(part.mask is not None for part in parts):
        whole = [np.ones(part.x.shape[:2], dtype=bool) if part.mask is None else part.mask for part in parts]
        mask = np.concatenate(whole)
    return Split(np.concatenate([part.x for part in parts]), np.concatenate([part.y for part in parts]), mask)
