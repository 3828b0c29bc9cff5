import os
import signal
import subprocess
import sys
from functools import partial
from math import sqrt

import pytest

from netlet.errors import DataError
from netlet.lab import second_process


def test_work_is_done_in_another_process_which_stays_the_same():
    first, second = (second_process.submit(os.getpid).result() for _ in range(2))
    assert first == second != os.getpid()


def test_what_cannot_be_sent_is_done_here():
    assert second_process.submit(lambda: os.getpid()).result() == os.getpid()


def test_an_error_comes_back_as_it_was():
    with pytest.raises(ValueError, match="no number"):
        second_process.submit(partial(int, "no number")).result()
    with pytest.raises(DataError, match="no class"):
        second_process.submit(partial(_fail, DataError("no class", row=3))).result()


def _fail(error):
    raise error


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a system with SIGKILL")
def test_if_it_is_ended_from_outside_work_is_done_all_the_same():
    process = second_process.submit(os.getpid).result()
    assert process != os.getpid()
    os.kill(process, signal.SIGKILL)
    assert second_process.submit(os.getpid).result() > 0
    assert second_process.submit(partial(sqrt, 4)).result() == 2


def test_it_ends_with_the_first_process():
    code = (
        "import os; from netlet.lab.second_process import *; print(submit(os.getpid).result()); os._exit(0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    # Its standard error is the pipe that has just been read to its end, so it is closed.
    assert int(ended.stdout) > 0 and ended.stderr == ""
