"""What pictures of memory, correlations and sources of error show."""

from typing import Any

import numpy as np
import pytest

import netlet.figures
from netlet.inspect import ErrorByWidth, ErrorSources, Memory, Node, Place, Situation

# What a test knows of a picture is more than the types of matplotlib say.
figures: Any = netlet.figures

GRU_1, GRU_2 = Place(0, "gru 1", "gru(8)"), Place(1, "gru 2", "gru(8)")


def memory(scale: float = 1.0) -> Memory:
    mean = scale * 0.5 ** np.arange(8)
    return Memory(np.arange(8), mean, mean, mean / 2, mean * 2, 3)


def test_memory_has_a_line_a_band_and_a_mark_for_every_network():
    (axes,) = figures.memory({"GRU": memory(), "LSTM": memory(3)}).axes
    assert axes.get_yscale() == "log"
    labels = [text.get_text() for text in axes.get_legend().texts]
    assert labels == ["GRU: 90 % within 3 steps", "LSTM: 90 % within 3 steps"]
    np.testing.assert_allclose(axes.lines[2].get_ydata(), 3 * 0.5 ** np.arange(8))
    np.testing.assert_allclose(axes.lines[3].get_xydata(), [[3, 3 / 8]])
    heights = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx((0.5**8, 2))


def test_a_line_of_memory_runs_within_its_own_band_though_its_mean_does_not():
    gradients = np.array(
        [[1.0, 0.1, 0.01], [1.5, 0.15, 0.015], [2.0, 0.2, 0.02], [3.0, 0.3, 0.03], [9000.0, 900.0, 90.0]]
    )
    lower, median, upper = np.percentile(gradients, [25, 50, 75], axis=0)
    mean = gradients.mean(axis=0)
    assert (mean > upper).all()
    (axes,) = figures.memory({"LSTM": Memory(np.arange(3), mean, median, lower, upper, 1)}).axes
    drawn = np.asarray(axes.lines[0].get_ydata())
    corners = axes.collections[0].get_paths()[0].vertices
    for lag, height in enumerate(drawn):
        band = corners[corners[:, 0] == lag, 1]
        assert band.min() <= height <= band.max()


@pytest.mark.parametrize("count", [1, 3, 9])
def test_the_legend_of_widths_covers_no_point(count):
    found = {f"network {n}": by_width([0.5, 0.001 * (n + 1), 0.4], [9, 9, 2]) for n in range(count)}
    figure = figures.error_by_width(found)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    legend = axes.get_legend().get_window_extent()
    points = np.concatenate([line.get_xydata() for line in axes.lines if len(line.get_xdata())])
    assert len(points) >= 3 * count
    assert not any(legend.contains(*place) for place in axes.transData.transform(points))


def test_more_networks_than_colours_are_all_drawn():
    names = [f"gru({n})" for n in range(1, 10)]
    for draw, each in ((figures.memory, memory()), (figures.error_by_width, by_width([0.1, 0.2], [9, 9]))):
        (axes,) = draw(dict.fromkeys(names, each)).axes
        labels = [text.get_text().partition(":")[0] for text in axes.get_legend().texts]
        assert labels == names
        lines = [line for line in axes.lines if line.get_linestyle() != "None"]
        assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == len(names)


def test_correlations_are_written_and_what_has_none_is_grey():
    first = Node(GRU_1, 0, {"input": -0.75, "pulse on": 0.25, "never": None})
    second = Node(GRU_1, 1, {"input": None, "pulse on": None, "never": None})
    axes = figures.node_signals([first, second]).axes[0]
    assert [text.get_text() for text in axes.texts] == ["−0.75", "–", "0.25", "–"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["input", "pulse on"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["gru 1\nnode 1", "gru 1\nnode 2"]
    assert axes.images[0].get_array().mask.tolist() == [[False, True]] * 2
    assert axes.get_facecolor()[:3] != (1, 1, 1)


def test_many_nodes_are_numbered_by_layer():
    found = [Node(place, n, {"input": 0.5}) for place in (GRU_1, GRU_2) for n in range(8)]
    axes = figures.node_signals(found).axes[0]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["1\ngru 1", "6", "1\ngru 2", "6"]
    assert axes.get_xlabel() == "node"
    assert [line.get_xdata()[0] for line in axes.lines] == [7.5]


def test_sources_of_error_are_shares_in_percent_beside_those_of_the_steps():
    situations = (Situation("pulse on", 0.25, 0.75), Situation("all the rest", 0.75, 0.25))
    sources = ErrorSources(0.0625, np.linspace(0, 0.125, 10), situations)
    top, other_top, bottom, _ = figures.error_sources({"forward": sources, "reversed": sources}).axes
    assert top.get_title(loc="left") == "forward\nnormalised error 0.0625"
    np.testing.assert_allclose(top.lines[0].get_ydata(), sources.by_step)
    assert top.get_ylim() == other_top.get_ylim()
    assert [bar.get_width() for bar in bottom.patches] == [75, 25, 25, 75]
    assert [label.get_text() for label in bottom.get_yticklabels()] == ["pulse on", "all the rest"]
    assert bottom.get_xlabel() == "share (%)"


def by_width(errors: list[float], pulses: list[int]) -> ErrorByWidth:
    return ErrorByWidth(np.arange(3, 3 + len(errors)), np.array(pulses), np.array(errors))


def test_error_by_width_is_a_line_with_hollow_dots_where_there_are_few_pulses():
    found = {"forward": by_width([0.1, 0.2, 0.4], [90, 5, 4]), "reversed": by_width([0.3], [7])}
    (axes,) = figures.error_by_width(found).axes
    line, many, few = axes.lines[:3]
    np.testing.assert_allclose(line.get_xydata(), [[3, 0.1], [4, 0.2], [5, 0.4]])
    np.testing.assert_allclose(many.get_xdata(), [3, 4])
    np.testing.assert_allclose(few.get_xydata(), [[5, 0.4]])
    assert few.get_markerfacecolor() == "white"
    labels = [text.get_text() for text in axes.get_legend().texts]
    assert labels == ["forward", "reversed", "fewer than 5 pulses"]
    assert axes.get_yscale() == "log"
    assert axes.get_xlabel() == "width of the pulse (steps)"


def test_without_errors_or_few_pulses_there_is_no_logarithm_and_no_word_of_them():
    (axes,) = figures.error_by_width({"perfect": by_width([0.0, 0.0], [9, 9])}).axes
    assert axes.get_yscale() == "linear"
    assert [text.get_text() for text in axes.get_legend().texts] == ["perfect"]
