"""Trainings that are killed, or interrupted, and go on to the bit."""

import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netlet as nl
from netlet.errors import FileError, TrainingError
from netlet.training import checkpoint

NETWORK = "conv(3, 3x3) - batchnorm - maxpool(2) - flatten - dropout(0.3) - dense(1)"
SETTINGS: dict[str, Any] = {"epochs": 8, "batch_size": 7, "shift": 1, "noise": 0.05}


def pictures(count=30):
    numbers = np.random.default_rng(3)
    x = numbers.integers(0, 256, (count + 12, 8, 7, 1), dtype=np.uint8)
    y = np.arange(count + 12) % 2
    return nl.Dataset("pictures", (x[:count], y[:count]), (x[count:], y[count:]))


@pytest.fixture(scope="module")
def data():
    return pictures()


def same(one, other):
    """Whether trainings came to the same weights and histories, to the bit."""
    return all(
        run.seed == twin.seed
        and run.history == twin.history
        and (run.diverged, run.finished, run.stopped) == (twin.diverged, twin.finished, twin.stopped)
        and all(map(np.array_equal, run.network.weights, twin.network.weights))
        for run, twin in zip(one, other, strict=True)
    )


class Stop(Exception):
    """What ends a training from outside."""


def ending(seed, epoch):
    """A callback that raises after an epoch of one of the runs."""

    def called(now):
        if (now.seed, now.epoch) == (seed, epoch):
            raise Stop

    return called


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "nadam", "learning_rate": 0.01},
        {"optimizer": "adamw", "schedule": "one-cycle"},
        {"optimizer": "sgd", "momentum": 0.9, "nesterov": True, "patience": 2, "learning_rate": 0.1},
        {"optimizer": "rmsprop", "momentum": 0.5, "schedule": "reduce-on-plateau", "plateau_patience": 1},
    ],
    ids=lambda settings: settings["optimizer"],
)
def test_what_was_ended_anywhere_goes_on_to_the_bit(data, tmp_path, settings):
    settings = SETTINGS | settings
    whole = nl.train(NETWORK, data, seeds=3, **settings)
    path = tmp_path / "run.checkpoint"
    for seed, epoch in ((0, 2), (1, 1), (2, 4)):
        with pytest.raises(Stop):
            nl.train(
                *(NETWORK, data),
                seeds=3,
                threads=1,
                checkpoint=path,
                every=0,
                on_epoch=ending(seed, epoch),
                **settings,
            )
            raise Stop  # patience may have ended it before
    runs = nl.train(NETWORK, data, seeds=3, threads=2, checkpoint=path, **settings)
    assert same(runs, whole)
    assert runs.found >= 2  # or 3, where patience has ended the last one too
    assert nl.train(NETWORK, data, seeds=3, checkpoint=path, **settings).found == 3
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("network", ["gru(3) - dense(1)", "lstm(2) - dropout(0.2) - dense(1)"])
def test_sequences_in_pieces_with_frozen_layers_go_on_to_the_bit(tmp_path, network):
    pulses = nl.load("pulses", train=30, validation=10, test=0)
    started = nl.train(network, pulses, epochs=1).best
    options = {"start": started, "freeze": [-1], "epochs": 4, "truncation": 30}
    whole = nl.train(network, pulses, **options)
    with pytest.raises(Stop):
        nl.train(network, pulses, checkpoint=tmp_path / "c", on_epoch=ending(0, 2), **options)
    assert same(nl.train(network, pulses, checkpoint=tmp_path / "c", **options), whole)


def test_ctrl_c_loses_nothing_but_the_epoch_under_way(data, tmp_path):
    path = tmp_path / "c"

    def interrupting(epoch):
        if epoch.epoch == 5:
            raise KeyboardInterrupt

    with pytest.raises(nl.Interrupted) as caught:
        nl.train(NETWORK, data, checkpoint=path, every=1000, on_epoch=interrupting, **SETTINGS)
    assert caught.value.runs[0].epochs == 5
    epochs = []
    runs = nl.train(NETWORK, data, checkpoint=path, on_epoch=lambda e: epochs.append(e.epoch), **SETTINGS)
    assert epochs == [6, 7, 8]
    assert same(runs, nl.train(NETWORK, data, **SETTINGS))


