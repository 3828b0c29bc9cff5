"""`netlet evaluate`: a saved network's metrics on data, by split and on all of it."""

import json
from typing import Any

import numpy as np
import pytest
import sklearn.metrics

import netlet as nl

NETWORK = "conv(2, 3x3) - globalmaxpool - dense(1)"


@pytest.fixture
def kept(run, dots, tmp_path):
    path = tmp_path / "kept.netlet"
    assert run("train", dots, NETWORK, "--epochs", 3, "--save", path)[0] == 0
    return path


def test_every_split_and_all_together_are_measured(run, kept, dots):
    code, out, error = run("evaluate", kept, dots, "--json")
    assert (code, error) == (0, "")
    found, network, data = json.loads(out), nl.load_network(kept), nl.load(dots)
    assert list(found) == ["training", "validation", "all"]
    answers = np.concatenate([network.predict(split.x) for split in data.present.values()])
    targets = np.concatenate([split.y for split in data.present.values()])
    assert found["all"]["accuracy"] == pytest.approx(((answers > 0.5) == targets).mean())
    assert found["all"]["auc"] == pytest.approx(sklearn.metrics.roc_auc_score(targets, answers))
    assert [found[name]["examples"] for name in found] == [40, 20, 60]
    assert found["validation"]["majority_share"] == 0.5
    assert found["training"]["accuracy"] == network.evaluate(data.train)["accuracy"]


def test_people_get_a_table_with_the_majoritys_share(run, kept, dots):
    code, out, _ = run("evaluate", kept, dots)
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert ["training", "validation", "all"] in lines
    assert ["majority", "share", "0.5000", "0.5000", "0.5000"] in lines
    assert ["examples", "40", "20", "60"] in lines


def test_sequences_of_different_length_count_their_own_steps(run, tmp_path):
    random = np.random.default_rng(0)
    arrays = {}
    for split in ("train", "val"):
        x = random.normal(size=(6, 5, 1))
        arrays |= {f"x_{split}": x, f"y_{split}": x.cumsum(axis=1), f"lengths_{split}": [1, 2, 3, 4, 5, 5]}
    np.savez(tmp_path / "own.npz", **arrays)
    path = tmp_path / "kept.netlet"
    trained = run("train", tmp_path / "own.npz", "gru(2) - dense(1)", "--epochs", 1, "--save", path)
    assert trained[0] == 0
    found = json.loads(run("evaluate", path, tmp_path / "own.npz", "--json")[1])
    network, data = nl.load_network(path), nl.load(tmp_path / "own.npz")
    errors = []
    for split in data.present.values():
        assert split.mask is not None
        errors.append((network.predict(split.x, split.mask) - split.y)[split.mask])
    assert found["all"]["mse"] == pytest.approx(float((np.concatenate(errors) ** 2).mean()), rel=1e-5)
    assert "majority_share" not in found["all"]


def test_data_of_another_kind_or_with_other_classes_is_refused(run, kept, dots, tmp_path):
    code, _, error = run("evaluate", kept, "pulses")
    assert code == 2 and "was trained for binary on inputs (6, 6, 1)" in error
    arrays: dict[str, Any] = dict(np.load(dots)) | {"class_names": np.array(["up", "down"])}
    np.savez(tmp_path / "named.npz", **arrays)
    code, _, error = run("evaluate", kept, tmp_path / "named.npz")
    assert code == 2 and "classes up, down" in error and "trained on 0, 1" in error
