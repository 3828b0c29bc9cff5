import gzip
import struct
from hashlib import sha256

import numpy as np
import pytest

from netlet.datasets import mnist56
from netlet.errors import DataError


def images(*splits):
    return {split.x[i].tobytes() for split in splits for i in range(len(split))}


def test_drawn_digits_are_those_packaged_in_other_splits():
    packaged, drawn = mnist56.mnist56(), mnist56.drawn(3)
    every = [tuple(data.present.values()) for data in (packaged, drawn)]
    assert images(*every[0]) == images(*every[1])
    assert images(packaged.train) != images(drawn.train)
    assert [len(split) for split in every[1]] == [2000, 1850, 2000]
    assert [int(split.y.sum()) for split in every[1]] == [1000, 958, 1000]
    assert (drawn.seed, drawn.task, drawn.class_names) == (3, "binary", ("5", "6"))


def test_the_same_seed_draws_the_same_and_seed_0_is_what_is_packaged():
    assert mnist56.drawn(3).content_hash == mnist56.drawn(3).content_hash != mnist56.drawn(4).content_hash
    assert mnist56.drawn(0).content_hash == mnist56.mnist56().content_hash
    without = mnist56.drawn(3, has_test=False)
    assert without.test is None
    assert np.array_equal(without.validation.x, mnist56.drawn(3).validation.x)


def idx(array):
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def four_files(tmp_path, monkeypatch):
    """Four small files in the place of MNIST's, one of them compressed."""
    rng = np.random.default_rng(0)
    known = {}
    for stem, count in (("train", 9000), ("t10k", 3000)):
        labels = np.arange(count) % 3 + 4
        x = rng.integers(256, size=(count, 28, 28))
        x[:, 0, 0] = labels
        for name, array in ((f"{stem}-images-idx3-ubyte", x), (f"{stem}-labels-idx1-ubyte", labels)):
            content = idx(array)
            known[name] = sha256(content).hexdigest()
            if name.startswith("t10k-l"):
                (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(mnist56, "SHA256", known)
    return tmp_path


def test_digits_are_drawn_from_all_of_four_files(four_files):
    pool = mnist56.read_idx(four_files)
    assert len(pool[0]) == 8000
    data = mnist56.drawn(0, pool=pool)
    assert len(images(*data.present.values())) == 5850
    for split in data.present.values():
        assert np.array_equal(np.rint(split.x[:, 0, 0, 0] * 255), split.y + 5)


def test_files_that_are_not_those_released_are_refused(four_files):
    (four_files / "train-images-idx3-ubyte").write_bytes(b"x" * 20)
    with pytest.raises(DataError, match="is not the released file, by its SHA-256"):
        mnist56.read_idx(four_files)
    (four_files / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="is not the released file"):
        mnist56.read_idx(four_files)
