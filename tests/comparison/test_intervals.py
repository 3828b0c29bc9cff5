"""Comparisons against scipy, and cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from netlet.comparison import difference
from netlet.errors import DataError
from netlet.metrics import worst

NAN, INFINITY = float("nan"), float("inf")


def drawn(seed):
    random = np.random.default_rng(seed)
    return random.normal(0.9, 0.03, 16), random.normal(0.92, 0.02, 20)


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_is_scipy_s_and_the_probability_mann_and_whitney_s(seed):
    a, b = drawn(seed)
    found = difference(a, b, higher_is_better=True)
    expected = stats.bootstrap(
        (a, b),
        lambda x, y, axis: np.median(x, axis=axis) - np.median(y, axis=axis),
        method="percentile",
        n_resamples=20_000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert found.difference == pytest.approx(np.median(a) - np.median(b))
    spread = expected.high - expected.low
    assert found.low == pytest.approx(expected.low, abs=0.06 * spread)
    assert found.high == pytest.approx(expected.high, abs=0.06 * spread)
    u = stats.mannwhitneyu(a, b).statistic
    assert found.probability == pytest.approx(u / (len(a) * len(b)))


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(3)
    held = 0
    for seed in range(200):
        found = difference(random.normal(1, 1, 32), random.normal(0, 1, 32), higher_is_better=True, seed=seed)
        held += found.low <= 1 <= found.high
    assert 0.9 <= held / 200 <= 1


def test_probabilities_by_hand():
    # Pairs in which a is better: (3, 2), (5, 2), (5, 4); (3, 4) is not; 2 pairs of equals count half.
    assert difference([3, 5], [2, 4], True).probability == 3 / 4
    assert difference([3, 5], [2, 4], False).probability == 1 / 4
    assert difference([1, 2], [1, 2], True).probability == 0.5
    assert difference([1], [1], True) == difference([1, None], [1], True)


def test_one_value_each_has_no_spread():
    found = difference([0.3], [0.1], higher_is_better=False)
    assert (found.difference, found.low, found.high) == pytest.approx((0.2, 0.2, 0.2))
    assert found.probability == 0
    assert found.is_clear


def test_runs_that_diverged_count_as_the_worst():
    found = difference([0.1, 0.2, 0.3], [NAN, INFINITY, 0.5], higher_is_better=False)
    assert found.difference == -INFINITY
    assert found.low == -INFINITY
    assert found.high < 0
    assert found.probability == 1
    assert difference([0.1, 0.2], [NAN, NAN], higher_is_better=True).probability == 1
    both = difference([NAN], [NAN], higher_is_better=False)
    assert (both.difference, both.low, both.high, both.probability) == (None, 0, 0, 0.5)
    assert not both.is_clear


def test_the_same_numbers_give_the_same_interval():
    a, b = drawn(9)
    assert difference(a, b, True) == difference(a, b, True)
    assert not difference(a, a, True).is_clear


def test_nothing_cannot_be_compared():
    with pytest.raises(DataError, match="needs at least one value on each side"):
        difference([], [1.0], True)


def test_the_worst_of_metrics_that_go_below_zero_is_below_zero():
    # A network of which every seed has an r2 of -0.5 is better than one of which every seed diverged.
    found = difference([-0.5, -0.5], [NAN, NAN], higher_is_better=True, worst=worst("r2"))
    assert found.probability == 1 and found.low == INFINITY
    assert difference([-0.4], [NAN], higher_is_better=True, worst=worst("mcc")).difference == pytest.approx(
        0.6
    )
    assert difference([0.4], [NAN], higher_is_better=True, worst=worst("accuracy")).difference == 0.4
