import json
import math
import subprocess
import sys

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from netlet import metrics
from netlet.errors import DataError

# Four of class 1, two of class 0; at threshold 0.5 two ones are found and one zero is kept.
Y = np.array([1, 1, 1, 1, 0, 0], dtype=np.float32)
P = np.array([0.9, 0.8, 0.5, 0.1, 0.6, 0.2], dtype=np.float32)

ONE_HOT = np.eye(3, dtype=np.float32)[[0, 1, 1, 2]]
SHARES = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], dtype=np.float32)


def random_binary(seed: int = 0, count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, count).astype(np.float32)
    return y, np.clip((0.3 * y + random.random(count)) / 1.3, 0, 1).round(2).astype(np.float32)


def random_categorical(seed: int = 0, count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    y = np.eye(4, dtype=np.float32)[random.integers(0, 4, count)]
    logits = 2 * y + random.normal(size=(count, 4))
    return y, (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).astype(np.float32)


# --- one network on one split ---------------------------------------------------------------------------


def test_binary_metrics_by_hand():
    loss = -np.log([0.9, 0.8, 0.5, 0.1, 0.4, 0.8]).mean()
    expected = {
        "accuracy": 3 / 6,
        "sensitivity": 2 / 4,
        "specificity": 1 / 2,
        "balanced_accuracy": 1 / 2,
        "f1": 2 * 2 / (2 * 2 + 1 + 2),
        "auc": 5 / 8,  # of the 8 pairs of a one and a zero
        "mcc": 0,
        "loss": loss,
    }
    assert metrics.evaluate("binary", Y, P) == pytest.approx(expected, rel=1e-6)


def test_categorical_metrics_by_hand():
    expected = {
        "accuracy": 3 / 4,
        "balanced_accuracy": (1 + 1 / 2 + 1) / 3,
        "f1": (2 / 3 + 2 / 3 + 1) / 3,
        "auc": 1,
        "mcc": (3 * 4 - (2 + 2 + 1)) / math.sqrt((16 - 6) * (16 - 6)),
        "loss": -np.log([0.7, 0.6, 0.25, 0.8]).mean(),
    }
    assert metrics.evaluate("categorical", ONE_HOT, SHARES) == pytest.approx(expected, rel=1e-6)


def test_regression_metrics_by_hand():
    y = np.array([[[0.0], [2.0]], [[4.0], [2.0]]])  # variance 2 about the mean 2
    found = metrics.evaluate("regression", y, y + np.array([[[1], [0]], [[0], [-1]]]))
    assert found == {"normalised_error": 0.25, "r2": 0.75, "mae": 0.5, "mse": 0.5}


def test_answering_the_mean_has_a_normalised_error_of_one():
    y = np.random.default_rng(0).normal(3, 2, (5, 7, 2))
    mean = np.broadcast_to(y.mean(axis=(0, 1)), y.shape)
    assert metrics.normalised_error(y, mean) == pytest.approx(1)
    assert metrics.r2(y, mean) == pytest.approx(0, abs=1e-12)


def test_every_output_counts_by_its_own_variance():
    random = np.random.default_rng(0)
    y = np.stack([random.normal(0, 1, 500), random.normal(100, 30, 500)], axis=1)
    wrong = y + np.array([1.0, 0.0])  # one output is as bad as its mean, the other perfect
    expected = np.mean([1 / y[:, 0].var(), 0])
    assert metrics.normalised_error(y, wrong) == pytest.approx(expected)
    assert metrics.r2(y, wrong) == pytest.approx(1 - expected)
    np.testing.assert_allclose(metrics.output_variances(y), y.var(axis=0))


def test_an_output_that_never_varies_is_left_out_of_the_normalised_error():
    y = np.stack([np.arange(6.0), np.full(6, 0.1, dtype=np.float32)], axis=1)
    found = metrics.evaluate("regression", y, y + np.array([1.0, 5.0]))
    assert found["normalised_error"] == pytest.approx(1 / np.arange(6.0).var())
    assert found["mse"] == pytest.approx(13)
    assert metrics.output_variances(y)[1] == 0


def test_a_target_that_never_varies_has_no_normalised_error():
    assert metrics.normalised_error(np.ones((3, 1)), np.zeros((3, 1))) is None
    assert metrics.evaluate("regression", np.full((7, 2), 0.1), np.zeros((7, 2)))["r2"] is None


@pytest.mark.parametrize("shape", [(40, 1), (40, 3), (8, 5, 2)])
def test_regression_metrics_agree_with_scikit_learn(shape):
    random = np.random.default_rng(1)
    y = random.normal(5, 2, shape) * np.arange(1, shape[-1] + 1)
    p = y + random.normal(0, 1, shape)
    rows = y.reshape(-1, shape[-1]), p.reshape(-1, shape[-1])
    found = metrics.evaluate("regression", y, p)
    assert found["r2"] == pytest.approx(sklearn.metrics.r2_score(*rows))
    assert found["normalised_error"] == pytest.approx(1 - sklearn.metrics.r2_score(*rows))
    assert found["mae"] == pytest.approx(sklearn.metrics.mean_absolute_error(*rows))
    assert found["mse"] == pytest.approx(sklearn.metrics.mean_squared_error(*rows))


@pytest.mark.parametrize("seed", range(5))
def test_binary_metrics_agree_with_scikit_learn(seed):
    y, p = random_binary(seed, 100)
    found, said = metrics.evaluate("binary", y, p), p > 0.5
    assert found["balanced_accuracy"] == pytest.approx(sklearn.metrics.balanced_accuracy_score(y, said))
    assert found["f1"] == pytest.approx(sklearn.metrics.f1_score(y, said))
    assert found["auc"] == pytest.approx(sklearn.metrics.roc_auc_score(y, p))
    assert found["mcc"] == pytest.approx(sklearn.metrics.matthews_corrcoef(y, said))
    assert metrics.f1(y, p, threshold=0.75) == pytest.approx(sklearn.metrics.f1_score(y, p > 0.75))


@pytest.mark.parametrize("seed", range(5))
def test_categorical_metrics_agree_with_scikit_learn(seed):
    y, p = random_categorical(seed, 100)
    found, true, said = metrics.evaluate("categorical", y, p), y.argmax(axis=1), p.argmax(axis=1)
    assert found["balanced_accuracy"] == pytest.approx(sklearn.metrics.balanced_accuracy_score(true, said))
    assert found["f1"] == pytest.approx(sklearn.metrics.f1_score(true, said, average="macro"))
    p = p.astype(np.float64) / p.sum(axis=1, keepdims=True, dtype=np.float64)
    area = sklearn.metrics.roc_auc_score(true, p, multi_class="ovr", average="macro")
    assert found["auc"] == pytest.approx(area, rel=1e-5)
    assert found["mcc"] == pytest.approx(sklearn.metrics.matthews_corrcoef(true, said))


def test_functions_of_one_metric_are_what_evaluate_gives():
    for task, (y, p) in {"binary": random_binary(), "categorical": random_categorical()}.items():
        found = metrics.evaluate(task, y, p)
        for name in ("accuracy", "balanced_accuracy", "f1", "auc", "mcc"):
            assert getattr(metrics, name)(y, p) == found[name]


def test_a_class_at_every_step_counts_every_step_that_the_mask_leaves():
    y, p = random_categorical(count=60)
    steps = y.reshape(12, 5, 4), p.reshape(12, 5, 4)
    mask = np.arange(5) < np.random.default_rng(0).integers(1, 6, (12, 1))
    assert metrics.evaluate("categorical", *steps) == pytest.approx(metrics.evaluate("categorical", y, p))
    kept = metrics.evaluate("categorical", y[mask.ravel()], p[mask.ravel()])
    assert metrics.evaluate("categorical", *steps, mask) == pytest.approx(kept)
    each = metrics.losses("categorical", *steps, mask)
    assert each[3] == pytest.approx(metrics.losses("categorical", *(of[3][mask[3]] for of in steps)).mean())
    assert np.average(each, weights=mask.sum(axis=1)) == pytest.approx(kept["loss"])
    assert metrics.labels(steps[0]).shape == (12, 5)


def test_answering_the_majority_looks_good_by_accuracy_alone():
    y, p = np.repeat([0.0, 1.0], [95, 5]), np.full(100, 0.05)
    found = metrics.evaluate("binary", y, p)
    assert found["accuracy"] == metrics.majority_share("binary", y) == 0.95
    assert (found["balanced_accuracy"], found["f1"], found["auc"], found["mcc"]) == (0.5, 0, 0.5, 0)


def test_with_one_class_only_there_is_nothing_to_tell_apart():
    binary = metrics.evaluate("binary", np.zeros(4), np.array([0.1, 0.2, 0.7, 0.1]))
    assert [binary[name] for name in ("balanced_accuracy", "f1", "auc", "mcc")] == [None, 0, None, None]
    assert metrics.evaluate("binary", np.zeros(4), np.full(4, 0.1))["f1"] is None
    several = metrics.evaluate("categorical", ONE_HOT[1:3], SHARES[1:3])
    assert [several[name] for name in ("balanced_accuracy", "auc", "mcc")] == [None, None, None]


def test_a_class_without_example_is_left_out_of_means():
    y, p = ONE_HOT[:3], SHARES[:3]  # no example of the third class, which is never answered either
    true, said = y.argmax(axis=1), p.argmax(axis=1)
    found = metrics.evaluate("categorical", y, p)
    assert found["balanced_accuracy"] == pytest.approx(sklearn.metrics.balanced_accuracy_score(true, said))
    assert found["f1"] == pytest.approx(sklearn.metrics.f1_score(true, said, average="macro"))
    areas = [sklearn.metrics.roc_auc_score(y[:, k], p[:, k]) for k in (0, 1)]
    assert found["auc"] == pytest.approx(np.mean(areas))


def test_how_many_there_are_of_each_class():
    assert metrics.class_counts("binary", Y).tolist() == [2, 4]
    assert metrics.class_counts("categorical", ONE_HOT).tolist() == [1, 2, 1]
    steps, mask = ONE_HOT.reshape(2, 2, 3), [[True, False], [True, True]]
    assert metrics.class_counts("categorical", steps, mask).tolist() == [1, 1, 1]
    assert metrics.majority_share("categorical", ONE_HOT) == 0.5
    assert metrics.majority_share("regression", np.ones((3, 1))) is None
    assert metrics.majority_share("categorical", ONE_HOT[:0]) is None


def test_metrics_of_each_task_are_those_that_are_listed():
    assert tuple(metrics.evaluate("binary", Y, P)) == metrics.METRICS["binary"]
    assert tuple(metrics.evaluate("categorical", ONE_HOT, SHARES)) == metrics.METRICS["categorical"]
    regression = metrics.evaluate("regression", Y[:, np.newaxis], P[:, np.newaxis])
    assert tuple(regression) == metrics.METRICS["regression"]


def test_predictions_that_are_not_finite_make_every_metric_nan():
    found = metrics.evaluate("binary", Y, np.where(P > 0.7, np.nan, P))
    assert list(found) == list(metrics.METRICS["binary"])
    assert all(value is not None and math.isnan(value) for value in found.values())


def test_a_class_without_example_has_no_sensitivity_and_no_warning():
    assert metrics.evaluate("binary", np.zeros(3), np.full(3, 0.1))["sensitivity"] is None
    assert metrics.evaluate("binary", np.ones(3), np.full(3, 0.1))["specificity"] is None
    assert metrics.sensitivities(ONE_HOT[:3], SHARES[:3]) == (1, 0.5, None)


def test_sure_mistakes_have_a_large_but_finite_loss():
    binary = metrics.losses("binary", [1, 0, 1, 0], np.array([0, 1, 1, 0], dtype=np.float32))
    np.testing.assert_allclose(binary, [-np.log(2.0**-126), 25 * np.log(2), 0, 0])
    tiny = np.array([[1, 1e-30], [1, 0]], dtype=np.float32)
    categorical = metrics.losses("categorical", [[0, 1], [0, 1]], tiny)
    np.testing.assert_allclose(categorical, [69.08, 87.34], rtol=1e-3)


def test_losses_agree_with_scikit_learn():
    y, p = random_binary()
    p = p.clip(0.001, 0.999)
    assert metrics.losses("binary", y, p).mean() == pytest.approx(sklearn.metrics.log_loss(y, p), rel=1e-6)
    y, p = random_categorical()
    assert metrics.losses("categorical", y, p).mean() == pytest.approx(
        sklearn.metrics.log_loss(y, p), rel=1e-6
    )
    assert metrics.mse(y, p) == pytest.approx(sklearn.metrics.mean_squared_error(y, p), rel=1e-6)


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.5, 0.9, 1.0])
def test_statistics_at_any_threshold_agree_with_scikit_learn(threshold):
    y, p = random_binary()
    found = metrics.binary_statistics(y, p, threshold)
    said = p > threshold
    counts = (found.true_negatives, found.false_positives, found.false_negatives, found.true_positives)
    assert counts == tuple(sklearn.metrics.confusion_matrix(y, said, labels=[0, 1]).ravel())
    assert found.accuracy == sklearn.metrics.accuracy_score(y, said)
    assert found.sensitivity == sklearn.metrics.recall_score(y, said)
    assert found.specificity == sklearn.metrics.recall_score(y, said, pos_label=0)
    assert found.threshold == threshold


