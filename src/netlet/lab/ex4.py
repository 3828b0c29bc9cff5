"""Exercise 4: pulses. Questions 6 to 9, on recurrent networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite

import numpy as np

from netlet import inspect
from netlet.datasets import Dataset
from netlet.datasets.pulses import NOISE
from netlet.lab import node_evidence, notebook, pictures, reverse_evidence, seeds, sequence_pictures
from netlet.lab.answer import Answer, Picture, TrainedNetwork
from netlet.lab.cell_comparison import CellComparison
from netlet.lab.laboratory import Laboratory
from netlet.lab.node_evidence import NodeEvidence
from netlet.lab.seeds import beside_notebook, on_test, share_better
from netlet.lab.wording import brief, code, count, listed, number, percent, settings, spread
from netlet.metrics import Distribution
from netlet.network import Network
from netlet.training import Runs, Training

CELLS = {
    "SimpleRNN": ("rnn(12) - dense(1)", None),
    "GRU": ("gru(6) - dense(1)", notebook.GRU),
    "LSTM": ("lstm(6) - dense(1)", notebook.LSTM),
}
"""One hidden layer of each kind with 150 to 200 parameters."""
LONGER = Training(
    epochs=200,
    batch_size=20,
    learning_rate=0.05,
    schedule="one-cycle",
    truncation=50,
    global_clip_norm=1.0,
)
"""Settings of ours: the rate rises and falls once, sequences come in another order every epoch."""
RATES = {"SimpleRNN": 0.02, "GRU": 0.05, "LSTM": 0.05}
"""Of RATES_TRIED, from seeds that no answer uses, on netlet's own data: SimpleRNN and GRU have the one with
the lowest median, the LSTM has the GRU's (0.0019 in the median of 16 seeds; 0.0017 at 0.1)."""
RATES_TRIED = (0.005, 0.01, 0.02, 0.05, 0.1)
STACKED_NETWORK = "gru(14) - gru(13) - dense(1)"
"""Ours for the reverse problem."""
STACKED_TRAINING = replace(LONGER, batch_size=10, learning_rate=0.02, truncation=None)
QUICK_EPOCHS = 40
GOAL = 0.1
"""Test error that question 9 calls solved."""


def question_6(lab: Laboratory) -> Answer:
    """A SimpleRNN of five nodes."""
    data = lab.dataset("pulses")
    runs = lab.runs(notebook.RNN_NETWORK, "pulses")
    longer = lab.runs(notebook.RNN_NETWORK, "pulses", _longer(lab, RATES["SimpleRNN"]))
    return Answer(
        key="q6",
        exercise="ex4",
        title="A first recurrent network",
        question="Train a SimpleRNN of five hidden nodes for about 20 epochs. What is its validation error?",
        short=(
            f"{code(notebook.RNN_NETWORK)} ({count(runs.parameters, 'parameter')}): normalised validation "
            f"error {spread(runs.distribution())}."
        ),
        text=(
            "Every square pulse is to set off a triangle that begins where the pulse ends, as high as the "
            "pulse and twice as wide. The error is normalised: the mean squared error divided by the "
            "variance of the targets, so that 1 is as good as always answering their mean."
            + _noise_sentence(data),
            f"With the notebook's settings ({settings(runs.training)}) the error on the validation sequences "
            f"is {spread(runs.distribution())}.{on_test(runs)} {beside_notebook(runs, notebook.RNN)}",
            f"Trained for longer ({settings(longer.training)}) the same five nodes reach "
            f"{brief(longer.distribution())}.{_nearness_sentence(runs, longer)}",
        ),
        networks=(
            TrainedNetwork.of("SimpleRNN of 5", runs, notebook.RNN),
            TrainedNetwork.of("SimpleRNN of 5, trained for longer", longer),
        ),
        pictures=(
            sequence_pictures.data("q6-data", data, notebook.SEQUENCE),
            pictures.history("q6-history", runs, "the SimpleRNN of five nodes"),
            sequence_pictures.over_seeds(
                "q6-seeds",
                {"notebook's settings": seeds.values(runs), "trained for longer": seeds.values(longer)},
                "Normalised validation error of the SimpleRNN of five nodes, one dot a seed.",
                {"notebook's settings": _printed(notebook.RNN)},
            ),
            sequence_pictures.prediction(
                "q6-prediction", runs.best.network, data, notebook.SEQUENCE, "the best seed"
            ),
        ),
    )


