"""The tasks that everyone trains: architecture, dataset, settings, and what netlet promises on each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One training, in a form every peer can build.

    Attributes
    ----------
    filters, pool, hidden, dropout
        A convolution of 3x3 with relu and a max pooling for each number of filters; then dense layers.
    floors
        How many times as fast as a peer netlet on one thread has to be.
    epochs, quick_epochs
        Of a full and of a quick benchmark.
    """

    name: str
    dataset: str
    filters: tuple[int, ...]
    pool: int
    hidden: int
    dropout: float
    epochs: int
    quick_epochs: int
    batch_size: int
    learning_rate: float
    floors: dict[str, float]

    @property
    def architecture(self) -> str:
        """As netlet's text."""
        outputs = 1 if self.dataset == "mnist56" else 3
        layers = [f"conv({n}, 3x3) - maxpool({self.pool})" for n in self.filters]
        layers += ["flatten", f"dense({self.hidden})"]
        layers += [f"dropout({self.dropout})"] if self.dropout else []
        return " - ".join([*layers, f"dense({outputs})"])


TASKS = {
    task.name: task
    for task in (
        Task("cnn185", "mnist56", (3, 3), 3, 5, 0.0, 30, 6, 64, 0.005,
             {"keras-tensorflow": 35, "keras-jax": 30, "torch": 10}),
        Task("cnn1237", "r3", (3, 3), 3, 10, 0.0, 50, 5, 50, 0.003,
             {"keras-tensorflow": 12, "keras-jax": 15, "torch": 6}),
        Task("cnn46379", "r3", (16, 32, 64), 2, 10, 0.25, 6, 2, 50, 0.003, {"torch": 1}),
    )
}  # fmt: skip
