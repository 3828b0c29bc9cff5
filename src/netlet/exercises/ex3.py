"""Exercise 3: shapes. Question 4 (crt) and question 5 (r3)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from netlet import datasets, metrics
from netlet.datasets import Dataset, Split
from netlet.exercises import notebook, pictures, shape_evidence
from netlet.exercises.answer import Answer, Picture, Table, TrainedNetwork
from netlet.exercises.ex1 import accuracies, test_sentence
from netlet.exercises.laboratory import Laboratory
from netlet.exercises.wording import brief, code, count, listed, number, percent, settings, spread
from netlet.inspect.selection import map_outputs, poolings
from netlet.network import Network
from netlet.training import Runs, Training

COUNTING_NETWORK = "conv(8, 3x3, strides=2) - globalavgpool - dense(12, activation=tanh) - dense(3)"
"""Ours for r3: it adds up edges of each kind over the image and compares the sums."""
COUNTING_TRAINING = Training(epochs=60, batch_size=50, learning_rate=0.03, schedule="one-cycle")


def question_4(lab: Laboratory) -> Answer:
    """Rectangles, circles and triangles."""
    data = lab.dataset("crt")
    runs = lab.runs(notebook.CRT_NETWORK, "crt")
    what = f"the network ({runs.parameters:,} parameters)"
    network = runs.best.network
    return Answer(
        key="q4",
        exercise="ex3",
        title="Rectangles, circles and triangles",
        question=(
            "Define a network for the crt images, give its details and its result on the validation images."
        ),
        short=(
            f"{code(notebook.CRT_NETWORK)} ({count(runs.parameters, 'parameter')}): validation accuracy "
            f"{spread(runs.distribution())}."
        ),
        text=(
            "The network ends in three nodes with softmax, one a class, and learns by categorical "
            f"cross-entropy: {settings(runs.training)}, {count(len(data.train), 'training image')}. Its "
            f"validation accuracy is {spread(runs.distribution())}, its log loss "
            f"{brief(runs.distribution('loss'))}." + test_sentence(runs),
            f"The notebook gives {notebook.CRT.metrics['validation']['accuracy']:g} ({notebook.CRT.note}). "
            + _confusion_sentence(runs),
        ),
        networks=(TrainedNetwork.of("the notebook's network", runs, notebook.CRT),),
        tables=(_class_table(runs),),
        pictures=(
            pictures.strip("q4-images", data),
            pictures.history("q4-history", runs, what),
            pictures.over_seeds(
                "q4-seeds",
                {split: accuracies(runs, split) for split in data.present},
                f"Accuracy of {what} on every split, one dot a seed.",
                {"validation": notebook.CRT.metrics["validation"]["accuracy"]},
            ),
            pictures.confusion("q4-confusion", network, data, f"the best seed of {what}"),
            pictures.mistakes("q4-mistakes", network, data, f"the best seed of {what}"),
            *(
                pictures.feature_maps(f"q4-maps-{data.class_names[label]}", network, data, index, True)
                for label, index in _first_of_each(data).items()
            ),
        ),
    )


def question_5(lab: Laboratory) -> Answer:
    """Squares, horizontal and vertical rectangles: the notebook's network, ours, and why it is harder."""
    data = lab.dataset("r3")
    theirs = lab.runs(notebook.R3_NETWORK, "r3")
    ours = lab.runs(COUNTING_NETWORK, "r3", COUNTING_TRAINING)
    easier = lab.runs(notebook.R3_NETWORK, "crt")
    measured = shape_evidence.measure(data, lab.dataset("crt"))
    more = _learning_curve(lab)
    return Answer(
        key="q5",
        exercise="ex3",
        title="Squares, horizontal and vertical rectangles",
        question=(
            "Define a network for the r3 images, give its details and its result on the validation images. "
            "Why is this harder than question 4?"
        ),
        short=(
            f"{code(COUNTING_NETWORK)} ({count(ours.parameters, 'parameter')}): validation accuracy "
            f"{spread(ours.distribution())}. The task is harder because only the ratio of the sides tells "
            "the classes apart, at any place and of any size."
        ),
        text=(
            _notebook_paragraph(theirs),
            "Why is it harder? Not for want of parameters: the same network with the same settings reaches "
            f"{number(easier.distribution().median)} in the median on crt. "
            f"{_balance_sentence(data, lab.dataset('crt'))} {measured.sentence()}",
            f"So no local pattern decides, and neither place nor size does. {measured.rule_sentence()} A "
            "network that flattens its feature maps has to learn this comparison anew for every place and "
            f"size, from {count(len(data.train), 'image')}: it learns them instead. {_size_sentence(theirs)} "
            f"{_learning_sentence(more)}",
            _counting_paragraph(ours),
        ),
        networks=(
            TrainedNetwork.of("the notebook's network", theirs, notebook.R3),
            TrainedNetwork.of("the counting network", ours),
            TrainedNetwork.of("the notebook's network, on crt", easier),
        ),
        tables=(*measured.tables(), _learning_table(more)),
        pictures=(*_pictures_of_5(lab, theirs, ours, easier), *_evidence_pictures(theirs, ours, more)),
    )


