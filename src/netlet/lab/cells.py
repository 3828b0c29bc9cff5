"""Notebooks as files have them: cells of words and of code, and the whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any


def code(name: str, source: str, metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A cell of code."""
    about = {"execution_count": None, "outputs": []}
    return {"cell_type": "code", **_cell(name, source, metadata), **about}


def words(name: str, source: str, metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A cell of Markdown."""
    return {"cell_type": "markdown", **_cell(name, source, metadata)}


def _cell(name: str, source: str, metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"id": name, "metadata": dict(metadata or {}), "source": source.splitlines(True)}


def whole(cells: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A notebook of cells."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": list(cells), "metadata": about, "nbformat": 4, "nbformat_minor": 5}


def as_text(content: Mapping[str, Any], is_sorted: bool = False) -> str:
    """A notebook as the text of its file; sorted by keys, the same content is the same text."""
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=is_sorted) + "\n"
