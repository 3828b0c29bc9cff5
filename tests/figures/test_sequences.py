"""What pictures of sequences show."""

from typing import Any

import numpy as np
import pytest

import netlet.figures
from netlet.inspect import Contributions, Place, Response
from netlet.network import Activity

# What a test knows of a picture is more than the types of matplotlib say.
figures: Any = netlet.figures

STEPS = 6
X, Y, PREDICTED = (np.full((STEPS, 1), value, dtype=np.float32) for value in (0.1, 0.2, 0.3))


def activity(units=2, has_cell=False, scale=1.0) -> Activity:
    rising = scale * np.arange(STEPS * units, dtype=np.float32).reshape(1, STEPS, units)
    gates = {"update": rising / rising.max(), "reset": rising / rising.max(), "candidate": -rising}
    return Activity(0, rising, gates, 10 * rising if has_cell else None)


def test_sequences_have_a_panel_for_each_input_and_target():
    panels = figures.sequences({"training sequence 3": (X, Y), "validation sequence 3": (X, Y)}).axes
    assert [panel.get_title(loc="left") for panel in panels] == [
        "training sequence 3: input",
        "training sequence 3: target",
        "validation sequence 3: input",
        "validation sequence 3: target",
    ]
    np.testing.assert_allclose(panels[3].lines[0].get_ydata(), Y[:, 0])
    assert panels[3].get_xlabel() == "step"


def test_a_prediction_has_input_target_and_answer_above_and_every_node_below():
    drawn = figures.prediction(X, Y, PREDICTED, [activity(has_cell=True)], ["lstm 1"])
    top, hidden, cell = drawn.axes
    assert [line.get_label() for line in top.lines] == ["input", "target", "prediction"]
    np.testing.assert_allclose([line.get_ydata()[0] for line in top.lines], [0.1, 0.2, 0.3], rtol=1e-6)
    np.testing.assert_allclose(hidden.lines[1].get_ydata(), [1, 3, 5, 7, 9, 11])
    np.testing.assert_allclose(cell.lines[1].get_ydata(), [10, 30, 50, 70, 90, 110])
    assert [panel.get_ylabel() for panel in (hidden, cell)] == ["hidden activity", "cell state"]
    assert [text.get_text() for text in hidden.get_legend().texts] == ["node 1", "node 2"]
    assert cell.get_legend() is None


def test_channels_are_told_apart():
    top = figures.prediction(np.zeros((STEPS, 2)), Y, PREDICTED).axes[0]
    assert [line.get_label() for line in top.lines[:2]] == ["input 1", "input 2"]
    assert top.lines[0].get_linestyle() != top.lines[1].get_linestyle()


@pytest.mark.parametrize(
    "draw",
    [
        lambda x: figures.sequences({"a sequence": (x, Y)}),
        lambda x: figures.gates(x, activity(), "gru 1"),
        lambda x: figures.activity(x, [activity()], ["gru 1"]),
    ],
)
def test_several_channels_alone_in_a_panel_have_a_legend_and_one_has_none(draw):
    legend = draw(np.zeros((STEPS, 2))).axes[0].get_legend()
    assert [text.get_text() for text in legend.texts] == ["input 1", "input 2"]
    assert draw(X).axes[0].get_legend() is None


def test_activity_has_the_input_above_and_every_node_below():
    top, hidden, cell = figures.activity(X, [activity(has_cell=True)], ["lstm 1"]).axes
    assert [line.get_label() for line in top.lines] == ["input"]
    np.testing.assert_allclose(hidden.lines[1].get_ydata(), [1, 3, 5, 7, 9, 11])
    np.testing.assert_allclose(cell.lines[0].get_ydata(), np.arange(0, 120, 20))
    assert [panel.get_title(loc="left") for panel in (hidden, cell)] == [
        "lstm 1: hidden activity",
        "lstm 1: cell state",
    ]


def test_sequences_of_different_length_are_drawn_whole():
    short, long = (np.ones((steps, 1)) for steps in (4, 9))
    panels = figures.sequences({"long": (long, long), "short": (short, short)}).axes
    assert {panel.get_xlim() for panel in panels} == {(0, 8)}
    assert [len(panel.lines[0].get_xdata()) for panel in panels] == [9, 9, 4, 4]


