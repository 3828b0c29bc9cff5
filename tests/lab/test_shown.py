"""The report as its readers have it: opened in a browser, on a phone and in the dark, and printed."""

import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from netlet.lab import read
from netlet.lab.report import About, formats
from netlet.lab.report.page import appendix, page
from netlet.lab.words import settled

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
MOST_PAGES = 12
SMALLEST = 10
"""Pixels of letters in figures, however narrow the screen."""


@pytest.fixture(scope="module")
def report(hasty, found):
    """The exercise, its answers, and how they came about."""
    return read(), list(found.values()), About.of(hasty, (), True, 1.0, "Ada <b>Lovelace</b>")


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js")
@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no Chromium")
@pytest.mark.skipif(
    not (WEB / "node_modules" / "playwright-core").exists(), reason="no playwright-core: make web"
)
def test_in_a_browser_nothing_is_cut_off_too_small_or_out_of_anybodys_reach(report, tmp_path):
    for name, write in (("index.html", page), ("appendix.html", appendix)):
        (tmp_path / name).write_text(write(*report), encoding="utf-8")
    opened = subprocess.run(
        ["node", str(ROOT / "tests/lab/report/browser.mjs"), str(WEB), "index.html", "appendix.html"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert opened.returncode == 0, opened.stderr
    seen = json.loads(opened.stdout)
    assert [(each["file"], each["width"], each["colorScheme"]) for each in seen] == [
        (name, width, scheme)
        for name in ("index.html", "appendix.html")
        for width in (390, 1280)
        for scheme in ("light", "dark")
    ]
    for each in seen:
        where = f"{each['file']}, {each['width']} pixels, {each['colorScheme']}"
        assert each["errors"] == [], where
        assert each["violations"] == [], where
        assert each["sideways"] <= 0, where
        assert each["captions"] <= each["width"], where
        assert each["texts"] > 100, where
        assert each["smallest"] >= SMALLEST, where


def test_printed_it_has_at_most_twelve_pages_and_says_what_the_page_says(report):
    pytest.importorskip("weasyprint")
    pypdf = pytest.importorskip("pypdf")
    pages = [each.extract_text() for each in pypdf.PdfReader(io.BytesIO(formats.pdf(*report).result())).pages]
    assert len(pages) <= MOST_PAGES
    text = settled(" ".join(pages))
    exercise, answers, _ = report
    place = text.index("Ada <b>Lovelace</b>")
    for answer in answers:
        place = text.index(f"Question {answer.number}: {answer.title}", place)
        for picture in [each for each in answer.pictures if f"]({each.name} " in answer.text]:
            assert settled(picture.caption.replace("`", "")) in text, picture.name
        assert text.count(f"Question {answer.number}:") == 1
    assert text.index("Conclusion") > place
    assert exercise.title in text
    assert "More on question" not in text  # what is for the screen alone
    assert min(map(len, pages[:-1])) > 300  # no page is half empty but the last
