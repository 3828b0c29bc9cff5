"""Pictures of images and their networks, and of seeds: what they show in numbers, and how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from netlet import figures, inspect, metrics
from netlet.datasets import Dataset, Split
from netlet.lab.pictures.drawing import Drawing
from netlet.network import Network
from netlet.training import Runs

_STRIP = 10
_ERRORS = 12


def strip(dataset: Dataset) -> Drawing:
    """The first images of a dataset's training split with their targets."""
    shown = Split(dataset.train.x[:_STRIP], dataset.train.y[:_STRIP])
    names = [dataset.class_names[label] for label in metrics.labels(shown.y)]
    return Drawing(
        "images",
        {"dataset": dataset.name, "classes": names},
        partial(figures.image_strip, shown.x, shown.y, dataset.class_names),
    )


def history(runs: Runs) -> Drawing:
    """Loss and accuracy, or normalised error, over the epochs of a training, with the band over its seeds."""
    bands = metrics.history_bands(run.history for run in runs)
    is_error = "normalised_error" in bands.curves
    curves = ("normalised_error",) if is_error else ("loss", "accuracy")
    ends = [
        {"split": split, "curve": curve, "median": float(bands.curves[key].median[-1])}
        for split, prefix in (("training", ""), ("validation", "val_"))
        for curve in curves
        if (key := prefix + curve) in bands.curves and len(bands.epochs)
    ]
    facts = {"curves": curves, "seeds": len(runs), "epochs": len(bands.epochs), "ends": ends}
    return Drawing("history", facts, partial(figures.history, bands))


def over_seeds(
    values: Mapping[str, Sequence[float | None]],
    references: Mapping[str, float] | None = None,
    metric: str = "accuracy",
) -> Drawing:
    """One metric over seeds, a row for each of several networks, splits or sizes."""
    rows = [
        {
            "label": label,
            "seeds": len(each),
            "median": metrics.summarise(each, metrics.higher_is_better(metric), metrics.worst(metric)).median,
            "printed": (references or {}).get(label),
        }
        for label, each in values.items()
    ]
    return Drawing(
        "over_seeds",
        {"metric": metric, "rows": rows},
        partial(figures.seeds, values, metric, references, reference_name="notebook"),
    )


def confusion(network: Network, dataset: Dataset) -> Drawing:
    """Confusion matrices of one network on all splits there are."""
    matrices = {
        split: metrics.confusion_matrix(data.y, network.predict(data.x, data.mask))
        for split, data in dataset.present.items()
    }
    noun = "image" if len(dataset.input_shape) == 3 else "sequence"
    wrong = [
        {"split": split, "examples": int(m.sum()), "wrong": int(m.sum() - np.trace(m))}
        for split, m in matrices.items()
    ]
    return Drawing(
        "confusion",
        {"example": noun, "splits": wrong},
        partial(figures.confusion_matrix, matrices, dataset.class_names, noun=noun),
    )


def roc(network: Network, dataset: Dataset) -> Drawing:
    """ROC curves of one network of two classes, on the splits it did not learn from."""
    curves = {
        split: metrics.roc(data.y, network.predict(data.x, data.mask))
        for split, data in dataset.present.items()
        if split != "training"
    }
    areas = [{"split": split, "area": curve.area} for split, curve in curves.items()]
    return Drawing("roc", {"splits": areas}, partial(figures.roc, curves))


def mistakes(network: Network, dataset: Dataset) -> Drawing:
    """The validation images that one network is most wrong about."""
    wrong = inspect.mistakes(network, dataset.validation, _ERRORS)
    names = dataset.class_names
    each = [
        {"index": int(index), "true": names[target], "said": names[said], "sure": float(probability)}
        for index, target, said, probability in zip(
            wrong.index, wrong.target, wrong.predicted, wrong.probability, strict=True
        )
    ]
    return Drawing("mistakes", {"mistakes": each}, partial(figures.error_gallery, wrong, names))