def test_exactly_the_threshold_is_class_0():
    assert metrics.binary_statistics([1, 0], [0.5, 0.5]).sensitivity == 0
    assert metrics.binary_statistics([1, 0], [0.5, 0.5]).specificity == 1
    assert metrics.labels([0.5, 0.5000001]).tolist() == [0, 1]


def test_labels_are_the_place_of_the_largest_the_first_of_equals():
    assert metrics.labels([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]]).tolist() == [1, 0]


# --- ROC, log loss, confusion -----------------------------------------------------------------------------


def test_the_roc_curve_by_hand():
    curve = metrics.roc([1, 0, 1, 0], [0.9, 0.7, 0.6, 0.1])
    np.testing.assert_array_equal(curve.false_positive_rate, [0, 0, 0.5, 0.5, 1])
    np.testing.assert_array_equal(curve.true_positive_rate, [0, 0.5, 0.5, 1, 1])
    np.testing.assert_array_equal(curve.thresholds, [math.inf, 0.9, 0.7, 0.6, 0.1])
    assert curve.area == 0.75


def test_a_point_of_the_roc_curve_is_what_its_threshold_gives():
    y, p = random_binary()
    curve = metrics.roc(y, p)
    assert curve.area == pytest.approx(sklearn.metrics.roc_auc_score(y, p))
    for threshold in (0.0, 0.3, 0.5, float(p[0]), 1.0):
        statistics = metrics.binary_statistics(y, p, threshold)
        assert statistics.specificity is not None
        expected = (1 - statistics.specificity, statistics.sensitivity)
        assert curve.at(threshold) == pytest.approx(expected)


