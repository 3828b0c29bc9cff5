import math

from netlet.lab import seeds


def test_better_is_lower_for_errors_and_higher_for_accuracy(pretend):
    values = [0.1, 0.2, 0.3, math.nan]
    assert seeds.share_better(pretend(values), 0.2) == 0.25
    assert seeds.share_better(pretend(values, "crt"), 0.2) == 0.25
    assert seeds.share_better(pretend(values, test=[0.0] * 4), 0.2, "test") == 1


def test_a_figure_is_reached_in_as_many_decimals_as_it_has():
    assert seeds.reaches(0.976, 0.98, True)
    assert not seeds.reaches(0.974, 0.98, True)
    assert seeds.reaches(0.254, 0.25, False)
    assert not seeds.reaches(None, 0.25, False)
    assert not seeds.reaches(math.nan, 0.25, False)


def test_metrics_of_the_best_are_those_of_the_seed_best_by_validation(pretend):
    runs = pretend([0.3, 0.1, 0.2], test=[0.05, 0.15, 0.25])
    assert runs.best.seed == 1
    assert seeds.of_best(runs, "test")["normalised_error"] == 0.15
