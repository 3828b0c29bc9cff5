from dataclasses import replace
from unittest.mock import patch

import pytest

from netlet.datasets import Dataset
from netlet.lab import Laboratory, TrainedNetwork, answering, answers, read
from netlet.training import Runs, train


class Hasty(Laboratory):
    """A laboratory that trains hardly at all: answers have their form, and poor figures."""

    def _train(self, key, data, validate, progress):
        def hastily(architecture, data, training, **how):
            return train(architecture, data, replace(training, epochs=2), **how)

        with patch("netlet.lab.laboratory.train", hastily):
            super()._train(key, data, validate, progress)


@pytest.fixture(scope="session")
def hasty():
    return Hasty(seeds=2, is_quick=True)


@pytest.fixture(scope="session")
def found(hasty):
    """Every question's answer, by its key."""
    return {answer.key: answer for answer in answers(read(), [], hasty)}


@pytest.fixture(scope="session")
def told(hasty, found):
    """What a section of a question's words says, with other values in the place of measured ones."""
    exercise, known = read(), {}

    def render(key, section, **changes):
        question = exercise.questions[key]
        if key not in known:
            asking = answering._Answering(exercise, question, hasty)
            known[key] = {call.name: asking.measured(call) for call in question.measurements}
            known[key] |= {name: asking.told(name) for name in question.words.uses & set(exercise.networks)}
        unknown = set(changes) - set(known[key])
        assert not unknown, f"{key} has no {unknown}"
        return " ".join(question.words.render(section, known[key] | changes).split())

    return render


@pytest.fixture(scope="session")
def network(pretend):
    """What is told of a network whose runs are said to have given such values."""

    def make(values, printed=None, **how):
        return TrainedNetwork.of("the network", pretend(values, **how), printed)

    return make


@pytest.fixture(scope="session")
def pretend(hasty):
    """Runs said to have given values of the metric they are ranked by, one a seed, on every split."""
    trained = {
        "pulses": hasty.runs("rnn(1) - dense(1)", "pulses", seeds=1),
        "crt": hasty.runs("conv(1, 3x3, strides=9) - flatten - dense(3)", "crt", seeds=1),
    }

    def make(values, dataset="pulses", has_test=True, **of_split):
        runs = trained[dataset]
        data = runs.dataset
        if not has_test:
            data = Dataset(data.name, data.train, data.validation, None, data.task, data.class_names)
        others = dict.fromkeys(runs.metrics("validation")[0], 1.0)
        metrics = {
            split: [others | {runs.ranked_by: value} for value in of_split.get(split, values)]
            for split in data.present
        }
        seeds = tuple(replace(runs[0], seed=seed) for seed in range(len(values)))
        return Runs(runs.architecture, data, runs.training, seeds, 0.0, _metrics=metrics)

    return make
