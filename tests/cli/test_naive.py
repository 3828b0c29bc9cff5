"""Naive forecasts beside a training on a series, in what is printed, in JSON and in Python's tables."""

import json

import numpy as np
import pytest

import netlet as nl


@pytest.fixture
def monthly(tmp_path):
    """Ten years of a noisy yearly cycle."""
    months = np.arange(120)
    values = 50 + 10 * np.sin(months * np.pi / 6) + np.random.default_rng(0).normal(0, 1, 120)
    path = tmp_path / "monthly.csv"
    rows = (f"{2000 + i // 12}-{i % 12 + 1:02},{value:.3f}" for i, value in enumerate(values))
    path.write_text("\n".join(["month,sales", *rows]))
    return path


def test_a_training_says_how_good_naive_forecasts_are_and_whether_it_is_no_better(run, monthly, tmp_path):
    kept = tmp_path / "r.json"
    code, out, error = run(
        "train", monthly, "rnn(2)-dense(1)", "--window", 12, "--epochs", 1, "--seeds", 2, "--no-store",
        "--json", kept,
    )  # fmt: skip
    assert code == 0, error
    data = nl.load(monthly, window=12)
    naive = json.loads(kept.read_text())["naive"]
    assert naive == {name: dict(each) for name, each in data.naive.items()}
    value = naive["seasonal (12)"]["test"]["normalised_error"]
    assert f"{value:.4f} on test" in out
    assert "no better than a naive forecast" in out
    assert "season: 12 rows" in out


def test_a_network_that_is_better_is_not_told_off_and_tables_have_the_figures(monthly):
    data = nl.load(monthly, window=12)
    runs = nl.train("flatten - dense(1)", data, epochs=400, batch_size=16, learning_rate=0.01, quiet=True)
    assert "naive forecasts, normalised error: last value" in str(runs)
    assert "no better" not in str(runs)
    assert any("seasonal (12)" in line for line in runs.remarks())


def test_what_is_no_series_has_no_naive_forecast(dots, run):
    assert nl.load(dots).naive == {}
    assert "naive" not in run("train", dots, "flatten-dense(1)", "--epochs", 1, "--no-store")[1]


def test_evaluate_compare_and_search_say_it_too(run, monthly, tmp_path):
    kept, store = tmp_path / "k.netlet", tmp_path / "runs.db"
    series = ["--window", 12, "--horizon", 2, "--season", 6, "--store", store]
    data = nl.load(monthly, window=12, horizon=2, season=6)
    naive = {name: dict(each) for name, each in data.naive.items()}
    assert list(naive) == ["last value", "seasonal (6)"]
    short = ["--epochs", 1, "--json", "-"]
    code, out, error = run("train", monthly, "rnn(2)-dense(2)", *series, *short, "--save", kept)
    assert code == 0 and json.loads(out)["naive"] == naive, error
    code, out, error = run("evaluate", kept, monthly, "--json")
    assert code == 0 and json.loads(out)["naive"] == naive, error
    assert "naive forecasts, normalised error: last value" in run("evaluate", kept, monthly)[1]
    networks = ["rnn(2)-dense(2)", "gru(2)-dense(2)"]
    code, out, error = run("compare", monthly, *networks, *series, "--seeds", 2, *short)
    assert code == 0 and json.loads(out)["naive"] == naive, error
    assert "naive forecasts" in error
    code, out, error = run(
        "search", monthly, *series, "--at-most", "mae=50", "--candidates", 2, "--seeds", 2, "--json", "-"
    )
    assert code == 0 and json.loads(out)["naive"] == naive, error
    assert "naive forecasts, mae: last value" in error


def test_series_of_the_archive_are_trained_by_their_stem(run, tmp_path, monkeypatch):
    head = "@classLabel true low high\n@data\n"
    rows = "".join(f"{k % 2},{k % 2 + k / 90},{k % 3}:{('low', 'high')[k % 2]}\n" for k in range(20))
    for part in ("TRAIN", "TEST"):
        (tmp_path / f"Tiny_{part}.ts").write_text(head + rows)
    monkeypatch.chdir(tmp_path)
    code, out, error = run("train", "Tiny", "flatten-dense(1)", "--epochs", 1, "--save", "t.netlet")
    assert code == 0, error
    assert "classes: low, high" in out and "4 of 20 training samples" in out
    code, out, error = run("evaluate", "t.netlet", "Tiny_TEST.ts", "--json")
    assert code == 0 and json.loads(out)["test"]["examples"] == 20, error
    code, _, error = run("train", "Tiny", "flatten-dense(1)", "--json", "Tiny_TEST.ts", "--epochs", 1)
    assert code == 2 and (tmp_path / "Tiny_TEST.ts").read_text() == head + rows, error
