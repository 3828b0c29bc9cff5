"""What the engine is told of the settings of a training."""

from __future__ import annotations

from netlet import _engine
from netlet.network import LOSSES
from netlet.training.settings import Training, settings_table


def for_engine(training: Training, task: str) -> _engine.TrainingSettings:
    """The engine's form of settings, for a dataset's task; each row of the table names its field."""
    told, optimizer = _engine.TrainingSettings(), _engine.OptimizerSettings()
    for name, row in settings_table(type(training)).items():
        value = getattr(training, name)
        if row.words:
            value = getattr(_engine, row.words)[value.replace("-", "_")]
        else:
            value = row.rule.kind(value or 0)
        place, _, field = row.engine.rpartition(".")
        setattr(optimizer if place else told, field, value)
    told.optimizer = optimizer
    if task != "regression":  # there it is a setting
        told.loss = LOSSES[task]
    return told
