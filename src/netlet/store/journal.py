"""The journal of a search, kept in the store: what was tried is in the same place as what came of it.

Optuna's own storage in a database takes 15 ms for a trial of 25 parameters, which is as long as some of the
networks train; its journal storage, for which this keeps the entries, takes less than one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from netlet.store import tables
from netlet.store.database import Database


class Journal:
    """Entries in the order in which they were made, whichever process has made them.

    It has the methods of a backend of Optuna's journal storage; `netlet.search.diary` makes it one.

    Parameters
    ----------
    database
        Of the store.
    search
        Whose entries.
    """

    def __init__(self, database: Database, search: str) -> None:
        """Open nothing yet."""
        self._database, self._search = database, search

    def read_logs(self, log_number_from: int) -> Iterable[dict[str, Any]]:
        """The entries from that one, counted from 0."""
        entries = tables.journals.c
        rows = self._database.select(
            select(entries.entry)
            .where(entries.search == self._search, entries.number >= log_number_from)
            .order_by(entries.number)
        )
        return [row["entry"] for row in rows]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Add entries at the end, all or none."""
        if not logs:
            return
        entries = tables.journals.c
        with self._database.writing(alone=True) as connection:
            last = connection.scalar(select(func.max(entries.number)).where(entries.search == self._search))
            first = 0 if last is None else last + 1
            rows = [
                {"search": self._search, "number": first + place, "entry": entry}
                for place, entry in enumerate(logs)
            ]
            connection.execute(tables.journals.insert(), rows)
