"""Searches in children that are killed (SIGKILL) at random moments, and tells what was stored then.

Run as `python searcher.py STORE CANDIDATES SEEDS KILLS`. A child more than there are kills is started, one
after the other, each to go on with the same search; the last is not killed. A line of JSON is printed for
every child: the runs that are stored when it has ended, with the times when they ended, and what it found,
unless it was killed before.
"""

import json
import os
import random
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np

import netlet as nl
from netlet.search import Space, Target, Threads, search
from netlet.store import Store

FEW = {"depth": [1, 2], "1.kernel_height": [1, 2], "1.kernel_width": [1, 2], "1.filters": [1, 2, 3, 4]}


def data():
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 2
    images = rng.random((120, 6, 6, 1)) * 0.8
    images[labels == 1, 1:4] += 0.2
    images[labels == 1, 0, 0] = 0.0
    split = images.astype(np.float32), labels
    return nl.Dataset("bright", split, split)


def rows(where):
    if not Path(where).exists():
        return []
    with closing(sqlite3.connect(where, timeout=30)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'netlet_runs'").fetchone():
            return []
        return connection.execute("SELECT fingerprint, seed, ended FROM netlet_runs").fetchall()


def work(where, candidates, seeds):
    dataset = data()
    space = Space(dataset, nl.Training(epochs=60, batch_size=20), only=FEW)
    target = Target("accuracy", 1.0, "q0")
    with Store(where) as store:
        return search(
            dataset,
            target,
            candidates=candidates,
            seeds=seeds,
            margin=0,
            fresh_seeds=0,
            name="killed",
            store=store,
            executor=Threads(dataset, 2),
            space=space,
        )


def main(where, candidates, seeds, kills):
    moments = random.Random(0)
    for number in range(kills + 1):
        before = len(rows(where))
        source, pipe = os.pipe()
        child = os.fork()
        if child == 0:
            found = work(where, candidates, seeds)
            os.write(pipe, json.dumps(told(found)).encode())
            os._exit(0)
        os.close(pipe)
        if number < kills:
            if number % 2:  # when it is well under way; the others at any moment
                end = time.monotonic() + 30
                while len(rows(where)) < before + 20 and time.monotonic() < end:
                    time.sleep(0.005)
            time.sleep(moments.uniform(0, 0.25))
            os.kill(child, signal.SIGKILL)
        code = os.waitpid(child, 0)[1]
        with os.fdopen(source) as pipe_of_child:
            text = pipe_of_child.read()
        print(json.dumps({"runs": rows(where), "found": text and json.loads(text)}))
        if number == kills and code:
            sys.exit("the last child has failed")


def told(found):
    return {
        "candidates": found.candidates,
        "runs": found.runs,
        "trained": found.trained,
        "known": found.known,
        "front": [[point.parameters, [run.seed for run in point.experiment.runs]] for point in found.front],
        "answer": found.answer and found.answer.parameters,
        "problem": found.problem and str(found.problem),
    }


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