def test_without_both_classes_there_is_no_roc_curve():
    curve = metrics.roc(np.ones(3), P[:3])
    assert curve.area is None
    assert len(curve.false_positive_rate) == 0
    assert all(math.isnan(rate) for rate in curve.at(0.5))


def test_log_loss_is_scikit_learns_also_where_a_class_has_no_example():
    assert metrics.log_loss(Y, P) == pytest.approx(metrics.evaluate("binary", Y, P)["loss"], rel=1e-6)
    assert metrics.log_loss(Y[:4], P[:4]) == pytest.approx(-np.log(P[:4]).mean(), rel=1e-6)
    expected = -np.log([0.7, 0.6, 0.25]).mean()
    assert metrics.log_loss(ONE_HOT[:3], SHARES[:3]) == pytest.approx(expected, rel=1e-6)
    assert metrics.log_loss([1], np.zeros(1, dtype=np.float32)) == pytest.approx(-np.log(2.0**-23), rel=1e-6)


def test_the_confusion_matrix_by_hand():
    matrix = metrics.confusion_matrix(ONE_HOT, SHARES)
    np.testing.assert_array_equal(matrix, [[1, 0, 0], [1, 1, 0], [0, 0, 1]])
    np.testing.assert_array_equal(metrics.normalised(matrix), [[1, 0, 0], [0.5, 0.5, 0], [0, 0, 1]])
    np.testing.assert_array_equal(metrics.confusion_matrix(Y, P), [[1, 1], [2, 2]])
    np.testing.assert_array_equal(metrics.confusion_matrix(Y, P, threshold=0.7), [[2, 0], [2, 2]])


