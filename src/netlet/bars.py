"""Whether somebody watches, and a bar for them once it is clear that something takes a while."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 0.7
"""Seconds before a bar appears: what takes less needs none."""


def is_watched() -> bool:
    """Whether somebody sees a bar: stderr is a terminal, or this is a notebook."""
    return in_notebook() or (sys.stderr is not None and sys.stderr.isatty())


def in_notebook() -> bool:
    """Whether this runs in a notebook."""
    shell = sys.modules.get("IPython")
    current = None if shell is None else shell.get_ipython()
    return current is not None and type(current).__name__ == "ZMQInteractiveShell"


@contextmanager
def counted(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """What is called now and then with how many of a total are done, and shows it if somebody watches."""
    if not is_watched():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=not in_notebook()), transient=True)
    task = bar.add_task(escape(what), total=total)
    began = time.monotonic()

    def show(done: int) -> None:
        if bar.live.is_started or time.monotonic() - began > PATIENCE:
            bar.start()
            bar.update(task, completed=done)

    try:
        yield show
    finally:
        if bar.live.is_started:
            bar.stop()