def question_7(lab: Laboratory) -> Answer:
    """Three cells at about equal numbers of weights."""
    usual = {name: lab.runs(text, "pulses") for name, (text, _) in CELLS.items()}
    longer = {name: lab.runs(text, "pulses", _longer(lab, RATES[name])) for name, (text, _) in CELLS.items()}
    compared, compared_longer = CellComparison.of(usual), CellComparison.of(longer)
    first, first_longer = compared.order[0], compared_longer.order[0]
    sizes = [f"{name} {runs.parameters}" for name, runs in usual.items()]
    return Answer(
        key="q7",
        exercise="ex4",
        title="SimpleRNN, GRU and LSTM",
        question=(
            "Train a SimpleRNN, a GRU and an LSTM of one hidden layer with about equally many weights, 150 "
            "to 200. Which does best on the validation sequences?"
        ),
        short=(
            f"With the notebook's settings the {first}, {compared.lead()}: a normalised error of "
            f"{spread(usual[first].distribution())}. Trained for longer the {first_longer}, "
            f"{compared_longer.lead()}: {brief(longer[first_longer].distribution())}."
        ),
        text=(
            f"Parameters: {listed(sizes)}. With the notebook's settings ({settings(usual['GRU'].training)}) "
            f"the errors are {_each(usual)}. {compared.sentence()}{_all_tests_sentence(usual)}",
            f"The notebook's own figures are one run each: SimpleRNN {_printed(notebook.RNN):g} (at 41 "
            f"parameters, it seems, and so not at equal size), GRU {_printed(notebook.GRU):g}, LSTM "
            f"{_printed(notebook.LSTM):g}.",
            "Twenty epochs at a small constant rate show how fast a cell learns; what it can learn shows a "
            f"longer training: {settings(longer['GRU'].training)}, the SimpleRNN at a rate of "
            f"{RATES['SimpleRNN']:g}. "
            f"{_rates_sentence()} The errors are now {_each(longer)}: the medians go from "
            f"{_changes(usual, longer)}. {compared_longer.sentence()}{_all_tests_sentence(longer)}",
        ),
        networks=(
            *(TrainedNetwork.of(name, runs, CELLS[name][1]) for name, runs in usual.items()),
            *(TrainedNetwork.of(f"{name}, trained for longer", runs) for name, runs in longer.items()),
        ),
        tables=(
            compared.table("with the notebook's settings"),
            compared_longer.table("trained for longer"),
        ),
        pictures=_pictures_of_7(lab, usual, longer),
        evidence={
            "pairs": compared.as_list(),
            "pairs_trained_for_longer": compared_longer.as_list(),
        },
        finding=(
            f"Of recurrent cells of about equal size the {first}, {compared.lead()}, has the lowest error "
            f"with the notebook's settings; trained for longer the {first_longer}, {compared_longer.lead()}."
        ),
    )


def _pictures_of_7(lab: Laboratory, usual: dict[str, Runs], longer: dict[str, Runs]) -> tuple[Picture, ...]:
    data, at = lab.dataset("pulses"), notebook.SEQUENCE
    rows = {name: f"{name} ({runs.parameters})" for name, runs in usual.items()}
    return (
        sequence_pictures.over_seeds(
            "q7-seeds",
            {rows[name]: seeds.values(runs) for name, runs in usual.items()},
            "Normalised validation error of the three cells with the notebook's settings, one dot a seed.",
            {rows[name]: _printed(printed) for name, (_, printed) in CELLS.items() if printed is not None},
        ),
        sequence_pictures.over_seeds(
            "q7-seeds-longer",
            {rows[name]: seeds.values(runs) for name, runs in longer.items()},
            "Normalised validation error of the three cells trained for longer, one dot a seed.",
        ),
        *(
            pictures.history(f"q7-history-{name.lower()}", runs, f"the {name}")
            for name, runs in usual.items()
        ),
        *(
            sequence_pictures.prediction(
                f"q7-prediction-{name.lower()}",
                runs.best.network,
                data,
                at,
                f"the best {name}, trained for longer",
            )
            for name, runs in longer.items()
        ),
        sequence_pictures.gates("q7-gates-lstm", longer["LSTM"].best.network, data, at, "the best LSTM"),
        sequence_pictures.memory(
            "q7-memory", {name: (runs.best.network, data) for name, runs in longer.items()}
        ),
    )


