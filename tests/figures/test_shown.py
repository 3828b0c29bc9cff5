"""Figures that show themselves in a notebook, and can be shown and saved anywhere."""

import gc
import io
import subprocess
import sys
import weakref

import numpy as np
import pytest
from PIL import Image

from netlet import figures
from netlet.figures.shown import Shown


@pytest.fixture
def shown():
    return Shown(figures.confusion_matrix(np.eye(2, dtype=int)), "a matrix")


def test_the_last_line_of_a_cell_shows_a_sharp_png_of_the_size_on_paper(shown):
    data, size = shown._repr_png_()
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        assert image.width == pytest.approx(2 * size["width"], abs=2)
        assert image.height == pytest.approx(2 * size["height"], abs=2)
    assert size["width"] == round(96 * shown.figure.get_figwidth())
    assert size["alt"] == "a matrix"


def test_ipython_shows_it_once_as_a_picture(shown):
    formatters = pytest.importorskip("IPython.core.formatters")
    data, metadata = formatters.DisplayFormatter().format(shown)
    assert set(data) == {"image/png", "text/plain"}
    assert metadata["image/png"]["alt"] == "a matrix"


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")])
def test_it_saves_as_png_svg_and_pdf_the_same_bytes_each_time(shown, tmp_path, name, start):
    first = shown.save(tmp_path / name).read_bytes()
    assert first.startswith(start)
    assert shown.save(tmp_path / name).read_bytes() == first


def test_without_a_screen_show_says_in_which_file_it_is(shown, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("netlet.figures.shown._has_screen", lambda: False)
    assert shown.show() is None
    name, _, path = capsys.readouterr().out.strip().partition(": ")
    assert name == "a matrix"
    with Image.open(path) as image:
        assert image.format == "PNG"


def test_with_a_screen_show_opens_it(shown, monkeypatch, tmp_path, capsys):
    opened = []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("netlet.figures.shown._has_screen", lambda: True)
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    shown.show()
    assert opened[0].startswith("file://") and opened[0].endswith(".png")
    assert capsys.readouterr().out == ""


def test_it_says_what_it_is_and_what_can_be_done(shown):
    assert repr(shown) == "<figure: a matrix; .show() or .save(path)>"


def test_nothing_holds_a_figure_that_nobody_holds(shown):
    gone = weakref.ref(shown.figure)
    del shown
    fresh = Shown(figures.confusion_matrix(np.eye(3, dtype=int)), "another")
    fresh._repr_png_()
    other = weakref.ref(fresh.figure)
    del fresh
    gc.collect()
    assert other() is None
    del gone


def test_results_draw_without_pyplot():
    program = """
import sys
import netlet as nl
runs = nl.train("conv(2, 4x4) - globalmaxpool - dense(1)", nl.load("mnist56"), epochs=1)
runs.plot()._repr_png_()
sys.exit("matplotlib.pyplot" in sys.modules or "sklearn" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
