import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import netlet as nl
from netlet.cli import train as command
from netlet.cli.app import app
from netlet.errors import FileError
from netlet.metrics import METRICS

NETWORK = "conv(2, 3x3) - flatten - dense(1)"


@pytest.fixture
def results(run, dots, tmp_path):
    """Train and return the JSON."""

    def results(*arguments, network=NETWORK, dataset=dots):
        path = tmp_path / "results.json"
        code, _, error = run("train", dataset, network, "--json", path, "--epochs", 3, *arguments)
        assert code == 0, error
        return json.loads(path.read_text())

    return results


def test_everything_a_training_can_be_told_has_a_flag():
    import inspect

    parameters = inspect.signature(command.train).parameters
    for field in fields(nl.Training):
        assert field.name in parameters, f"--{field.name.replace('_', '-')} is missing"
        assert parameters[field.name].default is None, "a default here would override the dataset's own"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--batch-size", "7"], {"batch_size": 7}),
        (["--optimizer", "sgd", "--momentum", "0.5", "--nesterov"], {"optimizer": "sgd", "nesterov": True}),
        (["--learning-rate", "0.02", "--schedule", "one-cycle"], {"schedule": "one-cycle"}),
        (["--no-shuffle", "--l2", "0.01", "--patience", "2"], {"shuffle": False, "l2": 0.01, "patience": 2}),
        (["--optimizer", "rmsprop", "--rho", "0.8"], {"rho": 0.8}),
        (["--beta-1", "0.7", "--beta-2", "0.9"], {"beta_1": 0.7, "beta_2": 0.9}),
        (["--clip-norm", "1", "--global-clip-norm", "2", "--epsilon", "0.001"], {"clip_norm": 1.0}),
    ],
)
def test_flags_reach_the_training(results, arguments, expected):
    settings = results(*arguments)["settings"]
    assert {name: settings[name] for name in expected} == expected


def test_settings_not_given_are_the_exercises_own(run, monkeypatch):
    seen = []

    def stop(architecture, dataset, training, **rest):
        seen.append(training)
        raise nl.TrainingError("enough")

    monkeypatch.setattr("netlet.training.train", stop)
    for name in ("mnist56", "crt"):
        run("train", name, "flatten - dense(1)", "--batch-size", 9, "--no-store")
    assert seen == [nl.Training.default(nl.load(name), batch_size=9) for name in ("mnist56", "crt")]


def test_the_json_holds_runs_and_summary_of_every_split(results, dots):
    found = results("--seeds", 3, "--first-seed", 5)
    assert found["dataset"] == nl.load(dots).name
    assert nl.Architecture(found["architecture"]).parameters((6, 6, 1)) == found["parameters"] == 53
    assert found["seconds"] > 0
    assert [run["seed"] for run in found["runs"]] == [5, 6, 7]
    assert [run["diverged"] for run in found["runs"]] == [None] * 3
    for run in found["runs"]:
        assert set(run["validation"]) == set(METRICS["binary"])
    values = sorted(run["validation"]["accuracy"] for run in found["runs"])
    spread = found["summary"]["validation"]["accuracy"]
    assert spread["median"] == values[1]
    assert spread["best"] == values[2]
    assert spread["lower_quartile"] == pytest.approx((values[0] + values[1]) / 2)
    assert spread["upper_quartile"] == pytest.approx((values[1] + values[2]) / 2)


def test_test_metrics_are_null_where_the_files_have_none(results):
    found = results()
    assert found["summary"]["test"] is None
    assert found["runs"][0]["test"] is None


def test_the_json_agrees_with_python(results, dots):
    found = results("--seeds", 2)
    runs = nl.train(NETWORK, nl.load(dots), nl.Training(epochs=3), seeds=2)
    assert [run["validation"] for run in found["runs"]] == runs.metrics("validation")


def test_a_diverged_run_is_valid_json_without_nan(results):
    found = results("--learning-rate", "1e30", "--optimizer", "sgd", "--epochs", "20")
    assert found["runs"][0]["diverged"] >= 1
    assert found["runs"][0]["validation"]["loss"] is None
    assert found["summary"]["validation"]["accuracy"]["median"] == 0
    assert found["summary"]["validation"]["loss"]["median"] is None


def test_a_dash_prints_nothing_but_json(run, dots):
    code, out, error = run("train", dots, NETWORK, "--epochs", 1, "--json", "-")
    assert code == 0
    assert json.loads(out)["parameters"] == 53
    assert "Total params: 53" in error


def test_summary_and_distribution_are_printed(run, dots):
    code, out, _ = run("train", dots, NETWORK, "--epochs", 1, "--seeds", 2)
    assert code == 0
    assert "Total params: 53" in out
    for word in ("training", "validation", "accuracy", "lower quartile", "best"):
        assert word in out
    assert "53 parameters, 2 seeds" in out


