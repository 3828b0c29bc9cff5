"""The estimators pass scikit-learn's own checks, and work where estimators work."""

import pickle
import threading
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from netlet.errors import ArchitectureError, NetletError
from netlet.interop.sklearn import NetletClassifier, NetletRegressor, NetletSearch

IRIS: Any = load_iris(return_X_y=True)
RANDOM = np.random.default_rng(0)


@parametrize_with_checks([
    NetletClassifier(), NetletRegressor(),
    NetletClassifier("dense(8)", patience=20), NetletClassifier(class_weight="balanced"),
    NetletRegressor("dense(8) - dense(4)", seeds=2, optimizer="rmsprop", scale_inputs=False),
])  # fmt: skip
def test_scikit_learn_s_own_checks(estimator, check):
    check(estimator)


QUICK = {"epochs": [60], "batch_size": [16], "1.filters": [4, 8], "hidden": [0, 4]}


@parametrize_with_checks([NetletSearch("accuracy=0.5", candidates=3, seeds=2, only=QUICK)])
@pytest.mark.filterwarnings("ignore:no network reached")
def test_scikit_learn_s_own_checks_of_the_search(estimator, check):
    check(estimator)


def test_the_search_finds_a_small_network_for_rows_and_for_images():
    x, y = IRIS
    model = NetletSearch("accuracy=0.9", candidates=30, seeds=2, random_state=0).fit(x[::2], y[::2])
    assert model.reached_ and model.score(x[1::2], y[1::2]) > 0.85
    assert model.network_.input_shape == (4,)
    assert model.network_.parameters < NetletClassifier(epochs=1).fit(x, y).network_.parameters
    digits: Any = load_digits()
    chosen = digits.target < 2
    images = NetletSearch("accuracy=0.9", candidates=8, seeds=2, input_shape=(8, 8, 1), random_state=0)
    assert images.fit(digits.data[chosen], digits.target[chosen]).network_.input_shape == (8, 8, 1)


def test_a_target_that_is_not_reached_is_said():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(80, 2)), random.integers(0, 2, size=80)
    with pytest.warns(UserWarning, match="no network reached accuracy=1 among"):
        model = NetletSearch("accuracy=1", candidates=2, seeds=2, random_state=0).fit(x, y)
    assert not model.reached_ and len(model.front_) > 0


def test_a_search_that_is_refused_leaves_no_thread():
    x, y = load_digits(return_X_y=True)
    before = threading.active_count()
    with pytest.raises(ArchitectureError, match="nope"):
        NetletSearch(only={"nope": [1]}).fit(x[:100], y[:100])
    assert threading.active_count() == before


def test_accuracy_is_that_of_other_classifiers():
    x, y = load_digits(return_X_y=True)
    own = cross_val_score(NetletClassifier(random_state=0, epochs=30), x, y, cv=3)
    other = cross_val_score(make_pipeline(StandardScaler(), LogisticRegression()), x, y, cv=3)
    assert own.mean() > other.mean()


def test_images_go_through_convolutions_as_rows_or_in_their_shape():
    digits: Any = load_digits()
    chosen = digits.target < 3
    flat, y = digits.data[chosen], digits.target[chosen]
    model = NetletClassifier(
        "conv(4, 3x3) - maxpool(2) - flatten", input_shape=(8, 8, 1), epochs=10, random_state=0
    )
    rows = model.fit(flat[::2], y[::2]).predict_proba(flat[1::2])
    assert str(model.network_.architecture).startswith("conv(4, 3x3")
    assert (rows.argmax(axis=1) == y[1::2]).mean() > 0.97
    images = flat.reshape(-1, 8, 8, 1)
    copy: Any = clone(model)
    shaped = copy.fit(images[::2], y[::2]).predict_proba(images[1::2])
    np.testing.assert_array_equal(rows, shaped)


