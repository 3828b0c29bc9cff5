"""Exercise 2: inside a network that tells fives from sixes. Question 3."""

from __future__ import annotations

from collections import Counter

import numpy as np

from netlet import inspect, metrics
from netlet.datasets import Dataset
from netlet.inspect import ClassMeans, LayerClassMeans, Separation, Window
from netlet.lab import kernel_evidence, notebook, pictures, seeds
from netlet.lab.answer import Answer, Picture, Table, TrainedNetwork
from netlet.lab.ex1 import DATASET
from netlet.lab.laboratory import Laboratory
from netlet.lab.wording import code, count, listed, number, percent, settings, spread
from netlet.training import Runs


def question_3(lab: Laboratory) -> Answer:
    """What the feature maps show, and what they measure."""
    data = lab.dataset(DATASET)
    runs = lab.runs(notebook.CELL_NETWORK, DATASET)
    network = runs.best.network
    before = inspect.class_means(network, data.validation, before_pooling=True)
    after = inspect.class_means(network, data.validation, before_pooling=False)
    ablation = inspect.ablation(network, data.validation)
    pooled = _pooled(runs)
    best = _best(after, -1)
    what = f"the best seed of the {runs.parameters}-parameter network"
    return Answer(
        key="q3",
        exercise="ex2",
        title="What separates a five from a six",
        question=(
            "Look at the feature maps of sixes and fives, before and after pooling. Is there a property in "
            "them that makes sense for telling the two apart?"
        ),
        short=(
            f"{'Yes. ' if _is_gathered(before, after) else ''}{_pixel_sentence(before, data)} After the last "
            f"pooling one single feature, which looks at the {_part(best.window, data.input_shape)} of the "
            f"image ({_window(after, best)}), tells {_pairs(best)}."
        ),
        text=(
            f"The network is {code(notebook.CELL_NETWORK)} ({settings(runs.training)}), the best of "
            f"{len(runs)} seeds by validation; its own validation accuracy is "
            f"{number(seeds.of_best(runs, 'validation')['accuracy'])}. Over all seeds it is "
            f"{spread(runs.distribution())}.{seeds.on_test(runs)} Shown are validation images "
            f"{listed([str(i) for i in notebook.SIXES])}, sixes, and "
            f"{listed([str(i) for i in notebook.FIVES])}, fives.",
            f"{_layers_opening(before, after)} The best single pixel tells {_pairs(_best(before, 0))}; "
            f"before pooling, {_layer_sentence(before, 1)}; after the last pooling, "
            f"{_layer_sentence(after, -1)}. "
            f"{_window_sentence(before, best)} The whole network tells {percent(_network_area(runs))} of the "
            "pairs apart by its answer.",
            f"What do the filters of the first convolution look for? "
            f"{kernel_evidence.each(inspect.kernels(network)[0].weights)} {_ablation_sentence(ablation)}",
            f"{_seeds_sentence(pooled, data)} {_lower_half_sentence(after.layers[-1], pooled)}",
        ),
        networks=(TrainedNetwork.of("the cell's network", runs, notebook.CELL),),
        tables=(_separation_table(before, after, data.input_shape),),
        pictures=(
            *_map_pictures(lab, runs),
            pictures.kernels("q3-kernels", network, what),
            pictures.class_means("q3-means-before", before, 1, data),
            pictures.class_means("q3-means-after", after, -1, data),
            pictures.ablation("q3-ablation", ablation, what),
        ),
        evidence={
            "pairs_told_apart": {
                "best_pixel": _strength(_best(before, 0)),
                "best_feature_after_last_pooling": _strength(best),
                "network": _network_area(runs),
            },
            "accuracy_lost_without": {each.name: each.lost["accuracy"] for each in ablation.silenced},
            "seeds_whose_lower_half_is_darker_for_sixes": sum(map(_is_darker_below, pooled)),
        },
        finding=(
            f"Of all pixels one in the {_part(_best(before, 0).window, data.input_shape)} separates fives "
            f"from sixes best, and one feature after the last pooling tells {_pairs(best)}."
        ),
    )


