import math

import pytest

from netlet.lab import wording
from netlet.metrics import summarise
from netlet.training import Training


def test_a_distribution_is_told_with_its_quartiles_and_best():
    text = wording.spread(summarise([0.5, 0.6, 0.7, 0.8, 0.9], True))
    assert text == "0.7000 in the median of 5 seeds (quartiles 0.6000 and 0.8000, best 0.9000)"


def test_what_diverged_is_told():
    assert wording.spread(summarise([0.5, math.nan], True)).endswith("best 0.5000; 1 diverged)")
    assert "diverged" in wording.brief(summarise([0.5, math.nan, math.nan], False))


def test_one_seed_has_no_quartiles():
    assert wording.spread(summarise([0.5], True)) == "0.5000 (one seed)"
    assert wording.brief(summarise([0.5], True)) == "0.5000"


def test_an_undefined_metric_is_no_number():
    assert wording.number(None) == "undefined"
    assert wording.percent(None) == "undefined"
    assert wording.spread(summarise([], True)).startswith("undefined")


@pytest.mark.parametrize(
    ("parts", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), ([], "")]
)
def test_lists_read_as_people_write_them(parts, text):
    assert wording.listed(parts) == text


def test_settings_that_are_not_the_usual_are_told():
    training = Training(epochs=7, optimizer="sgd", learning_rate=0.1, momentum=0.9, schedule="cosine")
    assert wording.settings(training) == "SGD 0.1, cosine schedule, 7 epochs, batches of 64, momentum 0.9"


def test_settings_read_as_people_say_them():
    training = Training(epochs=1, global_clip_norm=1.0)
    assert "1 epoch," in wording.settings(training)
    assert "gradients clipped to norm 1" in wording.settings(training)


def test_amounts_agree_with_their_noun():
    assert [wording.count(n, "image") for n in (0, 1, 1850)] == ["0 images", "1 image", "1,850 images"]


def test_shares_are_told_in_per_cent():
    assert [wording.percent(share) for share in (0.98, 0.9876, 1.0)] == ["98 %", "98.8 %", "100 %"]
    assert wording.percent(0.99996) == "over 99.9 %"
