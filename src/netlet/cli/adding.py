"""Options that several commands share, added to a command's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any


def with_options(command: Callable[..., Any], options: Mapping[str, Any]) -> Callable[..., Any]:
    """A command with further options, which it finds in its context's `params`.

    Parameters
    ----------
    command
        A function that typer reads.
    options
        By name: an annotation with a `typer.Option`. None where it is not given.
    """

    @wraps(command)
    def called(**given: Any) -> Any:
        return command(**{name: value for name, value in given.items() if name not in options})

    signature = inspect.signature(command, eval_str=True)  # typer reads no strings of a signature made here
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in options.items()
    ]
    called.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), *added]
    )
    called.__annotations__ = {**command.__annotations__, **options}
    return called
