"""Values of other kinds than a function takes: understood if they mean the same, else one line of error."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netlet as nl
from netlet.errors import NetletError

Y = np.arange(12) % 2
DATA: Any = nl.Dataset("d", (np.eye(12), Y), (np.eye(12), Y), kind="table")
WRONG: dict[str, Any] = {
    "a truth value": True,
    "no number": float("nan"),
    "infinite": float("inf"),
    "below zero": -1,
    "huge": 10**400,
    "an array without dimension": np.array(2),
    "an array": np.array([1, 2]),
    "bytes": b"\xff",
    "a mapping": {"a": 1},
    "an object": object(),
    "a function": len,
    "complex": 1j,
    "a dataset": DATA,
    "half a character": "\ud800",
}
CALLS: dict[str, Any] = {
    "load": lambda wrong: nl.load(wrong),
    "make": lambda wrong: nl.datasets.make(wrong),
    "load_network": lambda wrong: nl.load_network(wrong),
    "class_names": lambda wrong: nl.Dataset("d", (np.eye(12), Y), class_names=wrong),
    "per_step": lambda wrong: nl.Dataset("d", (np.eye(12), Y), per_step=wrong),
    "seed": lambda wrong: nl.Dataset("d", (np.eye(12), Y), seed=wrong),
    "training": lambda wrong: nl.Dataset("d", (np.eye(12), Y), training=wrong),
    "seeds": lambda wrong: nl.train("dense(1)", DATA, epochs=1, seeds=wrong),
    "freeze": lambda wrong: nl.train("dense(1)", DATA, epochs=1, freeze=wrong),
    "validate": lambda wrong: nl.train("dense(1)", DATA, epochs=1, validate=wrong),
    "sample_weight": lambda wrong: nl.train("dense(1)", DATA, epochs=1, sample_weight=wrong),
    "architectures": lambda wrong: nl.compare(wrong, DATA, epochs=1),
    "target": lambda wrong: nl.search.search(DATA, wrong, candidates=1),
    "store": lambda wrong: nl.search.search(DATA, "accuracy=1", candidates=1, store=wrong),
    "space": lambda wrong: nl.search.search(DATA, "accuracy=1", candidates=1, space=wrong),
    "executor": lambda wrong: nl.search.search(DATA, "accuracy=1", candidates=1, executor=wrong),
    "fresh_seeds": lambda wrong: nl.search.search(DATA, "accuracy=1", candidates=1, fresh_seeds=wrong),
    "margin": lambda wrong: nl.search.search(DATA, "accuracy=1", candidates=1, margin=wrong),
}  # fmt: skip
UNDERSTOOD = {
    ("per_step", "a truth value"),  # which is what it is
    ("validate", "a truth value"),
    ("seed", "huge"),
    ("seed", "a truth value"),
    ("class_names", "an array"),
    ("training", "a mapping"),
    ("margin", "a truth value"),
    ("seeds", "an array"),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("call", CALLS)
def test_what_makes_no_sense_is_one_line_of_error(call, wrong, tmp_path, monkeypatch):
    if (call, wrong) in UNDERSTOOD:
        return
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NetletError) as caught:
        CALLS[call](WRONG[wrong])
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) <= 400


def test_paths_may_be_of_every_kind(tmp_path):
    path = nl.train("dense(1)", DATA, epochs=1).best.network.save(tmp_path / "a.netlet")
    spelled: tuple[Any, ...] = (path, str(path), np.str_(path), bytes(path))
    for given in spelled:
        assert nl.load_network(given).parameters == 13
    np.savez(tmp_path / "a.npz", x_train=np.eye(12), y_train=Y, x_val=np.eye(12), y_val=Y)
    for given in (tmp_path / "a.npz", np.str_(tmp_path / "a.npz"), Path(tmp_path / "a.npz")):
        assert len(nl.load(given).train) == 12


def test_numbers_of_every_kind_are_settings():
    runs = nl.train(
        "dense(1)", DATA, epochs=np.int64(2), learning_rate=Fraction(1, 8), batch_size=np.uint8(4)
    )
    expected = nl.train("dense(1)", DATA, epochs=2, learning_rate=0.125, batch_size=4)
    assert runs.training == expected.training
    assert [type(value) for value in (runs.training.epochs, runs.training.learning_rate)] == [int, float]
    np.testing.assert_array_equal(runs.best.network.weights[0], expected.best.network.weights[0])


def test_names_of_classes_may_be_a_column_of_a_table():
    names: Any = np.array(["no", "yes"])
    data = nl.Dataset("d", (np.eye(12), Y), class_names=names)
    assert data.class_names == ("no", "yes")
    with pytest.raises(NetletError, match="must be a list of names"):
        nl.Dataset("d", (np.eye(12), Y), class_names="ab")


def test_what_is_described_may_be_a_name_or_arrays():
    assert nl.datasets.describe("mnist56") == nl.datasets.describe(nl.load("mnist56"))
    assert "your data" in nl.datasets.describe((np.eye(12), Y))[0]
