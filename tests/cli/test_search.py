import json
import os
import signal
import threading
import time

import pytest

import netlet as nl
from netlet.errors import FileError
from netlet.network import load_network
from netlet.store import Store


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the command runs."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def search(run, dots, folder):
    """Search on the dots, among a few candidates: code, output, errors, and the JSON."""

    def search(*arguments, at_least="accuracy=0.9", candidates=70, seeds=4):
        path = folder / "found.json"
        size = ("--candidates", candidates, "--seeds", seeds)
        code, out, error = run("search", dots, "--at-least", at_least, *size, "--json", path, *arguments)
        return code, out, error, json.loads(path.read_text()) if path.exists() else None

    return search


def test_a_search_tells_its_answer_and_leaves_it_in_files(search, run, folder):
    code, out, error, found = search("--resume", "first", "--margin", 0, "--out", "search-first")
    assert code == 0, error
    answer = found["answer"]
    assert answer["metrics"]["validation"]["accuracy"]["median"] >= 0.9
    assert answer["seeds"] == 4
    assert answer["metrics"]["test"] is None  # the dots have no test split
    assert answer["share_reached"]["test"] is None
    assert answer["parameters"] == min(
        point["parameters"]
        for point in found["front"]
        if point["metrics"]["validation"]["accuracy"]["median"] >= 0.9
    )
    assert str(answer["parameters"]) in out
    assert answer["architecture"] in out
    assert "flatter" in out  # how it was chosen
    assert answer == json.loads((folder / "search-first" / "results.json").read_text())["answer"]
    assert (folder / "search-first" / "front.png").stat().st_size > 10_000
    network = nl.load_network(folder / "search-first" / "answer.netlet")
    assert network.parameters == answer["parameters"]
    built = {}
    exec((folder / "search-first" / "answer.py").read_text(), built)
    assert built["model"].count_params() == answer["parameters"]
    assert run("look", folder / "search-first" / "answer.netlet", "--out", folder / "seen")[0] == 0


def test_the_front_gets_better_with_every_parameter(search):
    front = search()[3]["front"]
    sizes = [point["parameters"] for point in front]
    medians = [point["metrics"]["validation"]["accuracy"]["median"] for point in front]
    assert sizes == sorted(set(sizes))
    assert medians == sorted(set(medians))


def test_by_the_best_seed_less_is_asked_than_by_the_worst(search):
    worst, best = (search("--of", of, "--resume", "mine")[3]["answer"] for of in ("q0", "best"))
    assert best["parameters"] <= worst["parameters"]
    assert worst["share_reached"]["validation"] == 1
    assert best["best"]["validation"]["accuracy"] == best["value"]["validation"] >= 0.9


def test_a_resumed_search_goes_on_and_trains_nothing_again(search, default_store):
    first = search("--resume", "mine", candidates=65)[3]
    with Store() as store:
        before = {(e.fingerprint, run.seed): run.ended for e in store.list() for run in e.runs}
    again = search("--resume", "mine", candidates=65)[3]
    assert (again["begun"], again["trained"]) == (0, 0)
    assert again["answer"] == first["answer"]
    more = search("--resume", "mine", candidates=75)[3]
    assert more["candidates"] == 75
    assert 0 < more["begun"] <= 10
    with Store() as store:
        after = {(e.fingerprint, run.seed): run.ended for e in store.list() for run in e.runs}
    assert before.items() <= after.items()
    assert len(after) == len(before) + more["trained"]


def test_a_target_that_nothing_reaches_is_said_and_the_best_front_shown(search, folder):
    code, out, _, found = search("--max-parameters", 3, "--out", "out", at_least="accuracy=0.999")
    assert code == 0
    assert found["answer"] is None
    assert found["front"]
    assert all(point["parameters"] <= 3 for point in found["front"])
    assert "reaches accuracy >= 0.999 in the median seed." in out
    assert not (folder / "out" / "answer.netlet").exists()


