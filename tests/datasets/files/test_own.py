from typing import Any

import numpy as np
import pytest
from PIL import Image

from netlet.datasets import make
from netlet.datasets.files import originals, own
from netlet.errors import DataError

RNG = np.random.default_rng(0)


def save_images(folder, count, colour=False, suffix=".png", size=(4, 6)):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        pixels = RNG.integers(256, size=(*size, 3), dtype=np.uint8)
        if not colour:
            pixels[...] = pixels[..., :1]
        Image.fromarray(pixels).save(folder / f"{number:03}{suffix}")


def rows(split):
    return {image.tobytes() for image in split.x}


@pytest.fixture
def pets(tmp_path):
    """Ten cats and five dogs, all grey."""
    save_images(tmp_path / "pets" / "cat", 10)
    save_images(tmp_path / "pets" / "dog", 5)
    return tmp_path / "pets"


def test_folders_are_classes_and_a_fifth_of_each_is_held_out_twice(pets):
    data = own.read(pets)
    assert (data.name, data.task, data.class_names) == ("pets", "binary", ("cat", "dog"))
    assert data.input_shape == (4, 6, 1)
    counts = {name: np.bincount(split.y.astype(int)).tolist() for name, split in data.present.items()}
    assert counts == {"training": [6, 3], "validation": [2, 1], "test": [2, 1]}
    assert len(rows(data.train) | rows(data.validation) | rows(data.test)) == 15


def test_the_seed_draws_the_splits(pets):
    hashes = [own.read(pets, seed).content_hash for seed in (0, 0, 1)]
    assert hashes[0] == hashes[1] != hashes[2]
    assert own.read(pets, 1).seed == 1


def test_pixels_and_labels_belong_together(pets):
    data = own.read(pets)
    with Image.open(pets / "dog" / "003.png") as image:
        pixels = np.asarray(image)[..., :1] / np.float32(255)
    found = [
        split.y[place]
        for split in data.present.values()
        for place in range(len(split))
        if np.array_equal(split.x[place], pixels)
    ]
    assert found == [1]


def test_three_folders_and_colours_make_a_categorical_dataset_of_three_channels(pets):
    save_images(pets / "fish", 3, colour=True)
    data = own.read(pets)
    assert (data.task, data.outputs, data.input_shape) == ("categorical", 3, (4, 6, 3))


def test_jpeg_images_are_read_and_other_files_left_alone(tmp_path):
    for name in ("a", "b"):
        save_images(tmp_path / name, 3, suffix=".JPG")
        (tmp_path / name / "notes.txt").write_text("no image")
        (tmp_path / name / ".hidden.png").write_text("no image")
    (tmp_path / ".cache").mkdir()
    assert sum(len(split) for split in own.read(tmp_path).present.values()) == 6


@pytest.mark.parametrize("names", [("train", "validation", "test"), ("training", "val", "tst")])
def test_folders_of_splits_are_taken_as_they_are(tmp_path, names):
    for name, count in zip(names, (4, 2, 1), strict=True):
        save_images(tmp_path / name / "a", count, colour=name == names[1])
        save_images(tmp_path / name / "b", count)
    data = own.read(tmp_path)
    assert [len(split) for split in data.present.values()] == [8, 4, 2]
    assert data.train.y.tolist() == [0] * 4 + [1] * 4
    assert data.seed is None
    assert data.input_shape == (4, 6, 3)


def test_two_folders_for_one_split_are_refused(tmp_path):
    for folder in ("train", "training", "val"):
        for name in ("a", "b"):
            save_images(tmp_path / folder / name, 1)
    with pytest.raises(DataError, match="has train/ and training/, which are both for training: leave one"):
        own.read(tmp_path)


def test_a_class_may_be_called_train(tmp_path):
    for name in ("train", "bus"):
        save_images(tmp_path / name, 3)
    assert own.read(tmp_path).class_names == ("bus", "train")


def corrupt(folder):
    (folder / "cat" / "004.png").write_bytes(b"no image")


def empty(folder):
    (folder / "bird").mkdir()


def few(folder):
    save_images(folder / "bird", 2)


