from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from netlet import datasets
from netlet.cli.data import app
from netlet.errors import NetletError

SMALL = ["--train", "3", "--validation", "2", "--test", "1"]


@pytest.fixture(autouse=True)
def wide_and_without_variable(monkeypatch):
    monkeypatch.delenv("NETLET_DATA", raising=False)
    monkeypatch.setenv("COLUMNS", "120")


def run(*arguments):
    """What a command prints; its error, if it fails, is raised."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_all_datasets_are_listed():
    output = run("list")
    for name in datasets.names():
        assert name in output
    assert "2,000 / 1,850 / 2,000" in output


def test_a_dataset_is_shown_with_its_counts_values_and_licence():
    lines = [line.split() for line in run("show", "mnist56").splitlines()]
    assert ["validation", "1,850", "892", "958"] in lines
    assert ["training,", "pixels", "0.0000", "0.1313", "1.0000", "0.0946"] in lines
    assert any(line[-3:] == ["CC", "BY-SA", "3.0"] for line in lines)
    assert ["content:", datasets.load("mnist56").content_hash] in lines


def test_sequences_are_shown_with_their_targets():
    output = run("show", "pulses-memory", "--seed", 3)
    assert "sequences of 500 x 1" in output
    assert "training, target" in output
    assert "seed: 3" in output


def test_what_is_made_can_be_checked_and_used(tmp_path):
    made = run("make", "crt", tmp_path, "--seed", 5, *SMALL).split()
    assert str(tmp_path / "crt-trn_trg.csv") in made
    expected = datasets.make("crt", seed=5, train=3, validation=2, test=1)
    assert datasets.load("crt", tmp_path).content_hash == expected.content_hash
    assert "✓ crt: 3 training, 2 validation, 1 test images" in run("check", tmp_path)
    assert "3 training" in run("check", "crt", "--data", tmp_path)
    with pytest.raises(NetletError, match=r"is checked itself, so --data .* has no use"):
        run("check", tmp_path, "--data", tmp_path)
    assert f"files in {tmp_path}" in run("show", "crt", "--data", tmp_path).replace("\n", "")


def test_a_seed_that_nothing_is_generated_from_is_refused(tmp_path):
    with pytest.raises(NetletError, match="mnist56 is packaged as it is, so seed 3 has no use"):
        run("make", "mnist56", tmp_path, "--seed", 3)
    run("make", "crt", tmp_path, *SMALL)
    with pytest.raises(NetletError, match=r"crt comes from files .*, so seed cannot be chosen"):
        run("show", "crt", "--data", tmp_path, "--seed", 3)


def test_files_are_replaced_only_by_force(tmp_path):
    run("make", "pulses", tmp_path, *SMALL)
    with pytest.raises(NetletError, match="already: replace with --force"):
        run("make", "pulses", tmp_path, *SMALL)
    run("make", "pulses", tmp_path, "--train", 4, "--force")
    assert len(datasets.load("pulses", tmp_path).train) == 4


def test_options_reach_the_generator(tmp_path):
    run("make", "pulses-memory", tmp_path, *SMALL, "--steps", 40, "--decay", 0.9)
    expected = datasets.make("pulses-memory", train=3, validation=2, test=1, steps=40, decay=0.9)
    assert datasets.load("pulses-memory", tmp_path).content_hash == expected.content_hash
    run("make", "r3", tmp_path, *SMALL, "--size", 40, "--test", 0)
    assert datasets.load("r3", tmp_path).input_shape == (40, 40, 1)


def test_check_reports_every_dataset_of_a_folder_and_then_fails(tmp_path):
    run("make", "crt", tmp_path, *SMALL)
    run("make", "r3", tmp_path, *SMALL)
    (tmp_path / "crt-val" / "img_00002.png").unlink()
    result = CliRunner().invoke(app, ["check", str(tmp_path)])
    assert isinstance(result.exception, NetletError)
    assert "✗ crt: " in result.output
    assert "img_00002.png is missing" in result.output
    assert "✓ r3: 3 training" in result.output


def test_an_unknown_name_is_refused():
    for command in (["show", "mnst56"], ["check", "mnst56"]):
        with pytest.raises(NetletError, match="did you mean mnist56"):
            run(*command)


def test_an_unknown_name_cannot_be_made(tmp_path):
    with pytest.raises(NetletError, match="no dataset is called 'x'"):
        run("make", "x", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_names_that_look_like_markup_are_shown_as_they_are(tmp_path):
    path = tmp_path / "[red].npz"
    arrays: dict[str, Any] = {
        f"x_{split}": np.random.default_rng(0).random((4, 3, 3, 1)) for split in ("train", "val")
    }
    np.savez(path, **arrays, y_train=["[/a]", "b", "b", "b"], y_val=["[/a]", "b", "b", "b"])
    output = run("show", path)
    assert "[/a]" in output
    assert output.startswith("[red]  binary")


def test_a_picture_shows_what_a_training_with_these_settings_learns_from(tmp_path):
    picture = tmp_path / "learned-from.png"
    output = run("show", "mnist56", "--shift", "2", "--turn", "10", "--picture", picture)
    assert str(picture) in output
    with Image.open(picture) as image:
        assert image.width > 500
    for wrong, words in (
        (["--shift", "40", "--picture", picture], "^--shift is 40, but the images of mnist56 are 28 x 28"),
        (["--shift", "2"], "--shift changes what --picture shows: give --picture FILE too"),
        (["--picture", tmp_path / "none" / "there.png"], "there is no folder"),
    ):
        with pytest.raises(NetletError, match=words):
            run("show", "mnist56", *wrong)
    with pytest.raises(NetletError, match="pulses has no images"):
        run("show", "pulses", "--picture", picture)
