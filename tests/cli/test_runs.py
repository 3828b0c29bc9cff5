import json
import os
import pty
import subprocess
import sys

import numpy as np
import pytest

import netlet as nl
from netlet.errors import FileError
from netlet.store import Store

NETWORK = "conv(2, 3x3) - flatten - dense(1)"
SMALLER = "flatten - dense(1)"


@pytest.fixture
def train(run, dots, tmp_path):
    """Train and return the JSON."""

    def train(*arguments, network=NETWORK):
        path = tmp_path / "results.json"
        code, _, error = run("train", dots, network, "--epochs", 3, "--json", path, *arguments)
        assert code == 0, error
        return json.loads(path.read_text())

    return train


@pytest.fixture
def ids(train, run):
    """Of two experiments, of three seeds and of two."""
    train("--seeds", 3)
    train("--seeds", 2, network=SMALLER)
    return [experiment["id"] for experiment in json.loads(run("runs", "list", "--json")[1])]


def test_what_was_trained_once_is_found(train):
    first, again, more = train("--seeds", 2), train("--seeds", 2), train("--seeds", 3)
    assert (first["found"], again["found"], more["found"]) == (0, 2, 2)
    assert (first["seconds"] > 0, again["seconds"]) == (True, 0)
    for key in ("runs", "summary", "best_seed", "architecture", "settings"):
        assert again[key] == first[key]
    assert more["runs"][:2] == first["runs"]


def test_how_many_were_found_is_printed(run, dots):
    arguments = ["train", dots, NETWORK, "--epochs", 3]
    assert "found" not in run(*arguments, "--seeds", 2)[1]
    assert "53 parameters, 3 seeds, 2 found in the store" in run(*arguments, "--seeds", 3)[1]


def test_fresh_trains_again(train):
    train()
    assert train("--fresh")["found"] == 0
    assert train()["found"] == 1


def test_without_a_store_nothing_is_looked_for_and_nothing_kept(train, default_store):
    train("--no-store")
    assert not default_store.exists()
    train()
    assert train("--no-store")["found"] == 0


def test_a_store_of_ones_own_is_used(train, run, tmp_path, default_store):
    path = tmp_path / "mine.db"
    train("--store", path)
    assert not default_store.exists()
    assert len(json.loads(run("runs", "list", "--json", "--store", path)[1])) == 1
    assert json.loads(run("runs", "list", "--json")[1]) == []


