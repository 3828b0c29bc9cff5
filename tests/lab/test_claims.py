"""What an answer claims hangs on what was measured: with other numbers the sentence is another."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from netlet.datasets import Split
from netlet.inspect import ErrorByWidth, ErrorSources, Situation
from netlet.inspect.error_sources import BEGINS, ENDED, PEAK_UNSEEN, RISE_CUT
from netlet.lab.evidence import errors, learning


def stub(**values: Any) -> Any:
    """What stands in for a measurement."""
    return SimpleNamespace(**values)


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (1.0, "100 % of the seeds stay above 98 % on the validation images, and so keep"),
        (0.5, "50 % of the seeds stay above 98 % on the validation images, so one training"),
        (0.0, "0 % of the seeds stay above 98 % on the validation images, so this network does not"),
    ],
)
def test_whether_the_trimmed_network_keeps_its_accuracy(told, share, said):
    assert said in told("q2", "Appendix", share_of_seeds_above_goal=share)


@pytest.mark.parametrize(
    ("pixel", "last", "said"), [(0.8, 0.9, "tells more than any pixel"), (0.9, 0.6, "No single feature")]
)
def test_whether_features_tell_more_than_pixels(told, separated, pixel, last, said):
    assert said in told("q3", "Appendix", found=separated(pixel=pixel, pooled=last))


@pytest.fixture
def separated(hasty):
    from netlet.lab import read
    from netlet.lab.evidence.features import separation

    network = read().networks["cell"]
    found = separation(hasty.runs(network.architecture, network.dataset))

    def make(**strengths):
        return found | {name: found[name] | {"strength": value} for name, value in strengths.items()}

    return make


@pytest.mark.parametrize(
    ("darker", "said"), [(2, "as it says"), (0, "the other way round"), (1, "it hangs on the seed")]
)
def test_whether_sixes_are_darker_below(told, darker, said):
    halves = {"means": {"5": 2.0, "6": 1.0}, "darker": darker, "seeds": 2}
    assert f"in {darker} of 2 seeds: {said}." in told("q3", "Appendix", halves=halves)


def test_a_network_that_does_better_without_a_map_gains(told):
    lost = {"conv 1, map 1": 0.2, "conv 1, map 2": -0.003}
    assert "without conv 1, map 2 it gains 0.3." in told("q3", "Appendix", accuracy_lost_without=lost)


@pytest.mark.parametrize(("after", "said"), [(0.9, "More images help:"), (0.5, "More images do not help:")])
def test_whether_more_images_help(told, after, said):
    def row(images, median):
        return {"dataset": "r3", "images": images, "epochs": 5, "seeds": 2, "training": 1.0, "median": median}

    assert said in told("q5", "Appendix", more_r3=[row(500, 0.7), row(2500, after)])


def test_whether_parameters_are_enough(told, network):
    good = network([0.99], dataset="crt")
    poor = network([0.6], dataset="crt", training=[1.0])
    smaller = stub(**{name: getattr(good, name) for name in dir(good) if not name.startswith("__")})
    smaller.parameters = 10
    assert "parameters enough" in told("q5", "Appendix", r3=with_printed(poor), counting=smaller)
    not_learned = network([0.6], dataset="crt")
    assert "parameters enough" not in told("q5", "Appendix", r3=with_printed(not_learned), counting=smaller)
    as_good = network([0.99], dataset="crt", training=[1.0])
    assert "parameters enough" not in told("q5", "Appendix", r3=with_printed(as_good), counting=smaller)


def with_printed(network):
    from dataclasses import replace

    from netlet.lab import read

    return replace(network, printed=read().networks["r3"].printed)


@pytest.mark.parametrize(
    ("height", "said"), [(0.4, "The sums hold both height"), (1.4, "do not hold both height and width")]
)
def test_whether_sums_hold_the_sides(told, height, said):
    assert said in told("q5", "Appendix", sides={"sums": 8, "height": height, "width": 0.5})


def test_sums_of_a_network_that_diverged_are_not_told(told):
    nothing = stub(dataset=stub(train=0, validation=0), best=stub(network=0, diverged=3))
    assert learning.sides_from_sums(nothing) is None
    assert "The sums" not in told("q5", "Appendix", sides=None)


@pytest.mark.parametrize("side", [[9] * 6, [9, 9, 9, 9, 9, 12], [9, 10, 11, 12, 13, 14]])
def test_groups_by_size_are_not_empty_and_hold_every_image(side):
    images = np.zeros((6, 20, 20, 1), dtype=np.float32)
    for image, length in zip(images, side, strict=True):
        image[:length, :length] = 1
    groups = learning.size_groups(Split(images, np.eye(6)))
    assert sum(members.sum() for *_, members in groups) == 6
    assert all(members.any() for *_, members in groups)
    assert all(low <= high for low, high, _ in groups)


def test_why_shapes_are_harder_is_what_was_measured(told, hasty):
    from dataclasses import replace

    from netlet.lab.evidence.shapes import shapes

    measured = shapes(hasty.dataset("r3"), hasty.dataset("crt"))
    assert "it is the ratio of the sides that tells" in told("q5", "Appendix", shapes=measured)
    nothing = replace(measured, told=dict.fromkeys(measured.told, 0.4))
    assert "none of them tells the classes apart" in told("q5", "Appendix", shapes=nothing)
    size = replace(measured, told=measured.told | {"longer side": 0.99})
    assert "longer side" in told("q5", "Appendix", shapes=size).split("each of these tells")[1][:40]
    other = replace(measured, own=measured.other)
    assert "In r3 the classes differ in the local patterns" in told("q5", "Appendix", shapes=other)
    assert "only the ratio of a shape's sides" in told("q5", "Answer", shapes=measured, harder_by=0.2)
    assert "not harder" in told("q5", "Answer", shapes=measured, harder_by=-0.1)


def test_medians_go_where_they_go(told, network):
    said = told(
        "q7",
        "Appendix",
        rnn=network([0.2]),
        gru=printed(network([0.2])),
        lstm=printed(network([0.1])),
        rnn_longer=network([0.1]),
        gru_longer=network([math.nan]),
        lstm_longer=network([0.3]),
    )
    assert (
        "0.2000 to 0.1000 (SimpleRNN, 2.0 times smaller), 0.2000 to diverged (GRU) and 0.1000 to 0.3000 "
        "(LSTM, 3.0 times larger)"
    ) in said


def printed(network):
    from dataclasses import replace

    from netlet.lab import read

    return replace(network, printed=read().networks["gru"].printed)


def test_whether_seeds_come_nearer(told, network):
    far, near, one = network([0.1, 0.2, 0.3]), network([0.1, 0.11, 0.12]), network([0.1])
    rnn = printed(far)
    assert "are then nearer to each other" in told("q6", "Appendix", rnn5=rnn, rnn5_longer=near)
    assert "no nearer" in told("q6", "Appendix", rnn5=printed(near), rnn5_longer=far)
    assert "Seeds are then" not in told("q6", "Appendix", rnn5=printed(one), rnn5_longer=one)


def node(**changes):
    plain = {"number": 1, "correlations": {"input": 0.5}, "best": [["input", 0.5]], "output_weight": 1.0}
    return plain | {"error_gained_without_it": 0.1, "swing": 1.0} | changes


def test_whether_contributions_cancel(told):
    cancel = {"nodes": [node()], "swing": 1.8}
    assert "so much of what one node adds another takes away" in told("q8", "Appendix", best_seed=cancel)
    hardly = {"nodes": [node()], "swing": 1.05}
    assert "hardly take anything away" in told("q8", "Appendix", best_seed=hardly)


def test_a_node_that_never_varies_follows_nothing(told):
    still = {"nodes": [node(best=[], correlations={"input": None})], "swing": 1.0}
    assert told("q8", "Answer", best_seed=still) == "Node 1 never varies."
    assert "goes with no signal" in told("q8", "Appendix", best_seed=still)


def test_whether_seeds_share_the_work_out_alike(told):
    alike = {"seeds": 2, "different": 1, "common": [["input", 2]]}
    assert "In 2 seeds nodes follow the same signals" in told("q8", "Appendix", others=alike)
    other = alike | {"different": 2}
    assert "2 different sets of signals" in told("q8", "Appendix", others=other)


def sources(**error):
    names = {"unseen": PEAK_UNSEEN, "cut": RISE_CUT, "begins": BEGINS, "ended": ENDED, "rest": "all the rest"}
    shares = dict.fromkeys(names, 0.0) | error
    situations = tuple(Situation(name, 0.2, shares[key]) for key, name in names.items())
    return errors.together(ErrorSources(0.1, np.zeros(3), situations))


def test_why_the_reverse_problem_is_harder(told):
    def said(by, **error):
        return told("q9", "Answer", harder_by=by, causes_notebook=sources(**error))

    assert "the beginning of a sequence cuts triangles off." in said(0.1, unseen=1.0)
    assert "both edges of a pulse" in said(0.1, begins=0.5, ended=0.5)
    assert "in no few kinds of steps" in said(0.1, rest=1.0)
    assert "not harder" in said(-0.1, unseen=1.0)


def test_only_what_is_not_determined_cannot_be_learned(told):
    said = told("q9", "Appendix", causes_stacked=sources(unseen=0.3, cut=0.7))
    assert "the source of 30 % of the error that is left" in said
    assert "tell everything; they are the source of 70 %" in said


def by_width(*errors):
    return ErrorByWidth(np.array([3, 9]), np.array([95, 5]), np.array(errors))


@pytest.mark.parametrize(
    ("reverse", "said"),
    [((0.1, 0.1), "it is not the length of the memory"), ((0.1, 0.5), "is the length of the memory")],
)
def test_whether_it_is_the_memory(told, reverse, said):
    memory = errors.compared_by_width(by_width(0.01, 0.02), by_width(*reverse))
    sentence = told("q9", "Appendix", memory=memory)
    assert said in sentence
    assert "7 to 25 steps" in sentence
    assert "at least 9 steps wide" in sentence


def test_one_width_tells_nothing_of_the_memory(told):
    one = ErrorByWidth(np.array([3]), np.array([5]), np.array([0.1]))
    assert errors.compared_by_width(one, one) is None
    assert "of one width" in told("q9", "Appendix", memory=None)


def test_whether_the_goal_is_reached_on_the_test_split(told):
    said = told("q9", "Appendix", solved_notebook=0.5, solved_stacked=1.0)
    assert "50 % of the seeds of the notebook's network and 100 % of ours are below 0.1 on the test" in said


@pytest.mark.parametrize(
    ("signal", "r", "said"),
    [
        ("steps in the pulse", 0.9, "Node 1 counts the steps of a pulse."),
        ("steps in the pulse", -0.9, "Node 1 counts down the steps of a pulse."),
        ("triangle rises", 0.4, "Node 1 loosely is on while a triangle rises."),
        ("something new", -0.9, "Node 1 runs against something new."),
    ],
)
def test_what_a_node_does_is_said_by_the_signal_it_follows(told, signal, r, said):
    measured = {"nodes": [node(best=[[signal, r]])], "swing": 1.0}
    assert told("q8", "Answer", best_seed=measured) == said


@pytest.mark.parametrize(
    ("gained", "said"),
    [
        (0.9, "cannot do without it"),
        (0.1, "clearly worse"),
        (0.001, "little is lost"),
        (None, "little is lost"),
    ],
)
def test_what_a_node_is_worth_is_said_by_what_is_lost_without_it(told, gained, said):
    measured = {"nodes": [node(error_gained_without_it=gained)], "swing": 1.0}
    assert said in told("q8", "Text", best_seed=measured)


def test_every_named_signal_has_words_of_its_own(told, hasty):
    from netlet import inspect

    for name in inspect.signals(hasty.dataset("pulses").validation):
        measured = {"nodes": [node(best=[[name, 0.9]])], "swing": 1.0}
        assert f"follows {name}." not in told("q8", "Answer", best_seed=measured)


def test_mistakes_are_told_of_who_makes_them(told):
    mixed = [{"true": "circle", "said": "triangle", "examples": 7}]
    assert "take a circle for a triangle (7 images)" in told("q4", "Text", mixed=mixed)
    assert "makes no mistake at all" in told("q4", "Text", mixed=[])


def test_whether_longer_training_is_what_was_missing(told, network):
    usual, longer = printed(network([0.4, 0.5])), network([0.1, 0.1])
    assert "It is the training that is short" in told("q6", "Text", rnn5=usual, rnn5_longer=longer)
    assert "training that is short" not in told("q6", "Text", rnn5=usual, rnn5_longer=usual)
