"""One sequence of a split as a batch, without its padding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from netlet.datasets import Split

if TYPE_CHECKING:
    from netlet.network import Activity, Network


@dataclass(frozen=True, eq=False)
class OneSequence:
    """A sequence, its target and its steps.

    Attributes
    ----------
    index : int
        Its place in the split.
    x : ndarray, (1, steps, channels)
        As a batch of one, padding included.
    y : ndarray
        Its target alone: (outputs,), or (steps, outputs) with one at every step.
    mask : ndarray of bool, (1, steps), or None
    steps : int
        How many there are before the padding.
    """

    index: int
    x: np.ndarray
    y: np.ndarray
    mask: np.ndarray | None
    steps: int

    @classmethod
    def of(cls, split: Split, index: int) -> OneSequence:
        """A split's sequence of that number; its last one if there are fewer."""
        index = min(index, len(split) - 1)
        mask = None if split.mask is None else split.mask[index : index + 1]
        steps = split.x.shape[1] if mask is None else int(np.flatnonzero(mask[0])[-1]) + 1
        return cls(index, split.x[index : index + 1], split.y[index], mask, steps)

    @property
    def inputs(self) -> np.ndarray:
        """(steps, channels), without padding."""
        return self.x[0, : self.steps]

    @property
    def targets(self) -> np.ndarray:
        """(steps, outputs), without padding, of a target at every step."""
        return self.y[: self.steps]

    def answers(self, network: Network) -> np.ndarray:
        """What a network with an answer at every step predicts: (steps, outputs), without padding."""
        return network.predict(self.x, self.mask)[0, : self.steps]

    def activities(self, network: Network) -> list[Activity]:
        """What happens in every recurrent layer, as far as the sequence goes."""
        return [
            replace(
                each,
                hidden=each.hidden[:, : self.steps],
                gates={gate: values[:, : self.steps] for gate, values in each.gates.items()},
                cell=None if each.cell is None else each.cell[:, : self.steps],
            )
            for each in network.activity(self.x, self.mask)
        ]
