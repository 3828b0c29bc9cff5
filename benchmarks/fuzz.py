"""Hostile files and options against the command line: no crash, no hang, and one short line.

    python -m benchmarks.fuzz --cases 15000 --seed 1 --workers 2
    python -m benchmarks.fuzz --case 1234567 --keep /tmp/room

Every case runs in a process with a limit of memory (1 GB beyond what Python and its libraries take) and of
the processor's time (5 s); a process that has died is replaced.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import io
import json
import os
import queue
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_MEMORY = 1 << 30
"""Bytes that a case may take."""
MOST_SECONDS, PATIENCE = 5, 60
"""Of the processor's time for a case; and of anybody's, for one that waits for something."""
MOST_LINE = 500
EVERY = 500
"""Cases, between two lines of progress."""


@dataclass(frozen=True)
class Fault:
    """What went wrong, and with what."""

    case: int
    what: str
    arguments: tuple[str, ...]
    told: str

    def __str__(self) -> str:
        """In two lines."""
        return f"{self.case}: {self.what}\n    {' '.join(self.arguments)[:300]!r}\n    {self.told[-600:]!r}"


# --- in the process that runs cases ---


def work(folder: str) -> None:
    """Run the cases whose numbers come in, a line each; a line of JSON goes out for each."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    noise = Path(folder, f"noise-{os.getpid()}")
    with noise.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    from benchmarks.hostile import Maker

    home = Path(folder, f"home-{os.getpid()}")
    home.mkdir()
    maker = Maker(home)
    os.environ["NETLET_STORE"] = str(home / "runs.db")
    faulthandler.enable()
    faulthandler.register(signal.SIGPROF, chain=True)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MOST_MEMORY, taken + MOST_MEMORY))
    print("ready", file=answers, flush=True)
    for line in sys.stdin.buffer:
        number = int(line)
        with tempfile.TemporaryDirectory(prefix="netlet-case-") as room:
            answer = run_case(maker, number, Path(room), noise)
        print(json.dumps(answer), file=answers, flush=True)


