"""Training images changed on the fly: against changes by hand and SciPy's, and what is learned from them."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import ndimage, stats

import netlet as nl
from netlet.errors import DataError, TrainingError
from netlet.training.augmentation import augmented, background

SHAPE = (9, 7, 2)
NETWORK = "conv(3, 3x3) - maxpool(2) - flatten - dense(1)"


def pictures(count=40, shape=SHAPE, validation=12):
    numbers = np.random.default_rng(3)
    x = numbers.integers(0, 256, (count + validation, *shape), dtype=np.uint8)
    y = np.arange(count + validation) % 2
    return nl.Dataset("pictures", (x[:count], y[:count]), (x[count:], y[count:]))


@pytest.fixture(scope="module")
def data():
    return pictures()


def shown(data, places, epoch=1, seed=0, **settings):
    return augmented(nl.Training(**settings), data, places, epoch, seed)


def shifted(image, down, right, fill):
    """By slices."""
    height, width, channels = image.shape
    moved = np.full((3 * height, 3 * width, channels), fill, np.float32)
    moved[height + down : 2 * height + down, width + right : 2 * width + right] = image
    return moved[height : 2 * height, width : 2 * width]


def uniform(values, count):
    """Whether values 0 .. count - 1 may be equally likely."""
    return stats.chisquare(np.bincount(values, minlength=count)).pvalue > 1e-3


def test_every_image_is_shifted_by_whole_pixels_and_all_shifts_are_equally_likely(data):
    image, found = data.train.x[5], []
    ways = {move: shifted(image, move[0], move[1], 0.25) for move in product(range(-2, 3), repeat=2)}
    for seed in range(500):
        (changed,) = shown(data, [5], seed=seed, shift=2, fill=0.25)
        (move,) = [move for move, expected in ways.items() if np.array_equal(changed, expected)]
        found.append(5 * (move[0] + 2) + move[1] + 2)
    assert uniform(found, 25)


@pytest.mark.parametrize(
    ("flip", "ways"),
    [
        ("horizontal", [np.s_[:, :], np.s_[:, ::-1]]),
        ("vertical", [np.s_[:, :], np.s_[::-1, :]]),
        ("both", [np.s_[:, :], np.s_[:, ::-1], np.s_[::-1, :], np.s_[::-1, ::-1]]),
    ],
)
def test_flips_are_mirror_images_and_equally_likely(data, flip, ways):
    found = []
    for epoch in range(1, 11):
        for image, changed in zip(data.train.x, shown(data, range(40), epoch, flip=flip), strict=True):
            (way,) = [i for i, way in enumerate(ways) if np.array_equal(changed, image[way])]
            found.append(way)
    assert uniform(found, len(ways))


def drawn_affine(**settings):
    """What output pixels come from, (2, 3), and the draws' own data: read from ramps, far from the border."""
    size = 41
    ramps = np.stack(np.meshgrid(np.arange(size), np.arange(size), indexing="ij"), -1).astype(np.float32)
    own = nl.Dataset("ramps", (np.stack([ramps] * 40), np.arange(40) % 2), kind="image", scale="none")
    middle = size // 2
    for image in augmented(nl.Training(**settings), own, range(len(own.train)), 1, 0):
        at = image[middle, middle].astype(float)
        yield np.stack([image[middle + 5, middle] - at, image[middle, middle + 5] - at], -1) / 5, at - middle


def test_turns_and_zooms_are_scipy_s_bilinear_ones():
    count, shape = 32, (11, 8, 1)
    own = pictures(count, shape)
    settings = {"turn": 30, "zoom": 0.3, "shift": 2, "flip": "horizontal", "fill": 0.5}
    changed = shown(own, range(count), **settings)
    angles, factors = [], []
    for image, result, (matrix, moved) in zip(own.train.x, changed, drawn_affine(**settings), strict=False):
        middle = (np.array(shape[:2]) - 1) / 2
        expected = ndimage.affine_transform(
            image[..., 0].astype(float),
            matrix,
            middle + moved - matrix @ middle,
            order=1,
            mode="grid-constant",
            cval=0.5,
        )
        np.testing.assert_allclose(result[..., 0], expected, atol=2e-4)
        scale = np.sqrt(abs(np.linalg.det(matrix)))
        factors.append(1 / scale)
        upright = matrix @ np.diag([1, np.sign(np.linalg.det(matrix))]) / scale
        np.testing.assert_allclose(upright @ upright.T, np.eye(2), atol=1e-4)
        angles.append(np.degrees(np.arctan2(upright[0, 1], upright[0, 0])))
    assert len(factors) == count
    assert stats.kstest(angles, stats.uniform(-30, 60).cdf).pvalue > 1e-3
    assert stats.kstest(factors, stats.uniform(0.7, 0.6).cdf).pvalue > 1e-3
    assert max(np.abs(angles)) > 20 and min(factors) < 0.8 and max(factors) > 1.2