def _notebook_paragraph(runs: Runs) -> str:
    """What the notebook's network reaches, beside what the notebook printed."""
    printed = notebook.R3.metrics
    return (
        f"The notebook's network ({count(runs.parameters, 'parameter')}; {settings(runs.training)}) has an "
        f"accuracy of {brief(runs.distribution(split='training'))} on the "
        f"{count(len(runs.dataset.train), 'image')} it learned from, but on the validation images of "
        f"{spread(runs.distribution())}, at a log loss of "
        f"{brief(runs.distribution('loss'))}.{test_sentence(runs)} The notebook printed "
        f"{printed['validation']['accuracy']:g} (log loss {printed['validation']['loss']:g}, training "
        f"accuracy {printed['training']['accuracy']:.1f}), and its report gives {notebook.R3_REPORTED:g}."
    )


def _counting_paragraph(runs: Runs) -> str:
    """What our network does, and what it reaches."""
    return (
        f"Seen so, the answer is a network that counts: {code(COUNTING_NETWORK)}. Its convolution marks "
        "edges of several directions, global average pooling adds each kind up over the whole image, "
        "wherever the shape is, and a few hidden nodes compare the sums: horizontal strokes grow with the "
        f"width, vertical ones with the height. {_sums_sentence(runs)} With "
        f"{count(runs.parameters, 'parameter')} ({settings(runs.training)}) it reaches a validation accuracy "
        f"of {spread(runs.distribution())}.{test_sentence(runs)} {_size_sentence(runs)}"
    )


def _pictures_of_5(lab: Laboratory, theirs: Runs, ours: Runs, easier: Runs) -> list[Picture]:
    data = lab.dataset("r3")
    named = {
        "notebook": (theirs, f"the notebook's network ({theirs.parameters:,} parameters)"),
        "counting": (ours, f"the counting network ({ours.parameters:,} parameters)"),
    }
    rows = {
        f"{runs.parameters:,} parameters, {split}": accuracies(runs, split)
        for runs, _ in named.values()
        for split in data.present
    }
    rows[f"{easier.parameters:,} parameters on crt, validation"] = accuracies(easier, "validation")
    found = [
        pictures.strip("q5-images", data),
        pictures.over_seeds(
            "q5-seeds",
            rows,
            "Accuracy of both networks on every split of r3, one dot a seed; last row, the notebook's "
            "network on crt.",
            {f"{theirs.parameters:,} parameters, validation": notebook.R3.metrics["validation"]["accuracy"]},
        ),
    ]
    for name, (runs, what) in named.items():
        network = runs.best.network
        found += [
            pictures.history(f"q5-history-{name}", runs, what),
            pictures.confusion(f"q5-confusion-{name}", network, data, f"the best seed of {what}"),
        ]
        if len(data.validation) > notebook.R3_IMAGE:
            found.append(
                pictures.feature_maps(f"q5-maps-{name}", network, data, notebook.R3_IMAGE, is_before=True)
            )
    found.append(
        pictures.kernels("q5-kernels", ours.best.network, f"the best seed of {named['counting'][1]}")
    )
    return found


