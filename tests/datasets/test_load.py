import re
from typing import Any

import numpy as np
import pytest

from netlet import datasets
from netlet.datasets.files import originals
from netlet.errors import DataError

SMALL: dict[str, Any] = {"train": 3, "validation": 2, "test": 1}


@pytest.fixture
def no_variable(monkeypatch):
    monkeypatch.delenv("NETLET_DATA", raising=False)


pytestmark = pytest.mark.usefixtures("no_variable")


@pytest.fixture
def originals_of_crt(tmp_path):
    data = datasets.make("crt", seed=9, **SMALL)
    originals.write(data, tmp_path)
    return tmp_path, data


@pytest.mark.parametrize("name", datasets.names())
def test_every_name_can_be_loaded(name):
    data = datasets.load(name)
    assert data.name == name
    assert data.test is not None
    assert data.source


def test_sizes_and_the_seed_reach_the_generator():
    data = datasets.load("r3", seed=4, size=48, **SMALL)
    assert data.seed == 4
    assert data.train.x.shape == (3, 48, 48, 1)
    assert [len(split) for split in data.present.values()] == [3, 2, 1]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("mnist65", {}, "no dataset is called 'mnist65': did you mean mnist56?"),
        ("pulse", {}, "did you mean pulses?"),
        ("zebra", {}, "no dataset is called 'zebra': there are mnist56, crt"),
        ("crt", {"steps": 3}, "crt has no size called 'steps': it takes train, validation, test, size"),
        ("mnist56", {"train": 3}, "mnist56 has no size called 'train': it is packaged"),
        ("crt", {"train": 0}, "train is 0, but must be a whole number of at least 1"),
        ("crt", {"test": -1}, "test is -1, but must be a whole number of at least 0"),
        ("pulses", {"steps": 2.5}, "steps is 2.5, but must be a whole number"),
        ("pulses", {"seed": -1}, "seed is -1"),
        ("mnist56", {"seed": 1.5}, "seed is 1.5"),
        ("mnist56", {"seed": 3}, "mnist56 is packaged as it is, so seed 3 has no use: leave it out"),
        ("", {}, "no dataset is called ''"),
        ("./nothing-here", {}, "nothing-here does not exist"),
        ("gone.npz", {}, "gone.npz does not exist"),
        ("gone.npz", {"data_dir": "there"}, "data_dir (there) has no use"),
        ("gone.npz", {"train": 3}, "takes no train: choose from kind, task, per_step, scale"),
    ],
)
def test_what_cannot_be_loaded_is_explained(name, options, message):
    with pytest.raises(DataError, match=re.escape(message)):
        datasets.load(name, **options)


def test_a_folder_of_originals_takes_the_place_of_the_generator(originals_of_crt):
    folder, data = originals_of_crt
    assert datasets.load("crt", folder).content_hash == data.content_hash
    assert str(folder) in datasets.load("crt", str(folder)).source


def test_the_variable_does_what_the_argument_does(originals_of_crt, monkeypatch):
    folder, data = originals_of_crt
    monkeypatch.setenv("NETLET_DATA", str(folder))
    assert datasets.load("crt").content_hash == data.content_hash


def test_a_dataset_missing_from_the_folder_of_the_variable_is_an_error(originals_of_crt, monkeypatch):
    monkeypatch.setenv("NETLET_DATA", str(originals_of_crt[0]))
    with pytest.raises(DataError, match=r"r3-trn/.* missing.*NETLET_DATA is set: unset it"):
        datasets.load("r3")


def test_making_does_not_look_at_the_variable(monkeypatch):
    monkeypatch.setenv("NETLET_DATA", "/nowhere")
    assert len(datasets.make("crt", **SMALL).train) == 3


def test_sizes_and_seed_of_originals_cannot_be_chosen(originals_of_crt):
    with pytest.raises(DataError, match="seed, train cannot be chosen"):
        datasets.load("crt", originals_of_crt[0], seed=1, train=3)


def test_a_path_is_read_as_ones_own_data(tmp_path):
    x = np.random.default_rng(0).random((4, 3, 3, 1))
    path = tmp_path / "mine.npz"
    np.savez(path, x_train=x, y_train=[0, 1, 1, 0], x_val=x[:2], y_val=[0, 1])
    for given in (path, str(path)):
        assert datasets.load(given).name == "mine"


def test_a_name_wins_over_a_folder_called_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "crt").mkdir()
    assert datasets.load("crt", **SMALL).source.startswith("generated")


@pytest.mark.parametrize(
    ("name", "sizes", "most"),
    [
        ("crt", {"size": 100_000}, "500,000,000"),
        ("pulses", {"steps": 40_000}, "50,000,000"),
        ("r3", {"train": 10**20}, "500,000,000"),
    ],
)
def test_more_than_fits_in_memory_is_refused_at_once(name, sizes, most):
    with pytest.raises(DataError, match=f"at most {most} can be generated: take less"):
        datasets.make(name, **sizes)


def test_nobodys_home_folder_is_a_folder_that_is_not_there(monkeypatch):
    with pytest.raises(DataError, match="~nobody-is-called-this does not exist"):
        datasets.load("~nobody-is-called-this")
    monkeypatch.setenv("NETLET_DATA", "~nobody-is-called-this")
    with pytest.raises(DataError, match=r"is no folder.*NETLET_DATA is set"):
        datasets.load("crt")


def test_paths_are_not_offered_where_none_can_be_made():
    with pytest.raises(DataError, match=r"pulses-memory$"):
        datasets.make("zebra")
