"""Made-up results to draw, one picture of each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from netlet import figures, metrics
from netlet.inspect import (
    Ablation,
    ClassMeans,
    Contrast,
    Contributions,
    ErrorByWidth,
    ErrorSources,
    FeatureMaps,
    Kernels,
    LayerClassMeans,
    LayerMaps,
    LayerWeights,
    Memory,
    Mistakes,
    Node,
    Place,
    Response,
    Saliency,
    Separation,
    Silenced,
    Situation,
    Window,
)
from netlet.network import Activity

CONV_1 = Place(0, "conv 1", "conv(3, 3x3, activation=relu)")
CONV_2 = Place(2, "conv 2", "conv(20, 3x3, activation=tanh)")
NAMES = ("square", "horizontal rectangle", "vertical rectangle")
ARCHITECTURE = "conv(4, 3x3) - maxpool(2) - conv(4, 3x3) - maxpool(2) - flatten - dense(10) - dense(1)"


def random() -> np.random.Generator:
    return np.random.default_rng(5)


def images(count: int) -> np.ndarray:
    return random().random((count, 12, 12, 1)).astype(np.float32)


def bands(runs: int = 4, epochs: int = 30) -> metrics.HistoryBands:
    curves = {name: random().random((runs, epochs)) + 0.1 for name in ("loss", "accuracy")}
    histories = [
        {"loss": list(0.001 + curves["loss"][run] / np.arange(1, epochs + 1) ** 2)}
        | {"accuracy": list(1 - curves["accuracy"][run] / np.arange(2, epochs + 2))}
        | {"val_loss": list(curves["loss"][run]), "val_accuracy": list(curves["accuracy"][run] / 2)}
        for run in range(runs)
    ]
    return metrics.history_bands(histories)


def roc_curve(seed: int, skill: float) -> metrics.RocCurve:
    y = np.repeat([0, 1], 60)
    return metrics.roc(y, np.clip(skill * y + np.random.default_rng(seed).random(120), 0, 1.5) / 1.5)


def feature_maps(maps: int) -> FeatureMaps:
    layers = (
        LayerMaps(CONV_1, random().random((10, 10, 3)).astype(np.float32)),
        LayerMaps(CONV_2, random().normal(size=(4, 4, maps)).astype(np.float32)),
    )
    return FeatureMaps(images(1)[0], np.array([0.25]), True, layers)


def kernels() -> tuple[Kernels, ...]:
    first = Kernels(CONV_1, random().normal(size=(3, 3, 1, 3)), np.array([0.5, -0.25, 0.0]))
    return first, Kernels(CONV_2, random().normal(size=(3, 3, 3, 20)), None)


def class_means(classes: int = 2, maps: int = 3) -> ClassMeans:
    def layer(place: Place, shape: tuple[int, int, int]) -> LayerClassMeans:
        means = random().random((classes, *shape)).astype(np.float32)
        best = Separation(0, 1, 2, 0.25, -1.5, 0.125, 0.875, Window(1, 2, 4, 5))
        return LayerClassMeans(
            place,
            means,
            tuple(
                Contrast(of, 0 if classes == 2 else None, means[of], means[of] * 3 - 1, means[of], best)
                for of in range(1 if classes == 2 else 0, classes)
            ),
        )

    layers = (layer(Place(-1, "input", ""), (12, 12, 1)), layer(CONV_1, (5, 5, maps)))
    return ClassMeans(True, (7,) * classes, layers)


def mistakes(count: int) -> Mistakes:
    return Mistakes(
        index=np.arange(count) * 9,
        images=images(count),
        target=np.arange(count) % 3,
        predicted=(np.arange(count) + 1) % 3,
        probability=np.linspace(0.99999, 0.4, count),
        loss=np.linspace(9, 1, count),
        total=count + 2,
        count=1850,
    )


def ablation(maps: int = 3) -> Ablation:
    silenced = tuple(
        Silenced(place, index, {}, {"accuracy": 0.05 * index - 0.02, "loss": index / 7})
        for place in (CONV_1, CONV_2)
        for index in range(maps)
    )
    return Ablation({"accuracy": 0.9875, "loss": 0.0625}, silenced)


def saliency() -> Saliency:
    gradient = random().normal(size=(12, 12, 1)).astype(np.float32)
    return Saliency(images(1)[0], np.array([0.75]), 1, gradient)


GRU_1, GRU_2 = Place(0, "gru 1", "gru(3)"), Place(1, "gru 2", "gru(3)")
STEPS = 40


def activity(units: int, is_lstm: bool = False) -> Activity:
    names = ("input", "forget", "candidate", "output") if is_lstm else ("update", "reset", "candidate")
    shape = (1, STEPS, units)
    gates = {name: random().random(shape).astype(np.float32) for name in names}
    cell = random().normal(size=shape).astype(np.float32) if is_lstm else None
    return Activity(0, random().normal(size=shape).astype(np.float32), gates, cell)


def series(channels: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((STEPS, channels)).astype(np.float32)


def contributions(units: int) -> Contributions:
    nodes = random().normal(size=(2, STEPS, units, 1)).astype(np.float32)
    weights, bias = np.linspace(-1, 1, units, dtype=np.float32)[:, None], np.full(1, 0.1, dtype=np.float32)
    return Contributions(GRU_1, weights, bias, nodes, nodes.sum(axis=2) + bias)


def memory(scale: float) -> Memory:
    mean = scale * 0.8 ** np.arange(20)
    return Memory(np.arange(20), mean, mean, mean / 3, mean * 2, 9)


def signal_nodes(count: int) -> list[Node]:
    values = random().uniform(-1, 1, (count, 3))
    return [
        Node(GRU_1, i, {"input": row[0], "pulse on": row[1], "triangle rises": None if i == 1 else row[2]})
        for i, row in enumerate(values)
    ]


def sources(count: int) -> ErrorSources:
    shares = random().dirichlet(np.ones(count))
    situations = tuple(Situation(f"situation {i} of a long name it has", s, s) for i, s in enumerate(shares))
    return ErrorSources(0.0321, random().random(STEPS), situations)


def by_width(scale: float) -> ErrorByWidth:
    return ErrorByWidth(np.arange(3, 20), np.arange(20, 3, -1), scale * random().random(17))


def weights(units: int) -> tuple[LayerWeights, ...]:
    conv = {"kernel": random().normal(size=(3, 3, 1, 3)), "bias": np.array([0.5, -0.25, 0.0])}
    dense = {"kernel": random().normal(size=(12, units)), "bias": random().normal(size=units)}
    return (
        LayerWeights(CONV_1, (10, 10, 3), conv),
        LayerWeights(Place(1, "flatten 1", "flatten"), (300,), {}),
        LayerWeights(Place(2, "dense 1", f"dense({units}, activation=relu)"), (units,), dense),
    )


def response(name: str, units: int) -> Response:
    return Response(name, series(), series(seed=1), (activity(units),))


def error_bands() -> metrics.HistoryBands:
    falling = 1 / np.arange(1, 60) ** 1.5
    return metrics.history_bands(
        {"loss": list(falling * s), "normalised_error": list(falling * s), "val_loss": list(falling)}
        | {"val_normalised_error": list(falling * s * 1.2)}
        for s in (0.8, 1, 1.3)
    )


def seed_values() -> dict[str, list[float | None]]:
    few = list((0.98 + 0.02 * random().random(14)).round(3))
    return {ARCHITECTURE: [*few, float("nan"), float("nan")], "rnn(5)": list(few), "nothing": [None]}


PICTURES: dict[str, Callable[[], Figure]] = {
    "image_strip": lambda: figures.image_strip(images(10), np.arange(10) % 2, ("5", "6"), "ten images"),
    "image_strip_long_names": lambda: figures.image_strip(images(7), np.eye(3)[np.arange(7) % 3], NAMES),
    "image_strip_empty": lambda: figures.image_strip(images(0), np.zeros(0)),
    "error_gallery": lambda: figures.error_gallery(mistakes(9), NAMES, "shapes"),
    "error_gallery_empty": lambda: figures.error_gallery(mistakes(0), NAMES),
    "history": lambda: figures.history(bands(), f"shapes, {ARCHITECTURE}, trained for a very long time"),
    "history_one_seed": lambda: figures.history(bands(runs=1)),
    "history_one_epoch": lambda: figures.history(bands(epochs=1)),
    "history_empty": lambda: figures.history(metrics.history_bands([]), "nothing"),
    "confusion_matrix": lambda: figures.confusion_matrix(np.array([[889, 3], [11, 947]]), ("5", "6")),
    "confusion_matrix_three": lambda: figures.confusion_matrix(
        {name: np.arange(9).reshape(3, 3) for name in ("training", "validation", "test")},
        NAMES,
        True,
        "shapes",
    ),
    "confusion_matrix_many": lambda: figures.confusion_matrix(np.arange(144).reshape(12, 12)),
    "confusion_matrix_empty": lambda: figures.confusion_matrix(np.zeros((2, 2), dtype=int), normalised=True),
    "roc": lambda: figures.roc({"training": roc_curve(0, 1), "validation": roc_curve(1, 0.8)}, "digits"),
    "roc_poor": lambda: figures.roc({"test": roc_curve(2, 0.1)}),
    "roc_seeds": lambda: figures.roc({"validation": [roc_curve(seed, 0.9) for seed in range(4)]}),
    "roc_one_class": lambda: figures.roc({"test": metrics.roc(np.ones(3), np.ones(3))}),
    "seeds": lambda: figures.seeds(seed_values(), "accuracy", {ARCHITECTURE: 0.995}, "notebook", "digits"),
    "seeds_errors": lambda: figures.seeds(
        {"gru(6)": [0.01, 0.5, 0.07], "lstm(6)": [float("inf")] * 3}, "normalised_error"
    ),
    "seeds_one": lambda: figures.seeds({"conv(3, 3x3)": [0.97], "rnn(5)": [0.5]}, title="one seed each"),
    "seeds_one_error": lambda: figures.seeds({"rnn(5)": [5000.0]}, "mse"),
    "seeds_two": lambda: figures.seeds({"conv(3, 3x3)": [0.97, 0.99], "rnn(5)": [0.5, float("nan")]}),
    "seeds_huge": lambda: figures.seeds({"a": [1e30, 3e28, 5e31], "b": [0.3, 0.2, 0.1]}, "normalised_error"),
    "seeds_equal": lambda: figures.seeds({"training": [1.0] * 16}),
    "seeds_empty": lambda: figures.seeds({}),
    "feature_maps": lambda: figures.feature_maps(feature_maps(4), "image 2"),
    "feature_maps_many": lambda: figures.feature_maps(feature_maps(40)),
    "feature_maps_none": lambda: figures.feature_maps(
        FeatureMaps(images(1)[0], np.array([0.25]), before_pooling=False, layers=())
    ),
    "kernels": lambda: figures.kernels(kernels(), "digits"),
    "kernels_none": lambda: figures.kernels(()),
    "class_means": lambda: figures.class_means(class_means(), -1, ("5", "6"), title="5 and 6"),
    "class_means_three": lambda: figures.class_means(class_means(3, maps=20), 1, NAMES, show="difference"),
    "class_means_input": lambda: figures.class_means(class_means(), 0, show="area"),
    "ablation": lambda: figures.ablation(ablation(), title="what each map is worth"),
    "ablation_many": lambda: figures.ablation(ablation(20)),
    "ablation_none": lambda: figures.ablation(ablation(0)),
    "saliency": lambda: figures.saliency(saliency(), ("5", "6"), "image 1"),
    "history_errors": lambda: figures.history(error_bands(), "pulses"),
    "sequences": lambda: figures.sequences(
        {"training sequence 3": (series(), series(seed=1)), "sequence 0": (series(2), series(3))}, "pulses"
    ),
    "prediction": lambda: figures.prediction(
        series(),
        series(seed=1),
        series(seed=2),
        [activity(3), activity(4, True)],
        ["gru 1", "lstm 1"],
        "pulses",
    ),
    "prediction_many_nodes": lambda: figures.prediction(
        series(2), series(2, 1), series(2, 2), [activity(25)], ["gru 1"]
    ),
    "prediction_by_default": lambda: figures.prediction(
        series(), series(seed=1), series(seed=2), [activity(3), activity(4, True)]
    ),
    "prediction_many_inputs": lambda: figures.prediction(
        series(28), series(3, 1), series(3, 2), [activity(3)], ["gru 1"]
    ),
    "prediction_many_outputs": lambda: figures.prediction(series(4), series(12, 1), series(12, 2)),
    "sequences_many_channels": lambda: figures.sequences({"a": (series(12), series(5))}),
    "sequences_none": lambda: figures.sequences({}, "nothing"),
    "activity_many_inputs": lambda: figures.activity(series(12) - 0.5, [activity(3)]),
    "prediction_alone": lambda: figures.prediction(series(), series(seed=1), series(seed=2)),
    "activity": lambda: figures.activity(series(), [activity(3), activity(9, True)], ["gru 1", "lstm 1"]),
    "activity_one_step": lambda: figures.activity(np.ones((1, 2)), (), title="two channels"),
    "gates_channels": lambda: figures.gates(series(2), activity(3), "gru 1"),
    "gates": lambda: figures.gates(series(), activity(3), "gru 1", "pulses"),
    "gates_lstm_many": lambda: figures.gates(series(), activity(12, True), "lstm 1"),
    "contributions": lambda: figures.contributions(series(), contributions(3), title="pulses"),
    "contributions_many": lambda: figures.contributions(series(), contributions(12), index=1),
    "responses": lambda: figures.responses(
        [response("impulse", 3), response("step", 3)], ["gru 1"], "answers"
    ),
    "responses_many_channels": lambda: figures.responses(
        [
            replace(response(name, 3), x=np.repeat(series(), 28, axis=1), prediction=series(outputs))
            for name, outputs in (("impulse", 12), ("step", 12))
        ]
    ),
    "responses_some_outputs": lambda: figures.responses([replace(response("step", 2), prediction=series(4))]),
    "responses_many_nodes": lambda: figures.responses([response("impulse", 20)]),
    "memory": lambda: figures.memory({"gru(3)": memory(1), "lstm(6)": memory(0.2)}, "pulses"),
    "memory_no_network": lambda: figures.memory({}),
    "error_sources_no_network": lambda: figures.error_sources({}),
    "error_by_width_no_network": lambda: figures.error_by_width({}),
    "node_signals_no_node": lambda: figures.node_signals([]),
    "responses_none": lambda: figures.responses([]),
    "confusion_matrix_no_split": lambda: figures.confusion_matrix({}),
    "ablation_errors_by_default": lambda: figures.ablation(
        Ablation(
            {"normalised_error": 0.5}, (Silenced(GRU_1, 0, {}, {"normalised_error": 0.25}, kind="node"),)
        )
    ),
    "series_gallery": lambda: figures.series_gallery(
        [{"input": series(), "target": series(seed=i), "prediction": series(seed=i + 1)} for i in range(5)],
        [f"no. {i}: is a horizontal rectangle, said vertical rectangle (52.1 %)" for i in range(5)],
        "the worst",
    ),
    "series_gallery_channels": lambda: figures.series_gallery(
        [{"input": series(3)}], ["no. 1"], along="feature"
    ),
    "series_gallery_many_channels": lambda: figures.series_gallery([{"input": series(20)}] * 2, ["a", "b"]),
    "series_gallery_empty": lambda: figures.series_gallery([], []),
    "answers": lambda: figures.answers(
        {"training": (series(2), series(2, 1)), "validation": (series(2, 2), series(2, 3))},
        ("height (m)", "weight (kg)"),
        {"validation": [3, 7]},
        "two outputs",
    ),
    "answers_one": lambda: figures.answers({"test": (series(), series(seed=1))}),
    "answers_equal": lambda: figures.answers({"test": (np.ones((3, 1)), np.ones((3, 1)))}),
    "weights": lambda: figures.weights(weights(3), "a network"),
    "weights_many": lambda: figures.weights(weights(40)),
    "memory_many": lambda: figures.memory({f"gru({n})": memory(n) for n in range(1, 10)}),
    "memory_none": lambda: figures.memory({"nothing": memory(0)}),
    "node_signals": lambda: figures.node_signals(signal_nodes(3), "nodes"),
    "node_signals_many": lambda: figures.node_signals(signal_nodes(25)),
    "node_signals_layers": lambda: figures.node_signals(
        [*signal_nodes(14), *(replace(node, place=GRU_2) for node in signal_nodes(13))]
    ),
    "error_sources": lambda: figures.error_sources({"forward": sources(4), "reversed": sources(6)}, "errors"),
    "error_sources_one": lambda: figures.error_sources({"forward": sources(1)}),
    "error_sources_long_names": lambda: figures.error_sources(
        {"the notebook's network on the reverse problem": sources(4), "the stacked network": sources(6)}
    ),
    "error_by_width": lambda: figures.error_by_width({"forward": by_width(0.1), "reversed": by_width(0.3)}),
    "error_by_width_none": lambda: figures.error_by_width({"nothing": by_width(0)}, "widths"),
    "ablation_nodes": lambda: figures.ablation(
        Ablation(
            {"normalised_error": 0.05},
            tuple(
                Silenced(GRU_1, i, {"normalised_error": 1.0}, {"normalised_error": 0.5 * i}, kind="node")
                for i in range(3)
            ),
        ),
        metrics=("normalised_error",),
    ),
}


@pytest.fixture(params=PICTURES)
def draw(request: pytest.FixtureRequest) -> Callable[[], Figure]:
    """Every picture in turn, as a function that draws it."""
    return PICTURES[request.param]
