import os
from typing import Any

import numpy as np
import pytest

import netlet as nl

NETWORK = "conv(2, 3x3) - maxpool(2) - flatten - dense(1)"


@pytest.fixture
def kept(run, dots, tmp_path):
    path = tmp_path / "kept.netlet"
    assert run("train", dots, NETWORK, "--epochs", 2, "--save", path)[0] == 0
    return path


def test_figures_are_printed_and_pictures_made(run, kept):
    code, out, error = run("look", kept)
    assert code == 0, error
    network, _ = nl.load_network(kept)
    assert f"Total params: {network.parameters}" in out
    assert "specificity" in out
    made = {path.name for path in kept.with_name("kept-look").iterdir()}
    expected = {"kernels", "classes-conv-1", "classes-maxpool-1", "ablation", "confusion", "mistakes", "roc"}
    assert {f"{name}.png" for name in expected} <= made
    assert {"image-0-before.png", "image-0-after.png", "image-1-before.png"} <= made
    assert all((kept.with_name("kept-look") / name).read_bytes()[:4] == b"\x89PNG" for name in made)


def test_pictures_go_where_they_are_wanted(run, kept, tmp_path):
    assert run("look", kept, "--out", tmp_path / "pictures")[0] == 0
    assert (tmp_path / "pictures" / "confusion.png").exists()
    assert not kept.with_name("kept-look").exists()


def test_a_file_that_is_no_network_is_refused(run, tmp_path):
    path = tmp_path / "wrong.netlet"
    path.write_bytes(b"no")
    code, _, error = run("look", path)
    assert code == 2
    assert "wrong.netlet" in error


def test_a_network_that_does_not_say_what_it_learned_is_refused(run, kept, tmp_path):
    network, _ = nl.load_network(kept)
    network.save(tmp_path / "bare.netlet")
    code, _, error = run("look", tmp_path / "bare.netlet")
    assert code == 2
    assert "what it was trained on" in error


def test_data_of_another_shape_is_refused(run, kept, tmp_path):
    network, about = nl.load_network(kept)
    network.save(tmp_path / "other.netlet", **(about | {"dataset": "crt"}))
    code, _, error = run("look", tmp_path / "other.netlet")
    assert code == 2
    assert "crt" in error


def test_other_data_than_it_was_trained_on_is_said(run, kept, tmp_path):
    network, about = nl.load_network(kept)
    network.save(tmp_path / "other.netlet", **(about | {"content": "another"}))
    assert "not what it was trained on" in run("look", tmp_path / "other.netlet")[1]


def test_a_network_without_convolutions_has_pictures_too(run, dots, tmp_path):
    path = tmp_path / "flat.netlet"
    assert run("train", dots, "flatten - dense(1)", "--epochs", 1, "--save", path)[0] == 0
    assert run("look", path)[0] == 0
    made = {each.stem for each in (tmp_path / "flat-look").iterdir()}
    assert made == {"classes-input", "confusion", "mistakes", "roc"}


@pytest.mark.parametrize(
    "about",
    [
        {"training": "evil"},
        {"training": [1]},
        {"seed": "[/red]"},
        {"data_dir": 7},
        {"content": 3},
        {"class_names": None},
    ],
)
def test_what_is_known_with_a_network_may_be_nonsense(run, kept, tmp_path, about):
    network, known = nl.load_network(kept)
    network.save(tmp_path / "odd.netlet", **(known | about))
    assert run("look", tmp_path / "odd.netlet")[0] == 0


def test_nothing_known_with_a_network_is_refused(run, kept, tmp_path, monkeypatch):
    network, _ = nl.load_network(kept)
    for about in (None, [1], {"dataset": 5}):
        monkeypatch.setattr("netlet.network.load_network", lambda _, about=about: (network, about))
        code, _, error = run("look", kept)
        assert code == 2
        assert "what it was trained on" in error


def test_what_is_no_file_is_refused(run, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, words in ((tmp_path, "is a folder"), (tmp_path / "pipe", "is no ordinary file")):
        code, _, error = run("look", path)
        assert code == 2
        assert words in error


def test_a_network_that_diverged_is_refused(run, kept, tmp_path):
    network, about = nl.load_network(kept)
    weights = [np.full(weight.shape, np.nan) for weight in network.weights]
    network.with_weights(weights).save(tmp_path / "diverged.netlet", **about)
    code, out, error = run("look", tmp_path / "diverged.netlet")
    assert (code, out) == (2, "")
    assert "diverged" in error
    assert not (tmp_path / "diverged-look").exists()


def test_data_that_was_moved_is_asked_for_and_can_be_given(run, kept, dots):
    moved = dots.rename(dots.with_name("moved.npz"))
    code, _, error = run("look", kept)
    assert code == 2
    assert "say with --data where its data is now" in error
    assert not kept.with_name("kept-look").exists()
    code, out, error = run("look", kept, "--data", moved)
    assert code == 0, error
    assert "not what it was trained on" not in out


@pytest.fixture
def numbers(tmp_path):
    """Images with a number to be told for each."""
    rng = np.random.default_rng(0)
    arrays: dict[str, Any] = {f"x_{split}": rng.random((6, 6, 6, 1)) for split in ("train", "val")}
    arrays |= {f"y_{split}": np.arange(6) / 8 + 0.0625 for split in ("train", "val")}
    np.savez(tmp_path / "numbers.npz", **arrays)
    return tmp_path / "numbers.npz"


def test_a_network_of_numbers_has_pictures_too(run, numbers, tmp_path):
    path = tmp_path / "kept.netlet"
    assert run("train", numbers, NETWORK, "--epochs", 1, "--save", path)[0] == 0
    code, out, error = run("look", path)
    assert code == 0, error
    made = {each.stem for each in (tmp_path / "kept-look").iterdir()}
    assert made == {"kernels", "image-0-before", "image-0-after"}
    assert "target 0.062" in out


def test_a_network_without_pictures_makes_no_folder(run, numbers, tmp_path):
    path = tmp_path / "kept.netlet"
    assert run("train", numbers, "flatten - dense(1)", "--epochs", 1, "--save", path)[0] == 0
    code, out, _ = run("look", path)
    assert code == 0
    assert "there are no pictures" in out
    assert not (tmp_path / "kept-look").exists()


def test_of_many_classes_a_few_images_are_shown(run, tmp_path):
    from netlet.cli import look

    rng = np.random.default_rng(0)
    arrays: dict[str, Any] = {f"x_{split}": rng.random((15, 4, 4, 1)) for split in ("train", "val")}
    np.savez(tmp_path / "many.npz", **arrays, y_train=np.arange(15), y_val=np.arange(15))
    assert len(look._examples(nl.load(tmp_path / "many.npz"))) == look._IMAGES


def test_names_in_letters_without_a_picture_are_no_error(run, tmp_path):
    from PIL import Image

    rng = np.random.default_rng(0)
    for name in ("日本", "[/red]".replace("/", "-"), "b\udcff"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(3):
            pixels = rng.integers(255, size=(6, 6), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "own" / name / f"{number}.png")
    path = tmp_path / "kept.netlet"
    network = "flatten - dense(3)"
    assert run("train", tmp_path / "own", network, "--epochs", 1, "--save", path)[0] == 0
    code, _, error = run("look", path)
    assert (code, error) == (0, "")
