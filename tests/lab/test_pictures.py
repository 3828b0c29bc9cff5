"""What pictures say of themselves to those who do not see them."""

import numpy as np
import pytest

from netlet import metrics
from netlet.architecture import Architecture
from netlet.datasets import Dataset
from netlet.inspect import Ablation, ErrorByWidth, Place, Silenced
from netlet.lab import read
from netlet.lab.pictures import FACTS, PICTURES, images, sequences
from netlet.network import Network


def alt(drawing):
    return drawing.picture("name", read().figures, what="it").alt


def ablation(metric, *lost):
    place = Place(0, "conv 1", "conv(2, 3x3)")
    return Ablation(
        {metric: 0.5}, tuple(Silenced(place, i, {}, {metric: each}) for i, each in enumerate(lost))
    )


def test_accuracy_is_lost_in_percentage_points_and_errors_gained_in_their_own_unit():
    assert alt(images.ablation(ablation("accuracy", 0.0125, -0.25))) == (
        "Bars of accuracy lost, in percentage points: conv 1, map 1 1.25 and conv 1, map 2 -25.00."
    )
    facts = images.losses(ablation("normalised_error", 0.0125, None), "normalised_error")
    told = read().figures.render("silenced", dict.fromkeys(FACTS) | facts)
    assert " ".join(told.split()).endswith(
        "Bars of normalised error gained: conv 1, map 1 0.0125 and conv 1, map 2 undefined."
    )


def test_error_by_width_is_told_by_its_ends():
    found = ErrorByWidth(np.array([1, 4, 9]), np.array([5, 5, 5]), np.array([0.5, 0.25, 0.125]))
    empty = ErrorByWidth(*(np.array([]) for _ in range(3)))
    drawing = sequences.error_by_width({"forward": found, "nothing": empty})
    assert alt(drawing) == "A line for each network: forward from 0.5000 at 1 step to 0.1250 at 9 steps."
    assert drawing.draw()


@pytest.fixture
def ragged():
    """A network that answers otherwise where it reads padding, and sequences of 1 to 8 steps."""
    random = np.random.default_rng(0)
    x, y = [random.normal(size=(length, 1)) for length in [*range(1, 9)] * 5], np.arange(40) % 2
    architecture = Architecture("gru(2) - dense(1)").resolve((8, 1), "binary", 1, False)
    weights = [2 * random.normal(size=shape) for shape in architecture.weight_shapes((8, 1))]
    return Network(architecture, (8, 1), "binary", weights), Dataset("own", (x, y), (x, y))


def test_padding_is_neither_classified_nor_drawn(ragged):
    network, data = ragged
    split = data.validation
    wrong = [
        int((network.predict(x[None, :length])[0] > 0.5) != y)
        for x, y, length in zip(split.x, split.y, split.mask.sum(axis=1), strict=True)
    ]
    assert f"validation {sum(wrong)} sequence" in alt(images.confusion(network, data))
    area = metrics.roc(split.y, network.predict(split.x, split.mask)).area
    assert f"validation {area:.4f}" in alt(images.roc(network, data))
    assert alt(sequences.activity(network, data, 2)) == ("Line charts over 3 steps for the input and gru 1.")
    update = network.activity(split.x[2:3, :3])[0].gates["update"]
    assert f"update {update.mean():.2f}" in alt(sequences.gates(network, data, 2))


def test_every_picture_that_may_be_named_has_its_words(found):
    """The university's exercise names them all but the pixels that count."""
    named = {call.function for question in read().questions.values() for call in question.figures}
    assert set(PICTURES.names) - named == {"saliency"}
    assert all(picture.caption and picture.alt for answer in found.values() for picture in answer.pictures)
