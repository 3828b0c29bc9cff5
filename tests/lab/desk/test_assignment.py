import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

import netlet as nl
from netlet.cli import run
from netlet.errors import DataError
from netlet.lab import read
from netlet.lab.desk import assignment, grading

NBGRADER = os.environ.get("NETLET_TEST_NBGRADER") or shutil.which("nbgrader")
DOCUMENT = """
title = "Small"
[parts.ex1]
title = "One"
questions = ["q1", "q2"]
[networks.small]
name = "small"
architecture = "conv(2, 4x4, strides=2) - globalmaxpool - dense(1)"
dataset = "mnist56"
settings = { epochs = 8 }
[questions.q1]
networks = ["small"]
[questions.q2]
networks = ["small"]
"""
WORDS = "# Title\n## Question\nQuestion?\n## Answer\nShort.\n## Text\nMore.\n"
SMALL = "conv(2, 4x4, strides=2) - globalmaxpool - dense(1)"


@pytest.fixture
def course(tmp_path):
    (tmp_path / "exercise").mkdir()
    (tmp_path / "exercise" / "exercise.toml").write_text(DOCUMENT)
    for key in ("q1", "q2"):
        (tmp_path / "exercise" / f"{key}.md").write_text(WORDS)
    folder = tmp_path / "course"
    assert run(["class", "assignment", str(folder), "--exercise", str(tmp_path / "exercise")]) == 0
    return folder


def test_solutions_pass_the_cells_that_grade_them(course):
    content = json.loads((course / "source" / "exercise" / "exercise.ipynb").read_text())
    names = {}
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)  # what netlet has just written
    graded = [cell["metadata"].get("nbgrader", {}) for cell in content["cells"]]
    assert sum(each.get("points", 0) for each in graded) == 10
    assert sum(each.get("solution", False) for each in graded) == 4


def test_every_question_of_the_university_s_exercise_is_asked():
    """Also those whose words have a goal in them, which the document gives."""
    exercise = read()
    cells = {cell["id"]: "".join(cell["source"]) for cell in assignment.notebook(exercise)["cells"]}
    for key in exercise.questions:
        heading, sentence, task = cells[f"{key}-asked"].split("\n\n")
        assert heading.startswith("## ") and task.startswith("Put what you train")
        assert sentence.endswith(("?", ".")) and "{" not in sentence
    assert "98" in cells["q2-asked"]


def test_runs_that_are_worse_than_the_seeds_explain_fail():
    poor = nl.train("flatten - dense(1)", "mnist56", seeds=6, epochs=1, learning_rate=1e-6, quiet=True)
    with pytest.raises(DataError, match="worse than the seeds explain"):
        grading.graded([poor], SMALL, "mnist56", epochs=8)
    with pytest.raises(DataError, match="there are no runs on mnist56"):
        grading.graded([], SMALL, "mnist56")


def test_runs_that_training_again_does_not_give_fail():
    from dataclasses import replace

    runs = nl.train(SMALL, "mnist56", seeds=2, epochs=2, quiet=True)
    forged = replace(runs, runs=(replace(runs[1], seed=0),))
    with pytest.raises(DataError, match="seed 0 gives other weights"):
        grading.graded(forged, SMALL, "mnist56", epochs=2)


def test_a_notebook_of_ones_own_is_not_written_over(course, capfd, tmp_path):
    again = ["class", "assignment", str(course), "--exercise", str(tmp_path / "exercise")]
    assert run(again) == 0
    (course / "source" / "exercise" / "exercise.ipynb").write_text("{}")
    assert run(again) == 2
    assert "is none of netlet's" in capfd.readouterr().err
    assert run([*again, "--force"]) == 0


@pytest.mark.skipif(NBGRADER is None, reason="nbgrader is not installed: pip install nbgrader")
def test_nbgrader_grades_an_honest_and_a_lazy_student(course):
    beside = os.pathsep.join(
        [str(Path(str(NBGRADER)).parent), os.environ.get("PATH", "")]
    )  # it calls alembic

    def nbgrader(*arguments):
        ran = subprocess.run(
            [str(NBGRADER), *arguments],
            cwd=course,
            env=os.environ | {"PATH": beside},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr[-3000:]

    nbgrader("generate_assignment", "exercise")
    released = (course / "release" / "exercise" / "exercise.ipynb").read_text()
    assert "SOLUTION" not in released
    assert "nl.train" not in "".join(
        "".join(cell["source"]) for cell in json.loads(released)["cells"] if cell["cell_type"] == "code"
    )
    for student in ("honest", "lazy"):
        notebook = json.loads(released)
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if name in ("q1-trained", "q2-trained"):
                key = name[:2]
                trained = f'[nl.train("{SMALL}", "mnist56", seeds=3, epochs=8)]'
                cell["source"] = f"{key} = {trained if student == 'honest' else '[]'}"
        place = course / "submitted" / student / "exercise"
        place.mkdir(parents=True)
        (place / "exercise.ipynb").write_text(json.dumps(notebook))
    nbgrader("autograde", "exercise")
    with closing(sqlite3.connect(course / "gradebook.db")) as database:
        rows = database.execute(
            "select s.student_id, sum(g.auto_score) from grade g "
            "join submitted_notebook n on g.notebook_id = n.id "
            "join submitted_assignment s on n.assignment_id = s.id group by s.student_id"
        ).fetchall()
    assert dict(rows) == {"honest": 4.0, "lazy": 0.0}
