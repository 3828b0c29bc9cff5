"""What the hidden nodes of a small recurrent network do: the signals they follow, and what each is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet import inspect
from netlet.datasets import Split
from netlet.inspect import Node
from netlet.lab.answer import Table
from netlet.lab.wording import count, listed, number
from netlet.network import Network
from netlet.training import Runs

CANCELS = 1.5
"""From here on, contributions swing so much farther than their sum that they are said to cancel."""


@dataclass(frozen=True, eq=False)
class NodeEvidence:
    """One network's nodes, measured on a split.

    Attributes
    ----------
    nodes
        With their correlations.
    gained
        By how much the error rises without each node.
    weights
        From each node to the output.
    swing
        Standard deviations of the nodes' contributions to the output, added up, over that of the output.
    """

    nodes: Sequence[Node]
    gained: Sequence[float | None]
    weights: np.ndarray
    swing: float

    @classmethod
    def of(cls, network: Network, split: Split, signals: Mapping[str, np.ndarray]) -> NodeEvidence:
        """Measure one network whose last layer is linear and has one output."""
        lost = inspect.silenced_nodes(network, split).silenced
        parts = inspect.contributions(network, split.x, split.mask)
        spread = float(parts.nodes[..., 0].std(axis=(0, 1)).sum())
        return cls(
            inspect.nodes(network, split, signals),
            [each.lost["normalised_error"] for each in lost],
            parts.weights[:, 0],
            spread / max(float(parts.prediction[..., 0].std()), 1e-12),
        )

    def in_short(self) -> str:
        """The signal each node follows most closely."""
        return f"{listed([_follows(node) for node in self.nodes])}."

    def in_full(self) -> str:
        """What each node follows, weighs, and is worth."""
        sentences = []
        for node, weight, gained in zip(self.nodes, self.weights, self.gained, strict=True):
            signals = listed([f'"{name}" ({correlation(r)})' for name, r in node.best(3)])
            change = "falls" if gained is not None and gained < 0 else "rises"
            sentences.append(
                f"Node {node.node + 1} (output weight {weight:+.2f}) goes with {signals or 'no signal'}; "
                f"without it the error {change} by {number(None if gained is None else abs(gained))}."
            )
        return " ".join(sentences)

    def swing_sentence(self) -> str:
        """Whether the nodes' contributions cancel."""
        found = (
            "so much of what one node adds another takes away"
            if self.swing > CANCELS
            else "so they hardly take anything away from each other"
        )
        return (
            f"The output is the sum of {len(self.nodes)} contributions. One by one they swing "
            f"{self.swing:.1f} times as far as their sum does, {found}."
        )

    def table(self, note: str = "") -> Table:
        """Every correlation, and what is lost without each node."""
        rows = [
            (name, *(correlation(node.correlations[name]) for node in self.nodes))
            for name in self.nodes[0].correlations
        ]
        rows.append(("error gained without it", *map(number, self.gained)))
        return Table(
            f"Correlation of each node's activity with named signals{note}, all validation sequences.",
            ("signal", *(f"node {node.node + 1}" for node in self.nodes)),
            rows,
        )

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "nodes": [
                {
                    "correlations": dict(node.correlations),
                    "output_weight": float(weight),
                    "error_gained_without_it": gained,
                }
                for node, weight, gained in zip(self.nodes, self.weights, self.gained, strict=True)
            ],
            "swing": self.swing,
        }


def over_seeds(runs: Runs, signals: Mapping[str, np.ndarray]) -> str:
    """Whether the nodes of other seeds follow the same signals."""
    sets = [
        frozenset(
            name
            for node in inspect.nodes(run.network, runs.dataset.validation, signals)
            for name, _ in node.best(1)
        )
        for run in runs
        if run.diverged is None
    ]
    different = len(set(sets))
    common = Counter(name for each in sets for name in each).most_common(3)
    told = listed([f'"{name}" is among them in {amount}' for name, amount in common])
    opening = (
        f"In {count(len(sets), 'seed')} there are {different} different sets of signals that nodes follow "
        "most closely, signals that nearly say the same counted apart"
        if different > 1
        else f"In {count(len(sets), 'seed')} nodes follow the same signals most closely"
    )
    closing = (
        " There is no one right interpretation, but each can be measured like this." if different > 1 else ""
    )
    return f"{opening}: {told}.{closing}"


def correlation(r: float | None) -> str:
    """Pearson's with its sign."""
    return "undefined" if r is None else f"{r:+.2f}"


def _follows(node: Node) -> str:
    if not (best := node.best(1)):
        return f"node {node.node + 1} never varies"
    ((name, r),) = best
    return f'node {node.node + 1} follows "{name}" ({correlation(r)})'
