"""Which pixels of one image a network's answer hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netlet.errors import DataError
from netlet.inspect.selection import one_image

if TYPE_CHECKING:
    from netlet.network import Network


@dataclass(frozen=True, eq=False)
class Saliency:
    """How one output's score would change with every pixel.

    Attributes
    ----------
    image : ndarray, float32, (height, width, channels)
    prediction : ndarray, float32, (outputs,)
        What the network answers: one probability if binary, else one a class (or the numbers regressed).
    output : int
        The class asked about, or the output if the task is regression.
    gradient : ndarray, float32, (height, width, channels)
        Change of the score for each unit (black to white) of a pixel: where positive, a brighter pixel
        speaks for the class.
    """

    image: np.ndarray
    prediction: np.ndarray
    output: int
    gradient: np.ndarray


def saliency(network: Network, image: np.ndarray, output: int | None = None) -> Saliency:
    """The gradient of one output's score with respect to the image (height, width, channels).

    The score of a class is its logit minus the mean logit of the other classes; for two classes that is the
    log-odds, log(p / (1 - p)). Unlike a probability, a score has a gradient however sure the network is. In
    regression the score is the output itself.

    Parameters
    ----------
    output : int, optional
        Class (binary: 0 or 1) or output. By default the class the network chooses; in regression the first.

    Raises
    ------
    DataError
        If the image is not of the network's input shape, or there is no such output.

    Notes
    -----
    A cross-entropy loss towards class k has the gradient of (log-sum of all exponentiated logits - logit k).
    So the mean of the losses towards the other classes, minus the loss towards the class asked about, has
    exactly the score's gradient: the log-sum cancels, and nothing is divided.
    """
    batch = one_image(network, image)
    prediction = network.outputs(batch)[-1][0]
    targets, weights, chosen = _questions(network.task, prediction, output)
    _, _, gradient = network.gradients(np.repeat(batch, len(targets), axis=0), targets)
    # The loss is the mean over the batch: times its length, each row is one target's own gradient.
    gradient = np.tensordot(weights * len(targets), gradient, axes=1)
    return Saliency(batch[0], prediction, chosen, gradient.astype(np.float32))


def _questions(task: str, prediction: np.ndarray, output: int | None) -> tuple[np.ndarray, np.ndarray, int]:
    """Targets to ask the loss's gradient for, their weights in the score's gradient, the output chosen."""
    count = 2 if task == "binary" else len(prediction)
    chosen = _default_output(task, prediction) if output is None else output
    if not 0 <= chosen < count:
        raise DataError(f"output is {output}, but must be one of 0 to {count - 1}")
    if task == "regression":
        # Mean squared error: its gradient with target (prediction - count / 2 at one place) is that output's.
        asked = prediction - count / 2 * np.eye(count)[chosen]
        return asked[np.newaxis].astype(np.float32), np.ones(1), chosen
    targets = np.arange(2) if task == "binary" else np.eye(count)
    weights = np.full(count, 1 / (count - 1))
    weights[chosen] = -1
    return targets.astype(np.float32), weights, chosen


def _default_output(task: str, prediction: np.ndarray) -> int:
    if task == "regression":
        return 0
    return int(prediction[0] > 0.5) if task == "binary" else int(prediction.argmax())
