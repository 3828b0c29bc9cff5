"""A search that is killed again and again ends as if it had not been."""

import json
import sqlite3
import subprocess
import sys
from collections import defaultdict
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from optuna.trial import TrialState

from netlet.search import study
from netlet.store import Store

SEARCHER = Path(__file__).with_name("searcher.py")
KILLS, CANDIDATES, SEEDS = 20, 400, 6


def accuracy(run):
    return run.metrics["validation"]["accuracy"]


def test_a_kill_at_any_moment_loses_no_run_and_none_is_trained_twice(tmp_path):
    where = tmp_path / "runs.db"
    command = [sys.executable, SEARCHER, where, *map(str, (CANDIDATES, SEEDS, KILLS))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == KILLS + 1

    # What was stored stays as it was: a run that is trained again would have ended later.
    stored = [{(fingerprint, seed): ended for fingerprint, seed, ended in one["runs"]} for one in told]
    for before, after in pairwise(stored):
        assert before.items() <= after.items()
    grown = [len(after) - len(before) for before, after in pairwise([{}, *stored])]
    assert sum(count > 0 for count in grown[:-1]) >= KILLS / 2
    assert grown[-1] > 0  # the last was needed
    assert sum(one["found"] == "" for one in told) >= KILLS / 2

    # In the end all is there, each run once.
    found = told[-1]["found"]
    assert found["problem"] is None
    assert found["candidates"] == CANDIDATES
    assert all(seeds == list(range(SEEDS)) for _, seeds in found["front"])
    assert found["runs"] == len(told[-1]["runs"]) == len(stored[-1])
    assert found["trained"] == grown[-1]
    seeds = defaultdict(set)
    for fingerprint, seed in stored[-1]:
        seeds[fingerprint].add(seed)
    assert len(seeds) == CANDIDATES
    assert all(of_it == set(range(len(of_it))) for of_it in seeds.values())

    with Store(where) as store:
        whole = [experiment for experiment in store.list() if len(experiment.runs) == SEEDS]
        worst = sorted((e.parameters, -min(map(accuracy, e.runs))) for e in whole)
        front = [pair for at, pair in enumerate(worst) if all(pair[1] < other for _, other in worst[:at])]
        assert front
        assert [size for size, _ in found["front"]] == [size for size, _ in front]
        trials = study(store, "killed").trials
    assert {trial.state for trial in trials} == {TrialState.COMPLETE}
    first = [json.dumps(trial.params, sort_keys=True) for trial in trials if trial.user_attrs["seeds"] == 1]
    assert len(first) == len(set(first)) == CANDIDATES
    asked = [(json.dumps(trial.params, sort_keys=True), trial.user_attrs["seeds"]) for trial in trials]
    assert len(asked) == len(set(asked))
    with closing(sqlite3.connect(where)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
