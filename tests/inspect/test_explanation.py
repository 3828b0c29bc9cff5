"""What is said of a tiny network, against what a person works out by hand."""

import numpy as np
import pytest

from netlet import Architecture, Network
from netlet.datasets import Split
from netlet.errors import DataError
from netlet.inspect import explain
from netlet.inspect.answering import kernel_words


def network(text, shape, task, outputs, weights, per_step=False, **details):
    resolved = Architecture(text).resolve(shape, task, outputs, per_step)
    sizes = resolved.weight_shapes(shape)
    arrays = [np.reshape(w, size).astype(np.float32) for w, size in zip(weights, sizes, strict=True)]
    return Network(resolved, shape, task, arrays, **details)


@pytest.fixture
def dot():
    """Answers 1 where there is a bright pixel: the largest pixel, times 4, less 2."""
    return network(
        "conv(1, 1x1, use_bias=false) - globalmaxpool - dense(1)",
        (3, 3, 1),
        "binary",
        2,
        [[1.0], [4.0], [-2.0]],
        class_names=("dark", "dotted"),
    )


@pytest.fixture
def dots():
    x = np.zeros((20, 3, 3, 1), dtype=np.float32)
    x[10:, 1, 2] = np.linspace(0.9, 1, 10)[:, None]
    return Split(x, np.repeat([0.0, 1.0], 10).astype(np.float32))


def test_every_weight_stands_where_it_acts(dot, dots):
    found = explain(dot, dots)
    conv, pool, dense = found.stages
    assert (found.parameters, found.metric, found.value, found.majority) == (3, "accuracy", 1.0, 0.5)
    assert conv.parts[0].blocks[0].weights.tolist() == [[1.0]] and conv.parts[0].bias is None
    assert (pool.parts, pool.symbols, pool.what) == ((), ("b1",), "largest of the map")
    (answer,) = dense.parts
    assert answer.blocks[0].weights.tolist() == [[4.0]] and answer.bias == -2
    assert answer.blocks[0].columns == ("b1",)
    assert answer.name == "above 0: dotted, else dark"


def test_what_a_part_is_for_each_class_is_measured(dot, dots):
    words = explain(dot, dots).stages[0].parts[0].words
    assert "its largest value in the image: dark 0 (0 .. 0), dotted 0.95 (0.905 .. 0.995)" in words
    assert "thresholds on it alone are right for 100.0 %" in words
    assert "without it: accuracy 0.5000 in place of 1.0000" in words


def test_what_excites_a_map_most_is_the_mean_of_such_patches(dot, dots):
    patch = explain(dot, dots).stages[0].parts[0].excited_by
    assert patch is not None
    assert patch.shape == (1, 1, 1)
    assert patch[0, 0, 0] == pytest.approx(dots.x[:, 1, 2].mean(), rel=1e-5)


def test_the_one_number_that_everything_passes_through(dot, dots):
    found = explain(dot, dots).bottleneck
    assert found is not None and found.symbol == "b1"
    np.testing.assert_allclose(found.values, dots.x.max(axis=(1, 2, 3)))
    expected = 1 / (1 + np.exp(-(4 * found.grid - 2)))
    np.testing.assert_allclose(found.answers[:, 1], expected, rtol=1e-5)
    np.testing.assert_allclose(found.answers.sum(axis=1), 1, rtol=1e-6)


def test_there_is_an_example_of_each_class_answered_rightly(dot, dots):
    first, second = explain(dot, dots).examples
    assert (first.target, second.target) == ("dark", "dotted")
    assert first.answer.startswith("dark (") and second.answer.startswith("dotted (")
    assert dots.y[second.index] == 1
    np.testing.assert_array_equal(second.x, dots.x[second.index])


def test_a_part_that_never_varies_tells_nothing(dots):
    dead = network(
        "conv(1, 1x1) - globalmaxpool - dense(1)", (3, 3, 1), "binary", 2, [[-1.0], [-5.0], [1.0], [0.0]]
    )
    assert "always 0.0000: it tells nothing" in explain(dead, dots).stages[0].parts[0].words


def test_a_recurrent_node_has_a_row_for_each_gate():
    random = np.random.default_rng(0)
    sizes = [(1, 6), (2, 6), (2, 6), (2, 1), (1,)]
    gru = network(
        "gru(2) - dense(1)", (9, 1), "regression", 1, [random.normal(size=s) for s in sizes], per_step=True
    )
    x = random.normal(size=(12, 9, 1)).astype(np.float32)
    found = explain(gru, Split(x, gru.predict(x)))
    (block,) = found.stages[0].parts[1].blocks
    assert block.rows == ("update", "reset", "candidate")
    assert block.columns == ("x", "a1\nbefore", "a2\nbefore", "bias", "bias of\nbefore")
    kernel, recurrent, bias, *_ = gru.weights
    node = [1, 3, 5]
    np.testing.assert_array_equal(block.weights[:, 0], kernel[0, node])
    np.testing.assert_array_equal(block.weights[:, 1:3], recurrent[:, node].T)
    np.testing.assert_array_equal(block.weights[:, 3:], bias[:, node].T)
    assert "follows target (r = +1.00)" in found.stages[1].parts[0].words[0]
    assert found.bottleneck is None and found.examples[0].predicted is not None


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (np.ones((3, 3)), "bright areas (100 % of its weight)"),
        (-np.ones((2, 2)), "dark areas (100 % of its weight)"),
        ([[1, 1, 1], [0, 0, 0], [-1, -1, -1]], "bright above dark (100 % of its weight)"),
        ([[-1, 1]], "dark left of bright (100 % of its weight)"),
        ([[-1], [2], [-1]], "a bright horizontal line (100 % of its weight)"),
        ([[-1, 2, -1]] * 3, "a bright vertical line (100 % of its weight)"),
        ([[1, -1], [-1, 1]], "a bright falling diagonal (100 % of its weight)"),
        ([[2, 1], [1, 0]], "bright areas (67 % of its weight)"),
        ([[0, 0], [0, 0]], "nothing: all its weights are 0"),
    ],
)
def test_a_kernel_in_words(kernel, words):
    assert kernel_words(np.array(kernel, dtype=float)) == words


def test_a_network_that_is_not_tiny_is_refused():
    large = network("flatten - dense(1)", (8, 8, 1), "binary", 2, [np.zeros(64), [0.0]])
    split = Split(np.zeros((2, 8, 8, 1), np.float32), np.array([0, 1], np.float32))
    with pytest.raises(DataError, match="has 65 parameters: networks of at most 60 are explained whole"):
        explain(large, split)


def test_a_network_that_diverged_is_refused(dot, dots):
    broken = dot.with_weights([np.full_like(weight, np.nan) for weight in dot.weights])
    with pytest.raises(DataError, match="diverged"):
        explain(broken, dots)
