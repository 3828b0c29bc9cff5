import json

import pytest

from netlet.cli import run
from netlet.datasets.files import originals
from netlet.lab.desk import many
from netlet.lab.desk.material import Material
from netlet.lab.desk.retraining import Asked


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A real report of two networks from three seeds, on the lab's own data."""
    folder = tmp_path_factory.mktemp("report")
    exercise = folder / "exercise"
    exercise.mkdir()
    (exercise / "exercise.toml").write_text(
        'title = "Small"\n[parts.ex1]\ntitle = "One"\nquestions = ["q1"]\n[networks.small]\nname = "small"\n'
        'architecture = "conv(2, 3x3, strides=6) - flatten - dense(1)"\ndataset = "mnist56"\n'
        'settings = { epochs = 2 }\n[questions.q1]\nnetworks = ["small"]\n'
    )
    (exercise / "q1.md").write_text("# Title\n## Question\nQuestion?\n## Answer\nShort.\n## Text\nMore.\n")
    assert run(["lab", str(exercise), "--seeds", "3", "--out", str(folder / "out"), "--name", "Zoë"]) == 0
    return folder / "out"


def test_page_notebook_and_results_of_a_report_are_reproduced(report, capfd, tmp_path):
    files = [str(report / name) for name in ("results.json", "index.html", "report.ipynb")]
    assert run(["check", *files, "--json", str(tmp_path / "verdicts.json")]) == 0
    out = capfd.readouterr().out
    assert out.count("✓") == 3
    assert out.count("(Zoë): of 1 answers 1 reproduced to the bit") == 3
    told = json.loads((tmp_path / "verdicts.json").read_text())["files"]
    assert [each["verdict"] for each in told] == ["reproduced"] * 3
    assert told[0]["answers"][0]["networks"][0]["seeds"] == [0, 1, 2]


def test_what_does_not_pass_is_told_with_its_reason_and_another_exit_code(report, capfd, tmp_path):
    results = json.loads((report / "results.json").read_text())
    results["name"] = "\x1b[31mEve\n"
    network = results["answers"]["q1"]["networks"][0]
    network["weights_sha256"][1] = "ab" * 32
    (tmp_path / "results.json").write_text(json.dumps(results))
    (tmp_path / "hostile.json").write_text("[" * 100_000)
    files = [str(tmp_path / "results.json"), str(tmp_path / "hostile.json"), str(report / "results.json")]
    assert run(["check", *files, "--seeds", "3"]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert r"✗" in lines[0] and r"(\x1b[31mEve\n)" in lines[0]
    assert any("on the same kind of machine seed 1 gave other weights" in line for line in lines)
    assert any(line.startswith("✗ refused:") and "nested too deep" in line for line in lines)
    assert lines[-1].startswith("✓")


def test_instruction_sets_that_the_processor_has_are_taken_over(report, capfd, tmp_path, monkeypatch):
    from netlet import _engine

    other = _engine.instruction_sets()[-1]
    results = json.loads((report / "results.json").read_text())
    results["kind"]["instruction_set"] = other
    (tmp_path / "results.json").write_text(json.dumps(results))
    run(["check", str(tmp_path / "results.json")])
    out = capfd.readouterr().out
    is_same = other == json.loads((report / "results.json").read_text())["kind"]["instruction_set"]
    assert ("reproduced to the bit" in out) == is_same  # weights of one are no weights of another


def test_data_and_class_are_not_both_given(report, capfd):
    assert run(["check", str(report / "results.json"), "--data", ".", "--class", "."]) == 2
    assert "give --data or --class, not both" in capfd.readouterr().err


def test_a_folder_without_class_json_is_no_class(report, capfd, tmp_path):
    assert run(["check", str(report / "results.json"), "--class", str(tmp_path)]) == 2
    assert "netlet class make writes one" in capfd.readouterr().err


def test_a_check_that_does_not_end_is_ended(report, monkeypatch):
    monkeypatch.setattr(many, "_GRACE", -100.0)
    (found,) = many.check_all([report / "results.json"], Material(), Asked(seconds=1), 1)
    assert "checking it took too long" in found.refused


def test_all_of_somebodys_own_data_is_made_from_one_seed(capfd, tmp_path):
    from netlet import load

    assert run(["data", "make", "all", str(tmp_path / "a"), "--seed", "7", "--test", "0"]) == 0
    names = ("mnist56", "crt", "pulses-reversed")
    mine = [load(name, tmp_path / "a") for name in names]
    assert [len(each.train) for each in mine] == [2000, 500, 500]
    assert all(each.test is None for each in mine)
    assert all(load(name).content_hash != each.content_hash for name, each in zip(names, mine, strict=True))
    assert run(["data", "make", "all", str(tmp_path / "a"), "--seed", "7"]) == 2
    assert "already: replace with --force" in capfd.readouterr().err
    assert run(["data", "make", "all", str(tmp_path / "b"), "--size", "32"]) == 2
    assert "leave out --size" in capfd.readouterr().err
    assert run(["data", "make", "crt", str(tmp_path / "b"), "--idx", "."]) == 2
    assert run(["data", "make", "all", str(tmp_path / "b"), "--idx", str(tmp_path)]) == 2
    assert "has no train-images-idx3-ubyte" in capfd.readouterr().err
    assert not (tmp_path / "b").exists()
    assert originals.found(tmp_path / "a") == tuple(originals.NAMES)
