"""Locks between processes."""

import os
import signal
import subprocess
import sys

import pytest

from netlet.errors import FileError
from netlet.locks import locked

HOLDER = """
import sys, time
from pathlib import Path
from netlet.locks import locked
with locked(Path(sys.argv[1])) as is_ours:
    print(is_ours, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has the lock."""
    path = tmp_path / "some.lock"
    process = subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    yield path, process
    process.kill()
    process.wait()
    process.stdout.close()


def test_one_has_it_at_a_time_and_no_file_is_left(tmp_path):
    path = tmp_path / "some.lock"
    with locked(path) as first, locked(path) as second:
        assert (first, second) == (True, False)
    with locked(path) as again:
        assert again
    assert not path.exists()


def test_a_folder_can_be_locked_and_stays(tmp_path):
    with locked(tmp_path) as first, locked(tmp_path) as second:
        assert (first, second) == (True, False)
    assert tmp_path.is_dir()


def test_a_lock_goes_with_the_process_that_was_killed(holder):
    path, process = holder
    with locked(path) as is_ours:
        assert not is_ours
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert path.exists()
    with locked(path) as is_ours:
        assert is_ours
    assert not path.exists()


def test_a_file_that_cannot_be_made_is_told(tmp_path):
    with pytest.raises(FileError, match="missing"), locked(tmp_path / "missing" / "some.lock"):
        pass