def question_8(lab: Laboratory) -> Answer:
    """What the nodes of a GRU with three of them do."""
    data = lab.dataset("pulses")
    runs = lab.runs(notebook.EXPLAINED_NETWORK, "pulses")
    longer = lab.runs(notebook.EXPLAINED_NETWORK, "pulses", _longer(lab, RATES["GRU"]))
    network, trained = runs.best.network, longer.best.network
    error = seeds.of_best(runs, "validation")["normalised_error"]
    signals = inspect.signals(data.validation)
    nodes, nodes_longer = (NodeEvidence.of(each, data.validation, signals) for each in (network, trained))
    return Answer(
        key="q8",
        exercise="ex4",
        title="What three hidden nodes do",
        question=(
            "Train a GRU of three hidden nodes for about 20 epochs and interpret its nodes, whose weighted "
            "sum is the output. What does each detect?"
        ),
        short=f"In the best seed {nodes.in_short()}",
        text=(
            f"With the notebook's settings ({settings(runs.training)}) the error of "
            f"{code(notebook.EXPLAINED_NETWORK)} "
            f"({count(runs.parameters, 'parameter')}) is {spread(runs.distribution())}."
            f"{on_test(runs)} What follows is measured in its best seed ({number(error)}) on all validation "
            "sequences: how closely each node's activity follows named signals of the task (Pearson's "
            "correlation), what it adds to the output, and what is lost when it is silenced.",
            f"{nodes.in_full()} {nodes.swing_sentence()}",
            f"Trained for longer ({settings(longer.training)}) three nodes reach "
            f"{brief(longer.distribution())}. In the best of these seeds {nodes_longer.in_short()} "
            + node_evidence.over_seeds(longer, signals),
        ),
        networks=(
            TrainedNetwork.of("GRU of 3", runs),
            TrainedNetwork.of("GRU of 3, trained for longer", longer),
        ),
        tables=(nodes.table(), nodes_longer.table(", trained for longer")),
        pictures=(
            *_node_pictures("q8", network, data, "the best seed"),
            *_node_pictures("q8-longer", trained, data, "the best seed trained for longer"),
        ),
        evidence={"best_seed": nodes.as_dict(), "best_seed_trained_for_longer": nodes_longer.as_dict()},
    )


