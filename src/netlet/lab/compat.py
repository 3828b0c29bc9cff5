"""The helpers that notebooks of the course call, under their names, with their arguments and results.

Data comes from the course's folders, if they are beside the notebook (or where NETLET_DATA says), and is else
netlet's own, which is said in a line. Networks may be netlet's or Keras's.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from netlet import datasets, inspect, metrics
from netlet.datasets import DATA_DIR_VARIABLE
from netlet.datasets.files import originals
from netlet.errors import DataError
from netlet.figures.map_sheets import feature_maps
from netlet.figures.shown import Shown
from netlet.figures.style import new_figure, set_title, styled, title_room

__all__ = [
    "binary_pred_stats",
    "layerVisaliztion",
    "layerVisualization",
    "loadImagesCRT",
    "loadImagesR3",
    "loadMNIST56",
    "multi_stat_3",
    "plot_confusion_matrix",
]

Loaded = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int, int]
"""Training images and targets, validation images and targets, and the images' two sides in pixels.

Images are float32 in 0..1, (n, side, side, 1); targets float: 0 and 1, (n,), or one-hot, (n, 3)."""

_LEAST_PROBABILITY = 1e-15
_DARK = 0.5
"""Text on what is less luminous than this is white."""


def loadMNIST56() -> Loaded:
    """Handwritten fives (0) and sixes (1), from mnist56.npy: see `Loaded`."""
    return _loaded("mnist56")


def loadImagesCRT() -> Loaded:
    """Rectangles, circles and triangles, from crt-trn/ and crt-val/: see `Loaded`."""
    return _loaded("crt")


def loadImagesR3() -> Loaded:
    """Squares, flat and upright rectangles, from r3-trn/ and r3-val/: see `Loaded`."""
    return _loaded("r3")


def binary_pred_stats(
    ytrue: ArrayLike, ypred: ArrayLike, threshold: float = 0.5
) -> tuple[float, float, float]:
    """Sensitivity, specificity and accuracy of probabilities of class 1.

    Parameters
    ----------
    ytrue, ypred
        (n,) or (n, 1).
    threshold
        What is above it counts as class 1.

    Returns
    -------
    tuple of float
        NaN for a class that has no example.

    Raises
    ------
    DataError
        If there is not one answer for each target.
    """
    target, answer = np.asarray(ytrue, dtype=np.float64), np.asarray(ypred, dtype=np.float64)
    if target.size != answer.size or max(target.ndim, answer.ndim) > 2 or not target.size:
        raise DataError(
            f"targets are {target.shape} and answers {answer.shape}: give one probability for each target"
        )
    target, answer = target.ravel(), answer.ravel()
    is_right = (answer > threshold) == (target == 1)
    shares = [is_right[target == label] for label in (1, 0)]
    of_one, of_zero = (float(share.mean()) if len(share) else float("nan") for share in shares)
    counted = np.isin(target, (0, 1)) & is_right
    return of_one, of_zero, float(counted.mean())


def plot_confusion_matrix(
    cm: ArrayLike,
    target_names: Sequence[str] | None,
    title: str = "Confusion matrix",
    cmap: Any = None,
    normalize: bool = True,
) -> None:
    """Show a confusion matrix: true classes in rows, what they were taken for in columns.

    Parameters
    ----------
    cm
        Counts, (classes, classes).
    target_names
        Of the classes; None for their numbers.
    cmap
        A colour map of matplotlib's or its name; blues by default.
    normalize
        Whether shares of every true class are written in the place of counts.

    Raises
    ------
    DataError
        If the matrix is not square, or there are not as many names.
    """
    counts = np.asarray(cm)
    if counts.ndim != 2 or len(counts) != counts.shape[-1] or not len(counts):
        raise DataError(f"the confusion matrix is {counts.shape}, but must be (classes, classes)")
    names = [str(each) for each in range(len(counts))] if target_names is None else list(target_names)
    if len(names) != len(counts):
        raise DataError(f"target_names has {len(names)} names for {len(counts)} classes: give one for each")
    Shown(_matrix(counts, names, title, cmap, normalize), title).show()


def multi_stat_3(model: Any = None, x_test: Any = None, y_test: Any = None, lbl: str | None = None) -> None:
    """Print the mean cross-entropy (nats) and the accuracy of a network for three classes; show confusions.

    Parameters
    ----------
    model
        A network, or a run of netlet's, or a Keras model.
    x_test, y_test
        Inputs, and one-hot targets, (n, 3).
    lbl
        What the data is called, such as "Validation".

    Raises
    ------
    DataError
        If targets and answers are not (n, 3).
    """
    target, answer = np.asarray(y_test), _predicted(model, x_test)
    if target.shape != answer.shape or target.ndim != 2 or target.shape[1] != 3:
        raise DataError(f"targets are {target.shape} and answers {answer.shape}, but both must be (n, 3)")
    shares = np.clip(answer.astype(np.float64), _LEAST_PROBABILITY, 1.0)
    shares /= shares.sum(axis=1, keepdims=True)
    label = "" if lbl is None else lbl
    print(label, " log_loss: ", float(-np.log((shares * target).sum(axis=1)).mean()))
    print(label, " accuracy: ", float((answer.argmax(axis=1) == target.argmax(axis=1)).mean()), "\n")
    matrix = np.zeros((3, 3), dtype=np.int64)
    np.add.at(matrix, (target.argmax(axis=1), answer.argmax(axis=1)), 1)
    names = [f"class {number}" for number in (1, 2, 3)]
    plot_confusion_matrix(matrix, names, f"Confusion Matrix: {label}".rstrip(": "), normalize=False)


def layerVisualization(model: Any, indata: Any, target: Any, idx: int = 10, post_pool: bool = False) -> None:
    """Print what a network says of an image, and show its feature maps.

    Parameters
    ----------
    model
        A network, or a run of netlet's, or a Keras model.
    indata, target
        Images, (n, height, width, channels), and their targets.
    idx
        Which of them, from 0.
    post_pool
        Whether maps are shown after pooling rather than before.

    Raises
    ------
    DataError
        If there is no such image, or the model's layers cannot be looked into.
    """
    images = np.asarray(indata)
    if isinstance(idx, bool) or not isinstance(idx, int | np.integer) or not 0 <= idx < len(images):
        raise DataError(f"idx is {idx!r}, but there are images 0 to {len(images) - 1}")
    network = _unwrapped(model)
    of = _maps_of_keras if _is_keras(network) else inspect.feature_maps
    found = of(network, images[idx], not post_pool)
    print("Prediction: ", found.prediction)
    print("Target    : ", np.asarray(target)[idx])
    title = f"image {idx}, {'after' if post_pool else 'before'} pooling"
    Shown(feature_maps(found, title), f"feature maps of {title}").show()


layerVisaliztion = layerVisualization


def _loaded(name: str) -> Loaded:
    """A dataset's training and validation part as arrays of one's own."""
    folders = [Path(), *(Path(path) for path in [os.environ.get(DATA_DIR_VARIABLE)] if path)]
    there = [folder for folder in folders if folder.is_dir() and name in originals.found(folder)]
    if there:
        data = originals.read(name, there[0])
    else:
        data = datasets.make(name)
        wanted = "mnist56.npy" if name == "mnist56" else f"{name}-trn/"
        print(f"{name}: no {wanted} in {Path().resolve()}, so this is netlet's own data ({data.source})")
    parts = [np.array(each) for each in (data.train.x, data.train.y, data.validation.x, data.validation.y)]
    return parts[0], parts[1], parts[2], parts[3], parts[0].shape[1], parts[0].shape[2]


def _unwrapped(model: Any) -> Any:
    """The network of a run, or of the best of many."""
    return getattr(getattr(model, "best", model), "network", model) if not _is_keras(model) else model


def _is_keras(model: Any) -> bool:
    return any(
        each.__module__.split(".")[0] in ("keras", "tf_keras", "tensorflow") for each in type(model).__mro__
    )


def _predicted(model: Any, x: Any) -> np.ndarray:
    if _is_keras(model):
        return np.asarray(model.predict(x, verbose=0))
    return _unwrapped(model).predict(x)


def _maps_of_keras(model: Any, image: np.ndarray, before_pooling: bool) -> inspect.FeatureMaps:
    """What a Keras model's convolutions, or its poolings, make of one image."""
    from importlib import import_module

    batch = image[np.newaxis].astype(np.float32)
    prediction = _predicted(model, batch)[0]
    kind = "Conv2D" if before_pooling else "Pooling2D"
    layers = [
        (place, layer) for place, layer in enumerate(model.layers) if type(layer).__name__.endswith(kind)
    ]
    found = []
    if layers:
        root = type(model).__module__.split(".")[0]
        keras = import_module("tensorflow.keras" if root == "tensorflow" else root)
        try:
            inside = keras.Model(model.inputs, [layer.output for _, layer in layers])
        except (AttributeError, ValueError) as error:
            told = " ".join(str(error).split())[:80]
            raise DataError(
                f"the layers of {type(model).__name__} cannot be looked into ({told}): "
                "make the model with Sequential or from Input to output"
            ) from None
        outputs = inside.predict(batch, verbose=0)
        outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
        for (place, layer), output in zip(layers, outputs, strict=True):
            maps = np.asarray(output)[0]
            if getattr(layer, "data_format", "channels_last") == "channels_first" and maps.ndim == 3:
                maps = np.moveaxis(maps, 0, -1)
            named = inspect.Place(place, layer.name, type(layer).__name__)
            found.append(inspect.LayerMaps(named, maps if maps.ndim == 3 else maps.reshape(1, 1, -1)))
    return inspect.FeatureMaps(batch[0], np.atleast_1d(prediction), before_pooling, tuple(found))


