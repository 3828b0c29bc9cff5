import itertools
import json

import numpy as np
import pytest

from netlet import comparison
from netlet.architecture import Architecture
from netlet.comparison import TUNING_SEEDS, compare, equal_sizes
from netlet.datasets import Dataset, windows
from netlet.errors import ArchitectureError, FileError, Interrupted, TrainingError
from netlet.store import Store
from netlet.training import Training, train

SHORT = Training(epochs=4, batch_size=10, learning_rate=0.02)
GOOD, BAD = "flatten - dense(3) - dense(1)", "globalavgpool - dense(1)"


@pytest.fixture(scope="module")
def dots():
    """A dot in the upper or in the lower half: pooling over the whole image cannot tell which."""
    random = np.random.default_rng(0)
    splits = []
    for count in (60, 40, 40):
        y = np.arange(count) % 2
        x = np.zeros((count, 6, 6, 1), dtype=np.float32)
        x[np.arange(count), random.integers(3, size=count) + 3 * y, random.integers(6, size=count)] = 1
        splits.append((x, y))
    return Dataset("dots", *splits)


@pytest.fixture(scope="module")
def sequences():
    """Two channels in, one out at every step."""
    x = np.random.default_rng(0).normal(size=(20, 8, 2)).astype(np.float32)
    return Dataset("sums", (x, x.sum(axis=2, keepdims=True)), (x, x.sum(axis=2, keepdims=True)))


def size(cell, n, i=2, o=1):
    """By hand: Keras's weights of a cell, and the dense layer behind it."""
    of_cell = {
        "rnn": n * n + n * i + n,
        "gru": 3 * (n * n + n * i + 2 * n),
        "lstm": 4 * (n * n + n * i + n),
    }[cell]
    return of_cell + n * o + o


@pytest.mark.parametrize(("least", "most"), [(100, 200), (60, 90), (150, 400), (1000, 1200)])
@pytest.mark.parametrize("cells", [("rnn", "gru", "lstm"), ("gru", "lstm"), ("lstm", "rnn")])
def test_sizes_are_as_equal_as_they_can_be(sequences, cells, least, most):
    options = [[size(cell, n) for n in range(1, 60) if least <= size(cell, n) <= most] for cell in cells]
    if not all(options):
        with pytest.raises(ArchitectureError, match="nearest"):
            equal_sizes(cells, sequences, least, most)
        return
    best = min(itertools.product(*options), key=lambda sizes: (max(sizes) - min(sizes), -min(sizes)))
    networks = equal_sizes(cells, sequences, least, most)
    found = [network.parameters(sequences.input_shape) for network in networks]
    assert max(found) - min(found) == max(best) - min(best)
    assert min(found) == min(best)
    assert [str(network).partition("(")[0] for network in networks] == list(cells)


@pytest.mark.parametrize(
    ("cells", "least", "most", "said"),
    [
        (["rnn", "gruu"], 100, 200, "gruu"),
        (["rnn"], 100, 200, "two or three"),
        (["rnn", "rnn"], 100, 200, "two or three"),
        (["rnn", "gru"], 200, 100, "range"),
        (["rnn", "lstm"], 3, 5, "nearest have 6"),
    ],
)
def test_sizes_that_cannot_be_had_are_refused(sequences, cells, least, most, said):
    with pytest.raises(ArchitectureError, match=said):
        equal_sizes(cells, sequences, least, most)


def test_images_have_no_cells(dots):
    with pytest.raises(ArchitectureError, match="images"):
        equal_sizes(["rnn", "gru"], dots, 10, 100)


def test_the_better_network_is_found_and_clearly_so(dots):
    found = compare([BAD, GOOD], dots, SHORT, seeds=8)
    assert found.ranking == (1, 0)
    pair = found.between(1, 0)
    values = [contender.values("validation") for contender in found.contenders]
    assert pair == comparison.difference(values[0], values[1], True).flipped
    assert pair.is_clear
    assert pair.probability > 0.95
    assert "clearly better" in found.verdict()
    assert found.verdict("AB").startswith("B is clearly better than A")
    assert set(found.pairs[0, 1]) == {"validation", "test"}


def test_all_have_the_same_seeds_and_what_training_alone_gives(dots):
    found = compare([BAD, GOOD], dots, SHORT, seeds=3)
    for contender, text in zip(found.contenders, (BAD, GOOD), strict=True):
        assert [run.seed for run in contender.runs] == [0, 1, 2]
        for run, alone in zip(contender.runs, train(text, dots, SHORT, seeds=3), strict=True):
            assert run.history == alone.history


def test_every_contender_has_the_best_of_the_rates_for_itself(dots):
    rates = [0.0001, 0.05, 1e6]
    found = compare([BAD, GOOD], dots, SHORT, seeds=3, learning_rates=rates)
    for contender, text in zip(found.contenders, (BAD, GOOD), strict=True):
        medians = {}
        for rate in rates:
            training = Training(epochs=4, batch_size=10, learning_rate=rate)
            medians[rate] = train(text, dots, training, seeds=TUNING_SEEDS).distribution().median
        assert [(one.learning_rate, one.median) for one in contender.rates] == list(medians.items())
        best = max(medians, key=lambda rate: medians[rate])
        assert contender.runs.training.learning_rate == best
        assert contender.is_rate_at_end == (best in (rates[0], rates[-1]))
    assert found.contenders[1].runs.training.learning_rate == 0.05


def test_tuning_uses_no_seed_of_the_comparison():
    assert min(TUNING_SEEDS) >= 1_000_000


