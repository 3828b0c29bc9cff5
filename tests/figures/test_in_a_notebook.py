"""Results in a real notebook: the last line of a cell is a picture once, or a real table."""

import base64
import io

import pytest
from PIL import Image

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

CELLS = (
    "import netlet as nl\n"
    "data = nl.load('mnist56')\n"
    "runs = nl.train('conv(2, 4x4) - globalmaxpool - dense(1)', data, epochs=1, seeds=2, quiet=True)",
    "runs",
    "runs.plot()",
    "runs.best.maps(0)",
    "runs.confusion().show()",
    "figure = runs.plot()",
    "runs.architecture",
)


@pytest.fixture(scope="module")
def outputs():
    """What each cell shows: a list of mappings from MIME type to data."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    return [
        [
            output["data"]
            for output in cell.outputs
            if output.output_type in ("execute_result", "display_data")
        ]
        for cell in notebook.cells
    ]


def test_runs_and_architectures_are_real_tables(outputs):
    for place in (1, 6):
        ((shown),) = outputs[place]
        assert "<table" in shown["text/html"] and "<td" in shown["text/html"]


def test_a_figure_shows_itself_once(outputs):
    for place in (2, 3, 4):
        (shown,) = outputs[place]
        with Image.open(io.BytesIO(base64.b64decode(shown["image/png"]))) as image:
            assert image.width > 600


def test_a_figure_that_is_kept_shows_nothing(outputs):
    assert outputs[0] == outputs[5] == []