def test_a_store_that_cannot_be_used_is_told_before_training_and_how_to_do_without(run, dots, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("notes " * 100)
    code, out, error = run("train", dots, NETWORK, "--store", path)
    assert code == 2 and "parameters" not in out  # what was recognised in the data has been said
    assert "it is no store" in error
    assert "--no-store" in error
    assert error.count("\n") == 1


def test_a_store_and_none_are_refused(run, dots):
    code, _, error = run("train", dots, NETWORK, "--no-store", "--store", "runs.db")
    assert (code, error) == (2, "--store runs.db and --no-store are both given: give one of them\n")


def test_runs_that_cannot_be_stored_are_printed_and_written_all_the_same(run, dots, tmp_path, monkeypatch):
    def full(*_, **__):
        raise FileError("the disk is full")

    monkeypatch.setattr(Store, "add", full)
    path, save = tmp_path / "results.json", tmp_path / "best.netlet"
    code, out, error = run("train", dots, NETWORK, "--seeds", 2, "--json", path, "--save", save)
    assert code == 2
    assert "53 parameters, 2 seeds" in out
    assert error.splitlines()[-1] == "the disk is full; not all runs that were trained are stored"
    assert len(json.loads(path.read_text())["runs"]) == 2
    assert save.exists()


def test_a_store_without_runs_is_no_mistake(run, default_store):
    code, out, _ = run("runs", "list")
    assert code == 0
    assert f"no runs in {default_store} yet" in out.replace("\n", " ")
    assert json.loads(run("runs", "list", "--json")[1]) == []
    assert not default_store.exists()


def test_experiments_are_listed_in_a_line_each(run, ids):
    lines = [line for line in run("runs", "list")[1].splitlines() if line.strip()]
    assert len(lines) == 2 + len(ids)
    for line, id_, words in zip(lines[2:], ids, ("53", "37"), strict=True):
        assert line.split()[0] == id_
        assert line.split()[1] == "dots"
        assert line.split()[2] == words
    assert lines[2].rstrip().endswith("dense(1, activation=sigmoid)")


def test_the_list_says_as_json_what_training_said(train, run):
    trained = train("--seeds", 3)
    (listed,) = json.loads(run("runs", "list", "--json")[1])
    assert listed["seeds"] == [0, 1, 2]
    assert listed["metric"] == "accuracy"
    for key in ("dataset", "architecture", "parameters"):
        assert listed[key] == trained[key]
    for key in ("median", "best"):
        assert listed[key] == trained["summary"]["validation"]["accuracy"][key]


def test_a_list_may_be_cut_to_the_last(run, ids):
    _, out, _ = run("runs", "list", "--last", 1)
    assert ids[1] in out
    assert ids[0] not in out
    assert "and 1 before: --last 2 shows all" in out
    assert [e["id"] for e in json.loads(run("runs", "list", "--json", "--last", 1)[1])] == ids[1:]
    assert "before" not in run("runs", "list")[1]


def test_a_list_may_be_of_one_dataset(run, ids):
    assert len(json.loads(run("runs", "list", "--dataset", "dots", "--json")[1])) == len(ids)
    assert json.loads(run("runs", "list", "--dataset", "mnist56", "--json")[1]) == []
    assert "no runs on mnist56" in run("runs", "list", "--dataset", "mnist56")[1]


def test_all_there_is_to_an_experiment_is_shown(run, ids):
    code, out, _ = run("runs", "show", ids[0])
    assert code == 0
    for words in (
        "Total params: 53",
        ids[0],
        "epochs 3",
        "arrays in",
        "lower quartile",
        "validation accuracy",
        "core",
    ):
        assert words in out
    alone = run("runs", "show", f"{ids[0]}:2")[1]
    assert len(alone.splitlines()) == len(out.splitlines()) - 2


def test_an_experiment_is_shown_as_json_with_every_number(train, run):
    trained = train("--seeds", 2, "--optimizer", "sgd", "--learning-rate", "1e30", "--epochs", 20)
    (listed,) = json.loads(run("runs", "list", "--json")[1])
    shown = json.loads(run("runs", "show", listed["id"], "--json")[1])
    assert shown["fingerprint"].startswith(listed["id"])
    for key in ("summary", "best_seed", "dataset_content"):
        assert shown[key] == trained[key]
    assert nl.Training(**shown["settings"]) == nl.Training(**trained["settings"])
    for one, other in zip(shown["runs"], trained["runs"], strict=True):
        assert {key: one[key] for key in other} == other
        assert len(one["history"]["val_loss"]) == one["epochs"]
    assert None in shown["runs"][0]["history"]["val_loss"]


def test_distributions_are_set_side_by_side(run, ids):
    code, out, _ = run("runs", "compare", *ids)
    assert code == 0
    for words in (*ids, "53", "37", "specificity", " .. "):
        assert words in out
    compared = json.loads(run("runs", "compare", *ids, "--json")[1])
    assert [one["id"] for one in compared] == ids
    assert compared[0]["summary"]["validation"]["loss"]["count"] == 3
    assert compared[0]["summary"]["test"] is None


def test_a_network_is_exported_with_its_data_for_netlet_look(run, ids, dots, tmp_path):
    path = tmp_path / "best.netlet"
    code, out, _ = run("runs", "export", ids[0], path)
    assert code == 0
    assert str(path) in out
    network = nl.load_network(path)
    about = network.about
    best = nl.train(NETWORK, nl.load(dots), nl.Training(epochs=3), seeds=3).best
    assert about["seed"] == best.seed
    np.testing.assert_array_equal(network.weights[0], best.network.weights[0])
    code, out, error = run("look", path)
    assert code == 0, error
    assert "dots" in out


def test_the_network_of_one_seed_is_exported(run, ids, tmp_path):
    path = tmp_path / "one.netlet"
    assert run("runs", "export", f"{ids[0]}:1", path)[0] == 0
    assert nl.load_network(path).about["seed"] == 1


def test_an_architecture_is_exported_as_keras_code(run, ids, tmp_path):
    path = tmp_path / "model.py"
    assert run("runs", "export", ids[1], path)[0] == 0
    assert "Dense(1, activation=" in path.read_text()
    compile(path.read_text(), "model.py", "exec")


def test_an_export_that_cannot_be_written_is_told(run, ids, tmp_path):
    code, _, error = run("runs", "export", ids[0], tmp_path / "missing" / "best.netlet")
    assert code == 2
    assert "no folder" in error


def test_runs_are_removed(run, ids):
    code, out, _ = run("runs", "rm", f"{ids[0]}:1", ids[1], "--yes")
    assert (code, out) == (0, "3 runs removed\n")
    (left,) = json.loads(run("runs", "list", "--json")[1])
    assert (left["id"], left["seeds"]) == (ids[0], [0, 2])


def test_nothing_is_removed_unless_all_are_there(run, ids):
    assert run("runs", "rm", ids[0], "00000000", "--yes")[0] == 2
    assert len(json.loads(run("runs", "list", "--json")[1])) == 2


def test_without_a_terminal_removing_needs_a_yes(run, ids):
    code, _, error = run("runs", "rm", ids[0])
    assert code == 2
    assert "--yes" in error
    assert len(json.loads(run("runs", "list", "--json")[1])) == 2


@pytest.mark.parametrize(("answer", "code", "left"), [("n", 130, 2), ("y", 0, 1)])
def test_who_sits_at_a_terminal_is_asked(run, ids, answer, code, left):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from netlet.cli import main; main()", "runs", "rm", ids[0]]
    process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    os.write(ours, f"{answer}\n".encode())
    out = process.communicate(timeout=30)[0].decode()
    os.close(ours)
    os.close(theirs)
    assert process.returncode == code
    assert "3 runs of conv" in out
    assert len(json.loads(run("runs", "list", "--json")[1])) == left


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "00000000"], "has no runs 00000000: see netlet runs list"),
        (["show", "nonsense"], "'nonsense' is no id"),
        (["compare", "00000000"], "has no runs"),
        (["export", "00000000", "x.netlet"], "has no runs"),
        (["rm", "00000000", "--yes"], "has no runs"),
        (["list", "--store", "mysql://there/runs"], "cannot be a store"),
    ],
)
def test_a_mistake_is_one_line(run, arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, error = run("runs", *arguments)
    assert (code, out) == (2, "")
    assert words in error
    assert error.count("\n") == 1
