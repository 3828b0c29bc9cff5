"""Exercise 1: networks that tell fives from sixes. Questions 1 and 2."""

from __future__ import annotations

from math import prod

from netlet.architecture import write_layer
from netlet.lab import notebook, pictures, seeds
from netlet.lab.answer import Answer, Table, TrainedNetwork
from netlet.lab.laboratory import Laboratory
from netlet.lab.seeds import beside_notebook, on_test, share_better
from netlet.lab.wording import brief, code, count, number, percent, settings, spread
from netlet.training import Runs

DATASET = "mnist56"
GOAL = 0.98
"""Validation accuracy that question 2 wants kept."""


def question_1(lab: Laboratory) -> Answer:
    """The network that the exercise describes, and the one in its cell."""
    data = lab.dataset(DATASET)
    first, cell = lab.runs(notebook.FIRST_NETWORK, DATASET), lab.runs(notebook.CELL_NETWORK, DATASET)
    described = f"the network described ({first.parameters:,} parameters)"
    in_cell = f"the cell's network ({cell.parameters:,} parameters)"
    best = first.best.network
    compared = ((first, notebook.FIRST), (cell, notebook.CELL))
    return Answer(
        key="q1",
        exercise="ex1",
        title="Fives and sixes",
        question=(
            "Train the network that the exercise describes: two convolutions of four 3 x 3 kernels, each "
            "followed by max pooling, then ten hidden nodes. How accurate is it on the validation images?"
        ),
        short=f"Validation accuracy {spread(first.distribution())}.",
        text=(
            f"Trained with {settings(first.training)} on {count(len(data.train), 'image')}, {described} "
            f"reaches a validation accuracy of {spread(first.distribution())}, with a sensitivity (sixes "
            f"found) of {brief(first.distribution('sensitivity'))} and a specificity (fives found) of "
            f"{brief(first.distribution('specificity'))}.{on_test(first)}",
            beside_notebook(first, notebook.FIRST),
            "The network in the exercise's cell pools over 3 x 3 pixels instead and has five hidden nodes: "
            f"{count(cell.parameters, 'parameter')}. With the same settings its validation accuracy is "
            f"{spread(cell.distribution())}.{on_test(cell)} {beside_notebook(cell, notebook.CELL)}",
        ),
        networks=(
            TrainedNetwork.of("the network described", first, notebook.FIRST),
            TrainedNetwork.of("the cell's network", cell, notebook.CELL),
        ),
        pictures=(
            pictures.strip("ex1-images", data),
            pictures.history("q1-history", first, described),
            pictures.over_seeds(
                "q1-seeds",
                {f"{runs.parameters:,} parameters": seeds.values(runs) for runs, _ in compared},
                "Validation accuracy of both networks, one dot a seed.",
                {
                    f"{runs.parameters:,} parameters": printed.metrics["validation"]["accuracy"]
                    for runs, printed in compared
                },
            ),
            pictures.confusion("q1-confusion", best, data, f"the best seed of {described}"),
            pictures.roc("q1-roc", best, data, f"the best seed of {described}"),
            pictures.mistakes("q1-mistakes", best, data, f"the best seed of {described}"),
            pictures.history("q1-history-cell", cell, in_cell),
        ),
    )


def question_2(lab: Laboratory) -> Answer:
    """The trimmed network."""
    data = lab.dataset(DATASET)
    trimmed = lab.runs(notebook.TRIMMED_NETWORK, DATASET)
    compared = [lab.runs(text, DATASET) for text in (notebook.FIRST_NETWORK, notebook.CELL_NETWORK)] + [
        trimmed
    ]
    what = f"the trimmed network ({trimmed.parameters} parameters)"
    return Answer(
        key="q2",
        exercise="ex1",
        title="A smaller network",
        question=(
            "Make the network smaller, with a validation accuracy that stays above 98 %. How many "
            "parameters are left, and what is the architecture?"
        ),
        short=(
            f"{count(trimmed.parameters, 'parameter')}: {code(notebook.TRIMMED_NETWORK)}, with a validation "
            f"accuracy of {spread(trimmed.distribution())}."
        ),
        text=(
            "Without hidden nodes and with two kernels a convolution, "
            f"{count(trimmed.parameters, 'parameter')} are left of {compared[0].parameters:,}: "
            f"{code(notebook.TRIMMED_NETWORK)}. Trained as before ({settings(trimmed.training)}), it reaches "
            f"a validation accuracy of {spread(trimmed.distribution())}.{on_test(trimmed)}",
            f"{_goal_sentence(trimmed)} {_where_parameters_are(compared[0])}",
            beside_notebook(trimmed, notebook.TRIMMED),
        ),
        networks=(TrainedNetwork.of("the trimmed network", trimmed, notebook.TRIMMED),),
        tables=(_size_table(compared),),
        pictures=(
            pictures.history("q2-history", trimmed, what),
            pictures.over_seeds(
                "q2-seeds",
                {f"{runs.parameters:,} parameters": seeds.values(runs) for runs in compared},
                "Validation accuracy of the three networks, one dot a seed.",
                {
                    f"{runs.parameters:,} parameters": printed.metrics["validation"]["accuracy"]
                    for runs, printed in zip(
                        compared, (notebook.FIRST, notebook.CELL, notebook.TRIMMED), strict=True
                    )
                },
            ),
            pictures.confusion("q2-confusion", trimmed.best.network, data, f"the best seed of {what}"),
        ),
        evidence={"goal": GOAL, "share_of_seeds_above_goal": share_better(trimmed, GOAL)},
        finding=(
            f"{count(trimmed.parameters, 'parameter')} tell fives from sixes with a median accuracy of "
            f"{number(trimmed.distribution().median)}, {compared[0].parameters:,} with "
            f"{number(compared[0].distribution().median)}."
        ),
    )


def _goal_sentence(runs: Runs) -> str:
    """How many seeds keep the accuracy that question 2 wants, and what follows for one training."""
    share = share_better(runs, GOAL)
    follows = (
        "and so keep what the question wants"
        if share == 1
        else "so one training of this network may keep what the question wants and the next one may not"
        if share
        else "so this network does not keep what the question wants"
    )
    return f"{percent(share)} of the seeds stay above {percent(GOAL)} on the validation images, {follows}."


def _where_parameters_are(runs: Runs) -> str:
    """In which layer most of a network's parameters are."""
    architecture, shape = runs.architecture, runs.dataset.input_shape
    sizes = [sum(map(prod, weights)) for weights in architecture.layer_weight_shapes(shape)]
    largest = max(range(len(sizes)), key=sizes.__getitem__)
    return (
        f"There was much to cut: of the first network's {runs.parameters:,} parameters, {sizes[largest]:,} "
        f"are in one layer, {code(write_layer(architecture.layers[largest]))}, whose every node looks at "
        "every feature."
    )


def _size_table(compared: list[Runs]) -> Table:
    rows = []
    for runs in compared:
        values = runs.summary()
        rows.append(
            (
                f"{runs.parameters:,}",
                *(
                    number(split["accuracy"].median if (split := values[name]) else None)
                    for name in ("training", "validation", "test")
                ),
                percent(share_better(runs, GOAL)),
            )
        )
    head = ("parameters", "training", "validation", "test", f"seeds above {percent(GOAL)}")
    return Table("Median accuracy by size, and how many seeds keep what the question wants.", head, rows)
