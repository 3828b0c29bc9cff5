"""What happens inside a recurrent layer over the steps of sequences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netlet.architecture import GRU, LSTM, RNN, Recurrent

GATES: dict[type[Recurrent], tuple[str, ...]] = {
    RNN: (),
    GRU: ("update", "reset", "candidate"),
    LSTM: ("input", "forget", "candidate", "output"),
}


@dataclass(frozen=True, eq=False)
class Activity:
    """What happens in one recurrent layer over the steps of sequences.

    Attributes
    ----------
    layer
        Its place in the architecture.
    hidden : float32 ndarray, (n, steps, units)
        Hidden activity: the layer's output at every step, even where it passes on the last one only.
    gates : dict of float32 ndarray, (n, steps, units)
        With h' and c' hidden activity and cell state of the step before: gru has update, reset and candidate,
        h = update h' + (1 - update) candidate; lstm has input, forget, candidate and output,
        c = forget c' + input candidate, h = output f(c); rnn has none.
    cell : float32 ndarray, (n, steps, units), or None
        Cell state of an lstm: its memory.
    """

    layer: int
    hidden: np.ndarray
    gates: dict[str, np.ndarray]
    cell: np.ndarray | None
