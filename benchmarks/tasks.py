"""The tasks that everyone trains: network, dataset, settings, and what netlet promises on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Task:
    """One training, in a form every peer can build.

    Attributes
    ----------
    epochs, quick_epochs
        Of a full and of a quick benchmark.
    timed_epochs
        How many of them slow peers are timed over, None for all.
    floors
        How many times as fast as a peer netlet on one thread has to be.
    at_most
        Seconds netlet may take for the whole training, None for any.
    """

    name: str
    dataset: str
    batch_size: int
    learning_rate: float
    epochs: int
    quick_epochs: int
    timed_epochs: int | None = None
    floors: dict[str, float]
    at_most: float | None = None

    @property
    def architecture(self) -> str:
        """As netlet's text."""
        raise NotImplementedError

    @property
    def settings(self) -> dict[str, Any]:
        """As netlet's settings, but for the epochs."""
        return {"batch_size": self.batch_size, "learning_rate": self.learning_rate}


@dataclass(frozen=True, kw_only=True)
class ImageTask(Task):
    """For each number of filters a convolution of 3x3 with relu and a max pooling; then dense layers."""

    filters: tuple[int, ...]
    pool: int
    hidden: int
    dropout: float = 0.0
    outputs: int

    @property
    def architecture(self) -> str:
        """As netlet's text."""
        layers = [f"conv({n}, 3x3) - maxpool({self.pool})" for n in self.filters]
        layers += ["flatten", f"dense({self.hidden})"]
        layers += [f"dropout({self.dropout})"] if self.dropout else []
        return " - ".join([*layers, f"dense({self.outputs})"])


@dataclass(frozen=True, kw_only=True)
class SequenceTask(Task):
    """A GRU and two linear nodes; sequences in fixed order, in pieces over which the state is carried."""

    units: int
    activation: str
    piece: int

    @property
    def architecture(self) -> str:
        """As netlet's text."""
        return f"gru({self.units}, activation={self.activation}) - dense(1, activation=linear) - dense(1)"

    @property
    def settings(self) -> dict[str, Any]:
        """As netlet's settings, but for the epochs."""
        return super().settings | {"truncation": self.piece, "shuffle": False}


_R3: dict[str, Any] = {"dataset": "r3", "outputs": 3, "hidden": 10, "batch_size": 50, "learning_rate": 0.003}
_PULSES: dict[str, Any] = {
    "dataset": "pulses-reversed", "units": 25, "piece": 50, "batch_size": 20, "learning_rate": 0.003,
    "epochs": 40, "quick_epochs": 2, "timed_epochs": 2, "at_most": 2.5,
}  # fmt: skip
TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        ImageTask(
            name="cnn185", dataset="mnist56", filters=(3, 3), pool=3, hidden=5, outputs=1,
            batch_size=64, learning_rate=0.005, epochs=30, quick_epochs=6,
            floors={"keras-tensorflow": 35, "keras-jax": 30, "torch": 10, "torch-compile": 10, "jax": 25},
        ),
        ImageTask(
            name="cnn1237", filters=(3, 3), pool=3, epochs=50, quick_epochs=5, **_R3,
            floors={"keras-tensorflow": 12, "keras-jax": 15, "torch": 6, "torch-compile": 6, "jax": 18},
        ),
        ImageTask(
            name="cnn46379", filters=(16, 32, 64), pool=2, dropout=0.25, epochs=6, quick_epochs=2, **_R3,
            floors={"torch": 1, "torch-compile": 1},
        ),
        SequenceTask(
            name="gru-relu", activation="relu", **_PULSES,
            floors={"keras-tensorflow": 60, "keras-jax": 8, "jax": 10},
        ),
        SequenceTask(name="gru-tanh", activation="tanh", **_PULSES, floors={"torch": 15, "jax": 10}),
    )
}  # fmt: skip
