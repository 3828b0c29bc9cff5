"""Trains and stores in children that are killed (SIGKILL) at random moments, and tells what they stored.

Run as `python keeper.py STORE SEEDS ROUNDS`. A child more than there are rounds is started, one after the
other; each asks for so many seeds more than the one before. A line a child is printed: the seeds of the
runs that it saw stored. Half of the children are killed at any moment, half soon after their first run, and
the last not at all.
"""

import os
import random
import select
import signal
import sys
import time

import numpy as np

import netlet as nl
from netlet.store import Store


class Telling(Store):
    """Tells of every run once it is stored."""

    def __init__(self, where, pipe):
        super().__init__(where)
        self._pipe = pipe

    def add(self, run, *arguments, **options):
        values = super().add(run, *arguments, **options)
        os.write(self._pipe, f"{run.seed}\n".encode())
        return values


def data():
    labels = np.arange(40) % 2
    split = labels[:, None, None, None] * np.ones((40, 4, 4, 1)), labels
    return nl.Dataset("stripes", split, split)


def work(where, seeds, pipe):
    with Telling(where, pipe) as store:
        store.train("flatten - dense(8) - dense(1)", data(), nl.Training(epochs=40), seeds=seeds, threads=1)


def main(where, seeds, rounds):
    moments = random.Random(0)
    for number in range(rounds + 1):
        source, pipe = os.pipe()
        child = os.fork()
        if child == 0:
            work(where, seeds * (number + 1), pipe)
            os._exit(0)
        os.close(pipe)
        if number < rounds:
            if number % 2:
                select.select([source], [], [])
            time.sleep(moments.uniform(0, 0.05 if number % 2 else 0.15))
            os.kill(child, signal.SIGKILL)
        code = os.waitpid(child, 0)[1]
        with os.fdopen(source) as told:
            print(*told.read().split())
        if number == rounds and code:
            sys.exit("the last child has failed")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
