"""What the engine is told of the settings of a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netlet import _engine
from netlet.network import LOSSES
from netlet.training.settings import Training, settings_table


def for_engine(
    training: Training, task: str, of_data: Mapping[str, Any] | None = None
) -> _engine.TrainingSettings:
    """The engine's form of settings, for a dataset's task; each row of the table names its field.

    `of_data` has what the engine is told of the data for changing its images
    (`netlet.training.augmentation.told`).
    """
    told = _engine.TrainingSettings()
    parts = {"": told, "optimizer": told.optimizer, "augmentation": told.augmentation}
    for name, row in settings_table(type(training)).items():
        value = getattr(training, name)
        place, _, field = row.engine.rpartition(".")
        if row.words:
            value = getattr(_engine, row.words)[value.replace("-", "_")]
        elif field == "background":  # which needs the data
            continue
        else:
            value = row.rule.kind(value or 0)
        setattr(parts[place], field, value)
    for field, value in (of_data or {}).items():
        setattr(told.augmentation, field, list(value))
    if task != "regression":  # there it is a setting
        told.loss = LOSSES[task]
    return told
