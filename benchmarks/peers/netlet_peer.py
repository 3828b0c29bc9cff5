"""netlet itself: one seed on one thread, another in every round."""

from __future__ import annotations

from itertools import count

import netlet as nl
from benchmarks.peers import Peer
from benchmarks.tasks import Task


def peer(task: Task, data: nl.Dataset, variant: str) -> Peer:
    """netlet's `train`; building the network and drawing its weights are timed, too."""
    seeds = count()
    networks: list[nl.Network] = []

    def train(epochs: int) -> None:
        settings = nl.Training(epochs=epochs, **task.settings)
        networks[:] = [nl.train(task.architecture, data, settings, seeds=[next(seeds)], threads=1)[0].network]

    return Peer(lambda: None, train, lambda: networks[0].predict(data.validation.x))
