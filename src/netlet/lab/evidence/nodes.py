"""What the hidden nodes of a small recurrent network do: the signals they follow, and what each is worth."""

from __future__ import annotations

from collections import Counter
from typing import Any

from netlet import inspect
from netlet.lab.evidence.known import EVIDENCE
from netlet.training import Runs


@EVIDENCE
def nodes(network: Runs) -> dict[str, Any]:
    """What every hidden node of the best seed does, measured on the validation split.

    The network has one recurrent layer and a linear output. ``nodes``: for each its ``number`` (from 1), the
    ``correlations`` (Pearson's) of its activity with every named signal, the three it goes with most
    (``best``: [signal, r] pairs; empty if it never varies), its ``output_weight``, what the error gains
    without it (``error_gained_without_it``), and the ``swing`` of what it adds to the output (standard
    deviation, in that of the output). ``swing``: these, added up.
    """
    chosen, split = network.best.network, network.dataset.validation
    lost = inspect.silenced_nodes(chosen, split).silenced
    parts = inspect.contributions(chosen, split.x, split.mask)
    whole = max(float(parts.prediction[..., 0].std()), 1e-12)
    swings = [float(each) / whole for each in parts.nodes[..., 0].std(axis=(0, 1))]
    found = inspect.nodes(chosen, split, inspect.signals(split))
    return {
        "nodes": [
            {
                "number": node.node + 1,
                "correlations": dict(node.correlations),
                "best": [list(pair) for pair in node.best(3)],
                "output_weight": float(weight),
                "error_gained_without_it": each.lost["normalised_error"],
                "swing": swing,
            }
            for node, weight, each, swing in zip(found, parts.weights[:, 0], lost, swings, strict=True)
        ],
        "swing": float(parts.nodes[..., 0].std(axis=(0, 1)).sum()) / whole,
    }


@EVIDENCE
def signals_over_seeds(network: Runs) -> dict[str, Any]:
    """Whether the nodes of other seeds follow the same signals most closely.

    ``seeds`` that did not diverge, how many ``different`` sets of signals there are, and the three signals
    that are most ``common`` ([signal, seeds] pairs).
    """
    split = network.dataset.validation
    signals = inspect.signals(split)
    sets = [
        frozenset(name for node in inspect.nodes(run.network, split, signals) for name, _ in node.best(1))
        for run in network
        if run.diverged is None
    ]
    counted = Counter(name for each in sets for name in each)
    common = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    return {
        "seeds": len(sets),
        "different": len(set(sets)),
        "common": [list(pair) for pair in common],
    }
