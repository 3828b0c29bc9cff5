"""Reads an architecture's text from left to right: names of layers and arguments, with their places."""

from __future__ import annotations

import re
from typing import NamedTuple

from netlet.architecture.arguments import ACTIVATIONS, LONGEST_WORD, did_you_mean, quoted
from netlet.architecture.layers import (
    LAYERS,
    BatchNorm,
    Bidirectional,
    Conv,
    Dense,
    DepthwiseConv,
    Layer,
    LayerNorm,
    StepsLayer,
)
from netlet.errors import ArchitectureError

Value = int | float | bool | str | tuple[int | float, ...] | None
"""What an argument may be as it stands in a text, but for a layer in a layer."""

NETLET_NAMES: dict[str, type[Layer]] = {layer.name: layer for layer in LAYERS} | {
    "depthwise": DepthwiseConv,
    "batchnormalization": BatchNorm,
    "layernormalization": LayerNorm,
}
KERAS_NAMES: dict[str, type[Layer]] = {layer.keras_name: layer for layer in LAYERS} | {
    "MaxPool2D": NETLET_NAMES["maxpool"],
    "AvgPool2D": NETLET_NAMES["avgpool"],
    "GlobalMaxPool2D": NETLET_NAMES["globalmaxpool"],
    "GlobalAvgPool2D": NETLET_NAMES["globalavgpool"],
    "MaxPool1D": NETLET_NAMES["maxpool1d"],
    "AvgPool1D": NETLET_NAMES["avgpool1d"],
    "GlobalMaxPool1D": NETLET_NAMES["globalmaxpool1d"],
    "GlobalAvgPool1D": NETLET_NAMES["globalavgpool1d"],
}
SHARED_NAMES = {name for name in KERAS_NAMES if name.lower() in NETLET_NAMES}

_OUT_OF_SCOPE = {
    "input": "the shape of the input comes from the dataset: leave it out",
    "inputlayer": "the shape of the input comes from the dataset: leave it out",
}

_JOIN = re.compile(r"[-–—−]")
_NAME = re.compile(r"[^\W\d]\w*")
_ARGUMENT_NAME = re.compile(r"([^\W\d]\w*)\s*=")
_SHORTHAND = re.compile(
    r"(?<![0-9])([0-9]+)\s*[xX×]\s*\(\s*([0-9]+)\s*(?:[xX×]\s*([0-9]+)\s*)?kernels?\s*\)", re.IGNORECASE
)
_ALMOST_SHORTHAND = re.compile(r"[0-9]+\s*[xX×]")
_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_VALUE = re.compile(
    rf"""(?P<pair>[-+]?[0-9]+\s*[xX×]\s*[-+]?[0-9]+)
    | (?P<number>{_NUMBER})
    | [(\[](?P<several>[^()\[\]]*)[)\]]
    | "(?P<double>[^"]*)" | '(?P<single>[^']*)'
    | (?P<word>[^\W\d][\w-]*)""",
    re.VERBOSE,
)
_WORDS: dict[str, Value] = {"true": True, "false": False, "none": None}

# How much of a long text an error shows on each side of the mistake.
_EXCERPT = 40


class Argument(NamedTuple):
    """An argument as it stands in the text, and where (indices from 0)."""

    name: str | None
    value: Value | Named
    place: int


class Named(NamedTuple):
    """A layer as it stands in the text: the name, its class, and the arguments."""

    name: str
    kind: type[Layer]
    is_keras: bool
    arguments: list[Argument]
    place: int


def read_named(text: str) -> list[Named]:
    """The layers of a text, with their arguments as they stand there.

    Raises
    ------
    ArchitectureError
        If it cannot be read; the message names the column.
    """
    return _Reader(text).layers()


