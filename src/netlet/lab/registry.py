"""The functions that an exercise's document may name: what each needs is read from its signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from netlet.datasets import Dataset
from netlet.lab.answer import TrainedNetwork
from netlet.lab.laboratory import Laboratory
from netlet.training import Runs

Measured = NewType("Measured", object)
"""An argument that is another measurement of the same question, by its name."""

_KINDS: dict[Any, str] = {
    Runs: "network",
    Mapping[str, Runs]: "networks",
    Mapping[str, TrainedNetwork]: "told networks",
    Dataset: "dataset",
    Measured: "measurement",
    Laboratory: "laboratory",
}
_NETWORKS = "a list of networks' names, or a mapping from labels to them"


@dataclass(frozen=True)
class Argument:
    """What a document may say to one argument of a function.

    Attributes
    ----------
    kind
        "network", "networks" (a list of names, or a mapping from labels to them; "told networks" is the same
        for those who are given what is told of them), "dataset", "measurement", "laboratory" (never said,
        always given), or "value".
    types
        Of a value: those that are allowed.
    is_required
        Whether it has to be said.
    """

    kind: str
    types: tuple[type, ...] = ()
    is_required: bool = True

    def allows(self, value: object) -> bool:
        """Whether something read from a document may be this value."""
        if isinstance(value, bool):
            return bool in self.types
        return isinstance(value, self.types) or (float in self.types and isinstance(value, int))

    @property
    def rule(self) -> str:
        """What is allowed, in words."""
        names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
        return {
            "network": "the name of a network",
            "networks": _NETWORKS,
            "told networks": _NETWORKS,
            "dataset": "the name of a dataset",
            "measurement": "the name of a measurement of this question",
        }.get(self.kind) or " or ".join(names.get(each, each.__name__) for each in self.types)


class Registry:
    """Functions by the name that documents call them by."""

    def __init__(self, noun: str) -> None:
        """Nothing is known yet; `noun` is what its functions are, for errors."""
        self.noun = noun
        self._functions: dict[str, Callable[..., Any]] = {}

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Make a function known by its own name."""
        self._functions[function.__name__] = function
        return function

    def __contains__(self, name: object) -> bool:
        """Whether a document may call that name."""
        return name in self._functions

    def __getitem__(self, name: str) -> Callable[..., Any]:
        """The function of that name."""
        return self._functions[name]

    @property
    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._functions)

    def arguments(self, name: str) -> dict[str, Argument]:
        """What one of its functions needs."""
        function = self._functions[name]
        hints = get_type_hints(function)
        return {
            key: _argument(hints[key], parameter.default is parameter.empty)
            for key, parameter in inspect.signature(function).parameters.items()
        }


def _argument(hint: Any, is_required: bool) -> Argument:
    if hint in _KINDS:
        return Argument(_KINDS[hint], (), is_required)
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if any(part in _KINDS for part in parts):
        return Argument(next(_KINDS[part] for part in parts if part in _KINDS), (), is_required)
    types = tuple(list if get_origin(part) in (list, Sequence) else part for part in parts)
    return Argument("value", tuple(each for each in types if each is not type(None)), is_required)
