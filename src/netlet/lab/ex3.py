"""Exercise 3: shapes. Question 4 (crt) and question 5 (r3)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from netlet import datasets, metrics
from netlet.datasets import Dataset, Split
from netlet.inspect import kernels
from netlet.inspect.selection import map_outputs, poolings
from netlet.lab import kernel_evidence, notebook, pictures, seeds, shape_evidence
from netlet.lab.answer import Answer, Picture, Table, TrainedNetwork
from netlet.lab.laboratory import Laboratory
from netlet.lab.seeds import beside_notebook, on_test
from netlet.lab.wording import brief, code, count, listed, number, percent, settings, spread
from netlet.network import Network
from netlet.training import Runs, Training

COUNTING_NETWORK = "conv(8, 3x3, strides=2) - globalavgpool - dense(12, activation=tanh) - dense(3)"
"""Ours for r3: it adds up what each kernel finds over the image and compares the sums."""
COUNTING_TRAINING = Training(epochs=60, batch_size=50, learning_rate=0.03, schedule="one-cycle")
SHOWN = ("training", "validation")
"""Splits whose single seeds are shown; not of the test split, by which nobody is to choose."""
LEARNED = 0.95
"""With this training accuracy a network has learned its images."""


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
            f"{brief(runs.distribution('loss'))}.{on_test(runs)}",
            f"{beside_notebook(runs, notebook.CRT)} {_confusion_sentence(runs)}",
        ),
        networks=(TrainedNetwork.of("the notebook's network", runs, notebook.CRT),),
        tables=(_class_table(runs),),
        pictures=(
            pictures.strip("q4-images", data),
            pictures.history("q4-history", runs, what),
            pictures.over_seeds(
                "q4-seeds",
                {split: seeds.values(runs, split) for split in SHOWN},
                f"Accuracy of {what}, one dot a seed.",
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
            f"{spread(ours.distribution())}. {_short_reason(theirs, easier, measured)}"
        ),
        text=(
            _notebook_paragraph(theirs),
            "Why is it harder? The same network with the same settings reaches "
            f"{number(easier.distribution().median)} in the median on crt. "
            f"{_parameters_sentence(theirs, ours)}"
            f"{_balance_sentence(data, lab.dataset('crt'))} {measured.pattern_sentence()}",
            f"{measured.measure_sentence()} A network that flattens its feature maps has weights of their "
            "own for every place, so that what it learns of shapes at one place does not carry over to "
            "another. "
            f"{_size_sentence(theirs)} {_learning_sentence(more)}",
            _counting_paragraph(ours),
        ),
        networks=(
            TrainedNetwork.of("the notebook's network", theirs, notebook.R3),
            TrainedNetwork.of("the counting network", ours),
            TrainedNetwork.of("the notebook's network, on crt", easier),
        ),
        tables=(*measured.tables(), _learning_table(more)),
        pictures=(*_pictures_of_5(lab, theirs, ours, easier), *_evidence_pictures(theirs, ours, more)),
        evidence=measured.as_dict()
        | {
            "accuracy_by_images": [
                {"dataset": name, "images": size, "median": runs.distribution().median}
                for (name, size), runs in more.items()
            ]
        },
        finding=(
            f"The notebook's network for r3 reaches a median accuracy of {number(_median(theirs))} there and "
            f"of {number(_median(easier))} on crt; one of {count(ours.parameters, 'parameter')} that counts "
            f"reaches {number(_median(ours))} on r3."
        ),
    )


def _short_reason(theirs: Runs, easier: Runs, measured: shape_evidence.ShapeEvidence) -> str:
    """Why r3 is harder than crt, if it is."""
    if _median(theirs) >= _median(easier):
        return "For the notebook's network the task is not harder than crt."
    if measured.is_ratio_alone:
        return (
            "The task is harder because, of all that was measured, only the ratio of the sides tells the "
            "classes apart."
        )
    return "The notebook's network finds the task harder than crt."


def _parameters_sentence(theirs: Runs, ours: Runs) -> str:
    """Whether the notebook's network has too few parameters, by what it learns and what fewer can do."""
    learned = theirs.distribution(split="training").median or 0
    if learned < LEARNED or ours.parameters >= theirs.parameters or _median(ours) <= _median(theirs):
        return ""
    return (
        f"It has parameters enough: it learns {percent(learned)} of the training images in the median, and a "
        f"network of {ours.parameters} parameters does better (below). "
    )


