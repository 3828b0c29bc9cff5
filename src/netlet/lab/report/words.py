"""A report's introduction and conclusion, composed from its answers."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from netlet.lab import Answer, TrainedNetwork
from netlet.lab.answer import Table
from netlet.lab.notebook import reaches
from netlet.lab.report.about import About
from netlet.lab.wording import count
from netlet.metrics import as_text, higher_is_better

SUBJECTS = {
    "ex1": "networks that tell handwritten fives from sixes, and how small they can be",
    "ex2": "what such a network looks at",
    "ex3": "networks that tell drawn shapes apart, an easy kind and a hard one",
    "ex4": "recurrent networks that turn square pulses into triangles and triangles into pulses",
}


def introduction(answers: Sequence[Answer], about: About) -> list[str]:
    """What the report is about, and how its numbers are to be read."""
    exercises = list(dict.fromkeys(answer.exercise for answer in answers))
    subjects = "; ".join(SUBJECTS.get(name, name) for name in exercises)
    return [
        f"This report is about small neural networks: {subjects}."
        if exercises
        else "No question was answered.",
        "A network that is trained again from another seed becomes another network, and one figure says "
        f"little. So each is trained from {count(about.seeds, 'seed')}, and every answer is a distribution: "
        "the median, the quartiles, the best. Beside it stands what the exercise's notebook printed, from "
        "one run. Settings are chosen and seeds ranked by the validation data; the test data are for none of "
        "that and show what the choice is worth.",
        f"{count(about.trainings, 'training')} took {about.training_seconds:.0f} seconds on {about.machine}, "
        f"the whole lab {about.seconds:.0f} seconds.",
    ]


def overview(answers: Sequence[Answer]) -> Table:
    """All answers' networks in a table, beside the notebook's figures."""
    rows = [
        (
            f"{answer.number}",
            network.name,
            network.dataset,
            f"{network.parameters:,}",
            _metric(network).replace("normalised_", ""),
            as_text(_number(network, "median")),
            as_text(_number(network, "best")),
            as_text(_number(network, "median", "test")),
            as_text(_printed(network)),
        )
        for answer in answers
        for network in answer.networks
    ]
    head = (
        *("question", "network", "dataset", "parameters", "metric"),
        *("median", "best", "test median", "notebook"),
    )
    return Table(
        "Accuracy, of sequences normalised error, over seeds: median and best on the validation data, median "
        "on the test data, and the notebook's one figure on the validation data.",
        head,
        rows,
    )


def conclusion(answers: Sequence[Answer]) -> list[str]:
    """What the answers say together, in a few sentences."""
    unique = _unique(answers)
    found = [answer.finding for answer in answers]
    over_all = [_against_notebook(unique), _validation_against_test(unique)]
    return [paragraph for sentences in (found, over_all) if (paragraph := " ".join(filter(None, sentences)))]


def _unique(answers: Sequence[Answer]) -> list[TrainedNetwork]:
    """Every network once, whatever number of questions ask for it."""
    found = {
        (network.architecture, network.dataset, network.training): network
        for answer in answers
        for network in answer.networks
    }
    return list(found.values())


def _against_notebook(networks: Sequence[TrainedNetwork]) -> str:
    compared = [
        reaches(_number(network, "median"), figure, higher_is_better(_metric(network)))
        for network in networks
        if (figure := _printed(network)) is not None
    ]
    if not compared:
        return ""
    return (
        f"The notebook gives a validation figure for {len(compared)} of these networks, each from one "
        f"training; our median over seeds reaches it in {sum(compared) or 'none'}."
    )


def _validation_against_test(networks: Sequence[TrainedNetwork]) -> str:
    """How far the test data are from the validation data, by which choices were made."""
    points, ratios = [], []
    for network in networks:
        validation, test = _number(network, "median"), _number(network, "median", "test")
        if validation is None or test is None:
            continue
        if higher_is_better(_metric(network)):
            points.append((abs(validation - test), network))
        elif 0 < validation < inf and test < inf:
            ratios.append((abs(test / validation - 1), network))
    parts = []
    for found, what, unit in ((points, "accuracies", "percentage points"), (ratios, "errors", "%")):
        if found:
            gap, network = max(found, key=lambda pair: pair[0])
            parts.append(
                f"{what} on validation and test data are at most {100 * gap:.1f} {unit} apart "
                f"({network.name}, {network.dataset})"
            )
    return f"Median {'; median '.join(parts)}." if parts else ""


def _number(network: TrainedNetwork, which: str, split: str = "validation") -> float | None:
    values = network.metrics.get(split)
    return getattr(values[_metric(network)], which) if values else None


def _metric(network: TrainedNetwork) -> str:
    """What its runs are ranked by."""
    values = network.metrics["validation"]
    assert values is not None
    return next(iter(values))


def _printed(network: TrainedNetwork) -> float | None:
    figures = network.printed.metrics.get("validation", {}) if network.printed else {}
    return figures.get(_metric(network))
