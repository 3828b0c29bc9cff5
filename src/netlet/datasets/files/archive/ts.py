"""The .ts format of sktime, aeon and the UEA archive: @-lines of a header, then a line a series.

Channels are separated by colons, the values of one by commas, the label or number to learn comes last. See
https://www.aeon-toolkit.org/en/stable/examples/datasets/data_loading.html
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from netlet.datasets.files.archive.cases import Cases, numbers, text_lines
from netlet.errors import DataError, brief

_TRUTH = {"true": True, "false": False}
_STAMPED = re.compile(r"\(([^()]*),([^(),]*)\)")


def read_ts(path: Path) -> Cases:
    """Read one file.

    Raises
    ------
    DataError
        If it breaks the format; the message names the line.
    """
    cases, header, is_data = Cases(path), {}, False
    for line, text in text_lines(path):
        if text.startswith(("#", "%")):
            continue
        if is_data:
            _add(cases, header, text, line)
        elif text.lower() == "@data":
            is_data = True
            _settle(cases, header)
        elif text.startswith("@") and (words := text[1:].split()):
            name, *values = words
            header[name.lower()] = values
        else:
            raise DataError(
                f"{path}, line {line}: {brief(text[:60])} is no line of a header, which ends with @data",
                file=path,
                row=line,
            )
    if not is_data:
        raise DataError(f"{path} has no @data line: it is no .ts file", file=path)
    return cases


def _settle(cases: Cases, header: dict[str, list[str]]) -> None:
    """What the header says of targets and time."""
    label, number = header.get("classlabel", []), header.get("targetlabel", [])
    has_number = _is_true(number, cases.path, "targetlabel")
    if not (has_number or _is_true(label, cases.path, "classlabel")):
        raise DataError(
            f"{cases.path} has neither class labels nor numbers to learn (@classLabel true ..., or "
            "@targetlabel true)",
            file=cases.path,
        )
    cases.is_regression = has_number
    cases.classes = () if has_number else tuple(label[1:])
    if _is_true(header.get("timestamps", []), cases.path, "timeStamps"):
        cases.notes.append("time stamps are left out: steps are taken as equally far apart")


def _is_true(values: list[str], path: Path, name: str) -> bool:
    if not values:
        return False
    if values[0].lower() not in _TRUTH:
        raise DataError(f"{path}: @{name} is {brief(values[0])}, but must be true or false", file=path)
    return _TRUTH[values[0].lower()]


def _add(cases: Cases, header: dict[str, list[str]], text: str, line: int) -> None:
    is_stamped = bool(cases.notes)
    if is_stamped:
        head, _, target = text.rpartition(":")
        parts = re.split(r"(?<=\)):(?=\()", head)
        values = [[value for _, value in _STAMPED.findall(part)] for part in parts]
    else:
        *parts, target = text.split(":")
        values = [part.split(",") for part in parts]
    path = cases.path
    if not parts or not all(values):
        raise DataError(f"{path}, line {line}: there is no series before the label", file=path, row=line)
    channels = [numbers(each, path, line) for each in values]
    lengths = {len(each) for each in channels}
    if len(lengths) > 1:
        told = ", ".join(str(len(each)) for each in channels[:8])
        raise DataError(
            f"{path}, line {line}: the channels of one series have different lengths ({told})",
            file=path,
            row=line,
        )
    for name in ("dimensions", "dimension"):
        _check_said(header, name, len(channels), path, line)
    if header.get("equallength", [])[:1] in (["true"], ["True"], ["TRUE"]):
        _check_said(header, "serieslength", lengths.pop(), path, line)
    cases.add(np.stack(channels, axis=1), target, line)


def _check_said(header: dict[str, list[str]], name: str, found: int, path: Path, line: int) -> None:
    said = header.get(name, [])
    if said and said[0] != str(found):
        raise DataError(
            f"{path}, line {line}: the header says @{name} {brief(said[0])[1:-1]}, but here it is {found}",
            file=path,
            row=line,
        )
