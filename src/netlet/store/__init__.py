"""Runs on disk: what was trained once is kept, found again, listed, compared and taken out."""

from netlet.store.database import VARIABLE
from netlet.store.experiment import SEMANTICS, Experiment, Metrics, StoredRun, described
from netlet.store.store import Store
from netlet.store.trained import NotStoredError, measured

__all__ = [
    "SEMANTICS",
    "VARIABLE",
    "Experiment",
    "Metrics",
    "NotStoredError",
    "Store",
    "StoredRun",
    "described",
    "measured",
]