def run_case(maker: Any, number: int, room: Path, noise: Path) -> dict[str, Any]:
    """Run one case here, and judge it."""
    from netlet.cli import run

    case = maker.case(number, room)
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=case.encoding) for _ in range(2))
    stdin = io.TextIOWrapper(
        io.BytesIO(case.stdin.encode("utf-8", "surrogateescape")), errors="surrogateescape"
    )
    heard = noise.stat().st_size
    was, here = sys.stdin, Path.cwd()
    os.chdir(room)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        sys.stdin = stdin
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("always")
            code = run(case.arguments)
        crash = ""
    except BaseException as error:
        code, crash = -1, repr(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdin = was
        os.chdir(here)
    texts = []
    for stream in (out, err):
        with contextlib.suppress(ValueError):
            stream.flush()
        texts.append(stream.buffer.getvalue().decode(case.encoding, "replace"))  # type: ignore[attr-defined]
    with noise.open("rb") as file:
        file.seek(heard)
        leaked = file.read().decode("utf-8", "replace")
    what = judged(code, texts[0], texts[1], crash, leaked)
    return {
        "what": what,
        "code": code,
        "arguments": [ascii(each) for each in case.arguments],
        "told": texts[1] + crash + leaked,
    }


def judged(code: int, out: str, err: str, crash: str, leaked: str) -> str:
    """What is wrong with what a command has printed; empty if nothing is."""
    if crash:
        return "an exception that nobody caught"
    if leaked:
        return "a library printed past Python"
    if code not in (0, 2):
        return f"exit code {code}"
    if "mistake of its own" in err or "Traceback" in err:
        return "a mistake of its own"
    if "too little memory" in err:
        return "too much memory"
    if "Warning" in err:
        return "a warning of Python on the terminal"
    if code == 2 and not err.strip() and not out.strip():
        return "an error without a word"
    for line in err.splitlines():
        if len(line) > MOST_LINE:
            return "a line too long"
    for text in (out, err):
        if not text.replace("\n", "").isprintable():
            return "something that cannot be printed"
    return ""


# --- in the process that starts them ---


class Worker:
    """A process that runs cases one after another."""

    def __init__(self, folder: str) -> None:
        """Start it."""
        self._folder = folder
        self._start()

    def _start(self) -> None:
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fuzz", "--worker", self._folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[1],
            env=environment,
        )
        if self._line(PATIENCE * 3).strip() != b"ready":
            raise RuntimeError(f"no process for cases came up: {self._noise()[-2000:]}")

    def _line(self, seconds: float) -> bytes:
        """What it says next; nothing if it has died or does not answer in time."""
        assert self._process.stdout is not None
        waiting = threading.Timer(seconds, self._process.kill)
        waiting.start()
        try:
            return self._process.stdout.readline()
        finally:
            waiting.cancel()

    def _noise(self) -> str:
        path = Path(self._folder, f"noise-{self._process.pid}")
        return path.read_text(errors="replace") if path.exists() else ""

    def run(self, number: int) -> tuple[int, Fault | None]:
        """The exit code of a case, and what was wrong with it."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{number}\n".encode())
        self._process.stdin.flush()
        line = self._line(PATIENCE)
        if not line.endswith(b"\n"):
            self._process.wait()
            ended = -self._process.returncode
            what = {
                int(signal.SIGPROF): f"more than {MOST_SECONDS} s",
                int(signal.SIGKILL): "it waits for ever",
            }.get(ended, f"it died of signal {ended}")
            fault = Fault(number, what, (), self._noise()[-2000:])
            self.stop()
            self._start()
            return -1, fault
        answer = json.loads(line)
        fault = (
            Fault(number, answer["what"], tuple(answer["arguments"]), answer["told"])
            if answer["what"]
            else None
        )
        return answer["code"], fault

    def stop(self) -> None:
        """End it."""
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._process.kill()
        self._process.wait()


def fuzz(numbers: Any, workers: int = 1, told: Any = None) -> tuple[Counter[int], list[Fault]]:
    """Run cases; how often each exit code came, and what went wrong."""
    waiting: queue.Queue[int] = queue.Queue()
    for number in numbers:
        waiting.put(number)
    codes: Counter[int] = Counter()
    faults: list[Fault] = []

    def serve(folder: str) -> None:
        worker = Worker(folder)
        try:
            while True:
                try:
                    number = waiting.get_nowait()
                except queue.Empty:
                    return
                code, fault = worker.run(number)
                codes[code] += 1
                if told is not None and (done := sum(codes.values())) % EVERY == 0:
                    told(f"{time.strftime('%H:%M:%S')}: {done:,} cases, {len(faults)} faults")
                if fault is not None:
                    faults.append(fault)
                    if told is not None:
                        told(fault)
        finally:
            worker.stop()

    with tempfile.TemporaryDirectory(prefix="netlet-fuzz-") as folder:
        threads = [threading.Thread(target=serve, args=(folder,)) for _ in range(workers)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    return codes, faults


def main() -> int:
    """Read the arguments, run, and say what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--case", type=int, help="this one alone, here, without limits")
    parser.add_argument("--keep", type=Path, help="where the files of --case are left")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        work(given.worker)
        return 0
    if given.case is not None:
        return _one(given.case, given.keep)
    numbers = range(given.seed * 1_000_000, given.seed * 1_000_000 + given.cases)
    codes, faults = fuzz(numbers, given.workers, lambda fault: print(fault, flush=True))
    print(f"{sum(codes.values()):,} cases: {codes[0]:,} done, {codes[2]:,} refused, {len(faults)} faults")
    for what, count in Counter(fault.what for fault in faults).most_common():
        print(f"  {count:5} {what}")
    return 1 if faults else 0


def _one(number: int, keep: Path | None) -> int:
    """A case, here, to be looked at; with NETLET_TRACEBACK=1 it shows where a mistake comes from."""
    from benchmarks.hostile import Maker
    from netlet.cli import run

    with tempfile.TemporaryDirectory() as home:
        room = keep or Path(home, "room")
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(parents=True)
        files = Path(home, "home")
        files.mkdir()
        case = Maker(files).case(number, room)
        print(case, file=sys.stderr)
        sys.stdin = io.StringIO(case.stdin)
        os.chdir(room)
        return run(case.arguments)


if __name__ == "__main__":
    sys.exit(main())
