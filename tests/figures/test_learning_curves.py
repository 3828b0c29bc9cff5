import math
from typing import Any

import numpy as np
import pytest

import netlet.figures
from netlet import metrics

# What a test knows of a picture is more than the types of matplotlib say.
figures: Any = netlet.figures

HISTORIES = [
    {
        "loss": [0.9, 0.3, 0.2],
        "accuracy": [0.5, 0.6, 0.7],
        "val_loss": [0.8, 0.5, 0.4],
        "val_accuracy": [0.4, 0.5, 0.6],
    },
    {
        "loss": [0.7, 0.5, 0.4],
        "accuracy": [0.7, 0.8, 0.9],
        "val_loss": [0.6, 0.3, 0.2],
        "val_accuracy": [0.6, 0.7, 0.8],
    },
]


def test_lines_are_medians_and_bands_quartiles_over_seeds():
    bands = metrics.history_bands(HISTORIES)
    loss, accuracy = figures.history(bands).axes
    assert [line.get_label() for line in loss.lines] == ["training", "validation"]
    np.testing.assert_allclose(loss.lines[0].get_xydata(), [[1, 0.8], [2, 0.4], [3, 0.3]])
    np.testing.assert_allclose(accuracy.lines[1].get_ydata(), [0.5, 0.6, 0.7])
    heights = loss.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx((0.25, 0.85))


def test_panels_are_labelled_with_units_and_the_number_of_seeds():
    loss, accuracy = figures.history(metrics.history_bands(HISTORIES)).axes
    assert loss.get_ylabel() == "loss (cross-entropy, nats)"
    assert accuracy.get_ylabel() == "accuracy (share of images)"
    assert loss.get_xlabel() == accuracy.get_xlabel() == "epoch"
    assert loss.get_title(loc="left") == "median (line) and quartiles (band) of 2 seeds"


def test_labels_can_be_changed_and_unknown_curves_are_called_by_their_name():
    bands = metrics.history_bands([{"loss": [1, 2], "gradient": [1, 2]}])
    panels = figures.history(bands, labels={"loss": "mean squared error"}).axes
    assert [panel.get_ylabel() for panel in panels] == ["mean squared error", "gradient"]


def test_one_seed_has_no_band():
    (loss, _) = figures.history(metrics.history_bands(HISTORIES[:1])).axes
    assert len(loss.collections) == 0
    assert loss.get_title(loc="left") == "one seed"


def test_diverged_seeds_are_counted():
    bands = metrics.history_bands([{"loss": [1, math.nan]}, {"loss": [1, 0.5]}])
    (loss,) = figures.history(bands).axes
    assert loss.get_title(loc="left").endswith("of 2 seeds, 1 of them diverged")


def test_a_loss_that_spans_powers_of_ten_is_logarithmic_and_another_starts_at_zero():
    wide = metrics.history_bands([{"loss": [1, 0.1, 0.001]}])
    assert figures.history(wide).axes[0].get_yscale() == "log"
    narrow = figures.history(metrics.history_bands([{"loss": [1, 0.5, 0.2]}])).axes[0]
    assert (narrow.get_yscale(), narrow.get_ylim()[0]) == ("linear", 0)


def test_a_normalised_error_is_compared_on_a_logarithmic_axis_in_place_of_its_loss():
    bands = metrics.history_bands([{"loss": [0.1, 0.02], "normalised_error": [1, 0.2]}])
    (axes,) = figures.history(bands).axes
    assert axes.get_yscale() == "log"
    assert axes.get_ylabel() == "normalised error (MSE / variance)"
    level = metrics.history_bands([{"loss": [0.1, 0.08], "normalised_error": [1, 0.8]}])
    assert figures.history(level).axes[0].get_yscale() == "linear"


def test_a_loss_of_zero_is_not_drawn_logarithmically():
    bands = metrics.history_bands([{"loss": [1, 0.1, 0.0]}])
    assert figures.history(bands).axes[0].get_yscale() == "linear"


def test_without_epochs_a_sentence_says_so():
    (axes,) = figures.history(metrics.history_bands([])).axes
    assert axes.texts[0].get_text() == "No epochs were trained."
