"""Pictures as answers show them: drawn, captioned, and described in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from netlet import figures, inspect, metrics
from netlet.datasets import Dataset, Split
from netlet.lab.answer import Picture
from netlet.lab.wording import count, listed, number, percent
from netlet.network import Network
from netlet.training import Runs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PIXELS_PER_INCH = 120
_STRIP = 10
_ERRORS = 12

# Drawing goes on beside the next training. One thread: matplotlib's settings belong to the whole process.
_drawing = ThreadPoolExecutor(1, thread_name_prefix="drawing")


def picture(name: str, draw: Callable[[], Figure], caption: str, alt: str) -> Picture:
    """Have a figure drawn; it is waited for where its bytes are asked for."""
    drawn = _drawing.submit(lambda: figures.to_png_bytes(draw(), PIXELS_PER_INCH))
    return Picture(name, caption, alt, drawn.result)


def strip(name: str, dataset: Dataset) -> Picture:
    """The first images of a dataset's training split with their targets."""
    shown = Split(dataset.train.x[:_STRIP], dataset.train.y[:_STRIP])
    names = [dataset.class_names[label] for label in metrics.labels(shown.y)]
    caption = f"The first {len(shown)} training images of {dataset.name}, with their classes."
    return picture(
        name,
        lambda: figures.image_strip(shown.x, shown.y, dataset.class_names),
        caption,
        f"{len(shown)} images in a row. Their classes: {', '.join(names)}.",
    )


def history(name: str, runs: Runs, what: str) -> Picture:
    """Loss and accuracy, or normalised error, over the epochs of a training, with the band over its seeds."""
    bands = metrics.history_bands(run.history for run in runs)
    is_error = "normalised_error" in bands.curves
    curves = ("normalised_error",) if is_error else ("loss", "accuracy")
    told = listed([curve.replace("_", " ") for curve in curves])
    ends = [
        f"{split} {curve.replace('_', ' ')} {number(float(bands.curves[key].median[-1]))}"
        for split, prefix in (("training", ""), ("validation", "val_"))
        for curve in curves
        if (key := prefix + curve) in bands.curves and len(bands.epochs)
    ]
    return picture(
        name,
        lambda: figures.history(bands),
        f"Training of {what}: {told} after every epoch, median and quartiles of {count(len(runs), 'seed')}.",
        f"{count(len(curves), 'line chart')} over {len(bands.epochs)} epochs. Medians at the end: "
        f"{listed(ends)}.",
    )


def over_seeds(
    name: str,
    values: Mapping[str, Sequence[float | None]],
    caption: str,
    references: Mapping[str, float] | None = None,
    metric: str = "accuracy",
) -> Picture:
    """One metric over seeds, a row for each of several networks, splits or sizes."""
    medians = [
        f"{row} {number(metrics.summarise(each, metrics.higher_is_better(metric)).median)}"
        for row, each in values.items()
    ]
    return picture(
        name,
        lambda: figures.seeds(values, metric, references, reference_name="notebook"),
        caption,
        f"A chart with a row of dots, one a seed, for each of {len(values)} rows. Medians: "
        f"{'; '.join(medians)}.",
    )


def confusion(name: str, network: Network, dataset: Dataset, what: str) -> Picture:
    """Confusion matrices of one network on all splits there are."""
    matrices = {
        split: metrics.confusion_matrix(data.y, network.predict(data.x, data.mask))
        for split, data in dataset.present.items()
    }
    noun = "image" if len(dataset.input_shape) == 3 else "sequence"
    wrong = [f"{split} {count(int(m.sum() - np.trace(m)), noun)}" for split, m in matrices.items()]
    return picture(
        name,
        lambda: figures.confusion_matrix(matrices, dataset.class_names, noun=noun),
        f"Confusion matrices of {what}: rows are true classes, columns what was answered.",
        f"{len(matrices)} confusion matrices. Wrongly classified: {', '.join(wrong)}.",
    )


def roc(name: str, network: Network, dataset: Dataset, what: str) -> Picture:
    """ROC curves of one network of two classes, on the splits it did not learn from."""
    curves = {
        split: metrics.roc(data.y, network.predict(data.x, data.mask))
        for split, data in dataset.present.items()
        if split != "training"
    }
    areas = [f"{split} {number(curve.area)}" for split, curve in curves.items()]
    return picture(
        name,
        lambda: figures.roc(curves),
        f"ROC curves of {what}, as a whole and their upper left corner.",
        f"ROC curves. Areas below them: {', '.join(areas)}.",
    )


def mistakes(name: str, network: Network, dataset: Dataset, what: str) -> Picture:
    """The validation images that one network is most wrong about."""
    wrong = inspect.mistakes(network, dataset.validation, _ERRORS)
    names = dataset.class_names
    each = [
        f"number {index} is {names[target]} and was taken for {names[said]} ({percent(probability)})"
        for index, target, said, probability in zip(
            wrong.index, wrong.target, wrong.predicted, wrong.probability, strict=True
        )
    ]
    return picture(
        name,
        lambda: figures.error_gallery(wrong, names),
        f"The validation images that {what} is most wrong about, the surest mistakes first.",
        "; ".join(each) + "." if each else "No validation image is classified wrongly.",
    )


