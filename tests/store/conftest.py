"""Stores of both kinds, the same tests for each; and a dataset on which a run takes milliseconds."""

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest

import netlet as nl
from netlet.store import Store

SERVER_VARIABLE = "NETLET_TEST_POSTGRES"
"""URL of a PostgreSQL server on which databases may be made; without it one is started, if installed."""


@pytest.fixture(scope="session")
def server():
    """URL of a PostgreSQL server."""
    if url := os.environ.get(SERVER_VARIABLE):
        yield url
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not programs:
        pytest.skip(f"no PostgreSQL: set {SERVER_VARIABLE} to a server's URL, or install one")
    folder = Path(tempfile.mkdtemp(prefix="netlet-pg-"))  # a socket's path must be short
    # PostgreSQL refuses to run as root.
    other = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
    if other:
        shutil.chown(folder, "nobody")

    def run(program, *arguments):
        command = [*other, programs[-1].with_name(program), "-D", folder / "data", *arguments]
        done = subprocess.run(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60
        )
        assert done.returncode == 0, done.stdout.decode()

    run("initdb", "--username=netlet", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
    settings = f"-F -k {folder} -c listen_addresses= -c autovacuum=off"
    try:
        run("pg_ctl", "start", "-w", "-l", folder / "log", "-o", settings)
        yield f"postgresql://netlet@/postgres?host={folder}"
        run("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server):
    """URL of an empty database."""
    import sqlalchemy

    name = f"netlet_{secrets.token_hex(6)}"
    url = sqlalchemy.make_url(server).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request):
    """Of a store that is not there yet."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("tmp_path") / "runs.db")
    return request.getfixturevalue("database")


@pytest.fixture
def store(where):
    with Store(where) as store:
        yield store


@pytest.fixture(scope="session")
def dots():
    """A dot in the upper or in the lower half of 6 x 6 pixels; no test split."""
    rng = np.random.default_rng(0)

    def split(count):
        labels = np.arange(count) % 2
        images = np.zeros((count, 6, 6, 1), dtype=np.float32)
        images[np.arange(count), rng.integers(3, size=count) + 3 * labels, rng.integers(6, size=count)] = 1
        return images, labels

    return nl.Dataset("dots", split(40), split(20), source="dots in halves", seed=10**30)