def test_a_class_without_example_keeps_its_row_and_has_no_shares():
    matrix = metrics.confusion_matrix(ONE_HOT[1:3], SHARES[1:3])
    np.testing.assert_array_equal(matrix, [[0, 0, 0], [1, 1, 0], [0, 0, 0]])
    shares = metrics.normalised(matrix)
    assert np.isnan(shares[[0, 2]]).all()
    np.testing.assert_array_equal(shares[1], [0.5, 0.5, 0])


def test_sensitivities_are_scikit_learns_recall_of_each_class():
    y, p = random_categorical()
    true, said = y.argmax(axis=1), p.argmax(axis=1)
    recall = [sklearn.metrics.recall_score(true == label, said == label) for label in range(4)]
    assert metrics.sensitivities(y, p) == pytest.approx(tuple(recall))


# --- many seeds -------------------------------------------------------------------------------------------


@given(
    st.lists(st.floats(0, 1, allow_subnormal=False), min_size=1, max_size=30),
    st.booleans(),
)
def test_quartiles_of_finite_values_are_numpys(values, higher_is_better):
    found = metrics.summarise(values, higher_is_better)
    quartiles = (found.lower_quartile, found.median, found.upper_quartile)
    assert quartiles == pytest.approx(tuple(np.percentile(values, [25, 50, 75])), abs=1e-12)
    assert found.best == (max(values) if higher_is_better else min(values))
    assert (found.count, found.diverged) == (len(values), 0)


