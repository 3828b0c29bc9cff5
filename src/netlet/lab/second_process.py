"""A second process, which draws and sets pages while this one trains and measures.

It ends with this process, however that ends, because it reads what to do from a pipe.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import pickle
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from subprocess import PIPE, Popen
from typing import TypeVar

T = TypeVar("T")

_CODE = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from netlet.lab import second_process; second_process.serve()"
)
# One thread: what is sent is done in this order, and matplotlib's settings belong to a whole process.
_waiting = ThreadPoolExecutor(1, thread_name_prefix="second process")
_process: Popen[bytes] | None = None


def submit(work: Callable[[], T]) -> Future[T]:
    """Have something done after what was submitted before.

    What cannot be sent to another process (such as a lambda), or if no other can be had, is done in a thread.
    """
    return _waiting.submit(_done, work)


def warm(modules: tuple[str, ...]) -> None:
    """Have modules imported by the time they are needed."""
    submit(_Import(modules))


class _Import:
    def __init__(self, modules: tuple[str, ...]) -> None:
        self.modules = modules

    def __call__(self) -> None:
        import importlib

        for name in self.modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def _done(work: Callable[[], T]) -> T:
    global _process
    try:
        asked = pickle.dumps(work)
    except (pickle.PicklingError, AttributeError, TypeError):
        return work()
    try:
        if _process is None:
            _process = _started()
        assert _process.stdin is not None and _process.stdout is not None
        pickle.dump(asked, _process.stdin)
        _process.stdin.flush()
        is_known, is_done, result = pickle.load(_process.stdout)
    except (OSError, EOFError, pickle.UnpicklingError):  # it was ended from outside, or could not begin
        _ended()
        return work()
    if not is_known:
        return work()
    if not is_done:
        raise result
    return result


def _started() -> Popen[bytes]:
    if not sys.executable:
        raise OSError("there is no Python to start")
    warned = [f"-W{each}" for each in sys.warnoptions or ["ignore"]]
    process = Popen(
        [sys.executable, *warned, "-c", _CODE],
        stdin=PIPE,
        stdout=PIPE,
        process_group=0,  # Ctrl-C is for the first process, which ends this one
    )
    assert process.stdin is not None
    pickle.dump(sys.path, process.stdin)
    return process


@atexit.register
def _ended() -> None:
    global _process
    process, _process = _process, None
    if process is None:
        return
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        with contextlib.suppress(OSError):
            pipe.close()
    process.kill()
    process.wait()


def serve() -> None:
    """What the second process does: work, until nothing more can come."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(100_000)  # pictures are made of many small objects
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    while True:
        try:
            sent = pickle.load(asked)
        except EOFError:
            return
        answers.write(_answer(sent))
        answers.flush()


def _answer(sent: bytes) -> bytes:
    """Pickled: whether the work was understood, whether it was done, and its result or what it raised."""
    try:
        work = pickle.loads(sent)
    except Exception:  # of a module that only the first process can import
        return pickle.dumps((False, False, None))
    try:
        told = True, True, work()
    except Exception as error:
        told = True, False, error
    try:
        answer = pickle.dumps(told)
        pickle.loads(answer)
    except Exception:
        return pickle.dumps((True, False, RuntimeError(f"{type(told[2]).__name__}: {told[2]}")))
    return answer
