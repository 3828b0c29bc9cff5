"""The arguments of layers: what each may be, and the value that netlet keeps of it."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Callable, Iterable
from typing import NamedTuple

from netlet.errors import brief

ACTIVATIONS = ("linear", "relu", "leaky_relu", "tanh", "sigmoid", "softplus", "elu", "softmax")
INITIALIZERS = ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "orthogonal", "zeros")
TABLE_INITIALIZERS = ("uniform", *INITIALIZERS)  # from -0.05 to 0.05, as Keras's of that name
PADDINGS = ("valid", "same")
MERGES = ("concat", "sum", "mul", "ave")
PADDINGS_OF_STEPS = (*PADDINGS, "causal")

# Far above any network netlet trains, and small enough that every number prints at once.
LARGEST_SIZE = 1_000_000_000
LARGEST_NUMBER = 2**24  # below it every whole number is a float32
LARGEST_SHARE = 1 - 2**-24  # the float32 below 1: what is nearer to 1 is 1 in the engine
# Longer words are garbage: they are cut before they are quoted or compared.
LONGEST_WORD = 40


def checked(argument: str, value: object, rule: str | None = None) -> object:
    """The value of an argument as netlet keeps it: whole numbers as int, sizes as pairs, words in lower case.

    Parameters
    ----------
    argument
        Keras's name of the argument, such as ``kernel_size``.
    value
        What a user gave for it.
    rule
        Name of what it may be; by default the argument's own.

    Raises
    ------
    ValueError
        With the sentence "kernel_size is 0, but must be ...", if the value is not allowed.
    """
    allowed = RULES[rule or argument]
    try:
        return allowed.read(value)
    except (TypeError, ValueError, OverflowError):
        hint = did_you_mean(value, allowed.words) if isinstance(value, str) else ""
        raise ValueError(f"{argument} is {quoted(value)}, but must be {allowed.expected}{hint}") from None


def quoted(value: object) -> str:
    """A value as it is shown in an error: never longer than a line can hold."""
    text = brief(value)
    if len(text) <= LONGEST_WORD + 2:
        return text
    return text[:LONGEST_WORD] + ("…'" if isinstance(value, str) else "…")


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """The question "; did you mean 'same'?" if one of the words is near, else nothing."""
    by_lower_case = {candidate.lower(): candidate for candidate in words}
    near = difflib.get_close_matches(word[:LONGEST_WORD].lower(), by_lower_case, n=1)
    return f"; did you mean {by_lower_case[near[0]]!r}?" if near else ""


class _Rule(NamedTuple):
    expected: str
    read: Callable[[object], object]
    words: tuple[str, ...] = ()


def _whole(value: object) -> int:
    if isinstance(value, bool):
        raise TypeError
    number = operator.index(value)  # type: ignore[arg-type]  # a TypeError is the answer for all that is no number
    if not 1 <= number <= LARGEST_SIZE:
        raise ValueError
    return number


def _rows(value: object) -> int:
    number = _whole(value)
    if number > LARGEST_NUMBER:
        raise ValueError
    return number


def _pair(value: object) -> tuple[int, int]:
    if isinstance(value, (tuple, list)):
        first, second = value
        return _whole(first), _whole(second)
    return _whole(value), _whole(value)


def _length(value: object) -> int:
    if isinstance(value, (tuple, list)):
        (value,) = value
    return _whole(value)


def _share(value: object) -> float:
    if isinstance(value, (bool, str)):
        raise TypeError
    number = float(value)  # type: ignore[arg-type]  # as above
    if not 0 <= number <= LARGEST_SHARE:
        raise ValueError
    return number


def _epsilon(value: object) -> float:
    if isinstance(value, (bool, str)):
        raise TypeError
    number = float(value)  # type: ignore[arg-type]  # as above
    if not 0 < number < 1:
        raise ValueError
    return number


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _one_of(words: tuple[str, ...]) -> _Rule:
    def read(value: object) -> str:
        if not isinstance(value, str):
            raise TypeError
        word = value.lower().replace("-", "_")
        if word not in words:
            raise ValueError
        return word

    return _Rule("one of " + ", ".join(words), read, words)


_NUMBER = _Rule(f"a whole number from 1 to {LARGEST_SIZE:,}", _whole)
_SIZE = _Rule("one or two whole numbers of at least 1, such as 3 or 3x3 (height x width)", _pair)
_TRUTH = _Rule("true or false", _truth, ("true", "false"))
_ACTIVATION = _one_of(ACTIVATIONS)
_INITIALIZER = _one_of(INITIALIZERS)

RULES: dict[str, _Rule] = {
    "filters": _NUMBER,
    "units": _NUMBER,
    "depth_multiplier": _NUMBER,
    "input_dim": _Rule(f"a whole number from 1 to {LARGEST_NUMBER:,}", _rows),
    "output_dim": _NUMBER,
    "embeddings_initializer": _one_of(TABLE_INITIALIZERS),
    "mask_zero": _TRUTH,
    "kernel_size": _SIZE,
    "pool_size": _SIZE,
    "strides": _SIZE,
    "padding": _one_of(PADDINGS),
    "length": _Rule("a whole number of at least 1, such as 3", _length),
    "padding_of_steps": _one_of(PADDINGS_OF_STEPS),
    "merge_mode": _one_of(MERGES),
    "rate": _Rule("a number of at least 0 and below 1 (in float32)", _share),
    "momentum": _Rule("a number of at least 0 and below 1 (in float32)", _share),
    "epsilon": _Rule("a number above 0 and below 1", _epsilon),
    "center": _TRUTH,
    "scale": _TRUTH,
    "function": _ACTIVATION,
    "activation": _ACTIVATION,
    "recurrent_activation": _ACTIVATION,
    "kernel_initializer": _INITIALIZER,
    "recurrent_initializer": _INITIALIZER,
    "use_bias": _TRUTH,
    "reset_after": _TRUTH,
    "unit_forget_bias": _TRUTH,
    "return_sequences": _TRUTH,
}
