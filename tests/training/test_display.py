"""A training shows itself where somebody watches, and nowhere else."""

import io
import time

import numpy as np
import pytest
from rich.console import Console

from netlet.datasets import Dataset
from netlet.training import Training, display, train

LONG = Training(epochs=4000, batch_size=8)


@pytest.fixture(scope="module")
def data():
    x = np.random.default_rng(0).random((200, 6, 6, 1)).astype(np.float32)
    y = (x.mean(axis=(1, 2, 3)) > 0.5).astype(int)
    return Dataset("grey", (x[:150], y[:150]), (x[150:], y[150:]))


@pytest.fixture
def screen(monkeypatch):
    """What a terminal would show."""
    written = io.StringIO()
    monkeypatch.setattr(display, "PATIENCE", 0.0)
    monkeypatch.setattr(display, "_EVERY", 0.0)
    monkeypatch.setattr(
        "rich.console.Console",
        lambda **_: Console(file=written, force_terminal=True, width=160, legacy_windows=False),
    )
    return written


def test_a_bar_has_epochs_seeds_and_the_losses_of_the_moment(data, screen):
    train("flatten - dense(8) - dense(1)", data, LONG, seeds=3, quiet=False)
    shown = screen.getvalue()
    assert "12000" in shown and "/3 seeds, loss training " in shown and ", validation " in shown
    assert "flatten - dense(8" in shown


@pytest.mark.parametrize("quiet", [True, None])
def test_nothing_is_shown_where_nobody_watches(data, screen, quiet, capsys):
    train("flatten - dense(8) - dense(1)", data, LONG, quiet=quiet)
    assert screen.getvalue() == "" and capsys.readouterr() == ("", "")


def test_a_terminal_is_watched(data, screen, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    train("flatten - dense(8) - dense(1)", data, LONG)
    assert "epochs" in screen.getvalue()


def test_what_takes_no_time_shows_no_bar(data, screen, monkeypatch):
    monkeypatch.setattr(display, "PATIENCE", 60.0)
    started = time.monotonic()
    train("flatten - dense(1)", data, Training(epochs=1), quiet=False)
    assert time.monotonic() - started < 60 and screen.getvalue() == ""


def test_a_progress_of_one_s_own_takes_the_place_of_the_bar(data, screen):
    told = []
    train("flatten - dense(8) - dense(1)", data, LONG, quiet=False, progress=lambda *now: told.append(now))
    assert screen.getvalue() == "" and all(len(now) == 2 for now in told)