def _median(runs: Runs) -> float:
    return runs.distribution().median or 0.0


def _notebook_paragraph(runs: Runs) -> str:
    """What the notebook's network reaches, beside what the notebook printed."""
    printed, (best,) = notebook.R3.metrics, notebook.R3.other.values()
    return (
        f"The notebook's network ({count(runs.parameters, 'parameter')}; {settings(runs.training)}) has an "
        f"accuracy of {brief(runs.distribution(split='training'))} on the "
        f"{count(len(runs.dataset.train), 'image')} it learned from, but on the validation images of "
        f"{spread(runs.distribution())}, at a log loss of "
        f"{brief(runs.distribution('loss'))}.{on_test(runs)} The notebook printed "
        f"{printed['validation']['accuracy']:g} (log loss {printed['validation']['loss']:g}, training "
        f"accuracy {printed['training']['accuracy']:.1f}), and its report gives {best:g} for the best "
        "of its attempts."
    )


def _counting_paragraph(runs: Runs) -> str:
    """What our network does, and what it reaches."""
    return (
        f"Seen so, the answer is a network that counts: {code(COUNTING_NETWORK)}. Its kernels answer "
        "to local patterns, global average pooling adds up each one's answers over the whole image, wherever "
        "the shape is, and a few hidden nodes compare the sums; longer sides make for more answers. "
        f"{kernel_evidence.together(kernels(runs.best.network)[0].weights)}{_sums_sentence(runs)} With "
        f"{count(runs.parameters, 'parameter')} ({settings(runs.training)}) it reaches a validation accuracy "
        f"of {spread(runs.distribution())}.{on_test(runs)} {_size_sentence(runs)}"
    )


