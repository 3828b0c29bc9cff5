import io
import json
import os
import signal

import pytest

from netlet import lab as exercises
from netlet.errors import FileError, TrainingError
from netlet.lab import Laboratory, answering

DOCUMENT = """
title = "Small"
[parts.ex1]
title = "One"
questions = ["q1", "q2"]
[networks.small]
name = "small"
architecture = "conv(2, 3x3, strides=6) - flatten - dense(1)"
dataset = "mnist56"
settings = { epochs = 1 }
[questions.q1]
networks = ["small"]
[questions.q1.figures]
q1-history = { draw = "history", network = "small" }
[questions.q2]
networks = ["small"]
"""
WORDS = "# Title\n## Question\nQuestion?\n## Answer\nShort.\n## Text\nMore.\n"


@pytest.fixture(autouse=True)
def small_exercise(monkeypatch, tmp_path_factory):
    """A small exercise in the place of the university's."""
    folder = tmp_path_factory.mktemp("exercise")
    (folder / "exercise.toml").write_text(DOCUMENT)
    for name in ("q1", "q2"):
        (folder / f"{name}.md").write_text(WORDS)
    read = exercises.read
    monkeypatch.setattr(exercises, "read", lambda chosen=None: read(chosen or folder))
    return folder


@pytest.fixture
def second_question(monkeypatch):
    """Have something happen in the place of the second question."""
    answer = answering.answer

    def replace(happening):
        def instead(exercise, question, lab):
            return happening(lab) if question.key == "q2" else answer(exercise, question, lab)

        monkeypatch.setattr(answering, "answer", instead)

    return replace


def interrupted(lab):
    raise KeyboardInterrupt


def results(folder):
    return json.loads((folder / "results.json").read_text())


def test_a_lab_writes_its_report_and_prints_its_answers(run, tmp_path):
    out = tmp_path / "report"
    code, printed, error = run("lab", "--out", out, "--seeds", 2)
    assert code == 0, error
    assert str(out / "index.html") in printed
    assert "small" in printed
    assert set(results(out)["answers"]) == {"q1", "q2"}
    assert results(out)["answers"]["q1"]["networks"][0]["seeds"] == 2
    assert results(out)["is_complete"]


def test_a_report_may_have_a_name(run, tmp_path):
    run("lab", "--out", tmp_path, "--seeds", 1, "--name", "Ada Lovelace")
    assert results(tmp_path)["name"] == "Ada Lovelace"
    assert "Ada Lovelace" in (tmp_path / "index.html").read_text()


def test_a_picture_that_cannot_be_drawn_costs_no_answer(run, tmp_path, monkeypatch):
    from netlet import figures

    def fail(bands):
        raise MemoryError

    monkeypatch.setattr(figures, "history", fail)
    code, _, error = run("lab", "--out", tmp_path, "--seeds", 1)
    assert code == 0, error
    assert set(results(tmp_path)["answers"]) == {"q1", "q2"}
    assert results(tmp_path)["is_complete"]
    assert "q1-history: MemoryError" in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize(("arguments", "seeds"), [(["--quick"], 3), ([], 16), (["--quick", "--seeds", 1], 1)])
def test_a_quick_lab_takes_fewer_seeds(run, tmp_path, arguments, seeds):
    assert run("lab", "--out", tmp_path, *arguments)[0] == 0
    assert results(tmp_path)["seeds"] == seeds


def test_an_interrupted_lab_writes_what_is_finished_and_says_so(run, tmp_path, second_question):
    second_question(interrupted)
    out = tmp_path / "report"
    code, _, error = run("lab", "--out", out, "--seeds", 1)
    assert code == 130
    assert "interrupted" in error
    assert set(results(out)["answers"]) == {"q1"}
    assert not results(out)["is_complete"]
    assert "Incomplete" in (out / "index.html").read_text()


def test_an_interrupted_lab_leaves_an_older_complete_report_alone(run, tmp_path, second_question):
    out = tmp_path / "report"
    run("lab", "--out", out, "--seeds", 1)
    before = (out / "index.html").read_bytes()
    second_question(interrupted)
    code, printed, _ = run("lab", "--out", out, "--seeds", 1)
    assert code == 130
    assert (out / "index.html").read_bytes() == before
    assert not results(tmp_path / "report-incomplete")["is_complete"]
    assert "report-incomplete" in printed


def test_an_error_in_a_later_question_keeps_the_earlier_answers(run, tmp_path, second_question):
    def fail(lab):
        raise TrainingError("too little memory")

    second_question(fail)
    code, _, error = run("lab", "--out", tmp_path, "--seeds", 1)
    assert (code, error) == (2, "too little memory\n")
    assert set(results(tmp_path)["answers"]) == {"q1"}


def test_ctrl_c_while_the_report_is_written_does_not_lose_it(run, tmp_path, monkeypatch):
    from netlet.lab import report

    write, calls = report.write, []

    def interrupted_once(*all_):
        calls.append(all_)
        if len(calls) == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return write(*all_)

    monkeypatch.setattr(report, "write", interrupted_once)
    assert run("lab", "--out", tmp_path, "--seeds", 1)[0] == 130
    assert set(results(tmp_path)["answers"]) == {"q1", "q2"}


def test_broken_files_are_found_before_any_training(run, tmp_path, monkeypatch):
    monkeypatch.undo()  # the university's own exercise
    monkeypatch.setattr("netlet.lab.laboratory.train", lambda *_, **how: pytest.fail("trained"))
    (tmp_path / "r3-trn").mkdir()
    (tmp_path / "r3-trn_trg.csv").write_text("1 0 0 img_00001.png\n")
    code, _, error = run("lab", "--out", tmp_path / "report", "--data", tmp_path)
    assert code == 2
    assert "r3-val" in error


