"""`fit`: a compiled Keras model trained on netlet, with the meaning of ``model.fit``."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netlet.datasets import Split
from netlet.errors import ArchitectureError, Interrupted, TrainingError
from netlet.interop.exact import ExactDataset
from netlet.interop.keras.arrays import (
    check_lengths,
    class_count,
    inputs,
    pair,
    sample_weights,
    targets,
    with_shape,
)
from netlet.interop.keras.compiled import Compiled, compiled_of, refused
from netlet.interop.keras.stopping import Plateau, Stopping
from netlet.interop.keras.weights import as_numpy, described, is_keras, reader
from netlet.interop.parts import Affine, Converted, Model, network_of
from netlet.network import Network
from netlet.training import Run, Training, train

NAME = "your data"
_UNUSED: dict[str, tuple[Any, ...]] = {
    "initial_epoch": (0,),
    "steps_per_epoch": (None,),
    "validation_steps": (None,),
    "validation_freq": (1,),
}
"""Arguments of ``model.fit`` that must be as here."""
_WITHOUT_EFFECT = {"validation_batch_size", "workers", "use_multiprocessing", "max_queue_size"}
_USED = "_netlet_has_trained"
"""Marks an optimizer whose own numbers (moments, steps) are not what Keras would have after a training."""


@dataclass
class History:
    """What ``model.fit`` gives back: losses and accuracies by name, one an epoch.

    Attributes
    ----------
    history : dict of list of float
        loss and, with validation data, val_loss; the accuracies that the model was compiled with.
    epoch : list of int
        From 0.
    params : dict
        epochs, steps (batches an epoch), verbose.
    model
        The Keras model, trained.
    network : Network
        The same as a network.
    """

    history: dict[str, list[float]]
    epoch: list[int]
    params: dict[str, Any]
    model: Any = field(repr=False)
    network: Network


def fit(
    model: Any,
    x: Any,
    y: Any,
    *,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: Any = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: bool = True,
    class_weight: Mapping[int, float] | None = None,
    sample_weight: Any = None,
    seed: int = 0,
    **others: Any,
) -> History:
    """Train a compiled Keras model on netlet, and put the weights back into it.

    Every argument means what it means in ``model.fit``. What netlet would do otherwise is refused and named.
    Training starts from the model's weights; the optimizer begins afresh, so a second call needs the model
    to be compiled again (but for SGD without momentum, which remembers nothing). Random numbers (the order of
    samples, dropout) are netlet's, drawn from `seed`. Cross-entropies are computed from logits, as Keras does
    with ``from_logits=True``: a loss of probabilities beyond 1e-7, where Keras cuts off, goes on growing.

    Parameters
    ----------
    model
        Sequential, or Functional of one path; compiled with SGD, RMSprop, Adam, AdamW or Nadam at a fixed
        learning rate, and with binary, categorical or sparse categorical cross-entropy, the mean squared or
        absolute error, or Huber's loss.
    x, y
        Arrays, as the model takes them.
    batch_size
        32, if it is not said.
    callbacks
        None, or one EarlyStopping and one ReduceLROnPlateau. EarlyStopping with restore_best_weights must
        watch val_loss and have no min_delta, baseline or start_from_epoch; ReduceLROnPlateau must watch
        val_loss with the usual min_delta, cooldown and min_lr.
    validation_split, validation_data
        As in Keras: the last share of the samples before shuffling, or (x, y).
    shuffle, class_weight, sample_weight
        As in Keras.
    seed
        Whole number from 0.

    Returns
    -------
    History

    Raises
    ------
    ArchitectureError
        If netlet has no such model; the layer is named.
    DataError
        If x or y do not fit the model.
    Interrupted
        On Ctrl-C; the model has the weights after the last whole epoch.
    TrainingError
        If the model is not compiled, or netlet would train it otherwise than Keras would.
    """
    _check_others(others)
    x = inputs(x)
    seen = described(model, _length_of(model, x))
    for name in ("train_step", "compute_loss"):
        if name in vars(model):
            raise refused(f"its {name} is of one's own, which netlet does not execute")
    compiled = compiled_of(model, seen)
    _check_fresh(model, compiled)
    network = _network(model, seen, compiled)
    x, validation = with_shape(x, network), pair(validation_data, network, compiled)
    y = targets(y, network, compiled)
    check_lengths(x, y, "x and y")
    weights = sample_weights(x, y, network, class_weight, sample_weight)
    if validation is None and validation_split:
        if not 0 < validation_split < 1:
            raise TrainingError(f"validation_split is {validation_split}, but must be between 0 and 1")
        if weights is not None:
            raise refused(
                "with validation_split it would weight the validation loss too: give validation_data"
            )
        start = math.floor(len(x) * (1 - validation_split))
        if not start:
            raise TrainingError(
                f"validation_split={validation_split} of {len(x)} samples leaves none to learn"
            )
        x, y, validation = x[:start], y[:start], Split(x[start:], y[start:])
    data = ExactDataset(
        NAME,
        Split(x, y),
        validation,
        network.task,
        input_scaling=network.input_scaling,
        class_names=[str(each) for each in range(class_count(network))],
    )
    stopping = Stopping.of(callbacks, validation is not None, compiled)
    plateau = Plateau.of(callbacks, validation is not None, compiled)
    training = Training(
        epochs=epochs,
        batch_size=32 if batch_size is None else batch_size,
        shuffle=_order(shuffle),
        patience=stopping.patience if stopping is not None and stopping.restores else None,
        **compiled.settings,
        **(plateau.settings if plateau is not None else {}),
    )
    frozen = _frozen(seen)
    _check_trainable(model, seen, network, frozen)

    def keep(run: Run) -> None:
        _put_back(model, seen, run.network)

    setattr(model.optimizer, _USED, True)
    try:
        (run,) = train(
            network.architecture,
            data,
            training,
            seeds=[seed],
            start=network,
            freeze=frozen,
            sample_weight=weights,
            validate=validation is not None,
            quiet=True if verbose == 0 else None,
            on_epoch=stopping.after if stopping is not None and not stopping.restores else None,
        )
    except Interrupted as interrupted:
        for each in interrupted.runs or ():
            keep(each)
        raise
    keep(run)
    if run.diverged is not None:
        warnings.warn(
            f"the training diverged in epoch {run.diverged}, and was ended there: take a lower learning rate",
            stacklevel=2,
        )
    if training.l2:
        warnings.warn("the losses of the history are without the L2 penalty, which Keras adds", stacklevel=2)
    history = _history(run, compiled, validation is not None)
    if plateau is not None:
        *history["learning_rate"], rate = plateau.rates(training.learning_rate, history["val_loss"])
        model.optimizer.learning_rate = rate
    params = {
        "verbose": verbose,
        "epochs": epochs,
        "steps": math.ceil(len(x) / training.batch_size),
    }
    return History(history, list(range(run.epochs)), params, model, run.network)


def _check_others(others: Mapping[str, Any]) -> None:
    for name, value in others.items():
        if name in _WITHOUT_EFFECT:
            continue
        if name not in _UNUSED:
            raise TypeError(f"fit() got an unexpected keyword argument {name!r}")
        if value not in _UNUSED[name]:
            raise refused(f"{name} is {value!r}: leave it out", name)


def _length_of(model: Any, x: np.ndarray) -> tuple[int, ...] | None:
    """The input's shape from the data, where the model leaves it open."""
    shape = getattr(model, "input_shape", None)
    if isinstance(shape, tuple) and None in shape[1:] and len(shape) == x.ndim:
        return x.shape[1:]
    return None


