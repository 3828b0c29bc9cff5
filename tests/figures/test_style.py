"""What every picture keeps to."""

import itertools
import subprocess
import sys

import matplotlib
import matplotlib.axis
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from netlet import figures
from netlet.figures.style import (
    PAGE_WIDTH,
    PALETTE,
    SMALL_TEXT_SIZE,
    SPLIT_COLOURS,
    line_looks,
    minus,
    number,
    style,
    wrapped,
)


def shown_texts(figure: Figure) -> list[Text]:
    """All text that is drawn; tick labels beyond the ends of their axis are not."""
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    for axes in figure.findobj(Axes):
        assert isinstance(axes, Axes)
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not axes.axison or not low <= tick.get_loc() <= high:
                    texts = [text for text in texts if text not in (tick.label1, tick.label2)]
            if not axes.axison:
                texts = [text for text in texts if text not in (axis.label, axis.offsetText)]
    return [text for text in texts if text.get_visible() and text.get_text().strip()]


def settings() -> dict[str, object]:
    """matplotlib's settings but for the backend, which asking for would choose."""
    return {name: value for name, value in matplotlib.rcParams.copy().items() if name != "backend"}


def test_the_same_picture_is_the_same_bytes_whatever_the_users_settings_which_stay(draw):
    expected = figures.to_png_bytes(draw(), pixels_per_inch=50)
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.facecolor": "red"}):
        before = settings()
        assert figures.to_png_bytes(draw(), pixels_per_inch=50) == expected
        assert settings() == before


def test_a_picture_fits_the_page_and_its_texts_are_legible_whole_and_apart(draw):
    figure = draw()
    with style():
        figure.draw_without_rendering()  # which puts every text in its place
    width, height = figure.get_size_inches()
    assert 1.5 < width <= PAGE_WIDTH + 1e-9
    assert 0.3 < height < 15
    texts = shown_texts(figure)
    assert texts
    page, boxes = figure.bbox, [text.get_window_extent() for text in texts]
    for text, box in zip(texts, boxes, strict=True):
        assert float(text.get_fontsize()) >= SMALL_TEXT_SIZE, text
        assert box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1, text
        assert box.y0 >= page.y0 - 1 and box.y1 <= page.y1 + 1, text
    for (one, a), (other, b) in itertools.combinations(zip(texts, boxes, strict=True), 2):
        is_over = min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1
        assert not is_over, f"{one} over {other}"


def test_drawing_imports_no_pyplot_and_importing_no_matplotlib():
    program = """
import sys
import netlet.figures
assert "matplotlib" not in sys.modules
import numpy
netlet.figures.to_png_bytes(netlet.figures.confusion_matrix(numpy.eye(2, dtype=int)))
assert "matplotlib.pyplot" not in sys.modules
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# How the three colour deficiencies see linear RGB (G. Machado, M. Oliveira, L. Fernandes, "A physiologically-
# based model for simulation of color vision deficiency", 2009, severity 1).
DEFICIENCIES = {
    "protanopia": "0.152286 1.052583 -0.204868 0.114503 0.786281 0.099216 -0.003882 -0.048116 1.051998",
    "deuteranopia": "0.367322 0.860646 -0.227968 0.280085 0.672501 0.047413 -0.011820 0.042940 0.968881",
    "tritanopia": "1.255528 -0.076749 -0.178779 -0.078411 0.930809 0.147602 0.004733 0.691367 0.303900",
}


def lab(linear: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear RGB, in which a distance of 2.3 is just noticeable."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ np.clip(linear, 0, 1) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_colour_blind_people_can_tell_splits_nodes_and_networks_apart(deficiency):
    assert set(SPLIT_COLOURS.values()) < set(PALETTE)
    linear = [np.array(to_rgb(colour)) ** 2.2 for colour in PALETTE]
    as_seen = np.array(DEFICIENCIES[deficiency].split(), dtype=float).reshape(3, 3)
    seen = [lab(as_seen @ colour) for colour in linear]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 15


def test_lines_are_told_apart_by_dashes_where_there_are_more_than_colours():
    looks = list(itertools.islice(line_looks(), 3 * len(PALETTE)))
    assert len(set(looks)) == len(looks)
    assert {dashes for _, dashes in looks[: len(PALETTE)]} == {"-"}


def test_numbers_have_three_digits_and_a_true_minus():
    assert number(-0.012345) == "−0.0123"
    assert number(1234.5) == "1,234"
    assert number(0) == "0"
    assert minus("-1") == "−1"


def test_a_long_title_is_wrapped_and_a_short_one_is_not():
    assert wrapped("two words", 7) == "two words"
    assert wrapped("word " * 40, 7).count("\n") == 2
    assert wrapped("first\nsecond", 7) == "first\nsecond"
