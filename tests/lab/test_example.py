"""The example of docs/exercises.md: an exercise of a teacher's own, on data of their own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netlet import cli
from netlet.lab import read

EXAMPLE = Path(__file__).parents[2] / "docs" / "example"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("example") / "stripes"
    shutil.copytree(EXAMPLE, made, ignore=shutil.ignore_patterns("*.npz"))
    subprocess.run([sys.executable, made / "make_stripes.py"], check=True)
    return made


@pytest.fixture(scope="module")
def report(folder):
    out = folder.parent / "report"
    assert cli.run(["lab", str(folder), "--quick", "--out", str(out)]) == 0
    return out


def test_the_teachers_questions_are_answered(report):
    results = json.loads((report / "results.json").read_text())
    assert list(results["answers"]) == ["direction", "kernels"]
    network = results["answers"]["direction"]["networks"][0]
    assert (network["seeds"], network["settings"]["epochs"], network["dataset"]) == (2, 10, "stripes")
    assert network["notebook"]["validation"] == {"accuracy": 0.95}
    assert results["datasets"][0]["counts"] == {"training": 200, "validation": 200, "test": 200}


def test_the_report_has_the_teachers_words_and_figures(report):
    page = (report / "index.html").read_text()
    assert "<title>Which way do the stripes run?</title>" in page
    assert "One kernel or four" in page
    assert "The four kernels of the best seed." in page
    assert {each.stem for each in (report / "figures").iterdir()} == {
        *("stripes-images", "stripes-kernels", "kernels-seeds"),
    }


def test_one_question_can_be_asked(folder, tmp_path):
    code = cli.run(["lab", str(folder), "kernels", "--quick", "--seeds", "1", "--out", str(tmp_path / "r")])
    assert code == 0
    assert list(json.loads((tmp_path / "r" / "results.json").read_text())["answers"]) == ["kernels"]


def test_an_exercise_without_its_data_is_refused(folder, tmp_path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "stripes.npz").unlink()
    assert cli.run(["lab", str(copy), "--out", str(tmp_path / "r")]) == 2
    error = capsys.readouterr().err
    assert "line 7" in error
    assert "stripes.npz" in error
    assert not (tmp_path / "r").exists()


def test_the_example_is_what_the_documentation_says(folder):
    documentation = (EXAMPLE.parent / "exercises.md").read_text()
    assert "docs/example" in documentation
    for name in read(folder).questions["direction"].words.sections:
        assert f"`## {name}`" in documentation
