import json
from dataclasses import replace

import pytest

from netlet import datasets
from netlet.lab import Answer, TrainedNetwork
from netlet.lab.report import About
from netlet.lab.report.about import DatasetFacts
from netlet.lab.report.results import as_json
from netlet.network.machine import machine_kind
from netlet.training import Training, train

SMALL = {"train": 60, "validation": 50, "test": 40}
CNN = "conv(2, 3x3, strides=4) - globalmaxpool - dense(3)"
RNN = "rnn(2) - dense(1)"


def facts(data):
    counts = {name: len(split) for name, split in data.present.items()}
    return DatasetFacts(data.name, data.source, data.seed, counts, data.content_hash)


def handed_in(trained, name="Ada", kind=None):
    """What results.json of a lab holds whose questions were answered by such runs, one or several each."""
    answers = [
        Answer(
            key,
            place,
            "ex1",
            key,
            "?",
            "!",
            "",
            networks=tuple(TrainedNetwork.of(f"network {i}", each) for i, each in enumerate(runs)),
        )
        for place, (key, runs) in enumerate(trained.items(), start=1)
    ]
    data = {each.dataset.content_hash: facts(each.dataset) for runs in trained.values() for each in runs}
    about = About(
        exercises=(),
        seeds=4,
        is_quick=False,
        is_complete=True,
        datasets=tuple(data.values()),
        trainings=1,
        training_seconds=0.1,
        seconds=0.1,
        netlet="0.1.0",
        python="3.11",
        numpy="2.0",
        machine="a machine",
        date="2026-11-25 12:00 UTC",
        name=name,
        kind=kind or machine_kind(),
    )
    return json.loads(json.dumps(as_json(answers, about)))


@pytest.fixture(scope="session")
def small():
    """Small datasets, and runs on them from four seeds, which take no time."""

    def make(name="crt", seed=3, architecture=None, seeds=4, epochs=4):
        data = datasets.make(name, seed, **SMALL)
        chosen = architecture or (RNN if name.startswith("pulses") else CNN)
        training = replace(Training.default(data, chosen), epochs=epochs)
        return train(chosen, data, training, seeds=seeds)

    return make


@pytest.fixture(scope="session")
def honest(small):
    return {"q1": [small()], "q2": [small("r3"), small("pulses")]}


@pytest.fixture
def results(honest):
    """What an honest student's results.json holds; a copy that may be forged."""
    return handed_in(honest)


@pytest.fixture
def made():
    """Makes results of runs: see `handed_in`."""
    return handed_in


@pytest.fixture
def write(tmp_path):
    def to(content, name="results.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return to


@pytest.fixture
def elsewhere():
    """Says that results come from another kind of machine, so that bits are no evidence."""

    def change(content):
        content["kind"]["engine"] = "0" * 16
        for answer in content["answers"].values():
            for place, network in enumerate(answer["networks"]):
                size = len(network["weights_sha256"])
                network["weights_sha256"] = [f"{hash((place, i)) % 16**8:064x}" for i in range(size)]
        return content

    return change