def test_the_kept_network_is_the_best_and_knows_where_it_comes_from(run, dots, tmp_path):
    path = tmp_path / "best.netlet"
    assert run("train", dots, NETWORK, "--epochs", 4, "--seeds", 4, "--save", path)[0] == 0
    network = nl.load_network(path)
    about = network.about
    best = nl.train(NETWORK, nl.load(dots), nl.Training(epochs=4), seeds=4).best
    for kept, expected in zip(network.weights, best.network.weights, strict=True):
        np.testing.assert_array_equal(kept, expected)
    assert about["seed"] == best.seed
    assert about["training"]["epochs"] == 4
    assert Path(about["dataset"]) == dots
    assert b"pickle" not in path.read_bytes()


def test_threads_do_not_change_the_outcome(results):
    one, two = (results("--threads", threads, "--seeds", 3, "--fresh")["runs"] for threads in (1, 2))
    assert one == two


@pytest.mark.parametrize("option", ["--json", "--save"])
def test_a_target_that_cannot_be_written_is_found_before_training(run, dots, tmp_path, monkeypatch, option):
    for train in ("netlet.training.train", "netlet.store.trained.train"):
        monkeypatch.setattr(train, lambda *_: pytest.fail("trained"))
    code, _, error = run("train", dots, NETWORK, option, tmp_path / "missing" / "file")
    assert code == 2
    assert "missing" in error
    code, _, error = run("train", dots, NETWORK, option, tmp_path)
    assert code == 2
    assert "folder" in error


def test_json_and_network_in_one_file_are_refused(run, dots, tmp_path):
    path = tmp_path / "both"
    code, _, error = run("train", dots, NETWORK, "--json", path, "--save", path)
    assert code == 2
    assert "two files" in error