def test_diverged_runs_count_as_an_accuracy_of_zero():
    found = metrics.summarise([0.9, math.nan, 0.8, math.nan, 0.7], higher_is_better=True)
    assert found == metrics.Distribution(0.7, 0.0, 0.8, 0.9, count=5, diverged=2)


def test_diverged_runs_count_as_an_infinite_loss():
    found = metrics.summarise([0.1, math.inf, 0.3, math.nan, 0.2], higher_is_better=False)
    assert found == metrics.Distribution(0.3, 0.2, math.inf, 0.1, count=5, diverged=2)


def test_between_a_finite_and_an_infinite_loss_lies_infinity():
    found = metrics.summarise([0.1, math.nan], higher_is_better=False)
    assert (found.lower_quartile, found.median, found.best) == (math.inf, math.inf, 0.1)


def test_what_is_not_finite_is_null_in_json():
    found = metrics.summarise([0.5, math.nan, math.nan], higher_is_better=False)
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False)) == {
        "median": None,
        "lower_quartile": None,
        "upper_quartile": None,
        "best": 0.5,
        "count": 3,
        "diverged": 2,
    }


def test_an_undefined_metric_has_no_distribution():
    found = metrics.summarise([None, None], higher_is_better=True)
    assert found == metrics.Distribution(None, None, None, None, 0, 0)
    assert metrics.summarise([None, 0.5], higher_is_better=True).count == 1


def test_which_metrics_are_better_when_higher():
    every = {name for names in metrics.METRICS.values() for name in names}
    higher = {name for name in every if metrics.higher_is_better(name)}
    shares = {"accuracy", "sensitivity", "specificity", "balanced_accuracy", "f1", "auc"}
    assert higher == shares | {"mcc", "r2"}
    assert {metrics.worst(name) for name in shares} == {0}
    assert [metrics.worst(name) for name in ("mcc", "r2", "mse")] == [-1, -math.inf, math.inf]