def other_size(folder):
    save_images(folder / "bird", 3, size=(5, 6))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (corrupt, r"cat/004\.png cannot be read as an image"),
        (empty, r"bird has no images \(\.png, \.jpg, \.jpeg, "),
        (few, "bird has 2 images, but 3 are needed"),
        (other_size, r"/000\.png is 6 x 4 pixels, but 000\.png is 6 x 5"),
    ],
)
def test_damaged_folders_are_refused(pets, damage, message):
    damage(pets)
    with pytest.raises(DataError, match=message):
        own.read(pets)


def test_a_folder_that_must_not_be_read_is_an_error(pets, monkeypatch):
    def denied(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.scandir", denied)
    with pytest.raises(DataError, match=r"pets cannot be read: Permission denied"):
        own.read(pets)


def test_a_folder_with_one_class_is_refused(tmp_path):
    save_images(tmp_path / "only", 3)
    with pytest.raises(DataError, match="has 1 sub-folder, but needs one for each class, two at least"):
        own.read(tmp_path)


def test_a_folder_of_training_images_without_validation_is_refused(tmp_path):
    for name in ("a", "b"):
        save_images(tmp_path / "train" / name, 3)
    with pytest.raises(DataError, match="has train/ but no validation/"):
        own.read(tmp_path)


def test_a_class_only_validation_has_is_refused(tmp_path):
    for place in ("train/a", "train/b", "validation/a", "validation/c"):
        save_images(tmp_path / place, 1)
    with pytest.raises(DataError, match=r"validation/c is a class that .*train does not have"):
        own.read(tmp_path)


def test_a_split_without_images_is_refused(tmp_path):
    for place in ("train/a", "train/b"):
        save_images(tmp_path / place, 1)
    (tmp_path / "validation").mkdir()
    with pytest.raises(DataError, match="validation has no images: it needs a folder for each of a, b"):
        own.read(tmp_path)


def test_the_exercises_own_files_are_pointed_out(tmp_path):
    originals.write(make("crt", train=2, validation=1, test=0), tmp_path)
    with pytest.raises(DataError, match=r"holds the exercise's files for crt: name the dataset"):
        own.read(tmp_path)


ARRAYS = {
    "x_train": RNG.random((4, 3, 3, 1)),
    "y_train": np.array([0, 1, 2, 1]),
    "x_val": RNG.random((2, 3, 3, 1)),
    "y_val": np.array([2, 0]),
}


def test_arrays_of_an_npz_file_are_read_by_their_names(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez_compressed(path, **ARRAYS, x_test=ARRAYS["x_val"], y_test=ARRAYS["y_val"], more=np.zeros(2))
    data = own.read(path)
    assert (data.name, data.task) == ("mine", "categorical")
    np.testing.assert_array_equal(data.train.x, ARRAYS["x_train"].astype(np.float32))
    assert data.test is not None
    assert data.test.y.tolist() == [[0, 0, 1], [1, 0, 0]]


def test_sequences_of_several_channels_are_read_from_npz(tmp_path):
    path = tmp_path / "seq.npz"
    x, y = RNG.normal(size=(5, 7, 3)), RNG.normal(size=(5, 7, 2))
    np.savez(path, x_train=x, y_train=y, x_val=x, y_val=y)
    data = own.read(path)
    assert (data.task, data.per_step, data.outputs, data.input_shape) == ("regression", True, 2, (7, 3))
    assert data.test is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x_val": None, "y_val": None}, "lacks x_val and y_val; it has x_train, y_train"),
        ({"x_test": np.zeros((1, 3, 3, 1))}, "lacks y_test"),
        ({"y_val": np.array([2])}, r"validation has x of shape \(2, 3, 3, 1\)"),
        ({"x_val": np.full((2, 3, 3, 1), np.nan)}, r"validation\.x\[0\] contains nan"),
        ({"y_train": np.array([None, 1, 2, 3])}, "cannot be read as arrays of numbers"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, change, message):
    path = tmp_path / "mine.npz"
    np.savez(path, **{key: value for key, value in (ARRAYS | change).items() if value is not None})
    with pytest.raises(DataError, match=rf"mine\.npz.*{message}"):
        own.read(path)


def test_a_truncated_archive_is_refused_wherever_it_is_cut(tmp_path):
    path = tmp_path / "cut.npz"
    np.savez(path, **ARRAYS)
    content = path.read_bytes()
    for length in range(0, len(content) - 1, 53):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match=r"cut\.npz"):
            own.read(path)


def test_an_archive_with_changed_bytes_is_refused(tmp_path):
    path = tmp_path / "changed.npz"
    np.savez_compressed(path, **ARRAYS)
    content = bytearray(path.read_bytes())
    content[100:110] = b"0123456789"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"changed\.npz cannot be read"):
        own.read(path)


