"""Architectures as text: read, with the place of every mistake, and written.

Layers are joined by ``-``; spaces are free. A layer is a name and, in parentheses, arguments by place or by
Keras's names. Three spellings can be mixed:

- netlet's own names, in any case: ``conv(4, 3x3)``, ``maxpool``, ``dense(10)``, with netlet's defaults;
- Keras's class names, exactly as Keras spells them: ``Conv2D(4, 3)``, ``Dense(10)``, with Keras's defaults,
  that is no activation in convolutions and dense layers, and only the last step of recurrent ones;
- the exercise's shorthand ``3x(3x3 kernel)`` for ``conv(3, 3x3)``. One such layer makes the whole text
  shorthand, and in it the names that netlet and Keras share but for their capitals (Dense, Flatten, Dropout,
  Activation, GRU, LSTM) are netlet's, with netlet's defaults.

In all three, the last layer's activation, left unsaid, is what the task needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from typing import NamedTuple

from netlet.architecture.arguments import ACTIVATIONS, LONGEST_WORD, checked, did_you_mean, quoted
from netlet.architecture.layers import LAYERS, Conv, Dense, DepthwiseConv, Layer, Recurrent, is_required
from netlet.errors import ArchitectureError

Value = int | float | bool | str | tuple[int | float, ...] | None

NETLET_NAMES: dict[str, type[Layer]] = {layer.name: layer for layer in LAYERS} | {"depthwise": DepthwiseConv}
KERAS_NAMES: dict[str, type[Layer]] = {layer.keras_name: layer for layer in LAYERS} | {
    "MaxPool2D": NETLET_NAMES["maxpool"],
    "AvgPool2D": NETLET_NAMES["avgpool"],
    "GlobalMaxPool2D": NETLET_NAMES["globalmaxpool"],
    "GlobalAvgPool2D": NETLET_NAMES["globalavgpool"],
}
SHARED_NAMES = {name for name in KERAS_NAMES if name.lower() in NETLET_NAMES}

_OUT_OF_SCOPE = {
    "batchnormalization": "batch normalisation is outside netlet's scope: leave it out",
    "batchnorm": "batch normalisation is outside netlet's scope: leave it out",
    "bidirectional": "bidirectional layers are outside netlet's scope: use rnn, gru or lstm by itself",
    "conv1d": "1-d convolution is outside netlet's scope: for sequences use rnn, gru or lstm",
    "input": "the shape of the input comes from the dataset: leave it out",
    "inputlayer": "the shape of the input comes from the dataset: leave it out",
}
_NOT_SAID_HERE = {
    "input_shape": "the shape of the input comes from the dataset: leave it out",
    "batch_input_shape": "the shape of the input comes from the dataset: leave it out",
    "stateful": "carrying the state is a matter of training, not of the architecture: leave it out",
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

_EXAMPLES = {"filters": "4, 3x3", "units": "10", "rate": "0.25", "function": "tanh"}

# How much of a long text an error shows on each side of the mistake.
_EXCERPT = 40


def read_layers(text: str) -> tuple[Layer, ...]:
    """The layers of an architecture's text.

    Raises
    ------
    ArchitectureError
        One line that quotes the text and names the column (from 1) of the mistake, what was expected there
        and, for a word, the nearest right one.
    """
    named = _Reader(text).layers()
    return tuple(_Binder(text, layer).layer(is_last=layer is named[-1]) for layer in named)


def write_layers(layers: Sequence[Layer]) -> str:
    """The canonical text of layers: netlet's names, and only the arguments that differ from the defaults."""
    return " - ".join(map(write_layer, layers))


def write_layer(layer: Layer) -> str:
    """The canonical text of one layer, such as ``conv(4, 3x3, padding=same)``."""
    written = []
    for field in fields(layer):
        value = getattr(layer, field.name)
        if is_required(field) or field.name in ("kernel_size", "pool_size"):
            written.append(_write_value(field.name, value))
        elif value != field.default:
            written.append(f"{field.name}={_write_value(field.name, value)}")
    return f"{layer.name}({', '.join(written)})" if written else layer.name