# --- evidence: accuracy by size, and with more data ---------------------------------------------------------


def _size_groups(split: Split) -> dict[str, np.ndarray]:
    """Images in three groups of about equal number by their shape's shorter side."""
    shorter = shape_evidence.extents(split.x).min(axis=1)
    first, second = np.quantile(shorter, (1 / 3, 2 / 3)).astype(int)
    low, high = int(shorter.min()), int(shorter.max())
    return {
        f"{low} to {first} pixels": shorter <= first,
        f"{first + 1} to {second} pixels": (shorter > first) & (shorter <= second),
        f"{second + 1} to {high} pixels": shorter > second,
    }


def _accuracies_by_size(runs: Runs) -> dict[str, list[float | None]]:
    """Validation accuracy of every seed on images of each size."""
    split = runs.dataset.validation
    target = metrics.labels(split.y)
    groups = _size_groups(split)
    found: dict[str, list[float | None]] = {name: [] for name in groups}
    for run in runs:
        right = metrics.labels(run.network.predict(split.x)) == target
        for name, members in groups.items():
            is_counted = run.diverged is None and members.any()
            found[name].append(float(right[members].mean()) if is_counted else None)
    return found


def _size_sentence(runs: Runs) -> str:
    medians = [
        f"{number(metrics.summarise(values, True).median)} with a shorter side of {name}"
        for name, values in _accuracies_by_size(runs).items()
    ]
    return f"By size, its validation accuracy in the median seed is {listed(medians)}."


