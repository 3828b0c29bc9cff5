"""A TOML document whose values are checked as they are read: every mistake is told with its file and line."""

from __future__ import annotations

import keyword
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from netlet.errors import DataError, FileError
from netlet.lab.places import Places

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
"""What a template may call a value."""
FILE_NAME = re.compile(r"[A-Za-z0-9][\w-]*\Z")
"""What a file may be called, without its ending."""


class Checked:
    """One TOML file, and checks of what is in it.

    A place in it is the path of keys that lead there.

    Raises
    ------
    FileError
        If it is missing or no text.
    DataError
        If it is no TOML.
    """

    def __init__(self, path: Path) -> None:
        """Read it."""
        self.folder, self.path = path.parent, path
        if not self.folder.is_dir():
            raise FileError(f"{self.folder} is no folder with an exercise in it", file=self.folder)
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise FileError(f"{path} is no text in UTF-8", file=path) from None
        except OSError as error:
            raise FileError(f"{path} cannot be read: {error.strerror or error}", file=path) from None
        self.places = Places(text)
        try:
            self.document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self.wrong((), str(error), _line_of(error, text)) from None

    def wrong(self, path: tuple[str, ...], message: str, line: int | None = None) -> DataError:
        """What is wrong, and where."""
        line = line or self.places.of(path)
        return DataError(f"{self.path}, line {line}: {message}", file=self.path, row=line)

    def table(self, here: tuple[str, ...], content: object) -> dict[str, Any]:
        """A table."""
        if not isinstance(content, dict):
            what = ".".join(here)
            raise self.wrong(here, f"{what} is {content!r}, but must be a table, such as [{what}]")
        return content

    def only(self, here: tuple[str, ...], table: Mapping[str, Any], *known: str) -> None:
        """Refuse keys that mean nothing."""
        for key in table:
            if key not in known:
                raise self.wrong((*here, key), f"there is no {key!r} here: choose from {', '.join(known)}")

    def text(
        self, here: tuple[str, ...], table: Mapping[str, Any], key: str, usual: str | None = None
    ) -> str:
        """A text that is not empty; the usual one, if there is one and nothing is said."""
        value = table.get(key, usual)
        if value is None:
            raise self.wrong(here, f"{key} is missing: write {key} = ...")
        if not isinstance(value, str) or (not value and usual is None):
            raise self.wrong((*here, key), f"{key} is {value!r}, but must be a text")
        return value

    def whole(self, here: tuple[str, ...], table: Mapping[str, Any], key: str, usual: int) -> int:
        """A whole number from 1."""
        value = table.get(key, usual)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self.wrong((*here, key), f"{key} is {value!r}, but must be a whole number from 1")
        return value

    def numbers(self, here: tuple[str, ...], content: object) -> dict[str, float]:
        """A table of numbers."""
        table = self.table(here, content)
        for name, value in table.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise self.wrong(here, f"{name} is {value!r}, but must be a number")
        return {name: float(value) for name, value in table.items()}

    def names(
        self, here: tuple[str, ...], table: Mapping[str, Any], key: str, known: Collection[str], noun: str
    ) -> tuple[str, ...]:
        """A list of names that are known, each once."""
        value = table.get(key, [])
        if not isinstance(value, list) or not value:
            raise self.wrong((*here, key), f"{key} is {value!r}, but must be a list of {noun}s' names")
        for each in value:
            if each not in known:
                choose = ", ".join(known) or "none"
                raise self.wrong((*here, key), f"there is no {noun} {each!r}: there are {choose}")
        return tuple(dict.fromkeys(value))

    def named(self, here: tuple[str, ...], key: str, rule: re.Pattern[str] = NAME) -> None:
        """Refuse a name that templates, or files, could not have."""
        if not rule.match(key) or keyword.iskeyword(key) or key in ("true", "false", "none", "loop"):
            allowed = "small letters, digits and _" if rule is NAME else "letters, digits, _ and -"
            raise self.wrong(here, f"the name {key!r} must begin with a letter and have {allowed} only")


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> int:
    found = re.search(r"\(at line (\d+)", str(error))
    return int(found[1]) if found else text.count("\n") + 1