def _write_value(argument: str, value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        height, width = value
        return str(height) if height == width and argument != "kernel_size" else f"{height}x{width}"
    return str(value)


class _Argument(NamedTuple):
    """An argument as it stands in the text, and where (indices from 0)."""

    name: str | None
    value: Value
    place: int


class _Named(NamedTuple):
    """A layer as it stands in the text: the name, its class, and the arguments."""

    name: str
    kind: type[Layer]
    is_keras: bool
    arguments: list[_Argument]
    place: int


class _Reader:
    """Reads one text from left to right; never goes back, so the time grows with the text's length only."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.is_shorthand = _SHORTHAND.search(text) is not None

    # The grammar, top-down. Every method stops at the first place that is not its own and no space.

    def layers(self) -> list[_Named]:
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

    def layer(self) -> _Named:
        """A layer, perhaps in parentheses of its own."""
        opening = self.place
        if not self.accept_character("("):
            return self.bare_layer()
        layer = self.bare_layer()
        self.close(opening)
        return layer

    def bare_layer(self) -> _Named:
        place = self.place
        if shorthand := self.accept(_SHORTHAND):
            return self.shorthand_layer(shorthand, place)
        name = self.name("a layer")
        if name.lower() == "timedistributed":
            return self.dense_on_every_step(name, place)
        kind, is_keras = self.kind(name, place)
        return _Named(name, kind, is_keras, self.arguments(), place)

    def shorthand_layer(self, match: re.Match[str], place: int) -> _Named:
        filters, height, width = match.group(1), match.group(2), match.group(3) or match.group(2)
        arguments = [
            _Argument("filters", self.number(filters, place), place),
            _Argument("kernel_size", (self.number(height, place), self.number(width, place)), place),
        ]
        return _Named(Conv.name, Conv, False, arguments, place)

    def dense_on_every_step(self, name: str, place: int) -> _Named:
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
        return _Named(kind.name, kind, is_keras, arguments, inner)

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
        raise self.mistake(
            f"unknown layer {quoted(name)} at column {place + 1}{hint} "
            f"allowed: {', '.join(layer.name for layer in LAYERS)}, and Keras's names for them",
            place,
        )

    def arguments(self) -> list[_Argument]:
        """What stands in parentheses after a name, if anything does."""
        opening = self.place
        found: list[_Argument] = []
        if not self.accept_character("("):
            return found
        while not self.accept_character(")"):
            found.append(self.argument())
            if not self.accept_character(",") and self.next_character() != ")":
                raise self.unclosed(opening, "',' or ')'")
        return found

    def argument(self) -> _Argument:
        place = self.place
        name = self.accept(_ARGUMENT_NAME)
        return _Argument(name.group(1).lower() if name else None, self.value(), place)

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
        return ArchitectureError(f"{_excerpt(self.text, place)}: {message}")


class _Binder:
    """Makes a layer of a name and arguments as they stand in a text."""

    def __init__(self, text: str, named: _Named) -> None:
        self.text = text
        self.named = named
        self.kind = named.kind
        self.fields = [field.name for field in fields(named.kind)]
        self.given: dict[str, object] = {}

    def layer(self, *, is_last: bool) -> Layer:
        for position, argument in enumerate(self.named.arguments):
            self.bind(position, argument)
        missing = [f.name for f in fields(self.kind) if is_required(f) and f.name not in self.given]
        if missing:
            raise self.mistake(
                f"{self.named.name} at column {self.named.place + 1} needs {missing[0]}, such as "
                f"{self.kind.name}({_EXAMPLES[missing[0]]})",
                self.named.place,
            )
        return self.kind(**(self.defaults(is_last) | self.given))

    def defaults(self, is_last: bool) -> dict[str, object]:
        """Keras's where they differ; but in the last layer an activation left out is what the task needs."""
        if not self.named.is_keras:
            return {}
        left_out = {"activation"} if is_last and not issubclass(self.kind, Recurrent) else set()
        return {name: value for name, value in self.kind.keras_defaults.items() if name not in left_out}

    def bind(self, position: int, argument: _Argument) -> None:
        name = self.positional(position, argument) if argument.name is None else self.by_name(argument)
        if name in self.given:
            raise self.mistake(
                f"{name} is given a second time at column {argument.place + 1}", argument.place
            )
        try:
            self.given[name] = self.checked(name, argument.value)
        except ValueError as error:
            raise self.mistake(
                f"{self.named.name} at column {argument.place + 1}: {error}", argument.place
            ) from None

    def positional(self, position: int, argument: _Argument) -> str:
        names = self.kind.positional
        if any(earlier.name for earlier in self.named.arguments[:position]):
            raise self.mistake(
                f"the argument at column {argument.place + 1} needs a name, as it follows one with a name",
                argument.place,
            )
        if position < len(names):
            return names[position]
        takes = f"only {', '.join(names)} without a name" if names else "no arguments without a name"
        raise self.mistake(
            f"one argument too many at column {argument.place + 1}: {self.named.name} takes "
            f"{takes if self.fields else 'no arguments'}",
            argument.place,
        )

    def by_name(self, argument: _Argument) -> str:
        keras_names = {keras: own for own, keras in self.kind.keras_arguments.items()}
        name = keras_names.get(argument.name or "", argument.name or "")
        if name in self.fields:
            return name
        hint = _NOT_SAID_HERE.get(name)
        if hint is None:
            allowed = f"allowed: {', '.join(self.fields)}" if self.fields else "it takes none"
            hint = f"{did_you_mean(name, self.fields).lstrip('; ')} {allowed}".strip()
        raise self.mistake(
            f"{self.named.name} has no argument {quoted(name)} (column {argument.place + 1}): {hint}",
            argument.place,
        )

    def checked(self, name: str, value: Value) -> object:
        if value is not None:
            return checked(name, value)
        if name in ("activation", "recurrent_activation", "function"):
            if self.named.is_keras:
                return "linear"
            raise ValueError(
                f"{name} is none: write linear for no activation, or leave it out for the default"
            )
        if any(field.name == name and field.default is None for field in fields(self.kind)):
            return None
        return checked(name, value)

    def mistake(self, message: str, place: int) -> ArchitectureError:
        return ArchitectureError(f"{_excerpt(self.text, place)}: {message}")


def _excerpt(text: str, place: int) -> str:
    """The text around a mistake, on one line."""
    start, end = max(0, place - _EXCERPT), place + _EXCERPT
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shown = "".join(character if character.isprintable() else " " for character in text[start:end])
    return before + shown.strip() + after
