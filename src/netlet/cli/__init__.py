"""The command line: `netlet` and what its errors look like."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

import typer

from netlet.cli.app import app
from netlet.errors import NetletError, one_line

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
WRONG = 2
"""Exit code after any error."""
TRACEBACK_VARIABLE = "NETLET_TRACEBACK"
"""Set, it shows where in netlet a mistake of its own comes from."""

# What typer raises for wrong arguments. Its own name for it has changed; what it derives from has not.
_UsageProblem: type[Exception] = typer.BadParameter.__mro__[2]  # type: ignore[assignment]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command, and leave with its exit code: every error is one line on stderr, never a traceback."""
    if not sys.warnoptions:  # what libraries think of a user's file is no line of netlet's
        warnings.simplefilter("ignore")
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    _open_streams()
    try:
        code = app(args=list(arguments) or ["--help"], prog_name="netlet", standalone_mode=False)
        sys.stdout.flush()
        if code == INTERRUPTED:  # typer's way of saying KeyboardInterrupt
            raise KeyboardInterrupt
        return code if isinstance(code, int) else 0
    except NetletError as error:
        return _fail(str(error))
    except _UsageProblem as problem:
        return _fail_usage(problem, arguments)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        _abandon_output()
        return 1
    except OSError as error:
        return _fail_system(error)
    except MemoryError:
        return _fail("there is too little memory: take fewer threads, a smaller batch or a smaller dataset")
    except Exception as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        return _fail(f"{_told(error)}: please report it, with what {TRACEBACK_VARIABLE}=1 adds to it")


def _open_streams() -> None:
    """Give closed streams a place to go to, and have what a stream's alphabet lacks escaped."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fail_usage(problem: BaseException, arguments: Sequence[str]) -> int:
    """Say what is wrong with the arguments, and where the right ones are listed."""
    context = getattr(problem, "ctx", None)
    if type(problem).__name__ == "NoArgsIsHelpError":  # a group without a command: its help has been printed
        return WRONG
    text = " ".join(problem.format_message().split()).rstrip(".")  # type: ignore[attr-defined]
    value = _value_of(getattr(problem, "param", None), arguments)
    if value is not None and text.startswith("Invalid value for") and repr(value) not in text:
        text = text.replace("Invalid value for", f"Invalid value {value!r} for", 1)
    text = text.replace("Input should be", "it must be").partition(", unable to parse")[0]
    command = context.command_path if context else "netlet"
    return _fail(f"{text} (see {command} --help)".replace("?. (", "? ("))


def _value_of(option: object, arguments: Sequence[str]) -> str | None:
    """The value that was given for an option, the last one if several were."""
    names = getattr(option, "opts", ())
    for place in reversed(range(len(arguments))):
        name, equals, value = arguments[place].partition("=")
        if name in names and name.startswith("-"):
            return value if equals else next(iter(arguments[place + 1 :]), None)
    return None


def _fail_system(error: OSError) -> int:
    """Say what the system has refused: of a file, or, if it names none, of what is printed."""
    reason = error.strerror or str(error)
    if error.filename:
        return _fail(f"{error.filename}: {reason}")
    _abandon_output()
    return _fail(f"the output cannot be written: {reason}")


def _told(error: Exception) -> str:
    """A mistake of netlet's own, and where in it."""
    places = traceback.extract_tb(error.__traceback__)
    ours = [place for place in places if f"{os.sep}netlet{os.sep}" in place.filename] or places
    where = f"{Path(ours[-1].filename).name}, line {ours[-1].lineno}"
    return f"netlet has made a mistake of its own ({type(error).__name__}: {error}; {where})"


def _fail(message: str, code: int = WRONG) -> int:
    text = one_line(message)
    is_coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    with contextlib.suppress(OSError):  # nobody may be there to read it
        sys.stderr.write(f"\033[31m{text}\033[0m\n" if is_coloured else f"{text}\n")
        sys.stderr.flush()
    return code


def _abandon_output() -> None:
    """Whoever read the output has gone, or it has no space: say nothing more, not even at the end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