def feature_maps(name: str, network: Network, dataset: Dataset, index: int, is_before: bool) -> Picture:
    """What the layers make of one validation image, before or after pooling."""
    maps = inspect.feature_maps(network, dataset.validation.x[index], before_pooling=is_before)
    target, said = target_and_answer(dataset, index, maps.prediction)
    layers = [f"{layer.place.name}: {count(layer.maps.shape[-1], 'map')}" for layer in maps.layers]
    moment = "before" if is_before else "after"
    return picture(
        name,
        lambda: figures.feature_maps(maps),
        f"Validation image {index}, {target}: feature maps {moment} pooling. The network says {said}.",
        f"An image of {target} and its feature maps {moment} pooling: {listed(layers) or 'none'}.",
    )


def saliency(name: str, network: Network, dataset: Dataset, index: int) -> Picture:
    """Which pixels of one validation image the network's answer hangs on."""
    found = inspect.saliency(network, dataset.validation.x[index])
    target, said = target_and_answer(dataset, index, found.prediction)
    is_number = dataset.task == "regression"
    names = [f"output {i + 1}" for i in range(dataset.outputs)] if is_number else dataset.class_names
    row, column = np.unravel_index(np.abs(found.gradient.sum(axis=-1)).argmax(), found.gradient.shape[:2])
    return picture(
        name,
        lambda: figures.saliency(found, names),
        f"Validation image {index}, {target}: what a brighter pixel would do to the score of "
        f"{names[found.output]}, red for it, blue against it. The network says {said}.",
        f"An image of {target} beside the gradient of the score with respect to its pixels, largest in row "
        f"{row}, column {column}.",
    )


def kernels(name: str, network: Network, what: str) -> Picture:
    """The kernels of one network's convolutions."""
    found = inspect.kernels(network)
    layers = [f"{each.place.name} has {count(each.weights.shape[-1], 'filter')}" for each in found]
    return picture(
        name,
        lambda: figures.kernels(found),
        f"Kernels and biases of {what}: red is positive, blue negative.",
        f"The kernels of {count(len(found), 'convolution')}: {', '.join(layers)}.",
    )


def class_means(name: str, means: inspect.ClassMeans, layer: int, dataset: Dataset) -> Picture:
    """One layer's mean feature maps of the classes, and how far they lie apart."""
    chosen = means.layers[layer]
    moment = "before" if means.before_pooling else "after"
    best = [
        f"{dataset.class_names[contrast.of]} separated best with a ROC area of {number(contrast.best.area)}"
        for contrast in chosen.contrasts
        if contrast.best is not None
    ]
    return picture(
        name,
        lambda: figures.class_means(means, layer, dataset.class_names),
        f"Mean feature maps of each class, {chosen.place.name}, {moment} pooling, and how many standard "
        "deviations the classes are apart at every place. A square marks the place that separates best.",
        f"Mean feature maps of {listed(list(dataset.class_names))}: {'; '.join(best)}.",
    )


def ablation(name: str, result: inspect.Ablation, what: str) -> Picture:
    """What is lost when each feature map is set to zero."""
    return picture(
        name,
        lambda: figures.ablation(result),
        f"What {what} loses on the validation images when one feature map is set to zero.",
        losses(result, "accuracy"),
    )


def losses(result: inspect.Ablation, metric: str) -> str:
    """What one metric loses without each feature map or node, in words."""
    is_share = metrics.higher_is_better(metric)
    told = [f"{each.name} {_loss(each.lost[metric], is_share)}" for each in result.silenced]
    kind = "accuracy lost, in percentage points" if is_share else f"{metric.replace('_', ' ')} gained"
    return f"Bars of {kind}: {listed(told) or 'none'}."


def _loss(lost: float | None, is_share: bool) -> str:
    return f"{100 * lost:.2f}" if is_share and lost is not None else number(lost)


def target_and_answer(dataset: Dataset, index: int, prediction: np.ndarray) -> tuple[str, str]:
    """What a validation image or sequence is, and what a network says that it is, in words."""
    target = dataset.validation.y[index : index + 1]
    if dataset.task == "regression":
        wanted, said = (
            listed([number(float(each)) for each in values]) for values in (target[0], prediction)
        )
        return f"target {wanted}", said
    name, sure = _said(prediction, dataset)
    return f"class {dataset.class_names[metrics.labels(target)[0]]}", f"{name} ({percent(sure)})"


def _said(prediction: np.ndarray, dataset: Dataset) -> tuple[str, float]:
    """The class a network chooses, and how sure it is."""
    if len(prediction) == 1:
        is_one = bool(prediction[0] > 0.5)
        return dataset.class_names[is_one], float(prediction[0] if is_one else 1 - prediction[0])
    chosen = int(prediction.argmax())
    return dataset.class_names[chosen], float(prediction[chosen])
