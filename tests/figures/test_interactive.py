"""Pictures to play with: what is moved changes the picture, and without ipywidgets the picture is there."""

from dataclasses import replace

import numpy as np
import pytest

import netlet as nl
from netlet.errors import DataError, NetletError, TrainingError
from netlet.figures import explorer, interactive
from netlet.figures.saving import to_png_bytes

IMAGES = "conv(2, 3x3) - maxpool(4) - conv(2, 3x3) - maxpool(3) - flatten - dense(1)"


@pytest.fixture(scope="module")
def seer():
    return nl.train(IMAGES, nl.load("mnist56"), epochs=3)


@pytest.fixture(scope="module")
def follower():
    return nl.train("gru(3) - lstm(2) - dense(1)", nl.load("pulses"), epochs=1)


def pixels(shown):
    return to_png_bytes(shown.figure)


def test_moving_the_image_shows_another_one(seer):
    it = interactive.maps(seer.best, 1)
    first = pixels(it.shown)
    it.controls["image"].value = 2
    assert "validation image 2 is 5" in it.shown.title and pixels(it.shown) != first
    it.controls["image"].value = 1
    assert pixels(it.shown) == first


def test_layers_are_shown_before_or_after_pooling(seer):
    it = interactive.maps(seer.best, 1)

    def layers():
        told = [text.get_text() for axes in it.shown.figure.axes for text in axes.texts]
        told += [text.get_text() for text in it.shown.figure.texts]
        return {word for word in ("conv 1,", "maxpool 1,") for text in told if text.startswith(word)}

    assert layers() == {"conv 1,", "maxpool 1,"}
    it.controls["layers"].value = "before pooling"
    assert layers() == {"conv 1,"}
    it.controls["layers"].value = "after pooling"
    assert layers() == {"maxpool 1,"}


def test_silencing_a_map_tells_what_is_lost_as_a_network_without_its_weights_does(seer):
    network, split = seer.best.network, nl.load("mnist56").validation
    weights = [weight.copy() for weight in network.weights]
    weights[0][..., 1], weights[1][1] = 0, 0  # relu of nothing is nothing
    expected = network.with_weights(weights)
    it = interactive.maps(seer.best, 1)
    it.controls["without"].value = "conv 1, map 2"
    assert f"accuracy is {nl.metrics.as_text(expected.evaluate(split)['accuracy'])}" in it.shown.title
    said = float(expected.predict(split.x[1:2])[0])
    sure = 100 * max(said, 1 - said)
    assert f"says {int(said > 0.5) + 5} ({sure:.1f} %" in it.shown.title


def test_moving_the_sequence_and_what_is_shown_of_it(follower):
    it = interactive.sequence(follower.best, 3)
    seen = {pixels(it.shown)}
    for name in ("gates of gru 1", "gates of lstm 1", "contributions"):
        it.controls["shown"].value = name
        assert name in it.shown.title
        seen.add(pixels(it.shown))
    it.controls["index"].value = 4
    seen.add(pixels(it.shown))
    assert "sequence 4" in it.shown.title and len(seen) == 5
    labels = [axes.get_ylabel() for axes in it.shown.figure.axes]
    assert any("contribution" in label for label in labels)


def test_a_cell_without_gates_and_an_end_that_is_not_linear_offer_less():
    x, y = np.random.default_rng(0).normal(size=(2, 20, 6, 1))
    runs = nl.train("rnn(2) - dense(3, activation=tanh) - dense(1)", (x, y, x, y), epochs=1)
    it = interactive.sequence(runs.best)
    assert list(it.controls["shown"].options) == [("activity and memory",) * 2]


def test_examples_move_along_every_split():
    it = interactive.examples(nl.load("crt"))
    first = pixels(it.shown)
    it.controls["split"].value = "validation"
    it.controls["first"].value = 7
    assert it.shown.title == "crt, validation images 7 to 16" and pixels(it.shown) != first
    pulses = interactive.examples(nl.load("pulses"), first=3)
    assert [axes.get_ylabel() for axes in pulses.shown.figure.axes] == ["input", "target"]


def test_a_learning_rate_is_seen_against_the_band_of_all():
    data = nl.load("mnist56")
    tried = [
        nl.train("flatten - dense(1)", data, seeds=3, epochs=3, learning_rate=rate)
        for rate in (1e-5, 1e-3, 0.01)
    ]
    it = interactive.learning_rates(tried)
    medians = {runs.training.learning_rate: runs.distribution().median or 0.0 for runs in tried}
    assert it.values["learning_rate"] == max(medians, key=lambda rate: medians[rate])
    it.controls["learning_rate"].value = 1e-5
    assert f"learning rate 1e-05: accuracy {nl.metrics.as_text(medians[1e-5])}" in it.shown.title
    left, right = it.shown.figure.axes
    assert left.get_xlabel() == "learning rate (per step)" and right.get_xlabel() == "epoch"
    band = left.lines[0].get_ydata()
    assert np.allclose(band, [medians[rate] for rate in sorted(medians)])


def test_without_ipywidgets_there_is_the_picture_alone(monkeypatch, seer):
    import IPython.display

    shown = []
    monkeypatch.setattr(explorer, "find_spec", lambda name: None)
    monkeypatch.setattr(IPython.display, "display", lambda *what, **how: shown.append((what, how)))
    it = interactive.maps(seer.best, 1)
    assert "image 5" in it.at(image=5).title
    it._ipython_display_()
    assert it.controls == {} and shown == [((it.shown,), {"display_id": True})]


def test_with_ipywidgets_the_picture_below_the_controls_is_replaced(monkeypatch, seer):
    import IPython.display

    class Handle:
        now = None

        def update(self, what):
            self.now = what

    shown, handle = [], Handle()

    def display(what, **how):
        shown.append(what)
        return handle if how.get("display_id") else None

    monkeypatch.setattr(IPython.display, "display", display)
    it = interactive.maps(seer.best, 1)
    it._ipython_display_()
    controls, picture = shown
    assert "application/vnd.jupyter.widget-view+json" in controls
    assert controls["text/plain"] == "image: 1, layers: all layers, without: nothing"
    it.controls["image"].value = 9
    assert handle.now is it.shown and it.shown is not picture


def test_what_cannot_be_shown_is_refused_in_a_line(seer, follower):
    with pytest.raises(NetletError, match=r"image is 1850, but must be one of 0 to 1849"):
        interactive.maps(seer.best, 1850)
    with pytest.raises(NetletError, match=r"without is 'conv 3', but must be one of nothing, conv 1, map 1"):
        interactive.maps(seer.best, without="conv 3")
    with pytest.raises(NetletError, match=r"no 'sequence' to choose: there are image, layers, without"):
        interactive.maps(seer.best).at(sequence=1)
    with pytest.raises(DataError, match="is for sequence data"):
        interactive.maps(follower.best)
    with pytest.raises(DataError, match="is for image data"):
        interactive.sequence(seer.best)
    with pytest.raises(TrainingError, match="one training for each"):
        interactive.learning_rates([seer, seer])
    with pytest.raises(TrainingError, match="one training for each"):
        interactive.learning_rates([])


@pytest.mark.parametrize("of", ["maps", "sequence"])
def test_a_run_without_its_data_says_so(of, seer, follower):
    run = replace((seer if of == "maps" else follower).best, dataset=None)
    with pytest.raises(DataError, match="does not know its data"):
        getattr(interactive, of)(run)