def test_sequences_go_through_recurrent_layers():
    x = RANDOM.normal(size=(120, 6, 2))
    y = x[:, :, 0].sum(axis=1)
    model = NetletRegressor("gru(6)", input_shape=(6, 2), epochs=60, random_state=0).fit(x, y)
    assert model.score(x, y) > 0.9
    assert model.predict(x).shape == (120,)


def test_a_shape_that_does_not_fit_the_features_is_refused():
    with pytest.raises(ValueError, match=r"input_shape is \(8, 8, 1\), which takes 64 features, but X has 4"):
        NetletClassifier(input_shape=(8, 8, 1)).fit(*IRIS)
    with pytest.raises(ValueError, match=r"X has shape \(10, 3, 2\), but input_shape is \(6, 2\)"):
        NetletRegressor(input_shape=(6, 2)).fit(np.zeros((10, 3, 2)), np.arange(10))


def test_grids_pipelines_and_clones_work():
    model = make_pipeline(StandardScaler(), NetletClassifier(random_state=0))
    grid = GridSearchCV(
        model,
        {"netletclassifier__hidden": ["dense(2)", "dense(8)"], "netletclassifier__l2": [0.0, 0.01]},
        cv=3,
    ).fit(*IRIS)
    assert grid.best_score_ > 0.9
    assert is_classifier(model[-1]) and is_regressor(NetletRegressor())
    copy: Any = clone(NetletClassifier("gru(3)", epochs=7))
    assert copy.get_params() == NetletClassifier("gru(3)", epochs=7).get_params()


def test_pickled_estimators_answer_alike():
    model = NetletClassifier(random_state=0, epochs=5).fit(*IRIS)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(IRIS[0]), model.predict_proba(IRIS[0]))


def test_the_same_random_state_gives_the_same_network_whatever_the_order_of_the_samples():
    x, y = IRIS
    order = RANDOM.permutation(len(x))
    one = NetletClassifier(random_state=3, epochs=5).fit(x, y).predict_proba(x)
    other = NetletClassifier(random_state=3, epochs=5).fit(x[order], y[order]).predict_proba(x)
    np.testing.assert_array_equal(one, other)
    different = NetletClassifier(random_state=4, epochs=5).fit(x, y).predict_proba(x)
    assert np.abs(one - different).max() > 1e-3


def test_class_names_are_the_network_s_own():
    x, y = IRIS
    names = np.array(["setosa", "versicolor", "virginica"])
    model = NetletClassifier(random_state=0, epochs=20).fit(x, names[y])
    assert model.network_.class_names == tuple(names)
    assert set(model.predict(x)) <= set(names)
    np.testing.assert_array_equal(model.predict(x), model.network_.classify(x))


def unbalanced():
    x = RANDOM.normal(size=(400, 2))
    y = (x[:, 0] + RANDOM.normal(size=400) > 1.8).astype(int)
    return x, y


def test_class_weights_shift_what_is_answered():
    x, y = unbalanced()
    plain = NetletClassifier(random_state=0, epochs=20).fit(x, y).predict(x)
    model = NetletClassifier(random_state=0, epochs=20, class_weight="balanced").fit(x, y)
    assert y[plain == 1].size < y.sum() < (model.predict(x) == 1).sum()
    heavy = NetletClassifier(random_state=0, epochs=20, class_weight={0: 1, 1: 100}).fit(x, y)
    assert (heavy.predict(x) == 1).sum() > (model.predict(x) == 1).sum()


def test_whole_sample_weights_are_repetitions_and_others_shift_what_is_answered():
    x, y = unbalanced()
    weights = RANDOM.integers(0, 4, size=len(x))
    one = NetletClassifier(random_state=0, epochs=5).fit(x, y, weights).predict_proba(x)
    other = NetletClassifier(random_state=0, epochs=5).fit(x.repeat(weights, 0), y.repeat(weights))
    np.testing.assert_array_equal(one, other.predict_proba(x))
    share = (
        NetletClassifier(random_state=0, epochs=20).fit(x, y, np.where(y == 1, 9.5, 0.5)).predict(x).mean()
    )
    assert share > 2 * y.mean()


