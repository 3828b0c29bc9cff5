"""A search shows itself: one line in a terminal or a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from netlet.bars import is_watched
from netlet.search.status import Progress, Status

_EVERY = 0.25  # seconds


@contextmanager
def shown(progress: Progress | None, quiet: bool | None) -> Iterator[Progress | None]:
    """What is told how far a search is: what was given for it, or a bar, or nothing."""
    if progress is not None or quiet or (quiet is None and not is_watched()):
        yield progress
        return
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("searching"), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, transient=True) as bar:
        task = bar.add_task("", total=None)
        last = -1.0

        def show(status: Status) -> None:
            nonlocal last
            if status.seconds - last < _EVERY:
                return
            last = status.seconds
            so_far = "none so far" if status.answer is None else f"{status.answer[0]:,} parameters so far"
            total = None if status.left is None else status.seconds + status.left
            text = f"{status.candidates:,} networks, answer: {so_far}"
            bar.update(task, description=text, completed=status.seconds, total=total)

        yield show
