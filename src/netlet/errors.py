"""The errors netlet raises: one line each, with the name, the value, the rule and the next step."""

from __future__ import annotations

import os
import re
import reprlib
from typing import Any

MOST_MESSAGE = 400
"""Characters of a message: what is longer says nothing more to anybody."""
_MOST_WORD = 100
"""Characters that a word of too long a message keeps, such as a path."""


def one_line(text: object, most: int = MOST_MESSAGE) -> str:
    """A text as one short line of printable characters, whatever a file has put into it.

    Line breaks, tabs and the like become a space, and what cannot be printed (control characters, lone
    surrogates, marks of direction) its escape, such as ``\\x1b``. Of a text that is too long the middle of
    its longest words is left out, and then its own: it begins with what is wrong and ends with what to do.

    Parameters
    ----------
    most
        Characters.
    """
    text = str(text)
    if len(text) > 100 * most:
        text = f"{text[: 50 * most]} ... {text[-50 * most :]}"
    text = printable(_BREAKS.sub(" ", text.strip()))
    if len(text) > most:
        text = " ".join(_middle_out(word, _MOST_WORD, "...") for word in text.split(" "))
    return _middle_out(text, most, " ... ")


def printable(text: str) -> str:
    """A text in which what cannot be printed is written as its escape, such as ``\\x1b``."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def brief(value: object) -> str:
    """A value as an error quotes it: its `repr`, but short, quickly there and printable, however it nests."""
    try:
        return one_line(_BRIEF.repr(value), _MOST_WORD)
    except ValueError:  # Python refuses to print whole numbers of thousands of digits
        return "a number too long to print"
    except Exception:  # somebody's own class may not be able to say what it is
        return f"a {type(value).__name__}"


def _middle_out(text: str, most: int, gap: str) -> str:
    if len(text) <= most:
        return text
    kept = most - len(gap)
    return text[: kept // 2] + gap + text[len(text) - (kept - kept // 2) :]


_BREAKS = re.compile(r" *[^\S ]\s*")
_BRIEF = reprlib.Repr()
_BRIEF.maxlevel = 3
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = _MOST_WORD


class NetletError(Exception):
    """Base of all of netlet's own errors; the command line prints its message and exits with code 2.

    Its message is one short line of printable characters, whatever is quoted in it (`one_line`).

    Attributes
    ----------
    setting : str or None
        Name of the training setting or argument that is wrong, such as ``"learning_rate"``.
    split : str or None
        ``"training"``, ``"validation"`` or ``"test"``, where the error is about one of them.
    layer : int or None
        Place of the layer that is wrong, from 0.
    file : str or None
        Path of the file that is wrong, missing or cannot be written.
    row : int or None
        Row, sample or line in it, from 0 (of lines of a text file: from 1).
    """

    def __init__(
        self,
        message: str = "",
        *,
        setting: str | None = None,
        split: str | None = None,
        layer: int | None = None,
        file: str | os.PathLike[str] | None = None,
        row: int | None = None,
    ) -> None:
        """Keep what the error is about beside its one line."""
        super().__init__(one_line(message))
        self.setting = setting
        self.split = split
        self.layer = layer
        self.file = None if file is None else os.fspath(file)
        self.row = row

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors come back from worker processes whole."""
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(kind: type[NetletError], args: tuple[Any, ...], state: dict[str, Any]) -> NetletError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ArchitectureError(NetletError):
    """An architecture that cannot be read, or that does not fit its input or its task."""


class DataError(NetletError):
    """Data that is missing, malformed or of the wrong shape; the message names the file and the row."""


class TrainingError(NetletError):
    """Training settings that make no sense, or a training that cannot be carried out."""


class FileError(NetletError):
    """A file of netlet's own that cannot be read or written."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a training, search or comparison; what was done until then is not lost.

    Attributes
    ----------
    result
        What there is: `netlet.Runs` of a training (every run as it was after its last whole epoch), what a
        search found, or a comparison of the networks that were trained whole; None if there is nothing.
    """

    def __init__(self, message: str, result: Any = None) -> None:
        """Say how far it came."""
        super().__init__(one_line(message))
        self.result = result

    @property
    def runs(self) -> Any:
        """The runs trained so far, if a training was interrupted."""
        return self.result