def _pictures_of_5(lab: Laboratory, theirs: Runs, ours: Runs, easier: Runs) -> list[Picture]:
    data = lab.dataset("r3")
    named = {
        "notebook": (theirs, f"the notebook's network ({theirs.parameters:,} parameters)"),
        "counting": (ours, f"the counting network ({ours.parameters:,} parameters)"),
    }
    rows = {
        f"{runs.parameters:,} parameters, {split}": seeds.values(runs, split)
        for runs, _ in named.values()
        for split in SHOWN
    }
    rows[f"{easier.parameters:,} parameters on crt, validation"] = seeds.values(easier)
    found = [
        pictures.strip("q5-images", data),
        pictures.over_seeds(
            "q5-seeds",
            rows,
            "Accuracy of both networks on r3, one dot a seed; last row, the notebook's network on crt.",
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
    # Limits are sizes that there are, each once, so that no group is empty; few sizes make few groups.
    limits = np.unique(np.quantile(shorter, (1 / 3, 2 / 3, 1), method="lower"))
    groups, low = {}, int(shorter.min())
    for high in limits.astype(int):
        name = f"{low} to {high} pixels" if low < high else count(low, "pixel")
        groups[name] = (low <= shorter) & (shorter <= high)
        low = int(high) + 1
    return groups


def _accuracies_by_size(runs: Runs) -> dict[str, list[float | None]]:
    """Validation accuracy of every seed on images of each size."""
    split = runs.dataset.validation
    target = metrics.labels(split.y)
    groups = _size_groups(split)
    found: dict[str, list[float | None]] = {name: [] for name in groups}
    for run in runs:
        right = metrics.labels(run.network.predict(split.x)) == target
        for name, members in groups.items():
            found[name].append(float(right[members].mean()) if run.diverged is None else np.nan)
    return found


def _size_sentence(runs: Runs) -> str:
    medians = [
        f"{number(metrics.summarise(values, True).median)} with a shorter side of {name}"
        for name, values in _accuracies_by_size(runs).items()
    ]
    return f"By size, its validation accuracy in the median over seeds is {listed(medians)}."


def _learning_curve(lab: Laboratory) -> dict[tuple[str, int], Runs]:
    """The notebook's network for r3 with more and more generated images, on both kinds of shapes."""
    fewer = min(max(2, lab.seeds // 4), lab.seeds)
    found = {}
    for name in ("crt", "r3"):
        known = lab.dataset(name)
        found[name, len(known.train)] = lab.runs(notebook.R3_NETWORK, name)
        usual = Training.default(name)
        for times in (5,) if lab.is_quick else (2, 5):
            data = _with_more_images(known, times * len(known.train))
            # As many steps whatever the size, so that only the number of different images changes.
            training = replace(usual, epochs=usual.epochs // times)
            found[name, len(data.train)] = lab.runs(notebook.R3_NETWORK, data, training, fewer)
    return found


def _with_more_images(known: Dataset, amount: int) -> Dataset:
    """A dataset of shapes with training images that are generated anew."""
    seed = 1
    made = datasets.make(known.name, seed=seed, train=amount, validation=1, test=0)
    return Dataset(
        known.name,
        made.train,
        known.validation,
        known.test,
        known.task,
        known.class_names,
        source=f"training images {made.source} (seed {seed}); the others are those of {known.name}",
    )


def _sums_sentence(runs: Runs) -> str:
    """How well the height and the width can be read from a counting network's sums."""
    train, validation = runs.dataset.train, runs.dataset.validation
    network = runs.best.network
    if runs.best.diverged:
        return ""
    (sums, unseen_sums) = (_sums(network, split) for split in (train, validation))
    fit, *_ = np.linalg.lstsq(sums, shape_evidence.extents(train.x), rcond=None)
    height, width = np.abs(unseen_sums @ fit - shape_evidence.extents(validation.x)).mean(axis=0)
    held = "hold both height and width" if max(height, width) < 1 else "do not hold both height and width"
    return (
        f" The sums {held}: a straight-line fit of the {count(sums.shape[1] - 1, 'sum')} of its best seed, "
        "made on the training images, misses the height of the validation images' shapes by "
        f"{height:.2f} pixels and their width by {width:.2f}, in the mean."
    )


def _sums(network: Network, split: Split) -> np.ndarray:
    """The outputs of a network's pooling over the whole image, and a constant: (n, maps + 1)."""
    (maps,) = map_outputs(network, split.x, poolings(network.architecture)[-1:])
    return np.column_stack([maps.reshape(len(maps), -1), np.ones(len(maps))])


def _balance_sentence(r3: Dataset, crt: Dataset) -> str:
    """How many images of each class there are to learn from."""
    sizes = [data.train.y.sum(axis=0) for data in (r3, crt)]
    counts = [listed([f"{int(n)}" for n in each]) for each in sizes]
    is_even = sizes[0].max() < 1.25 * sizes[0].min()
    return (
        f"Its classes are {'about equally large' if is_even else 'of unequal size'}: r3 has {counts[0]} "
        f"training images of them, crt {counts[1]}."
    )


def _learning_sentence(more: dict[tuple[str, int], Runs]) -> str:
    sizes = {name: sorted(size for other, size in more if other == name) for name in ("crt", "r3")}
    least, most = sizes["r3"][0], sizes["r3"][-1]

    def gain(name: str) -> str:
        ends = (sizes[name][0], sizes[name][-1])
        return " to ".join(number(more[name, size].distribution().median) for size in ends)

    gained = _median(more["r3", most]) - _median(more["r3", least])
    effect = "More images help" if gained > 0.01 else "More images do not help"
    return (
        f"{effect}: with {most:,} different ones in place of {least:,}, over equally many steps, the "
        f"notebook's network goes from {gain('r3')} on r3 (on crt from {gain('crt')}), in the median."
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
    learned = {f"{name}, {count(size, 'image')}": seeds.values(runs) for (name, size), runs in more.items()}
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
    """For each class the share found by every seed; NaN for one that diverged."""
    split = runs.dataset.validation
    rows = [
        metrics.sensitivities(split.y, run.network.predict(split.x))
        if run.diverged is None
        else [np.nan] * runs.dataset.outputs
        for run in runs
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def _confusion_sentence(runs: Runs) -> str:
    medians = [metrics.summarise(values, True).median for values in _sensitivities(runs)]
    names = runs.dataset.class_names
    parts = [f"{percent(share)} of the {name}s" for name, share in zip(names, medians, strict=True)]
    return f"Found in the median over seeds: {listed(parts)}."


def _class_table(runs: Runs) -> Table:
    counts = runs.dataset.validation.y.sum(axis=0).astype(int)
    rows = []
    for name, amount, values in zip(runs.dataset.class_names, counts, _sensitivities(runs), strict=True):
        spread_ = metrics.summarise(values, True)
        numbers = (spread_.median, spread_.lower_quartile, spread_.upper_quartile, spread_.best)
        rows.append((name, f"{amount:,}", *map(number, numbers)))
    head = ("class", "images", "median", "lower quartile", "upper quartile", "best")
    return Table(
        "Share of each class's validation images that is classified rightly, over seeds.", head, rows
    )
