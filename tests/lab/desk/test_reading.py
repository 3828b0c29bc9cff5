import json

import pytest

from netlet.errors import FileError
from netlet.lab.desk import reading, seal
from netlet.lab.desk.reading import read


def refused(path, message):
    with pytest.raises(FileError) as caught:
        read(path)
    text = str(caught.value)
    assert message in text
    assert str(path) in text
    assert "\n" not in text
    assert len(text) < 600


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is no JSON"),
        ("{", "it is no JSON"),
        ("[" * 100_000, "it is nested too deep"),
        ('{"a":' * 5000, "it is nested too deep"),
        ("[" + "1," * 600_000 + "1]", "it has more than 500,000 entries"),
        ("1" * 10_000, "it has numbers that are none of results"),
        ('{"netlet": NaN, "answers": {}}', "it holds NaN"),
        ('{"netlet": "1", "netlet": "2", "answers": {}}', "it tells something twice"),
        ("[]", "the file is a list of 0, but must be a mapping"),
        ("{}", "it holds no results of netlet lab"),
        ('{"netlet": "0.1", "answers": {}}', "its results have version 1, but this netlet checks version 2"),
        ('{"netlet": "0.1", "answers": {}, "results_version": 99}', "have version 99"),
        ('{"netlet": "0.1", "answers": {}, "results_version": "x"}', "have version another one"),
    ],
)
def test_what_is_no_results_is_refused_in_one_line(write, text, message):
    refused(write(text), message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ["x"]}, "name is a list of 1"),
        ({"name": "x" * 5000}, "must be a text of at most 4,000 characters"),
        ({"kind": None}, "kind is None"),
        ({"answers": []}, "answers is a list of 0"),
        ({"answers": {"q1": 3}}, "q1 is 3"),
        ({"answers": {f"q{i}": {} for i in range(300)}}, "has 300 entries, but at most 200"),
        ({"datasets": "x"}, "datasets is 'x'"),
        ({"datasets": [{"name": "crt"}]}, "datasets 1 has no counts"),
    ],
)
def test_what_has_another_form_is_refused(results, write, change, message):
    refused(write(results | change), message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed_list": []}, "seed_list is a list of 0"),
        ({"seed_list": [0, 1, 2, 2]}, "different whole numbers"),
        ({"seed_list": [0, 1, 2, -3]}, "different whole numbers"),
        ({"seed_list": [0, 1, 2, True]}, "different whole numbers"),
        ({"seed_list": [0, 1, 2, 2**63]}, "different whole numbers"),
        ({"weights_sha256": ["x"] * 4}, "64 hexadecimal digits for every seed"),
        ({"weights_sha256": []}, "64 hexadecimal digits for every seed"),
        ({"values": {}}, "given for the splits that metrics are given for"),
        ({"values": {"training": [1] * 4, "validation": [1] * 4, "test": [1, 2]}}, "for every seed"),
        ({"values": {"training": [1] * 4, "validation": ["a"] * 4, "test": [1] * 4}}, "for every seed"),
        ({"parameters": 1e99}, "parameters is 1e+99"),
        ({"parameters": 10**400}, "parameters is a huge number"),
        ({"settings": {"epochs": [1]}}, "settings is a mapping of 1"),
        ({"content_hash": "../../etc/passwd"}, "content_hash is '../../etc/passwd'"),
        ({"metrics": {"validation": {}}}, "values is a mapping of 3"),
        ({"ranked_by": "beauty"}, "ranked_by is 'beauty'"),
    ],
)
def test_a_network_of_another_form_is_refused(results, write, change, message):
    results["answers"]["q1"]["networks"][0] |= change
    refused(write(results), message)


def test_files_that_are_too_large_are_not_read(write, monkeypatch):
    monkeypatch.setitem(reading.LARGEST, ".json", 100)
    refused(write(" " * 101), "is larger than 100 bytes")


def test_what_is_no_file_is_refused(tmp_path):
    refused(tmp_path / "results.json", "does not exist")
    (tmp_path / "folder.json").mkdir()
    refused(tmp_path / "folder.json", "is no ordinary file")
    (tmp_path / "photo.png").write_bytes(b"x")
    refused(tmp_path / "photo.png", "is no results.json, page (.html) or notebook (.ipynb)")
    (tmp_path / "results.json").write_bytes(b"\xff\xfe{")
    refused(tmp_path / "results.json", "is no text in UTF-8")


def test_pages_without_results_or_with_two_are_refused(results, write):
    refused(write("<html></html>", "a.html"), "carries no results")
    page = seal.sealed("<body></body>", results)
    refused(write(page + page, "b.html"), "or more than one block")


def test_results_in_a_page_are_data_that_cannot_end_it(results, write):
    results["name"] = "</script><script>alert(1)</script> & <!--"
    page = seal.sealed("<body></body>", results)
    assert page.count("<script") == 1
    assert "<!--" not in page
    assert read(write(page, "a.html")).claims.student == results["name"]


def test_a_notebooks_results_are_those_of_its_last_output(results, write):
    def cell(name):
        data = {seal.MIME: results | {"name": name}, "text/plain": "Handed in."}
        return {"cell_type": "code", "outputs": [{"output_type": "display_data", "data": data}]}

    notebook = {"nbformat": 4, "metadata": {}, "cells": [cell("Ada"), cell("Bob"), {"cell_type": "markdown"}]}
    assert read(write(notebook, "a.ipynb")).claims.student == "Bob"


@pytest.mark.parametrize(
    "notebook", [{}, {"cells": 3}, {"cells": []}, {"cells": [3, {"outputs": 3}, {"outputs": [{"data": []}]}]}]
)
def test_notebooks_without_results_are_refused(write, notebook):
    refused(write(json.dumps(notebook), "a.ipynb"), "notebook")


def test_an_interrupted_lab_is_told(results, write):
    assert read(write(results | {"is_complete": False})).remarks == (
        "the lab was interrupted: not all questions are answered",
    )
