"""The exercise's cells and questions as code: each question returns its answer with its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from netlet.errors import NetletError
from netlet.lab.answer import Answer, Picture, Table, TrainedNetwork
from netlet.lab.ex1 import question_1, question_2
from netlet.lab.ex2 import question_3
from netlet.lab.ex3 import question_4, question_5
from netlet.lab.ex4 import question_6, question_7, question_8, question_9
from netlet.lab.laboratory import QUICK_SEEDS, SEEDS, Laboratory

__all__ = [
    "DATASETS",
    "EXERCISES",
    "QUICK_SEEDS",
    "SEEDS",
    "TITLES",
    "Answer",
    "Laboratory",
    "Picture",
    "Table",
    "TrainedNetwork",
    "answers",
    "prepare",
    "questions_of",
]

Question = Callable[[Laboratory], Answer]

EXERCISES: dict[str, tuple[Question, ...]] = {
    "ex1": (question_1, question_2),
    "ex2": (question_3,),
    "ex3": (question_4, question_5),
    "ex4": (question_6, question_7, question_8, question_9),
}
DATASETS = {
    "ex1": ("mnist56",),
    "ex2": ("mnist56",),
    "ex3": ("crt", "r3"),
    "ex4": ("pulses", "pulses-reversed"),
}
TITLES = {
    "ex1": "Classifying digits",
    "ex2": "Inside the network",
    "ex3": "Classifying shapes",
    "ex4": "Converting pulses",
}


def questions_of(names: Sequence[str]) -> tuple[Question, ...]:
    """The questions of exercises, in the exercise's order, each once; of all if none is named.

    Raises
    ------
    NetletError
        If there is no exercise of that name.
    """
    for name in names:
        if name not in EXERCISES:
            raise NetletError(f"there is no exercise {name!r}: choose from {', '.join(EXERCISES)}")
    chosen = [name for name in EXERCISES if not names or name in names]
    return tuple(question for name in chosen for question in EXERCISES[name])


def prepare(names: Sequence[str], lab: Laboratory) -> None:
    """Load every dataset that exercises need, so that broken files are found before any training.

    Raises
    ------
    DataError
        If a file is missing or broken.
    """
    for name in names or EXERCISES:
        for dataset in DATASETS[name]:
            lab.dataset(dataset)


def answers(names: Sequence[str], lab: Laboratory) -> Iterator[Answer]:
    """Answer the questions of exercises, one after the other."""
    for question in questions_of(names):
        yield question(lab)
