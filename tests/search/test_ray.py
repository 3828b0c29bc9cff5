"""Ray gives what threads give, whatever becomes of nodes and workers, and says what an address lacks."""

import logging
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ray")

import netlet as nl
from netlet.errors import FileError, NetletError
from netlet.search import Space, Target, Threads, search
from netlet.search.executors import Outcome, Task, ray_batch, ray_joining
from netlet.search.executors.ray_cluster import RayExecutor

pytestmark = [
    pytest.mark.xdist_group("ray"),
    pytest.mark.skipif(sys.platform != "linux", reason="workers are looked up in /proc"),
    # Ray leaves sockets and processes to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

TEXT = "conv(2, 3x3) - maxpool(2) - flatten - dense(1)"
LONG = 1000  # epochs: twentieths of a second
PATIENCE = 120  # seconds that nothing here needs, even on a busy machine


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    y = random.integers(0, 2, 300)
    x = random.random((300, 12, 12, 1)).astype(np.float32) * 0.6
    x[y == 1, 3:7, 3:7] += 0.3
    return nl.Dataset("bright", (x[:200], y[:200]), (x[200:250], y[200:250]), (x[250:], y[250:]))


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


CLIENT_PORT = free_port()


@pytest.fixture(scope="module")
def cluster():
    """A head of one processor."""
    from ray.cluster_utils import Cluster

    health = {  # a dead node is found out in seconds, and not in a quarter of a minute
        "health_check_initial_delay_ms": 1000,
        "health_check_period_ms": 500,
        "health_check_timeout_ms": 2000,
        "health_check_failure_threshold": 5,
    }
    for name, value in ray_joining.ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    head = {"num_cpus": 1, "ray_client_server_port": CLIENT_PORT, "_system_config": health}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        yield cluster
    finally:
        cluster.shutdown()


@pytest.fixture
def node(cluster):
    """Another node of one processor: the last test's, if that has left it alone."""
    return next(iter(cluster.worker_nodes), None) or cluster.add_node(num_cpus=1)


@pytest.fixture
def executor(data, cluster, node, monkeypatch):
    monkeypatch.setattr(ray_joining, "_unreachable", lambda address: None)  # it takes a second to know
    executor = RayExecutor(data, cluster.address)
    yield executor
    executor.close()


def tasks(count, epochs=2, text=TEXT, cost=1e6):
    return [Task(number, text, nl.Training(epochs=epochs), number, cost) for number in range(count)]


def outcomes_of(executor, wanted, meanwhile=lambda count: None):
    """All outcomes, and those that come a moment later, of which there may be none."""
    executor.submit(wanted)
    found, end = [], time.monotonic() + PATIENCE
    while len(found) < len(wanted) and time.monotonic() < end:
        found += executor.wait(0.1)
        meanwhile(len(found))
    return found + executor.wait(0.2)


def busy_workers(node):
    """Processes that carry out a batch for this node."""
    raylet = node.all_processes["raylet"][0].process.pid
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
        if parent == raylet and name.startswith(b"ray::netlet search"):
            found.append(int(folder.name))
    return found


class Loss:
    """Does away with something once the first outcomes are there and it is at work; counts what was lost."""

    def __init__(self, monkeypatch, executor, node, kill):
        self.node, self.kill, self.is_done, self.lost = node, kill, False, 0
        again = executor._again

        def counted(lost, problem):
            self.lost += len(lost)
            again(lost, problem)

        monkeypatch.setattr(executor, "_again", counted)
        seen, end = [], time.monotonic() + PATIENCE  # the node's worker takes a while to come up
        while not seen and time.monotonic() < end:
            outcomes_of(executor, tasks(4, LONG), lambda _: seen.extend(busy_workers(node)))

    def __call__(self, count):
        if not self.is_done and count >= 5 and (workers := busy_workers(self.node)):
            self.is_done = True
            self.kill(workers)


def kill_node(cluster, node):
    """As if the power were cut."""

    def kill(workers):
        cluster.remove_node(node, allow_graceful=False)
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)

    return kill


def kill_worker(workers):
    os.kill(workers[0], signal.SIGKILL)


# --- what comes back ----------------------------------------------------------------------------------------


def by_seed(outcomes):
    return {outcome.task.seed: outcome for outcome in outcomes}


def assert_same(found, expected):
    assert sorted(by_seed(found)) == sorted(by_seed(expected))
    assert len(found) == len(expected)
    for seed, outcome in by_seed(found).items():
        other = by_seed(expected)[seed]
        assert (outcome.task, outcome.problem) == (other.task, None)
        run, as_threads = outcome.run, other.run
        assert (run.seed, run.diverged, run.finished) == (seed, as_threads.diverged, True)
        assert run.history == as_threads.history
        assert outcome.metrics == other.metrics
        assert str(run.network.architecture) == str(as_threads.network.architecture)
        for weight, same in zip(run.network.weights, as_threads.network.weights, strict=True):
            np.testing.assert_array_equal(weight, same)
        assert outcome.busy >= outcome.seconds > 0