def feature_maps(network: Network, dataset: Dataset, index: int, is_before: bool) -> Drawing:
    """What the layers make of one validation image, before or after pooling."""
    maps = inspect.feature_maps(network, dataset.validation.x[index], before_pooling=is_before)
    layers = [{"name": layer.place.name, "maps": layer.maps.shape[-1]} for layer in maps.layers]
    facts = {"is_before": is_before, "layers": layers, **asked(dataset, index, maps.prediction)}
    return Drawing("feature_maps", facts, partial(figures.feature_maps, maps))


def saliency(network: Network, dataset: Dataset, index: int) -> Drawing:
    """Which pixels of one validation image the network's answer hangs on."""
    found = inspect.saliency(network, dataset.validation.x[index])
    is_number = dataset.task == "regression"
    names = [f"output {i + 1}" for i in range(dataset.outputs)] if is_number else dataset.class_names
    row, column = np.unravel_index(np.abs(found.gradient.sum(axis=-1)).argmax(), found.gradient.shape[:2])
    facts = {"output": names[found.output], "row": int(row), "column": int(column)}
    return Drawing(
        "saliency",
        facts | asked(dataset, index, found.prediction),
        partial(figures.saliency, found, names),
    )


def kernels(network: Network) -> Drawing:
    """The kernels of one network's convolutions."""
    found = inspect.kernels(network)
    layers = [{"name": each.place.name, "filters": each.weights.shape[-1]} for each in found]
    return Drawing("kernels", {"layers": layers}, partial(figures.kernels, found))


def explanation(network: Network, dataset: Dataset) -> Drawing:
    """A tiny network whole: every weight, what its parts answer to, and examples on their way through it."""
    found = inspect.explain(network, dataset.validation, dataset.class_names)
    facts = {"weights": network.parameters, "classes": list(dataset.class_names)}
    text = str(network.architecture)
    return Drawing("explanation", facts, partial(figures.explanation, found, text))


def class_means(means: inspect.ClassMeans, layer: int, dataset: Dataset) -> Drawing:
    """One layer's mean feature maps of the classes, and how far they lie apart."""
    chosen = means.layers[layer]
    best = [
        {"name": dataset.class_names[contrast.of], "area": contrast.best.area}
        for contrast in chosen.contrasts
        if contrast.best is not None
    ]
    facts = {
        "classes": list(dataset.class_names),
        "layer": chosen.place.name,
        "is_before": means.before_pooling,
        "best": best,
    }
    return Drawing("class_means", facts, partial(figures.class_means, means, layer, dataset.class_names))


def ablation(result: inspect.Ablation) -> Drawing:
    """What is lost when each feature map is set to zero."""
    return Drawing("ablation", losses(result, "accuracy"), partial(figures.ablation, result))


def losses(result: inspect.Ablation, metric: str) -> dict[str, Any]:
    """What one metric loses without each feature map or node."""
    told = [{"name": each.name, "lost": each.lost[metric]} for each in result.silenced]
    return {"metric": metric, "is_share": metrics.higher_is_better(metric), "silenced": told}


def asked(dataset: Dataset, index: int, prediction: np.ndarray) -> dict[str, Any]:
    """The ``index`` of a validation image or sequence, what it is, and what a network says (``asked``).

    Of classes names (``target``, ``said``) and how ``sure`` it is; of numbers lists of them, and no ``sure``.
    """
    target = dataset.validation.y[index : index + 1]
    told: dict[str, Any] = {"is_class": dataset.task != "regression"}
    if dataset.task == "regression":
        wanted, said = ([float(each) for each in values] for values in (target[0], prediction))
        told |= {"target": wanted, "said": said, "sure": None}
    else:
        name, sure = _said(prediction, dataset)
        told |= {"target": dataset.class_names[metrics.labels(target)[0]], "said": name, "sure": sure}
    return {"index": index, "asked": told}


def _said(prediction: np.ndarray, dataset: Dataset) -> tuple[str, float]:
    """The class a network chooses, and how sure it is."""
    if len(prediction) == 1:
        is_one = bool(prediction[0] > 0.5)
        return dataset.class_names[is_one], float(prediction[0] if is_one else 1 - prediction[0])
    chosen = int(prediction.argmax())
    return dataset.class_names[chosen], float(prediction[chosen])
