"""A report's introduction and conclusion, composed from its answers."""

from __future__ import annotations

from collections.abc import Sequence

from netlet.exercises import Answer, TrainedNetwork
from netlet.exercises.answer import Table
from netlet.exercises.wording import count, listed, number
from netlet.metrics import higher_is_better
from netlet.report.about import About

_SUBJECTS = {
    "ex1": "networks that tell handwritten fives from sixes, and how small they can be",
    "ex2": "what such a network looks at",
    "ex3": "networks that tell drawn shapes apart, an easy kind and a hard one",
    "ex4": "recurrent networks that turn square pulses into triangles and triangles into pulses",
}
_METRIC_NAMES = {"accuracy": "accuracy", "normalised_error": "error"}


def introduction(answers: Sequence[Answer], about: About) -> list[str]:
    """What the report is about, and how its numbers are to be read."""
    exercises = list(dict.fromkeys(answer.exercise for answer in answers))
    subjects = "; ".join(_SUBJECTS.get(name, name) for name in exercises)
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
            _median(network, "validation"),
            _best(network, "validation"),
            _median(network, "test"),
            _notebook(network),
        )
        for answer in answers
        for network in answer.networks
    ]
    head = (
        "question",
        "network",
        "dataset",
        "parameters",
        "median",
        "best",
        "test median",
        "notebook",
    )
    return Table(
        "Accuracy, of sequences normalised error, over seeds: median and best on the validation data, median "
        "on the test data, and the notebook's one figure on the validation data.",
        head,
        rows,
    )


def conclusion(answers: Sequence[Answer]) -> list[str]:
    """What the answers say together."""
    unique = _unique(answers)
    if not unique:
        return []
    return [
        " ".join(f"Question {answer.number}: {answer.short}" for answer in answers),
        " ".join(filter(None, [_against_notebook(unique), _validation_against_test(unique), _size(unique)])),
    ]


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
        (_number(network, "best"), figure, higher_is_better(_metric(network)))
        for network in networks
        if (figure := _printed(network)) is not None
    ]
    if not compared:
        return ""
    # The notebook's figures are rounded, to four decimals at most.
    reached = sum(
        best is not None and (round(best, 4) >= figure if is_higher else round(best, 4) <= figure)
        for best, figure, is_higher in compared
    )
    return (
        f"The notebook gives a validation figure for {count(len(compared), 'network')} of these; the best "
        f"seed reaches it in {reached}."
    )


def _validation_against_test(networks: Sequence[TrainedNetwork]) -> str:
    gaps = []
    for network in networks:
        validation, test = _number(network, "median"), _number(network, "median", "test")
        if validation is not None and test is not None and _metric(network) == "accuracy":
            gaps.append((abs(validation - test), network))
    if not gaps:
        return ""
    gap, network = max(gaps, key=lambda pair: pair[0])
    return (
        f"Median accuracies on validation and test images are at most {100 * gap:.1f} percentage points "
        f"apart ({network.name}, {network.dataset})."
    )


def _size(networks: Sequence[TrainedNetwork]) -> str:
    """For every dataset with several networks, what they reach by their size."""
    sentences = []
    for dataset in dict.fromkeys(network.dataset for network in networks):
        same = sorted(
            (network for network in networks if network.dataset == dataset), key=lambda n: n.parameters
        )
        if len(same) > 1:
            steps = [f"{number(_number(n, 'median'))} with {n.parameters:,}" for n in same]
            metric = _METRIC_NAMES.get(_metric(same[0]), _metric(same[0]))
            sentences.append(f"{dataset} ({metric}): {listed(steps)} parameters")
    if not sentences:
        return ""
    return f"Medians on the validation data by size: {'; '.join(sentences)}."


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


def _median(network: TrainedNetwork, split: str) -> str:
    return _cell(_number(network, "median", split))


def _best(network: TrainedNetwork, split: str) -> str:
    return _cell(_number(network, "best", split))


def _notebook(network: TrainedNetwork) -> str:
    return _cell(_printed(network))


def _cell(value: float | None) -> str:
    return "–" if value is None else number(value)