class _Reader:
    """Reads one text from left to right; never goes back, so the time grows with the text's length only."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.is_shorthand = _SHORTHAND.search(text) is not None

    # The grammar, top-down. Every method stops at the first place that is not its own and no space.

    def layers(self) -> list[Named]:
        self.skip_space()
        if self.is_at_end():
            raise ArchitectureError(
                "the architecture is empty: write layers joined by '-', such as "
                "conv(4, 3x3) - flatten - dense(1)"
            )
        found = [self.layer()]
        while not self.is_at_end():
            if not self.accept(_JOIN):
                raise self.after_layer()
            found.append(self.layer())
        return found

    def layer(self) -> Named:
        """A layer, perhaps in parentheses of its own."""
        opening = self.place
        if not self.accept_character("("):
            return self.bare_layer()
        layer = self.bare_layer()
        self.close(opening)
        return layer

    def bare_layer(self) -> Named:
        place = self.place
        if shorthand := self.accept(_SHORTHAND):
            return self.shorthand_layer(shorthand, place)
        name = self.name("a layer")
        if name.lower() == "timedistributed":
            return self.dense_on_every_step(name, place)
        kind, is_keras = self.kind(name, place)
        within = kind is Bidirectional
        return Named(name, kind, is_keras, self.arguments(within), place)

    def shorthand_layer(self, match: re.Match[str], place: int) -> Named:
        filters, height, width = match.group(1), match.group(2), match.group(3) or match.group(2)
        arguments = [
            Argument("filters", self.number(filters, place), place),
            Argument("kernel_size", (self.number(height, place), self.number(width, place)), place),
        ]
        return Named(Conv.name, Conv, False, arguments, place)

    def dense_on_every_step(self, name: str, place: int) -> Named:
        """``TimeDistributed(Dense(1))``, which is what a dense layer does on a sequence anyway."""
        opening = self.place
        if not self.accept_character("("):
            raise self.mistake(
                f"{name} at column {place + 1} needs a layer in it: TimeDistributed(Dense(1))", place
            )
        inner = self.place
        kind, is_keras = self.kind(self.name("Dense"), inner)
        if kind is not Dense:
            raise self.mistake(f"{name} at column {place + 1} takes Dense, not {kind.name}", inner)
        arguments = self.arguments()
        self.close(opening)
        return Named(kind.name, kind, is_keras, arguments, inner)

    def kind(self, name: str, place: int) -> tuple[type[Layer], bool]:
        """The class a name stands for, and whether Keras's defaults hold for it."""
        if name in KERAS_NAMES and not (self.is_shorthand and name in SHARED_NAMES):
            return KERAS_NAMES[name], True
        own = name.lower().replace("_", "")
        if own in NETLET_NAMES:
            return NETLET_NAMES[own], False
        if own in _OUT_OF_SCOPE:
            raise self.mistake(f"{name} at column {place + 1}: {_OUT_OF_SCOPE[own]}", place)
        if own in ACTIVATIONS:
            hint = f"; did you mean 'activation({own})'?"
        else:
            hint = did_you_mean(name, [*NETLET_NAMES, *KERAS_NAMES]) or ";"
        names = [layer.name for layer in LAYERS if not issubclass(layer, StepsLayer)]
        raise self.mistake(
            f"unknown layer {quoted(name)} at column {place + 1}{hint} "
            f"allowed: {', '.join(names)} (on steps with 1d behind), and Keras's names for them",
            place,
        )

    def arguments(self, within: bool = False) -> list[Argument]:
        """What stands in parentheses after a name, if anything does; `within` the first is a layer."""
        opening = self.place
        found: list[Argument] = []
        if not self.accept_character("("):
            return found
        while not self.accept_character(")"):
            found.append(self.layer_within() if within and not found else self.argument())
            if not self.accept_character(",") and self.next_character() != ")":
                raise self.unclosed(opening, "',' or ')'")
        return found

    def layer_within(self) -> Argument:
        place = self.place
        name = self.accept(_ARGUMENT_NAME)
        return Argument(name.group(1).lower() if name else None, self.bare_layer(), place)

    def argument(self) -> Argument:
        place = self.place
        name = self.accept(_ARGUMENT_NAME)
        return Argument(name.group(1).lower() if name else None, self.value(), place)

    def value(self) -> Value:
        place = self.place
        found = self.accept(_VALUE)
        if not found:
            raise self.mistake(f"expected a value at column {place + 1}, found {self.found()}", place)
        kind, written = found.lastgroup, found.group(found.lastgroup or 0)
        if kind == "number":
            return self.number(written, place)
        if kind == "pair":
            return tuple(self.number(part.strip(), place) for part in re.split("[xX×]", written))
        if kind == "several":
            return tuple(self.number(part.strip(), place) for part in written.split(",") if part.strip())
        return _WORDS.get(written.lower(), written) if kind == "word" else written

    def number(self, written: str, place: int) -> int | float:
        if not re.fullmatch(_NUMBER, written):
            raise self.mistake(f"expected a number at column {place + 1}, found {quoted(written)}", place)
        if not re.fullmatch("[-+]?[0-9]+", written):
            return float(written)
        # Longer ones are too large for any argument, and Python refuses to read those of thousands of digits.
        return int(written[: 2 * LONGEST_WORD])

    # Pieces of text.

    def name(self, what: str) -> str:
        place = self.place
        found = self.accept(_NAME)
        if found:
            return found.group()
        hint = (
            "; the shorthand is written 3x(3x3 kernel)" if _ALMOST_SHORTHAND.match(self.text, place) else ""
        )
        raise self.mistake(f"expected {what} at column {place + 1}, found {self.found()}{hint}", place)

    def accept(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What matches here, stepped over with the spaces after it; None if nothing does."""
        found = pattern.match(self.text, self.place)
        if found:
            self.place = found.end()
            self.skip_space()
        return found

    def accept_character(self, character: str) -> bool:
        if self.next_character() != character:
            return False
        self.place += 1
        self.skip_space()
        return True

    def next_character(self) -> str:
        return self.text[self.place : self.place + 1]

    def skip_space(self) -> None:
        while self.next_character().isspace():
            self.place += 1

    def is_at_end(self) -> bool:
        return self.place == len(self.text)

    def close(self, opening: int) -> None:
        if not self.accept_character(")"):
            raise self.unclosed(opening, "')'")

    # Mistakes.

    def found(self) -> str:
        """What stands at the present place, in words."""
        if self.is_at_end():
            return "the end of the text"
        word = _NAME.match(self.text, self.place)
        return quoted(word.group() if word else self.next_character())

    def after_layer(self) -> ArchitectureError:
        column = self.place + 1
        if self.next_character() in (")", "]"):
            return self.mistake(
                f"{self.found()} at column {column} closes no parenthesis: remove it", self.place
            )
        return self.mistake(
            f"expected '-' and another layer at column {column}, found {self.found()}", self.place
        )

    def unclosed(self, opening: int, expected: str) -> ArchitectureError:
        if self.is_at_end():
            return self.mistake(f"the parenthesis opened at column {opening + 1} is never closed", opening)
        return self.mistake(
            f"expected {expected} at column {self.place + 1}, found {self.found()}", self.place
        )

    def mistake(self, message: str, place: int) -> ArchitectureError:
        return ArchitectureError(f"{excerpt(self.text, place)}: {message}")


def excerpt(text: str, place: int) -> str:
    """The text around a mistake, on one line."""
    start, end = max(0, place - _EXCERPT), place + _EXCERPT
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shown = "".join(character if character.isprintable() else " " for character in text[start:end])
    return before + shown.strip() + after
