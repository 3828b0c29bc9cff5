from importlib import resources

import numpy as np
import pytest

from netlet.datasets.mnist56 import mnist56
from netlet.errors import FileError


@pytest.fixture(scope="module")
def data():
    return mnist56()


def test_the_splits_have_as_many_of_each_digit_as_the_lab_says(data):
    counts = {
        name: (int((split.y == 0).sum()), int((split.y == 1).sum())) for name, split in data.splits.items()
    }
    assert counts == {"training": (1000, 1000), "validation": (892, 958), "test": (1000, 1000)}


def test_validation_starts_as_the_test_set_of_mnist_does(data):
    assert data.validation.y[:8].tolist() == [0, 1, 0, 1, 1, 0, 0, 1]


def test_pixels_are_floats_in_0_to_1(data):
    for split in data.splits.values():
        assert split.x.dtype == np.float32
        assert split.x.shape == (len(split), 28, 28, 1)
        assert (split.x.min(), split.x.max()) == (0, 1)
        whole = split.x * 255
        np.testing.assert_allclose(whole, np.rint(whole), atol=1e-4)


@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
def test_a_damaged_file_asks_for_netlet_to_be_installed_again(monkeypatch, tmp_path, damage):
    whole = resources.files("netlet.datasets").joinpath("mnist56.npz").read_bytes()
    middle = len(whole) // 2
    changed = {
        "cut": whole[:middle],
        "changed": whole[:middle] + bytes(1000) + whole[middle + 1000 :],
        "empty": b"",
    }
    (tmp_path / "mnist56.npz").write_bytes(changed[damage])
    monkeypatch.setattr("netlet.datasets.mnist56.resources.files", lambda _: tmp_path)
    with pytest.raises(FileError, match=r"the packaged mnist56.npz cannot be read .*: install netlet again"):
        mnist56()


def test_no_image_is_in_two_splits(data):
    images = [{image.tobytes() for image in split.x} for split in data.splits.values()]
    assert [len(found) for found in images] == [2000, 1850, 2000]
    assert len(set.union(*images)) == 5850


def test_it_says_what_it_is_and_whose(data):
    assert (data.name, data.task, data.class_names, data.seed) == ("mnist56", "binary", ("5", "6"), None)
    assert "CC BY-SA 3.0" in data.source


def test_targets_belong_to_their_images(data):
    mean_image = [data.train.x[data.train.y == label].mean(axis=0) for label in (0, 1)]
    for split in (data.validation, data.test):
        distance = [((split.x - mean) ** 2).sum(axis=(1, 2, 3)) for mean in mean_image]
        assert ((distance[1] < distance[0]) == split.y).mean() > 0.9