def question_9(lab: Laboratory) -> Answer:
    """The reverse problem: why it is harder, and networks that solve it."""
    data, forward = lab.dataset("pulses-reversed"), lab.dataset("pulses")
    theirs = lab.runs(notebook.REVERSED_NETWORK, "pulses-reversed")
    ours = lab.runs(STACKED_NETWORK, "pulses-reversed", _shortened(lab, STACKED_TRAINING))
    easier = lab.runs(notebook.REVERSED_NETWORK, "pulses", Training.default(lab.dataset("pulses-reversed")))
    theirs_called, ours_called = "the notebook's network", "the stacked network"
    sources = {
        name: inspect.error_sources(runs.best.network, data.validation)
        for name, runs in ((theirs_called, theirs), (ours_called, ours))
    }
    widths = {
        "forward": inspect.error_by_width(easier.best.network, forward.validation),
        "reversed": inspect.error_by_width(theirs.best.network, data.validation),
        "reversed, the stacked network": inspect.error_by_width(ours.best.network, data.validation),
    }
    return Answer(
        key="q9",
        exercise="ex4",
        title="The reverse problem",
        question=(
            "Exchange input and target and let time run backwards: triangles come in, pulses are to come "
            "out. Which network solves this, with a test error below 0.1, and why is it harder?"
        ),
        short=(
            f"{code(STACKED_NETWORK)} ({count(ours.parameters, 'parameter')}): normalised validation error "
            f"{spread(ours.distribution())}. {_short_reason(theirs, easier, sources[theirs_called])}"
        ),
        text=(
            f"The notebook's network ({count(theirs.parameters, 'parameter')}; {settings(theirs.training)}) "
            f"has an error of {spread(theirs.distribution())}.{on_test(theirs)} "
            f"{beside_notebook(theirs, notebook.REVERSED)} The same network with the same settings reaches "
            f"{brief(easier.distribution())} on the forward problem.",
            f"Our network, {code(STACKED_NETWORK)} ({count(ours.parameters, 'parameter')}), has two layers, "
            f"as the hint suggests: {settings(ours.training)}. Its error is {spread(ours.distribution())}."
            f"{on_test(ours)} {_goal_sentence(theirs, ours)}",
            "Where does the error of the notebook's network arise, in its best seed? "
            + reverse_evidence.sources_sentence(sources[theirs_called]),
            reverse_evidence.width_sentence(widths["forward"], widths["reversed"]),
            reverse_evidence.unlearnable_sentence(sources[ours_called]),
        ),
        networks=(
            TrainedNetwork.of(theirs_called, theirs, notebook.REVERSED),
            TrainedNetwork.of(ours_called, ours),
            TrainedNetwork.of(f"{theirs_called}, forward problem", easier),
        ),
        tables=(reverse_evidence.table(sources),),
        pictures=(
            sequence_pictures.data("q9-data", data, notebook.SEQUENCE),
            pictures.history("q9-history", theirs, theirs_called),
            pictures.history("q9-history-stacked", ours, ours_called),
            sequence_pictures.over_seeds(
                "q9-seeds",
                {
                    f"notebook's ({theirs.parameters:,})": seeds.values(theirs),
                    f"stacked ({ours.parameters:,})": seeds.values(ours),
                    "notebook's, forward": seeds.values(easier),
                },
                "Normalised validation error on the reverse problem, one dot a seed; last row, the "
                "notebook's network on the forward problem.",
                {f"notebook's ({theirs.parameters:,})": _printed(notebook.REVERSED)},
            ),
            sequence_pictures.error_sources("q9-errors", sources),
            sequence_pictures.error_by_width("q9-widths", widths),
            sequence_pictures.prediction(
                "q9-prediction", theirs.best.network, data, notebook.SEQUENCE, theirs_called
            ),
            sequence_pictures.prediction(
                "q9-prediction-stacked", ours.best.network, data, notebook.SEQUENCE, ours_called
            ),
        ),
        evidence=reverse_evidence.as_dict(sources, widths),
        finding=(
            f"On the reverse problem the notebook's network has a median error of {number(_median(theirs))}, "
            f"forward of {number(_median(easier))}; our two layers have {number(_median(ours))}."
        ),
    )


def _short_reason(theirs: Runs, easier: Runs, sources: inspect.ErrorSources) -> str:
    """Why the reverse problem is harder, if it is."""
    if _median(theirs) <= _median(easier):
        return "For the notebook's network it is not harder than the forward problem."
    reasons = reverse_evidence.reasons(sources)
    why = f"because {listed(reasons)}" if reasons else "though its error lies in no few kinds of steps"
    return f"It is harder {why}."


def _goal_sentence(theirs: Runs, ours: Runs) -> str:
    """How many seeds solve the problem, as the question has it."""
    split = "validation" if ours.dataset.test is None else "test"
    return (
        f"{percent(share_better(theirs, GOAL, split))} of the seeds of the notebook's network and "
        f"{percent(share_better(ours, GOAL, split))} of ours are below {GOAL:g} on the {split} sequences, "
        "which the question calls solved."
    )