def test_one_step_is_a_dot():
    top = figures.prediction(X[:1], Y[:1], PREDICTED[:1]).axes[0]
    assert {line.get_marker() for line in top.lines} == {"o"}


def test_many_nodes_are_rows_of_colour_even_about_zero():
    many = activity(9)
    many.hidden[0, 0, 0] = -200
    _, hidden, bar = figures.prediction(X, Y, PREDICTED, [many], ["gru 1"]).axes
    image = hidden.images[0]
    np.testing.assert_array_equal(image.get_array(), many.hidden[0].T)
    assert (image.norm.vmin, image.norm.vmax) == (-200, 200)
    assert bar.get_ylabel() == "hidden activity"


@pytest.mark.parametrize("units", [2, 9])
def test_gates_are_drawn_from_shut_to_open(units):
    panels = figures.gates(X, activity(units), "gru 1").axes
    titles = [panel.get_title(loc="left") for panel in panels[:4]]
    assert titles == ["", "gru 1: update gate", "gru 1: reset gate", "gru 1: candidate"]
    for panel in panels[1:3]:
        if units == 2:
            assert panel.get_ylim() == pytest.approx((-0.05, 1.05))
            assert panel.get_ylabel() == "0 shut, 1 open"
        else:
            assert (panel.images[0].norm.vmin, panel.images[0].norm.vmax) == (0, 1)


def test_contributions_are_stacked_above_and_below_the_bias_up_to_the_prediction():
    nodes = np.array([[[0.5, -0.25], [0.25, 0.5], [-0.5, -0.25]]], dtype=np.float32)[..., None]
    parts = Contributions(
        Place(0, "gru 1", "gru(2)"),
        np.array([[1.0], [-0.5]], dtype=np.float32),
        np.array([0.125], dtype=np.float32),
        nodes,
        nodes.sum(axis=2) + 0.125,
    )
    (axes,) = figures.contributions(np.zeros((3, 1)), parts).axes
    tops, bottoms = axes.collections[2].get_paths()[0], axes.collections[3].get_paths()[0]
    # 0.125 + 0.25 + 0.5 is the highest point of all that is positive, -0.75 the lowest of the rest.
    assert tops.vertices[:, 1].max() == pytest.approx(0.875)
    assert bottoms.vertices[:, 1].min() == pytest.approx(-0.75)
    prediction, target = axes.lines[:2]
    np.testing.assert_allclose(prediction.get_ydata(), [0.375, 0.875, -0.625])
    np.testing.assert_allclose(target.get_ydata(), 0)
    labels = [text.get_text() for text in axes.get_legend().texts]
    assert labels == ["node 1 (weight +1.00)", "node 2 (weight −0.50)", "prediction", "target"]


def test_of_many_nodes_the_largest_contributions_are_shown_one_by_one():
    nodes = np.ones((1, 3, 10, 1), dtype=np.float32) * np.arange(10, dtype=np.float32)[:, None]
    bias = np.zeros(1, dtype=np.float32)
    parts = Contributions(
        Place(0, "gru 1", "gru(10)"), np.ones((10, 1), np.float32), bias, nodes, nodes.sum(axis=2)
    )
    (axes,) = figures.contributions(np.zeros((3, 1)), parts).axes
    labels = [text.get_text().partition(" (")[0] for text in axes.get_legend().texts]
    assert labels == [*(f"node {n}" for n in range(4, 11)), "other nodes", "prediction", "target"]
    assert axes.collections[-2].get_paths()[0].vertices[:, 1].max() == pytest.approx(45)


def test_responses_share_the_colours_that_their_one_bar_explains():
    found = [
        Response(name, X, PREDICTED, (activity(9, scale=scale),))
        for name, scale in (("impulse", 1.0), ("step", 3.0))
    ]
    panels = figures.responses(found, ["gru 1"]).axes
    images = [panel.images[0] for panel in panels if panel.images]
    assert {(image.norm.vmin, image.norm.vmax) for image in images} == {(0, 3 * (9 * STEPS - 1))}
    assert [panel.get_ylabel() for panel in panels] == [
        "input, output",
        "",
        "gru 1:\nnode",
        "",
        "hidden activity",
    ]
    assert [panel.get_title(loc="left") for panel in panels[:2]] == ["impulse", "step"]
