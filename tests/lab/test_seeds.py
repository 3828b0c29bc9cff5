import math

import pytest

from netlet.lab import seeds
from netlet.lab.notebook import Printed

PRINTED = Printed({"validation": {"normalised_error": 0.25}}, "one run")


def test_of_the_test_split_the_seed_best_by_validation_is_told_and_not_its_own_best(pretend):
    sentence = seeds.on_test(pretend([0.3, 0.1, 0.2], test=[0.05, 0.15, 0.25]))
    assert "the median is 0.1500 (quartiles 0.1000 and 0.2000)" in sentence
    assert "best by validation has 0.1500" in sentence
    assert "0.0500" not in sentence


def test_one_seed_has_no_median_on_the_test_split(pretend):
    assert seeds.on_test(pretend([0.3])).endswith("by which nothing was chosen, it is 0.3000.")
    assert "500 test sequences" in seeds.on_test(pretend([0.3]))
    assert "1,000 test images" in seeds.on_test(pretend([0.3], "crt"))


def test_without_a_test_split_that_is_said(pretend):
    assert seeds.on_test(pretend([0.3], has_test=False)) == " There is no test split."


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
def test_seeds_stand_beside_the_notebooks_figure(pretend, values, said):
    assert seeds.beside_notebook(pretend(values), PRINTED) == f"The notebook gives 0.25 (one run); {said}."


def test_what_the_notebook_gives_roughly_is_told_as_that(pretend):
    rough = Printed({"validation": {"accuracy": 0.98}}, "one run", is_rough=True)
    assert "gives about 0.98 (one run)" in seeds.beside_notebook(pretend([0.9], "crt"), rough)


def test_better_is_lower_for_errors_and_higher_for_accuracy(pretend):
    values = [0.1, 0.2, 0.3, math.nan]
    assert seeds.share_better(pretend(values), 0.2) == 0.25
    assert seeds.share_better(pretend(values, "crt"), 0.2) == 0.25
    assert seeds.share_better(pretend(values, test=[0.0] * 4), 0.2, "test") == 1
