"""What a setting may be: the rule of a value, in words and as a check, and how a command line spells it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from numbers import Integral, Real
from typing import Any, TypeGuard

_LARGEST = 2**31  # whole numbers of the engine are below it


@dataclass(frozen=True)
class Rule:
    """Which values a setting may have.

    Attributes
    ----------
    kind : type
        int, float, bool or str: what an option of the command line reads.
    text : str
        The rule in words, to follow "must be".
    allowed : callable
        Whether a value that is not None meets the rule.
    or_none : bool
        Whether None is allowed too; on a command line that is 0.
    choices : tuple of str
        The words that are allowed, if it is one of several words.
    """

    kind: type
    text: str
    allowed: Callable[[Any], bool]
    or_none: bool = False
    choices: tuple[str, ...] = ()

    def accepts(self, value: object) -> bool:
        """Whether a value is allowed."""
        return self.or_none if value is None else self.allowed(value)

    def told(self, none: str = "None") -> str:
        """The rule in words, with what stands for None."""
        return f"{self.text} or {none}" if self.or_none else self.text

    def told_of(self, value: object) -> str:
        """The rule in words, for a value that is refused: of one too large it says so."""
        is_large = self.kind is int and is_whole(value) and value >= _LARGEST
        return f"{self.told()}, below {_LARGEST:,}" if is_large else self.told()


def is_whole(value: object) -> TypeGuard[int]:
    """Whether it is a whole number, Python's or numpy's; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def whole(least: int, or_none: bool = False) -> Rule:
    """A whole number from `least` to 2**31 - 1."""
    return Rule(
        int,
        f"a whole number from {least}",
        lambda value: is_whole(value) and least <= value < _LARGEST,
        or_none,
    )


def number(allowed: Callable[[float], bool], text: str, or_none: bool = False) -> Rule:
    """A finite number that meets a condition."""

    def check(value: object) -> bool:
        if not isinstance(value, Real) or isinstance(value, bool):
            return False
        try:
            return isfinite(value) and allowed(float(value))
        except OverflowError:  # a whole number beyond all floats
            return False

    return Rule(float, text, check, or_none)


def one_of(words: Sequence[str]) -> Rule:
    """One of several words."""
    return Rule(
        str,
        "one of " + ", ".join(words),
        lambda value: isinstance(value, str) and value in words,
        choices=tuple(words),
    )


def flag() -> Rule:
    """True or False."""
    return Rule(bool, "True or False", lambda value: isinstance(value, bool))


def positive(or_none: bool = False) -> Rule:
    """A number above 0."""
    return number(lambda x: x > 0, "a number above 0", or_none)


def share() -> Rule:
    """A number from 0, below 1."""
    return number(lambda x: 0 <= x < 1, "a number from 0, below 1")