@pytest.fixture(scope="module")
def of_threads(data):
    threads = Threads(data, 2)
    found = outcomes_of(threads, tasks(12))
    threads.close()
    return found


def test_ray_gives_what_threads_give_to_the_bit(executor, of_threads):
    assert_same(outcomes_of(executor, tasks(12)), of_threads)
    assert executor.workers == 2


def test_through_a_ray_client_too(data, cluster, node, of_threads):
    pytest.importorskip("grpc")
    try:
        executor = RayExecutor(data, f"ray://127.0.0.1:{CLIENT_PORT}")
    except FileError as problem:
        if "Initialization failure from server" not in str(problem):
            raise
        pytest.skip("Ray's client server cannot start its own driver on this machine")
    try:
        assert_same(outcomes_of(executor, tasks(12)), of_threads)
    finally:
        executor.close()


def test_a_task_that_cannot_be_trained_says_why(executor):
    wanted = [*tasks(2), Task(2, "conv(2, 50x50) - flatten - dense(1)", nl.Training(epochs=1), 2, 1e6)]
    found = by_seed(outcomes_of(executor, wanted))
    assert [found[seed].run is None for seed in range(3)] == [False, False, True]
    assert isinstance(found[2].problem, nl.ArchitectureError)
    assert "50" in str(found[2].problem)


def test_small_tasks_are_grouped_once_their_time_is_known(executor):
    sizes = []
    take = executor._next

    def counted(least):
        batch, seconds = take(least)
        sizes.append(len(batch))
        return batch, seconds

    executor._next = counted
    assert len(outcomes_of(executor, tasks(200))) == 200
    assert sizes[:4] == [1, 1, 1, 1]
    assert max(sizes) > 10
    assert sum(sizes) == 200


def test_room_is_a_batch_and_a_half_a_worker(executor):
    assert executor.room == 3  # nothing is known yet
    outcomes_of(executor, tasks(4))
    executor._runs, executor._busy = 10.0, 1.0  # a tenth of a second each
    assert executor.room == 2 * 1.5 * 20
    executor.submit(tasks(7))
    assert executor.room == 2 * 1.5 * 20 - 7
    executor._busy = 100.0  # ten seconds each
    assert executor.room == 3 - 7


def test_nothing_to_do_takes_the_time_it_is_given(executor):
    started = time.monotonic()
    assert executor.wait(0.3) == []
    assert time.monotonic() - started >= 0.29


# --- what is lost -------------------------------------------------------------------------------------------


def test_every_task_has_one_outcome_though_a_node_dies(executor, cluster, node, monkeypatch):
    loss = Loss(monkeypatch, executor, node, kill_node(cluster, node))
    found = outcomes_of(executor, tasks(60, epochs=LONG), loss)
    assert loss.is_done
    assert loss.lost
    assert sorted(outcome.task.seed for outcome in found) == list(range(60))
    assert all(outcome.problem is None for outcome in found)
    end = time.monotonic() + PATIENCE  # the worker's end is seen at once, the node's by its missing heartbeat
    while executor.workers != 1 and time.monotonic() < end:
        executor.wait(0.1)
    assert executor.workers == 1


def test_every_task_has_one_outcome_though_a_worker_dies(executor, node, monkeypatch):
    loss = Loss(monkeypatch, executor, node, kill_worker)
    found = outcomes_of(executor, tasks(60, epochs=LONG), loss)
    assert loss.is_done
    assert loss.lost
    assert sorted(outcome.task.seed for outcome in found) == list(range(60))
    assert all(outcome.problem is None for outcome in found)


class Poison(str):
    """An architecture whose bare arrival kills."""

    def __reduce__(self):
        return os._exit, (1,)


def test_a_task_that_kills_every_worker_is_given_up_and_the_others_are_not(executor):
    wanted = [*tasks(3), Task(3, Poison(TEXT), nl.Training(epochs=1), 3, 1e6), *tasks(10)[4:]]
    executor._runs = executor._busy = 1e-3  # as if a second each were known, so that two go together
    found = outcomes_of(executor, wanted)
    assert sorted(outcome.task.seed for outcome in found) == list(range(10))
    problems = {outcome.task.seed: outcome.problem for outcome in found if outcome.problem}
    assert list(problems) == [3]
    assert isinstance(problems[3], nl.TrainingError)
    assert "3 workers have died over it" in str(problems[3])
    assert "\n" not in str(problems[3])


SPACE = {
    "depth": [1],
    "1.conv": ["conv"],
    "1.filters": [1, 2, 3],
    "1.kernel_height": [3],
    "1.kernel_width": [3],
    "1.stride": [1],
    "1.pool": ["max"],
    "1.pool_size": [2, 3],
    "end": ["flatten"],
    "hidden": [0, 2],
    "schedule": ["constant"],
    "learning_rate": [0.005],
    "epochs": [LONG],
    "batch_size": [64],
}


