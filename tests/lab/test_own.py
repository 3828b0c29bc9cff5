"""A student's own answers: read, checked with file and line, trained, and put into the report."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netlet import cli
from netlet.errors import DataError, FileError, NetletError
from netlet.lab import own, read
from netlet.lab.laboratory import Laboratory

EXAMPLE = Path(__file__).parents[2] / "docs" / "example"
ANSWERS = """\
# Ada <Lovelace>

## Introduction

I looked at *stripes*.

## direction

Kernels look for <b>edges</b>. ![](stripes-images)

```network
name = "three kernels"
architecture = "conv(3, 3x3) - globalmaxpool - dense(1)"
epochs = 3
```

## Summary

<!-- nothing
yet -->
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("own") / "stripes"
    shutil.copytree(EXAMPLE, made, ignore=shutil.ignore_patterns("*.npz"))
    subprocess.run([sys.executable, made / "make_stripes.py"], check=True)
    return made


@pytest.fixture
def refused(folder, tmp_path):
    def check(old, new, kind: type[NetletError] = DataError):
        path = tmp_path / "answers.md"
        assert old in ANSWERS
        path.write_text(ANSWERS.replace(old, new, 1))
        with pytest.raises(kind) as caught:
            exercise = read(folder)
            own.read(exercise, path).prepare(Laboratory(seeds=1, own=exercise.datasets))
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
        return caught.value

    return check


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        (
            "## direction",
            "## directions",
            7,
            "there is no question 'directions': choose from direction, kernels",
        ),
        ("## Summary", "## direction", 17, "twice"),
        ("conv(3, 3x3)", "conv(3, 99x99)", 11, "99"),
        ("conv(3, 3x3)", "covn(3, 3x3)", 13, "covn"),
        ("epochs = 3", "epochs = -3", 14, "epochs"),
        ("epochs = 3", "epoch = 3", 14, "epoch"),
        ("epochs = 3", "epochs = = 3", 14, ""),
        ("epochs = 3", 'dataset = "mnist57"', 11, "stripes"),
        ("epochs = 3", "dataset = [1]", 11, "stripes"),
        ("epochs = 3", "epochs =", 14, "Invalid value"),
        ("epochs = 3", "epochs = " + "[" * 100_000, 11, "nested too deep"),
        ("# Ada <Lovelace>", "# " + "Ada " * 100, 1, "200 characters"),
        ("three kernels", "three " * 100, 12, "200 characters"),
        ("architecture = ", "architect = ", 11, "architecture"),
        ("```\n\n## Summary", "\n## Summary", 11, "not closed"),
        ("(stripes-images)", "(http://example.org/a.png)", 9, "no figure"),
        ("(stripes-images)", "(kernels-seeds)", 9, "stripes-images"),
        ("# Ada <Lovelace>\n", "# Ada <Lovelace>\nHello.\n", 2, "below a heading"),
    ],
)
def test_a_mistake_is_told_with_its_line(refused, old, new, line, told):
    error = refused(old, new)
    assert error.row == line
    assert f"line {line}: " in str(error)
    assert told in str(error)


def test_what_is_no_file_of_answers_is_refused(folder, tmp_path):
    exercise, path = read(folder), tmp_path / "answers.md"
    for content in (b"\xff\xfe", b" " * 1_000_001):
        path.write_bytes(content)
        with pytest.raises(FileError, match=r"answers\.md"):
            own.read(exercise, path)
    with pytest.raises(FileError, match="cannot be read"):
        own.read(exercise, tmp_path / "missing.md")
    with pytest.raises(FileError, match="no ordinary file"):
        own.read(exercise, Path(os.devnull))


def test_what_stands_in_a_fence_is_no_heading(folder, tmp_path):
    path, code = tmp_path / "answers.md", "```python\n## kernels\n# a comment\n```\n\nDone."
    path.write_text(f"## direction\n\n{code}\n\n## Summary\n\nAll.\n")
    assert own.read(read(folder), path).words == {"direction": code, "summary": "All."}


def test_a_template_is_empty_and_never_written_over(folder, tmp_path):
    exercise = read(folder)
    path = own.template(exercise, tmp_path / "answers.md")
    found = own.read(exercise, path)
    assert (found.name, dict(found.words), dict(found.networks)) == ("", {}, {})
    with pytest.raises(FileError, match="not written over"):
        own.template(exercise, path)


def test_own_words_and_networks_are_in_the_report(folder, tmp_path):
    (tmp_path / "answers.md").write_text(ANSWERS)
    out = tmp_path / "report"
    given = ["--answers", str(tmp_path / "answers.md"), "--seeds", "2", "--quick", "--out", str(out)]
    assert cli.run(["lab", str(folder), *given]) == 0
    results = json.loads((out / "results.json").read_text())
    assert results["name"] == "Ada <Lovelace>"
    mine = results["answers"]["direction"]["own"]
    assert mine["networks"][0]["name"] == "three kernels"
    assert (mine["networks"][0]["settings"]["epochs"], mine["networks"][0]["seeds"]) == (3, 2)
    assert results["answers"]["kernels"]["own"] == {"text": [], "networks": []}
    page = (out / "index.html").read_text()
    assert "I looked at <em>stripes</em>." in page
    assert "Kernels look for &lt;b&gt;edges&lt;/b&gt;." in page
    assert '<th scope="row">three kernels</th>' in page
    assert "Ada &lt;Lovelace&gt;" in page
    assert "<b>edges" not in page
    assert "three kernels" in (out / "report.md").read_text()


def test_mistakes_are_found_before_any_training(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("netlet.lab.laboratory.train", lambda *_, **how: pytest.fail("trained"))
    (tmp_path / "answers.md").write_text(ANSWERS.replace("## Summary", "## Sumary"))
    out = str(tmp_path / "r")
    assert cli.run(["lab", str(folder), "--answers", str(tmp_path / "answers.md"), "--out", out]) == 2
    assert "line 17: there is no question 'Sumary'" in capsys.readouterr().err