def _map_pictures(lab: Laboratory, runs: Runs) -> list[Picture]:
    """Feature maps of the notebook's images, before and after pooling."""
    data, network = lab.dataset(DATASET), runs.best.network
    return [
        pictures.feature_maps(
            f"q3-image-{index}-{'before' if is_before else 'after'}", network, data, index, is_before
        )
        for index in (*notebook.SIXES, *notebook.FIVES)
        if index < len(data.validation)
        for is_before in (True, False)
    ]


def _pooled(runs: Runs) -> list[LayerClassMeans]:
    """What every seed's network makes of the classes after its last pooling."""
    return [
        inspect.class_means(run.network, runs.dataset.validation, before_pooling=False).layers[-1]
        for run in runs
        if run.diverged is None
    ]


def _best(means: ClassMeans, layer: int) -> Separation:
    """The one feature of a layer that separates sixes from fives best."""
    best = means.layers[layer].contrasts[0].best
    assert best is not None  # both digits are there
    return best


def _strength(best: Separation) -> float:
    """How often the feature orders a pair of one six and one five rightly, whichever way round it works."""
    return max(best.area, 1 - best.area)


def _part(window: Window, shape: tuple[int, ...]) -> str:
    """Where in an image a window's middle is, in words."""
    height, width = shape[:2]
    row = (window.top + window.bottom) / 2 / height
    column = (window.left + window.right) / 2 / width
    down = "upper" if row < 0.45 else "lower" if row > 0.55 else ""
    across = "left" if column < 0.45 else "right" if column > 0.55 else ""
    return " ".join(word for word in (down, across) if word) + (" part" if down or across else "middle")


def _pairs(best: Separation) -> str:
    return f"{percent(_strength(best))} of all pairs of a six and a five apart"


def _side(best: Separation) -> str:
    return "higher for sixes" if best.area >= 0.5 else "lower for sixes"


def _pixel_sentence(means: ClassMeans, data: Dataset) -> str:
    """What the two digits differ in, by their one most telling pixel."""
    best = _best(means, 0)
    part = _part(best.window, data.input_shape)
    bright = best.mean > best.mean_of_others
    reason = (
        ": there a six closes its loop, and a five is open" if bright and part == "lower left part" else ""
    )
    return (
        f"The digits differ most in the {part} of the image{reason}. In row {best.row}, column "
        f"{best.column}, the mean brightness of the sixes is {best.mean:.2f}, that of the fives "
        f"{best.mean_of_others:.2f}."
    )


def _is_gathered(before: ClassMeans, after: ClassMeans) -> bool:
    """Whether a feature behind the last pooling tells more than any pixel does."""
    return _strength(_best(after, -1)) > _strength(_best(before, 0))


def _layers_opening(before: ClassMeans, after: ClassMeans) -> str:
    if _is_gathered(before, after):
        return "Behind the layers one single feature tells more than any pixel does."
    return "No single feature behind the layers tells more than a pixel does; the network needs several."


def _layer_sentence(means: ClassMeans, layer: int) -> str:
    best, place = _best(means, layer), means.layers[layer].place
    return (
        f"the best single feature of {place.name} is in map {best.map + 1}, looks at the "
        f"{_part(best.window, means.layers[0].means.shape[1:])} and tells {percent(_strength(best))} of them "
        f"apart ({_side(best)}: mean {best.mean:.2f} against {best.mean_of_others:.2f}, Cohen's d "
        f"{best.effect:.1f})"
    )


def _window(means: ClassMeans, best: Separation) -> str:
    """How large a feature's window is, and how many there are."""
    window, (_, rows, columns, _) = best.window, means.layers[-1].means.shape
    size = f"{window.bottom - window.top} x {window.right - window.left}"
    return f"one of {rows * columns} overlapping windows of {size} pixels"