def test_a_run_that_a_callback_or_patience_or_divergence_ended_stays_so(data, tmp_path):
    for number, (settings, callback) in enumerate(
        [
            ({}, lambda e: e.epoch == 3),
            ({"patience": 1}, None),
            ({"optimizer": "sgd", "learning_rate": 1e30}, None),
        ]
    ):
        options = SETTINGS | {"checkpoint": tmp_path / str(number)} | settings
        first = nl.train(NETWORK, data, on_epoch=callback, **options)
        assert first[0].epochs < 8
        again = nl.train(NETWORK, data, on_epoch=callback, **options)
        np.testing.assert_equal(again[0].history, first[0].history)
        assert again.found == 1
        assert (again[0].diverged, again[0].stopped) == (first[0].diverged, first[0].stopped)


def test_other_seeds_begin_and_those_in_the_file_stay_in_it(data, tmp_path):
    path = tmp_path / "c"
    nl.train(NETWORK, data, seeds=[0, 1], checkpoint=path, **SETTINGS)
    assert nl.train(NETWORK, data, seeds=[1, 2], checkpoint=path, **SETTINGS).found == 1
    runs = nl.train(NETWORK, data, seeds=3, checkpoint=path, **SETTINGS)
    assert runs.found == 3
    assert same(runs, nl.train(NETWORK, data, seeds=3, **SETTINGS))


KILLED = """
import sys, time
sys.path.insert(0, sys.argv[1])
from test_checkpoint import NETWORK, SETTINGS, pictures
import netlet as nl
slow = lambda epoch: time.sleep(0.02)
settings = SETTINGS | {"epochs": 300}
runs = nl.train(NETWORK, pictures(), seeds=2, checkpoint=sys.argv[2], every=0.05, on_epoch=slow, **settings)
"""


def test_a_process_that_is_killed_again_and_again_goes_on_to_the_bit(data, tmp_path):
    path, contents = tmp_path / "killed.checkpoint", set()
    for _ in range(3):
        before = path.read_bytes() if path.exists() else b""
        process = subprocess.Popen([sys.executable, "-c", KILLED, Path(__file__).parent, path])
        changes, end = 0, time.monotonic() + 120
        while changes < 4 and process.poll() is None and time.monotonic() < end:
            now = path.read_bytes() if path.exists() else b""
            changes += now != before
            before = now
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        contents.add(sha256(path.read_bytes()).hexdigest())
    assert len(contents) == 3
    begun: dict[int, int] = {}
    settings: dict[str, Any] = SETTINGS | {"epochs": 300}
    runs = nl.train(
        NETWORK,
        data,
        seeds=2,
        checkpoint=path,
        on_epoch=lambda e: begun.setdefault(e.seed, e.epoch) and None,
        **settings,
    )
    assert min(begun.values()) > 3
    assert same(runs, nl.train(NETWORK, data, seeds=2, **settings))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"network": "flatten - dense(1)"}, "its architecture is"),
        ({"epochs": 9}, "its epochs is 8, but here it is 9"),
        ({"shift": 2}, "its shift is 1, but here it is 2"),
        ({"data": pictures(28)}, "its data is"),
        ({"validate": False}, "its validate is True"),
        ({"freeze": [0]}, "its start, freeze, class_weight or sample_weight is None"),
        ({"class_weight": "balanced", "data": pictures(29)}, "its data is"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(data, tmp_path, changed, words):
    path = tmp_path / "c"
    nl.train(NETWORK, data, checkpoint=path, **SETTINGS)
    before = path.read_bytes()
    given: dict[str, Any] = {"network": NETWORK, "data": data, **SETTINGS, **changed}
    with pytest.raises(FileError, match=words) as caught:
        nl.train(given.pop("network"), given.pop("data"), checkpoint=path, **given)
    assert caught.value.setting == "checkpoint"
    assert caught.value.file == str(path)
    assert "give another file, or remove it" in str(caught.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["netlet", "engine", "instruction_set"])
def test_a_checkpoint_of_another_version_or_machine_is_refused(data, tmp_path, monkeypatch, name):
    nl.train(NETWORK, data, checkpoint=tmp_path / "c", **SETTINGS)
    if name == "netlet":
        monkeypatch.setattr(nl, "__version__", "0.0.1", raising=False)
    else:
        kind = checkpoint.machine_kind() | {name: "another"}
        monkeypatch.setattr("netlet.training.checkpoint.machine_kind", lambda: kind)
    with pytest.raises(FileError, match=f"its {name} is "):
        nl.train(NETWORK, data, checkpoint=tmp_path / "c", **SETTINGS)


def test_files_that_are_no_whole_checkpoints_are_refused_and_left_alone(data, tmp_path):
    path = tmp_path / "c"
    nl.train(NETWORK, data, checkpoint=path, **SETTINGS)
    whole = path.read_bytes()
    for content, words in (
        (whole[:-1], "is damaged"),
        (whole[:200], "is damaged"),
        (whole.replace(b'"epochs": 8', b'"epochs": 9'), "is damaged"),
        (whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:], "is damaged"),
        (b"", "is none of this netlet"),
        (b"a,b\n1,2\n", "is none of this netlet"),
    ):
        path.write_bytes(content)
        with pytest.raises(FileError, match=words):
            nl.train(NETWORK, data, checkpoint=path, **SETTINGS)
        assert path.read_bytes() == content


