"""Keras, the truth that layers and optimizers are held against, is quiet; the user's own runs are safe.

Processes that tests start hear Ctrl-C whatever the tests' own process does with it, and never outlive their
test.
"""

import contextlib
import itertools
import os
import signal
import subprocess
import weakref

import pytest

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["GRPC_VERBOSITY"] = "ERROR"  # which comes with Ray
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # Keras loads TensorFlow where it is installed, which talks
# What is computed here takes less time than optimising its compilation would.
os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"


@pytest.fixture(scope="session", autouse=True)
def _stores(tmp_path_factory):
    """Names of stores that are not there yet; one of them is what fixtures of more than a test use."""
    folder = tmp_path_factory.mktemp("stores")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETLET_STORE", str(folder / "shared.db"))
        yield (folder / f"{number}.db" for number in itertools.count())


@pytest.fixture(autouse=True)
def default_store(_stores, monkeypatch):
    """Where runs are kept if nothing else is said: a store of its own for every test, never the user's."""
    path = next(_stores)
    monkeypatch.setenv("NETLET_STORE", str(path))
    return path


_started: weakref.WeakSet[subprocess.Popen] = weakref.WeakSet()
with contextlib.suppress(ValueError):  # not the main thread
    signal.signal(signal.SIGINT, signal.default_int_handler)  # children inherit it if it is ignored


class _Watched(subprocess.Popen):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        _started.add(self)


@pytest.fixture(autouse=True)
def _no_process_outlives_its_test(monkeypatch):
    before = set(_started)
    monkeypatch.setattr(subprocess, "Popen", _Watched)
    yield
    for process in set(_started) - before:
        if process.poll() is None:
            process.kill()
            process.wait()
