"""The notebook of an exercise: written for any document, and run from top to bottom as a student would."""

import ast
import base64
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from netlet.errors import DataError, FileError
from netlet.lab import notebook, read

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

ROOT = Path(__file__).parents[2]
PACKAGED = ROOT / "notebooks" / "exercise3.ipynb"
EXAMPLE = ROOT / "docs" / "example"
NAMES = ["Init", "Data", "PlotImg", "Stats", "Visualization", "Ex1", "Ex2", "Ex3", "Ex4-1", "Ex4-2", "Ex4-3"]
PLOTTED = "interactive.", ".plot()", ".mistakes()", ".compare(", "judge(e", "look_inside(e"
"""A cell with one of these shows a picture."""

# Figures are told before they become pixels: what is drawn along an axis has its name.
WATCH = """
from netlet.figures.shown import Shown
_unlabelled, _png = [], Shown._repr_png_
def _watched(self):
    for axes in self.figure.axes:
        drawn = axes.axison and (axes.lines or axes.collections)
        below = [each for each in self.figure.axes if each.get_xlabel()]
        if drawn and not (axes.get_ylabel() or axes.get_yticklabels()) or drawn and not below:
            _unlabelled.append(self.title)
    return _png(self)
Shown._repr_png_ = _watched
"""


def executed(text, folder, change="SEEDS, QUICK = 2, 1"):
    """A notebook after it was run, with other parameters."""
    made = nbformat.reads(text, 4)
    nbformat.validate(made)
    (place,) = (i for i, cell in enumerate(made.cells) if "parameters" in cell.metadata.get("tags", []))
    made.cells.insert(place + 1, nbformat.v4.new_code_cell(change + "\n" + WATCH))
    made.cells.append(nbformat.v4.new_code_cell("print(_unlabelled)"))
    where = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(made, timeout=300, kernel_name="python3", resources=where).execute()
    return made


def pictures(cell):
    shown = [output["data"] for output in cell.outputs if "data" in output]
    return [
        Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) for data in shown if "image/png" in data
    ]


def check_outputs(made):
    """No traceback and no complaint; a picture that shows something where one belongs; labelled axes."""
    for cell in (cell for cell in made.cells if cell.cell_type == "code"):
        kinds = {output.output_type for output in cell.outputs}
        assert "error" not in kinds
        assert not [output for output in cell.outputs if output.get("name") == "stderr"], cell.source
        is_plotted = any(mark in cell.source for mark in PLOTTED) and "def " not in cell.source
        assert bool(pictures(cell)) == is_plotted, cell.source
        for image in pictures(cell):
            assert image.width > 600 and len(image.convert("L").getcolors(256) or ()) > 10
    assert made.cells[-1].outputs[0].text.strip() == "[]"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("student")
    return executed(notebook.notebook(read(), folder), folder)


def test_the_packaged_notebook_is_what_the_command_writes():
    assert PACKAGED.read_text(encoding="utf-8") == notebook.notebook(read(), PACKAGED.parent)


def test_it_has_the_exercises_eleven_cells_by_their_names_and_ends_with_the_report():
    made = nbformat.read(PACKAGED, 4)
    headings = [
        cell.source.partition("\n")[0][3:]
        for cell in made.cells
        if cell.cell_type == "markdown" and cell.source.startswith("## ")
    ]
    assert headings == ["About", *NAMES, "Report"]
    report = made.cells[-1]
    assert report.cell_type == "markdown"
    for part in ("**Name:**", "### Introduction", "### Answers", "### Summary"):
        assert part in report.source
    for question in read().questions.values():
        assert f"**Question {question.number}: {question.words.title}**" in report.source


def test_every_question_is_asked_in_the_words_of_the_document():
    text = "".join(cell.source for cell in nbformat.read(PACKAGED, 4).cells)
    for question in read().questions.values():
        first = question.words.written["Question"].strip().partition(" {{")[0]
        assert len(first) > 40 and first in text
    assert "stays above 98 %" in text and "error below 0.1," in text


