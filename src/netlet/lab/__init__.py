"""The lab: exercises as documents, answered with everything that their answers rest on."""

from netlet.lab.answer import Answer, Picture, TrainedNetwork
from netlet.lab.answering import answers, prepare, questions_of
from netlet.lab.document import Exercise
from netlet.lab.laboratory import Laboratory
from netlet.lab.reading import UNIVERSITY, read

__all__ = [
    "UNIVERSITY",
    "Answer",
    "Exercise",
    "Laboratory",
    "Picture",
    "TrainedNetwork",
    "answers",
    "prepare",
    "questions_of",
    "read",
]
