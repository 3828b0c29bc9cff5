"""The hidden nodes of recurrent networks: what they put into the output, and what is lost without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.architecture import Dense, Dropout, Recurrent
from netlet.datasets import Split
from netlet.errors import DataError
from netlet.inspect.selection import Place, recurrent_layers
from netlet.inspect.silencing import Ablation, Silenced, lost

if TYPE_CHECKING:
    from netlet.network import Network


@dataclass(frozen=True, eq=False)
class Contributions:
    """An output taken apart into what each node of the last recurrent layer puts into it.

    Attributes
    ----------
    place : Place
        That layer.
    weights : ndarray, float32, (units, outputs)
        From each node to each output, all linear layers behind multiplied out.
    bias : ndarray, float32, (outputs,)
        What the output is when every node is 0.
    nodes : ndarray, float32, (n, steps, units, outputs)
        Hidden activity times weight; with the bias they add up to the prediction.
    prediction : ndarray, float32, (n, steps, outputs)
    """

    place: Place
    weights: np.ndarray
    bias: np.ndarray
    nodes: np.ndarray
    prediction: np.ndarray


def contributions(network: Network, x: np.ndarray, mask: np.ndarray | None = None) -> Contributions:
    """Take the outputs for sequences (n, steps, channels) apart by node.

    At steps where mask (n, steps) is False, activity is what it was before.

    Raises
    ------
    DataError
        If what follows the last recurrent layer is not linear, or answers are not one at every step.
    """
    layers = network.architecture.layers
    places = recurrent_layers(network.architecture)
    if not places:
        raise DataError(f"{network.architecture} has no recurrent layer, whose nodes could contribute")
    last = places[-1].layer
    units = layers[last].units  # type: ignore[attr-defined]
    weights, bias = np.eye(units, dtype=np.float32), np.zeros(units, dtype=np.float32)
    for index in range(last + 1, len(layers)):
        layer = layers[index]
        if isinstance(layer, Dropout):
            continue
        if not isinstance(layer, Dense) or layer.activation != "linear":
            raise DataError(
                f"{layer.name} behind {places[-1].name} is not linear, so the output is no sum over nodes: "
                "end with dense layers whose activation is linear"
            )
        kernel, *offset = network.layer_weights(index)
        weights, bias = weights @ kernel, bias @ kernel + (offset[0] if offset else 0)
    hidden = network.activity(x, mask)[-1].hidden
    prediction = network.predict(x, mask)
    if prediction.ndim != 3:
        raise DataError("the network answers once a sequence, not at every step: ask one that does")
    return Contributions(places[-1], weights, bias, hidden[..., np.newaxis] * weights, prediction)


def silenced_nodes(network: Network, split: Split) -> Ablation:
    """Silence every node of every recurrent layer, one at a time, and measure what is lost on a split.

    A silenced node is read by nobody: neither by the layer behind nor, one step later, by its own.

    Raises
    ------
    DataError
        If nothing stands behind the last recurrent layer, so that its nodes are the answer itself.
    """

    def measured(asked: Network) -> dict[str, float | None]:
        return asked.evaluate(split)

    whole = measured(network)
    silenced = []
    for place in recurrent_layers(network.architecture):
        layer = network.architecture.layers[place.layer]
        assert isinstance(layer, Recurrent)
        for node in range(layer.units):
            without = measured(_without(network, place, node, layer.units))
            silenced.append(Silenced(place, node, without, lost(whole, without), kind="node"))
    return Ablation(whole, tuple(silenced))


def _without(network: Network, place: Place, node: int, units: int) -> Network:
    """The network with every weight zero that reads one node."""
    layers = range(place.layer + 1, len(network.architecture))
    behind = next((layer for layer in layers if network.layer_weights(layer)), None)
    if behind is None:
        raise DataError(f"no layer reads {place.name}: its nodes are the answer, and cannot be silenced")
    weights = [weight.copy() for weight in network.weights]
    weights[network.layer_slice(place.layer).start + 1][node] = 0  # of the recurrent kernel
    weights[network.layer_slice(behind).start][node::units] = 0  # behind flatten, once for every step
    return network.with_weights(weights)
