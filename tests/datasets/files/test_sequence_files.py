import numpy as np
import pytest

from netlet.datasets.files.sequences import read_sequences
from netlet.errors import DataError


def saved(tmp_path, array):
    path = tmp_path / "seq.npy"
    np.save(path, array)
    return path


def test_inputs_and_targets_are_told_apart_and_get_a_channel(tmp_path):
    pair = np.arange(12.0).reshape(2, 3, 2)
    x, y = read_sequences(saved(tmp_path, pair))
    np.testing.assert_array_equal(x[..., 0], pair[0])
    np.testing.assert_array_equal(y[..., 0], pair[1])


def test_several_channels_are_kept(tmp_path):
    x, y = read_sequences(saved(tmp_path, np.ones((2, 3, 5, 4))))
    assert x.shape == y.shape == (3, 5, 4)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 4, 5)), r"shape \(3, 4, 5\), but must be \(2, n, steps\)"),
        (np.zeros((2, 4)), r"shape \(2, 4\)"),
        (np.zeros((2, 0, 5)), r"shape \(2, 0, 5\)"),
        (np.array([[["a"]], [["b"]]]), "holds no numbers"),
        (np.array([[[None]], [[None]]]), "cannot be read as an array of numbers"),
    ],
)
def test_other_arrays_are_refused(tmp_path, array, message):
    with pytest.raises(DataError, match=rf"seq\.npy.*{message}"):
        read_sequences(saved(tmp_path, array))


def test_a_value_that_is_not_finite_is_located(tmp_path):
    pair = np.zeros((2, 3, 4))
    pair[1, 2, 3] = np.nan
    with pytest.raises(DataError, match="the target of sequence 2 is nan at step 3"):
        read_sequences(saved(tmp_path, pair))


def test_a_truncated_file_is_refused_wherever_it_is_cut(tmp_path):
    path = saved(tmp_path, np.zeros((2, 3, 4)))
    content = path.read_bytes()
    for length in range(0, len(content), 5):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match=r"seq\.npy cannot be read"):
            read_sequences(path)


def test_a_header_that_promises_too_much_is_refused(tmp_path):
    path = saved(tmp_path, np.zeros((2, 3, 4)))
    path.write_bytes(path.read_bytes().replace(b"(2, 3, 4), }" + b" " * 12, b"(2, 3, 4000000000000), }"))
    with pytest.raises(DataError, match=r"seq\.npy cannot be read"):
        read_sequences(path)


def test_an_archive_under_a_wrong_name_is_refused(tmp_path):
    path = tmp_path / "seq.npy"
    with path.open("wb") as file:
        np.savez(file, a=np.zeros(3))
    with pytest.raises(DataError, match=r"seq\.npy cannot be read"):
        read_sequences(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"gone\.npy is missing"):
        read_sequences(tmp_path / "gone.npy")
