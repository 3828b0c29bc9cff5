from typing import Any

import numpy as np
import pytest

import netlet.figures
from netlet.comparison import compare
from netlet.datasets import Dataset
from netlet.training import Training

figures: Any = netlet.figures


@pytest.fixture(scope="module")
def found():
    random = np.random.default_rng(0)
    x = random.normal(size=(40, 5, 1)).astype(np.float32)
    data = Dataset("echo", (x, x), (x, x), (x, x))
    networks = ["rnn(2) - dense(1)", "gru(2) - dense(1)", "lstm(2) - dense(1)"]
    return compare(networks, data, Training(epochs=3, batch_size=10, learning_rate=0.02), seeds=4)


def test_every_seed_and_every_pair_is_drawn(found):
    seeds, pairs = figures.comparison(found).axes
    for place, contender in enumerate(found.contenders):
        dots = [line for line in seeds.get_lines() if len(line.get_xdata()) == 4]
        assert sorted(dots[place].get_xdata()) == pytest.approx(sorted(contender.values("validation")))
    order = found.ranking
    names = [label.get_text() for label in pairs.get_yticklabels()]
    assert names[0] == f"{found.letters[order[0]]} less {found.letters[order[1]]}"
    assert len(names) == 3
    first = found.between(order[0], order[1])
    intervals = [line for line in pairs.get_lines() if len(line.get_xdata()) == 2]
    assert list(intervals[0].get_xdata()) == pytest.approx([first.low, first.high])
    assert f"better: {first.probability:.2f}" in pairs.texts[0].get_text()


def test_the_test_split_can_be_drawn_too(found):
    seeds, pairs = figures.comparison(found, split="test").axes
    assert "test" in seeds.get_xlabel()
    assert "test" in pairs.get_xlabel()


def test_the_same_comparison_is_the_same_picture(found):
    one, two = (figures.to_png_bytes(figures.comparison(found, title="a title")) for _ in range(2))
    assert one == two
