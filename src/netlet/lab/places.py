"""On which line of a TOML file a key stands, for errors that name it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TABLE = re.compile(r"^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_LONG = re.compile('"""|' + "'''")


class Places:
    """The lines of one TOML file's tables and keys.

    Inline tables are not looked into: what stands in one is on the line of the key that it belongs to.
    """

    def __init__(self, text: str) -> None:
        """Note every line that begins a table or a key; long strings are passed over."""
        self._lines: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        is_inside = False
        for number, line in enumerate(text.splitlines(), start=1):
            if not is_inside:
                if found := _TABLE.match(line):
                    table = _parts(found[1])
                    self._lines.setdefault(table, number)
                elif found := _KEY.match(line):
                    self._lines.setdefault((*table, *_parts(found[1])), number)
            is_inside ^= len(_LONG.findall(line)) % 2 == 1

    def has(self, path: Sequence[str]) -> bool:
        """Whether a key stands on a line of its own."""
        return tuple(path) in self._lines

    def of(self, path: Sequence[str]) -> int:
        """The line of a key, or of the nearest table that it is in; 1 if there is none."""
        for length in range(len(path), 0, -1):
            wanted = tuple(path[:length])
            if wanted in self._lines:
                return self._lines[wanted]
            below = [line for known, line in self._lines.items() if known[:length] == wanted]
            if below:
                return min(below)
        return 1


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