def test_intervals_of_several_pairs_are_wider(dots):
    networks = [GOOD, BAD, "flatten - dense(1)"]
    alone, together = compare(networks[:2], dots, SHORT, seeds=6), compare(networks, dots, SHORT, seeds=6)
    one, all_ = alone.between(0, 1), together.between(0, 1)
    assert one.difference == all_.difference
    assert all_.high - all_.low >= one.high - one.low
    values = [contender.values("validation") for contender in together.contenders]
    assert all_ == comparison.difference(values[0], values[1], True, confidence=1 - 0.05 / 3)


def test_runs_are_stored_and_found(dots, tmp_path):
    with Store(tmp_path / "runs.db") as store:
        first = compare([BAD, GOOD], dots, SHORT, seeds=3, learning_rates=[0.01, 0.02], store=store)
        assert [contender.runs.found for contender in first.contenders] == [0, 0]
        again = compare([BAD, GOOD], dots, SHORT, seeds=4, learning_rates=[0.01, 0.02], store=store)
        assert [contender.runs.found for contender in again.contenders] == [3, 3]
        for old, new in zip(first.contenders, again.contenders, strict=True):
            assert new.values("test")[:3] == old.values("test")


def test_a_store_that_fails_costs_no_comparison(dots, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise FileError("the disk is full")

    monkeypatch.setattr(Store, "add", fail)
    with Store(tmp_path / "runs.db") as store:
        found = compare([BAD, GOOD], dots, SHORT, seeds=3, store=store)
    assert [len(contender.runs) for contender in found.contenders] == [3, 3]
    assert "the disk is full" in str(found.problem)


@pytest.mark.parametrize(
    ("networks", "seeds", "error", "said"),
    [
        ([GOOD], 3, ArchitectureError, "two are needed"),
        ([GOOD, BAD, GOOD], 3, ArchitectureError, "twice"),
        ([GOOD, "flatten - dense(3, activation=relu) - dense(1)"], 3, ArchitectureError, "twice"),
        ([GOOD, "conv(2, 9x9) - flatten - dense(1)"], 3, ArchitectureError, "9"),
        ([GOOD, BAD], 1, TrainingError, "at least 2"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_training(dots, monkeypatch, networks, seeds, error, said):
    monkeypatch.setattr("netlet.comparison.networks.train", lambda *_, **__: pytest.fail("trained"))
    with pytest.raises(error, match=said):
        compare(networks, dots, SHORT, seeds=seeds)


def test_ctrl_c_leaves_the_networks_that_are_whole(dots, monkeypatch):
    networks = [GOOD, "flatten - dense(1)", BAD]

    def interrupted_at(text):
        stop = Architecture(text).resolve(dots.input_shape, "binary", 1)

        def stopping(network, *others, **settings):
            if network == stop:
                raise KeyboardInterrupt
            return train(network, *others, **settings)

        monkeypatch.setattr("netlet.comparison.networks.train", stopping)

    interrupted_at(BAD)
    with pytest.raises(Interrupted, match="after 2 of 3 networks") as caught:
        compare(networks, dots, SHORT, seeds=2)
    found = caught.value.result
    assert found.interrupted
    assert len(found.contenders) == 2
    interrupted_at(networks[1])
    with pytest.raises(Interrupted) as caught:
        compare(networks, dots, SHORT, seeds=2)
    assert caught.value.result is None


def test_settings_are_given_by_name_and_the_dataset_too(dots):
    found = compare([BAD, GOOD], dots, seeds=2, epochs=2, learning_rate=0.5)
    assert {c.runs.training for c in found.contenders} == {
        Training.default(dots, epochs=2, learning_rate=0.5)
    }
    named = compare(["flatten - dense(1)", "globalavgpool - dense(1)"], "mnist56", SHORT, seeds=2, epochs=0)
    assert named.contenders[0].runs.dataset.name == "mnist56"
    with pytest.raises(TrainingError, match="training is 3"):
        compare([BAD, GOOD], dots, 3)  # type: ignore[arg-type]


def test_the_json_holds_everything_even_of_diverged_runs(sequences):
    training = Training(epochs=3, batch_size=10, learning_rate=1e30)
    found = compare(["rnn(3, relu) - dense(1)", "rnn(2, relu) - dense(1)"], sequences, training, seeds=3)
    assert [contender.runs.diverged for contender in found.contenders] == [3, 3]
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert [one["parameters"] for one in told["contenders"]] == [size("rnn", 3), size("rnn", 2)]
    assert told["pairs"][0]["validation"]["difference"] is None
    assert told["contenders"][0]["metrics"]["test"] is None
    assert told["contenders"][0]["metrics"]["validation"]["normalised_error"]["diverged"] == 3


def test_naive_forecasts_stand_beside_a_comparison_of_a_series():
    steps = np.arange(150)
    data = windows(np.sin(steps * np.pi / 6) + 0.1 * np.random.default_rng(0).normal(size=150), 12)
    found = compare(["rnn(2) - dense(1)", "gru(2) - dense(1)"], data, seeds=2, epochs=1)
    assert found.as_dict()["naive"] == {name: dict(each) for name, each in data.naive.items()}
    seasonal = data.naive["seasonal (12)"]["validation"]["normalised_error"]
    assert seasonal is not None and f"seasonal (12) {seasonal:.4f} on validation" in found.remarks()[0]
    assert "no better than a naive forecast" in found.remarks()[1]  # after one epoch
