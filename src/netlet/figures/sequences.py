"""Pictures of sequences: data, predictions with what is going on inside, contributions of nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.series import (
    BESIDE,
    MOST_LINES,
    colour_limits,
    draw_answers,
    draw_lines,
    draw_nodes,
    draw_outputs,
    draw_panel,
    draw_rows,
)
from netlet.figures.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PALETTE,
    SMALL_TEXT_SIZE,
    empty,
    minus,
    new_figure,
    set_title,
    styled,
    title_room,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from netlet.inspect import Contributions, Response
    from netlet.network import Activity

_TOGETHER = 2
"""So many channels of input and output are told apart by dashes, in one panel; more have panels apart."""
_STEP = "step"
_CANDIDATE = "candidate"


@styled
def sequences(named: Mapping[str, tuple[np.ndarray, np.ndarray]], title: str = "") -> Figure:
    """Input and target of some sequences, a panel each.

    Parameters
    ----------
    named : mapping from a name to (x, y)
        Each (steps, channels).
    """
    if not named:
        return empty("There are no sequences.", title)
    figure = new_figure(height=0.5 + 0.95 * 2 * len(named) + title_room(title))
    set_title(figure, title)
    panels = figure.subplots(2 * len(named), 1, sharex=True, squeeze=False)[:, 0]
    for pair, (name, series) in enumerate(named.items()):
        for axes, what, colour, values in zip(
            panels[2 * pair :], ("input", "target"), (BLUE, ORANGE), series, strict=False
        ):
            draw_panel(axes, values, colour, what)
            axes.set_title(f"{name}: {what}", fontsize=SMALL_TEXT_SIZE)
    panels[-1].set_xlabel(_STEP)
    return figure


@styled
def prediction(
    x: np.ndarray,
    y: np.ndarray,
    predicted: np.ndarray,
    activities: Sequence[Activity] = (),
    names: Sequence[str] = (),
    title: str = "",
    output_names: Sequence[str] = (),
) -> Figure:
    """Input, target and prediction of one sequence, and below it every recurrent layer's hidden activity.

    An lstm's cell state, its memory, has a panel of its own.

    Parameters
    ----------
    x, y, predicted : ndarray, (steps, channels)
    activities : sequence of Activity
        Of this one sequence: arrays (1, steps, units).
    names : sequence of str
        Of the layers, such as "gru 1"; by default they are numbered.
    output_names : sequence of str
        Such as those of classes; by default outputs are numbered.
    """
    if not output_names and max(x.shape[1], y.shape[1]) <= _TOGETHER:
        figure, (top,) = _above_activities([2.2], activities, names, title)
        draw_lines(top, x, GREY, "input", linewidth=1.0)
        draw_lines(top, y, ORANGE, "target", linewidth=2.6)
        draw_lines(top, predicted, BLUE, "prediction", linewidth=1.2)
        top.legend(loc="upper left", ncols=3)
        top.set_ylabel("input, output")
        top.margins(y=0.25)
        return figure
    is_many = y.shape[1] > MOST_LINES
    figure, tops = _above_activities([1.6, *([1.6, 1.6] if is_many else [2.2])], activities, names, title)
    draw_panel(tops[0], x, GREY, "input")
    if is_many:
        limits = colour_limits(np.concatenate([y, predicted]))
        for axes, what, values in zip(tops[1:], ("target", "prediction"), (y, predicted), strict=True):
            draw_rows(axes, values, "output", what, limits)
            axes.set_title(what, fontsize=SMALL_TEXT_SIZE)
    else:
        draw_answers(tops[1], y, predicted, output_names)
    return figure


@styled
def activity(
    x: np.ndarray, activities: Sequence[Activity], names: Sequence[str] = (), title: str = ""
) -> Figure:
    """Input of one sequence that is answered as a whole, and below it what `prediction` draws there.

    Parameters
    ----------
    x : ndarray, (steps, channels)
    activities, names
        As in `prediction`.
    """
    figure, (top,) = _above_activities([1.6], activities, names, title)
    draw_panel(top, x, GREY, "input")
    return figure


def _above_activities(
    heights: Sequence[float], activities: Sequence[Activity], names: Sequence[str], title: str
) -> tuple[Figure, Sequence[Axes]]:
    """A figure of recurrent layers' activity, and its first panels, still empty, of about these heights."""
    inside: list[tuple[str, np.ndarray]] = []
    called = names or [f"recurrent layer {n}" for n in range(1, len(activities) + 1)]
    for each, name in zip(activities, called, strict=True):
        inside.append((f"{name}: hidden activity", each.hidden[0]))
        if each.cell is not None:
            inside.append((f"{name}: cell state", each.cell[0]))
    figure = new_figure(height=sum(heights) + 1.6 * len(inside) + title_room(title))
    set_title(figure, title)
    ratios = [height / 1.63 for height in heights] + [1.0] * len(inside)
    panels = figure.subplots(len(ratios), 1, sharex=True, squeeze=False, height_ratios=ratios)[:, 0]
    shown = set()
    for axes, (name, values) in zip(panels[len(heights) :], inside, strict=True):
        layer, _, what = name.partition(": ")
        image = draw_nodes(axes, values, what, with_legend=layer not in shown)
        if image:
            figure.colorbar(image, ax=axes, label=what, pad=0.01)
        shown.add(layer)
        axes.set_title(name, fontsize=SMALL_TEXT_SIZE)
    panels[-1].set_xlabel(_STEP)
    return figure, list(panels[: len(heights)])


