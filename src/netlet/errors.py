"""The errors netlet raises: one line each, with the name, the value, the rule and the next step."""

from __future__ import annotations

import os
from typing import Any


class NetletError(Exception):
    """Base of all of netlet's own errors; the command line prints its message and exits with code 2.

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
        super().__init__(message)
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
        super().__init__(message)
        self.result = result

    @property
    def runs(self) -> Any:
        """The runs trained so far, if a training was interrupted."""
        return self.result
