"""The database behind a store: where it is, how it is opened, and what it says when something is wrong."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, RowMapping, Select, Table, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from netlet.errors import FileError
from netlet.locks import locked
from netlet.paths import expanded
from netlet.store import tables

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

VARIABLE = "NETLET_STORE"
"""Environment variable that says where the store is."""
PATIENCE = 30.0
"""Seconds to wait while other processes write; they take milliseconds."""
_CONNECT_SECONDS = 10
_EXAMPLE = "postgresql://user@host/name"
_LOCK = 0x6E65746C6574  # "netlet": PostgreSQL's locks are numbers

_REASONS = {
    "SQLITE_NOTADB": "it is no store, but a file of another kind: give another",
    "SQLITE_CORRUPT": "it is damaged: take a copy, or give another",
    "SQLITE_FULL": "the disk is full: make room, or give a file elsewhere; what was stored is safe",
    "SQLITE_IOERR": "the disk cannot be read or written, or has no room; what was stored is safe",
    "SQLITE_BUSY": "another program keeps it locked: end that, or give another file",
    "SQLITE_READONLY": "it or its folder may not be written to: allow it, or give another file",
    "SQLITE_CANTOPEN": "it cannot be opened, or its folder may not be written to: give another file",
    "SQLITE_PERM": "it may not be read: allow it, or give another file",
}
"""What SQLite's names of errors begin with, and what they mean for a store."""


class _Joint(threading.local):
    """What a thread's writings are joined in (`Database.together`)."""

    closing: contextlib.ExitStack | None = None
    connection: Connection | None = None


