"""Exercise 4: pulses. Questions 6 to 9, on recurrent networks."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from netlet import inspect, metrics
from netlet.comparison import Comparison, compare
from netlet.datasets import Dataset
from netlet.exercises import notebook, pictures, sequence_pictures
from netlet.exercises.answer import Answer, Picture, Table, TrainedNetwork
from netlet.exercises.laboratory import Laboratory
from netlet.exercises.wording import brief, code, count, listed, number, percent, settings, spread
from netlet.network import Network
from netlet.training import Runs, Training

CELLS = {
    "SimpleRNN": ("rnn(12) - dense(1)", notebook.RNN_COMPARED),
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
STACKED_NETWORK = "gru(14) - gru(13) - dense(1)"
"""Ours for the reverse problem."""
STACKED_TRAINING = replace(LONGER, batch_size=10, learning_rate=0.02, truncation=None)
QUICK_EPOCHS = 40
_SEEN_WHOLE = 40
"""From this step on nearly every triangle of the reverse problem began within the sequence."""


def question_6(lab: Laboratory) -> Answer:
    """A SimpleRNN of five nodes."""
    data = lab.dataset("pulses")
    runs = lab.runs(notebook.RNN_NETWORK, "pulses")
    longer = lab.runs(notebook.RNN_NETWORK, "pulses", _longer(lab, RATES["SimpleRNN"]))
    printed = _printed(notebook.RNN)
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
            "variance of the targets, so that 1 is as good as always answering their mean. The noise alone "
            f"leaves {number(_noise_floor(runs))}.",
            f"With the notebook's settings ({settings(runs.training)}) the error on the validation sequences "
            f"is {spread(runs.distribution())}.{_test_sentence(runs)} The notebook printed {printed:g}; "
            f"{percent(_share_below(runs, printed))} of these seeds are below that. Seeds differ so much "
            "because 20 epochs end long before the error has settled.",
            f"Trained for longer ({settings(longer.training)}) the same five nodes reach "
            f"{brief(longer.distribution())}.",
        ),
        networks=(
            TrainedNetwork.of("the notebook's settings", runs, notebook.RNN),
            TrainedNetwork.of("trained for longer", longer),
        ),
        pictures=(
            sequence_pictures.data("q6-data", data, notebook.SEQUENCE),
            pictures.history("q6-history", runs, "the SimpleRNN of five nodes"),
            sequence_pictures.over_seeds(
                "q6-seeds",
                {"notebook's settings": _errors(runs), "trained for longer": _errors(longer)},
                "Normalised validation error of the SimpleRNN of five nodes, one dot a seed.",
                {"notebook's settings": printed},
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
    first, second, third = _by_median(usual)
    best = longer[_by_median(longer)[0]]
    sizes = [f"{name} {runs.parameters}" for name, runs in usual.items()]
    reached = "; ".join(f"{name} {brief(runs.distribution())}" for name, runs in longer.items())
    return Answer(
        key="q7",
        exercise="ex4",
        title="SimpleRNN, GRU and LSTM",
        question=(
            "Train a SimpleRNN, a GRU and an LSTM of one hidden layer with about equally many weights, 150 "
            "to 200. Which does best on the validation sequences?"
        ),
        short=(
            f"The {first}, with a normalised error of {spread(usual[first].distribution())}; then the "
            f"{second} ({brief(usual[second].distribution())}) and the {third} "
            f"({brief(usual[third].distribution())})."
        ),
        text=(
            f"Parameters: {listed(sizes)}. With the notebook's settings ({settings(usual['GRU'].training)}): "
            + _order_sentence(usual)
            + _all_tests_sentence(usual),
            f"The notebook's own figures are one run each: SimpleRNN {_printed(notebook.RNN_COMPARED):g} (at "
            f"41 parameters, it seems, and so not at equal size), GRU {_printed(notebook.GRU):g}, LSTM "
            f"{_printed(notebook.LSTM):g}.",
            "Twenty epochs at a small constant rate measure how fast a cell learns rather than what it can "
            f"learn. With {settings(best.training)} (the SimpleRNN at a rate of {RATES['SimpleRNN']:g}) the "
            f"errors fall about tenfold: {reached}. {_order_sentence(longer)}{_all_tests_sentence(longer)}",
        ),
        networks=(
            *(TrainedNetwork.of(name, runs, CELLS[name][1]) for name, runs in usual.items()),
            *(TrainedNetwork.of(f"{name}, trained for longer", runs) for name, runs in longer.items()),
        ),
        tables=(
            _comparison_table("with the notebook's settings", usual),
            _comparison_table("trained for longer", longer),
        ),
        pictures=_pictures_of_7(lab, usual, longer),
    )


def _pictures_of_7(lab: Laboratory, usual: dict[str, Runs], longer: dict[str, Runs]) -> tuple[Picture, ...]:
    data, at = lab.dataset("pulses"), notebook.SEQUENCE
    rows = {name: f"{name} ({runs.parameters})" for name, runs in usual.items()}
    return (
        sequence_pictures.over_seeds(
            "q7-seeds",
            {rows[name]: _errors(runs) for name, runs in usual.items()},
            "Normalised validation error of the three cells with the notebook's settings, one dot a seed.",
            {rows[name]: _printed(printed) for name, (_, printed) in CELLS.items()},
        ),
        sequence_pictures.over_seeds(
            "q7-seeds-longer",
            {rows[name]: _errors(runs) for name, runs in longer.items()},
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
    error = runs.best.evaluate(data.validation)["normalised_error"]
    return Answer(
        key="q8",
        exercise="ex4",
        title="What three hidden nodes do",
        question=(
            "Train a GRU of three hidden nodes for about 20 epochs and interpret its nodes, whose weighted "
            "sum is the output. What does each detect?"
        ),
        short=f"In the best seed {_nodes_in_short(network, data)}",
        text=(
            f"With the notebook's settings ({settings(runs.training)}) the error of "
            f"{code(notebook.EXPLAINED_NETWORK)} "
            f"({count(runs.parameters, 'parameter')}) is {spread(runs.distribution())}."
            f"{_test_sentence(runs)} What follows is "
            f"measured in its best seed ({number(error)}) on all validation sequences: how closely each "
            "node's activity follows named signals of the task (Pearson's correlation), what it adds to the "
            "output, and what is lost when it is silenced.",
            _nodes_in_full(network, data),
            _cancelling_sentence(network, data),
            f"Trained for longer ({settings(longer.training)}) three nodes reach "
            f"{brief(longer.distribution())}. In the best of these seeds {_nodes_in_short(trained, data)} "
            "Other seeds share the work out in other ways: there is no one right interpretation, but each "
            "can be measured like this.",
        ),
        networks=(
            TrainedNetwork.of("the notebook's settings", runs),
            TrainedNetwork.of("trained for longer", longer),
        ),
        tables=(_node_table(network, data), _node_table(trained, data, ", trained for longer")),
        pictures=(
            *_node_pictures("q8", network, data, "the best seed"),
            *_node_pictures("q8-longer", trained, data, "the best seed trained for longer"),
        ),
    )


def question_9(lab: Laboratory) -> Answer:
    """The reverse problem: why it is harder, and networks that solve it."""
    data, forward = lab.dataset("pulses-reversed"), lab.dataset("pulses")
    theirs = lab.runs(notebook.REVERSED_NETWORK, "pulses-reversed")
    ours = lab.runs(STACKED_NETWORK, "pulses-reversed", _shortened(lab, STACKED_TRAINING))
    easier = lab.runs(notebook.REVERSED_NETWORK, "pulses", Training.default("pulses-reversed"))
    their_sources, our_sources = (
        inspect.error_sources(runs.best.network, data.validation) for runs in (theirs, ours)
    )
    sources = {"the notebook's network": their_sources, "the stacked network": our_sources}
    reach = {
        name: inspect.memory(runs.best.network, runs.dataset.validation.x).reach
        for name, runs in (("forward", easier), ("reversed", theirs))
    }
    cut = our_sources.situations[0]
    later = float(our_sources.by_step[_SEEN_WHOLE:].mean())
    return Answer(
        key="q9",
        exercise="ex4",
        title="The reverse problem",
        question=(
            "Exchange input and target and let time run backwards: triangles come in, pulses are to come "
            "out. Which network solves this, how well, and why is it harder?"
        ),
        short=(
            f"{code(STACKED_NETWORK)} ({count(ours.parameters, 'parameter')}): normalised validation error "
            f"{spread(ours.distribution())}. It is harder because a pulse must begin at its full height, on "
            "the very step at which its triangle has ended, and because the beginning of a sequence cuts "
            "triangles off."
        ),
        text=(
            f"The notebook's network ({count(theirs.parameters, 'parameter')}; {settings(theirs.training)}) "
            f"has an error of {spread(theirs.distribution())}; the notebook printed "
            f"{_printed(notebook.REVERSED):g} ({notebook.REVERSED.note}).{_test_sentence(theirs)} The same "
            f"network with the same settings reaches {brief(easier.distribution())} on the forward problem.",
            f"Where does the error arise? {_sources_sentence(their_sources)} Forward, a triangle starts at "
            "zero and being a step late costs little; here the output must jump, and a wrong guess of when "
            "or how high costs most at the edges of a pulse.",
            _memory_sentence(reach),
            f"Part of the error cannot be learned away: {percent(cut.steps)} of the steps belong to pulses "
            "whose triangle began before the sequence did. In the best seed of our network they are the "
            f"source of {percent(cut.error)} of the error that is left; from step {_SEEN_WHOLE} on, where "
            f"nearly every triangle was seen whole, its error is {number(later)}.",
            f"Our network, {code(STACKED_NETWORK)} ({count(ours.parameters, 'parameter')}), has two layers, "
            f"as the hint suggests: {settings(ours.training)}. Its error is {spread(ours.distribution())}."
            + _test_sentence(ours),
        ),
        networks=(
            TrainedNetwork.of("the notebook's network", theirs, notebook.REVERSED),
            TrainedNetwork.of("the stacked network", ours),
            TrainedNetwork.of("the notebook's network, forward problem", easier),
        ),
        tables=(_sources_table(sources),),
        pictures=(
            sequence_pictures.data("q9-data", data, notebook.SEQUENCE),
            pictures.history("q9-history", theirs, "the notebook's network"),
            pictures.history("q9-history-stacked", ours, "the stacked network"),
            sequence_pictures.over_seeds(
                "q9-seeds",
                {
                    f"notebook's ({theirs.parameters:,})": _errors(theirs),
                    f"stacked ({ours.parameters:,})": _errors(ours),
                    "notebook's, forward": _errors(easier),
                },
                "Normalised validation error on the reverse problem, one dot a seed; last row, the "
                "notebook's network on the forward problem.",
                {f"notebook's ({theirs.parameters:,})": _printed(notebook.REVERSED)},
            ),
            sequence_pictures.error_sources("q9-errors", sources),
            sequence_pictures.memory(
                "q9-memory",
                {"forward": (easier.best.network, forward), "reversed": (theirs.best.network, data)},
            ),
            sequence_pictures.prediction(
                "q9-prediction", theirs.best.network, data, notebook.SEQUENCE, "the notebook's network"
            ),
            sequence_pictures.prediction(
                "q9-prediction-stacked", ours.best.network, data, notebook.SEQUENCE, "the stacked network"
            ),
        ),
    )


# --- settings ---------------------------------------------------------------------------------------------


def _longer(lab: Laboratory, rate: float) -> Training:
    return _shortened(lab, replace(LONGER, learning_rate=rate))


def _shortened(lab: Laboratory, training: Training) -> Training:
    return replace(training, epochs=min(training.epochs, QUICK_EPOCHS)) if lab.is_quick else training


# --- errors over seeds ------------------------------------------------------------------------------------


def _errors(runs: Runs) -> list[float | None]:
    """Validation error of every seed."""
    return [values["normalised_error"] for values in runs.metrics("validation")]


def _printed(printed: notebook.Printed) -> float:
    return printed.metrics["validation"]["normalised_error"]


def _share_below(runs: Runs, error: float) -> float:
    found = [value for value in _errors(runs) if value is not None]
    return sum(value < error for value in found) / len(found)


def _noise_floor(runs: Runs) -> float:
    """Normalised error of who knows everything but the noise, which is uniform within 0.01 either way."""
    return float(0.01**2 / 3 / np.var(runs.dataset.validation.y, dtype=np.float64))


def _test_sentence(runs: Runs) -> str:
    if runs.dataset.test is None:
        return ""
    return f" On the untouched test sequences it is {brief(runs.distribution(split='test'))}."


def _all_tests_sentence(named: dict[str, Runs]) -> str:
    if any(runs.dataset.test is None for runs in named.values()):
        return ""
    medians = [f"{name} {number(runs.distribution(split='test').median)}" for name, runs in named.items()]
    return f" Medians on the untouched test sequences: {listed(medians)}."


# --- comparing cells --------------------------------------------------------------------------------------


def _by_median(runs: dict[str, Runs]) -> list[str]:
    return sorted(runs, key=lambda name: runs[name].distribution().median or np.inf)


def _compared(runs: dict[str, Runs], a: str, b: str) -> Comparison:
    return compare(_errors(runs[a]), _errors(runs[b]), metrics.higher_is_better("normalised_error"))


def _order_sentence(runs: dict[str, Runs]) -> str:
    """Each cell against the next worse one."""
    order = _by_median(runs)
    sentences = []
    for a, b in pairwise(order):
        found = _compared(runs, a, b)
        sure = "" if found.is_clear else ", which leaves it open"
        sentences.append(
            f"A seed of the {a} beats one of the {b} with a probability of {found.probability:.2f}; the "
            f"medians differ by {_signed(found.low, 4)} to {_signed(found.high, 4)} with 95 % "
            f"confidence{sure}."
        )
    return " ".join(sentences)


def _comparison_table(how: str, runs: dict[str, Runs]) -> Table:
    order = _by_median(runs)
    rows = []
    for a, b in ((a, b) for i, a in enumerate(order) for b in order[i + 1 :]):
        found = _compared(runs, a, b)
        interval = f"{_signed(found.low, 4)} to {_signed(found.high, 4)}"
        rows.append((f"{a} against {b}", _signed(found.difference, 4), interval, f"{found.probability:.3f}"))
    seeds = len(next(iter(runs.values())))
    return Table(
        f"Normalised validation error of the cells compared, {how}, {count(seeds, 'seed')} each.",
        ("networks", "difference of medians", "95 % interval", "probability that a seed beats one"),
        rows,
    )


def _signed(value: float | None, decimals: int = 2) -> str:
    return "-" if value is None else f"{value:+.{decimals}f}"


# --- nodes ------------------------------------------------------------------------------------------------


def _nodes_in_short(network: Network, data: Dataset) -> str:
    parts = []
    for node in inspect.nodes(network, data.validation):
        name, r = node.best(1)[0]
        parts.append(f'node {node.node + 1} follows "{name}" ({_signed(r)})')
    return listed(parts) + "."


def _nodes_in_full(network: Network, data: Dataset) -> str:
    lost = inspect.silenced_nodes(network, data.validation).silenced
    weights = inspect.contributions(network, data.validation.x[:1]).weights[:, 0]
    sentences = []
    for node, silenced in zip(inspect.nodes(network, data.validation), lost, strict=True):
        follows = listed([f'"{name}" ({_signed(r)})' for name, r in node.best(3)])
        sentences.append(
            f"Node {node.node + 1} (output weight {_signed(weights[node.node])}) goes with {follows}; "
            f"without it the error rises by {number(silenced.lost['normalised_error'])}."
        )
    return " ".join(sentences)


def _cancelling_sentence(network: Network, data: Dataset) -> str:
    parts = inspect.contributions(network, data.validation.x)
    times = parts.nodes[..., 0].std(axis=(0, 1)).sum() / parts.prediction[..., 0].std()
    return (
        f"The output is the sum of the three contributions. One by one they swing {times:.1f} times as far "
        "as their sum does: what one node adds another takes away for most of the time, and the triangle is "
        "what remains."
    )


def _node_table(network: Network, data: Dataset, note: str = "") -> Table:
    found = inspect.nodes(network, data.validation)
    lost = inspect.silenced_nodes(network, data.validation).silenced
    rows = [(name, *(_signed(node.correlations[name]) for node in found)) for name in found[0].correlations]
    rows.append(("error gained without it", *(number(each.lost["normalised_error"]) for each in lost)))
    return Table(
        f"Correlation of each node's activity with named signals{note}, all validation sequences.",
        ("signal", *(f"node {node.node + 1}" for node in found)),
        rows,
    )


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


# --- the reverse problem ----------------------------------------------------------------------------------


def _memory_sentence(reach: dict[str, int]) -> str:
    longer = reach["reversed"] > 1.25 * reach["forward"]
    finding = (
        "so it has to remember for longer as well."
        if longer
        else "so it is not the length of the memory that makes it harder, but what has to be made of it: "
        "height and width show only at the peak and at the end of a triangle, and where triangles overlap, "
        "their sum has to be taken apart first."
    )
    return (
        "How long must it remember? 90 % of the output's dependence on the input, measured by gradients, "
        f"lies within {reach['forward']} steps in the forward and {reach['reversed']} steps in the reverse "
        "problem, " + finding
    )


def _sources_sentence(sources: inspect.ErrorSources) -> str:
    parts = [
        f'{percent(each.error)} in "{each.name}" ({percent(each.steps)} of the steps)'
        for each in sorted(sources.situations, key=lambda situation: -situation.error)
    ]
    return f"Of the squared error {listed(parts)}."


def _sources_table(named: dict[str, inspect.ErrorSources]) -> Table:
    situations = next(iter(named.values())).situations
    rows = [
        (
            each.name,
            percent(each.steps),
            *(percent(sources.situations[row].error) for sources in named.values()),
        )
        for row, each in enumerate(situations)
    ]
    return Table(
        "Where the squared error on the validation sequences of the reverse problem arises.",
        ("situation", "of the steps", *(f"of the error: {name}" for name in named)),
        rows,
    )
