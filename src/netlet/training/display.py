"""A training shows itself: a bar in a terminal or a notebook, once it is clear that it takes a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from netlet.bars import PATIENCE, in_notebook, is_watched

_LONGEST = 40
_EVERY = 0.1


@contextmanager
def shown(
    progress: Callable[[int, int], None] | None, quiet: bool | None, what: str, epochs: int, seeds: int
) -> Iterator[Callable[[int, int, float, float], None] | None]:
    """What is called with epochs and runs done while it trains: what was given for it, or a bar, or "
    "nothing."""
    if progress is not None:
        yield lambda epochs, runs, *_: progress(epochs, runs)
        return
    if quiet or (quiet is None and not is_watched()):
        yield None
        return
    bar = _Bar(what, epochs * seeds, seeds)
    try:
        yield bar.show
    finally:
        bar.close()


class _Bar:
    """A bar of rich's that is only made (and rich only imported) when it has something to show."""

    def __init__(self, what: str, epochs: int, seeds: int) -> None:
        self._what = what if len(what) <= _LONGEST else what[: _LONGEST - 1] + "…"
        self._epochs, self._seeds = epochs, seeds
        self._began = self._last = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def show(self, epochs: int, runs: int, loss: float, val_loss: float) -> None:
        now = time.monotonic()
        if now - self._began < PATIENCE or now - self._last < _EVERY:
            return
        self._last = now
        if self._bar is None:
            self._open()
        assert self._bar is not None
        self._bar.update(self._task, completed=epochs, runs=f"{runs}/{self._seeds}", now=_now(loss, val_loss))

    def _open(self) -> None:
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("epochs, {task.fields[runs]} seeds{task.fields[now]},"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=Console(stderr=not in_notebook()),
            transient=True,
        )
        self._bar.start()
        self._task = self._bar.add_task(
            escape(self._what), total=self._epochs, runs=f"0/{self._seeds}", now=""
        )

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()


def _now(loss: float, val_loss: float) -> str:
    """The losses of the latest epoch of any run; NaN is none."""
    pairs = (("training", loss), ("validation", val_loss))
    told = ", ".join(f"{name} {value:.3g}" for name, value in pairs if value == value)
    return f", loss {told}" if told else ""
