"""The picture of a tiny network: everything is on the page, whole and apart, for every kind of network."""

import itertools

import numpy as np
import pytest
from matplotlib.text import Text

from netlet import Architecture, Network, figures
from netlet.datasets import Split
from netlet.figures.style import PAGE_WIDTH
from netlet.inspect import explain

NAMES = ("square", "horizontal rectangle", "vertical rectangle")
NETWORKS = {
    "one map": (
        "conv(1, 2x4, padding=same) - globalmaxpool - dense(1, elu) - dense(3)",
        (12, 12, 1),
        3,
    ),
    "no bottleneck": ("conv(2, 3x3, strides=2) - globalavgpool - dense(3)", (12, 12, 1), 3),
    "colours": ("depthwiseconv(2x2) - maxpool(2) - globalavgpool - dense(3)", (8, 8, 3), 3),
    "pixels": ("maxpool(3) - flatten - dense(1)", (12, 15, 1), 2),
    "wide kernel": ("conv(1, 1x14) - globalmaxpool - dense(1)", (6, 20, 1), 2),
    "many nodes": ("avgpool(4) - avgpool(3) - globalmaxpool - dense(12) - dense(1)", (12, 12, 1), 2),
    "two layers": ("conv(2, 2x2) - conv(2, 2x2) - globalmaxpool - dense(1)", (9, 9, 1), 2),
    "classes of sequences": ("gru(1) - dense(3)", (20, 2), 3),
    "lstm": ("lstm(2) - dense(1)", (20, 1), 2),
    "table": ("dense(3, activation=tanh) - dense(3)", (5,), 3),
}


def made(text, shape, task, outputs, per_step=False):
    architecture = Architecture(text).resolve(shape, task, outputs, per_step)
    random = np.random.default_rng(3)
    weights = [random.normal(0, 0.8, size) for size in architecture.weight_shapes(shape)]
    return Network(architecture, shape, task, weights)


def classified(name):
    text, shape, classes = NETWORKS[name]
    network = made(text, shape, "binary" if classes == 2 else "categorical", classes)
    random = np.random.default_rng(0)
    x = random.random((30, *shape)).astype(np.float32)
    labels = np.arange(30) % classes
    y = labels.astype(np.float32) if classes == 2 else np.eye(classes, dtype=np.float32)[labels]
    return explain(network, Split(x, y), NAMES[:classes])


def regressed():
    network = made("gru(2) - dense(1)", (30, 1), "regression", 1, per_step=True)
    x = np.random.default_rng(0).random((10, 30, 1)).astype(np.float32)
    return explain(network, Split(x, np.cumsum(x, axis=1)))


def texts(figure):
    return [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]


@pytest.mark.parametrize("name", [*NETWORKS, "regression"])
def test_it_fits_the_page_and_its_texts_are_whole_and_apart(name):
    figure = figures.explanation(regressed() if name == "regression" else classified(name))
    figure.draw_without_rendering()
    assert figure.get_figwidth() == PAGE_WIDTH
    shown = [
        text
        for text in texts(figure)
        if not any(
            axes is text.axes and not axes.axison and text in (axes.xaxis.label, axes.yaxis.label)
            for axes in figure.axes
        )
    ]
    boxes = [text.get_window_extent() for text in shown]
    for text, box in zip(shown, boxes, strict=True):
        assert box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1, text
        assert box.y0 >= -1 and box.y1 <= figure.bbox.y1 + 1, text
    for (one, a), (other, b) in itertools.combinations(zip(shown, boxes, strict=True), 2):
        is_over = min(a.x1, b.x1) - max(a.x0, b.x0) > 1.5 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1.5
        assert not is_over, f"{one} over {other}"


def test_every_weight_is_printed_and_the_whole_formula():
    found = classified("one map")
    written = [text.get_text() for text in texts(figures.explanation(found, "a title"))]
    for part in (part for stage in found.stages for part in stage.parts):
        for value in [*part.blocks[0].weights.ravel(), *([part.bias] if part.bias is not None else [])]:
            assert f"{value:.2f}".replace("-", "−") in written
    together = "".join("".join(written).split())
    for line in found.formula.lines:
        assert "".join(line.replace("-", "−").split()) in together.replace("\u00a0", "")
    assert "a title" in written