def test_what_another_search_has_trained_is_found(search):
    first, second = (search("--resume", name)[3] for name in ("one", "two"))
    assert first["known"] == 0
    assert second["known"] > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--at-least", "beauty=1"), "no metric 'beauty'"),
        (("--at-least", "accuracy"), "metric=number"),
        (("--at-least", "accuracy=1.5"), "at most 1"),
        (("--at-least", "accuracy=nan"), "above 0"),
        (("--at-least", "accuracy=0.9", "--of", "mean"), "best, median"),
        (("--at-least", "accuracy=0.9", "--of", "q101"), "best, median"),
        (("--at-least", "accuracy=0.9", "--max-parameters", "0"), "--max-parameters is 0"),
        (("--at-least", "accuracy=0.9", "--minutes", "0"), "--minutes is 0"),
        (("--at-least", "accuracy=0.9", "--minutes", "nan"), "--minutes is nan"),
        (("--at-least", "accuracy=0.9", "--candidates", "0"), "--candidates is 0"),
        (("--at-least", "accuracy=0.9", "--seeds", "0"), "--seeds"),
        (("--at-least", "accuracy=0.9", "--seed", "-1"), "--seed is -1"),
        (("--at-least", "accuracy=0.9", "--seed", str(2**70)), "below 2**63"),
        (("--at-least", "accuracy=0.9", "--resume", "../x"), "no name"),
        (("--at-least", "accuracy=0.9", "--json", "missing/file.json"), "missing"),
        (("--at-least", "accuracy=0.9", "--out", "missing/out"), "missing"),
        (("--at-least", "accuracy=0.9", "--ray", "auto", "--threads", "2"), "--threads"),
        (("--at-least", "accuracy=0.9", "--store", "missing/runs.db"), "missing"),
        (("--at-least", "accuracy=0.9", "--ray", "127.0.0.1:9"), "no Ray cluster answers at 127.0.0.1:9"),
        (("--at-least", "accuracy=0.9", "--ray", "nowhere"), "no address of a Ray cluster"),
    ],
)
def test_what_cannot_be_done_is_one_line_before_anything_is_trained(
    run, dots, folder, monkeypatch, arguments, said
):
    monkeypatch.setattr("netlet.search.executors.protocol.train", lambda *_: pytest.fail("trained"))
    code, _, error = run("search", dots, *arguments)
    assert code == 2
    assert said in error
    assert error.count("\n") == 1, error
    assert not list(folder.iterdir())


def test_the_seed_of_a_search_decides_what_is_tried_and_is_said(search):
    def tried(seed, store):
        where = ("--seed", seed, "--store", store, "--threads", 1)
        code, out, error, found = search(*where, candidates=8, seeds=1)
        assert code == 0, error
        assert found["seed"] == seed
        assert f"8 networks chosen from seed {seed}" in out
        with Store(store) as kept:
            return {each.architecture for each in kept.list()}

    first = tried(3, "a.db")
    assert tried(3, "b.db") == first
    assert tried(4, "c.db") != first


def test_a_search_of_that_name_for_something_else_is_refused(search):
    assert search("--resume", "mine", candidates=3)[0] == 0
    code, _, error, _ = search("--resume", "mine", at_least="loss=0.5", candidates=3)
    assert code == 2
    assert "metric accuracy" in error


def test_a_search_says_its_name_at_once(search):
    error = search("--resume", "mine", candidates=3)[2]
    assert error.startswith("search mine: whatever happens, --resume mine goes on with it\n")


def test_searches_are_listed_and_forgotten_and_their_runs_stay(search, run, default_store):
    assert "no searches" in run("runs", "searches")[1]
    assert json.loads(run("runs", "searches", "--json")[1]) == []
    for name in ("one", "two"):
        search("--resume", name, candidates=3)
    listed = json.loads(run("runs", "searches", "--json")[1])
    assert [(one["search"], one["networks"]) for one in listed] == [("one", 3), ("two", 3)]
    assert "two" in run("runs", "searches")[1]
    kept = run("runs", "list", "--json")[1]
    code, _, error = run("runs", "forget", "two", "three")
    assert code == 2
    assert "no search 'three': it has one, two" in error
    assert run("runs", "forget", "two")[0] == 0
    assert [one["search"] for one in json.loads(run("runs", "searches", "--json")[1])] == ["one"]
    assert run("runs", "list", "--json")[1] == kept


