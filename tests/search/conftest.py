"""Data on which a run takes milliseconds, and an executor that does one run after the other."""

from dataclasses import replace

import numpy as np
import pytest

import netlet as nl
from netlet.search.executors import carry_out
from netlet.store import Store


class OneByOne:
    """Trains when it is waited for, in the order asked for, so that a search is the same every time.

    `tasks` are all it was given. `refuse` may say what comes of a task in the place of a training. What any
    of them has trained, the others remember.
    """

    workers = 1
    _remembered: dict = {}  # noqa: RUF012 (shared on purpose)

    def __init__(self, data, refuse=lambda task: None, room=1):
        self._data, self._refuse, self._room = data, refuse, room
        self._waiting, self.tasks, self.is_closed = [], [], False
        self.content_hash = data.content_hash

    @property
    def room(self):
        return self._room - len(self._waiting)

    def submit(self, tasks):
        self._waiting += tasks
        self.tasks += tasks

    def wait(self, timeout):
        done, self._waiting = self._waiting, []
        return [self._outcome(task) for task in done]

    def close(self):
        self.is_closed = True

    def _outcome(self, task):
        if (refused := self._refuse(task)) is not None:
            return refused
        key = self._data.content_hash, task.architecture, task.training, task.seed, task.int8
        if key not in self._remembered:
            self._remembered[key] = carry_out(task, self._data)
        return replace(self._remembered[key], task=task)


@pytest.fixture
def one_by_one():
    return OneByOne


@pytest.fixture(scope="session")
def dots():
    """A dot in the upper or in the lower half of 6 x 6 pixels; no test split."""
    rng = np.random.default_rng(0)

    def split(count):
        labels = np.arange(count) % 2
        images = np.zeros((count, 6, 6, 1), dtype=np.float32)
        images[np.arange(count), rng.integers(3, size=count) + 3 * labels, rng.integers(6, size=count)] = 1
        return images, labels

    return nl.Dataset("dots", split(100), split(60), source="dots in halves")


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "runs.db") as store:
        yield store
