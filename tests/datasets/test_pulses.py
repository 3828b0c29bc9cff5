import numpy as np
import pytest

from netlet.datasets import make, pulses
from netlet.errors import DataError


@pytest.fixture(scope="module")
def data():
    return pulses.pulses(seed=2, train=2000, validation=10, test=10)


def clean(decay=0.0):
    """Two pulses, of width 3 and height 0.6 and of width 4 and height 1, without noise."""
    found = pulses.Pulses(np.array([[2, 12]]), np.array([[3, 4]]), np.array([[0.6, 1.0]]))
    x, y = pulses.draw(found, 24, decay)
    return x[0], y[0]


def test_a_triangle_rises_when_its_pulse_ends_and_falls_as_long():
    x, y = clean()
    expected_x, expected_y = np.zeros(24), np.zeros(24)
    expected_x[2:5] = 0.6
    expected_x[12:16] = 1.0
    expected_y[5:10] = [0.2, 0.4, 0.6, 0.4, 0.2]
    expected_y[16:23] = [0.25, 0.5, 0.75, 1.0, 0.75, 0.5, 0.25]
    np.testing.assert_allclose(x, expected_x)
    np.testing.assert_allclose(y, expected_y, atol=1e-12)


def test_a_triangle_is_cut_at_the_end_of_the_sequence():
    found = pulses.Pulses(np.array([[2]]), np.array([[3]]), np.array([[0.6]]))
    _, y = pulses.draw(found, 7)
    np.testing.assert_allclose(y[0], [0, 0, 0, 0, 0, 0.2, 0.4])


def test_triangles_of_close_pulses_add_up():
    found = pulses.Pulses(np.array([[0, 9]]), np.array([[4, 3]]), np.array([[0.8, 0.6]]))
    _, y = pulses.draw(found, 20)
    single = [pulses.draw(pulses.Pulses(*(array[:, [k]] for array in found)), 20)[1] for k in range(2)]
    np.testing.assert_allclose(y, single[0] + single[1])


def test_a_triangle_that_remembers_is_as_high_as_the_weighted_mean():
    _, y = clean(decay=0.5)
    assert y[:10].max() == pytest.approx(0.6)
    assert y[16:].max() == pytest.approx((1.0 + 0.5 * 0.6) / 1.5)


def test_without_decay_nothing_is_remembered():
    forgetful = pulses.pulses_memory(seed=1, train=3, validation=1, test=0, steps=80, decay=0.0)
    plain = pulses.pulses(seed=1, train=3, validation=1, test=0, steps=80)
    np.testing.assert_array_equal(forgetful.train.y, plain.train.y)


def test_an_older_pulse_counts_less_the_older_it_is():
    heights = np.array([[1.0, 0.5, 0.8]])
    found = pulses.Pulses(np.array([[0, 10, 20]]), np.full((1, 3), 3), heights)
    _, y = pulses.draw(found, 30, decay=0.25)
    weights = np.array([1 / 16, 1 / 4, 1])
    assert y[0, 20:].max() == pytest.approx((heights[0] * weights).sum() / weights.sum())


def test_pulses_keep_the_distance_their_width_asks_for():
    found = pulses.place(np.random.Generator(np.random.PCG64(0)), 500, 100)
    assert found.start.min() == 1
    assert found.width.min() == 3
    assert (np.diff(found.start, axis=1) >= 2 * found.width[:, :-1] + 1).all()
    assert (found.start + 3 * found.width)[found.start < 100].max() == 114
    assert found.height.min() >= 0.5
    assert found.height.max() <= 1.0


def test_pulses_are_as_long_and_as_many_as_measured(data):
    on = np.pad(data.train.x[..., 0] > 0.25, ((0, 0), (1, 1)))
    edges = np.diff(on.astype(int), axis=1)
    assert (edges == 1).sum() / len(edges) == pytest.approx(5.6, abs=0.1)
    assert on.sum() / (edges == 1).sum() == pytest.approx(4.85, abs=0.1)
    assert (edges == 1).argmax(axis=1).mean() == pytest.approx(7.4, abs=0.4)
    heights = data.train.x[data.train.x > 0.25]
    assert heights.mean() == pytest.approx(0.75, abs=0.01)


def test_gaps_between_pulses_are_as_long_as_measured():
    found = pulses.place(np.random.Generator(np.random.PCG64(1)), 2000, 100)
    gaps = np.diff(found.start, axis=1) - 2 * found.width[:, :-1] - 1
    assert gaps[found.start[:, 1:] < 100].mean() == pytest.approx(6.2, abs=0.2)


def test_targets_vary_as_much_as_measured(data):
    assert data.train.y.var() == pytest.approx(0.0651, abs=0.0015)


def test_noise_is_even_and_within_a_hundredth(data):
    quiet = data.train.x[:, 0, 0]  # the first pulse starts at step 1 or later
    assert np.abs(quiet).max() <= 0.01
    assert quiet.std() == pytest.approx(0.01 / np.sqrt(3), rel=0.05)
    assert np.abs(np.corrcoef(quiet, data.train.y[:, 0, 0])[0, 1]) < 0.1


@pytest.mark.parametrize(
    ("name", "counts", "steps"),
    [("pulses", 500, 100), ("pulses-reversed", 500, 100), ("pulses-memory", 200, 500)],
)
def test_sizes_are_those_of_the_lab(name, counts, steps):
    data = make(name)
    assert data.task == "regression"
    assert data.per_step
    for split in data.present.values():
        assert split.x.shape == split.y.shape == (counts, steps, 1)
        assert split.x.dtype == np.float32


def test_the_reverse_problem_swaps_roles_and_turns_time_round():
    forward, backward = (
        make("pulses", train=3, validation=2, test=1),
        make("pulses-reversed", train=3, validation=2, test=1),
    )
    for split_name, split in forward.present.items():
        np.testing.assert_array_equal(backward.present[split_name].x, split.y[:, ::-1])
        np.testing.assert_array_equal(backward.present[split_name].y, split.x[:, ::-1])
    assert backward.name == "pulses-reversed"


@pytest.mark.parametrize("name", ["pulses", "pulses-reversed", "pulses-memory"])
def test_the_same_seed_gives_the_same_sequences_and_another_seed_others(name):
    hashes = [make(name, seed=seed, train=5, validation=5, test=5).content_hash for seed in (3, 3, 4)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_size_of_one_split_leaves_the_others_as_they_are():
    few, many = (make("pulses", train=train, validation=4, test=4) for train in (2, 20))
    for split in ("validation", "test"):
        np.testing.assert_array_equal(few.present[split].y, many.present[split].y)


def test_a_sequence_may_end_before_its_first_pulse():
    data = make("pulses", train=3, validation=1, test=0, steps=1)
    assert data.train.x.shape == (3, 1, 1)
    assert np.abs(data.train.x).max() <= 0.01


@pytest.mark.parametrize("decay", [-0.1, 1.0, float("nan")])
def test_a_decay_outside_its_range_is_refused(decay):
    with pytest.raises(DataError, match=r"decay is .* but must be at least 0 and below 1"):
        make("pulses-memory", decay=decay)
