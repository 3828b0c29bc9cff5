"""What can be wrong with a file or a server: one line that says so, and nothing is lost."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

import netlet as nl
from netlet.errors import FileError
from netlet.store import Store

NETWORK = "flatten - dense(1)"
SHORT = nl.Training(epochs=2)
NOBODY = 65534
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
COMMAND = [
    "train",
    "mnist56",
    "conv(1, 3x3, strides=5) - flatten - dense(1)",
    "--epochs",
    "1",
    "--threads",
    "1",
]


def netlet(where, *arguments, prelude="", **options):
    """Run a command in a process of its own."""
    program = f"{prelude}\nfrom netlet.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments, "--store", where],
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )


def refused(where, dots, words):
    """Both reading and writing must say so, before anything is trained."""
    with Store(where) as store:
        with pytest.raises(FileError, match=words) as error:
            store.train(NETWORK, dots, SHORT)
        assert "\n" not in str(error.value)
        with pytest.raises(FileError, match=words):
            store.list()


def test_a_file_of_another_kind_is_left_alone(tmp_path, dots):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but notes\n" * 100)
    before = path.read_bytes()
    refused(path, dots, "it is no store, but a file of another kind")
    assert path.read_bytes() == before


def test_a_database_of_something_else_is_left_alone(tmp_path, dots):
    path = tmp_path / "bookmarks.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    with Store(path) as store:
        with pytest.raises(FileError, match=r"bookmarks.db holds something else \(bookmarks\)"):
            store.train(NETWORK, dots, SHORT)
        assert store.list() == ()


def test_a_damaged_file_is_told(tmp_path, dots):
    path = tmp_path / "runs.db"
    with Store(path) as store:
        store.train(NETWORK, dots, SHORT)
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    with Store(path) as store, pytest.raises(FileError, match=r"runs.db cannot be used: it is damaged"):
        store.list()


def test_a_folder_is_no_store(tmp_path, dots):
    refused(tmp_path, dots, "is a folder: give the name of a file")


def test_a_missing_folder_is_not_made(tmp_path, dots):
    with Store(tmp_path / "missing" / "runs.db") as store:
        with pytest.raises(FileError, match=r"there is no folder .*missing, make it first"):
            store.train(NETWORK, dots, SHORT)
        assert store.list() == ()
    assert not (tmp_path / "missing").exists()


def test_a_locked_file_is_waited_for_and_then_told(tmp_path, dots, monkeypatch):
    monkeypatch.setattr("netlet.store.database.PATIENCE", 0.2)
    path = tmp_path / "runs.db"
    with Store(path) as store:
        store.train(NETWORK, dots, SHORT)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, Store(path) as store:
        other.execute("BEGIN IMMEDIATE")
        assert store.train(NETWORK, dots, SHORT).found == 1
        with pytest.raises(FileError, match="another program keeps it locked") as error:
            store.train(NETWORK, dots, SHORT, seeds=2)
        assert len(error.value.runs) == 2  # type: ignore[attr-defined]
        other.execute("ROLLBACK")
        assert store.train(NETWORK, dots, SHORT, seeds=2).found == 1


@pytest.fixture
def closed():
    """A folder with a store in it that may be read, but not written to."""
    folder = Path(tempfile.mkdtemp(prefix="netlet-closed-"))
    with Store(folder / "runs.db") as store:
        store.train(NETWORK, nl.load("mnist56"), SHORT)
    folder.chmod(0o555)
    if IS_ROOT:  # who may write anywhere
        os.seteuid(NOBODY)
    yield folder
    if IS_ROOT:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["runs.db", "new.db"])
def test_a_folder_that_may_not_be_written_to_is_told(closed, dots, name):
    before = (closed / "runs.db").read_bytes()
    with Store(closed / name) as store:
        with pytest.raises(FileError, match="its folder may not be written to") as error:
            store.train(NETWORK, dots, SHORT)
        assert "\n" not in str(error.value)
    assert (closed / "runs.db").read_bytes() == before


def test_a_full_disk_costs_neither_what_was_stored_nor_what_was_trained(tmp_path):
    path = tmp_path / "runs.db"
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    done = netlet(path, *COMMAND, "--seeds", "60", prelude=limited)
    assert done.returncode == 2
    assert "60 seeds" in done.stdout
    assert done.stderr.count("\n") == 1
    assert "what was stored is safe" in done.stderr
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with Store(path) as store:
        (experiment,) = store.list()
    assert 3 < len(experiment.runs) < 60
    again = netlet(path, *COMMAND, "--seeds", "60")
    assert again.returncode == 0, again.stderr
    assert f"{len(experiment.runs)} found" in again.stdout


def test_a_disk_that_is_full_from_the_start_is_told_before_training(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        done = netlet(disk / "runs.db", *COMMAND)
    finally:
        subprocess.run(["umount", disk], check=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "no room" in done.stderr or "is full" in done.stderr
    assert "--no-store trains without" in done.stderr


def test_a_server_nobody_answers_at_is_told(dots):
    refused("postgresql://me:secret@127.0.0.1:1/runs", dots, "me:[*]{3}@127.0.0.1:1/runs cannot be used")


def test_a_server_without_its_driver_says_what_to_install(dots, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    refused("postgresql://me@127.0.0.1:1/runs", dots, r"pip install 'netlet\[postgres\]'")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "mysql://me:secret@there/runs",
            r"mysql://me:\*\*\*@there/runs cannot be a store: give a file, or a URL",
        ),
        ("https://example.org/runs.db", "cannot be a store"),
        ("sqlite://", "cannot be a store"),
        ("postgresql://me:secret@there:port/runs", "the URL of the store cannot be read"),
    ],
)
def test_urls_of_another_kind_are_refused(url, words):
    with pytest.raises(FileError, match=words) as error:
        Store(url)
    assert "secret" not in str(error.value)


def test_the_store_is_where_it_is_said_to_be(tmp_path, dots, monkeypatch, default_store):
    assert str(Store()) == str(default_store)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(Store("runs.db")) == str(tmp_path / "runs.db")
    assert str(Store("~/runs.db")) == str(tmp_path / "runs.db")
    assert str(Store("sqlite:///runs.db")) == str(tmp_path / "runs.db")
    monkeypatch.setenv("NETLET_STORE", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if sys.platform == "linux":
        assert str(Store()) == str(tmp_path / "data" / "netlet" / "runs.db")
        with Store() as store:
            store.train(NETWORK, dots, SHORT)
        assert Path(tmp_path / "data" / "netlet" / "runs.db").is_file()


def test_a_name_that_none_can_have_is_refused_in_one_line(store, dots):
    store.train("flatten - dense(1)", dots, nl.Training(epochs=1))
    with pytest.raises(FileError, match="has a character that is none"):
        store.list(search="\ud800")
