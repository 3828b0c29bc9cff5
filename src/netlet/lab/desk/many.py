"""Many files checked side by side, each in a process of its own with limited memory and time."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from netlet.errors import NetletError
from netlet.lab.desk import reading
from netlet.lab.desk.check import checked, copies
from netlet.lab.desk.claims import ClaimedWeights, Claims
from netlet.lab.desk.material import Material
from netlet.lab.desk.retraining import Asked
from netlet.lab.desk.verdict import REPRODUCED, Verdict

MEMORY = 6 << 30
"""Bytes of address space for a file's process, where the system can limit it."""
_GRACE = 20.0
"""Seconds beyond its own limit after which a process is ended from outside."""


@dataclass
class _Child:
    process: BaseProcess
    answers: Connection
    file: Path
    until: float
    telling: Sequence[ClaimedWeights] = ()


def check_all(
    files: Sequence[Path],
    material: Material,
    asked: Asked,
    workers: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Verdict]:
    """Check files, so many at a time; verdicts in the files' order.

    Weights that stand in several files, but belong to one training only, are told in all of them.

    Parameters
    ----------
    files, material, asked
        As for `netlet.lab.desk.check.check`.
    workers
        Processes at a time.
    progress
        Told how many files are done, and of how many.
    """
    context = _context()
    waiting, running = list(reversed(list(dict.fromkeys(files)))), []
    total, found, telling = len(waiting), {}, {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                running.append(_started(context, waiting.pop(), material, asked))
            nearest = min(child.until for child in running) - time.monotonic()
            wait([child.answers for child in running], timeout=max(nearest, 0))
            for child in list(running):
                if (verdict := _ended(child)) is not None:
                    running.remove(child)
                    found[child.file], telling[child.file] = verdict, child.telling
                    progress(len(found), total)
    finally:
        for child in running:
            child.process.kill()
            child.process.join()
    copied = copies({file: telling[file] for file in dict.fromkeys(files)})
    return [_with(found[file], copied.get(file, [])) for file in dict.fromkeys(files)]


def _context() -> Any:
    """Children are copies of one process that has imported everything, where the system can do that."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["netlet.lab.desk.preload"])
    return context


def _started(context: Any, file: Path, material: Material, asked: Asked) -> _Child:
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, file, material, asked), daemon=True)
    process.start()
    theirs.close()
    return _Child(process, ours, file, time.monotonic() + asked.seconds + _GRACE)


def _work(answers: Connection, file: Path, material: Material, asked: Asked) -> None:
    """What a child does: it is alone with the file, and may be killed by it."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # no such limits on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        handed_in = reading.read(file)
        _take_instruction_set(handed_in.claims)
        answers.send(handed_in.claims.telling)
        verdict = checked(handed_in, material, asked)
    except NetletError as error:
        verdict = Verdict(str(file), refused=str(error))
    except MemoryError:
        verdict = Verdict(str(file), refused=f"{file}: checking it takes more memory than is allowed")
    except Exception as error:  # a file that netlet was not ready for must not stop the others
        verdict = Verdict(str(file), refused=f"{file}: it cannot be checked ({type(error).__name__})")
    answers.send(verdict)
    answers.close()


def _take_instruction_set(claims: Claims) -> None:
    """Train with the instruction set that the file was made with, if it is to be had: then bits compare."""
    from netlet import _engine
    from netlet.network import INSTRUCTION_SET_VARIABLE

    wanted = claims.kind["instruction_set"]
    if wanted in _engine.instruction_sets():
        os.environ[INSTRUCTION_SET_VARIABLE] = wanted


def _ended(child: _Child) -> Verdict | None:
    """The verdict of a child that has ended, or has to be ended; None if it goes on."""
    verdict = None
    if child.answers.poll():
        try:
            told = child.answers.recv()
            if not isinstance(told, Verdict):  # the file could be read
                child.telling = told
                return None
            verdict = told
        except (EOFError, OSError):
            child.process.join(5)
            verdict = Verdict(str(child.file), refused=f"{child.file}: its check ended the process")
    elif time.monotonic() > child.until:
        verdict = Verdict(str(child.file), refused=f"{child.file}: checking it took too long")
    if verdict is not None:
        if child.process.is_alive():
            child.process.join(1)
        child.process.kill()
        child.process.join()
        child.answers.close()
    return verdict


def _with(verdict: Verdict, copied: Sequence[str]) -> Verdict:
    if not copied:
        return verdict
    more = [f"and {len(copied) - 3} more"] if len(copied) > 3 else []
    # Whose seeds give these weights has trained them: the copy is the other one's.
    is_copied = verdict.verdict != REPRODUCED
    return replace(verdict, remarks=(*verdict.remarks, *copied[:3], *more), is_copied=is_copied)
