import math
from typing import Any

import numpy as np
import pytest

import netlet.figures
from netlet import metrics

# What a test knows of a picture is more than the types of matplotlib say.
figures: Any = netlet.figures

MATRIX = np.array([[6, 2, 0], [1, 3, 0], [0, 0, 0]])


def written(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_a_confusion_matrix_has_every_count_at_its_place():
    (axes,) = figures.confusion_matrix(MATRIX, ("a", "b", "c")).axes
    assert written(axes) == ["6", "2", "0", "1", "3", "0", "0", "0", "0"]
    assert axes.texts[3].get_position() == (0, 1)  # true b (row 1) taken for a (column 0)
    assert axes.get_title(loc="left") == "12 images\naccuracy 0.7500"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "true class")
    np.testing.assert_array_equal(axes.images[0].get_array(), [[0.75, 0.25, 0], [0.25, 0.75, 0], [0, 0, 0]])


def test_a_normalised_confusion_matrix_has_shares_of_each_true_class_and_counts():
    (axes,) = figures.confusion_matrix(MATRIX, normalised=True).axes
    assert written(axes)[:4] == ["0.750\n(6)", "0.250\n(2)", "0.000\n(0)", "0.250\n(1)"]
    assert written(axes)[8] == "–\n(0)"  # a class without images has no shares


def test_examples_are_called_what_they_are():
    (axes,) = figures.confusion_matrix(np.array([[1]]), noun="sequence").axes
    assert axes.get_title(loc="left").startswith("1 sequence\n")


def test_several_confusion_matrices_are_named():
    panels = figures.confusion_matrix({"training": MATRIX, "validation": MATRIX}).axes
    assert [panel.get_title(loc="left").split(":")[0] for panel in panels] == ["training", "validation"]


def test_roc_draws_the_curve_its_point_at_one_half_and_its_area():
    curve = metrics.roc([1, 0, 1, 0], [0.9, 0.7, 0.6, 0.1])
    (axes,) = figures.roc({"validation": curve}).axes
    drawn, point, chance, _ = axes.lines
    np.testing.assert_array_equal(drawn.get_xdata(), curve.false_positive_rate)
    np.testing.assert_array_equal(drawn.get_ydata(), curve.true_positive_rate)
    np.testing.assert_array_equal(point.get_xydata(), [[0.5, 1]])
    assert drawn.get_label() == "validation: area 0.7500"
    assert chance.get_label() == "chance (area 0.5)"


def test_good_roc_curves_get_their_corner_enlarged():
    good = metrics.roc([0] * 50 + [1] * 50, np.arange(100) / 100)
    whole, corner = figures.roc({"validation": good}).axes
    assert whole.get_xlim()[1] > 1
    assert (corner.get_xlim()[1], corner.get_ylim()[0]) == pytest.approx((0.1, 0.9))


def test_roc_curves_of_many_seeds_share_one_entry_with_the_median_area():
    predictions = [0.9, 0.7, 0.6, 0.1], [0.9, 0.1, 0.6, 0.2], [0.1, 0.9, 0.1, 0.9]
    curves = [metrics.roc([1, 0, 1, 0], prediction) for prediction in predictions]
    (axes,) = figures.roc({"test": curves}).axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "test: area 0.7500\n(median of 3 seeds)",
        "chance (area 0.5)",
    ]


def test_without_both_classes_roc_says_so():
    (axes,) = figures.roc({"test": metrics.roc([1, 1], [0.5, 0.5])}).axes
    assert axes.get_legend().get_texts()[0].get_text() == "test: one class only"


def test_every_seed_is_a_dot_the_median_a_bar_and_the_quartiles_a_box():
    values = [0.9, 0.5, 0.7, 0.6, 0.8]
    (axes,) = figures.seeds({"gru(6)": values}).axes
    median, dots = axes.lines
    assert sorted(dots.get_xdata()) == sorted(values)
    assert list(median.get_xdata()) == [0.7, 0.7]
    box = axes.collections[0].get_paths()[0].vertices[:, 0]
    assert (box.min(), box.max()) == (0.6, 0.8)
    assert written(axes) == ["median 0.7000\nbest 0.9000"]


def test_equal_values_lie_beside_each_other_inside_their_row():
    (axes,) = figures.seeds({"gru(6)": [0.5] * 20, "rnn(5)": [0.4]}).axes
    heights = axes.lines[1].get_ydata()
    assert len(set(heights)) == 20
    assert np.abs(heights).max() < 0.5


@pytest.mark.parametrize(("metric", "place"), [("accuracy", "left"), ("loss", "right")])
def test_diverged_seeds_are_a_cross_at_the_worse_end_and_counted(metric, place):
    (axes,) = figures.seeds({"gru(6)": [0.5, 0.6, math.nan, 0.7]}, metric).axes
    cross = axes.lines[-1]
    assert cross.get_marker() == "x"
    assert (cross.get_xdata()[0] < 0.1) == (place == "left")
    assert written(axes)[0].endswith("1 of 4 diverged")


def test_a_reference_is_a_diamond_named_in_the_legend():
    figure = figures.seeds({"gru(6)": [0.5, 0.6]}, references={"gru(6)": 0.55}, reference_name="notebook")
    (diamond,) = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert (diamond.get_xdata()[0], diamond.get_ydata()[0]) == (0.55, 0)
    assert "notebook" in [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize(
    ("values", "references", "metric", "scale"),
    [
        ([0.01, 0.09], {}, "normalised_error", "linear"),
        ([0.01, 0.11], {}, "normalised_error", "log"),
        ([0.01, 0.09], {"gru(6)": 0.2}, "normalised_error", "log"),
        ([0.0, 0.5], {}, "normalised_error", "linear"),  # nothing would be left of a perfect seed
        ([math.nan, None], {}, "normalised_error", "linear"),
        ([0.01, 0.9], {}, "accuracy", "linear"),
    ],
)
def test_errors_of_which_one_is_ten_times_another_have_a_logarithmic_axis(values, references, metric, scale):
    (axes,) = figures.seeds({"gru(6)": values}, metric, references).axes
    assert axes.get_xscale() == scale
    assert axes.get_xlabel().endswith("logarithmic") == (scale == "log")
    low, high = axes.get_xlim()
    shown = [value for value in (*values, *references.values()) if value is not None and np.isfinite(value)]
    assert all(low < value < high for value in shown)


def test_an_axis_of_accuracy_ends_just_past_one():
    (axes,) = figures.seeds({"gru(6)": [0.5, 1.0]}).axes
    assert 1 < axes.get_xlim()[1] < 1.02
