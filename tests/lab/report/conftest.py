import pytest

from netlet.lab import Answer, Picture, TrainedNetwork, read
from netlet.lab.document import Printed
from netlet.lab.report import About
from netlet.lab.report.about import DatasetFacts
from netlet.metrics import summarise
from netlet.training import Training

DOT = b"""<?xml version="1.0" encoding="utf-8" standalone="no"?>
<svg width="72pt" height="36pt" viewBox="0 0 72 36" xmlns="http://www.w3.org/2000/svg" version="1.1">
 <g id="patch_1"><path d="M 0 0 z" style="fill: #ffffff"/></g>
 <text style="font: 8px 'DejaVu Sans'" id="text_1">a dot</text>
</svg>
"""


def network(**changes):
    def spreads(values):
        return {"accuracy": summarise(values, True), "loss": summarise([0.5, float("nan"), 0.25], False)}

    facts = {
        "name": "the small one",
        "dataset": "dots",
        "architecture": "flatten - dense(1, activation=sigmoid)",
        "summary": "Layer (type)\nTotal params: 37",
        "parameters": 1037,
        "seeds": (0, 1, 2),
        "diverged": 1,
        "training": Training(),
        "seconds": 0.25,
        "metrics": {
            "training": spreads([1.0, 1.0, 1.0]),
            "validation": spreads([0.9, 0.95, 0.92]),
            "test": None,
        },
        "best_seed": 1,
        "of_best": {
            "training": {"accuracy": 1.0, "loss": float("nan")},
            "validation": {"accuracy": 0.95, "loss": float("nan")},
        },
        "printed": Printed({"validation": {"accuracy": 0.93}}, "one run"),
    }
    return TrainedNetwork(**(facts | changes))


def answer(key="q1", **changes):
    facts = {
        "key": key,
        "number": int(key[1:]),
        "exercise": "ex1",
        "title": "Dots & <lines>",
        "question": "Where is the dot?",
        "short": "In `flatten - dense(1)`.",
        "text": (
            "It is <b>there</b>.\n\n| class | images |\n| :--- | ---: |\n| upper | 20 |\n| lower | 1,020 |\n"
            f'\n: Counts.\n\n![A \\"dot\\".]({key}-dots "Dots.")'
        ),
        "networks": (network(),),
        "evidence": {"dots": [{"at": 0.5, "lost": float("inf")}]},
        "finding": "The dot is found.",
        "pictures": (Picture(f"{key}-dots", "Dots.", 'A "dot".', lambda: DOT),),
    }
    return Answer(**(facts | changes))


@pytest.fixture(scope="session")
def exercise():
    return read()


@pytest.fixture
def make_answer():
    return answer


@pytest.fixture
def make_network():
    return network


@pytest.fixture
def about():
    return About(
        exercises=("ex1",),
        seeds=3,
        is_quick=False,
        is_complete=True,
        datasets=(DatasetFacts("dots", "generated", 0, {"training": 40, "validation": 20}, "ab" * 32),),
        trainings=3,
        training_seconds=0.25,
        seconds=1.5,
        netlet="1.2.3",
        python="3.11",
        numpy="2.0",
        machine="a machine",
        date="2024-01-01 12:00 UTC",
    )
