"""Ctrl-C, once what was trained must not be lost: noted, and heeded when everything is kept."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """What Ctrl-C (or a request to terminate) does: it stops the work once, or is only noted while held.

    A second request to terminate ends the process at once, as ever.
    """

    def __init__(self) -> None:
        """Nothing has come yet, and the first stops the work."""
        self.came = False
        self._is_held = False

    def hold(self) -> None:
        """From now on only note what comes."""
        self._is_held = True

    def check(self) -> None:
        """Stop the work if something has come.

        Raises
        ------
        KeyboardInterrupt
            If so.
        """
        if self.came:
            raise KeyboardInterrupt

    def _handle(self, number: int, _: object) -> None:
        if number == signal.SIGTERM:
            signal.signal(number, signal.SIG_DFL)  # whoever asks twice does not want to wait
        is_first, self.came = not self.came, True
        if is_first and not self._is_held:
            raise KeyboardInterrupt


@contextlib.contextmanager
def interrupts() -> Iterator[Interrupts]:
    """Heed interrupts in this way within a with statement, but for those that somebody else has seen to."""
    ours = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield ours
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    usual = (signal.SIG_DFL, signal.default_int_handler)
    replaced = {number: handler for number, handler in before.items() if handler in usual}
    for number in replaced:
        signal.signal(number, ours._handle)
    try:
        yield ours
    finally:
        for number, handler in replaced.items():
            signal.signal(number, handler)
