"""What is the same in all reports, in the exercise's language: headings, links, heads of tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from netlet.lab import words
from netlet.lab.document import Exercise
from netlet.lab.reading import OF_HEADINGS
from netlet.lab.words import settled

FILE = "report.md"

Say = Callable[..., str]
"""Gives a section of `FILE` as one line of Markdown, from its name and values."""


def headings(exercise: Exercise) -> Say:
    """The exercise's own sections, and netlet's where it has none of that name."""

    def say(section: str, **values: object) -> str:
        told = exercise.report if section in exercise.report.sections else _usual()
        return settled(told.render(section, values))

    return say


@cache
def _usual() -> words.Words:
    return words.read(words.OWN / FILE, words.environment(words.OWN), OF_HEADINGS)
