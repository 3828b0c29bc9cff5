import json
from pathlib import Path

import pytest

from netlet.errors import FileError
from netlet.lab import report
from netlet.lab.report import folder as folders

FILES = {"index.html", "appendix.html", "results.json", "report.md", "report.ipynb"}


@pytest.fixture(autouse=True)
def without_pdf(monkeypatch):
    monkeypatch.setattr("netlet.lab.report.formats.has_pdf", lambda: False)


def names(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_report_is_a_page_results_and_figures_and_nothing_else(tmp_path, make_answer, about, exercise):
    page = report.write(exercise, [make_answer()], about, tmp_path / "deep" / "report")
    assert page == tmp_path / "deep" / "report" / "index.html"
    assert names(page.parent) == FILES | {"figures/q1-dots.svg"}
    assert json.loads((page.parent / "results.json").read_text())["netlet"] == "1.2.3"


def test_a_figure_that_cannot_be_drawn_costs_no_answer(tmp_path, make_answer, about, exercise):
    from netlet.lab import Picture

    def fail():
        raise MemoryError("too large")

    good = make_answer().pictures[0]
    answer = make_answer(pictures=(Picture("q1-huge", "Huge.", "All.", fail), good))
    report.write(exercise, [answer], about, tmp_path)
    assert names(tmp_path) == FILES | {"figures/q1-dots.svg"}
    assert "q1-huge: MemoryError: too large" in (tmp_path / "index.html").read_text()


def test_figures_of_an_older_report_go_and_other_files_stay(tmp_path, make_answer, about, exercise):
    report.write(exercise, [make_answer("q1"), make_answer("q2")], about, tmp_path)
    (tmp_path / "figures" / "mine.png").write_text("mine")
    report.write(exercise, [make_answer("q2")], about, tmp_path)
    assert names(tmp_path) == FILES | {"figures/q2-dots.svg", "figures/mine.png"}


def test_a_report_that_cannot_be_written_leaves_the_older_one(
    tmp_path, make_answer, about, monkeypatch, exercise
):
    report.write(exercise, [make_answer("q1")], about, tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}
    write = Path.write_bytes

    def full(path, data):
        if path.name == "index.html":
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FileError, match="No space left"):
        report.write(exercise, [make_answer("q2")], about, tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == before


def test_an_interrupt_while_writing_leaves_the_older_report(
    tmp_path, make_answer, about, monkeypatch, exercise
):
    report.write(exercise, [make_answer("q1")], about, tmp_path)
    before = names(tmp_path)

    def interrupt(path, data):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupt)
    with pytest.raises(KeyboardInterrupt):
        report.write(exercise, [make_answer("q2")], about, tmp_path)
    assert names(tmp_path) == before


def test_the_page_is_put_in_place_last(tmp_path, make_answer, about, monkeypatch, exercise):
    order = []
    replace = Path.replace

    def watch(path, target):
        order.append(target.name)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", watch)
    report.write(exercise, [make_answer()], about, tmp_path)
    assert (order[0], order[-1]) == ("q1-dots.svg", "index.html")


def test_a_file_in_the_folders_place_is_refused(tmp_path):
    path = tmp_path / "report"
    path.write_text("")
    with pytest.raises(FileError, match="is a file"):
        folders.check(path)


def test_a_page_that_is_no_report_is_refused(tmp_path):
    (tmp_path / "index.html").write_text("mine")
    (tmp_path / "results.json").write_text("[]")
    with pytest.raises(FileError, match="no report of netlet"):
        folders.check(tmp_path)


def test_an_older_report_may_be_written_over(tmp_path, make_answer, about, exercise):
    report.write(exercise, [make_answer()], about, tmp_path)
    folders.check(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        folders.check(tmp_path / "file" / "report")


def test_results_that_name_files_elsewhere_delete_nothing(tmp_path, make_answer, about, exercise):
    target = tmp_path / "precious.png"
    target.write_text("mine")
    out = tmp_path / "report"
    report.write(exercise, [make_answer()], about, out)
    results = json.loads((out / "results.json").read_text())
    for name in ("../precious.png", str(target), "figures/../../precious.png", "index.html"):
        results["answers"]["q1"]["figures"].append({"file": name})
    (out / "results.json").write_text(json.dumps(results))
    report.write(exercise, [make_answer("q2")], about, out)
    assert target.read_text() == "mine"
    assert (out / "index.html").exists()


@pytest.mark.parametrize("is_complete", [True, False])
def test_whether_a_report_is_complete_is_known(tmp_path, make_answer, about, is_complete, exercise):
    from dataclasses import replace

    assert not report.is_complete(tmp_path)
    report.write(exercise, [make_answer()], replace(about, is_complete=is_complete), tmp_path)
    assert report.is_complete(tmp_path) == is_complete


def test_results_of_somebody_else_are_refused(tmp_path):
    (tmp_path / "results.json").write_text('{"mine": 1}')
    with pytest.raises(FileError, match=r"results.json is no report of netlet"):
        folders.check(tmp_path)


def test_a_file_where_the_figures_go_is_refused(tmp_path):
    (tmp_path / "figures").write_text("")
    with pytest.raises(FileError, match="figures is a file"):
        folders.check(tmp_path)


def test_a_reserved_folder_is_refused_to_others_and_then_free(tmp_path):
    with (
        report.reserved(tmp_path),
        pytest.raises(FileError, match="another netlet lab"),
        report.reserved(tmp_path),
    ):
        pass
    with report.reserved(tmp_path):
        pass


def test_a_reserved_folder_that_stays_empty_goes(tmp_path, make_answer, about, exercise):
    with report.reserved(tmp_path / "empty"):
        assert (tmp_path / "empty").is_dir()
    with report.reserved(tmp_path / "full"):
        report.write(exercise, [make_answer()], about, tmp_path / "full")
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


@pytest.mark.parametrize("name", folders.OTHERS)
def test_files_of_ones_own_that_are_called_like_a_reports_are_refused(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(FileError, match="is no report of netlet's"):
        folders.check(tmp_path)


def test_all_that_a_report_writes_is_looked_for(tmp_path, make_answer, about, exercise):
    report.write(exercise, [make_answer()], about, tmp_path)
    others = {name for name in names(tmp_path) if "/" not in name} - {report.PAGE, report.RESULTS}
    assert others <= set(folders.OTHERS)