def test_a_full_disk_is_one_line_after_training(run, dots, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    code, _, error = run("train", dots, NETWORK, "--epochs", 1, "--json", full)
    assert code == 2
    assert "/dev/full" in error
    assert json.loads(next(tmp_path.glob("netlet-*/full")).read_text())["parameters"] == 53
    assert full.is_char_device()


def test_the_whole_command_is_reachable_from_the_app():
    names = [command.name for command in app.registered_commands]
    assert names == [
        *("train", "search", "compare", "look", "predict", "evaluate", "export", "import", "lab", "check"),
        *("summary", "web"),
    ]
    assert [group.name for group in app.registered_groups] == ["class", "data", "runs"]


def test_no_number_of_the_json_is_rounded(results):
    loss = results()["runs"][0]["validation"]["loss"]
    assert not math.isclose(loss, round(loss, 4), rel_tol=1e-9)


def test_a_setting_that_is_wrong_is_told_by_its_option(run, dots):
    for arguments, words in (
        (["--learning-rate", "nan"], "--learning-rate is nan, but must be a number above 0\n"),
        (["--clip-norm", "-1"], "--clip-norm is -1.0, but must be a number above 0 or 0\n"),
        (["--optimizer", "adm"], "--optimizer is 'adm', but must be one of sgd"),
        (["--threads", "99999999999999999999"], "--threads is 99999999999999999999"),
        (["--seeds", "99999999999999999999"], "--seeds is 99999999999999999999"),
    ):
        code, out, error = run("train", dots, NETWORK, *arguments)
        assert (code, out) == (2, "")
        assert error.startswith(words)
        assert error.count("\n") == 1


def test_a_truncation_that_does_not_fit_is_told_in_words_that_can_be_typed(run, dots, tmp_path):
    np.save(tmp_path / "pulses.npy", np.random.default_rng(0).normal(size=(2, 10, 10)))
    waves = tmp_path / "pulses.npy"
    for data, network, truncation, words in (
        (waves, "gru(2) - dense(1)", 11, "have 10 steps: take at most 10, or 0 for whole sequences\n"),
        (waves, "gru(2) - dense(1)", -1, "but must be a whole number from 1 or 0\n"),
        (waves, "flatten - dense(1)", 5, "flatten in flatten - dense(1) needs whole sequences: take 0\n"),
        (dots, NETWORK, 5, "has images, not sequences: leave it out\n"),
    ):
        code, out, error = run("train", data, network, "--truncation", truncation, "--no-store")
        assert (code, out) == (2, "")
        assert error.startswith(f"--truncation is {truncation}, but ")
        assert error.endswith(words)
    assert run("train", waves, "gru(2) - dense(1)", "--epochs", 1, "--no-store")[0] == 0


@pytest.mark.parametrize("option", ["--json", "--save"])
def test_the_data_is_never_written_over(run, dots, option):
    before = dots.read_bytes()
    code, _, error = run("train", dots, NETWORK, "--epochs", 1, option, dots)
    assert code == 2
    assert "is the data that is trained on" in error
    assert dots.read_bytes() == before


def test_sequences_beside_those_named_are_not_written_over(run, tmp_path):
    for split in ("trn", "val"):
        np.save(tmp_path / f"mine-{split}.npy", np.zeros((2, 4, 5)))
    path = tmp_path / "mine-val.npy"
    code, _, error = run("train", tmp_path / "mine-trn.npy", "dense(1)", "--epochs", 1, "--json", path)
    assert code == 2
    assert "is the data" in error


def test_a_link_to_the_json_is_no_second_file(run, dots, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "both")
    code, _, error = run("train", dots, NETWORK, "--json", tmp_path / "both", "--save", tmp_path / "link")
    assert code == 2
    assert "two files" in error


def test_a_network_is_saved_through_a_link(run, dots, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real.netlet")
    assert run("train", dots, NETWORK, "--epochs", 1, "--save", tmp_path / "link")[0] == 0
    assert (tmp_path / "link").is_symlink()
    assert nl.load_network(tmp_path / "real.netlet").parameters == 53


def test_a_network_is_not_printed(run, dots):
    code, _, error = run("train", dots, NETWORK, "--save", "-")
    assert code == 2
    assert "give the name of a file" in error


def test_results_are_kept_before_they_are_printed(run, dots, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise BrokenPipeError

    monkeypatch.setattr(command, "_print", broken)
    json_, save = tmp_path / "a.json", tmp_path / "a.netlet"
    assert run("train", dots, NETWORK, "--epochs", 1, "--json", json_, "--save", save)[0] == 1
    assert json_.exists()
    assert save.exists()


def test_a_file_that_cannot_be_written_costs_neither_the_table_nor_the_network(
    run, dots, tmp_path, monkeypatch
):
    def full(*_):
        raise FileError("a.json cannot be written: No space left on device")

    monkeypatch.setattr("netlet.cli.targets.write_json", full)
    save = tmp_path / "a.netlet"
    code, out, error = run(
        "train", dots, NETWORK, "--epochs", 1, "--json", tmp_path / "a.json", "--save", save
    )
    assert code == 2
    assert "best: seed 0" in out
    assert error.splitlines()[-1] == "a.json cannot be written: No space left on device"
    assert save.exists()


def test_a_network_that_diverged_replaces_no_other(run, dots, tmp_path):
    save = tmp_path / "a.netlet"
    save.write_bytes(b"a good one")
    arguments = ["--optimizer", "sgd", "--learning-rate", "1e30", "--epochs", 20]
    code, out, error = run("train", dots, NETWORK, *arguments, "--save", save)
    assert code == 2
    assert "1 diverged" in out
    assert "every run diverged" in error
    assert save.read_bytes() == b"a good one"


def test_ctrl_c_again_and_again_loses_nothing(run, dots, tmp_path, monkeypatch):
    """The first comes while it trains, the others while its results are put away."""
    from netlet.metrics import evaluate

    def interrupting(*arguments):
        os.kill(os.getpid(), signal.SIGINT)
        return evaluate(*arguments)

    def interrupt_the_training():
        while signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            time.sleep(0.01)
        time.sleep(1)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("netlet.metrics.evaluate", interrupting)
    json_, save = tmp_path / "a.json", tmp_path / "a.netlet"
    network = "flatten - dense(100) - dense(1)"
    threading.Thread(target=interrupt_the_training, daemon=True).start()
    code, out, error = run("train", dots, network, "--epochs", 10_000_000, "--json", json_, "--save", save)
    assert (code, error.splitlines()[-1]) == (130, "interrupted")
    assert "this is what was trained until then" in out
    assert json.loads(json_.read_text())["interrupted"]
    assert save.exists()


def test_a_training_goes_on_from_its_checkpoint(run, tmp_path):
    """A process that is killed between two writings, and the same command again."""
    path, whole, resumed = (tmp_path / name for name in ("run.checkpoint", "whole.json", "resumed.json"))
    command = ["train", "mnist56", "conv(2, 5x5) - maxpool(4) - flatten - dense(1)", "--no-store"]
    command += ["--seeds", "2", "--epochs", "120", "--threads", "1", "--shift", "1"]
    process = subprocess.Popen(
        [
            *[sys.executable, "-c", "from netlet.cli import main; main()"],
            *[*command, "--checkpoint", path, "--every", "0.1"],
        ],
        stdout=subprocess.DEVNULL,
    )
    end = time.monotonic() + 60
    while not (path.exists() and b'"epochs"' in path.read_bytes()) and time.monotonic() < end:
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    for more in (["--json", whole], ["--json", resumed, "--checkpoint", path]):
        assert run(*command, *more)[0] == 0
    one, other = (json.loads(file.read_text()) for file in (whole, resumed))
    assert one["runs"] == other["runs"]
    assert "2 found in the checkpoint" in run(*command, "--checkpoint", path)[1]
    for options, words in (
        (["--checkpoint", path, "--shift", "2"], "its shift is 1, but here it is 2"),
        (["--every", "3"], "--every says how often --checkpoint is written: give --checkpoint FILE too"),
        (["--checkpoint", "-"], "--checkpoint - would print a checkpoint"),
        (["--checkpoint", tmp_path], "is a folder"),
        (["--checkpoint", whole], "is there, but is none of this netlet"),
        (["--checkpoint", path, "--every", "-1"], "every is -1.0, but must be a number of seconds from 0"),
    ):
        code, _, error = run(*command, *options)
        assert code == 2
        assert words in error and error.count("\n") == 1