def _window_sentence(means: ClassMeans, best: Separation) -> str:
    """In what the mean images differ most within the window that a feature looks at."""
    window, pixels = best.window, means.layers[0]
    fives, sixes = pixels.means[:, window.top : window.bottom, window.left : window.right, 0]
    row, column = np.unravel_index(np.abs(sixes - fives).argmax(), fives.shape)
    return (
        f"In the window it looks at (rows {window.top} to {window.bottom - 1}, columns {window.left} to "
        f"{window.right - 1}), the mean images differ most in row {window.top + row}, column "
        f"{window.left + column}: {sixes[row, column]:.2f} for sixes, {fives[row, column]:.2f} for fives."
    )


def _ablation_sentence(ablation: inspect.Ablation) -> str:
    lost = [(each.lost["accuracy"] or 0.0, each.name) for each in ablation.silenced]
    (most, worst), (least, idle) = max(lost), min(lost)
    return (
        f"What each map is worth shows when it is set to zero: without {worst} the network "
        f"{_loses(most)} percentage points of validation accuracy, without {idle} it {_loses(least)}."
    )


def _loses(share: float) -> str:
    return f"{'loses' if share >= 0 else 'gains'} {100 * abs(share):.1f}"


def _seeds_sentence(pooled: list[LayerClassMeans], data: Dataset) -> str:
    """Whether other seeds find the same: where the best feature of each looks."""
    bests = [layer.contrasts[0].best for layer in pooled]
    found = Counter(_part(best.window, data.input_shape) for best in bests if best is not None)
    places = listed([f"the {part} in {amount}" for part, amount in found.most_common()])
    return (
        "Another seed gives other kernels. Where the feature that separates best after the last pooling "
        f"looks, by seed: {places} of {count(sum(found.values()), 'seed')}."
    )


def _is_darker_below(layer: LayerClassMeans) -> bool:
    fives, sixes = _lower_half(layer)
    return bool(sixes < fives)


def _lower_half(layer: LayerClassMeans) -> np.ndarray:
    """The mean of a layer's maps below their middle, for each class."""
    return layer.means[:, layer.means.shape[1] // 2 :].mean(axis=(1, 2, 3))


def _lower_half_sentence(own: LayerClassMeans, pooled: list[LayerClassMeans]) -> str:
    """Whether sixes are darker below after the last pooling, as the notebook has it."""
    fives, sixes = _lower_half(own)
    darker, all_ = sum(map(_is_darker_below, pooled)), len(pooled)
    verdict = (
        "as it says" if darker == all_ else "the other way round" if not darker else "it hangs on the seed"
    )
    return (
        "The notebook found that the lower quadrants after pooling are darker for sixes. The mean of this "
        f"network's maps over their lower half is {sixes:.2f} for sixes and {fives:.2f} for fives, and sixes "
        f"are the darker ones in {darker} of {count(all_, 'seed')}: {verdict}."
    )


def _separation_table(before: ClassMeans, after: ClassMeans, shape: tuple[int, ...]) -> Table:
    rows = []
    layers = [(before, i) for i in range(len(before.layers))]
    layers += [(after, i) for i in range(1, len(after.layers))]  # its first is the input once more
    for means, index in layers:
        best, place = _best(means, index), means.layers[index].place
        rows.append(
            (
                place.name,
                "" if index == 0 else str(best.map + 1),
                _part(best.window, shape),
                f"{best.mean_of_others:.3f}",
                f"{best.mean:.3f}",
                f"{best.effect:.2f}",
                number(best.area),
            )
        )
    head = ("layer", "map", "looks at the", "mean of fives", "mean of sixes", "Cohen's d", "ROC area")
    return Table("The one feature of each layer that separates the digits best, all by itself.", head, rows)


def _network_area(runs: Runs) -> float | None:
    """The area of the best network's ROC curve on the validation images."""
    split = runs.dataset.validation
    return metrics.roc(split.y, runs.best.network.predict(split.x)).area
