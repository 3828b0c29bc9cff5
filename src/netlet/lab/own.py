"""A student's own answers: words for every question, and networks that are trained like the exercise's.

The file is Markdown. A line ``## q1`` begins the words for a question, ``## Introduction`` and ``## Summary``
those around them; ``# Name`` at the top is whose it is. A fenced block marked ``network`` holds a network as
TOML: its architecture, and, if they differ from what is usual, its dataset and settings ("none" for None).
Comments (``<!-- -->``) are left out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from netlet.architecture import Architecture
from netlet.errors import DataError, FileError, NetletError
from netlet.lab.answer import Answer, TrainedNetwork
from netlet.lab.answering import placed, settings
from netlet.lab.document import Exercise, NamedNetwork
from netlet.lab.laboratory import Laboratory
from netlet.saving import write_whole

FILE = "answers.md"
INTRODUCTION, SUMMARY = "introduction", "summary"
NAME_LEFT_OUT = "Your name"
LONGEST_NAME = 200
"""Characters of whose answers they are, and of what a network is called."""
_TOO_LONG = f"the name has more than {LONGEST_NAME} characters: make it shorter"
_LARGEST = 1_000_000
"""Bytes of a file of answers."""
_HEADING = re.compile(r"^## +(.+?) *$")
_TITLE = re.compile(r"^# +(.+?) *$")
_QUESTION = re.compile(r"question +(\d+)\b.*", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FENCE = re.compile(r"^(```+|~~~+)\s*(\w*)\s*$")


@dataclass(frozen=True)
class OwnNetwork:
    """A student's network.

    Attributes
    ----------
    network
        Which, on what and how it is trained.
    line
        Where in the file of answers, from 1.
    """

    network: NamedNetwork
    line: int


@dataclass(frozen=True)
class OwnAnswers:
    """What is in a file of answers.

    Attributes
    ----------
    file
        The file.
    name
        Whose they are; empty if that is not said.
    words
        By the key of a question, "introduction" or "summary": Markdown.
    networks
        By the key of a question.
    """

    file: Path
    name: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    networks: Mapping[str, tuple[OwnNetwork, ...]] = field(default_factory=dict)

    def wrong(self, line: int, message: str) -> DataError:
        """What is wrong, and where."""
        return DataError(f"{self.file}, line {line}: {message}", file=self.file, row=line)

    def prepare(self, lab: Laboratory) -> None:
        """Check every network on its data, before any training.

        Raises
        ------
        DataError
            If one does not fit, with file and line.
        """
        for each in (own for networks in self.networks.values() for own in networks):
            try:
                training = settings(each.network, lab)
                data = lab.dataset(each.network.dataset)
                Architecture(each.network.architecture).resolve_for(data)
                training.check(data, each.network.architecture)
            except NetletError as error:
                raise self.wrong(each.line, str(error)) from None


def added(exercise: Exercise, answer: Answer, own: OwnAnswers, lab: Laboratory) -> Answer:
    """An answer with a student's own words, and their networks trained and set beside the exercise's."""
    networks = tuple(
        TrainedNetwork.of(
            each.network.name,
            lab.runs(each.network.architecture, each.network.dataset, settings(each.network, lab)),
            written=each.network.architecture,
        )
        for each in own.networks.get(answer.key, ())
    )
    drawn = {picture.name: picture for picture in answer.pictures}
    parts = [placed(own.words.get(answer.key, ""), drawn)]
    if networks:
        others = [each for each in answer.networks if each.ranked_by == networks[0].ranked_by]
        parts.append(exercise.own.render("networks", {"own": list(networks), "others": others}))
    told = "\n\n".join(filter(None, parts))
    return replace(answer, own=told, own_networks=networks, pictures=tuple(drawn.values()))


def template(exercise: Exercise, path: Path) -> Path:
    """Write a file of answers to be filled in.

    Raises
    ------
    FileError
        If there is such a file, which is not written over, or it cannot be written.
    """
    if path.exists():
        raise FileError(
            f"{path} is there already and is not written over: rename it, or give another name", file=path
        )
    questions = [
        {
            "key": question.key,
            "title": question.words.title,
            "example": exercise.networks[question.networks[0]],
        }
        for question in exercise.questions.values()
    ]
    text = exercise.own.render("template", {"questions": questions, "name": NAME_LEFT_OUT})
    return write_whole(path, (text + "\n").encode())


def read(exercise: Exercise, path: Path) -> OwnAnswers:
    """Read and check a file of answers.

    Raises
    ------
    FileError
        If it cannot be read, or is no text.
    DataError
        If it names a question that there is not, or has a network that cannot be read; with file and line.
    """
    found = OwnAnswers(path)
    name, words, networks = "", {}, {}
    key, lines = "", list(_lines(_text(path)))
    place = 0
    while place < len(lines):
        number, line = lines[place]
        place += 1
        if heading := _HEADING.match(line):
            key = _key(found, exercise, heading[1], number)
            if key in words:
                raise found.wrong(number, f"{heading[1]!r} is there twice")
            words[key], networks[key] = [], []
        elif (title := _TITLE.match(line)) and not key:
            name = "" if title[1] == NAME_LEFT_OUT else title[1]
            if len(name) > LONGEST_NAME:
                raise found.wrong(number, _TOO_LONG)
        elif (fence := _FENCE.match(line)) and fence[2] == "network":
            inside = []
            while place < len(lines) and not lines[place][1].startswith(fence[1]):
                inside.append(lines[place][1])
                place += 1
            if place == len(lines):
                raise found.wrong(number, f"the network is not closed: end it with {fence[1]}")
            place += 1
            if key not in exercise.questions:
                raise found.wrong(number, "a network stands below a question: put it below a line like ## q1")
            networks[key].append(_network(found, exercise, key, "\n".join(inside), number, networks[key]))
        elif key:
            words[key].append((number, line))
            if fence:  # what is in it is no heading
                while place < len(lines):
                    words[key].append(lines[place])
                    place += 1
                    if lines[place - 1][1].startswith(fence[1]):
                        break
        elif line.strip():
            raise found.wrong(number, "words stand below a heading: begin with a line like ## Introduction")
    for key, own in words.items():
        _check_pictures(found, exercise, key, own)
    told = {key: "\n".join(line for _, line in own).strip() for key, own in words.items()}
    return replace(
        found,
        name=name,
        words={key: text for key, text in told.items() if text},
        networks={key: tuple(each) for key, each in networks.items() if each},
    )


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():  # a device or a pipe has no end
            raise FileError(f"{path} is no ordinary file: give the name of a file of answers", file=path)
        with path.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise FileError(f"{path} is larger than {_LARGEST:,} bytes, and so no file of answers", file=path)
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise FileError(f"{path} is no text in UTF-8", file=path) from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}", file=path) from None


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1; of comments nothing but the lines they take."""
    without = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    return enumerate(without.splitlines(), start=1)


