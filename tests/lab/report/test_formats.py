import io
import json
import logging

import pytest

from netlet.errors import NetletError
from netlet.lab.report import formats


def test_markdown_has_every_question_with_its_figures_beside_it(make_answer, about, exercise):
    text = formats.markdown(exercise, [make_answer("q1"), make_answer("q2")], about)
    assert text.startswith("# Small neural networks: a lab report\n")
    assert "### Question 2: Dots & <lines>" in text
    assert '](figures/q1-dots.svg "Dots.")' in text
    assert "| lower | 1,020 |" in text
    assert text.count("## Classifying digits") == 1


def test_a_notebook_is_one(make_answer, about, exercise):
    nbformat = pytest.importorskip("nbformat")
    made = nbformat.reads(formats.notebook(exercise, [make_answer()], about), as_version=4)
    nbformat.validate(made)
    assert [cell.cell_type for cell in made.cells] == ["markdown"] * 4
    assert "**In `flatten - dense(1)`.**" in made.cells[2].source


def test_a_pdf_can_be_read_back(make_answer, about, exercise):
    pytest.importorskip("weasyprint")
    pypdf = pytest.importorskip("pypdf")
    pages = pypdf.PdfReader(io.BytesIO(formats.pdf(exercise, [make_answer()], about).result())).pages
    text = " ".join(page.extract_text() for page in pages)
    assert "Small neural networks: a lab report" in text
    assert "1,020" in text
    assert "It is <b>there</b>." in text
    assert "More on question" not in text  # what is for the screen alone


def test_without_weasyprint_it_is_said_what_to_install(make_answer, about, exercise, monkeypatch):
    monkeypatch.setattr(formats, "has_pdf", lambda: False)
    with pytest.raises(NetletError, match=r"pip install 'netlet\[pdf\]'"):
        formats.pdf(exercise, [make_answer()], about)
    assert set(formats.files(exercise, [make_answer()], about)) == {
        *("report.md", "report.ipynb", "appendix.html"),
    }


def test_making_a_pdf_logs_nothing(make_answer, about, exercise, caplog):
    pytest.importorskip("weasyprint")
    with caplog.at_level(logging.WARNING):
        formats._as_pdf(formats.printed(exercise, [make_answer()], about))
    assert caplog.records == []


def test_the_results_of_a_notebook_are_json(make_answer, about, exercise):
    assert json.loads(formats.notebook(exercise, [make_answer()], about))["nbformat"] == 4
