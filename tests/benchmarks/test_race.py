"""Races: a peer that dies does not end them, and ratios are those of neighbours."""

import sys
from math import isnan, nan

import pytest

from benchmarks import race

TRAINS = """
import sys
print("ready", flush=True)
for line in sys.stdin:
    print('{"seconds": %s, "error": 0.1}' % (float(line) * SPEED), flush=True)
"""
DIES = "import os\nprint('ready', flush=True)\ninput()\nos.kill(os.getpid(), 9)"


@pytest.fixture
def start():
    runners = []

    def start(program, name="peer", threads=1):
        runners.append(race.Runner(name, threads, 40, [sys.executable, "-c", program]))
        return runners[-1]

    yield start
    for runner in runners:
        runner.stop()


def trains(speed):
    return TRAINS.replace("SPEED", str(speed))


def test_a_peer_that_cannot_start_says_why(start):
    runner = start("import sys\nprint('a warning', file=sys.stderr)\nimport no_such_peer")
    assert runner.failure == "ModuleNotFoundError: No module named 'no_such_peer'"
    assert isnan(runner.train(1))


def test_a_peer_that_says_nothing_is_known_by_its_exit_code(start):
    assert start("raise SystemExit(3)").failure == "it ended with 3"


def test_a_peer_that_is_killed_does_not_end_the_race(start):
    ours, dead, alive = start(trains(1)), start(DIES), start(trains(3))
    race.run(ours, [dead, alive], rounds=2, timed_epochs=2)
    assert dead.failure == "killed by signal 9" and not dead.seconds
    assert len(ours.seconds) == 4
    assert alive.seconds == [120, 120] and alive.ratios == [3, 3]


def test_a_race_without_netlet_has_no_ratios(start):
    ours, peer = start(DIES), start(trains(3))
    race.run(ours, [peer], rounds=1, timed_epochs=40)
    assert not peer.failure and peer.seconds == [120] and not peer.ratios


def test_errors_are_those_of_whole_trainings(start):
    ours, peer = start(trains(1)), start(trains(1))
    race.run(ours, [peer], rounds=2, timed_epochs=2)
    assert (len(ours.errors), len(peer.errors)) == (3, 1)


def test_the_faster_thread_count_counts(start):
    program = "print('ready')"
    one, two, dead = (start(program, "peer", threads) for threads in (1, 2, 4))
    one.seconds, two.seconds = [1, 3, 9], [2, 2, 2]
    dead.failure = "it ended with 1"
    other = start(program, "other")
    other.seconds = [5]
    assert race.fastest([one, two, dead, other]) == [two, other]


@pytest.mark.parametrize(
    ("ours", "theirs", "alike"), [(0.1, 0.2, True), (0.1, 0.3, False), (0.3, 0.1, False), (0.1, nan, False)]
)
def test_errors_far_apart_are_of_different_tasks(ours, theirs, alike):
    assert race.in_range(ours, theirs) == alike
