from dataclasses import replace

import pytest

from netlet.datasets import Dataset
from netlet.lab import Laboratory, answers
from netlet.training import Runs, Training


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
        second = "mse" if dataset == "pulses" else "loss"
        metrics = {
            split: [{runs.ranked_by: value, second: 1.0} for value in of_split.get(split, values)]
            for split in data.present
        }
        seeds = tuple(replace(runs[0], seed=seed) for seed in range(len(values)))
        return Runs(runs.architecture, data, runs.training, seeds, 0.0, _metrics=metrics)

    return make
