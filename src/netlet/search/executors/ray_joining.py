"""Joining a Ray cluster: an address is tried, a cluster started if there is none, and left again."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from netlet.errors import FileError
from netlet.search.executors.ray_batch import in_one_line
from netlet.training import checked_threads

PROBE_SECONDS, CHECK_SECONDS = 3.0, 6.0
"""What connecting to an address may take, and then its answer as a Ray cluster; Ray tries for minutes."""

# Nothing is reported to Ray's makers, Ray does not warn of its own future nor gRPC of forks, and a Ray Client
# that is not there is not waited for: three attempts instead of half a minute.
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "GRPC_VERBOSITY": "ERROR",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S": "2",
    "RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S": "2",
}


def connect(ray: Any, address: str | None) -> None:
    """Join a cluster that answers, or start one."""
    found = _address(address)
    logging.getLogger("ray").setLevel(logging.ERROR)
    _print_news(False)
    settings: dict[str, Any] = {"logging_level": "error", "log_to_driver": False}
    if found is None:
        settings |= {"address": "local", "num_cpus": checked_threads(None), "include_dashboard": False}
    else:
        settings |= {"address": found}
    try:
        with _as_before(signal.SIGTERM), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what goes wrong is told in one line, below
            ray.init(**settings)
    except Exception as problem:
        disconnect(ray)
        if found is None:
            raise FileError(f"Ray cannot be started on this machine ({in_one_line(problem)})") from None
        raise FileError(
            f"the Ray cluster at {found} cannot be joined ({in_one_line(problem)}): take HOST:PORT on one of "
            "its nodes, ray://HOST:10001 elsewhere, and the same Ray and Python as there"
        ) from None


def disconnect(ray: Any) -> None:
    """Leave the cluster, or end it if it was started here."""
    ray.shutdown()
    _print_news(True)


def _print_news(wanted: bool) -> None:
    """Ray writes what becomes of its nodes to standard output, whatever `log_to_driver` says."""
    from ray._private import worker

    worker._worker_logs_enabled = wanted  # its own debugger does the same, for there is no other way


def _address(given: str | None) -> str | None:
    """A cluster that answers; None to start one.

    Raises
    ------
    FileError
        If it is no address, or nobody answers.
    """
    named = os.environ.get("RAY_ADDRESS") or "auto" if given in (None, "auto") else given
    if named == "local":
        return None
    if named != "auto":
        if problem := _unreachable(named):
            raise FileError(problem)
        return named
    # The file that `ray start` leaves. Clusters that other searches have started are not in it: they end
    # with their search.
    from ray._private.utils import read_ray_address

    try:
        started = read_ray_address()
        return None if not started or _unreachable(started) else started
    except (OSError, FileError):
        return None


def _unreachable(address: str) -> str | None:
    """Why nobody can be reached there, in a sentence; None if a cluster answers."""
    match = re.fullmatch(r"(ray://)?(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):(\d{1,5})", address)
    if match is None or not 0 < int(match[3]) < 65536:
        raise FileError(
            f"{address!r} is no address of a Ray cluster: it must look like 10.0.0.5:6379, "
            "ray://10.0.0.5:10001, or be auto"
        )
    host, port = match[2].strip("[]"), int(match[3])
    advice = "start a cluster there with ray start --head, or take auto for this machine alone"
    try:
        socket.create_connection((host, port), timeout=PROBE_SECONDS).close()
    except OSError as problem:
        return f"no Ray cluster answers at {address} ({problem.strerror or problem}): {advice}"
    if match[1]:
        return None  # Ray Client has its own limits, see _ENVIRONMENT
    command = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", f"{match[2]}:{port}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=CHECK_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return (
            f"what answers at {address} is no Ray cluster, or a Ray Client's port (ray://{address}): {advice}"
        )
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        return (
            f"the Ray cluster at {address} does not answer ({lines[-1] if lines else 'unhealthy'}): {advice}"
        )
    return None


@contextmanager
def _as_before(number: int) -> Iterator[None]:
    """Ray takes SIGTERM for itself: give it back to whom it belonged."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(number)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(number, before)
