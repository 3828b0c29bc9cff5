"""The door to Keras, both ways, weights included.

`from_keras` and `to_keras` take and give models in memory; `read_keras` and `write_keras` are for `.keras`
files, and need no Keras; `fit` trains a compiled Keras model on netlet with the meaning of ``model.fit``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netlet.interop.extras import needed
from netlet.interop.keras.files import read_keras, write_keras
from netlet.interop.keras.fitting import History, fit
from netlet.interop.keras.models import model_config
from netlet.interop.keras.weights import described, loss_name, reader
from netlet.interop.parts import network_of
from netlet.network import Network

__all__ = ["History", "fit", "from_keras", "read_keras", "to_keras", "write_keras"]


def from_keras(
    model: Any,
    *,
    task: str | None = None,
    input_shape: Sequence[int] | None = None,
    class_names: Sequence[str] = (),
) -> Network:
    """A Keras model as a network with the same weights and the same answers.

    Rescaling and Normalization before the first layer become the network's input scaling, a Rescaling behind
    the last one its target scaling; BatchNormalization right behind a convolution or dense layer without
    activation becomes part of its weights, as it is when it predicts. Inputs are taken as the model takes
    them: pixels are divided by 255 only where the model itself does that.

    Parameters
    ----------
    model
        A Sequential model, or a Functional one that is a single path.
    task : {"binary", "categorical", "regression"}, optional
        What the answers are. By default binary for one output with sigmoid (not if compiled with another loss
        than binary cross-entropy), categorical for softmax, else regression. Of a model that answers logits,
        asking for a classification gives a network that answers probabilities.
    input_shape
        Of one sample, where the model leaves the number of steps open.
    class_names
        Of a classification, binary: of 0, then of 1.

    Raises
    ------
    ArchitectureError
        If netlet has no such model: the layer is named, and what is supported.

    Warns
    -----
    UserWarning
        If something is lost that changes no answer, such as an initialiser that netlet does not have.
    """
    seen = described(model, input_shape)
    return network_of(seen, reader(model), task=task, loss=loss_name(model), class_names=class_names)


def to_keras(network: Network) -> Any:
    """A ``keras.Sequential`` with the network's layers and weights.

    It takes what the network's layers take: images whose whole-number pixels netlet divides (by
    ``network.integer_scale``) must be divided before. Binary classifiers answer ``(n, 1)``.

    Raises
    ------
    NetletError
        If Keras is not installed.
    """
    keras = needed("keras", "keras", "to_keras")
    config, _ = model_config(network)
    model = keras.Sequential.from_config(config["config"])
    model.set_weights(list(network.weights))
    return model
