"""Pictures of sequences: data, predictions with what is going on inside, contributions of nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.figures.style import (
    AMOUNT_MAP,
    BLACK,
    BLUE,
    DASHES,
    GREY,
    LIGHT_GREY,
    ORANGE,
    PALETTE,
    SIGNED_MAP,
    SMALL_TEXT_SIZE,
    empty,
    minus,
    new_figure,
    set_title,
    styled,
    title_room,
    whole_ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

    from netlet.inspect import Contributions, Response
    from netlet.network import Activity

_MOST_LINES = 7
"""More nodes than these are shown as colours, a row each, not as lines."""
_TOGETHER = 2
"""So many channels of input and output are told apart by dashes, in one panel; more have panels apart."""
_STEP = "step"
_BESIDE: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.08), "handlelength": 1.6}
"""Where a panel's legend is: at its right."""
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
            _panel(axes, values, colour, what)
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
    """
    if max(x.shape[1], y.shape[1]) <= _TOGETHER:
        figure, (top,) = _above_activities([2.2], activities, names, title)
        _lines(top, x, GREY, "input", linewidth=1.0)
        _lines(top, y, ORANGE, "target", linewidth=2.6)
        _lines(top, predicted, BLUE, "prediction", linewidth=1.2)
        top.legend(loc="upper left", ncols=3)
        top.set_ylabel("input, output")
        top.margins(y=0.25)
        return figure
    is_many = y.shape[1] > _MOST_LINES
    figure, tops = _above_activities([1.6, *([1.6, 1.6] if is_many else [2.2])], activities, names, title)
    _panel(tops[0], x, GREY, "input")
    if is_many:
        limits = _limits(np.concatenate([y, predicted]))
        for axes, what, values in zip(tops[1:], ("target", "prediction"), (y, predicted), strict=True):
            _rows(axes, values, "output", what, limits)
            axes.set_title(what, fontsize=SMALL_TEXT_SIZE)
    else:
        _answers(tops[1], y, predicted)
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
    _panel(top, x, GREY, "input")
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
        image = _nodes(axes, values, what, with_legend=layer not in shown)
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
    _panel(panels[0], x, GREY, "input")
    for axes, (gate, values) in zip(panels[1:], shown.items(), strict=True):
        is_gate = gate.endswith("gate")
        label = "0 shut, 1 open" if is_gate else gate
        image = _nodes(axes, values, label, axes is panels[1], limits=(0, 1) if is_gate else None)
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
    largest = np.argsort(-np.abs(nodes).mean(axis=0))[:_MOST_LINES]
    weights = parts.weights[:, output]
    shown = [(minus(f"node {n + 1} (weight {weights[n]:+.2f})"), nodes[:, n]) for n in sorted(largest)]
    if nodes.shape[1] > _MOST_LINES:
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
        _lines(top, each.x[:, :1], GREY, "every input" if several else "input")
        _outputs(top, each.prediction)
        top.set_title(each.name, fontsize=SMALL_TEXT_SIZE)
        panels[-1, column].set_xlabel(_STEP)
    for row in range(layers):
        hidden = [each.activities[row].hidden[0] for each in found]
        limits = _limits(np.concatenate(hidden)) if hidden[0].shape[1] > _MOST_LINES else None
        image = None
        for axes, values in zip(panels[1 + row], hidden, strict=True):
            is_last = axes is panels[1 + row, -1]
            image = _nodes(axes, values, "hidden activity", is_last, limits)
            if axes is not panels[1 + row, 0]:
                axes.set_ylabel("")
            elif names:
                axes.set_ylabel(f"{names[row]}:\n{axes.get_ylabel()}")
        if image:
            figure.colorbar(image, ax=list(panels[1 + row]), label="hidden activity", pad=0.01)
    panels[0, 0].set_ylabel("input, output")
    few = len(panels[0, -1].get_legend_handles_labels()[0]) <= 3
    panels[0, -1].legend(**({"loc": "best"} if few else _BESIDE))
    return figure


def _lines(axes: Axes, values: np.ndarray, colour: str, label: str, linewidth: float = 1.4) -> None:
    """One line a channel; several channels of one kind take turns in dashes."""
    channels = values.shape[1]
    for channel in range(channels):
        axes.plot(
            values[:, channel],
            color=colour,
            label=label if channels == 1 else f"{label} {channel + 1}",
            linewidth=linewidth,
            linestyle=DASHES[channel % len(DASHES)],
            marker=_marker(values),
        )
    axes.grid(axis="y")
    axes.margins(x=0)
    whole_ticks(axes.xaxis)


def _outputs(axes: Axes, values: np.ndarray) -> None:
    """Outputs in colours of their own; many are pale and all alike."""
    count = values.shape[1]
    is_many = count > _MOST_LINES
    for output in range(count):
        name = f"{count} outputs" if is_many else f"output {output + 1}" if count > 1 else "output"
        axes.plot(
            values[:, output],
            color=BLUE if is_many or count == 1 else PALETTE[output],
            alpha=0.4 if is_many else 1,
            linewidth=1.4,
            label=name if output == 0 or not is_many else "_",
            marker=_marker(values),
        )


def _panel(axes: Axes, values: np.ndarray, colour: str, what: str) -> None:
    """One kind of series alone in a panel: a line, lines in colours of their own, or rows of colour."""
    channels = values.shape[1]
    if channels > _MOST_LINES:
        _rows(axes, values, f"{what} channel", what, _limits(values))
        return
    if channels == 1:
        _lines(axes, values, colour, what)
    else:
        for channel in range(channels):
            _lines(axes, values[:, [channel]], PALETTE[channel], f"{what} {channel + 1}", linewidth=1.2)
        axes.legend(**_BESIDE)
    axes.set_ylabel(what)


def _answers(axes: Axes, y: np.ndarray, predicted: np.ndarray) -> None:
    """Several outputs: each in a colour of its own, the target broad and pale, the prediction thin."""
    for output in range(y.shape[1]):
        colour, name = PALETTE[output], f"output {output + 1}" if y.shape[1] > 1 else "output"
        marker = _marker(y)
        axes.plot(y[:, output], color=colour, linewidth=3.4, alpha=0.35, marker=marker)
        axes.plot(predicted[:, output], color=colour, linewidth=1.2, label=name, marker=marker)
    axes.plot([], [], color=GREY, linewidth=3.4, alpha=0.35, label="target")
    axes.plot([], [], color=GREY, linewidth=1.2, label="prediction")
    axes.legend(**_BESIDE)
    axes.set_ylabel("output")
    axes.grid(axis="y")
    axes.margins(x=0)


def _rows(axes: Axes, values: np.ndarray, label: str, what: str, limits: tuple[float, float]) -> None:
    """Many channels (steps, channels) as rows of colour with a colour bar."""
    image = _colours(axes, values, label, limits)
    axes.figure.colorbar(image, ax=axes, label=what, pad=0.01)


def _nodes(
    axes: Axes,
    values: np.ndarray,
    label: str,
    with_legend: bool = True,
    limits: tuple[float, float] | None = None,
) -> AxesImage | None:
    """Nodes (steps, units) as lines, or as rows of colour, given back for a colour bar, if there are many."""
    units = values.shape[1]
    if units <= _MOST_LINES:
        for node in range(units):
            axes.plot(
                values[:, node],
                color=PALETTE[node],
                label=f"node {node + 1}",
                linewidth=1.2,
                marker=_marker(values),
            )
        axes.grid(axis="y")
        axes.set_ylabel(label)
        if with_legend:
            axes.legend(**_BESIDE)
        if limits:
            air = 0.05 * (limits[1] - limits[0])
            axes.set_ylim(limits[0] - air, limits[1] + air)
        return None
    return _colours(axes, values, "node", limits or _limits(values))


def _colours(axes: Axes, values: np.ndarray, label: str, limits: tuple[float, float]) -> AxesImage:
    """Values (steps, rows) as rows of colour, numbered from 1 down the vertical axis."""
    low, high = limits
    axes.set_ylabel(label)
    whole_ticks(axes.yaxis)
    axes.set_facecolor(LIGHT_GREY)  # where there is no number
    return axes.imshow(
        values.T,
        aspect="auto",
        cmap=SIGNED_MAP if low < 0 else AMOUNT_MAP,
        vmin=low,
        vmax=high,
        extent=(-0.5, len(values) - 0.5, values.shape[1] + 0.5, 0.5),
    )


def _marker(values: np.ndarray) -> str | None:
    """A dot where there is but one step, which makes no line."""
    return "o" if len(values) == 1 else None


def _limits(values: np.ndarray) -> tuple[float, float]:
    """Ends of the colours: from 0, or even about 0 if some values are below."""
    finite = values[np.isfinite(values)]
    reach = float(np.abs(finite).max(initial=0)) or 1.0
    return (-reach if (finite < 0).any() else 0.0), reach