def test_an_npz_may_say_its_task_and_the_names_of_its_classes(tmp_path):
    path = tmp_path / "counts.npz"
    arrays: dict[str, Any] = {f"x_{split}": np.zeros((4, 3, 3, 1)) for split in ("train", "val")}
    arrays |= {f"y_{split}": [1, 2, 3, 2] for split in ("train", "val")}
    np.savez(path, **arrays)
    assert own.read(path).task == "categorical"
    np.savez(path, **arrays, task="regression")
    assert own.read(path).task == "regression"
    np.savez(path, **arrays, class_names=["one", "two", "three"])
    assert own.read(path).class_names == ("one", "two", "three")
    np.savez(path, **arrays, task="guessing")
    with pytest.raises(DataError, match="task is 'guessing', but must be one of"):
        own.read(path)


def test_a_file_called_like_one_of_the_lab_s_datasets_is_none_of_them(tmp_path):
    np.save(tmp_path / "pulses.npy", RNG.normal(size=(2, 6, 5)))
    assert own.read(tmp_path / "pulses.npy").name == "own-pulses"


def test_sequences_of_one_file_are_divided(tmp_path):
    pair = RNG.normal(size=(2, 10, 6))
    np.save(tmp_path / "waves.npy", pair)
    data = own.read(tmp_path / "waves.npy", seed=3)
    assert [len(split) for split in data.present.values()] == [6, 2, 2]
    assert (data.name, data.task, data.seed) == ("waves", "regression", 3)
    inputs = np.concatenate([split.x for split in data.present.values()])
    targets = np.concatenate([split.y for split in data.present.values()])
    for x, y in zip(inputs, targets, strict=True):
        row = np.flatnonzero((pair[0].astype(np.float32) == x[:, 0]).all(axis=1))
        np.testing.assert_array_equal(pair[1][row[0]].astype(np.float32), y[:, 0])


def test_files_of_splits_are_taken_together(tmp_path):
    for split, count in (("trn", 4), ("val", 3), ("tst", 2)):
        np.save(tmp_path / f"waves-{split}.npy", RNG.normal(size=(2, count, 5, 2)))
    data = own.read(tmp_path / "waves-trn.npy")
    assert [len(split) for split in data.present.values()] == [4, 3, 2]
    assert data.input_shape == (5, 2)
    (tmp_path / "waves-tst.npy").unlink()
    assert own.read(tmp_path / "waves-trn.npy").test is None
    (tmp_path / "waves-val.npy").unlink()
    with pytest.raises(DataError, match=r"waves-val\.npy is missing"):
        own.read(tmp_path / "waves-trn.npy")


def test_too_few_sequences_to_divide_are_refused(tmp_path):
    np.save(tmp_path / "two.npy", np.zeros((2, 2, 5)))
    with pytest.raises(DataError, match="has 2 sequences, but 3 are needed"):
        own.read(tmp_path / "two.npy")


@pytest.mark.parametrize(("name", "message"), [("gone", "does not exist"), ("notes.txt", "of no kind")])
def test_other_paths_are_refused(tmp_path, name, message):
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(DataError, match=message):
        own.read(tmp_path / name)


def test_names_in_no_alphabet_become_text(tmp_path):
    for name in ("a\udcff", "b"):
        save_images(tmp_path / "own\udcfe" / name, 3)
    data = own.read(tmp_path / "own\udcfe")
    for text in (data.name, data.source, *data.class_names):
        text.encode("utf-8")
    assert data.class_names == ("a\ufffd", "b")


