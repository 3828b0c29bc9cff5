"""What the cells of an assignment say, made of an exercise's document: questions, code, solutions."""

from __future__ import annotations

from netlet.lab import notebook
from netlet.lab.document import Exercise, NamedNetwork, Question

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
"""Between these lines is what students do not get; nbgrader takes it out."""


def start(data_dir: str | None) -> str:
    """The first cell's code: imports, and how thoroughly to train."""
    return (
        "import netlet as nl\n\n"
        f"DATA = {data_dir!r}  # folder with the data; None takes what netlet brings along\n"
        "SEEDS = 4  # from how many different initial weights every network is trained\n"
        "\n\ndef data(name):\n    return nl.load(name, DATA)"
    )


def asked(exercise: Exercise, question: Question) -> str:
    """A question's words: its heading, what it asks, what to train on."""
    networks = [exercise.networks[key] for key in question.networks]
    told = dict.fromkeys(f"`{network.dataset}`" for network in networks)
    sentence = " ".join(notebook.asked(question).split())
    part = exercise.parts[question.part]
    return "\n\n".join(
        filter(
            None,
            [
                f"## {part.title}, question {question.number}: {question.words.title}",
                sentence,
                f"Put what you train into the list `{question.key}`. Data: {', '.join(told)}.",
            ],
        )
    )


def solution(exercise: Exercise, question: Question) -> str:
    """The code that trains the exercise's own networks for a question."""
    lines = [_training(exercise.networks[key]) for key in question.networks]
    return "\n".join([f"{question.key} = [", *lines, "]"])


def _training(network: NamedNetwork) -> str:
    settings = "".join(f", {key}={value!r}" for key, value in network.settings.items())
    return f"    nl.train({network.architecture!r}, data({network.dataset!r}), seeds=SEEDS{settings}),"