def _learning_curve(lab: Laboratory) -> dict[tuple[str, int], Runs]:
    """The notebook's network for r3 with more and more generated images, on both kinds of shapes."""
    seeds = max(2, lab.seeds // 4)
    found = {}
    for name in ("crt", "r3"):
        known = lab.dataset(name)
        found[name, len(known.train)] = lab.runs(notebook.R3_NETWORK, name)
        usual = Training.default(name)
        for times in (5,) if lab.is_quick else (2, 5):
            larger = datasets.make(name, seed=1, train=times * 500, validation=1, test=0).train
            data = Dataset(name, larger, known.validation, known.test, known.task, known.class_names, 1)
            # As many steps whatever the size, so that only the number of different images changes.
            training = replace(usual, epochs=usual.epochs // times)
            found[name, len(larger)] = lab.runs(notebook.R3_NETWORK, data, training, min(seeds, lab.seeds))
    return found


def _sums_sentence(runs: Runs) -> str:
    """How well the height and the width can be read from a counting network's sums."""
    train, validation = runs.dataset.train, runs.dataset.validation
    network = runs.best.network
    (sums, unseen_sums) = (_sums(network, split) for split in (train, validation))
    fit, *_ = np.linalg.lstsq(sums, shape_evidence.extents(train.x), rcond=None)
    height, width = np.abs(unseen_sums @ fit - shape_evidence.extents(validation.x)).mean(axis=0)
    return (
        f"The sums do hold both: a straight-line fit of the {count(sums.shape[1] - 1, 'sum')} of its best "
        "seed, made on the training images, gives the height of the validation images' shapes to "
        f"{height:.2f} pixels and their width to {width:.2f}, in the mean."
    )


def _sums(network: Network, split: Split) -> np.ndarray:
    """The outputs of a network's pooling over the whole image, and a constant: (n, maps + 1)."""
    (maps,) = map_outputs(network, split.x, poolings(network.architecture)[-1:])
    return np.column_stack([maps.reshape(len(maps), -1), np.ones(len(maps))])


def _balance_sentence(r3: Dataset, crt: Dataset) -> str:
    """How many images of each class there are to learn from."""
    counts = [listed([f"{int(n)}" for n in data.train.y.sum(axis=0)]) for data in (r3, crt)]
    return (
        f"Nor for classes of unequal size: r3 has {counts[0]} training images of its classes, crt "
        f"{counts[1]}."
    )


def _learning_sentence(more: dict[tuple[str, int], Runs]) -> str:
    sizes = {name: sorted(size for other, size in more if other == name) for name in ("crt", "r3")}
    least, most = sizes["r3"][0], sizes["r3"][-1]

    def gain(name: str) -> str:
        ends = (sizes[name][0], sizes[name][-1])
        return " to ".join(number(more[name, size].distribution().median) for size in ends)

    return (
        f"More images help: with {most:,} different ones in place of {least:,}, over equally many steps, the "
        f"notebook's network goes from {gain('r3')} on r3 (on crt from {gain('crt')})."
    )


def _learning_table(more: dict[tuple[str, int], Runs]) -> Table:
    rows = [
        (
            name,
            f"{size:,}",
            str(runs.training.epochs),
            str(len(runs)),
            number(runs.distribution(split="training").median),
            number(runs.distribution().median),
        )
        for (name, size), runs in more.items()
    ]
    head = ("dataset", "training images", "epochs", "seeds", "training", "validation")
    return Table(
        "Median accuracy of the notebook's network for r3, learning from more images in equally many steps.",
        head,
        rows,
    )


def _evidence_pictures(theirs: Runs, ours: Runs, more: dict[tuple[str, int], Runs]) -> list[Picture]:
    by_size = {
        f"{runs.parameters:,} parameters, {name}": values
        for runs in (theirs, ours)
        for name, values in _accuracies_by_size(runs).items()
    }
    learned = {
        f"{name}, {count(size, 'image')}": accuracies(runs, "validation")
        for (name, size), runs in more.items()
    }
    return [
        pictures.over_seeds(
            "q5-size", by_size, "Validation accuracy by the shorter side of the shape, one dot a seed."
        ),
        pictures.over_seeds(
            "q5-more-images",
            learned,
            "Validation accuracy of the notebook's network, learning from more generated images in equally "
            "many steps.",
        ),
    ]


# --- details ------------------------------------------------------------------------------------------------


def _first_of_each(data: Dataset) -> dict[int, int]:
    """For each class the index of its first validation image."""
    labels = metrics.labels(data.validation.y)
    return {
        label: int(np.argmax(labels == label)) for label in range(data.outputs) if (labels == label).any()
    }


def _sensitivities(runs: Runs) -> list[list[float | None]]:
    """For each class the share found, a list over the seeds that did not diverge."""
    split = runs.dataset.validation
    rows = [
        metrics.sensitivities(split.y, run.network.predict(split.x)) for run in runs if run.diverged is None
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def _confusion_sentence(runs: Runs) -> str:
    medians = [metrics.summarise(values, True).median for values in _sensitivities(runs)]
    names = runs.dataset.class_names
    parts = [f"{percent(share)} of the {name}s" for name, share in zip(names, medians, strict=True)]
    return f"Found in the median seed: {listed(parts)}." if parts else "Every seed diverged."


def _class_table(runs: Runs) -> Table:
    counts = runs.dataset.validation.y.sum(axis=0).astype(int)
    rows = []
    for name, amount, values in zip(runs.dataset.class_names, counts, _sensitivities(runs), strict=False):
        spread_ = metrics.summarise(values, True)
        numbers = (spread_.median, spread_.lower_quartile, spread_.upper_quartile, spread_.best)
        rows.append((name, f"{amount:,}", *map(number, numbers)))
    head = ("class", "images", "median", "lower quartile", "upper quartile", "best")
    return Table(
        "Share of each class's validation images that is classified rightly, over seeds.", head, rows
    )
