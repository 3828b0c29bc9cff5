"""An exercise's words: Markdown templates, run in a sandbox, checked when they are read.

A file of words is a Markdown document with jinja2's marks in it. Lines that begin with ``## `` part it into
sections; before the first of them stand the title (``# ``) and what all sections share (``{% set %}``).
Numbers are filled in from what was measured, and sentences hang on them (``{% if %}``): no template can reach
anything else, run code of its own, or read a file that is not in its folder or in netlet's own words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlet.errors import DataError, FileError
from netlet.metrics import as_text

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from netlet.training import Training

PHRASES = "phrases.md"
"""Macros that every template may call; an exercise may have its own in the place of netlet's."""
OWN = Path(__file__).parent / "wording"
"""netlet's own words, used where an exercise has none."""
_SECTION = re.compile(r"^## +(.+?) *$")
_TITLE = re.compile(r"^# +(.+?) *$")
_SAID = {
    *("optimizer", "learning_rate", "schedule", "epochs", "batch_size"),
    *("shuffle", "truncation", "global_clip_norm"),
}
"""Settings that the phrase for settings names by itself."""


@dataclass(frozen=True, eq=False)
class Words:
    """One file's sections.

    Attributes
    ----------
    file
        Where they are.
    title
        What stands after ``# ``; empty if there is none.
    sections
        A template for each, by its heading; that of a file without headings is "".
    uses
        Names of the values that they ask for.
    written
        The lines of each section as they stand in the file.
    """

    file: Path
    title: str
    sections: Mapping[str, Template]
    uses: frozenset[str] = frozenset()
    written: Mapping[str, str] = field(default_factory=dict)

    def render(self, section: str, values: Mapping[str, Any]) -> str:
        """A section as Markdown; empty if the file has none of that name.

        Raises
        ------
        DataError
            If the template asks for what there is not, with the file and the line.
        """
        import jinja2

        template = self.sections.get(section)
        if template is None:
            return ""
        try:
            return template.render(values).strip()
        except jinja2.TemplateError as error:
            raise _wrong(self.file, _line(error, self.file), error.message or str(error)) from None
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
            told = f"{type(error).__name__}: {error}"
            raise _wrong(self.file, _line(error, self.file), told) from None


def environment(folder: Path) -> ImmutableSandboxedEnvironment:
    """What an exercise's templates run in: its own phrases, or else netlet's, and filters for numbers."""
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader([folder, OWN]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        number=number,
        percent=percent,
        thousands=thousands,
        signed=signed,
        unusual=unusual,
        settled=settled,
        python=python,
    )
    path = next(path for path in (folder / PHRASES, OWN / PHRASES) if path.is_file())
    made.globals.update(_macros(made, path))
    return made


def read(
    path: Path,
    run_in: ImmutableSandboxedEnvironment,
    known: Collection[str],
    attributes: Mapping[str, Collection[str]] | None = None,
) -> Words:
    """Read and check a file of words.

    Parameters
    ----------
    path
        The file.
    run_in
        Of its exercise.
    known
        Names of the values that its templates will be given.
    attributes
        Of some of these, what they have.

    Raises
    ------
    FileError
        If there is no such file, or it is no text.
    DataError
        If a template is wrong, or asks for a name or an attribute that there will not be.
    """
    text = _text(path)
    shared, title, parts = _parted(text)
    sections, uses = {}, set()
    for name, lines in parts.items():
        source = "\n".join(
            line if number in lines or number in shared else ""
            for number, line in enumerate(text.split("\n"))
        )
        sections[name], used = _template(source, path, run_in, known, attributes or {})
        uses |= used
    all_lines = text.split("\n")
    written = {name: "\n".join(all_lines[number] for number in sorted(parts[name])) for name in parts}
    return Words(path, title, sections, frozenset(uses), written)


@cache
def own_phrases() -> Mapping[str, Any]:
    """netlet's own phrases, as functions."""
    return _macros(environment(OWN), OWN / PHRASES)


# --- filters ----------------------------------------------------------------------------------------------


def number(value: float | None) -> str:
    """A metric; in words where there is none, or it is not finite."""
    return as_text(value, "undefined")


def percent(share: float | None, decimals: int = 1) -> str:
    """A share as per cent, whole ones without decimals; what is nearly all or nothing gets more of them."""
    if share is None:
        return "undefined"
    text = f"{100 * share:.{decimals}f}"
    while float(text) in (0, 100) and share not in (0, 1) and decimals < 6:
        decimals += 1
        text = f"{100 * share:.{decimals}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + " %"


