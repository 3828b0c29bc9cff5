"""The figure of a result: what `Runs.plot()`, `Run.maps(image)`, `Network.plot()` and their like return.

Here numbers of `netlet.metrics` and `netlet.inspect` are put into pictures of `netlet.figures`.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from netlet import inspect, metrics
from netlet.datasets.inputs import as_inputs
from netlet.errors import DataError, TrainingError, brief
from netlet.figures import galleries, learning_curves, map_sheets, quality, worst
from netlet.figures.sequences import activity, prediction
from netlet.figures.shown import Shown
from netlet.figures.weight_sheets import weights
from netlet.training import augmentation, checked_seeds
from netlet.training.rules import is_whole
from netlet.training.trainer import chosen_training

if TYPE_CHECKING:
    from netlet.comparison import Comparison
    from netlet.datasets import Dataset, Split
    from netlet.network import Network
    from netlet.training import Run, Runs, Training

_MOST_SHOWN = 20  # images or epochs


# --- data -------------------------------------------------------------------------------------------------


def learned_from(
    dataset: Dataset, training: Training | None, examples: int, epochs: int, seed: int, **settings: Any
) -> Shown:
    """Training images as they are, and as they are learned from (`Dataset.show`).

    Raises
    ------
    DataError
        If there are no images.
    TrainingError
        If the settings do not fit, or there is no such number of examples or epochs.
    """
    if dataset.kind != "image":
        raise DataError(f"{dataset.name} has no images: print it, or see netlet.datasets.describe")
    for name, value in {"examples": examples, "epochs": epochs}.items():
        if not (is_whole(value) and 1 <= value <= _MOST_SHOWN):
            raise TrainingError(
                f"{name} is {brief(value)}, but must be a whole number from 1 to {_MOST_SHOWN}"
            )
    (seed,) = checked_seeds([seed])
    training = chosen_training(training, dataset, **settings)
    split = dataset.train
    places = list(dict.fromkeys(np.linspace(0, len(split) - 1, examples).astype(int).tolist()))
    columns = {"as they are": split.x[places]}
    for epoch in range(1, epochs + 1) if training.augments else ():
        columns[f"epoch {epoch}"] = augmentation.augmented(training, dataset, places, epoch, seed)
    names = [""] * len(places)
    if dataset.task != "regression":
        names = galleries.class_captions(split.y[places], dataset.class_names)
    changed = augmentation.described(training, dataset)
    title = f"{dataset.name}: training images" + (f", {changed}" if changed else "")
    return Shown(galleries.image_table(columns, names, title), f"training images of {dataset.name}")


# --- many runs --------------------------------------------------------------------------------------------


def training(runs: Runs) -> Shown:
    """Loss and metrics over the epochs, median and quartiles over seeds (`Runs.plot`)."""
    title = _title(runs)
    bands = metrics.history_bands(run.history for run in runs)
    return Shown(learning_curves.history(bands, title), f"training of {title}")


def confusion(runs: Runs) -> Shown:
    """What the best run takes for what, on every split there is (`Runs.confusion`).

    Raises
    ------
    DataError
        If the task is regression.
    TrainingError
        If there are no runs, or all diverged.
    """
    dataset, network = runs.dataset, _alive(runs).network
    if dataset.task == "regression":
        raise DataError(f"{dataset.name} is for regression, which has no classes: see mistakes() of a run")
    matrices = {
        name: metrics.confusion_matrix(
            metrics.counted(split.y, split.mask),
            metrics.counted(network.predict(split.x, split.mask), split.mask),
        )
        for name, split in dataset.present.items()
    }
    title = f"{_title(runs)}, seed {runs.best.seed}"
    drawn = quality.confusion_matrix(
        matrices, dataset.class_names, len(dataset.class_names) <= 6, title, _noun(runs)
    )
    return Shown(drawn, f"confusion of {title}")


def against(runs: Runs, other: Runs) -> Shown:
    """Two trainings side by side: every seed, and how far their medians are apart (`Runs.compare`).

    One seed says nothing of the next: with one on either side there are no intervals.

    Raises
    ------
    TrainingError
        If their runs are ranked by different metrics, or there are none.
    """
    from netlet.comparison import Comparison, Contender, pairs
    from netlet.figures.comparison import comparison

    both = (runs, other)
    if runs.ranked_by != other.ranked_by:
        raise TrainingError(
            f"runs ranked by {runs.ranked_by} and by {other.ranked_by} cannot be compared: "
            "take two trainings for the same task"
        )
    if not all(both):
        raise TrainingError("one of the trainings has no runs: train at least one seed to compare it")
    names = _told_apart(runs, other)
    title = f"{names[0]} and {names[1]}"
    if min(map(len, both)) < 2:
        values = {
            f"{letter}: {name} ({each.parameters:,})": [
                row[each.ranked_by] for row in each.metrics("validation")
            ]
            for letter, name, each in zip("AB", names, both, strict=True)
        }
        note = "one seed says nothing of the next: train more to compare"
        return Shown(quality.seeds(values, runs.ranked_by, title=note), title)
    contenders = tuple(Contender(each) for each in both)
    fewer = runs.dataset if runs.dataset.test is None else other.dataset  # splits that both have
    found = Comparison(contenders, pairs(contenders, fewer))
    return Shown(comparison(found, names=names), title)


def _told_apart(runs: Runs, other: Runs) -> tuple[str, str]:
    """Names of two trainings: their architectures, and whatever else is different."""
    names = [str(runs.architecture), str(other.architecture)]
    settings = [
        field.name
        for field in fields(runs.training)
        if getattr(runs.training, field.name) != getattr(other.training, field.name)
    ]
    for place, each in enumerate((runs, other)):
        told = [f"{name.replace('_', ' ')} {getattr(each.training, name)}" for name in settings[:3]]
        told += [f"on {each.dataset.name}"] if runs.dataset.name != other.dataset.name else []
        if told and (names[0] == names[1] or len(told) <= 2):
            names[place] += f", {', '.join(told)}"
    return names[0], names[1]


def compared(found: Comparison, split: str) -> Shown:
    """Networks side by side: every seed, and how far their medians are apart (`Comparison.plot`)."""
    from netlet.figures.comparison import comparison

    names = " and ".join(each.name for each in found.contenders)
    return Shown(comparison(found, split), f"{found.metric.replace('_', ' ')} of {names} on {split}")


# --- one run ----------------------------------------------------------------------------------------------


def maps(run: Run, image: ArrayLike | int) -> Shown:
    """An image and what every convolution and pooling makes of it (`Run.maps`).

    Parameters
    ----------
    image
        Which image of the validation split, from 0; or one of your own, (height, width, channels) or
        (height, width), whole-number pixels or 0..1.

    Raises
    ------
    DataError
        If the network takes no images, there is no such image, or it has another shape.
    """
    network = run.network
    if len(network.input_shape) != 3:
        raise DataError(f"{network.architecture} takes no images: {_instead(network)}")
    if isinstance(image, int):
        split = _validation(run)
        name, pixels = f"validation image {image}", split.x[_in_range(image, split, "image")]
    else:
        name, pixels = "an image", _as_image(network, image)
    before, after = (inspect.feature_maps(network, pixels, is_before) for is_before in (True, False))
    layers = sorted((*before.layers, *after.layers), key=lambda layer: layer.place.layer)
    title = f"{name}: seed {run.seed} says {said(network, before.prediction)}"
    return Shown(
        map_sheets.feature_maps(replace(before, layers=tuple(layers)), title), f"feature maps, {title}"
    )


def sequence(run: Run, index: int) -> Shown:
    """A validation sequence, what the network answers, and what happens inside it (`Run.sequence`).

    Parameters
    ----------
    index
        Which, from 0.

    Raises
    ------
    DataError
        If the network takes no sequences, or there is no such one.
    """
    network, split = run.network, _validation(run)
    if len(network.input_shape) != 2:
        raise DataError(f"{network.architecture} takes no sequences: {_instead(network)}")
    one = inspect.OneSequence.of(split, _in_range(index, split, "sequence"))
    names = [place.name for place in inspect.recurrent_layers(network.architecture)]
    activities = one.activities(network)
    if one.y.ndim == 2:
        answers = one.answers(network)
        title = f"validation sequence {index}, seed {run.seed}"
        outputs = network.class_names
        drawn = prediction(one.inputs, one.targets, answers, activities, names, title, outputs)
    else:
        answer = network.predict(one.x, one.mask)[0]
        right = said(network, np.atleast_1d(one.y), sure=False)
        title = f"validation sequence {index} is {right}: seed {run.seed} says {said(network, answer)}"
        drawn = activity(one.inputs, activities, names, title)
    return Shown(drawn, title)


def mistakes(run: Run, limit: int = 12) -> Shown:
    """What the network is most wrong about on the validation split, the worst first (`Run.mistakes`).

    Of classes, what is taken for another; of numbers, the largest errors, and all answers against what is
    right.

    Parameters
    ----------
    limit
        How many at most.

    Raises
    ------
    DataError
        If the run diverged.
    """
    network, split = run.network, _validation(run)
    if run.diverged is not None:
        raise DataError(f"the run of seed {run.seed} diverged in epoch {run.diverged}: take another")
    name = f"seed {run.seed}"
    if split.y.ndim == 3:
        found = inspect.worst(network, split, limit)
        examples = [inspect.OneSequence.of(split, index) for index in found.index]
        shown = [
            {"input": one.inputs, "target": one.targets, "prediction": answer[: one.steps]}
            for one, answer in zip(examples, found.predicted, strict=True)
        ]
        unit = "error" if network.task == "regression" else "loss"
        captions = [
            f"no. {i}: {unit} {metrics.as_text(float(loss))}"
            for i, loss in zip(found.index, found.loss, strict=True)
        ]
        title = f"the worst {len(shown)} of {found.count:,} sequences, {name}"
        return Shown(worst.series_gallery(shown, captions, title), title)
    if network.task == "regression":
        found = inspect.worst(network, split, limit)
        title = f"validation, {name}; the numbers name the largest errors"
        predicted = network.predict(split.x, split.mask)
        marked = {"validation": found.index.tolist()}
        return Shown(worst.answers({"validation": (split.y, predicted)}, marked=marked, title=title), title)
    wrong, names = inspect.mistakes(network, split, limit), network.class_names
    if len(network.input_shape) == 3:
        drawn = galleries.error_gallery(wrong, names, name)
        return Shown(drawn, f"{wrong.total:,} of {wrong.count:,} images classified wrongly, {name}")
    chances = [
        f"no. {i}: is {names[t]}, said {names[p]} ({100 * sure:.1f} %)"
        for i, t, p, sure in zip(wrong.index, wrong.target, wrong.predicted, wrong.probability, strict=True)
    ]
    is_sequence = len(network.input_shape) == 2
    shown = [{"input": split.x[i] if is_sequence else split.x[i][:, np.newaxis]} for i in wrong.index]
    if is_sequence:
        shown = [{"input": inspect.OneSequence.of(split, i).inputs} for i in wrong.index]
    noun = "sequence" if is_sequence else "row"
    title = f"{wrong.total:,} of {wrong.count:,} {noun}s classified wrongly, {name}"
    along, empty = ("step" if is_sequence else "feature"), f"No {noun} is classified wrongly."
    return Shown(worst.series_gallery(shown, chances, title, along, empty), title)


def network(network: Network) -> Shown:
    """All layers with their weights (`Network.plot`)."""
    title = f"{network.architecture}: {network.parameters:,} parameters"
    return Shown(weights(inspect.layer_weights(network), title), title)


# --- words and checks -------------------------------------------------------------------------------------


def _title(runs: Runs) -> str:
    return f"{runs.architecture} on {runs.dataset.name}"


def _noun(runs: Runs) -> str:
    """What one example of a confusion matrix is."""
    if runs.dataset.validation.y.ndim == 3:
        return "step"
    return {3: "image", 2: "sequence"}.get(len(runs.dataset.input_shape), "row")


def _instead(network: Network) -> str:
    """What to ask a run for in the place of a picture that its network cannot have."""
    return {
        "image": "ask for the maps of an image, maps(0)",
        "sequence": "ask for a sequence, sequence(0)",
        "table": "ask for its mistakes()",
    }[network.kind]


def said(network: Network, answer: ArrayLike, sure: bool = True) -> str:
    """An answer, or a target, of one example in words."""
    values = np.atleast_1d(np.asarray(answer, dtype=np.float64))
    if network.task == "regression":
        return ", ".join(metrics.as_text(float(value)) for value in values[:6]) + (
            ", ..." if len(values) > 6 else ""
        )
    if len(values) == 1:
        values = np.array([1 - values[0], values[0]])
    chosen = int(values.argmax()) if len(values) > 2 else int(values[1] > 0.5)
    name = network.class_names[chosen] if network.class_names else str(chosen)
    # What rounds to 100 but is less says so.
    share = ">99.9 %" if 0.999 < values[chosen] < 1 else f"{100 * values[chosen]:.1f} %"
    return f"{name} ({share})" if sure else name


def _alive(runs: Runs) -> Run:
    if runs.best.diverged is not None:
        raise TrainingError(
            f"all {len(runs)} runs diverged, so none can be looked into: lower the learning_rate"
        )
    return runs.best


def dataset_of(run: Run) -> Dataset:
    """What a run was trained on, which one that was read from a store by itself does not know."""
    if run.dataset is None:
        raise DataError(
            f"the run of seed {run.seed} does not know its data: take one of the runs that train gives, or "
            "tell it, dataclasses.replace(run, dataset=data)"
        )
    return run.dataset


def _validation(run: Run) -> Split:
    return dataset_of(run).validation


def _as_image(network: Network, image: ArrayLike) -> np.ndarray:
    """One image as a dataset would have it: pixels of a whole-number type divided, an axis for channels."""
    batch, _ = as_inputs(
        np.asarray(image)[np.newaxis],
        kind="image",
        input_shape=network.input_shape,
        integer_scale=network.integer_scale,
    )
    return batch[0]


def _in_range(index: int, split: Split, noun: str) -> int:
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(split):
        raise DataError(
            f"there is no {noun} {index!r}: the validation split has {len(split):,}, 0 to {len(split) - 1:,}",
            split="validation",
        )
    return int(index)