def test_nobody_joins_a_search_that_another_process_is_at(search, default_store):
    with Store() as store, store.held("mine"):
        code, _, error, _ = search("--resume", "mine", candidates=3)
        assert code == 2
        assert "another process is at the search mine" in error
        assert search("--resume", "other", candidates=3)[0] == 0
    assert search("--resume", "mine", candidates=3)[0] == 0


def test_the_exported_network_is_the_best_by_the_metric_asked_for(search, folder):
    found = search("--of", "best", "--out", "out", at_least="sensitivity=0.9")[3]["answer"]
    network = load_network(folder / "out" / "answer.netlet")
    about = network.about
    assert about["seed"] == found["best"]["seed"]
    assert found["best"]["validation"]["sensitivity"] >= 0.9
    assert network.architecture.parameters(network.input_shape) == found["parameters"]


def test_an_answer_of_before_does_not_stay_beside_a_search_without_one(search, folder):
    assert search("--resume", "mine", "--out", "out")[3]["answer"]
    assert search("--resume", "mine", "--out", "out", at_least="accuracy=1.0", candidates=70)[3] is not None
    found = search("--resume", "mine", "--out", "out", "--max-parameters", 3, at_least="accuracy=1.0")[3]
    assert found["answer"] is None
    assert all(point["parameters"] <= 3 for point in found["front"])
    assert not (folder / "out" / "answer.netlet").exists()
    assert not (folder / "out" / "answer.py").exists()


def test_nothing_is_written_into_the_data(run, folder, tmp_path):
    for name in ("a", "b"):
        (tmp_path / "images" / name).mkdir(parents=True)
    for arguments in (
        ("--out", tmp_path / "images" / "out"),
        ("--json", tmp_path / "images" / "a" / "x.png"),
    ):
        (tmp_path / "images" / "a" / "x.png").write_bytes(b"")
        code, _, error = run("search", tmp_path / "images", "--at-least", "accuracy=0.9", *arguments)
        assert code == 2, error
        assert not (tmp_path / "images" / "out").exists()


def test_ctrl_c_shows_what_was_found(search, dots, folder, run):
    def interrupt():
        with Store() as store:
            while not store.searches() or len(store.list()) < 70:
                time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    code, out, _, found = search(candidates=100_000)
    assert code == 130
    assert found["interrupted"]
    assert found["front"]
    assert "interrupted" in out


def test_a_disk_that_fills_up_costs_no_result(search, monkeypatch):
    add, added = Store.add, []

    def fail(*arguments, **named):
        added.append(0)
        if len(added) > 120:
            raise FileError("the disk is full")
        return add(*arguments, **named)

    monkeypatch.setattr(Store, "add", fail)
    code, out, error, found = search(candidates=100_000)
    assert code == 2
    assert "the disk is full" in error
    assert found["front"]
    assert "parameters" in out


def test_a_network_is_searched_for_hardware_and_left_as_a_program(search, folder):
    limits = ("--max-flash", "1k", "--max-ram", 200, "--max-macs", "2k", "--int8")
    code, out, error, found = search(*limits, "--out", "small", "--margin", 0, candidates=40)
    assert code == 0, error
    assert found["hardware"] == {"max_flash": 1024, "max_ram": 200, "max_macs": 2000, "int8": True}
    costs = found["answer"]["costs"]
    assert costs["flash"] <= 1024
    assert costs["ram"] <= 200
    assert costs["multiply_adds"] <= 2000
    assert f"Written in C in int8 it needs {costs['flash']:,} bytes of flash" in out
    program = (folder / "small" / "answer.h").read_text()
    assert f"It needs {costs['flash']:,} bytes of flash" in program
    assert "int8_t" in program


@pytest.mark.parametrize("option", ["--max-flash", "--max-ram", "--max-macs"])
def test_a_size_that_makes_no_sense_is_refused_by_its_option(run, dots, folder, option):
    code, _, error = run("search", dots, "--at-least", "accuracy=0.9", option, "8x")
    assert code == 2
    assert error.strip().splitlines() == [f"{option} is '8x', but must be a number such as " + (
        "50000 or 50k" if option == "--max-macs" else "8192 or 8k"
    )]  # fmt: skip
