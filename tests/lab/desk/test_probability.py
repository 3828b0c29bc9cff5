from itertools import combinations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from netlet.lab.desk import probability


@pytest.mark.parametrize("sizes", [(1, 5), (3, 9), (8, 24), (16, 16)])
def test_ranks_without_ties_give_what_scipy_gives(sizes):
    rng = np.random.default_rng(sum(sizes))
    for shift in (0.0, 1.0, -2.0):
        ours, theirs = rng.normal(shift, 1, sizes[0]), rng.normal(0, 1, sizes[1])
        expected = mannwhitneyu(ours, theirs, method="exact").pvalue
        assert probability.of_ranks(list(ours), list(theirs)) == pytest.approx(expected)


def test_ranks_with_ties_give_what_counting_all_ways_gives():
    claimed, retrained = [3.0, 3.0, 1.0], [1.0, 2.0, 2.0, 3.0, None]
    row = [-1.0 if each is None else each for each in [*claimed, *retrained]]
    ranks = [sum(o < v for o in row) + (sum(o == v for o in row) + 1) / 2 for v in row]
    mean = 3 * 4.5
    found = abs(sum(ranks[:3]) - mean)
    ways = [abs(sum(chosen) - mean) >= found - 1e-9 for chosen in combinations(ranks, 3)]
    assert probability.of_ranks(claimed, retrained) == pytest.approx(np.mean(ways))


def test_many_values_are_compared_by_an_approximation_close_to_it():
    rng = np.random.default_rng(1)
    ours, theirs = rng.normal(0.3, 1, 200), rng.normal(0, 1, 100)
    expected = mannwhitneyu(ours, theirs, method="asymptotic").pvalue
    assert probability.of_ranks(list(ours), list(theirs)) == pytest.approx(expected, rel=0.1)


def test_equal_values_are_as_probable_as_can_be():
    assert probability.of_ranks([1.0] * 4, [1.0] * 20) == 1
    assert probability.of_best([1.0] * 4, [1.0] * 20, 100, True) == 1
    assert probability.of_ranks([None] * 4, [None] * 20) == 1
    assert probability.of_ranks([1.0] * 100, [1.0] * 100) == 1


@pytest.mark.parametrize("is_share", [True, False])
def test_honest_values_have_small_probabilities_no_oftener_than_they_say(is_share):
    rng = np.random.default_rng(7)
    found = []
    for _ in range(2000):
        if is_share:
            values = rng.binomial(1000, rng.beta(95, 5, 28)) / 1000
        else:
            values = np.exp(rng.normal(-3, 0.5, 28))
        found.append(probability.of_best(list(values[:4]), list(values[4:]), 1000, is_share))
    for level in (0.1, 0.01):
        assert np.mean(np.array(found) <= level) < level + 4 * np.sqrt(level / 2000)


def test_one_value_among_many_that_is_too_good_is_found():
    rng = np.random.default_rng(2)
    values = np.clip(rng.normal(0.9, 0.01, 40), 0, 1)
    claimed = [*values[:15], 0.995]
    assert probability.of_best(claimed, list(values[16:]), 1000, True) < 1e-4
    assert probability.of_ranks(claimed, list(values[16:])) > 0.05
