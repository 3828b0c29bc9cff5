"""Training: one architecture, one dataset, many seeds; every answer is a distribution."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netlet.training.callbacks import Epoch, OnEpoch
    from netlet.training.counts import MOST_SEEDS, MOST_THREADS, checked_seeds, checked_threads
    from netlet.training.run import Run
    from netlet.training.runs import Runs
    from netlet.training.settings import (
        OPTIMIZERS,
        SCHEDULES,
        SettingError,
        Training,
        setting,
        settings_table,
    )
    from netlet.training.trainer import Progress, train

_HOMES = {
    "callbacks": ("Epoch", "OnEpoch"),
    "counts": ("MOST_SEEDS", "MOST_THREADS", "checked_seeds", "checked_threads"),
    "run": ("Run",),
    "runs": ("Runs",),
    "settings": ("OPTIMIZERS", "SCHEDULES", "SettingError", "Training", "setting", "settings_table"),
    "trainer": ("Progress", "train"),
}

__all__ = [
    "MOST_SEEDS",
    "MOST_THREADS",
    "OPTIMIZERS",
    "SCHEDULES",
    "Epoch",
    "OnEpoch",
    "Progress",
    "Run",
    "Runs",
    "SettingError",
    "Training",
    "checked_seeds",
    "checked_threads",
    "setting",
    "settings_table",
    "train",
]


def __getattr__(name: str) -> object:
    """Import a name when it is first used: who only reads the settings need not wait for the engine."""
    for home, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"{__name__}.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
