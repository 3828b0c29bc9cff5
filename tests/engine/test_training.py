"""What the engine's training is given besides data: weights of samples, frozen weights, whom it asks."""

import numpy as np
import pytest

from netlet import _engine
from netlet.training import Training
from netlet.training.for_engine import for_engine

RANDOM = np.random.default_rng(0)
NETWORK = _engine.Network(
    (5, 5, 1),
    [
        {"kind": "conv", "units": 3, "window": (2, 2), "activation": _engine.Activation.tanh},
        {"kind": "flatten"},
        {"kind": "dense", "units": 4, "activation": _engine.Activation.relu},
        {"kind": "dense", "units": 1},
    ],
)
X = RANDOM.normal(size=(37, 25)).astype(np.float32)
Y = (X[:, :1] > 0).astype(np.float32)


def train(threads=1, seeds=(0, 1, 2), x=X, y=Y, epochs=3, batch_size=10, optimizer="adam", **given):
    settings = for_engine(Training(epochs, batch_size, optimizer, 0.01), "binary")
    return _engine.train(NETWORK, settings, x, y, X[:8], Y[:8], list(seeds), threads, None, **given)


def by_seed(trained):
    runs, raised, _ = trained
    assert raised is None
    return sorted(runs, key=lambda run: run["seed"])


def parts(weights):
    return np.split(weights, np.cumsum([np.prod(shape) for shape in NETWORK.weight_shapes])[:-1])


# Sample weights


def test_a_sample_of_weight_two_counts_as_one_that_is_there_twice():
    """In one batch of all, where only the divisor differs, which sgd's rate makes up for."""
    twice = np.concatenate([X, X[:5]]), np.concatenate([Y, Y[:5]])
    weights = np.where(np.arange(37) < 5, 2, 1).astype(np.float32)
    one = by_seed(train(seeds=[0], epochs=1, batch_size=99, optimizer="sgd", sample_weights=weights))
    two = by_seed(train(seeds=[0], epochs=1, batch_size=99, optimizer="sgd", x=twice[0], y=twice[1]))
    assert one[0]["history"]["loss"][0] * 37 == pytest.approx(two[0]["history"]["loss"][0] * 42, rel=1e-6)
    start = NETWORK.initial_weights(0)
    np.testing.assert_allclose(
        (one[0]["weights"] - start) * 37, (two[0]["weights"] - start) * 42, rtol=1e-3, atol=1e-5
    )


def test_weights_of_one_change_no_bit_and_those_of_zero_teach_nothing():
    plain, ones = by_seed(train()), by_seed(train(sample_weights=np.ones(37, np.float32)))
    for own, other in zip(plain, ones, strict=True):
        np.testing.assert_array_equal(own["weights"], other["weights"])
    for run in by_seed(train(sample_weights=np.zeros(37, np.float32))):
        np.testing.assert_array_equal(run["weights"], NETWORK.initial_weights(run["seed"]))
        assert run["history"]["loss"] == [0, 0, 0]


# Frozen weights


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam", "nadam"])
@pytest.mark.parametrize("frozen", [(0,), (0, 1), (3,), (1, 4), (4, 5), (0, 1, 2, 3, 4)])
def test_frozen_weights_keep_every_bit_and_the_others_learn(frozen, optimizer):
    stays = [place in frozen for place in range(6)]
    for run in by_seed(train(frozen=stays, optimizer=optimizer)):
        start = parts(NETWORK.initial_weights(run["seed"]))
        for before, after, stayed in zip(start, parts(run["weights"]), stays, strict=True):
            assert np.array_equal(before, after) == stayed


def test_layers_before_which_all_is_frozen_learn_what_they_would():
    """Backward does not reach what is frozen at the front; what it computes behind is the same."""
    settings = for_engine(Training(1, 99, "sgd", 0.01), "binary")
    start = NETWORK.initial_weights(0)
    free = _engine.Session(NETWORK, settings, 0, start)
    free.step(X, Y, 0.01)
    run = by_seed(train(seeds=[0], epochs=1, batch_size=99, optimizer="sgd", frozen=[True] * 2 + [False] * 4))
    for own, other in zip(parts(run[0]["weights"])[2:], parts(free.weights)[2:], strict=True):
        np.testing.assert_allclose(own, other, rtol=0, atol=2e-7)  # another order of the samples


# Who is asked after every epoch


@pytest.mark.parametrize("threads", [1, 3])
def test_who_is_asked_sees_every_epoch_and_ends_only_the_run_it_means(threads):
    told = []

    def on_epoch(*epoch):
        told.append(epoch)
        return epoch[:2] == (1, 2)

    runs = by_seed(train(threads=threads, on_epoch=on_epoch))
    assert [len(run["history"]["loss"]) for run in runs] == [3, 2, 3]
    assert [run["stopped"] for run in runs] == [False, True, False]
    assert sorted(epoch[:2] for epoch in told) == [
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 1),
        (1, 2),
        (2, 1),
        (2, 2),
        (2, 3),
    ]
    histories = [(run["seed"], at + 1, *[run["history"][name][at] for name in
                 ("loss", "accuracy", "val_loss", "val_accuracy")])
                 for run in runs for at in range(len(run["history"]["loss"]))]  # fmt: skip
    assert sorted(told) == histories
    for run, unasked in zip(runs, by_seed(train()), strict=True):
        assert run["stopped"] or np.array_equal(run["weights"], unasked["weights"])


@pytest.mark.parametrize("answer", [1, "yes", np.True_, None, False])
def test_only_true_itself_ends_a_run(answer):
    runs = by_seed(train(on_epoch=lambda *epoch: answer))
    assert not any(run["stopped"] for run in runs)


@pytest.mark.parametrize("threads", [1, 3])
def test_what_is_raised_on_being_asked_comes_back_with_the_runs_so_far(threads):
    def on_epoch(seed, epoch, *values):
        if epoch == 2:
            raise LookupError("enough")

    runs, raised, _ = train(threads=threads, epochs=100_000, on_epoch=on_epoch)
    assert isinstance(raised, LookupError)
    assert runs and not any(run["finished"] for run in runs)
    assert max(len(run["history"]["loss"]) for run in runs) == 2