@styled
def _matrix(counts: np.ndarray, names: Sequence[str], title: str, cmap: Any, normalize: bool) -> Any:
    """The picture of a confusion matrix."""
    shares = metrics.normalised(counts)
    written = shares if normalize else counts
    side = max(2.4, 0.75 * len(counts))
    figure = new_figure(side + 1.1 + title_room(title, side + 2.2), side + 2.2)
    set_title(figure, title)
    axes = figure.subplots()
    image = axes.imshow(np.nan_to_num(written), cmap=cmap or "Blues", vmin=0)
    figure.colorbar(image, ax=axes, label="share of the true class" if normalize else "examples")
    for (row, column), value in np.ndenumerate(written):
        red, green, blue, _ = image.cmap(image.norm(np.nan_to_num(value)))
        is_dark = 0.299 * red + 0.587 * green + 0.114 * blue < _DARK
        text = "-" if np.isnan(value) else f"{value:.4f}" if normalize else f"{value:,}"
        axes.text(column, row, text, ha="center", va="center", color="white" if is_dark else "black")
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), names)
    total = counts.sum()
    right = np.trace(counts) / total if total else float("nan")
    axes.set_ylabel("true class")
    axes.set_xlabel(f"predicted class\naccuracy {right:.4f}, misclassified {1 - right:.4f}")
    return figure
