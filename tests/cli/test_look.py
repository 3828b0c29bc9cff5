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
