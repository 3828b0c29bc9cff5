"""The one way up from a result to its picture: `Runs.plot()` and its like ask here, and here alone.

Figures stand above what they draw. Methods that draw are a convenience of results, so the module with the
pictures is imported by name, when somebody asks for one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netlet.figures.shown import Shown


def picture(name: str, *args: Any, **kwargs: Any) -> Shown:
    """What the function of that name in `netlet.figures.results` makes of a result."""
    return getattr(import_module("netlet.figures.results"), name)(*args, **kwargs)