class Database:
    """A SQLite file or a PostgreSQL server.

    Nothing is opened before it is needed, and nothing made before something is written.

    Parameters
    ----------
    where
        A file, or a URL such as ``postgresql://user@host/name``; None for what NETLET_STORE says, or else
        ``runs.db`` in the user's data folder.

    Raises
    ------
    FileError
        If it is a URL of another kind. All methods raise it if the database cannot be used.
    """

    def __init__(self, where: str | os.PathLike[str] | None = None) -> None:
        """Find out where it is."""
        chosen = str(where or os.environ.get(VARIABLE) or "")
        self._is_usual = not chosen
        self._is_ready = False
        self._joint = _Joint()
        self._file, self._url = _located(chosen or str(_usual_file()))

    def __str__(self) -> str:
        """Where it is, without a password."""
        return str(self._file or self._url.set(drivername="postgresql").render_as_string())

    def make(self) -> None:
        """Make the tables if they are not there yet: from then on runs can be written."""
        if not self._has_tables():
            self._check_folder()
            self._make_tables()

    def select(self, statement: Select[*tuple[Any, ...]]) -> Sequence[RowMapping]:
        """The rows of a query; none as long as nothing was ever written."""
        if not self._has_tables():
            return []
        with self._told():
            if (joint := self._joint.connection) is not None:
                return joint.execute(statement).mappings().all()
            with self._engine.connect() as connection:
                return connection.execute(statement).mappings().all()

    @contextlib.contextmanager
    def writing(self, alone: bool = False) -> Iterator[Connection]:
        """A transaction: all that is done in it is kept at its end, or nothing if anything fails.

        Parameters
        ----------
        alone
            Whether no other transaction of this kind may be under way.
        """
        self.make()
        joint = self._joint
        with self._told():
            if joint.closing is None:
                with self._writing() as connection:
                    if alone:
                        self._lock(connection)
                    yield connection
                return
            if joint.connection is None:
                joint.connection = joint.closing.enter_context(self._writing())
                self._lock(joint.connection)  # first of all, so that no two wait for each other
            yield joint.connection

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Have all that this thread writes until the end in one transaction, which the first writing begins.

        It is kept even if an exception ends it (Ctrl-C, say), but for those of the database itself.
        """
        joint = self._joint
        with self._told(), contextlib.ExitStack() as closing:
            joint.closing = closing
            try:
                yield
            except FileError:
                raise
            except BaseException:
                closing.close()
                raise
            finally:
                joint.closing = joint.connection = None

    @contextlib.contextmanager
    def held(self, what: str) -> Iterator[None]:
        """Keep something in the database for this process alone, until it ends or is killed.

        Raises
        ------
        FileError
            If another process has it.
        """
        digest = sha256(what.encode()).digest()
        with contextlib.ExitStack() as closing:
            if self._file is not None:
                self._check_folder()
                name = f"{self._file.name}-{digest.hex()[:8]}.lock"
                is_ours = closing.enter_context(locked(self._file.with_name(name)))
            else:
                with self._told():
                    connection = closing.enter_context(self._engine.connect())
                    number = int.from_bytes(digest[:8], signed=True)
                    asked = sqlalchemy.select(sqlalchemy.func.pg_try_advisory_lock(number))
                    is_ours = connection.scalar(asked)
                    connection.commit()  # the lock stays as long as the connection
                    closing.callback(connection.invalidate)
            if not is_ours:
                raise FileError(f"another process is at {what} in {self}: wait until it has ended")
            yield

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that can be told what to do about a row that is there already."""
        if self._file:
            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)

    def close(self) -> None:
        """Give back files and connections; whatever comes next opens it again."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def _lock(self, connection: Connection) -> None:
        if not self._file:  # SQLite lets one write at a time anyhow
            connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_xact_lock(_LOCK)))

    def _writing(self) -> contextlib.AbstractContextManager[Connection]:
        return self._engine.execution_options(is_writing=True).begin()

    @cached_property
    def _engine(self) -> Engine:
        if self._file:
            engine = sqlalchemy.create_engine(self._url, connect_args={"timeout": PATIENCE})
            event.listen(engine, "connect", _set_up)
            event.listen(engine, "begin", _begin)
            return engine
        try:
            waiting = {"connect_timeout": _CONNECT_SECONDS}
            return sqlalchemy.create_engine(self._url, connect_args=waiting, pool_pre_ping=True)
        except ModuleNotFoundError as error:
            raise FileError(
                f"{self} needs {error.name}, which is not installed: pip install 'netlet[postgres]'"
            ) from None

    def _has_tables(self) -> bool:
        if not self._is_ready and self._is_there():
            with self._told(), self._engine.connect() as connection:
                is_made = sqlalchemy.inspect(connection).has_table(tables.version.name)
                found = connection.scalar(sqlalchemy.select(tables.version.c.version)) if is_made else None
            if is_made:
                self._check_version(found)
                if found != tables.VERSION:
                    self._make_tables()
                self._is_ready = True
        return self._is_ready

    def _make_tables(self) -> None:
        """Those that are not there: all, or what an older netlet did not have."""
        with self._told(), self._writing() as connection:
            self._lock(connection)
            if self._file:
                self._check_others(connection)
            tables.metadata.create_all(connection)
            there = {
                column["name"]
                for column in sqlalchemy.inspect(connection).get_columns(tables.experiments.name)
            }
            for column in tables.ADDED:
                if column.name not in there:
                    kind = column.type.compile(connection.dialect)
                    alter = f"ALTER TABLE {tables.experiments.name} ADD COLUMN {column.name} {kind}"
                    connection.exec_driver_sql(alter)
            connection.execute(sqlalchemy.delete(tables.version))
            connection.execute(tables.version.insert().values(version=tables.VERSION))

    def _is_there(self) -> bool:
        if self._file is None:
            return True
        try:
            if self._file.is_dir():
                raise FileError(f"{self} is a folder: give the name of a file")
            return self._file.exists()
        except OSError as error:
            raise FileError(f"{self} cannot be read: {error.strerror}") from None

    def _check_folder(self) -> None:
        """The user's own data folder is made; another has to be there."""
        if self._file is None:
            return
        folder = self._file.parent
        if self._is_usual:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise FileError(f"{folder} cannot be made: {error.strerror}") from None
        if not folder.is_dir():
            raise FileError(f"{self}: there is no folder {folder}, make it first")

    def _check_others(self, connection: Connection) -> None:
        """A server's database may be shared; a file that somebody else has made is not for us to write to."""
        others = set(sqlalchemy.inspect(connection).get_table_names()) - set(tables.metadata.tables)
        if others:
            raise FileError(f"{self} holds something else ({min(others)}): give another file")

    def _check_version(self, found: int | None) -> None:
        if found is None or found > tables.VERSION:
            raise FileError(
                f"{self} has version {found}, but this netlet knows up to {tables.VERSION}: update netlet"
            )

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What goes wrong in the database as FileError."""
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise FileError(f"{self} cannot be used: {_reason(error)}") from None
        except UnicodeEncodeError as error:  # half of a pair of surrogates, in a name that is looked for
            raise FileError(f"{error.object!r} has a character that is none: nothing is called so") from None


def _usual_file() -> Path:
    import platformdirs

    return platformdirs.user_data_path("netlet", appauthor=False) / "runs.db"


def _located(where: str) -> tuple[Path | None, URL]:
    """The file, if it is one, and its URL or the server's."""
    file = where
    if "://" in where:
        try:
            url = sqlalchemy.make_url(where)
        except (ArgumentError, ValueError):  # which may have a password in it
            raise FileError(f"the URL of the store cannot be read: it must look like {_EXAMPLE}") from None
        kind = url.get_backend_name()
        if kind in ("postgresql", "postgres"):
            return None, url.set(drivername="postgresql+psycopg")
        if kind != "sqlite" or not url.database:
            told = url.render_as_string()
            raise FileError(f"{told} cannot be a store: give a file, or a URL like {_EXAMPLE}")
        file = url.database
    path = expanded(file).absolute()
    return path, URL.create("sqlite", database=str(path))


def _set_up(connection: sqlite3.Connection, _: object) -> None:
    """Of SQLite, for every connection."""
    connection.isolation_level = None  # transactions begin in _begin, not where Python thinks they should
    connection.execute("PRAGMA foreign_keys = ON")
    # Readers and a writer do not wait for each other. Where that cannot be had (somebody else is at the file
    # this very moment, or it is on a network disk) SQLite's old journal is as safe.
    with contextlib.suppress(sqlite3.OperationalError):
        if connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",):
            connection.execute("PRAGMA synchronous = NORMAL")


def _begin(connection: Connection) -> None:
    """Who will write says so at once: a reader that turns writer may find that another was faster."""
    is_writing = connection.get_execution_options().get("is_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _reason(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(original, "sqlite_errorname", "")
    said = next(iter(str(original).splitlines()), type(original).__name__)
    return next((reason for start, reason in _REASONS.items() if name.startswith(start)), said)