def test_a_lab_interrupted_before_its_first_answer_writes_nothing(run, tmp_path, monkeypatch):
    monkeypatch.setattr(answering, "answer", lambda *_: interrupted(None))
    assert run("lab", "--out", tmp_path / "report", "--seeds", 1)[0] == 130
    assert not (tmp_path / "report" / "index.html").exists()


@pytest.mark.parametrize("arguments", [["--seeds", "0"], ["--data", "/nowhere"], ["ex7"]])
def test_mistakes_are_found_before_any_training(run, tmp_path, monkeypatch, arguments):
    monkeypatch.setattr("netlet.lab.laboratory.train", lambda *_, **how: pytest.fail("trained"))
    code, out, error = run("lab", "--out", tmp_path, *arguments)
    assert (code, out) == (2, "")
    assert error.count("\n") == 1


def test_a_report_over_somebody_elses_page_is_refused_before_any_training(run, tmp_path, monkeypatch):
    monkeypatch.setattr("netlet.lab.laboratory.train", lambda *_, **how: pytest.fail("trained"))
    (tmp_path / "index.html").write_text("mine")
    code, _, error = run("lab", "--out", tmp_path)
    assert code == 2
    assert "no report of netlet" in error
    assert (tmp_path / "index.html").read_text() == "mine"


def test_an_interrupted_lab_of_this_folder_goes_beside_it(run, tmp_path, monkeypatch, second_question):
    out = tmp_path / "report"
    run("lab", "--out", out, "--seeds", 1)
    second_question(interrupted)
    monkeypatch.chdir(out)
    assert run("lab", "--out", ".", "--seeds", 1)[0] == 130
    assert results(out)["is_complete"]
    assert not results(tmp_path / "report-incomplete")["is_complete"]


def test_a_report_that_cannot_be_written_is_kept_elsewhere_and_printed(run, tmp_path, monkeypatch):
    from netlet.lab import report

    out, write = tmp_path / "report", report.write

    def full(exercise, answers, about, folder):
        if folder == out:
            raise FileError("No space left on device")
        return write(exercise, answers, about, folder)

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(report, "write", full)
    code, printed, error = run("lab", "--out", out, "--seeds", 1)
    assert code == 2
    assert "small" in printed
    assert "The report:" not in printed
    kept = next(tmp_path.glob("netlet-*/report"))
    assert error == f"No space left on device; it is kept in {kept} instead\n"
    assert results(kept)["is_complete"]


def test_a_mistake_of_netlets_own_in_a_later_question_keeps_the_earlier_answers(
    run, tmp_path, second_question
):
    def fail(lab):
        raise ZeroDivisionError("oh")

    second_question(fail)
    code, _, error = run("lab", "--out", tmp_path, "--seeds", 1)
    assert code == 2
    assert "ZeroDivisionError: oh" in error
    assert set(results(tmp_path)["answers"]) == {"q1"}


def test_a_folder_in_which_a_lab_is_at_work_is_refused(run, tmp_path):
    from netlet.lab import report

    with report.reserved(tmp_path):
        code, _, error = run("lab", "--out", tmp_path, "--seeds", 1)
    assert code == 2
    assert "another netlet lab is making its report" in error
    assert run("lab", "--out", tmp_path, "--seeds", 1)[0] == 0


@pytest.mark.parametrize("arguments", [["--data", "/nowhere"], ["--threads", "0"], ["--seeds", "10000000"]])
def test_a_lab_that_does_not_begin_leaves_no_folder(run, tmp_path, arguments):
    assert run("lab", "--out", tmp_path / "report", *arguments)[0] == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_answers_are_whole_in_a_narrow_terminal(width):
    from rich.console import Console

    from netlet.cli.lab import _table
    from netlet.cli.printing import make_room
    from netlet.lab.report.words import overview

    (answer, _) = answering.answers(exercises.read(), [], Laboratory(seeds=1))
    where = Console(width=width, file=io.StringIO(), record=True)
    table = _table([answer])
    make_room(where, table)
    where.print(table)
    printed = where.export_text()
    assert "…" not in printed
    for cell in overview([answer])[0]:
        assert cell in printed


def test_a_folder_is_an_exercise_and_its_questions_may_be_named(run, tmp_path, small_exercise):
    code, _, error = run("lab", small_exercise, "q2", "--seeds", 1, "--out", tmp_path / "report")
    assert code == 0, error
    assert list(results(tmp_path / "report")["answers"]) == ["q2"]


def test_a_question_or_part_may_be_named_without_a_folder(run, tmp_path):
    assert run("lab", "q1", "--seeds", 1, "--out", tmp_path / "one")[0] == 0
    assert list(results(tmp_path / "one")["answers"]) == ["q1"]
    assert run("lab", "ex1", "--seeds", 1, "--out", tmp_path / "two")[0] == 0
    assert list(results(tmp_path / "two")["answers"]) == ["q1", "q2"]


def test_a_folder_that_is_called_like_a_part_does_not_hide_it(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ex1").mkdir()
    assert run("lab", "ex1", "--seeds", 1, "--out", tmp_path / "report")[0] == 0
    code, _, error = run("lab", "./ex1", "--seeds", 1, "--out", tmp_path / "report")
    assert code == 2
    assert "exercise.toml cannot be read" in error


def test_a_mistake_in_an_exercise_is_told_with_its_line(run, tmp_path, small_exercise):
    (small_exercise / "q2.md").write_text(WORDS + "{{ smal.parameters }}\n")
    code, _, error = run("lab", small_exercise, "--out", tmp_path / "report")
    assert code == 2
    assert f"{small_exercise / 'q2.md'}, line 8: there is no 'smal': is 'small' meant?\n" in error
    assert not (tmp_path / "report").exists()
