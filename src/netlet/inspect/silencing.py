"""What a network loses when one of its feature maps, or of its hidden nodes, is silenced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netlet import metrics
from netlet.datasets import Split
from netlet.inspect.selection import Place, convolutions, map_outputs

if TYPE_CHECKING:
    from netlet.network import Network


@dataclass(frozen=True)
class Silenced:
    """A network with one feature map, or one hidden node, set to zero.

    Attributes
    ----------
    place : Place
        Its layer.
    index : int
        Which of the layer's maps or nodes, from 0.
    metrics : mapping from name to float or None
        What `netlet.metrics.evaluate` says without it.
    lost : mapping from name to float or None
        For each metric how much worse it became: what accuracy fell by, what loss rose by; negative if the
        network does better without. None if the metric is undefined.
    kind : {"map", "node"}
    """

    place: Place
    index: int
    metrics: Mapping[str, float | None]
    lost: Mapping[str, float | None]
    kind: str = "map"

    @property
    def name(self) -> str:
        """For people, counted from 1: "conv 1, map 2"."""
        return f"{self.place.name}, {self.kind} {self.index + 1}"


@dataclass(frozen=True)
class Ablation:
    """What each feature map or hidden node is worth.

    Attributes
    ----------
    metrics : mapping from name to float or None
        The whole network's.
    silenced : tuple of Silenced
        One a map or node, layers and maps in order.
    """

    metrics: Mapping[str, float | None]
    silenced: tuple[Silenced, ...]


def ablation(network: Network, split: Split) -> Ablation:
    """Set every convolution's feature maps to zero, one at a time, and measure what is lost on a split."""
    whole = metrics.evaluate(network.task, split.y, network.predict(split.x))
    silenced: list[Silenced] = []
    for place in convolutions(network.architecture):
        (maps,) = map_outputs(network, split.x, [place])
        tail = network.tail(place.layer)
        for index in range(maps.shape[-1]):
            kept = maps[..., index].copy()
            maps[..., index] = 0
            without = metrics.evaluate(network.task, split.y, tail.predict(maps))
            maps[..., index] = kept
            silenced.append(Silenced(place, index, without, lost(whole, without)))
    return Ablation(whole, tuple(silenced))


def lost(whole: Mapping[str, float | None], without: Mapping[str, float | None]) -> dict[str, float | None]:
    """How much worse each metric has become; None if it is undefined."""
    found: dict[str, float | None] = {}
    for name, before in whole.items():
        after = without[name]
        if before is None or after is None:
            found[name] = None
        else:
            found[name] = before - after if metrics.higher_is_better(name) else after - before
    return found