def _check_fresh(model: Any, compiled: Compiled) -> None:
    kind, optimizer = compiled.settings, model.optimizer
    remembers = kind["optimizer"] != "sgd" or kind.get("momentum")
    iterations = getattr(optimizer, "iterations", 0)
    if remembers and (getattr(optimizer, _USED, False) or int(as_numpy(iterations)) > 0):
        raise refused(
            "its optimizer has trained before, and what it remembers stays there: compile the model "
            "again, with "
            "a new optimizer, to begin afresh",
            "optimizer",
        )


def _network(model: Any, seen: Model, compiled: Compiled) -> Network:
    """The model as a network, whose scaling stands before the first layer alone."""
    is_first = True
    for part in seen.parts:
        if isinstance(part, Affine) and not is_first:
            raise refused(f"layer {part.found.name!r} ({part.found.kind}) scales behind the first layer")
        is_first = is_first and isinstance(part, Affine)
    wanted = {"binary": "sigmoid", "categorical": "softmax"}.get(compiled.task)
    last = seen.layers[-1]
    ending = getattr(last, "activation", getattr(last, "function", None))
    if wanted is not None and ending != ("linear" if compiled.logits else wanted):
        given = "from_logits=True" if compiled.logits else "probabilities"
        needed = "no activation" if compiled.logits else wanted
        raise refused(f"its loss is for {given}, but its last activation is {ending}, not {needed}", "loss")
    with warnings.catch_warnings():  # of initialisers, which do not matter here
        warnings.simplefilter("ignore", UserWarning)
        try:
            return network_of(seen, reader(model), task=compiled.task)
        except ArchitectureError as error:
            raise refused(str(error)) from None


