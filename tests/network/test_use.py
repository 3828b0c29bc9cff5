"""A trained network in use: raw inputs, class names, evaluation, copies, scalings, and files that "
"keep all that."""

import copy
import pickle

import numpy as np
import pytest

import netlet as nl
from netlet.architecture import Architecture
from netlet.datasets.scaling import Scaling
from netlet.errors import DataError
from netlet.network import Network


@pytest.fixture(scope="module")
def pixels():
    """Whole-number pixels whose bright row is the class, by names."""
    random = np.random.default_rng(0)
    y = random.integers(0, 3, 300)
    x = random.integers(0, 40, (300, 8, 8, 1)).astype(np.uint8)
    x[np.arange(300), y * 2] = 255
    return x, np.array(["bottom", "middle", "top"])[y]


@pytest.fixture(scope="module")
def run(pixels):
    x, y = pixels
    data = nl.Dataset("rows", (x[:200], y[:200]), (x[200:], y[200:]))
    return nl.train("flatten - dense(3)", data, epochs=30).best


def test_whole_number_pixels_are_scaled_as_in_training(run, pixels):
    x = pixels[0][200:]
    raw, scaled = run.network.predict(x), run.network.predict(x.astype(np.float32) / 255)
    np.testing.assert_array_equal(raw, scaled)
    np.testing.assert_array_equal(run.network.predict(x[..., 0]), scaled)
    np.testing.assert_array_equal(run.network.predict(x[:3].tolist()), scaled[:3])


def test_answers_have_the_names_of_classes(run, pixels):
    x, y = pixels
    assert run.network.class_names == ("bottom", "middle", "top")
    assert (run.network.classify(x[200:]) == y[200:]).mean() > 0.95
    binary = made([np.array([[1.0]]), np.array([0.0])], class_names=("no", "yes"))
    assert binary.classify(np.array([[-3.0], [3.0]])).tolist() == ["no", "yes"]


def made(weights, task="binary", **details):
    architecture = Architecture("dense(1)").resolve((1,), task, 1)
    return Network(architecture, (1,), task, weights, **details)


def test_a_split_a_dataset_and_plain_arrays_are_evaluated_alike(run, pixels):
    x, y = pixels
    data = nl.Dataset("rows", (x[:200], y[:200]), (x[200:], y[200:]))
    expected = run.evaluate(data.validation)
    codes = np.searchsorted(["bottom", "middle", "top"], y[200:])
    for labels in (
        y[200:],
        list(y[200:]),
        codes,
        np.eye(3)[codes],
        codes.astype(float),
        y[200:].astype(object),
    ):
        assert run.evaluate((x[200:], labels)) == expected
    assert run.evaluate(data)["validation"] == expected
    assert run.evaluate(data)["training"] == run.evaluate(data.train)


def test_classes_are_matched_by_name_whatever_their_order(run, pixels):
    x, y = pixels
    renamed = np.char.replace(y, "bottom", "Upper")  # sorts first, and is none of the network's classes
    other = nl.Dataset("others", (x[:200], renamed[:200]), (x[200:], renamed[200:]))
    with pytest.raises(DataError, match=r"others has the classes Upper, middle, top, but .* bottom"):
        run.evaluate(other)
    capital = np.char.replace(y, "top", "Top")  # sorts first
    turned = nl.Dataset("turned", (x[:200], capital[:200]), (x[200:], capital[200:]))
    assert turned.class_names == ("Top", "bottom", "middle")
    assert run.evaluate(turned)["validation"]["accuracy"] == run.evaluate((x[200:], y[200:]))["accuracy"]


@pytest.mark.parametrize("given", ["validation", 3, (1, 2, 3, 4), None, ([1], [2])])
def test_what_cannot_be_evaluated_is_refused(run, given):
    with pytest.raises(DataError):
        run.evaluate(given)


