"""Processes that are killed at any moment, and several at once."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import netlet as nl
from netlet.store import Store

KEEPER = Path(__file__).with_name("keeper.py")


def keeper(where, seeds, rounds):
    return subprocess.Popen(
        [sys.executable, KEEPER, where, str(seeds), str(rounds)], stdout=subprocess.PIPE, text=True
    )


def stored(where):
    with Store(where) as store:
        return [run.seed for experiment in store.list() for run in experiment.runs]


def assert_sound(path):
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_kill_at_any_moment_loses_no_run_and_none_is_trained_twice(where):
    seeds, rounds = 25, 14
    process = keeper(where, seeds, rounds)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    told = [[int(seed) for seed in line.split()] for line in out.splitlines()]
    assert len(told) == rounds + 1
    assert sum(bool(line) for line in told[:-1]) >= rounds // 2
    assert told[-1]
    every = [seed for line in told for seed in line]
    assert len(every) == len(set(every))
    asked_for = seeds * (rounds + 1)
    assert stored(where) == list(range(asked_for))
    # A child may be killed after it has stored a run and before it could say so.
    assert asked_for - rounds <= len(every) <= asked_for
    if "://" not in where:
        assert_sound(where)


def test_several_processes_at_once_make_one_store(where):
    processes = [keeper(where, seeds, 0) for seeds in (30, 45, 40)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert stored(where) == list(range(45))


def test_the_command_goes_on_where_it_was_killed(default_store, tmp_path):
    network = "conv(1, 3x3, strides=5) - flatten - dense(1)"
    command = [sys.executable, "-c", "from netlet.cli import main; main()", "train", "mnist56", network]
    killed = subprocess.Popen([*command, "--seeds", "1000000"], stdout=subprocess.DEVNULL)
    while not default_store.exists() or len(stored(default_store)) < 3:
        assert killed.poll() is None
        time.sleep(0.02)
    killed.kill()
    killed.wait()
    there = stored(default_store)
    assert_sound(default_store)
    again = [*command, "--seeds", str(max(there) + 1)]
    done = subprocess.run(again, capture_output=True, text=True, check=True)
    assert f"{len(there)} found in the store" in done.stdout


def test_a_file_that_was_left_half_made_is_no_obstacle(tmp_path):
    path = tmp_path / "runs.db"
    path.touch()
    data = nl.load("mnist56")
    with Store(path) as store:
        assert store.list() == ()
        store.train("flatten - dense(1)", data, nl.Training(epochs=1))
        assert len(store.list()) == 1


def test_readers_and_a_writer_do_not_wait_for_each_other(tmp_path, monkeypatch):
    monkeypatch.setattr("netlet.store.database.PATIENCE", 0.1)
    path = tmp_path / "runs.db"
    data = nl.load("mnist56")
    settings = nl.Training(epochs=1)
    with Store(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as reader:
        store.train("flatten - dense(1)", data, settings)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM netlet_runs").fetchone() == (1,)
        store.train("flatten - dense(1)", data, settings, seeds=2)
        assert reader.execute("SELECT count(*) FROM netlet_runs").fetchone() == (1,)
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM netlet_runs").fetchone() == (2,)
