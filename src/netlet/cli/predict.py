"""`netlet predict`: what a saved network answers for images, tables and series of one's own."""

from __future__ import annotations

import csv
import json as json_
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlet.cli.data_options import OF_IMAGES, errors_as_options, said, with_data
from netlet.data_options import FOLDER, checked, spelling

if TYPE_CHECKING:
    import numpy as np

    from netlet.datasets.continuing import Continuation
    from netlet.datasets.files.unlabelled import Inputs
    from netlet.network import Network


@with_data(*OF_IMAGES)
def predict(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What netlet train --save has written.")],
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Images, folders of images, CSV files (a row a sample; of sequences a row a step), "
            ".npy, .npz; - reads CSV or JSON from standard input.",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: an object a sample.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV: a line a sample (or step).")] = False,
) -> None:
    """Print what a network answers: classes with their probabilities, or numbers in the data's own units."""
    from netlet.errors import DataError
    from netlet.network import load_network
    from netlet.paths import expanded

    if as_json and as_csv:
        raise DataError("--json and --csv are given: choose one of them")
    network = load_network(expanded(file))
    reading = {**network.reading, **_ways(network, said(context))}
    read = [_read(network, each, reading) for each in inputs]
    answered = [(one, network.predict(_pixels(network, one))) for one in read]
    for note in dict.fromkeys(note for one in read for note in one.notes):
        typer.echo(note, err=True)
    rows = [
        (name, answer, one.forecast)
        for one, answers in answered
        for name, answer in zip(one.names, answers, strict=True)
    ]
    if as_json:
        typer.echo(json_.dumps([_as_object(network, *row) for row in rows], ensure_ascii=False, indent=1))
        return
    is_forecast = all(forecast is not None for *_, forecast in rows)
    lines = (
        _as_steps(rows) if is_forecast else _as_lines(network, [(name, answer) for name, answer, _ in rows])
    )
    if as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows(lines)
    else:
        _print(lines, 3 if is_forecast else 1 if network.task == "regression" else 2)


def _ways(network: Network, given: dict[str, Any]) -> dict[str, Any]:
    """What was said of images, checked."""
    from netlet.errors import DataError

    if not given:
        return {}
    if network.kind != "image":
        told = " and ".join(map(spelling, given))
        raise DataError(f"{told}: only for images, but the network takes a {network.kind}: leave it out")
    with errors_as_options():
        values = checked("", FOLDER, {"size": network.input_shape[:2], **given})
    return {name: values[name] for name in given}


def _read(network: Network, source: str, reading: dict[str, Any]) -> Inputs:
    from netlet.datasets.files.unlabelled import read_inputs
    from netlet.paths import expanded

    features = network.feature_names
    if source == "-":
        shape, text = network.input_shape, sys.stdin.read()
        return read_inputs("standard input", network.kind, shape, text, features=features)
    path = expanded(Path(source))
    return read_inputs(path, network.kind, network.input_shape, reading=reading, features=features)


def _pixels(network: Network, inputs: Inputs) -> np.ndarray:
    """The inputs; pixels of files in what the network's training had, those of arrays as they are."""
    import numpy as np

    from netlet.errors import DataError

    x, scaling = inputs.x, network.input_scaling
    if network.kind != "image" or x.dtype.kind not in "iu" or network.integer_scale not in (1, 255, 65535):
        return x
    if inputs.white is None and (scaling is not None or network.integer_scale != 1):
        return x
    shares = x.astype(np.float32) / np.float32(inputs.white or 255)
    if scaling is None or network.integer_scale != 1:
        return shares
    if any(scaling.offset):
        raise DataError(
            "the network was trained on pixels that go below 0, and does not know which is white: give "
            "an array of such numbers (.npy) in the place of image files"
        )
    return shares * np.asarray(scaling.scale, np.float32)


def _of_classes(network: Network, answer: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the classes, and probabilities (classes,) or (steps, classes)."""
    import numpy as np

    shares = np.array([1 - answer, answer]) if network.task == "binary" else answer
    return network.class_names or tuple(map(str, range(shares.shape[-1]))), shares


def _as_object(
    network: Network, name: str, answer: np.ndarray, forecast: Continuation | None
) -> dict[str, Any]:
    if forecast is not None:
        steps = answer.reshape(len(forecast.ahead), -1).astype(float)
        told = [
            {
                "ahead": ahead,
                **({"time": time} if time else {}),
                **dict(zip(forecast.targets, row, strict=True)),
            }
            for ahead, time, row in zip(forecast.ahead, _times(forecast), steps.tolist(), strict=True)
        ]
        return {"input": name, "prediction": answer.astype(float).tolist(), "forecast": told}
    if network.task == "regression":
        return {"input": name, "prediction": answer.astype(float).tolist()}
    names, shares = _of_classes(network, answer)
    best = shares.argmax(axis=-1)
    told = names[int(best)] if shares.ndim == 1 else [names[k] for k in best]
    by_name = {each: shares[..., k].astype(float).tolist() for k, each in enumerate(names)}
    return {"input": name, "class": told, "probabilities": by_name}


def _times(forecast: Continuation) -> tuple[str, ...]:
    return forecast.times or ("",) * len(forecast.ahead)


def _as_steps(rows: list[tuple[str, np.ndarray, Any]]) -> Iterator[list[Any]]:
    """A head, then a line for each step that is forecast."""
    for place, (name, answer, forecast) in enumerate(rows):
        if place == 0:
            yield ["input", "ahead", "time", *forecast.targets]
        steps = answer.reshape(len(forecast.ahead), -1)
        for ahead, time, values in zip(forecast.ahead, _times(forecast), steps, strict=True):
            yield [name, ahead, time, *map(_full, values)]


def _as_lines(network: Network, rows: list[tuple[str, np.ndarray]]) -> Iterator[list[Any]]:
    """A head, then a line a sample, or a step of it, of names and full numbers."""
    import numpy as np

    per_step = bool(rows) and rows[0][1].ndim == 2
    step = ["step"] if per_step else []
    if network.task == "regression":
        count = rows[0][1].shape[-1] if rows else 1
        yield ["input", *step, *(["prediction"] if count == 1 else [f"output {k + 1}" for k in range(count)])]
    else:
        yield ["input", *step, "class", *_of_classes(network, rows[0][1])[0]]
    for name, answer in rows:
        if network.task == "regression":
            for place, values in enumerate(np.atleast_2d(answer)):
                yield [name, *([place] if per_step else []), *map(_full, values)]
            continue
        names, shares = _of_classes(network, answer)
        for place, values in enumerate(np.atleast_2d(shares)):
            told = names[int(values.argmax())]
            yield [name, *([place] if per_step else []), told, *map(_full, values)]


def _full(value: float) -> str:
    """A float32 in as many digits as it has."""
    return f"{float(value):.9g}"


def _print(lines: Iterator[list[Any]], left: int) -> None:
    """A table for people."""
    from netlet.tables import Table

    head, *rest = lines
    left += head[1] == "step" and left > 1
    short = [[*map(str, line[:left]), *(f"{float(value):.4g}" for value in line[left:])] for line in rest]
    typer.echo(str(Table([str(each) for each in head], short, left=left)))