def _key(found: OwnAnswers, exercise: Exercise, heading: str, number: int) -> str:
    if heading.lower() in (INTRODUCTION, SUMMARY):
        return heading.lower()
    first = heading.split(":")[0].strip()
    by_number = _QUESTION.fullmatch(heading)
    for key, question in exercise.questions.items():
        if first == key or (by_number and int(by_number[1]) == question.number):
            return key
    known = ", ".join([*exercise.questions, INTRODUCTION.capitalize(), SUMMARY.capitalize()])
    raise found.wrong(number, f"there is no question {heading!r}: choose from {known}")


def _network(
    found: OwnAnswers, exercise: Exercise, key: str, text: str, line: int, before: list[OwnNetwork]
) -> OwnNetwork:
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except RecursionError:
        raise found.wrong(line, "the network is nested too deep") from None
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+)", str(error))
        wrong = int(where[1]) if where else text.count("\n") + 1  # or it is the end of the block
        raise found.wrong(line + wrong, str(error)) from None
    usual = exercise.networks[exercise.questions[key].networks[0]]
    name = content.pop("name", f"my network {len(before) + 1}")
    architecture, dataset = content.pop("architecture", None), content.pop("dataset", usual.dataset)
    if not isinstance(architecture, str) or not isinstance(name, str):
        raise found.wrong(line, f'the network needs a line like architecture = "{usual.architecture}"')
    if len(name) > LONGEST_NAME:
        raise found.wrong(_line_of("name", text, line), _TOO_LONG)
    if not isinstance(dataset, str) or dataset not in exercise.datasets:
        raise found.wrong(
            line, f"there is no dataset {dataset!r}: choose from {', '.join(exercise.datasets)}"
        )
    content = {setting: None if value == "none" else value for setting, value in content.items()}
    network = NamedNetwork("", name, architecture, dataset, content)
    try:
        Architecture(architecture)
    except NetletError as error:
        raise found.wrong(_line_of("architecture", text, line), str(error)) from None
    for setting in content:
        try:
            settings(
                replace(network, settings={setting: content[setting]}), Laboratory(own=exercise.datasets)
            )
        except NetletError as error:
            raise found.wrong(_line_of(setting, text, line), str(error)) from None
    return OwnNetwork(network, line)


def _line_of(key: str, text: str, line: int) -> int:
    for number, each in enumerate(text.splitlines(), start=1):
        if re.match(rf"\s*{key}\s*=", each):
            return line + number
    return line


def _check_pictures(found: OwnAnswers, exercise: Exercise, key: str, lines: list[tuple[int, str]]) -> None:
    question = exercise.questions.get(key)
    known = [call.name for call in question.figures] if question else []
    for number, line in lines:
        for picture in re.finditer(r"!\[[^\]]*\]\(\s*([^)\s]*)", line):
            if picture[1] not in known:
                choose = ", ".join(known) or "none here"
                raise found.wrong(number, f"there is no figure {picture[1]!r}: there are {choose}")
