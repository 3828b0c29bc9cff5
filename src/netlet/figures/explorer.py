"""A picture with something to move: controls of ipywidgets above it, the picture alone without them.

The picture is an ordinary output of its cell, which moving a control replaces. So whatever shows notebooks
without running them (an exported page, a viewer, a printer) shows the picture that was looked at last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import Any

from netlet.errors import NetletError
from netlet.figures.shown import Shown

_BUTTONS = 4
"""So many choices are buttons side by side; more of them are a list."""


@dataclass(frozen=True)
class Choice:
    """What can be chosen.

    Attributes
    ----------
    values
        All of them, in order; a range is a slider.
    start
        The one that is shown first.
    is_scale
        Whether they are a slider though they are no range.
    """

    values: Sequence[Any]
    start: Any
    is_scale: bool = False


class Explorer:
    """A picture that is drawn anew for every choice.

    Parameters
    ----------
    draw
        Called with a value for every choice, by name.
    choices
        By name; "_" stands for a blank where people read it.
    """

    def __init__(self, draw: Callable[..., Shown], choices: Mapping[str, Choice]) -> None:
        """Draw the first picture."""
        self._draw, self._choices = draw, choices
        self._handles: list[Any] = []
        self.values = {name: choice.start for name, choice in choices.items()}
        for name, value in self.values.items():
            self._check(name, value)
        self.shown = draw(**self.values)

    def at(self, **changes: Any) -> Shown:
        """The picture for other values, which is also the one that is shown from then on.

        Raises
        ------
        NetletError
            If there is no such choice, or it has no such value.
        """
        for name, value in changes.items():
            self._check(name, value)
        self.values |= changes
        for name in changes:
            if name in self.controls:
                self.controls[name].value = changes[name]
        self._show()
        return self.shown

    @cached_property
    def controls(self) -> dict[str, Any]:
        """A widget for every choice, by its name; none where ipywidgets is not installed."""
        if find_spec("ipywidgets") is None:
            return {}
        made = {name: _widget(name, choice) for name, choice in self._choices.items()}
        for name, widget in made.items():
            widget.value = self.values[name]
            widget.observe(lambda change, name=name: self._moved(name, change["new"]), "value")
        return made

    def _moved(self, name: str, value: Any) -> None:
        if self.values[name] != value:
            self.values[name] = value
            self._show()

    def _show(self) -> None:
        self.shown = self._draw(**self.values)
        for handle in self._handles:
            handle.update(self.shown)

    def _check(self, name: str, value: Any) -> None:
        if name not in self._choices:
            raise NetletError(f"there is no {name!r} to choose: there are {', '.join(self._choices)}")
        allowed = self._choices[name].values
        if isinstance(value, bool) or value not in allowed:
            all_of_them = (
                f"{allowed.start} to {allowed.stop - 1}"
                if isinstance(allowed, range)
                else ", ".join(map(str, allowed))
            )
            raise NetletError(f"{name} is {value!r}, but must be one of {all_of_them}")

    def __repr__(self) -> str:
        """What is shown, and what can be moved."""
        return f"<{self.shown.title}; {self._told()}; .at({next(iter(self._choices))}=...)>"

    def _told(self) -> str:
        return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in self.values.items())

    def _ipython_display_(self) -> None:
        """Show the controls, and below them the picture."""
        from IPython.display import display

        if self.controls:
            from ipywidgets import VBox

            bundle: Any = VBox([*self.controls.values()])._repr_mimebundle_()
            display(dict(bundle) | {"text/plain": self._told()}, raw=True)
        self._handles.append(display(self.shown, display_id=True))


def _widget(name: str, choice: Choice) -> Any:
    import ipywidgets

    look: dict[str, Any] = {
        "description": name.replace("_", " "),
        "style": {"description_width": "7em"},
        "layout": {"width": "min(100%, 36em)"},
    }
    if isinstance(choice.values, range):
        ends = {"min": choice.values.start, "max": choice.values.stop - 1, "continuous_update": False}
        return ipywidgets.IntSlider(value=choice.start, **ends, **look)
    options = [(str(value), value) for value in choice.values]
    if choice.is_scale:
        return ipywidgets.SelectionSlider(
            options=options, value=choice.start, continuous_update=False, **look
        )
    kind = ipywidgets.ToggleButtons if len(options) <= _BUTTONS else ipywidgets.Dropdown
    return kind(options=options, value=choice.start, **look)
