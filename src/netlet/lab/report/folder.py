"""A report's folder: checked before the work, and never left with half a report."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from netlet.errors import FileError
from netlet.locks import locked

PAGE, RESULTS, FIGURES = "index.html", "results.json", "figures"
OTHERS = ("appendix.html", "report.md", "report.ipynb", "report.pdf")
"""What else a report writes."""
_WORKING = ".netlet-"


def check(folder: Path, force: bool = False, figures: Iterable[str] = ()) -> None:
    """Refuse a folder that a report could not or should not be written to, as FileError.

    Parameters
    ----------
    folder
        The folder.
    force
        Whether files that netlet has not written, or that were changed since, may be replaced.
    figures
        Names of the figures that are to be written, without ending.
    """
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file: give the name of a folder for the report")
    known = previous(folder)
    for name in (PAGE, RESULTS, *OTHERS, *(f"{FIGURES}/{figure}.svg" for figure in figures)):
        if (folder / name).exists() and not force and (problem := _not_ours(folder, name, known)):
            raise FileError(
                f"{folder / name} {problem}: give another folder with --out, or replace it with --force",
                file=folder / name,
            )
    place = folder / FIGURES
    if place.exists() and not place.is_dir():
        raise FileError(f"{place} is a file, where the figures would go: give another folder with --out")
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"netlet")


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 (hex) of files, by which they are known to be as netlet wrote them."""
    return {name: sha256(data).hexdigest() for name, data in files.items()}


def _not_ours(folder: Path, name: str, known: Mapping[str, Any]) -> str:
    """Why a file is not to be replaced; empty if it is as netlet wrote it."""
    if not known:
        return "is no report of netlet's"
    if name == RESULTS:
        return ""
    written = known.get("files")
    if not isinstance(written, dict):  # a report of before files were noted
        return "" if name in (PAGE, *OTHERS) or name in _figures_of(known) else "is none of netlet's"
    if name not in written:
        return "is none of netlet's"
    with contextlib.suppress(OSError):
        if sha256((folder / name).read_bytes()).hexdigest() == written[name]:
            return ""
    return "was changed since netlet wrote it"


@contextlib.contextmanager
def reserved(folder: Path, force: bool = False, figures: Iterable[str] = ()) -> Iterator[None]:
    """Check a folder and keep it for one report: who comes meanwhile is refused. Removed if it stays empty.

    Parameters are those of `check`.

    Raises
    ------
    FileError
        If a report cannot or should not be written to it, or another one is being made for it.
    """
    is_new = not folder.exists()
    check(folder, force, figures)
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