def test_erased_is_one_rectangle_of_background_within_its_bounds(data):
    heights, widths = [], []
    for epoch in range(1, 11):
        for image, changed in zip(
            data.train.x, shown(data, range(40), epoch, erase=0.5, fill=2), strict=True
        ):
            gone = (changed == 2).all(axis=-1)
            assert np.array_equal(changed[~gone], image[~gone])
            rows, columns = np.flatnonzero(gone.any(axis=1)), np.flatnonzero(gone.any(axis=0))
            heights.append(len(rows))
            widths.append(len(columns))
            assert gone.sum() == len(rows) * len(columns)
            if len(rows):
                assert np.ptp(rows) == len(rows) - 1 and np.ptp(columns) == len(columns) - 1
    assert max(heights) == 4 and max(widths) == 3
    assert min(heights) == 0


def test_noise_is_normal_with_the_deviation_asked_for(data):
    found = np.concatenate(
        [shown(data, range(40), epoch, noise=0.1) - data.train.x for epoch in range(1, 11)]
    )
    assert found.mean() == pytest.approx(0, abs=0.002)
    assert found.std() == pytest.approx(0.1, rel=0.01)
    assert stats.kstest(found[:, ::2, ::3].ravel() / 0.1, "norm").pvalue > 1e-3
    flat = found.reshape(400, -1)
    assert abs(np.corrcoef(flat[:, :-1].ravel(), flat[:, 1:].ravel())[0, 1]) < 0.01
    assert abs(np.corrcoef(flat[:-1].ravel(), flat[1:].ravel())[0, 1]) < 0.01


def test_seed_epoch_and_place_decide_and_nothing_else(data):
    settings = {"shift": 3, "turn": 20, "noise": 0.1}
    once = shown(data, range(40), 3, 7, **settings)
    assert np.array_equal(shown(data, [31, 4], 3, 7, **settings), once[[31, 4]])
    for other in (shown(data, range(40), 4, 7, **settings), shown(data, range(40), 3, 8, **settings)):
        assert not any(np.array_equal(*pair) for pair in zip(once, other, strict=True))
    same = nl.Dataset(
        "same", (np.stack([data.train.x[0]] * 4), [0, 1, 0, 1]), (data.validation.x, data.validation.y)
    )
    assert len(np.unique(shown(same, range(4), **settings), axis=0)) == 4


def test_a_change_is_the_same_whatever_else_is_asked_for(data):
    moved = shown(data, range(40), shift=2)
    both = shown(data, range(40), shift=2, noise=1e-6, erase=0.5, fill=0.5)
    assert (np.abs(moved - both) < 1e-4).mean() > 0.7


def test_a_training_learns_from_these_images_to_the_bit(data):
    """Two epochs, against two trainings on images changed before; sgd, which remembers nothing."""
    usual = nl.Training(1, 16, "sgd", 0.05, shuffle=False)
    changed = replace(usual, epochs=2, shift=2, turn=10, noise=0.05, erase=0.3)
    run = nl.train(NETWORK, data, changed, seeds=[4]).best
    network = None
    for epoch in (1, 2):
        images = augmented(changed, data, range(40), epoch, 4)
        now = nl.Dataset(
            "now", (images, data.train.y), (data.validation.x, data.validation.y), scale="none", kind="image"
        )
        by_hand = nl.train(NETWORK, now, usual, seeds=[4], start=network).best
        network = by_hand.network
        assert by_hand.history["loss"][0] == run.history["loss"][epoch - 1]
        # Images of validation are as they are.
        assert by_hand.history["val_loss"][0] == run.history["val_loss"][epoch - 1]
    assert all(map(np.array_equal, run.network.weights, network.weights))
    assert run.evaluate(data.validation)["loss"] == pytest.approx(run.history["val_loss"][-1], rel=1e-5)


def test_threads_and_other_seeds_change_nothing(data):
    settings = {"epochs": 3, "shift": 1, "zoom": 0.2, "flip": "both", "noise": 0.1}
    alone = nl.train(NETWORK, data, seeds=[5], threads=1, **settings).best
    among = nl.train(NETWORK, data, seeds=range(3, 8), threads=3, **settings)[2]
    assert all(map(np.array_equal, alone.network.weights, among.network.weights))
    assert alone.history == among.history


