import json
import re
from html.parser import HTMLParser

import pytest

from netlet import load
from netlet.cli import run
from netlet.lab.desk import roster


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A class of three, made once."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "students.csv").write_text('name,id\nAda Lovelace,\n"<b>Eve</b> *x*",E 7\nAda Lovelace,\n')
    assert run(["class", "make", str(folder / "students.csv"), str(folder / "c"), "--seed", "5"]) == 0
    return folder


def test_everybody_gets_own_data_and_a_notebook(made):
    folder = made / "c"
    told = roster.read(folder)
    assert [student.id for student in told.students] == ["ada-lovelace", "e-7", "ada-lovelace-2"]
    seen = set()
    for student in told.students:
        for name in ("mnist56", "crt", "pulses-reversed"):
            data = load(name, folder / student.id / "data")
            assert data.content_hash == student.data[name]
            assert data.test is None
            seen.add(data.content_hash)
        assert json.loads((folder / student.id / "exercise.ipynb").read_text())["nbformat"] == 4
    assert len(seen) == 9
    assert len(told.owned()) == 18


def test_the_notebook_reads_the_own_data_and_hands_in_under_the_name(made):
    import nbformat

    notebook = nbformat.read(made / "c" / "e-7" / "exercise.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert any("DATA = 'data'" in source or 'DATA = "data"' in source for source in code)
    assert "hand_in('<b>Eve</b> *x*', globals())" in code[-1]
    words = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert "<b>Eve" not in words
    assert r"&lt;b&gt;Eve&lt;/b&gt; \*x\*" in words


def test_who_comes_later_is_added_and_the_others_keep_what_they_have(made, capfd):
    mine = made / "c" / "e-7" / "notes.txt"
    mine.write_text("mine")
    before = roster.read(made / "c")
    (made / "more.csv").write_text("name;id\nGrace Hopper;\n")
    assert run(["class", "make", str(made / "more.csv"), str(made / "c"), "--seed", "5"]) == 0
    assert "1 folders made" in capfd.readouterr().out
    after = roster.read(made / "c")
    assert [each for each in after.students if each in before.students] == list(before.students)
    assert len(after.students) == len(before.students) + 1
    assert mine.read_text() == "mine"
    capfd.readouterr()
    assert run(["class", "make", str(made / "students.csv"), str(made / "c"), "--seed", "6"]) == 2
    assert "is a class of seed 5, not 6" in capfd.readouterr().err


def test_a_folder_of_somebody_else_is_not_written_into(made, capfd):
    (made / "c" / "alan-turing").mkdir()
    (made / "alan.csv").write_text("name\nAlan Turing\n")
    assert run(["class", "make", str(made / "alan.csv"), str(made / "c"), "--seed", "5"]) == 2
    assert "is there already and is none of this class" in capfd.readouterr().err
    assert list((made / "c" / "alan-turing").iterdir()) == []


def test_what_a_class_hands_in_is_checked_against_the_data_it_was_given(made, capfd):
    import netlet as nl
    from netlet.lab.desk import hand_in

    folder = made / "c"
    eve, ada = "<b>Eve</b> *x*", "Ada Lovelace"
    network = "conv(1, 3x3, strides=6) - globalmaxpool - dense(3)"
    for of, name, data in (("e-7", eve, "e-7"), ("ada-lovelace", ada, "e-7")):
        runs = nl.train(network, load("crt", folder / data / "data"), seeds=2, epochs=2, quiet=True)
        told = hand_in(name, {"q4": runs, "nl": nl, "_": runs}, folder / of)
        assert repr(told) == f"handed in by {name}: 1 network: q4"
    assert run(["class", "check", str(folder), "--json", str(made / "verdicts.json")]) == 1
    out = capfd.readouterr().out
    assert f"({eve}): of 1 answers 1 reproduced to the bit" in out
    assert f"its crt is the data of {eve!r}, not that of {ada!r}" in out
    files = [str(folder / of / "results.json") for of in ("e-7", "ada-lovelace")]
    page = made / "page.html"
    extra = ["--verdicts", str(made / "verdicts.json"), "--title", "A <i>class</i>"]
    assert run(["class", "report", *files, "--out", str(page), *extra]) == 0
    text = page.read_text()
    assert "<td>reproduced</td>" in text
    assert "<td>not</td>" in text
    assert "&lt;b&gt;Eve&lt;/b&gt; *x*" in text
    assert "<b>Eve" not in text
    assert "<i>class" not in text


def test_no_page_is_written_over_what_is_none_of_netlets(made, capfd, tmp_path):
    files = [str(path) for path in sorted((made / "c").glob("*/results.json"))]
    page = tmp_path / "class.html"
    page.write_text("<p>mine</p>")
    assert run(["class", "report", *files, "--out", str(page)]) == 2
    assert "is none of netlet's: move it away, or replace it with --force" in capfd.readouterr().err
    assert page.read_text() == "<p>mine</p>"
    assert run(["class", "report", *files, "--out", str(page), "--force"]) == 0
    assert run(["class", "report", *files, "--out", str(page)]) == 0


def test_a_report_leaves_out_what_is_refused_and_says_so(made, capfd, tmp_path):
    (tmp_path / "bad.json").write_text("{")
    good = next((made / "c").glob("*/results.json"))
    page = tmp_path / "class.html"
    assert run(["class", "report", str(good), str(tmp_path / "bad.json"), "--out", str(page)]) == 0
    assert "✗ refused:" in capfd.readouterr().err
    assert "1 refused" in page.read_text()
    assert run(["class", "report", str(tmp_path / "bad.json"), "--out", str(page)]) == 2


class Figures(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.within = [], False

    def handle_starttag(self, tag, attrs):
        if tag == "svg":
            self.found.append((dict(attrs)["aria-label"], []))
            self.within = True

    def handle_endtag(self, tag):
        self.within &= tag != "svg"

    def handle_data(self, data):
        if self.within and data.strip():
            self.found[-1][1].append(data.strip())


def test_pictures_have_labelled_axes_and_say_what_is_to_be_seen(made, tmp_path):
    files = [str(path) for path in sorted((made / "c").glob("*/results.json"))]
    assert run(["class", "report", *files, "--out", str(tmp_path / "class.html")]) == 0
    parser = Figures()
    parser.feed((tmp_path / "class.html").read_text())
    assert len(parser.found) == 2
    for described, texts in parser.found:
        assert re.search(r"\d", described)
        assert any("accuracy (share)" in text for text in texts)
    assert any("parameters, logarithmic" in text for text in parser.found[1][1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("name\n", "has no students"),
        ("student number\n7\n", "line 1: there is no column called name"),
        ("name,id\nAda,7\nBob,7\n", "line 3: id '7' is that of line 2 too"),
        ("name,id\n,7\n", "line 2: the student has no name"),
        ("name\n" + "x" * 300 + "\n", "line 2: the name has 300 characters"),
        ('name\n"Ada\n', "is no CSV"),
    ],
)
def test_lists_that_cannot_be_read_are_explained(tmp_path, capfd, text, message):
    (tmp_path / "students.csv").write_text(text)
    assert run(["class", "make", str(tmp_path / "students.csv"), str(tmp_path / "c")]) == 2
    error = capfd.readouterr().err
    assert message in error
    assert str(tmp_path / "students.csv") in error
    assert not (tmp_path / "c").exists()


def test_names_become_folders_that_are_safe_everywhere(tmp_path):
    names = ["Ada Lovelace", "Éloïse Groß", "../../etc", "李小龍", "con", "李", "Ada  Lovelace"]
    (tmp_path / "s.csv").write_text("\ufeffname\r\n" + "\r\n".join(names), encoding="utf-8")
    found = roster.enrolled(tmp_path / "s.csv", tmp_path, 1)
    assert [student.id for student in found.students] == [
        *("ada-lovelace", "eloise-gross", "etc", "student", "student-con", "student-2", "ada-lovelace-2")
    ]
    assert len({student.seed for student in found.students}) == len(names)


def test_lists_as_moodle_exports_them_are_read(tmp_path):
    (tmp_path / "s.csv").write_text('First name,Last name,ID number\n"Ada","Lovelace",12-34\n')
    (student,) = roster.enrolled(tmp_path / "s.csv", tmp_path, 1).students
    assert (student.id, student.name) == ("12-34", "Ada Lovelace")


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"class_version": 1, "students": [{"id": "../x"}], "seed": 1}', "[" * 10**5]
)
def test_a_class_json_that_is_none_is_refused(tmp_path, capfd, text):
    (tmp_path / "class.json").write_text(text)
    assert run(["class", "check", str(tmp_path)]) == 2
    assert "class.json is no class.json of netlet's" in capfd.readouterr().err


def test_a_student_in_no_class_is_told_that_data_is_nobodys(made, capfd, tmp_path):
    import netlet as nl
    from netlet.lab.desk import hand_in

    runs = nl.train("flatten - dense(3)", nl.load("crt"), seeds=1, epochs=1, quiet=True)
    hand_in("Mallory", {"q4": runs}, tmp_path)
    assert run(["class", "check", str(made / "c"), str(tmp_path / "results.json")]) == 1
    assert "its crt is none of the class's datasets" in capfd.readouterr().out


def test_handing_in_does_not_write_over_other_results(tmp_path):
    from netlet.errors import FileError
    from netlet.lab.desk import hand_in

    (tmp_path / "results.json").write_text('{"mine": 1}')
    with pytest.raises(FileError, match="is none of netlet's"):
        hand_in("Ada", {}, tmp_path)
