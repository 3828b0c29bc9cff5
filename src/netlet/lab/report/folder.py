"""A report's folder: checked before the work, and never left with half a report."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from netlet.errors import FileError
from netlet.locks import locked

PAGE, RESULTS, FIGURES = "index.html", "results.json", "figures"
OTHERS = ("appendix.html", "report.md", "report.ipynb", "report.pdf")
"""What else a report writes."""
_WORKING = ".netlet-"


def check(folder: Path) -> None:
    """Refuse a folder that a report could not or should not be written to, as FileError."""
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file: give the name of a folder for the report")
    for name in (PAGE, RESULTS, *OTHERS):
        if (folder / name).exists() and not previous(folder):
            raise FileError(f"{folder / name} is no report of netlet's: give another folder with --out")
    figures = folder / FIGURES
    if figures.exists() and not figures.is_dir():
        raise FileError(f"{figures} is a file, where the figures would go: give another folder with --out")
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"netlet")


@contextlib.contextmanager
def reserved(folder: Path) -> Iterator[None]:
    """Check a folder and keep it for one report: who comes meanwhile is refused. Removed if it stays empty.

    Raises
    ------
    FileError
        If a report cannot or should not be written to it, or another one is being made for it.
    """
    is_new = not folder.exists()
    check(folder)
    try:
        with locked(folder) as is_ours:
            if not is_ours:
                raise FileError(
                    f"another netlet lab is making its report for {folder}: wait until it has ended, or give "
                    "another folder with --out"
                )
            yield
    finally:
        if is_new:
            with contextlib.suppress(OSError):
                folder.rmdir()


def previous(folder: Path) -> dict[str, Any]:
    """The results of the report that is in a folder; empty if there is none."""
    try:
        results = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return results if isinstance(results, dict) and "netlet" in results and "answers" in results else {}


def is_complete(folder: Path) -> bool:
    """Whether there is a report in a folder whose lab was not interrupted."""
    return bool(previous(folder).get("is_complete"))


def publish(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files beside those of an older report, then put them in their place one by one.

    Parameters
    ----------
    files
        By name within the folder; put in place in this order, so the page comes last.

    Raises
    ------
    FileError
        If they cannot be written; the older report is still there.
    """
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        outdated = _figures_of(previous(folder)) - set(files)
        working = Path(tempfile.mkdtemp(prefix=_WORKING, dir=folder))
        try:
            for name, data in files.items():
                (working / name).parent.mkdir(parents=True, exist_ok=True)
                (working / name).write_bytes(data)
            for name in files:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (working / name).replace(folder / name)
        finally:
            shutil.rmtree(working, ignore_errors=True)
        for name in outdated:
            (folder / name).unlink(missing_ok=True)


def _figures_of(results: Mapping[str, Any]) -> set[str]:
    """Names of a report's figures; only plain ones below the folder, whatever its results say."""
    figures: set[str] = set()
    with contextlib.suppress(AttributeError, KeyError, TypeError):
        for answer in results.get("answers", {}).values():
            figures |= {str(figure["file"]) for figure in answer["figures"]}
    return {name for name in figures if Path(name).parent == Path(FIGURES)}


@contextlib.contextmanager
def _writing(folder: Path) -> Any:
    try:
        yield
    except OSError as error:
        raise FileError(f"the report cannot be written to {folder}: {error.strerror or error}") from None
