"""The settings that the lab's own datasets are trained with by default."""

from __future__ import annotations

from typing import Any

_SHAPES = {"epochs": 50, "batch_size": 50, "learning_rate": 0.003}
_PULSES = {"epochs": 20, "batch_size": 20, "learning_rate": 0.003, "shuffle": False, "truncation": 50}

TRAINING: dict[str, dict[str, Any]] = {
    "mnist56": {"epochs": 30, "batch_size": 64, "learning_rate": 0.005},
    "crt": _SHAPES,
    "r3": _SHAPES,
    "pulses": _PULSES,
    "pulses-memory": _PULSES,
    "pulses-reversed": _PULSES | {"epochs": 40},
}
"""By the dataset's name, then by the names of `netlet.Training`."""
