"""Training images changed on the fly: what the engine is told of the data, and what it makes of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from netlet import _engine
from netlet.datasets import Dataset
from netlet.training.for_engine import for_engine
from netlet.training.settings import Training


def background(training: Training, dataset: Dataset) -> tuple[float, ...]:
    """What the settings leave where there is nothing of an image, of each channel, in units of the data.

    It is `Training.fill`; without that, the median of the training images' outermost pixels.
    """
    images = dataset.train.x
    if training.fill is not None:
        return (float(training.fill),) * images.shape[-1]
    border = np.ones(images.shape[1:3], dtype=bool)
    border[1:-1, 1:-1] = False
    return tuple(float(np.median(channel)) for channel in np.moveaxis(images[:, border], -1, 0))


def told(training: Training, dataset: Dataset) -> dict[str, list[float]]:
    """Of each channel, the background and the unit of the noise, as the network has them: scaled.

    Nothing where no image is changed.
    """
    if not training.augments:
        return {}
    fill = np.array(background(training, dataset))
    unit, scaling = np.ones_like(fill), dataset.input_scaling
    if scaling is not None:
        fill, unit = (fill - scaling.offset) / scaling.scale, 1 / np.abs(scaling.scale)
    return {"background": fill.tolist(), "unit": unit.tolist()}


def augmented(
    training: Training, dataset: Dataset, places: Sequence[int], epoch: int, seed: int = 0
) -> np.ndarray:
    """Training images as they are learned from.

    Parameters
    ----------
    training, dataset
        Settings that fit the dataset (`Training.check`).
    places
        Which of the training images, from 0.
    epoch
        From 1.
    seed
        Of the run.

    Returns
    -------
    float32 ndarray, (places, height, width, channels), in units of the data
    """
    images = np.ascontiguousarray(dataset.train.x[list(places)], dtype=np.float32)
    of_data: dict[str, Any] = {} if not training.augments else {"background": background(training, dataset)}
    settings = for_engine(training, dataset.task, of_data).augmentation
    rows = images.reshape(len(images), -1)
    height, width, channels = images.shape[1:]
    found = _engine.augmented(settings, (height, width, channels), rows, list(places), seed, epoch - 1)
    return found.reshape(images.shape)


def described(training: Training, dataset: Dataset) -> str:
    """How training images are changed, and what their background is; empty where none is."""
    if not training.augments:
        return ""
    values = [(name, getattr(training, name)) for name in training.augments]
    changes = ", ".join(
        f"{name} {value if isinstance(value, str) else f'{value:g}'}" for name, value in values
    )
    line = f"changed anew in every epoch ({changes})"
    if training.leaves_background:
        numbers = ", ".join(f"{value:.4g}" for value in background(training, dataset))
        why = (
            "" if training.fill is not None else ", the median of their outermost pixels (fill sets another)"
        )
        line += f"; where nothing is left of one it is {numbers}{why}"
    return line


def remarks(training: Training, dataset: Dataset) -> list[str]:
    """What should be known of a training on changed images, a line each; none where none is changed."""
    line = described(training, dataset)
    kept = "; targets stayed as they are" if dataset.task == "regression" else ""
    return [f"training images were {line}{kept}"] if line else []