def test_noise_and_background_are_in_units_of_the_data_where_a_network_scales_it():
    numbers = np.random.default_rng(0)
    x = (numbers.random((30, 6, 6, 2)) * [100, 5] + [50, -3]).astype(np.float32)
    y = numbers.integers(0, 2, 30)
    scaled = nl.Dataset("scaled", (x, y), (x, y), scale="standard", kind="image")
    assert scaled.input_scaling is not None
    usual = nl.Training(1, 8, "sgd", 0.05, shuffle=False, shift=1, noise=0.5, fill=60)
    by_hand = augmented(usual, scaled, range(30), 1)
    assert by_hand[..., 0].max() > 150
    plain = nl.Dataset("plain", (scaled.input_scaling.apply(by_hand), y), (x, y), scale="none", kind="image")
    expected = nl.train(NETWORK, plain, nl.Training(1, 8, "sgd", 0.05, shuffle=False), validate=False).best
    run = nl.train(NETWORK, scaled, usual, validate=False).best
    for one, other in zip(run.network.weights, expected.network.weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_background_is_that_of_the_images_unless_it_is_said():
    x = np.full((20, 8, 8, 3), (255, 0, 51), np.uint8)
    x[:, 2:6, 2:6] = 100
    white = nl.Dataset("white", (x, np.arange(20) % 2))
    assert background(nl.Training(shift=1), white) == pytest.approx((1, 0, 0.2))
    assert background(nl.Training(shift=1, fill=0.5), white) == (0.5, 0.5, 0.5)
    (changed,) = augmented(nl.Training(turn=45), white, [0], 1)
    np.testing.assert_allclose(changed[0, 0], (1, 0, 0.2), atol=1e-6)
    runs = nl.train("flatten - dense(1)", white, epochs=1, turn=45)
    assert any(
        "changed anew in every epoch (turn 45)" in line and "1, 0, 0.2" in line for line in runs.remarks()
    )
    runs = nl.train("flatten - dense(1)", white, epochs=1)
    assert not any("changed" in line for line in runs.remarks())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"shift": -1}, "shift is -1, but must be a whole number from 0"),
        ({"shift": 0.5}, "shift is 0.5, but must be a whole number from 0"),
        ({"flip": "sideways"}, "one of none, horizontal, vertical, both"),
        ({"turn": 181}, "from 0 to 180"),
        ({"zoom": 1}, "below 1"),
        ({"erase": 1.5}, "from 0 to 1"),
        ({"noise": float("nan")}, "from 0"),
        ({"fill": 0.5}, "nothing is left to be filled"),
        ({"fill": 0.5, "noise": 0.1}, "nothing is left to be filled"),
        ({"shift": 7}, "9 x 7, of which that leaves nothing: take at most 6"),
    ],
)
def test_what_makes_no_sense_is_refused(data, settings, words):
    with pytest.raises(TrainingError, match=words) as caught:
        nl.train(NETWORK, data, **settings)
    assert caught.value.setting == next(iter(settings))


@pytest.mark.parametrize("setting", [{"shift": 1}, {"flip": "both"}, {"noise": 0.1}])
def test_sequences_and_tables_are_refused(setting):
    table = nl.Dataset("rows", (np.eye(20, 5), np.arange(20) % 2), kind="table")
    for own, what in ((nl.load("pulses", train=20, validation=10, test=0), "sequences"), (table, "a table")):
        with pytest.raises(TrainingError, match=f"has {what}, not images: leave it out") as caught:
            nl.train("dense(1)", own, **setting)
        assert caught.value.setting == next(iter(setting))


def test_a_store_tells_changed_images_apart_and_finds_them_again(data, tmp_path):
    with nl.Store(tmp_path / "runs.db") as store:
        for shift, found in ((0, 0), (1, 0), (1, 1), (0, 1), (2, 0)):
            assert store.train(NETWORK, data, epochs=1, shift=shift).found == found
        assert {experiment.training.shift for experiment in store.list()} == {0, 1, 2}


def test_a_comparison_takes_them(data):
    found = nl.compare([NETWORK, "flatten - dense(1)"], data, seeds=2, epochs=1, shift=1)
    assert all(each.runs.training.shift == 1 for each in found.contenders)


def test_a_dataset_shows_what_is_learned_from(data):
    picture = data.show(shift=2, turn=15, examples=3, epochs=4)
    images = [image for axes in picture.figure.axes for image in axes.images]
    assert len(images) == 3 * 5
    first, changed = images[0].get_array(), images[1 * 3].get_array()
    np.testing.assert_allclose(first, data.train.x[0].mean(axis=-1))
    expected = shown(data, [0], 1, shift=2, turn=15)[0]
    np.testing.assert_allclose(changed, expected.clip(0, 1).mean(axis=-1), atol=1e-6)
    assert len([image for axes in data.show().figure.axes for image in axes.images]) == 6


def test_a_dataset_without_images_and_senseless_numbers_are_refused(data):
    with pytest.raises(DataError, match="has no images"):
        nl.load("pulses", train=20, validation=10, test=0).show()
    for settings in ({"examples": 0}, {"epochs": 21}, {"examples": 2.5}):
        with pytest.raises(TrainingError, match="must be a whole number from 1 to 20"):
            data.show(**settings)