def thousands(amount: int) -> str:
    """A count with its thousands set apart: "1,850"."""
    return f"{amount:,}"


def signed(value: float | None, decimals: int | None = None) -> str:
    """A number with its sign; as a metric is told, if no number of decimals is given."""
    if value is None:
        return "undefined"
    sign = "+" if value > 0 else "-" if value < 0 else ""
    size = abs(value)
    if size == float("inf"):
        return f"{sign}∞"
    return sign + (number(size) if decimals is None else f"{size:.{decimals}f}")


def unusual(training: Training) -> list[tuple[str, Any]]:
    """The settings that differ from their defaults, but those that are always told."""
    return [
        (field.name.replace("_", " "), value)
        for field in fields(training)
        if field.name not in _SAID and (value := getattr(training, field.name)) != field.default
    ]


def python(value: Any) -> str:
    """A value as it is written in Python."""
    import json

    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def settled(text: str) -> str:
    """Text on one line, each space single."""
    return " ".join(text.split())


# --- reading ----------------------------------------------------------------------------------------------


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise FileError(f"{path} is no text in UTF-8", file=path) from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}", file=path) from None


def _parted(text: str) -> tuple[set[int], str, dict[str, set[int]]]:
    """The lines that all sections share, the title, and the lines of each section, counted from 0."""
    shared: set[int] = set()
    title, parts, current = "", {}, None
    for number, line in enumerate(text.split("\n")):
        if found := _SECTION.match(line):
            current = parts.setdefault(found[1], set())  # a section may be written in several pieces
        elif current is not None:
            current.add(number)
        elif not title and (found := _TITLE.match(line)):
            title = found[1]
        else:
            shared.add(number)
    return (shared, title, parts) if parts else (set(), title, {"": shared})


def _template(
    source: str,
    path: Path,
    run_in: ImmutableSandboxedEnvironment,
    known: Collection[str],
    attributes: Mapping[str, Collection[str]],
) -> tuple[Template, set[str]]:
    """A checked template, and the names of the values that it asks for."""
    import jinja2
    from jinja2 import meta, nodes

    try:
        tree = run_in.parse(source, filename=str(path))
        code = run_in.compile(source, filename=str(path))
    except jinja2.TemplateSyntaxError as error:
        raise _wrong(path, error.lineno, error.message or "it cannot be read") from None
    there = {*known, *run_in.globals}
    # A name that is set on one way through a template is not unknown on the others.
    uses = meta.find_undeclared_variables(tree) - {
        node.name for node in tree.find_all(nodes.Name) if node.ctx != "load"
    }
    unknown = uses - there
    for node in tree.find_all(nodes.Name):
        if node.name in unknown:
            raise _wrong(path, node.lineno, f"there is no {node.name!r}{_nearest(node.name, there)}")
    for node in tree.find_all(nodes.Getattr):
        of = node.node.name if isinstance(node.node, nodes.Name) else ""
        if of in attributes and node.attr not in attributes[of]:
            told = f"{of} has no {node.attr!r}{_nearest(node.attr, attributes[of])}"
            raise _wrong(path, node.lineno, told)
    return jinja2.Template.from_code(run_in, code, run_in.make_globals(None)), uses


def _macros(run_in: ImmutableSandboxedEnvironment, path: Path) -> dict[str, Any]:
    """The macros of a file of phrases."""
    template, _ = _template(_text(path), path, run_in, (), {})
    return {name: macro for name, macro in vars(template.make_module()).items() if not name.startswith("_")}


def _nearest(name: str, known: Collection[str]) -> str:
    """A hint at a name that there is."""
    import difflib

    near = difflib.get_close_matches(name, known, 1)
    return f": is {near[0]!r} meant?" if near else f": there are {', '.join(sorted(known)[:20])}"


def _line(error: BaseException, path: Path) -> int:
    """The line of a template that an error came from."""
    line = getattr(error, "lineno", None) or 1
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == str(path):
            line = step.tb_lineno
        step = step.tb_next
    return line


def _wrong(path: Path, line: int, message: str) -> DataError:
    return DataError(f"{path}, line {line}: {' '.join(message.split())}", file=path, row=line)
