"""The table of speeds: what the results file says, and the documents say the same."""

import json
from pathlib import Path

import pytest
from benchmarks.speed_table import BEGIN, DOCUMENTS, END, RESULTS, table, written

MACHINE = {"processor": "Abacus", "date": "1820-01-01", "load_average": "1", "rounds": 3, "busy": True}
OURS = {"benchmark": "cnn185", "peer": "netlet", "value": 0.5, "whole": 1.25, "epochs": 30}
THEIRS = {"benchmark": "cnn185", "peer": "torch", "value": 4.0, "whole": 8.0, "ratio": 8.1, "epochs": 30}


def test_a_row_has_the_times_of_those_whose_threads_were_fastest():
    slower = THEIRS | {"value": 6.0, "ratio": 12.0}
    share = {"benchmark": "cnn185", "what": "share of the peak", "value": 40.0}
    text = table({"machine": MACHINE, "rows": [OURS, slower, THEIRS | {"best": True}, share]})
    assert "Abacus, 1820-01-01: processor time" in text
    cells = [cell.strip() for cell in text.splitlines()[-1].strip("|").split("|")]
    assert cells[1:] == ["0.5 s (process 1.2 s)", "", "4 s (8.1 times; process 8 s)", "", "", ""]


def test_a_document_without_markers_stays_as_it_is():
    results = {"machine": MACHINE, "rows": [OURS]}
    assert written("How fast", results) == "How fast"
    once = written(f"before {BEGIN} old {END} after", results)
    assert once.startswith("before ") and once.endswith(" after") and "old" not in once
    assert written(once, results) == once


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_say_what_the_results_say(document: Path):
    text = document.read_text()
    assert written(text, json.loads(RESULTS.read_text())) == text
