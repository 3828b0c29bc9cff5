"""The command line: `netlet` and what its errors look like."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from netlet.cli.app import app
from netlet.errors import NetletError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
WRONG = 2
"""Exit code after any error of the user's or of the files'."""

# What typer raises for wrong arguments. Its own name for it has changed; what it derives from has not.
_UsageProblem: type[Exception] = typer.BadParameter.__mro__[2]  # type: ignore[assignment]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command, and leave with its exit code: every error is one line on stderr, never a traceback."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    if not arguments:
        arguments = ["--help"]
    try:
        code = app(args=list(arguments), prog_name="netlet", standalone_mode=False)
        sys.stdout.flush()
        if code == INTERRUPTED:  # typer's way of saying KeyboardInterrupt
            raise KeyboardInterrupt
        return code if isinstance(code, int) else 0
    except NetletError as error:
        return _fail(str(error))
    except _UsageProblem as problem:
        return _fail_usage(problem)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        return _quietly()
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(f"{where}{error.strerror or error}")
    except MemoryError:
        return _fail("there is too little memory: take fewer threads, a smaller batch or a smaller dataset")


def _fail_usage(problem: BaseException) -> int:
    """Say what is wrong with the arguments, and where the right ones are listed."""
    context = getattr(problem, "ctx", None)
    if type(problem).__name__ == "NoArgsIsHelpError":  # a group without a command: its help has been printed
        return WRONG
    text = " ".join(problem.format_message().split()).rstrip(".")  # type: ignore[attr-defined]
    command = context.command_path if context else "netlet"
    return _fail(f"{text} (see {command} --help)".replace("?. (", "? ("))


def _fail(message: str, code: int = WRONG) -> int:
    text = " ".join(message.split())
    is_coloured = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    sys.stderr.write(f"\033[31m{text}\033[0m\n" if is_coloured else f"{text}\n")
    return code


def _quietly() -> int:
    """Whoever read the output has gone: say nothing, not even at the interpreter's end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return 1
