"""What an experiment is made of, and what its runs amount to."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import netlet as nl
from netlet.errors import TrainingError
from netlet.store import Experiment, StoredRun
from netlet.store.experiment import described


@pytest.fixture
def data():
    x, y = np.arange(16, dtype=np.float32).reshape(4, 2, 2, 1) / 16, np.array([0, 1, 0, 1])
    return nl.Dataset("four", (x, y), (x, y), source="counted")


def stored(seed, accuracy, loss, diverged=None):
    values: dict[str, float | None] = {"accuracy": accuracy, "loss": loss}
    now = datetime(2026, 1, 1, tzinfo=UTC)
    metrics = {"training": values, "validation": values, "test": None}
    return StoredRun(seed, 3, diverged, metrics, None, "machine", "0.1", now + timedelta(days=seed))


@pytest.fixture
def experiment(data):
    architecture = nl.Architecture("flatten - dense(1)").resolve((2, 2, 1), "binary", 1)
    row = described(architecture, data, nl.Training())
    row["task"] = "categorical"  # which has fewer metrics
    return Experiment(**row, runs=(stored(0, 0.5, 0.3), stored(1, 0.75, 0.4), stored(2, 0.75, 0.2)))


def test_the_fingerprint_does_not_change(data):
    """If it does, no run that anybody has stored is found any more."""
    architecture = nl.Architecture("flatten - dense(1)").resolve((2, 2, 1), "binary", 1)
    fingerprint = described(architecture, data, nl.Training())["fingerprint"]
    assert fingerprint == "9a0eaa9da118814c179406e5d8b6f5379b459fa5f3d79ee3134286238454940a"


def test_a_setting_that_came_later_counts_only_where_it_is_not_its_default(data):
    architecture = nl.Architecture("flatten - dense(1)").resolve((2, 2, 1), "binary", 1)
    trainings = {
        name: described(architecture, data, training)
        for name, training in {
            "adamw": nl.Training(optimizer="adamw"),
            "said": nl.Training(optimizer="adamw", weight_decay=0.004),
            "decay": nl.Training(optimizer="adamw", weight_decay=0.01),
            "plateau": nl.Training(schedule="reduce-on-plateau"),
            "sooner": nl.Training(schedule="reduce-on-plateau", plateau_patience=2),
            "faster": nl.Training(schedule="reduce-on-plateau", plateau_factor=0.5),
            "plain": nl.Training(),
            "mae": nl.Training(loss="mae"),
        }.items()
    }
    fingerprints = {name: row["fingerprint"] for name, row in trainings.items()}
    assert fingerprints["adamw"] == fingerprints.pop("said")
    assert len(set(fingerprints.values())) == 7
    assert trainings["plain"]["settings"]["weight_decay"] == 0.004  # told, though it does not decide


def test_equal_settings_have_one_fingerprint_and_come_back_equal(data):
    architecture = nl.Architecture("flatten - dense(1)").resolve((2, 2, 1), "binary", 1)
    spelled = [
        nl.Training(epochs=np.int64(5), learning_rate=1, clip_norm=np.float64(2), l2=0),  # type: ignore[arg-type]
        nl.Training(epochs=5, learning_rate=1.0, clip_norm=2.0, l2=0.0),
    ]
    rows = [described(architecture, data, training) for training in spelled]
    assert rows[0]["fingerprint"] == rows[1]["fingerprint"]
    assert [nl.Training(**row["settings"]) for row in rows] == spelled


def test_the_best_has_the_highest_accuracy_then_the_lowest_loss(experiment):
    assert experiment.best.seed == 2
    runs = (*experiment.runs, stored(3, 0.75, 0.2), stored(4, 1.0, 0.1, diverged=2))
    assert replace(experiment, runs=runs).best.seed == 2
    hopeless = (stored(7, math.nan, math.nan, diverged=1), stored(8, math.nan, math.nan))
    assert replace(experiment, runs=hopeless).best.seed == 8


def test_distributions_are_over_all_runs(experiment):
    assert experiment.distribution().median == 0.75
    assert experiment.distribution("loss", "training").best == 0.2
    summary = experiment.summary()
    assert summary["test"] is None
    assert summary["validation"]["accuracy"].count == 3
    assert experiment.ended == datetime(2026, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize("asked", [("speed", "validation"), ("accuracy", "test"), ("accuracy", "exam")])
def test_a_metric_or_split_that_is_not_there_is_told(experiment, asked):
    with pytest.raises(TrainingError, match=f"has no {asked[0]} on a {asked[1]} split"):
        experiment.distribution(*asked)
