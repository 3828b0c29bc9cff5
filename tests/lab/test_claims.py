"""What an answer claims hangs on what was measured: with other numbers the sentence is another."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from netlet import inspect
from netlet.datasets import Split
from netlet.inspect import ErrorByWidth, ErrorSources, Situation
from netlet.inspect.error_sources import BEGINS, ENDED, PEAK_UNSEEN, RISE_CUT
from netlet.lab import ex1, ex2, ex3, ex4, node_evidence, reverse_evidence
from netlet.lab.node_evidence import NodeEvidence


def stub(**values: Any) -> Any:
    """What stands in for a measurement."""
    return SimpleNamespace(**values)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.99, 0.99], "100 % of the seeds stay above 98 % on the validation images, and so keep"),
        ([0.99, 0.5], "50 % of the seeds stay above 98 % on the validation images, so one training"),
        ([0.5, 0.5], "0 % of the seeds stay above 98 % on the validation images, so this network does not"),
    ],
)
def test_whether_the_trimmed_network_keeps_its_accuracy(pretend, values, said):
    assert said in ex1._goal_sentence(pretend(values, "crt"))


@pytest.mark.parametrize(
    ("pixel", "last", "said"), [(0.8, 0.9, "tells more than any pixel"), (0.9, 0.1, "No single feature")]
)
def test_whether_features_tell_more_than_pixels(pixel, last, said):
    def means(area):
        contrast = stub(best=stub(area=area))
        return stub(layers=[stub(contrasts=[contrast])])

    assert said in ex2._layers_opening(means(pixel), means(last))


@pytest.mark.parametrize(("fives", "said"), [(2, "as it says"), (0, "the other way round")])
def test_whether_sixes_are_darker_below(fives, said):
    layer = stub(means=np.stack([np.full((2, 2, 1), float(fives)), np.ones((2, 2, 1))]))
    assert ex2._lower_half_sentence(layer, [layer, layer]).endswith(f": {said}.")


def test_a_network_that_does_better_without_a_map_gains():
    def silenced(name, lost):
        return stub(name=name, lost={"accuracy": lost})

    found = stub(silenced=[silenced("conv 1, map 1", 0.2), silenced("conv 1, map 2", -0.003)])
    assert "without conv 1, map 2 it gains 0.3." in ex2._ablation_sentence(found)


@pytest.mark.parametrize(("after", "said"), [(0.9, "More images help:"), (0.5, "More images do not help:")])
def test_whether_more_images_help(pretend, after, said):
    found = {
        (name, size): pretend([value], "crt")
        for name in ("crt", "r3")
        for size, value in ((500, 0.7), (2500, after))
    }
    assert ex3._learning_sentence(found).startswith(said)


def test_whether_parameters_are_enough(pretend):
    good, poor = pretend([0.99], "crt"), pretend([0.6], "crt", training=[1.0])
    smaller = stub(parameters=10, distribution=good.distribution)
    assert "parameters enough" in ex3._parameters_sentence(poor, smaller)
    assert ex3._parameters_sentence(pretend([0.6], "crt"), smaller) == ""  # it has not learned its images
    assert ex3._parameters_sentence(pretend([0.99], "crt", training=[1.0]), smaller) == ""  # no better


@pytest.mark.parametrize(("weights", "said"), [(1.0, "hold both height"), (0.0, "do not hold both height")])
def test_whether_sums_hold_the_sides(monkeypatch, pretend, weights, said):
    def sums(network, split):
        from netlet.lab.shape_evidence import extents

        return np.column_stack([weights * extents(split.x), np.ones(len(split))])

    monkeypatch.setattr(ex3, "_sums", sums)
    assert said in ex3._sums_sentence(pretend([0.9], "crt"))


def test_sums_of_a_network_that_diverged_are_not_told():
    assert (
        ex3._sums_sentence(stub(dataset=stub(train=0, validation=0), best=stub(network=0, diverged=3))) == ""
    )


@pytest.mark.parametrize("side", [[9] * 6, [9, 9, 9, 9, 9, 12], [9, 10, 11, 12, 13, 14]])
def test_groups_by_size_are_not_empty_and_hold_every_image(side):
    images = np.zeros((6, 20, 20, 1), dtype=np.float32)
    for image, length in zip(images, side, strict=True):
        image[:length, :length] = 1
    groups = ex3._size_groups(Split(images, np.eye(6)))
    assert sum(members.sum() for members in groups.values()) == 6
    assert all(members.any() for members in groups.values())
    assert not any(name.startswith("10 to 9") for name in groups)


def test_medians_go_where_they_go(pretend):
    said = ex4._changes(
        {"A": pretend([0.2]), "B": pretend([0.1])}, {"A": pretend([0.1]), "B": pretend([0.3])}
    )
    assert said == "0.2000 to 0.1000 (A, 2.0 times smaller) and 0.1000 to 0.3000 (B, 3.0 times larger)"
    diverged = ex4._changes({"A": pretend([0.2])}, {"A": pretend([math.nan])})
    assert diverged == "0.2000 to diverged (A)"


def test_whether_seeds_come_nearer(pretend):
    far, near = pretend([0.1, 0.2, 0.3]), pretend([0.1, 0.11, 0.12])
    assert "are then nearer to each other" in ex4._nearness_sentence(far, near)
    assert "no nearer" in ex4._nearness_sentence(near, far)
    assert ex4._nearness_sentence(pretend([0.1]), pretend([0.1])) == ""


def evidence(swing):
    return NodeEvidence(
        [inspect.Node(inspect.Place(0, "gru 1", "gru(1)"), 0, {"input": None})], [0.1], np.ones(1), swing
    )


def test_whether_contributions_cancel():
    assert "so much of what one node adds another takes away" in evidence(1.8).swing_sentence()
    assert "hardly take anything away" in evidence(1.05).swing_sentence()


def test_a_node_that_never_varies_follows_nothing():
    assert evidence(1.0).in_short() == "node 1 never varies."
    assert "goes with no signal" in evidence(1.0).in_full()


def test_whether_seeds_share_the_work_out_alike(pretend):
    runs = pretend([0.1, 0.2])
    signals = inspect.signals(runs.dataset.validation)
    assert "In 2 seeds nodes follow the same signals" in node_evidence.over_seeds(runs, signals)


def sources(**error):
    names = {"unseen": PEAK_UNSEEN, "cut": RISE_CUT, "begins": BEGINS, "ended": ENDED, "rest": "all the rest"}
    shares = dict.fromkeys(names, 0.0) | error
    situations = tuple(Situation(name, 0.2, shares[key]) for key, name in names.items())
    return ErrorSources(0.1, np.zeros(3), situations)


def test_why_the_reverse_problem_is_harder(pretend):
    hard, easy = pretend([0.2]), pretend([0.1])
    assert "cuts triangles off (100 % of the squared error in 20 %" in ex4._short_reason(
        hard, easy, sources(unseen=1.0)
    )
    assert "both edges of a pulse" in ex4._short_reason(hard, easy, sources(begins=0.5, ended=0.5))
    assert "in no few kinds of steps" in ex4._short_reason(hard, easy, sources(rest=1.0))
    assert "not harder" in ex4._short_reason(easy, hard, sources(unseen=1.0))


def test_only_what_is_not_determined_cannot_be_learned():
    said = reverse_evidence.unlearnable_sentence(sources(unseen=0.3, cut=0.7))
    assert "the source of 30 % of the error that is left" in said
    assert "tell everything; they are the source of 70 %" in said


def by_width(*errors):
    return ErrorByWidth(np.array([3, 9]), np.array([95, 5]), np.array(errors))


@pytest.mark.parametrize(
    ("reverse", "said"),
    [((0.1, 0.1), "it is not the length of the memory"), ((0.1, 0.5), "is the length of the memory")],
)
def test_whether_it_is_the_memory(reverse, said):
    sentence = reverse_evidence.width_sentence(by_width(0.01, 0.02), by_width(*reverse))
    assert said in sentence
    assert "7 to 25 steps" in sentence
    assert "at least 9 steps wide" in sentence


def test_one_width_tells_nothing_of_the_memory():
    one = ErrorByWidth(np.array([3]), np.array([5]), np.array([0.1]))
    assert "of one width" in reverse_evidence.width_sentence(one, one)


def test_whether_the_goal_is_reached_on_the_test_split(pretend):
    said = ex4._goal_sentence(pretend([0.2, 0.2], test=[0.05, 0.2]), pretend([0.2, 0.2], test=[0.05, 0.05]))
    assert said.startswith(
        "50 % of the seeds of the notebook's network and 100 % of ours are below 0.1 on the test"
    )
