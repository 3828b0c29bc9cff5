"""`netlet web` opens the page, writes it elsewhere, and says how to build it if it is not there."""

import webbrowser

import pytest

import netlet.web
from netlet.cli import WRONG, run


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A page in the place of the real one."""
    path = tmp_path / "netlet.html"
    path.write_text("<!doctype html>", encoding="utf-8")
    monkeypatch.setattr(netlet.web, "page", lambda: path)
    return path


def test_the_page_is_opened_in_the_browser(page, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    assert run(["web"]) == 0
    assert opened == [page.as_uri()]


def test_without_a_browser_it_is_said_what_to_open(page, monkeypatch, capsys):
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    assert run(["web"]) == 0
    assert str(page) in capsys.readouterr().out


def test_the_page_is_written_where_it_is_wanted(page, tmp_path, capsys):
    target = tmp_path / "lab.html"
    assert run(["web", "--save", str(target)]) == 0
    assert target.read_bytes() == page.read_bytes()
    assert str(target) in capsys.readouterr().out


def test_a_page_that_is_not_built_is_one_line_that_says_how(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(netlet.web, "__file__", str(tmp_path / "__init__.py"))
    assert run(["web"]) == WRONG
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "make web" in error