def test_an_npz_that_may_not_be_read_is_said_to_be_that(tmp_path, monkeypatch):
    path = tmp_path / "mine.npz"
    np.savez(path, x_train=[[1.0]])

    def forbidden(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", forbidden)
    with pytest.raises(DataError, match=r"mine.npz cannot be read: Permission denied"):
        own.read(path)


@pytest.mark.parametrize(("place", "value"), [(8, 1), (10, 99)])
def test_an_npz_that_is_encrypted_or_packed_in_an_unknown_way_is_refused(tmp_path, place, value):
    path = tmp_path / "mine.npz"
    zeros: dict[str, Any] = {
        f"{role}_{split}": np.zeros((2, 2)) for role in "xy" for split in ("train", "val")
    }
    np.savez(path, **zeros)
    content = bytearray(path.read_bytes())
    for header, shift in ((b"PK\x01\x02", 0), (b"PK\x03\x04", -2)):
        content[content.find(header) + place + shift] = value
    path.write_bytes(content)
    with pytest.raises(DataError, match="cannot be read as arrays of numbers"):
        own.read(path)


def test_sequences_too_large_for_float32_are_named_with_their_file(tmp_path):
    np.save(tmp_path / "large.npy", np.full((2, 4, 5), 1e300))
    with pytest.raises(DataError, match=r"large.npy: large: training.x\[0\] contains inf"):
        own.read(tmp_path / "large.npy")


@pytest.mark.parametrize("name", ["mask_test", "lengths_test"])
def test_a_mask_of_a_split_that_is_not_there_is_refused(tmp_path, name):
    x = np.zeros((4, 3, 1))
    given: dict[str, Any] = {name: np.ones((4, 3)) if name == "mask_test" else np.ones(4, dtype=int)}
    np.savez(tmp_path / "mine.npz", x_train=x, y_train=x, x_val=x, y_val=x, **given)
    with pytest.raises(DataError, match=f"mine.npz has {name}, but no x_test"):
        own.read(tmp_path / "mine.npz")


def put(path, value=0, size=(6, 6)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(size, value, np.uint8)).save(path)


@pytest.mark.parametrize("names", [("Train", "Val", "Test"), ("TRAINING", "dev", "testing")])
def test_folders_of_splits_are_known_in_any_case(tmp_path, names):
    for name in names:
        for place in range(2):
            put(tmp_path / name / "cat" / f"{place}.png")
            put(tmp_path / name / "dog" / f"{place}.png", 99)
    data = own.read(tmp_path)
    assert (data.class_names, [len(split) for split in data.present.values()]) == (("cat", "dog"), [4, 4, 4])


def test_folders_of_splits_without_classes_are_refused(tmp_path):
    for name in ("train", "val"):
        put(tmp_path / name / "a.png")
    with pytest.raises(DataError, match="no folders of classes in them"):
        own.read(tmp_path)


def test_validation_is_drawn_from_train_if_there_is_only_test_beside_it(tmp_path):
    for name in ("train", "test"):
        for place in range(10):
            put(tmp_path / name / "cat" / f"{place}.png", place)
            put(tmp_path / name / "dog" / f"{place}.png", 99 + place)
    data = own.read(tmp_path)
    assert [len(split) for split in data.present.values()] == [16, 4, 20]
    assert "no validation split" in " ".join(data.notes)


def test_images_in_folders_below_are_read_and_other_files_are_told(tmp_path):
    for place in range(5):
        put(tmp_path / "cat" / "more" / f"{place}.bmp")
        put(tmp_path / "dog" / f"{place}.png", 99)
    (tmp_path / "dog" / "notes.txt").write_text("woof")
    put(tmp_path / "stray.png")
    data = own.read(tmp_path)
    assert sum(len(split) for split in data.present.values()) == 10
    assert any("2 files left out" in note and "stray.png" in note for note in data.notes)


def test_sizes_are_told_with_their_counts(tmp_path):
    for place in range(4):
        put(tmp_path / "cat" / f"{place}.png", size=(6, 6 if place else 7))
        put(tmp_path / "dog" / f"{place}.png")
    with pytest.raises(DataError, match="there are 7 of 6 x 6, 1 of 7 x 6"):
        own.read(tmp_path)
