"""A report's introduction, conclusion and overview, from its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from netlet.lab.answer import Answer, TrainedNetwork
from netlet.lab.document import Exercise
from netlet.lab.report.about import About
from netlet.lab.seeds import reaches
from netlet.metrics import as_text

HEAD = ("question", "network", "dataset", "parameters", "metric", "median", "best", "test median", "notebook")
"""Titles of the overview's columns."""


def introduction(exercise: Exercise, answers: Sequence[Answer], about: About) -> str:
    """What the report is about, and how its numbers are to be read, as Markdown."""
    told = exercise.introduction.render("", _values(exercise, answers, about))
    return "\n\n".join(filter(None, [about.introduction, told]))


def conclusion(exercise: Exercise, answers: Sequence[Answer], about: About) -> str:
    """What the answers say together, in a few sentences, as Markdown."""
    if not answers:
        return about.summary
    told = exercise.conclusion.render("", _values(exercise, answers, about))
    return "\n\n".join(filter(None, [about.summary, told]))


def overview(answers: Sequence[Answer]) -> list[tuple[str, ...]]:
    """All answers' networks in rows, beside the exercise's printed figures."""
    return [
        (
            f"{answer.number}",
            network.name,
            network.dataset,
            f"{network.parameters:,}",
            network.ranked_by.replace("normalised_", ""),
            as_text(network.validation.median),
            as_text(network.validation.best),
            as_text(network.test.median),
            as_text(network.figure),
        )
        for answer in answers
        for network in answer.networks
    ]


def _values(exercise: Exercise, answers: Sequence[Answer], about: About) -> dict[str, Any]:
    there = {answer.exercise for answer in answers}
    networks = _unique(answers)
    return {
        "about": about,
        "answers": [
            {"key": answer.key, "number": answer.number, "title": answer.title, "finding": answer.finding}
            for answer in answers
        ],
        "networks": networks,
        "parts": [part for part in exercise.parts.values() if part.key in there],
        "overall": _overall(networks),
    }


def _unique(answers: Sequence[Answer]) -> list[TrainedNetwork]:
    """Every network once, whatever number of questions ask for it."""
    found = {
        (network.architecture, network.dataset, network.training): network
        for answer in answers
        for network in answer.networks
    }
    return list(found.values())


def _overall(networks: Sequence[TrainedNetwork]) -> Mapping[str, Any]:
    """How many networks have a printed figure and how many medians reach it; validation against test."""
    compared = [
        reaches(network.validation.median, figure, network.higher_is_better)
        for network in networks
        if (figure := network.figure) is not None
    ]
    gaps: dict[bool, list[tuple[float, TrainedNetwork]]] = {True: [], False: []}
    for network in networks:
        validation, test = network.validation.median, network.test.median
        if validation is None or test is None:
            continue
        if network.higher_is_better:
            gaps[True].append((abs(validation - test), network))
        elif 0 < validation < inf and test < inf:
            gaps[False].append((abs(test / validation - 1), network))
    largest = [
        {"is_share": is_share, "gap": gap, "network": network.name, "dataset": network.dataset}
        for is_share, found in gaps.items()
        if found
        for gap, network in [max(found, key=lambda pair: pair[0])]
    ]
    return {"compared": len(compared), "reached": sum(compared), "gaps": largest}