def test_it_runs_from_top_to_bottom_and_shows_what_it_should(ran):
    check_outputs(ran)


def test_a_student_sees_tables_curves_confusions_maps_and_hidden_activity(ran):
    told = " ".join(
        str(output["data"].get("text/plain", "")) for cell in ran.cells for output in cell.get("outputs", [])
        if "data" in output
    )  # fmt: skip
    for what in (
        "training of",
        "confusion of",
        "feature maps of mnist56",
        "gates of lstm 1",
        "contributions",
    ):
        assert what in told
    tables = [
        output
        for cell in ran.cells
        for output in cell.get("outputs", [])
        if "<table" in str(output.get("data", {}).get("text/html"))
    ]
    assert len(tables) >= 5


def test_the_switches_of_the_recurrent_cells_do_what_they_say(tmp_path):
    made = nbformat.read(PACKAGED, 4)
    wanted = ("init-", "ex4-1-", "ex4-2-1", "ex4-3-1")
    made.cells = [cell for cell in made.cells if cell.id.startswith(wanted)]
    switches = {"REVERSED = False": "REVERSED = True", "NODES_2 = 0": "NODES_2 = 3", '"gru"': '"lstm"'}
    for cell in made.cells:
        for before, after in switches.items():
            cell.source = cell.source.replace(before, after, 1)
    ran = executed(nbformat.writes(made), tmp_path)
    check_outputs(ran)
    told = str(ran.cells).replace(", activation=tanh", "").replace(", return_sequences=true", "")
    assert "pulses-reversed: " in told and "lstm(6) - lstm(3) - dense(1" in told


def test_an_exercise_of_ones_own_gets_a_notebook_that_runs_beside_its_data(tmp_path):
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder)
    subprocess.run([sys.executable, folder / "make_stripes.py"], check=True)
    path = notebook.write(read(folder), tmp_path / "mine.ipynb")
    text = path.read_text(encoding="utf-8")
    assert "example/stripes.npz" in text and str(tmp_path) not in text
    check_outputs(executed(text, tmp_path))


def test_a_student_s_own_data_and_name_are_filled_in(tmp_path):
    text = notebook.notebook(read(), tmp_path, data_dir='a "folder"\\', name="Ada Lovelace")
    cells = json.loads(text)["cells"]
    (given,) = ("".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", []))
    assert ast.literal_eval(given.partition("DATA = ")[2]) == 'a "folder"\\'
    assert "**Name:** Ada Lovelace" in "".join(cells[-1]["source"])


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_text("my work")
    with pytest.raises(FileError, match="not written over"):
        notebook.write(read(), path)
    assert path.read_text() == "my work"
    with pytest.raises(FileError, match=r"ends in .ipynb"):
        notebook.write(read(), tmp_path / "mine.md")


def test_a_notebook_of_the_documents_own_words_is_checked(tmp_path):
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder)
    subprocess.run([sys.executable, folder / "make_stripes.py"], check=True)
    own = folder / "notebook.md"
    own.write_text("# Mine\n\n## Start\n\n{{ questions.kernels.text }}\n\n```python solution\n1 + 1\n```\n")
    made = json.loads(notebook.notebook(read(folder), tmp_path))
    assert [cell["cell_type"] for cell in made["cells"]] == ["markdown", "markdown", "code"]
    assert made["cells"][1]["source"] == ["## Start\n", "\n", "Is one kernel enough?"]
    assert made["cells"][2]["metadata"]["tags"] == ["solution"]
    own.write_text("## Start\n\n```python\n1 + 1\n")
    with pytest.raises(DataError, match=r"'Start' is not closed"):
        notebook.notebook(read(folder), tmp_path)
    own.write_text("## Start\n\n{{ lecture }}\n")
    with pytest.raises(DataError, match="line 3: there is no 'lecture'"):
        read(folder)