@styled
def gates(x: np.ndarray, activity: Activity, name: str, title: str = "") -> Figure:
    """The input of one sequence and, a panel each, how far the gates of a layer are open, node by node.

    Parameters
    ----------
    x : ndarray, (steps, channels)
    activity : Activity
        Of this one sequence.
    name : str
        Of the layer.
    """
    shown = {gate if gate == _CANDIDATE else f"{gate} gate": part[0] for gate, part in activity.gates.items()}
    if activity.cell is not None:
        shown["cell state"] = activity.cell[0]
    figure = new_figure(height=1.3 + 1.25 * len(shown) + title_room(title))
    set_title(figure, title)
    panels = figure.subplots(1 + len(shown), 1, sharex=True, squeeze=False)[:, 0]
    draw_panel(panels[0], x, GREY, "input")
    for axes, (gate, values) in zip(panels[1:], shown.items(), strict=True):
        is_gate = gate.endswith("gate")
        label = "0 shut, 1 open" if is_gate else gate
        image = draw_nodes(axes, values, label, axes is panels[1], limits=(0, 1) if is_gate else None)
        if image:
            figure.colorbar(image, ax=axes, label=label, pad=0.01)
        axes.set_title(f"{name}: {gate}", fontsize=SMALL_TEXT_SIZE)
    panels[-1].set_xlabel(_STEP)
    return figure


@styled
def contributions(
    y: np.ndarray, parts: Contributions, index: int = 0, output: int = 0, title: str = ""
) -> Figure:
    """What every node puts into the output over one sequence, stacked: what raises it above, lowers it below.

    Parameters
    ----------
    y : ndarray, (steps, outputs)
        Target of the sequence.
    index, output : int
        Which sequence, and which output.
    """
    nodes = parts.nodes[index, :, :, output]
    bias = float(parts.bias[output])
    figure = new_figure(height=2.9 + title_room(title))
    set_title(figure, title)
    axes = figure.subplots()
    steps = np.arange(len(nodes))
    largest = np.argsort(-np.abs(nodes).mean(axis=0))[:MOST_LINES]
    weights = parts.weights[:, output]
    shown = [(minus(f"node {n + 1} (weight {weights[n]:+.2f})"), nodes[:, n]) for n in sorted(largest)]
    if nodes.shape[1] > MOST_LINES:
        shown.append(("other nodes", np.delete(nodes, largest, axis=1).sum(axis=1)))
    above, below = np.full(len(nodes), max(bias, 0.0)), np.full(len(nodes), min(bias, 0.0))
    for number, (name, values) in enumerate(shown):
        colour = (*PALETTE, GREY)[number]
        for base, part in ((above, np.maximum(values, 0)), (below, np.minimum(values, 0))):
            axes.fill_between(
                steps,
                base,
                base + part,
                color=colour,
                alpha=0.55,
                linewidth=0,
                step="mid",
                label=name if base is above else None,
            )
            base += part
    axes.plot(steps, parts.prediction[index, :, output], color=BLACK, label="prediction", linewidth=1.6)
    axes.plot(steps, y[:, output], color=BLACK, label="target", linewidth=1.0, linestyle=":")
    axes.axhline(0, color=GREY, linewidth=0.6)
    axes.set_xlabel(_STEP)
    axes.margins(x=0)
    axes.set_ylabel(minus(f"contribution to the output\n(bias {bias:+.2f} included)"))
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


@styled
def responses(found: Sequence[Response], names: Sequence[str] = (), title: str = "") -> Figure:
    """What a network makes of made-up inputs: a column each, the output above, hidden activity below.

    Parameters
    ----------
    names : sequence of str
        Of the recurrent layers.
    """
    if not found:
        return empty("There are no responses.", title)
    layers = len(found[0].activities)
    figure = new_figure(height=1.9 + 1.5 * layers + title_room(title))
    set_title(figure, title)
    panels = figure.subplots(1 + layers, len(found), sharex="col", sharey="row", squeeze=False)
    for column, each in enumerate(found):
        top = panels[0, column]
        several = each.x.shape[1] > 1  # which all get the same
        draw_lines(top, each.x[:, :1], GREY, "every input" if several else "input")
        draw_outputs(top, each.prediction)
        top.set_title(each.name, fontsize=SMALL_TEXT_SIZE)
        panels[-1, column].set_xlabel(_STEP)
    for row in range(layers):
        hidden = [each.activities[row].hidden[0] for each in found]
        limits = colour_limits(np.concatenate(hidden)) if hidden[0].shape[1] > MOST_LINES else None
        image = None
        for axes, values in zip(panels[1 + row], hidden, strict=True):
            is_last = axes is panels[1 + row, -1]
            image = draw_nodes(axes, values, "hidden activity", is_last, limits)
            if axes is not panels[1 + row, 0]:
                axes.set_ylabel("")
            elif names:
                axes.set_ylabel(f"{names[row]}:\n{axes.get_ylabel()}")
        if image:
            figure.colorbar(image, ax=list(panels[1 + row]), label="hidden activity", pad=0.01)
    panels[0, 0].set_ylabel("input, output")
    few = len(panels[0, -1].get_legend_handles_labels()[0]) <= 3
    panels[0, -1].legend(**({"loc": "best"} if few else BESIDE))
    return figure
