"""Libraries that are not always there: imported when they are needed, or named with how to get them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from netlet.errors import NetletError


def needed(module: str, extra: str, what: str) -> Any:
    """A module of a library that only some need.

    Parameters
    ----------
    module
        Its name.
    extra
        The extra of netlet's that installs it.
    what
        What needs it, for the error.

    Raises
    ------
    NetletError
        If it is not installed, with the one command that installs it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        raise NetletError(
            f"{what} needs {missing}, which is not installed: pip install 'netlet[{extra}]'"
        ) from None
