"""Pieces of C: numbers, arrays, loops and activation functions."""

from __future__ import annotations

import re

import numpy as np

from netlet.architecture import AvgPool, GlobalAvgPool
from netlet.errors import FileError
from netlet.interop.c.plan import Pool, Window

_PER_LINE = 100


def identifier(text: str) -> str:
    """A name in C from the name of a file.

    Raises
    ------
    FileError
        If nothing of it can be one.
    """
    name = re.sub(r"[^0-9A-Za-z_]+", "_", text).strip("_")
    if not name or not re.match(r"[A-Za-z]", name):
        name = f"model_{name}".rstrip("_")
    if len(name) > 60:
        raise FileError(f"{text[:60]}... is too long for a name in C: choose a shorter one")
    return name.lower()


def number(value: float) -> str:
    """A float's shortest decimals that give it back."""
    text = f"{np.float32(value):.9g}"
    return f"{text}f" if re.search(r"[.e]", text) else f"{text}.0f"


def array(kind: str, name: str, values: np.ndarray) -> list[str]:
    """A constant array."""
    flat = np.asarray(values).reshape(-1)
    write = number if kind == "float" else str
    words = [write(value) for value in flat.tolist()]
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) > _PER_LINE:
            lines.append(f"    {line.rstrip()}")
            line = ""
        line += f"{word}, "
    lines.append(f"    {line.rstrip(', ')}")
    return [f"static const {kind} {name}[{flat.size}] = {{", *lines, "};"]


def nested(loops: list[str], body: list[str], depth: int = 1) -> list[str]:
    """Loops within each other around a body."""
    lines = []
    for level, loop in enumerate(loops):
        lines.append("    " * (depth + level) + loop + " {")
    lines += ["    " * (depth + len(loops)) + line for line in body]
    for level in reversed(range(len(loops))):
        lines.append("    " * (depth + level) + "}")
    return lines


def block(body: list[str], depth: int = 1) -> list[str]:
    """A body with variables of its own."""
    inner = ["    " * (depth + 1) + line for line in body]
    return ["    " * depth + "{", *inner, "    " * depth + "}"]


def loop(variable: str, count: int) -> str:
    """A loop from 0."""
    return f"for (int {variable} = 0; {variable} < {count}; {variable}++)"


def is_mean(pool: Pool | None) -> bool:
    """Whether a pooling takes means."""
    return isinstance(pool, AvgPool | GlobalAvgPool)


def place(window: Window, axis: int, outer: str, inner: str) -> str:
    """Where a window looks, as an expression."""
    stride, before = window.strides[axis], window.before[axis]
    text = f"{outer} * {stride} + {inner}" if stride != 1 else f"{outer} + {inner}"
    if window.gives[axis] == 1:
        text = inner
    return f"{text} - {before}" if before else text


FUNCTIONS = {
    "relu": "x < 0.0f ? 0.0f : x",
    "leaky_relu": "x < 0.0f ? 0.2f * x : x",
    "tanh": "tanhf(x)",
    "sigmoid": "1.0f / (1.0f + expf(-x))",
    "softplus": "x > 0.0f ? x + log1pf(expf(-x)) : log1pf(expf(x))",
    "elu": "x < 0.0f ? expm1f(x) : x",
}
"""Activation functions of x."""


def applied(prefix: str, function: str | None, value: str) -> str:
    """A value with an activation function applied."""
    return value if function in (None, "linear", "softmax") else f"{prefix}_{function}({value})"
