import math
from typing import Any

import numpy as np
import pytest

import netlet.figures
from netlet.inspect import Ablation, Place, Saliency, Silenced

# What a test knows of a picture is more than the types of matplotlib say.
figures: Any = netlet.figures

CONV_1 = Place(0, "conv 1", "conv(3, 3x3)")
CONV_2 = Place(2, "conv 2", "conv(3, 3x3)")
WHOLE = {"accuracy": 0.75, "loss": 0.5}


def silenced(place, index, accuracy, loss) -> Silenced:
    return Silenced(place, index, {}, {"accuracy": accuracy, "loss": loss})


def test_bars_are_what_is_lost_in_percentage_points_and_nats():
    result = Ablation(WHOLE, (silenced(CONV_1, 0, 0.25, 1.5), silenced(CONV_2, 1, -0.0125, -0.25)))
    accuracy, loss = figures.ablation(result).axes
    assert [bar.get_width() for bar in accuracy.patches] == pytest.approx([25, -1.25])
    assert [bar.get_width() for bar in loss.patches] == [1.5, -0.25]
    assert [text.get_text() for text in accuracy.texts] == ["25.00", "−1.25"]
    assert [text.get_text() for text in loss.texts] == ["1.5000", "−0.2500"]
    assert [label.get_text() for label in accuracy.get_yticklabels()] == ["conv 1, map 1", "conv 2, map 2"]
    assert accuracy.get_xlabel() == "accuracy lost (percentage points)"
    assert loss.get_xlabel() == "loss gained (nats)"
    assert "accuracy 0.75, loss 0.5" in accuracy.get_title(loc="left")


def test_each_layer_has_its_colour():
    result = Ablation(WHOLE, tuple(silenced(place, 0, 1, 1) for place in (CONV_1, CONV_1, CONV_2, CONV_2)))
    accuracy, _ = figures.ablation(result).axes
    colours = [bar.get_facecolor() for bar in accuracy.patches]
    assert colours[0] == colours[1] != colours[2] == colours[3]


def test_of_many_maps_those_that_matter_most_are_shown_in_their_order():
    losses = (0.1, 0.3, 0, 0.2)
    result = Ablation(WHOLE, tuple(silenced(CONV_1, index, lost, 0) for index, lost in enumerate(losses)))
    accuracy, _ = figures.ablation(result, limit=2).axes
    assert [label.get_text() for label in accuracy.get_yticklabels()] == ["conv 1, map 2", "conv 1, map 4"]
    assert "the 2 of 4 maps that matter most" in accuracy.get_title(loc="left")


def test_hidden_nodes_are_called_so():
    nodes = tuple(
        Silenced(Place(0, "gru 1", "gru(3)"), n, {}, {"normalised_error": n}, kind="node") for n in range(3)
    )
    result = Ablation({"normalised_error": 0.25}, nodes)
    (axes,) = figures.ablation(result, metrics=("normalised_error",), limit=2).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["gru 1, node 2", "gru 1, node 3"]
    assert axes.get_title(loc="left") == (
        "one hidden node at a time set to zero; with all of them: normalised error 0.25\n"
        "the 2 of 3 nodes that matter most"
    )
    assert axes.get_xlabel() == "normalised error gained (MSE / variance)"


@pytest.mark.parametrize("unknown", [None, math.nan])
def test_what_is_undefined_has_no_bar(unknown):
    accuracy, _ = figures.ablation(Ablation(WHOLE, (silenced(CONV_1, 0, unknown, 0.5),))).axes
    assert accuracy.patches[0].get_width() == 0
    assert accuracy.texts[0].get_text() == "undefined"


def test_saliency_draws_the_image_and_the_gradient_even_about_zero():
    image = np.linspace(0, 1, 400, dtype=np.float32).reshape(20, 20, 1)
    gradient = np.full((20, 20, 1), 0.5, dtype=np.float32)
    gradient[3, 4] = -8
    figure = figures.saliency(Saliency(image, np.array([0.75]), 1, gradient), ("5", "6"))
    axes = figure.axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), image[..., 0])
    np.testing.assert_array_equal(axes.images[1].get_array(), gradient[..., 0])
    # One pixel in 400 does not take the colour from the others.
    assert (axes.images[1].norm.vmin, axes.images[1].norm.vmax) == (-0.5, 0.5)
    texts = [text.get_text() for text in axes.texts]
    assert "what its pixels do for 6" in texts
    assert "≥ 0.5" in texts