def test_several_numbers_and_several_classes_a_sample():
    x, y = map(np.asarray, load_diabetes(return_X_y=True))
    both = np.column_stack([y, -2 * y + 1000])
    model = NetletRegressor("dense(4)", random_state=0, epochs=60).fit(x, both)
    assert model.predict(x).shape == both.shape
    assert model.score(x, both) > LinearRegression().fit(x, both).score(x, both) - 0.05
    several = MultiOutputClassifier(NetletClassifier(epochs=3, random_state=0)).fit(
        IRIS[0], IRIS[1][:, None] > [0, 1]
    )
    assert several.predict(IRIS[0]).shape == (150, 2)


def test_patience_ends_a_training_early():
    model = NetletClassifier(random_state=0, epochs=500, patience=5).fit(*IRIS)
    assert model.n_iter_ < 500
    assert "val_loss" in model.history_


def test_what_makes_no_sense_is_refused():
    x, y = IRIS
    with pytest.raises(NetletError, match="learning_rate is -1, but must be"):
        NetletClassifier(learning_rate=-1).fit(x, y)
    with pytest.raises(NetletError, match="dens"):
        NetletClassifier("dens(3)").fit(x, y)
    with pytest.raises(ValueError, match="validation_fraction is 2, but must be between 0 and 1"):
        NetletClassifier(patience=3, validation_fraction=2).fit(x, y)
    with pytest.raises(ValueError, match="the training diverged in epoch"):
        NetletRegressor(optimizer="sgd", learning_rate=1e20, random_state=0).fit(x, y)
    with pytest.raises(NotFittedError):
        NetletClassifier().predict(x)


def test_an_empty_hidden_is_no_hidden_layer():
    x, y = load_iris(return_X_y=True)
    network = NetletClassifier("", epochs=20, random_state=0).fit(x, y).network_
    assert len(network.architecture.layers) == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 3}, "settings has epochs, which is a parameter of its own: give epochs= instead"),
        ({"epoch": 3}, "epoch.*did you mean epochs"),
        ({"momentum": 0.9}, "momentum is 0.9, but adam has none"),
    ],
)
def test_settings_are_said_once_and_by_name(settings, message):
    x, y = load_iris(return_X_y=True)
    with pytest.raises((ValueError, NetletError), match=message):
        NetletClassifier("dense(2)", settings=settings).fit(x, y)


def test_features_finer_than_float32_are_told_of():
    x, y = load_iris(return_X_y=True)
    x[:, 2] += 1e8
    with pytest.warns(UserWarning, match=r"feature 2 of X is about 1e\+08 .*with StandardScaler"):
        NetletClassifier("dense(2)", epochs=1, random_state=0).fit(x, y)


def test_frames_with_words_as_classes_go_through_pipelines_and_grids():
    pandas = pytest.importorskip("pandas")
    data: Any = load_iris(as_frame=True)
    x, y = data.data, data.target
    words = pandas.Series(["setosa", "versicolor", "virginica"]).loc[y].reset_index(drop=True)
    pipeline = make_pipeline(StandardScaler(), NetletClassifier("dense(3)", epochs=20, random_state=0))
    grid = {
        "netletclassifier__hidden": ["", "dense(3)"],
        "netletclassifier__settings": [None, {"beta_1": 0.8}],
    }
    found: Any = GridSearchCV(pipeline, grid, cv=2, n_jobs=2).fit(x, words)
    assert set(found.predict(x)) <= set(words)
    assert found.score(x, words) > 0.8
    with pytest.raises(ValueError, match="feature names should match"):
        NetletClassifier("dense(2)", epochs=1).fit(x, words).predict(x[x.columns[::-1]])
