import math
from datetime import UTC, datetime
from typing import Any

import pytest

import netlet.figures
from netlet.search import Found, Point, Target
from netlet.store import Experiment, StoredRun

figures: Any = netlet.figures


def point(target, parameters, validation, test=None):
    """A network of the front with a value for every seed."""
    loss = "loss" if target.higher_is_better else "mse"
    runs = tuple(
        StoredRun(
            seed=seed,
            epochs=1,
            diverged=None,
            metrics={
                "training": {target.metric: value, loss: value},
                "validation": {target.metric: value, loss: value},
                "test": None if test is None else {target.metric: test[seed], loss: value},
            },
            seconds=0.1,
            machine="",
            netlet="",
            ended=datetime.now(UTC),
        )
        for seed, value in enumerate(validation)
    )
    facts = dict.fromkeys(("fingerprint", "architecture", "dataset", "dataset_source", "content_hash"), "")
    experiment = Experiment(
        **facts,
        input_shape=(1,),
        task="binary" if target.higher_is_better else "regression",
        parameters=parameters,
        settings={},
        dataset_seed=None,
        origin=None,
        runs=runs,
    )
    return Point.of(experiment, target)


def found(target, points, answer=None, tried=()):
    points, tried = tuple(points), tuple(tried)
    return Found("name", "data", "", target, 3, answer, points, tried, 9, 27, 9, 27, 0, 1.0, 0.9)


ACCURACY = Target("accuracy", 0.9)


@pytest.fixture
def search():
    points = [
        point(ACCURACY, 5, [0.6, 0.7, 0.9], [0.5, 0.6, 0.8]),
        point(ACCURACY, 20, [0.9, 0.95, 1], [1, 1, 1]),
    ]
    return found(ACCURACY, points, points[1], [(5, 0.7, 3), (20, 0.95, 3), (50, 0.8, 1)])


def lines(figure):
    return {line.get_label(): line for line in figure.axes[0].get_lines()}


def test_the_front_is_drawn_by_the_seed_asked_for_on_validation_and_test(search):
    drawn = lines(figures.front(search))
    assert drawn["validation, the median seed"].get_xydata().tolist() == [[5, 0.7], [20, 0.95]]
    assert drawn["test, the median seed"].get_xydata().tolist() == [[5, 0.6], [20, 1]]
    assert drawn["tried"].get_xydata().tolist() == [[5, 0.7], [20, 0.95], [50, 0.8]]
    assert drawn["target"].get_ydata()[0] == 0.9


def test_where_the_best_seed_is_asked_for_the_test_line_is_of_the_best_by_validation():
    target = Target("accuracy", 0.9, "best")
    points = [
        point(target, 5, [0.6, 0.7, 0.9], [0.9, 0.6, 0.8]),
        point(target, 20, [0.9, 0.95, 1], [1, 1, 0.97]),
    ]
    drawn = lines(figures.front(found(target, points)))
    assert drawn["validation, the best seed"].get_ydata().tolist() == [0.9, 1]
    assert drawn["test, the best seed"].get_ydata().tolist() == [0.8, 0.97]


def test_a_line_counts_runs_that_diverged_as_the_worst():
    points = [point(ACCURACY, 5, [0.95, math.nan, math.nan]), point(ACCURACY, 20, [0.9, 0.95, 1])]
    drawn = lines(figures.front(found(ACCURACY, points)))
    assert drawn["validation, the median seed"].get_ydata().tolist() == [0, 0.95]


def test_the_answer_is_named_and_in_the_picture(search):
    (axes,) = figures.front(search).axes
    assert "20 parameters" in [text.get_text() for text in axes.texts]
    low, high = axes.get_ylim()
    assert low < 0.7
    assert high >= 1
    left, right = axes.get_xlim()
    assert left < 5
    assert right > 20
    assert axes.get_xlabel() == "parameters, logarithmic"
    assert axes.get_ylabel() == "accuracy, logarithmic towards 1"


def test_near_one_a_hundredth_is_more_and_one_itself_is_in_the_picture(search):
    (axes,) = figures.front(search).axes
    places = [axes.transData.transform((5, share))[1] for share in (0.8, 0.81, 0.98, 0.99, 1)]
    assert places == sorted(places)
    assert places[3] - places[2] > 5 * (places[1] - places[0])
    assert places[-1] < axes.transAxes.transform((0, 1))[1]


def test_without_an_answer_or_a_test_split_there_is_still_a_picture():
    figure = figures.front(found(ACCURACY, [point(ACCURACY, 5, [0.6, 0.7, 0.9])]))
    assert not figure.axes[0].texts
    assert not [label for label in lines(figure) if str(label).startswith("test")]


def test_errors_are_on_a_logarithmic_axis_and_diverged_runs_left_out():
    target = Target("normalised_error", 0.01)
    points = [point(target, 10, [0.5, 0.4, float("nan")]), point(target, 30, [0.001, 0.002, 0.02])]
    (axes,) = figures.front(found(target, points, points[1])).axes
    assert axes.get_yscale() == "log"
    assert axes.get_ylabel() == "normalised error, logarithmic"
    low, high = axes.get_ylim()
    assert 0 < low < 0.001
    assert high > 0.5


def test_the_same_search_is_the_same_picture(search):
    assert netlet.figures.to_png_bytes(figures.front(search)) == netlet.figures.to_png_bytes(
        figures.front(search)
    )