# --- settings ---------------------------------------------------------------------------------------------


def _longer(lab: Laboratory, rate: float) -> Training:
    return _shortened(lab, replace(LONGER, learning_rate=rate))


def _shortened(lab: Laboratory, training: Training) -> Training:
    return replace(training, epochs=min(training.epochs, QUICK_EPOCHS)) if lab.is_quick else training


# --- errors over seeds ------------------------------------------------------------------------------------


def _median(runs: Runs) -> float:
    median = runs.distribution().median
    return np.inf if median is None else median


def _printed(printed: notebook.Printed) -> float:
    return printed.metrics["validation"]["normalised_error"]


def _noise_sentence(data: Dataset) -> str:
    """What error is left to who knows everything but the noise, where the data are netlet's own."""
    if data.seed is None:
        return ""
    variance = np.var(data.validation.y, dtype=np.float64)
    # The noise is uniform within NOISE either way, so its variance is a third of NOISE squared.
    return f" The noise alone leaves {number(float(NOISE**2 / 3 / variance))}."


def _nearness_sentence(runs: Runs, longer: Runs) -> str:
    """Whether seeds lie nearer to each other after a longer training."""
    before, after = (_between_quartiles(each.distribution()) for each in (runs, longer))
    if len(runs) == 1 or not isfinite(before) or not isfinite(after):
        return ""
    nearer = "nearer to each other" if after < before else "no nearer to each other"
    return (
        f" Seeds are then {nearer}: between the quartiles lie {number(after)}, with the notebook's settings "
        f"{number(before)}."
    )


def _between_quartiles(spread_: Distribution) -> float:
    low, high = spread_.lower_quartile, spread_.upper_quartile
    return np.inf if low is None or high is None or not isfinite(high) else high - low


def _all_tests_sentence(named: Mapping[str, Runs]) -> str:
    if any(runs.dataset.test is None for runs in named.values()):
        return " There is no test split."
    medians = [
        f"{name} {number(runs.distribution(split='test').median)} "
        f"({number(seeds.of_best(runs, 'test')['normalised_error'])})"
        for name, runs in named.items()
    ]
    return (
        " Medians on the test sequences, by which nothing was chosen (in brackets the seeds that are best by "
        f"validation): {listed(medians)}."
    )


def _each(named: Mapping[str, Runs]) -> str:
    return "; ".join(f"{name} {brief(runs.distribution())}" for name, runs in named.items())


def _rates_sentence() -> str:
    tried = listed([f"{rate:g}" for rate in RATES_TRIED])
    return (
        f"The rates were chosen among {tried} by validation errors of other seeds on netlet's own data: the "
        "SimpleRNN and the GRU have their best one, the LSTM has the GRU's, which is next to its best."
    )


def _changes(usual: Mapping[str, Runs], longer: Mapping[str, Runs]) -> str:
    """The medians of both trainings, and how many times one is the other."""
    parts = []
    for name in usual:
        before, after = _median(usual[name]), _median(longer[name])
        times = ""
        if 0 < before < np.inf and 0 < after < np.inf:
            times = (
                f", {before / after:.1f} times smaller"
                if after < before
                else f", {after / before:.1f} times larger"
            )
        parts.append(f"{number(before)} to {number(after)} ({name}{times})")
    return listed(parts)


# --- nodes ------------------------------------------------------------------------------------------------


def _node_pictures(name: str, network: Network, data: Dataset, what: str) -> tuple[Picture, ...]:
    at = notebook.SEQUENCE
    return (
        sequence_pictures.prediction(f"{name}-prediction", network, data, at, what),
        sequence_pictures.contributions(f"{name}-contributions", network, data, at, what),
        sequence_pictures.node_signals(f"{name}-signals", network, data, what),
        sequence_pictures.silenced(f"{name}-silenced", network, data, what),
        sequence_pictures.gates(f"{name}-gates", network, data, at, what),
        sequence_pictures.responses(f"{name}-responses", network, what),
    )