def test_what_cannot_be_a_checkpoint_is_refused_before_the_training(data, tmp_path):
    wrong: list[tuple[Any, str]] = [
        (tmp_path, "is a folder"),
        (tmp_path / "none" / "c", "is in no folder that there is"),
        (3, "checkpoint: a path is given as 3, but must be text"),
        ("a\0b", "character of value 0"),
    ]
    for given, words in wrong:
        with pytest.raises(FileError, match=words):
            nl.train(NETWORK, data, checkpoint=given, on_epoch=ending(0, 1), **SETTINGS)
    times: list[Any] = [-1, float("nan"), "often", True]
    for every in times:
        with pytest.raises(TrainingError, match=r"every is .*, but must be a number of seconds from 0"):
            nl.train(NETWORK, data, checkpoint=tmp_path / "c", every=every, **SETTINGS)


def test_two_trainings_cannot_have_one_checkpoint_at_once(data, tmp_path):
    def another(epoch):
        with pytest.raises(FileError, match="is in use by another training"):
            nl.train(NETWORK, data, checkpoint=tmp_path / "c", **SETTINGS)
        return True

    assert nl.train(NETWORK, data, checkpoint=tmp_path / "c", on_epoch=another, **SETTINGS)[0].stopped


def test_a_disk_that_fills_up_ends_no_training(data, tmp_path, monkeypatch):
    write, written = checkpoint.write_whole, []

    def full(path, content):
        written.append(path)
        if len(written) > 1:
            raise FileError(f"{path} cannot be written: No space left on device")
        return write(path, content)

    monkeypatch.setattr("netlet.training.checkpoint.write_whole", full)
    with pytest.warns(UserWarning, match="No space left on device; the training goes on") as told:
        runs = nl.train(NETWORK, data, checkpoint=tmp_path / "c", every=0, **SETTINGS)
    assert len(told) == 1
    assert runs[0].epochs == 8


def test_a_store_goes_on_from_a_checkpoint(data, tmp_path):
    path = tmp_path / "c"
    whole = nl.train(NETWORK, data, seeds=3, **SETTINGS)
    with nl.Store(tmp_path / "runs.db") as store:
        with pytest.raises(Stop):
            store.train(NETWORK, data, seeds=3, threads=1, checkpoint=path, on_epoch=ending(1, 4), **SETTINGS)
        epochs = []
        runs = store.train(
            *(NETWORK, data),
            seeds=3,
            threads=1,
            checkpoint=path,
            on_epoch=lambda e: epochs.append((e.seed, e.epoch)),
            **SETTINGS,
        )
        assert epochs == [(1, epoch) for epoch in range(5, 9)] + [(2, epoch) for epoch in range(1, 9)]
        assert same(runs, whole)
        assert runs.found == 1
        assert store.train(NETWORK, data, seeds=3, checkpoint=path, **SETTINGS).found == 3


def test_zero_epochs_and_zero_runs_to_go_on_are_no_fault(data, tmp_path):
    for _ in range(2):
        runs = nl.train(NETWORK, data, checkpoint=tmp_path / "c", epochs=0)
        assert runs[0].epochs == 0 and runs[0].finished
