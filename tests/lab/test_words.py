"""Phrases and filters: measured numbers as words."""

import math

import pytest

from netlet.lab import words
from netlet.lab.document import Printed
from netlet.metrics import summarise
from netlet.training import Training

PRINTED = Printed({"validation": {"normalised_error": 0.25}}, "one run")


def phrase(name, *arguments):
    return " ".join(words.own_phrases()[name](*arguments).split())


def test_a_distribution_is_told_with_its_quartiles_and_best():
    text = phrase("spread", summarise([0.5, 0.6, 0.7, 0.8, 0.9], True))
    assert text == "0.7000 in the median of 5 seeds (quartiles 0.6000 and 0.8000, best 0.9000)"


def test_what_diverged_is_told():
    assert phrase("spread", summarise([0.5, math.nan], True)).endswith("best 0.5000; 1 diverged)")
    assert phrase("spread", summarise([math.nan], True)) == "nothing: its one seed diverged"
    assert "diverged" in phrase("brief", summarise([0.5, math.nan, math.nan], False))


def test_one_seed_has_no_quartiles():
    assert phrase("spread", summarise([0.5], True)) == "0.5000 (one seed)"
    assert phrase("brief", summarise([0.5], True)) == "0.5000"


def test_an_undefined_metric_is_no_number():
    assert words.number(None) == "undefined"
    assert words.percent(None) == "undefined"
    assert phrase("spread", summarise([], True)) == "undefined"


@pytest.mark.parametrize(
    ("parts", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), ([], "")]
)
def test_lists_read_as_people_write_them(parts, text):
    assert phrase("listed", parts) == text


def test_settings_that_are_not_the_usual_are_told():
    training = Training(epochs=7, optimizer="sgd", learning_rate=0.1, momentum=0.9, schedule="cosine")
    assert phrase("settings", training) == "SGD 0.1, cosine schedule, 7 epochs, batches of 64, momentum 0.9"


def test_settings_read_as_people_say_them():
    told = phrase("settings", Training(epochs=1, global_clip_norm=1.0, shuffle=False, truncation=50))
    assert told == (
        "Adam 0.005, 1 epoch, batches of 64, in fixed order, pieces of 50 steps, gradients clipped to norm 1"
    )


def test_amounts_agree_with_their_noun():
    assert [phrase("count", n, "image") for n in (0, 1, 1850)] == ["0 images", "1 image", "1,850 images"]


def test_shares_are_told_in_per_cent():
    assert [words.percent(share) for share in (0.98, 0.9876, 1.0, 0.0)] == ["98 %", "98.8 %", "100 %", "0 %"]
    assert words.percent(0.99996) == "99.996 %"
    assert words.percent(0.0001) == "0.01 %"


def test_signs_are_told():
    assert [words.signed(value) for value in (0.1, -0.1, 0.0, None, -math.inf)] == [
        *("+0.1000", "-0.1000", "0.0000", "undefined", "-∞"),
    ]
    assert words.signed(-0.756, 2) == "-0.76"


def test_of_the_test_split_the_seed_best_by_validation_is_told_and_not_its_own_best(network):
    sentence = phrase("on_test", network([0.3, 0.1, 0.2], test=[0.05, 0.15, 0.25]))
    assert "the median is 0.1500 (quartiles 0.1000 and 0.2000)" in sentence
    assert "best by validation has 0.1500" in sentence
    assert "0.0500" not in sentence


def test_one_seed_has_no_median_on_the_test_split(network):
    assert phrase("on_test", network([0.3])).endswith("by which nothing was chosen, it is 0.3000.")
    assert "500 test sequences" in phrase("on_test", network([0.3]))
    assert "1,000 test images" in phrase("on_test", network([0.3], dataset="crt"))


def test_without_a_test_split_that_is_said(network):
    assert phrase("on_test", network([0.3], has_test=False)) == "There is no test split."


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.2, 0.3], "1 of our 2 seeds reaches that"),
        ([0.3, 0.3], "none of our 2 seeds reach that"),
        ([0.254, 0.1], "2 of our 2 seeds reach that"),  # in as many decimals as are printed
        ([0.3], "our one seed does not reach that"),
        ([math.nan, 0.1], "1 of our 2 seeds reaches that"),
    ],
)
def test_seeds_stand_beside_the_notebooks_figure(network, values, said):
    told = phrase("beside_notebook", network(values, PRINTED))
    assert told == f"The notebook gives 0.25 (one run); {said}."


def test_what_the_notebook_gives_roughly_is_told_as_that(network):
    rough = Printed({"validation": {"accuracy": 0.98}}, "one run", is_rough=True)
    assert "gives about 0.98 (one run)" in phrase("beside_notebook", network([0.9], rough, dataset="crt"))
