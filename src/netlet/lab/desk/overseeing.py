"""A class overseen: who answered what, how answers are spread, who is far off, what is smallest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from netlet import metrics
from netlet.lab.desk.claims import ClaimedAnswer, ClaimedNetwork
from netlet.lab.desk.reading import HandedIn

FAR = 3.5
"""Robust standard deviations (1.4826 times the median distance from the median) beyond which is far off."""
_FEW = 5
"""Values of which nothing is called far off."""


@dataclass(frozen=True)
class Value:
    """A student's value for a question: of the network that is best by validation, the student's own if any.

    Attributes
    ----------
    student
        The student's name.
    network
        Which network.
    value
        Its median over seeds on the validation data.
    """

    student: str
    network: ClaimedNetwork
    value: float


@dataclass(frozen=True)
class Spread:
    """A question's values over a class.

    Attributes
    ----------
    key, title
        Of the question.
    metric
        What the values are of.
    values
        One a student who has one, from the best to the worst.
    far
        Those of `values` that are far off.
    """

    key: str
    title: str
    metric: str
    values: tuple[Value, ...]
    far: tuple[Value, ...]

    @property
    def middle(self) -> float:
        """Their median."""
        return median(each.value for each in self.values)


@dataclass(frozen=True)
class Front:
    """A dataset's networks, and those of them that no smaller one is as good as.

    Attributes
    ----------
    dataset, metric
        Which, and what they are compared by.
    all
        Every network that was handed in.
    smallest
        From small to large, each better than all that are smaller.
    """

    dataset: str
    metric: str
    all: tuple[Value, ...]
    smallest: tuple[Value, ...]


@dataclass(frozen=True)
class Row:
    """A student in the table of the class.

    Attributes
    ----------
    student, file
        Who, and what was handed in.
    cells
        By question: the answer, if there is one, and its value.
    """

    student: str
    file: Path
    cells: dict[str, tuple[ClaimedAnswer | None, Value | None]]


@dataclass(frozen=True)
class Overview:
    """All of it."""

    rows: tuple[Row, ...]
    spreads: tuple[Spread, ...]
    fronts: tuple[Front, ...]
    questions: dict[str, str]


def overview(files: Sequence[HandedIn]) -> Overview:
    """What there is to see of a class's files."""
    questions: dict[str, str] = {}
    for each in files:
        for answer in each.claims.answers:
            questions.setdefault(answer.key, answer.title)
    rows = tuple(sorted((_row(each, questions) for each in files), key=lambda row: _natural(row.student)))
    spreads = tuple(
        spread for key, title in questions.items() for spread in _spreads(key, title, rows) if spread.values
    )
    return Overview(rows, spreads, tuple(_fronts(files)), questions)


def _natural(name: str) -> list[tuple[int, str]]:
    """For an order in which 9 comes before 10."""
    parts = re.split(r"([0-9]{1,9})", name.casefold())
    return [(int(part) if place % 2 else 0, "" if place % 2 else part) for place, part in enumerate(parts)]


def _row(handed_in: HandedIn, questions: Iterable[str]) -> Row:
    student = handed_in.claims.student or handed_in.file.parent.name
    by_key = {answer.key: answer for answer in handed_in.claims.answers}
    cells = {}
    for key in questions:
        answer = by_key.get(key)
        cells[key] = (answer, None if answer is None else _best(student, answer))
    return Row(student, handed_in.file, cells)


def _best(student: str, answer: ClaimedAnswer) -> Value | None:
    own = [each for each in answer.networks if each.is_own]
    values = [Value(student, each, each.median) for each in own or answer.networks if each.median is not None]
    if not values:
        return None
    metric = values[0].network.metric
    sign = 1 if metrics.higher_is_better(metric) else -1
    return max((each for each in values if each.network.metric == metric), key=lambda each: sign * each.value)


def _spreads(key: str, title: str, rows: Iterable[Row]) -> list[Spread]:
    values = [value for row in rows if (value := row.cells[key][1]) is not None]
    found = []
    for metric in dict.fromkeys(each.network.metric for each in values):
        sign = -1 if metrics.higher_is_better(metric) else 1
        some = sorted(
            (each for each in values if each.network.metric == metric), key=lambda e: sign * e.value
        )
        found.append(Spread(key, title, metric, tuple(some), tuple(_far(some))))
    return found


def _far(values: Sequence[Value]) -> list[Value]:
    """Those that are far from the others' median, by the others' own distances from it."""
    if len(values) < _FEW:
        return []
    middle = median(each.value for each in values)
    usual = 1.4826 * median(abs(each.value - middle) for each in values)
    return [each for each in values if abs(each.value - middle) > FAR * max(usual, 1e-3 * abs(middle))]


def _fronts(files: Iterable[HandedIn]) -> list[Front]:
    found: dict[tuple[str, str], dict[tuple[object, ...], Value]] = {}
    for each in files:
        student = each.claims.student or each.file.parent.name
        for network in each.claims.networks:
            if network.median is not None:
                key = (student, network.architecture, network.median)
                some = found.setdefault((network.dataset, network.metric), {})
                some[key] = Value(student, network, network.median)
    fronts = []
    for (dataset, metric), values in found.items():
        sign = 1 if metrics.higher_is_better(metric) else -1
        order = sorted(values.values(), key=lambda each: (each.network.parameters, -sign * each.value))
        smallest: list[Value] = []
        for each in order:
            if not smallest or sign * each.value > sign * smallest[-1].value:
                smallest.append(each)
        fronts.append(Front(dataset, metric, tuple(order), tuple(smallest)))
    return fronts
