import json

import numpy as np
import pytest

from netlet.errors import FileError
from netlet.store import Store

NETWORKS = ("flatten - dense(1)", "globalavgpool - dense(1)")


@pytest.fixture
def waves(tmp_path):
    """Sequences of one's own, with a target at every step."""
    x = np.random.default_rng(0).normal(size=(20, 6, 1)).astype(np.float32)
    path = tmp_path / "waves.npz"
    np.savez(path, x_train=x, y_train=x, x_val=x, y_val=x)
    return path


@pytest.fixture
def compare(run, dots, tmp_path):
    """Compare and return the JSON, and what was printed."""

    def compare(*arguments, dataset=dots):
        path = tmp_path / "found.json"
        code, out, error = run("compare", dataset, *arguments, "--epochs", 5, "--json", path)
        assert code == 0, error
        return json.loads(path.read_text()), out

    return compare


def test_two_networks_are_set_against_each_other(compare):
    found, out = compare(*NETWORKS, "--seeds", 4, "--learning-rate", 0.05)
    assert [one["parameters"] for one in found["contenders"]] == [37, 2]
    assert [one["seeds"] for one in found["contenders"]] == [4, 4]
    medians = [one["metrics"]["validation"]["accuracy"]["median"] for one in found["contenders"]]
    (pair,) = found["pairs"]
    assert pair["validation"]["difference"] == pytest.approx(medians[0] - medians[1])
    assert pair["validation"]["low"] <= pair["validation"]["difference"] <= pair["validation"]["high"]
    assert found["ranking"] == [0, 1]
    assert "A is" in out
    assert "better than B" in out
    assert all(f"{one['settings']['learning_rate']}" == "0.05" for one in found["contenders"])


def test_cells_have_sizes_within_the_range(compare, waves):
    found, out = compare("--cells", "rnn,gru,lstm", "--parameters", "40-80", "--seeds", 2, dataset=waves)
    assert [one["architecture"].partition("(")[0] for one in found["contenders"]] == ["rnn", "gru", "lstm"]
    assert all(40 <= one["parameters"] <= 80 for one in found["contenders"])
    assert len(found["pairs"]) == 3
    assert "all pairs together" in out


def test_rates_are_tried_alike_and_an_end_is_said(compare):
    found, out = compare(*NETWORKS, "--seeds", 2, "--learning-rates", "0.00001, 0.05")
    for one in found["contenders"]:
        assert [rate["learning_rate"] for rate in one["rates"]] == [0.00001, 0.05]
    assert "try rates beyond it" in out


def test_the_figure_is_drawn(compare, tmp_path):
    compare(*NETWORKS, "--seeds", 2, "--figure", tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_kept_is_not_trained_again(compare, run, dots, default_store):
    compare(*NETWORKS, "--seeds", 3)
    with Store() as store:
        ended = [run.ended for experiment in store.list() for run in experiment.runs]
    assert len(ended) == 6
    compare(*NETWORKS, "--seeds", 3)
    with Store() as store:
        assert [run.ended for experiment in store.list() for run in experiment.runs] == ended
    assert run("compare", dots, *NETWORKS, "--epochs", 2, "--seeds", 2, "--no-store")[0] == 0
    with Store() as store:
        assert len(store.list()) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing is given"),
        ((NETWORKS[0],), "only flatten"),
        ((NETWORKS[0], NETWORKS[0]), "twice"),
        ((*NETWORKS, "--seeds", 1), "at least 2"),
        ((*NETWORKS, "--seeds", 0), "--seeds"),
        ((*NETWORKS, "--cells", "rnn,gru", "--parameters", "1-9"), "both given"),
        ((*NETWORKS, "--parameters", "1-9"), "--cells"),
        ((*NETWORKS, "--learning-rates", "0.1,x"), "numbers"),
        ((*NETWORKS, "--learning-rates", "0.1,-1"), "above 0"),
        ((*NETWORKS, "--learning-rates", "0.1", "--learning-rate", "0.1"), "both given"),
        ((*NETWORKS, "--learning-rate", "0"), "--learning-rate"),
        ((*NETWORKS, "--figure", "missing/figure.png"), "missing"),
        ((*NETWORKS, "--figure", "figure.txt"), ".png"),
        ((*NETWORKS, "--store", "a.db", "--no-store"), "both given"),
        ((NETWORKS[0], "conv(2, 9x9) - flatten - dense(1)"), "9"),
        (("--cells", "rnn,gru", "--parameters", "10-90"), "images"),
    ],
)
def test_what_cannot_be_compared_is_one_line(run, dots, monkeypatch, arguments, said):
    monkeypatch.setattr("netlet.store.trained.train", lambda *_: pytest.fail("trained"))
    code, _, error = run("compare", dots, *arguments)
    assert code == 2
    assert said in error
    assert error.count("\n") == 1, error


@pytest.mark.parametrize(
    ("cells", "parameters", "said"),
    [
        ("rnn,gru", None, "150-200"),
        ("rnn,gru", "many", "150-200"),
        ("rnn,gru", "200-150", "range"),
        ("rnn,gru", "3-4", "nearest"),
        ("rnn,cnn", "40-80", "cnn"),
        ("rnn", "40-80", "two or three"),
    ],
)
def test_cells_that_cannot_be_compared_are_one_line(run, waves, cells, parameters, said):
    size = [] if parameters is None else ["--parameters", parameters]
    code, _, error = run("compare", waves, "--cells", cells, *size)
    assert code == 2
    assert said in error
    assert error.count("\n") == 1, error


def test_a_full_disk_costs_no_comparison(run, dots, monkeypatch):
    def fail(*_, **__):
        raise FileError("the disk is full")

    monkeypatch.setattr(Store, "add", fail)
    code, out, error = run("compare", dots, *NETWORKS, "--epochs", 2, "--seeds", 2)
    assert code == 2
    assert "better than" in out
    assert "the disk is full" in error
