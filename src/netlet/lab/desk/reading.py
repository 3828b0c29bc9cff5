"""Files handed in, read as what a stranger wrote: bounded in size, never run, one line if refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlet.errors import FileError
from netlet.lab.desk import seal
from netlet.lab.desk.claims import ClaimError, Claims

LARGEST = {".json": 8_000_000, ".html": 32_000_000, ".htm": 32_000_000, ".ipynb": 64_000_000}
"""Bytes of a file, by its ending: honest ones have 0.3, 1, and with large outputs perhaps 20 million."""
MOST_ITEMS = 500_000
"""Marks of JSON's structure that may be in a text: what is read of them takes at most about 100 MB."""


@dataclass(frozen=True)
class HandedIn:
    """A file, read.

    Attributes
    ----------
    file
        Where it was.
    claims
        What it claims.
    remarks
        What is to be known besides, a sentence each.
    is_changed
        Whether words around the results were changed after netlet wrote them, where that can be told.
    """

    file: Path
    claims: Claims
    remarks: tuple[str, ...] = ()
    is_changed: bool = False


def read(file: Path) -> HandedIn:
    """Read results.json, a report's page, or a notebook that carries results.

    Raises
    ------
    FileError
        If it cannot be read, is too large, carries no results, or has not the form that netlet writes.
    """
    text = _text(file)
    remarks: list[str] = []
    is_changed = False
    try:
        match file.suffix.lower():
            case ".json":
                content = parsed(text)
            case ".ipynb":
                content = _of_notebook(parsed(text))
            case _:
                found = seal.opened(text)
                if found is None:
                    raise ClaimError("it carries no results of netlet's, or more than one block of them")
                content, is_changed = parsed(found[0]), not found[1]
        claims = Claims.of(content)
    except ClaimError as error:
        raise FileError(f"{file}: {error}", file=file) from None
    if is_changed:
        remarks.append("words of the page were changed after netlet wrote it")
    if not claims.is_complete:
        remarks.append("the lab was interrupted: not all questions are answered")
    return HandedIn(file, claims, tuple(remarks), is_changed)


def parsed(text: str) -> Any:
    """What a JSON text holds; nothing that is not JSON, nested too deep, or too large.

    Raises
    ------
    ClaimError
        If it is none, or too much.
    """
    if sum(map(text.count, ",:[{")) > MOST_ITEMS:
        raise ClaimError(f"it has more than {MOST_ITEMS:,} entries, which no results have")
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once)
    except RecursionError:
        raise ClaimError("it is nested too deep for results") from None
    except json.JSONDecodeError as error:
        raise ClaimError(f"it is no JSON: {error.msg} in line {error.lineno}") from None
    except ClaimError:
        raise
    except ValueError:  # a number of thousands of digits
        raise ClaimError("it has numbers that are none of results") from None


def _of_notebook(content: Any) -> Any:
    """The results in a notebook: those in its metadata, else the last among its cells' outputs."""
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise ClaimError("it is no notebook of version 4")
    carried = _within(content, "metadata", "netlet", "results")
    for cell in content["cells"]:
        for output in _listed(_within(cell, "outputs")):
            carried = _within(output, "data", seal.MIME) or carried
    if carried is None:
        raise ClaimError(
            "the notebook carries no results: its last cell, which writes the report, has not been run"
        )
    return carried


def _within(content: Any, *keys: str) -> Any:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()


def _text(file: Path) -> str:
    if (suffix := file.suffix.lower()) not in LARGEST:
        raise FileError(f"{file} is no results.json, page (.html) or notebook (.ipynb)", file=file)
    try:
        if not file.is_file():
            raise FileError(f"{file} does not exist, or is no ordinary file", file=file)
        with file.open("rb") as opened:
            content = opened.read(LARGEST[suffix] + 1)
    except OSError as error:
        raise FileError(f"{file} cannot be read: {error.strerror or error}", file=file) from None
    if len(content) > LARGEST[suffix]:
        raise FileError(f"{file} is larger than {LARGEST[suffix]:,} bytes, which is refused", file=file)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise FileError(f"{file} is no text in UTF-8", file=file) from None


def _refuse_constant(name: str) -> Any:
    raise ClaimError(f"it holds {name}, which JSON does not have")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping in which nothing is told twice: the reader of a page might see the other value."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ClaimError("it tells something twice under the same name")
    return found


def verdicts(file: Path) -> dict[str, str]:
    """By path of a file: what `netlet check --json` said of it.

    Raises
    ------
    FileError
        If it is no such file.
    """
    try:
        content = parsed(_text(file))
        return {str(each["file"]): str(each["verdict"]) for each in content["files"]}
    except (ClaimError, LookupError, TypeError) as error:
        raise FileError(f"{file} is none of netlet check's ({error})", file=file) from None