def test_a_diverged_run_counts_as_the_worst_that_its_metric_can_have():
    found = metrics.summarise([0.5, math.nan, -0.2], higher_is_better=True, worst=metrics.worst("r2"))
    assert (found.median, found.lower_quartile, found.best) == (-0.2, -math.inf, 0.5)
    assert metrics.summarise([math.nan, 0.5], True, worst=-1).median == -0.25


def test_the_band_of_histories_by_hand():
    histories = [{"loss": [1, 2], "val_loss": [5, 5]}, {"loss": [3, 4]}, {"loss": [2, 9, 7]}]
    bands = metrics.history_bands(histories)
    assert list(bands.curves) == ["loss", "val_loss"]
    assert bands.epochs.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(bands.curves["loss"].median, [2, 4, 7])
    np.testing.assert_array_equal(bands.curves["loss"].lower_quartile, [1.5, 3, 7])
    np.testing.assert_array_equal(bands.curves["loss"].upper_quartile, [2.5, 6.5, 7])
    np.testing.assert_array_equal(bands.curves["val_loss"].median, [5, 5, math.nan])
    assert (bands.runs, bands.diverged) == (3, 0)


def test_a_diverged_run_leaves_the_band_where_it_diverged():
    bands = metrics.history_bands([{"loss": [1, 2, 3]}, {"loss": [3, math.nan, math.inf]}])
    np.testing.assert_array_equal(bands.curves["loss"].median, [2, 2, 3])
    assert (bands.runs, bands.diverged) == (2, 1)


def test_no_histories_make_an_empty_band():
    bands = metrics.history_bands([])
    assert (bands.curves, len(bands.epochs), bands.runs) == ({}, 0, 0)


# --- bad input --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "y", "prediction"),
    [
        ("binary", Y, P[:5]),
        ("binary", ONE_HOT, SHARES),
        ("categorical", Y, P),
        ("categorical", ONE_HOT, SHARES[:, :2]),
        ("regression", Y, P),
        ("binary", np.empty(0), np.empty(0)),
    ],
)
def test_shapes_that_do_not_suit_the_task_are_refused(task, y, prediction):
    with pytest.raises(DataError, match=r"shape.*task needs"):
        metrics.evaluate(task, y, prediction)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.ones((2, 4)), r"mask has shape \(2, 4\), but must be \(2, 3\): one value a step"),
        (np.zeros((2, 3)), "with at least one example"),
    ],
)
def test_masks_that_do_not_fit_are_refused(mask, message):
    steps = np.arange(6.0).reshape(2, 3, 1)
    with pytest.raises(DataError, match=message):
        metrics.evaluate("regression", steps, steps, mask)


def test_what_holds_no_numbers_is_refused():
    for y, prediction in ((["a", "b"], [0.5, 0.5]), ([0, 1], ["a", "b"]), ([0, 1], [None, "b"])):
        with pytest.raises(DataError, match="must be arrays of numbers"):
            metrics.evaluate("binary", y, prediction)


def test_an_unknown_task_is_refused_with_the_known_ones():
    with pytest.raises(DataError, match=r"'ranking'.*binary, categorical, regression"):
        metrics.evaluate("ranking", Y, P)


@pytest.mark.parametrize("name", ["roc", "log_loss", "confusion_matrix", "sensitivities"])
def test_a_prediction_that_is_not_finite_is_named(name):
    with pytest.raises(DataError, match="prediction 2 is not finite"):
        getattr(metrics, name)([0, 1, 1], [0.5, 0.5, math.nan])


def test_importing_and_evaluating_does_not_import_scikit_learn():
    program = (
        "import sys; from netlet import metrics; metrics.evaluate('binary', [0, 1], [0.2, 0.7]);"
        "sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.98765, "0.9877"),
        (1.0, "1.0000"),
        (0.0, "0.0000"),
        (0.0020512, "0.00205"),
        (0.0005, "0.000500"),
        (1234567.0, "1234567.0000"),
        (-1.2345e30, "-1.23e+30"),
        (-0.0123456, "-0.0123"),
        (None, "–"),
        (math.nan, "diverged"),
        (math.inf, "diverged"),
    ],
)
def test_a_metric_is_told_in_four_decimals_and_at_least_three_digits(value, text):
    assert metrics.as_text(value) == text
