"""What decides a training besides its settings: where it starts, what is frozen, what counts how much."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np

from netlet import _engine
from netlet.architecture import Architecture
from netlet.datasets import Dataset
from netlet.training.start import Start, frozen_layers, started
from netlet.training.weighting import sample_weights


class Besides(NamedTuple):
    """What `netlet.train` was given besides settings, checked against an architecture and a dataset.

    Attributes
    ----------
    start
        Weights taken over; None if all are drawn.
    frozen
        Places of the layers that keep their weights.
    weighting : float32 ndarray, (n,), or None
        What each training sample's loss is multiplied with.
    """

    start: Start | None
    frozen: tuple[int, ...]
    weighting: np.ndarray | None

    @classmethod
    def of(
        cls,
        architecture: Architecture,
        dataset: Dataset,
        *,
        start: Any = None,
        freeze: Any = (),
        class_weight: Any = None,
        sample_weight: Any = None,
    ) -> Besides:
        """Check what was given, as `netlet.train` takes it, for a resolved architecture on a dataset.

        Raises
        ------
        TrainingError
            If something does not fit.
        """
        shape = dataset.input_shape
        return cls(
            None if start is None else started(start, architecture, shape),
            frozen_layers(freeze, architecture, shape),
            sample_weights(dataset, class_weight, sample_weight),
        )

    def as_dict(self) -> dict[str, Any] | None:
        """For JSON, equal for equal trainings: digests of the weights; None if nothing was given."""
        told: dict[str, Any] = {}
        if self.start is not None:
            told["start"] = self.start.identity
        if self.frozen:
            told["frozen"] = list(self.frozen)
        if self.weighting is not None:
            told["weighting"] = sha256(self.weighting.astype("<f4").tobytes()).hexdigest()
        return told or None

    def for_engine(
        self,
        engine: _engine.Network,
        architecture: Architecture,
        input_shape: tuple[int, ...],
        seeds: list[int],
    ) -> dict[str, Any]:
        """What the engine's `train` is told of it."""
        shapes = architecture.layer_weight_shapes(input_shape)
        of_arrays = [place in self.frozen for place, own in enumerate(shapes) for _ in own]
        return {
            "weights": None if self.start is None else self.start.rows(engine, seeds),
            "frozen": of_arrays if self.frozen else None,
            "sample_weights": self.weighting,
        }
