from dataclasses import replace

import pytest

from netlet.exercises import Laboratory, answers
from netlet.training import Training


class Hasty(Laboratory):
    """A laboratory that trains hardly at all: answers have their form, and poor figures."""

    def runs(self, architecture, dataset, training=None, seeds=None):
        name = dataset if isinstance(dataset, str) else dataset.name
        training = replace(training or Training.default(name), epochs=2)
        return super().runs(architecture, dataset, training, seeds)


@pytest.fixture(scope="session")
def hasty():
    return Hasty(seeds=2, is_quick=True)


@pytest.fixture(scope="session")
def found(hasty):
    """Every question's answer, by its key."""
    return {answer.key: answer for answer in answers([], hasty)}
