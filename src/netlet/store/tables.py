"""The tables of a store, the same in SQLite and in PostgreSQL."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

VERSION = 3
"""Of these tables; raised whenever they change. 1 had no journals, 2 not the columns of `ADDED`."""


class Json(TypeDecorator[Any]):
    """What JSON can hold, and NaN and infinity, which the databases' own JSON types refuse."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """As it is written."""
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """As it was."""
        return None if value is None else json.loads(value)


metadata = MetaData()

version = Table("netlet_version", metadata, Column("version", Integer, primary_key=True))

# Names of columns are those of the attributes of `netlet.store.Experiment`, which documents them.
experiments = Table(
    "netlet_experiments",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("architecture", Text, nullable=False),
    Column("input_shape", Json, nullable=False),
    Column("task", String(16), nullable=False),
    Column("parameters", Integer, nullable=False),
    Column("settings", Json, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("dataset_seed", Json),  # may have more digits than a database's numbers
    Column("dataset_source", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("origin", Json),
    Column("besides", Json),
    Column("details", Json),
    Column("search", Text),
)

ADDED = (experiments.c.besides, experiments.c.details, experiments.c.search)
"""Columns that version 3 has come to have: tables of before are given them."""

# And here of `netlet.store.StoredRun`. What is long comes last, so that the rest is read without it.
runs = Table(
    "netlet_runs",
    metadata,
    Column("fingerprint", ForeignKey(experiments.c.fingerprint, ondelete="CASCADE"), primary_key=True),
    Column("seed", BigInteger, primary_key=True, autoincrement=False),
    Column("epochs", Integer, nullable=False),
    Column("diverged", Integer),
    Column("seconds", Float),
    Column("machine", Text, nullable=False),
    Column("netlet", Text, nullable=False),
    Column("ended", String(32), nullable=False),  # ISO 8601, UTC
    Column("metrics", Json, nullable=False),
    Column("history", Json, nullable=False),
    Column("weights", LargeBinary, nullable=False),  # float32, little-endian, in Keras's order
)

# What a search has tried, as Optuna writes it down (see `netlet.store.journal`).
journals = Table(
    "netlet_journals",
    metadata,
    Column("search", String(200), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("entry", Json, nullable=False),
)
