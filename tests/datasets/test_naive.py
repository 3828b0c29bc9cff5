import numpy as np
import pytest

from netlet import metrics
from netlet.datasets import naive


@pytest.mark.parametrize("period", [2, 5, 7, 12, 24, 30, 52])
def test_the_period_of_a_noisy_cycle_on_a_rising_line_is_found(period):
    steps = np.arange(12 * period + 60)
    noise = np.random.default_rng(period).normal(0, 0.4, len(steps))
    cycle = np.cos(2 * np.pi * steps / period)
    assert naive.period(100 + 0.3 * steps + cycle + noise) == period


def test_the_shorter_of_two_nested_periods_is_taken():
    hours = np.arange(24 * 7 * 8)
    assert naive.period(np.sin(hours * 2 * np.pi / 24) + 0.4 * np.sin(hours * 2 * np.pi / 168)) == 24


def test_noise_and_lines_show_no_period():
    random = np.random.default_rng(1)
    found = [naive.period(random.normal(size=400)) for _ in range(40)]
    assert sum(each is not None for each in found) <= 2
    assert naive.period(np.arange(100.0)) is None
    assert naive.period(np.full(100, 3.0)) is None
    assert naive.period(np.array([1.0, 2.0])) is None


def test_random_walks_seldom_show_a_period():
    random = np.random.default_rng(2)
    found = [naive.period(np.cumsum(random.normal(size=500))) for _ in range(40)]
    assert sum(each is not None for each in found) <= 10


def test_the_seasonal_forecast_repeats_the_last_season_that_was_seen():
    values = np.arange(10.0)[:, np.newaxis]
    found = naive.forecasts(values, np.array([5, 2]), np.array([1, 2, 3, 4, 5]), 4)
    assert list(found) == ["last value", "seasonal (4)"]
    np.testing.assert_array_equal(found["last value"], [[5] * 5, [2] * 5])
    # From row 5, rows 6 7 8 9 10: the same of four rows before are 2 3 4 5, and of row 10 row 6 is not seen.
    np.testing.assert_array_equal(found["seasonal (4)"][0], [2, 3, 4, 5, 2])
    np.testing.assert_array_equal(found["seasonal (4)"][1], [np.nan, 0, 1, 2, np.nan])


def test_several_targets_stand_side_by_side_within_a_step():
    values = np.array([[0, 10], [1, 11], [2, 12], [3, 13]], dtype=float)
    found = naive.forecasts(values, np.array([2]), np.array([1, 2]), 2)
    np.testing.assert_array_equal(found["last value"], [[2, 12, 2, 12]])
    np.testing.assert_array_equal(found["seasonal (2)"], [[1, 11, 2, 12]])


def test_naive_errors_are_the_metrics_of_their_answers():
    y = np.array([[1.0], [2.0], [4.0]])
    found = naive.measured(y, np.array([[np.nan], [3.0], [3.0]]))
    assert found["mae"] == 1
    assert found == metrics.evaluate("regression", y[1:], np.array([[3.0], [3.0]]))
    assert naive.measured(y, np.full((3, 1), np.nan))["mae"] is None


@pytest.mark.parametrize(
    ("metric", "own", "is_worse"), [("mae", 2.0, True), ("mae", 1.0, False), ("r2", 0.1, True)]
)
def test_a_network_that_is_no_better_than_naive_is_said_to_be_so(metric, own, is_worse):
    dataset_naive = {
        "last value": {"validation": {"mae": 1.5, "r2": 0.3}, "test": {"mae": 1.5, "r2": 0.3}},
        "seasonal (4)": {"validation": {"mae": 3.0, "r2": -1.0}, "test": {"mae": 3.0, "r2": None}},
    }
    lines = naive.remarks(dataset_naive, {"validation": own, "test": None}, metric)
    assert "last value" in lines[0] and "seasonal (4)" in lines[0]
    assert any("no better than a naive forecast" in line for line in lines) == is_worse
    assert naive.remarks({}, {"validation": own}) == []
