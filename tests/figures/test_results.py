"""What `Runs.plot()`, `Run.maps(image)`, `Network.plot()` and their like show, for every kind of data."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import netlet as nl
from netlet.errors import DataError, TrainingError

SHORT = {"epochs": 2, "seeds": 2, "quiet": True}


def texts(shown):
    """Everything written on a figure."""
    from matplotlib.text import Text

    return "\n".join(text.get_text() for text in shown.figure.findobj(Text) if text.get_text())


def images(channels=1, task="categorical"):
    random = np.random.default_rng(0)
    x = random.integers(0, 255, (40, 9, 8, channels)).astype(np.uint8)
    y = np.arange(40) % 3 if task == "categorical" else random.normal(size=40)
    return nl.Dataset("shots", (x[:20], y[:20]), (x[20:], y[20:]), task=task)


def series(kind, channels=2):
    random = np.random.default_rng(1)
    x = random.normal(size=(40, 12, channels)).astype(np.float32)
    y = {
        "classes": np.arange(40) % 2,
        "numbers": x.mean(axis=(1, 2)),
        "steps": np.cumsum(x, axis=1)[:, :, :1],
        "several": np.cumsum(x, axis=1)[:, :, :2],
    }[kind]
    names = ("low & <b>", "high") if kind == "classes" else None
    return nl.Dataset("series", (x[:20], y[:20]), (x[20:], y[20:]), class_names=names, kind="sequence")


@pytest.fixture(scope="module")
def grey():
    return nl.train("conv(2, 3x3) - maxpool(2) - globalavgpool - dense(3)", images(), **SHORT)


@pytest.fixture(scope="module")
def steps():
    return nl.train("gru(3) - dense(1)", series("steps"), **SHORT)


def test_a_training_shows_its_curves(grey, steps):
    assert "accuracy" in texts(grey.plot()) and "median (line) and quartiles" in texts(grey.plot())
    assert "normalised error" in texts(steps.plot())
    several = nl.train("gru(3) - dense(2)", series("several"), **SHORT)
    assert "cross-entropy" not in texts(several.plot())


def test_the_confusion_of_the_best_run_is_counted_on_every_split(grey):
    written = texts(grey.confusion())
    assert "training: 20 images" in written and "validation: 20 images" in written
    assert f"seed {grey.best.seed}" in grey.confusion().title


def test_regression_has_no_confusion(steps):
    with pytest.raises(DataError, match="regression, which has no classes"):
        steps.confusion()


def test_without_a_run_that_did_not_diverge_there_is_no_confusion(grey):
    gone = replace(grey, runs=tuple(replace(run, diverged=1) for run in grey), _metrics={})
    with pytest.raises(TrainingError, match="all 2 runs diverged"):
        gone.confusion()


def test_two_trainings_are_set_side_by_side_with_what_is_different(grey):
    other = nl.train(grey.architecture, grey.dataset, learning_rate=0.5, **SHORT)
    written = texts(grey.compare(other)).replace("\n", " ")
    assert "learning rate 0.5" in written and "A less B" in written


def test_one_seed_is_compared_without_an_interval(grey):
    one = nl.train(grey.architecture, grey.dataset, epochs=1, quiet=True)
    written = texts(grey.compare(one))
    assert "one seed says nothing of the next" in written and "A less B" not in written


def test_what_cannot_be_compared_is_refused(grey, steps):
    with pytest.raises(TrainingError, match="ranked by accuracy and by normalised_error cannot be compared"):
        grey.compare(steps)


@pytest.mark.parametrize("channels", [1, 3])
def test_an_image_shows_its_maps_by_number_or_as_it_is(channels):
    data = images(channels)
    run = nl.train("conv(2, 3x3) - maxpool(2) - flatten - dense(3)", data, **SHORT).best
    written = texts(run.maps(4))
    assert "validation image 4" in written and "conv 1" in written and "maxpool 1" in written
    pixels = np.round(255 * data.validation.x[4]).astype(np.uint8)
    assert run.maps(pixels).title.partition(":")[2] == run.maps(4).title.partition(":")[2].replace(
        "validation image 4", "an image"
    )


def test_a_grey_image_needs_no_channel(grey):
    assert "an image" in texts(grey.best.maps(grey.dataset.validation.x[0, :, :, 0]))


@pytest.mark.parametrize("index", [20, -1, 1.5, True])
def test_an_image_that_is_not_there_is_refused(grey, index):
    with pytest.raises(DataError, match=r"0 to 19|image"):
        grey.best.maps(index)


def test_a_sequence_shows_what_happens_inside(steps):
    written = texts(steps.best.sequence(3))
    assert "gru 1: hidden activity" in written and "target" in written
    classes = nl.train("lstm(2) - dense(1)", series("classes"), **SHORT)
    written = texts(classes.best.sequence(0))
    assert "low & <b>" in written and "lstm 1: cell state" in written
    numbers = nl.train("gru(2) - dense(1)", series("numbers"), **SHORT)
    assert "validation sequence 19 is" in numbers.best.sequence(19).title


def test_pictures_of_another_kind_of_data_are_refused_with_those_there_are(grey, steps):
    with pytest.raises(DataError, match=r"takes no images: ask for a sequence"):
        steps.best.maps(0)
    with pytest.raises(DataError, match=r"takes no sequences: ask for the maps"):
        grey.best.sequence(0)


@pytest.mark.parametrize(
    ("text", "data", "words"),
    [
        ("conv(2, 3x3) - globalavgpool - dense(3)", images(), "images classified wrongly"),
        ("conv(2, 3x3) - globalavgpool - dense(1)", images(3, "regression"), "largest errors"),
        ("gru(2) - dense(1)", series("classes", 12), "sequences classified wrongly"),
        ("gru(2) - dense(1)", series("numbers"), "largest errors"),
        ("gru(2) - dense(1)", series("steps"), "the worst 5 of 20 sequences"),
        ("gru(2) - dense(2)", series("several"), "the worst 5 of 20 sequences"),
    ],
)
def test_mistakes_of_every_kind_of_data_show_the_worst_first(text, data, words):
    run = nl.train(text, data, **SHORT).best
    assert words in texts(run.mistakes(5)).replace("\n", " ")


def test_sequences_of_different_length_are_shown_without_their_padding():
    random = np.random.default_rng(0)
    x = [random.normal(size=(n, 1)) for n in (4, 9, 6, 7)]
    y = [np.cumsum(each, axis=0) for each in x]
    run = nl.train("gru(2) - dense(1)", nl.Dataset("ragged", (x, y), (x, y)), **SHORT).best
    (top, *_) = run.sequence(0).figure.axes
    assert max(np.size(line.get_xdata()) for line in top.lines) == 4
    assert "4 sequences" in texts(run.mistakes())


def test_mistakes_of_a_run_that_diverged_are_refused(grey):
    with pytest.raises(DataError, match="diverged in epoch 3"):
        replace(grey[0], diverged=3).mistakes()


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("conv(2, 3x3) - depthwiseconv(3x3) - flatten - dense(3)", images()),
        ("lstm(2) - gru(3, use_bias=false) - rnn(1) - dense(1)", series("classes")),
    ],
)
def test_a_network_shows_all_its_layers(text, data):
    network = nl.train(text, data, epochs=0).best.network
    written = texts(network.plot())
    assert all(f"{layer.name} 1" in written for layer in network.architecture.layers)
    assert f"{network.parameters:,} parameters" in written.replace("\n", " ")


def data_of(split) -> Any:
    """As much of a dataset as pictures of one run look at."""
    return SimpleNamespace(validation=split)


def table_run():
    """A run on a table, of whose data only what is looked at is there."""
    architecture = nl.Architecture("dense(3) - dense(3)").resolve((5,), "categorical", 3)
    random = np.random.default_rng(0)
    weights = [random.normal(size=size) for size in architecture.weight_shapes((5,))]
    network = nl.Network(architecture, (5,), "categorical", weights, class_names=("a", "b", "c"))
    x = random.normal(size=(30, 5)).astype(np.float32)
    split = nl.Split(x, np.eye(3, dtype=np.float32)[np.arange(30) % 3])
    return nl.Run(0, {"loss": [1.0]}, None, network, dataset=data_of(split))


def test_rows_of_a_table_are_dots_by_feature():
    shown = table_run().mistakes(4)
    assert "rows classified wrongly" in texts(shown) and "feature" in texts(shown)
    assert all(line.get_linestyle() == "None" for line in shown.figure.axes[0].lines)


def test_a_table_has_mistakes_alone():
    for ask in (lambda run: run.maps(0), lambda run: run.sequence(0)):
        with pytest.raises(DataError, match=r"ask for its mistakes\(\)"):
            ask(table_run())


def test_a_class_at_every_step_is_told_by_name():
    architecture = nl.Architecture("gru(2) - dense(3)").resolve((9, 2), "categorical", 3, True)
    random = np.random.default_rng(0)
    weights = [random.normal(size=size) for size in architecture.weight_shapes((9, 2))]
    names = ("rest", "rise", "fall")
    network = nl.Network(architecture, (9, 2), "categorical", weights, class_names=names)
    x = random.normal(size=(6, 9, 2)).astype(np.float32)
    split = nl.Split(x, np.eye(3, dtype=np.float32)[random.integers(0, 3, (6, 9))])
    run = nl.Run(0, {"loss": [1.0]}, None, network, dataset=data_of(split))
    assert set(names) <= set(texts(run.sequence(0)).split("\n"))
    assert "the worst 6 of 6 sequences" in texts(run.mistakes())


def test_a_run_without_its_data_says_so(grey):
    lonely = replace(grey[0], dataset=None)
    with pytest.raises(DataError, match="does not know its data"):
        lonely.mistakes()