@pytest.mark.parametrize("what", ["node", "worker"])
def test_a_search_loses_and_repeats_nothing(executor, data, cluster, node, monkeypatch, tmp_path, what):
    loss = Loss(monkeypatch, executor, node, kill_worker if what == "worker" else kill_node(cluster, node))
    added = []
    with nl.Store(tmp_path / "runs.db") as store:
        add = store.add

        def noted(run, dataset, training, *rest):
            added.append((str(run.network.architecture), training, run.seed))
            return add(run, dataset, training, *rest)

        monkeypatch.setattr(store, "add", noted)
        found = search(
            data,
            Target("accuracy", 1.0, "q0"),
            candidates=12,
            seeds=6,
            margin=0,
            fresh_seeds=0,
            name="ray",
            store=store,
            executor=executor,
            space=Space(data, nl.Training(epochs=LONG), only=SPACE),
            progress=lambda status: loss(status.trained),
        )
        stored = [run for experiment in store.list() for run in experiment.runs]
    assert loss.is_done
    assert found.problem is None
    assert not found.interrupted
    assert len(added) == len(set(added)) == len(stored) == found.trained == found.runs
    assert found.front
    assert all(len(point.experiment.runs) == 6 for point in found.front)


# --- who is there -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [("9.9.9", ray_batch.SEMANTICS), (nl.__version__, 99)])
def test_a_node_with_another_netlet_is_an_error(executor, monkeypatch, other):
    monkeypatch.setattr(ray_batch, "versions", lambda: other)
    with pytest.raises(FileError, match=r"has netlet .*, but the search has netlet .*: install the same"):
        outcomes_of(executor, tasks(1))


def test_a_connection_of_the_users_own_stays(data, cluster):
    import ray

    ray.init(cluster.address, log_to_driver=False, logging_level=logging.ERROR)
    try:
        executor = RayExecutor(data, "10.255.255.1:1")  # which nobody needs to ask
        assert len(outcomes_of(executor, tasks(2))) == 2
        executor.close()
        assert ray.is_initialized()
    finally:
        ray.shutdown()


def test_close_does_not_wait_for_what_runs_and_may_be_called_twice(data, cluster, node):
    import ray

    executor = RayExecutor(data, cluster.address)
    executor.submit(tasks(4, epochs=100_000))
    end = time.monotonic() + PATIENCE
    while not busy_workers(node) and time.monotonic() < end:
        executor.wait(0.1)
    assert busy_workers(node)
    executor.close()
    assert not ray.is_initialized()
    while busy_workers(node) and time.monotonic() < end:
        time.sleep(0.1)
    assert not busy_workers(node)
    executor.close()


def test_auto_starts_a_cluster_where_the_last_one_is_gone(data, monkeypatch, capfd):
    import ray

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr("ray._private.utils.read_ray_address", lambda: f"127.0.0.1:{free_port()}")
    before = signal.getsignal(signal.SIGTERM)
    executor = RayExecutor(data, "auto")
    try:
        assert signal.getsignal(signal.SIGTERM) == before
        assert len(outcomes_of(executor, tasks(3))) == 3
    finally:
        executor.close()
    assert not ray.is_initialized()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "address",
    ["head", "head:", "head:0", "head:65536", "head:six", "a b:1", "http://head:1", "ray://head", ":1", ""],
)
def test_what_is_no_address_is_told(data, address):
    with pytest.raises(FileError, match=r"is no address of a Ray cluster: it must look like 10.0.0.5:6379"):
        RayExecutor(data, address)


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_an_address_nobody_answers_is_told_at_once(data, scheme):
    started = time.monotonic()
    with pytest.raises(FileError, match=r"no Ray cluster answers at .* ray start --head") as caught:
        RayExecutor(data, f"{scheme}127.0.0.1:{free_port()}")
    assert time.monotonic() - started < 10
    assert "\n" not in str(caught.value)


def test_an_address_in_the_environment_counts_as_given(data, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{free_port()}")
    with pytest.raises(FileError, match="no Ray cluster answers"):
        RayExecutor(data, "auto")


@pytest.mark.parametrize(("scheme", "problem"), [("", "is no Ray cluster"), ("ray://", "cannot be joined")])
def test_what_is_no_ray_is_told_soon(data, monkeypatch, capfd, scheme, problem):
    monkeypatch.setattr(ray_joining, "CHECK_SECONDS", 1.0)
    started = time.monotonic()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(FileError, match=problem) as caught:
            RayExecutor(data, f"{scheme}127.0.0.1:{other.getsockname()[1]}")
    assert time.monotonic() - started < 20
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_without_ray_it_says_how_to_get_it(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(NetletError, match=r"pip install 'netlet\[ray\]'"):
        RayExecutor(data)


def test_an_error_that_cannot_travel_comes_as_its_text():
    class Odd(Exception):
        def __init__(self, a, b):
            super().__init__(f"{a} and {b}")

    task = tasks(1)[0]
    outcome = Outcome(task, None, {}, 0.0, 0.1, Odd("this", "that"))
    packed = ray_batch.pack(0, outcome)
    assert isinstance(packed.problem, RuntimeError)
    assert "this and that" in str(packed.problem)
