import json

from netlet.lab.report.results import as_json, to_bytes


def test_networks_stand_beside_the_notebooks_figures(make_answer, about):
    results = json.loads(to_bytes(as_json([make_answer("q1"), make_answer("q2")], about)))
    assert list(results["answers"]) == ["q1", "q2"]
    network = results["answers"]["q1"]["networks"][0]
    assert network["architecture"] == "flatten - dense(1, activation=sigmoid)"
    assert network["parameters"] == 1037
    assert network["seeds"] == 3
    assert network["metrics"]["validation"]["accuracy"]["median"] == 0.92
    assert network["metrics"]["validation"]["accuracy"]["best"] == 0.95
    assert network["metrics"]["test"] is None
    assert network["notebook"]["validation"]["accuracy"] == 0.93
    assert network["settings"]["epochs"] == 30


def test_what_is_not_finite_is_null(make_answer, make_network, about):
    from netlet.metrics import summarise

    diverged = {"validation": {"loss": summarise([float("nan")] * 3, False)}}
    text = to_bytes(as_json([make_answer(networks=(make_network(metrics=diverged),))], about)).decode()
    assert "NaN" not in text
    assert "Infinity" not in text
    spread = json.loads(text)["answers"]["q1"]["networks"][0]["metrics"]["validation"]["loss"]
    assert spread["median"] is None
    assert spread["diverged"] == 3


def test_what_was_measured_is_told_in_numbers(make_answer, about):
    results = json.loads(to_bytes(as_json([make_answer()], about)))
    answer = results["answers"]["q1"]
    assert answer["evidence"] == {"dots": [{"at": 0.5, "lost": None}]}
    assert answer["networks"][0]["best_run"]["validation"] == {"accuracy": 0.95, "loss": None}


def test_everything_the_notebook_gives_is_told(make_answer, make_network, about, exercise):
    for key, other in (("reversed", 0.08056), ("r3", 0.78)):
        printed = exercise.networks[key].printed
        results = as_json([make_answer(networks=(make_network(printed=printed),))], about)
        found = results["answers"]["q1"]["networks"][0]["notebook"]
        assert list(found["other"].values()) == [other]


def test_tables_are_told_as_rows_and_paragraphs_as_text(make_answer, about):
    found = as_json([make_answer()], about)["answers"]["q1"]
    rows = [["upper", "20"], ["lower", "1,020"]]
    assert found["tables"] == [{"caption": "Counts.", "head": ["class", "images"], "rows": rows}]
    assert found["text"] == ["It is <b>there</b>."]
    assert found["answer"] == "In flatten - dense(1)."


def test_figures_are_named_as_files(make_answer, about):
    figures = as_json([make_answer()], about)["answers"]["q1"]["figures"]
    assert figures == [{"file": "figures/q1-dots.svg", "caption": "Dots.", "alt": 'A "dot".'}]


def test_how_it_came_about_is_told(make_answer, about):
    results = as_json([make_answer()], about)
    assert results["machine"] == "a machine"
    assert results["datasets"][0]["content_hash"] == "ab" * 32
    assert results["is_complete"]