def _order(shuffle: Any) -> bool:
    if not isinstance(shuffle, (bool, np.bool_)):
        raise refused(f"shuffle is {shuffle!r}, but must be True or False", "shuffle")
    return bool(shuffle)


_WEIGHTED = ("units", "kernel_size", "epsilon", "layer", "output_dim")
"""Arguments that only Keras's layers with weights have (of those that netlet has)."""


def _frozen(seen: Model) -> Sequence[int]:
    """The network's layers whose Keras layer is not trainable."""
    frozen, place = [], 0
    for part in seen.parts:
        if isinstance(part, Converted):
            config = part.found.config
            has_weights = any(config.get(name) for name in _WEIGHTED)
            if not part.found.config.get("trainable", True) and has_weights:
                frozen.append(place)
            place += len(part.layers)
    return frozen


def _check_trainable(model: Any, seen: Model, network: Network, frozen: Sequence[int]) -> None:
    """Refuse (TrainingError) a layer of which some weights are to learn and others not."""
    counts = iter(enumerate(network.architecture.layer_weight_shapes(network.input_shape)))
    variables = iter(model.weights)
    for part in seen.parts:
        if isinstance(part, Affine):
            for _ in range(part.weights):
                next(variables)
            continue
        for layer in part.layers:
            place, shapes = next(counts)
            learned = 0 if place in frozen else len(shapes) - layer.averages
            for number, variable in zip(range(len(shapes)), variables, strict=False):
                is_keras_3 = hasattr(variable, "value") and is_keras(type(variable))
                if is_keras_3 and variable.trainable != (number < learned):
                    raise refused(
                        f"of layer {part.found.name!r} some weights are trainable and others not: set "
                        "trainable of the whole layer"
                    )


def _put_back(model: Any, seen: Model, network: Network) -> None:
    """Give the model the network's weights; those of its scalings stay."""
    weights = iter(network.weights)
    variables = iter(model.weights)
    counts = iter(network.architecture.layer_weight_shapes(network.input_shape))
    for part in seen.parts:
        is_layer = isinstance(part, Converted)
        count = sum(len(next(counts)) for _ in part.layers) if isinstance(part, Converted) else part.weights
        for _ in range(count):
            variable = next(variables)
            if is_layer:
                variable.assign(next(weights))


def _history(run: Run, compiled: Compiled, is_validated: bool) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    if not run.epochs:
        return found
    for prefix in ("", "val_") if is_validated else ("",):
        found[f"{prefix}loss"] = list(run.history[f"{prefix}loss"])
        for name in compiled.accuracies:
            found[f"{prefix}{name}"] = list(run.history[f"{prefix}accuracy"])
    return found