def test_an_unknown_label_is_named(run, pixels):
    x, _ = pixels
    with pytest.raises(DataError, match="'left', but the network's classes are bottom, middle, top"):
        run.evaluate((x[:2], ["top", "left"]))
    with pytest.raises(DataError, match="not one-hot"):
        run.evaluate((x[:2], [[1, 1, 0], [0, 0, 1]]))


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy, lambda it: pickle.loads(pickle.dumps(it))])
@pytest.mark.parametrize("is_used", [True, False])
def test_networks_runs_and_results_are_copied_whole(pixels, copied, is_used):
    x, y = pixels
    data = nl.Dataset("rows", (x[:200], y[:200]), (x[200:], y[200:]))
    runs = nl.train("flatten - dense(3)", data, epochs=2, seeds=2)
    expected = nl.train("flatten - dense(3)", data, epochs=2, seeds=2).best.network.predict(x)
    if is_used:
        runs.best.network.predict(x)
        runs.best.network.outputs(x[:2])
        str(runs)
    for other in (copied(runs.best.network), copied(runs.best).network, copied(runs).best.network):
        np.testing.assert_array_equal(other.predict(x), expected)
        assert other.class_names == ("bottom", "middle", "top")
        with pytest.raises(ValueError, match="read-only"):
            other.weights[0][...] = 0
    assert str(copied(runs)) == str(runs)


def test_scalings_are_a_part_of_the_network():
    weights = [np.array([[2.0]]), np.array([1.0])]
    network = made(
        weights,
        "regression",
        input_scaling=Scaling((10.0,), (5.0,)),
        target_scaling=Scaling((100.0,), (50.0,)),
    )
    np.testing.assert_allclose(network.predict([[10.0], [20.0]])[:, 0], [150.0, 350.0])
    assert network.loss([[10.0]], [[150.0]]) == pytest.approx(0)
    loss, d_weights, d_x = network.gradients([[20.0]], [[250.0]])  # scaled: 2 -> 5, and the target 3
    assert loss == pytest.approx(4) and d_weights[0][0, 0] == pytest.approx(2 * 2 * 2)
    assert d_x[0, 0] == pytest.approx(2 * 2 * 2 / 5)
    assert network.input_gradient([[20.0]], [[1.0]])[0, 0] == pytest.approx(2 / 5)
    assert "(x - 10) / 5" in network.summary() and "(x - 100) / 50" in network.summary()
    assert network.with_weights(weights).target_scaling == network.target_scaling


def test_a_file_keeps_names_and_scalings(tmp_path, run):
    scalings = {"input_scaling": Scaling((10.0,), (5.0,)), "target_scaling": Scaling((-1.5,), (0.25,))}
    network = made([np.array([[2.0]]), np.array([1.0])], "regression", integer_scale=7.0, **scalings)
    again = nl.load_network(network.save(tmp_path / "scaled.netlet", seed=3))
    assert (again.input_scaling, again.target_scaling) == tuple(scalings.values())
    assert (again.integer_scale, again.about) == (7.0, {"seed": 3})
    np.testing.assert_array_equal(again.predict([[3.0]]), network.predict([[3.0]]))
    named = nl.load_network(run.network.save(tmp_path / "named.netlet"))
    assert (named.class_names, named.integer_scale) == (("bottom", "middle", "top"), 255.0)


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"class_names": ("a", "b", "c")}, "must be 2 different names"),
        ({"class_names": ("a", "a")}, "must be 2 different names"),
        ({"input_scaling": Scaling((1.0, 2.0), (1.0, 1.0))}, "input_scaling has 2 channels"),
        ({"target_scaling": Scaling((1.0,), (1.0,))}, "whose targets are classes"),
    ],
)
def test_names_and_scalings_that_do_not_fit_are_refused(details, words):
    with pytest.raises(DataError, match=words):
        made([np.array([[2.0]]), np.array([1.0])], **details)


def test_complex_weights_are_refused():
    with pytest.raises(DataError, match="must hold real numbers"):
        made([np.array([[2.0 + 1j]]), np.array([1.0])])


def test_a_dataset_may_be_given_by_name_or_as_arrays():
    x = np.random.default_rng(0).random((40, 8, 8, 1))
    assert nl.train("flatten - dense(1)", "mnist56", epochs=0).dataset.name == "mnist56"
    runs = nl.train("flatten - dense(1)", (x, np.arange(40) % 2, x, np.arange(40) % 2), epochs=1)
    assert len(runs.dataset.validation) == 40
    for wrong in (3, None, (x,), {"x": x}):
        with pytest.raises(DataError, match="but must be a Dataset, the name or path of one, or a tuple"):
            nl.train("flatten - dense(1)", wrong)
